"""The facts that decisions about all traders share: parties, registers and lanes, judged once for one inquiry.

The rules are those of `customs.decision`, which searches in this context.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aeo_ledger.customs.as_of import AsOf, DatedFact
from aeo_ledger.customs.finding import FoundLane
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.inquiry import Inquiry, Ledger
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import LaneState, PartyState, Reason, RegisterMode
from aeo_ledger.errors.customs import HistoryNeeded, NothingRecorded


@dataclass(slots=True, kw_only=True)
class SearchedRegister:
    """A register to search, with all lanes that lead to it."""

    number: int
    mode: RegisterMode
    types: tuple[int, ...]
    lanes: tuple[FoundLane, ...]
    fitting: dict[int, tuple[FoundLane, ...]]
    """By type, the lanes that do not certainly refuse it."""
    reasons: frozenset[Reason]
    """Every reason that some lane has against all types."""
    withholders: frozenset[int]
    """Parties with lanes to this register that ever withheld benefits from one of its entries."""


class SearchContext:
    """The facts that decisions about all traders share: parties, registers and lanes, judged for one inquiry.

    Each fact is read once, when a decision first needs it. So one context serves one trader, or all traders of one request.
    """

    def __init__(self, inquiry: Inquiry, ledger: Ledger, histories: Histories = NO_HISTORY) -> None:
        self.inquiry, self.ledger = inquiry, ledger
        self.time = inquiry.time
        self.facts = AsOf(ledger, histories, inquiry.time, inquiry.known)
        self._parties: dict[int, DatedFact[Party | None]] = {}
        self._issuers: dict[tuple[int, int], tuple[bool, PartyState | None]] = {}
        self.edges = self._edges()
        self._numbers: list[int] | None = None
        self._registers: list[SearchedRegister] = []

    def registers(self) -> Iterator[SearchedRegister]:
        """Yield the registers to search, by number. Each is read when the first search reaches it."""
        if self._numbers is None:
            self._numbers = self._numbers_to_search()
        for place, number in enumerate(self._numbers):
            if place == len(self._registers):
                self._registers.append(self._read_register(number))
            yield self._registers[place]

    def demand_certain(self, *numbers: int) -> None:
        """Demand that parties are certain for the time."""
        for number in numbers:
            if not self._party(number).certain:
                raise HistoryNeeded(time=self.time, what=f"party {number}")

    def _recorded(self, number: int) -> DatedFact[Party | None]:
        """Look up a party. Refuses a question about what was known before this ledger's first record of it."""
        word, known = self.ledger.party(number), self.inquiry.known
        if word is not None and known is not None:
            self.demand_certain(number)
            if self._party(number).fact is None:
                raise NothingRecorded(party=word.code, known_at=known, begins_at=self.facts.first_recorded(number))
        return self._party(number)

    def judge_issuer(self, register: int, issuer: int) -> tuple[bool, PartyState | None]:
        """Tell whether a standing's issuer or register is gone; and give the issuer's state, None if that needs history."""
        if (register, issuer) not in self._issuers:
            gone = self._gone(register, issuer) or self._given_up(register) or self._left(issuer, register)
            party = self._party(issuer)
            state = party.fact.state_at(self.time) if party.fact and party.certain else None
            self._issuers[register, issuer] = bool(gone), state
        return self._issuers[register, issuer]

    def _party(self, number: int) -> DatedFact[Party | None]:
        if number not in self._parties:
            self._parties[number] = self.facts.party(number)
        return self._parties[number]

    # ---- where to look

    def _numbers_to_search(self) -> list[int]:
        """List the registers to search, by number."""
        number = self.inquiry.party
        party = None if number is None else self._recorded(number).fact
        if number is None or party is None:
            return []
        numbers = {number}
        if not self.inquiry.register_named:
            self.demand_certain(number)
            numbers.update(party.unions_at(self.time))
        return [number for number in sorted(numbers) if self._is_searched(number)]

    def _is_searched(self, number: int) -> bool:
        """Tell whether a party's register is searched. A register that is searched now is also searched for a past time."""
        party = self._party(number).fact
        if party is None:
            return False
        if not party.is_searched():
            self.demand_certain(number)
        return party.is_searched()

    def _edges(self) -> list[int] | None:
        """List the recognisers whose lanes count: r, then its unions; None if they are not known."""
        party = self._recorded(self.inquiry.recogniser)
        if party.fact is None:
            return [self.inquiry.recogniser]
        if not party.certain:
            return None
        return [self.inquiry.recogniser, *party.fact.unions_at(self.time)]

    def _read_register(self, number: int) -> SearchedRegister:
        """Read a register and all lanes that lead to it."""
        register = self.ledger.register(number)
        mode, types = (RegisterMode.OPEN, ()) if register is None else (register.mode, register.types_in_use())
        if self.inquiry.types is not None:
            wanted = self.inquiry.types.get(number)
            types = (wanted,) if wanted in types else ()
        pairs = [(owner, self.ledger.pair(owner, number)) for owner in self.edges or ()]
        judged = (self._judge_lane(owner, number, lane) for owner, pair in pairs for lane in range(pair.lanes))
        lanes = tuple(lane for lane in judged if lane is not None)
        return SearchedRegister(
            number=number,
            mode=mode,
            types=types,
            lanes=lanes,
            fitting={kind: tuple(lane for lane in lanes if not lane.refuses(kind)) for kind in types},
            reasons=frozenset[Reason]().union(*(lane.reasons for lane in lanes)),
            withholders=frozenset(owner for owner, pair in pairs if pair.withheld),
        )

    # ---- one fact

    def _judge_lane(self, owner: int, register: int, number: int) -> FoundLane | None:
        """Find a lane's reasons; None if the lane was not yet known."""
        dated, time, inquiry = self.facts.lane(owner, register, number), self.time, self.inquiry
        lane = dated.fact
        if lane is None:
            return None
        reasons = set()
        if self._gone(inquiry.recogniser, owner, register):
            reasons.add(Reason.PARTY_GONE)
        if dated.certain:
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
            certain=dated.certain,
        )

    def _gone(self, *numbers: int) -> bool | None:
        """Tell whether one of the parties is expelled; None if that is not known for the time."""
        parties = [self._party(number) for number in numbers]
        known = [party.fact for party in parties if party.certain]
        if any(party is None or party.state is PartyState.EXPELLED for party in known):
            return True
        return False if len(known) == len(parties) else None

    def _given_up(self, register: int) -> bool:
        """Tell whether a register was opened but is certainly no longer kept."""
        party = self._party(register)
        return party.certain and not (party.fact and party.fact.keeps_register)

    def _left(self, issuer: int, register: int) -> bool:
        """Tell whether an issuer is certainly neither the register's party nor a member of it."""
        party = self._party(issuer)
        return issuer != register and party.certain and not (party.fact and party.fact.belongs_to(register, self.time))
