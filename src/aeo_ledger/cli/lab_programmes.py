"""`aeo-ledger lab programmes` and `aeo-ledger lab partners`: before anybody negotiates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import decode_text

if TYPE_CHECKING:  # most commands need no lab
    from aeo_ledger.lab.partners import Candidate
    from aeo_ledger.lab.programmes import Compared

_LARGEST: int = 1 << 26


@reporting
def programmes(
    first: Annotated[str, typer.Argument(help="Code of one party, such as BY.")],
    second: Annotated[str, typer.Argument(help="Code of the other, such as EU.")],
    as_json: AsJson = False,
) -> None:
    """Compare two AEO programmes point by point, each value with its source. What nobody has written down is unknown."""
    from aeo_ledger.lab.programmes import compare_programmes  # noqa: PLC0415 (most commands need no lab)

    found = compare_programmes(first, second)
    show(
        {"first": first, "second": second, "points": [asdict(one) for one in found]},
        as_json=as_json,
        lines=[line for one in found for line in _tell_point(one, first, second)],
    )


def _tell_point(one: Compared, first: str, second: str) -> Iterator[str]:
    yield f"{one.point}: {one.verdict}" + (f", in common {', '.join(one.common)}" if one.common else "")
    for code, said in ((first, one.first), (second, one.second)):
        yield f"  {code:<4} {said.value.replace('|', ', ')}" + (f"  [{said.source}]" if said.source else "")


@reporting
def partners(
    party: Annotated[str, typer.Argument(help="Code of the administration that looks for partners, such as BY.")],
    trade: Annotated[
        Path | None,
        typer.Option(
            help="CSV as UN Comtrade gives it: refYear, reporterISO, flowCode (X or M), partnerISO, cmdCode (TOTAL), primaryValue (US dollars). "
            "For BY a small table of 2021 is shipped."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rank possible partners by trade, then by how many certificates they have. No figure is no rank, and not no trade."""
    from aeo_ledger.lab.partners import rank_partners, read_trade  # noqa: PLC0415 (most commands need no lab)

    if trade is not None:
        text, source = decode_text(read_file(trade, max_bytes=_LARGEST), document=str(trade)), str(trade)
    else:
        shipped = (
            files("aeo_ledger.lab").joinpath(f"data/trade-{party}.csv") if party.isalpha() and party.isascii() else None
        )
        if shipped is None or not shipped.is_file():
            raise MalformedText("--trade", "none", f"a file: no table of trade is shipped for {party[:8]!a}")
        text, source = (
            shipped.read_text(encoding="utf-8"),
            "shipped with the lab: tradedatamonitor.com, the five largest partners each way",
        )
    found = rank_partners(party, read_trade(text, party))
    show(
        {"party": party, "trade": source, "candidates": [_describe(one) for one in found]},
        as_json=as_json,
        lines=[*map(_tell_candidate, found), f"trade: {source}; certificates and arrangements: the lab's tables"],
    )


def _tell_candidate(one: Candidate) -> str:
    rank = "not ranked" if one.rank is None else f"{one.rank:>2}"
    trade = (
        "no trade figure"
        if one.trade is None
        else (f"{'at least ' if one.incomplete else ''}{one.trade.value / 1e6:,.0f} million USD in {one.trade.year}")
    )
    certificates = "certificates unknown" if one.certificates is None else f"{one.certificates:,} certificates"
    ties = f"; {', '.join(one.ties)}" if one.ties else ""
    return f"{rank:<10}  {one.code:<4} {trade:<34}  {certificates}; arrangement: {one.stage}{ties}"


def _describe(one: Candidate) -> dict[str, Any]:
    trade = one.trade and {"year": one.trade.year, "exports": one.trade.exports, "imports": one.trade.imports}
    return {
        "code": one.code, "name": one.name, "rank": one.rank, "trade": trade, "incomplete": one.incomplete,
        "certificates": one.certificates, "ties": list(one.ties), "arrangement": one.stage,
    }  # fmt: skip
