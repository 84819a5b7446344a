"""The decision: does this recogniser recognise this trader, in this direction and role, at this time?

One pure function, `decide`, reads the facts that it needs from a `Ledger`. A prover runs it to learn which words to prove.
A verifier runs it over proven words, and a word that is not proven is an error. Both read the same words in the same order.

The rules, for a time t:

*Registers*: the one named; or those of the party P that the TIN's prefix means, and of P's unions. Only registers that are
kept or were ever opened are searched, in order of number. *Types*: the one named, or all that the register has in use. A
register that was not opened has none. *Edges*: the pairs (r, register) of the recogniser r, and (u, register) of each union
u of r, in order of number. All lanes of a pair count. Unions are those that a party belongs to at t: a member that leaves
or is ejected belongs to its union until the given day begins.

Each reason is one condition on one standing or one lane. It does not depend on the others:

ANNULLED, REVOKED, WITHDRAWN, SUSPENDED
    The standing's status.
NOT_YET_EFFECTIVE, EXPIRED
    The standing begins after t. The standing ended at or before t.
PARTY_GONE
    For a standing: the register's party is expelled or no longer keeps the register; or the issuer is expelled, or is neither
    that party nor a member of it. For a lane: r, the union that owns the lane, or the register's party is expelled.
ARRANGEMENT_NOT_IN_FORCE, ARRANGEMENT_ENDED, ARRANGEMENT_SUSPENDED
    The lane's *from* is 0 or after t. Its *until* is at or before t. The recogniser suspended it.
TYPE_OUT_OF_SCOPE
    A lane does not cover the type of a standing found in its register, or all lanes lead to other registers. The same holds
    for a keyed type that was not searched.
ROLE, DIRECTION
    The standing or the lane lacks the role. The lane lacks the direction.
BENEFITS_WITHHELD
    r, or the union that owns a lane, withholds benefits from the entry of a standing found in the lane's register.

*Yes*: the search goes through the registers and, in each, through the types that some lane without a reason covers. The
first standing without a reason that has a lane without a reason decides. The benefits are those of all such lanes together.
*No*: everything else is read too, and the answer gives every reason of every standing and lane found. NO_CERTIFICATE is
given only if no searched entry has a standing, NO_ARRANGEMENT only if no edge has a lane.

A keyed type that no fitting lane covers is not searched, because nobody gives its key. The decision lists it. If nothing
at all could be searched, the decision does not claim "no certificate".

*Past times*: facts are those at t, as known at k (`AsOf`). A fact that is not certain gives no reason and no yes, with one
exception: a status that had ended by t refuses. A no holds if, for each pair of standing and lane, one of the two refuses.
Otherwise `HistoryNeeded` is raised. A lane that was used again after its end has changed: its earlier state is never read
from its present word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from aeo_ledger.customs.finding import FoundLane, FoundStanding
from aeo_ledger.customs.history import NO_HISTORY, Histories
from aeo_ledger.customs.inquiry import EntryOf, Inquiry, Ledger
from aeo_ledger.customs.search_context import SearchContext, SearchedRegister
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Benefit, EventKind, Reason, RegisterMode, Role, Status, list_bits
from aeo_ledger.errors.customs import HistoryNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Recognised with benefits, or not recognised with all reasons."""

    recognised: bool
    time: int
    """The time that the decision is for, UTC seconds."""
    known: int | None = None
    """As known at this time, UTC seconds; None means everything recorded."""
    reasons: tuple[Reason, ...] = ()
    """Reasons of a no, in order of precedence; the first is the one to show."""
    benefits: tuple[Benefit | int, ...] = ()
    """Benefits of a yes: all that the deciding lanes grant, including numbers that this version does not know."""
    standing: FoundStanding | None = None
    """The standing that decided a yes."""
    lanes: tuple[FoundLane, ...] = ()
    """The lanes that decided a yes."""
    registers: tuple[int, ...]
    """Registers searched. After a yes, those up to the deciding one."""
    found: tuple[FoundStanding, ...] = ()
    """Every standing found, in the order of the search."""
    not_searched: tuple[tuple[int, int], ...] = ()
    """Register and type of each keyed type that was not searched because no fitting lane covers it."""


