"""What a standing, a party or a pair was at a time, as known at a time: its recorded acts, replayed.

Two times matter and are never mixed: when something *held*, and when it was *recorded*. An annulment that is recorded in
March makes a certificate of January void from January on; what was known in January stays what it was. A lane that was
suspended in March and resumed in April was not in force between the two, whatever its word says today.

Standings: the status at t as known at k is set by the last event that sets a status, recorded by k, with since <= t;
roles and dates by the last such `GRANT` or `RESTORE`, or by an `AMEND` from its recording on; the issuer by a `TRANSFER`
from its recording on. Before all of them the first event tells, whose certificate begins later. Parties and lanes: the
last act recorded by min(t, k); before all of them the first one, if it was known by k, since a conclusion or an
admission says itself from when it counts. Withholdings: the last act recorded by min(t, k), or none.

The acts given here are taken as recorded: `verify.history` proves that they are, all of them, in this order.

Source: DESIGN section 5, "Past times".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias, TypeVar

from aeo_ledger.customs.acts import (
    Amendment,
    Candidate,
    Conclusion,
    Envelope,
    LaneAct,
    PartyAct,
    Resolution,
    WithholdingAct,
)
from aeo_ledger.customs.arrangement import Lane, Pair, Withholding
from aeo_ledger.customs.consortium import LARGEST_COUNT
from aeo_ledger.customs.governance import admit_party, alter_party, touched
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.recognition import alter_lane, make_lane
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, ResolutionAct

T = TypeVar("T")

Timeline: TypeAlias = tuple[tuple[int, T], ...]
"""What a fact was after each act, with the time of recording (UTC seconds), ascending."""

STATUS_SETTING: Final = frozenset(EventKind) - {EventKind.AMEND, EventKind.REASSESS, EventKind.TRANSFER}
"""Status events that say which status holds from their *since* on."""

_NEW_SCOPE: Final = frozenset({EventKind.GRANT, EventKind.RESTORE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """How a party of the genesis began; the genesis is pinned, nobody signs it."""

    party: Party
    authority: bytes
    """20 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """That a lost authority's replacement was completed."""

    key: bytes
    """The new authority, 20 bytes."""


