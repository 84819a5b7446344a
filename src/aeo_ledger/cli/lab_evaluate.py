"""`aeo-ledger lab evaluate`: how an arrangement works, from a gateway's own counts and from outcomes at the border."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import DEFAULT_GATEWAY, SNAPSHOT_TIMEOUT, AsJson, Gateway, Timeout, Trust, reach_gateway
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.state import SnapshotOption, fetch_state, moment_of
from aeo_ledger.errors.lab import NoSuchArrangement
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.lanes import list_lanes
from aeo_ledger.primitives.documents import decode_text, parse_json
from aeo_ledger.primitives.spans import show_span

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.lab.evaluate import Delays, Evaluation
    from aeo_ledger.lab.evaluate_outcomes import Outcomes
    from aeo_ledger.lab.statistics import Share
    from aeo_ledger.verify import TrustBundle

_LARGEST: int = 1 << 26


@reporting
def evaluate(
    arrangement: Annotated[str, typer.Argument(help="Name of the arrangement, as `arrangement list` shows it.")],
    trust: Trust,
    statistics: Annotated[
        list[Path] | None,
        typer.Option(help="A saved answer of GET /v1/statistics, instead of asking the gateway; repeat it for each."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, such as 2025-01-01; 31 days ago if left out.")] = None,
    until: Annotated[str | None, typer.Option(help="The day after the last; today if left out.")] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help="CSV of outcomes: consignment, aeo (yes or no), inspected (yes or no), minutes.")
    ] = None,
    synthetic: Annotated[
        bool,
        typer.Option("--synthetic", help="Instead of --outcomes: invented ones, with the shape of published pilots."),
    ] = False,
    snapshot: SnapshotOption = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    as_json: AsJson = False,
) -> None:
    """Evaluate an arrangement: utilisation, refusals by reason, delay and trend, from counts without traders.

    With a file of outcomes also inspections and time to release, each with its
    interval of 95 %.
    """
    demand_extra("lab", "numpy")
    from aeo_ledger.lab.evaluate import evaluate_record, measure_delays, read_record  # noqa: PLC0415 (needs the extra)

    if outcomes is not None and synthetic:
        raise MalformedText("outcomes", "--outcomes and --synthetic", "one of them")
    pinned = read_trust(trust)
    words = fetch_state(gateway, timeout, pinned, snapshot)
    listed = list(list_lanes(words))
    lanes = [one for one in listed if one.lane.arrangement == arrangement]
    if not lanes:
        known = tuple(sorted({one.lane.arrangement for one in listed}))
        raise NoSuchArrangement(name=ascii(arrangement[:40]), known=known or ("none",))
    pairs = sorted({(one.recogniser, one.register) for one in lanes})
    documents = (
        [parse_json(read_file(path, max_bytes=_LARGEST), document=str(path), max_bytes=_LARGEST) for path in statistics]
        if statistics
        else _ask(gateway, timeout, pinned, since, until)
    )
    counted = evaluate_record(read_record(documents), pairs)
    delays = measure_delays(words, {register for _, register in pairs})
    border = _read_outcomes(outcomes, synthetic=synthetic)
    moment = moment_of(words)
    show(
        {
            "arrangement": arrangement,
            "stages": [
                {"recogniser": one.recogniser, "register": one.register, "stage": one.stage.value} for one in lanes
            ],
            "counts": _plain(asdict(counted)),
            "delays": _plain(asdict(delays)),
            "outcomes": None if border is None else _plain(asdict(border)),
            **moment.describe(),
        },
        as_json=as_json,
        lines=[
            *(f"{arrangement}: {one.recogniser} recognises {one.register}: {one.stage}" for one in lanes),
            *_tell_counts(counted),
            *_tell_delays(delays),
            *(() if border is None else _tell_outcomes(border)),
            "intervals     95 %: of shares Wilson's, of their differences Newcombe's, of their ratios Donner and Zou's, of medians by resampling",
            *moment.tell(),
        ],
    )


def _ask(gateway: list[str], timeout: float, pinned: TrustBundle, since: str | None, until: str | None) -> list[Any]:
    days = {name: _day(text, name) for name, text in (("since", since), ("until", until)) if text is not None}
    with reach_gateway(gateway, timeout, pinned) as client:
        return [client.statistics(**days)]


def _day(text: str, name: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise MalformedText(f"--{name}", ascii(text[:40]), "a day such as 2025-01-01") from error


def _read_outcomes(path: Path | None, *, synthetic: bool) -> Outcomes | None:
    from aeo_ledger.lab.evaluate_outcomes import evaluate_outcomes, invent_outcomes, read_outcomes  # noqa: PLC0415 (needs the extra)

    if path is None and not synthetic:
        return None
    text = (
        invent_outcomes(seed=1)
        if path is None
        else decode_text(read_file(path, max_bytes=_LARGEST), document=str(path))
    )
    return evaluate_outcomes(read_outcomes(text))


def _tell_counts(found: Evaluation) -> Iterator[str]:
    if found.first is None:
        yield "the gateway counted no question about it on these days"
        return
    yield f"counted from {found.first} to {found.last}: {found.utilisation.whole:,} proven answers; {found.hidden} small counts are hidden"
    yield f"utilisation   {_tell_share(found.utilisation)} recognised; with the hidden counts {found.least:.1%} to {found.most:.1%}"
    yield f"unproven      {_tell_share(found.unproven)}"
    for reason, count in found.refusals.items():
        yield f"refused       {reason}: {count:,}"
    for month, share in found.months.items():
        yield f"month         {month}: {_tell_share(share)}"
    if found.trend is not None:
        change, low, high = found.trend
        yield f"trend         {change:+.1%} from the first month to the last, 95 % {low:+.1%} to {high:+.1%}"


def _tell_delays(found: Delays) -> Iterator[str]:
    if found.events:
        yield (
            f"delay         {found.events:,} changes of status; recorded {show_span(int(found.median_s))} after their date (median), "
            f"{_tell_share(found.within_day)} within a day"
        )
    else:
        yield "delay         no status has changed since its first record"


def _tell_outcomes(found: Outcomes) -> Iterator[str]:
    if found.synthetic:
        yield "outcomes      SYNTHETIC: invented, with the shape of published pilots (Korea-Thailand 2019, Korea-China 2013)"
    for name, share in zip(("recognised", "others"), found.inspected, strict=True):
        yield f"inspected     {name}: {_tell_share(share)}"
    counted = min(share.whole for share in found.inspected)
    yield f"inspections   {_tell_fall(found.inspection_ratio, 'fewer', 'no other was inspected, so there is no ratio')}"
    yield f"release       median {found.minutes[0]:,.0f} min, others {found.minutes[1]:,.0f} min"
    few = "one outcome, no interval" if counted == 1 else f"{counted} outcomes, too few for an interval"
    yield f"time          {_tell_fall(found.minutes_ratio, 'shorter', few)}"


def _tell_fall(found: tuple[float, float, float], word: str, is_open: str) -> str:
    """Write by how much less a ratio is than 1; with the reason, where its interval is open."""
    ratio, low, high = found
    told = "" if math.isnan(ratio) else f"{1 - ratio:.0%} {word}, "
    return told + (is_open if math.isinf(high) else f"95 % {1 - high:.0%} to {1 - low:.0%}")


def _tell_share(share: Share) -> str:
    if not share.whole:
        return "none"
    return (
        f"{share.part:,} of {share.whole:,} ({share.part / share.whole:.1%}, 95 % {share.low:.1%} to {share.high:.1%})"
    )


def _plain(value: Any) -> Any:
    """Write dates as text, and what is no finite number as null."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
