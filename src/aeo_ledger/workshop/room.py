"""Who takes part in a workshop: who sits at which table, how far each is, and what happened in the room."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hmac import compare_digest
from typing import Any, Final

from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.workshop import CodesGuessed, RoomFull, SeatUnknown, WrongRoomCode
from aeo_ledger.gateway.counts import Counts
from aeo_ledger.primitives.choices import choose
from aeo_ledger.wording.words import Words

MOST_SEATS: Final = 60
"""People who may take part at a time."""
LONGEST_NAME: Final = 40
"""Characters of a participant's name."""
_KEPT: Final = 300
"""Happenings that are kept, the newest ones."""
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs of a room's code: none that is read as another."""
_CODE_SIGNS: Final = 8
_WRONG_OF_ONE: Final = RateLimitItemPerMinute(20, namespace="one")
"""Wrong codes that one address may send. A room behind a router is one address, and people mistype."""
_WRONG_IN_ALL: Final = RateLimitItemPerMinute(200, namespace="all")
"""Wrong codes that all may send together: who guesses may have many addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody at a table."""

    number: int
    """From 1, in the order in which they joined."""
    name: str
    """As they call themselves."""
    party: str
    """Code of the administration that they play."""
    exercise: int = 0
    step: int = 0
    """How far they are: the step that they do now, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened in the room."""

    number: int
    at: int
    """UTC seconds."""
    says: str
    """In English, with names of facts in braces; see `wording`."""
    facts: Mapping[str, str]


@dataclass(slots=True)
class _State:
    seats: dict[str, Participant] = field(default_factory=dict)
    """By the secret of the seat."""
    happenings: list[Happening] = field(default_factory=list)
    joined: int = 0
    happened: int = 0
    version: int = 0


def draw_code(randomness: Callable[[int], bytes]) -> str:
    """Draw a room's code: eight signs that are read aloud without mistakes, 39 bits. So few codes may be tried that half of all take millennia."""
    signs = ""
    while len(signs) < _CODE_SIGNS:
        drawn = randomness(1)[0]
        if drawn < 256 - 256 % len(_ALPHABET):
            signs += _ALPHABET[drawn % len(_ALPHABET)]
    return signs


class Room:
    """The people of one workshop. Its methods may be called from any thread; nothing is kept after its end.

    Args:
        parties: Codes of the administrations, one table each.
        clock: UTC seconds.
        randomness: Returns the given number of secret random bytes.
    """

    def __init__(
        self, parties: Sequence[str], *, clock: Callable[[], float], randomness: Callable[[int], bytes]
    ) -> None:
        self.parties = tuple(parties)
        self.code = draw_code(randomness)
        self.facilitator = randomness(16).hex()
        """Secret of the one who leads."""
        self._clock, self._randomness = clock, randomness
        self._state, self._lock = _State(), threading.Lock()
        self._wrong = FixedWindowRateLimiter(Counts())
        self.is_over = False
        """Whether the workshop ends: then nobody waits for a change."""

    @property
    def version(self) -> int:
        """A number that grows with each change, so that a screen knows when to look again."""
        return self._state.version

    def end(self) -> None:
        """Let everybody who waits go."""
        self.is_over = True

    def join(self, code: str, name: str, party: str, *, caller: str) -> str:
        """Take a seat at a table, and return its secret, 32 hexadecimal digits.

        Args:
            code: As somebody typed it.
            name: As they call themselves.
            party: Code of the administration that they play.
            caller: The address that they have.

        Raises:
            WrongRoomCode: the code is not this room's.
            CodesGuessed: too many wrong codes came from this address, or in all.
            MalformedText: the name is empty, too long or not printable, or there is no such table.
            RoomFull: no seat is left.
        """
        self._demand_code(code, caller)
        called = " ".join(name.split())
        if not 0 < len(called) <= LONGEST_NAME or not called.isprintable():
            raise MalformedText("name", ascii(name[:80]), f"1 to {LONGEST_NAME} characters that can be read")
        table, secret = choose(party, self.parties, what="party"), self._randomness(16).hex()
        with self._lock:
            state = self._state
            if len(state.seats) >= MOST_SEATS:
                raise RoomFull(limit=MOST_SEATS)
            state.joined += 1
            state.seats[secret] = Participant(number=state.joined, name=called, party=table)
            self._changed()
        return secret

    def _demand_code(self, code: str, caller: str) -> None:
        """Demand the room's code. Where too many wrong ones came, the right one is not tried either: else who guesses goes on."""
        limits = (_WRONG_OF_ONE, caller, "from your address"), (_WRONG_IN_ALL, "", "to this room")
        with self._lock:
            for limit, whose, source in limits:
                if not self._wrong.test(limit, whose):
                    wait_s = self._wrong.get_window_stats(limit, whose).reset_time - time.time()
                    raise CodesGuessed(limit=str(limit), source=source, retry_after_s=max(1, math.ceil(wait_s)))
            if not compare_digest(code.strip().upper().encode(), self.code.encode()):
                for limit, whose, _ in limits:
                    self._wrong.hit(limit, whose)
                raise WrongRoomCode

    def find(self, secret: str) -> Participant:
        """Find who has a seat.

        Raises:
            SeatUnknown: nobody.
        """
        found = self._state.seats.get(secret)
        if found is None:
            raise SeatUnknown
        return found

    def move(self, secret: str, exercise: int, step: int) -> None:
        """Note how far a participant is.

        Raises:
            SeatUnknown: nobody has this seat.
        """
        with self._lock:
            self._state.seats[secret] = replace(self.find(secret), exercise=exercise, step=step)
            self._changed()

    def demand_facilitator(self, secret: str) -> None:
        """Demand the facilitator's secret.

        Raises:
            SeatUnknown: it is another.
        """
        if not compare_digest(secret.encode(), self.facilitator.encode()):
            raise SeatUnknown

    def clear(self, party: str) -> None:
        """Clear a table: its people must join again, and begin anew. What they published stays on the ledger.

        Raises:
            MalformedText: there is no such table.
        """
        table = choose(party, self.parties, what="party")
        with self._lock:
            self._state.seats = {secret: one for secret, one in self._state.seats.items() if one.party != table}
            self._changed()

    def tell(self, says: str, **facts: str) -> None:
        """Note something that happened; see `Happening`."""
        with self._lock:
            state = self._state
            state.happened += 1
            state.happenings.append(Happening(number=state.happened, at=int(self._clock()), says=says, facts=facts))
            del state.happenings[:-_KEPT]
            self._changed()

    def describe(self, words: Words) -> dict[str, Any]:
        """Write what everybody in the room may see: tables, people, and what happened, the newest first, in the reader's words."""
        with self._lock:
            state = self._state
            tables = [
                {"party": party, "people": [_write(one) for one in state.seats.values() if one.party == party]}
                for party in self.parties
            ]
            happenings = [
                {"number": one.number, "at": one.at, "says": words.phrase(one.says).format(**one.facts)}
                for one in reversed(state.happenings)
            ]
            return {"version": state.version, "tables": tables, "happenings": happenings}

    def _changed(self) -> None:
        self._state.version += 1


def _write(one: Participant) -> dict[str, Any]:
    return {"number": one.number, "name": one.name, "exercise": one.exercise, "step": one.step}
