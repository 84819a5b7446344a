"""Import a register that was kept elsewhere: transcribe each row onto the ledger, with its own dates.

A row that is there already is left alone, so running it twice changes nothing and a broken run is finished by another. A row that says
otherwise than the ledger is reported and left alone too: the ledger holds what was signed, the file what somebody typed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Role, Status
from aeo_ledger.errors import Malformed, MalformedText, RefusedByLedger
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.desk import Desk, Receipt
from aeo_ledger.office.publish import StatusEvent, publish
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.entries import derive_open_holder, make_entry
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle

COLUMNS: Final = (
    "tin", "certificate_number", "certificate_type", "roles", "status", "status_since", "decided", "effective_from",
    "effective_until", "name", "address",
)  # fmt: skip
"""Columns of the file, by name in its first row."""

_BATCH: Final = 100
_AT_ONCE: Final = 12
"""Publications under way together: as many as a block of 60 million gas holds."""
_LOOKED_UP: Final = 1_000

_ENDS: Final = {
    "SUSPENDED": EventKind.SUSPEND,
    "REVOKED": EventKind.REVOKE,
    "WITHDRAWN": EventKind.WITHDRAW,
    "ANNULLED": EventKind.ANNUL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One certificate of the file, read and checked."""

    line: int
    tin: Tin
    type_number: int
    roles: int
    status: Status
    status_since: int
    valid_from: int
    valid_until: int
    document: Mapping[str, str]
    """The row as it stands in the file: what the commitment binds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    recorded: int
    """Certificates newly on the ledger."""
    unchanged: int
    """Certificates that were there already, alike."""
    different: tuple[str, ...]
    """TINs on which file and ledger differ; left alone."""
    receipts: tuple[Receipt, ...]


def parse_register(lines: Iterable[str], party: str) -> list[Row]:
    """Read a register file whole, before anything is published.

    Args:
        lines: CSV with the columns of `COLUMNS`; days are the party's own.
        party: Code of the party that keeps the register.

    Raises:
        MalformedText: a column is missing, or a row cannot be read; the line is named.
    """
    reader = csv.DictReader(lines, strict=True)
    rows: dict[tuple[str, int], Row] = {}
    try:
        _require_columns(reader.fieldnames or ())
        for fields in reader:
            for row in _parse_row(fields, reader.line_num, party):
                first = rows.setdefault((row.tin.text, row.type_number), row)
                if first is not row:
                    found = f"{row.tin} again under the type of line {first.line}"
                    raise MalformedText(f"line {row.line}", found, "each certificate once; nothing was imported")
    except csv.Error as error:
        raise MalformedText(f"line {reader.reader.line_num}", str(error), "CSV; nothing was imported") from error
    return list(rows.values())


def _require_columns(found: Sequence[str]) -> None:
    needed = f"a first row with {','.join(COLUMNS)}"
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise MalformedText("columns of the register", f"{', '.join(missing)} missing", needed)
    if len(set(found)) != len(found):
        raise MalformedText("columns of the register", "one of them twice", needed)


def _parse_row(fields: Mapping[str, Any], line: int, party: str) -> Iterator[Row]:
    where = f"line {line}"
    if None in fields or None in fields.values():
        raise MalformedText(where, "another number of columns than in the first row", f"{len(COLUMNS)} columns")
    try:
        tin = Tin(fields["tin"])
        names = list_type_names(party)
        kind = fields["certificate_type"]
        wanted = list(names) if party == "EU" and kind == "AEOF" else [kind]
        if not set(wanted) <= set(names):
            raise MalformedText("certificate_type", repr(kind), f"one of {', '.join(names)}")
        status = fields["status"]
        if status != "ACTIVE" and status not in _ENDS:
            raise MalformedText("status", repr(status), f"ACTIVE, {', '.join(_ENDS)}")
        until = fields["effective_until"]
        document = {column: fields[column] for column in COLUMNS}
        for name in wanted:
            yield Row(
                line=line,
                tin=tin,
                type_number=names.index(name),
                roles=parse_roles(fields["roles"].split("|")),
                status=Status[status],
                status_since=parse_moment(fields["status_since"], party, what="status_since"),
                valid_from=parse_moment(fields["effective_from"], party, what="effective_from"),
                valid_until=parse_moment(until, party, what="effective_until") if until else 0,
                document=document,
            )
    except Malformed as error:
        raise MalformedText(where, str(error), "a row that can be read; nothing was imported") from error


def parse_roles(names: Sequence[str]) -> int:
    """Read names of roles as a bit set.

    Raises:
        MalformedText: one is not known.
    """
    known = {role.name.lower(): role for role in Role}
    roles = 0
    for name in names:
        if name.strip() not in known:
            raise MalformedText("role", repr(name), f"one of {', '.join(known)}")
        roles |= 1 << known[name.strip()]
    return roles


def import_register(
    desk: Desk,
    rows: Sequence[Row],
    *,
    register: int,
    issuer: int,
    signers: Sequence[Signer],
    trust: TrustBundle,
    now: int,
    salts: Callable[[int], bytes],
    keep: Callable[[str], None],
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Transcribe rows onto the ledger in publications of up to 100 events, several under way at once.

    Args:
        desk: The ledger.
        rows: As `parse_register` gives them.
        register: Number of the register.
        issuer: Number of the party that issues.
        signers: Its operators, as many as its threshold says.
        trust: The ledger's pins.
        now: UTC seconds.
        salts: Yields as many secret random bytes as asked for.
        keep: Takes a line of JSON for each certificate, with the document and its salt, before it is published: without them a commitment
            can never be opened.
        progress: Told how many more rows are settled.

    Raises:
        MalformedText: the ledger would not take a row; its line is named, and nothing was published.
        RefusedByLedger, Unavailable: a publication failed; those before are recorded and another run goes on from there.
    """
    new, different = _compare(desk, rows, register=register, issuer=issuer, now=now)
    progress(len(rows) - len(new))
    batches: list[list[StatusEvent]] = [[]]
    for row, entry, records in new:
        salt = salts(32)
        keep(json.dumps({"entry": entry.hex(), "salt": salt.hex(), "document": row.document}, ensure_ascii=False))
        document = commit(row.document, salt)
        if len(batches[-1]) + len(records) > _BATCH:
            batches.append([])
        batches[-1] += [StatusEvent(entry=entry, record=record, document=document) for record in records]

    def send(events: list[StatusEvent]) -> Receipt:
        receipt = publish(desk, events, register=register, issuer=issuer, signers=signers, trust=trust, now=now)
        progress(len({event.entry for event in events}))
        return receipt

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        receipts = tuple(pool.map(send, [batch for batch in batches if batch]))
    unchanged = len(rows) - len(new) - len(different)
    return Imported(recorded=len(new), unchanged=unchanged, different=different, receipts=receipts)


