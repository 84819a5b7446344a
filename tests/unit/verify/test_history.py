"""Signed history against the heads of the real contracts: the true one is proven, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    ResolutionAct,
    Status,
)
from aeo_ledger.errors import (
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
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication, SignedHistory
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import Contract, Table, pair_key, record_slot, word_slot
from aeo_ledger.protocol.typed_data import digest, digest_of_hash, struct_hash
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.signatories import hash_publication
from support.drafts import (
    ENTRY,
    VOTERS,
    amendment,
    change,
    conclusion,
    entry_of,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    resolution,
    withholding,
)
from support.evm import ADDRESSES, CHAIN_ID
from support.scribe import Scribe, join, pin, scribe
from support.world import DAY, FIRST, FOURTH, OUTSIDER, SECOND, THIRD, UNION, authority, key, operator, sign

BY, BY_2, CN, CN_2 = operator(FIRST), operator(FIRST, 1), operator(SECOND), operator(SECOND, 1)
BOTH = (authority(FIRST), authority(SECOND))
SIBLING, OTHER, CHINESE, SHARED = entry_of(FIRST, 0, 2), entry_of(FIRST, 0, 3), entry_of(SECOND), entry_of(UNION)
PAIR = (SECOND, FIRST)
STANDING = f"standing 0x{ENTRY.hex()}"
PAIR_SUBJECT = f"pair {SECOND} to {FIRST}"


@pytest.fixture(scope="module")
def world() -> Scribe:
    """Four events of one standing, signed by an operator who was retired since; acts on parties and on a pair."""
    world = scribe()
    world.do(publication(world, grant(world, SIBLING), grant(world)), BY)
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.SUSPEND)), BY)
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.REINSTATE), grant(world, OTHER)), BY)
    world.wait(DAY)
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("new").address), authority(FIRST), "new")
    world.wait(1)
    world.do(party_act(world, FIRST, PartyActKind.RETIRE_OPERATOR, key=key(BY).address), authority(FIRST))
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.AMEND, roles=6)), "new")
    world.do(publication(world, change(world, EventKind.SUSPEND, OTHER)), "new")
    world.do(publication(world, grant(world, CHINESE, issuer=SECOND), register=SECOND, issuer=SECOND), CN, CN_2)
    named = (recognition(world, *PAIR), recognition(world, *PAIR, lane=1, serial=2), recognition(world, FIRST, SECOND))
    world.do(conclusion(world, *named), *BOTH)
    world.wait(DAY)
    world.do(lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), authority(SECOND))
    world.wait(DAY)
    world.do(lane_act(world, SECOND, LaneActKind.RESUME, PAIR), authority(SECOND))
    world.do(withholding(world, SECOND, ENTRY), CN, CN_2)
    world.do(amendment(world, recognition(world, *PAIR, lane=0, types=3)), *BOTH)
    govern(world, ResolutionAct.SUSPEND, THIRD)
    world.wait(DAY)
    govern(world, ResolutionAct.REINSTATE, THIRD)
    return world


def refuse(world: Scribe, history: SignedHistory, error: type[Exception], **facts: Any) -> None:
    with pytest.raises(error) as refusal:
        world.verify(history)
    for name, value in facts.items():
        assert getattr(refusal.value, name) == value, name
    assert str(refusal.value).startswith("history of ")


# ---- standings


def events(history: SignedHistory, *numbers: int) -> SignedHistory:
    """Keep these events alone, counted from 1, in this order."""
    (chain,) = history.standings
    kept = tuple(chain.events[number - 1] for number in numbers)
    return replace(history, standings=(replace(chain, events=kept),))


def with_event(history: SignedHistory, number: int, **altered: Any) -> SignedHistory:
    (chain,) = history.standings
    kept = list(chain.events)
    kept[number - 1] = replace(kept[number - 1], **altered)
    return replace(history, standings=(replace(chain, events=tuple(kept)),))


def with_publication(history: SignedHistory, number: int, **altered: Any) -> SignedHistory:
    kept = list(history.publications)
    kept[number - 1] = replace(kept[number - 1], **altered)
    return replace(history, publications=tuple(kept))


def resign(
    published: RecordedPublication, *names: str, chain_id: int = CHAIN_ID, **altered: Any
) -> RecordedPublication:
    altered_publication = replace(published, **altered)
    message = digest_of_hash(
        hash_publication(altered_publication), chain_id=chain_id, contract=ADDRESSES[Contract.REGISTERS]
    )
    return replace(altered_publication, signatures=tuple(sign(message, *names)))


def resigned(history: SignedHistory, number: int, *names: str, **altered: Any) -> SignedHistory:
    kept = list(history.publications)
    kept[number - 1] = resign(kept[number - 1], *names, **altered)
    return replace(history, publications=tuple(kept))


def rewritten(history: SignedHistory, number: int, **fields: int) -> SignedHistory:
    """Alter fields of a record, in the event and in what its publication holds; its signature stays as it was."""
    (chain,) = history.standings
    event = chain.events[number - 1]
    record = event.record
    for name, value in fields.items():
        record = record & ~(RECORD[name].mask << RECORD[name].at) | value << RECORD[name].at
    hashed = struct_hash("StatusEvent", {"entry": chain.entry, "record": record, "document": event.document})
    hashes = list(history.publications[event.publication].events)
    hashes[event.position] = hashed
    return with_event(with_publication(history, event.publication + 1, events=tuple(hashes)), number, record=record)


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
    """Its signature is a true operator's: whoever signs also has to publish."""
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


