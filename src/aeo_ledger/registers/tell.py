"""A plan in words: counts first, then each change, for people and for machines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Final

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Role, name_number
from aeo_ledger.errors import show_utc
from aeo_ledger.office.calendar import show_day, show_zone, write_review
from aeo_ledger.office.naming import count, name_bits, name_types
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.registers.columns import COLUMNS
from aeo_ledger.registers.plan import NO_FILE, Change, Plan
from aeo_ledger.registers.valve import LIMITS, count_limited, find_limit

_WIDTH: Final = 80
_MOST_NEW: Final = 20
"""Most new certificates that are listed unless all are asked for. Changes of what is on the ledger are always listed."""


def tell_plan(
    plan: Plan, party: str, *, quote: Callable[[str], str], proven_living: int | None = None, show_all: bool = False
) -> list[str]:
    """Show a plan as lines of at most 80 columns, if no word is longer.

    Args:
        plan: The plan.
        party: Code of its issuer.
        quote: Writes words from outside.
        proven_living: How many certificates are proven to live before it, if somebody else made the plan: what it says beside
            its events is then shown as its own words. None if it was made here.
        show_all: Show each new certificate, however many there are.
    """
    is_own = proven_living is None
    says = "" if is_own else _OWN_WORDS
    living = plan.living if proven_living is None else proven_living
    lines = [*_tell_counts(plan, party, living, says), *_tell_changes(plan, party, quote, show_all=show_all)]
    if plan.missing:
        lines += ["", f"{says}not in the file, and nothing is done (--missing withdraw or revoke acts):"]
        lines += [f"  {one.tin or to_hex(one.entry)}, type {_type(one.entry, party)}" for one in plan.missing]
    if plan.doubts:
        lines += ["", f"{says}in doubt, and nothing is done about them:"]
        for one in plan.doubts:
            lines += _wrap(f"line {one.line:,}  {one.tin}: {one.reason if is_own else quote(one.reason)}", "  ")
    return lines


_OWN_WORDS: Final = "by its own words "
"""What a plan of somebody else says beside its events is neither signed nor proven."""


def _tell_counts(plan: Plan, party: str, living: int, says: str) -> Iterator[str]:
    kinds = ", ".join(
        f"{number:,} {name_number(kind, EventKind)}" for kind, number in sorted(plan.count_kinds().items())
    )
    yield f"plan {to_hex(plan.hash)}"
    source = (
        "from what stolen keys did" if plan.file == NO_FILE else f"from a file of {count(plan.rows, 'certificate')}"
    )
    yield from _wrap(f"the register of {party}, {says}{source}, as of block {plan.block:,}:", "")
    yield f"  {count(len(plan.changes), 'certificate')} to be changed or granted{':' if kinds else ''}"
    yield from _wrap(kinds, "    ")
    if plan.file != NO_FILE:
        yield from _wrap(
            f"{says}{plan.unchanged:,} unchanged, {len(plan.missing):,} not in the file, {len(plan.doubts):,} in doubt",
            "  ",
        )
    if plan.undocumented:
        yield from _wrap(
            f"of these, {plan.undocumented:,} without a document in this book: whether their names or numbers changed is not known "
            "(--undocumented gives them one)",
            "  ",
        )
    if assumed := sum(_has_interruption(change) for change in plan.changes):
        yield from _wrap(
            f"{assumed:,} ACTIVE since a later day than the ledger or the first day says: written as suspended until then "
            "(--interrupted ignore takes them as valid all the time)",
            "  ",
        )
    for name, found in count_limited(plan).items():
        if found:
            more = f", which {says}was allowed" if name in plan.allowed else ""
            usual = f"usual: up to {find_limit(living, name):,}{more}"
            yield from _wrap(f"{found:,} of {living:,} would {LIMITS[name].what} ({usual})", "  ")
    if plan.changes:
        yield f"  {count(len(plan.publications), 'publication')}, to be sealed by {show_utc(plan.deadline)}"


def _has_interruption(change: Change) -> bool:
    """Say whether a change contains an interruption that the file does not name: a suspension and its end."""
    kinds = [event.record.kind for event in change.events]
    return kinds[-2:] == [EventKind.SUSPEND, EventKind.REINSTATE]


def _tell_changes(plan: Plan, party: str, quote: Callable[[str], str], *, show_all: bool) -> Iterator[str]:
    if plan.changes:
        yield ""
        yield f"each change (days begin at midnight in {show_zone(party)}):"
    hidden = 0
    new = 0
    for change in plan.changes:
        new += change.before == 0
        if change.before == 0 and new > _MOST_NEW and not show_all:
            hidden += 1
            continue
        yield from _tell_change(change, party, quote, in_file=plan.file != NO_FILE)
    if hidden:
        yield f"  and {hidden:,} more new certificates (--show-all lists them)"


def _tell_change(change: Change, party: str, quote: Callable[[str], str], *, in_file: bool) -> Iterator[str]:
    kinds = ", ".join(name_number(event.record.kind, EventKind).upper() for event in change.events)
    where = f"line {change.line:,}  " if change.line else "not in the file  " if in_file else ""
    yield from _wrap(f"{where}{change.tin or to_hex(change.entry)}, type {_type(change.entry, party)}: {kinds}", "  ")
    old, new = change.old, change.events[-1].record
    for what, before, after in _list_fields(old, new, party):
        if old is None:
            yield from _wrap(f"{what}: {after}", "      ")
        elif before != after:
            yield from _wrap(f"{what}: {before} -> {after}", "      ")
    if old is not None and old.review_day != new.review_day:
        yield from _wrap(
            f"next review: {write_review(old.review_day) or 'none'} -> {write_review(new.review_day) or 'none'}",
            "      ",
        )
    if len(change.events) > 1:
        steps = "; ".join(
            f"{event.record.status.name} since {_day(event.record.since, party)}" for event in change.events
        )
        yield from _wrap(f"in steps: {steps}", "      ")
    others = [column if column in _PLAIN else quote(column) for column in change.columns if column not in _SHOWN]
    if others:
        yield from _wrap(f"another document: {', '.join(others)}", "      ")


_PLAIN: Final = frozenset({*COLUMNS, "document"})
"""Columns whose names are this program's. All others are words of a file."""

