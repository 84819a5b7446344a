"""Read a snapshot's file, and say what changed between two snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import holder_of, register_of, type_of
from aeo_ledger.customs.party import DAY_S, Membership
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.evidence.snapshot import MAX_BYTES, SNAPSHOT_FORM, STANDING_ROW, Snapshot, rows_of
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.naming import name_bits, name_types
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.verify import ProvenSnapshot

_MAX_PARTIES: Final = 255
_BOOKKEEPING: Final = frozenset(
    {"sequence", "recorded_at", "changed_at", "changes", "lanes", "amendments", "lane_acts", "opened"}
)
"""Fields that change with the others and tell a reader nothing."""
_TIMES: Final = frozenset(
    {"since", "valid_from", "valid_until", "hold_until", "suspended_until", "in_force_from", "until"}
)
_MASKS: Final[dict[str, type[IntEnum]]] = {"roles": Role, "directions": Direction, "benefits": Benefit}
_OTHER_TABLES: Final = {
    Table.CARD: "hash of the card",
    Table.CERTIFICATE: "certificate's fingerprint",
    Table.REPLACEMENT: "pending replacement of its authority",
}
"""Other tables that are keyed by party number; their words are shown as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field of one fact that changed."""

    subject: str
    """The subject of the fact, in an officer's words."""
    field: str
    before: str | None
    """None if the fact did not exist."""
    after: str | None
    """None if it no longer exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed between two snapshots."""

    differences: tuple[Difference, ...]
    other_words: int
    """Number of changed words without a name: heads of histories, keys, counters, withholdings, aliases."""


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot's file.

    Raises:
        UnreadableFile: it cannot be read.
        OversizedFile: it is longer than any snapshot.
        MalformedDocument: it is not a snapshot.
    """
    return SNAPSHOT_FORM.decode_cbor(read_file(path, max_bytes=MAX_BYTES))


def compare(
    old: ProvenSnapshot, new: ProvenSnapshot, traders: Sequence[Tin] = (), keys: LookupKeys = NO_KEYS
) -> Comparison:
    """Say what changed between two proven snapshots of one ledger.

    A hashed slot has no name. But the slots of parties, registers, recognitions and standings follow from numbers and
    entries in the snapshots. Changed words of other slots are only counted. An entry does not name its trader either: the
    traders that the caller gives are searched for in open registers, and in keyed ones whose `keys` are given, and named.

    Raises:
        WrongLookupKey: a key is not the one that its register uses.
        UnreadableValue: the pinned contracts cannot have written a word.
    """
    differences: list[Difference] = []
    named = 0
    for subject, calendar, before, after in _facts(old, new, traders, keys):
        found = list(_fields(subject, calendar, before, after))
        differences += found
        named += before != after
    return Comparison(differences=tuple(differences), other_words=_count_changed(old, new) - named)


def _count_changed(old: ProvenSnapshot, new: ProvenSnapshot) -> int:
    """Count the words that differ."""
    return sum(
        len({row[:32] for row in set(old.tables[contract].rows()) ^ set(new.tables[contract].rows())})
        for contract in old.tables
    )


def _facts(
    old: ProvenSnapshot, new: ProvenSnapshot, traders: Sequence[Tin], keys: LookupKeys
) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield each fact that has a name: the name, the party whose calendar it uses, the old value, the new value."""
    numbers = [n for n in range(1, _MAX_PARTIES + 1) if old.party(n) or new.party(n)]
    codes = {number: (new.party(number) or old.party(number)).code for number in numbers}  # type: ignore[union-attr]
    for number, code in codes.items():
        yield f"party {code}", code, old.party(number), new.party(number)
        yield f"register of {code}", code, old.register(number), new.register(number)
        for table, what in _OTHER_TABLES.items():
            yield f"{what} of {code}", code, _word(old, table, number), _word(new, table, number)
    for recogniser in numbers:
        for register in numbers:
            pairs = old.pair(recogniser, register), new.pair(recogniser, register)
            subject = f"{codes[recogniser]} recognises {codes[register]}"
            yield subject, codes[recogniser], *pairs
            for lane in range(max(pair.lanes for pair in pairs)):
                before, after = (_lane(state, recogniser, register, lane) for state in (old, new))
                yield f"{subject}, lane {lane}", codes[recogniser], before, after
    names_of = _name_entries(new, numbers, traders, keys)
    rows = (set(rows_of(state.snapshot.standings, STANDING_ROW)) for state in (old, new))
    for entry in sorted({row[:32] for row in set.symmetric_difference(*rows)}):
        register, certificate_type = register_of(entry), type_of(entry)
        code = codes.get(register, str(register))
        names = list_type_names(code)
        name = names[certificate_type] if certificate_type < len(names) else str(certificate_type)
        holder = names_of.get(entry, f"holder {to_hex(holder_of(entry))}")
        records = old.record(entry), new.record(entry)
        issuer = next((record.issuer for record in reversed(records) if record is not None), register)
        yield f"{code} type {name} {holder}", codes.get(issuer, code), *records


def _name_entries(
    state: ProvenSnapshot, registers: Sequence[int], traders: Sequence[Tin], keys: LookupKeys
) -> dict[bytes, str]:
    """Derive every entry that these traders can have in these registers, as far as the keys go; name the trader of each."""
    found: dict[bytes, str] = {}
    key_of = keys.compared(state.key_check)
    for number in registers:
        register = state.register(number)
        if register is None:
            continue
        for kind in register.types_in_use():
            for tin in traders:
                with suppress(KeyNeeded):
                    found[entries_of(tin, key_of)(number, register.mode, kind)] = tin.text
    return found


def _lane(state: ProvenSnapshot, recogniser: int, register: int, lane: int) -> Lane | None:
    used = lane < state.pair(recogniser, register).lanes
    return state.lane(recogniser, register, lane) if used else None


def _word(state: ProvenSnapshot, table: Table, key: int) -> int:
    return state.tables[Contract.CONSORTIUM].read(word_slot(table, key))


def _fields(subject: str, calendar: str, before: Any, after: Any) -> Iterator[Difference]:
    """Yield the fields that differ between two values of one kind; for a new fact, the fields that are not empty."""
    if isinstance(before, int) and isinstance(after, int):
        if before != after:
            one, other = (hex(word) if word else None for word in (before, after))
            yield Difference(subject=subject, field="", before=one, after=other)
        return
    kind = after if after is not None else before
    if kind is None:
        return
    for field in fields(kind):
        one, other = (None if value is None else getattr(value, field.name) for value in (before, after))
        if one == other or field.name in _BOOKKEEPING or (before is None and not other) or (after is None and not one):
            continue
        was, now = (_show(field.name, value, calendar) for value in (one, other))
        yield Difference(subject=subject, field=field.name, before=was, after=now)


def _show_membership(membership: Membership) -> str:
    """Write one of a party's unions, by number, and the day on which the party leaves it, if notice was given."""
    if not membership.leaves:
        return str(membership.union)
    way = "is ejected from" if membership.ejected else "leaves"
    return f"{way} {membership.union} on {show_moment(membership.leaves * DAY_S)}"


def _show(field: str, value: Any, calendar: str) -> str | None:
    if value is None:
        return None
    if field in _TIMES:
        return show_moment(value, calendar) if value else "none"
    if field in _MASKS:
        return ", ".join(name_bits(value, _MASKS[field])) or "none"
    if field == "types":
        return ", ".join(name_types(value)) or "none"
    if field == "memberships":
        return ", ".join(_show_membership(one) for one in value if one.union) or "none"
    return value.name.lower() if isinstance(value, IntEnum) else str(value)
