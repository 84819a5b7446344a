"""Random steps through a world: acts by members and outsiders, valid and forged, while time passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from itertools import islice
from random import Random
from typing import Final

from aeo_ledger.customs.consortium import END_OF_TIME
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from support import random_acts, random_publications
from support.act_messages import Act, name_of
from support.drafts import conclusion, party_act, recognition, succession
from support.evm import root_of
from support.ledger_words import rebuild
from support.near_misses import SPARES, spoil
from support.random_acts import Proposed, choose, keys_of, list_pending
from support.random_party_acts import draw_party_act
from support.world import DAY, FIRST, FOURTH, SEATLESS, SECOND, THIRD, UNION, World, authority, found, key

Drawer = Callable[[Random, World], Proposed]

DRAWERS: Final[dict[Drawer, int]] = {
    random_acts.draw_resolution: 6,
    random_acts.draw_succession: 1,
    draw_party_act: 6,
    random_acts.draw_replacement_act: 2,
    random_acts.draw_freeze: 1,
    random_acts.draw_envelope: 1,
    random_acts.draw_conclusion: 3,
    random_acts.draw_amendment: 2,
    random_acts.draw_lane_act: 3,
    random_acts.draw_withholding: 2,
    random_publications.draw_publication: 6,
    random_publications.draw_alias: 2,
}
"""How often each kind of act is drawn."""
_DRAWN: Final = [drawer for drawer, often in DRAWERS.items() for _ in range(often)]
WAITS: Final = (1, 1, 20, 20, DAY, DAY, 2 * DAY, 13 * DAY, 15 * DAY, 31 * DAY, 80 * DAY)
"""Seconds: a second, a block or two, a day, a delay and its lapse, an objection's."""


COMPLETION: Final = "Completion"


def label_of(act: Act) -> str:
    """Name the kind of an act: its message, and which act of several that is."""
    kind = getattr(act, "act", getattr(act, "capacity", None))
    return f"{name_of(act)} {kind.name}" if isinstance(kind, IntEnum) else name_of(act)


@dataclass
class Walk:
    """A world, and what was done in it."""

    world: World
    accepted: list[tuple[Act, tuple[Signature, ...]]] = field(default_factory=list)
    counts: Counter[tuple[str, Refusal | None]] = field(default_factory=Counter)
    """How often each kind of act was accepted (None) or refused for each reason."""

    def step(self, chance: Random) -> None:
        """Do anything, or wait."""
        what = chance.randrange(16)
        if what == 0:
            self.replay(chance)
        elif what == 1 and (self.world.consortium.replacements or not chance.randrange(4)):
            self.complete(chance)
        elif what < 4:
            self.world.wait(chance.choice(WAITS), chance.randint(1, 3))
        else:
            self.propose(chance, chance.choice(_DRAWN))

    def propose(self, chance: Random, drawer: Drawer) -> tuple[str, Refusal | None]:
        """Draw an act, right or with one flaw, and do it to the contracts and the model."""
        act, signatures = spoil(chance, self.world, *drawer(chance, self.world))
        refused = self.world.submit(act, signatures)
        if refused is None:
            self.accepted.append((act, tuple(signatures)))
        self.counts[label_of(act), refused] += 1
        return label_of(act), refused

    def replay(self, chance: Random) -> None:
        """Do once more what was accepted before."""
        if self.accepted:
            act, signatures = chance.choice(self.accepted)
            assert self.world.submit(act, signatures) is not None, "an act counted twice"

    def complete(self, chance: Random) -> None:
        """Complete a replacement, or try; often when it is ready."""
        waiting = self.world.consortium.replacements
        party = choose(chance, list_pending(self.world), [*waiting, *range(9)])
        if party in waiting and chance.choice((True, False)):
            self.world.wait(max(0, waiting[party].ready_at - self.world.now))
        self.counts[COMPLETION, self.world.complete_replacement(party)] += 1

    def rebuild(self) -> None:
        """Rebuild the contracts' storage from their logs alone; it has the root that an account proof shows."""
        for contract in Contract:
            rebuilt = rebuild(contract, self.world.evm.logs)
            assert rebuilt == self.world.evm.storage[contract]
            assert root_of(rebuilt) == self.world.evm.storage_root(contract)


AUTHORITIES: Final = {FIRST: (3, 2), SECOND: (2, 2), THIRD: (4, 3), UNION: (5, 3), SEATLESS: (2, 1)}
"""Keys and threshold of each, in a world of dual control."""


@cache
def _guarded() -> World:
    """Found a world of dual control, with a pair that has one lane left."""
    world, spares = found(), iter(SPARES)
    for party, (keys, threshold) in AUTHORITIES.items():
        for name in islice(spares, keys - 1):
            added = party_act(world, party, PartyActKind.ADD_AUTHORITY_KEY, key=key(name).address)
            world.do(added, authority(party), name)
        raised = party_act(world, party, PartyActKind.SET_AUTHORITY_THRESHOLD, detail=threshold)
        world.do(raised, authority(party))
    lanes = [recognition(world, FOURTH, FIRST, lane=lane, amendment=lane + 1) for lane in range(15)]
    names = keys_of(world.consortium, FIRST, KeyRole.AUTHORITY)
    world.do(conclusion(world, *lanes), *names, authority(FOURTH))
    return world


def _late() -> World:
    """Found a world and wait until a year before the end of time."""
    world = found()
    world.wait(END_OF_TIME - 380 * DAY - world.now)
    return world


def _passing() -> World:
    """Find a world of dual control that another supersedes within the year."""
    world = _guarded().fork()
    names = keys_of(world.consortium, FIRST, KeyRole.AUTHORITY)[:2] + keys_of(
        world.consortium, SECOND, KeyRole.AUTHORITY
    )
    world.do(succession(world, effective=world.now + 300 * DAY), *names, authority(FOURTH))
    return world


BEGINNINGS: Final[tuple[Callable[[], World], ...]] = (
    found,
    lambda: _guarded().fork(),
    found,
    _passing,
    lambda: _guarded().fork(),
    _late,
)


def begin(which: int) -> Walk:
    """Begin a walk: in a young world, one of dual control, one that is superseded soon, or shortly before the end of time."""
    return Walk(BEGINNINGS[which % len(BEGINNINGS)]())
