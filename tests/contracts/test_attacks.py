"""Attacks on the constitution, each by its name: what is hoarded, replayed, front-run or waited for, and does not work."""

from __future__ import annotations

import pytest

from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import (
    EventKind,
    LaneActKind,
    PartyActKind,
    PartyState,
    ReplacementActKind,
    ResolutionAct,
)
from support.drafts import (
    VOTERS,
    amendment,
    begin_replacement,
    change,
    complete_replacement,
    conclusion,
    dual_control,
    entry_of,
    envelope,
    freeze,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    replacement_act,
    resolution,
    withholding,
)
from support.world import (
    DAY,
    DELAY,
    FIRST,
    FOURTH,
    SEATLESS,
    SECOND,
    THIRD,
    UNION,
    World,
    authority,
    found,
    key,
    node,
    operator,
)

END = LaneActKind.END
PAIR = (SECOND, FIRST)
BOTH = (authority(FIRST), authority(SECOND))
YEAR = 366 * DAY


@pytest.fixture
def world() -> World:
    return found()


def conclude(world: World, lane: int = 0) -> None:
    world.do(conclusion(world, recognition(world, *PAIR, lane=lane)), *BOTH)


# ---- lanes


def test_an_end_replayed_after_an_amendment(world: World) -> None:
    """Both sides agreed to continue. The old end shortens nothing, whether it was recorded before or not."""
    conclude(world)
    year = world.now + YEAR
    recorded = lane_act(world, FIRST, END, PAIR, until=world.now + 30 * DAY, deadline=year)
    hoarded = lane_act(world, FIRST, END, PAIR, until=world.now + 20 * DAY, deadline=year)
    world.do(recorded, authority(FIRST))
    world.do(amendment(world, recognition(world, *PAIR, lane=0)), *BOTH)
    for act in (recorded, hoarded):
        assert world.refuses(act, authority(FIRST)) is Refusal.WRONG_LANE_NUMBER


def test_an_end_replayed_on_a_reused_lane(world: World) -> None:
    conclude(world)
    year = world.now + YEAR
    recorded = lane_act(world, FIRST, END, PAIR, until=world.now + 2 * DAY, deadline=year)
    hoarded = lane_act(world, FIRST, END, PAIR, until=world.now + 9 * DAY, deadline=year)
    world.do(recorded, authority(FIRST))
    world.wait(2 * DAY)
    conclude(world)
    for act in (recorded, hoarded):
        assert world.refuses(act, authority(FIRST)) is Refusal.WRONG_LANE_NUMBER
    again = lane_act(world, FIRST, END, PAIR, generation=0)
    assert world.refuses(again, authority(FIRST)) is Refusal.WRONG_GENERATION
    assert world.consortium.lanes[*PAIR, 0].until == 0


def test_a_suspension_of_a_lane_hoarded_until_the_lane_is_reused(world: World) -> None:
    conclude(world)
    hoarded = lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR, deadline=world.now + YEAR)
    world.do(lane_act(world, FIRST, END, PAIR, until=world.now), authority(FIRST))
    conclude(world)
    assert world.refuses(hoarded, authority(SECOND)) is Refusal.WRONG_GENERATION


def test_the_register_s_party_ends_again_and_again_so_that_the_recogniser_s_acts_never_arrive(world: World) -> None:
    conclude(world)
    suspension = lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR)
    end = lane_act(world, SECOND, END, PAIR, until=world.now + 1)
    withheld = withholding(world, SECOND, entry_of(FIRST))
    for until in range(2**32 - 1, 2**32 - 6, -1):
        world.do(lane_act(world, FIRST, END, PAIR, until=until), authority(FIRST))
    world.do(suspension, authority(SECOND))
    world.do(end, authority(SECOND))
    world.do(withheld, operator(SECOND), operator(SECOND, 1))


