"""Publications in words: a few certificates are shown in full, many in a list, very many are counted. Unusual ones are always shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import LIVING, Capacity, EventKind, ReasonClass, Role
from aeo_ledger.office.calendar import find_zone, show_day, show_zone, write_review
from aeo_ledger.office.telling_terms import Telling
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
        zone = show_zone(issuer, telling.words)
        lines.append(
            telling.words.say("  one by one (days of {party} begin at midnight in {zone}):", party=issuer, zone=zone)
            if listed
            else telling.words.say(
                "  one by one, each that is not a plain grant (days of {party} begin at midnight in {zone}):",
                party=issuer,
                zone=zone,
            )
        )
        lines += [_tell_row(telling, event, issuer) for event in shown]
    if left:
        lines.append(
            telling.words.plural(
                "    and {number} more grant to look at again", "    and {number} more grants to look at again", left
            )
        )
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
    kinds = telling.words.say(" and ").join(_kind(telling, event).upper() for event in events)
    return telling.words.say("{acts} {trader}", acts=kinds, trader=telling.trader(events[0].entry))


def _count_acts(telling: Telling, values: Mapping[str, Any], events: Sequence[_Event]) -> str:
    kinds = Counter(_kind(telling, event) for event in events)
    entries = {event.entry for event in events}
    return telling.words.plural(
        "{number} certificate in the register of {register}: {acts}",
        "{number} certificates in the register of {register}: {acts}",
        len(entries),
        register=telling.code(values["register"]),
        acts=", ".join(_count(telling, kind, number) for kind, number in sorted(kinds.items())),
    )


def _count(telling: Telling, what: str, number: int) -> str:
    return telling.words.say("{number} {what}", number=telling.words.number(number), what=what)


def _kind(telling: Telling, event: _Event) -> str:
    return telling.words.name(event.new.kind, EventKind) if event.new else telling.words.say("no record")


def _tell_signers(telling: Telling, values: Mapping[str, Any]) -> str:
    say, register = telling.words.say, telling.party(values["register"])
    if values["capacity"] == Capacity.UNION:
        who = say("the authority of the union {party}", party=register)
    elif values["capacity"] == Capacity.AUTHORITY:
        who = say("the authority of {party}", party=telling.party(values["issuer"]))
    else:
        who = say("the operators of {party}", party=telling.party(values["issuer"]))
    if values["former"]:
        who = say("{who}, with {party} or the register's union", who=who, party=telling.party(values["former"]))
    return say("to be signed by {who}: a publication in the register of {register}", who=who, register=register)


def _tell_event(telling: Telling, event: _Event) -> list[str]:
    """Show an event: each field of the record that it sets or changes is on a line."""
    old, new, words = event.old, event.new, telling.words
    if new is None:
        return [words.say("  an event without a record")]
    lines = [
        words.say(
            "  {act}: {trader}, event {number}",
            act=_kind(telling, event).upper(),
            trader=telling.trader(event.entry),
            number=new.sequence,
        )
    ]
    if new.reason != ReasonClass.UNSTATED:
        lines.append(words.say("  reason: {reason}", reason=words.name(new.reason, ReasonClass)))
    if event.entry in telling.remarks:
        lines.append(words.say("  look again: {remark}", remark=telling.remark(event.entry)))
    status = telling.status(new)
    lines.append(
        telling.change(words.say("status"), telling.status(old) if old else words.say("no certificate"), status)
    )
    since = words.say("{status} since", status=status)
    parts: list[tuple[str, Callable[[Record], str]]] = [
        (since, lambda r: telling.moment(r.since, r.issuer)),
        (words.say("roles"), lambda r: words.names(r.roles, Role)),
        (words.say("valid from"), lambda r: telling.moment(r.valid_from, r.issuer)),
        (words.say("valid until"), lambda r: telling.open_or(r.valid_until, r.issuer)),
        (
            _name_hold(telling, new),
            lambda r: telling.moment(r.hold_until, r.issuer) if r.hold_until else words.term("end", "none"),
        ),
        (words.say("issuer"), lambda r: telling.code(r.issuer)),
    ]
    for what, show in parts:
        after = show(new)
        if old is None or (what == since and old.status != new.status):
            lines.append(f"  {what}: {after}")
        elif show(old) != after:
            lines.append(telling.change(what, show(old), after))
    if new.review_day != (old.review_day if old else 0):
        lines.append(words.say("  day of the next review: {day}", day=_name_review(telling, new)))
    if any(event.document):
        lines.append(words.say("  document: the one whose salted hash is {hash}", hash=to_hex(event.document)))
    return lines


def _name_review(telling: Telling, record: Record) -> str:
    return write_review(record.review_day) or telling.words.term("end", "none")


def _name_hold(telling: Telling, record: Record) -> str:
    if record.status in LIVING:
        return telling.words.say("planned end of the suspension")
    return telling.words.say("bar on a new grant until")


def _tell_row(telling: Telling, event: _Event, issuer: str) -> str:
    """Show an event on one line, its days by the issuer's calendar."""
    old, new, say = event.old, event.new, telling.words.say
    if new is None:
        trader = telling.traders.get(event.entry, event.entry.hex())
        return say("  {trader}: an event without a record", trader=trader)

    def day(seconds: int) -> str:
        return show_day(seconds, issuer)

    parts = [say("{status} since {day}", status=telling.status(new), day=day(new.since))]
    if old is not None:
        parts[0] += say(" (was {status} since {day})", status=telling.status(old), day=day(old.since))
    until = day(new.valid_until) if new.valid_until else telling.words.term("end", "open")
    parts += [
        say("roles {roles}", roles=telling.words.names(new.roles, Role)),
        say("valid from {begins} until {ends}", begins=day(new.valid_from), ends=until),
    ]
    parts += [f"{_name_hold(telling, new)} {day(new.hold_until)}"] if new.hold_until else []
    if new.review_day != (old.review_day if old else 0):
        parts.append(say("next review {day}", day=_name_review(telling, new)))
    if new.reason != ReasonClass.UNSTATED:
        parts.append(say("reason {reason}", reason=telling.words.name(new.reason, ReasonClass)))
    if event.entry in telling.remarks:
        parts.append(say("LOOK AGAIN: {remark}", remark=telling.remark(event.entry)))
    return say(
        "    {act} {trader}, type {type}: {facts}",
        act=_kind(telling, event).upper(),
        trader=telling.named_trader(event.entry),
        type=telling.types(register_of(event.entry), 1 << type_of(event.entry)),
        facts="; ".join(parts),
    )


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
    after, words = {event.entry: event.new for event in events if event.new}, telling.words
    types = Counter(telling.types(register_of(entry), 1 << type_of(entry)) for entry in after)
    statuses = Counter(telling.status(record) for record in after.values())
    roles = Counter(words.names(record.roles, Role) for record in after.values())
    lines = [
        f"  {what}: {'; '.join(_count(telling, one, number) for one, number in counts.most_common())}"
        for what, counts in ((words.say("type"), types), (words.say("status"), statuses), (words.say("roles"), roles))
    ]
    if show_zone(issuer) != find_zone(issuer):
        lines.append(words.say("  days are in {zone}", zone=show_zone(issuer, words)))
    ends = [record.valid_until for record in after.values() if record.valid_until]
    for what, times in (
        (words.say("since"), [record.since for record in after.values()]),
        (words.say("valid from"), [record.valid_from for record in after.values()]),
        (words.say("valid until"), ends),
    ):
        if times:
            first, last = show_day(min(times), issuer), show_day(max(times), issuer)
            shown = first if first == last else words.say("{first} to {last}", first=first, last=last)
            lines.append(f"  {what}: {shown}")
    open_ended = len(after) - len(ends)
    if open_ended:
        lines.append(
            words.plural(
                "  valid without an end: {number} certificate",
                "  valid without an end: {number} certificates",
                open_ended,
            )
        )
    return lines
