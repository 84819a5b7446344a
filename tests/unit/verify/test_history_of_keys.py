"""Which keys counted when, against the heads of the real contracts: thresholds, epochs, freezes, replacements, unions, successors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.history import HistoryTable, NetworkHistory
from aeo_ledger.customs.vocabulary import (
    EventKind,
    KeyRole,
    LaneActKind,
    PartyActKind,
    PartyState,
    ReplacementActKind,
    ResolutionAct,
)
from aeo_ledger.errors.verify import (
    EventOfAnother,
    EventOutOfPlace,
    EventUndersigned,
    HeadDiffers,
    ReplayDiffers,
    SignerNotEntitled,
    UnreadableEventSignature,
)
from aeo_ledger.protocol.layouts import LANE, PARTY, SUCCESSION
from aeo_ledger.protocol.tables import Contract, Table, epoch_key, lane_key, word_slot
from aeo_ledger.verify.signatories import Signatories
from support.drafts import (
    ENTRY,
    VOTERS,
    change,
    conclusion,
    freeze,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    replacement_act,
    resolution,
    succession,
)
from support.scribe import Scribe, join, pin, scribe
from support.told_history import (
    BOTH,
    BY,
    BY_2,
    CN,
    PAIR,
    acts_of,
    refuse,
    resigned,
    resigned_act,
    verify_over,
    with_act,
)
from support.world import DAY, FIRST, FOURTH, OUTSIDER, SEATLESS, SECOND, THIRD, UNION, authority, key, node, operator

OWN = authority(FIRST)
SECOND_KEY = "second key"


def two_keys(world: Scribe) -> None:
    """Give the first party's authority a second key, and require both."""
    world.do(party_act(world, FIRST, PartyActKind.ADD_AUTHORITY_KEY, key=key(SECOND_KEY).address), OWN, SECOND_KEY)
    world.wait(DAY)
    world.do(party_act(world, FIRST, PartyActKind.SET_AUTHORITY_THRESHOLD, detail=2), OWN)
    world.wait(DAY)


# ---- thresholds of authorities


def test_as_many_keys_of_an_authority_signed_as_its_threshold_said_then() -> None:
    world = scribe()
    world.do(conclusion(world, recognition(world, *PAIR)), *BOTH)
    world.wait(DAY)
    two_keys(world)
    world.do(party_act(world, FIRST, PartyActKind.SET_CARD, detail=7), OWN, SECOND_KEY)
    world.do(lane_act(world, FIRST, LaneActKind.END, PAIR), OWN, SECOND_KEY)
    world.do(
        resolution(world, ResolutionAct.SUSPEND, party=FOURTH, amount=world.now + DAY),
        OWN, SECOND_KEY, authority(SECOND), authority(THIRD),
    )  # fmt: skip
    party, pair, other = world.party(FIRST), world.pair(*PAIR), world.party(FOURTH)
    told = world.verify(join(pair, party, other))
    assert [state.authority_threshold for _, state in told.parties[FIRST].states] == [1, 1, 2, 2]
    short = {"found": 1, "needed": 2, "whose": f"the authority of party {FIRST}"}
    refuse(world, resigned_act(party, 4, OWN), EventUndersigned, event=4, **short)
    refuse(world, join(resigned_act(pair, 2, SECOND_KEY), party), EventUndersigned, event=2, **short)
    votes = (OWN, authority(SECOND), authority(THIRD))
    refuse(world, join(resigned_act(other, 2, *votes), party), EventUndersigned, event=2, **short)
    world.verify(resigned_act(other, 2, *votes))  # without the party's history nothing tells its threshold
    refuse(world, join(resigned_act(pair, 1, authority(SECOND), SECOND_KEY), party), SignerNotEntitled, event=1)
    world.verify(join(resigned_act(pair, 1, *BOTH), party))


def test_a_vote_is_a_seated_party_s_that_is_not_suspended() -> None:
    world = scribe()
    govern(world, ResolutionAct.SUSPEND, THIRD)
    world.wait(DAY)
    taken = resolution(world, ResolutionAct.TAKE_REGISTER, party=SECOND)
    world.do(taken, *VOTERS[:2], authority(FOURTH))
    history, third, seatless = world.party(SECOND), world.party(THIRD), world.party(SEATLESS)
    world.verify(join(history, third, seatless))
    for unseated, told in ((SEATLESS, seatless), (THIRD, third)):
        forged = resigned_act(history, 2, *VOTERS[:2], authority(unseated))
        facts = {"signer": key(authority(unseated)).address, "needed": "the authority of a party that votes"}
        refuse(world, join(forged, told), SignerNotEntitled, event=2, **facts)
        world.verify(forged)


# ---- epochs


