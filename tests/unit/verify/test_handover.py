from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.errors import AeoLedgerError, Malformed, Unproven
from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.evidence import MalformedHeader
from aeo_ledger.errors.verify import (
    AbsentAccount,
    BelowCheckpoint,
    Forked,
    FromTheFuture,
    HeaderBreaksRule,
    MissingNode,
    NoSharedValidator,
    NotTheCheckpoint,
    RepeatedNode,
    RepeatedSeal,
    RepeatedStep,
    SeveralChanged,
    SkippedStep,
    Stale,
    StrangerSealed,
    SurplusNodes,
    TooFewSeals,
    TrustExpired,
    WrongCode,
)
from aeo_ledger.evidence.handover import UPDATE_FORM, TrustUpdate
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.layouts import SUCCESSION, VALIDATOR, pack
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.handover import Change, ProvenUpdate, verify_update
from support.sealed_world import ADDRESSES, CODE_HASHES, DAY
from support.sealing import address_of, seal
from support.validator_chain import (
    FIRST,
    NODES,
    START,
    START_BLOCK,
    Step,
    history,
    list_words,
    pinned_at,
    set_of,
    step,
    update_of,
)

PINNED = pinned_at(START_BLOCK, FIRST)
NEXT = START + 1


@cache
def honest() -> tuple[tuple[Step, ...], tuple[tuple[PrivateKey, ...], ...]]:
    return history()


def next_step(sealers: Any, following: Any, **altered: Any) -> Step:
    """Make the very next block after the pinned one."""
    return step(NEXT, sealers, following, **{"parent": START_BLOCK.header.hash(), **altered})


def follow(*steps: Step, trust: TrustBundle = PINNED, now: int | None = None, **policy: Any) -> ProvenUpdate:
    at = steps[-1].header.timestamp if now is None else now
    return verify_update(update_of(*steps), trust, now=at, **policy)


# ---- what is followed ----


def test_the_checkpoint_moves_to_any_later_block_that_shows_the_same_validators() -> None:
    for number in (NEXT, START + 1000):
        block = step(number, FIRST[:3], FIRST, parent=START_BLOCK.header.hash())
        proven = follow(block)
        assert proven.trust == pinned_at(block, FIRST)
        assert proven.changes == ()


def test_a_validator_is_seated_or_unseated_in_the_block_right_after_the_checkpoint() -> None:
    block = next_step(FIRST, NODES[:5])
    proven = follow(block)
    assert set(proven.trust.validators.addresses) == set(set_of(NODES[:5]).addresses)
    assert proven.changes == (
        Change(number=NEXT, time=block.header.timestamp, seated=address_of(NODES[4]), unseated=None),
    )
    block = next_step(FIRST, FIRST[1:])
    proven = follow(block)
    assert proven.trust.validators == set_of(FIRST[1:])
    assert proven.changes[0].unseated == address_of(FIRST[0])


def test_trust_follows_until_no_validator_of_the_first_is_left() -> None:
    steps, sets = honest()
    proven = follow(*steps)
    assert set(proven.trust.validators.addresses).isdisjoint(PINNED.validators.addresses)
    assert proven.trust == pinned_at(steps[-1], sets[-1])
    assert [change.seated is not None for change in proven.changes] == [True, False] * 4


def test_any_number_of_updates_leads_to_the_same_bundle() -> None:
    steps, sets = honest()
    trust = PINNED
    for one, following in zip(steps, sets, strict=True):
        trust = follow(one, trust=trust).trust
        assert set(trust.validators.addresses) == set(set_of(following).addresses)
        assert trust.checkpoint.number == one.header.number
    assert trust == follow(*steps).trust


def test_an_update_without_steps_changes_nothing() -> None:
    assert follow(now=PINNED.checkpoint.time).trust is PINNED


def test_only_checkpoint_and_validators_differ() -> None:
    moved = follow(*honest()[0]).trust
    assert replace(moved, checkpoint=PINNED.checkpoint, validators=PINNED.validators) == PINNED


