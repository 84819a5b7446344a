"""Each altered block is found and its error named, even if the validators sealed the alteration."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest
import rlp
from eth.abc import BlockAPI
from eth.db.trie import make_trie_root_and_nodes
from eth.vm.forks.berlin.blocks import BerlinBlock

from aeo_ledger.audit import Auditor, Report, audit_blocks, check_links
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.audit import BlockDiffers, NoAuditInput, TransactionImpossible
from aeo_ledger.errors.evidence import MalformedHeader
from aeo_ledger.errors.verify import (
    HeaderBreaksRule,
    MissingNode,
    RepeatedSeal,
    StrangerSealed,
    TooFewSeals,
    UnreadableSeal,
)
from aeo_ledger.evidence import decode_header
from support.audited import NEW, OLD, STRANGERS, Chain, alter, fields
from support.chain_world import transaction


def _first_wrong(chain: Chain, blocks: list[bytes]) -> tuple[int, AeoLedgerError]:
    report = audit_blocks(blocks, Auditor(chain.genesis))
    assert report.wrong is not None
    assert report.blocks == report.wrong.number
    return report.wrong.number, report.wrong.error


def test_a_chain_that_was_not_altered_passes(chain: Chain) -> None:
    report = audit_blocks(chain.blocks, Auditor(chain.genesis))
    assert report.wrong is None
    assert (report.blocks, report.head, report.transactions, report.reverted) == (6, 5, 6, 1)
    assert report.seals == 3 * 4 + 2 * 5
    assert report.acts == {"other": 5}


def test_block_0_may_be_left_out_but_not_be_another(chain: Chain) -> None:
    report = audit_blocks(chain.blocks[1:], Auditor(chain.genesis))
    assert (report.wrong, report.blocks) == (None, 5)
    number, error = _first_wrong(chain, [alter(chain.blocks[0], fields(timestamp=1)), *chain.blocks[1:]])
    assert isinstance(error, BlockDiffers)
    assert (number, error.part) == (0, "hash")


def _with_transactions(change: Callable[[list[Any]], list[Any]]) -> Callable[[BerlinBlock], BlockAPI]:
    """Change a block's content, and the root in its header."""

    def apply(block: BerlinBlock) -> BlockAPI:
        transactions = change(list(block.transactions))
        root, _ = make_trie_root_and_nodes(transactions)
        return block.copy(transactions=transactions, header=block.header.copy(transaction_root=root))

    return apply


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("state root", fields(state_root=b"\1" * 32)),
        ("receipts root", fields(receipt_root=b"\1" * 32)),
        ("gas used", fields(gas_used=21_000)),
        ("logs bloom", fields(bloom=1)),
        ("transactions root", fields(transaction_root=b"\1" * 32)),
        ("transactions root", lambda block: block.copy(transactions=block.transactions[:-1])),
        ("transactions root", lambda block: block.copy(transactions=block.transactions[::-1])),
        ("gas used", _with_transactions(lambda held: held[:-1])),
        ("number", fields(block_number=7)),
        ("parent hash", fields(parent_hash=b"\1" * 32)),
        ("timestamp", fields(timestamp=1)),
        ("gas limit", fields(gas_limit=1 << 63)),
        ("gas limit", fields(gas_limit=21_000)),
    ],
)
def test_what_all_validators_sealed_is_wrong_all_the_same(chain: Chain, part: str, change: Any) -> None:
    number, error = _first_wrong(chain, chain.with_block(1, alter(chain.blocks[1], change, seal=OLD)))
    assert isinstance(error, BlockDiffers)
    assert (number, error.number, error.part) == (1, 1, part)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("nonce", lambda held: [held[1], held[0], held[2]]),
        ("nonce", lambda held: [*held, held[-1]]),
        ("nonce", lambda held: held[1:]),
    ],
)
def test_a_transaction_reordered_repeated_or_dropped_before_others_cannot_be_executed(
    chain: Chain, words: str, change: Any
) -> None:
    forged = alter(chain.blocks[1], _with_transactions(change), seal=OLD)
    number, error = _first_wrong(chain, chain.with_block(1, forged))
    assert isinstance(error, TransactionImpossible)
    assert (number, error.number) == (1, 1)
    assert words in error.reason.lower()


@pytest.mark.parametrize(
    "change",
    [
        fields(state_root=b"\1" * 32),
        fields(receipt_root=b"\1" * 32),
        fields(timestamp=1_760_000_050),
        _with_transactions(lambda held: held[:-1]),
        _with_transactions(lambda held: held[::-1]),
    ],
)
def test_what_was_altered_after_it_was_sealed_has_seals_of_strangers(chain: Chain, change: Any) -> None:
    number, error = _first_wrong(chain, chain.with_block(1, alter(chain.blocks[1], change)))
    assert (number, type(error)) == (1, StrangerSealed)


