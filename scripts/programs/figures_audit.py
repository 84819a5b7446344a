"""Figures of an audit: a bulk load is executed again, on one core and on all cores."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from figures_sheet import Sheet

from aeo_ledger.network.audit import audit_ledger
from aeo_ledger.network.check import check_network

REACH = 10
"""Million gas a second on one core."""


def audit_figures(sheet: Sheet, folder: Path, certificates: int) -> None:
    """Audit a network's folder and print the speed; beside it, the time of `network check`.

    Args:
        sheet: Where to write.
        folder: The network's, closed.
        certificates: How many its register holds.
    """
    genesis = json.loads((folder / "genesis.json").read_text())
    units = {"what": "text", "seconds": "s", "million gas/s": "Mgas/s", "a core": "Mgas/s", "reach": "Mgas/s"}
    table = sheet.table(f"Audit of {certificates:,} certificates in publications of 100", units)
    slowest = float(REACH)
    for jobs in _cores():
        started = time.perf_counter()
        report = audit_ledger(folder / "ledger.sqlite", genesis, jobs=jobs)
        took = time.perf_counter() - started
        rate = report.executed_gas / 1_000_000 / took
        slowest = min(slowest, rate / jobs)
        name = f"every block executed again, {jobs} {'cores' if jobs > 1 else 'core'}"
        table.add_row(name, f"{took:.1f}", f"{rate:.1f}", f"{rate / jobs:.1f}", str(REACH))
    started = time.perf_counter()
    checked = check_network(folder, marks=folder.parent / "machine")
    took = time.perf_counter() - started
    table.add_row(
        f"network check: {sum(checked.read.values()):,} rows, pages, blocks and logs", f"{took:.1f}", "", "", ""
    )
    sheet.print(table)
    if slowest < REACH:
        raise SystemExit("the figure was not reached on this machine, this time")


def _cores() -> Iterator[int]:
    yield 1
    if (cores := os.cpu_count() or 1) > 1:
        yield cores