def test_a_moved_bundle_is_valid_for_another_period() -> None:
    steps, _ = honest()
    assert follow(*steps).trust.expires_at == PINNED.expires_at + steps[-1].header.timestamp - PINNED.checkpoint.time


# ---- the way: nothing skipped, nothing backwards, no fork ----


def test_a_change_far_from_the_checkpoint_is_a_skipped_step() -> None:
    for following in (NODES[:5], FIRST[1:]):
        with pytest.raises(SkippedStep) as refusal:
            follow(step(START + 2, FIRST, following))
        assert (refusal.value.number, refusal.value.checkpoint) == (START + 2, START)


@pytest.mark.parametrize("missing", range(16))
def test_no_step_of_an_honest_update_can_be_left_out(missing: int) -> None:
    """Without the block that seated a validator, it seals as a stranger. Without another block, a change is skipped."""
    steps, _ = honest()
    seats_somebody = missing % 4 == 1
    with pytest.raises(StrangerSealed if seats_somebody else SkippedStep):
        follow(*steps[:missing], *steps[missing + 1 :])


def test_the_block_before_a_change_is_needed_though_those_who_stayed_are_a_quorum() -> None:
    """Two changes later, three of the first four could still seal. Their blocks are refused nevertheless."""
    after_two = [*FIRST[1:], NODES[4]]
    with pytest.raises(SkippedStep):
        follow(step(START + 20, FIRST[1:], after_two))
    with pytest.raises(SkippedStep):
        follow(step(START + 20, FIRST[1:], after_two), step(START + 21, FIRST[1:], after_two))


def test_a_swap_in_hand_over_is_one_step() -> None:
    swapped = (*FIRST[1:], NODES[4])
    block = next_step(FIRST, swapped)
    proven = follow(block)
    assert proven.trust.validators == set_of(swapped)
    assert proven.changes == (
        Change(number=NEXT, time=block.header.timestamp, seated=address_of(NODES[4]), unseated=address_of(FIRST[0])),
    )
    after = step(NEXT + 5, swapped, swapped)
    assert follow(block, after).trust.checkpoint.number == NEXT + 5
    with pytest.raises(StrangerSealed) as stranger:
        follow(block, step(NEXT + 5, FIRST, swapped, coinbase=address_of(FIRST[1])))
    assert stranger.value.sealer == address_of(FIRST[0])
    with pytest.raises(SkippedStep) as refusal:
        follow(step(START + 2, FIRST, swapped))
    assert (refusal.value.number, refusal.value.checkpoint) == (START + 2, START)


def test_a_lone_validator_is_replaced_by_another_and_no_set_shared_none_otherwise() -> None:
    """In a network of one validator, the set after a swap shares nobody with the set before."""
    lone = step(START, NODES[:1], NODES[:1])
    pinned = pinned_at(lone, NODES[:1])

    def follow_to(following: Any, number: int = NEXT) -> ProvenUpdate:
        block = step(number, NODES[:1], following, parent=lone.header.hash())
        return follow(block, trust=pinned)

    assert follow_to(NODES[1:2]).trust.validators == set_of(NODES[1:2])
    assert follow_to(NODES[1:2]).changes[0].unseated == address_of(NODES[0])
    with pytest.raises(SkippedStep):
        follow_to(NODES[1:2], NEXT + 1)
    with pytest.raises(NoSharedValidator):
        follow_to(NODES[1:3])


def test_two_changes_in_one_block_are_refused() -> None:
    cases = ((NODES[:6], 2, 0), (FIRST[2:], 0, 2), (NODES[2:5], 1, 2), (NODES[1:6], 2, 1), (NODES[3:9], 5, 3))
    for following, seated, unseated in cases:
        with pytest.raises(SeveralChanged) as refusal:
            follow(next_step(FIRST, following))
        found = refusal.value
        assert (found.number, found.seated, found.unseated) == (NEXT, seated, unseated)


