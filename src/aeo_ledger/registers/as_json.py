"""JSON, a list of objects, and JSON Lines, an object on each line. A key is a heading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.primitives.documents import load_json, refuse_costly, refuse_memory
from aeo_ledger.registers.sheet import (
    Dialect,
    Form,
    Raw,
    Sheet,
    SheetRow,
    refuse_long_cells,
    refuse_too_large,
    write_number,
)

_MAX_MEMORY: Final = 1 << 30
"""Most bytes of memory for a register's values: some 300,000 certificates."""
_DOCUMENT: Final = "register"


def is_json(text: str) -> bool:
    """Tell JSON from CSV by its first sign."""
    return text.lstrip()[:1] in {"[", "{"}


def read_json(text: str, dialect: Dialect) -> Sheet:
    """Read a list of objects, or an object on each line.

    Raises:
        MalformedDocument: it is not JSON, or a key appears twice in an object.
        MalformedText: it is no list of objects, or a limit is passed.
    """
    if text.lstrip().startswith("["):
        refuse_costly(text, document=_DOCUMENT, max_memory=_MAX_MEMORY)
        found = load_json(text, document=_DOCUMENT, fractions=True)
        return _make_sheet(Form.JSON, list(enumerate(found, 1)), dialect)
    refuse_too_large(text.count("\n"), 1)
    refuse_memory(text, document=_DOCUMENT, max_memory=_MAX_MEMORY)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return _make_sheet(Form.JSONL, [(number, _read_line(number, line)) for number, line in lines], dialect)


def _read_line(number: int, line: str) -> Any:
    refuse_costly(line, document=_DOCUMENT)
    try:
        return load_json(line, document=_DOCUMENT, fractions=True)
    except MalformedDocument as error:
        raise MalformedDocument(_DOCUMENT, f"line {number}", error.reason) from error


def _make_sheet(form: Form, objects: Sequence[tuple[int, Any]], dialect: Dialect) -> Sheet:
    place = "object" if form is Form.JSON else "line"
    header: dict[str, None] = {}
    for number, found in objects:
        if not isinstance(found, dict):
            raise MalformedText(f"{place} {number}", type(found).__name__, "an object with a key for each column")
        header.update(dict.fromkeys(found))
    refuse_too_large(len(objects), len(header))
    return Sheet(
        form=form,
        header=tuple(header),
        rows=tuple(_make_row(place, number, found, tuple(header)) for number, found in objects),
        dialect=dialect,
    )


def _make_row(place: str, number: int, found: Mapping[str, Any], header: Sequence[str]) -> SheetRow:
    raw = tuple(found.get(heading) for heading in header)
    for heading, value in zip(header, raw, strict=True):
        if isinstance(value, list | dict | bool):
            raise MalformedText(f"{place} {number}: {heading[:40]}", json.dumps(value)[:40], "a text or a number")
    cells = tuple(_write_cell(value) for value in raw)
    refuse_long_cells(place, number, cells)
    return SheetRow(number=number, cells=cells, raw=raw)


def _write_cell(value: str | float | None) -> str:
    return "" if value is None else value if isinstance(value, str) else write_number(value)


def write_json(header: Sequence[str], rows: Iterable[Sequence[Raw]], form: Form) -> bytes:
    """Write a list of objects with one object on each line, or JSON Lines; UTF-8."""
    objects = [json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows]
    text = "[\n" + ",\n".join(objects) + "\n]\n" if form is Form.JSON else "".join(f"{one}\n" for one in objects)
    return text.encode()
