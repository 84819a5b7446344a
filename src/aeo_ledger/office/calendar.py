"""Local dates to ledger time: a day begins at midnight in the party's own time zone.

Dates are converted here, at the edge, with the system's time zone database or, where it has none, the package `tzdata` of the extra
`zones`. The ledger knows only UTC seconds.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.prefixes import COUNTRIES
from aeo_ledger.errors import show_utc
from aeo_ledger.errors.office import ZonesMissing
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.wording.words import ENGLISH, Words

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""How a day must begin. ISO's other forms, such as week dates, are not accepted: people would misread them."""


def find_zone(party: str) -> str | None:
    """Name the time zone in which a party's days begin; None if it is unknown."""
    row = find_country(party)
    return None if row is None else row.zone


def is_known(party: str) -> bool:
    """Tell whether a code is a country's in ISO 3166-1, or a known union's."""
    return find_country(party) is not None or party in COUNTRIES


def parse_moment(text: str, party: str | None, *, what: str) -> int:
    """Read a day (`2019-07-24`, from midnight in the party's time zone) or a moment with its offset, as UTC seconds.

    Digits alone are refused: 20190801 is a day to one reader and a second of August 1970 to another.

    Args:
        text: The day or moment, as entered.
        party: Code of the party whose day is meant; None for a day that begins at midnight UTC.
        what: Name of the value, for the error.

    Raises:
        MalformedText: it is neither a day nor a moment, the party's time zone is unknown, or the time lies outside 1970 to
            2105, the range that the ledger can store.
        ZonesMissing: this machine has no time zone database.
    """
    malformed = MalformedText(
        what, repr(text)[:80], "a day such as 2019-07-24, or a moment such as 2019-07-24T09:00:00+08:00"
    )
    if not _DATE.match(text):
        raise malformed
    try:
        if len(text) == 10:
            day, zone = date.fromisoformat(text), None if party is None else find_zone(party)
            if zone is None and party is not None:
                raise MalformedText(
                    what, repr(text), f"a moment with its offset: no time zone of {party!r:.20} is known here"
                )
            moment = datetime.combine(day, time.min, open_zone(zone))
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise malformed from error
    if moment.tzinfo is None:
        raise MalformedText(what, repr(text), "an offset, as in 2019-07-24T09:00:00+08:00 or ...Z")
    seconds = int(moment.timestamp())
    if not 0 < seconds < 1 << 32:
        raise MalformedText(what, repr(text), "a time between 1970 and 2105")
    return seconds


def show_moment(seconds: int, party: str | None = None, words: Words = ENGLISH) -> str:
    """Write ledger time for people: in UTC, and also by the party's calendar if this machine knows its time zone."""
    utc = show_utc(seconds)
    zone = None if party is None else find_zone(party)
    if zone is None or not 0 <= seconds < 1 << 32:
        return utc
    try:
        return words.say("{utc} ({local} in {zone})", utc=utc, local=_show_in(open_zone(zone), seconds), zone=zone)
    except ZonesMissing:
        return utc


def show_day(seconds: int, party: str) -> str:
    """Write ledger time by the calendar that `show_zone` names, for a list that names it once. The hour is left out at midnight."""
    try:
        return show_local(seconds, party)
    except ZonesMissing:
        return _show_in(UTC, seconds)


def show_local(seconds: int, party: str) -> str:
    """Write ledger time by the party's calendar alone, for a comparison of days; in UTC if its time zone is unknown.

    Raises:
        ZonesMissing: this machine has no time zone database.
    """
    return _show_in(open_zone(find_zone(party)), seconds)


def show_zone(party: str, words: Words = ENGLISH) -> str:
    """Name the time zone of `show_day`: the party's, or UTC with the reason."""
    zone = find_zone(party)
    if zone is None:
        return words.say("UTC (the time zone of {party} is not known)", party=party)
    try:
        open_zone(zone)
    except ZonesMissing:
        return words.say("UTC (this machine has no time zone database)")
    return zone


def open_zone(zone: str | None) -> tzinfo:
    """Open a time zone by its name; None is UTC, which needs no database.

    Raises:
        ZonesMissing: this machine has no time zone database.
    """
    if zone is None:
        return UTC
    try:
        return ZoneInfo(zone)
    except ZoneInfoNotFoundError as error:
        raise ZonesMissing(zone=zone) from error


def demand_zone(zone: str) -> None:
    """Check that a time zone exists, as far as this machine knows any.

    Raises:
        MalformedText: its database has no such zone.
    """
    known = available_timezones()
    if known and zone not in known:
        raise MalformedText("time zone", repr(zone), "one of IANA's, such as Europe/Minsk")


def _show_in(zone: tzinfo, seconds: int) -> str:
    if not 0 <= seconds < 1 << 32:
        return show_utc(seconds)
    local = datetime.fromtimestamp(seconds, zone)
    return f"{local:%Y-%m-%d}" if local.time() == time.min else f"{local:%Y-%m-%d %H:%M:%S}"


def find_day(seconds: int, party: str) -> date | None:
    """Find the day of the party's calendar that begins at a time; None if none does, or if its time zone is unknown.

    Raises:
        ZonesMissing: this machine has no time zone database.
    """
    zone = find_zone(party)
    local = datetime.fromtimestamp(seconds, open_zone(zone))
    return local.date() if zone is not None and local.time() == time.min else None


def write_time(seconds: int, party: str) -> str:
    """Write a time so that `parse_moment` can read it: the day that begins then for the party, else a moment; empty for 0.

    A machine without a time zone database writes moments alone: they are the same times.
    """
    if not seconds:
        return ""
    try:
        day = find_day(seconds, party)
    except ZonesMissing:
        day = None
    return write_moment(seconds) if day is None else day.isoformat()


def write_review(day: int) -> str:
    """Write the day of a review, counted from 1970-01-01; empty for 0, which is none."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + day).isoformat() if day else ""


def write_moment(seconds: int) -> str:
    """Write ledger time so that `parse_moment` can read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