@pytest.mark.parametrize("number", [NEXT, START + 50])
def test_a_set_that_never_overlapped_is_refused(number: int) -> None:
    with pytest.raises(NoSharedValidator) as refusal:
        follow(step(number, FIRST, NODES[4:8], parent=START_BLOCK.header.hash()))
    assert refusal.value.number == number


def test_a_header_below_the_checkpoint_is_refused_by_number_and_by_time() -> None:
    with pytest.raises(BelowCheckpoint) as refusal:
        follow(step(START - 1, FIRST, FIRST), now=PINNED.checkpoint.time)
    assert (refusal.value.found, refusal.value.needed) == (START - 1, START)
    early = step(NEXT + 1, FIRST, FIRST, time=PINNED.checkpoint.time - 1)
    with pytest.raises(BelowCheckpoint) as refusal:
        follow(early)
    assert (refusal.value.found, refusal.value.needed) == (PINNED.checkpoint.time - 1, PINNED.checkpoint.time)


def test_steps_that_lead_backwards_are_refused() -> None:
    there, back = step(START + 9, FIRST, FIRST), step(START + 8, FIRST, FIRST)
    with pytest.raises(BelowCheckpoint) as refusal:
        follow(there, back, now=there.header.timestamp)
    assert (refusal.value.found, refusal.value.needed) == (START + 8, START + 9)


def test_a_step_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(RepeatedStep) as refusal:
        follow(START_BLOCK)
    assert refusal.value.number == START
    there = step(START + 9, FIRST, FIRST)
    with pytest.raises(RepeatedStep):
        follow(there, there)


def test_another_block_in_the_checkpoints_place_is_a_fork() -> None:
    other = step(START, FIRST, FIRST, gas_used=1)
    with pytest.raises(NotTheCheckpoint) as refusal:
        follow(other)
    assert (refusal.value.number, refusal.value.found, refusal.value.needed) == (
        START,
        other.header.hash(),
        PINNED.checkpoint.hash,
    )


def test_a_next_block_that_stands_on_another_is_a_fork() -> None:
    for following in (FIRST, NODES[:5]):
        with pytest.raises(Forked) as refusal:
            follow(next_step(FIRST, following, parent=b"\1" * 32))
        assert (refusal.value.number, refusal.value.found, refusal.value.needed) == (
            NEXT,
            b"\1" * 32,
            PINNED.checkpoint.hash,
        )


def test_a_fork_in_the_middle_of_an_update_is_seen() -> None:
    before = step(START + 5, FIRST, FIRST)
    fork = step(START + 6, FIRST, NODES[:5], parent=step(START + 5, FIRST, FIRST, gas_used=1).header.hash())
    with pytest.raises(Forked):
        follow(before, fork)


# ---- who sealed ----


def test_a_step_is_sealed_by_the_set_of_the_step_before_and_no_other() -> None:
    change = next_step(FIRST, NODES[:5])
    after = step(NEXT + 5, NODES[:5], NODES[:5])
    assert follow(change, after).trust.checkpoint.number == NEXT + 5
    with pytest.raises(TooFewSeals) as refusal:
        follow(change, step(NEXT + 5, FIRST[:3], NODES[:5]))
    assert (refusal.value.found, refusal.value.needed, refusal.value.validators) == (3, 4, 5)
    with pytest.raises(StrangerSealed) as stranger:
        follow(next_step(NODES[:5], NODES[:5]))
    assert stranger.value.sealer == address_of(NODES[4])


def test_an_unseated_validator_may_seal_the_block_that_unseats_it_and_none_after() -> None:
    change = next_step(FIRST, FIRST[1:])
    assert follow(change, step(NEXT + 5, FIRST[1:], FIRST[1:])).changes[0].unseated == address_of(FIRST[0])
    with pytest.raises(HeaderBreaksRule) as rule:
        follow(change, step(NEXT + 5, FIRST, FIRST[1:]))
    assert rule.value.field == "coinbase"
    with pytest.raises(StrangerSealed):
        follow(change, step(NEXT + 5, FIRST, FIRST[1:], coinbase=address_of(FIRST[1])))