def decide(inquiry: Inquiry, ledger: Ledger, entry_of: EntryOf, histories: Histories = NO_HISTORY) -> Decision:
    """Decide a question by the facts of a ledger. The module's text gives the rules.

    Raises:
        HistoryNeeded: The question is about a past time, and neither the present facts nor the histories suffice.
        KeyNeeded: `entry_of` cannot derive the entry of a keyed register.
        Whatever the ledger raises for a fact that it cannot show.

    Source: DESIGN section 5, steps 4 and 6, and "Past times".
    """
    return decide_from(SearchContext(inquiry, ledger, histories), entry_of)


def decide_from(context: SearchContext, entry_of: EntryOf) -> Decision:
    """Decide about one trader in a context that many decisions share. Raises the same errors as `decide`."""
    return _Search(context, entry_of).decide()


def decide_register(context: SearchContext) -> Decision:
    """Decide about a register instead of a trader: is a certificate in it recognised, if there is nothing against the certificate?

    It is the decision about a trader whose certificates of every type are active, with every role, and from whom nobody withholds
    benefits. So what is decided depends on parties, the register and lanes alone. Raises the same errors as `decide`, but never
    `KeyNeeded`.
    """
    return _RegisterSearch(context, _no_entry).decide()


_BY_STATUS: Final = {
    Status.ANNULLED: Reason.ANNULLED,
    Status.REVOKED: Reason.REVOKED,
    Status.WITHDRAWN: Reason.WITHDRAWN,
    Status.SUSPENDED: Reason.SUSPENDED,
}


