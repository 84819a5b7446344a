"""Local dates: a day begins at midnight where the party is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aeo_ledger.errors.office import ZonesMissing
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import (
    find_day,
    parse_moment,
    show_day,
    show_local,
    show_moment,
    show_zone,
    write_moment,
    write_time,
)
from support.zones import without_zones

__all__ = ["without_zones"]


@pytest.mark.parametrize(
    ("text", "party", "shown"),
    [
        ("2019-07-24", "CN", "2019-07-23 16:00:00Z"),
        ("2019-07-24", "BY", "2019-07-23 21:00:00Z"),
        ("2019-07-24", "DE", "2019-07-23 22:00:00Z"),  # summer time
        ("2019-01-24", "DE", "2019-01-23 23:00:00Z"),
        ("2019-07-24", "US", "2019-07-24 04:00:00Z"),
        ("2019-07-24", None, "2019-07-24 00:00:00Z"),
        ("2018-11-04", "BR", "2018-11-04 03:00:00Z"),  # a day without a midnight there: it began at 01:00
        ("2019-07-24T09:00:00+08:00", "BY", "2019-07-24 01:00:00Z"),
        ("2019-07-24T09:00:00Z", "CN", "2019-07-24 09:00:00Z"),
        ("2106-02-07", None, "2106-02-07 00:00:00Z"),
        ("2019-07-24T09:00:00Z", "XX", "2019-07-24 09:00:00Z"),
    ],
)
def test_moments(text: str, party: str | None, shown: str) -> None:
    assert show_moment(parse_moment(text, party, what="day")) == shown


@pytest.mark.parametrize("party", ["XX", "", "by", "XI", "EL", "COUNTRY", "..", "QQQQQQ"])
def test_a_day_of_a_party_whose_time_zone_is_not_known_is_refused(party: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_moment("2019-07-24", party, what="day")
    assert refusal.value.needed == f"a moment with its offset: no time zone of {party!r} is known here"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2019-7-24", "20190724", "2019-W30-3", "2019-02-30", "24.07.2019", "2019-07-24T09:00:00", "0001-01-01", "9999-12-31",
     "1969-12-31", "2106-02-08", "1563897600", "20190801", "2019", "0", "-1", "1e9",
     "２０１９-07-24", "2019-07-24 ", "2019-07-24T25:00:00Z", "2019-07-24\n"],  # noqa: RUF001
)  # fmt: skip
def test_what_is_neither_a_day_nor_a_moment_is_refused(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_moment(text, "CN", what="day")
    assert refusal.value.what == "day"


@pytest.mark.parametrize(
    ("seconds", "party", "shown"),
    [
        (1_563_897_600, "CN", "2019-07-23 16:00:00Z (2019-07-24 in Asia/Shanghai)"),
        (1_563_897_601, "CN", "2019-07-23 16:00:01Z (2019-07-24 00:00:01 in Asia/Shanghai)"),
        (1_563_897_600, "XX", "2019-07-23 16:00:00Z"),
        (1_563_897_600, None, "2019-07-23 16:00:00Z"),
        (0, "CN", "1970-01-01 00:00:00Z (1970-01-01 08:00:00 in Asia/Shanghai)"),
        ((1 << 32) - 1, "BY", "2106-02-07 06:28:15Z (2106-02-07 09:28:15 in Europe/Minsk)"),
        (1 << 64, "BY", "18446744073709551616 s after 1970, which is no date"),
    ],
)
def test_a_time_is_shown_in_utc_and_by_the_calendar_of_the_party_whose_day_is_meant(
    seconds: int, party: str | None, shown: str
) -> None:
    assert show_moment(seconds, party) == shown


@pytest.mark.parametrize(
    ("party", "day", "zone"),
    [
        ("CN", "2019-07-24", "Asia/Shanghai"),
        ("XX", "2019-07-23 16:00:00", "UTC (the time zone of XX is not known)"),
    ],
)
def test_a_day_in_a_list_is_of_the_zone_that_the_list_names(party: str, day: str, zone: str) -> None:
    assert (show_day(1_563_897_600, party), show_zone(party)) == (day, zone)


@pytest.mark.parametrize("seconds", [1, 1_563_897_601, (1 << 32) - 1])
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_moment(write_moment(seconds), "CN", what="day") == seconds


@pytest.mark.parametrize(
    ("seconds", "party", "written"),
    [
        (1_563_897_600, "CN", "2019-07-24"),
        (1_563_897_601, "CN", "2019-07-23T16:00:01Z"),
        (1_563_897_600, "BY", "2019-07-23T16:00:00Z"),
        (1_563_926_400, "XX", "2019-07-24T00:00:00Z"),
        (0, "CN", ""),
    ],
)
def test_a_time_is_written_as_the_day_that_begins_then_or_as_a_moment(seconds: int, party: str, written: str) -> None:
    assert write_time(seconds, party) == written
    assert written == "" or parse_moment(written, party, what="day") == seconds


@pytest.mark.usefixtures("without_zones")
def test_without_a_time_zone_database_times_are_shown_and_written_in_utc() -> None:
    """A system without one may run the base install: what it is told in UTC it can still read, show and write."""
    at = parse_moment("2019-07-24T00:00:00+08:00", "CN", what="day")
    assert (at, parse_moment("2019-07-24", None, what="day")) == (1_563_897_600, 1_563_926_400)
    assert (show_moment(at, "CN"), show_day(at, "CN")) == ("2019-07-23 16:00:00Z", "2019-07-23 16:00:00")
    assert (show_day(at, "XX"), show_local(at, "XX")) == ("2019-07-23 16:00:00", "2019-07-23 16:00:00")
    assert show_zone("CN") == "UTC (this machine has no time zone database)"
    assert show_zone("XX") == "UTC (the time zone of XX is not known)"
    assert (write_time(at, "CN"), write_time(0, "CN")) == ("2019-07-23T16:00:00Z", "")


@pytest.mark.usefixtures("without_zones")
@pytest.mark.parametrize(
    "ask",
    [
        lambda: parse_moment("2019-07-24", "CN", what="day"),
        lambda: find_day(1_563_897_600, "CN"),
        lambda: show_local(1_563_897_600, "CN"),
    ],
    ids=["read", "found", "compared"],
)
def test_without_a_time_zone_database_no_day_is_concluded(ask: Callable[[], object]) -> None:
    with pytest.raises(ZonesMissing) as refusal:
        ask()
    assert refusal.value.zone == "Asia/Shanghai"
