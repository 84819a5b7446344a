"""Write the schemas of every document that travels, or with --check compare them with the existing files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from aeo_ledger import schemas

FOLDER = Path(schemas.__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a schema is not up to date")
    checked: bool = parser.parse_args().check
    written = schemas.write_all()
    there = {path.name: path for kind in ("*.schema.json", "*.cddl") for path in FOLDER.glob(kind)}
    stale = {name for name in written if name not in there or there[name].read_text(encoding="utf-8") != written[name]}
    surplus = there.keys() - written.keys()
    if checked:
        for name in sorted(stale | surplus):
            print(f"{name} is not up to date: run scripts/schemas", file=sys.stderr)
        return 1 if stale or surplus else 0
    for name in surplus:
        there[name].unlink()
    for name in stale:
        (FOLDER / name).write_text(written[name], encoding="utf-8")
    print(f"{len(written)} schemas, {len(stale)} written, {len(surplus)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
