"""QBFT's part of a header: what extraData holds, what a seal signs, how many seals make a block.

`extraData = RLP([vanity, [validators], vote, round, [seals]])`, validators and vote empty since a contract names the
validators. Two hashes are taken with the seals removed: the block's own, with round 0, and the one that seals sign,
with the real round. In one process no proposer is ever late, so the real round is 0 and both are one: **a validator
seals by signing the block hash**.

Source: the QBFT specification (EEA), as Besu 26.2 and GoQuorum 24.4 were seen to implement it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp
from eth.abc import BlockHeaderAPI

MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
"""Marks a header as a Byzantine-fault-tolerant engine's."""

NONCE = bytes(8)
"""A header's nonce, which only votes in headers would use."""

VANITY = b"aeo-ledger".ljust(32, b"\0")
"""The 32 bytes that are the proposer's to choose: they name the software."""

SEAL_BYTES = 65
"""A seal: r and s of 32 bytes each, big-endian, then v, 0 or 1."""


def encode_extra_data(vanity: bytes = VANITY, seals: Sequence[bytes] = ()) -> bytes:
    """Encode extraData for round 0 and contract mode; without seals it is what the block hash is taken of."""
    encoded: bytes = rlp.encode([vanity, [], [], b"", list(seals)])
    return encoded


def join_seals(header: BlockHeaderAPI, seals: Sequence[bytes]) -> BlockHeaderAPI:
    """Return the header as engines exchange it: seals inside. Its py-evm `hash` is then *not* the block's."""
    fields: list[Any] = rlp.decode(header.extra_data)
    joined: BlockHeaderAPI = header.copy(extra_data=encode_extra_data(fields[0], seals))
    return joined


def quorum(validators: int) -> int:
    """Count the seals that a set of so many validators needs: two thirds, rounded up, and never none."""
    return max(1, -(-2 * validators // 3))
