"""Audit a chain to its end, or to the first block that is wrong, and say what was found."""

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
    """The first block that is wrong. Blocks after it were not looked at."""

    number: int
    error: AeoLedgerError
    """What is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an audit checked, and what it found."""

    chain_id: int
    first: int
    """Number of the first block that was checked; those before it are believed."""
    blocks: int
    """As they must be, block 0 included if it was among them."""
    transactions: int
    reverted: int
    """Of these, acts that the contracts refused: they changed nothing."""
    seals: int
    gas: int
    executed_gas: int
    """With that of blocks which were only executed for the state that they leave."""
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
    is_checkpoint_seen: bool
    """The block that the trust bundle pins was among them."""
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
        """Join what was checked of blocks that follow these."""
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
    """Check blocks in order, from block 0 or 1 or the one after that which is believed, until they end or one is wrong.

    Args:
        blocks: RLP with seals inside.
        auditor: Made from the network's genesis.
        on_block: Told each block's bytes.

    Raises:
        NoAuditInput: There is no block to check.
        Unavailable: Whoever hands out the blocks fails.
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
