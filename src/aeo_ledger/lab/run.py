"""Run a scenario, part by part, into a folder. A part whose tables are written is not made again, so a run that broke off goes on.

DIR/run.json            scenario, seed, version, parts that are finished, length and SHA-256 of each file
DIR/tables/*.csv        every result, as CSV and as Parquet
DIR/wall-clock/*.csv    times of this machine, and its description: the only files that differ between two runs of one seed
DIR/datapackage.json    what each column means (Frictionless Data Package)
DIR/figures/*.svg       drawn from the tables
DIR/report.html         figures, tables, methods, limits
DIR/ro-crate-metadata.json, CITATION.cff
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.lab import NotARun, OtherRun
from aeo_ledger.files import make_folder, write_file
from aeo_ledger.lab.citing import write_citation
from aeo_ledger.lab.figures import draw_figures
from aeo_ledger.lab.kept_files import check_files, record_files
from aeo_ledger.lab.parts import PARTS, Bench, Part
from aeo_ledger.lab.report import write_report
from aeo_ledger.lab.scenario import Mass, Scenario, Shock, Supposed
from aeo_ledger.lab.table_files import describe_machine, read_table, write_package, write_table
from aeo_ledger.lab.tables import ResultTable
from aeo_ledger.primitives.hashes import keccak256

FORMAT: Final = "aeo-ledger/lab-run/1"
_STATE: Final = "run.json"
_WORK: Final = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is finished."""

    folder: Path
    scenario: Scenario
    tables: dict[str, ResultTable]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    """Each part's title with the names of its tables."""

    def document(self) -> dict[str, Any]:
        """Describe it for machines."""
        return {
            "scenario": self.scenario.name,
            "seed": self.scenario.seed,
            "tables": sorted(self.tables),
            "report": str(self.folder / "report.html"),
        }

    @property
    def lines(self) -> list[str]:
        """Describe it for people: what the channels cost, as the report has it."""
        found = [f"{self.scenario.title}, seed {self.scenario.seed}: undue company-days a year"]
        rows = self.tables["exposure"].records() if "exposure" in self.tables else []
        found += [f"  {row['undue']:>10,.2f}  {row['channel']}" for row in rows]
        return found


def run_scenario(
    scenario: Scenario, out: Path, *, seed: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> Run:
    """Run a scenario, or go on with a run that broke off.

    Args:
        scenario: The scenario.
        out: Folder of the run; new, or of the same scenario, seed and version.
        seed: In place of the scenario's.
        progress: Called with what is being done.

    Raises:
        OtherRun: The folder holds another run.
        DamagedRun: A table that is there is not as the run wrote it.
        FileUnavailable: The folder cannot be written.
        MalformedScenario: The scenario leads nowhere; see `make_world`.
    """
    chosen = scenario if seed is None else replace(scenario, seed=seed)
    state = _open(out, chosen)
    tables: dict[str, ResultTable] = {}
    sections = []
    for place, part in enumerate(parts_of(chosen), 1):
        names = state["parts"].get(part.name)
        if names is None:
            progress(f"{place} of {len(parts_of(chosen))}: {part.title.lower()}")
            made = _make(part, Bench(scenario=chosen, work=out / _WORK, tables=tables, progress=progress), out)
            names = state["parts"][part.name] = [[table.name, table.wall_clock] for table in made]
            _keep(out, state)
        tables |= {name: read_table(out, name, wall_clock=wall_clock) for name, wall_clock in names}
        sections.append((part.title, tuple(name for name, _ in names)))
    run = Run(folder=out, scenario=chosen, tables=tables, sections=tuple(sections))
    progress("figures and report")
    finish(run)
    _keep(out, state)
    shutil.rmtree(out / _WORK, ignore_errors=True)
    return run


def parts_of(scenario: Scenario) -> list[Part]:
    """List the parts that run in a scenario."""
    return [part for part in PARTS if not part.only or scenario.name in part.only]


def finish(run: Run) -> None:
    """Write everything that follows from the tables."""
    write_package(run.folder, run.scenario, run.tables)
    draw_figures(run.folder, run.scenario, run.tables)
    write_report(run.folder, run.scenario, run.tables, run.sections)
    write_citation(run.folder, run.scenario)


def open_run(folder: Path) -> Run:
    """Read a finished run.

    Raises:
        NotARun: The folder holds none.
        DamagedRun: A file is not as the run wrote it.
    """
    try:
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        check_files(folder, state["files"])
        scenario = _scenario_of(state)
        names = {part: [(str(name), bool(clock)) for name, clock in rows] for part, rows in state["parts"].items()}
        tables = {name: read_table(folder, name, wall_clock=clock) for rows in names.values() for name, clock in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UnreadableFile) as error:
        raise NotARun(folder=str(folder), detail=repr(error)) from error
    missing = [part.name for part in parts_of(scenario) if part.name not in names]
    if missing:
        raise NotARun(folder=str(folder), detail=f"{', '.join(missing)} not done yet")
    sections = tuple((part.title, tuple(name for name, _ in names[part.name])) for part in parts_of(scenario))
    return Run(folder=folder, scenario=scenario, tables=tables, sections=sections)


def _make(part: Part, bench: Bench, out: Path) -> list[ResultTable]:
    shutil.rmtree(bench.work, ignore_errors=True)
    make_folder(bench.work)
    made = list(part.make(bench))
    for table in made:
        write_table(out, table)
        if table.wall_clock:
            write_file(out / "wall-clock" / "machine.json", f"{json.dumps(describe_machine(), indent=1)}\n".encode())
    return made


def _open(out: Path, scenario: Scenario) -> dict[str, Any]:
    """Open a run's folder; return its state, a new one if there was none."""
    make_folder(out)
    fresh = {
        "format": FORMAT,
        "name": scenario.name,
        "seed": scenario.seed,
        "identity": _identify(scenario),
        "scenario": asdict(scenario),
        "parts": {},
        "files": {},
    }
    path = out / _STATE
    if not path.exists():
        if any(out.iterdir()):
            raise OtherRun(
                folder=str(out), found="files that are no run", needed=f"{scenario.name}, seed {scenario.seed}"
            )
        _keep(out, fresh)
        return fresh
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = (f"{state['name']}, seed {state['seed']}", state["identity"])
        state["parts"].get("")  # a state without a table of parts is unreadable too
        check_files(out, state["files"], tables_alone=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotARun(folder=str(out), detail=f"{_STATE} cannot be read: {error!r}") from error
    if found[1] != fresh["identity"]:
        raise OtherRun(
            folder=str(out), found=found[0], needed=f"{scenario.name}, seed {scenario.seed}, as this version runs it"
        )
    return state


def _scenario_of(state: dict[str, Any]) -> Scenario:
    """Read the scenario of a run."""
    told: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in state["scenario"].items()
    }
    shocks = tuple(Shock(**row | {"event": Mass(row["event"])}) for row in told["shocks"])
    return Scenario(**told | {"shocks": shocks, "supposed": tuple(Supposed(**row) for row in told["supposed"])})


def _identify(scenario: Scenario) -> str:
    """Identify what decides a run: the scenario with every parameter, and the version."""
    from importlib.metadata import version  # noqa: PLC0415 (takes its time to load)

    told = f"{scenario!r} {sorted(scenario.parameters.items())} {version('aeo-ledger')}"
    return keccak256(told.encode()).hex()


def _keep(out: Path, state: dict[str, Any]) -> None:
    state["files"] = record_files(out)
    write_file(out / _STATE, f"{json.dumps(state, indent=1)}\n".encode())
