"""Acts of a consortium at random, biased to what the rules allow now, so that deep states are reached."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Pair, Register
from aeo_ledger.customs.consortium import Consortium, quorum
from aeo_ledger.customs.vocabulary import (
    KeyRole,
    LaneActKind,
    LaneState,
    PartyActKind,
    PartyKind,
    PartyState,
    RegisterMode,
    ResolutionAct,
)
from support.act_messages import Act
from support.near_misses import SPARES, name_of_key
from support.world import DAY, OUTSIDER, World, key

YEAR = 366 * DAY
Proposed = tuple[Act, list[str]]


def authority_of(consortium: Consortium, party: int) -> str:
    return name_of_key(consortium.authorities.get(party, bytes(20)))


def operators_of(consortium: Consortium, party: int) -> list[str]:
    """Name as many operators as the threshold asks, if there are so many."""
    found = [
        name_of_key(address)
        for address, k in consortium.keys.items()
        if (k.party, k.role, k.retired_at) == (party, KeyRole.OPERATOR, 0)
    ]
    threshold = consortium.parties[party].threshold if party in consortium.parties else 1
    return found[:threshold]


def fresh_key(chance: Random, consortium: Consortium) -> str:
    unused = [name for name in SPARES if key(name).address not in consortium.keys]
    return str(chance.choice((unused or SPARES) if chance.randrange(8) else SPARES))


def draw_resolution(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    common = (*ResolutionAct,) * 6
    rare = {ResolutionAct.SUPERSEDE, ResolutionAct.EXPEL}
    kind = chance.choice([act for act in common if act not in rare] + [*rare])
    party, cosigners = chance.choice([*consortium.parties]), []
    members: dict[str, Any] = {"party": party}
    if kind is ResolutionAct.ADMIT:
        code = chance.choice(("BR", "JP", "KR", "EAEU", "EAC", "AU", "BY", "X", "b1"))
        flags = {"seat": chance.choice((True, False)), "keeps_register": chance.choice((True, False))}
        members = {
            "party": len(consortium.parties) + 1,
            "detail": acts.Candidate(code=code, kind=chance.choice([*PartyKind]), **flags),
        }
    elif kind is ResolutionAct.SUSPEND:
        members["amount"] = world.now + chance.choice((DAY, 30 * DAY, YEAR, YEAR + 1, 0))
    elif kind is ResolutionAct.SUPERSEDE:
        members = {"party": 0, "key": b"\x77" * 20, "detail": b"\x88" * 32, "amount": 77}
    elif kind is ResolutionAct.UNSEAT_VALIDATOR:
        seated = chance.choice(consortium.validators)
        members = {"party": seated.party, "key": seated.node}
    if kind in {ResolutionAct.ADMIT, ResolutionAct.REPLACE_AUTHORITY, ResolutionAct.SEAT_VALIDATOR}:
        retired = [
            (name_of_key(a), k.party) for a, k in consortium.keys.items() if k.role is KeyRole.NODE and k.retired_at
        ]
        cosigners = [fresh_key(chance, consortium)]
        if kind is ResolutionAct.SEAT_VALIDATOR and retired and chance.choice((True, False)):
            name, members["party"] = chance.choice(retired)
            cosigners = [name]
        members["key"] = key(cosigners[0]).address
    resolution = acts.Resolution(number=consortium.resolutions + 1, deadline=world.soon, act=kind, **members)
    return resolution, _voters(consortium, world.now) + cosigners


def _voters(consortium: Consortium, time: int) -> list[str]:
    seated = {number: party for number, party in consortium.parties.items() if party.seat}
    seats = sum(party.state is not PartyState.EXPELLED for party in seated.values())
    active = [number for number, party in seated.items() if party.state_at(time) is PartyState.ACTIVE]
    return [authority_of(consortium, number) for number in active[: quorum(seats)]]


def draw_party_act(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    party, kind = chance.choice([*consortium.parties]), chance.choice([*PartyActKind])
    signers, members = [authority_of(consortium, party)], dict[str, Any]()
    if kind in {PartyActKind.ROTATE_AUTHORITY, PartyActKind.ADD_OPERATOR}:
        signers.append(fresh_key(chance, consortium))
        members["key"] = key(signers[1]).address
    elif kind is PartyActKind.RETIRE_OPERATOR:
        members["key"] = key((operators_of(consortium, party) or [OUTSIDER])[0]).address
    elif kind in {PartyActKind.JOIN_UNION, PartyActKind.LEAVE_UNION}:
        joins = kind is PartyActKind.JOIN_UNION
        unions = [number for number, other in consortium.parties.items() if other.kind is PartyKind.UNION]
        fits = [union for union in unions if consortium.parties[party].belongs_to(union) != joins]
        union = members["detail"] = chance.choice(fits or unions)
        if joins:
            signers.append(authority_of(consortium, union))
        elif chance.choice((True, False)):
            signers = [authority_of(consortium, union)]
    elif kind is PartyActKind.SET_REGISTER:
        old = consortium.registers.get(party, Register(mode=chance.choice([*RegisterMode]), types=0))
        types, epoch = old.types | chance.choice((1, 2, 8, 0x8000)), old.epoch + chance.randint(0, 2)
        members["detail"] = Register(mode=old.mode, types=types, epoch=epoch)
    elif kind is PartyActKind.SET_KEY_CHECK:
        members = {"certificate_type": chance.randint(0, 3), "detail": chance.randint(1, 9)}
    elif kind is not PartyActKind.CANCEL_REPLACEMENT:
        members["detail"] = chance.randint(1, 3)
    serial = consortium.parties[party].serial + 1
    act = acts.PartyAct(party=party, serial=serial, deadline=world.soon, act=kind, **members)
    return act, list(dict.fromkeys(signers))


def draw_envelope(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    party = chance.choice([*consortium.parties])
    envelope = acts.Envelope(
        register=party,
        serial=consortium.parties[party].serial + 1,
        deadline=world.soon,
        recipient=chance.choice([*consortium.parties]),
        epoch=1,
        sealed=chance.randbytes(chance.randint(0, 40)),
    )
    return envelope, operators_of(consortium, party)


def draw_conclusion(chance: Random, world: World) -> Proposed:
    """Conclude one to three pairs, some of them the same pair twice."""
    consortium = world.consortium
    name = chance.choice(("CN-BY", "EU-CN", "BY-UY-2024"))
    pairs = [
        (chance.choice([*consortium.parties]), chance.choice([*consortium.parties]))
        for _ in range(chance.randint(1, 3))
    ]
    recognitions = _recognitions(chance, consortium, pairs, world.now)
    return _arrangement(acts.Conclusion, world, name, recognitions)


def draw_amendment(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    if not consortium.lanes:
        return draw_conclusion(chance, world)
    recogniser, register, lane = chance.choice([*consortium.lanes])
    (recognition,) = _recognitions(chance, consortium, [(recogniser, register)], world.now, lane=lane)
    name = consortium.lanes[recogniser, register, lane].arrangement
    return _arrangement(acts.Amendment, world, name, (recognition,))


def _recognitions(
    chance: Random, consortium: Consortium, pairs: Iterable[tuple[int, int]], now: int, lane: int | None = None
) -> tuple[acts.Recognition, ...]:
    counts: dict[tuple[int, int], int] = {}
    recognitions = []
    for pair in pairs:
        earlier = counts[pair] = counts.get(pair, -1) + 1
        kept = consortium.pairs.get(pair, Pair())
        starts = chance.choice((0, now - DAY, now + DAY))
        recognitions.append(
            acts.Recognition(
                recogniser=pair[0],
                register=pair[1],
                lane=kept.lanes + earlier if lane is None else lane,
                serial=kept.serial + 1 + earlier,
                types=chance.choice((1, 4, 7)),
                roles=chance.choice((1, 0x7FFF)),
                directions=chance.randint(1, 7),
                benefits=chance.randint(0, 255),
                in_force_from=starts,
                until=chance.choice((0, starts + YEAR, starts + 1)),
            )
        )
    return tuple(recognitions)


def _arrangement(
    kind: type[acts.Conclusion], world: World, name: str, recognitions: tuple[acts.Recognition, ...]
) -> Proposed:
    consortium = world.consortium
    parties: set[int] = set()
    for recognition in recognitions:
        sides = {recognition.recogniser, recognition.register}
        parties |= {party for party in sides if consortium.parties[party].state is not PartyState.EXPELLED}
    text = consortium.texts.get(name, name.encode().ljust(32, b"."))
    arrangement = kind(
        deadline=world.soon, arrangement=name, text=text, signatories=frozenset(parties), recognitions=recognitions
    )
    return arrangement, [authority_of(consortium, party) for party in parties]


def draw_lane_act(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    if not consortium.lanes:
        return draw_conclusion(chance, world)
    recogniser, register, lane = chance.choice([*consortium.lanes])
    open_now = consortium.lanes[recogniser, register, lane].state is LaneState.OPEN
    kind = chance.choice((LaneActKind.SUSPEND if open_now else LaneActKind.RESUME, LaneActKind.END))
    unions = [union for union in consortium.parties[register].unions if union]
    party = chance.choice([recogniser, recogniser, register, *unions])
    act = acts.LaneAct(
        party=party,
        recogniser=recogniser,
        register=register,
        lane=lane,
        serial=consortium.pairs[recogniser, register].serial + 1,
        deadline=world.soon,
        act=kind,
        until=world.now + chance.choice((0, DAY, YEAR)) if kind is LaneActKind.END else 0,
    )
    return act, [authority_of(consortium, party)]


def draw_withholding(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    recogniser, register = chance.choice([*consortium.parties]), chance.choice([*consortium.parties])
    entry = register.to_bytes(2, "big") + bytes((chance.randint(0, 1),)) + chance.randint(1, 2).to_bytes(29, "big")
    old = consortium.withholdings.get((recogniser, entry))
    act = acts.WithholdingAct(
        recogniser=recogniser,
        serial=consortium.pairs.get((recogniser, register), Pair()).serial + 1,
        deadline=world.soon,
        entry=entry,
        withheld=not (old and old.withheld),
    )
    return act, operators_of(consortium, recogniser)
