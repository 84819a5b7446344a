"""How much one act may carry, and how long: signatures by call data, deadlines by the year, time until 2106."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.consortium import END_OF_TIME, LARGEST_WITHHELD_COUNT, Consortium
from aeo_ledger.customs.party import Key, Office
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import EventKind, KeyRole, LaneActKind, PartyActKind, ResolutionAct
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.protocol.acts import MOST_SIGNATURES, SignedAct
from support.act_messages import Act, name_of, write
from support.drafts import (
    VOTERS,
    alias_binding,
    change,
    conclusion,
    entry_of,
    envelope,
    freeze,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    resolution,
    succession,
    withholding,
)
from support.world import (
    FIRST,
    SEATLESS,
    SECOND,
    START,
    World,
    authority,
    found,
    founding,
    key,
    operator,
    sign,
)

PAIR = (SECOND, FIRST)
BOTH = (authority(FIRST), authority(SECOND))
MOST_GAS = 6_000_000
"""A tenth of a block."""


def crowded(keys: int = 3) -> Consortium:
    """Make a consortium of 255 seats, each with this number of authority keys, of which three must sign."""
    consortium = founding()
    parties, known, offices = {}, dict(consortium.keys), {}
    for number in range(1, 256):
        code = "Q" + chr(65 + number // 26) + chr(65 + number % 26)
        model = consortium.parties.get(number, replace(consortium.parties[SEATLESS], code=code))
        parties[number] = replace(model, seat=True, authority_keys=keys, authority_threshold=3)
        offices[number] = Office(operators=2)
        for which in range(keys):
            known[key(authority(number, which)).address] = Key(party=number, role=KeyRole.AUTHORITY, added_at=START)
    return replace(consortium, parties=parties, keys=known, offices=offices)


@pytest.fixture(scope="module")
def crowd() -> World:
    world = found()
    world.become(crowded(4))
    return world


def gas_of(world: World, act: Act, names: list[str]) -> int:
    """Do an act and return its gas, including the transaction's own cost and its call data."""
    signatures = tuple(sign(world.message(act), *names))
    assert world.submit(act, signatures) is None
    call = encode_act(SignedAct(name=name_of(act), values=write(act), signatures=signatures))
    return 21_000 + sum(16 if byte else 4 for byte in call) + world.evm.spent


# ---- signatures


def test_a_resolution_holds_512_signatures_and_not_one_more(crowd: World) -> None:
    """Two thirds of 255 seats with three keys each are 510. A co-signature and one more key make 512."""
    world = crowd.fork()
    act = resolution(world, ResolutionAct.SEAT_VALIDATOR, party=SEATLESS, key=key("node a").address)
    voters = [authority(number, which) for number in range(1, 171) for which in range(3)]
    full = [*voters, authority(1, 3), "node a"]
    assert len(full) == MOST_SIGNATURES == 512
    surplus = sign(world.message(act), *full, authority(2, 3))
    assert world.misfits(act, surplus)
    assert gas_of(world, act, full) < MOST_GAS


def test_a_succession_holds_as_many(crowd: World) -> None:
    act = succession(crowd)
    names = [authority(number, which) for number in range(1, 129) for which in range(4)]
    assert len(names) == MOST_SIGNATURES
    signatures = sign(crowd.message(act), *names, authority(129))
    assert crowd.misfits(act, signatures)
    assert crowd.refuses_signed(act, signatures[1:][::-1]) is Refusal.NOT_ASCENDING


def test_a_conclusion_holds_192_signatures_and_32_recognitions_and_not_one_more(crowd: World) -> None:
    """64 parties with three keys each: the most that 32 recognitions can name."""
    world = crowd.fork()
    world.become(
        replace(
            world.consortium,
            parties={n: replace(p, keeps_register=True) for n, p in world.consortium.parties.items()},
        )
    )
    pairs = [(number, number + 32) for number in range(1, 33)]
    act = conclusion(world, *(recognition(world, *pair) for pair in pairs))
    names = [authority(number, which) for number in range(1, 65) for which in range(3)]
    assert len(names) == 192
    assert world.refuses(act, *names[1:]) is Refusal.TOO_FEW_SIGNATURES
    assert world.misfits(act, sign(world.message(act), *names, authority(1, 3)))
    more = conclusion(world, *act.recognitions, recognition(world, 1, 2))
    assert world.misfits(more, sign(world.message(more), *names))
    assert gas_of(world, act, names) < MOST_GAS


