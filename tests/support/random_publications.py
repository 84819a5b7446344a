"""Publications and aliases at random, biased to what the standings allow now."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from aeo_ledger.customs import acts
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.consortium import is_gone
from aeo_ledger.customs.lifecycle import TRANSITIONS
from aeo_ledger.customs.publication import BY_OPERATORS
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import RESTRICTING, Capacity, EventKind, Status
from support.random_acts import YEAR, Proposed, authority_of, operators_of
from support.world import DAY, World

AROUND = (0, 0, 1, DAY, -1, -DAY, -DAY, YEAR)


def entry_of(register: int, certificate_type: int, holder: int) -> bytes:
    return register.to_bytes(2, "big") + bytes((certificate_type,)) + holder.to_bytes(29, "big")


def draw_publication(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    register = chance.choice([*consortium.registers])
    members = [number for number, party in consortium.parties.items() if party.belongs_to(register)]
    known = {s.record.issuer for e, s in world.standings.items() if int.from_bytes(e[:2], "big") == register}
    issuer = chance.choice([register, *members, *known])
    capacity = chance.choice((Capacity.OPERATORS,) * 6 + (Capacity.AUTHORITY, Capacity.TRANSFER))
    gone = is_gone(consortium, issuer, register)
    if gone and chance.randint(0, 3):
        capacity = Capacity.AUTHORITY
    former, signers = 0, operators_of(consortium, issuer)
    if capacity is Capacity.AUTHORITY:
        signers = [authority_of(consortium, register if gone else issuer)]
    elif capacity is Capacity.TRANSFER:
        former = chance.choice([p for p in (register, *members, *known) if p != issuer] or [issuer])
        other = is_gone(consortium, former, register)
        signers = signers + ([authority_of(consortium, register)] if other else operators_of(consortium, former))
    kinds = {
        Capacity.OPERATORS: BY_OPERATORS,
        Capacity.AUTHORITY: RESTRICTING if gone else {EventKind.RESTORE},
        Capacity.TRANSFER: {EventKind.TRANSFER},
    }[capacity]
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
    return publication, list(dict.fromkeys(signers))


def _draw_events(
    chance: Random, world: World, register: int, issuer: int, owner: int, kinds: frozenset[EventKind]
) -> list[acts.StatusEvent]:
    standing = {entry: s.record for entry, s in world.standings.items()}
    events: list[acts.StatusEvent] = []
    for _ in range(chance.randint(1, 3)):
        own = [
            e for e, r in standing.items() if r.issuer in {owner, issuer} and int.from_bytes(e[:2], "big") == register
        ]
        in_use = world.consortium.registers[register].types_in_use()
        anew = entry_of(register, chance.choice([*in_use * 4, 3]), chance.randint(1, 3))
        entry = chance.choice([*own, anew])
        old = standing.get(entry)
        fits = [k for k in kinds if (old.status in TRANSITIONS[k].leaves if old else k is EventKind.GRANT)]
        kind = chance.choice(sorted(fits or kinds))
        record = _draw_record(chance, old, kind, issuer, world.now)
        standing[entry] = replace(record, recorded_at=world.now)
        events.append(acts.StatusEvent(entry=entry, record=record, document=bytes((chance.randint(0, 255),)) * 32))
    return events


def _draw_record(chance: Random, old: Record | None, kind: EventKind, issuer: int, now: int) -> Record:
    if old is None or kind is EventKind.GRANT:
        return _draw_grant(chance, old, issuer, now)
    new = replace(old, kind=kind, issuer=issuer, sequence=old.sequence + 1, recorded_at=0)
    since = max(old.since, now - chance.choice((0, 0, DAY, 30 * DAY, -1)))
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
        changes |= {"status": Status.REVOKED, "hold_until": chance.choice((0, now + DAY, longest, longest + 1))}
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
        changes["valid_from"] = chance.choice((old.valid_from, max(1, now - DAY), now + DAY))
        changes["valid_until"] = 0
    return replace(new, **changes)


def _draw_grant(chance: Random, old: Record | None, issuer: int, now: int) -> Record:
    earliest = max(old.since, old.hold_until) if old else now - YEAR
    starts = max(earliest, now + chance.choice(AROUND))
    return Record(
        status=Status.ACTIVE,
        kind=EventKind.GRANT,
        reason=chance.randint(0, 8),
        issuer=issuer,
        roles=chance.choice((1, 0b110, 0x7FFF) * 6 + (0, 0x8000)),
        sequence=old.sequence + 1 if old else 1,
        since=min(starts, now),
        valid_from=starts,
        valid_until=chance.choice((0, starts + YEAR, starts + 1)),
        review_day=chance.choice((0, 20_000)),
    )


def draw_alias(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    recogniser, alias_hash = chance.choice([*consortium.parties]), bytes((chance.randint(1, 2),)) * 32
    alias = world.aliases.get((recogniser, alias_hash), Alias(entries={}))
    certificate_type = chance.randint(0, 1)
    binding = chance.randint(0, alias.bindings)
    clears = binding < alias.bindings and chance.choice((True, False))
    act = acts.AliasBinding(
        recogniser=recogniser,
        serial=alias.serial + 1,
        deadline=world.soon,
        alias_hash=alias_hash,
        binding=binding,
        certificate_type=certificate_type,
        entry=bytes(32) if clears else entry_of(1, certificate_type, chance.randint(1, 3)),
    )
    return act, operators_of(consortium, recogniser)