@pytest.mark.parametrize(
    ("sealers", "error"), [(FIRST[:2], TooFewSeals), ((*FIRST[:2], FIRST[0]), RepeatedSeal), ((), TooFewSeals)]
)
def test_too_few_seals_and_repeated_ones_are_refused(sealers: Any, error: type[AeoLedgerError]) -> None:
    header = seal(next_step(FIRST, FIRST).header, *sealers)
    with pytest.raises(error):
        follow(Step(header, START_BLOCK.nodes, START_BLOCK.governing))


# ---- which ledger ----


def test_another_contract_or_code_is_another_chain() -> None:
    other = keccak256(b"other code")
    for contract in (Contract.CONSORTIUM, Contract.GOVERNANCE):
        with pytest.raises(WrongCode) as refusal:
            follow(next_step(FIRST, FIRST, code_hashes=CODE_HASHES | {contract: other}))
        assert (refusal.value.address, refusal.value.found) == (ADDRESSES[contract], other)
        with pytest.raises(AbsentAccount) as absent:
            follow(next_step(FIRST, FIRST, addresses=ADDRESSES | {contract: b"\x77" * 20}))
        assert absent.value.address == ADDRESSES[contract]


def test_the_contract_that_governs_is_shown_once_by_the_newest_step() -> None:
    steps, _ = honest()
    last = steps[-1]
    follow(*steps[:-1], last)
    with pytest.raises(MissingNode):
        follow(*steps[:-1], replace(last, governing=()))


@pytest.mark.parametrize("effective", [1, PINNED.checkpoint.time + 5, PINNED.checkpoint.time + DAY])
def test_trust_update_across_a_dated_succession(effective: int) -> None:
    """A superseded ledger, or one that will be, hands over as before, because it answers about old times for ever."""
    word = pack(SUCCESSION, consortium=0x5C, effective=effective)
    dated: dict[str, Any] = {"words": {word_slot(Table.SUCCESSION, 0): word}}
    block = next_step(FIRST, NODES[:5], **dated)
    after = step(NEXT + 5, NODES[:5], NODES[:5], **dated)
    assert follow(block, after).trust == pinned_at(after, NODES[:5])


SLOTS = list(list_words(FIRST))


@pytest.mark.parametrize(
    ("slot", "word", "what"),
    [
        (0, 0, "count of validators"),
        (0, 129, "count of validators"),
        (0, 1 << 255, "count of validators"),
        (1, 0, "validator"),
        (1, int.from_bytes(address_of(FIRST[0]), "big"), "validator"),
        (1, pack(VALIDATOR, node=int.from_bytes(address_of(FIRST[1]), "big"), party=1), "list of validators"),
    ],
)
def test_words_that_are_not_a_list_of_validators_are_refused(slot: int, word: int, what: str) -> None:
    with pytest.raises(UnreadableValue) as refusal:
        follow(next_step(FIRST, FIRST, words={SLOTS[slot]: word}))
    assert refusal.value.what == what


# ---- nodes ----


def test_every_node_is_needed_and_no_other_is_accepted() -> None:
    update = update_of(next_step(FIRST, NODES[:5]))
    now = PINNED.checkpoint.time + 10
    for at in range(len(update.nodes)):
        with pytest.raises(MissingNode):
            verify_update(replace(update, nodes=update.nodes[:at] + update.nodes[at + 1 :]), PINNED, now=now)
    with pytest.raises(RepeatedNode):
        verify_update(replace(update, nodes=(*update.nodes, update.nodes[0])), PINNED, now=now)
    with pytest.raises(SurplusNodes):
        verify_update(replace(update, nodes=(*update.nodes, START_BLOCK.nodes[0])), PINNED, now=now)
    with pytest.raises(SurplusNodes):
        verify_update(replace(update, headers=()), PINNED, now=now)
    with pytest.raises(MalformedHeader):
        verify_update(replace(update, headers=(b"\xc0",)), PINNED, now=now)


# ---- time ----


