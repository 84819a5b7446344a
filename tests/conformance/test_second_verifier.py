"""The second verifier, in JavaScript, written from the format's page: the same verdict on whatever it is given, in Node and in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.evidence import EVIDENCE_FORM, AliasQuestion, AnyQuestion, Question
from aeo_ledger.evidence.question import CIRCUMSTANCES, encode_question
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import TRUST_FORM, verify_recognition
from conformance.conftest import Judge
from conformance.make_vectors import TRUST, VECTORS, Case, prove, sealed
from conformance.targets import TARGETS, alien_to, target
from conformance.vector_cases import report, verify
from support.mutations import mutate_bytes, mutate_parts, mutate_tree
from support.random_worlds import grow_old, random_world
from support.sealed_world import DE_TRADER, EU, NOW, PL, CustomsFacts, entry_of, lookup_keys, question

Verdicts = dict[str, dict[str, Any]]
THEN = NOW - 100
PINNED = json.loads((VECTORS / "trust.json").read_text())


def run(judge: Judge, cases: list[dict[str, Any]]) -> Verdicts:
    found = judge([{"task": "vector", "given": case, "pinned": PINNED} for case in cases])
    return {case["name"]: verdict for case, verdict in zip(cases, found, strict=True)}


def test_it_gives_the_verdict_of_every_vector_and_refuses_by_the_same_name(in_javascript: Judge) -> None:
    cases = [json.loads(path.read_text()) for kind in ("golden", "hostile") for path in (VECTORS / kind).glob("*.json")]
    verdicts = run(in_javascript, cases)
    expected = {case["name"]: case["expected"] for case in cases}
    assert len([one for one in expected.values() if "refused" not in one]) > 50
    assert verdicts == expected


def _by_alias(asked: Question, world: CustomsFacts, dice: Random) -> tuple[AnyQuestion, dict[int, Tin]]:
    """Ask about the trader by a code, which the recogniser or its union bound well, wrongly, twice, or not at all."""
    recogniser, alias = dice.choice((PL, EU)), AliasCode(AliasKind.DUNS, "123456789")
    for binding in range(dice.choice((0, 1, 1, 1, 1, 2))):
        tin = dice.choice((DE_TRADER, DE_TRADER, DE_TRADER, Tin("DE999999")))
        entries = [entry_of(tin, EU, kind) for kind in dice.choice(((0,), (1,), (0, 1)))]
        changed_at = dice.choice((THEN - 10, THEN - 10, THEN + 10))
        world.bind(recogniser, alias, *entries, binding=binding, changed_at=changed_at)
    circumstances = {name: getattr(asked, name) for name in CIRCUMSTANCES}
    return AliasQuestion(alias=alias, **circumstances), {0: DE_TRADER} if dice.random() < 0.9 else {}


def _close(world: CustomsFacts, dice: Random) -> LookupKeys:
    """Make the EU's register keyed, with all that it holds of the trader; return the asker's keys, which may be wrong or too few."""
    world.keyed(EU, world.registers[EU].types)
    moved = {entry_of(DE_TRADER, EU, kind): world.entry_of(DE_TRADER, EU, kind) for kind in range(16)}
    world.records = {moved.get(entry, entry): word for entry, word in world.records.items()}
    world.withholdings = {(by, moved.get(entry, entry)): word for (by, entry), word in world.withholdings.items()}
    right = lookup_keys(EU)
    return dice.choice((right, right, right, lookup_keys(EU, types=(0,)), lookup_keys(EU, secret=bytes(32)), NO_KEYS))


def random_cases(dice: Random) -> Iterator[Case]:
    """Ask in unusual worlds, about now and the past, with honest evidence and with evidence that lacks or gains a node."""
    for number in range(200):
        world = random_world(dice)
        on = dice.choice((None, THEN))
        if on:
            for entry, old in world.records.items():
                world.records[entry] = replace(old, valid_from=THEN - 50, since=THEN - 50, recorded_at=THEN - 50)
            grow_old(world, dice)
        if dice.random() < 0.2:
            world.supersede(dice.choice((NOW, NOW + 1, THEN, THEN + 1)))
        asked: AnyQuestion = question(
            DE_TRADER, dice.choice((PL, PL, EU)), on=on, certificate_type=dice.choice((None, None, None, 1, "AEOC")),
            register=dice.choice((None, None, None, "EU")),
        )  # fmt: skip
        traders: dict[int, Tin] = {}
        keys, right = NO_KEYS, NO_KEYS
        if dice.random() < 0.3 and EU in world.registers:
            keys, right = _close(world, dice), lookup_keys(EU)
        elif dice.random() < 0.3:
            asked, traders = _by_alias(asked, world, dice)
        evidence = prove(sealed(world), asked, traders=traders, keys=right)
        for kind in range(2):
            if kind:
                at = dice.randrange(len(evidence.nodes))
                fewer = (*evidence.nodes[:at], *evidence.nodes[at + 1 :])
                evidence = replace(evidence, nodes=dice.choice((fewer, (*evidence.nodes, b"cargo"))))
            try:
                proven = verify_recognition(evidence, asked, TRUST, now=NOW, max_age=300, keys=keys)
                expected = report((proven,))
            except (Malformed, Unproven) as error:
                expected = {"refused": type(error).__name__}
            yield Case(
                name=f"{number}-{kind}",
                about="random",
                why="",
                evidence=evidence,
                asked=[asked],
                expected=expected,
                keys=keys,
            )


def test_it_agrees_on_random_worlds_and_past_times(in_node: Judge) -> None:
    cases = list(random_cases(Random(20)))  # noqa: S311
    verdicts = run(in_node, [case.to_json() for case in cases])
    refusals = {}
    for case in cases:
        assert verdicts[case.name] == case.expected, EVIDENCE_FORM.encode_json(case.evidence)
        if "refused" in case.expected:
            refusals[case.name] = case.expected["refused"]
    about_aliases = {"AliasOfAnother", "AmbiguousAlias", "TraderUnnamed"}
    about_keys = {"KeyNeeded", "WrongLookupKey"}
    others = {"HistoryNeeded", "MissingNode", "Superseded", "SurplusNodes", "UnknownCertificateType"}
    assert set(refusals.values()) == about_aliases | about_keys | others
    assert 200 <= len(refusals) <= 340


def case_of(name: str) -> dict[str, Any]:
    """Give a target the form of a vector, without its evidence."""
    if not name.startswith("history"):
        case: dict[str, Any] = json.loads((VECTORS / "golden" / f"{name}.json").read_text())
        return {key: value for key, value in case.items() if key != "evidence"}
    goal = target(name)
    asked = [encode_question(question) for question in goal.asked]
    return {"trust": json.loads(TRUST_FORM.encode_json(goal.trust)), "asked": asked, "now": goal.now, "max_age": 300}


def damaged(dice: Random, name: str, number: int) -> dict[str, Any]:
    """Damage the evidence of a golden vector: its parts, the bytes of its CBOR, or its JSON."""
    case, goal, alien = case_of(name), target(name).evidence, alien_to(name)
    manner = number % 3
    if manner == 0:
        given = {"evidence": json.loads(EVIDENCE_FORM.encode_json(mutate_parts(dice, goal, alien)))}
    elif manner == 1:
        data = mutate_bytes(dice, EVIDENCE_FORM.encode_cbor(goal), EVIDENCE_FORM.encode_cbor(alien))
        given = {"evidence_cbor": to_hex(data)}
    else:
        written, other = (json.loads(EVIDENCE_FORM.encode_json(one)) for one in (goal, alien))
        given = {"evidence_text": json.dumps(mutate_tree(dice, written, other))}
    return {**case, "name": f"{name} {number}", **given}


def judge_in_python(case: dict[str, Any]) -> dict[str, Any]:
    try:
        return report(verify(case))
    except (Malformed, Unproven) as error:
        return {"refused": type(error).__name__}


def test_damaged_evidence_is_refused_or_answered_as_in_python(in_node: Judge) -> None:
    dice = Random(15)  # noqa: S311
    cases = [damaged(dice, name, number) for number in range(90) for name in TARGETS]
    verdicts = run(in_node, cases)
    expected = {case["name"]: judge_in_python(case) for case in cases}
    differing = {name: (found, expected[name]) for name, found in verdicts.items() if found != expected[name]}
    assert {name: both for name, both in differing.items() if not all("refused" in one for one in both)} == {}
    assert len(differing) < len(cases) // 50, differing  # of two faults each may find another first
    assert sum("refused" in one for one in verdicts.values()) > len(cases) // 2
