"""Two programmes side by side, before anybody negotiates: what is the same, what differs, and what nobody has written down.

What this project itself must know (types of certificates, form of numbers) comes from its customs tables. Everything else comes from
`data/programmes.csv`, row by row with its source. What has no row is *unknown*: it is for the negotiators to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.country import find_country
from aeo_ledger.errors.lab import NoProgramme
from aeo_ledger.lab.data_files import read_data

TABLES: Final = "this project's customs tables"
_UNKNOWN: Final = "unknown"
_SETS: Final = frozenset({"certificate types", "roles", "criteria", "benefits"})
"""Points whose values are lists, joined by `|`."""
_POINTS: Final = (
    "certificate types", "roles", "criteria", "benefits", "identifier", "certificate number", "validity", "suspension",
    "bar after revocation", "how benefits are claimed", "recognises only", "certificates", "arrangement between them",
)  # fmt: skip
"""Every point that is compared, in order."""


class Verdict(StrEnum):
    """How two programmes compare on a point."""

    SAME = "same"
    DIFFERS = "differs"
    OVERLAPS = "overlaps"
    """Lists with something in common."""
    UNKNOWN = "unknown"
    """At least one side has no source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is known of one programme on one point."""

    value: str = _UNKNOWN
    source: str = ""

    @property
    def known(self) -> bool:
        """Tell whether there is a source."""
        return self.value != _UNKNOWN

    def parts(self) -> set[str]:
        """Split a list."""
        return set(self.value.split("|"))


UNKNOWN: Final = Said()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One point of two programmes."""

    point: str
    first: Said
    second: Said
    verdict: Verdict
    common: tuple[str, ...] = ()
    """What two lists have in common, in alphabetical order."""


def compare_programmes(first: str, second: str) -> list[Compared]:
    """Compare the programmes of two parties, by their codes.

    Raises:
        NoProgramme: nothing at all is known here of one of them.
    """
    sides = [_describe(code, other) for code, other in ((first, second), (second, first))]
    return [_compare(point, *(side.get(point, UNKNOWN) for side in sides)) for point in _POINTS]


def _compare(point: str, first: Said, second: Said) -> Compared:
    common: tuple[str, ...] = ()
    if not (first.known and second.known):
        verdict = Verdict.UNKNOWN
    elif point in _SETS:
        common = tuple(sorted(first.parts() & second.parts()))
        same = first.parts() == second.parts()
        verdict = Verdict.SAME if same else Verdict.OVERLAPS if common else Verdict.DIFFERS
    else:
        verdict = Verdict.SAME if first.value == second.value else Verdict.DIFFERS
    return Compared(point=point, first=first, second=second, verdict=verdict, common=common)


def _describe(code: str, other: str) -> dict[str, Said]:
    """Collect what is known of a programme, by point."""
    row = find_country(code)
    rows = [one for one in read_data("programmes") if one["party"] == code]
    if row is None and not rows:
        raise NoProgramme(code=ascii(code[:40]))
    known = {one["point"]: Said(value=one["value"], source=one["source"]) for one in rows}
    if row is not None:
        known["certificate types"] = Said(value="|".join(list_type_names(code)), source=TABLES)
        if "identifier" not in known and row.tin is not None:
            known["identifier"] = Said(value=row.tin.needed, source=TABLES)
    sizes = (one for one in read_data("registers") if one["party"] == code)
    if (size := next(sizes, None)) is not None:
        as_of = f" ({size['as_of']})" if size["as_of"] else ""
        known["certificates"] = Said(value=f"{int(size['certificates']):,}{as_of}", source=size["source"])
    known |= dict(_list_of_arrangement(code, other))
    return known


def _list_of_arrangement(code: str, other: str) -> Iterator[tuple[str, Said]]:
    for row in read_data("arrangements"):
        if {row["party_a"], row["party_b"]} == {code, other}:
            dates = f"signed {row['signed'] or 'on a day that was not found'}, in force {row['in_force'] or 'unknown'}"
            note = f"; {row['scope_note']}" if row["scope_note"] else ""
            yield "arrangement between them", Said(value=dates + note, source="arrangements.csv")
            return
    yield "arrangement between them", Said(value="none found", source="arrangements.csv")
