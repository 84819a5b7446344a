"""The parts of a run, in their order. Each makes result tables from a bench; a part that is finished is not made again.

A new part is one row of `PARTS`. Its function is loaded when it runs. Its tables appear in the report under the part's title.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from aeo_ledger.files import make_folder
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.tables import ResultTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a part works with."""

    scenario: Scenario
    work: Path
    """Folder for files that a later part or a resumed run needs; removed when the run is finished."""
    tables: dict[str, ResultTable]
    """Tables of the parts before, by name."""
    progress: Callable[[str], None]
    """Tells what is being done, in a few words."""

    def empty_folder(self, name: str) -> Path:
        """Make a scratch folder; what a run that broke off left there is removed."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(folder)
        return folder

    @property
    def streams(self) -> Streams:
        """The random streams of the scenario's seed."""
        return Streams(self.scenario.seed)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a run."""

    name: str
    title: str
    """Heading of its section in the report."""
    makes: str
    """`module:function` within this room; the function takes a `Bench` and returns tables."""
    only: tuple[str, ...] = ()
    """Scenarios in which it runs; empty for all."""

    def make(self, bench: Bench) -> Sequence[ResultTable]:
        """Make its tables."""
        module, _, function = self.makes.partition(":")
        made: Sequence[ResultTable] = getattr(import_module(f"aeo_ledger.lab.{module}"), function)(bench)
        return made


PARTS: Final = (
    Part("world", "The world", "world:make_tables"),
    Part("ledger", "The real ledger", "ledger_run:make_tables"),
    Part("mechanisms", "Status mechanisms", "mechanisms:make_tables"),
    Part("replications", "The channels on one trace", "replications:make_tables"),
    Part("matrix", "What each mechanism can do", "matrix:make_tables"),
    Part("lanes", "Lane by lane", "by_lane:make_tables"),
    Part("corridor", "The corridor", "corridor:make_tables", only=("corridor",)),
    Part("growth", "Growth with the number of parties", "growth:make_tables"),
    Part("attacks", "Attacks", "attacks:make_tables", only=("belarus-china", "world-2025")),
    Part("scale", "Scale", "scale_tables:make_tables", only=("world-2025",)),
    Part("comparison", "The ledger against each rival", "comparison:make_tables"),
)
