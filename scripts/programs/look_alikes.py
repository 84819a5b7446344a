"""Write the table of letters that look like Latin capitals, or with --check compare it: `scripts/programs/look_alikes.py [--check]`.

Source: Unicode's confusables.txt (UTS 39), as the package `confusable-homoglyphs` carries it. Kept are the Cyrillic and Greek capitals that look
like one of A-Z or 0-9. Unicode gives I and l one prototype, l; among capitals it stands for I.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from importlib import resources
from pathlib import Path

import aeo_ledger.customs

FILE = Path(aeo_ledger.customs.__path__[0]) / "look_alikes.py"
SCRIPTS = ("CYRILLIC", "GREEK")
HEAD = '''"""Cyrillic and Greek capitals, each with the Latin capital or digit that it looks like. Written by scripts/programs/look_alikes.py.

A person cannot see the difference, and a computer compares nothing else. `customs.spelling` says where such a letter is read as a Latin one.

Source: Unicode's confusables.txt (UTS 39).
"""

from __future__ import annotations

from typing import Final

LATIN_OF: Final = {
'''


def find_look_alikes() -> dict[str, str]:
    file = resources.files("confusable_homoglyphs").joinpath("confusables.json")
    likes: dict[str, list[dict[str, str]]] = json.loads(file.read_text("utf-8"))
    found: dict[str, str] = {}
    for character, entries in likes.items():
        name = unicodedata.name(character, "") if len(character) == 1 else ""
        if name.startswith(tuple(f"{script} CAPITAL LETTER " for script in SCRIPTS)):
            latin = ["I" if entry["c"] == "l" else entry["c"] for entry in entries]
            found.update((character, one) for one in latin if len(one) == 1 and one.isascii() and one.upper() == one)
    return dict(sorted(found.items()))


def write_table() -> str:
    rows = (
        f'    "\\u{ord(character):04x}": "{latin}",  # {unicodedata.name(character)}\n'
        for character, latin in find_look_alikes().items()
    )
    return f"{HEAD}{''.join(rows)}}}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the table is not up to date")
    written = write_table()
    if parser.parse_args().check:
        if FILE.read_text(encoding="utf-8") == written:
            return 0
        print(f"{FILE.name} is not up to date: run scripts/programs/look_alikes.py", file=sys.stderr)
        return 1
    FILE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