_SHOWN: Final = frozenset({"status", "status_since", "roles", "effective_until"})
"""Columns whose old and new values are shown from the records."""


def _list_fields(old: Record | None, new: Record, party: str) -> Iterator[tuple[str, str, str]]:
    def show(record: Record | None) -> tuple[str, ...]:
        if record is None:
            return ("", "", "", "")
        until = _day(record.valid_until, party) if record.valid_until else "open"
        return (
            f"{record.status.name} since {_day(record.since, party)}",
            ", ".join(name_bits(record.roles, Role)).replace("_", " "),
            _day(record.valid_from, party),
            until,
        )

    return zip(("status", "roles", "valid from", "valid until"), show(old), show(new), strict=True)


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _day(seconds: int, party: str) -> str:
    return show_day(seconds, party)


def _type(entry: bytes, party: str) -> str:
    return ", ".join(name_types(1 << type_of(entry), list_type_names(party)))


def describe_plan(plan: Plan, party: str) -> dict[str, Any]:
    """Describe a plan of a party (by code) for machines; times are UTC seconds."""
    return {
        "plan": to_hex(plan.hash),
        "party": party,
        "rests_on": {"block": plan.block, "block_hash": to_hex(plan.block_hash)},
        "deadline": plan.deadline,
        "rows": plan.rows,
        "unchanged": plan.unchanged,
        "undocumented": plan.undocumented,
        "living": plan.living,
        "events": {name_number(kind, EventKind): number for kind, number in sorted(plan.count_kinds().items())},
        "limited": {
            name: {"found": found, "usual": find_limit(plan.living, name)}
            for name, found in count_limited(plan).items()
        },
        "allowed": dict(plan.allowed),
        "publications": len(plan.publications),
        "changes": [_describe_change(change, party) for change in plan.changes],
        "missing": [
            {"tin": one.tin or None, "entry": to_hex(one.entry), "type": _type(one.entry, party)}
            for one in plan.missing
        ],
        "doubts": [{"line": one.line, "tin": one.tin, "reason": one.reason} for one in plan.doubts],
    }


def _describe_change(change: Change, party: str) -> dict[str, Any]:
    return {
        "line": change.line or None,
        "tin": change.tin or None,
        "type": _type(change.entry, party),
        "columns": list(change.columns),
        "before": _describe_record(change.old),
        "events": [
            {
                **(_describe_record(event.record) or {}),
                "document": to_hex(event.document) if any(event.document) else None,
            }
            for event in change.events
        ],
    }


def _describe_record(record: Record | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {
        "event": name_number(record.kind, EventKind),
        "reason": name_number(record.reason, ReasonClass),
        "status": record.status.name,
        "since": record.since,
        "roles": name_bits(record.roles, Role),
        "valid_from": record.valid_from,
        "valid_until": record.valid_until or None,
        "sequence": record.sequence,
    }
