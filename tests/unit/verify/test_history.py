"""Signed history against the heads of the real contracts: the true one is proven, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    ResolutionAct,
    Status,
)
from aeo_ledger.errors.verify import (
    EventNotPublished,
    EventOfAnother,
    EventOutOfPlace,
    EventUndersigned,
    HeadDiffers,
    HistoryIncomplete,
    ReplayDiffers,
    SignerNotEntitled,
    UnreadableEventSignature,
)
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import Contract, Table, pair_key, record_slot, word_slot
from aeo_ledger.protocol.words import encode_pair
from support.drafts import (
    ENTRY,
    change,
    entry_of,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
)
from support.evm import ADDRESSES, CHAIN_ID
from support.scribe import Scribe, join, scribe
from support.told_history import (
    BY,
    BY_2,
    CHINESE,
    CN,
    OTHER,
    PAIR,
    PAIR_SUBJECT,
    SHARED,
    SIBLING,
    STANDING,
    events,
    lived,
    refuse,
    resign,
    resigned,
    rewritten,
    verify_over,
    with_event,
    with_publication,
    with_unknown_act,
)
from support.world import DAY, FIRST, FOURTH, OUTSIDER, SECOND, THIRD, UNION, authority, key, operator


@pytest.fixture(scope="module")
def world() -> Scribe:
    return lived()


def test_the_whole_history_of_a_standing_is_proven(world: Scribe) -> None:
    proven = world.verify(world.standing(ENTRY)).standings[ENTRY]
    assert [record.status for record in proven.records] == [
        Status.ACTIVE,
        Status.SUSPENDED,
        Status.ACTIVE,
        Status.ACTIVE,
    ]
    assert proven.records[-1] == world.standings[ENTRY].record


def test_histories_share_a_publication_and_an_entry_that_never_was_has_an_empty_one(world: Scribe) -> None:
    history = world.standing(ENTRY, SIBLING, OTHER, entry_of(FIRST, 0, 9))
    assert len(history.publications) == 5
    proven = world.verify(history)
    assert [len(proven.standings[entry].records) for entry in proven.standings] == [4, 1, 2, 0]


@pytest.mark.parametrize(
    ("kept", "error", "facts"),
    [
        ((2, 3, 4), EventOutOfPlace, {"event": 1, "what": "sequence", "found": 2, "needed": 1}),
        ((1, 3, 4), EventOutOfPlace, {"event": 2, "what": "sequence", "found": 3, "needed": 2}),
        ((1, 2, 3), HistoryIncomplete, {"found": 3, "needed": 4}),
        ((), HistoryIncomplete, {"found": 0, "needed": 4}),
        ((1, 2, 3, 4, 4), EventOutOfPlace, {"event": 5, "what": "sequence", "found": 4, "needed": 5}),
        ((1, 1, 2, 3, 4), EventOutOfPlace, {"event": 2, "what": "sequence", "found": 1, "needed": 2}),
        ((1, 3, 2, 4), EventOutOfPlace, {"event": 2, "what": "sequence", "found": 3, "needed": 2}),
        ((4, 3, 2, 1), EventOutOfPlace, {"event": 1, "what": "sequence", "found": 4, "needed": 1}),
    ],
)
def test_an_event_that_is_missing_surplus_reordered_or_held_back_is_named(
    world: Scribe, kept: tuple[int, ...], error: type[Exception], facts: dict[str, Any]
) -> None:
    refuse(world, events(world.standing(ENTRY), *kept), error, subject=STANDING, **facts)


def test_an_event_that_was_signed_and_never_recorded_is_surplus(world: Scribe) -> None:
    """Its signature is a true operator's, but a signed event must also be published."""
    fork = scribe()
    fork.evm, fork.consortium, fork.standings = world.evm.fork(), world.consortium, dict(world.standings)
    fork.publications = list(world.publications)
    fork.do(publication(fork, change(fork, EventKind.REVOKE)), "new")
    refuse(world, fork.standing(ENTRY), HistoryIncomplete, found=5, needed=4)
    assert fork.verify(fork.standing(ENTRY)).standings[ENTRY].records[-1].status is Status.REVOKED
    refuse(fork, world.standing(ENTRY), HistoryIncomplete, found=4, needed=5)


