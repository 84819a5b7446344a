"""How does an arrangement work? An evaluation from what a gateway counted, and from outcomes at the border if there is a file of them.

A gateway's record (`GET /v1/statistics`) counts what it told, by day, recogniser, register, verdict and first reason. It has no trader, and
hides small counts: each hidden one is between 1 and `fewer_than` - 1, so a share is given as the least and the most that it can be.

All intervals are of 95 %, by the methods of `statistics`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aeo_ledger.errors.lab import UnreadableTable
from aeo_ledger.lab.statistics import Share
from aeo_ledger.verify import ProvenSnapshot

_RECOGNISED, _UNPROVEN = "recognised", "unproven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How often one thing was told on one day."""

    day: date
    recogniser: str
    register: str
    verdict: str
    reason: str
    count: int | None
    """None if it is hidden, since it is small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a gateway counted."""

    fewer_than: int
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What the counts say of one arrangement."""

    pairs: tuple[tuple[str, str], ...]
    """(recogniser, register): whose questions about which register count."""
    first: date | None
    last: date | None
    hidden: int
    """How many counts are hidden."""
    utilisation: Share
    """Recognised among proven answers, of the counts that are shown."""
    least: float
    """The least that the utilisation can be, whatever the hidden counts are."""
    most: float
    unproven: Share
    """Answers without a proof, among all that are shown."""
    refusals: Mapping[str, int]
    """Proven refusals by first reason, the most frequent first."""
    months: Mapping[str, Share]
    """Utilisation by month."""
    trend: tuple[float, float, float] | None
    """The last month's utilisation less the first one's, with its interval; None if fewer than two months show an answer."""


def read_record(documents: Iterable[Any]) -> Record:
    """Read answers of `GET /v1/statistics`; each cell of a day counts once, though several answers have it.

    Raises:
        UnreadableTable: a document has another form.
    """
    cells: dict[tuple[Any, ...], Told] = {}
    fewer = 0
    for document in documents:
        try:
            fewer = max(fewer, int(document["fewer_than"]))
            for row in document["counts"]:
                told = Told(
                    day=date.fromisoformat(row["day"]),
                    recogniser=str(row["recogniser"]),
                    register=str(row["register"]),
                    verdict=str(row["verdict"]),
                    reason=str(row["reason"] or ""),
                    count=_read_count(row["count"]),
                )
                cells[told.day, told.recogniser, told.register, told.verdict, told.reason] = told
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableTable(
                table="statistics of a gateway",
                cell="counts",
                found=ascii(str(error)[:80]),
                needed="an answer of GET /v1/statistics",
            ) from error
    return Record(fewer_than=fewer, told=tuple(cells[key] for key in sorted(cells)))


def _read_count(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise ValueError(f"count {value!r}")
    return value


def evaluate_record(record: Record, pairs: Sequence[tuple[str, str]]) -> Evaluation:
    """Evaluate the counts of an arrangement's pairs. A no that searched several registers counts for each of them that is in a pair."""
    wanted = set(pairs)
    told = [
        one for one in record.told if any((one.recogniser, register) in wanted for register in one.register.split("+"))
    ]
    shown = [one for one in told if one.count is not None]
    yes, no = (
        _sum(one for one in shown if (one.verdict == _RECOGNISED) is said and one.verdict != _UNPROVEN)
        for said in (True, False)
    )
    unproven = _sum(one for one in shown if one.verdict == _UNPROVEN)
    hidden = Counter(one.verdict == _RECOGNISED for one in told if one.count is None and one.verdict != _UNPROVEN)
    most_hidden = max(1, record.fewer_than - 1)
    refusals: Counter[str] = Counter()
    for one in shown:
        if one.verdict not in (_RECOGNISED, _UNPROVEN):
            refusals[one.reason or "unstated"] += one.count or 0
    months = _by_month(shown)
    counted = [share for share in months.values() if share.whole]
    return Evaluation(
        pairs=tuple(sorted(wanted)),
        first=min((one.day for one in told), default=None),
        last=max((one.day for one in told), default=None),
        hidden=sum(one.count is None for one in told),
        utilisation=Share.of(yes, yes + no),
        least=_ratio(yes + hidden[True], yes + hidden[True] + no + hidden[False] * most_hidden),
        most=_ratio(yes + hidden[True] * most_hidden, yes + hidden[True] * most_hidden + no + hidden[False]),
        unproven=Share.of(unproven, yes + no + unproven),
        refusals=dict(refusals.most_common()),
        months=months,
        trend=counted[-1].minus(counted[0]) if len(counted) > 1 else None,
    )


def _by_month(shown: Iterable[Told]) -> dict[str, Share]:
    counted: dict[str, Counter[bool]] = {}
    for one in shown:
        if one.verdict != _UNPROVEN:
            counted.setdefault(f"{one.day:%Y-%m}", Counter())[one.verdict == _RECOGNISED] += one.count or 0
    return {month: Share.of(found[True], found.total()) for month, found in sorted(counted.items())}


def _sum(told: Iterable[Told]) -> int:
    return sum(one.count or 0 for one in told)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long after the day that they are dated status events stood on the ledger, for the last event of each standing."""

    events: int
    median_s: float
    within_day: Share
    """Recorded within a day."""


def measure_delays(words: ProvenSnapshot, registers: Iterable[str]) -> Delays:
    """Measure from *status since* to *recorded at*, over the standings of some registers that changed after their first import.

    What the first import transcribed is older than the ledger, and left out: it says when the register joined, not how fast it is.
    """
    from aeo_ledger.customs.entry import register_of  # noqa: PLC0415

    numbers = {words.trust.by_code[code].number for code in registers}
    delays = sorted(
        max(0, record.recorded_at - record.since)
        for entry, record in words.standings()
        if register_of(entry) in numbers and record.sequence > 1
    )
    middle = len(delays) // 2
    median = math.nan if not delays else (delays[middle] + delays[-middle - 1]) / 2
    return Delays(
        events=len(delays), median_s=median, within_day=Share.of(sum(delay <= 86_400 for delay in delays), len(delays))
    )
