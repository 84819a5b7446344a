"""The decision: does this recogniser recognise this trader, in this direction and role, at this time?

One pure function, `decide`. It *pulls* the facts that it needs from a `Ledger`, so that whoever proves runs it to learn
which words to prove, and whoever verifies runs it over words that are proven, with an error where one is not: both see
the same words in the same order.

The rules, for a time t:

*Registers* searched are the one named, or those of the party P that the TIN's prefix means and of P's unions; only
those that are kept or were ever opened, by number. *Types* are the one named, or all that the register has in use; a
register not opened has none. *Edges* are the pairs (r, register) of the recogniser r and (u, register) of each union u
of r, by number; all lanes of a pair count. Unions are those that a party belongs to at t: a member that leaves, or is
ejected, belongs to its union until the day begins.

Each reason is one condition on one standing or one lane, whatever else holds of it:

ANNULLED, REVOKED, WITHDRAWN, SUSPENDED
    The standing's status.
NOT_YET_EFFECTIVE, EXPIRED
    The standing begins after t; it ended at or before t.
PARTY_GONE
    Of a standing: the register's party is expelled, or keeps it no longer; or the issuer is expelled, or is neither that
    party nor a member of it. Of a lane: r is expelled, or the union that owns the lane, or the register's party.
ARRANGEMENT_NOT_IN_FORCE, ARRANGEMENT_ENDED, ARRANGEMENT_SUSPENDED
    The lane's *from* is 0 or after t; its *until* is at or before t; the recogniser suspended it.
TYPE_OUT_OF_SCOPE
    A lane does not cover the type of a standing found in its register, or lanes lead to other registers only. The same
    for a keyed type that was not searched.
ROLE, DIRECTION
    The standing or the lane lacks the role; the lane lacks the direction.
BENEFITS_WITHHELD
    r, or the union that owns a lane, withholds benefits from the entry of a standing found in its register.

*Yes*: going by registers and, within one, by types that some lane without a reason covers, the first standing without a
reason that has a lane without one decides. Its benefits are the union over all such lanes. *No*: everything else is
looked at too, and every reason of every standing and lane found is given; NO_CERTIFICATE only if no entry searched has
a standing, NO_ARRANGEMENT only if no edge has a lane.

A keyed type that no fitting lane covers is not searched, since its key is not to be had, and is listed as such. If
nothing at all was searched for that, "no certificate" is not claimed.

*Past times*: facts are those as of t, as known at k (`AsOf`). One that is not certain gives no reason and no yes, except
that a status which had ended by t refuses. A no stands if each pair of standing and lane is refused by one of the two;
otherwise `HistoryNeeded`. A lane that was used again after its end has changed: what it was before is never read from what
it is now.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from aeo_ledger.customs.finding import FoundLane, FoundStanding
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.inquiry import EntryOf, Inquiry, Ledger
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.standpoint import Shelf, Standpoint
from aeo_ledger.customs.vocabulary import Benefit, Reason, RegisterMode, Status, list_bits
from aeo_ledger.errors.customs import HistoryNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Recognised with benefits, or not recognised with all reasons."""

    recognised: bool
    time: int
    """The time decided for, UTC seconds."""
    known: int | None = None
    """As known at this time, UTC seconds; None is everything recorded."""
    reasons: tuple[Reason, ...] = ()
    """Of a no, by precedence; the first is the one to tell."""
    benefits: tuple[Benefit | int, ...] = ()
    """Of a yes: everything that the deciding lanes grant, numbers that this version does not know included."""
    standing: FoundStanding | None = None
    """The standing that decided a yes."""
    lanes: tuple[FoundLane, ...] = ()
    """The lanes that decided a yes."""
    registers: tuple[int, ...]
    """Registers searched; after a yes, those up to the deciding one."""
    found: tuple[FoundStanding, ...] = ()
    """Every standing found, in the order of the search."""
    not_searched: tuple[tuple[int, int], ...] = ()
    """Register and type of what was not searched, being keyed and covered by no fitting lane."""