@pytest.mark.parametrize(
    ("leaf", "seals"),
    [
        (TooFewSeals, lambda seals: seals[:2]),
        (TooFewSeals, lambda _: []),
        (RepeatedSeal, lambda seals: [*seals, seals[0]]),
        (UnreadableSeal, lambda seals: [seals[0][:64] + b"\7", *seals[1:]]),
        (StrangerSealed, lambda seals: [seals[0][:40] + bytes(8) + seals[0][48:], *seals[1:]]),
        (MalformedHeader, lambda seals: [seals[0][:64], *seals[1:]]),
    ],
)
def test_a_seal_removed_forged_or_given_twice_is_named(chain: Chain, leaf: type[AeoLedgerError], seals: Any) -> None:
    number, error = _first_wrong(chain, chain.with_block(2, alter(chain.blocks[2], seals=seals)))
    assert (number, type(error)) == (2, leaf)


def test_a_strangers_seal_beside_enough_good_ones_is_named(chain: Chain) -> None:
    number, error = _first_wrong(chain, chain.with_block(1, alter(chain.blocks[1], seal=[*OLD, STRANGERS[0]])))
    assert isinstance(error, StrangerSealed)
    assert (number, error.sealer) == (1, STRANGERS[0].address)


def test_the_block_that_changes_the_validators_is_sealed_by_the_old_ones_and_the_next_by_the_new(chain: Chain) -> None:
    number, error = _first_wrong(chain, chain.with_block(3, alter(chain.blocks[3], seal=NEW)))
    assert isinstance(error, StrangerSealed)
    assert (number, error.sealer) == (3, NEW[0].address)
    number, error = _first_wrong(chain, chain.with_block(4, alter(chain.blocks[4], seal=OLD)))
    assert number == 4
    assert isinstance(error, HeaderBreaksRule | StrangerSealed)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("difficulty", fields(difficulty=2)),
        ("mix_hash", fields(mix_hash=b"\1" * 32)),
        ("coinbase", fields(coinbase=STRANGERS[0].address)),
    ],
)
def test_a_form_that_no_qbft_block_has_is_named(chain: Chain, field: str, change: Any) -> None:
    number, error = _first_wrong(chain, chain.with_block(1, alter(chain.blocks[1], change, seal=OLD)))
    assert isinstance(error, HeaderBreaksRule)
    assert (number, error.field) == (1, field)


def test_a_block_left_out_or_given_twice_breaks_the_chain_there(chain: Chain) -> None:
    for blocks in ([*chain.blocks[:2], *chain.blocks[3:]], [*chain.blocks[:3], *chain.blocks[2:]]):
        _, error = _first_wrong(chain, blocks)
        assert isinstance(error, BlockDiffers)
        assert error.part == "number"


def test_bytes_that_are_no_block_are_named_by_their_place(chain: Chain) -> None:
    number, error = _first_wrong(chain, chain.with_block(2, b"\xc1\x80"))
    assert isinstance(error, NoAuditInput)
    assert (number, error.what) == (2, "block 2")


def test_after_a_wrong_block_the_state_is_that_before_it(chain: Chain) -> None:
    auditor = Auditor(chain.genesis)
    report = audit_blocks(chain.with_block(3, alter(chain.blocks[3], fields(state_root=b"\1" * 32), seal=OLD)), auditor)
    assert report.wrong is not None
    assert audit_blocks(chain.blocks[3:], auditor).wrong is None


def test_an_added_transaction_that_could_be_executed_changes_the_gas(chain: Chain) -> None:
    more = BerlinBlock.get_transaction_builder().decode(transaction(3, b""))
    forged = alter(chain.blocks[1], _with_transactions(lambda held: [*held, more]), seal=OLD)
    number, error = _first_wrong(chain, chain.with_block(1, forged))
    assert isinstance(error, BlockDiffers)
    assert (number, error.part) == (1, "gas used")


@pytest.mark.parametrize("wrong", [{}, {"config": {"chainId": 1}}, {"config": {}, "alloc": 3}])
def test_what_is_no_genesis_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(NoAuditInput):
        Auditor(wrong)


# ---- starting at a later block ----


@pytest.fixture(scope="module")
def nodes(chain: Chain) -> Callable[[bytes], bytes | None]:
    """Every trie node of the chain's states, by hash."""
    executed = Auditor(chain.genesis)
    audit_blocks(chain.blocks, executed)

    def find(key: bytes) -> bytes | None:
        try:
            return bytes(executed._replay._db[key])
        except KeyError:
            return None

    return find


def _from(
    chain: Chain, first: int, nodes: Callable[[bytes], bytes | None], blocks: list[bytes] | None = None
) -> Report:
    auditor = Auditor(chain.genesis, nodes=nodes)
    auditor.begin_after(chain.blocks[first - 1])
    return audit_blocks(chain.blocks[first:] if blocks is None else blocks, auditor)


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5])
def test_stretches_that_are_checked_apart_are_what_the_whole_is(
    chain: Chain, nodes: Callable[[bytes], bytes | None], first: int
) -> None:
    whole = audit_blocks(chain.blocks, Auditor(chain.genesis))
    before = audit_blocks(chain.blocks[:first], Auditor(chain.genesis))
    after = _from(chain, first, nodes)
    assert (after.first, after.blocks, after.wrong) == (first, 6 - first, None)
    assert before.and_then(after) == whole


