"""The ledger against each rival, measure by measure. Each word of the verdict follows from figures by a rule that is written here.

Replications share delays, outages and questions, so their differences are paired. A verdict is *equal* if the 95 % interval of the difference
lies within what the scenario calls indifferent, *ledger* or *rival* if it lies on one side of that, and else *open*: the figures do not tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aeo_ledger.lab.channels import CHANNELS
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.replication_tables import round_figures
from aeo_ledger.lab.statistics import interval
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable

LEDGER: Final = "ledger"


@dataclass(frozen=True, slots=True)
class _Measure:
    """A measure of which less is better."""

    says: str
    column: str
    indifferent: float
    """Difference that changes nothing for anybody."""


def judge(differences: Sequence[float], indifferent: float) -> tuple[str, float, float, float]:
    """Judge paired differences (rival minus ledger; more means that the rival is worse); return the verdict and the interval."""
    mean, low, high = interval(differences)
    if -indifferent <= low and high <= indifferent:
        verdict = "equal"
    elif low > indifferent:
        verdict = "ledger"
    elif high < -indifferent:
        verdict = "rival"
    else:
        verdict = "open"
    return verdict, mean, low, high


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Compare, and count what each side wins."""
    days = bench.scenario.parameters["indifference_days"]
    measures = (
        _Measure("undue company-days a year", "undue_days", days),
        _Measure("withheld company-days a year", "withheld_days", days),
        _Measure("share of questions without an answer", "unanswered", 1e-4),
        _Measure("bytes between administrations a year", "bytes", 0.0),
    )
    rows = [row for measure in measures for row in _compare(bench, measure)] + list(_compare_single(bench))
    order = {channel.name: place for place, channel in enumerate(CHANNELS)}
    rows.sort(key=lambda row: order[str(row[0])])
    tally: dict[str, Counter[str]] = {}
    for row in rows:
        tally.setdefault(str(row[0]), Counter())[str(row[2])] += 1
    return [
        ResultTable(
            name="verdicts",
            title="Who is better, by a rule",
            says="Difference: rival minus ledger; less is better in every measure. Equal: the whole 95 % interval is within what is called "
            "indifferent. Open: the figures do not tell. Intervals: Student's, of the paired differences; one outcome has no interval.",
            columns=[
                Column("rival", "The other channel."), Column("measure", "Less is better."), Column("better", "ledger, rival, equal or open."),
                Column("difference", "Rival minus ledger.", Kind.NUMBER), Column("low", "Lower end of the 95 % interval.", Kind.NUMBER),
                Column("high", "Upper end.", Kind.NUMBER),
            ],
            rows=rows,
        ),
        ResultTable(
            name="verdict_counts",
            title="How often",
            says="Measures by verdict. They are not weighed: whether a day of undue benefit matters more than a gigabyte is the reader's to say.",
            columns=[Column("rival", "The other channel."), *(Column(f"{word}_measures", "How many.", Kind.WHOLE) for word in _VERDICTS)],
            rows=[(rival, *(count[word] for word in _VERDICTS)) for rival, count in tally.items()],
        ),
    ]  # fmt: skip


_VERDICTS: Final = ("ledger", "rival", "equal", "open")


def _compare(bench: Bench, measure: _Measure) -> Iterator[tuple[Cell, ...]]:
    values: dict[str, list[float]] = {}
    for row in bench.tables["replications"].records():
        values.setdefault(str(row["channel"]), []).append(float(row[measure.column] or 0))
    for rival, found in values.items():
        if rival != LEDGER:
            differences = [theirs - ours for theirs, ours in zip(found, values[LEDGER], strict=True)]
            verdict, *spread = judge(differences, measure.indifferent)
            yield rival, measure.says, verdict, *round_figures(spread)


def _compare_single(bench: Bench) -> Iterator[tuple[Cell, ...]]:
    """Compare what was measured once."""
    undecided = {
        str(row["channel"]): 1 - float(row["decided"] or 0) / max(1.0, float(row["asked"] or 0))
        for row in bench.tables["disputes"].records()
    }
    evidence = next(
        float(str(row["value"]))
        for row in bench.tables["ledger_totals"].records()
        if row["what"] == "evidence of one answer, mean"
    )
    lists = bench.tables["lists"].records()
    proofs: Mapping[str, float] = {
        name: max(float(row[column] or 0) for row in lists)
        for name, column in (("status list", "status_list_bytes"), ("compressed list", "compressed_list_bytes"))
    }
    for rival, share in undecided.items():
        if rival != LEDGER:
            yield _once(rival, "share of disputes that stay undecided", share - undecided[LEDGER])
    for rival, size in proofs.items():
        yield _once(rival, "bytes of the proof of one answer", size - evidence)


def _once(rival: str, measure: str, difference: float) -> tuple[Cell, ...]:
    verdict = "equal" if difference == 0 else "ledger" if difference > 0 else "rival"
    return rival, measure, verdict, *round_figures([difference]), None, None
