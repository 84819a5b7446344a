"""Publications in words: a few certificates are shown in full, many in a list, very many are counted. Unusual ones are always shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import LIVING, Capacity, EventKind, ReasonClass, Role
from aeo_ledger.office.calendar import find_zone, show_day, show_zone
from aeo_ledger.office.naming import count
from aeo_ledger.office.telling_terms import Telling, bits, change, named
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.words import decode_record

MOST_IN_FULL: Final = 5
"""Most certificates for which every change is shown on a line of its own."""

MOST_LISTED: Final = 20
"""Most certificates that are shown on a line each. Of more, the kinds are counted, and every one that is not a plain grant is shown."""

Stands: TypeAlias = Callable[[bytes], Record | None]
"""Returns the proven present record of an entry (32 bytes); None if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """A status event, and the record that it follows."""

    entry: bytes
    old: Record | None
    new: Record | None
    """None if the event has no record."""
    document: bytes
    """Commitment to the event's document, 32 bytes; zero if it has none."""


def tell_publications(
    telling: Telling, publications: Sequence[Mapping[str, Any]], stands: Stands | None = None, *, show_all: bool = False
) -> list[str]:
    """Show publications of one register and issuer that are signed together, as one act.

    Args:
        telling: The facts before the publications.
        publications: The values of each message.
        stands: Looks up the present record of an entry; by default in the facts.
        show_all: Show each certificate, however many there are.
    """
    values = publications[0]
    events = list(_follow(publications, stands or telling.facts.record))
    entries = dict.fromkeys(event.entry for event in events)
    title = _name_acts(telling, events) if len(entries) == 1 else _count_acts(telling, values, events)
    lines = [title, _tell_signers(telling, values)]
    if len(entries) <= MOST_IN_FULL:
        return lines + [line for event in events for line in _tell_event(telling, event)]
    listed = len(entries) <= MOST_LISTED or show_all
    issuer = telling.code(values["issuer"])
    if not listed:
        lines += _summarise(telling, events, issuer)
    shown, left = (events, 0) if listed else _choose_shown(telling, events)
    if shown:
        also = "" if listed else ", each that is not a plain grant"
        lines.append(f"  one by one{also} (days of {issuer} begin at midnight in {show_zone(issuer)}):")
        lines += [_tell_row(telling, event, issuer) for event in shown]
    if left:
        lines.append(f"    and {left:,} more grants to look at again")
    return lines


def _follow(publications: Iterable[Mapping[str, Any]], stands: Stands) -> Iterator[_Event]:
    """Read the events in order, each with the record that it follows."""
    now: dict[bytes, Record | None] = {}
    for values in publications:
        for event in values["events"]:
            entry, new = event["entry"], decode_record(event["record"])
            old = now[entry] if entry in now else stands(entry)
            yield _Event(entry=entry, old=old, new=new, document=event["document"])
            now[entry] = new or old


def _name_acts(telling: Telling, events: Sequence[_Event]) -> str:
    return f"{' and '.join(_kind(event).upper() for event in events)} {telling.trader(events[0].entry)}"


def _count_acts(telling: Telling, values: Mapping[str, Any], events: Sequence[_Event]) -> str:
    kinds = Counter(map(_kind, events))
    listed = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    entries = {event.entry for event in events}
    return f"{count(len(entries), 'certificate')} in the register of {telling.code(values['register'])}: {listed}"


def _kind(event: _Event) -> str:
    return named(event.new.kind, EventKind) if event.new else "no record"


def _tell_signers(telling: Telling, values: Mapping[str, Any]) -> str:
    capacities = {
        Capacity.OPERATORS: f"the operators of {telling.party(values['issuer'])}",
        Capacity.AUTHORITY: f"the authority of {telling.party(values['issuer'])}",
        Capacity.UNION: f"the authority of the union {telling.party(values['register'])}",
    }
    who = capacities.get(values["capacity"], f"the operators of {telling.party(values['issuer'])}")
    if values["former"]:
        who += f", with {telling.party(values['former'])} or the register's union"
    return f"to be signed by {who}: a publication in the register of {telling.party(values['register'])}"


