"""Facts at a time, as known at a time. The ledger's word is used if it suffices, otherwise the history if it is available.

A word suffices if it was never altered, or was recorded at or before the time. A word first recorded after the time
*known* shows that nothing was known then. In all other cases only the history tells. A withholding or a binding of an alias
counts from its recording, so the first one also shows that there was none before. A lane in a later generation has always
been altered: what an ended arrangement was is never read from the arrangement that reused its lane.

Source: DESIGN section 5, "Past times".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Lane, Withholding
from aeo_ledger.customs.history import Histories
from aeo_ledger.customs.inquiry import Ledger
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.errors.customs import UnreadableValue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DatedFact(Generic[T]):
    """A fact, and whether it is certain at the time. If it is not certain, it is today's fact."""

    fact: T
    certain: bool = True


class AsOf:
    """Looks up facts at one time, as known at another.

    Args:
        ledger: The ledger's words.
        histories: The available histories, asked only where a word does not suffice.
        time: UTC seconds.
        known: UTC seconds; None means everything that the ledger recorded.
    """

    def __init__(self, ledger: Ledger, histories: Histories, time: int, known: int | None) -> None:
        self._ledger, self._histories = ledger, histories
        self._time = time
        self._known = known if known is not None else 1 << 32

    def party(self, number: int) -> DatedFact[Party | None]:
        """Look up a party."""
        word = self._ledger.party(number)
        if word is None:
            return DatedFact(None)

        def replay() -> DatedFact[Party | None] | None:
            history = self._histories.party(number)
            return None if history is None else DatedFact(history.at(self._time, self._known))

        return self._tell(word, word.changed_at, replay, unaltered=word.changes == 0)

    def first_recorded(self, number: int) -> int:
        """Find when a party with a word was first recorded, UTC seconds. For a party that changed, only its history tells this."""
        history, word = self._histories.party(number), self._ledger.party(number)
        if history is not None and history.states:
            return history.states[0][0]
        return 0 if word is None else word.changed_at

    def lane(self, recogniser: int, register: int, number: int) -> DatedFact[Lane | None]:
        """Look up a lane that the pair's word counts."""
        word = self._ledger.lane(recogniser, register, number)
        if word is None:
            what = f"lane {number} of {recogniser} to {register}"
            raise UnreadableValue(what=what, reason="its pair counts it, and it was never written")

        def replay() -> DatedFact[Lane | None] | None:
            history = self._histories.pair(recogniser, register)
            return None if history is None else DatedFact(history.lane_at(number, self._time, self._known))

        return self._tell(word, word.changed_at, replay, unaltered=word.changes == 0)

    def withholding(self, recogniser: int, register: int, entry: bytes) -> DatedFact[Withholding | None]:
        """Look up whether a recogniser withholds benefits from an entry of a register. The pair's word counts withholdings."""
        word = self._ledger.withholding(recogniser, entry)
        if word is None:
            return DatedFact(None)

        def replay() -> DatedFact[Withholding | None] | None:
            history = self._histories.pair(recogniser, register)
            return None if history is None else DatedFact(history.withholding_at(entry, self._time, self._known))

        if word.serial == 1:
            return DatedFact(word if word.changed_at <= min(self._time, self._known) else None)
        return self._tell(word, word.changed_at, replay)

    def alias(self, recogniser: int, alias_hash: bytes) -> DatedFact[Alias | None]:
        """Look up an alias of a recogniser by its hash of 32 bytes."""
        word = self._ledger.alias(recogniser, alias_hash)
        if word is None:
            return DatedFact(None)

        def replay() -> DatedFact[Alias | None] | None:
            history = self._histories.alias(recogniser, alias_hash)
            return None if history is None else DatedFact(history.at(self._time, self._known))

        if word.serial == 1:
            return DatedFact(word if word.changed_at <= min(self._time, self._known) else None)
        return self._tell(word, word.changed_at, replay)

    def record(self, entry: bytes) -> DatedFact[Record | None]:
        """Look up a standing."""
        word = self._ledger.record(entry)
        if word is None:
            return DatedFact(None)

        def replay() -> DatedFact[Record | None] | None:
            history = self._histories.standing(entry)
            return None if history is None else DatedFact(history.at(self._time, self._known))

        return self._tell(word, word.recorded_at, replay, unaltered=word.sequence == 1)

    def ended(self, record: Record) -> bool:
        """Tell whether the standing's word suffices for a no: it had ceased to be active by then, whatever came before."""
        return record.ended_by(self._time) and record.recorded_at <= self._known

    def _tell(
        self, word: T, recorded_at: int, replay: Callable[[], DatedFact[T | None] | None], *, unaltered: bool = False
    ) -> DatedFact[T | None]:
        if unaltered:
            return DatedFact(word if recorded_at <= self._known else None)
        if recorded_at <= min(self._time, self._known):
            return DatedFact(word)
        return replay() or DatedFact(word, certain=False)