def test_a_union_and_one_recogniser_exhaust_a_member_s_lanes(world: World) -> None:
    pair = (FIRST, THIRD)
    by_union = {"signatories": frozenset({FIRST, UNION}), "arrangement": "GREEDY"}
    lanes = [recognition(world, *pair, lane=lane, amendment=lane + 1) for lane in range(16)]
    world.do(conclusion(world, *lanes, **by_union), authority(FIRST), authority(UNION))
    own = conclusion(world, recognition(world, *pair))
    assert world.refuses(own, authority(FIRST), authority(THIRD)) is Refusal.TOO_MANY_LANES
    world.do(lane_act(world, THIRD, END, pair, lane=3, until=world.now), authority(THIRD))
    freed = conclusion(world, recognition(world, *pair, lane=3))
    world.do(freed, authority(FIRST), authority(THIRD))


# ---- keys


def test_a_freeze_replayed_after_a_lift(world: World) -> None:
    recorded = freeze(world, FIRST, deadline=world.now + YEAR)
    world.do(recorded, operator(FIRST))
    world.do(party_act(world, FIRST, PartyActKind.UNFREEZE), authority(FIRST))
    assert world.refuses(recorded, operator(FIRST)) is Refusal.WRONG_FREEZE
    other = freeze(world, FIRST, lifts=0, deadline=world.now + YEAR)
    assert world.refuses(other, operator(FIRST, 1)) is Refusal.WRONG_FREEZE
    world.do(freeze(world, FIRST), operator(FIRST, 1))


def test_freezes_hoarded_for_lifts_to_come_die_with_the_key(world: World) -> None:
    """A thief may freeze once for each lift, until the authority retires the key. Then no hoarded freeze works."""
    hoarded = [freeze(world, FIRST, lifts=lifts, deadline=world.now + YEAR) for lifts in range(4)]
    for act in hoarded[:2]:
        world.do(act, operator(FIRST))
        world.do(party_act(world, FIRST, PartyActKind.UNFREEZE), authority(FIRST))
    retire = party_act(world, FIRST, PartyActKind.RETIRE_OPERATOR, key=key(operator(FIRST)).address)
    world.do(retire, authority(FIRST))
    assert world.refuses(hoarded[2], operator(FIRST)) is Refusal.SURPLUS_SIGNATURE
    assert world.refuses(hoarded[3], operator(FIRST)) is Refusal.WRONG_FREEZE
    assert not world.consortium.parties[FIRST].frozen


def test_a_thief_front_runs_the_retirement_of_its_own_key(world: World) -> None:
    """Everything that a hot key can sign is recorded first, and the retirement still counts."""
    retire = party_act(world, FIRST, PartyActKind.RETIRE_OPERATOR, key=key(operator(FIRST)).address)
    thief = operator(FIRST)
    world.do(envelope(world), thief)
    world.do(withholding(world, FIRST, entry_of(SECOND)), thief)
    world.do(publication(world, grant(world)), thief)
    world.do(freeze(world, FIRST), thief)
    world.do(retire, authority(FIRST))


def test_one_of_two_keys_can_only_object_alone(world: World) -> None:
    names = dual_control(world, FOURTH, 3, 2)
    thief = names[1]
    old = int.from_bytes(key(names[0]).address, "big")
    for kind, members, beside in (
        (PartyActKind.ROTATE_AUTHORITY, {"key": key("own").address, "detail": old}, ("own",)),
        (PartyActKind.SET_AUTHORITY_THRESHOLD, {"detail": 1}, ()),
        (PartyActKind.RETIRE_AUTHORITY_KEY, {"key": key(names[0]).address}, ()),
        (PartyActKind.ADD_OPERATOR, {"key": key("own").address}, ("own",)),
        (PartyActKind.UNFREEZE, {}, ()),
    ):
        act = party_act(world, FOURTH, kind, **members)
        assert world.refuses(act, thief, *beside) is Refusal.TOO_FEW_SIGNATURES
    begin_replacement(world, FOURTH, "new")
    world.do(replacement_act(world, FOURTH, ReplacementActKind.OBJECT), thief)


