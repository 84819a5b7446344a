"""Headers that follow one another as a ledger's do: heartbeats in which nothing changes, and blocks with acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aeo_ledger.evidence import Header
from aeo_ledger.evidence.ancestry import HeaderChain, link_headers
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.verify import Checkpoint
from support.sealing import KEYS, UNSEALED, address_of


def full(number: int) -> dict[str, bytes | int]:
    """What a block with acts has of its own."""
    parts = ("state_root", "transactions_root", "receipts_root")
    roots = {part: keccak256(f"{part} {number}".encode()) for part in parts}
    return {**roots, "bloom": keccak256(str(number).encode()) * 8, "gas_used": 100_000 + number}


def follow(first: Header, count: int, acts: Sequence[int] = (), seconds: int = 30) -> list[Header]:
    """Make headers on top of one; those whose numbers are among `acts` hold acts. Proposers take turns, seals differ."""
    headers = [first]
    for _ in range(count):
        before = headers[-1]
        number = before.number + 1
        empty: dict[str, Any] = {
            "transactions_root": UNSEALED.transactions_root,
            "receipts_root": UNSEALED.receipts_root,
        }
        empty |= {"bloom": bytes(256), "gas_used": 0, "state_root": before.state_root}
        header = replace(
            before,
            number=number,
            parent_hash=before.hash(),
            timestamp=before.timestamp + seconds,
            coinbase=address_of(KEYS[number % 4]),
            round=number % 3,
            seals=(bytes([number % 256]) * 65,) * 3,
            **(full(number) if number in acts else empty),
        )
        headers.append(header)
    return headers


def chain_of(headers: Sequence[Header]) -> HeaderChain:
    return HeaderChain(links=tuple(link_headers(headers)))


def checkpoint_at(header: Header) -> Checkpoint:
    return Checkpoint(number=header.number, hash=header.hash(), time=header.timestamp)
