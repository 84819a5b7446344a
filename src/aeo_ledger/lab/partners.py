"""Who should be the next partner? Candidates by trade and by how many operators an arrangement would reach.

Trade comes from a file in the form of UN Comtrade's CSV (comtradeplus.un.org, *Download*): the columns `refYear reporterISO flowCode partnerISO
cmdCode primaryValue` are read, others are passed over. `flowCode` is X (export) or M (import), seen from the reporter; `primaryValue` is
current US dollars; only rows of `cmdCode` TOTAL count. A small table is shipped for Belarus, with its source in a column of its own.

Where a candidate has no figure, the rank says so: a candidate without a figure is not a candidate without trade.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Final

from aeo_ledger.customs.country import find_country
from aeo_ledger.errors.lab import NoProgramme, UnreadableTable
from aeo_ledger.lab.data_files import read_data

_COLUMNS: Final = ("refYear", "reporterISO", "flowCode", "partnerISO", "cmdCode", "primaryValue")
_WHAT: Final = "table of trade (UN Comtrade)"
_FLOWS: Final = frozenset({"X", "M"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Trade with one partner in one year, US dollars."""

    year: int
    exports: float = 0.0
    imports: float = 0.0
    flows: frozenset[str] = frozenset()
    """Which flows have a figure: X, M."""

    @property
    def value(self) -> float:
        """Both flows together, as far as they are known."""
        return self.exports + self.imports


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible partner."""

    code: str
    name: str
    rank: int | None
    """From 1, by trade; None if no figure is known."""
    trade: Trade | None
    incomplete: bool
    """Whether a flow, or a member of a union, has no figure: the trade is at least this."""
    certificates: int | None
    """How many its register has; None if that is not known."""
    ties: tuple[str, ...]
    """Unions and other ties that both belong to."""
    stage: str
    """What the lab's table of arrangements says of the two."""


def read_trade(text: str, reporter: str) -> dict[str, Trade]:
    """Read a reporter's trade by partner, of the newest year in the file.

    Args:
        text: CSV.
        reporter: The reporter's code of two letters; rows of others are passed over.

    Returns:
        Trade by the partner's code of two letters. Partners whose code of three letters has no row in `iso.csv` are left out.

    Raises:
        UnreadableTable: it is not this form, or a figure is not a number.
    """
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    header = rows[0].keys() if rows else ()
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise UnreadableTable(
            table=_WHAT, cell="the header", found="none of them", needed=f"columns {', '.join(missing)}"
        )
    names = {row["alpha3"]: row["alpha2"] for row in read_data("iso")}
    figures: dict[tuple[int, str, str], float] = {}
    for line, row in enumerate(rows, 2):
        year = int(_number(row["refYear"], f"row {line}, refYear"))
        partner, flow = names.get(row["partnerISO"] or ""), row["flowCode"]
        value = _number(row["primaryValue"], f"row {line}, primaryValue")
        if (
            names.get(row["reporterISO"] or "") != reporter
            or row["cmdCode"] != "TOTAL"
            or flow not in _FLOWS
            or partner is None
        ):
            continue
        if (year, partner, flow) in figures:
            raise UnreadableTable(
                table=_WHAT,
                cell=f"row {line}",
                found=f"{row['partnerISO']} {flow} {year} again",
                needed="each flow once",
            )
        figures[year, partner, flow] = value
    newest = max((year for year, _, _ in figures), default=0)
    return {
        partner: Trade(
            year=newest,
            exports=figures.get((newest, partner, "X"), 0.0),
            imports=figures.get((newest, partner, "M"), 0.0),
            flows=frozenset(flow for year, other, flow in figures if (year, other) == (newest, partner)),
        )
        for year, partner, _ in figures
        if year == newest
    }


def _number(text: str | None, place: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise UnreadableTable(table=_WHAT, cell=place, found=ascii((text or "")[:40]), needed="a number, 0 or more")
    return value


def rank_partners(code: str, trade: Mapping[str, Trade]) -> list[Candidate]:
    """Rank the possible partners of an administration: by trade, then by certificates; those without a figure come last, unranked.

    A union that signs for its members stands for them, and their trade is added up. Who is in force already is listed too, with its stage.

    Raises:
        NoProgramme: nothing is known here of the administration.
    """
    if find_country(code) is None:
        raise NoProgramme(code=ascii(code[:40]))
    unions = {row["union"]: row["members"].split() for row in read_data("unions") if row["signs_for_members"] == "yes"}
    union_of = {member: union for union, members in unions.items() for member in members}
    own = {code, union_of.get(code, code)}
    known = {
        row[side]
        for row in read_data("arrangements")
        for side in ("party_a", "party_b")
        if len(row[side]) == 2 or row[side] in unions
    }
    known |= {union_of.get(partner, partner) for partner in trade}
    known |= {
        member for row in read_data("ties") if own & {*row["members"].split()} for member in row["members"].split()
    }
    found = [
        _describe(code, partner, unions.get(partner, (partner,)), trade)
        for partner in sorted({union_of.get(one, one) for one in known} - own)
    ]
    found.sort(key=_order)
    return [replace(one, rank=place if one.trade else None) for place, one in enumerate(found, 1)]


def _order(one: Candidate) -> tuple[object, ...]:
    """Order candidates: by trade; without a figure, first those with a tie, then by certificates."""
    value = one.trade.value if one.trade else 0.0
    return one.trade is None, -value, not one.ties, -(one.certificates or 0), one.code


def _describe(code: str, partner: str, members: Sequence[str], trade: Mapping[str, Trade]) -> Candidate:
    figures = [trade[member] for member in members if member in trade]
    row = find_country(partner)
    sizes = [int(one["certificates"]) for one in read_data("registers") if one["party"] == partner]
    return Candidate(
        code=partner,
        name=partner if row is None else row.name,
        rank=None,
        trade=_add(figures) if figures else None,
        incomplete=len(figures) < len(members) or any(len(one.flows) < len(_FLOWS) for one in figures),
        certificates=sizes[0] if sizes else None,
        ties=tuple(one["tie"] for one in read_data("ties") if {code, partner} <= {*one["members"].split()}),
        stage=_stage(code, partner),
    )


def _add(figures: Iterable[Trade]) -> Trade:
    listed = list(figures)
    return Trade(
        year=listed[0].year,
        exports=sum(one.exports for one in listed),
        imports=sum(one.imports for one in listed),
        flows=frozenset[str]().union(*(one.flows for one in listed)),
    )


def _stage(code: str, partner: str) -> str:
    for row in read_data("arrangements"):
        if {row["party_a"], row["party_b"]} == {code, partner}:
            if row["in_force"]:
                return f"in force since {row['in_force']}"
            return f"signed {row['signed']}, no day of force found"
    return "none found"
