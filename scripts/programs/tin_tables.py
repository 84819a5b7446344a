"""Write the tables of traders' numbers for the verifier for browsers, or with --check compare them: `scripts/programs/tin_tables.py [--check]`.

They are the rows of `customs.countries`, `customs.prefixes` and `customs.look_alikes`. A check digit is a computation, which no table can hold:
of a rule that has one, the table says so (`isChecked`). `check_digits.mjs` computes three of them; of the others nothing is read that needs the digit
to be right.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import aeo_ledger.console
from aeo_ledger.customs.country import TinRule
from aeo_ledger.customs.look_alikes import LATIN_OF
from aeo_ledger.customs.prefixes import COUNTRIES, PREFIXES
from aeo_ledger.customs.spelling import rule_of

FILE = Path(str(resources.files(aeo_ledger.console))) / "static" / "verifier" / "tin_tables.mjs"
HEAD = """// Prefixes of traders' numbers, the rule of each, and letters that look Latin. Written by scripts/programs/tin_tables.py.
// `form` is the pattern of an identifier, `others` those of numbers that are no TIN, `scripts` whose letters may be read as Latin ones,
// `also` another prefix of the same trader. `isChecked`: it has a check digit, see `check_digits.mjs`.

"""


def write_tables() -> str:
    rules: dict[str, list[str]] = {}
    for prefix in sorted(PREFIXES):
        rule = rule_of(prefix)
        if rule is not None:
            rules.setdefault(_write(_row(rule)), []).append(prefix)
    rows = "".join(f"  [{_write(' '.join(prefixes))}, {row}],\n" for row, prefixes in rules.items())
    look_alikes = "".join(f"  [{json.dumps(letter)}, {_write(latin)}],\n" for letter, latin in LATIN_OF.items())
    return (
        f'{HEAD}export const COUNTRIES = new Set({_write(" ".join(sorted(COUNTRIES)))}.split(" "));\n'
        f"export const PREFIXES = new Set([...COUNTRIES, {', '.join(map(_write, sorted(PREFIXES - COUNTRIES)))}]);\n\n"
        f"export const LATIN_OF = new Map([\n{look_alikes}]);\n\n"
        f'export const RULES = new Map([\n{rows}].flatMap(([prefixes, rule]) => prefixes.split(" ").map((prefix) => [prefix, rule])));\n'
    )


def _row(rule: TinRule) -> dict[str, Any]:
    row = {
        "form": rule.form,
        "others": list(rule.others),
        "scripts": list(rule.scripts),
        "also": None if rule.also is None else rule.also[0],
        "isChecked": rule.is_valid is not None,
    }
    return {key: value for key, value in row.items() if value}


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the tables are not up to date")
    written = write_tables()
    if parser.parse_args().check:
        if FILE.read_text(encoding="utf-8") == written:
            return 0
        print(f"{FILE.name} is not up to date: run scripts/programs/tin_tables.py", file=sys.stderr)
        return 1
    FILE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
