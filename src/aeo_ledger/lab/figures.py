"""Figures as SVG, drawn from the tables alone: readable in print and by colour-blind readers, with seed and version on each.

Colours are those of Okabe and Ito; each channel also has its own dash and mark. The same tables give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from aeo_ledger.files import make_folder, write_file
from aeo_ledger.lab.channels import CHANNELS
from aeo_ledger.lab.measures import OUTCOMES
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.tables import ResultTable

_COLOURS: Final = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#8C8C8C", "#0072B2", "#CC79A7", "#D55E00")
_DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), "-")
_MARKS: Final = ("o", "s", "^", "v", "D", "P", "X", "*")
_HATCHES: Final = ("", "///", "...", "xxx", "\\\\\\", "+++")

_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "aeo-ledger", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9.0, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3, "legend.frameon": False, "figure.dpi": 100,
}  # fmt: skip

_LEAST_S: Final = 0.1
"""Delays below this are drawn here: a log axis has no zero."""

_TIMES: Final = (
    (1, "1 s"),
    (60, "1 min"),
    (3_600, "1 h"),
    (86_400, "1 day"),
    (604_800, "1 week"),
    (2_629_800, "1 month"),
)

Tables = Mapping[str, ResultTable]


def draw_figures(run: Path, scenario: Scenario, tables: Tables) -> None:
    """Draw every figure whose table is there."""
    make_folder(run / "figures")
    for name, (needed, draw, _) in FIGURES.items():
        if needed in tables and tables[needed].rows:
            write_file(run / "figures" / f"{name}.svg", draw_one(draw, scenario, tables))


def draw_one(draw: Callable[[Any, Tables], None], scenario: Scenario, tables: Tables) -> bytes:
    """Draw a figure and return it as SVG."""
    with mpl.rc_context(_STYLE), _figure(scenario) as (figure, axes):
        draw(axes, tables)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


@contextmanager
def _figure(scenario: Scenario) -> Iterator[tuple[Any, Any]]:
    mpl.use("svg")
    figure, axes = plt.subplots(figsize=(7.4, 4.2), layout="constrained")
    told = f"{scenario.name}, seed {scenario.seed}, AEO Ledger {version('aeo-ledger')}"
    figure.supxlabel(told, x=0.99, ha="right", fontsize=6.5, color="#555555")
    try:
        yield figure, axes
    finally:
        plt.close(figure)


def _time_axis(axis: Any) -> None:
    axis.set_major_locator(mpl.ticker.FixedLocator([at for at, _ in _TIMES]))
    axis.set_major_formatter(mpl.ticker.FixedFormatter([name for _, name in _TIMES]))
    axis.set_minor_locator(mpl.ticker.NullLocator())


def _rows(table: ResultTable) -> list[dict[str, Any]]:
    return [dict(row) for row in table.records()]


def _draw_delays(axes: Any, tables: Tables) -> None:
    rows = _rows(tables["propagation_quantiles"])
    for place, channel in enumerate(CHANNELS):
        mine = [(max(_LEAST_S, row["delay_s"]), row["quantile"]) for row in rows if row["channel"] == channel.name]
        if mine:
            delays, shares = zip(*mine, strict=True)
            axes.plot(
                delays, shares, color=_COLOURS[place], linestyle=_DASHES[place], marker=_MARKS[place], markevery=(place, 17), markersize=4,
                linewidth=2.4 if channel.name == "ledger" else 1.4, label=channel.name,
            )  # fmt: skip
    axes.set_xscale("log")
    _time_axis(axes.xaxis)
    axes.set_xlabel("from the decision until a partner knows")
    axes.set_ylabel("share of changes of status")
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.18), ncol=4)


def _draw_exposure(axes: Any, tables: Tables) -> None:
    rows = _rows(tables["exposure"])
    titles = {channel.title: channel.name for channel in CHANNELS}
    names = [titles[row["channel"]] for row in rows]
    least = 0.01
    for offset, column, low, high, colour, hatch in (
        (-0.2, "undue", "low", "high", _COLOURS[7], ""),
        (0.2, "withheld", "withheld_low", "withheld_high", _COLOURS[5], "///"),
    ):
        values = np.array([max(least, row[column]) for row in rows])
        reach = [
            [max(0.0, value - max(least, row[low] or least)), max(0.0, (row[high] or value) - value)]
            for value, row in zip(values, rows, strict=True)
        ]
        axes.barh(
            np.arange(len(rows)) + offset, values, height=0.38, color=colour, hatch=hatch, edgecolor="white", label=column,
            xerr=np.array(reach).T, error_kw={"elinewidth": 1, "capsize": 2},
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(left=least)
    axes.set_xlabel("company-days a year (log), with 95 % intervals; what is below 0.01 is drawn at 0.01")
    axes.legend(fontsize=8)


def _draw_answers(axes: Any, tables: Tables) -> None:
    rows = _rows(tables["answers"])
    titles = {channel.title: channel.name for channel in CHANNELS}
    left = np.zeros(len(rows))
    for place, outcome in enumerate(OUTCOMES[2:]):
        values = np.array([row[outcome] for row in rows])
        axes.barh(
            range(len(rows)),
            values,
            left=left,
            height=0.7,
            color=_COLOURS[place + 1],
            hatch=_HATCHES[place],
            edgecolor="white",
            label=outcome,
        )
        left += values
    axes.set_yticks(range(len(rows)), [titles[row["channel"]] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("per cent of the questions of border systems that end wrongly")
    axes.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 1.16), ncol=3)


def _draw_traffic(axes: Any, tables: Tables) -> None:
    rows = _rows(tables["traffic"])
    titles = {channel.title: channel.name for channel in CHANNELS}
    for offset, column, colour, hatch, label in (
        (-0.2, "bytes", _COLOURS[5], "", "sent"), (0.2, "kept_bytes", _COLOURS[1], "...", "kept, to decide disputes"),
    ):  # fmt: skip
        values = [row[column] or math.nan for row in rows]
        axes.barh(
            np.arange(len(rows)) + offset,
            values,
            height=0.38,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            label=label,
        )
    axes.set_yticks(range(len(rows)), [titles[row["channel"]] for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("bytes a year between administrations (log); 0 has no bar")
    axes.legend(fontsize=8)


def _draw_mass(axes: Any, tables: Tables) -> None:
    rows = _rows(tables["mass"])
    titles = {channel.title: channel.name for channel in CHANNELS}
    first = rows[0]["event"]
    rows = [row for row in rows if row["event"] == first]
    for place, (column, mark, label) in enumerate(
        (("half_s", "o", "50 %"), ("p95_s", "s", "95 %"), ("all_s", "X", "100 %"))
    ):
        axes.plot(
            [max(_LEAST_S, row[column]) for row in rows],
            range(len(rows)),
            mark,
            color=_COLOURS[(0, 5, 7)[place]],
            label=label,
            markersize=(9, 9, 5)[place],
            fillstyle=("full", "none", "full")[place],
        )
    axes.set_yticks(range(len(rows)), [titles[row["channel"]] for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    _time_axis(axes.xaxis)
    axes.set_xlabel(f"since the event began ({first}), until so much had arrived")
    axes.legend(fontsize=8)


def _draw_growth(axes: Any, tables: Tables) -> None:
    rows = _rows(tables["growth"])
    for place, channel in enumerate(CHANNELS):
        mine = [(row["parties"], row["messages"]) for row in rows if row["channel"] == channel.name]
        if mine:
            axes.plot(
                *zip(*mine, strict=True),
                color=_COLOURS[place],
                linestyle=_DASHES[place],
                marker=_MARKS[place],
                markersize=5,
                label=channel.name,
            )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(mpl.ticker.ScalarFormatter())
    axes.set_xlabel("parties that all recognise each other")
    axes.set_ylabel("messages a year")
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.18), ncol=4)


FIGURES: Final[Mapping[str, tuple[str, Callable[[Any, Tables], None], str]]] = {
    "delays": (
        "propagation_quantiles",
        _draw_delays,
        "How long a partner does not know. Delays below 0.1 s are drawn at 0.1 s.",
    ),
    "exposure": (
        "exposure",
        _draw_exposure,
        "What late news cost: benefits given after a loss, and withheld after a grant or a return.",
    ),
    "mass": ("mass", _draw_mass, "After a mass event: when half, nearly all, and all of it had reached the partners."),
    "answers": ("answers", _draw_answers, "How questions of border systems end wrongly, and why."),
    "traffic": (
        "traffic",
        _draw_traffic,
        "What is sent between administrations, and what must be kept to decide disputes.",
    ),
    "growth": ("growth", _draw_growth, "Messages as parties join."),
}
"""By name: the table that it needs, how it is drawn, its caption. In the order of the report."""


def list_drawn(tables: Tables) -> Sequence[str]:
    """List the figures whose tables are there."""
    return [name for name, (needed, _, _) in FIGURES.items() if needed in tables and tables[needed].rows]
