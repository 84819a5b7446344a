"""Make a plan as an office does: prove the register, bring the book up to date, compare, and keep the plan before anybody sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin, find_problems
from aeo_ledger.errors.office import OddTin
from aeo_ledger.office.naming import count
from aeo_ledger.office.prefixes import find_stray, prove_keepers
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.draw import draw_plan
from aeo_ledger.registers.plan import PLAN_FORM, Plan
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.registers.valve import allow


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
    accept_odd: bool = False,
) -> tuple[Plan, RegisterState]:
    """Make the plan that leads a register to a file, and keep it in the book with every document it commits to.

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
    state = RegisterState(desk.all_facts(), register)
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
    book.keep_plan(plan.hash, code, PLAN_FORM.encode_cbor(plan), drawn.documents, drawn.records, words)
    return plan, state


def settle(book: Book, state: RegisterState) -> None:
    """Bring the book up to date: mark the documents and acts that the ledger shows to be published, and the acts that are too late."""

    def stands(entry: bytes) -> bytes | None:
        return sign_word(state.record(entry))

    book.settle(state.register, stands, state.block)
    sealed, lapsed = [], []
    for digest, act in book.open_acts().items():
        values: Mapping[str, Any] = act.values
        if act.name != "Publication" or values["register"] != state.register:
            continue
        last = {event["entry"]: int(event["record"]).to_bytes(32, "big") for event in values["events"]}
        if all(stands(entry) == word for entry, word in last.items()):
            sealed.append(digest)
        elif values["deadline"] < state.time:
            lapsed.append(digest)
    book.note_sealed(sealed, state.block)
    book.note_lapsed(lapsed)


def sign_word(record: Record | None) -> bytes | None:
    """Return the word that was signed for a record, 32 bytes; None if there is no record."""
    return None if record is None else encode_record(replace(record, recorded_at=0)).to_bytes(32, "big")


def find_strays(desk: ProvenDesk, tins: Iterable[Tin], register: int) -> dict[str, str]:
    """Find TINs whose prefix leads to another register than this one (by number), each with its problem."""
    holder = desk.trust.by_number[register]
    keepers = prove_keepers(desk, holder)
    found = {tin.text: find_stray(tin, holder, keepers, desk.trust) for tin in tins}
    return {tin: stray for tin, stray in found.items() if stray is not None}


def find_remarks(desk: ProvenDesk, plan: Plan) -> dict[bytes, str]:
    """Find what a signer should look at: each odd TIN of a plan with its problems, by entry."""
    tins = {change.entry: Tin(change.tin) for change in plan.changes if change.tin}
    strays = find_strays(desk, tins.values(), plan.register) if tins else {}
    problems = {
        entry: [*find_problems(tin), *([strays[tin.text]] if tin.text in strays else [])] for entry, tin in tins.items()
    }
    return {entry: "; ".join(found) for entry, found in problems.items() if found}
