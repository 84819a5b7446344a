"""The format `aeo-ledger/register-plan/1`: which status events lead a register to what a file says.

A plan is exact. It contains each record that will be signed and the commitment to each document, so it can be mailed to a second operator,
read, signed and carried out byte for byte. It contains no name, no address and no salt in clear: these stay in the book, and in a keyed register
they are sealed for partners if the trader consents. Its hash is keccak256 of its
deterministic CBOR without the signatures. The publications are not written down: they follow from the changes, in their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.consortium import NO_HEAD
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.publication import MAX_EVENTS
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import RESTORING
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import TERMINAL, Capacity, EventKind, Status
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.protocol import MalformedWord
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.words import decode_record, encode_record
from aeo_ledger.registers.details import LONGEST, ROOM, SealedDocument

FORMAT: Final = "aeo-ledger/register-plan/1"
"""Name and version. Another version is another format."""

MAX_BYTES: Final = 1 << 26
"""Longest plan that is read."""
MOST_CHANGES: Final = 50_000
"""Most changes of one plan: as many as a document of this project may hold. A larger register is divided into several files."""
MAX_LINE: Final = 10_000_000
MOST_EVENTS: Final = 4
"""Most events of one change: an amendment, a suspension and the end of it; one more is room."""
MOST_COLUMNS: Final = 200
MAX_TEXT: Final = 400
MAX_TIME: Final = (1 << 32) - 1
MOST_SIGNERS: Final = 16
"""Most signatures under one publication."""
_SIGNATURE: Final = 65
_WORD: Final = 32
_STANDING: Final = 64
"""Bytes of what a change rests on: the record's word, and the head of the entry's history."""
_EVENT: Final = 64
"""Bytes of an event: the record's word, and the commitment to its document."""
_EPOCH: Final = 4
_DOCUMENT: Final = "register plan"
NO_FILE: Final = bytes(32)
"""In place of the file's hash: the plan leads to no file, but back from what stolen keys did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one certificate."""

    line: int
    """Line of the file; 0 for a certificate that the file lacks."""
    tin: str
    """The trader; empty if the file lacks the certificate and the book does not know whose it is."""
    entry: bytes
    """32 bytes."""
    before: int
    """The word of the record on which the plan rests, with its recording time; 0 if there is none."""
    head: bytes
    """The head of the entry's history on which the plan rests, 32 bytes; zero if it has none."""
    events: tuple[StatusEvent, ...]
    columns: tuple[str, ...]
    """What differs, by column; empty for a new certificate."""
    details: SealedDocument | None = None
    """The document, sealed for partners; None if its trader does not consent, or if the register is open."""

    @property
    def where(self) -> str:
        """Name it in an error: its line, if it has one, and its trader or its entry."""
        return f"{f'line {self.line}, ' if self.line else ''}{self.tin or self.entry.hex()}"

    @property
    def old(self) -> Record | None:
        """The record on which the plan rests."""
        return decode_record(self.before)

    @property
    def begins(self) -> bool:
        """Whether a certificate lives after it that did not live before."""
        old = self.old
        return (old is None or old.status in TERMINAL) and self.events[-1].record.status not in TERMINAL

    @property
    def ends(self) -> bool:
        """Whether a living certificate ends."""
        old = self.old
        return old is not None and old.status not in TERMINAL and self.events[-1].record.status in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A living certificate that the file lacks, and about which nothing is done."""

    entry: bytes
    """32 bytes."""
    tin: str
    """Its trader; empty if the book does not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A row that contradicts the ledger, and about which nothing is done."""

    line: int
    tin: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What leads a register to what a file says. Times are UTC seconds."""

    chain: int
    """Id of the chain."""
    registers: bytes
    """Address of its contract `Registers`, 20 bytes."""
    register: int
    issuer: int
    """Numbers of parties."""
    file: bytes
    """keccak256 of the file, 32 bytes; `NO_FILE` if there is none."""
    rows: int
    """Certificates in the file."""
    made_at: int
    deadline: int
    """Until when its publications may be relayed; signed with them."""
    block: int
    block_hash: bytes
    """The proven block on which it rests."""
    living: int
    """Living certificates of the issuer in the register at that block."""
    undocumented: int
    """Certificates on the ledger that agree with the file and have no document in the book."""
    allowed: Mapping[str, int]
    """Numbers above the safety valve's limits that were allowed, by the valve's names."""
    changes: tuple[Change, ...]
    missing: tuple[Missing, ...]
    doubts: tuple[Doubt, ...]
    signatures: tuple[tuple[Signature, ...], ...] = ()
    """Of each publication, ascending by signer; empty if nobody signed."""

    @cached_property
    def hash(self) -> bytes:
        """What identifies it, 32 bytes: the same with and without signatures."""
        return keccak256(encode_cbor(_encode(replace(self, signatures=()))))

    @property
    def capacity(self) -> Capacity:
        """The capacity in which all its publications are signed: the authority's if it restores something, else the operators'."""
        kinds = {event.record.kind for change in self.changes for event in change.events}
        return Capacity.AUTHORITY if kinds & RESTORING else Capacity.OPERATORS

    @cached_property
    def publications(self) -> tuple[tuple[Change, ...], ...]:
        """The changes of each publication: as many as fit, all events of a certificate in one, with its sealed document."""
        batches: list[list[Change]] = []
        room = bytes_left = 0
        for change in self.changes:
            size = 0 if change.details is None else change.details.room
            if room < len(change.events) or bytes_left < size:
                batches.append([])
                room, bytes_left = MAX_EVENTS, ROOM
            batches[-1].append(change)
            room, bytes_left = room - len(change.events), bytes_left - size
        return tuple(map(tuple, batches))

    def count_kinds(self) -> Counter[EventKind | int]:
        """Count the events by kind."""
        return Counter(event.record.kind for change in self.changes for event in change.events)

    @property
    def unchanged(self) -> int:
        """Certificates on which file and ledger agree."""
        return self.rows - sum(change.line > 0 for change in self.changes) - len(self.doubts)

    def commitments(self) -> Iterator[bytes]:
        """Yield the commitment of each event that has a document, 32 bytes each."""
        for change in self.changes:
            yield from (event.document for event in change.events if any(event.document))


