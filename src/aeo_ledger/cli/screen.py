"""Make text safe for a terminal: one line of printable characters, with words from outside in quotation marks.

A terminal obeys control characters. A party's name in a bundle, a gateway's explanation, a file's name or a cell of a table can contain
characters that move the cursor, erase a line, or turn the direction of writing, and so show a false answer. Here every
character that is not printable is written as its number. Words from outside are in quotation marks, which their own text cannot
close, and are cut before they fill a screen.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from aeo_ledger.errors import AeoLedgerError

LONGEST_WORDS: Final = 300
"""Most characters that are shown of words from outside."""

LONGEST_LINE: Final = 2_000
"""Most characters that are shown of a message."""

_PLAIN: Final = re.compile(r"[\w./~+=:@%,-]+")
"""Names of files that need no quotation marks: without a space, a name cannot look like a sentence."""

_OUTSIDE_ASCII: Final = re.compile(r"[^\x20-\x7e]")

_FILE_FACTS: Final = frozenset({"path", "draft", "act", "book"})
"""Facts of errors that are names of files."""


def escape(text: str) -> str:
    """Write a text on one line of printable characters; escape the others as Python does."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def said(words: str, longest: int = LONGEST_WORDS) -> str:
    """Write words from outside: in quotation marks that they cannot close, on one line, cut if they are long."""
    cut = words if len(words) <= longest else f"{words[:longest]}..."
    return '"' + escape(cut.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def named(path: Path | str) -> str:
    """Write a name, such as a file's: as it is if it cannot be misread, else as words from outside."""
    name = str(path)
    return name if name.isprintable() and _PLAIN.fullmatch(name) else said(name, LONGEST_LINE)


def words_of(error: AeoLedgerError) -> str:
    """Write an error's message; names of files in it are written by `named`."""
    facts = error.facts()
    files = {name: named(fact) for name, fact in facts.items() if name in _FILE_FACTS and isinstance(fact, str)}
    text = str(type(error)(**facts | files)) if files else str(error)
    return escape(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}... ({len(text)} characters)")


def write_json(document: object, encoding: str) -> str:
    """Write JSON on one line for any encoding: characters that the encoding lacks, or that are not printable, are escaped."""

    def write(found: re.Match[str]) -> str:
        character = found[0]
        try:
            return character if character.isprintable() and character.encode(encoding) else json.dumps(character)[1:-1]
        except (UnicodeEncodeError, LookupError):
            return json.dumps(character)[1:-1]

    return _OUTSIDE_ASCII.sub(write, json.dumps(document, ensure_ascii=False))
