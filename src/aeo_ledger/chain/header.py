"""QBFT's part of a header: the content of extraData, what a seal signs, and how many seals a block needs.

`extraData = RLP([vanity, [validators], vote, round, [seals]])`; validators and vote are empty, since a contract names the
validators. Two hashes are taken without the seals: the block hash, with round 0, and the hash that validators sign, with
the real round. In one process no proposer is ever late, so the real round is 0 and both hashes are equal: **a validator
seals by signing the block hash**.

Source: the QBFT specification (EEA), as implemented by Besu 26.2 and GoQuorum 24.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp
from eth.abc import BlockHeaderAPI

MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
"""The mix hash of every header of a Byzantine-fault-tolerant engine."""

NONCE = bytes(8)
"""A header's nonce; only votes in headers would use it."""

VANITY = b"aeo-ledger".ljust(32, b"\0")
"""The 32 bytes that the proposer may choose; here they name the software."""

DEMONSTRATION = b"aeo-ledger demonstration".ljust(32, b"\0")
"""The 32 bytes in block 0 of a network that was founded for a demonstration: part of its hash, so that nobody can take the mark off."""

SEAL_BYTES = 65
"""Length of a seal: r and s of 32 bytes each, big-endian, then v, 0 or 1."""


def encode_extra_data(vanity: bytes = VANITY, seals: Sequence[bytes] = ()) -> bytes:
    """Encode extraData for round 0 and contract mode. The block hash is taken of the form without seals."""
    encoded: bytes = rlp.encode([vanity, [], [], b"", list(seals)])
    return encoded


def join_seals(header: BlockHeaderAPI, seals: Sequence[bytes]) -> BlockHeaderAPI:
    """Add the seals to a header, in the form that engines exchange. The py-evm `hash` of the result is *not* the block's hash."""
    fields: list[Any] = rlp.decode(header.extra_data)
    joined: BlockHeaderAPI = header.copy(extra_data=encode_extra_data(fields[0], seals))
    return joined


def quorum(validators: int) -> int:
    """Return how many seals a block needs with this number of validators: two thirds, rounded up, and at least 1."""
    return max(1, -(-2 * validators // 3))
