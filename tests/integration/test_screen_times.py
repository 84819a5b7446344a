"""A time is entered as a day or a moment, never as digits alone, and it is shown as a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aeo_ledger.office.calendar import parse_moment
from support.workshop import QUESTION, TYPE_3, Workshop, write_csv

BOUNDS = Path(__file__).parents[1] / "cases/time/bounds.csv"
DIGITS = ["20190801", "20200101", "1563897600", "2019", "0", "-1", "+20190801", "20190801.0", "１５６３８９７６００"]  # noqa: RUF001


@pytest.mark.parametrize("digits", DIGITS)
def test_digits_alone_are_never_a_time(shop: Workshop, tmp_path: Path, digits: str) -> None:
    """20190801 as seconds is a day in August 1970, when nobody recognised anybody: it would be a proven no."""
    act = ["--party", "BY", "--type", "3", "--key", shop.key("BY")]
    row = {"tin": "BY700000070"}
    for command in (
        ["ask", TYPE_3, *QUESTION, "--on", digits],
        ["ask", TYPE_3, *QUESTION, "--as-known", digits],
        ["grant", TYPE_3, *act, "--roles", "carrier", "--from", digits],
        ["grant", TYPE_3, *act, "--roles", "carrier", "--until", digits],
        ["suspend", TYPE_3, *act, "--since", digits],
        ["suspend", TYPE_3, *act, "--hold", digits],
        *(
            ["register", "import", str(write_csv(tmp_path / f"{column}.csv", {**row, column: digits})), "--party", "BY",
             "--key", shop.key("BY"), "--accept-odd"]
            for column in ("since", "from", "until")
        ),
    ):  # fmt: skip
        refused = shop.json(*command, code=2)
        error = "BadRows" if command[0] == "register" else "MalformedText"
        assert (refused["error"], "a day such as 2019-07-24" in refused["detail"]) == (error, True), command


@pytest.mark.parametrize("value", ["20190801", '"20190801"', '"1563897600"', "1563897600"])
def test_digits_alone_are_not_a_time_in_a_draft(shop: Workshop, tmp_path: Path, value: str) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text((BOUNDS.parents[1] / "docs/DRAFT.TOML").read_text().replace("2019-07-24", value))
    refused = shop.json("arrangement", "conclude", str(draft), code=2)
    assert (refused["error"], "a day such as 2019-07-24" in refused["detail"]) == ("MalformedText", True)


def test_a_certificate_ends_when_its_last_day_begins_as_its_column_says(shop: Workshop) -> None:
    tin, end = "BY100006005", parse_moment("2024-12-31", "BY", what="")
    assert (
        shop.json("register", "import", str(BOUNDS), "--party", "BY", "--yes", "--key", shop.key("BY"))["recorded"] == 1
    )
    assert "first day on which it is no longer valid" in " ".join(
        shop.run("register", "import", "--help", COLUMNS="400").stdout.split()
    )
    for seconds in range(-3, 4):
        found = shop.json(
            "ask",
            tin,
            *QUESTION,
            "--on",
            f"{datetime.fromtimestamp(end + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}",
            code=int(seconds >= 0),
        )
        assert found["reasons"] == (["expired"] if seconds >= 0 else [])
    last_day = datetime.fromtimestamp(end, UTC) - timedelta(days=1)
    assert shop.json("ask", tin, *QUESTION, "--on", f"{last_day:%Y-%m-%d}")["recognised"] is True


def test_a_past_day_is_shown_in_utc_and_by_the_recognisers_calendar(shop: Workshop) -> None:
    told = shop.run("ask", TYPE_3, *QUESTION, "--on", "2019-07-24")
    assert "  decided    for 2019-07-23 16:00:00Z (2019-07-24 in Asia/Shanghai)\n" in told.stdout
    now = shop.run("ask", TYPE_3, *QUESTION)
    (decided,) = [line for line in now.stdout.splitlines() if line.startswith("  decided")]
    assert "Shanghai" not in decided  # no day of anybody's is meant


def test_a_history_is_shown_by_the_issuers_calendar(shop: Workshop) -> None:
    told = shop.run("history", TYPE_3, "--type", "3").stdout
    assert "21:00:00Z (2018-07-24 in Europe/Minsk)" in told


def test_no_answer_is_given_about_what_nobody_can_have_known_or_what_does_not_exist(shop: Workshop) -> None:
    """Each was once a proven no, exit code 1, although the subject of the question does not exist."""
    day = "2020-01-01"
    for more in ((), ("--no-history",), ("--register", "BY")):
        early = shop.json("ask", TYPE_3, *QUESTION, "--on", day, "--as-known", day, *more, code=4)
        assert early["error"] == "NothingRecorded", more
        assert "begin at 20" in early["detail"]
    foreign = shop.json("ask", TYPE_3, *QUESTION, "--type", "AEOS", code=2)
    assert (foreign["error"], "only 1, 2, 3" in foreign["detail"]) == ("UnknownCertificateType", True)
    for tin in ("ZZ511125808", "AA123"):
        for more in ((), ("--accept-odd",)):
            assert shop.json("ask", tin, *QUESTION, *more, code=2)["error"] == "MalformedTin"
    assert shop.json("ask", "US123", *QUESTION, code=1)["registers"] == []
