"""Errors of a workshop."""

from __future__ import annotations

from aeo_ledger.errors import Refused, Unavailable
from aeo_ledger.errors.gateway import NotAllowed, NotIdentified, RateExceeded


class NotADemonstration(Refused, wire="not-a-demonstration"):
    """A workshop holds everybody's keys, so it opens no network but one that was founded for a demonstration."""

    says = "{folder} was not founded as a demonstration: its block 0 does not say so"
    advises = "leave the folder out for a room of its own, or found one with `network init --demonstration`"

    folder: str


class WrongRoomCode(NotAllowed, wire="wrong-room-code"):
    """The code is not that of this room."""

    says = "this is not the code of this room"
    advises = "ask the facilitator: the code stands on the facilitator's page"


class CodesGuessed(RateExceeded, wire="codes-guessed"):
    """Too many wrong codes came, so no code is tried for a while, the right one neither."""

    says = "more wrong codes than {limit} came {source}: type the code again in {retry_after_s} s"

    source: str
    """From one address, or to the room in all."""


class SeatUnknown(NotIdentified, wire="seat-unknown"):
    """The one who asks has no seat here, or has it no more."""

    says = "nobody has this seat"
    advises = "join the room again: the facilitator may have cleared the table"


class RoomFull(Unavailable, wire="room-full"):
    """As many take part as may."""

    says = "{limit} people take part, and no more may"
    advises = "share a seat, or ask the facilitator to clear a table"

    limit: int


class DraftUnknown(Refused, wire="draft-unknown"):
    """There is no such draft at this table."""

    says = "there is no draft {number} for {party} to sign"
    advises = "look at the table again: it may be concluded, or cleared by the facilitator"

    number: int
    party: str