def _compare(
    desk: Desk, rows: Sequence[Row], *, register: int, issuer: int, now: int
) -> tuple[list[tuple[Row, bytes, list[Record]]], tuple[str, ...]]:
    """Find the rows that are not on the ledger, with their entries and records, and the TINs of those that differ from it."""
    new: list[tuple[Row, bytes, list[Record]]] = []
    different: dict[str, None] = {}
    for start in range(0, len(rows), _LOOKED_UP):
        part = rows[start : start + _LOOKED_UP]
        entries = [
            make_entry(register, row.type_number, derive_open_holder(register, row.type_number, row.tin))
            for row in part
        ]
        standings = desk.standings(entries)
        time = min(now, standings.time)
        for row, entry, old in zip(part, entries, standings.records, strict=True):
            records = transcribe(row, issuer=issuer, now=time)
            if old is None:
                _require_possible(row, records, time)
                new.append((row, entry, records))
            elif not _same(old, records[-1]):
                different[row.tin.text] = None
    return new, tuple(different)


def _require_possible(row: Row, records: Sequence[Record], time: int) -> None:
    """Ask the model what the contract would say, so that a bad row is named and nothing of its file is published."""
    old: Record | None = None
    for record in records:
        try:
            require_transition(old, record, in_use=True, time=time)
        except RefusedByLedger as error:
            raise MalformedText(
                f"line {row.line}", str(error), "a row that the ledger can take; nothing was imported"
            ) from error
        old = record


def transcribe(row: Row, *, issuer: int, now: int) -> list[Record]:
    """Write the records that a row leads to: a grant and, where the row says so, what ended or suspended it."""
    change = Change(
        kind=EventKind.GRANT,
        reason=ReasonClass.TRANSCRIBED,
        roles=row.roles,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
    records = [prepare(change, None, issuer=issuer, now=now)]
    if row.status is not Status.ACTIVE:
        end = Change(kind=_ENDS[row.status.name], reason=ReasonClass.TRANSCRIBED, since=row.status_since)
        records.append(prepare(end, records[0], issuer=issuer, now=now))
    return records


def commit(document: Mapping[str, str], salt: bytes) -> bytes:
    """Commit to a document without showing it: keccak256 of a secret salt of 32 bytes and its canonical JSON."""
    return keccak256(salt + json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def _same(old: Record, new: Record) -> bool:
    compared = ("status", "roles", "valid_from", "valid_until", "issuer")
    if any(getattr(old, name) != getattr(new, name) for name in compared):
        return False
    granted_ahead = old.kind is EventKind.GRANT and old.since < old.valid_from
    return old.since == new.since or (
        granted_ahead and new.kind is EventKind.GRANT
    )  # its since is when it was imported