def test_the_epoch_does_not_touch_nodes(world: World) -> None:
    """A party whose authority is replaced continues to seal. Its node can be replaced and return like any other."""
    before = world.consortium.validators
    begin_replacement(world, FOURTH, "new")
    complete_replacement(world, FOURTH)
    assert world.consortium.validators == before
    kept = world.consortium.keys[key(node(FOURTH)).address]
    assert (kept.retired_at, kept.epoch, world.consortium.parties[FOURTH].epoch) == (0, 0, 1)
    detail = key(node(FOURTH)).address.rjust(32, b"\0")
    new = key("node a").address
    govern(world, ResolutionAct.REPLACE_VALIDATOR, FOURTH, "node a", key=new, detail=detail)
    world.wait(2, 2)
    back = key(node(FOURTH)).address
    detail = new.rjust(32, b"\0")
    govern(world, ResolutionAct.REPLACE_VALIDATOR, FOURTH, node(FOURTH), key=back, detail=detail)
    assert world.consortium.validators == before


def test_a_replaced_operator_acts_for_the_party_no_more_though_its_word_says_nothing_of_it(world: World) -> None:
    world.do(publication(world, grant(world)), operator(FIRST))
    begin_replacement(world, FIRST, "new")
    complete_replacement(world, FIRST)
    assert world.consortium.keys[key(operator(FIRST)).address].retired_at == 0
    act = publication(world, change(world, EventKind.REVOKE))
    assert world.refuses(act, operator(FIRST)) is Refusal.SURPLUS_SIGNATURE


# ---- parties, seats and unions


def test_a_hoarded_suspension_after_a_reinstatement(world: World) -> None:
    """A SUSPEND that two thirds signed in January does not work after the REINSTATE of March."""
    january = world.now
    until = january + 300 * DAY
    hoarded = [
        resolution(world, ResolutionAct.SUSPEND, party=FOURTH, amount=until, number=number, deadline=january + YEAR)
        for number in (1, 2)
    ]
    world.do(hoarded[0], *VOTERS)
    world.wait(60 * DAY)
    world.do(resolution(world, ResolutionAct.REINSTATE, party=FOURTH), *VOTERS)
    for act in hoarded:
        assert world.refuses(act, *VOTERS) is Refusal.WRONG_NUMBER
    assert world.consortium.parties[FOURTH].state is PartyState.ACTIVE


def test_a_union_ejects_while_the_member_uses_up_its_serial(world: World) -> None:
    ejection = party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD)
    midnight = (world.now // DAY_S + 700) * DAY_S
    for kind, members in (
        (PartyActKind.SET_CARD, {"detail": 1}),
        (PartyActKind.SET_CERTIFICATE, {"detail": 1}),
        (PartyActKind.LEAVE_UNION, {"detail": UNION, "effective": midnight}),
        (PartyActKind.REVOKE_LEAVING, {"detail": UNION}),
    ):
        world.do(party_act(world, THIRD, kind, **members), authority(THIRD))
    world.do(ejection, authority(UNION))
    assert world.consortium.parties[THIRD].unions_at(world.now) == ()


def test_a_union_s_ejections_use_up_none_of_the_member_s_serial(world: World) -> None:
    card = party_act(world, THIRD, PartyActKind.SET_CARD, detail=1)
    midnight = (world.now // DAY_S + 9) * DAY_S
    eject = party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD, effective=midnight)
    world.do(eject, authority(UNION))
    world.do(party_act(world, UNION, PartyActKind.REVOKE_EJECTION, detail=THIRD), authority(UNION))
    world.do(card, authority(THIRD))


def test_a_member_s_far_notice_holds_off_no_ejection(world: World) -> None:
    midnight = (world.now // DAY_S + 700) * DAY_S
    leave = party_act(world, THIRD, PartyActKind.LEAVE_UNION, detail=UNION, effective=midnight)
    world.do(leave, authority(THIRD))
    world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), authority(UNION))
    assert world.consortium.parties[THIRD].unions_at(world.now) == ()


