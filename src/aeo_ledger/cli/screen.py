"""What may reach a terminal: one line of characters that print, and other people's words as words.

A terminal obeys what it is sent. A party's name in a bundle, a gateway's explanation, a file's name or a cell of a table can hold
characters that move the cursor, erase a line, or turn the direction of writing, and so paint an answer that nobody gave. Here every
character that does not print is written as its number. What somebody else said stands in quotation marks, which its own text cannot
close, and is cut before it can fill a screen.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from aeo_ledger.errors import AeoLedgerError

LONGEST_WORDS: Final = 300
"""Characters of somebody's words that are shown."""

LONGEST_LINE: Final = 2_000
"""Characters of a message that are shown."""

_PLAIN: Final = re.compile(r"[\w./~+=:@%,-]+")
"""Names of files that need no quotation marks: no space in them, so none can look like a sentence."""

_OUTSIDE_ASCII: Final = re.compile(r"[^\x20-\x7e]")

_FILE_FACTS: Final = frozenset({"path", "draft", "act"})
"""Names under which errors carry names of files."""


def escape(text: str) -> str:
    """Write a text on one line of characters that print; others as Python escapes them in a text of its own."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def said(words: str, longest: int = LONGEST_WORDS) -> str:
    """Write somebody's words: in quotation marks that they cannot close, on one line, cut if they are long."""
    cut = words if len(words) <= longest else f"{words[:longest]}..."
    return '"' + escape(cut.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def named(path: Path | str) -> str:
    """Write a name, of a file for one: as it is if it can be taken for nothing else, else as somebody's words."""
    name = str(path)
    return name if name.isprintable() and _PLAIN.fullmatch(name) else said(name, LONGEST_LINE)


def words_of(error: AeoLedgerError) -> str:
    """Write what an error says, names of files in it as such."""
    facts = error.facts()
    files = {name: named(fact) for name, fact in facts.items() if name in _FILE_FACTS and isinstance(fact, str)}
    text = str(type(error)(**facts | files)) if files else str(error)
    return escape(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}... ({len(text)} characters)")


def write_json(document: object, encoding: str) -> str:
    """Write JSON on one line that is JSON in any encoding: characters that it lacks, or that do not print, are escaped."""

    def write(found: re.Match[str]) -> str:
        character = found[0]
        try:
            return character if character.isprintable() and character.encode(encoding) else json.dumps(character)[1:-1]
        except (UnicodeEncodeError, LookupError):
            return json.dumps(character)[1:-1]

    return _OUTSIDE_ASCII.sub(write, json.dumps(document, ensure_ascii=False))