def test_a_bundle_past_its_period_follows_nobody() -> None:
    for now, refused in ((PINNED.expires_at - 1, False), (PINNED.expires_at, True), (PINNED.expires_at + 1, True)):
        block = step(START + 50, FIRST, FIRST, time=now)
        if refused:
            with pytest.raises(TrustExpired) as refusal:
                follow(block, now=now)
            assert (refusal.value.expired_at, refusal.value.now) == (PINNED.expires_at, now)
        else:
            assert follow(block, now=now).trust.checkpoint.time == now


def test_a_gateway_that_hides_the_newest_blocks_is_caught_by_age() -> None:
    steps, _ = honest()
    newest = steps[-1].header.timestamp
    shown = steps[:-3]
    last = shown[-1].header.timestamp
    assert follow(*shown, now=last + 300).trust.checkpoint.time == last
    with pytest.raises(Stale) as refusal:
        follow(*shown, now=last + 301)
    assert (refusal.value.age_s, refusal.value.max_age_s) == (301, 300)
    with pytest.raises(Stale):
        follow(*shown, now=newest, max_age=newest - last - 1)
    with pytest.raises(Stale) as refusal:
        follow(now=PINNED.checkpoint.time + 301)
    assert refusal.value.age_s == 301


def test_a_block_from_the_future_is_refused_wherever_it_stands() -> None:
    block = next_step(FIRST, FIRST)
    assert follow(block, now=block.header.timestamp - 5).trust.checkpoint.number == NEXT
    with pytest.raises(FromTheFuture) as refusal:
        follow(block, now=block.header.timestamp - 6)
    assert (refusal.value.ahead_s, refusal.value.skew_s) == (6, 5)
    assert follow(block, now=block.header.timestamp - 60, skew=60).trust.checkpoint.number == NEXT
    with pytest.raises(FromTheFuture):
        follow(next_step(FIRST, FIRST, time=1 << 40), step(NEXT + 1, FIRST, FIRST), now=PINNED.checkpoint.time)


# ---- attacks with the keys of all former validators ----


def forged_past(*, time: int | None = None) -> Step:
    """Make a false past in which the attacker seats his own key."""
    return step(START - 50, FIRST, (*FIRST, NODES[9]), time=time)


def forged_fork(today: int, number: int = START) -> tuple[Step, ...]:
    """Make a fork from the first checkpoint, dated today, in which his own keys take over one by one."""
    own = NODES[8:12]
    steps: list[Step] = []
    members, parent = list(FIRST), START_BLOCK
    for leaving, coming in zip(FIRST, own, strict=True):
        for change in ([*members, coming], [m for m in (*members, coming) if m is not leaving]):
            before = step(number + 1, members, members, parent=parent.header.hash(), time=today)
            parent = step(number + 2, members, change, parent=before.header.hash(), time=today)
            steps += [before, parent]
            members, number = list(change), number + 2
    return tuple(steps)


def test_old_keys_cannot_seal_a_past_for_anybody() -> None:
    moved = follow(*honest()[0]).trust
    for trust in (PINNED, moved):
        with pytest.raises(BelowCheckpoint):
            follow(forged_past(), trust=trust, now=trust.checkpoint.time)
    later = step(moved.checkpoint.number + 1, FIRST, FIRST, parent=moved.checkpoint.hash, time=PINNED.checkpoint.time)
    with pytest.raises(BelowCheckpoint):  # a high number does not hide an old date
        follow(later, trust=moved, now=moved.checkpoint.time)


@pytest.mark.parametrize("at", range(3, 17))
def test_keys_that_have_left_cannot_move_a_bundle_that_knows_it(at: int) -> None:
    """On top of the true chain or far ahead, dated today, with or without a present proposer: they are always strangers."""
    steps, sets = honest()
    moved = pinned_at(steps[at], sets[at])
    departed = [key for key in FIRST if key not in sets[at]]
    assert departed
    today, parent = moved.checkpoint.time + 10, moved.checkpoint.hash
    for ahead in (1, 50):
        place: dict[str, Any] = {"parent": parent, "time": today}
        taken = (*sets[at], NODES[9])
        with pytest.raises(HeaderBreaksRule) as rule:
            follow(step(moved.checkpoint.number + ahead, departed, taken, **place), trust=moved)
        assert rule.value.field == "coinbase"
        claimed = address_of(sets[at][-1])
        with pytest.raises(StrangerSealed) as stranger:
            follow(step(moved.checkpoint.number + ahead, departed, taken, coinbase=claimed, **place), trust=moved)
        assert stranger.value.sealer == address_of(departed[0])


