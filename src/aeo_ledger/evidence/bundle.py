"""Recognition evidence: what a gateway hands to a border system, unchecked."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.evidence.question import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that proves the answers to some questions as of one block, and nothing else."""

    questions: tuple[Question, ...]
    """The questions it was made for, one or many, for the reader: a verifier derives nothing from them."""
    header: bytes
    """The block's header with its seals, RLP."""
    nodes: tuple[bytes, ...]
    """Trie nodes, RLP: those of accounts and storage in one pool, each once, in any order."""
    history: SignedHistory | None = None
    """Signed acts of what the answers rest on, for past times; None if there are none."""
