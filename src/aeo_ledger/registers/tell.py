"""A plan in words: counts first, then each change, for people and for machines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Role, Status, name_number
from aeo_ledger.errors import show_utc
from aeo_ledger.office.calendar import show_day, show_zone, write_review
from aeo_ledger.office.naming import name_bits, name_types
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.registers.columns import COLUMNS
from aeo_ledger.registers.plan import NO_FILE, Change, Plan
from aeo_ledger.registers.valve import count_limited, find_limit
from aeo_ledger.wording.words import ENGLISH, Words, later

_WIDTH: Final = 80
_MOST_NEW: Final = 20
"""Most new certificates that are listed unless all are asked for. Changes of what is on the ledger are always listed."""


def tell_plan(
    plan: Plan,
    party: str,
    *,
    quote: Callable[[str], str],
    proven_living: int | None = None,
    show_all: bool = False,
    words: Words = ENGLISH,
) -> list[str]:
    """Show a plan as lines of at most 80 columns, if no word is longer.

    Args:
        plan: The plan.
        party: Code of its issuer.
        quote: Writes words from outside.
        proven_living: How many certificates are proven to live before it, if somebody else made the plan: what it says beside
            its events is then shown as its own words. None if it was made here.
        show_all: Show each new certificate, however many there are.
        words: The reader's.
    """
    telling = _Telling(
        plan=plan,
        party=party,
        quote=quote,
        words=words,
        says="" if proven_living is None else words.say("by its own words "),
        living=plan.living if proven_living is None else proven_living,
    )
    return [*telling.counts(), *telling.changes(show_all=show_all), *telling.left()]


_WOULD: Final = {
    "ends": later("{found} of {living} would end (usual: up to {usual})"),
    "changes": later("{found} of {living} would change (usual: up to {usual})"),
}
"""What `LIMITS` limits, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    plan: Plan
    party: str
    quote: Callable[[str], str]
    words: Words
    says: str
    """Stands before what somebody else's plan says beside its events: it is neither signed nor proven. Empty if it was made here."""
    living: int

    def counts(self) -> Iterator[str]:
        plan, words, number = self.plan, self.words, self.words.number
        kinds = ", ".join(
            f"{number(found)} {words.name(kind, EventKind)}" for kind, found in sorted(plan.count_kinds().items())
        )
        yield words.say("plan {hash}", hash=to_hex(plan.hash))
        source = (
            words.say("from what stolen keys did")
            if plan.file == NO_FILE
            else words.plural("from a file of {number} certificate", "from a file of {number} certificates", plan.rows)
        )
        yield from _wrap(
            words.say(
                "the register of {party}, {says}{source}, as of block {block}:",
                party=self.party,
                says=self.says,
                source=source,
                block=number(plan.block),
            ),
            "",
        )
        changed = words.plural(
            "{number} certificate to be changed or granted",
            "{number} certificates to be changed or granted",
            len(plan.changes),
        )
        yield f"  {changed}{':' if kinds else ''}"
        yield from _wrap(kinds, "    ")
        if plan.file != NO_FILE:
            same = words.say(
                "{unchanged} unchanged, {missing} not in the file, {doubts} in doubt",
                unchanged=number(plan.unchanged),
                missing=number(len(plan.missing)),
                doubts=number(len(plan.doubts)),
            )
            yield from _wrap(self.says + same, "  ")
        if plan.undocumented:
            yield from _wrap(
                words.say(
                    "of these, {number} without a document in this book: whether their names or numbers changed is not known "
                    "(`register plan --undocumented` gives them one)",
                    number=number(plan.undocumented),
                ),
                "  ",
            )
        if assumed := sum(_has_interruption(change) for change in plan.changes):
            yield from _wrap(
                words.say(
                    "{number} ACTIVE since a later day than the ledger or the first day says: written as suspended until then "
                    "(`register plan --interrupted ignore` takes them as valid all the time)",
                    number=number(assumed),
                ),
                "  ",
            )
        for name, found in count_limited(plan).items():
            if found:
                usual = number(find_limit(self.living, name))
                if name in plan.allowed:
                    usual = words.say("{usual}, which {says}was allowed", usual=usual, says=self.says)
                would = words.phrase(_WOULD[name], found=number(found), living=number(self.living), usual=usual)
                yield from _wrap(would, "  ")
        if plan.changes:
            sealed = words.plural(
                "{number} publication, to be sealed by {time}",
                "{number} publications, to be sealed by {time}",
                len(plan.publications),
                time=show_utc(plan.deadline),
            )
            yield f"  {sealed}"

    def changes(self, *, show_all: bool) -> Iterator[str]:
        words = self.words
        if self.plan.changes:
            yield ""
            yield words.say("each change (days begin at midnight in {zone}):", zone=show_zone(self.party, words))
        hidden = 0
        new = 0
        for change in self.plan.changes:
            new += change.before == 0
            if change.before == 0 and new > _MOST_NEW and not show_all:
                hidden += 1
                continue
            yield from self._change(change)
        if hidden:
            yield words.say("  and {number} more new certificates (--show-all lists them)", number=words.number(hidden))

    def left(self) -> Iterator[str]:
        """Say which certificates the plan leaves alone."""
        plan, words, says = self.plan, self.words, self.says
        if plan.missing:
            yield ""
            yield says + words.say("not in the file, and nothing is done (`register plan --missing` acts):")
            for lost in plan.missing:
                yield f"  {self._which(lost.tin, lost.entry)}"
        if plan.doubts:
            yield ""
            yield says + words.say("in doubt, and nothing is done about them:")
            for one in plan.doubts:
                reason = self.quote(one.reason) if says else one.reason
                yield from _wrap(
                    words.say("line {number}", number=words.number(one.line)) + f"  {one.tin}: {reason}", "  "
                )

    def _which(self, tin: str, entry: bytes) -> str:
        return self.words.say("{trader}, type {type}", trader=tin or to_hex(entry), type=_type(entry, self.party))

    def _change(self, change: Change) -> Iterator[str]:
        words = self.words
        kinds = ", ".join(words.name(event.record.kind, EventKind).upper() for event in change.events)
        where = ""
        if change.line:
            where = words.say("line {number}", number=words.number(change.line)) + "  "
        elif self.plan.file != NO_FILE:
            where = words.say("not in the file") + "  "
        yield from _wrap(f"{where}{self._which(change.tin, change.entry)}: {kinds}", "  ")
        old, new = change.old, change.events[-1].record
        for what, before, after in self._fields(old, new):
            if old is None:
                yield from _wrap(f"{what}: {after}", "      ")
            elif before != after:
                yield from _wrap(f"{what}: {before} -> {after}", "      ")
        if old is not None and old.review_day != new.review_day:
            none = words.term("day", "none")
            days = (write_review(day) or none for day in (old.review_day, new.review_day))
            yield from _wrap(f"{words.say('next review')}: {' -> '.join(days)}", "      ")
        if len(change.events) > 1:
            steps = "; ".join(self._standing(event.record) for event in change.events)
            yield from _wrap(words.say("in steps: {steps}", steps=steps), "      ")
        others = [
            column if column in _PLAIN else self.quote(column) for column in change.columns if column not in _SHOWN
        ]
        if others:
            yield from _wrap(words.say("another document: {columns}", columns=", ".join(others)), "      ")

    def _standing(self, record: Record) -> str:
        status = self.words.name(record.status, Status).upper()
        return self.words.say("{status} since {time}", status=status, time=show_day(record.since, self.party))

    def _fields(self, old: Record | None, new: Record) -> Iterator[tuple[str, str, str]]:
        words = self.words

        def show(record: Record | None) -> tuple[str, ...]:
            if record is None:
                return ("", "", "", "")
            until = show_day(record.valid_until, self.party) if record.valid_until else words.term("end", "open")
            return (
                self._standing(record),
                words.names(record.roles, Role),
                show_day(record.valid_from, self.party),
                until,
            )

        names = words.say("status"), words.say("roles"), words.say("valid from"), words.say("valid until")
        return zip(names, show(old), show(new), strict=True)


def _has_interruption(change: Change) -> bool:
    """Say whether a change contains an interruption that the file does not name: a suspension and its end."""
    kinds = [event.record.kind for event in change.events]
    return kinds[-2:] == [EventKind.SUSPEND, EventKind.REINSTATE]


_PLAIN: Final = frozenset({*COLUMNS, "document"})
"""Columns whose names are this program's. All others are words of a file."""

_SHOWN: Final = frozenset({"status", "status_since", "roles", "effective_until"})
"""Columns whose old and new values are shown from the records."""


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


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