PartyStep: TypeAlias = Founding | Resolution | PartyAct | Envelope | Completion
PairStep: TypeAlias = Conclusion | LaneAct | WithholdingAct  # an amendment is a conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingHistory:
    """Every event of a standing."""

    entry: bytes
    """32 bytes."""
    records: tuple[Record, ...]
    """The record that each event left, with its time of recording; sequences 1, 2, 3 and on."""

    def at(self, time: int, known: int) -> Record | None:
        """Tell the standing at a time as known at another; None if nothing was recorded by then."""
        records = [record for record in self.records if record.recorded_at <= known]
        if not records:
            return None
        status, scope, issuer, review = None, records[0], records[0].issuer, records[0].review_day
        for record in records:
            held, done = record.since <= time, record.recorded_at <= time
            if record.kind in STATUS_SETTING and held:
                status = record
            if (record.kind in _NEW_SCOPE and held) or (record.kind is EventKind.AMEND and done):
                scope = record
            if record.kind is EventKind.TRANSFER and done:
                issuer = record.issuer
            if (record.kind in _NEW_SCOPE and held) or (record.kind is EventKind.REASSESS and done):
                review = record.review_day
        return replace(
            status or records[0],
            issuer=issuer,
            roles=scope.roles,
            valid_from=scope.valid_from,
            valid_until=scope.valid_until,
            review_day=review,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyHistory:
    """Every act that concerns a party."""

    number: int
    states: Timeline[Party]

    def at(self, time: int, known: int) -> Party | None:
        """Tell the party at a time as known at another; None if its admission was not recorded by then."""
        return _value_at(self.states, time, known)

    def threshold(self, time: int) -> int:
        """Tell how many operators had to sign at a time: the fewest, if it was altered in that very second."""
        before = [party.threshold for at, party in self.states if at < time]
        return min([*before[-1:], *(party.threshold for at, party in self.states if at == time)], default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairHistory:
    """Every act on an ordered pair (recogniser, register)."""

    recogniser: int
    register: int
    lanes: tuple[Timeline[Lane], ...]
    withholdings: Mapping[bytes, Timeline[Withholding]]
    """By entry of 32 bytes."""
    serial: int
    """How many acts there were."""

    def lane_at(self, number: int, time: int, known: int) -> Lane | None:
        """Tell a lane at a time as known at another; None if its conclusion was not recorded by then."""
        return _value_at(self.lanes[number], time, known)

    def withholding_at(self, entry: bytes, time: int, known: int) -> Withholding | None:
        """Tell whether benefits were withheld from an entry at a time as known at another; None if never by then."""
        return _last_by(self.withholdings.get(entry, ()), min(time, known))


class Histories(Protocol):
    """The histories that are at hand; None for one that is not."""

    def standing(self, entry: bytes) -> StandingHistory | None:
        """Look up a standing's history."""

    def party(self, number: int) -> PartyHistory | None:
        """Look up a party's history."""

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        """Look up a pair's history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTable:
    """Histories in tables."""

    standings: Mapping[bytes, StandingHistory]
    parties: Mapping[int, PartyHistory]
    pairs: Mapping[tuple[int, int], PairHistory]

    def standing(self, entry: bytes) -> StandingHistory | None:
        """Look up a standing's history."""
        return self.standings.get(entry)

    def party(self, number: int) -> PartyHistory | None:
        """Look up a party's history."""
        return self.parties.get(number)

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        """Look up a pair's history."""
        return self.pairs.get((recogniser, register))


NO_HISTORY: Final = HistoryTable(standings={}, parties={}, pairs={})


def begins(step: PartyStep) -> bool:
    """Say whether an act is one with which a party begins."""
    return isinstance(step, Founding) or (isinstance(step, Resolution) and step.act == ResolutionAct.ADMIT)


def serials_in(step: PairStep, pair: tuple[int, int]) -> list[int]:
    """List the serials of a pair (recogniser, register) that an act uses up; none if it does not concern the pair."""
    if isinstance(step, Conclusion):
        return [named.serial for named in step.recognitions if (named.recogniser, named.register) == pair]
    register = step.register if isinstance(step, LaneAct) else int.from_bytes(step.entry[:2], "big")
    return [step.serial] if (step.recogniser, register) == pair else []


def replay_party(number: int, steps: Iterable[tuple[int, PartyStep]]) -> PartyHistory:
    """Replay a party's acts, each with its time of recording.

    Raises:
        RefusedByLedger: An act cannot have been recorded after those before.
        ValueError: The first act is neither a founding nor an admission, or another one is.
    """
    states: list[tuple[int, Party]] = []
    for time, step in steps:
        if begins(step) == bool(states):
            raise ValueError("a party begins once, with its founding or admission")
        states.append((time, _alter(states[-1][1], step, time) if states else _begin(step, time)))
    return PartyHistory(number=number, states=tuple(states))


def replay_pair(recogniser: int, register: int, steps: Iterable[tuple[int, PairStep]]) -> PairHistory:
    """Replay a pair's acts, each with its time of recording; of a conclusion or amendment, what it says of this pair.

    Raises:
        RefusedByLedger: An act cannot have been recorded after those before.
        ValueError: An act names a lane that the pair has not, or not next.
    """
    lanes: list[list[tuple[int, Lane]]] = []
    withholdings: dict[bytes, list[tuple[int, Withholding]]] = {}
    serial = 0
    for time, step in steps:
        if isinstance(step, WithholdingAct):
            serial += 1
            made = withholdings.setdefault(step.entry, [])
            changes = min(made[-1][1].changes + 1, LARGEST_COUNT) if made else 0
            made.append((time, Withholding(withheld=step.withheld, changed_at=time, changes=changes)))
        elif isinstance(step, LaneAct):
            serial += 1
            lane = _lane(lanes, step.lane)
            lane.append((time, alter_lane(lane[-1][1], step, time)))
        else:
            for named in step.recognitions:
                if (named.recogniser, named.register) == (recogniser, register):
                    serial += 1
                    if not isinstance(step, Amendment):
                        lanes.append([])
                    lane = _lane(lanes, named.lane, new=not isinstance(step, Amendment))
                    lane.append((time, make_lane(step, named, lane[-1][1] if lane else None, time)))
    return PairHistory(
        recogniser=recogniser,
        register=register,
        lanes=tuple(tuple(lane) for lane in lanes),
        withholdings={entry: tuple(made) for entry, made in withholdings.items()},
        serial=serial,
    )


def last_pair(history: PairHistory) -> Pair:
    """Tell what a pair's word says after all its acts, its time aside."""
    made = sum(word.withheld for timeline in history.withholdings.values() for _, word in timeline)
    return Pair(lanes=len(history.lanes), withheld=made, serial=history.serial)


def _lane(lanes: list[list[tuple[int, Lane]]], number: int, *, new: bool = False) -> list[tuple[int, Lane]]:
    if number >= len(lanes) or (new and number != len(lanes) - 1):
        raise ValueError(f"lane {number} is not the one that the act needs")
    return lanes[number]


def _begin(step: PartyStep, time: int) -> Party:
    if isinstance(step, Founding):
        return step.party
    if isinstance(step, Resolution) and isinstance(step.detail, Candidate):
        return admit_party(step.detail, time)
    raise ValueError("an admission names no candidate")


def _alter(party: Party, step: PartyStep, time: int) -> Party:
    if isinstance(step, Resolution):
        keys_only = {ResolutionAct.REPLACE_AUTHORITY, ResolutionAct.SEAT_VALIDATOR, ResolutionAct.UNSEAT_VALIDATOR}
        return party if step.act in keys_only else alter_party(party, step.act, step.amount, time)
    if isinstance(step, PartyAct):
        return _alone(replace(party, serial=step.serial), step, time)
    if isinstance(step, Envelope):
        return replace(party, serial=step.serial)
    return party


def _alone(party: Party, act: PartyAct, time: int) -> Party:
    if act.act == PartyActKind.ADD_OPERATOR:
        return replace(party, operators=party.operators + 1)
    if act.act == PartyActKind.RETIRE_OPERATOR:
        return replace(party, operators=party.operators - 1)
    if act.act == PartyActKind.SET_THRESHOLD and isinstance(act.detail, int):
        return replace(party, threshold=act.detail)
    if act.act in {PartyActKind.JOIN_UNION, PartyActKind.LEAVE_UNION} and isinstance(act.detail, int):
        joins = act.act == PartyActKind.JOIN_UNION
        unions = list(party.unions)
        unions[unions.index(0 if joins else act.detail)] = act.detail if joins else 0
        first, second, third, fourth = unions
        return touched(replace(party, unions=(first, second, third, fourth)), time)
    return party


def _value_at(timeline: Timeline[T], time: int, known: int) -> T | None:
    """Take the last value recorded by both times, or the first one if it was known."""
    if not timeline or timeline[0][0] > known:
        return None
    found = _last_by(timeline, min(time, known))
    return timeline[0][1] if found is None else found


def _last_by(timeline: Sequence[tuple[int, T]], time: int) -> T | None:
    return next((value for at, value in reversed(timeline) if at <= time), None)
