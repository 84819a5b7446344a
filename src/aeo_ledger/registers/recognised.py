"""Everything that one party recognises now. Each line is what `ask` would answer: the same function decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.decision import Decision, decide_from
from aeo_ledger.customs.entry import holder_of, register_of, type_of
from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role, list_bits, name_number
from aeo_ledger.office.calendar import write_time
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.registers.documents import Document
from aeo_ledger.registers.table import Cell, Column, Moment, Table
from aeo_ledger.verify import ProvenSnapshot

COLUMNS: Final = (
    Column(name="register", about="code of the party that keeps the register"),
    Column(name="tin", about="empty if no document is there"),
    Column(name="holder", about="pseudonym of the trader in that register under this type, 29 bytes"),
    Column(name="certificate_type"),
    Column(name="recognised", about="yes or no; no only among changes"),
    Column(name="roles", about="roles in which the trader is recognised, with | between them"),
    Column(name="directions", about="seen from the recogniser, with | between them"),
    Column(name="benefits", about="with | between them"),
    Column(name="arrangements", about="under which, with | between them"),
    Column(name="status"),
    Column(name="status_since"),
    Column(name="effective_from"),
    Column(name="effective_until", about="the first day on which it is no longer valid; empty if it has no end"),
    Column(name="certificate_number"),
    Column(name="name"),
    Column(name="address"),
)
"""The columns of what is recognised."""


class _Judge:
    """Decides about standings of a snapshot by the rules of `customs.decision`; contexts are shared."""

    def __init__(self, words: ProvenSnapshot, recogniser: int) -> None:
        self._words, self._recogniser = words, recogniser
        self._contexts: dict[tuple[int, int, Direction, Role], SearchContext] = {}

    def decide(self, entry: bytes, direction: Direction, role: Role) -> Decision:
        """Decide about one standing as if its register and its type were named."""
        register, kind = register_of(entry), type_of(entry)
        place = register, kind, direction, role
        if place not in self._contexts:
            inquiry = Inquiry(
                recogniser=self._recogniser,
                direction=direction,
                role=role,
                time=self._words.time,
                party=register,
                register_named=True,
                types={register: kind},
            )
            self._contexts[place] = SearchContext(inquiry, self._words)
        return decide_from(self._contexts[place], lambda _register, _mode, _kind: entry)


def list_recognised(
    words: ProvenSnapshot,
    recogniser: int,
    documents: Mapping[bytes, Document],
    *,
    since: int | None = None,
) -> list[tuple[Cell, ...]]:
    """List every standing that a party recognises at a proven block, and in which roles, directions and benefits.

    Args:
        words: The ledger.
        recogniser: Number of the party that recognises.
        documents: Documents by entry. An entry that only a document names is looked up, so that no snapshot can hide it.
        since: Only what may have changed after this time, UTC seconds, recognised or no longer; None for everything recognised.

    Raises:
        UnreadableValue: the pinned contracts do not write such a word.
    """
    judge = _Judge(words, recogniser)
    entries = dict.fromkeys((*documents, *(entry for entry, _ in words.standings())))
    changed_registers = _find_changed_registers(words, recogniser, since)
    rows: list[tuple[Cell, ...]] = []
    for entry in entries:
        record = words.record(entry)
        if record is None:
            continue
        if (
            since is not None
            and register_of(entry) not in changed_registers
            and not _may_differ(words, recogniser, entry, record, since)
        ):
            continue
        found = [_write(words, entry, record, documents.get(entry), *group) for group in _group(judge, entry, record)]
        if not found and since is not None:
            found = [_write(words, entry, record, documents.get(entry), (), (), None)]
        rows += found
    return rows


def _may_differ(words: ProvenSnapshot, recogniser: int, entry: bytes, record: Record, since: int) -> bool:
    """Tell whether a decision about a standing may differ from the one at an earlier time."""
    crossed = any(
        since < moment <= words.time for moment in (record.recorded_at, record.valid_from, record.valid_until)
    )
    owners = (recogniser, *_unions_of(words, recogniser))
    withholdings = (words.withholding(owner, entry) for owner in owners)
    return crossed or any(one is not None and one.changed_at > since for one in withholdings)


def _find_changed_registers(words: ProvenSnapshot, recogniser: int, since: int | None) -> frozenset[int]:
    """Find registers all of whose decisions may differ: a lane or a party behind them changed, or a time in one of these was passed."""
    if since is None:
        return frozenset()

    def is_new(moment: int) -> bool:
        return since < moment <= words.time

    parties = {number: party for number in words.trust.by_number if (party := words.party(number)) is not None}
    moved = {
        number
        for number, party in parties.items()
        if is_new(party.changed_at) or any(is_new(one.leaves * DAY_S) for one in party.memberships)
    }
    owners = (recogniser, *_unions_of(words, recogniser))
    if moved.intersection(owners):
        return frozenset(parties)
    changed = moved | {one.union for number in moved for one in parties[number].memberships if one.union}
    for owner, number in product(owners, parties):
        for place in range(words.pair(owner, number).lanes):
            lane = words.lane(owner, number, place)
            if lane is not None and any(map(is_new, (lane.changed_at, lane.in_force_from, lane.until))):
                changed.add(number)
    return frozenset(changed)


def _unions_of(words: ProvenSnapshot, number: int) -> tuple[int, ...]:
    party = words.party(number)
    return () if party is None else party.unions_at(words.time)


_Group = tuple[tuple[Direction, ...], tuple[Role, ...], Decision]


def _group(judge: _Judge, entry: bytes, record: Record) -> Iterator[_Group]:
    """Group the directions and roles in which a standing is recognised by benefits and lanes: one line for each group."""
    by_direction: dict[Direction, dict[tuple[object, ...], list[Role]]] = {}
    decisions: dict[tuple[object, ...], Decision] = {}
    roles = [role for role in list_bits(record.roles, Role) if isinstance(role, Role)]
    for direction, role in product(Direction, roles):
        decision = judge.decide(entry, direction, role)
        if decision.recognised:
            terms: tuple[object, ...] = (
                decision.benefits,
                tuple((lane.recogniser, lane.number) for lane in decision.lanes),
            )
            decisions.setdefault(terms, decision)
            by_direction.setdefault(direction, {}).setdefault(terms, []).append(role)
    joined: dict[tuple[tuple[object, ...], tuple[Role, ...]], list[Direction]] = {}
    for direction, found in by_direction.items():
        for shared, recognised in found.items():
            joined.setdefault((shared, tuple(recognised)), []).append(direction)
    for (shared, with_roles), directions in joined.items():
        yield tuple(directions), with_roles, decisions[shared]


def _write(
    words: ProvenSnapshot,
    entry: bytes,
    record: Record,
    document: Document | None,
    directions: Sequence[Direction],
    roles: Sequence[Role],
    decision: Decision | None,
) -> tuple[Cell, ...]:
    code = words.code(register_of(entry))
    names, number = list_type_names(code), type_of(entry)
    said = document or {}
    lanes = () if decision is None else decision.lanes
    return (
        code,
        said.get("tin", ""),
        to_hex(holder_of(entry)),
        names[number] if number < len(names) else str(number),
        "no" if decision is None else "yes",
        "|".join(role.name.lower() for role in roles),
        "|".join(direction.name.lower() for direction in directions),
        "|".join(name_number(benefit, Benefit) for benefit in (() if decision is None else decision.benefits)),
        "|".join(dict.fromkeys(lane.lane.arrangement for lane in lanes)),
        record.status.name,
        write_time(record.since, code),
        write_time(record.valid_from, code),
        write_time(record.valid_until, code),
        said.get("certificate_number", ""),
        said.get("name", ""),
        said.get("address", ""),
    )


def name_table(code: str) -> str:
    """Name the table of what a party, by its code, recognises."""
    return f"recognised-by-{code}"


def make_recognised_table(rows: Sequence[tuple[Cell, ...]], code: str, moment: Moment) -> Table:
    """Make the table of what a party, by its code, recognises."""
    return Table(
        name=name_table(code),
        title=f"Certificates that {code} recognises",
        columns=COLUMNS,
        rows=tuple(rows),
        moment=moment,
    )
