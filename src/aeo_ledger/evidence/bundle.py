"""Recognition evidence: what a gateway gives to a border system, unchecked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.evidence.question import AnyQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that proves the answers to some questions at one block, and nothing else."""

    questions: tuple[AnyQuestion, ...]
    """The questions that it was made for, for the reader. A verifier takes nothing from them."""
    header: bytes
    """The block's header with its seals, RLP."""
    nodes: tuple[bytes, ...]
    """Trie nodes of accounts and storage, RLP, in one pool, each once, in any order."""
    history: SignedHistory | None = None
    """Signed acts behind the answers, for past times; None if there are none."""
    traders: Mapping[int, Tin] = field(default_factory=dict)
    """For a question about an alias, by its place: the TIN that the alias is said to mean. A hash on the ledger does not show a TIN."""
