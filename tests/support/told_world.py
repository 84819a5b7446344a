"""A past that only signed history tells: real acts on the real contracts, sealed, with the evidence that proves a day of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, LaneActKind, Role
from aeo_ledger.evidence import Evidence, Question
from aeo_ledger.protocol.entries import derive_open_holder, entries_of
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.verify import Checkpoint, TrustBundle, TrustedParty, resolve_question
from aeo_ledger.verify.history import verify_history
from support.drafts import change, conclusion, grant, lane_act, publication, recognition
from support.evm import ADDRESSES, CHAIN_ID
from support.scribe import Scribe, join, scribe
from support.sealed_world import SealedWorld, trust
from support.world import CODES, DAY, FIRST, SECOND, START, authority, operator

TRADER = Tin("CN1234567890")
ENTRY = make_entry(SECOND, 0, derive_open_holder(SECOND, 0, TRADER))
SIGNERS = (operator(SECOND), operator(SECOND, 1))
BOTH = (authority(FIRST), authority(SECOND))


@cache
def told() -> tuple[Scribe, SealedWorld, TrustBundle]:
    """Belarus recognises China's register; certificate and lane are each suspended for a while."""
    world = scribe()

    def publish(event: Any) -> None:
        world.do(publication(world, event, register=SECOND, issuer=SECOND), *SIGNERS)
        world.wait(DAY)

    publish(grant(world, ENTRY, issuer=SECOND))
    world.do(conclusion(world, recognition(world, FIRST, SECOND)), *BOTH)
    world.wait(DAY)
    publish(change(world, EventKind.SUSPEND, ENTRY))
    publish(change(world, EventKind.REINSTATE, ENTRY))
    for act in (LaneActKind.SUSPEND, LaneActKind.RESUME):
        world.do(lane_act(world, FIRST, act, (FIRST, SECOND)), authority(FIRST))
        world.wait(DAY)
    publish(change(world, EventKind.AMEND, ENTRY, roles=6))
    there = SealedWorld(SealedWords(world), addresses=ADDRESSES, timestamp=world.now)
    pinned = trust(
        chain_id=CHAIN_ID,
        **{contract.value: address for contract, address in ADDRESSES.items()},
        checkpoint=Checkpoint(number=10, hash=bytes(32), time=START),
        parties=tuple(TrustedParty(number=n, code=code, name=code) for n, code in CODES.items()),
        prefixes={},
    )
    return world, there, pinned


class SealedWords:
    """The contracts' own words, to be sealed."""

    def __init__(self, world: Scribe) -> None:
        self._world = world

    def words(self) -> dict[Contract, dict[int, int]]:
        return {contract: dict(self._world.evm.storage[contract]) for contract in WITH_ANSWERS}


def asked_of(day: float) -> Question:
    """Ask about a day after the founding."""
    return Question(
        tin=TRADER, recogniser="BY", direction=Direction.IMPORT, role=Role.IMPORTER, on=START + int(day * DAY)
    )


def prove_with_history(asked: Question) -> Evidence:
    """Gather every word that the decision reads when it has the histories of certificate and pair, and all nodes for them."""
    world, there, pinned = told()
    history = join(world.standing(ENTRY), world.pair(FIRST, SECOND))
    needed: dict[tuple[Contract, int], int] = {}

    def note(contract: Contract, slot: int) -> int:
        needed[contract, slot] = there.read(contract, slot)
        return needed[contract, slot]

    view = WordView(note)
    view.successor()
    histories = verify_history(history, view, pinned)
    decide(resolve_question(asked, pinned, there.header.timestamp), view, entries_of(TRADER), histories)
    return Evidence(questions=(asked,), header=there.header.encode(), nodes=there.nodes(needed), history=history)
