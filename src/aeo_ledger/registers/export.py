"""A register goes out again: what the ledger proves, beside what the documents say.

The ledger decides about status, roles and dates. A document gives what never reaches the ledger, and its own way of writing what both say:
so the export of an import, in the same profile, is the same file again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.entry import holder_of, type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, Role
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.office import ZonesMissing
from aeo_ledger.office.calendar import find_day, parse_moment, write_moment, write_review, write_time
from aeo_ledger.office.naming import name_bits
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.registers.columns import COLUMNS, CONSENT, DAYS, OF_LEDGER
from aeo_ledger.registers.documents import Document
from aeo_ledger.registers.profile import KEEP, PREFIX, ROLES, Profile
from aeo_ledger.registers.sheet import Dialect
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.registers.table import Column, Moment, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One standing with what is known of it."""

    entry: bytes
    """32 bytes."""
    record: Record
    plain: Mapping[str, str]
    """The plain columns, as of the ledger; without a document, those that only a document gives are empty."""
    kept: Mapping[str, str]
    """What the document has beside the plain columns, by heading."""
    known: bool
    """Whether there is a document."""


def list_standings(
    state: RegisterState, code: str, documents: Mapping[bytes, Document], *, since: int | None = None
) -> list[Standing]:
    """List the standings of a register: those with documents in the documents' order, then the others.

    Args:
        state: The register.
        code: Its party's code.
        documents: Documents by entry. An entry that only a document names is looked up, so that no snapshot can hide it.
        since: Only standings with a status event recorded after this time, UTC seconds; None for all.
    """
    entries = dict.fromkeys((*documents, *state.records))
    found = ((entry, state.record(entry)) for entry in entries)
    return [
        _describe(entry, record, code, documents.get(entry))
        for entry, record in found
        if record is not None and (since is None or record.recorded_at > since)
    ]


def _describe(entry: bytes, record: Record, code: str, document: Document | None) -> Standing:
    said = document or {}
    names, number = list_type_names(code), type_of(entry)
    plain = {
        **{column: said.get(column, "") for column in COLUMNS},
        "certificate_type": names[number] if number < len(names) else str(number),
        "status": record.status.name,
        "roles": _write_roles(said.get("roles", ""), record),
        "status_since": _write_time(said.get("status_since", ""), record.since, code),
        "effective_from": _write_time(said.get("effective_from", ""), record.valid_from, code),
        "effective_until": _write_time(said.get("effective_until", ""), record.valid_until, code),
    }
    ahead = record.kind == EventKind.GRANT and record.since < record.valid_from
    if ahead and said.get("status") == record.status.name:  # the ledger's `since` is the time of the grant
        plain["status_since"] = said.get("status_since", "")
    kept = {heading: value for heading, value in said.items() if heading not in COLUMNS}
    return Standing(entry=entry, record=record, plain=plain, kept=kept, known=document is not None)


def _write_roles(said: str, record: Record) -> str:
    """Write roles in the document's order if it names the same ones."""
    bits = sum(1 << ROLES[name] for name in set(said.split("|")) if name in ROLES)
    return said if said and bits == record.roles else "|".join(name_bits(record.roles, Role)).lower()


def _write_time(said: str, seconds: int, code: str) -> str:
    """Write a time as the document does if it means the same, else as a day of the party's calendar, or as a moment."""
    if not seconds:
        return ""
    try:
        if said and parse_moment(said, code, what="document") == seconds:
            return said
    except (Malformed, ZonesMissing):
        pass
    return write_time(seconds, code)


# ---- tables


def make_table(standings: Sequence[Standing], code: str, moment: Moment) -> Table:
    """Make the table of a register with all that the ledger knows: the plain columns, the ledger's, and those that documents keep."""
    kept = tuple(dict.fromkeys(heading for one in standings for heading in one.kept))
    return Table(
        name=code,
        title=f"Register of {code}",
        columns=(
            *(Column(name=name, about=about) for name, about in COLUMNS.items()),
            *(Column(name=name, about=about, number=name == "sequence") for name, about in OF_LEDGER.items()),
            *(Column(name=heading, about="as the administration keeps it") for heading in kept),
        ),
        rows=tuple(
            (*one.plain.values(), *_write_ledger(one, code), *(one.kept.get(heading, "") for heading in kept))
            for one in standings
        ),
        moment=moment,
    )


