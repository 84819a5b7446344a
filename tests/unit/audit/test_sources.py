"""Blocks from a file and from a node are the same bytes, and other input is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import rlp

from aeo_ledger.audit import Auditor, audit_blocks, read_blocks, request_blocks
from aeo_ledger.audit.sources import LARGEST_BLOCK
from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.errors.audit import NoAuditInput
from aeo_ledger.errors.ledger import NodeFailed
from support.audited import Chain, split
from support.chain_world import HandClock, call_data, genesis, open_hand_held, put, sealers, transaction


def test_a_file_yields_its_blocks(chain: Chain) -> None:
    assert list(read_blocks(io.BytesIO(b"".join(chain.blocks)))) == chain.blocks


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda blocks: blocks[:-1], "the file ends 1 bytes early"),
        (lambda blocks: blocks + b"\x80", "it is not a block: needed an RLP list"),
        (lambda _: b"not", "it is not a block: needed an RLP list"),
        (lambda _: b"\xfb\xff\xff\xff\xff", f"it claims {2**32 - 1} bytes, no block has {LARGEST_BLOCK}"),
    ],
)
def test_a_file_that_ends_early_or_holds_something_else_is_refused(
    chain: Chain, damage: Callable[[bytes], bytes], reason: str
) -> None:
    with pytest.raises(NoAuditInput) as refusal:
        list(read_blocks(io.BytesIO(damage(b"".join(chain.blocks)))))
    assert refusal.value.reason == reason


def test_blocks_rebuilt_from_a_nodes_json_are_those_of_the_export(tmp_path: Path) -> None:
    path, keys, out = tmp_path / "ledger.sqlite", sealers(4), io.BytesIO()
    made = genesis([key.address for key in keys])
    EmbeddedLedger.create(path, made)
    with open_hand_held(path, HandClock(), keys) as ledger:
        ledger.submit(transaction(0, put([b"\1" * 32], [1])))
        ledger.submit(transaction(1, call_data("words(bytes32)", b"\1" * 32)))
        ledger.seal_pending()
        ledger.seal_pending()
        ledger.export(out)

        def ask(method: str, params: object) -> dict[str, object]:
            return ledger.rpc.answer({"id": 1, "method": method, "params": params})

        fetched = list(request_blocks(ask, first=0, last=2))
        assert fetched == split(out.getvalue())
        assert audit_blocks(fetched, Auditor(made.to_json())).wrong is None
        with pytest.raises(NodeFailed):
            list(request_blocks(ask, first=3, last=3))


def test_raw_blocks_are_taken_where_a_node_offers_them(chain: Chain) -> None:
    asked: list[str] = []

    def ask(method: str, params: list[str]) -> dict[str, object]:
        asked.append(method)
        return {"result": "0x" + chain.blocks[int(params[0], 16)].hex()}

    assert list(request_blocks(ask, first=0, last=5)) == chain.blocks
    assert set(asked) == {"debug_getRawBlock"}


def test_a_transaction_of_an_unknown_type_is_refused(chain: Chain) -> None:
    header = rlp.decode(chain.blocks[1])[0]
    names = ("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
        "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce")  # fmt: skip
    block = {name: "0x" + (value.hex() or "0") for name, value in zip(names, header, strict=True)}
    dynamic = {"type": "0x5", "to": None, "input": "0x"}

    def ask(method: str, _: object) -> dict[str, object]:
        return (
            {"error": {"code": -32601}}
            if method == "debug_getRawBlock"
            else {"result": {**block, "transactions": [dynamic]}}
        )

    with pytest.raises(NoAuditInput) as refused:
        list(request_blocks(ask, first=1, last=1))
    assert "type 0x5" in str(refused.value)
