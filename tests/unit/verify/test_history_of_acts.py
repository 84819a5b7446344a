"""Signed history of parties and pairs against the heads of the real contracts: the true one is proven, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs import acts
from aeo_ledger.customs.vocabulary import (
    LaneActKind,
    PartyActKind,
    PartyKind,
    ResolutionAct,
)
from aeo_ledger.errors.verify import (
    EventOfAnother,
    EventOutOfPlace,
    EventUndersigned,
    HeadDiffers,
    HistoryIncomplete,
    SignerNotEntitled,
    UnreadableEventSignature,
)
from aeo_ledger.protocol.layouts import PARTY
from aeo_ledger.protocol.tables import Contract
from support.drafts import (
    ENTRY,
    VOTERS,
    conclusion,
    lane_act,
    party_act,
    recognition,
    resolution,
)
from support.evm import ADDRESSES
from support.scribe import Scribe, join, scribe
from support.told_history import (
    BOTH,
    BY,
    CN,
    PAIR,
    PAIR_SUBJECT,
    acts_of,
    lived,
    refuse,
    resigned,
    resigned_act,
    with_act,
)
from support.world import DAY, FIRST, FOURTH, OUTSIDER, SECOND, THIRD, UNION, authority, key, operator


@pytest.fixture(scope="module")
def world() -> Scribe:
    return lived()


def test_every_party_s_history_is_proven(world: Scribe) -> None:
    everybody = join(*(world.party(number) for number in world.consortium.parties))
    proven = world.verify(everybody)
    for number, party in world.consortium.parties.items():
        assert proven.parties[number].states[-1][1] == party
    assert [len(proven.parties[number].states) for number in (FIRST, SECOND, THIRD)] == [3, 1, 3]


def test_an_act_of_a_party_that_is_missing_surplus_or_reordered_is_named(world: Scribe) -> None:
    history, subject = world.party(FIRST), f"party {FIRST}"
    refuse(world, acts_of(history, 1, 2), HeadDiffers, subject=subject, events=2)
    refuse(world, acts_of(history), HeadDiffers, subject=subject, events=0)
    refuse(world, acts_of(history, 1, 3), EventOutOfPlace, event=2, what="serial", found=2, needed=1)
    refuse(world, acts_of(history, 1, 3, 2), EventOutOfPlace, event=2, what="serial")
    refuse(world, acts_of(history, 1, 2, 3, 3), EventOutOfPlace, event=4, what="serial", found=2, needed=3)
    refuse(world, acts_of(history, 2, 3), EventOfAnother, event=1)
    refuse(world, acts_of(history, 1, 1, 2, 3), EventOfAnother, event=2)


def test_a_resolution_that_is_missing_or_reordered_is_named_or_leads_to_another_head(world: Scribe) -> None:
    history, subject = world.party(THIRD), f"party {THIRD}"
    refuse(world, acts_of(history, 1, 2), HeadDiffers, subject=subject, events=2)
    refuse(world, acts_of(history, 1), HeadDiffers, subject=subject, events=1)
    refuse(world, acts_of(history, 1, 3), EventOutOfPlace, event=2, what="resolution", found=2, needed=1)
    refuse(world, acts_of(history, 1, 2, 3, 3), EventOutOfPlace, event=4, what="resolution", found=2, needed=3)
    refuse(world, acts_of(history, 1, 3, 2), EventOutOfPlace, event=2, what="resolution", found=2, needed=1)
    before = history.acts[1].recorded_at - 1
    backdated = with_act(history, 3, recorded_at=before)
    refuse(world, backdated, EventOutOfPlace, event=3, what="time of recording", found=before, needed=before + 1)


def test_acts_that_nobody_signs_cannot_be_altered_either(world: Scribe) -> None:
    history = world.party(FOURTH)
    word = int(str(history.acts[0].values["word"]))
    refuse(world, with_act(history, 1, {"word": word ^ 1 << PARTY["seat"].at}), HeadDiffers)
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
    later = history.acts[2].recorded_at + 100
    refuse(world, resigned_act(history, 3, authority(FIRST), deadline=later), HeadDiffers)


def test_an_act_was_recorded_by_its_deadline_and_at_most_a_year_before_it(world: Scribe) -> None:
    party, pair, standing = world.party(FIRST), world.pair(*PAIR), world.standing(ENTRY)
    year = 366 * DAY
    for at, found, needed in ((-1, -1, 0), (year + 1, year + 1, year)):
        for history, place, signers in ((party, 3, (authority(FIRST),)), (pair, 2, (authority(SECOND),))):
            recorded_at = history.acts[place - 1].recorded_at
            altered = resigned_act(history, place, *signers, deadline=recorded_at + at)
            facts = {"event": place, "what": "deadline", "found": recorded_at + found, "needed": recorded_at + needed}
            refuse(world, altered, EventOutOfPlace, **facts)
        recorded_at = standing.publications[1].recorded_at
        altered = resigned(standing, 2, BY, deadline=recorded_at + at)
        facts = {"event": 2, "what": "deadline", "found": recorded_at + found, "needed": recorded_at + needed}
        refuse(world, altered, EventOutOfPlace, **facts)
    refuse(world, resigned_act(party, 3, authority(FIRST), deadline=party.acts[2].recorded_at), HeadDiffers)
    world.verify(resigned(standing, 2, BY, deadline=standing.publications[1].recorded_at + year))


def test_each_act_is_signed_for_the_contract_that_carries_it_out(world: Scribe) -> None:
    """Acts for Governance name its address. Signed for Consortium they recover to no known signer."""
    party, pair = world.party(FIRST), world.pair(*PAIR)
    places = {"governance": ADDRESSES[Contract.CONSORTIUM], "consortium": ADDRESSES[Contract.GOVERNANCE]}
    with pytest.raises(SignerNotEntitled):
        world.verify(party, governance=places["governance"])
    with pytest.raises(SignerNotEntitled):
        world.verify(pair, consortium=places["consortium"])
    world.verify(party, consortium=places["consortium"])
    world.verify(pair, governance=places["governance"])


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
        ((2, 3, 4, 5), EventOutOfPlace, {"event": 4, "what": "amendment", "found": 3, "needed": 1}),
        ((1, 3, 4, 5), EventOutOfPlace, {"event": 2, "what": "lane act", "found": 2, "needed": 1}),
        ((1, 2, 3, 4), HistoryIncomplete, {"found": 2, "needed": 3}),
        ((1, 2, 4, 5), HistoryIncomplete, {"found": 1, "needed": 2}),
        ((1, 2, 3, 5), HeadDiffers, {"events": 5}),
        ((1, 2, 3, 4, 5, 5), EventOutOfPlace, {"event": 6, "what": "amendment", "found": 3, "needed": 4}),
        ((1, 2, 3, 4, 4, 5), EventOutOfPlace, {"event": 5, "what": "serial of its entry", "found": 1, "needed": 2}),
        ((1, 2, 4, 3, 5), HeadDiffers, {"events": 6}),
        ((), HistoryIncomplete, {"found": 0, "needed": 3}),
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


def test_an_act_on_a_pair_needs_both_sides(world: Scribe) -> None:
    history = world.pair(*PAIR)
    refuse(world, resigned_act(history, 1, authority(FIRST)), EventUndersigned, event=1, found=0, needed=1)
    refuse(world, with_act(history, 2, signatures=()), EventUndersigned, event=2)
    refuse(world, join(resigned_act(history, 4, CN), world.party(SECOND)), EventUndersigned, event=4, found=1, needed=2)


def test_an_altered_act_on_a_pair_is_found_by_its_signature_or_by_the_head(world: Scribe) -> None:
    history = world.pair(*PAIR)
    for number, values in ((1, {"text": bytes(32)}), (2, {"deadline": 5}), (4, {"withheld": False}), (3, {"lane": 1})):
        refuse(world, with_act(history, number, values), SignerNotEntitled, event=number)
    refuse(world, resigned_act(history, 2, authority(SECOND), grounds=b"\1" * 32), HeadDiffers)
    refuse(world, with_act(history, 2, recorded_at=history.acts[1].recorded_at + 1), HeadDiffers)
    refuse(world, with_act(history, 2, {"recogniser": THIRD}), EventOfAnother, event=2)
    refuse(world, with_act(history, 2, {"party": FIRST}), EventOfAnother, event=2)
    refuse(world, with_act(history, 2, {"act": 9}), EventOfAnother, event=2)
    refuse(world, with_act(history, 1, {"arrangement": bytes(32)}), EventOfAnother, event=1)


def test_the_history_of_another_pair_or_party_is_refused(world: Scribe) -> None:
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
    old = int.from_bytes(key(authority(FIRST)).address, "big")
    act = party_act(world, FIRST, PartyActKind.ROTATE_AUTHORITY, key=key("new authority").address, detail=old)
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
    candidate = acts.Candidate(code="KR", kind=PartyKind.ADMINISTRATION, seat=False, keeps_register=True)
    number = len(world.consortium.parties) + 1
    admitted: Any = resolution(world, ResolutionAct.ADMIT, party=number, key=key("korea").address, detail=candidate)
    world.do(admitted, *VOTERS, "korea")
    world.wait(DAY)
    joining = party_act(world, number, PartyActKind.JOIN_UNION, detail=UNION)
    world.do(joining, "korea", authority(UNION))
    history = world.party(number)
    assert [act.name for act in history.acts] == ["Resolution", "PartyAct"]
    proven = world.verify(history).parties[number]
    assert [party.unions_at(world.now) for _, party in proven.states] == [(), (UNION,)]
    assert proven.at(world.now, world.now - DAY - 1) is None
    refuse(world, resigned_act(history, 1, *VOTERS), SignerNotEntitled, needed="the new key")
    refuse(world, resigned_act(history, 2, "korea"), EventUndersigned, whose=f"the authority of party {UNION}")
    refuse(world, resigned_act(history, 2, authority(UNION)), SignerNotEntitled, event=2)
    refuse(world, with_act(history, 1, {"detail": bytes(32)}), EventOfAnother, event=1)
