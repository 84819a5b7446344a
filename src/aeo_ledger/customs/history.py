"""What a standing, a party, a pair or the network was at one time, as known at another, from a replay of its recorded acts.

Two times matter and are never mixed: when something *held*, and when it was *recorded*. An annulment recorded in March makes
a certificate void from January on, but what was known in January does not change. A lane suspended in March and resumed in
April was not in force in between, although its present word does not show this.

Standings, at t as known at k: the last event recorded by k that sets a status with since <= t gives the status. The last such
`GRANT` or `RESTORE` gives roles and dates; an `AMEND` changes them from its recording on. A `TRANSFER` gives the issuer from
its recording on. At an earlier time the first event counts, whose certificate begins later. Parties and lanes: the last act
recorded by min(t, k) counts. At an earlier time the first act counts, if it was known by k, because a conclusion or an
admission states itself from when it holds. An ended lane may be used again: each arrangement in it counts only from its own
conclusion on. Withholdings and aliases: the last act recorded by min(t, k) counts, if there is one.

`customs.replay` derives these from acts. `verify.history` proves that no recorded act is missing and that the order is right.

Source: DESIGN section 5, "Past times".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeAlias, TypeVar

from aeo_ledger.customs.acts import Succession
from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.arrangement import Lane, Pair, Withholding
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import STATUS_EVENTS

T = TypeVar("T")

Timeline: TypeAlias = tuple[tuple[int, T], ...]
"""The fact after each act, with the time of recording (UTC seconds), ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingHistory:
    """Every event of a standing."""

    entry: bytes
    """32 bytes."""
    records: tuple[Record, ...]
    """The record after each event, with its time of recording. Sequences are 1, 2, 3 and so on."""

    def at(self, time: int, known: int) -> Record | None:
        """Find the standing at a time, as known at another; None if nothing was recorded by then."""
        records = [record for record in self.records if record.recorded_at <= known]
        if not records:
            return None
        status, scope, issuer, review = None, records[0], records[0].issuer, records[0].review_day
        for record in records:
            if _tells(record, "status", time):
                status = record
            if _tells(record, "roles", time):
                scope = record
            if _tells(record, "issuer", time):
                issuer = record.issuer
            if _tells(record, "review_day", time):
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
        """Find the party at a time, as known at another; None if its admission was not recorded by then."""
        return _value_at(self.states, time, known)

    def during(self, time: int) -> tuple[Party, ...]:
        """List what the party was during one second: its state before, and after each act of that second."""
        before = [party for at, party in self.states if at < time]
        return (*before[-1:], *(party for at, party in self.states if at == time))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairHistory:
    """Every act on an ordered pair (recogniser, register)."""

    recogniser: int
    register: int
    lanes: tuple[Timeline[Lane], ...]
    withholdings: Mapping[bytes, Timeline[Withholding]]
    """By entry, 32 bytes."""
    pair: Pair
    """The pair after all its acts."""

    def lane_at(self, number: int, time: int, known: int) -> Lane | None:
        """Find a lane at a time, as known at another; None if its conclusion was not recorded by then."""
        return _value_at(self.lanes[number], time, known)

    def withholding_at(self, entry: bytes, time: int, known: int) -> Withholding | None:
        """Find whether benefits were withheld from an entry at a time, as known at another; None if never by then."""
        return _last_by(self.withholdings.get(entry, ()), min(time, known))


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasHistory:
    """Every act on an alias of a recogniser."""

    recogniser: int
    alias_hash: bytes
    """32 bytes."""
    states: Timeline[Alias]

    def at(self, time: int, known: int) -> Alias | None:
        """Find the alias at a time, as known at another; None if it was not bound by then."""
        return _last_by(self.states, min(time, known))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkHistory:
    """Every act that names a successor of this ledger or cancels one."""

    successions: Timeline[Succession | None]


class Histories(Protocol):
    """The available histories. A method returns None if a history is not available."""

    def standing(self, entry: bytes) -> StandingHistory | None:
        """Look up a standing's history."""

    def party(self, number: int) -> PartyHistory | None:
        """Look up a party's history."""

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        """Look up a pair's history."""

    def alias(self, recogniser: int, alias_hash: bytes) -> AliasHistory | None:
        """Look up an alias's history, by its hash of 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTable:
    """Histories in tables."""

    standings: Mapping[bytes, StandingHistory]
    parties: Mapping[int, PartyHistory]
    pairs: Mapping[tuple[int, int], PairHistory]
    aliases: Mapping[tuple[int, bytes], AliasHistory] = field(default_factory=dict)
    network: NetworkHistory | None = None

    def standing(self, entry: bytes) -> StandingHistory | None:
        """Look up a standing's history."""
        return self.standings.get(entry)

    def party(self, number: int) -> PartyHistory | None:
        """Look up a party's history."""
        return self.parties.get(number)

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        """Look up a pair's history."""
        return self.pairs.get((recogniser, register))

    def alias(self, recogniser: int, alias_hash: bytes) -> AliasHistory | None:
        """Look up an alias's history."""
        return self.aliases.get((recogniser, alias_hash))


NO_HISTORY: Final = HistoryTable(standings={}, parties={}, pairs={})

Subject: TypeAlias = bytes | int | tuple[int, int] | tuple[int, bytes]
"""The subject of a history: a standing (its entry, 32 bytes), a party (its number; 0 is the network), a pair (recogniser, register), or an
alias (recogniser, its hash of 32 bytes)."""


class SoughtHistories:
    """The histories at hand. It notes which others a decision asked for, so that they can be fetched."""

    def __init__(self, found: Histories = NO_HISTORY) -> None:
        self._found = found
        self.missed: dict[Subject, None] = {}
        """The subjects without a history, in the order in which they were asked for."""

    def standing(self, entry: bytes) -> StandingHistory | None:
        """Look up a standing's history."""
        return self._found.standing(entry) or self.missed.setdefault(entry)

    def party(self, number: int) -> PartyHistory | None:
        """Look up a party's history."""
        return self._found.party(number) or self.missed.setdefault(number)

    def pair(self, recogniser: int, register: int) -> PairHistory | None:
        """Look up a pair's history."""
        return self._found.pair(recogniser, register) or self.missed.setdefault((recogniser, register))

    def alias(self, recogniser: int, alias_hash: bytes) -> AliasHistory | None:
        """Look up an alias's history."""
        return self._found.alias(recogniser, alias_hash) or self.missed.setdefault((recogniser, alias_hash))


def _tells(record: Record, field: str, time: int) -> bool:
    """Tell whether an event sets a field at a time: with a status from its *since* on, otherwise from its recording on."""
    row = STATUS_EVENTS.get(record.kind)
    if row is None or field not in row.changes:
        return False
    return (record.since if row.reaches else record.recorded_at) <= time


def _value_at(timeline: Timeline[T], time: int, known: int) -> T | None:
    """Take the last value recorded by both times; if there is none, the first one if it was known."""
    if not timeline or timeline[0][0] > known:
        return None
    found = _last_by(timeline, min(time, known))
    return timeline[0][1] if found is None else found


def _last_by(timeline: Sequence[tuple[int, T]], time: int) -> T | None:
    return next((value for at, value in reversed(timeline) if at <= time), None)
