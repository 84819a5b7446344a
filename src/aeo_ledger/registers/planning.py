"""Make a plan as an office does: prove the register, bring the book up to date, compare, and keep the plan before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.consortium import NO_HEAD
from aeo_ledger.customs.tin import Tin, find_problems
from aeo_ledger.customs.vocabulary import EventKind, RegisterMode, Status
from aeo_ledger.errors.office import OddTin
from aeo_ledger.evidence import Evidence
from aeo_ledger.office.naming import count
from aeo_ledger.office.outcome import are_last
from aeo_ledger.office.prefixes import find_stray, prove_keepers
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.share import find_former
from aeo_ledger.protocol.commitment import commit
from aeo_ledger.protocol.readings import write_event
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.details import consents
from aeo_ledger.registers.documents import Shelf
from aeo_ledger.registers.draw import draw_plan
from aeo_ledger.registers.plan import PLAN_FORM, Plan
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.registers.valve import allow

Past: TypeAlias = Callable[[int], Evidence]
"""From the number of a party to evidence of its history; nothing that it says is trusted."""

if TYPE_CHECKING:  # the base install signs plans, and has no database library
    from aeo_ledger.registers.book import Book

_IMPORTED: Final = 2
"""Most status events by which an import writes a certificate that an earlier version imported."""


def plan_register(
    desk: ProvenDesk,
    book: Book,
    rows: Sequence[Row],
    *,
    register: int,
    issuer: int,
    rules: Rules,
    file: bytes,
    lifetime_s: int,
    allowed: Mapping[str, int],
    past: Past,
    accept_odd: bool = False,
) -> tuple[Plan, RegisterState]:
    """Make the plan that leads a register to a file, and keep it in the book with every document it commits to.

    While a former partner has the keys of the epoch, the plan seals no document: what is published stays for ever.

    Args:
        desk: The ledger; it proves the whole register.
        book: The office's book.
        rows: The whole file.
        register: Number of the register.
        issuer: Number of the party that issues.
        rules: What the officer decided.
        file: keccak256 of the file, 32 bytes.
        lifetime_s: For how long its publications may be relayed.
        allowed: What was allowed above the limits of the safety valve.
        past: Fetches the history of a party; only asked if a document is to be sealed.
        accept_odd: Accept TINs whose prefix leads to another register.

    Returns:
        The plan, and the register on which it rests.

    Raises:
        OddTin: a TIN's prefix leads to another register; its line is named.
        RowRefused: the ledger would refuse new rows; their lines are named.
        TooManyChanges: it does more than the safety valve allows.
        Unproven, Unavailable: see `ProvenDesk.all_facts`.
        BookUnavailable: the plan cannot be kept.
    """
    strays = find_strays(desk, [row.tin for row in rows], register)
    for row in rows:
        if row.tin.text in strays and not accept_odd:
            raise OddTin(found=row.tin.text, problems=(strays[row.tin.text],), where=f"line {row.line}")
    state = prove_state(desk, register, past, seals=any(consents(row.document) for row in rows))
    settle(book, state)
    drawn = draw_plan(
        rows,
        state,
        book.shelf(register),
        rules,
        file=file,
        issuer=issuer,
        now=desk.now(),
        lifetime_s=lifetime_s,
        draw_salt=book.draw_salt,
    )
    code = desk.trust.by_number[issuer].code
    plan = allow(drawn.plan, allowed, book.limits(code))
    words = f"{code}: {count(len(plan.changes), 'change')} from a file of {count(plan.rows, 'certificate')}"
    book.keep_plan(plan.hash, code, PLAN_FORM.encode_cbor(plan), drawn.documents, words)
    return plan, state


def prove_state(desk: ProvenDesk, register: int, past: Past, *, seals: bool) -> RegisterState:
    """Prove a register, by its number; if documents are to be sealed in it, also who could read them and is not to.

    Raises:
        Unproven, Unavailable: see `ProvenDesk.all_facts` and `ProvenDesk.envelopes`.
    """
    state = RegisterState(desk.all_facts(), register, desk.keys)
    if not seals or state.opened is None or state.opened.mode is not RegisterMode.KEYED:
        return state
    former = find_former(state.words, desk.envelopes(past(register), register), time=max(state.time, desk.now()))
    return replace(state, former=tuple(former))


def settle(book: Book, state: RegisterState) -> None:
    """Bring the book up to date: note the acts that the ledger is proven to show, those that are too late, and which documents it binds."""
    sealed, lapsed = [], []
    for digest, kept in book.open_acts().items():
        values: Mapping[str, Any] = kept.act.values
        if values.get("register", state.register) != state.register:
            continue
        if kept.is_shown(state):
            sealed.append(digest)
        elif values["deadline"] < state.time:
            lapsed.append(digest)
    book.note_sealed(sealed, state.block)
    book.note_lapsed(lapsed)
    book.bind(_find_imported(book.shelf(state.register), state), state.block)


def _find_imported(shelf: Shelf, state: RegisterState) -> dict[bytes, int]:
    """Find documents that the ledger binds though the book keeps no act that does: an earlier version, or another book, published them.

    That is known of a certificate whose first publication was its last, as an import writes it: granted, and then perhaps suspended or ended.
    """
    found: dict[bytes, int] = {}
    for (entry, content), salt in shelf.salts.items():
        record = state.record(entry)
        if record is None or record.sequence > _IMPORTED or entry in shelf.last:
            continue
        granted = replace(
            record, status=Status.ACTIVE, kind=EventKind.GRANT, sequence=1, since=record.valid_from, hold_until=0
        )
        records = [record] if record.sequence == 1 else [granted, record]
        commitment = commit(content, salt)
        events = [
            write_event(StatusEvent(entry=entry, record=replace(one, recorded_at=0), document=commitment))
            for one in records
        ]
        if are_last(events, NO_HEAD, record, state.standing_head(entry)):
            found[commitment] = record.sequence
    return found


def find_strays(desk: ProvenDesk, tins: Iterable[Tin], register: int) -> dict[str, str]:
    """Find TINs whose prefix leads to another register than this one (by number), each with its problem."""
    holder = desk.trust.by_number[register]
    keepers = prove_keepers(desk, holder)
    found = {tin.text: find_stray(tin, holder, keepers, desk.trust) for tin in tins}
    return {tin: stray for tin, stray in found.items() if stray is not None}


def find_remarks(desk: ProvenDesk, plan: Plan) -> dict[bytes, list[str]]:
    """Find what a signer should look at: each odd TIN of a plan with its problems, by entry."""
    tins = {change.entry: Tin(change.tin) for change in plan.changes if change.tin}
    strays = find_strays(desk, tins.values(), plan.register) if tins else {}
    problems = {
        entry: [*find_problems(tin), *([strays[tin.text]] if tin.text in strays else [])] for entry, tin in tins.items()
    }
    return {entry: found for entry, found in problems.items() if found}