@pytest.mark.parametrize("shift", [-1, 1, 3600])
def test_another_time_of_recording_leads_to_another_head(world: Scribe, shift: int) -> None:
    history = world.standing(ENTRY)
    for number in (2, 3):
        at = history.publications[number - 1].recorded_at + shift
        refuse(world, with_publication(history, number, recorded_at=at), HeadDiffers, subject=STANDING, events=4)


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
    """The operator of today was none when the second event was recorded."""
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


def test_a_threshold_is_checked_where_the_party_s_history_is_there(world: Scribe) -> None:
    history = world.standing(CHINESE)
    one_short = with_publication(history, 1, signatures=history.publications[0].signatures[:1])
    world.verify(one_short)
    refuse(world, join(one_short, world.party(SECOND)), EventUndersigned, event=1, found=1, needed=2)
    world.verify(join(history, world.party(SECOND)))


def test_the_history_of_another_entry_is_none_of_this_one(world: Scribe) -> None:
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


def verify_over(world: Scribe, history: SignedHistory, altered: dict[int, int]) -> HistoryTable:
    """Verify over a ledger in which some words are others."""
    view = WordView(lambda contract, slot: altered.get(slot, world.evm.storage[contract].get(slot, 0)))
    return verify_history(history, view, pin())


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


@pytest.mark.parametrize("word", [0, 15, 1 | 15 << 4, 1 | 1 << 4 | 1 << 48 | 1 << 208])
def test_a_record_that_nobody_signs_is_refused(world: Scribe, word: int) -> None:
    refuse(world, with_event(world.standing(ENTRY), 1, record=word), EventOfAnother, event=1)


# ---- who may sign which event


def test_a_court_s_restoration_is_the_authority_s_and_nothing_else_is() -> None:
    world = scribe()
    world.do(publication(world, grant(world)), BY)
    world.do(publication(world, change(world, EventKind.REVOKE)), BY)
    world.do(publication(world, change(world, EventKind.RESTORE), capacity=Capacity.AUTHORITY), authority(FIRST))
    history = world.standing(ENTRY)
    world.verify(history)
    refuse(world, resigned(history, 3, BY), SignerNotEntitled, event=3, needed=f"the authority of party {FIRST}")
    refuse(world, resigned(history, 3, BY, capacity=1), EventOfAnother, event=3)
    refuse(world, resigned(history, 2, authority(FIRST), capacity=2), EventOfAnother, event=2)
    refuse(world, resigned(history, 1, authority(FIRST), capacity=2), EventOfAnother, event=1)
    for capacity in (0, 3, 4):
        refuse(world, with_publication(history, 1, capacity=capacity), EventOfAnother, event=1)
    refuse(world, with_publication(history, 1, former=SECOND), EventOfAnother, event=1)


