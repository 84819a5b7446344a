"""The report of a run: one HTML file, made from tables and figures alone. What is in them is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aeo_ledger.errors import show_utc
from aeo_ledger.files import make_folder, write_file
from aeo_ledger.lab.figures import FIGURES, list_drawn
from aeo_ledger.lab.scenario import Scenario, is_shipped
from aeo_ledger.lab.tables import Cell, ResultTable

_TEMPLATES: Final = "templates"


def write_report(
    run: Path, scenario: Scenario, tables: Mapping[str, ResultTable], sections: Sequence[tuple[str, Sequence[str]]]
) -> None:
    """Write `report.html`, and `wall-clock/report.html` with the times of this machine."""
    page = _environment()
    told = {
        "scenario": scenario,
        "version": version("aeo-ledger"),
        "begins": show_utc(scenario.begins)[:10],
        "sections": [
            (title, [tables[name] for name in names if not tables[name].wall_clock])
            for title, names in _results_first(sections)
        ],
        "clocks": [table for table in tables.values() if table.wall_clock],
        "figures": [
            (name, FIGURES[name][2], Markup(_svg(run / "figures" / f"{name}.svg")))  # noqa: S704 (this program drew it)
            for name in list_drawn(tables)
        ],
        "verdicts": tables["verdicts"].records() if "verdicts" in tables else [],
        "shipped": is_shipped(scenario),
        "hypothetical": bool(scenario.supposed or scenario.multilateral),
    }
    write_file(run / "report.html", page.get_template("report.html.j2").render(told).encode())
    if told["clocks"]:
        make_folder(run / "wall-clock")
        write_file(run / "wall-clock" / "report.html", page.get_template("wall-clock.html.j2").render(told).encode())


def _results_first(sections: Sequence[tuple[str, Sequence[str]]]) -> Sequence[tuple[str, Sequence[str]]]:
    """Put the world, which is the first part of a run, behind what was found in it."""
    return (*sections[1:], *sections[:1])


def _environment() -> Environment:
    loader = PackageLoader("aeo_ledger.lab", _TEMPLATES)
    page = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page.filters["cell"] = show_cell
    return page


def show_cell(cell: Cell) -> str:
    """Write a cell for people."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1_000 else f"{cell:.4g}"
    return cell


def _svg(path: Path) -> Any:
    """Return a drawn figure without the head of an XML file, to stand in a page."""
    text = path.read_text(encoding="utf-8")
    return text[text.index("<svg") :]