def make_change(
    line: int,
    tin: str,
    entry: bytes,
    before: Record | None,
    head: bytes,
    records: Sequence[Record],
    document: bytes,
    columns: tuple[str, ...],
    details: SealedDocument | None = None,
) -> Change:
    """Make the change of one certificate, each of whose events carries the same document.

    `before` and `head` (32 bytes) are its record and the head of its history now.
    """
    return Change(
        line=line,
        tin=tin,
        entry=entry,
        before=0 if before is None else encode_record(before),
        head=head,
        events=tuple(StatusEvent(entry=entry, record=record, document=document) for record in records),
        columns=columns,
        details=details,
    )


# ---- the two forms ----


def _encode(plan: Plan) -> dict[str, Value]:
    return {
        "format": FORMAT,
        "chain": plan.chain,
        "registers": plan.registers,
        "register": plan.register,
        "issuer": plan.issuer,
        "file": plan.file,
        "rows": plan.rows,
        "made_at": plan.made_at,
        "deadline": plan.deadline,
        "block": plan.block,
        "block_hash": plan.block_hash,
        "living": plan.living,
        "undocumented": plan.undocumented,
        "allowed": dict(plan.allowed),
        "changes": [_encode_change(change) for change in plan.changes],
        "missing": [{"entry": one.entry, "tin": one.tin} for one in plan.missing],
        "doubts": [{"line": one.line, "tin": one.tin, "reason": one.reason} for one in plan.doubts],
        "signatures": [b"".join(one.encode() for one in made) for made in plan.signatures],
    }


def _encode_change(change: Change) -> dict[str, Value]:
    one = change.details
    details: dict[str, Value] = {} if one is None else {"details": one.epoch.to_bytes(_EPOCH, "big") + one.sealed}
    return {
        "line": change.line,
        "tin": change.tin,
        "entry": change.entry,
        "before": change.before.to_bytes(_WORD, "big") + change.head if change.before else b"",
        "events": [encode_record(event.record).to_bytes(_WORD, "big") + event.document for event in change.events],
        "columns": list(change.columns),
        **details,
    }


_KEYS: Final = (
    "format", "chain", "registers", "register", "issuer", "file", "rows", "made_at", "deadline", "block", "block_hash", "living",
    "undocumented", "allowed", "changes", "missing", "doubts", "signatures",
)  # fmt: skip


def _decode(fields: Fields) -> Plan:
    fields.demand(_KEYS)
    fields.choice("format", {FORMAT: None})
    allowed = fields.object("allowed")
    names = allowed.keys(2)
    allowed.demand((), optional=("ends", "changes"))
    plan = Plan(
        chain=fields.number("chain", (1 << 53) - 1),
        registers=fields.binary("registers", 20),
        register=fields.number("register", 255),
        issuer=fields.number("issuer", 255),
        file=fields.binary("file", 32),
        rows=fields.number("rows", MAX_LINE),
        made_at=fields.number("made_at", MAX_TIME),
        deadline=fields.number("deadline", MAX_TIME),
        block=fields.number("block", MAX_TIME),
        block_hash=fields.binary("block_hash", 32),
        living=fields.number("living", MAX_LINE),
        undocumented=fields.number("undocumented", MAX_LINE),
        allowed={name: allowed.number(name, MAX_LINE) for name in names},
        changes=tuple(map(_decode_change, fields.objects("changes", MOST_CHANGES))),
        missing=tuple(map(_decode_missing, fields.objects("missing", MOST_CHANGES))),
        doubts=tuple(map(_decode_doubt, fields.objects("doubts", MOST_CHANGES))),
        signatures=tuple(map(_decode_signatures, fields.binaries("signatures", MOST_CHANGES))),
    )
    if plan.signatures and len(plan.signatures) != len(plan.publications):
        fields.refuse("signatures", f"needed one for each of {len(plan.publications)} publications, or none")
    _refuse_strangers(plan)
    return plan


