"""Acts of a consortium at random, biased to what the rules allow now, so that deep states are reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Final, TypeVar

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Lane, Pair
from aeo_ledger.customs.consortium import END_OF_TIME, Consortium, serves
from aeo_ledger.customs.governance import quorum
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.vocabulary import (
    KeyRole,
    LaneActKind,
    LaneState,
    PartyKind,
    PartyState,
    ReplacementActKind,
    ResolutionAct,
)
from support.act_messages import Act
from support.drafts import next_number
from support.near_misses import SPARES, name_of_key
from support.world import FIRST, OUTSIDER, World, key

YEAR: Final = 366 * DAY_S
Proposed = tuple[Act, list[str]]
T = TypeVar("T")


def choose(chance: Random, fitting: Iterable[T], others: Iterable[T] = ()) -> T:
    """Choose one that fits, or, if there is none and now and then, any other."""
    fits, rest = list(fitting), list(others)
    return chance.choice(fits if fits and (not rest or chance.randrange(8)) else rest)


def keys_of(consortium: Consortium, party: int, role: KeyRole) -> list[str]:
    """Name the keys that serve a party in a role now."""
    return [name_of_key(address) for address in consortium.keys if serves(consortium, address, party, role)]


def authority_of(chance: Random, consortium: Consortium, party: int) -> list[str]:
    """Name as many keys of a party's authority as its threshold says, if there are so many; any of them."""
    known = consortium.parties.get(party)
    found = keys_of(consortium, party, KeyRole.AUTHORITY)
    chance.shuffle(found)
    return found[: known.authority_threshold] if known else []


def operators_of(consortium: Consortium, party: int) -> list[str]:
    """Name as many operators as the threshold says, if there are so many."""
    known = consortium.parties.get(party)
    return keys_of(consortium, party, KeyRole.OPERATOR)[: known.threshold if known else 1]


def fresh_key(chance: Random, consortium: Consortium) -> str:
    """Name a key that nobody uses, or now and then one that somebody does or did."""
    unused = [name for name in SPARES if key(name).address not in consortium.keys]
    return choose(chance, unused[:1], map(name_of_key, consortium.keys))


def draw_grounds(chance: Random) -> bytes:
    return chance.choice((acts.NO_GROUNDS, chance.randbytes(32)))


def in_state(world: World, *states: PartyState) -> list[int]:
    return [number for number, party in world.consortium.parties.items() if party.state_at(world.now) in states]


def active_seats(world: World) -> list[int]:
    return [number for number in in_state(world, PartyState.ACTIVE) if world.consortium.parties[number].seat]


def voters(chance: Random, world: World) -> list[str]:
    """Name as many keys of seats as carry a resolution, if there are so many."""
    parties = world.consortium.parties.values()
    needed = quorum(sum(party.seat and party.state is not PartyState.EXPELLED for party in parties))
    able = active_seats(world)
    chance.shuffle(able)
    return [name for number in able[:needed] for name in authority_of(chance, world.consortium, number)]


def list_pending(world: World) -> list[int]:
    """List the parties of which a replacement waits that has not lapsed."""
    return [number for number, pending in world.consortium.replacements.items() if world.now < pending.lapses_at]


# ---- resolutions

_OFTEN: Final = {
    ResolutionAct.ADMIT: 4,
    ResolutionAct.SUSPEND: 5,
    ResolutionAct.REINSTATE: 2,
    ResolutionAct.REPLACE_AUTHORITY: 6,
    ResolutionAct.GIVE_SEAT: 3,
    ResolutionAct.GIVE_REGISTER: 2,
    ResolutionAct.SEAT_VALIDATOR: 3,
    ResolutionAct.REPLACE_VALIDATOR: 3,
    ResolutionAct.UNSEAT_VALIDATOR: 4,
    ResolutionAct.CANCEL_REPLACEMENT: 2,
}
_KINDS: Final = [act for act in ResolutionAct for _ in range(_OFTEN.get(act, 1))]


