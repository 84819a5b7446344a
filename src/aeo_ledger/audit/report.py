"""Audit a chain up to its end or its first invalid block, and report the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aeo_ledger.audit.auditor import Auditor
from aeo_ledger.errors import AeoLedgerError, Malformed, Unproven, name_of
from aeo_ledger.errors.audit import NoAuditInput
from aeo_ledger.protocol.tables import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first invalid block. The blocks after it were not checked."""

    number: int
    error: AeoLedgerError
    """Why it is invalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of an audit."""

    chain_id: int
    first: int
    """Number of the first checked block; earlier blocks are assumed to be valid."""
    blocks: int
    """Number of valid blocks; block 0 is included if it was checked."""
    transactions: int
    reverted: int
    """Number of transactions that the contracts refused; they changed nothing."""
    seals: int
    gas: int
    executed_gas: int
    """Gas including that of blocks that were executed only for their state."""
    acts: Mapping[str, int]
    """Number of acts that took effect, by message."""
    events: Mapping[str, int]
    """Number of status events in them, by kind."""
    signers: Mapping[str, int]
    """Number of signatures under them, by party and the key's role."""
    unread: tuple[str, ...]
    """Contracts whose code in the genesis is of another version: calls of them are executed, and counted as other acts."""
    head: int
    """Number of the last valid block."""
    head_hash: bytes
    """Its hash, 32 bytes."""
    is_checkpoint_seen: bool
    """The checkpoint of the trust bundle was among the checked blocks."""
    wrong: Finding | None

    def to_json(self) -> dict[str, Any]:
        """Write it for machines."""
        wrong = self.wrong and {
            "block": self.wrong.number,
            "error": name_of(self.wrong.error),
            "detail": str(self.wrong.error),
        }
        return {
            "chain_id": self.chain_id,
            "first": self.first,
            "blocks": self.blocks,
            "transactions": self.transactions,
            "reverted": self.reverted,
            "seals": self.seals,
            "gas": self.gas,
            "executed_gas": self.executed_gas,
            "acts": dict(self.acts),
            "events": dict(self.events),
            "signers": dict(self.signers),
            "unread": list(self.unread),
            "head": {"number": self.head, "hash": f"0x{self.head_hash.hex()}"},
            "checkpoint_seen": self.is_checkpoint_seen,
            "wrong": wrong,
        }

    def and_then(self, later: Report) -> Report:
        """Combine this report with the report on the following blocks."""
        return replace(
            later,
            first=self.first,
            blocks=self.blocks + later.blocks,
            transactions=self.transactions + later.transactions,
            reverted=self.reverted + later.reverted,
            seals=self.seals + later.seals,
            gas=self.gas + later.gas,
            executed_gas=self.executed_gas + later.executed_gas,
            acts=Counter(self.acts) + Counter(later.acts),
            events=Counter(self.events) + Counter(later.events),
            signers=Counter(self.signers) + Counter(later.signers),
            is_checkpoint_seen=self.is_checkpoint_seen or later.is_checkpoint_seen,
        )


def audit_blocks(
    blocks: Iterable[bytes], auditor: Auditor, *, on_block: Callable[[int], None] = lambda _: None
) -> Report:
    """Check blocks in order until the last or the first invalid one. The first is block 0 or 1, or the auditor's first.

    Args:
        blocks: RLP with seals.
        auditor: Made from the network's genesis.
        on_block: Called with each block's length in bytes.

    Raises:
        NoAuditInput: There is no block to check.
        Unavailable: The source of the blocks fails.
    """
    wrong = None
    try:
        for raw in blocks:
            auditor.check(raw)
            on_block(len(raw))
    except (Malformed, Unproven) as error:
        due = auditor.next_number if auditor.blocks or auditor.first else 0
        wrong = Finding(number=getattr(error, "number", due), error=error)
    if wrong is None and not auditor.blocks:
        found = "it holds no block" if auditor.next_number == 1 else f"it ends with block {auditor.next_number - 1}"
        raise NoAuditInput(what="what was to be audited", reason=f"{found}, so nothing was checked")
    return _report(auditor, wrong)


def _report(auditor: Auditor, wrong: Finding | None) -> Report:
    return Report(
        chain_id=auditor.chain_id,
        first=auditor.first,
        is_checkpoint_seen=auditor.is_checkpoint_seen,
        blocks=auditor.blocks,
        transactions=auditor.transactions,
        reverted=auditor.reverted,
        seals=auditor.seals,
        gas=auditor.gas,
        executed_gas=auditor.executed_gas,
        acts=auditor.acts,
        events=auditor.events,
        signers=auditor.signers,
        unread=tuple(contract for contract in Contract if contract not in auditor.contracts.values()),
        head=auditor.next_number - 1,
        head_hash=auditor.head_hash,
        wrong=wrong,
    )
