"""Whom an alias means at a time, from the ledger's words and from its signed history. The vectors tell the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.aliases import replay_alias
from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import KeyRole, Reason
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.verify import (
    AliasOfAnother,
    AmbiguousAlias,
    EventOfAnother,
    EventOutOfPlace,
    EventUndersigned,
    HeadDiffers,
    HistoryIncomplete,
    ReplayDiffers,
    SignerNotEntitled,
    TraderUnnamed,
)
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.history import AliasChain, RecordedAct, SignedHistory
from aeo_ledger.protocol.entries import hash_alias
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.protocol.readings import read_step
from aeo_ledger.protocol.tables import Contract, Table, alias_key, slot_of
from aeo_ledger.protocol.typed_data import digest, struct_hash
from aeo_ledger.protocol.words import encode_key
from aeo_ledger.signing import Signer
from aeo_ledger.verify import verify_history, verify_recognition
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    NOW,
    CustomsFacts,
    SealedWorld,
    ask_alias,
    entry_of,
    question,
    trust,
)

MID = AliasCode(AliasKind.MID, "BYMINTRA12MIN")
HASH = hash_alias(CN, MID)
OTHER = Tin("BY100000000")
ENTRY, OTHERS = entry_of(BY_TRADER, BY, 2), entry_of(OTHER, BY, 2)
OPERATOR, STRANGER = (Signer.from_secret(bytes([number]) * 32) for number in (7, 8))
BOUND, RELEASED = NOW - 50 * DAY, NOW - 20 * DAY


def binding(serial: int, time: int, entry: bytes = ENTRY, signer: Signer = OPERATOR, **altered: Any) -> RecordedAct:
    values: dict[str, Any] = {
        "recogniser": CN, "serial": serial, "deadline": time + 60, "alias_hash": HASH, "binding": 0,
        "certificate_type": 2, "entry": entry, "grounds": bytes(32), **altered,
    }  # fmt: skip
    pinned = trust()
    signed = signer.sign(digest("AliasBinding", values, chain_id=pinned.chain_id, contract=pinned.registers))
    return RecordedAct(name="AliasBinding", values=values, signatures=(signed,), recorded_at=time)


PAST = (binding(1, BOUND), binding(2, RELEASED, bytes(32)))
"""Bound for thirty days, and released."""


class PastFacts(CustomsFacts):
    """A world whose alias has a history."""

    acts: Sequence[RecordedAct] = PAST

    def words(self) -> dict[Contract, dict[int, int]]:
        words, head = CustomsFacts.words(self), NO_HEAD
        for act in self.acts:
            head = extend_head(head, struct_hash(act.name, act.values), act.recorded_at)
        contract, slot = slot_of(Table.ALIAS_HEAD, alias_key(CN, HASH))
        words[contract][slot] = int.from_bytes(head, "big")
        key = Key(party=CN, role=KeyRole.OPERATOR, added_at=NOW - 900 * DAY)
        contract, slot = slot_of(Table.KEY, int.from_bytes(OPERATOR.address, "big"))
        words[contract][slot] = encode_key(key)
        return words


def past(acts: Sequence[RecordedAct] = PAST) -> SealedWorld:
    """Seal a world in which these acts made the alias what it is."""
    world = PastFacts()
    world.acts = acts
    world.recognise(CN, BY).grant(BY_TRADER, BY, 2)
    _, alias = replay_alias([(act.recorded_at, read_step(act.name, act.values)) for act in acts])[-1]  # type: ignore[misc]
    world.aliases[CN, HASH] = alias
    return SealedWorld(world)


def history(acts: Sequence[RecordedAct] = PAST, **altered: Any) -> SignedHistory:
    chain = AliasChain(recogniser=CN, alias_hash=HASH, acts=tuple(range(len(acts))))
    return SignedHistory(acts=tuple(acts), aliases=(replace(chain, **altered),))


def prove(there: SealedWorld, told: SignedHistory | None, on: int, named: Tin = BY_TRADER) -> Evidence:
    """Prove everything that a verifier of this past reads."""
    view, asked = NotedWords(there.read), ask_alias(MID, CN, on=on)
    for read in (
        lambda: view.alias(CN, HASH), lambda: view.alias_head(CN, HASH), lambda: view.key(OPERATOR.address),
        lambda: view.epoch_end(CN, 0), lambda: view.register(BY),
    ):  # fmt: skip
        read()
    nodes = there.prove(asked, question(named, CN, on=on)).nodes
    more = there.nodes(view.words)
    return Evidence(
        questions=(asked, asked), header=there.header.encode(), nodes=tuple(dict.fromkeys((*nodes, *more))),
        history=told, traders={0: named},
    )  # fmt: skip


def verify(there: SealedWorld, evidence: Evidence) -> Any:
    return verify_recognition(evidence, evidence.questions[0], there.trust, now=NOW)


@pytest.mark.parametrize(
    ("on", "recognised"),
    [(BOUND - 1, False), (BOUND, True), (RELEASED - 1, True), (RELEASED, False), (NOW, False)],
)
def test_an_alias_means_at_a_time_whom_the_last_act_before_it_bound(on: int, recognised: bool) -> None:
    there = past()
    proven = verify(there, prove(there, history(), on))
    assert proven.decision.recognised is recognised
    assert proven.trader == (BY_TRADER if recognised else None)
    if not recognised:
        assert proven.decision.reasons == (Reason.NO_TRADER_UNDER_ALIAS,)


def test_without_its_history_a_changed_alias_says_nothing_of_the_past() -> None:
    there = past()
    with pytest.raises(HistoryNeeded, match="alias of party"):
        verify(there, prove(there, None, BOUND))


def test_what_was_known_then_is_what_the_alias_meant_then() -> None:
    there = past()
    evidence = prove(there, history(), NOW)
    asked = ask_alias(MID, CN, known=BOUND)
    proven = verify_recognition(replace(evidence, questions=(asked, asked)), asked, there.trust, now=NOW, max_age=300)
    assert proven.trader == BY_TRADER


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (history(PAST[:1]), HistoryIncomplete),
        (history((PAST[1],)), EventOutOfPlace),
        (history((*PAST, binding(3, NOW - DAY))), HistoryIncomplete),
        (history(PAST[::-1]), EventOutOfPlace),
        (history((PAST[0], replace(PAST[1], recorded_at=RELEASED - 1))), HeadDiffers),
        (history((PAST[0], replace(PAST[1], recorded_at=RELEASED + 61))), EventOutOfPlace),
        (history((binding(1, BOUND, OTHERS), PAST[1])), HeadDiffers),
        (history((binding(1, BOUND, signer=STRANGER), PAST[1])), SignerNotEntitled),
        (history((replace(PAST[0], signatures=()), PAST[1])), EventUndersigned),
        (history((binding(1, BOUND, recogniser=BY), PAST[1])), EventOfAnother),
        (history((binding(1, BOUND, alias_hash=bytes(32)), PAST[1])), EventOfAnother),
        (history(alias_hash=hash_alias(BY, MID)), EventOfAnother),
    ],
)
def test_a_history_that_is_not_the_recorded_one_is_refused(told: SignedHistory, error: type[Exception]) -> None:
    there = past()
    with pytest.raises(error):
        verify(there, prove(there, told, BOUND))


def test_acts_that_do_not_lead_to_the_ledger_s_bindings_are_refused() -> None:
    there = past()
    slot = slot_of(Table.ALIAS, alias_key(CN, HASH))
    view = NotedWords(lambda contract, at: there.read(contract, at) + (1 << 160) * ((contract, at) == slot))
    with pytest.raises(ReplayDiffers):
        verify_history(history(), view, there.trust)


def test_an_act_on_an_alias_concerns_no_party_and_no_pair() -> None:
    from aeo_ledger.evidence.history import PairChain, PartyChain  # noqa: PLC0415

    there = past()
    for told in (
        replace(history(), parties=(PartyChain(party=CN, acts=(0,)),)),
        replace(history(), pairs=(PairChain(recogniser=CN, register=BY, acts=(0,)),)),
    ):
        with pytest.raises(EventOfAnother):
            verify_history(told, NotedWords(there.read), there.trust)


def test_a_verifier_with_the_whole_ledger_needs_a_name_too_and_believes_none() -> None:
    world = CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2).bind(CN, MID, ENTRY)
    there = SealedWorld(world)
    evidence = there.prove(ask_alias(MID, CN), traders={0: BY_TRADER})
    proven = verify_recognition(evidence, ask_alias(MID, CN), there.trust, now=NOW)
    assert (proven.decision.recognised, proven.trader) == (True, BY_TRADER)
    for traders, error in (({}, TraderUnnamed), ({0: OTHER}, AliasOfAnother)):
        with pytest.raises(error):
            verify_recognition(replace(evidence, traders=traders), ask_alias(MID, CN), there.trust, now=NOW)
    two = SealedWorld(world.bind(CN, MID, OTHERS, binding=1))
    with pytest.raises(AmbiguousAlias) as refusal:
        verify_recognition(two.prove(ask_alias(MID, CN)), ask_alias(MID, CN), two.trust, now=NOW)
    assert refusal.value.facts() == {"alias": str(MID), "recogniser": "CN", "traders": 2}
