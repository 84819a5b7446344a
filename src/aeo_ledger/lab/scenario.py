"""Scenarios: what happens where, from which seed. A scenario is a TOML file; some are shipped with this room."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.lab import MalformedScenario, UnknownScenario
from aeo_ledger.lab.data_files import read_data

_SHIPPED: Final = files("aeo_ledger.lab") / "scenarios"

_MOST_BYTES: Final = 1 << 20
"""Longest scenario that is read."""

_DAY_S: Final = 86_400

_MOST_CERTIFICATES: Final = 100_000
"""Largest register of a scenario, five times the largest of the world: each certificate goes onto the real ledger."""


class Mass(StrEnum):
    """What a mass event does to each certificate that it hits."""

    SUSPEND = "suspend"
    """Suspend it: a whole sector after an incident."""
    REGISTER_AGAIN = "register_again"
    """Withdraw it and grant it again under another number: what a change of borders or of numbers does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """A mass event: one register changes many certificates in a short time."""

    day: float
    """Days after the scenario begins."""
    register: str
    share: float
    """Share of the register's certificates that it hits, 0 to 1."""
    event: Mass
    within_s: float
    """Seconds in which all of them are decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """A recognition that no public arrangement grants. Results that rest on it are marked *hypothetical*."""

    recogniser: str
    register: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, checked."""

    name: str
    title: str
    question: str
    """What somebody wants to know who runs it."""
    seed: int
    begins: int
    """UTC seconds. Arrangements and registers are as of this time."""
    days: int
    parties: tuple[str, ...]
    """Codes of the parties; empty for all that an arrangement in force names."""
    witnesses: tuple[str, ...] = ()
    """Parties that take part in the ledger, each with a validator, and recognise nobody here."""
    shocks: tuple[Shock, ...] = ()
    supposed: tuple[Supposed, ...] = ()
    multilateral: tuple[str, ...] = ()
    """Parties of one supposed arrangement in which everybody recognises everybody. It is compared with a chain of bilateral ones."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Certificates of a register, where the scenario does not take the published figure."""
    changed: Mapping[str, float] = field(default_factory=dict)
    """Parameters that the scenario sets itself, each within what its row of `data/parameters.csv` allows."""

    @property
    def parameters(self) -> Mapping[str, float]:
        """Every parameter, by name: the table's value, or the scenario's own."""
        return {row["name"]: float(row["value"]) for row in read_data("parameters")} | dict(self.changed)


def list_scenarios() -> tuple[str, ...]:
    """List the shipped scenarios."""
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir()))


def is_shipped(scenario: Scenario) -> bool:
    """Say whether a scenario is a shipped one, whatever its seed: then its name alone leads to it."""
    return scenario.name in list_scenarios() and replace(read_scenario(scenario.name), seed=scenario.seed) == scenario


