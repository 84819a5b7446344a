"""What happened in a world of real contracts, sealed under a header and told as evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.certificate_history import read_place
from aeo_ledger.verify.history import verify_history
from support.evm import ADDRESSES
from support.scribe import Scribe, pin
from support.sealed_world import SealedWorld


class _Words:
    """The contracts' own words, as `SealedWorld` takes a world's."""

    def __init__(self, world: Scribe) -> None:
        self._world = world

    def words(self) -> dict[Contract, dict[int, int]]:
        return {one: dict(self._world.evm.storage[one]) for one in (Contract.CONSORTIUM, Contract.REGISTERS)}


def pinned(**altered: Any) -> TrustBundle:
    """Pin the contracts of these worlds; their parties have other names than those of sealed worlds."""
    return pin(**{"parties": (), "prefixes": {}, **altered})


def told(world: Scribe, history: SignedHistory, *also: SignedHistory) -> Evidence:
    """Seal a world, and make the evidence of a history.

    Args:
        world: What happened.
        history: The history in the evidence.
        also: Further histories whose words are proven too, as evidence for forgeries needs them.
    """
    words: Any = _Words(world)
    sealed = SealedWorld(words, addresses=ADDRESSES)
    view = NotedWords(sealed.read)
    view.successor()
    for one in (history, *also):
        for chain in one.standings:
            read_place(chain.entry, view)
        verify_history(one, view, pinned())
    return Evidence(questions=(), header=sealed.header.encode(), nodes=sealed.nodes(view.words), history=history)


def with_history(evidence: Evidence, history: SignedHistory | None) -> Evidence:
    """Put another history into evidence, as a hostile gateway could."""
    return replace(evidence, history=history)
