"""What decisions rest on whoever the trader is: parties, registers and lanes, judged once for one inquiry.

The rules are those of `customs.decision`, which searches from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aeo_ledger.customs.as_of import AsOf, Told
from aeo_ledger.customs.finding import FoundLane
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.inquiry import Inquiry, Ledger
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import LaneState, PartyState, Reason, RegisterMode
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded


@dataclass(slots=True, kw_only=True)
class Shelf:
    """A register, and all lanes that lead to it."""

    number: int
    mode: RegisterMode
    types: tuple[int, ...]
    lanes: tuple[FoundLane, ...]
    fitting: dict[int, tuple[FoundLane, ...]]
    """By type, the lanes that do not surely say no to it."""
    reasons: frozenset[Reason]
    """All that the lanes say against whatever type."""
    withholders: frozenset[int]
    """Who has lanes to here and ever withheld benefits from an entry of it."""


class Standpoint:
    """What decisions rest on whoever the trader is: parties, registers and lanes, judged for one inquiry.

    Each fact is pulled once, when the first decision needs it; so it serves one trader, or all that one post asks about.
    """

    def __init__(self, inquiry: Inquiry, ledger: Ledger, histories: Histories = NO_HISTORY) -> None:
        self.inquiry, self.ledger = inquiry, ledger
        self.time = inquiry.time
        self.facts = AsOf(ledger, histories, inquiry.time, inquiry.known)
        self._parties: dict[int, Told[Party | None]] = {}
        self._issuers: dict[tuple[int, int], tuple[bool, PartyState | None]] = {}
        self.edges = self._edges()
        self._numbers: list[int] | None = None
        self._shelves: list[Shelf] = []

    def shelves(self) -> Iterator[Shelf]:
        """Yield the registers to search by number, each opened when the first search comes to it."""
        if self._numbers is None:
            self._numbers = self._registers()
        for place, number in enumerate(self._numbers):
            if place == len(self._shelves):
                self._shelves.append(self._open(number))
            yield self._shelves[place]

    def demand_certain(self, *numbers: int) -> None:
        """Demand that parties are certain as of the time."""
        for number in numbers:
            if not self._party(number).certain:
                raise HistoryNeeded(time=self.time, what=f"party {number}")

    def _demand_recorded(self, number: int) -> None:
        """Refuse to say what was known of a party before this ledger had anything of it: of that time it tells nothing."""
        word, known = self.ledger.party(number), self.inquiry.known
        if word is None or known is None:
            return
        self.demand_certain(number)
        if self._party(number).fact is None:
            raise NothingRecorded(party=word.code, known_at=known, begins_at=self.facts.first_recorded(number))

    def judge_issuer(self, register: int, issuer: int) -> tuple[bool, PartyState | None]:
        """Say whether the issuer of a standing or its register is gone, and the issuer's state; None if that needs history."""
        if (register, issuer) not in self._issuers:
            gone = self._gone(register, issuer) or self._given_up(register) or self._left(issuer, register)
            party = self._party(issuer)
            state = party.fact.state_at(self.time) if party.fact and party.certain else None
            self._issuers[register, issuer] = bool(gone), state
        return self._issuers[register, issuer]

    def _party(self, number: int) -> Told[Party | None]:
        if number not in self._parties:
            self._parties[number] = self.facts.party(number)
        return self._parties[number]

    # ---- where to look

    def _registers(self) -> list[int]:
        """List the registers to search, by number."""
        number = self.inquiry.party
        if number is None or self.ledger.party(number) is None:
            return []
        self._demand_recorded(number)
        party = self._party(number).fact
        if party is None:
            return []
        numbers = {number}
        if not self.inquiry.register_named:
            self.demand_certain(number)
            numbers.update(party.unions_at(self.time))
        return [number for number in sorted(numbers) if self._is_searched(number)]

    def _is_searched(self, number: int) -> bool:
        """Say whether a party's register is searched. One that is now is searched for a past time too: it finds no less."""
        party = self._party(number).fact
        if party is None:
            return False
        if not party.is_searched():
            self.demand_certain(number)
        return party.is_searched()

    def _edges(self) -> list[int] | None:
        """List the recognisers whose lanes count: r, then its unions; None if they are not known."""
        self._demand_recorded(self.inquiry.recogniser)
        party = self._party(self.inquiry.recogniser)
        if party.fact is None:
            return [self.inquiry.recogniser]
        if not party.certain:
            return None
        return [self.inquiry.recogniser, *party.fact.unions_at(self.time)]

    def _open(self, number: int) -> Shelf:
        """Look at a register and at all lanes that lead to it."""
        register = self.ledger.register(number)
        mode, types = (RegisterMode.OPEN, ()) if register is None else (register.mode, register.types_in_use())
        if self.inquiry.types is not None:
            wanted = self.inquiry.types.get(number)
            types = (wanted,) if wanted in types else ()
        pairs = [(owner, self.ledger.pair(owner, number)) for owner in self.edges or ()]
        judged = (self._judge_lane(owner, number, lane) for owner, pair in pairs for lane in range(pair.lanes))
        lanes = tuple(lane for lane in judged if lane is not None)
        return Shelf(
            number=number,
            mode=mode,
            types=types,
            lanes=lanes,
            fitting={kind: tuple(lane for lane in lanes if not lane.refuses(kind)) for kind in types},
            reasons=frozenset[Reason]().union(*(lane.reasons for lane in lanes)),
            withholders=frozenset(owner for owner, pair in pairs if pair.withheld),
        )

    # ---- what one fact says

    def _judge_lane(self, owner: int, register: int, number: int) -> FoundLane | None:
        """Give a lane its reasons; None for one that was not known yet."""
        told, time, inquiry = self.facts.lane(owner, register, number), self.time, self.inquiry
        lane = told.fact
        if lane is None:
            return None
        reasons = set()
        if self._gone(inquiry.recogniser, owner, register):
            reasons.add(Reason.PARTY_GONE)
        if told.certain:
            if lane.in_force_from == 0 or lane.in_force_from > time:
                reasons.add(Reason.ARRANGEMENT_NOT_IN_FORCE)
            if lane.until != 0 and lane.until <= time:
                reasons.add(Reason.ARRANGEMENT_ENDED)
            if lane.state is LaneState.SUSPENDED:
                reasons.add(Reason.ARRANGEMENT_SUSPENDED)
            if not lane.has_role(inquiry.role):
                reasons.add(Reason.ROLE)
            if not lane.has_direction(inquiry.direction):
                reasons.add(Reason.DIRECTION)
        return FoundLane(
            recogniser=owner,
            register=register,
            number=number,
            lane=lane,
            reasons=frozenset(reasons),
            certain=told.certain,
        )

    def _gone(self, *numbers: int) -> bool | None:
        """Say whether one of the parties is expelled; None if that is not known as of the time."""
        parties = [self._party(number) for number in numbers]
        known = [party.fact for party in parties if party.certain]
        if any(party is None or party.state is PartyState.EXPELLED for party in known):
            return True
        return False if len(known) == len(parties) else None

    def _given_up(self, register: int) -> bool:
        """Say whether a register is known to be kept no longer, though it was opened."""
        party = self._party(register)
        return party.certain and not (party.fact and party.fact.keeps_register)

    def _left(self, issuer: int, register: int) -> bool:
        """Say whether an issuer is known to be neither the register's party nor a member of it."""
        party = self._party(issuer)
        return issuer != register and party.certain and not (party.fact and party.fact.belongs_to(register, self.time))