def read_scenario(name: str) -> Scenario:
    """Read a shipped scenario by its name, or a file by its path.

    Raises:
        UnknownScenario: It is neither.
        UnreadableFile: The file cannot be read.
        MalformedScenario: It is not TOML, or has a key or value that a scenario does not have.
    """
    if name in list_scenarios():
        return parse_scenario((_SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
    path = Path(name)
    if not path.is_file():
        raise UnknownScenario(name=repr(name), known=list_scenarios())
    try:
        data = path.read_bytes()[: _MOST_BYTES + 1]
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path=name, detail=str(error)) from error
    if len(data) > _MOST_BYTES:
        raise MalformedScenario(key="file", found=f"over {_MOST_BYTES} bytes", needed="a short file")
    return parse_scenario(text)


def parse_scenario(text: str) -> Scenario:
    """Read a scenario.

    Raises:
        MalformedScenario: It is not TOML, or has a key or value that a scenario does not have.
    """
    try:
        document = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise MalformedScenario(key="file", found=str(error), needed="TOML") from error
    given = _Table(document, "")
    scenario = Scenario(
        name=given.take(
            "name", str, lambda found: found.replace("-", "").isalnum() and found.isascii(), "letters, digits, -"
        ),
        title=given.take("title", str),
        question=given.take("question", str),
        seed=given.take("seed", int, lambda found: 0 <= found < 1 << 64, "0 to 2^64 - 1"),
        begins=_midnight(
            given.take("begins", date, lambda found: 1970 < found.year < 2100, "a day of the years 1971 to 2099", None)
        ),
        days=given.take("days", int, lambda found: 1 <= found <= 3_660, "1 to 3660"),
        parties=given.codes("parties"),
        witnesses=given.codes("witnesses"),
        shocks=tuple(map(_read_shock, given.tables("shock"))),
        supposed=tuple(map(_read_supposed, given.tables("supposed"))),
        multilateral=given.codes("multilateral"),
        sizes=given.sizes("registers"),
        changed=given.parameters("parameters"),
    )
    given.refuse_others()
    _demand_order(scenario)
    return scenario


def _demand_order(scenario: Scenario) -> None:
    """Demand that nothing ends before it begins, or after the run.

    Raises:
        MalformedScenario: Something does.
    """
    for place, shock in enumerate(scenario.shocks):
        if shock.day >= scenario.days:
            raise MalformedScenario(
                key=f"shock[{place}].day",
                found=f"{shock.day:g}",
                needed=f"less than the {scenario.days} days of the run",
            )
        left_s = (scenario.days - shock.day) * _DAY_S
        if shock.within_s > left_s:
            raise MalformedScenario(
                key=f"shock[{place}].within_s",
                found=f"{shock.within_s:g}",
                needed=f"at most the {left_s:g} seconds until the run ends",
            )
    least, most = (scenario.parameters[f"{name}_replications"] for name in ("least", "most"))
    if least > most:
        raise MalformedScenario(
            key="parameters.least_replications",
            found=f"{least:g}",
            needed=f"at most most_replications, which is {most:g}",
        )


class _Table:
    """A table of the file, whose keys are taken one by one."""

    def __init__(self, values: Mapping[str, Any], place: str) -> None:
        self._left, self._place = dict(values), place

    def take(
        self,
        key: str,
        kind: type,
        allows: Callable[[Any], bool] = lambda _: True,
        needed: str = "",
        default: Any = None,
    ) -> Any:
        value = self._left.pop(key, default)
        fits = type(value) is kind or (kind is float and type(value) is int)
        if not fits or not allows(value):
            raise MalformedScenario(
                key=self._place + key, found=repr(value), needed=needed or f"a value of type {kind.__name__}"
            )
        return value

    def codes(self, key: str) -> tuple[str, ...]:
        found = self.take(
            key, list, lambda codes: all(_is_code(code) for code in codes), "a list of codes such as BY", []
        )
        return tuple(dict.fromkeys(found))

    def tables(self, key: str) -> list[_Table]:
        rows = self.take(key, list, lambda rows: all(isinstance(row, dict) for row in rows), f"[[{key}]]", [])
        return [_Table(row, f"{key}[{place}].") for place, row in enumerate(rows)]

    def sizes(self, key: str) -> dict[str, int]:
        rows = self.take(key, dict, default={})
        return _Table(rows, f"{key}.").numbers(dict.fromkeys(rows, (int, 1, _MOST_CERTIFICATES)))

    def parameters(self, key: str) -> dict[str, float]:
        ranges = {
            row["name"]: (int if row["whole"] == "yes" else float, float(row["least"]), float(row["most"]))
            for row in read_data("parameters")
        }
        return _Table(self.take(key, dict, default={}), f"{key}.").numbers(ranges)

    def numbers(self, ranges: Mapping[str, tuple[type, float, float]]) -> dict[str, Any]:
        found = {}
        for name in list(self._left):
            if name not in ranges:
                raise MalformedScenario(
                    key=self._place + name, found="a name", needed="a name of the table of parameters"
                )
            kind, least, most = ranges[name]
            needed = f"{'a whole number, ' if kind is int else ''}{least:.9g} to {most:,.9g}"
            found[name] = self.take(name, kind, partial(_is_within, least, most), needed)
        return found

    def refuse_others(self) -> None:
        if self._left:
            raise MalformedScenario(
                key=self._place + next(iter(self._left)), found="a key", needed="a key of a scenario"
            )


def _is_within(least: float, most: float, value: float) -> bool:
    return least <= value <= most


def _is_code(code: object) -> bool:
    return isinstance(code, str) and 2 <= len(code) <= 6 and code.isascii() and code.isupper() and code.isalpha()


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _read_shock(row: _Table) -> Shock:
    shock = Shock(
        day=row.take("day", float, lambda found: 0 <= found < math.inf, "days from 0 on"),
        register=row.take("register", str, _is_code, "a code such as BY"),
        share=row.take("share", float, lambda found: 0 < found <= 1, "above 0, at most 1"),
        event=Mass(row.take("event", str, lambda found: found in set(Mass), " or ".join(Mass))),
        within_s=row.take("within_s", float, lambda found: 0 < found < math.inf, "seconds above 0"),
    )
    row.refuse_others()
    return shock


def _read_supposed(row: _Table) -> Supposed:
    supposed = Supposed(
        recogniser=row.take("recogniser", str, _is_code, "a code such as BY"),
        register=row.take("register", str, _is_code, "a code such as BY"),
    )
    row.refuse_others()
    return supposed
