"""A chain to be audited, and a forger who holds its validators' keys."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth.abc import BlockAPI
from eth.vm.forks.berlin.blocks import BerlinBlock

from aeo_ledger.chain import EmbeddedLedger
from support.chain_world import (
    HandClock,
    TestSealer,
    call_data,
    genesis,
    keccak,
    open_hand_held,
    put,
    sealers,
    transaction,
)

OLD, NEW, STRANGERS = sealers(4), sealers(5, first=30), sealers(2, first=60)


@dataclass(frozen=True)
class Chain:
    """Block 0; three transactions; none; a change of validators and one more; one that the new set sealed; none."""

    genesis: dict[str, Any]
    blocks: list[bytes]

    def with_block(self, number: int, block: bytes) -> list[bytes]:
        return [*self.blocks[:number], block, *self.blocks[number + 1 :]]


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    path: Path = tmp_path_factory.mktemp("audited") / "ledger.sqlite"
    made = genesis([key.address for key in OLD])
    EmbeddedLedger.create(path, made)
    some = [n.to_bytes(32, "big") for n in range(40)]
    calls = [
        [put(some, [1] * 40), put(some[:30], [2] * 30), put(some[10:20], [0] * 10)],
        [],
        [call_data("set_validators(address[])", [key.address for key in NEW]), put(some, [])],
        [put(some, range(40))],
        [],
    ]
    out = io.BytesIO()
    with open_hand_held(path, HandClock(), [*OLD, *NEW]) as ledger:
        nonce = 0
        for block in calls:
            for data in block:
                ledger.submit(transaction(nonce, data))
                nonce += 1
            ledger.seal_pending()
        ledger.export(out)
    return Chain(made.to_json(), split(out.getvalue()))


def split(exported: bytes) -> list[bytes]:
    blocks, at = [], 0
    while at < len(exported):
        _, _, end = rlp.codec.consume_item(exported, at)
        blocks.append(exported[at:end])
        at = end
    return blocks


def alter(
    raw: bytes,
    change: Callable[[BerlinBlock], Any] = lambda block: block,
    *,
    seal: Sequence[TestSealer] | None = None,
    seals: Callable[[list[bytes]], list[bytes]] | None = None,
) -> bytes:
    """Change a block; `seal` seals it anew with these keys, `seals` changes the list of seals, neither leaves them."""
    block = change(rlp.decode(raw, sedes=BerlinBlock))
    vanity, listed, vote, round_, present = rlp.decode(block.header.extra_data)
    if seal is not None:
        bare = block.header.copy(extra_data=rlp.encode([vanity, listed, vote, round_, []]))
        digest = keccak(rlp.encode(bare))
        present = [key.seal(digest) for key in seal]
    present = seals(list(present)) if seals else present
    extra = rlp.encode([vanity, listed, vote, round_, present])
    encoded: bytes = rlp.encode(block.copy(header=block.header.copy(extra_data=extra)))
    return encoded


def fields(**changes: Any) -> Callable[[BerlinBlock], BlockAPI]:
    return lambda block: block.copy(header=block.header.copy(**changes))
