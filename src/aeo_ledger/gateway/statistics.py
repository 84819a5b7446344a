"""The gateway's route of statistics: what it and its neighbours told, counted without traders."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from aeo_ledger.errors.gateway import NoRecordKept
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.gateway.problems import STATUS, describe

if TYPE_CHECKING:  # a gateway without a database does not load the library
    from aeo_ledger.gateway.record import Cell, DecisionRecord

MOST_DAYS: Final = 366
"""Days in one answer."""
_DAYS: Final = 31
"""Days that are given if nobody says which."""
_EPOCH: Final = date(1970, 1, 1).toordinal()

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CODE: Final = "^[A-Z]{2,6}([+][A-Z]{2,6})*$"


def _refuse_number(value: Any) -> Any:
    """Refuse a number, which pydantic takes for seconds since 1970."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("needed a day, as in 2026-11-30")
    return value


Day = Annotated[date, BeforeValidator(_refuse_number)]


class StatisticsQuery(BaseModel):
    """Which days, and whose."""

    model_config = ConfigDict(extra="forbid")

    since: Day | None = Field(default=None, description="First day, UTC; 31 days before `until` if left out.")
    until: Day | None = Field(
        default=None, description="The day after the last, UTC; today if left out, and at most today."
    )
    recogniser: str | None = Field(default=None, pattern=_CODE, examples=["CN"])
    register_of: str | None = Field(default=None, alias="register", pattern=_CODE, examples=["BY"])


class CountBody(BaseModel):
    """How often one thing was told on one day."""

    day: date
    recogniser: str
    register_of: str = Field(
        alias="register", description="The register that decided, or all that were searched, joined by +."
    )
    verdict: str = Field(description="recognised, not_recognised or unproven.")
    reason: str | None = Field(description="The first reason of a no.")
    count: int | None = Field(
        description="Null if it is smaller than `fewer_than`, or what others than one asker have in it."
    )


class StatisticsBody(BaseModel):
    """Counts of days that are over."""

    since: date
    until: date
    fewer_than: int = Field(description="Counts smaller than this are null.")
    counts: list[CountBody]


def give_statistics(app: FastAPI, record: DecisionRecord | None) -> None:
    """Add the route."""

    @app.get(
        "/v1/statistics",
        response_model=StatisticsBody,
        responses={STATUS[NoRecordKept]: describe(NoRecordKept)},
        summary="How often was what told, by day? Counts without traders; small ones are left out",
    )
    def get_statistics(asked: Annotated[StatisticsQuery, Query()]) -> dict[str, Any]:
        if record is None:
            raise NoRecordKept
        until = min(record.today, record.today if asked.until is None else _number(asked.until))
        since = until - _DAYS if asked.since is None else _number(asked.since)
        if not 1 - _EPOCH <= since <= until <= since + MOST_DAYS:  # the calendar begins with year 1
            raise MalformedText("query.since", str(asked.since), f"a day of the {MOST_DAYS} before {_day(until)}")
        return {
            "since": _day(since),
            "until": _day(until),
            "fewer_than": record.small,
            "counts": [
                {**_write(counted.cell), "count": counted.count}
                for counted in record.read(since, until, asked.recogniser, asked.register_of)
            ],
        }


def _write(cell: Cell) -> dict[str, Any]:
    return {**cell._asdict(), "day": _day(cell.day), "reason": cell.reason or None}


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


def _day(number: int) -> date:
    return datetime.fromtimestamp(number * 86_400, UTC).date()