def decide(inquiry: Inquiry, ledger: Ledger, entry_of: EntryOf, histories: Histories = NO_HISTORY) -> Decision:
    """Decide a question by the facts of a ledger; see the module's text for the rules.

    Raises:
        HistoryNeeded: A past time is asked about, and neither the facts as they are now nor the histories tell.
        KeyNeeded: From `entry_of`: a keyed register's entry was to be derived.
        Whatever the ledger raises for a fact that it cannot show.

    Source: DESIGN section 5, steps 4 and 6, and "Past times".
    """
    return decide_from(Standpoint(inquiry, ledger, histories), entry_of)


def decide_from(standpoint: Standpoint, entry_of: EntryOf) -> Decision:
    """Decide about one trader from where many are decided about; raises as `decide` does."""
    return _Search(standpoint, entry_of).decide()


_BY_STATUS: Final = {
    Status.ANNULLED: Reason.ANNULLED,
    Status.REVOKED: Reason.REVOKED,
    Status.WITHDRAWN: Reason.WITHDRAWN,
    Status.SUSPENDED: Reason.SUSPENDED,
}


class _Search:
    """The search for one trader's standings from a standpoint: nothing of it reaches the next."""

    def __init__(self, standpoint: Standpoint, entry_of: EntryOf) -> None:
        self.standpoint, self.entry_of = standpoint, entry_of
        self.inquiry, self.facts, self.time = standpoint.inquiry, standpoint.facts, standpoint.time
        self.shelves: list[Shelf] = []
        self.searched: dict[tuple[int, int], FoundStanding | None] = {}
        self.withheld: dict[tuple[int, bytes], bool | None] = {}

    def decide(self) -> Decision:
        """Look for a yes, and if there is none for every reason."""
        for shelf in self.standpoint.shelves():
            self.shelves.append(shelf)
            for certificate_type in shelf.types:
                decision = self._try(shelf, certificate_type)
                if decision is not None:
                    return decision
        return self._refuse()

    # ---- what one fact says

    def _look_up(self, shelf: Shelf, certificate_type: int) -> FoundStanding | None:
        """Look up the standing of one type and give it its reasons."""
        place = shelf.number, certificate_type
        if place not in self.searched:
            entry = self.entry_of(shelf.number, shelf.mode, certificate_type)
            told = self.facts.record(entry)
            self.searched[place] = (
                None
                if told.fact is None
                else self._judge_record(shelf.number, certificate_type, entry, told.fact, certain=told.certain)
            )
        return self.searched[place]

    def _judge_record(
        self, register: int, certificate_type: int, entry: bytes, record: Record, *, certain: bool
    ) -> FoundStanding:
        time, reasons = self.time, set()
        gone, issuer_state = self.standpoint.judge_issuer(register, record.issuer)
        if record.status in _BY_STATUS and (certain or self.facts.ended(record)):
            reasons.add(_BY_STATUS[record.status])
        if certain:
            if record.valid_from > time or record.since > time:
                reasons.add(Reason.NOT_YET_EFFECTIVE)
            if record.valid_until != 0 and record.valid_until <= time:
                reasons.add(Reason.EXPIRED)
            if not record.has_role(self.inquiry.role):
                reasons.add(Reason.ROLE)
            if gone:
                reasons.add(Reason.PARTY_GONE)
        return FoundStanding(
            entry=entry,
            register=register,
            certificate_type=certificate_type,
            record=record,
            issuer_state=issuer_state,
            reasons=frozenset(reasons),
            certain=certain,
        )

    def _withholds(self, shelf: Shelf, recogniser: int, entry: bytes) -> bool | None:
        """Say whether a recogniser withholds benefits from an entry; None if that is not known as of the time."""
        if (recogniser, entry) not in self.withheld:
            told = self.facts.withholding(recogniser, shelf.number, entry)
            withheld = told.fact is not None and told.fact.withheld
            self.withheld[recogniser, entry] = withheld if told.certain else None
        return self.withheld[recogniser, entry]

    def _withheld_on(self, shelf: Shelf, lane: FoundLane, entry: bytes) -> bool | None:
        """Say whether benefits are withheld on a lane: by its owner, or by r itself."""
        owners = {self.inquiry.recogniser, lane.recogniser} & shelf.withholders
        answers = {self._withholds(shelf, owner, entry) for owner in owners}
        return True if True in answers else None if None in answers else False

    # ---- yes and no

    def _try(self, shelf: Shelf, certificate_type: int) -> Decision | None:
        """Decide yes by the standing of one type, or go on if each of its lanes is refused, or it is itself."""
        lanes = shelf.fitting[certificate_type]
        if not lanes and self.standpoint.edges is not None:
            return None
        standing = self._look_up(shelf, certificate_type)
        if standing is None or standing.reasons:
            return None
        if shelf.withholders:
            lanes = tuple(lane for lane in lanes if not self._withheld_on(shelf, lane, standing.entry))
            if not lanes and self.standpoint.edges is not None:
                return None
        self._demand_decided(shelf, standing, lanes)
        granted = 0
        for lane in lanes:
            granted |= lane.lane.benefits
        return Decision(
            recognised=True,
            time=self.time,
            known=self.inquiry.known,
            benefits=_list_benefits(granted),
            standing=standing,
            lanes=lanes,
            registers=tuple(s.number for s in self.shelves),
            found=self._found(),
        )

    def _refuse(self) -> Decision:
        """Look up what the search for a yes could leave out, and collect every reason."""
        reasons: set[Reason] = set()
        not_searched, searched = [], False
        for shelf in self.shelves:
            reasons |= shelf.reasons
            for certificate_type in shelf.types:
                if shelf.mode is RegisterMode.KEYED and (shelf.number, certificate_type) not in self.searched:
                    not_searched.append((shelf.number, certificate_type))
                    reasons |= self._out_of_scope(shelf, certificate_type)
                    continue
                searched = True
                standing = self._look_up(shelf, certificate_type)
                if standing is not None:
                    reasons |= standing.reasons | self._out_of_scope(shelf, certificate_type)
                    if shelf.withholders and any(
                        self._withheld_on(shelf, lane, standing.entry) for lane in shelf.lanes
                    ):
                        reasons.add(Reason.BENEFITS_WITHHELD)
        found = self._found()
        if not found and (searched or not not_searched):
            reasons.add(Reason.NO_CERTIFICATE)
        if self.standpoint.edges is not None and not any(shelf.lanes for shelf in self.shelves):
            reasons.add(Reason.NO_ARRANGEMENT)
        return Decision(
            recognised=False,
            time=self.time,
            known=self.inquiry.known,
            reasons=tuple(sorted(reasons)),
            registers=tuple(s.number for s in self.shelves),
            found=found,
            not_searched=tuple(not_searched),
        )

    def _out_of_scope(self, shelf: Shelf, certificate_type: int) -> set[Reason]:
        """Say whether a lane to this register leaves the type out, or lanes lead to other registers only."""
        if shelf.lanes:
            out = any(lane.certain and not lane.lane.covers(certificate_type) for lane in shelf.lanes)
        else:
            out = any(other.lanes for other in self.shelves)
        return {Reason.TYPE_OUT_OF_SCOPE} if out else set()

    def _found(self) -> tuple[FoundStanding, ...]:
        return tuple(standing for _, standing in sorted(self.searched.items()) if standing is not None)

    # ---- past times

    def _demand_decided(self, shelf: Shelf, standing: FoundStanding, lanes: tuple[FoundLane, ...]) -> None:
        """Demand that every fact which a yes rests on is certain as of the time."""
        owners = [lane.recogniser for lane in lanes]
        self.standpoint.demand_certain(self.inquiry.recogniser, standing.register, standing.record.issuer, *owners)
        if not standing.certain:
            raise HistoryNeeded(time=self.time, what=f"standing 0x{standing.entry.hex()}")
        for lane in lanes:
            if not lane.certain:
                raise HistoryNeeded(time=self.time, what=f"lane {lane.number} of {lane.recogniser} to {lane.register}")
            if shelf.withholders and self._withheld_on(shelf, lane, standing.entry) is None:
                raise HistoryNeeded(
                    time=self.time, what=f"withholding on lane {lane.number} of {lane.recogniser} to {lane.register}"
                )


@cache
def _list_benefits(granted: int) -> tuple[Benefit | int, ...]:
    return list_bits(granted, Benefit)
