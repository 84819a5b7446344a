"""Whatever is done to evidence, it proves what it proved before, or nothing; and nothing that is sent exhausts the reader."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import pytest

from aeo_ledger.customs.vocabulary import Reason
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.errors.evidence import MalformedHeader
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.verify import MissingNode, StrangerSealed
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.evidence.wire import MAX_BYTES, MAX_NODES, MAX_QUESTIONS
from aeo_ledger.primitives.cbor import encode_cbor as cbor
from aeo_ledger.primitives.documents import MAX_ITEMS
from aeo_ledger.verify import verify_recognition
from conformance.make_vectors import ASKED, TRUST, prove, recognising, sealed
from conformance.targets import TARGETS, alien_to, judged, target, truth_of
from support.mutations import mutate_bytes, mutate_parts, mutate_tree
from support.sealed_world import BY, BY_TRADER, CN, EU, PL, question
from support.sealing import STRANGER, seal

ROUNDS = 560
"""Of each target, in each of four manners: 20,160 in all."""


def test_the_targets_are_yes_and_no() -> None:
    assert {truth_of(name)[0].decision.recognised for name in TARGETS} == {True, False}
    assert truth_of("history-yes")[0].decision.recognised
    assert truth_of("history-no")[0].decision.reasons == (Reason.SUSPENDED,)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_cbor_never_proves_another_decision(name: str) -> None:
    dice = Random(name)  # noqa: S311
    data, alien = EVIDENCE_FORM.encode_cbor(target(name).evidence), EVIDENCE_FORM.encode_cbor(alien_to(name))
    outcomes = Counter(
        judged(name, lambda: EVIDENCE_FORM.decode_cbor(mutate_bytes(dice, data, alien))) for _ in range(ROUNDS)
    )
    assert outcomes["malformed"] > 50
    assert outcomes["unproven"] > 50


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_json_never_proves_another_decision(name: str) -> None:
    dice = Random(name)  # noqa: S311
    data, alien = (
        EVIDENCE_FORM.encode_json(target(name).evidence).encode(),
        EVIDENCE_FORM.encode_json(alien_to(name)).encode(),
    )
    outcomes = Counter(
        judged(name, lambda: EVIDENCE_FORM.decode_json(mutate_bytes(dice, data, alien))) for _ in range(ROUNDS)
    )
    assert outcomes["malformed"] > 50
    assert outcomes["unproven"] > 50


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_parts_never_prove_another_decision(name: str) -> None:
    dice = Random(name)  # noqa: S311
    evidence, alien = target(name).evidence, alien_to(name)

    def mutated() -> Evidence:
        damaged = mutate_parts(dice, evidence, alien)
        return (
            EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(damaged))
            if dice.random() < 0.5
            else EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(damaged))
        )

    outcomes = Counter(judged(name, mutated) for _ in range(ROUNDS))
    assert outcomes["malformed"] > 30
    assert outcomes["unproven"] > 300
    assert outcomes["the same"] > 10  # nodes in another order, say


@pytest.mark.parametrize("name", TARGETS)
def test_a_damaged_document_never_proves_another_decision(name: str) -> None:
    dice = Random(name)  # noqa: S311
    document = json.loads(EVIDENCE_FORM.encode_json(target(name).evidence))
    alien = json.loads(EVIDENCE_FORM.encode_json(alien_to(name)))
    outcomes = Counter(
        judged(name, lambda: EVIDENCE_FORM.decode_json(json.dumps(mutate_tree(dice, document, alien))))
        for _ in range(ROUNDS)
    )
    assert outcomes["malformed"] > 50
    assert outcomes["unproven"] > 50


def test_words_that_no_contract_writes_are_refused_or_decided_but_never_crash_the_verifier() -> None:
    """Validators seal garbage in place of one or several words. The verifier must refuse it or decide, and never crash."""
    dice = Random(9)  # noqa: S311
    honest = recognising().recognise(EU, BY).withhold(CN, BY_TRADER, BY, 2)
    asked = question(BY_TRADER, PL)
    slots = [slot for words in honest.words().values() for slot, word in words.items() if word]
    outcomes: Counter[str] = Counter()
    for _ in range(300):
        forged = {}
        for slot in dice.sample(slots, dice.choice((1, 1, 2, 5))):
            true = next(words[slot] for words in honest.words().values() if slot in words)
            garbage = dice.choice((true ^ 1 << dice.randrange(256), dice.getrandbits(256), dice.randrange(1, 1 << 9)))
            forged[slot] = garbage or 1
        there = sealed(honest, forged=forged)
        everything = [(contract, slot) for contract, words in there.words.items() for slot in words]
        evidence = Evidence(questions=(asked, ASKED), header=there.header.encode(), nodes=there.nodes(everything))
        try:
            proven = verify_recognition(evidence, asked, TRUST, now=target("yes").now, max_age=300)
        except (Malformed, Unproven) as error:
            outcomes[type(error).__name__] += 1
        else:
            outcomes[str(proven.decision.recognised)] += 1
    assert outcomes["UnreadableValue"] > 20
    assert outcomes["True"] > 20
    assert outcomes["False"] > 3


def test_at_least_twenty_thousand_mutations_are_tried() -> None:
    assert len(TARGETS) * 4 * ROUNDS >= 20_000


# ------------------------------------------------------------------ size, depth, repetition


@contextmanager
def within(*, seconds: float, mebibytes: float) -> Iterator[None]:
    """Demand that a call takes few processor seconds and little memory. The bounds are wide, but far below what the input could cost.

    Memory is traced, which makes everything some five times slower.
    """
    tracemalloc.start()
    started = time.process_time()
    try:
        yield
        took, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert took < seconds
    assert peak < mebibytes * (1 << 20)


BOMBS_JSON = {
    "longer than read": lambda: "x" * (MAX_BYTES + 1),
    "lists in lists": lambda: "[" * MAX_BYTES,
    "objects in objects": lambda: '{"a":' * (MAX_BYTES // 5),
    "many empty objects": lambda: '{"nodes":[' + "{}," * (MAX_BYTES // 3 - 10) + "{}]}",
    "many numbers": lambda: '{"nodes":[' + "1," * (MAX_BYTES // 2 - 10) + "1]}",
    "a long number": lambda: '{"nodes":' + "1" * 5_000_000 + "}",
    "a long key": lambda: '{"' + "a" * 5_000_000 + '":1}',
    "open quotes": lambda: '"' * 1_000_000,
    "backslashes": lambda: '"' + "\\" * 1_000_001,
}


@pytest.mark.parametrize("bomb", BOMBS_JSON.values(), ids=BOMBS_JSON)
def test_json_that_would_exhaust_its_reader_is_refused_early(bomb: Callable[[], str]) -> None:
    text = bomb()
    with within(seconds=5, mebibytes=80), pytest.raises(MalformedDocument) as refusal:
        EVIDENCE_FORM.decode_json(text)
    assert len(str(refusal.value)) < 1_000


HEAD = b"\xa4" + cbor("nodes")
BOMBS_CBOR = {
    "longer than read": lambda: bytes(MAX_BYTES + 1),
    "lists in lists": lambda: b"\x81" * MAX_BYTES,
    "many empty objects": lambda: HEAD + b"\x9a" + (60 << 20).to_bytes(4, "big") + b"\xa0" * (60 << 20),
    "many empty bytes": lambda: HEAD + b"\x9a" + (60 << 20).to_bytes(4, "big") + b"\x40" * (60 << 20),
    "announced, not there": lambda: HEAD + b"\x9a\xff\xff\xff\xff",
    "announced longer than any": lambda: HEAD + b"\x5b" + b"\xff" * 8,
}


@pytest.mark.parametrize("bomb", BOMBS_CBOR.values(), ids=BOMBS_CBOR)
def test_cbor_that_would_exhaust_its_reader_is_refused_early(bomb: Callable[[], bytes]) -> None:
    data = bomb()
    with within(seconds=5, mebibytes=80), pytest.raises(MalformedDocument):
        EVIDENCE_FORM.decode_cbor(data)


def test_more_nodes_or_questions_than_read_are_refused() -> None:
    evidence = prove(sealed(recognising()))
    for many in (
        replace(evidence, nodes=(b"",) * (MAX_NODES + 1)),
        replace(evidence, questions=(ASKED,) * (MAX_QUESTIONS + 1)),
        replace(evidence, header=bytes(MAX_HEADER_BYTES + 1)),
    ):
        with pytest.raises(MalformedDocument):
            EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(many))
    assert MAX_NODES + 9 * MAX_QUESTIONS < MAX_ITEMS


def test_as_many_nodes_as_are_read_are_judged_in_bounded_time() -> None:
    evidence = prove(sealed(recognising()))
    nodes = tuple(number.to_bytes(3, "big") for number in range(MAX_NODES))
    with within(seconds=10, mebibytes=120), pytest.raises(MissingNode):
        verify_recognition(replace(evidence, nodes=nodes), ASKED, TRUST, now=target("yes").now, max_age=300)


def test_a_header_full_of_seals_or_lists_is_judged_in_bounded_time() -> None:
    there = sealed(recognising())
    evidence, header = prove(there), there.header
    sealed_by_none = seal(replace(header, seals=()), STRANGER).seals
    for seals, error in ((sealed_by_none * 900, StrangerSealed), (header.seals * 5_000, MalformedHeader)):
        many = replace(evidence, header=replace(header, seals=seals).encode())
        with within(seconds=5, mebibytes=20), pytest.raises(error):
            verify_recognition(many, ASKED, TRUST, now=target("yes").now, max_age=300)
    with within(seconds=5, mebibytes=20), pytest.raises(MalformedHeader):
        verify_recognition(replace(evidence, header=b"\xc1" * 60_000), ASKED, TRUST, now=target("yes").now, max_age=300)