def replaced() -> Scribe:
    """An operator publishes. The authority is replaced, which ends the epoch of all keys. An operator of the new epoch publishes."""
    world = scribe()
    world.do(publication(world, grant(world)), BY)
    world.wait(DAY)
    begin = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=FIRST, key=key("new authority").address)
    world.do(begin, *VOTERS[1:], authority(FOURTH), "new authority")
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.SUSPEND)), BY)
    world.wait(14 * DAY)
    assert world.complete_replacement(FIRST) is None
    world.wait(1)
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("new").address), "new authority", "new")
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.REINSTATE)), "new")
    return world


def test_an_old_key_counts_until_its_epoch_ended_and_no_longer() -> None:
    world = replaced()
    history, party = world.standing(ENTRY), world.party(FIRST)
    told = world.verify(join(history, party))
    assert told.parties[FIRST].states[-1][1].epoch == 1
    ended = {"signer": key(BY).address, "event": 3}
    refuse(world, resigned(history, 3, BY), SignerNotEntitled, **ended)
    refuse(world, resigned(history, 2, "new"), SignerNotEntitled, event=2)
    world.verify(resigned(history, 2, BY_2))
    refuse(world, resigned_act(party, 4, OWN, "new"), SignerNotEntitled, event=4, signer=key(OWN).address)
    never = {word_slot(Table.EPOCH_END, epoch_key(FIRST, 0)): 0}
    verify_over(world, resigned(history, 3, BY), never)  # it is that word alone which says so


def test_in_the_second_in_which_an_epoch_ends_both_count_and_nodes_go_on() -> None:
    world = replaced()
    ended = world.view.epoch_end(FIRST, 0)
    judge = Signatories(world.view, pin(), {})

    def serves(name: str, role: KeyRole, *times: int) -> list[int]:
        return [judge.serves(key(name).address, role, time) for time in times]

    around = (ended - 1, ended, ended + 1)
    assert serves(BY, KeyRole.OPERATOR, *around) == [FIRST, FIRST, 0]
    assert serves(OWN, KeyRole.AUTHORITY, *around) == [FIRST, FIRST, 0]
    assert serves("new authority", KeyRole.AUTHORITY, *around) == [0, FIRST, FIRST]
    assert serves(node(FIRST), KeyRole.NODE, *around) == [FIRST] * 3
    assert serves(BY, KeyRole.AUTHORITY, *around) == [0] * 3


def test_only_the_pending_key_completes_a_replacement() -> None:
    world = replaced()
    party = world.party(FIRST)
    assert [act.name for act in party.acts] == ["Founding", "Resolution", "Completion", "PartyAct"]
    refuse(world, with_act(party, 3, {"key": key(BY).address}), HeadDiffers)
    refuse(world, acts_of(party, 1, 2, 4), HeadDiffers)
    refuse(world, acts_of(party, 1, 2, 3, 3, 4), HeadDiffers)
    slot = word_slot(Table.PARTY, FIRST)
    word = world.evm.storage[Contract.CONSORTIUM][slot]
    with pytest.raises(ReplayDiffers):
        verify_over(world, party, {slot: word ^ 1 << PARTY["epoch"].at})


# ---- replacements that are objected to


def test_one_key_objects_alone_and_others_stop_a_replacement() -> None:
    world = scribe()
    two_keys(world)
    govern(world, ResolutionAct.SUSPEND, FIRST)
    begin = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=FIRST, key=key("new authority").address)
    world.do(begin, *VOTERS[1:], authority(FOURTH), "new authority")
    world.wait(DAY)
    world.do(replacement_act(world, FIRST, ReplacementActKind.OBJECT), SECOND_KEY)
    world.wait(DAY)
    world.do(replacement_act(world, FIRST, ReplacementActKind.STOP), authority(SECOND))
    party = world.party(FIRST)
    told = world.verify(party).parties[FIRST]
    assert [state.state for _, state in told.states[3:]] == [PartyState.SUSPENDED] * 4
    ends = [state.suspended_until - world.now for _, state in told.states[3:]]
    assert ends == [7 * DAY, (14 + 30 - 2) * DAY, (90 + 30 - 2) * DAY, 7 * DAY]
    both = resigned_act(party, 6, OWN, SECOND_KEY)
    refuse(world, both, UnreadableEventSignature, event=6, reason="2 signatures, needed one alone")
    refuse(world, resigned_act(party, 6, authority(SECOND)), SignerNotEntitled, event=6)
    refuse(world, resigned_act(party, 6, BY), SignerNotEntitled, event=6)
    refuse(world, with_act(party, 6, signatures=()), EventUndersigned, event=6, found=0, needed=1)
    refuse(world, resigned_act(party, 7, authority(SECOND), OWN), SignerNotEntitled, event=7, signer=key(OWN).address)
    refuse(world, resigned_act(party, 7, CN), SignerNotEntitled, event=7)
    refuse(world, with_act(party, 7, signatures=()), EventUndersigned, event=7)
    refuse(world, acts_of(party, 1, 2, 3, 4, 5, 7), HeadDiffers)
    refuse(world, resigned_act(party, 6, SECOND_KEY, key=key(BY).address), HeadDiffers)
    refuse(world, with_act(party, 6, {"act": 9}), EventOfAnother, event=6)


