from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.errors.verify import RepeatedSeal, StrangerSealed, TooFewSeals, UnreadableSeal
from aeo_ledger.evidence import Header
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.verify.seals import verify_seals
from support.sealing import KEYS, STRANGER, UNSEALED, address_of, seal, validators

SEALED = seal(UNSEALED, *KEYS[:4])
GOOD = SEALED.seals


def with_first_seal(altered: bytes) -> Header:
    return replace(SEALED, seals=(altered, *GOOD[1:]))


@pytest.mark.parametrize("count", range(1, 8))
def test_a_quorum_proves_and_one_fewer_does_not(count: int) -> None:
    trusted = validators(count)
    enough = seal(UNSEALED, *KEYS[: trusted.quorum])
    assert verify_seals(enough, trusted) == trusted.addresses[: trusted.quorum]
    with pytest.raises(TooFewSeals) as refusal:
        verify_seals(replace(enough, seals=enough.seals[1:]), trusted)
    facts = (refusal.value.found, refusal.value.needed, refusal.value.validators)
    assert facts == (trusted.quorum - 1, trusted.quorum, count)


def test_seals_may_come_in_any_order_and_be_more_than_needed() -> None:
    assert verify_seals(seal(UNSEALED, *KEYS[3::-1]), validators(4)) == validators(4).addresses[::-1]


@pytest.mark.parametrize("place", range(4))
def test_a_stranger_among_enough_validators_is_refused_wherever_it_stands(place: int) -> None:
    keys = [*KEYS[:3]]
    keys.insert(place, STRANGER)
    with pytest.raises(StrangerSealed) as refusal:
        verify_seals(seal(UNSEALED, *keys), validators(4))
    assert refusal.value.sealer == address_of(STRANGER)


def test_a_validator_of_another_set_is_a_stranger() -> None:
    with pytest.raises(StrangerSealed) as refusal:
        verify_seals(seal(UNSEALED, *KEYS[:5]), validators(4))
    assert refusal.value.sealer == address_of(KEYS[4])


def test_a_repeated_seal_is_refused_even_after_a_quorum() -> None:
    with pytest.raises(RepeatedSeal) as refusal:
        verify_seals(seal(UNSEALED, *KEYS[:3], KEYS[0]), validators(4))
    assert refusal.value.sealer == address_of(KEYS[0])


def turned_over(signature: bytes) -> bytes:
    """Make the twin of a signature: s subtracted from the order, parity changed."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([1 - signature[64]])


def test_high_s_is_accepted_but_counts_no_validator_twice() -> None:
    assert verify_seals(with_first_seal(turned_over(GOOD[0])), validators(4)) == validators(4).addresses
    with pytest.raises(RepeatedSeal) as refusal:
        verify_seals(replace(SEALED, seals=(*GOOD, turned_over(GOOD[0]))), validators(4))
    assert refusal.value.sealer == address_of(KEYS[0])


@pytest.mark.parametrize("recovery_id", [2, 3, 27, 28, 255])
def test_other_recovery_ids_are_refused(recovery_id: int) -> None:
    with pytest.raises(UnreadableSeal) as refusal:
        verify_seals(with_first_seal(GOOD[0][:64] + bytes([recovery_id])), validators(4))
    assert refusal.value.position == 0
    assert refusal.value.reason == f"recovery id is {recovery_id}, needed 0 or 1"


def test_a_seal_of_zeros_is_refused() -> None:
    with pytest.raises(UnreadableSeal) as refusal:
        verify_seals(replace(SEALED, seals=(*GOOD, bytes(65))), validators(4))
    assert refusal.value.position == 4


@pytest.mark.parametrize(
    "altered",
    [
        replace(SEALED, state_root=bytes(32)),
        replace(SEALED, number=8),
        replace(SEALED, timestamp=SEALED.timestamp + 1),
        replace(SEALED, round=1),
        replace(SEALED, vanity=b""),
        replace(SEALED, nonce=b"\1" + bytes(7)),
        replace(SEALED, later_fields=(b"\7",)),
    ],
)
def test_a_header_altered_after_sealing_is_sealed_by_nobody_known(altered: Header) -> None:
    with pytest.raises(StrangerSealed) as refusal:
        verify_seals(altered, validators(4))
    assert refusal.value.sealer not in validators(7)
