"""Whom an alias means: the entries to which a recogniser, or else its unions, bound it at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.errors.customs import HistoryNeeded

HashOf: TypeAlias = Callable[[int], bytes]
"""From a recogniser's number to the hash of the alias with it, 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAlias:
    """What an alias is bound to."""

    recognisers: tuple[int, ...]
    """Numbers of the parties whose bindings these are. Without a binding, all that were searched."""
    entries: Mapping[tuple[int, int, int], bytes]
    """Entries of 32 bytes, by recogniser, binding and type. All entries of one binding are said to be one trader's."""

    @property
    def bindings(self) -> int:
        """Count the bindings. More than one makes the alias ambiguous."""
        return len({(recogniser, binding) for recogniser, binding, _ in self.entries})


def find_alias(context: SearchContext, hash_of: HashOf) -> FoundAlias:
    """Find the bindings of an alias: the recogniser's own or, if it has none, those of all its unions.

    Raises:
        HistoryNeeded: The question is about a past time, and neither the present facts nor the histories suffice.
        NothingRecorded: The question asks what was known before the ledger's first record of the recogniser.
        Whatever the ledger raises for a fact that it cannot show.

    Source: DESIGN section 3, "Aliases".
    """
    if context.edges is None:
        raise HistoryNeeded(time=context.time, what=f"party {context.inquiry.recogniser}")
    own, *unions = context.edges
    for owners in ((own,), tuple(unions)):
        entries = {
            (owner, *place): entry
            for owner in owners
            for place, entry in _bound_by(owner, context, hash_of(owner)).items()
        }
        if entries:
            return FoundAlias(recognisers=tuple(sorted({owner for owner, _, _ in entries})), entries=entries)
    return FoundAlias(recognisers=tuple(context.edges), entries={})


def _bound_by(owner: int, context: SearchContext, alias_hash: bytes) -> Mapping[tuple[int, int], bytes]:
    alias = context.facts.alias(owner, alias_hash)
    if not alias.certain:
        raise HistoryNeeded(time=context.time, what=f"the alias of party {owner}")
    return {} if alias.fact is None else alias.fact.entries
