"""Where each design breaks first, from today's load to that of the internet: demand beside capacity, resource by resource.

This is arithmetic, and says so: a demand is a product of a level's numbers, a capacity is a measured or an assumed parameter (`data/load.csv`, each
with its source). A resource either *spreads* (twice as many gateways answer twice as many questions) or there is *one* of it (a chain has one
block a second, an issuer one link, a clerk one day). A design breaks where one of its single resources is asked for more than there is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from aeo_ledger.lab.data_files import read_data

_YEAR_S: Final = 365.25 * 86_400
_DAY_S: Final = 86_400

Parameters: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A load."""

    name: str
    operators: int
    """Certificates of all parties."""
    parties: int
    posts: int
    """Border systems and land posts that keep a list or a snapshot of their own."""
    questions_s: float
    """Questions a second, of all askers together."""
    burst_s: float
    """Status events a second in the worst minute: a sector is suspended, a register is renumbered."""


LEVELS: Final = (
    Level(name="today", operators=50_000, parties=100, posts=200, questions_s=0.05, burst_s=50),
    Level(name="every programme", operators=200_000, parties=185, posts=2_000, questions_s=10, burst_s=200),
    Level(name="every trader", operators=1_000_000, parties=185, posts=10_000, questions_s=500, burst_s=1_000),
    Level(name="internet", operators=10_000_000, parties=185, posts=50_000, questions_s=10_000, burst_s=10_000),
)
"""From the workload that is known to 10^7 operators and 10^4 questions a second; what is between is assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a design needs of one thing."""

    name: str
    unit: str
    demand: Callable[[Level, Parameters], float]
    capacity: Callable[[Parameters], float]
    spreads: bool
    """Whether more of it can be had by buying more of the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """One resource of one design at one level."""

    design: str
    level: str
    resource: str
    unit: str
    demand: float
    capacity: float
    spreads: bool

    @property
    def used(self) -> float:
        """Demand of the capacity of one."""
        return self.demand / self.capacity

    @property
    def holds(self) -> bool:
        """Tell whether there is enough: of what spreads there always is."""
        return self.spreads or self.used <= 1

    @property
    def copies(self) -> int | None:
        """How many are needed of what spreads; None for what there is one of."""
        return max(1, math.ceil(self.used)) if self.spreads else None


def read_parameters(measured: Parameters | None = None) -> dict[str, float]:
    """Read the parameters; what was measured replaces what is written there.

    Raises:
        KeyError: something measured is no parameter.
    """
    found = {row["name"]: float(row["value"]) for row in read_data("load")}
    for name, value in (measured or {}).items():
        if name not in found:
            raise KeyError(name)
        found[name] = value
    return found


def _events(level: Level, p: Parameters) -> float:
    return level.operators * p["events_per_year"] / _YEAR_S


def _one_link(name: str, demand: Callable[[Level, Parameters], float]) -> Resource:
    return Resource(name=name, unit="bytes/s", demand=demand, capacity=lambda p: p["link_b"], spreads=False)


DESIGNS: Final[Mapping[str, tuple[Resource, ...]]] = {
    "monthly mail": (
        Resource(
            name="a clerk's day: files of all partners, sent and received", unit="hours a day", spreads=True,
            demand=lambda level, p: 2 * (level.parties - 1) * p["clerk_h"] / p["mail_days"], capacity=lambda p: p["clerk_day_h"],
        ),
        Resource(
            name="rows of the largest register in one sheet", unit="rows", spreads=False,
            demand=lambda level, p: level.operators * p["largest_share"], capacity=lambda p: p["sheet_rows"],
        ),
    ),
    "central database": (
        Resource(
            name="the one server's processors", unit="core seconds/s", spreads=False,
            demand=lambda level, p: (level.questions_s + level.burst_s) * p["server_s"], capacity=lambda p: p["cores"],
        ),
    ),
    "signed status list": (
        _one_link(
            "the largest issuer's link: every post fetches its list",
            lambda level, p: level.posts * level.operators * p["largest_share"] * p["list_b"] / p["list_period_s"],
        ),
        Resource(
            name="a land post's link", unit="bytes/s", spreads=False,
            demand=lambda level, p: level.operators * p["list_b"] / p["list_period_s"], capacity=lambda p: p["post_link_b"],
        ),
    ),
    "CRLite-style list": (
        _one_link(
            "the publisher's link: every post fetches a day's change",
            lambda level, p: level.posts * p["crlite_delta_b"] * level.operators / 30_000_000 / _DAY_S,
        ),
        Resource(
            name="a land post's first fetch in an hour", unit="bytes/s", spreads=False,
            demand=lambda level, p: level.operators * p["crlite_b"] / 3_600, capacity=lambda p: p["post_link_b"],
        ),
    ),
    "ledger, on line": (
        Resource(
            name="gas of the chain in a burst", unit="gas/s", spreads=False,
            demand=lambda level, p: (_events(level, p) + level.burst_s) * p["gas_per_event"], capacity=lambda p: p["gas_limit"],
        ),
        Resource(
            name="processors of gateways", unit="core seconds/s", spreads=True,
            demand=lambda level, p: level.questions_s * p["prove_s"], capacity=lambda p: p["cores"],
        ),
        Resource(
            name="links of gateways", unit="bytes/s", spreads=True,
            demand=lambda level, p: level.questions_s * p["proof_b"], capacity=lambda p: p["link_b"],
        ),
        Resource(
            name="a gateway's memory", unit="bytes", spreads=False,
            demand=lambda level, p: level.operators * p["index_b"], capacity=lambda p: p["memory_b"],
        ),
    ),
    "ledger, off line": (
        Resource(
            name="links of gateways: every post fetches a snapshot a day", unit="bytes/s", spreads=True,
            demand=lambda level, p: level.posts * level.operators * p["standing_b"] / _DAY_S, capacity=lambda p: p["link_b"],
        ),
        Resource(
            name="a land post's link: a snapshot in an hour", unit="bytes/s", spreads=False,
            demand=lambda level, p: level.operators * p["standing_b"] / 3_600, capacity=lambda p: p["post_link_b"],
        ),
    ),
}  # fmt: skip
"""The designs, and what each needs."""


def strain(parameters: Parameters) -> Iterator[Strain]:
    """Compare demand and capacity of every resource, by design and level."""
    for design, resources in DESIGNS.items():
        for level in LEVELS:
            for one in resources:
                yield Strain(
                    design=design,
                    level=level.name,
                    resource=one.name,
                    unit=one.unit,
                    demand=one.demand(level, parameters),
                    capacity=one.capacity(parameters),
                    spreads=one.spreads,
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """What breaks first in a design."""

    design: str
    holds_to: str
    """The last level that it holds; empty if it holds none."""
    breaks_at: str
    """The first level that it does not hold; empty if it holds all."""
    first: str
    """The single resource that is used most there, or at the last level."""
    used: float
    """Of its capacity."""


def find_breaks(strains: list[Strain]) -> Iterator[Break]:
    """Find what breaks first in each design."""
    for design in DESIGNS:
        own = [one for one in strains if one.design == design and not one.spreads]
        broken = [level.name for level in LEVELS if not all(one.holds for one in own if one.level == level.name)]
        held = [level.name for level in LEVELS if level.name not in broken]
        looked_at = broken[0] if broken else LEVELS[-1].name
        worst = max((one for one in own if one.level == looked_at), key=lambda one: one.used)
        yield Break(
            design=design,
            holds_to=held[-1] if held else "",
            breaks_at=broken[0] if broken else "",
            first=worst.resource,
            used=worst.used,
        )