class _Search:
    """The search for one trader's standings. It leaves nothing in the shared context."""

    def __init__(self, context: SearchContext, entry_of: EntryOf) -> None:
        self.context, self.entry_of = context, entry_of
        self.inquiry, self.facts, self.time = context.inquiry, context.facts, context.time
        self.registers: list[SearchedRegister] = []
        self.standings: dict[tuple[int, int], FoundStanding | None] = {}
        self.withheld: dict[tuple[int, bytes], bool | None] = {}

    def decide(self) -> Decision:
        """Look for a yes. If there is none, collect every reason."""
        for register in self.context.registers():
            self.registers.append(register)
            for certificate_type in register.types:
                decision = self._try(register, certificate_type)
                if decision is not None:
                    return decision
        return self._refuse()

    # ---- one fact

    def _look_up(self, register: SearchedRegister, certificate_type: int) -> FoundStanding | None:
        """Look up the standing of one type and find its reasons."""
        place = register.number, certificate_type
        if place not in self.standings:
            entry = self.entry_of(register.number, register.mode, certificate_type)
            dated = self.facts.record(entry)
            self.standings[place] = (
                None
                if dated.fact is None
                else self._judge_record(register.number, certificate_type, entry, dated.fact, certain=dated.certain)
            )
        return self.standings[place]

    def _judge_record(
        self, register: int, certificate_type: int, entry: bytes, record: Record, *, certain: bool
    ) -> FoundStanding:
        time, reasons = self.time, set()
        gone, issuer_state = self.context.judge_issuer(register, record.issuer)
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

    def _withholds(self, register: SearchedRegister, recogniser: int, entry: bytes) -> bool | None:
        """Tell whether a recogniser withholds benefits from an entry; None if that is not known for the time."""
        if (recogniser, entry) not in self.withheld:
            dated = self.facts.withholding(recogniser, register.number, entry)
            withheld = dated.fact is not None and dated.fact.withheld
            self.withheld[recogniser, entry] = withheld if dated.certain else None
        return self.withheld[recogniser, entry]

    def _withheld_on(self, register: SearchedRegister, lane: FoundLane, entry: bytes) -> bool | None:
        """Tell whether benefits are withheld on a lane, by its owner or by r itself."""
        owners = {self.inquiry.recogniser, lane.recogniser} & register.withholders
        answers = {self._withholds(register, owner, entry) for owner in owners}
        return True if True in answers else None if None in answers else False

    # ---- yes and no

    def _try(self, register: SearchedRegister, certificate_type: int) -> Decision | None:
        """Decide yes by the standing of one type. Return None if the standing or all its lanes are refused."""
        lanes = register.fitting[certificate_type]
        if not lanes and self.context.edges is not None:
            return None
        standing = self._look_up(register, certificate_type)
        if standing is None or standing.reasons:
            return None
        if register.withholders:
            lanes = tuple(lane for lane in lanes if not self._withheld_on(register, lane, standing.entry))
            if not lanes and self.context.edges is not None:
                return None
        self._demand_decided(register, standing, lanes)
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
            registers=tuple(register.number for register in self.registers),
            found=self._found(),
        )

    def _refuse(self) -> Decision:
        """Read what the search for a yes left out, and collect every reason."""
        reasons: set[Reason] = set()
        not_searched, searched = [], False
        for register in self.registers:
            reasons |= register.reasons
            for certificate_type in register.types:
                if register.mode is RegisterMode.KEYED and (register.number, certificate_type) not in self.standings:
                    not_searched.append((register.number, certificate_type))
                    reasons |= self._out_of_scope(register, certificate_type)
                    continue
                searched = True
                standing = self._look_up(register, certificate_type)
                if standing is not None:
                    reasons |= standing.reasons | self._out_of_scope(register, certificate_type)
                    if register.withholders and any(
                        self._withheld_on(register, lane, standing.entry) for lane in register.lanes
                    ):
                        reasons.add(Reason.BENEFITS_WITHHELD)
        found = self._found()
        if not found and (searched or not not_searched):
            reasons.add(Reason.NO_CERTIFICATE)
        if self.context.edges is not None and not any(register.lanes for register in self.registers):
            reasons.add(Reason.NO_ARRANGEMENT)
        return Decision(
            recognised=False,
            time=self.time,
            known=self.inquiry.known,
            reasons=tuple(sorted(reasons)),
            registers=tuple(register.number for register in self.registers),
            found=found,
            not_searched=tuple(not_searched),
        )

    def _out_of_scope(self, register: SearchedRegister, certificate_type: int) -> set[Reason]:
        """Tell whether a lane to this register does not cover the type, or all lanes lead to other registers."""
        if register.lanes:
            out = any(lane.certain and not lane.lane.covers(certificate_type) for lane in register.lanes)
        else:
            out = any(other.lanes for other in self.registers)
        return {Reason.TYPE_OUT_OF_SCOPE} if out else set()

    def _found(self) -> tuple[FoundStanding, ...]:
        return tuple(standing for _, standing in sorted(self.standings.items()) if standing is not None)

    # ---- past times

    def _demand_decided(
        self, register: SearchedRegister, standing: FoundStanding, lanes: tuple[FoundLane, ...]
    ) -> None:
        """Demand that all facts of a yes are certain for the time."""
        owners = [lane.recogniser for lane in lanes]
        self.context.demand_certain(self.inquiry.recogniser, standing.register, standing.record.issuer, *owners)
        if not standing.certain:
            raise HistoryNeeded(time=self.time, what=f"standing 0x{standing.entry.hex()}")
        for lane in lanes:
            if not lane.certain:
                raise HistoryNeeded(time=self.time, what=f"lane {lane.number} of {lane.recogniser} to {lane.register}")
            if register.withholders and self._withheld_on(register, lane, standing.entry) is None:
                raise HistoryNeeded(
                    time=self.time, what=f"withholding on lane {lane.number} of {lane.recogniser} to {lane.register}"
                )


class _RegisterSearch(_Search):
    """The search with a certificate against which there is nothing, in the place of each type."""

    def _look_up(self, register: SearchedRegister, certificate_type: int) -> FoundStanding | None:
        """Judge such a certificate of the register's own party."""
        place = register.number, certificate_type
        if place not in self.standings:
            record = Record(
                status=Status.ACTIVE,
                kind=EventKind.GRANT,
                issuer=register.number,
                roles=_ALL_ROLES,
                sequence=1,
                since=0,
                valid_from=0,
            )
            self.standings[place] = self._judge_record(register.number, certificate_type, b"", record, certain=True)
        return self.standings[place]

    def _withholds(self, *_: object) -> bool | None:
        """Answer for nobody in particular: nothing is withheld."""
        return False


_ALL_ROLES: Final = sum(1 << role for role in Role)


def _no_entry(*_: object) -> bytes:
    raise AssertionError("a question about a register looks up no entry")


@cache
def _list_benefits(granted: int) -> tuple[Benefit | int, ...]:
    return list_bits(granted, Benefit)
