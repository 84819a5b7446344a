"""The lab's figures: a scenario run from the beginning, what each channel costs, and by which rule the ledger wins and loses."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from figures_sheet import Sheet

from aeo_ledger.lab.run import run_scenario
from aeo_ledger.lab.scenario import read_scenario


def lab_figures(sheet: Sheet, name: str, home: Path | None) -> None:
    """Run a shipped scenario, and print its main tables."""
    with tempfile.TemporaryDirectory() as temporary:
        used, passed = time.process_time(), time.perf_counter()
        with sheet.busy(f"running {name}"):
            done = run_scenario(read_scenario(name), home or Path(temporary) / "run")
        used, passed = time.process_time() - used, time.perf_counter() - passed
    exposure, delays, traffic = (
        {str(row["channel"]): row for row in done.tables[table].records()}
        for table in ("exposure", "propagation", "traffic")
    )
    table = sheet.table(
        f"{done.scenario.title}: what a channel costs in a year",
        {
            "channel": "text",
            "median delay": "s",
            "undue": "company-days",
            "withheld": "company-days",
            "sent": "bytes",
            "kept": "bytes",
        },
    )
    for channel, row in exposure.items():
        sent, late = traffic[channel], delays[channel]
        table.add_row(
            channel, *map(_show, (late["median_s"], row["undue"], row["withheld"], sent["bytes"], sent["kept_bytes"]))
        )
    sheet.print(table)
    verdicts = sheet.table(
        "The ledger against each rival: measures by verdict",
        {"rival": "text", "ledger better": "", "rival better": "", "equal": "", "open": ""},
    )
    for counted in done.tables["verdict_counts"].rows:
        verdicts.add_row(*map(str, counted))
    sheet.print(verdicts)
    sheet.print(
        f"{passed:,.0f} s, of which {used:,.0f} s of one processor; a run that was there already is not made again."
    )


def _show(value: Any) -> str:
    return f"{float(value):,.3g}" if abs(float(value)) < 1_000 else f"{float(value):,.0f}"