def draw_resolution(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    kind = choose(chance, _list_open(world), _KINDS) if not chance.randrange(3) else chance.choice(_KINDS)
    party, cosigners = _party_for(chance, world, kind), list[str]()
    members: dict[str, Any] = {"party": party}
    if kind is ResolutionAct.ADMIT:
        last = len(consortium.parties)
        members = {"party": last + 1, "detail": _draw_candidate(chance)}
    elif kind is ResolutionAct.SUSPEND:
        members["amount"] = world.now + chance.choice((DAY_S, 20 * DAY_S, 30 * DAY_S, YEAR, YEAR + 1, 0))
    elif kind is ResolutionAct.CANCEL_SUCCESSION:
        members = {"party": 0}
    elif kind is ResolutionAct.UNSEAT_VALIDATOR:
        seated = chance.choice(consortium.validators)
        members = {"party": seated.party, "key": seated.node}
    elif kind is ResolutionAct.REPLACE_VALIDATOR:
        members["detail"] = chance.choice(consortium.validators).node.rjust(32, b"\0")
    if kind in {ResolutionAct.ADMIT, ResolutionAct.REPLACE_AUTHORITY}:
        cosigners = [fresh_key(chance, consortium)]
    elif kind in {ResolutionAct.SEAT_VALIDATOR, ResolutionAct.REPLACE_VALIDATOR}:
        name, members["party"] = _draw_node(chance, consortium, party)
        cosigners = [name]
    if cosigners:
        members["key"] = key(cosigners[0]).address
    number = next_number(world, kind, members["party"])
    resolution = acts.Resolution(number=number, deadline=world.soon, act=kind, grounds=draw_grounds(chance), **members)
    return resolution, [name for name in voters(chance, world) if name not in cosigners] + cosigners


def _list_open(world: World) -> list[ResolutionAct]:
    """List the acts that answer to what stands open: a suspension, by ending it or by replacing the authority; a successor."""
    suspended = bool(in_state(world, PartyState.SUSPENDED))
    answers = {
        ResolutionAct.REINSTATE: suspended,
        ResolutionAct.REPLACE_AUTHORITY: suspended and not world.consortium.replacements,
        ResolutionAct.CANCEL_SUCCESSION: world.consortium.succession is not None,
    }
    return [kind for kind, is_open in answers.items() if is_open]


def _party_for(chance: Random, world: World, kind: ResolutionAct) -> int:
    """Choose a party about which there is something of this kind to resolve."""
    parties, pending = world.consortium.parties, world.consortium.replacements
    held = [number for number, replacement in pending.items() if replacement.holds(world.now)]
    able = chance.choice((PartyState.ACTIVE, PartyState.SUSPENDED))
    fitting = {
        ResolutionAct.GIVE_SEAT: [n for n, p in parties.items() if not p.seat],
        ResolutionAct.TAKE_SEAT: [n for n, p in parties.items() if p.seat],
        ResolutionAct.GIVE_REGISTER: [n for n, p in parties.items() if not p.keeps_register],
        ResolutionAct.TAKE_REGISTER: [n for n, p in parties.items() if p.keeps_register],
        ResolutionAct.SUSPEND: chance.choice((in_state(world, PartyState.ACTIVE), held)),
        ResolutionAct.REINSTATE: in_state(world, PartyState.SUSPENDED),
        ResolutionAct.REPLACE_AUTHORITY: [*in_state(world, PartyState.SUSPENDED), *in_state(world, able), *pending],
        ResolutionAct.CANCEL_REPLACEMENT: pending,
        ResolutionAct.EXPEL: [n for n in parties if n > 4 or not chance.randrange(6)],
    }
    return choose(chance, fitting.get(kind, ()), parties)


def _draw_candidate(chance: Random) -> acts.Candidate:
    code = chance.choice(("BR", "JP", "KR", "EAEU", "EAC", "AU", "NZ", "UYUYUY", "BY", "X", "b1"))
    flags = {"seat": not chance.randrange(4), "keeps_register": chance.choice((True, False))}
    return acts.Candidate(code=code, kind=chance.choice([*PartyKind]), **flags)


def _draw_node(chance: Random, consortium: Consortium, party: int) -> tuple[str, int]:
    """Choose a node that was unseated, or a new one, or one of a party that was founded without one."""
    retired = [(name_of_key(a), k.party) for a, k in consortium.keys.items() if k.role is KeyRole.NODE and k.retired_at]
    if retired and chance.choice((True, False)):
        return chance.choice(retired)
    seated = [name_of_key(validator.node) for validator in consortium.validators]
    return choose(chance, [fresh_key(chance, consortium)], seated), party


def draw_succession(chance: Random, world: World) -> Proposed:
    """Name a successor; mostly for a far day, so that there is something to do until then."""
    if world.consortium.succession and chance.randrange(4):
        return draw_resolution(chance, world)
    members = {
        "chain": world.evm.chain_id + 1,
        "consortium": b"\xc1" * 20,
        "governance": b"\x91" * 20,
        "registers": b"\xea" * 20,
        "consortium_code": b"\x01" * 32,
        "governance_code": b"\x02" * 32,
        "registers_code": b"\x03" * 32,
    }
    if not chance.randrange(6):
        empty = chance.choice([*members])
        members[empty] = bytes(len(value)) if isinstance(value := members[empty], bytes) else world.evm.chain_id
    effective = world.now + choose(chance, (300 * DAY_S, YEAR, 2 * YEAR), (0, DAY_S, 2 * YEAR + 1))
    succession: Any = {
        "number": world.consortium.network_resolutions + 1,
        "deadline": world.soon,
        "effective": min(effective, END_OF_TIME - 1),
        "grounds": draw_grounds(chance),
        **members,
    }
    return acts.Succession(**succession), voters(chance, world)


def draw_replacement_act(chance: Random, world: World) -> Proposed:
    """Object to a replacement, or stop one to which somebody has objected."""
    consortium = world.consortium
    if not consortium.replacements and chance.randrange(6):
        return draw_resolution(chance, world)
    party = choose(chance, list_pending(world), [*consortium.replacements, *consortium.parties])
    pending = consortium.replacements.get(party)
    stops = bool(pending and pending.objected) != (not chance.randrange(6))
    others = [number for number in active_seats(world) if number != party]
    needed = max(1, -(-len(others) // 3))
    names = keys_of(consortium, party, KeyRole.AUTHORITY)[:1]
    if stops:
        chance.shuffle(others)
        names = [name for number in others[:needed] for name in authority_of(chance, consortium, number)]
    act = acts.ReplacementAct(
        party=party,
        key=pending.key if pending else key(OUTSIDER).address,
        deadline=world.soon,
        act=ReplacementActKind.STOP if stops else ReplacementActKind.OBJECT,
        grounds=draw_grounds(chance),
    )
    return act, names


# ---- operators' own


def draw_freeze(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    party = choose(chance, [n for n, p in consortium.parties.items() if not p.frozen], consortium.parties)
    lifts = consortium.office(party).lifts
    act = acts.Freeze(
        party=party,
        lifts=choose(chance, [lifts], (0, lifts + 1)),
        deadline=world.soon,
        grounds=draw_grounds(chance),
    )
    return act, keys_of(consortium, party, KeyRole.OPERATOR)[-1:]


def draw_envelope(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    party = chance.choice([*consortium.parties])
    envelope = acts.Envelope(
        register=party,
        serial=consortium.office(party).envelopes + 1,
        deadline=world.soon,
        recipient=chance.choice([*consortium.parties]),
        epoch=1,
        sealed=chance.randbytes(chance.randint(0, 40)),
    )
    return envelope, operators_of(consortium, party)


def draw_withholding(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    recogniser, register = chance.choice([*consortium.parties]), chance.choice([*consortium.parties])
    entry = register.to_bytes(2, "big") + bytes((chance.randint(0, 1),)) + chance.randint(1, 2).to_bytes(29, "big")
    if consortium.withholdings and chance.choice((True, False)):
        recogniser, entry = chance.choice([*consortium.withholdings])
    old = consortium.withholdings.get((recogniser, entry))
    act = acts.WithholdingAct(
        recogniser=recogniser,
        serial=old.serial + 1 if old else 1,
        deadline=world.soon,
        entry=entry,
        withheld=choose(chance, [not (old and old.withheld)], (False, True)),
        grounds=draw_grounds(chance),
    )
    return act, operators_of(consortium, recogniser)


# ---- arrangements


def draw_conclusion(chance: Random, world: World) -> Proposed:
    """Conclude one to three pairs, some of them the same pair twice, some over lanes that have ended."""
    consortium = world.consortium
    name = chance.choice(("CN-BY", "EU-CN", "BY-UY-2024"))
    there = in_state(world, PartyState.ACTIVE) or [*consortium.parties]
    keeping = [number for number in there if consortium.parties[number].keeps_register]
    favourite = max(consortium.pairs, key=lambda pair: consortium.pairs[pair].lanes, default=(FIRST, FIRST))
    pairs = [
        chance.choice(
            (favourite, (choose(chance, there, consortium.parties), choose(chance, keeping, consortium.parties)))
        )
        for _ in range(chance.randint(1, 3))
    ]
    ended = [lane for lane, word in consortium.lanes.items() if 0 < word.until <= world.now]
    if ended and chance.choice((True, False)):
        recogniser, register, lane = chance.choice(ended)
        (recognition,) = _recognitions(chance, world, [(recogniser, register)], lane=lane)
        return _arrangement(chance, acts.Conclusion, world, name, (recognition,))
    return _arrangement(chance, acts.Conclusion, world, name, _recognitions(chance, world, pairs))


def draw_amendment(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    if not consortium.lanes:
        return draw_conclusion(chance, world)
    recogniser, register, lane = chance.choice([*consortium.lanes])
    (recognition,) = _recognitions(chance, world, [(recogniser, register)], lane=lane)
    name = choose(chance, [consortium.lanes[recogniser, register, lane].arrangement], ["OTHER"])
    return _arrangement(chance, acts.Amendment, world, name, (recognition,))


def _recognitions(
    chance: Random, world: World, pairs: Sequence[tuple[int, int]], lane: int | None = None
) -> tuple[acts.Recognition, ...]:
    counts: dict[tuple[int, int], int] = {}
    recognitions = []
    for pair in pairs:
        earlier = counts[pair] = counts.get(pair, -1) + 1
        kept = world.consortium.pairs.get(pair, Pair())
        starts = min(chance.choice((0, world.now - DAY_S, world.now + DAY_S)), END_OF_TIME - 1)
        recognitions.append(
            acts.Recognition(
                recogniser=pair[0],
                register=pair[1],
                lane=min(kept.lanes + earlier if lane is None else lane, 255),
                amendment=kept.amendments + 1 + earlier,
                types=chance.choice((1, 4, 7)),
                roles=chance.choice((1, 0x7FFF)),
                directions=chance.randint(1, 7),
                benefits=chance.randint(0, 255),
                in_force_from=starts,
                until=min(chance.choice((0, starts + YEAR, starts + 1, world.now + 1)), END_OF_TIME - 1),
            )
        )
    return tuple(recognitions)


def _arrangement(
    chance: Random, kind: type[acts.Conclusion], world: World, name: str, recognitions: tuple[acts.Recognition, ...]
) -> Proposed:
    """Draft an arrangement, signed for some registers by a union of theirs."""
    parties: set[int] = set()
    for recognition in recognitions:
        register = world.consortium.parties[recognition.register]
        unions = register.unions_at(world.now)
        parties |= {
            recognition.recogniser,
            chance.choice(unions) if unions and not chance.randrange(3) else recognition.register,
        }
    there = {number for number in parties if world.consortium.parties[number].state is not PartyState.EXPELLED}
    if not chance.randrange(10):
        there ^= {chance.choice([*world.consortium.parties])}
    arrangement = kind(
        deadline=world.soon,
        arrangement=name,
        text=chance.randbytes(32),
        signatories=frozenset(choose(chance, [there], [parties])),
        recognitions=recognitions,
    )
    names = [name for number in sorted(there) for name in authority_of(chance, world.consortium, number)]
    return arrangement, names


def draw_lane_act(chance: Random, world: World) -> Proposed:
    consortium = world.consortium
    if not consortium.lanes:
        return draw_conclusion(chance, world)
    living = [lane for lane, word in consortium.lanes.items() if word.until == 0 or word.until > world.now]
    recogniser, register, lane = choose(chance, living, consortium.lanes)
    word, pair = consortium.lanes[recogniser, register, lane], consortium.pairs[recogniser, register]
    turn = LaneActKind.SUSPEND if word.state is LaneState.OPEN else LaneActKind.RESUME
    kind = choose(chance, (turn, LaneActKind.END), LaneActKind)
    party, ends = recogniser, kind is LaneActKind.END
    if ends or not chance.randrange(8):
        unions = consortium.parties[register].unions_at(world.now)
        party = chance.choice([recogniser, register, *unions])
    act = acts.LaneAct(
        party=party,
        recogniser=recogniser,
        register=register,
        lane=lane,
        generation=choose(chance, [word.generation], (0, word.generation + 1)),
        number=pair.amendments if ends else pair.lane_acts + 1,
        deadline=world.soon,
        act=kind,
        until=_draw_end(chance, word, world.now) if ends else 0,
        grounds=draw_grounds(chance),
    )
    return act, authority_of(chance, consortium, party)


def _draw_end(chance: Random, lane: Lane, now: int) -> int:
    sooner = [lane.until - 1] if lane.until > now else []
    drawn = chance.choice((now, now, now + DAY_S, now + YEAR, *sooner * 2, lane.until or now - 1))
    return min(drawn, END_OF_TIME - 1)