@pytest.fixture
def shared() -> Scribe:
    """A standing that one member of a union keeps in the union's register."""
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
    refuse(shared, resigned(history, 3, operator(THIRD)), SignerNotEntitled, event=3)


@pytest.mark.parametrize("how", ["left", "expelled"])
def test_when_an_issuer_is_gone_the_union_s_authority_restricts_and_transfers(shared: Scribe, how: str) -> None:
    if how == "left":
        leaving = party_act(shared, THIRD, PartyActKind.LEAVE_UNION, detail=UNION)
        shared.do(leaving, authority(UNION))
    else:
        govern(shared, ResolutionAct.EXPEL, THIRD)
    restriction = change(shared, EventKind.SUSPEND, SHARED)
    shared.do(
        publication(shared, restriction, register=UNION, issuer=THIRD, capacity=Capacity.AUTHORITY), authority(UNION)
    )
    drafted = change(shared, EventKind.TRANSFER, SHARED, issuer=FOURTH)
    act = publication(shared, drafted, register=UNION, issuer=FOURTH, former=THIRD, capacity=Capacity.TRANSFER)
    shared.do(act, operator(FOURTH), authority(UNION))
    history = join(shared.standing(SHARED), shared.party(THIRD), shared.party(FOURTH))
    assert shared.verify(history).parties[THIRD].at(shared.now, shared.now) == shared.consortium.parties[THIRD]
    refuse(shared, resigned(history, 2, authority(THIRD)), SignerNotEntitled, event=2)
    refuse(shared, resigned(history, 3, operator(FOURTH), authority(FIRST)), SignerNotEntitled, event=3)


# ---- parties and pairs


def acts_of(history: SignedHistory, *numbers: int) -> SignedHistory:
    """Keep these acts alone, counted from 1, in this order."""
    places = tuple(number - 1 for number in numbers)
    return replace(
        history,
        parties=tuple(replace(chain, acts=places) for chain in history.parties),
        pairs=tuple(replace(chain, acts=places) for chain in history.pairs),
    )


def with_act(
    history: SignedHistory, number: int, values: dict[str, Any] | None = None, **altered: Any
) -> SignedHistory:
    kept = list(history.acts)
    act = kept[number - 1]
    kept[number - 1] = replace(act, values={**act.values, **(values or {})}, **altered)
    return replace(history, acts=tuple(kept))


def resigned_act(history: SignedHistory, number: int, *names: str, **values: Any) -> SignedHistory:
    altered = with_act(history, number, values)
    act: RecordedAct = altered.acts[number - 1]
    message = digest(act.name, act.values, chain_id=CHAIN_ID, contract=ADDRESSES[Contract.CONSORTIUM])
    return with_act(altered, number, signatures=tuple(sign(message, *names)))


def test_every_party_s_history_is_proven(world: Scribe) -> None:
    everybody = join(*(world.party(number) for number in world.consortium.parties))
    proven = world.verify(everybody)
    for number, party in world.consortium.parties.items():
        assert proven.parties[number].states[-1][1] == party
    assert [len(proven.parties[number].states) for number in (FIRST, SECOND, THIRD)] == [3, 1, 3]


