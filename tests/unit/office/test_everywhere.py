from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.vocabulary import Direction, RegisterMode, Role
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.verify import AliasOfAnother, MissingNode, OtherQuestion
from aeo_ledger.evidence import Evidence, Question
from aeo_ledger.office.everywhere import View, find_recognisers, name_arrangements, read_directions, since_of, sum_up
from aeo_ledger.protocol.entries import entries_of, hash_alias
from aeo_ledger.protocol.facts import NotedWords
from aeo_ledger.verify import ProvenDecision, resolve_question, verify_each, verify_recognitions
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    EU,
    NOW,
    CustomsFacts,
    SealedWorld,
    entry_of,
    lane,
    trust,
)

MID = AliasCode(AliasKind.MID, "BYMINTRA12MIN")
VIEW = View(
    tin=BY_TRADER,
    role=Role.EXPORTER,
    directions=tuple(Direction),
    recognisers=find_recognisers(BY_TRADER, trust()),
    aliases=(("CN", MID),),
)


def evidence_of(world: CustomsFacts, view: View = VIEW) -> tuple[SealedWorld, Evidence]:
    there, questions = SealedWorld(world), view.questions()
    asked = [question for question in questions if isinstance(question, Question)]
    plain = there.prove(*asked)
    aliased = there.prove(*questions[len(asked) :], traders=dict(enumerate([view.tin] * len(view.aliases))))
    nodes = tuple(dict.fromkeys((*plain.nodes, *aliased.nodes)))
    traders = dict.fromkeys(range(len(asked), len(questions)), view.tin)
    return there, replace(plain, questions=questions, nodes=nodes, traders=traders)


def test_a_trader_asks_every_pinned_party_but_its_own_in_every_direction() -> None:
    assert VIEW.recognisers == ("EU", "EAEU", "CN", "DE", "PL", "KZ")
    asked = VIEW.questions()
    assert len(asked) == 6 * 3 + 1
    assert VIEW.names() == {MID: BY_TRADER}
    for view in (replace(VIEW, recognisers=(), aliases=()), replace(VIEW, recognisers=("CN",) * 334)):
        with pytest.raises(MalformedText):
            view.questions()
    assert read_directions(["export"]) == (Direction.EXPORT,)
    assert read_directions([]) == tuple(Direction)
    with pytest.raises(MalformedText, match="some of import, export, transit"):
        read_directions(["up"])


def test_answers_are_summed_up_by_recogniser_with_arrangement_benefits_and_since() -> None:
    begun = NOW - 30 * DAY
    world = CustomsFacts().grant(BY_TRADER, BY, 2).bind(CN, MID, entry_of(BY_TRADER, BY, 2))
    world.recognise(CN, BY, lane(directions=0b011, in_force_from=begun))
    there, evidence = evidence_of(world)
    answers = verify_each(evidence, VIEW.questions(), there.trust, now=NOW)
    china, rest = [line for line in sum_up(VIEW, answers) if line.recogniser == "CN"]
    assert (china.directions, rest.directions) == ((Direction.IMPORT, Direction.EXPORT), (Direction.TRANSIT,))
    assert isinstance(china.answer, ProvenDecision)
    assert isinstance(rest.answer, ProvenDecision)
    assert name_arrangements(china.answer) == ("CN-BY",)
    assert (since_of(china.answer.decision), since_of(rest.answer.decision)) == (begun, None)
    bound = answers[-1]
    assert isinstance(bound, ProvenDecision)
    assert bound.trader == BY_TRADER


def test_a_register_whose_key_is_not_here_is_left_open_and_never_a_no() -> None:
    world = CustomsFacts().recognise(CN, BY)
    world.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    there, view, words = SealedWorld(world), replace(VIEW, aliases=()), NotedWords(SealedWorld(world).read)
    for question in view.questions():
        assert isinstance(question, Question)
        with suppress(KeyNeeded):
            decide(resolve_question(question, there.trust, NOW), words, entries_of(question.tin))
    evidence = Evidence(questions=view.questions(), header=there.header.encode(), nodes=there.nodes(words.words))
    answers = verify_each(evidence, view.questions(), there.trust, now=NOW)
    for line in sum_up(view, answers):
        if line.recogniser == "CN" and Direction.IMPORT in line.directions:
            assert isinstance(line.answer, KeyNeeded)
        else:
            assert isinstance(line.answer, ProvenDecision)
            assert not line.answer.decision.recognised
    with pytest.raises(KeyNeeded):
        verify_recognitions(evidence, view.questions(), there.trust, now=NOW)


def test_what_is_wrong_with_the_evidence_itself_leaves_nothing_open() -> None:
    world = CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2).bind(CN, MID, entry_of(BY_TRADER, EU, 1))
    world.aliases[CN, hash_alias(CN, MID)] = replace(
        world.aliases[CN, hash_alias(CN, MID)],
        entries={(0, 2): entry_of(replace(BY_TRADER, text="BY100000000"), BY, 2)},
    )
    there, evidence = evidence_of(world)
    answers = verify_each(evidence, VIEW.questions(), there.trust, now=NOW)
    assert isinstance(answers[-1], AliasOfAnother)
    with pytest.raises(AliasOfAnother):
        verify_recognitions(evidence, VIEW.questions(), there.trust, now=NOW)
    with pytest.raises(MissingNode):
        verify_each(replace(evidence, nodes=evidence.nodes[:-1]), VIEW.questions(), there.trust, now=NOW)
    with pytest.raises(OtherQuestion):
        verify_each(evidence, VIEW.questions()[:-1], there.trust, now=NOW)
