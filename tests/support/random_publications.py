"""Publications and aliases at random, biased to what the standings allow now."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from aeo_ledger.customs import acts
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.consortium import END_OF_TIME, is_gone
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import BY_CAPACITY, STATUS_EVENTS, SUSPENDING
from aeo_ledger.customs.vocabulary import TERMINAL, Capacity, EventKind, Status
from support.random_acts import YEAR, Proposed, authority_of, choose, draw_grounds, operators_of
from support.world import DAY, World

AROUND = (0, 0, 1, DAY, -1, -DAY, -DAY, YEAR)
CAPACITIES = (Capacity.OPERATORS,) * 6 + (Capacity.AUTHORITY, Capacity.TRANSFER, Capacity.TRANSFER, Capacity.UNION)


def entry_of(register: int, certificate_type: int, holder: int) -> bytes:
    return register.to_bytes(2, "big") + bytes((certificate_type,)) + holder.to_bytes(29, "big")


def draw_publication(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    capacity, register, issuer = _draw_issuer(chance, world)
    gone, former = is_gone(consortium, issuer, register, world.now), 0
    capacity = Capacity.UNION if gone and chance.randrange(4) else capacity
    kinds = SUSPENDING if capacity is Capacity.UNION and not gone else BY_CAPACITY[capacity]
    if capacity is Capacity.TRANSFER:
        former, members = issuer, _members(world, register)
        issuer = choose(chance, [p for p in members if p != former], [former, *consortium.parties])
    events = _draw_events(chance, world, register, issuer, former or issuer, frozenset(kinds))
    publication = acts.Publication(
        register=register,
        issuer=issuer,
        former=former,
        capacity=capacity,
        deadline=world.soon,
        events=tuple(events),
        details=chance.randbytes(chance.randint(0, 40)),
    )
    return publication, _draw_signers(chance, world, publication)


def _members(world: World, register: int) -> list[int]:
    parties = world.consortium.parties
    return [register, *(number for number, party in parties.items() if party.belongs_to(register, world.now))]


def _draw_issuer(chance: Random, world: World) -> tuple[Capacity, int, int]:
    """Choose a capacity, a register and an issuer: for most capacities those of a standing that they are for."""
    capacity, registers = chance.choice(CAPACITIES), world.consortium.registers
    standings = [(register_of(entry), s.record) for entry, s in world.standings.items()]
    fits = {
        Capacity.OPERATORS: [],
        Capacity.AUTHORITY: [(register, r.issuer) for register, r in standings if r.status in TERMINAL],
        Capacity.TRANSFER: [(q, r.issuer) for q, r in standings if len(_members(world, q)) > 1],
        Capacity.UNION: [(register, r.issuer) for register, r in standings if r.issuer != register],
    }[capacity]
    if not fits and chance.randrange(6):
        capacity = Capacity.OPERATORS
    shared = [register for register in registers if len(_members(world, register)) > 1]
    register = chance.choice(shared or [*registers])
    if chance.choice((True, False)):
        register = choose(chance, [*registers] * 4, world.consortium.parties)
    return capacity, *choose(chance, fits, [(register, issuer) for issuer in _members(world, register)])


def _draw_signers(chance: Random, world: World, act: acts.Publication) -> list[str]:
    consortium = world.consortium
    union = authority_of(chance, consortium, act.register)
    signers = operators_of(consortium, act.issuer)
    if act.capacity is Capacity.AUTHORITY:
        signers = authority_of(chance, consortium, act.issuer)
    elif act.capacity is Capacity.UNION:
        signers = union
    elif act.capacity is Capacity.TRANSFER:
        by_union = is_gone(consortium, act.former, act.register, world.now) or chance.choice((True, False))
        signers = signers + (union if by_union else operators_of(consortium, act.former))
    return list(dict.fromkeys(signers))


def _draw_events(
    chance: Random, world: World, register: int, issuer: int, owner: int, kinds: frozenset[EventKind]
) -> list[acts.StatusEvent]:
    standing = {entry: s.record for entry, s in world.standings.items()}
    events: list[acts.StatusEvent] = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        there = {e: r for e, r in standing.items() if register_of(e) == register}
        own = [e for e, r in there.items() if r.issuer == owner and _list_fitting(r, kinds)]
        opened = world.consortium.registers.get(register)
        in_use = opened.types_in_use() if opened else (0,)
        anew = entry_of(register, chance.choice([*in_use * 9, 3]), chance.randint(1, 3))
        fresh = [anew] if EventKind.GRANT in kinds and anew not in there else []
        entry = choose(chance, own + fresh, [*there, anew, entry_of(1, 0, 1)])
        old = standing.get(entry)
        fits = _list_fitting(old, kinds)
        kind = choose(chance, fits + [EventKind.REVOKE] * 2 * (EventKind.REVOKE in fits), sorted(kinds))
        record = _draw_record(chance, old, kind, issuer, world.now)
        standing[entry] = replace(record, recorded_at=world.now)
        events.append(acts.StatusEvent(entry=entry, record=record, document=bytes((chance.randint(0, 255),)) * 32))
    return events


def _list_fitting(old: Record | None, kinds: frozenset[EventKind]) -> list[EventKind]:
    fits = {kind for kind in kinds if (old.status in STATUS_EVENTS[kind].leaves if old else kind is EventKind.GRANT)}
    return sorted(fits)


def _draw_record(chance: Random, old: Record | None, kind: EventKind, issuer: int, now: int) -> Record:
    if old is None or kind is EventKind.GRANT:
        return _draw_grant(chance, old, issuer, now)
    new = replace(old, kind=kind, issuer=issuer, sequence=old.sequence + 1, recorded_at=0)
    since = max(old.since, now - choose(chance, (0, DAY, 30 * DAY), [-1, -1, now - 1]))
    changes: dict[str, Any] = {"since": since, "hold_until": 0}
    if kind is EventKind.AMEND:
        changes = {
            "roles": chance.randint(1, 0x7FFF),
            "valid_until": chance.choice((0, old.valid_from + 1, old.valid_from + YEAR, old.valid_from)),
        }
    elif kind is EventKind.REASSESS:
        changes = {"review_day": chance.randint(0, 0xFFFF)}
    elif kind is EventKind.TRANSFER:
        changes = {}
    elif kind is EventKind.SUSPEND:
        changes |= {"status": Status.SUSPENDED, "hold_until": chance.choice((0, since + DAY, since + 1, since))}
    elif kind is EventKind.REINSTATE:
        changes["status"] = Status.ACTIVE
    elif kind is EventKind.REVOKE:
        longest = now + 1_827 * DAY
        changes |= {
            "status": Status.REVOKED,
            "hold_until": chance.choice((0, now + 30 * DAY, longest, longest, longest + 1)),
        }
    elif kind is EventKind.WITHDRAW:
        changes["status"] = Status.WITHDRAWN
    elif kind is EventKind.ANNUL:
        held = old.hold_until if old.status in {Status.REVOKED, Status.WITHDRAWN} else 0
        changes = {
            "status": Status.ANNULLED,
            "since": old.valid_from if old.valid_from <= now else old.since,
            "hold_until": chance.choice((held, held + 1, max(held, now + DAY))),
        }
    elif kind is EventKind.RESTORE:
        changes["status"] = chance.choice((Status.ACTIVE, Status.SUSPENDED))
        changes["valid_from"] = choose(chance, [old.valid_from, max(1, now - DAY)], [now + DAY])
        changes["valid_until"] = 0
    if not chance.randrange(12):
        changes[chance.choice(("roles", "review_day", "valid_from"))] = chance.randint(1, 0x7FFF)
    return replace(new, **_within_time(changes))


def _within_time(members: dict[str, Any]) -> dict[str, Any]:
    """Keep times within those that a word holds."""
    times = ("since", "valid_from", "valid_until", "hold_until")
    return {name: min(value, END_OF_TIME - 1) if name in times else value for name, value in members.items()}


def _draw_grant(chance: Random, old: Record | None, issuer: int, now: int) -> Record:
    earliest = max(old.since, choose(chance, [old.hold_until], [0])) if old else now - YEAR
    starts = max(earliest, now + chance.choice(AROUND))
    members: dict[str, Any] = {
        "status": Status.ACTIVE,
        "kind": EventKind.GRANT,
        "reason": chance.randint(0, 8),
        "issuer": issuer,
        "roles": chance.choice((1, 0b110, 0x7FFF) * 9 + (0, 0x8000)),
        "sequence": old.sequence + 1 if old else 1,
        "since": min(starts, now),
        "valid_from": starts,
        "valid_until": choose(chance, (0, starts + YEAR, starts + 1), (1, starts)),
        "review_day": chance.choice((0, 20_000)),
    }
    return Record(**_within_time(members))


def draw_alias(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    recogniser, alias_hash = chance.choice([*consortium.parties]), bytes((chance.randint(1, 2),)) * 32
    alias = world.aliases.get((recogniser, alias_hash), Alias(entries={}))
    certificate_type, binding, entry = chance.randint(0, 1), chance.randint(0, 3), bytes(32)
    if alias.entries and chance.choice((True, False)):
        binding, certificate_type = chance.choice([*alias.entries])
    else:
        entry = entry_of(1, certificate_type, chance.randint(1, 3))
    act = acts.AliasBinding(
        recogniser=recogniser,
        serial=alias.serial + 1,
        deadline=world.soon,
        alias_hash=alias_hash,
        binding=choose(chance, [binding], (binding, 7, 8)),
        certificate_type=certificate_type,
        entry=entry,
        grounds=draw_grounds(chance),
    )
    return act, operators_of(consortium, recogniser)
