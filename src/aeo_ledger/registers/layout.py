"""Which column of a file is what, by a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.registers.columns import COLUMNS, CONSENT, OF_LEDGER
from aeo_ledger.registers.profile import IGNORE, KEEP, PREFIX, Profile, Unmapped, bare
from aeo_ledger.registers.sheet import Sheet

_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The places of a file's columns."""

    places: Mapping[str, int]
    """Of each plain column that the file has, and of `PREFIX`."""
    kept: Mapping[str, int]
    """Of each column that a document keeps under its own heading."""
    headings: Mapping[str, str]
    """The file's own heading of each plain column."""
    nameless: tuple[int, ...]
    """Of columns without a heading. Their cells must be empty."""
    ignored: tuple[str, ...]
    """Headings that the profile passes over."""


def lay_out(sheet: Sheet, profile: Profile) -> Layout:
    """Find the columns of a file.

    Raises:
        MalformedText: a heading appears twice, a column that a profile needs is missing, two columns mean the same, or a heading is
            in no profile.
    """
    seen: dict[str, str] = {}
    places: dict[str, int] = {}
    kept: dict[str, int] = {}
    headings: dict[str, str] = {}
    nameless, ignored, unknown = [], [], []
    # an export has the columns of the ledger, which say nothing new, and those that documents keep
    exported = {*map(bare, sheet.header)} >= OF_LEDGER.keys()
    unmapped = Unmapped.KEEP if exported else profile.unmapped
    for place, heading in enumerate(sheet.header):
        name = bare(heading)
        if not name:
            nameless.append(place)
            continue
        if name in seen:
            raise _refuse(f"the column {heading[:60]!r} twice", "each column once")
        seen[name] = heading
        meaning = (
            profile.headings.get(name)
            or (CONSENT if name == CONSENT else "")
            or (IGNORE if exported and name in OF_LEDGER else unmapped.value if unmapped is not Unmapped.REFUSE else "")
        )
        if not meaning:
            unknown.append(heading)
        elif meaning == KEEP and name in COLUMNS:
            raise _refuse(
                f"a column {heading[:60]!r} that the profile {profile.name} does not name", "another heading to keep"
            )
        elif meaning == KEEP:
            kept[_written_as(heading, profile)] = place
        elif meaning == IGNORE:
            ignored.append(heading)
        elif meaning in places:
            raise _refuse(f"two columns for {meaning}, {headings[meaning][:60]!r} and {heading[:60]!r}", "one")
        else:
            places[meaning], headings[meaning] = place, heading
    _refuse_missing(sheet.header, places, kept, profile)
    if unknown:
        shown = ", ".join(repr(heading[:60]) for heading in unknown[:_SHOWN])
        needed = f'[columns] in the profile to say what it means: a plain column, "{KEEP}" or "{IGNORE}"'
        raise _refuse(f"{shown}, which the profile {profile.name} does not name", needed)
    return Layout(places=places, kept=kept, headings=headings, nameless=tuple(nameless), ignored=tuple(ignored))


def _written_as(heading: str, profile: Profile) -> str:
    """Write the heading of a kept column as the profile does, so that documents do not depend on capitals and spaces of a file."""
    return next((known for known in profile.columns if bare(known) == bare(heading)), heading)


def _refuse_missing(
    header: Sequence[str], places: Mapping[str, int], kept: Mapping[str, int], profile: Profile
) -> None:
    wanted: dict[str, list[str]] = {}
    for heading, meaning in profile.columns.items():
        if meaning in COLUMNS or meaning == PREFIX:
            wanted.setdefault(meaning, []).append(heading)
        elif meaning == KEEP:
            wanted.setdefault(heading, []).append(heading)
    missing = [
        " or ".join(headings) for meaning, headings in wanted.items() if meaning not in places and meaning not in kept
    ]
    if not missing:
        return
    first = ", ".join(header)[:300] or "nothing"
    if len(missing) == len(wanted):
        known = ", ".join(headings[0] for headings in wanted.values())
        raise _refuse(
            f"none of the profile {profile.name} in the first row, which has {first!r}", f"a first row with {known}"
        )
    raise _refuse(f"{', '.join(missing)} missing", "them in the first row")


def _refuse(found: str, needed: str) -> MalformedText:
    return MalformedText("columns of the register", found, needed)