@pytest.mark.parametrize(
    "fields", [{"roles": 4}, {"valid_until": 9}, {"since": 1}, {"valid_from": 1}, {"hold_until": 7}, {"review_day": 1}]
)
def test_an_altered_record_is_named_whether_or_not_its_publication_is_altered_too(
    world: Scribe, fields: dict[str, int]
) -> None:
    for number in (1, 2, 3, 4):
        altered = rewritten(world.standing(ENTRY), number, **fields)
        refuse(world, altered, SignerNotEntitled, event=number)
        event_alone = replace(altered, publications=world.standing(ENTRY).publications)
        refuse(world, event_alone, EventNotPublished, event=number, position=1 if number == 1 else 0)
        publication_alone = replace(altered, standings=world.standing(ENTRY).standings)
        refuse(world, publication_alone, EventNotPublished, event=number)


def test_an_altered_document_or_place_is_named(world: Scribe) -> None:
    history = world.standing(ENTRY)
    refuse(world, with_event(history, 2, document=bytes(32)), EventNotPublished, event=2, position=0)
    for position in (0, 2, 99):
        refuse(world, with_event(history, 1, position=position), EventNotPublished, event=1, position=position)
    refuse(world, with_event(history, 1, publication=2), EventNotPublished, event=1, position=1)


def test_altered_neighbours_and_details_are_found_by_the_signature(world: Scribe) -> None:
    history = world.standing(ENTRY)
    own = history.publications[0].events
    for hashes in ((bytes(32), own[1]), (*own, bytes(32)), (own[1], own[1])):
        refuse(world, with_publication(history, 1, events=hashes), SignerNotEntitled, event=1)
    refuse(world, with_publication(history, 1, events=own[:1]), EventNotPublished, event=1)
    refuse(world, with_publication(history, 3, details=bytes(32)), SignerNotEntitled, event=3)
    refuse(world, with_publication(history, 3, deadline=5), SignerNotEntitled, event=3)


@pytest.mark.parametrize("shift", [-1, 1, 60])
def test_another_time_of_recording_leads_to_another_head(world: Scribe, shift: int) -> None:
    history = world.standing(ENTRY)
    for number in (2, 3):
        at = history.publications[number - 1].recorded_at + shift
        refuse(world, with_publication(history, number, recorded_at=at), HeadDiffers, subject=STANDING, events=4)
        late = with_publication(history, number, recorded_at=at + 62)
        refuse(world, late, EventOutOfPlace, event=number, what="deadline")


def test_times_of_recording_do_not_go_back_and_lie_within_the_key_s_service(world: Scribe) -> None:
    history = world.standing(ENTRY)
    first, second = (published.recorded_at for published in history.publications[:2])
    refuse(
        world,
        with_publication(history, 2, recorded_at=first - 1),
        EventOutOfPlace,
        event=2,
        what="time of recording",
        found=first - 1,
        needed=first,
    )
    refuse(world, with_publication(history, 1, recorded_at=first - 1), SignerNotEntitled, event=1)
    late = with_publication(with_publication(history, 3, recorded_at=second + 9 * DAY), 4, recorded_at=second + 9 * DAY)
    refuse(world, late, SignerNotEntitled, event=3, signer=key(BY).address, recorded_at=second + 9 * DAY)


@pytest.mark.parametrize("stranger", [OUTSIDER, authority(FIRST), CN, "new", operator(UNION)])
def test_only_who_was_an_operator_of_the_issuer_then_may_have_signed(world: Scribe, stranger: str) -> None:
    """Today's operator was not yet one when the second event was recorded."""
    history = world.standing(ENTRY)
    facts = {"event": 2, "signer": key(stranger).address, "needed": f"an operator of party {FIRST}"}
    refuse(world, resigned(history, 2, stranger), SignerNotEntitled, **facts)
    refuse(world, resigned(history, 2, BY, stranger), SignerNotEntitled, **facts)


def test_the_operator_who_was_retired_since_signed_validly_and_signs_no_more(world: Scribe) -> None:
    history = world.standing(ENTRY)
    world.verify(resigned(history, 2, BY))
    refuse(world, resigned(history, 4, BY), SignerNotEntitled, event=4, signer=key(BY).address)