def test_an_act_of_a_party_that_is_missing_surplus_or_reordered_is_named(world: Scribe) -> None:
    history, subject = world.party(FIRST), f"party {FIRST}"
    refuse(world, acts_of(history, 1, 2), HistoryIncomplete, subject=subject, found=1, needed=2)
    refuse(world, acts_of(history), HistoryIncomplete, subject=subject, found=0, needed=2)
    refuse(world, acts_of(history, 1, 3), EventOutOfPlace, event=2, what="serial", found=2, needed=1)
    refuse(world, acts_of(history, 1, 3, 2), EventOutOfPlace, event=2, what="serial")
    refuse(world, acts_of(history, 1, 2, 3, 3), EventOutOfPlace, event=4, what="serial", found=2, needed=3)
    refuse(world, acts_of(history, 2, 3), EventOfAnother, event=1)
    refuse(world, acts_of(history, 1, 1, 2, 3), EventOfAnother, event=2)


def test_a_resolution_that_is_missing_or_reordered_is_named_or_leads_to_another_head(world: Scribe) -> None:
    history, subject = world.party(THIRD), f"party {THIRD}"
    for kept in ((1, 2), (1, 3)):
        refuse(world, acts_of(history, *kept), HeadDiffers, subject=subject, events=2)
    refuse(world, acts_of(history, 1), HeadDiffers, subject=subject, events=1)
    refuse(world, acts_of(history, 1, 2, 3, 3), EventOutOfPlace, event=4, what="resolution", found=2, needed=3)
    together = with_act(history, 3, recorded_at=history.acts[1].recorded_at)
    refuse(world, acts_of(together, 1, 3, 2), EventOutOfPlace, event=3, what="resolution", found=1, needed=3)
    refuse(world, acts_of(history, 1, 3, 2), EventOutOfPlace, event=3, what="time of recording")


def test_what_nobody_signs_cannot_be_altered_either(world: Scribe) -> None:
    history = world.party(FOURTH)
    word = int(str(history.acts[0].values["word"]))
    refuse(world, with_act(history, 1, {"word": word ^ 1 << 97}), HeadDiffers)
    refuse(world, with_act(history, 1, {"authority": bytes(20)}), HeadDiffers)
    refuse(world, with_act(history, 1, recorded_at=5), HeadDiffers)
    refuse(world, with_act(history, 1, {"word": 0}), EventOfAnother, event=1)
    refuse(world, with_act(history, 1, {"party": THIRD}), EventOfAnother, event=1)
    signature = world.party(FIRST).acts[1].signatures[0]
    refuse(world, with_act(history, 1, signatures=(signature,)), UnreadableEventSignature, event=1)


def test_a_party_s_act_is_its_authority_s_and_the_new_key_s(world: Scribe) -> None:
    history = world.party(FIRST)
    for strangers in ((BY, "new"), (authority(SECOND), "new"), (authority(FIRST), "new", OUTSIDER)):
        refuse(world, resigned_act(history, 2, *strangers), SignerNotEntitled, event=2)
    refuse(world, resigned_act(history, 2, "new"), EventUndersigned, event=2, whose=f"the authority of party {FIRST}")
    refuse(world, resigned_act(history, 2, authority(FIRST)), SignerNotEntitled, event=2, needed="the new key")
    refuse(world, with_act(history, 2, {"key": bytes(19) + b"\1"}), SignerNotEntitled, event=2, needed="the new key")
    refuse(world, with_act(history, 3, {"deadline": 5}), SignerNotEntitled, event=3)
    refuse(world, with_act(history, 3, {"act": 99}), EventOfAnother, event=3)
    refuse(world, resigned_act(history, 3, authority(FIRST), deadline=5), HeadDiffers)


def test_a_resolution_is_signed_by_authorities(world: Scribe) -> None:
    history = world.party(THIRD)
    for stranger in (BY, OUTSIDER, operator(UNION)):
        refuse(
            world, resigned_act(history, 2, *VOTERS, stranger), SignerNotEntitled, event=2, signer=key(stranger).address
        )
    refuse(world, with_act(history, 2, signatures=()), EventUndersigned, event=2)
    refuse(world, with_act(history, 2, {"amount": 5}), SignerNotEntitled, event=2)
    refuse(world, resigned_act(history, 2, *VOTERS, amount=5), HeadDiffers)


