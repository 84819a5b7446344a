"""The forms of the workshop's requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.console.terms_body import Short, TermsBody
from aeo_ledger.customs.vocabulary import Role
from aeo_ledger.workshop.bench import LONGEST_FILE
from aeo_ledger.workshop.exercises import EXERCISES
from aeo_ledger.workshop.room import LONGEST_NAME


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JoinBody(_Body):
    """Who joins."""

    code: Short
    name: Annotated[str, Field(max_length=4 * LONGEST_NAME)]
    party: Short


class SeatBody(_Body):
    """The seat that somebody took."""

    seat: str


class ProgressBody(_Body):
    """How far a participant is."""

    exercise: Annotated[int, Field(ge=0, lt=len(EXERCISES))]
    step: Annotated[int, Field(ge=0, le=10)]


class ChangeBody(_Body):
    """An act on one certificate."""

    act: Short
    tin: Short
    type: Short
    roles: Annotated[list[Short], Field(max_length=len(Role))] = []
    reason: Short = "unstated"
    accept_odd: bool = False


class ImportBody(_Body):
    """A register's file."""

    text: Annotated[str, Field(max_length=LONGEST_FILE)]
    accept_odd: bool = False


class TryBody(_Body):
    """Terms, and a question to try them with."""

    terms: TermsBody
    tin: Short
    recogniser: Short
    direction: Short
    role: Short


class TableBody(_Body):
    """A table."""

    party: Short
