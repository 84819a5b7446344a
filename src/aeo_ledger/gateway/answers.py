"""The gateway's answers to questions: the prover's reading of the node's words, and the evidence with which others check it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from aeo_ledger.customs.alias_codes import read_alias
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin, find_problems, find_remarks, read_tin
from aeo_ledger.customs.vocabulary import Benefit, Role, name_number
from aeo_ledger.errors import AeoLedgerError, Malformed, Unproven
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Evidence, Header, Question, encode_question
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.problems import to_problem
from aeo_ledger.gateway.schemas import DecisionQuery, RecognitionsQuery
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_any_question, read_asked
from aeo_ledger.office.everywhere import View, find_recognisers, read_directions
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.documents import Fields, within
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.prover.prove import NO_NAMES, Names, prove, prove_many
from aeo_ledger.verify import TrustBundle

_NO_QUESTION: Final[Mapping[str, Any]] = {"question": None, "problems": [], "remarks": [], "in_evidence": None}
_NOTHING: Final[Mapping[str, Any]] = {
    "recognised": None,
    "reasons": [],
    "benefits": [],
    "issuer": None,
    "registers": [],
}
"""What is answered where nothing is decided."""


def answer(
    question: AnyQuestion,
    ledger: Ledger,
    trust: TrustBundle,
    *,
    with_evidence: bool,
    with_history: bool = False,
    names: Names = NO_NAMES,
    keys: LookupKeys = NO_KEYS,
    embed: Callable[[Evidence], Any] = EVIDENCE_FORM.encode_values,
) -> Mapping[str, Any]:
    """Answer a question, with evidence on request, embedded in the form of the answer. `names` says which trader an alias means."""
    prepared = prove(question, ledger, trust, with_history=with_history, names=names, keys=keys)
    return {
        **_name_question(question, prepared.evidence.traders.get(0)),
        **name_block(prepared.header),
        **name_answer(prepared.answers[0], trust),
        "evidence": embed(prepared.evidence) if with_evidence else None,
    }


def read_decision(asked: DecisionQuery, traders: Names) -> tuple[AnyQuestion, Names]:
    """Read a single question, and which trader its alias means: as the caller says, or else as the gateway's operator does.

    Raises:
        Malformed: a part of it cannot be read.
    """
    circumstances = (
        asked.recogniser,
        asked.direction,
        asked.role,
        asked.certificate_type,
        asked.register_of,
        asked.on,
        asked.known,
    )
    tin = None if asked.alias is not None else asked.tin
    question = read_any_question(tin, asked.alias, asked.kind, *circumstances, accept_odd=asked.accept_odd)
    if isinstance(question, AliasQuestion) and asked.tin is not None:
        return question, {question.alias: read_tin(asked.tin, accept_odd=asked.accept_odd)}
    return question, traders


def read_questions(asked: Sequence[Any], *, accept_odd: bool = False) -> list[AnyQuestion | Malformed]:
    """Read the questions of a manifest; odd TINs only if they are accepted. In the place of what cannot be read is the reason."""
    questions: list[AnyQuestion | Malformed] = []
    for place, one in enumerate(asked):
        try:
            with within(f"questions[{place}]"):
                fields = Fields(one, document="request", at=f"questions[{place}]")
                questions.append(read_asked(fields, accept_odd=accept_odd))
        except Malformed as error:
            questions.append(error)
    return questions


def answer_many(
    asked: Sequence[AnyQuestion | Malformed],
    ledger: Ledger,
    trust: TrustBundle,
    names: Names = NO_NAMES,
    *,
    keys: LookupKeys = NO_KEYS,
    with_history: bool = False,
    embed: Callable[[Evidence], Any] = EVIDENCE_FORM.encode_values,
) -> Mapping[str, Any]:
    """Answer many questions as of one block, with one evidence document for all that can be put. The others have a problem instead."""
    questions = {place: question for place, question in enumerate(asked) if not isinstance(question, Malformed)}
    prepared = prove_many(list(questions.values()), ledger, trust, names, keys=keys, with_history=with_history)
    problems: dict[int, AeoLedgerError] = {
        place: error for place, error in enumerate(asked) if isinstance(error, Malformed)
    }
    places = tuple(questions)
    for number, problem in prepared.problems.items():
        problem.place = f"questions[{places[number]}]"
        problems[places[number]] = problem
    answers = iter(zip(prepared.evidence.questions, prepared.answers, strict=True))
    traders, decisions, count = prepared.evidence.traders, [], 0
    for place in range(len(asked)):
        if place in problems:
            decisions.append({**_NO_QUESTION, **_NOTHING, "unproven": None, "problem": to_problem(problems[place])})
            continue
        question, found = next(answers)
        told = {**_name_question(question, traders.get(count)), **name_answer(found, trust)}
        decisions.append({**told, "in_evidence": count, "problem": None})
        count += 1
    return {
        **name_block(prepared.header),
        "decisions": decisions,
        "evidence": embed(prepared.evidence) if count else None,
    }


def read_view(tin: str, asked: RecognitionsQuery, trust: TrustBundle) -> View:
    """Read a trader's question to all recognisers.

    Raises:
        MalformedTin, MalformedAlias, MalformedText: a part of it cannot be read.
    """

    def split(text: str | None) -> list[str]:
        return [] if text is None else text.split(",")

    aliases = []
    for text in split(asked.aliases):
        code, kind, alias = [*text.split(":", 2), "", ""][:3]
        aliases.append((code, read_alias(alias, kind)))
    trader = read_tin(tin, accept_odd=asked.accept_odd)
    return View(
        tin=trader,
        role=Role[choose(asked.role, [role.name.lower() for role in Role], what="role").upper()],
        directions=read_directions(split(asked.directions)),
        recognisers=tuple(dict.fromkeys(split(asked.recognisers))) or find_recognisers(trader, trust),
        aliases=tuple(dict.fromkeys(aliases)),
    )


def answer_view(
    view: View,
    ledger: Ledger,
    trust: TrustBundle,
    *,
    keys: LookupKeys = NO_KEYS,
    embed: Callable[[Evidence], Any] = EVIDENCE_FORM.encode_values,
) -> Mapping[str, Any]:
    """Answer a trader's question to all recognisers; a register whose key is not here is an open question, and never a no."""
    return answer_many(view.questions(), ledger, trust, view.names(), keys=keys, embed=embed)


