"""Read a snapshot's file, and say what changed between two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.errors import MalformedDocument, UnreadableFile
from aeo_ledger.evidence.snapshot import MAX_BYTES, STANDING_ROW, Snapshot, decode_snapshot, rows_of
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.verify import ProvenSnapshot

_MAX_PARTIES: Final = 255
_BOOKKEEPING: Final = frozenset({"sequence", "recorded_at", "serial", "changed_at", "changes", "lanes"})
"""Fields that move with the others and tell a reader nothing."""
_TIMES: Final = frozenset(
    {"since", "valid_from", "valid_until", "hold_until", "suspended_until", "in_force_from", "until"}
)
_MASKS: Final[dict[str, type[IntEnum]]] = {"roles": Role, "directions": Direction, "benefits": Benefit}
_OTHER_TABLES: Final = {
    Table.AUTHORITY: "authority's address",
    Table.DISCLOSURE_KEY: "disclosure key",
    Table.CERTIFICATE: "certificate's fingerprint",
    Table.REPLACEMENT: "pending replacement of its authority",
}
"""What else is kept by party number, told as it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field of one fact that is another now."""

    subject: str
    """What it is a fact of, as an officer would name it."""
    field: str
    before: str | None
    """None where the fact was not there."""
    after: str | None
    """None where it is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed between two snapshots."""

    differences: tuple[Difference, ...]
    other_words: int
    """Words that changed and cannot be named: heads of histories, keys, counters, withholdings, aliases."""


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot's file; one that is too long is refused unread.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument: it is none.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(path=str(path), detail=error.strerror or str(error)) from error
    if size > MAX_BYTES:
        raise MalformedDocument("snapshot", "", f"{size} bytes, at most {MAX_BYTES} are read")
    return decode_snapshot(read_file(path))


def compare(old: ProvenSnapshot, new: ProvenSnapshot) -> Comparison:
    """Say what changed between two proven snapshots of one ledger.

    A hashed slot names nothing, but the slots of parties, registers, recognitions and standings follow from numbers and
    entries that the snapshots show; changed words of other slots are counted.

    Raises:
        UnreadableValue: a word is none that the pinned contracts write.
    """
    differences: list[Difference] = []
    named = 0
    for subject, before, after in _facts(old, new):
        found = list(_fields(subject, before, after))
        differences += found
        named += before != after
    return Comparison(differences=tuple(differences), other_words=_count_changed(old, new) - named)


def _count_changed(old: ProvenSnapshot, new: ProvenSnapshot) -> int:
    """Count the words that differ."""
    return sum(
        len({row[:32] for row in set(old.tables[contract].rows()) ^ set(new.tables[contract].rows())})
        for contract in Contract
    )


def _facts(old: ProvenSnapshot, new: ProvenSnapshot) -> Iterator[tuple[str, Any, Any]]:
    """Yield each fact that can be named, as it was and as it is."""
    numbers = [n for n in range(1, _MAX_PARTIES + 1) if old.party(n) or new.party(n)]
    codes = {number: (new.party(number) or old.party(number)).code for number in numbers}  # type: ignore[union-attr]
    for number, code in codes.items():
        yield f"party {code}", old.party(number), new.party(number)
        yield f"register of {code}", old.register(number), new.register(number)
        for table, what in _OTHER_TABLES.items():
            yield f"{what} of {code}", _word(old, table, number), _word(new, table, number)
    for recogniser in numbers:
        for register in numbers:
            pairs = old.pair(recogniser, register), new.pair(recogniser, register)
            subject = f"{codes[recogniser]} recognises {codes[register]}"
            yield subject, *pairs
            for lane in range(max(pair.lanes for pair in pairs)):
                before, after = (_lane(state, recogniser, register, lane) for state in (old, new))
                yield f"{subject}, lane {lane}", before, after
    rows = (set(rows_of(state.snapshot.standings, STANDING_ROW)) for state in (old, new))
    for entry in sorted({row[:32] for row in set.symmetric_difference(*rows)}):
        register, certificate_type = int.from_bytes(entry[:2], "big"), entry[2]
        code = codes.get(register, str(register))
        names = list_type_names(code)
        name = names[certificate_type] if certificate_type < len(names) else str(certificate_type)
        yield f"{code} type {name} holder {to_hex(entry[3:])}", old.record(entry), new.record(entry)


def _lane(state: ProvenSnapshot, recogniser: int, register: int, lane: int) -> Lane | None:
    used = lane < state.pair(recogniser, register).lanes
    return state.lane(recogniser, register, lane) if used else None


def _word(state: ProvenSnapshot, table: Table, key: int) -> int:
    return state.tables[Contract.CONSORTIUM].read(word_slot(table, key))


def _fields(subject: str, before: Any, after: Any) -> Iterator[Difference]:
    """Yield the fields in which two values of one kind differ; of a new fact, those that say something."""
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
        yield Difference(
            subject=subject, field=field.name, before=_show(field.name, one), after=_show(field.name, other)
        )


def _show(field: str, value: Any) -> str | None:
    if value is None:
        return None
    if field in _TIMES:
        return show_moment(value) if value else "none"
    if field in _MASKS:
        return ", ".join(word.name.lower() for word in _MASKS[field] if value >> word & 1) or "none"
    if field == "types":
        return ", ".join(str(number) for number in range(16) if value >> number & 1) or "none"
    return value.name.lower() if isinstance(value, IntEnum) else str(value)
