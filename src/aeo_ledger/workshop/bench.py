"""What somebody at a table can do: each act is prepared, proven and signed as an office does it, with the keys that this server holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aeo_ledger.customs.acts import Conclusion
from aeo_ledger.customs.arrangement import Lane, Pair
from aeo_ledger.customs.arrangement_rules import make_lane
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.decision import Decision, decide
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin, find_problems, read_tin
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, RegisterMode, Status
from aeo_ledger.errors.office import OddTin
from aeo_ledger.errors.workshop import DraftUnknown
from aeo_ledger.evidence import Question
from aeo_ledger.network.reach import Running
from aeo_ledger.office.change_status import Change, change_status, parse_roles
from aeo_ledger.office.conclude import draft, find_party
from aeo_ledger.office.gather import gather
from aeo_ledger.office.prefixes import find_stray, prove_keepers
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.publish import find_register
from aeo_ledger.office.terms import Terms
from aeo_ledger.primitives.choices import choose
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.readings import read_step
from aeo_ledger.prover.prove import prove_past
from aeo_ledger.registers.apply import Applied, apply_plan
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.planning import plan_register
from aeo_ledger.registers.profile import shipped
from aeo_ledger.registers.read import read_register
from aeo_ledger.signing import Signer
from aeo_ledger.verify.inquiry import resolve_question

CHANGES: Final = (EventKind.GRANT, EventKind.SUSPEND, EventKind.REINSTATE, EventKind.REVOKE)
"""The acts on a certificate that a workshop offers."""
LONGEST_FILE: Final = 1 << 18
"""Longest register that is imported, bytes."""
_LIFETIME_S: Final = 3_600
"""Seconds in which an arrangement is signed by everybody, and a publication is relayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of one party, which this server made and holds while the workshop lasts."""

    authority: Signer
    operator: Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What a participant enters for one certificate."""

    kind: EventKind
    tin: str
    certificate_type: str
    roles: Sequence[str] = ()
    reason: ReasonClass = ReasonClass.UNSTATED
    accept_odd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An arrangement that goes round the tables for signatures."""

    number: int
    by: str
    """Code of the table that offers it."""
    text: str
    file: ActFile
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    """Codes of the tables that have yet to sign."""


class Bench:
    """Carries out what tables do. Its methods may be called from any thread.

    Args:
        network: The room's ledger.
        keys: Each party's keys, by code.
        home: A folder for the books of the tables.
        clock: UTC seconds.
        randomness: Returns the given number of secret random bytes.
    """

    def __init__(
        self,
        network: Running,
        keys: Mapping[str, Keys],
        home: Path,
        *,
        clock: Callable[[], float],
        randomness: Callable[[int], bytes],
    ) -> None:
        self.network, self._keys, self._home = network, keys, home
        self._clock, self._randomness = clock, randomness
        self._drafts: dict[int, Draft] = {}
        self._count = 0
        self._agreeing = threading.Lock()
        """Held while drafts are signed or dropped, so that nothing is both declined and concluded."""
        self._publishing = {code: threading.Lock() for code in keys}
        """One for each table: of two people who act at the same moment, the second acts on what the first has done."""

    def change(self, party: str, entered: Entered) -> tuple[Tin, Status]:
        """Carry out one act on one certificate, and return the trader and the status after it.

        Raises:
            OddTin: the TIN breaks its country's rule, or belongs to another register, and nobody said to accept it so.
            What `change_status` raises.
        """
        with self._publishing[party]:
            return self._change(party, entered)

    def _change(self, party: str, entered: Entered) -> tuple[Tin, Status]:
        desk = self._open_desk()
        issuer = find_party(desk.trust, party)
        holder = find_register(desk, issuer)
        is_grant = entered.kind is EventKind.GRANT  # it names everything that is odd at once
        trader = read_tin(entered.tin, accept_odd=entered.accept_odd or is_grant)
        problems = [*find_problems(trader)]
        stray = find_stray(trader, holder, prove_keepers(desk, holder), desk.trust)
        problems += [] if stray is None else [stray]
        if is_grant and problems and not entered.accept_odd:
            raise OddTin(found=entered.tin, problems=tuple(problems))
        names = list_type_names(holder.code)
        number = names.index(choose(entered.certificate_type, names, what="type"))
        record, _ = change_status(
            desk,
            desk.entries(holder.number)(trader, number),
            Change(
                kind=entered.kind,
                reason=entered.reason,
                roles=parse_roles(entered.roles) if is_grant else None,
            ),
            register=holder.number,
            issuer=issuer.number,
            signers=[self._keys[party].operator],
        )
        return trader, record.status

    def import_register(self, party: str, text: str, *, accept_odd: bool = False) -> Applied:
        """Plan a register from its file, CSV in the plain columns, and carry the plan out.

        Args:
            party: The table.
            text: The file.
            accept_odd: Accept numbers that break their country's rule or lead to another register.

        Raises:
            What `read_register`, `plan_register` and `apply_plan` raise; nothing is published then, or the error says what was.
        """
        desk = self._open_desk()
        issuer = find_party(desk.trust, party)
        holder = find_register(desk, issuer)
        reading = read_register(text.encode(), holder.code, shipped("plain"), now=desk.now(), accept_odd=accept_odd)
        reading.demand_good()
        with (
            self._publishing[party],
            Book(str(self._home / f"{party}.book.sqlite"), clock=desk.now, randomness=self._randomness) as book,
        ):
            plan, state = plan_register(
                desk,
                book,
                reading.rows,
                register=holder.number,
                issuer=issuer.number,
                rules=Rules(),
                file=reading.hash,
                lifetime_s=_LIFETIME_S,
                allowed={},
                accept_odd=accept_odd,
                past=lambda subject: prove_past((), [subject], self.network.ledger, desk.trust),
            )
            return apply_plan(desk, book, plan, [self._keys[party].operator], state=state)

    def offer(self, party: str, terms: Terms) -> Draft:
        """Draft an arrangement, sign it for the table that offers it, and let it go round.

        It takes the place of an earlier offer of this table to the same others, so that a room holds few.

        Raises:
            What `draft` and `gather` raise.
        """
        desk = self._open_desk()
        text = terms.write(desk.now())
        act = draft(text, desk, lifetime_s=_LIFETIME_S)
        with self._agreeing:
            self._count += 1
            offered = self._sign(self._count, party, party, text, act)
            self._drafts = {number: one for number, one in self._drafts.items() if not _replaces(offered, one)}
            return offered

    def sign(self, party: str, number: int) -> Draft:
        """Sign a draft of another table; with the last signature it is concluded, and no draft any more.

        Raises:
            DraftUnknown: there is no such draft for this table to sign.
            What `gather` raises.
        """
        with self._agreeing:
            offered = self._drafts.get(number)
            if offered is None or party not in offered.missing:
                raise DraftUnknown(number=number, party=party)
            return self._sign(number, party, offered.by, offered.text, offered.file)

    def drop(self, party: str, number: int) -> Draft:
        """Drop a draft: whoever offers it takes it back, and whoever is asked declines it.

        Raises:
            DraftUnknown: there is no such draft for this table.
        """
        with self._agreeing:
            offered = self._drafts.get(number)
            if offered is None or party not in (offered.by, *offered.missing):
                raise DraftUnknown(number=number, party=party)
            return self._drafts.pop(number)

    def drop_all(self, party: str) -> None:
        """Drop every draft that a table offers or has yet to sign."""
        with self._agreeing:
            self._drafts = {number: one for number, one in self._drafts.items() if party not in (one.by, *one.missing)}

    def list_drafts(self) -> list[Draft]:
        """List the drafts that go round, the oldest first."""
        return list(self._drafts.values())

    def preview(self, terms: Terms, question: Question) -> Decision:
        """Decide a question as if terms were in force now, and no others for their pairs: nothing is signed, and nothing is proven.

        Raises:
            What `draft` raises; MalformedText, MalformedTin: the question cannot be read.
        """
        desk, ledger = self._open_desk(), self.network.ledger
        act = draft(terms.write(desk.now()), desk, lifetime_s=_LIFETIME_S)
        block = ledger.head()
        words = _AsDrafted(act, WordView(lambda contract, slot: ledger.word(contract, slot, block)).read)

        def entry_of(register: int, _: RegisterMode, kind: int) -> bytes:
            return make_entry(register, kind, derive_open_holder(register, kind, question.tin))

        return decide(resolve_question(question, desk.trust, ledger.time_of(block)), words, entry_of)

    def _open_desk(self) -> ProvenDesk:
        return ProvenDesk(self.network.relay, self.network.trust, approve=without_asking, clock=self._clock)

    def _sign(self, number: int, party: str, by: str, text: str, given: SignedAct | ActFile) -> Draft:
        progress = gather(given, [self._keys[party].authority], self._open_desk(), keep=lambda _: None)
        offered = Draft(
            number=number, by=by, text=text, file=progress.file, signed=progress.signed, missing=progress.missing
        )
        if progress.done is None:
            self._drafts[number] = offered
        else:
            self._drafts.pop(number, None)
        return offered


def _replaces(new: Draft, old: Draft) -> bool:
    """Tell whether an offer takes the place of another: of the same table, between the same parties."""
    sides = {*new.signed, *new.missing}
    return old.number < new.number and old.by == new.by and {*old.signed, *old.missing} == sides


class _AsDrafted(WordView):
    """The ledger's words, with the lanes of a draft in place of those of its pairs, in force from the beginning."""

    def __init__(self, act: SignedAct, read: Callable[..., int]) -> None:
        super().__init__(read)
        terms = read_step(act.name, act.values)
        assert isinstance(terms, Conclusion)  # noqa: S101 (for the type checker)
        self._lanes = {
            (one.recogniser, one.register): replace(make_lane(terms, one, None, 1), in_force_from=1, until=0)
            for one in terms.recognitions
        }

    def pair(self, recogniser: int, register: int) -> Pair:
        """Look up a pair: one of the draft has a single lane."""
        if (recogniser, register) in self._lanes:
            return Pair(lanes=1)
        return super().pair(recogniser, register)

    def lane(self, recogniser: int, register: int, lane: int) -> Lane | None:
        """Look up a lane: of a pair of the draft, the draft's."""
        return self._lanes.get((recogniser, register)) or super().lane(recogniser, register, lane)
