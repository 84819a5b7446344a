"""A year of a network through its commands: thefts, losses, haste, silence, exits, a successor. See `support.year` for what must hold.

`AEO_LEDGER_YEAR=SEED scripts/test tests/integration/test_year.py` lives through a whole year of 100 parties, some minutes long.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from aeo_ledger.customs.prefixes import COUNTRIES
from aeo_ledger.errors.verify import HistoryIncomplete
from aeo_ledger.evidence.history import SignedHistory
from aeo_ledger.prover.history import HistoryCollector
from support.year import WEEK, Year, opened_year
from support.year_cast import STORIES, live
from support.year_stories import daily_business, recognition

SHORT = "BY,CN,KZ,UZ,TR,JP,KR,CH,EU=DE+PL"
EU = "AT+BE+BG+CY+CZ+DE+DK+EE+ES+FI+FR+GR+HR+HU+IE+IT+LT+LU+LV+MT+NL+PL+PT+RO+SE+SI+SK"
EAEU = "AM+BY+KG+KZ+RU"
COMING = ("UY", "CL")
SEED = os.environ.get("AEO_LEDGER_YEAR")


def hundred(chance: Random) -> str:
    """Draw a hundred parties: two unions with their members, and countries without any."""
    members = {*EU.split("+"), *EAEU.split("+")}
    others = chance.sample(sorted(COUNTRIES - members - {*COMING}), 100 - len(members) - 2)
    return f"{','.join(others)},EU={EU},EAEU={EAEU}"


def require_told(year: Year, often: dict[str, int]) -> None:
    """Demand that every story was told to its end, and that thieves did something and were refused."""
    assert {name: year.counted[name] for name in often} == often
    assert year.counted["a thief's act"] > 0
    refusals = {name.removeprefix("refused: ") for name in year.counted if name.startswith("refused")}
    assert refusals >= {
        "WrongKey",
        "PARTY_FROZEN",
        "PARTY_SUSPENDED",
        "PARTY_EXPELLED",
        "NOT_YET",
        "Undersigned",
        "SUPERSEDED",
    }


def test_a_year_of_a_few_parties_in_which_everything_happens_once(tmp_path: Path) -> None:
    with opened_year(tmp_path / "net", SHORT, 12) as year:
        live(year, dict.fromkeys(STORIES, 1), ["AM"])
        require_told(year, {**{story.__name__: 1 for story in STORIES}, "succession": 1})
        assert len(year.members) == 12


def test_what_is_demanded_after_each_act_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def card() -> tuple[str, ...]:
        return ("card", "--hash", f"0x{year.chance.randbytes(32).hex()}")

    with opened_year(tmp_path / "net", "BY,CN,KZ,UZ", 5) as year:
        one, other = year.members["BY"], year.members["CN"]
        with pytest.raises(AssertionError, match="words of parties"):
            year.own(one, *card(), about={other.number})
        with pytest.raises(AssertionError, match="an act without grounds"):
            year.own(one, *card(), why=None)
        with pytest.raises(AssertionError, match="words changed that the model does not know"):
            year.own(one, "add-operator", "--new", (new := year.new_key()).shown, new=[new])
        with monkeypatch.context() as patch:
            by = other.operators[:1]
            patch.setattr(other, "operators", [])
            with pytest.raises(AssertionError, match="a key signed that serves nobody"):
                year.publish(other, "grant", "CN700000001", "--roles", "exporter", by=by)
        with monkeypatch.context() as patch:
            patch.setattr(one, "away", True)
            with pytest.raises(AssertionError, match="somebody signed for BY"):
                year.own(one, *card())
        with monkeypatch.context() as patch:
            patch.setattr(HistoryCollector, "history", shortened(HistoryCollector.history))
            with pytest.raises(HistoryIncomplete):
                year.publish(one, "grant", "BY700000001", "--roles", "exporter")
        with pytest.raises(AssertionError, match="a thief has only what was stolen"):
            year.own(one, *card(), thief=one)
        year.own(one, *card())
        year.run("party", "act", *card(), "--party", "BY", "--key", str(one.signing[0].file), "--yes")
        with pytest.raises(AssertionError, match="was refused and changed a word"):
            year.watch.require_unchanged()
        with pytest.raises(AssertionError, match="others signed"):
            year.watch.examine(set(), {one.number}, trust=year.trust, now=year.now, forges=False)
        year.resolve("suspend", "--party", "UZ", "--until", year.day(9), about={year.members["UZ"].number})
        with pytest.raises(AssertionError, match="PARTY_SUSPENDED"):
            year.require_free(members=[year.members["UZ"]])


def shortened(collect: Callable[[HistoryCollector], SignedHistory]) -> Callable[[HistoryCollector], SignedHistory]:
    """Let a collector hide the last event of each standing."""

    def hide(collector: HistoryCollector) -> SignedHistory:
        history = collect(collector)
        return replace(history, standings=tuple(replace(one, events=one.events[:-1]) for one in history.standings))

    return hide


@pytest.mark.skipif(SEED is None, reason="AEO_LEDGER_YEAR names no seed: a whole year takes minutes")
def test_a_whole_year_of_a_hundred_parties(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(SEED or 0)
    often = {story: 30 if story is daily_business else 12 if story is recognition else 5 for story in STORIES}
    with opened_year(tmp_path / "net", hundred(Random(seed)), seed) as year:  # noqa: S311
        begun = year.now
        live(year, often, COMING)
        require_told(year, {**{story.__name__: times for story, times in often.items()}, "succession": 1})
        told = [f"{times:6}  {name}" for name, times in sorted(year.counted.items())]
        weeks = (year.now - begun) // WEEK
        told.insert(
            0, f"a year of {len(year.members)} parties, seed {seed}: {weeks} weeks, {year.ledger.head()} blocks"
        )
        with capsys.disabled():
            sys.stdout.write("\n" + "\n".join(told) + "\n")
