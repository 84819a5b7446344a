"""The form of an arrangement's terms in a request of a page."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.customs.vocabulary import Benefit, Direction

Short = Annotated[str, Field(max_length=80)]
"""A word or a number that somebody types."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecognitionBody(_Body):
    """What one side recognises of the other's register."""

    recogniser: Short
    register_of: Short = Field(alias="register")
    types: Annotated[list[Short], Field(max_length=20)]
    directions: Annotated[list[Short], Field(max_length=len(Direction))]
    benefits: Annotated[list[Short], Field(max_length=len(Benefit))]


class TermsBody(_Body):
    """Terms of an arrangement."""

    name: Annotated[str, Field(max_length=10)]
    recognitions: Annotated[list[RecognitionBody], Field(max_length=2)]
