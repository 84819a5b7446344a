"""Audit a chain to its end, or to the first block that is wrong, and say what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aeo_ledger.audit.auditor import Auditor
from aeo_ledger.errors import AeoLedgerError, Malformed, Unproven
from aeo_ledger.protocol.tables import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first block that is wrong. Blocks after it were not looked at."""

    number: int
    error: AeoLedgerError
    """What is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an audit checked, and what it found."""

    chain_id: int
    blocks: int
    """As they must be, block 0 included if it was among them."""
    transactions: int
    reverted: int
    """Of these, acts that the contracts refused: they changed nothing."""
    seals: int
    gas: int
    acts: Mapping[str, int]
    """That took effect, by message."""
    events: Mapping[str, int]
    """Status events in them, by kind."""
    signers: Mapping[str, int]
    """Signatures under them, by party and its key's role."""
    unread: tuple[str, ...]
    """Contracts that the genesis has not in this version's form: calls of them are executed, and counted as other acts."""
    head: int
    head_hash: bytes
    """Of the last block that is as it must be, 32 bytes."""
    wrong: Finding | None

    def to_json(self) -> dict[str, Any]:
        """Write it for machines."""
        wrong = self.wrong and {
            "block": self.wrong.number,
            "error": type(self.wrong.error).__name__,
            "detail": str(self.wrong.error),
        }
        return {
            "chain_id": self.chain_id,
            "blocks": self.blocks,
            "transactions": self.transactions,
            "reverted": self.reverted,
            "seals": self.seals,
            "gas": self.gas,
            "acts": dict(self.acts),
            "events": dict(self.events),
            "signers": dict(self.signers),
            "unread": list(self.unread),
            "head": {"number": self.head, "hash": f"0x{self.head_hash.hex()}"},
            "wrong": wrong,
        }


def audit_blocks(
    blocks: Iterable[bytes], auditor: Auditor, *, on_block: Callable[[int], None] = lambda _: None
) -> Report:
    """Check blocks in order, from block 0 or 1, until they end or one is wrong.

    Args:
        blocks: RLP with seals inside.
        auditor: As made from the network's genesis.
        on_block: Told the bytes of each block that was checked.

    Raises:
        Unavailable: Whoever hands out the blocks fails.
    """
    wrong = None
    try:
        for raw in blocks:
            auditor.check(raw)
            on_block(len(raw))
    except (Malformed, Unproven) as error:
        wrong = Finding(number=auditor.next_number if auditor.blocks else 0, error=error)
    return Report(
        chain_id=auditor.chain_id,
        blocks=auditor.blocks,
        transactions=auditor.transactions,
        reverted=auditor.reverted,
        seals=auditor.seals,
        gas=auditor.gas,
        acts=auditor.acts,
        events=auditor.events,
        signers=auditor.signers,
        unread=tuple(contract for contract in Contract if contract not in auditor.contracts.values()),
        head=auditor.next_number - 1,
        head_hash=auditor.head_hash,
        wrong=wrong,
    )
