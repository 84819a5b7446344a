from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.verify import HeaderBreaksRule, TooFewSeals
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.verify import ValidatorSet, verify_header
from support.sealing import KEYS, STRANGER, UNSEALED, address_of, seal, validators

TRUSTED = validators(4)


def sealed_with(**altered: Any) -> Header:
    """Make a header with some fields altered *before* all validators sealed it: a forgery by all of them together."""
    return seal(replace(UNSEALED, **altered), *KEYS[:4])


def test_a_sealed_header_is_proven_with_its_hash_and_sealers() -> None:
    header = seal(UNSEALED, *KEYS[1:4])
    proven = verify_header(decode_header(header.encode()), TRUSTED)
    assert proven.header == header
    assert proven.hash == UNSEALED.hash()
    assert proven.sealers == TRUSTED.addresses[1:]


@pytest.mark.parametrize(
    "header",
    [
        sealed_with(nonce=bytes(7) + b"\1"),
        sealed_with(vanity=b""),
        sealed_with(vanity=bytes(33)),
        sealed_with(coinbase=address_of(KEYS[3])),
        sealed_with(round=3),
        sealed_with(later_fields=(b"", bytes(32))),
    ],
)
def test_what_both_engines_allow_or_later_rules_append_is_proven(header: Header) -> None:
    assert verify_header(header, TRUSTED).header is header


ROOT = bytes(32)


@pytest.mark.parametrize(
    ("begins", "later"),
    [
        (None, (b"", b"", b"\0")),
        ((), ()),
        ((7,), (b"",)),
        ((8,), ()),
        ((0, 1_800_000_000), (b"\7", ROOT)),
        ((0, 1_800_000_001), (b"\7",)),
        ((0, 0, 0), (b"", ROOT, b"", b"", ROOT)),
        ((0, 0, 0, 0), (b"", ROOT, b"", b"", ROOT, ROOT)),
    ],
)
def test_a_header_has_the_fields_of_the_pinned_rules(begins: tuple[int, ...] | None, later: tuple[bytes, ...]) -> None:
    header = sealed_with(later_fields=later)
    assert verify_header(header, TRUSTED, forks=None if begins is None else Forks(begins)).header is header


@pytest.mark.parametrize(
    ("begins", "later", "field"),
    [
        ((), (b"",), "later_fields"),
        ((7,), (), "later_fields"),
        ((8,), (b"",), "later_fields"),
        ((0, 0), (b"",), "later_fields"),
        ((0, 0, 0), (b"", ROOT, b"", b"", ROOT, ROOT), "later_fields"),
        ((0,), (b"\0",), "baseFeePerGas"),
        ((0,), (ROOT + b"\1",), "baseFeePerGas"),
        ((0, 0), (b"", b""), "withdrawalsRoot"),
        ((0, 0, 0), (b"", ROOT, b"\0", b"", ROOT), "blobGasUsed"),
        ((0, 0, 0), (b"", ROOT, b"", b"\1" * 9, ROOT), "excessBlobGas"),
        ((0, 0, 0), (b"", ROOT, b"", b"", ROOT[1:]), "parentBeaconBlockRoot"),
        ((0, 0, 0, 0), (b"", ROOT, b"", b"", ROOT, ROOT + b"\0"), "requestsHash"),
    ],
)
def test_a_field_that_the_pinned_rules_do_not_have_is_refused_though_all_sealed_it(
    begins: tuple[int, ...], later: tuple[bytes, ...], field: str
) -> None:
    with pytest.raises(HeaderBreaksRule) as refusal:
        verify_header(sealed_with(later_fields=later), TRUSTED, forks=Forks(begins))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("header", "field"),
    [
        (sealed_with(difficulty=0), "difficulty"),
        (sealed_with(difficulty=2), "difficulty"),
        (sealed_with(mix_hash=bytes(32)), "mix_hash"),
        (sealed_with(uncles_hash=bytes(32)), "uncles_hash"),
        (sealed_with(coinbase=address_of(STRANGER)), "coinbase"),
        (sealed_with(coinbase=address_of(KEYS[4])), "coinbase"),
        (sealed_with(listed_validators=tuple(sorted(TRUSTED.addresses))), "listed_validators"),
        (sealed_with(vote=(address_of(KEYS[4]), b"\xff")), "vote"),
    ],
)
def test_a_field_that_no_block_has_is_refused_though_all_sealed_it(header: Header, field: str) -> None:
    with pytest.raises(HeaderBreaksRule) as refusal:
        verify_header(header, TRUSTED)
    assert refusal.value.field == field


def test_where_headers_list_their_validators_they_list_the_trusted_ones() -> None:
    listed = tuple(sorted(TRUSTED.addresses))
    voting = sealed_with(listed_validators=listed, vote=(address_of(KEYS[4]), b"\xff"))
    assert verify_header(voting, TRUSTED, lists_validators=True).header is voting
    for wrong in ((), listed[::-1], listed[1:], (*listed, bytes(20)), (*listed[:3], listed[2])):
        with pytest.raises(HeaderBreaksRule) as refusal:
            verify_header(sealed_with(listed_validators=wrong), TRUSTED, lists_validators=True)
        assert refusal.value.field == "listed_validators"


def test_the_list_in_a_header_gives_nobody_trust() -> None:
    impostors = (STRANGER,)
    header = seal(
        replace(UNSEALED, coinbase=address_of(STRANGER), listed_validators=(address_of(STRANGER),)), *impostors
    )
    assert verify_header(header, ValidatorSet((address_of(STRANGER),)), lists_validators=True)
    with pytest.raises(HeaderBreaksRule) as refusal:
        verify_header(header, TRUSTED, lists_validators=True)
    assert refusal.value.field == "coinbase"


def test_too_few_seals_are_refused_here_too() -> None:
    with pytest.raises(TooFewSeals) as refusal:
        verify_header(seal(UNSEALED, *KEYS[:2]), TRUSTED)
    assert str(refusal.value) == "2 of 4 validators sealed, 3 needed"
