"""Sign a plan, and carry it out byte for byte: publications of up to 100 events, several at the same time.

What is already sealed is passed over, so a plan that broke off anywhere goes on without a double and without a gap. If something else
changed a certificate of the plan meanwhile, nothing is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Final

from aeo_ledger.customs.acts import Publication
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.errors import AeoLedgerError, Unavailable, Unproven
from aeo_ledger.errors.office import NotProvenDone, RefusedBeforehand
from aeo_ledger.errors.registers import (
    DocumentsMissing,
    NothingToSign,
    OtherPlan,
    PlanLapsed,
    PlanOvertaken,
    UnknownPlan,
    UnsoundPlan,
)
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.office.carry_out import relay, require_signable, sign_act
from aeo_ledger.office.footing import slots_of, slots_of_keys
from aeo_ledger.office.naming import count
from aeo_ledger.office.outcome import are_last
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.telling import tell_many
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.readings import write_event, write_publication
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.registers.book_rows import KeptAct
from aeo_ledger.registers.details import SealedDocument, write_details
from aeo_ledger.registers.draw import require_sound
from aeo_ledger.registers.plan import PLAN_FORM, Change, Plan
from aeo_ledger.registers.planning import find_remarks, settle
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.registers.valve import require_allowed
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle

if TYPE_CHECKING:  # the base install signs plans, and has no database library
    from aeo_ledger.registers.book import Book

_AT_ONCE: Final = 24
"""Publications in progress at the same time: as many as fill two blocks of 60 million gas, one that is sealed and one that waits."""
_PAUSE_S: Final = 0.5
_MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The result of carrying out a plan."""

    certificates: int
    """Certificates that this run put on the ledger or changed there."""
    before: int
    """Certificates of the plan that were already sealed."""
    publications: int
    """Publications that this run sent."""
    told: tuple[str, ...]
    """The act in words, as it was shown before it was signed; empty if nothing was left to do."""
    block: int
    """Number of the block under which everything is proven."""


def sign_plan(
    desk: ProvenDesk,
    plan: Plan,
    signers: Sequence[Signer],
    *,
    state: RegisterState,
    tell: Callable[[int], Sequence[str]] = lambda _: (),
    show_all: bool = False,
) -> Plan:
    """Add signatures to every publication of a plan: operators', or those of authority keys if it restores something.

    Args:
        desk: The ledger. It asks for approval once.
        plan: The plan, signed or not.
        signers: Keys of the issuer: see `Plan.capacity`.
        state: The register as `prove_state` proved it a moment ago.
        tell: Shows the plan, given how many certificates are proven to live before it.
        show_all: Show each certificate, however many there are.

    Raises:
        NothingToSign: it changes nothing, or all of it is sealed.
        OtherPlan, PlanLapsed, PlanOvertaken, UnsoundPlan, TooManyChanges: it cannot be carried out; nothing was signed.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed: see `carry_out`; nothing was signed.
    """
    ready = _prepare(desk, plan, state)
    if not ready.open:
        raise NothingToSign
    above = tell(ready.living)
    _approve(desk, ready, signers, above=above, show_all=show_all, all_sign=False)
    acts = [sign_act(act, signers, desk.trust) for act in ready.acts]
    return replace(plan, signatures=tuple(act.signatures for act in acts))