def _name_question(question: AnyQuestion, named: Tin | None) -> dict[str, Any]:
    """Write the question and, for an alias, the TIN that it is said to mean."""
    tin = question.tin if isinstance(question, Question) else named
    problems, remarks = ((), ()) if tin is None else _note(tin)
    notes = {"problems": list(problems), "remarks": list(remarks)}
    trader = {} if isinstance(question, Question) else {"trader": None if tin is None else tin.text}
    return {"question": encode_question(question), **trader, **notes}


@lru_cache(maxsize=1)
def _note(tin: Tin) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List what is odd about a TIN, and what else to know of it; a view asks this of one trader for each recogniser."""
    return tuple(find_problems(tin)), tuple(find_remarks(tin))


@lru_cache(maxsize=8)
def name_block(header: Header) -> dict[str, Any]:
    """Name the block of an answer."""
    return {"block": header.number, "block_hash": to_hex(header.hash()), "block_time": header.timestamp}


def name_answer(found: Decision | Unproven, trust: TrustBundle) -> dict[str, Any]:
    """Write what the node's words say; it is unproven."""
    if isinstance(found, Unproven):
        return {**_NOTHING, "unproven": str(found)}
    codes = {party.number: party.code for party in trust.parties}
    return {
        "recognised": found.recognised,
        "reasons": [reason.name.lower() for reason in found.reasons],
        "benefits": [name_number(benefit, Benefit) for benefit in found.benefits],
        "issuer": codes.get(found.standing.record.issuer) if found.standing else None,
        "registers": [codes.get(number, str(number)) for number in found.registers],
        "unproven": None,
    }