@pytest.mark.parametrize(
    "what", ["a lone act", "a lane's end", "a freeze", "a withholding", "a binding", "an envelope"]
)
def test_any_other_act_holds_16_signatures(what: str) -> None:
    world = found()
    acts: dict[str, Act] = {
        "a lone act": party_act(world, FIRST, PartyActKind.SET_CARD, detail=1),
        "a lane's end": lane_act(world, FIRST, LaneActKind.END, PAIR),
        "a freeze": freeze(world, FIRST),
        "a withholding": withholding(world, FIRST, entry_of(SECOND)),
        "a binding": alias_binding(world, FIRST, b"\xa1" * 32),
        "an envelope": envelope(world),
    }
    act = acts[what]
    signature = sign(world.message(act), operator(FIRST))
    assert world.misfits(act, signature * 17)
    assert world.refuses_signed(act, signature * 16) is Refusal.NOT_ASCENDING


# ---- time


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_last_second_of_all_is_the_last_before_2_to_the_32(seconds: int) -> None:
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    world.do(publication(world, grant(world)), operator(FIRST))
    world.wait(END_OF_TIME - world.now + seconds)
    entry = entry_of(SECOND)
    acts_then: list[tuple[Act, tuple[str, ...]]] = [
        (resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS), VOTERS),
        (party_act(world, FIRST, PartyActKind.SET_CARD, detail=1), (authority(FIRST),)),
        (freeze(world, SECOND), (operator(SECOND),)),
        (envelope(world), (operator(FIRST),)),
        (lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), (authority(SECOND),)),
        (withholding(world, FIRST, entry), (operator(FIRST),)),
        (alias_binding(world, FIRST, b"\xa1" * 32), (operator(FIRST),)),
    ]
    if seconds < 0:
        drafted = recognition(world, *PAIR, lane=0)
        acts_then.append((acts.Amendment(**_members(conclusion(world, drafted))), BOTH))
        acts_then.append((publication(world, change(world, EventKind.SUSPEND)), (operator(FIRST),)))
        for act, names in acts_then:
            world.do(act, *names)
    else:
        for act, names in acts_then:
            assert world.refuses(act, *names) is Refusal.END_OF_TIME
        late = conclusion(world, recognition(world, *PAIR, in_force_from=0))
        assert world.refuses(late, *BOTH) is Refusal.END_OF_TIME
        event = change(world, EventKind.REASSESS, review_day=1)
        assert world.refuses(publication(world, event), operator(FIRST)) is Refusal.END_OF_TIME


def _members(act: acts.Conclusion) -> dict[str, Any]:
    names = ("deadline", "arrangement", "text", "signatories", "recognitions")
    return {name: getattr(act, name) for name in names}


# ---- counts


def test_the_count_of_withholdings_stops_at_its_maximum_and_never_returns_to_0() -> None:
    """One more would look like 0, and would add one to the amendments."""
    world = found()
    world.do(conclusion(world, recognition(world, FIRST, SECOND)), *BOTH)
    pair = (FIRST, SECOND)
    kept = world.consortium
    nearly = replace(kept.pairs[pair], withheld=LARGEST_WITHHELD_COUNT - 1)
    world.become(replace(kept, pairs={**kept.pairs, pair: nearly}))
    for holder in range(1, 4):
        world.do(withholding(world, FIRST, entry_of(SECOND, 0, holder)), operator(FIRST))
        assert world.consortium.pairs[pair].withheld == LARGEST_WITHHELD_COUNT
    assert world.consortium.pairs[pair].amendments == 1


def test_a_number_that_is_used_up_leaves_the_others_alone() -> None:
    """After the last serial, number, envelope or amendment that a word can hold, no further one is possible."""
    last = 2**32 - 1
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    kept = world.consortium
    full = Office(serial=last, envelopes=last - 1, resolutions=last, operators=2, lifts=7)
    pair = replace(kept.pairs[PAIR], amendments=last, lane_acts=last - 1)
    world.become(replace(kept, offices={**kept.offices, FIRST: full}, pairs={PAIR: pair}, network_resolutions=last))
    card = party_act(world, FIRST, PartyActKind.SET_CARD, detail=1, serial=0)
    assert world.refuses(card, authority(FIRST)) is Refusal.WRONG_SERIAL
    world.do(envelope(world), operator(FIRST))
    assert world.refuses(envelope(world, serial=0), operator(FIRST)) is Refusal.WRONG_SERIAL
    vote = resolution(world, ResolutionAct.TAKE_SEAT, party=FIRST, number=0)
    assert world.refuses(vote, *VOTERS) is Refusal.WRONG_NUMBER
    assert world.refuses(succession(world, number=0), *VOTERS) is Refusal.WRONG_NUMBER
    again = conclusion(world, recognition(world, *PAIR, amendment=0))
    assert world.refuses(again, *BOTH) is Refusal.WRONG_AMENDMENT
    world.do(lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), authority(SECOND))
    resume = lane_act(world, SECOND, LaneActKind.RESUME, PAIR, number=0)
    assert world.refuses(resume, authority(SECOND)) is Refusal.WRONG_LANE_NUMBER
    world.do(lane_act(world, FIRST, LaneActKind.END, PAIR), authority(FIRST))
