"""Acts as they are drafted rightly in a world: numbers and serials are the next ones, deadlines have not passed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from aeo_ledger.customs import acts
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    PartyState,
    ResolutionAct,
    Status,
)
from support.world import DAY, FIRST, SECOND, THIRD, World, authority

VOTERS: Final = (authority(FIRST), authority(SECOND), authority(THIRD))
"""Three of four seats: exactly as many as carry a resolution."""
TEXT: Final = b"\x7e" * 32


def entry_of(register: int, certificate_type: int = 0, holder: int = 1) -> bytes:
    return register.to_bytes(2, "big") + bytes((certificate_type,)) + holder.to_bytes(29, "big")


ENTRY: Final = entry_of(FIRST)


def resolution(world: World, act: ResolutionAct, **members: Any) -> acts.Resolution:
    proper = {"number": world.consortium.resolutions + 1, "deadline": world.soon, "act": act}
    return acts.Resolution(**{**proper, **members})


def govern(world: World, act: ResolutionAct, party: int) -> None:
    """Resolve something about a party, a suspension for nine days; three seats other than its own sign."""
    amount = world.now + 9 * DAY if act is ResolutionAct.SUSPEND else 0
    seated = {n: p for n, p in world.consortium.parties.items() if p.seat and p.state is not PartyState.EXPELLED}
    voters = [authority(number) for number in seated if number != party][:3]
    world.do(resolution(world, act, party=party, amount=amount), *voters)


def party_act(world: World, party: int, act: PartyActKind, **members: Any) -> acts.PartyAct:
    kept = world.consortium.parties.get(party)
    proper = {"party": party, "serial": kept.serial + 1 if kept else 1, "deadline": world.soon, "act": act}
    return acts.PartyAct(**{**proper, **members})


def recognition(world: World, recogniser: int, register: int, **members: Any) -> acts.Recognition:
    pair = world.consortium.pairs.get((recogniser, register), Pair())
    proper = {
        "lane": pair.lanes,
        "serial": pair.serial + 1,
        "types": 0b1,
        "roles": 0b10,
        "directions": 0b1,
        "benefits": 0b11,
        "in_force_from": world.now,
        "until": 0,
    }
    return acts.Recognition(recogniser=recogniser, register=register, **{**proper, **members})


def conclusion(world: World, *recognitions: acts.Recognition, **members: Any) -> acts.Conclusion:
    parties = frozenset(party for r in recognitions for party in (r.recogniser, r.register))
    proper = {"deadline": world.soon, "arrangement": "CN-BY", "text": TEXT, "signatories": parties}
    return acts.Conclusion(recognitions=recognitions, **{**proper, **members})


def amendment(world: World, *recognitions: acts.Recognition, **members: Any) -> acts.Amendment:
    drafted = conclusion(world, *recognitions, **members)
    names = ("deadline", "arrangement", "text", "signatories", "recognitions")
    return acts.Amendment(**{name: getattr(drafted, name) for name in names})


def lane_act(world: World, party: int, act: LaneActKind, pair: tuple[int, int], **members: Any) -> acts.LaneAct:
    proper = {
        "lane": 0,
        "serial": world.consortium.pairs.get(pair, Pair()).serial + 1,
        "deadline": world.soon,
        "until": world.now + DAY if act is LaneActKind.END else 0,
    }
    return acts.LaneAct(party=party, recogniser=pair[0], register=pair[1], act=act, **{**proper, **members})


def withholding(world: World, recogniser: int, entry: bytes, **members: Any) -> acts.WithholdingAct:
    pair = world.consortium.pairs.get((recogniser, int.from_bytes(entry[:2], "big")), Pair())
    proper = {"serial": pair.serial + 1, "deadline": world.soon, "withheld": True}
    return acts.WithholdingAct(recogniser=recogniser, entry=entry, **{**proper, **members})


def alias_binding(world: World, recogniser: int, alias_hash: bytes, **members: Any) -> acts.AliasBinding:
    alias = world.aliases.get((recogniser, alias_hash), Alias(entries={}))
    proper = {
        "serial": alias.serial + 1,
        "deadline": world.soon,
        "binding": alias.bindings,
        "certificate_type": 0,
        "entry": ENTRY,
    }
    return acts.AliasBinding(recogniser=recogniser, alias_hash=alias_hash, **{**proper, **members})


def publication(world: World, *events: acts.StatusEvent, **members: Any) -> acts.Publication:
    proper = {
        "register": FIRST,
        "issuer": FIRST,
        "former": 0,
        "capacity": Capacity.OPERATORS,
        "deadline": world.soon,
    }
    return acts.Publication(events=events, **{**proper, **members})


def grant(world: World, entry: bytes = ENTRY, **members: Any) -> acts.StatusEvent:
    old = world.standings.get(entry)
    proper = {
        "status": Status.ACTIVE,
        "kind": EventKind.GRANT,
        "issuer": FIRST,
        "roles": 0b10,
        "sequence": old.record.sequence + 1 if old else 1,
        "since": members.get("valid_from", world.now),
        "valid_from": world.now,
    }
    return event(entry, Record(**{**proper, **members}))


_REACHES: Final = {
    EventKind.SUSPEND: Status.SUSPENDED,
    EventKind.REINSTATE: Status.ACTIVE,
    EventKind.REVOKE: Status.REVOKED,
    EventKind.WITHDRAW: Status.WITHDRAWN,
    EventKind.ANNUL: Status.ANNULLED,
    EventKind.RESTORE: Status.ACTIVE,
}


def change(
    world: World, kind: EventKind, entry: bytes = ENTRY, *, of: Record | None = None, **members: Any
) -> acts.StatusEvent:
    """Draft what follows the standing (or a record of the same publication), effective now."""
    old = of or world.standings[entry].record
    proper: dict[str, Any] = {"kind": kind, "sequence": old.sequence + 1, "recorded_at": 0}
    if kind in _REACHES:
        since = old.valid_from if kind is EventKind.ANNUL else world.now
        proper |= {"status": _REACHES[kind], "since": since, "hold_until": 0}
    return event(entry, replace(old, **{**proper, **members}))


def event(entry: bytes, record: Record) -> acts.StatusEvent:
    return acts.StatusEvent(entry=entry, record=record, document=b"\xd0" * 32)
