"""`aeo-ledger ask --file` and `verify --file`: many traders at once, a table of answers, and one evidence that proves them all."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from aeo_ledger.cli import output
from aeo_ledger.cli.proving_many import Found, Prove, tell_block
from aeo_ledger.cli.screen import named, said
from aeo_ledger.customs.tin import find_problems, find_remarks
from aeo_ledger.customs.vocabulary import Benefit, Reason, name_number
from aeo_ledger.errors import Malformed, Unproven, name_of
from aeo_ledger.errors.verify import OtherQuestion
from aeo_ledger.office.question_file import QuestionLine
from aeo_ledger.verify import ProvenDecision, find_other_question
from aeo_ledger.wording.words import Words

COLUMNS: Final = ("line", "reference", "typed", "tin", "verdict", "reasons", "benefits", "issuer", "note")
"""Columns of the table of answers."""

_YES, _NO, _OPEN, _WRONG = "recognised", "not_recognised", "unproven", "malformed"
_CODES: Final = {
    _OPEN: output.EXIT_CODES[Unproven],
    _WRONG: output.EXIT_CODES[Malformed],
    _NO: output.NOT_RECOGNISED,
    _YES: output.YES,
}
"""Exit code of each verdict; the first one that a line has is the command's."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in a spreadsheet: such a text is written after an apostrophe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the file with its answer."""

    line: QuestionLine
    verdict: str
    answer: ProvenDecision | None
    note: str


def ask_file(lines: Sequence[QuestionLine], prove: Prove, *, out: Path | None, words: Words, as_json: bool) -> int:
    """Prove the answer to each line, write the table, and return the exit code."""
    asked = [line.question for line in lines if line.question is not None]
    found = prove(asked) if asked else Found()
    rows = [_judge(line, found) for line in lines]
    counts = Counter(row.verdict for row in rows)
    if out is not None:
        output.put(out, _write_table(rows))
    header = found.header
    document = {
        "lines": [_describe(row) for row in rows],
        "counts": {verdict: counts[verdict] for verdict in _CODES},
        "block": header and header.number,
        "block_time": header and header.timestamp,
    }
    shown = [_sum_up(counts, len(rows), words)]
    shown += [_tell(row, words) for row in rows if out is None or row.verdict in {_OPEN, _WRONG}]
    shown += [] if header is None else [tell_block(header, words)]
    shown += [found.note] if found.note else []
    shown += [] if out is None else [words.say("table      {file}", file=named(out))]
    if found.kept is not None:
        shown.append(words.say("evidence   {file}: `verify --file` checks it again", file=named(found.kept)))
    beside = output.STANDARD_OUTPUT if output.STANDARD_OUTPUT in {out, found.kept} else None
    output.show(document, as_json=as_json, lines=shown, proven=True, beside=beside)
    return next(code for verdict, code in _CODES.items() if counts[verdict])


def _judge(line: QuestionLine, found: Found) -> Row:
    if line.question is None:
        return Row(line=line, verdict=_WRONG, answer=None, note=str(line.problem))
    answer, claimed = found.answers[line.question], found.told.get(line.question)
    if isinstance(answer, OtherQuestion) and claimed is not None:
        return Row(line=line, verdict=_OPEN, answer=None, note=f"{claimed.said_by} says {said(str(claimed))}")
    if isinstance(answer, Unproven):
        return Row(line=line, verdict=_OPEN, answer=None, note=f"{name_of(answer)}: {answer}")
    notes = [] if line.asked is None else [step.value for step in line.asked.done]
    tin = line.question.tin
    notes += [*find_problems(tin), *find_remarks(tin, other_asked=find_other_question(answer) is not None)]
    verdict = _YES if answer.decision.recognised else _NO
    return Row(line=line, verdict=verdict, answer=answer, note="; ".join(notes))


def _describe(row: Row) -> dict[str, Any]:
    decision = None if row.answer is None else row.answer.decision
    return {
        "line": row.line.number,
        "reference": row.line.reference,
        "typed": row.line.typed,
        "tin": None if row.line.question is None else row.line.question.tin.text,
        "verdict": row.verdict,
        "reasons": [] if decision is None else [reason.name.lower() for reason in decision.reasons],
        "benefits": [] if decision is None else [name_number(benefit, Benefit) for benefit in decision.benefits],
        "issuer": None if row.answer is None else row.answer.issuer,
        "note": row.note,
    }


def _write_table(rows: Sequence[Row]) -> bytes:
    """Write the table as CSV, in UTF-8. Words from the file cannot be formulas."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = _describe(row)
        writer.writerow([_write_cell(cells[name]) for name in COLUMNS])
    return text.getvalue().encode()


def _write_cell(value: Any) -> str:
    text = "" if value is None else "|".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _name_verdict(verdict: str, words: Words) -> str:
    return {
        _YES: words.term("verdict", "recognised"),
        _NO: words.term("verdict", "not recognised"),
        _OPEN: words.term("verdict", "unproven"),
        _WRONG: words.term("verdict", "malformed"),
    }[verdict]


def _sum_up(counts: Mapping[str, int], total: int, words: Words) -> str:
    told = ", ".join(f"{words.number(counts[verdict])} {_name_verdict(verdict, words)}" for verdict in reversed(_CODES))
    return words.plural("{number} line: {counts}", "{number} lines: {counts}", total, counts=told)


def _tell(row: Row, words: Words) -> str:
    """Write one answer: the line and the trader, the verdict, and what there is to say of it."""
    decision = None if row.answer is None else row.answer.decision
    whom = said(row.line.typed) if row.line.question is None else row.line.question.tin.text
    parts = [] if decision is None else [words.name(benefit, Benefit) for benefit in decision.benefits]
    parts += [] if decision is None else [words.name(reason, Reason) for reason in decision.reasons]
    told = "; ".join(part for part in (", ".join(parts), row.note) if part)
    head = words.say(
        "  line {number:>4}  {trader}  {verdict}",
        number=row.line.number,
        trader=whom,
        verdict=_name_verdict(row.verdict, words).upper(),
    )
    return f"{head}: {told}" if told else head
