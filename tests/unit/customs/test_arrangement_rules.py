"""Arrangements in the model alone: who concludes for whom, and what a lane looks like afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.acts import Amendment, Conclusion, LaneAct, Recognition, Signed, WithholdingAct
from aeo_ledger.customs.arrangement_rules import act_on_lane, arrange, withhold
from aeo_ledger.customs.consortium import Consortium
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import KeyRole, LaneActKind, LaneState, PartyKind, PartyState
from aeo_ledger.errors.customs import RefusedByLedger
from support.sealed_world import members_of

NOW = 1_750_000_000
CHINA, EU, GERMANY = 1, 2, 3
AUTHORITY = {number: bytes([0xA0 + number]) * 20 for number in (CHINA, EU, GERMANY)}
OPERATOR = b"\xb1" * 20
LANE = Recognition(
    recogniser=CHINA,
    register=GERMANY,
    lane=0,
    amendment=1,
    types=1,
    roles=2,
    directions=1,
    benefits=3,
    in_force_from=0,
    until=0,
)


@pytest.fixture
def consortium() -> Consortium:
    keys = {key: Key(party=number, role=KeyRole.AUTHORITY, added_at=1) for number, key in AUTHORITY.items()}
    return Consortium(
        parties={
            number: Party(
                code=code,
                kind=PartyKind.UNION if number == EU else PartyKind.ADMINISTRATION,
                state=PartyState.ACTIVE,
                keeps_register=True,
                memberships=members_of(EU if number == GERMANY else 0),
            )
            for number, code in ((CHINA, "CN"), (EU, "EU"), (GERMANY, "DE"))
        },
        keys={**keys, OPERATOR: Key(party=CHINA, role=KeyRole.OPERATOR, added_at=1)},
        validators=(),
        minimum_validators=1,
        replacement_delay=0,
        chain_id=1,
    )


def conclusion(*parties: int, recognition: Recognition = LANE) -> Conclusion:
    return Conclusion(
        deadline=NOW,
        arrangement="CN-EU",
        text=b"\x01" * 32,
        signatories=frozenset(parties),
        recognitions=(recognition,),
    )


def signed(*parties: int) -> Signed:
    return Signed(hash=b"\x02" * 32, signers=[AUTHORITY[party] for party in parties])


@pytest.mark.parametrize("other", [GERMANY, EU])
def test_a_register_s_party_or_its_union_concludes(consortium: Consortium, other: int) -> None:
    after = arrange(consortium, conclusion(CHINA, other), signed(CHINA, other), time=NOW)
    lane = after.lanes[CHINA, GERMANY, 0]
    assert (lane.state, lane.arrangement, lane.in_force_from, lane.changes) == (LaneState.OPEN, "CN-EU", 0, 0)
    assert after.pairs[CHINA, GERMANY].lanes == 1
    assert consortium.lanes == {}


def test_a_union_s_signature_counts_for_its_members_only(consortium: Consortium) -> None:
    alone = replace(LANE, recogniser=GERMANY, register=CHINA)
    with pytest.raises(RefusedByLedger) as caught:
        arrange(consortium, conclusion(EU, CHINA, recognition=alone), signed(CHINA, EU), time=NOW)
    assert caught.value.code == Refusal.MISSING_SIGNATORY


def test_an_amendment_sets_in_force_what_was_signed(consortium: Consortium) -> None:
    after = arrange(consortium, conclusion(CHINA, EU), signed(CHINA, EU), time=NOW)
    drafted = conclusion(CHINA, EU, recognition=replace(LANE, amendment=2, in_force_from=NOW))
    members = {name: getattr(drafted, name) for name in ("deadline", "arrangement", "text", "signatories")}
    amendment = Amendment(recognitions=drafted.recognitions, **members)
    lane = arrange(after, amendment, signed(CHINA, EU), time=NOW).lanes[CHINA, GERMANY, 0]
    assert (lane.in_force_from, lane.changes) == (NOW, 1)


def test_an_ended_lane_is_not_opened_again_alone(consortium: Consortium) -> None:
    after = arrange(consortium, conclusion(CHINA, EU), signed(CHINA, EU), time=NOW)
    end = LaneAct(
        party=EU,
        recogniser=CHINA,
        register=GERMANY,
        lane=0,
        generation=0,
        number=1,
        deadline=NOW,
        act=LaneActKind.END,
        until=NOW,
    )
    ended = act_on_lane(after, end, signed(EU), time=NOW)
    assert ended.lanes[CHINA, GERMANY, 0].until == NOW
    with pytest.raises(RefusedByLedger) as caught:
        act_on_lane(ended, replace(end, until=NOW + 1), signed(EU), time=NOW)
    assert caught.value.code == Refusal.WRONG_END


def test_an_ended_lane_is_used_again_by_both_sides_in_a_new_generation(consortium: Consortium) -> None:
    short = conclusion(CHINA, EU, recognition=replace(LANE, until=NOW + 5))
    first = arrange(consortium, short, signed(CHINA, EU), time=NOW)
    again = conclusion(CHINA, EU, recognition=replace(LANE, amendment=2))
    with pytest.raises(RefusedByLedger) as caught:
        arrange(first, again, signed(CHINA, EU), time=NOW)
    assert caught.value.code == Refusal.WRONG_LANE
    later = replace(again, deadline=NOW + 5)
    lane = arrange(first, later, signed(CHINA, EU), time=NOW + 5).lanes[CHINA, GERMANY, 0]
    assert (lane.generation, lane.changes, lane.until) == (1, 1, 0)


def test_withholdings_ever_made_are_counted(consortium: Consortium) -> None:
    entry = b"\x00\x03\x00" + b"\x07" * 29
    act = WithholdingAct(recogniser=CHINA, serial=1, deadline=NOW, entry=entry, withheld=True)
    operators = Signed(hash=bytes(32), signers=[OPERATOR])
    once = withhold(consortium, act, operators, time=NOW)
    back = withhold(once, replace(act, serial=2, withheld=False), operators, time=NOW)
    again = withhold(back, replace(act, serial=3), operators, time=NOW)
    assert [world.pairs[CHINA, 3].withheld for world in (once, back, again)] == [1, 1, 2]