def test_a_pair_s_history_is_proven(world: Scribe) -> None:
    proven = world.verify(join(world.pair(*PAIR), world.pair(FIRST, SECOND)))
    assert [len(lane) for lane in proven.pairs[PAIR].lanes] == [4, 1]
    assert proven.pairs[PAIR].withholdings.keys() == {ENTRY}
    assert [len(lane) for lane in proven.pairs[FIRST, SECOND].lanes] == [1]
    assert world.verify(world.pair(THIRD, FIRST)).pairs[THIRD, FIRST].lanes == ()


@pytest.mark.parametrize(
    ("kept", "error", "facts"),
    [
        ((2, 3, 4, 5), EventOutOfPlace, {"event": 1, "what": "serial", "found": 3, "needed": 1}),
        ((1, 3, 4, 5), EventOutOfPlace, {"event": 2, "what": "serial", "found": 4, "needed": 3}),
        ((1, 2, 3, 4), HistoryIncomplete, {"found": 5, "needed": 6}),
        ((1, 2, 3, 4, 5, 5), EventOutOfPlace, {"event": 6, "what": "serial", "found": 6, "needed": 7}),
        ((1, 2, 4, 3, 5), EventOutOfPlace, {"event": 3, "what": "serial", "found": 5, "needed": 4}),
        ((), HistoryIncomplete, {"found": 0, "needed": 6}),
    ],
)
def test_an_act_on_a_pair_that_is_missing_surplus_reordered_or_held_back_is_named(
    world: Scribe, kept: tuple[int, ...], error: type[Exception], facts: dict[str, Any]
) -> None:
    refuse(world, acts_of(world.pair(*PAIR), *kept), error, subject=PAIR_SUBJECT, **facts)


@pytest.mark.parametrize(
    ("number", "signers", "values"),
    [
        (1, (*BOTH, authority(THIRD)), {}),
        (1, (authority(FIRST), CN), {}),
        (2, (authority(FIRST),), {}),
        (3, (CN,), {}),
        (4, (CN, BY), {}),
        (4, (authority(SECOND),), {}),
        (5, (authority(FIRST), OUTSIDER), {}),
    ],
)
def test_an_act_on_a_pair_is_signed_by_its_parties(
    world: Scribe, number: int, signers: tuple[str, ...], values: dict[str, Any]
) -> None:
    refuse(world, resigned_act(world.pair(*PAIR), number, *signers, **values), SignerNotEntitled, event=number)


def test_an_act_on_a_pair_lacks_no_side(world: Scribe) -> None:
    history = world.pair(*PAIR)
    refuse(world, resigned_act(history, 1, authority(FIRST)), EventUndersigned, event=1, found=0, needed=1)
    refuse(world, with_act(history, 2, signatures=()), EventUndersigned, event=2)
    refuse(world, join(resigned_act(history, 4, CN), world.party(SECOND)), EventUndersigned, event=4, found=1, needed=2)


def test_an_altered_act_on_a_pair_is_found_by_its_signature_or_by_the_head(world: Scribe) -> None:
    history = world.pair(*PAIR)
    for number, values in ((1, {"text": bytes(32)}), (2, {"deadline": 5}), (4, {"withheld": False}), (3, {"lane": 1})):
        refuse(world, with_act(history, number, values), SignerNotEntitled, event=number)
    refuse(world, resigned_act(history, 2, authority(SECOND), deadline=5), HeadDiffers)
    refuse(world, with_act(history, 2, recorded_at=history.acts[1].recorded_at + 1), HeadDiffers)
    refuse(world, with_act(history, 2, {"recogniser": THIRD}), EventOfAnother, event=2)
    refuse(world, with_act(history, 2, {"party": FIRST}), EventOfAnother, event=2)
    refuse(world, with_act(history, 2, {"act": 9}), EventOfAnother, event=2)
    refuse(world, with_act(history, 1, {"arrangement": bytes(32)}), EventOfAnother, event=1)


