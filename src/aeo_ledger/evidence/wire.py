"""The format `aeo-ledger/recognition-evidence/1`: JSON for people, CBOR for machines, one content.

    format      "aeo-ledger/recognition-evidence/1"
    questions   list of {tin, recogniser, direction, role} and, where asked, {type, register, on, known};
                about an alias {kind, alias} instead of {tin}
    header      bytes
    nodes       list of bytes
    history     for past times: the signed acts that the answers need, see `evidence.history`
    traders     for aliases: list of {question, tin}, by place of the question: the TIN that its alias is said to mean. The
                verifier derives the entry from it and compares it with the bound one, because the ledger shows only hashes

`aeo-ledger/history-evidence/1` is the same for the histories of standings alone: it has `history`, and its `questions` are
empty. `aeo-ledger/state-evidence/1` has neither. It proves words that the asker named.

Bytes are `0x` and hexadecimal digits in JSON, and byte strings in CBOR. CBOR has one accepted encoding, the deterministic one.
Later parts will have their own keys (a disclosed certificate). A reader that does not know a key refuses
the document, because it would otherwise prove less than it was asked.

Source: RFC 8259; RFC 8949 section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.evidence.history import decode_history, encode_history
from aeo_ledger.evidence.question import AliasQuestion, AnyQuestion, decode_question, encode_question
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form

FORMAT: Final = "aeo-ledger/recognition-evidence/1"
"""Name and version. Another version is another format."""

HISTORY_FORMAT: Final = "aeo-ledger/history-evidence/1"
"""Format for histories that answer no question about recognition."""

STATE_FORMAT: Final = "aeo-ledger/state-evidence/1"
"""Format for words that answer no question, such as those that a signer checks before an act."""

MAX_BYTES: Final = 1 << 26
"""Longest evidence that is read, in either form. Ten thousand answers in JSON take a fifth of it."""
MAX_QUESTIONS: Final = 10_000
MAX_NODES: Final = 200_000


def _encode(evidence: Evidence) -> dict[str, Value]:
    history = {} if evidence.history is None else {"history": encode_history(evidence.history)}
    named: list[Value] = [{"question": place, "tin": tin.text} for place, tin in sorted(evidence.traders.items())]
    return {
        "format": _name_format(evidence),
        "questions": [encode_question(question) for question in evidence.questions],
        "header": evidence.header,
        "nodes": list(evidence.nodes),
        **history,
        **({"traders": named} if named else {}),
    }


def _name_format(evidence: Evidence) -> str:
    if evidence.questions:
        return FORMAT
    return STATE_FORMAT if evidence.history is None else HISTORY_FORMAT


def _decode(fields: Fields) -> Evidence:
    fields.demand(("format", "questions", "header", "nodes"), optional=("history", "traders"))
    form = fields.choice("format", {name: name for name in (FORMAT, HISTORY_FORMAT, STATE_FORMAT)})
    asked = form == FORMAT
    questions = tuple(decode_question(question) for question in fields.objects("questions", MAX_QUESTIONS))
    if asked != bool(questions):
        fields.refuse("questions", "needed at least one" if asked else "needed none")
    if not asked:
        history = ("history",) if form == HISTORY_FORMAT else ()
        fields.demand(("format", "questions", "header", "nodes", *history))
    header = fields.binary("header")
    if len(header) > MAX_HEADER_BYTES:
        raise MalformedDocument("evidence", "header", f"{len(header)} bytes, at most {MAX_HEADER_BYTES} are read")
    told = decode_history(fields.object("history")) if "history" in fields else None
    return Evidence(
        questions=questions,
        header=header,
        nodes=fields.binaries("nodes", MAX_NODES),
        history=told,
        traders=_decode_traders(fields, questions) if "traders" in fields else {},
    )


def _decode_traders(fields: Fields, questions: Sequence[AnyQuestion]) -> dict[int, Tin]:
    traders: dict[int, Tin] = {}
    for one in fields.objects("traders", len(questions)):
        one.demand(("question", "tin"))
        place = one.number("question", len(questions) - 1)
        if not isinstance(questions[place], AliasQuestion) or place <= max(traders, default=-1):
            one.refuse("question", "needed questions about an alias, each once, in order")
        traders[place] = Tin(one.text("tin", 17))
    if not traders:
        fields.refuse("traders", "needed at least one")
    return traders


EVIDENCE_FORM: Final = Form("evidence", _encode, _decode, max_bytes=MAX_BYTES)
"""Evidence in both forms. Reading also raises `MalformedTin` or `MalformedAlias` if a trader's number or code is malformed."""
