"""What the gateway answers to questions: its own reading of the node's words, and the evidence that lets others check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aeo_ledger.customs.decision import decide
from aeo_ledger.customs.history import NO_HISTORY
from aeo_ledger.customs.tin import find_problems
from aeo_ledger.customs.vocabulary import Benefit, name_number
from aeo_ledger.errors import Unproven
from aeo_ledger.evidence import Evidence, Header, Question, decode_header, encode_question
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_asked
from aeo_ledger.primitives.documents import Fields, within
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.prover.prove import prove, prove_many
from aeo_ledger.verify import TrustBundle, resolve_question
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.recognition import refuse_future


def answer(
    question: Question, ledger: Ledger, trust: TrustBundle, *, with_evidence: bool, with_history: bool = False
) -> Mapping[str, Any]:
    """Answer a question, with evidence on request."""
    evidence = prove(question, ledger, trust, with_history=with_history)
    header = decode_header(evidence.header)
    view = WordView(lambda contract, slot: ledger.word(contract, slot, header.number))
    return {
        **_name_question(question),
        **_name_block(header),
        **_decide(question, evidence, header, view, trust),
        "evidence": EVIDENCE_FORM.encode_values(evidence) if with_evidence else None,
    }


def read_questions(asked: Sequence[dict[str, Any]], *, accept_odd: bool = False) -> list[Question]:
    """Read the questions of a manifest; odd numbers only where they are accepted.

    Raises:
        Malformed: one is none; `place` tells which.
    """
    questions = []
    for place, one in enumerate(asked):
        with within(f"questions[{place}]"):
            fields = Fields(one, document="request", at=f"questions[{place}]")
            questions.append(read_asked(fields, accept_odd=accept_odd))
    return questions


def answer_many(questions: Sequence[Question], ledger: Ledger, trust: TrustBundle) -> Mapping[str, Any]:
    """Answer many questions as of one block, with one evidence for all of them."""
    evidence, read = prove_many(questions, ledger, trust)
    header, view = decode_header(evidence.header), WordView(read)
    decisions = [
        {**_name_question(question), **_decide(question, evidence, header, view, trust)} for question in questions
    ]
    return {**_name_block(header), "decisions": decisions, "evidence": EVIDENCE_FORM.encode_values(evidence)}


def _name_question(question: Question) -> dict[str, Any]:
    return {"question": encode_question(question), "problems": list(find_problems(question.tin))}


def _name_block(header: Header) -> dict[str, Any]:
    return {"block": header.number, "block_hash": to_hex(header.hash()), "block_time": header.timestamp}


def _decide(
    question: Question, evidence: Evidence, header: Header, view: WordView, trust: TrustBundle
) -> dict[str, Any]:
    """Decide over the node's words, unproven."""
    codes = {party.number: party.code for party in trust.parties}
    try:
        refuse_future(question, header.timestamp)
        inquiry = resolve_question(question, trust, header.timestamp)
        histories = NO_HISTORY if evidence.history is None else verify_history(evidence.history, view, trust)
        decision = decide(inquiry, view, entries_of(question.tin), histories)
    except Unproven as error:
        nothing: dict[str, Any] = {"recognised": None, "reasons": [], "benefits": [], "issuer": None, "registers": []}
        return {**nothing, "unproven": str(error)}
    return {
        "recognised": decision.recognised,
        "reasons": [reason.name.lower() for reason in decision.reasons],
        "benefits": [name_number(benefit, Benefit) for benefit in decision.benefits],
        "issuer": codes.get(decision.standing.record.issuer) if decision.standing else None,
        "registers": [codes.get(number, str(number)) for number in decision.registers],
        "unproven": None,
    }