def _tell_event(telling: Telling, event: _Event) -> list[str]:
    """Show an event: each field of the record that it sets or changes is on a line."""
    old, new = event.old, event.new
    if new is None:
        return ["  an event without a record"]
    lines = [f"  {_kind(event).upper()}: {telling.trader(event.entry)}, event {new.sequence}"]
    if new.reason != ReasonClass.UNSTATED:
        lines.append(f"  reason: {named(new.reason, ReasonClass)}")
    if event.entry in telling.remarks:
        lines.append(f"  look again: {telling.remarks[event.entry]}")
    lines.append(change("status", old.status.name if old else "no certificate", new.status.name))
    parts: list[tuple[str, Callable[[Record], str]]] = [
        (f"{new.status.name} since", lambda r: telling.moment(r.since, r.issuer)),
        ("roles", lambda r: bits(r.roles, Role)),
        ("valid from", lambda r: telling.moment(r.valid_from, r.issuer)),
        ("valid until", lambda r: telling.open_or(r.valid_until, r.issuer)),
        (_name_hold(new), lambda r: telling.moment(r.hold_until, r.issuer) if r.hold_until else "none"),
        ("issuer", lambda r: telling.code(r.issuer)),
    ]
    for what, show in parts:
        after = show(new)
        if old is None or (what.endswith("since") and old.status != new.status):
            lines.append(f"  {what}: {after}")
        elif show(old) != after:
            lines.append(change(what, show(old), after))
    if any(event.document):
        lines.append(f"  document: the one whose salted hash is {to_hex(event.document)}")
    return lines


def _name_hold(record: Record) -> str:
    return "bar on a new grant until" if _has_ended(record) else "planned end of the suspension"


def _has_ended(record: Record) -> bool:
    return record.status not in LIVING


def _tell_row(telling: Telling, event: _Event, issuer: str) -> str:
    """Show an event on one line, its days by the issuer's calendar."""
    old, new = event.old, event.new
    if new is None:
        return f"  {telling.traders.get(event.entry, event.entry.hex())}: an event without a record"

    def day(seconds: int) -> str:
        return show_day(seconds, issuer)

    until = day(new.valid_until) if new.valid_until else "open"
    before = f" (was {old.status.name} since {day(old.since)})" if old else ""
    parts = [
        f"{new.status.name} since {day(new.since)}{before}",
        f"roles {bits(new.roles, Role)}",
        f"valid from {day(new.valid_from)} until {until}",
    ]
    parts += [f"{_name_hold(new)} {day(new.hold_until)}"] if new.hold_until else []
    parts += [f"reason {named(new.reason, ReasonClass)}"] if new.reason != ReasonClass.UNSTATED else []
    parts += [f"LOOK AGAIN: {telling.remarks[event.entry]}"] if event.entry in telling.remarks else []
    register = register_of(event.entry)
    trader = telling.traders.get(event.entry) or telling.trader(event.entry).split(",")[0]
    return f"    {_kind(event).upper()} {trader}, type {telling.types(register, 1 << type_of(event.entry))}: {'; '.join(parts)}"


def _choose_shown(telling: Telling, events: Sequence[_Event]) -> tuple[list[_Event], int]:
    """Choose which of many events to show: all that are not plain grants, and the first plain grants with a remark; count the rest."""
    plain = [_is_plain(telling, event) for event in events]
    doubted = [event.entry in telling.remarks and is_plain for event, is_plain in zip(events, plain, strict=True)]
    left = max(0, sum(doubted) - MOST_LISTED)
    shown, room = [], MOST_LISTED
    for event, is_plain, is_doubted in zip(events, plain, doubted, strict=True):
        if not is_plain or (is_doubted and room > 0):
            shown.append(event)
            room -= is_doubted
    return shown, left


def _is_plain(telling: Telling, event: _Event) -> bool:
    """Say whether an event is a first grant that is now in force."""
    new = event.new
    if new is None or event.old is not None:
        return False
    now = telling.facts.time
    return new.kind == EventKind.GRANT and new.valid_from <= now and (new.valid_until == 0 or now < new.valid_until)


def _summarise(telling: Telling, events: Sequence[_Event], issuer: str) -> list[str]:
    """Count the records after many events by type, status and roles; say between which days they begin and end."""
    after = {event.entry: event.new for event in events if event.new}
    types = Counter(telling.types(register_of(entry), 1 << type_of(entry)) for entry in after)
    statuses = Counter(record.status.name for record in after.values())
    roles = Counter(bits(record.roles, Role) for record in after.values())
    lines = [f"  {what}: {_list(counts)}" for what, counts in (("type", types), ("status", statuses), ("roles", roles))]
    lines += [] if show_zone(issuer) == find_zone(issuer) else [f"  days are in {show_zone(issuer)}"]
    ends = [record.valid_until for record in after.values() if record.valid_until]
    for what, times in (
        ("since", [record.since for record in after.values()]),
        ("valid from", [record.valid_from for record in after.values()]),
        ("valid until", ends),
    ):
        if times:
            first, last = show_day(min(times), issuer), show_day(max(times), issuer)
            lines.append(f"  {what}: {first}" + ("" if first == last else f" to {last}"))
    open_ended = len(after) - len(ends)
    lines += [f"  valid without an end: {count(open_ended, 'certificate')}"] if open_ended else []
    return lines


def _list(counts: Counter[str]) -> str:
    return "; ".join(f"{number:,} {what}" for what, number in counts.most_common())