def test_a_party_does_not_vote_on_its_own_replacement() -> None:
    """If it is not suspended, its authority cancels the replacement with its full threshold. Only others can stop it."""
    world = scribe()
    begin = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=FIRST, key=key("new authority").address)
    world.do(begin, *VOTERS, "new authority")
    world.do(replacement_act(world, FIRST, ReplacementActKind.OBJECT), OWN)
    world.wait(1)
    world.do(replacement_act(world, FIRST, ReplacementActKind.STOP), authority(SECOND))
    party = world.party(FIRST)
    world.verify(party)
    refuse(world, resigned_act(party, 4, authority(SECOND), OWN), SignerNotEntitled, event=4, signer=key(OWN).address)


# ---- freezes


def test_a_freeze_is_one_operator_s_and_moves_no_time() -> None:
    world = scribe()
    world.do(freeze(world, SECOND), CN)
    world.wait(DAY)
    world.do(party_act(world, SECOND, PartyActKind.UNFREEZE), authority(SECOND))
    world.wait(DAY)
    world.do(freeze(world, SECOND), operator(SECOND, 1))
    history = world.party(SECOND)
    told = world.verify(history).parties[SECOND]
    assert [(state.frozen, state.changes) for _, state in told.states] == [(False, 0), (True, 0), (False, 0), (True, 0)]
    two = resigned_act(history, 2, CN, operator(SECOND, 1))
    refuse(world, two, UnreadableEventSignature, event=2, reason="2 signatures, needed one alone")
    for stranger in (BY, authority(SECOND), OUTSIDER):
        refuse(world, resigned_act(history, 2, stranger), SignerNotEntitled, event=2, signer=key(stranger).address)
    refuse(world, resigned_act(history, 4, CN, lifts=0), HeadDiffers)
    refuse(world, acts_of(history, 1, 3, 4), HeadDiffers)


# ---- unions