def _refuse_strangers(plan: Plan) -> None:
    """Refuse a certificate that is of another register, or comes twice; and a line that does. Whose an entry is, may take a key to see.

    Raises:
        MalformedDocument: there is one, or the file has fewer certificates than the plan names lines.
    """
    entries: set[bytes] = set()
    named: tuple[tuple[str, Sequence[Change | Missing]], ...] = (("changes", plan.changes), ("missing", plan.missing))
    for name, parts in named:
        for place, one in enumerate(parts):
            where = f"{name}[{place}]"
            if register_of(one.entry) != plan.register:
                raise MalformedDocument(_DOCUMENT, f"{where}.entry", "an entry of another register")
            if isinstance(one, Change) and not one.tin and one.line:
                raise MalformedDocument(_DOCUMENT, f"{where}.tin", "a row without a TIN")
            if one.entry in entries:
                raise MalformedDocument(_DOCUMENT, f"{where}.entry", "the same certificate twice")
            entries.add(one.entry)
    rows: tuple[Change | Doubt, ...] = (*plan.changes, *plan.doubts)
    lines = [one.line for one in rows if one.line]
    if len(set(lines)) < len(lines):
        raise MalformedDocument(_DOCUMENT, "changes", "a line of the file twice")
    if plan.unchanged < plan.undocumented:
        raise MalformedDocument(_DOCUMENT, "rows", f"found {plan.rows:,}, but it names more of them")


def _decode_change(fields: Fields) -> Change:
    fields.demand(("line", "tin", "entry", "before", "events", "columns"), optional=("details",))
    entry, before = fields.binary("entry", 32), fields.binary("before")
    if len(before) not in {0, _STANDING}:
        fields.refuse("before", f"needed {_STANDING} bytes, or none")
    word = int.from_bytes(before[:_WORD], "big")
    try:
        old = decode_record(word)
        events = tuple(_decode_event(data, entry) for data in fields.binaries("events", MOST_EVENTS, _EVENT))
    except (MalformedWord, ValueError) as error:
        fields.refuse("events", f"needed words of records ({error})")
    if not events or (before and old is None):
        fields.refuse("events", "needed an event, on a record or on none")
    return Change(
        line=fields.number("line", MAX_LINE),
        tin=_tin(fields),
        entry=entry,
        before=word,
        head=before[_WORD:] or NO_HEAD,
        events=events,
        columns=fields.texts("columns", MOST_COLUMNS, MAX_TEXT),
        details=_decode_details(fields) if "details" in fields else None,
    )


def _decode_details(fields: Fields) -> SealedDocument:
    data = fields.binary("details")
    if not _EPOCH < len(data) <= _EPOCH + LONGEST:
        fields.refuse("details", f"needed an epoch of {_EPOCH} bytes and up to {LONGEST} more")
    return SealedDocument(int.from_bytes(data[:_EPOCH], "big"), data[_EPOCH:])


def _decode_event(data: bytes, entry: bytes) -> StatusEvent:
    record = decode_record(int.from_bytes(data[:_WORD], "big"))
    if record is None or record.status is Status.NONE:
        raise ValueError("no record")
    return StatusEvent(entry=entry, record=record, document=data[_WORD:])


def _decode_missing(fields: Fields) -> Missing:
    fields.demand(("entry", "tin"))
    return Missing(entry=fields.binary("entry", 32), tin=_tin(fields))


def _decode_doubt(fields: Fields) -> Doubt:
    fields.demand(("line", "tin", "reason"))
    return Doubt(line=fields.number("line", MAX_LINE), tin=_tin(fields), reason=fields.text("reason", MAX_TEXT))


def _decode_signatures(data: bytes) -> tuple[Signature, ...]:
    if len(data) % _SIGNATURE or len(data) > MOST_SIGNERS * _SIGNATURE:
        raise MalformedDocument(
            _DOCUMENT, "signatures", f"{len(data)} bytes, needed up to {MOST_SIGNERS} times {_SIGNATURE}"
        )
    try:
        return tuple(Signature.parse(data[at : at + _SIGNATURE]) for at in range(0, len(data), _SIGNATURE))
    except Malformed as error:
        raise MalformedDocument(_DOCUMENT, "signatures", str(error)) from error


def _tin(fields: Fields) -> str:
    """Read a TIN, or nothing."""
    if fields.value("tin") == "":
        return ""
    text = fields.text("tin", 17)
    try:
        return Tin(text).text
    except Malformed as error:
        fields.refuse("tin", f"needed a TIN ({error})")


PLAN_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=MAX_BYTES, indent=1)
"""A plan. Its file is JSON, or CBOR if the name ends in `.cbor`."""