def test_an_operator_who_alters_what_was_recorded_does_not_lead_to_the_head(world: Scribe) -> None:
    for number in (1, 2, 3):
        forged = rewritten(world.standing(ENTRY), number, roles=4)
        refuse(world, resigned(forged, number, BY), HeadDiffers, events=4)


def test_signatures_are_low_ascending_there_and_for_this_ledger(world: Scribe) -> None:
    history = world.standing(ENTRY)
    (one,) = history.publications[1].signatures
    high = replace(one, s=ORDER - one.s, v=55 - one.v)
    refuse(world, with_publication(history, 2, signatures=(high,)), UnreadableEventSignature, event=2)
    refuse(world, with_publication(history, 2, signatures=(replace(one, r=0),)), UnreadableEventSignature, event=2)
    refuse(world, with_publication(history, 2, signatures=(one, one)), UnreadableEventSignature, event=2)
    refuse(world, with_publication(history, 2, signatures=()), EventUndersigned, event=2, found=0, needed=1)
    two = resign(history.publications[1], BY, BY_2).signatures
    world.verify(with_publication(history, 2, signatures=two))
    refuse(world, with_publication(history, 2, signatures=two[::-1]), UnreadableEventSignature, event=2)
    refuse(world, resigned(history, 2, BY, chain_id=CHAIN_ID + 1), SignerNotEntitled, event=2)
    with pytest.raises(SignerNotEntitled):
        world.verify(history, chain_id=CHAIN_ID + 1)
    with pytest.raises(SignerNotEntitled):
        world.verify(history, registers=ADDRESSES[Contract.CONSORTIUM])


def test_a_threshold_is_checked_if_the_party_s_history_is_given(world: Scribe) -> None:
    history = world.standing(CHINESE)
    one_short = with_publication(history, 1, signatures=history.publications[0].signatures[:1])
    world.verify(one_short)
    refuse(world, join(one_short, world.party(SECOND)), EventUndersigned, event=1, found=1, needed=2)
    world.verify(join(history, world.party(SECOND)))


def test_the_history_of_another_entry_is_refused(world: Scribe) -> None:
    offered = world.standing(OTHER)
    (chain,) = offered.standings
    claimed = replace(offered, standings=(replace(chain, entry=SIBLING),))
    refuse(world, claimed, EventNotPublished, event=1)
    claimed = replace(offered, standings=(replace(chain, entry=CHINESE),))
    refuse(world, claimed, EventOfAnother, event=1, what=f"register {FIRST}, not {SECOND}")
    head = world.view.standing_head(OTHER)
    swapped = {record_slot(ENTRY) + 1: int.from_bytes(head, "big")}
    with pytest.raises(HeadDiffers) as refusal:
        verify_over(world, world.standing(ENTRY), swapped)
    assert refusal.value.needed == head


def test_a_word_that_the_history_does_not_lead_to_is_unproven(world: Scribe) -> None:
    slot = record_slot(ENTRY)
    word = world.evm.storage[Contract.REGISTERS][slot]
    with pytest.raises(ReplayDiffers):
        verify_over(world, world.standing(ENTRY), {slot: word ^ 1 << RECORD["roles"].at})
    slot = word_slot(Table.PARTY, FIRST)
    word = world.evm.storage[Contract.CONSORTIUM][slot]
    with pytest.raises(ReplayDiffers):
        verify_over(world, world.party(FIRST), {slot: word ^ 1 << 96})
    slot = word_slot(Table.LANE, pair_key(*PAIR) << 8)
    word = world.evm.storage[Contract.CONSORTIUM][slot]
    with pytest.raises(ReplayDiffers):
        verify_over(world, world.pair(*PAIR), {slot: word ^ 1 << 100})


