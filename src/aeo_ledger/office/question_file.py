"""A file of traders to be asked about at once: CSV, or one TIN a line. A line that cannot be read is named, and costs no other."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.customs.tin import Normalised, normalise
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import Question
from aeo_ledger.office.ask import read_file, read_question
from aeo_ledger.primitives.documents import decode_text
from aeo_ledger.verify import TrustBundle, resolve_question

CIRCUMSTANCES: Final = ("recogniser", "direction", "role", "type", "register", "on", "known")
"""Columns that say what is asked; without them, or where they are empty, it is what the command says."""
COLUMNS: Final = ("tin", "reference", *CIRCUMSTANCES)
"""Columns of the file, by their names in its first line. Only the first one is needed; a reference is written beside the answer."""

_DEMANDED: Final = CIRCUMSTANCES[:3]
_DELIMITERS: Final = (",", ";", "\t")
_LARGEST: Final = 1 << 22
"""Most bytes of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """One line of the file."""

    number: int
    """From 1, the first line of names included."""
    typed: str
    """The trader's number as the file has it."""
    reference: str
    """What the file calls the line, such as the number of a declaration; may be empty."""
    asked: Normalised | None
    """The TIN that was read in it."""
    question: Question | None
    problem: Malformed | None
    """Why there is no question."""


def read_question_file(
    path: Path, told: Sequence[str | None], trust: TrustBundle, *, accept_odd: bool = False
) -> tuple[QuestionLine, ...]:
    """Read a file of traders.

    Args:
        path: CSV in UTF-8 whose first line names a column `tin`, or a text with one TIN a line.
        told: What the command says of `CIRCUMSTANCES`, in their order.
        trust: Bundle pinned by the asker. A question about a party or a type that it does not name is malformed.
        accept_odd: Accept TINs that break their country's rule.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
        MalformedDocument: it is no text in UTF-8.
        MalformedText: its columns are other ones, or it has no line.
    """
    text = decode_text(read_file(path, max_bytes=_LARGEST), document=str(path))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = tuple(_read(number, cells, told, trust, accept_odd=accept_odd) for number, cells in _split(lines))
    if not found:
        raise MalformedText("the file of traders", "no line", "a TIN in each line")
    return found


def _split(lines: list[str]) -> Iterator[tuple[int, dict[str, str] | Malformed]]:
    """Yield the cells of each line by column, with its number; or why it has none. Empty lines are passed over."""
    first = next((line for line in lines if line.strip()), "")
    delimiter = next((sign for sign in _DELIMITERS if "tin" in _name(first, sign)), None)
    if delimiter is None:
        yield from ((number, {"tin": line.strip()}) for number, line in enumerate(lines, 1) if line.strip())
        return
    names = _name(first, delimiter)
    if not set(names) <= set(COLUMNS) or len(set(names)) < len(names):
        raise MalformedText(
            "columns of the traders", ascii(",".join(names)[:80]), f"each once, some of {', '.join(COLUMNS)}"
        )
    for number, line in enumerate(lines, 1):
        if not line.strip() or line is first:
            continue
        try:
            (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
        except (csv.Error, ValueError) as error:
            yield number, MalformedText("cells", repr(line)[:80], f"cells as CSV has them ({error})")
            continue
        if len(cells) != len(names):
            yield number, MalformedText("cells", f"{len(cells)}", f"{len(names)}, as the first line has")
        else:
            yield number, dict(zip(names, map(str.strip, cells), strict=True))


def _name(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(delimiter)]


def _read(
    number: int,
    cells: dict[str, str] | Malformed,
    told: Sequence[str | None],
    trust: TrustBundle,
    *,
    accept_odd: bool,
) -> QuestionLine:
    if isinstance(cells, Malformed):
        return QuestionLine(number=number, typed="", reference="", asked=None, question=None, problem=cells)
    asked = question = problem = None
    try:
        asked = normalise(cells["tin"], accept_odd=accept_odd)
        given = {name: cells.get(name) or word for name, word in zip(CIRCUMSTANCES, told, strict=True)}
        for name in _DEMANDED:
            if given[name] is None:
                raise MalformedText(name, "nothing", f"it in a column of the file, or as --{name}")
        question = read_question(asked.tin.text, *given.values(), accept_odd=accept_odd)  # type: ignore[arg-type]
        resolve_question(question, trust, 0)
    except Malformed as error:
        question, problem = None, error
    return QuestionLine(
        number=number,
        typed=cells["tin"],
        reference=cells.get("reference", ""),
        asked=asked,
        question=question,
        problem=problem,
    )