def test_an_ejection_stands_in_the_histories_of_union_and_member() -> None:
    world = scribe()
    midnight = (world.now // DAY + 3) * DAY
    world.do(party_act(world, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD, effective=midnight), authority(UNION))
    world.wait(DAY)
    world.do(party_act(world, UNION, PartyActKind.SET_CARD, detail=5), authority(UNION))
    world.do(party_act(world, UNION, PartyActKind.REVOKE_EJECTION, detail=THIRD), authority(UNION))
    world.wait(1)
    world.do(party_act(world, THIRD, PartyActKind.LEAVE_UNION, detail=UNION, effective=midnight), authority(THIRD))
    union, member = world.party(UNION), world.party(THIRD)
    assert [len(one.acts) for one in (union, member)] == [4, 4]
    told = world.verify(join(union, member)).parties
    assert told[THIRD].states[-1][1] == world.consortium.parties[THIRD]
    notices = [state.memberships[0] for _, state in told[THIRD].states]
    assert [(one.leaves != 0, one.ejected) for one in notices] == [
        (False, False),
        (True, True),
        (False, False),
        (True, False),
    ]
    assert {state for _, state in told[UNION].states} == {world.consortium.parties[UNION]}
    refuse(world, resigned_act(member, 2, authority(THIRD)), SignerNotEntitled, event=2)
    together = with_act(member, 3, recorded_at=member.acts[1].recorded_at)
    refuse(world, acts_of(together, 1, 3, 2, 4), EventOutOfPlace, event=3, what=f"serial of party {UNION}")
    refuse(world, acts_of(union, 1, 2, 4), EventOutOfPlace, event=3, what="serial", found=3, needed=2)
    refuse(world, acts_of(member, 1, 2, 4), HeadDiffers)
    (chain,) = member.parties
    elsewhere = replace(member, parties=(replace(chain, party=FOURTH, acts=(1,)),))
    refuse(world, elsewhere, EventOfAnother, event=1)


# ---- validators


def test_resolutions_on_validators_stand_in_the_history_of_the_party_that_they_name() -> None:
    world = scribe()
    seat = resolution(world, ResolutionAct.SEAT_VALIDATOR, party=SEATLESS, key=key("new node").address)
    world.do(seat, *VOTERS, "new node")
    world.wait(DAY, 2)
    old = key(node(FIRST)).address.rjust(32, b"\0")
    swap = resolution(world, ResolutionAct.REPLACE_VALIDATOR, party=FIRST, key=key("swapped").address, detail=old)
    world.do(swap, *VOTERS, "swapped")
    world.wait(DAY, 2)
    leave = resolution(world, ResolutionAct.UNSEAT_VALIDATOR, party=FIRST, key=key("swapped").address)
    world.do(leave, *VOTERS)
    history = world.party(FIRST)
    assert [act.values.get("number") for act in history.acts] == [None, 2, 3]
    world.verify(join(history, world.party(SEATLESS)))
    refuse(world, resigned_act(history, 2, *VOTERS), SignerNotEntitled, event=2, needed="the new key")
    refuse(world, resigned_act(history, 3, *VOTERS, "swapped"), SignerNotEntitled, event=3)
    swapped = acts_of(history, 1, 3, 2)
    together = with_act(swapped, 2, recorded_at=history.acts[2].recorded_at)
    together = with_act(together, 3, recorded_at=history.acts[2].recorded_at)
    refuse(world, together, EventOutOfPlace, event=3, what="resolution on validators", found=2, needed=4)


# ---- lanes that were used again


def test_a_question_about_an_old_time_of_a_reused_lane_gets_the_old_arrangement() -> None:
    world = scribe()
    first = world.now
    world.do(conclusion(world, recognition(world, *PAIR, types=1)), *BOTH)
    world.wait(DAY)
    world.do(lane_act(world, SECOND, LaneActKind.END, PAIR, until=world.now), authority(SECOND))
    world.wait(DAY)
    second = world.now
    again = recognition(world, *PAIR, lane=0, types=6, in_force_from=first - DAY)
    world.do(conclusion(world, again, arrangement="SECOND"), *BOTH)
    world.wait(DAY)
    world.do(lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), authority(SECOND))
    history = world.pair(*PAIR)
    told = world.verify(history).pairs[PAIR]

    def named(time: int) -> Any:
        lane = told.lane_at(0, time, world.now)
        return lane and (lane.arrangement, lane.types, lane.generation)

    assert named(first - DAY) == named(second - 1) == ("CN-BY", 1, 0)
    assert named(second) == named(world.now) == ("SECOND", 6, 1)
    refuse(world, resigned_act(history, 4, authority(SECOND), generation=0), HeadDiffers)
    refuse(world, resigned_act(history, 2, authority(SECOND), number=0), EventOutOfPlace, event=2, what="amendment")
    slot = word_slot(Table.LANE, lane_key(*PAIR, 0))
    word = world.evm.storage[Contract.CONSORTIUM][slot]
    with pytest.raises(ReplayDiffers):
        verify_over(world, history, {slot: word ^ 1 << LANE["generation"].at})


# ---- successors


def networks(table: HistoryTable) -> NetworkHistory:
    assert table.network is not None
    return table.network


def test_the_network_s_history_names_its_successors_and_what_was_cancelled() -> None:
    world = scribe()
    assert networks(world.verify(world.party(0))).successions == ()
    world.do(succession(world), *VOTERS)
    world.wait(DAY)
    world.do(resolution(world, ResolutionAct.CANCEL_SUCCESSION), *VOTERS)
    world.wait(DAY)
    cancelled = world.party(0)
    assert [named is None for _, named in networks(world.verify(cancelled)).successions] == [False, True]
    world.do(succession(world, chain=99), *VOTERS)
    history = world.party(0)
    assert networks(world.verify(history)).successions[-1][1] == world.consortium.succession
    refuse(world, cancelled, HeadDiffers, subject="the network", events=2)
    refuse(world, acts_of(history, 1, 3), EventOutOfPlace, event=2, what="resolution", found=3, needed=2)
    refuse(world, resigned_act(history, 3, *VOTERS, chain=98), HeadDiffers)
    refuse(world, resigned_act(history, 3, *VOTERS, OUTSIDER), SignerNotEntitled, event=3)
    refuse(world, with_act(history, 2, signatures=()), EventUndersigned, event=2)
    founding = join(history, replace(world.party(FIRST), parties=()))
    (chain,) = founding.parties
    refuse(world, replace(founding, parties=(replace(chain, acts=(3,)),)), EventOfAnother, event=1)
    slot = word_slot(Table.SUCCESSION, 0)
    word = world.evm.storage[Contract.CONSORTIUM][slot]
    for altered in (0, word ^ 1 << SUCCESSION["effective"].at):
        with pytest.raises(ReplayDiffers):
            verify_over(world, history, {slot: altered})
