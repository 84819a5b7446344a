"""The contract names the validators; if its answer is unreadable, nobody may seal."""

from __future__ import annotations

from pathlib import Path

import pytest

from aeo_ledger.chain import Account, EmbeddedLedger, Genesis
from aeo_ledger.errors.chain import BlockUnfinished, QuorumMissing
from support.chain_world import (
    BOARD,
    CHAIN_ID,
    GENESIS_TIME,
    HandClock,
    ServedHeader,
    TestSealer,
    call_data,
    keccak,
    open_hand_held,
    put,
    sealers,
    transaction,
)


def _header(ledger: EmbeddedLedger, number: int) -> ServedHeader:
    return ServedHeader.read(ledger.header_rlp(number))


def test_proposers_take_turns(ledger: EmbeddedLedger, keys: list[TestSealer]) -> None:
    for _ in range(8):
        ledger.seal_pending()
    proposers = [_header(ledger, number).coinbase for number in range(1, 9)]
    assert proposers == sorted(key.address for key in keys) * 2


def test_a_block_is_sealed_by_the_validators_named_after_the_one_before(
    path: Path, hand: HandClock, keys: list[TestSealer]
) -> None:
    old, new = keys, sealers(5, first=40)
    with open_hand_held(path, hand, [*old, *new]) as ledger:
        seating = call_data("set_validators(address[])", [key.address for key in new])
        ledger.submit(transaction(0, seating))
        ledger.seal_pending()
        ledger.seal_pending()
        assert sorted(_header(ledger, 1).sealers) == sorted(key.address for key in old)
        assert sorted(_header(ledger, 2).sealers) == sorted(key.address for key in new)
        assert _header(ledger, 2).coinbase in {key.address for key in new}
        served = [ledger.rpc.request("qbft_getValidatorsByBlockNumber", [hex(n)]) for n in (0, 1)]
        assert served == [["0x" + key.address.hex() for key in seated] for seated in (old, new)]


def test_without_two_thirds_of_the_keys_nothing_is_sealed(path: Path, hand: HandClock, keys: list[TestSealer]) -> None:
    with open_hand_held(path, hand, keys[:3]) as ledger:
        ledger.seal_pending()
        assert len(_header(ledger, 1).seals) == 3
    strangers = sealers(3, first=60)
    with open_hand_held(path, hand, [*keys[:2], *strangers]) as ledger:
        promise = ledger.submit(transaction(0, put([b"\1" * 32], [7])))
        with pytest.raises(QuorumMissing) as caught:
            ledger.seal_pending()
        assert (caught.value.held, caught.value.needed, caught.value.validators) == (2, 3, 4)
        assert promise.exception(0) is caught.value
        assert ledger.head == 1


class _Liar(TestSealer):
    """A sealer whose signature is not its own."""

    def seal(self, digest: bytes) -> bytes:
        return super().seal(keccak(digest))


class _OldFashioned(TestSealer):
    """A sealer whose v is 27 or 28, which no engine accepts."""

    def seal(self, digest: bytes) -> bytes:
        seal = super().seal(digest)
        return seal[:64] + bytes([seal[64] + 27])


class _Short(TestSealer):
    """A sealer that leaves v out."""

    def seal(self, digest: bytes) -> bytes:
        return super().seal(digest)[:64]


@pytest.mark.parametrize("kind", [_Liar, _OldFashioned, _Short])
def test_a_false_seal_never_gets_into_a_block(
    path: Path, hand: HandClock, keys: list[TestSealer], kind: type[TestSealer]
) -> None:
    with open_hand_held(path, hand, [*keys[:3], kind(keys[3].key)]) as ledger:
        ledger.seal_pending()
        assert sorted(_header(ledger, 1).sealers) == sorted(key.address for key in keys[:3])
    with open_hand_held(path, hand, [*keys[:2], kind(keys[2].key), kind(keys[3].key)]) as ledger:
        with pytest.raises(BlockUnfinished) as caught:
            ledger.seal_pending()
        assert isinstance(caught.value.__cause__, QuorumMissing)
        assert caught.value.__cause__.held == 2
        assert ledger.head == 1
    with open_hand_held(path, hand, keys) as ledger:
        assert ledger.head == 2
        assert sorted(_header(ledger, 2).sealers) == sorted(key.address for key in keys)


def test_without_keys_a_ledger_can_be_read(path: Path, hand: HandClock) -> None:
    with open_hand_held(path, hand, []) as ledger:
        assert ledger.head == 0
        with pytest.raises(QuorumMissing) as caught:
            ledger.submit(transaction(0, put([b"\1" * 32], [7])))
        assert (caught.value.held, caught.value.needed, caught.value.validators) == (0, 3, 4)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "no contract"),
        ("60006000fd", "it reverts"),
        ("fe", "it fails"),
        ("60016000f3", "it answers one byte"),
        ("60206000526001602052602060405260606000f3", "it counts more than it lists"),
        ("6020600052600060205260406000f3", "it names nobody"),
    ],
)
def test_no_block_is_sealed_when_the_contract_names_nobody(
    tmp_path: Path, hand: HandClock, keys: list[TestSealer], code: str, why: str
) -> None:
    path = tmp_path / "ledger.sqlite"
    account = Account(code=bytes.fromhex(code), balance=1)
    EmbeddedLedger.create(
        path,
        Genesis(chain_id=CHAIN_ID, timestamp=GENESIS_TIME, validators_contract=BOARD, alloc={BOARD: account}),
    )
    with open_hand_held(path, hand, keys) as ledger:
        ledger.submit(transaction(0, b""))
        with pytest.raises(QuorumMissing) as caught:
            ledger.seal_pending()
        assert (caught.value.held, caught.value.needed, ledger.head) == (0, 1, 0), why