def test_a_fork_by_all_old_keys_is_refused_by_the_bundle_that_left_them_behind() -> None:
    moved = follow(*honest()[0]).trust
    today = moved.checkpoint.time + 10
    for forged in forged_fork(today)[:8]:
        with pytest.raises(BelowCheckpoint):
            follow(forged, trust=moved)
    for forged in forged_fork(today, moved.checkpoint.number + 5)[:8]:
        with pytest.raises(HeaderBreaksRule):
            follow(forged, trust=moved)


def test_strangers_are_named_when_only_old_keys_seal_on_top_of_the_true_chain() -> None:
    steps, sets = honest()
    moved = pinned_at(steps[-1], sets[-1])
    there = moved.checkpoint.number + 1
    claimed: dict[str, Any] = {"parent": moved.checkpoint.hash, "coinbase": address_of(sets[-1][0])}
    with pytest.raises(StrangerSealed) as refusal:
        follow(step(there, FIRST, (*sets[-1], FIRST[0]), **claimed), trust=moved)
    assert refusal.value.sealer == address_of(FIRST[0])
    with pytest.raises(TooFewSeals):  # with one of the present keys he is no better off
        follow(step(there, sets[-1][:1], sets[-1], **claimed), trust=moved)


def test_old_keys_cannot_move_a_bundle_past_its_period() -> None:
    today = PINNED.expires_at
    with pytest.raises(TrustExpired):
        follow(*forged_fork(today), now=today)


def test_only_the_period_limits_a_fork_by_the_pinned_validators() -> None:
    """Weak subjectivity, a known limit: an old bundle within its period follows a fork by its own validators."""
    today = PINNED.expires_at - 1
    assert follow(*forged_fork(today), now=today).trust.validators == set_of(NODES[8:12])


# ---- any alteration ----


@cache
def wire() -> tuple[bytes, ProvenUpdate, int]:
    """Take steps of which the last is a change: it shows nodes of its own, so without it the others are no update with these nodes."""
    steps = honest()[0][:6]
    now = steps[-1].header.timestamp
    return UPDATE_FORM.encode_cbor(update_of(*steps)), follow(*steps, now=now), now


def _judge(data: bytes) -> None:
    _, expected, now = wire()
    try:
        proven = verify_update(UPDATE_FORM.decode_cbor(data), PINNED, now=now)
    except (Malformed, Unproven):
        return
    assert proven == expected


@settings(max_examples=400)
@given(st.data())
def test_whatever_is_altered_it_is_refused_or_proves_the_same(data: st.DataObject) -> None:
    encoded, _, _ = wire()
    at = data.draw(st.integers(0, len(encoded) - 1))
    alter: Callable[[], bytes] = data.draw(
        st.sampled_from(
            [
                lambda: encoded[:at] + bytes([encoded[at] ^ data.draw(st.integers(1, 255))]) + encoded[at + 1 :],
                lambda: encoded[:at] + encoded[at + 1 :],
                lambda: encoded[:at] + encoded[at : at + 1] + encoded[at:],
            ]
        )
    )
    _judge(alter())


@settings(max_examples=100)
@given(st.data())
def test_headers_and_nodes_in_another_order_are_refused_or_prove_the_same(data: st.DataObject) -> None:
    update = UPDATE_FORM.decode_cbor(wire()[0])
    headers = data.draw(st.lists(st.sampled_from(update.headers), max_size=6))
    nodes = data.draw(st.permutations(update.nodes))
    _judge(UPDATE_FORM.encode_cbor(TrustUpdate(headers=tuple(headers), nodes=tuple(nodes))))
