"""The files of a run as it wrote them: how long each is, and its SHA-256, so that one that was damaged or cut short later is noticed.

This finds accidents. Who alters a file on purpose can alter its record too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from aeo_ledger.errors.lab import DamagedRun
from aeo_ledger.files import write_file

CLOCK_RECORD: Final = "wall-clock/files.json"
"""The record of the files that differ between two runs of one seed."""
_RESULTS: Final = ("tables/*", "figures/*", "report.html", "datapackage.json", "ro-crate-metadata.json", "CITATION.cff")
_CLOCKS: Final = ("wall-clock/*",)


def record_files(run: Path) -> dict[str, Any]:
    """Describe a run's files for its `run.json`; the record of those with times of this machine is written beside them.

    Raises:
        FileUnavailable: It cannot be written.
    """
    if clocks := _describe(run, _CLOCKS):
        write_file(run / CLOCK_RECORD, f"{json.dumps(clocks, indent=1)}\n".encode())
    return _describe(run, _RESULTS)


def check_files(run: Path, recorded: Mapping[str, Any], *, tables_alone: bool = False) -> None:
    """Check the files of a run against their records.

    Args:
        run: Its folder.
        recorded: What `record_files` returned.
        tables_alone: Whether the run goes on: then reports and figures are made anew from its tables, and need not be whole.

    Raises:
        DamagedRun: A file is not as it was written.
        OSError, ValueError, KeyError, TypeError, AttributeError: A record cannot be read.
    """
    clocks = json.loads((run / CLOCK_RECORD).read_text(encoding="utf-8")) if (run / CLOCK_RECORD).exists() else {}
    for told, patterns in ((recorded, _RESULTS), (clocks, _CLOCKS)):
        found = _describe(run, patterns)  # no path is opened but those where a run writes
        for name, needed in told.items():
            if found.get(name) != needed and (not tables_alone or _is_table(Path(name))):
                raise DamagedRun(path=str(run / name), found=_show(found.get(name)), needed=_show(needed))


def _describe(run: Path, patterns: tuple[str, ...]) -> dict[str, Any]:
    found = {path.relative_to(run).as_posix(): path for pattern in patterns for path in run.glob(pattern)}
    return {name: _tell(path) for name, path in sorted(found.items()) if name != CLOCK_RECORD and path.is_file()}


def _tell(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": file_digest(file, "sha256").hexdigest()}


def _is_table(path: Path) -> bool:
    return str(path.parent) in ("tables", "wall-clock") and path.suffix != ".html"


def _show(told: Any) -> str:
    return "no such file" if told is None else f"{told['bytes']:,} bytes with the SHA-256 {told['sha256'][:16]}..."