@pytest.mark.parametrize(("first", "seals"), [(1, 22), (3, 14), (5, 5)])
def test_blocks_that_are_only_executed_are_not_counted(chain: Chain, first: int, seals: int) -> None:
    whole = audit_blocks(chain.blocks, Auditor(chain.genesis))
    report = audit_blocks(chain.blocks, Auditor(chain.genesis, first=first))
    assert (report.first, report.blocks, report.head, report.wrong) == (first, 6 - first, 5, None)
    assert report.seals == seals
    assert report.executed_gas == whole.gas


def test_of_a_block_that_is_believed_the_seals_are_not_looked_at_and_the_state_is(chain: Chain) -> None:
    unsealed = chain.with_block(2, alter(chain.blocks[2], seals=lambda _: []))
    assert audit_blocks(unsealed, Auditor(chain.genesis, first=3)).wrong is None
    number, error = _first_wrong(chain, unsealed)
    assert (number, type(error)) == (2, TooFewSeals)
    forged = chain.with_block(1, alter(chain.blocks[1], fields(state_root=b"\1" * 32), seal=OLD))
    report = audit_blocks(forged, Auditor(chain.genesis, first=3))
    assert report.wrong is not None
    assert isinstance(report.wrong.error, BlockDiffers)
    assert (report.wrong.number, report.wrong.error.part) == (1, "state root")


def test_an_alteration_in_a_later_stretch_is_named(chain: Chain, nodes: Callable[[bytes], bytes | None]) -> None:
    altered = alter(chain.blocks[4], fields(state_root=b"\1" * 32), seal=NEW)
    report = _from(chain, 4, nodes, [altered, chain.blocks[5]])
    assert report.wrong is not None
    assert isinstance(report.wrong.error, BlockDiffers)
    assert (report.wrong.number, report.wrong.error.part, report.blocks) == (4, "state root", 0)


@pytest.mark.parametrize("lie", [lambda _: None, lambda _: b"\xc0"])
def test_a_state_that_is_not_handed_out_or_not_the_one_is_missed(
    chain: Chain, lie: Callable[[bytes], bytes | None]
) -> None:
    report = _from(chain, 4, lie)
    assert report.wrong is not None
    assert isinstance(report.wrong.error, MissingNode)
    assert report.wrong.number == 4


@pytest.mark.parametrize(("blocks", "words"), [([], "it holds no block"), (None, "it ends with block 5")])
def test_nothing_that_was_not_checked_is_as_it_must_be(chain: Chain, blocks: list[bytes] | None, words: str) -> None:
    auditor = Auditor(chain.genesis, first=0 if blocks == [] else 6)
    with pytest.raises(NoAuditInput, match=words):
        audit_blocks(chain.blocks if blocks is None else blocks, auditor)


def _headers(blocks: list[bytes]) -> list[bytes]:
    return [rlp.encode(rlp.decode(block)[0]) for block in blocks]


def test_blocks_that_are_believed_follow_one_another(chain: Chain) -> None:
    headers, hashes = _headers(chain.blocks), [decode_header(header).hash() for header in _headers(chain.blocks)]
    check_links(headers, number=0, block_hash=hashes[0])
    check_links(headers[2:], number=2, block_hash=hashes[2])
    check_links([], number=7, block_hash=hashes[0])
    for wrong, number, part in (
        ((headers, 0, hashes[1]), 0, "hash"),
        ((headers[1:], 0, hashes[1]), 0, "number"),
        (([*headers[:2], *headers[3:]], 0, hashes[0]), 2, "number"),
        (
            ([headers[0], *_headers([alter(chain.blocks[1], fields(timestamp=1))]), *headers[2:]], 0, hashes[0]),
            2,
            "parent hash",
        ),
    ):
        with pytest.raises(BlockDiffers) as caught:
            check_links(wrong[0], number=wrong[1], block_hash=wrong[2])
        assert (caught.value.number, caught.value.part) == (number, part)


def test_a_finding_travels_between_processes(chain: Chain) -> None:
    report = audit_blocks(
        chain.with_block(1, alter(chain.blocks[1], fields(gas_used=1), seal=OLD)), Auditor(chain.genesis)
    )
    copied = pickle.loads(pickle.dumps(report))  # noqa: S301 (made a moment ago)
    assert report.wrong is not None
    assert type(copied.wrong.error) is BlockDiffers
    assert vars(copied.wrong.error) == vars(report.wrong.error)
    assert str(copied.wrong.error) == str(report.wrong.error)
