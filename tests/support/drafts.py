"""Acts as they are drafted rightly in a world: numbers and serials are the next ones, deadlines have not passed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from aeo_ledger.customs import acts
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.governance import ON_VALIDATORS, quorum
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    KeyRole,
    LaneActKind,
    PartyActKind,
    PartyState,
    ReplacementActKind,
    ResolutionAct,
    Status,
)
from support.world import DAY, FIRST, SECOND, THIRD, World, authority, key

VOTERS: Final = (authority(FIRST), authority(SECOND), authority(THIRD))
"""Three of four seats: exactly as many as carry a resolution."""
TEXT: Final = b"\x7e" * 32


def entry_of(register: int, certificate_type: int = 0, holder: int = 1) -> bytes:
    return register.to_bytes(2, "big") + bytes((certificate_type,)) + holder.to_bytes(29, "big")


ENTRY: Final = entry_of(FIRST)


def next_number(world: World, act: ResolutionAct, party: int) -> int:
    """Derive the next number of a resolution's subject."""
    if act in ON_VALIDATORS:
        return world.consortium.validator_resolutions + 1
    return (world.consortium.office(party).resolutions if party else world.consortium.network_resolutions) + 1


def resolution(world: World, act: ResolutionAct, **members: Any) -> acts.Resolution:
    number = next_number(world, act, members.get("party", 0))
    return acts.Resolution(**{"number": number, "deadline": world.soon, "act": act, **members})


def succession(world: World, **members: Any) -> acts.Succession:
    proper = {
        "number": world.consortium.network_resolutions + 1,
        "deadline": world.soon,
        "effective": world.now + 30 * DAY,
        "chain": world.evm.chain_id + 1,
        "consortium": b"\xc1" * 20,
        "governance": b"\x91" * 20,
        "registers": b"\xea" * 20,
        "consortium_code": b"\x01" * 32,
        "governance_code": b"\x02" * 32,
        "registers_code": b"\x03" * 32,
    }
    return acts.Succession(**{**proper, **members})


def supersede(world: World) -> None:
    """Let another ledger supersede this one, and wait for the date."""
    named = succession(world)
    world.do(named, *VOTERS)
    world.wait(named.effective - world.now)


def replacement_act(world: World, party: int, act: ReplacementActKind, **members: Any) -> acts.ReplacementAct:
    waiting = world.consortium.replacements.get(party)
    proper = {"key": waiting.key if waiting else b"\x77" * 20, "deadline": world.soon}
    return acts.ReplacementAct(party=party, act=act, **{**proper, **members})


def freeze(world: World, party: int, **members: Any) -> acts.Freeze:
    proper = {"lifts": world.consortium.office(party).lifts, "deadline": world.soon}
    return acts.Freeze(party=party, **{**proper, **members})


def voters(world: World, without: int = 0) -> list[str]:
    """Name as many keys of seats as carry a resolution, but none of a party's own; founders' first keys."""
    parties = world.consortium.parties
    seats = {n: p for n, p in parties.items() if p.seat and p.state is not PartyState.EXPELLED}
    able = [n for n, p in seats.items() if p.state_at(world.now) is PartyState.ACTIVE and n != without]
    return [authority(n, which) for n in able[: quorum(len(seats))] for which in range(parties[n].authority_threshold)]


def govern(world: World, act: ResolutionAct, party: int, *cosigners: str, **members: Any) -> None:
    """Resolve something about a party, a suspension for nine days; other seats than its own sign."""
    amount = world.now + 9 * DAY if act is ResolutionAct.SUSPEND else 0
    drafted = resolution(world, act, **{"party": party, "amount": amount, **members})
    world.do(drafted, *voters(world, party), *cosigners)


def begin_replacement(world: World, party: int, name: str) -> Replacement:
    """Resolve that a party's authority is replaced by the key of that name."""
    govern(world, ResolutionAct.REPLACE_AUTHORITY, party, name, key=key(name).address)
    return world.consortium.replacements[party]


def complete_replacement(world: World, party: int) -> None:
    """Wait until a replacement is ready, and complete it."""
    world.wait(max(0, world.consortium.replacements[party].ready_at - world.now))
    assert world.complete_replacement(party) is None


def party_act(world: World, party: int, act: PartyActKind, **members: Any) -> acts.PartyAct:
    serial = world.consortium.office(party).serial + 1
    proper = {"party": party, "serial": serial, "deadline": world.soon, "act": act}
    return acts.PartyAct(**{**proper, **members})


def envelope(world: World, party: int = FIRST, **members: Any) -> acts.Envelope:
    proper = {
        "serial": world.consortium.office(party).envelopes + 1,
        "deadline": world.soon,
        "recipient": SECOND,
        "epoch": 0,
        "sealed": b"sealed",
    }
    return acts.Envelope(register=party, **{**proper, **members})


def dual_control(world: World, party: int, keys: int = 2, threshold: int = 2) -> tuple[str, ...]:
    """Give a party's authority more keys, so many of which sign; name them all."""
    names, now = tuple(authority(party, which) for which in range(keys)), world.consortium
    own = {key(name).address: Key(party=party, role=KeyRole.AUTHORITY, added_at=world.now) for name in names[1:]}
    held = replace(now.parties[party], authority_keys=keys, authority_threshold=threshold)
    world.become(replace(now, keys={**now.keys, **own}, parties={**now.parties, party: held}))
    return names


def set_threshold(world: World, party: int, threshold: int) -> None:
    """Let so many operators sign for a party."""
    world.do(party_act(world, party, PartyActKind.SET_THRESHOLD, detail=threshold), authority(party))


def recognition(world: World, recogniser: int, register: int, **members: Any) -> acts.Recognition:
    pair = world.consortium.pairs.get((recogniser, register), Pair())
    proper = {
        "lane": pair.lanes,
        "amendment": pair.amendments + 1,
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
    kept = world.consortium.pairs.get(pair, Pair())
    lane = world.consortium.lanes.get((*pair, members.get("lane", 0)))
    proper = {
        "lane": 0,
        "generation": lane.generation if lane else 0,
        "number": kept.amendments if act is LaneActKind.END else kept.lane_acts + 1,
        "deadline": world.soon,
        "until": world.now + DAY if act is LaneActKind.END else 0,
    }
    return acts.LaneAct(party=party, recogniser=pair[0], register=pair[1], act=act, **{**proper, **members})


def withholding(world: World, recogniser: int, entry: bytes, **members: Any) -> acts.WithholdingAct:
    old = world.consortium.withholdings.get((recogniser, entry))
    proper = {"serial": old.serial + 1 if old else 1, "deadline": world.soon, "withheld": True}
    return acts.WithholdingAct(recogniser=recogniser, entry=entry, **{**proper, **members})


def alias_binding(world: World, recogniser: int, alias_hash: bytes, **members: Any) -> acts.AliasBinding:
    alias = world.aliases.get((recogniser, alias_hash), Alias(entries={}))
    proper = {
        "serial": alias.serial + 1,
        "deadline": world.soon,
        "binding": next(place for place in range(9) if place not in alias.live_bindings()),
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