def test_acts_that_the_ledger_recorded_and_this_version_does_not_know_prove_nothing(world: Scribe) -> None:
    """Their heads are the ledger's. Such a ledger has rules that are not pinned here."""
    stay = party_act(world, FIRST, PartyActKind.REVOKE_LEAVING, detail=UNION)
    told, extend = with_unknown_act(world, world.party(FIRST), stay, authority(FIRST))
    refuse(world, told, HeadDiffers, subject=f"party {FIRST}")
    head = {word_slot(Table.PARTY_HEAD, FIRST): int.from_bytes(extend(world.view.party_head(FIRST)), "big")}
    with pytest.raises(ReplayDiffers, match="UNION_MEMBERSHIP") as refusal:
        verify_over(world, told, head)
    assert refusal.value.subject == f"party {FIRST}"
    beyond = lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR, lane=7)
    told, extend = with_unknown_act(world, world.pair(*PAIR), beyond, authority(SECOND))
    kept = world.consortium.pairs[PAIR]
    words = {
        word_slot(Table.PAIR_HEAD, pair_key(*PAIR)): int.from_bytes(extend(world.view.pair_head(*PAIR)), "big"),
        word_slot(Table.PAIR, pair_key(*PAIR)): encode_pair(replace(kept, lane_acts=kept.lane_acts + 1)),
    }
    with pytest.raises(ReplayDiffers) as refusal:
        verify_over(world, told, words)
    assert refusal.value.facts() == {"subject": PAIR_SUBJECT, "reason": "the pair has no lane 7"}


@pytest.mark.parametrize("word", [0, 15, 1, 1 | 1 << 4 | 1 << 48 | 1 << 208])
def test_a_record_that_nobody_signs_is_refused(world: Scribe, word: int) -> None:
    refuse(world, with_event(world.standing(ENTRY), 1, record=word), EventOfAnother, event=1)


def test_a_kind_of_event_that_is_not_known_here_is_named_by_its_number_and_proves_nothing(world: Scribe) -> None:
    forged = resigned(rewritten(world.standing(ENTRY), 2, kind=13), 2, BY)
    refuse(world, forged, EventOfAnother, event=2, what="event kind 13 signed in capacity 1, former 0")


# ---- who may sign which event


def test_the_authority_signs_restorations_and_nothing_else() -> None:
    world = scribe()
    world.do(publication(world, grant(world)), BY)
    world.do(publication(world, change(world, EventKind.REVOKE)), BY)
    world.do(publication(world, change(world, EventKind.RESTORE), capacity=Capacity.AUTHORITY), authority(FIRST))
    history = world.standing(ENTRY)
    world.verify(history)
    refuse(world, resigned(history, 3, BY), SignerNotEntitled, event=3, needed=f"the authority of party {FIRST}")
    refuse(world, resigned(history, 3, BY, capacity=1), EventOfAnother, event=3)
    for number in (1, 2):
        for capacity in (2, 4):
            forged = resigned(history, number, authority(FIRST), capacity=capacity)
            refuse(world, forged, EventOfAnother, event=number)
    for capacity in (0, 3, 4, 5):
        refuse(world, with_publication(history, 1, capacity=capacity), EventOfAnother, event=1)
    refuse(world, with_publication(history, 1, former=SECOND), EventOfAnother, event=1)


@pytest.fixture
def shared() -> Scribe:
    """Make a standing of one member in its union's register."""
    world = scribe()
    drafted = grant(world, SHARED, issuer=THIRD)
    world.do(publication(world, drafted, register=UNION, issuer=THIRD), operator(THIRD))
    return world


def test_a_transfer_is_signed_by_both_sides(shared: Scribe) -> None:
    drafted = change(shared, EventKind.TRANSFER, SHARED, issuer=FOURTH)
    act = publication(shared, drafted, register=UNION, issuer=FOURTH, former=THIRD, capacity=Capacity.TRANSFER)
    shared.do(act, operator(FOURTH), operator(THIRD))
    shared.do(
        publication(shared, change(shared, EventKind.SUSPEND, SHARED), register=UNION, issuer=FOURTH), operator(FOURTH)
    )
    history = shared.standing(SHARED)
    assert [record.issuer for record in shared.verify(history).standings[SHARED].records] == [THIRD, FOURTH, FOURTH]
    refuse(shared, resigned(history, 2, operator(FOURTH)), EventUndersigned, whose=f"operators of party {THIRD}")
    refuse(shared, resigned(history, 2, operator(THIRD)), EventUndersigned, whose=f"operators of party {FOURTH}")
    both = (operator(FOURTH), operator(THIRD))
    refuse(shared, resigned(history, 2, *both, BY), SignerNotEntitled, signer=key(BY).address)
    refuse(shared, resigned(history, 2, *both, former=FIRST), EventOfAnother, event=2)
    refuse(shared, resigned(history, 2, *both, former=FOURTH), EventOfAnother, event=2)
    refuse(shared, resigned(history, 3, operator(THIRD)), SignerNotEntitled, event=3)
    to_itself = rewritten(history, 3, kind=EventKind.TRANSFER, status=Status.ACTIVE)
    forged = resigned(to_itself, 3, operator(FOURTH), former=FOURTH, capacity=Capacity.TRANSFER)
    refuse(shared, forged, EventOfAnother, event=3, what=f"transfer signed in capacity 3, former {FOURTH}")


