"""The gateway's answers to questions: the prover's reading of the node's words, and the evidence with which others check it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import find_problems
from aeo_ledger.customs.vocabulary import Benefit, name_number
from aeo_ledger.errors import Unproven
from aeo_ledger.evidence import Evidence, Header, Question, encode_question
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_asked
from aeo_ledger.primitives.documents import Fields, within
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.prover.prove import prove, prove_many
from aeo_ledger.verify import TrustBundle


def answer(
    question: Question,
    ledger: Ledger,
    trust: TrustBundle,
    *,
    with_evidence: bool,
    with_history: bool = False,
    embed: Callable[[Evidence], Any] = EVIDENCE_FORM.encode_values,
) -> Mapping[str, Any]:
    """Answer a question, with evidence on request, embedded in the form of the answer."""
    prepared = prove(question, ledger, trust, with_history=with_history)
    return {
        **_name_question(question),
        **_name_block(prepared.header),
        **_name_answer(prepared.answers[0], trust),
        "evidence": embed(prepared.evidence) if with_evidence else None,
    }


def read_questions(asked: Sequence[dict[str, Any]], *, accept_odd: bool = False) -> list[Question]:
    """Read the questions of a manifest; odd TINs only if they are accepted.

    Raises:
        Malformed: a question cannot be read; `place` says which.
    """
    questions = []
    for place, one in enumerate(asked):
        with within(f"questions[{place}]"):
            fields = Fields(one, document="request", at=f"questions[{place}]")
            questions.append(read_asked(fields, accept_odd=accept_odd))
    return questions


def answer_many(
    questions: Sequence[Question],
    ledger: Ledger,
    trust: TrustBundle,
    *,
    embed: Callable[[Evidence], Any] = EVIDENCE_FORM.encode_values,
) -> Mapping[str, Any]:
    """Answer many questions as of one block, with one evidence document for all of them."""
    prepared = prove_many(questions, ledger, trust)
    decisions = [
        {**_name_question(question), **_name_answer(found, trust)}
        for question, found in zip(questions, prepared.answers, strict=True)
    ]
    return {
        **_name_block(prepared.header),
        "decisions": decisions,
        "evidence": embed(prepared.evidence),
    }


def _name_question(question: Question) -> dict[str, Any]:
    return {"question": encode_question(question), "problems": list(find_problems(question.tin))}


@lru_cache(maxsize=8)
def _name_block(header: Header) -> dict[str, Any]:
    return {"block": header.number, "block_hash": to_hex(header.hash()), "block_time": header.timestamp}


def _name_answer(found: Decision | Unproven, trust: TrustBundle) -> dict[str, Any]:
    """Write what the node's words say; it is unproven."""
    if isinstance(found, Unproven):
        nothing: dict[str, Any] = {"recognised": None, "reasons": [], "benefits": [], "issuer": None, "registers": []}
        return {**nothing, "unproven": str(found)}
    codes = {party.number: party.code for party in trust.parties}
    return {
        "recognised": found.recognised,
        "reasons": [reason.name.lower() for reason in found.reasons],
        "benefits": [name_number(benefit, Benefit) for benefit in found.benefits],
        "issuer": codes.get(found.standing.record.issuer) if found.standing else None,
        "registers": [codes.get(number, str(number)) for number in found.registers],
        "unproven": None,
    }
