"""News against proven words: what stands there is proven, and no invented, altered or misdated item is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.customs.arrangement import Withholding
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.verify import MissingNode, NewsDiffer, NewsUnnamed, OtherHistory
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.news import About, Cursor, NewsItem, slots_of
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.words import encode_lane, encode_party, encode_record, encode_register, encode_withholding
from aeo_ledger.verify import Checkpoint, ProvenState, TrustBundle
from aeo_ledger.verify.certificate_history import read_place
from aeo_ledger.verify.facts import verify_facts
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.news import verify_news, verify_news_of_standing
from support import evm
from support.drafts import ENTRY, change, grant, publication
from support.scribe import Scribe, pin, scribe
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    NOW,
    CustomsFacts,
    SealedWorld,
    entry_of,
    lane,
    party,
    trust,
)
from support.told_history import BY as OPERATOR
from support.told_world import SealedWords

AT = Cursor(100, 2)
PLACE = entry_of(BY_TRADER, BY)
WITHHELD = Withholding(withheld=True, changed_at=NOW - 4, serial=1)
THERE = CustomsFacts().grant(BY_TRADER, BY, recorded_at=NOW - 9).recognise(CN, BY, lane(changed_at=NOW - 8))
THERE.withholdings[CN, PLACE] = WITHHELD


def items() -> dict[About, NewsItem]:
    """One of each kind that these facts have."""
    words = THERE.words()
    there = {
        About.STANDING: NewsItem(
            at=AT, time=NOW - 9, about=About.STANDING, register=BY, entry=PLACE,
            words=((0, encode_record(THERE.records[PLACE])),),
        ),
        About.LANES: NewsItem(
            at=AT, time=NOW - 8, about=About.LANES, recogniser=CN, register=BY,
            words=((0, encode_lane(lane(changed_at=NOW - 8))),),
        ),
        About.WITHHOLDING: NewsItem(
            at=AT, time=NOW - 4, about=About.WITHHOLDING, recogniser=CN, register=BY, entry=PLACE,
            words=((0, encode_withholding(WITHHELD)),),
        ),
        About.PARTY: NewsItem(
            at=AT, time=party(BY).changed_at, about=About.PARTY, party=BY, words=((0, encode_party(party(BY))),)
        ),
        About.REGISTER: NewsItem(
            at=AT, time=THERE.registers[BY].changed_at, about=About.REGISTER, register=BY,
            words=((0, encode_register(THERE.registers[BY])),),
        ),
    }  # fmt: skip
    assert all(words[contract][slot] for item in there.values() for contract, slot in slots_of(item))
    return there


def state(*told: NewsItem) -> ProvenState:
    sealed = SealedWorld(THERE)
    nodes = sealed.nodes([slot for item in told for slot in slots_of(item)])
    return verify_facts(Evidence(questions=(), header=sealed.header.encode(), nodes=nodes), trust(), now=NOW)


@pytest.mark.parametrize("about", items())
def test_an_item_whose_words_stand_there_is_proven(about: About) -> None:
    item = items()[about]
    proven = verify_news(item, state(item))
    assert (proven.item, proven.stands, proven.sealed.header.number) == (item, True, 100)


@pytest.mark.parametrize("about", items())
@pytest.mark.parametrize("bit", [0, 33, 100, 200])
def test_another_word_is_not_proven(about: About, bit: int) -> None:
    item = items()[about]
    [(place, word)] = item.words
    with pytest.raises(NewsDiffer) as refusal:
        verify_news(replace(item, words=((place, word ^ 1 << bit),)), state(item))
    assert refusal.value.facts() == {"id": "100:2", "about": about}


@pytest.mark.parametrize("about", items())
def test_another_time_is_not_proven(about: About) -> None:
    item = items()[about]
    with pytest.raises(NewsDiffer):
        verify_news(replace(item, time=item.time + 1), state(item))


def test_an_item_about_a_subject_that_is_not_there_is_not_proven() -> None:
    nobody = replace(items()[About.STANDING], entry=PLACE[:-1] + b"\0")
    with pytest.raises(NewsDiffer):
        verify_news(nobody, state(nobody))
    succession = NewsItem(at=AT, time=NOW, about=About.SUCCESSION, words=((0, 1),))
    with pytest.raises(NewsDiffer):
        verify_news(succession, state(succession))


def test_an_item_whose_word_the_evidence_does_not_prove_is_not_proven() -> None:
    with pytest.raises(MissingNode):
        verify_news(items()[About.STANDING], state(items()[About.PARTY]))


def test_an_item_that_names_nothing_is_not_proven() -> None:
    for item in (NewsItem(at=AT, time=NOW, about=About.ALIAS), replace(items()[About.STANDING], entry=None)):
        with pytest.raises(NewsUnnamed):
            verify_news(item, state())
        with pytest.raises(NewsUnnamed):
            verify_news_of_standing(item, Evidence(questions=(), header=b"", nodes=()), trust(), now=NOW)


# ---- what was changed since


def life() -> tuple[Scribe, TrustBundle, Evidence]:
    """Three events of one standing, and the evidence of its whole history."""
    world = scribe()
    world.do(publication(world, grant(world)), OPERATOR)
    world.wait(100)
    world.do(publication(world, change(world, EventKind.SUSPEND)), OPERATOR)
    world.wait(100)
    world.do(publication(world, change(world, EventKind.REINSTATE)), OPERATOR)
    checkpoint = Checkpoint(number=1, hash=bytes(32), time=world.now - 1)
    pinned = pin(parties=(), prefixes={}, checkpoint=checkpoint)
    there = SealedWorld(SealedWords(world), addresses=evm.ADDRESSES, timestamp=world.now)  # type: ignore[arg-type]
    needed: dict[tuple[Contract, int], None] = {}

    def note(contract: Contract, slot: int) -> int:
        needed[contract, slot] = None
        return there.read(contract, slot)

    view = WordView(note)
    view.successor()
    read_place(ENTRY, view)
    verify_history(world.standing(ENTRY), view, pinned)
    header, nodes = there.header.encode(), there.nodes(needed)
    return world, pinned, Evidence(questions=(), header=header, nodes=nodes, history=world.standing(ENTRY))


def told(world: Scribe) -> list[NewsItem]:
    """What a gateway tells of these events."""
    [chain] = world.standing(ENTRY).standings
    found = []
    for place, event in enumerate(chain.events):
        time = world.standing(ENTRY).publications[event.publication].recorded_at
        word = event.record | time << 208
        about = About.STANDING
        found.append(NewsItem(at=Cursor(place, 0), time=time, about=about, register=1, entry=ENTRY, words=((0, word),)))
    return found


def test_each_event_of_a_standing_is_proven_by_its_history_and_the_last_one_stands() -> None:
    world, pinned, evidence = life()
    proven = [verify_news_of_standing(item, evidence, pinned, now=world.now) for item in told(world)]
    assert [one.stands for one in proven] == [False, False, True]
    assert [one.item.what for one in proven] == ["grant", "suspend", "reinstate"]


def test_an_event_that_never_happened_is_not_proven_by_the_history() -> None:
    world, pinned, evidence = life()
    item = told(world)[1]
    [(_, word)] = item.words
    for lie in (replace(item, words=((0, word ^ 1),)), replace(item, time=item.time - 1)):
        with pytest.raises(NewsDiffer):
            verify_news_of_standing(lie, evidence, pinned, now=world.now)
    with pytest.raises(OtherHistory):
        verify_news_of_standing(replace(item, entry=bytes(32)), evidence, pinned, now=world.now)
