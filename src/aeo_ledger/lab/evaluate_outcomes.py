"""Outcomes at the border: were consignments of recognised operators inspected less often, and were they cleared faster?

A file of outcomes is CSV with the columns `consignment aeo inspected minutes`: a name that tells nobody who the trader is, yes or no, yes or no,
and the minutes from the declaration to the release.

A synthetic file has the shape of two published pilots: inspections in Thailand of consignments of Korean operators fell by about 86 %
(press of 2019-09-02 on two months of pilot operation, cj-ilbo.com and dailies.kr), and the time at China's customs from 10 h 17 min to 3 h 54 min,
by 62 % (press of 2014-05-15 on the Korean-Chinese pilot, ajunews.com). Its consignments say that they are synthetic, and so does every report.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

import numpy as np

from aeo_ledger.errors.lab import UnreadableTable
from aeo_ledger.lab.statistics import Share
from aeo_ledger.lab.streams import Streams

COLUMNS: Final = ("consignment", "aeo", "inspected", "minutes")
SYNTHETIC: Final = "SYNTHETIC"
"""Begins the name of each invented consignment."""
_RESAMPLES: Final = 2_000
LEAST: Final = 6
"""Fewest values whose median has an interval: the true one lies between the least and the greatest of six in 97 % of samples, of five in 94 %."""
_WORDS: Final = {"yes": True, "no": False}
_WHAT: Final = "table of outcomes"

FELL_BY: Final = 0.86
"""Inspections, of the rate without recognition: Korea and Thailand, 2019."""
BEFORE_MIN, AFTER_MIN = 617.0, 234.0
"""Minutes to release: Korea and China, 2013."""
_USUAL_RATE, _SPREAD = 0.20, 0.5
"""Assumed: inspections without recognition, and the spread of the logarithm of the minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one consignment."""

    consignment: str
    aeo: bool
    inspected: bool
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a file of outcomes says. Each ratio is of recognised operators to all others, with its interval of 95 %."""

    synthetic: bool
    inspected: tuple[Share, Share]
    """Of recognised operators, and of others."""
    inspection_ratio: tuple[float, float, float]
    minutes: tuple[float, float]
    """Medians: of recognised operators, and of others."""
    minutes_ratio: tuple[float, float, float]
    """Of medians; by resampling. Its ends are 0 and infinite where a side has fewer than `LEAST` outcomes."""


def read_outcomes(text: str) -> list[Outcome]:
    """Read a file of outcomes.

    Raises:
        UnreadableTable: it has other columns, a word that is neither yes nor no, minutes that are no number, or a consignment twice.
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise UnreadableTable(
            table=_WHAT, cell="the header", found=ascii(",".join(rows.fieldnames or ())[:80]), needed=",".join(COLUMNS)
        )
    found: dict[str, Outcome] = {}
    for line, row in enumerate(rows, 2):
        name = row["consignment"]
        if not name or name in found:
            raise UnreadableTable(
                table=_WHAT, cell=f"row {line}, consignment", found=ascii((name or "")[:40]), needed="each once"
            )
        found[name] = Outcome(
            consignment=name,
            aeo=_read_word(row["aeo"], f"row {line}, aeo"),
            inspected=_read_word(row["inspected"], f"row {line}, inspected"),
            minutes=_read_minutes(row["minutes"], f"row {line}, minutes"),
        )
    return list(found.values())


def _read_word(text: str | None, place: str) -> bool:
    if text not in _WORDS:
        raise UnreadableTable(table=_WHAT, cell=place, found=ascii((text or "")[:40]), needed="yes or no")
    return _WORDS[text]


def _read_minutes(text: str | None, place: str) -> float:
    try:
        minutes = float(text or "")
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise UnreadableTable(table=_WHAT, cell=place, found=ascii((text or "")[:40]), needed="a number above 0")
    return minutes


def evaluate_outcomes(outcomes: Sequence[Outcome], *, seed: int = 1) -> Outcomes:
    """Compare recognised operators with all others.

    Args:
        outcomes: Some of each.
        seed: Of the resampling.

    Raises:
        UnreadableTable: there are none of one kind.
    """
    groups = [[one for one in outcomes if one.aeo is kind] for kind in (True, False)]
    if not all(groups):
        raise UnreadableTable(table=_WHAT, cell="aeo", found="one kind alone", needed="recognised operators and others")
    inspected = [Share.of(sum(one.inspected for one in group), len(group)) for group in groups]
    minutes = [np.array([one.minutes for one in group]) for group in groups]
    return Outcomes(
        synthetic=all(one.consignment.startswith(SYNTHETIC) for one in outcomes),
        inspected=(inspected[0], inspected[1]),
        inspection_ratio=inspected[0].over(inspected[1]),
        minutes=(float(np.median(minutes[0])), float(np.median(minutes[1]))),
        minutes_ratio=_ratio_of_medians(minutes[0], minutes[1], seed),
    )


def _ratio_of_medians(one: np.ndarray, other: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Return a ratio of medians with its interval, by resampling both sides; with fewer than `LEAST` on a side the interval is all that is possible.

    Source: B. Efron and R. J. Tibshirani 1993, An introduction to the bootstrap, chapter 13 (percentiles).
    """
    ratio = float(np.median(one) / np.median(other))
    if min(one.size, other.size) < LEAST:
        return ratio, 0.0, math.inf
    random = Streams(seed).of("bootstrap")
    ratios = [
        np.median(random.choice(one, one.size)) / np.median(random.choice(other, other.size)) for _ in range(_RESAMPLES)
    ]
    low, high = np.percentile(ratios, [2.5, 97.5])
    return ratio, float(low), float(high)


def invent_outcomes(*, seed: int, consignments: int = 4_000) -> str:
    """Invent a file of outcomes with the shape of the published pilots, half of it of recognised operators."""
    random = Streams(seed).of("outcomes")
    lines = [",".join(COLUMNS)]
    for number in range(consignments):
        aeo = number % 2 == 0
        rate = _USUAL_RATE * (1 - FELL_BY) if aeo else _USUAL_RATE
        inspected = bool(random.random() < rate)
        minutes = (AFTER_MIN if aeo else BEFORE_MIN) * math.exp(float(random.normal(0, _SPREAD)))
        words = ["yes" if flag else "no" for flag in (aeo, inspected)]
        lines.append(f"{SYNTHETIC}-{number:05},{words[0]},{words[1]},{minutes:.0f}")
    return "\n".join([*lines, ""])