def _write_ledger(one: Standing, code: str) -> tuple[str | int, ...]:
    record = one.record
    review = write_review(record.review_day)
    return (
        to_hex(holder_of(one.entry)),
        record.sequence,
        write_moment(record.recorded_at) if record.recorded_at else "",
        write_time(record.hold_until, code),
        review,
    )


def make_partner_table(standings: Sequence[Standing], code: str, profile: Profile, moment: Moment) -> Table:
    """Make the table of a register in an administration's own form. Standings without a document have no number there: they are left out."""
    rows = tuple(
        _write_row(plain, kept, profile, code)
        for plain, kept in _join_types([one for one in standings if one.known], code)
    )
    header = _written_headings(profile)
    return Table(
        name=code,
        title=f"Register of {code}, as in the profile {profile.name}",
        columns=tuple(Column(name=heading, about=COLUMNS.get(profile.columns[heading], "")) for heading in header),
        rows=rows,
        moment=moment,
        dialect=Dialect(
            encoding=profile.encoding or "utf-8", delimiter=profile.delimiter or ",", line_end=profile.line_end
        ),
    )


def _written_headings(profile: Profile) -> tuple[str, ...]:
    """List the headings in the profile's order, the first of those that mean the same."""
    seen: set[str] = set()
    found = []
    for heading, meaning in profile.columns.items():
        if meaning in COLUMNS or meaning == PREFIX:
            if meaning in seen:
                continue
            seen.add(meaning)
        found.append(heading)
    return tuple(found)


def _join_types(standings: Sequence[Standing], code: str) -> Iterator[tuple[Mapping[str, str], Mapping[str, str]]]:
    """Join standings that one row of the file made, such as both halves of an AEOF, while they agree in everything."""
    by_content: dict[tuple[str, ...], list[Standing]] = {}
    for one in standings:
        by_content.setdefault(_content_of(one), []).append(one)
    combined = {frozenset(types): name for name, types in _list_combined(code).items()}
    joined: set[tuple[str, ...]] = set()
    for one in standings:
        content = _content_of(one)
        name = combined.get(frozenset(other.plain["certificate_type"] for other in by_content[content]))
        if name is None:
            yield one.plain, one.kept
        elif content not in joined:
            joined.add(content)
            yield {**one.plain, "certificate_type": name}, one.kept


def _content_of(one: Standing) -> tuple[str, ...]:
    """Return what one row of a file says of a standing, but for its type."""
    return (*(value for column, value in one.plain.items() if column != "certificate_type"), *one.kept.values())


def _list_combined(code: str) -> Mapping[str, tuple[str, ...]]:
    row = find_country(code)
    return {} if row is None else row.combined


def _write_row(plain: Mapping[str, str], kept: Mapping[str, str], profile: Profile, code: str) -> tuple[str, ...]:
    has_prefix = PREFIX in profile.columns.values() or bool(profile.tin_prefix)
    cells = []
    for heading in _written_headings(profile):
        meaning = profile.columns[heading]
        if meaning == PREFIX:
            cells.append(plain["tin"][:2])
        elif meaning == "tin":
            cells.append(plain["tin"][2:] if has_prefix else plain["tin"])
        elif meaning == CONSENT:
            cells.append(_write_cell(CONSENT, kept.get(CONSENT, ""), profile, code))
        elif meaning in COLUMNS:
            cells.append(_write_cell(meaning, plain[meaning], profile, code))
        else:
            cells.append(kept.get(heading, "") if meaning == KEEP else "")
    return tuple(cells)


def _write_cell(column: str, value: str, profile: Profile, code: str) -> str:
    words = profile.written.get(column, {})
    if column == "roles":
        return profile.roles_between.join(words.get(role, role) for role in value.split("|"))
    if column in DAYS and value and (day := _find_day(value, code)) is not None:
        return profile.days[0].write(day)
    return words.get(value, value)


def _find_day(text: str, code: str) -> date | None:
    """Find the day that a day or moment of a document means; None if it has a time of day in its party's calendar."""
    try:
        return find_day(parse_moment(text, code, what="document"), code)
    except Malformed:
        return None


def count_moments(standings: Sequence[Standing], code: str) -> int:
    """Count the standings with a time of day, for which no profile has a form: it is written as a moment in UTC."""
    return sum(
        any(one.plain[column] and _find_day(one.plain[column], code) is None for column in DAYS) for one in standings
    )