@pytest.mark.parametrize("how", ["left", "expelled"])
def test_when_an_issuer_is_gone_the_union_s_authority_restricts_and_transfers(shared: Scribe, how: str) -> None:
    if how == "left":
        shared.do(party_act(shared, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), authority(UNION))
    else:
        govern(shared, ResolutionAct.EXPEL, THIRD)
    shared.wait(1)
    restriction = change(shared, EventKind.REVOKE, SHARED)
    shared.do(publication(shared, restriction, register=UNION, issuer=THIRD, capacity=Capacity.UNION), authority(UNION))
    drafted = change(shared, EventKind.TRANSFER, SHARED, issuer=FOURTH)
    act = publication(shared, drafted, register=UNION, issuer=FOURTH, former=THIRD, capacity=Capacity.TRANSFER)
    shared.do(act, operator(FOURTH), authority(UNION))
    history = join(shared.standing(SHARED), shared.party(THIRD), shared.party(FOURTH))
    assert shared.verify(history).parties[THIRD].at(shared.now, shared.now) == shared.consortium.parties[THIRD]
    refuse(shared, resigned(history, 2, authority(THIRD)), SignerNotEntitled, event=2)
    refuse(shared, resigned(history, 3, operator(FOURTH), authority(FIRST)), SignerNotEntitled, event=3)
    three = (operator(FOURTH), operator(THIRD), authority(UNION))
    refuse(shared, resigned(history, 3, *three), SignerNotEntitled, event=3, signer=key(operator(THIRD)).address)


def test_the_authority_of_a_union_suspends_a_present_member_s_standing_and_does_no_more(shared: Scribe) -> None:
    union = (authority(UNION), "cold")
    shared.do(
        party_act(shared, UNION, PartyActKind.ADD_AUTHORITY_KEY, key=key("cold").address), authority(UNION), "cold"
    )
    shared.wait(1)
    shared.do(party_act(shared, UNION, PartyActKind.SET_AUTHORITY_THRESHOLD, detail=2), authority(UNION))
    shared.wait(1)
    suspension = change(shared, EventKind.SUSPEND, SHARED)
    shared.do(publication(shared, suspension, register=UNION, issuer=THIRD, capacity=Capacity.UNION), *union)
    drafted = change(shared, EventKind.TRANSFER, SHARED, issuer=FOURTH)
    act = publication(shared, drafted, register=UNION, issuer=FOURTH, former=THIRD, capacity=Capacity.TRANSFER)
    shared.do(act, operator(FOURTH), *union)
    alone = shared.standing(SHARED)
    told = join(alone, shared.party(THIRD), shared.party(UNION))
    short = {"found": 1, "needed": 2, "whose": f"the authority of party {UNION}"}
    refuse(shared, resigned(told, 2, "cold"), EventUndersigned, event=2, **short)
    refuse(shared, resigned(told, 3, operator(FOURTH), "cold"), EventUndersigned, event=3, **short)
    assert [record.issuer for record in shared.verify(told).standings[SHARED].records] == [THIRD, THIRD, FOURTH]
    for stranger in (operator(UNION), authority(THIRD), operator(THIRD)):
        refuse(shared, resigned(alone, 2, stranger), SignerNotEntitled, event=2)
    revoked = {"kind": EventKind.REVOKE, "status": Status.REVOKED}
    refuse(shared, resigned(rewritten(told, 2, **revoked), 2, *union), EventOfAnother, event=2)
    refuse(shared, resigned(rewritten(alone, 2, **revoked), 2, authority(UNION)), HeadDiffers)
    granted = {"kind": EventKind.REINSTATE, "status": Status.ACTIVE}
    refuse(shared, resigned(rewritten(alone, 2, **granted), 2, authority(UNION)), EventOfAnother, event=2)
