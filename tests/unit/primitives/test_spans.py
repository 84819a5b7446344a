from __future__ import annotations

import pytest

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.spans import parse_span, show_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("30s", 30), ("5m", 300), ("12h", 43_200), ("90d", 7_776_000), ("999999999s", 999_999_999)],
)
def test_a_number_and_a_unit_are_seconds(text: str, seconds: int) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "m",
        "0s",
        "05m",
        "-5m",
        "+5m",
        "5 m",
        " 5m",
        "5m\n",
        "1.5h",
        "5M",
        "5w",
        "1h30m",
        "\u0665m",
        "1000000000s",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_span(text)
    assert refusal.value.found == repr(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-3, "0s"),
        (59, "59s"),
        (60, "1m"),
        (3_661, "1h 1m"),
        (86_400, "1d"),
        (90_061, "1d 1h"),
        (86_405, "1d 5s"),
    ],
)
def test_a_span_is_shown_in_its_two_largest_units(seconds: int, text: str) -> None:
    assert show_span(seconds) == text
