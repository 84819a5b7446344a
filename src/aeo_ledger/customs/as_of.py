"""Facts as of a time, as known at a time: by a ledger's word if that tells, else by the history if it is at hand.

A word that was never altered, or was recorded by then, tells what a fact was; one that was first recorded after the time
*known* tells that nothing was known. In between lies what only history tells. Benefits are withheld from the recording on,
so the first withholding of an entry tells too that there was none before. A lane in a later generation has always been
altered: what an ended arrangement was is never read from the one that took its lane.

Source: DESIGN section 5, "Past times".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from aeo_ledger.customs.arrangement import Lane, Withholding
from aeo_ledger.customs.history import Histories
from aeo_ledger.customs.inquiry import Ledger
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.errors.customs import UnreadableValue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """A fact, and whether it is certain as of the time; if not, it is the fact of today."""

    fact: T
    certain: bool = True


class AsOf:
    """Looks facts up as of one time, as known at another.

    Args:
        ledger: The words.
        histories: Those at hand; asked only where a word does not tell.
        time: UTC seconds.
        known: UTC seconds; None is everything that the ledger recorded.
    """

    def __init__(self, ledger: Ledger, histories: Histories, time: int, known: int | None) -> None:
        self._ledger, self._histories = ledger, histories
        self._time = time
        self._known = known if known is not None else 1 << 32

    def party(self, number: int) -> Told[Party | None]:
        """Look up a party."""
        word = self._ledger.party(number)
        if word is None:
            return Told(None)

        def replay() -> Told[Party | None] | None:
            history = self._histories.party(number)
            return None if history is None else Told(history.at(self._time, self._known))

        return self._tell(word, word.changed_at, replay, unaltered=word.changes == 0)

    def first_recorded(self, number: int) -> int:
        """Say when a party of which a word tells was first recorded, UTC seconds; of one that changed only its history tells."""
        history, word = self._histories.party(number), self._ledger.party(number)
        if history is not None and history.states:
            return history.states[0][0]
        return 0 if word is None else word.changed_at

    def lane(self, recogniser: int, register: int, number: int) -> Told[Lane | None]:
        """Look up a lane that the pair's word counts."""
        word = self._ledger.lane(recogniser, register, number)
        if word is None:
            what = f"lane {number} of {recogniser} to {register}"
            raise UnreadableValue(what=what, reason="its pair counts it, and it was never written")

        def replay() -> Told[Lane | None] | None:
            history = self._histories.pair(recogniser, register)
            return None if history is None else Told(history.lane_at(number, self._time, self._known))

        return self._tell(word, word.changed_at, replay, unaltered=word.changes == 0)

    def withholding(self, recogniser: int, register: int, entry: bytes) -> Told[Withholding | None]:
        """Look up whether a recogniser withholds benefits from an entry of a register."""
        word = None
        if self._ledger.pair(recogniser, register).withheld:
            word = self._ledger.withholding(recogniser, entry)
        if word is None:
            return Told(None)

        def replay() -> Told[Withholding | None] | None:
            history = self._histories.pair(recogniser, register)
            return None if history is None else Told(history.withholding_at(entry, self._time, self._known))

        if word.serial == 1:
            return Told(word if word.changed_at <= min(self._time, self._known) else None)
        return self._tell(word, word.changed_at, replay)

    def record(self, entry: bytes) -> Told[Record | None]:
        """Look up a standing."""
        word = self._ledger.record(entry)
        if word is None:
            return Told(None)

        def replay() -> Told[Record | None] | None:
            history = self._histories.standing(entry)
            return None if history is None else Told(history.at(self._time, self._known))

        return self._tell(word, word.recorded_at, replay, unaltered=word.sequence == 1)

    def ended(self, record: Record) -> bool:
        """Say whether a standing's word is enough for a no, whatever was before: it had ceased to be active by then."""
        return record.ended_by(self._time) and record.recorded_at <= self._known

    def _tell(
        self, word: T, recorded_at: int, replay: Callable[[], Told[T | None] | None], *, unaltered: bool = False
    ) -> Told[T | None]:
        if unaltered:
            return Told(word if recorded_at <= self._known else None)
        if recorded_at <= min(self._time, self._known):
            return Told(word)
        return replay() or Told(word, certain=False)