def apply_plan(
    desk: ProvenDesk,
    book: Book,
    plan: Plan,
    signers: Sequence[Signer],
    *,
    state: RegisterState,
    show_all: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Applied:
    """Carry out a plan.

    Args:
        desk: The ledger. It proves the register after, and asks for approval once.
        book: The office's book, in which the plan was made.
        plan: The plan, signed or not.
        signers: Keys of the issuer that sign now, possibly none: see `Plan.capacity`.
        state: The register as `prove_state` proved it a moment ago.
        show_all: Show each certificate, however many there are.
        progress: Called with the number of further certificates that are done.

    Raises:
        DocumentsMissing: the book lacks documents that the plan commits to; nothing was sent.
        DocumentDamaged: one of them does not fit its commitment; nothing was sent.
        UnknownPlan: all its events are sealed, and it is another plan than the one that was carried out.
        OtherPlan, PlanLapsed, PlanOvertaken, UnsoundPlan, TooManyChanges: it cannot be carried out; nothing was sent.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed: see `carry_out`; nothing was sent.
        RefusedByLedger, Unavailable: a publication failed; another run goes on from there.
        NotProvenDone: publications were relayed and are not proven to be sealed; another run goes on from there.
    """
    wanted = {*plan.commitments()}
    missing = book.count_missing(wanted)
    if missing:
        raise DocumentsMissing(missing=missing, needed=len(wanted), book=book.name)
    ready = _prepare(desk, plan, state)
    if plan.changes and not ready.open and not book.has_plan(plan.hash):
        raise UnknownPlan(plan=plan.hash, book=book.name)
    progress(sum(len(batch) for batch in plan.publications) - sum(map(len, ready.open.values())))
    told: tuple[str, ...] = ()
    if ready.open:
        told = _approve(desk, ready, signers, show_all=show_all, all_sign=True)
    _Sending(desk=desk, book=book, ready=ready, signers=signers, progress=progress).run()
    changed = sum(map(len, ready.open.values()))
    return Applied(
        certificates=changed,
        before=len(plan.changes) - changed,
        publications=len(ready.open),
        told=told,
        block=ready.state.block,
    )


@dataclass(kw_only=True)
class _Ready:
    """A plan that can be carried out now."""

    plan: Plan
    acts: Sequence[SignedAct]
    """Every publication, with the signatures that the plan bears."""
    open: Mapping[int, Sequence[Change]]
    """The changes of each publication that is not sealed yet, by its place."""
    state: RegisterState
    living: int
    """Living certificates of the issuer before the plan, proven."""


def draft_publications(plan: Plan) -> list[SignedAct]:
    """Write every publication of a plan, with the signatures that it bears."""
    acts = []
    for place, batch in enumerate(plan.publications):
        publication = Publication(
            register=plan.register,
            issuer=plan.issuer,
            former=0,
            capacity=plan.capacity,
            deadline=plan.deadline,
            events=tuple(event for change in batch for event in change.events),
            details=write_details(_place_documents(batch)),
        )
        signatures = plan.signatures[place] if plan.signatures else ()
        acts.append(SignedAct(name="Publication", values=write_publication(publication), signatures=signatures))
    return acts


def _place_documents(batch: Sequence[Change]) -> Iterator[tuple[int, SealedDocument]]:
    """Yield each sealed document of a publication, with the place of its certificate's last event."""
    place = -1
    for change in batch:
        place += len(change.events)
        if change.details is not None:
            yield place, change.details


def _prepare(desk: ProvenDesk, plan: Plan, state: RegisterState) -> _Ready:
    trust = desk.trust
    if (plan.chain, plan.registers) != (trust.chain_id, trust.address(Contract.REGISTERS)):
        raise OtherPlan(found=plan.chain, needed=trust.chain_id)
    left = _find_open(plan, state)
    living = _count_living(plan, left, state)
    if left:
        require_allowed(plan, living)
    if left and plan.deadline <= desk.now():
        raise PlanLapsed(until_at=plan.deadline)
    at = max(state.time, desk.now())
    require_sound((change for batch in left.values() for change in batch), plan, state, time=at)
    return _Ready(plan=plan, acts=draft_publications(plan), open=left, state=state, living=living)


def _count_living(plan: Plan, left: Mapping[int, object], state: RegisterState) -> int:
    """Count the issuer's living certificates as they were before the plan, of which some publications may be sealed."""
    done = [change for place, batch in enumerate(plan.publications) if place not in left for change in batch]
    return len(state.living(plan.issuer)) + sum(change.ends - change.begins for change in done)


def _find_open(plan: Plan, state: RegisterState) -> dict[int, Sequence[Change]]:
    """Find the publications that are not sealed yet.

    Raises:
        PlanOvertaken: something else changed certificates of the plan.
    """
    left: dict[int, Sequence[Change]] = {}
    overtaken: list[Change] = []
    for place, batch in enumerate(plan.publications):
        waiting = [change for change in batch if not is_done(change, state)]
        overtaken += [change for change in waiting if not _rests(change, state)]
        if (
            waiting and len(waiting) < len(batch) and not overtaken
        ):  # a publication is sealed whole: the rest has another author
            overtaken += [change for change in batch if change not in waiting]
        if waiting:
            left[place] = batch
    if overtaken:
        rows = tuple(change.where for change in overtaken[:_MOST_TOLD])
        more = len(overtaken) - len(rows)
        rows = (*rows, f"and {more:,} more") if more else rows
        raise PlanOvertaken(count=count(len(overtaken), "certificate"), rows=rows)
    return left


def is_done(change: Change, state: RegisterState) -> bool:
    """Say whether the ledger shows a change as it was planned, with its document."""
    events = [write_event(event) for event in change.events]
    return are_last(events, change.head, state.record(change.entry), state.standing_head(change.entry))


def _rests(change: Change, state: RegisterState) -> bool:
    """Say whether the ledger still shows what a change rests on."""
    return (state.record(change.entry), state.standing_head(change.entry)) == (change.old, change.head)


def find_signers(trust: TrustBundle, plan: Plan, acts: Sequence[SignedAct]) -> set[bytes]:
    """Recover who signed a plan, from its publications (see `draft_publications`); each must bear the same.

    Raises:
        UnsoundPlan: another one does.
    """
    if not plan.signatures:
        return set()
    address = contracts_of(trust)[Contract.REGISTERS]
    signed = [set(act.signers(chain_id=trust.chain_id, address=address)) for act in acts]
    for place, found in enumerate(signed):
        if found != signed[0]:
            raise UnsoundPlan(where=f"publication {place + 1}", reason="it is signed by others than the first one")
    return signed[0]


def _approve(
    desk: ProvenDesk,
    ready: _Ready,
    signers: Sequence[Signer],
    *,
    above: Sequence[str] = (),
    show_all: bool,
    all_sign: bool,
) -> tuple[str, ...]:
    """Show what is left of a plan, with lines below the first one, refuse what the ledger would refuse, and ask."""
    borne = find_signers(desk.trust, ready.plan, ready.acts)
    addresses = sorted(borne.union(signer.address for signer in signers))
    acts = [ready.acts[place] for place in ready.open]
    changes = [change for batch in ready.open.values() for change in batch]
    empty = replace(acts[0], values={**acts[0].values, "events": []})
    before = desk.facts([*slots_of(empty), *slots_of_keys(addresses)])
    told = tell_many(
        acts,
        before,
        ready.state.record,
        traders={change.entry: change.tin for change in changes if change.tin},
        remarks=find_remarks(desk, ready.plan),
        show_all=show_all,
        words=desk.words,
    )
    try:
        require_signable(desk, acts[0], addresses, before, record=ready.state.record)
    except RefusedBeforehand as refusal:
        if all_sign or refusal.code != Refusal.TOO_FEW_SIGNATURES:
            raise
    desk.approve([*told[:1], *above, *told[1:]])
    return tuple(told)


@dataclass(kw_only=True)
class _Sending:
    """The sending of what is left of a plan."""

    desk: ProvenDesk
    book: Book
    ready: _Ready
    signers: Sequence[Signer]
    progress: Callable[[int], None]

    def run(self) -> None:
        """Sign, keep, send and prove; then note that the plan is done."""
        plan, trust = self.ready.plan, self.desk.trust
        if self.ready.open:
            address = trust.address(Contract.REGISTERS)
            acts = {place: sign_act(self.ready.acts[place], self.signers, trust) for place in self.ready.open}
            digests = {place: act.digest(chain_id=trust.chain_id, address=address) for place, act in acts.items()}
            who = next(iter(acts.values())).signers(chain_id=trust.chain_id, address=address)
            words = f"{count(len(acts), 'publication')} of plan 0x{plan.hash.hex()}"
            kept = {digests[place]: self._keep(place, act) for place, act in acts.items()}
            code = trust.by_number[plan.issuer].code
            self.book.keep_plan(plan.hash, code, PLAN_FORM.encode_cbor(plan), (), f"{code}: a plan from a file")
            self.book.keep_acts(kept, plan.hash, who, words)
            failed = self._send(acts, digests)
            self._prove(failed, digests)
        settle(self.book, self.ready.state)
        if plan.changes:
            self.book.note_done(plan.hash, count(len(plan.changes), "change"))

    def _keep(self, place: int, act: SignedAct) -> KeptAct:
        return KeptAct(act=act, heads={change.entry: change.head for change in self.ready.open[place]})

    def _send(self, acts: Mapping[int, SignedAct], digests: Mapping[int, bytes]) -> AeoLedgerError | None:
        """Send publications, several at the same time; after a failure no further one is sent. Return the first failure."""
        failed: AeoLedgerError | None = None
        stop = Event()

        def send(act: SignedAct) -> tuple[Sealed | None, AeoLedgerError | None]:
            return (None, None) if stop.is_set() else relay(self.desk, act)

        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            futures = {pool.submit(send, act): place for place, act in acts.items()}
            try:
                for future in as_completed(futures):
                    sealed, fault = _result(future)
                    if fault is not None:
                        stop.set()
                        failed = failed or fault
                    elif sealed is not None:
                        place = futures[future]
                        self.book.note_sent(digests[place], sealed)
                        self.progress(len(self.ready.open[place]))
            finally:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
        return failed

    def _prove(self, failed: AeoLedgerError | None, digests: Mapping[int, bytes]) -> None:
        """Prove that everything is sealed. After a failure, note what is sealed, and raise the failure unless everything is.

        Raises:
            AeoLedgerError: the failure.
            NotProvenDone: there is no proof within the desk's time.
        """
        until = time.monotonic() + (0 if failed else self.desk.proven_within_s)
        while True:
            try:
                state = RegisterState(self.desk.all_facts(), self.ready.plan.register, self.desk.keys)
                done = [place for place, batch in self.ready.open.items() if all(is_done(one, state) for one in batch)]
                waits = len(self.ready.open) - len(done)
                missing = f"the state as of block {state.block} lacks {count(waits, 'publication')}"
                self.book.note_sealed((digests[place] for place in done), state.block)
                self.ready.state = state
                if not waits:
                    return
            except (Unproven, Unavailable) as error:
                missing = str(error)
            if time.monotonic() > until:
                if failed is not None:
                    raise failed
                said, waited = "took them", self.desk.proven_within_s
                raise NotProvenDone(act="Publication", said=said, missing=missing, waited_s=waited)
            time.sleep(_PAUSE_S)


def _result(future: Future[tuple[Sealed | None, AeoLedgerError | None]]) -> tuple[Sealed | None, AeoLedgerError | None]:
    """Return what a gateway answered, and the fault if there was one."""
    try:
        return future.result()
    except AeoLedgerError as error:
        return None, error