def test_a_resolution_hoarded_for_a_party_that_was_admitted_again_under_its_code(world: World) -> None:
    """A party is its number, not its code."""
    hoarded = resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS, number=2, deadline=world.now + YEAR)
    govern(world, ResolutionAct.EXPEL, SEATLESS)
    assert world.refuses(hoarded, *VOTERS) is Refusal.PARTY_EXPELLED


# ---- replacements


def test_a_replacement_whose_suspension_would_run_out_during_the_90_days(world: World) -> None:
    """The thief objects with one stolen key and waits for the end of the suspension, to cancel. The suspension lasts as long."""
    govern(world, ResolutionAct.SUSPEND, FOURTH)
    ends = world.consortium.parties[FOURTH].suspended_until
    begin_replacement(world, FOURTH, "new")
    begun = world.now
    world.wait(DELAY - 1)
    world.do(replacement_act(world, FOURTH, ReplacementActKind.OBJECT), authority(FOURTH))
    assert ends < world.now
    cancel = PartyActKind.CANCEL_REPLACEMENT
    for day in (20, 60, 89):
        world.wait(begun + day * DAY - world.now)
        assert world.refuses(party_act(world, FOURTH, cancel), authority(FOURTH)) is Refusal.PARTY_SUSPENDED
        assert world.complete_replacement(FOURTH) is Refusal.NOT_YET
    world.wait(begun + 90 * DAY - world.now)
    assert world.refuses(party_act(world, FOURTH, cancel), authority(FOURTH)) is Refusal.PARTY_SUSPENDED
    assert world.complete_replacement(FOURTH) is None
    assert world.consortium.parties[FOURTH].state_at(world.now) is PartyState.ACTIVE
    world.do(party_act(world, FOURTH, PartyActKind.SET_CARD, detail=1), "new")


def test_two_thirds_in_a_hurry_cannot_take_over_an_authority_quietly(world: World) -> None:
    """They suspend the party and begin a replacement at once. One key of the party objects, and one seat stops it."""
    govern(world, ResolutionAct.SUSPEND, FOURTH)
    begin_replacement(world, FOURTH, "theirs")
    world.do(replacement_act(world, FOURTH, ReplacementActKind.OBJECT), authority(FOURTH))
    world.wait(9 * DAY)
    world.do(replacement_act(world, FOURTH, ReplacementActKind.STOP), authority(THIRD))
    world.do(party_act(world, FOURTH, PartyActKind.SET_CARD, detail=1), authority(FOURTH))


def test_a_waiting_key_hoards_acts_for_the_day_it_counts_and_none_of_them_before(world: World) -> None:
    begin_replacement(world, FOURTH, "new")
    hoarded = party_act(world, FOURTH, PartyActKind.SET_CARD, detail=1, deadline=world.now + YEAR)
    assert world.refuses(hoarded, "new") is Refusal.SURPLUS_SIGNATURE
    govern(world, ResolutionAct.CANCEL_REPLACEMENT, FOURTH)
    world.wait(DELAY)
    assert world.refuses(hoarded, "new") is Refusal.SURPLUS_SIGNATURE


def test_acts_that_old_keys_hoarded_are_void_after_a_replacement(world: World) -> None:
    hoarded = [
        (party_act(world, FOURTH, PartyActKind.SET_CARD, detail=1, deadline=world.now + YEAR), authority(FOURTH)),
        (freeze(world, FOURTH, deadline=world.now + YEAR), operator(FOURTH)),
        (envelope(world, FOURTH, deadline=world.now + YEAR), operator(FOURTH)),
    ]
    begin_replacement(world, FOURTH, "new")
    complete_replacement(world, FOURTH)
    for act, name in hoarded:
        assert world.refuses(act, name) is Refusal.SURPLUS_SIGNATURE