def test_the_history_of_another_pair_or_party_is_none_of_this_one(world: Scribe) -> None:
    offered = world.pair(*PAIR)
    (pair,) = offered.pairs
    refuse(world, replace(offered, pairs=(replace(pair, recogniser=THIRD),)), EventOfAnother, event=1)
    mixed = replace(offered, pairs=(), parties=world.party(FIRST).parties)
    refuse(world, mixed, EventOfAnother, event=1)
    offered = world.party(FIRST)
    refuse(world, replace(offered, parties=(), pairs=(replace(pair, acts=(0,)),)), EventOfAnother, event=1)
    offered = world.party(FOURTH)
    (party,) = offered.parties
    refuse(world, replace(offered, parties=(replace(party, party=SECOND),)), EventOfAnother, event=1)


# ---- keys that come and go


def rotate(world: Scribe) -> None:
    act = party_act(world, FIRST, PartyActKind.ROTATE_AUTHORITY, key=key("new authority").address)
    world.do(act, authority(FIRST), "new authority")


def replace_authority(world: Scribe) -> None:
    act = resolution(world, ResolutionAct.REPLACE_AUTHORITY, party=FIRST, key=key("new authority").address)
    world.do(act, *VOTERS, "new authority")
    world.wait(15 * DAY)
    assert world.complete_replacement(FIRST) is None


@pytest.mark.parametrize("change_key", [rotate, replace_authority])
def test_an_authority_signs_from_its_first_day_to_its_last(change_key: Callable[[Scribe], None]) -> None:
    world = scribe()
    world.wait(DAY)
    world.do(conclusion(world, recognition(world, FIRST, SECOND)), *BOTH)
    world.wait(DAY)
    change_key(world)
    world.wait(DAY)
    world.do(lane_act(world, FIRST, LaneActKind.SUSPEND, (FIRST, SECOND)), "new authority")
    history = join(world.pair(FIRST, SECOND), world.party(FIRST))
    world.verify(history)
    refuse(world, resigned_act(history, 1, "new authority", authority(SECOND)), SignerNotEntitled, event=1)
    refuse(world, resigned_act(history, 2, authority(FIRST)), SignerNotEntitled, event=2)
    if change_key is replace_authority:
        last = history.acts[-1]
        assert last.name == "Completion"
        refuse(world, with_act(history, len(history.acts), {"key": key(BY).address}), HeadDiffers)
        assert acts_of(world.party(FIRST), 1, 2) != world.party(FIRST)
        refuse(world, acts_of(world.party(FIRST), 1, 2), HeadDiffers)


def test_a_party_that_was_admitted_begins_with_its_admission() -> None:
    world = scribe()
    word = (int.from_bytes(b"KR".ljust(6, b"\0"), "big") | 1 << 48 | 1 << 97).to_bytes(32, "big")
    number = len(world.consortium.parties) + 1
    admitted: Any = resolution(world, ResolutionAct.ADMIT, party=number, key=key("korea").address, detail=word)
    world.do(admitted, *VOTERS, "korea")
    world.wait(DAY)
    joining = party_act(world, number, PartyActKind.JOIN_UNION, detail=UNION)
    world.do(joining, "korea", authority(UNION))
    history = world.party(number)
    assert [act.name for act in history.acts] == ["Resolution", "PartyAct"]
    proven = world.verify(history).parties[number]
    assert [party.unions[0] for _, party in proven.states] == [0, UNION]
    assert proven.at(world.now, world.now - DAY - 1) is None
    refuse(world, resigned_act(history, 1, *VOTERS), SignerNotEntitled, needed="the new key")
    refuse(world, resigned_act(history, 2, "korea"), EventUndersigned, whose=f"the authority of party {UNION}")
    refuse(world, resigned_act(history, 2, authority(UNION)), SignerNotEntitled, event=2)
    refuse(world, with_act(history, 1, {"detail": bytes(32)}), EventOfAnother, event=1)
