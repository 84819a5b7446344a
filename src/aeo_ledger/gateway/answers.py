"""The gateway's answers to questions: the prover's reading of the node's words, and the evidence with which others check it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aeo_ledger.customs.alias_codes import read_alias
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin, find_problems, find_remarks, read_tin
from aeo_ledger.customs.vocabulary import Benefit, Role, name_number
from aeo_ledger.errors import Unproven
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Evidence, Header, Question, encode_question
from aeo_ledger.evidence.wire import EVIDENCE_FORM
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
        **_name_block(prepared.header),
        **_name_answer(prepared.answers[0], trust),
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


def read_questions(asked: Sequence[dict[str, Any]], *, accept_odd: bool = False) -> list[AnyQuestion]:
    """Read the questions of a manifest; odd TINs only if they are accepted.

    Raises:
        Malformed: a question cannot be read; `place` says which.
    """
    questions: list[AnyQuestion] = []
    for place, one in enumerate(asked):
        with within(f"questions[{place}]"):
            fields = Fields(one, document="request", at=f"questions[{place}]")
            questions.append(read_asked(fields, accept_odd=accept_odd))
    return questions


def answer_many(
    questions: Sequence[AnyQuestion],
    ledger: Ledger,
    trust: TrustBundle,
    names: Names = NO_NAMES,
    *,
    keys: LookupKeys = NO_KEYS,
    keyless: bool = False,
    embed: Callable[[Evidence], Any] = EVIDENCE_FORM.encode_values,
) -> Mapping[str, Any]:
    """Answer many questions as of one block, with one evidence document for all of them; see `prove_many` for `keyless`."""
    prepared = prove_many(questions, ledger, trust, names, keys=keys, keyless=keyless)
    traders = prepared.evidence.traders
    decisions = [
        {**_name_question(question, traders.get(place)), **_name_answer(found, trust)}
        for place, (question, found) in enumerate(zip(questions, prepared.answers, strict=True))
    ]
    return {
        **_name_block(prepared.header),
        "decisions": decisions,
        "evidence": embed(prepared.evidence),
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
    return answer_many(view.questions(), ledger, trust, view.names(), keys=keys, keyless=True, embed=embed)


def _name_question(question: AnyQuestion, named: Tin | None) -> dict[str, Any]:
    """Write the question and, for an alias, the TIN that it is said to mean."""
    tin = question.tin if isinstance(question, Question) else named
    notes = {
        "problems": [] if tin is None else list(find_problems(tin)),
        "remarks": [] if tin is None else list(find_remarks(tin)),
    }
    trader = {} if isinstance(question, Question) else {"trader": None if tin is None else tin.text}
    return {"question": encode_question(question), **trader, **notes}


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
