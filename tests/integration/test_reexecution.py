"""An exported chain is executed again by unmodified py-evm.

The half that executes shares nothing with the embedded ledger: it knows the file, the genesis and Berlin. If both agree
on every root, the ledger's shortcuts (each transaction executed once, nothing validated twice) have changed nothing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth.abc import BlockAPI
from eth.chains.base import BaseChain, Chain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.berlin import BerlinVM
from eth.vm.forks.berlin.blocks import BerlinBlock
from eth.vm.forks.byzantium.headers import configure_header, create_header_from_parent
from eth_typing import BlockNumber
from eth_utils.exceptions import ValidationError

from aeo_ledger.chain import EmbeddedLedger
from support.chain_world import (
    CHAIN_ID,
    HandClock,
    call_data,
    genesis,
    open_hand_held,
    put,
    sealers,
    transaction,
)


class PlainVM(BerlinVM):
    """Berlin with difficulty 1, more extraData, and nothing for the proposer."""

    extra_data_max_bytes = 1024
    consensus_class = NoProofConsensus
    create_header_from_parent = staticmethod(create_header_from_parent(lambda _parent, _time: 1))
    configure_header = configure_header(difficulty_fn=lambda _parent, _time: 1)

    def _assign_block_rewards(self, block: Any) -> None: ...


class PlainChain(Chain):
    vm_configuration = ((BlockNumber(0), PlainVM),)
    chain_id = CHAIN_ID


def _number(text: str) -> int:
    return int(text, 16)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _plain_chain(document: dict[str, Any]) -> BaseChain:
    """Start py-evm from the genesis file, read by hand."""
    state: dict[Any, Any] = {
        _bytes(address): {
            "balance": _number(account["balance"]),
            "nonce": 0,
            "code": _bytes(account["code"]),
            "storage": {_number(slot): _number(word) for slot, word in account["storage"].items()},
        }
        for address, account in document["alloc"].items()
    }
    header: dict[str, Any] = {
        "difficulty": 1,
        "gas_limit": _number(document["gasLimit"]),
        "timestamp": _number(document["timestamp"]),
        "extra_data": _bytes(document["extraData"]),
        "mix_hash": _bytes(document["mixHash"]),
        "nonce": bytes(8),
    }
    return PlainChain.from_genesis(AtomicDB(), header, state)


def _blocks(exported: bytes) -> Iterator[BerlinBlock]:
    """Read a file of blocks and take the seals out of each header, which leaves what py-evm can hash."""
    at = 0
    while at < len(exported):
        _, _, end = rlp.codec.consume_item(exported, at)
        block = rlp.decode(exported[at:end], sedes=BerlinBlock)
        at = end
        if block.number:
            vanity, validators, vote, _, _ = rlp.decode(block.header.extra_data)
            hashed = rlp.encode([vanity, validators, vote, b"", []])
            block = block.copy(header=block.header.copy(extra_data=hashed))
        yield block


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], bytes]:
    """A genesis file and a chain with writes, clearing, a failure, an empty block and a change of validators."""
    path: Path = tmp_path_factory.mktemp("chain") / "ledger.sqlite"
    old, new = sealers(4), sealers(5, first=30)
    made = genesis([key.address for key in old])
    EmbeddedLedger.create(path, made)
    some = [n.to_bytes(32, "big") for n in range(60)]
    calls = [
        [put(some, [1] * 60), put(some[:30], [2] * 30), put(some[10:20], [0] * 10)],
        [],
        [call_data("set_validators(address[])", [key.address for key in new]), put(some, [])],
        [put(some, range(60))],
    ]
    out = io.BytesIO()
    with open_hand_held(path, HandClock(), [*old, *new]) as ledger:
        nonce = 0
        for block in calls:
            for data in block:
                ledger.submit(transaction(nonce, data))
                nonce += 1
            ledger.seal_pending()
        ledger.export(out)
    return made.to_json(), out.getvalue()


def test_py_evm_as_it_comes_gets_the_same_roots_from_the_same_blocks(exported: tuple[dict[str, Any], bytes]) -> None:
    document, blocks = exported
    chain = _plain_chain(document)
    first, *rest = _blocks(blocks)
    assert chain.get_canonical_head().hash == first.header.hash
    assert [len(block.transactions) for block in rest] == [3, 0, 2, 1]
    for block in rest:
        chain.import_block(block)
        head = chain.get_canonical_head()
        assert head.hash == block.header.hash
        assert (head.state_root, head.receipt_root) == (block.header.state_root, block.header.receipt_root)


def _other_state(block: BerlinBlock) -> BlockAPI:
    return block.copy(header=block.header.copy(state_root=b"\1" * 32))


def _other_receipts(block: BerlinBlock) -> BlockAPI:
    return block.copy(header=block.header.copy(receipt_root=b"\1" * 32))


def _less_gas(block: BerlinBlock) -> BlockAPI:
    return block.copy(header=block.header.copy(gas_used=block.header.gas_used - 1))


def _one_transaction_less(block: BerlinBlock) -> BlockAPI:
    return block.copy(transactions=block.transactions[:-1])


@pytest.mark.parametrize("forge", [_other_state, _other_receipts, _less_gas, _one_transaction_less])
def test_a_block_that_says_otherwise_is_refused(exported: tuple[dict[str, Any], bytes], forge: Any) -> None:
    document, blocks = exported
    chain = _plain_chain(document)
    _, first, *_ = _blocks(blocks)
    with pytest.raises(ValidationError):
        chain.import_block(forge(first))
    chain.import_block(first)
