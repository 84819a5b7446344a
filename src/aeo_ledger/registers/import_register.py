"""Import a register that was kept elsewhere: write each row onto the ledger, with its own dates.

A row that is already on the ledger is not changed. So a second run changes nothing, or finishes a first run that broke off. A row that
differs from the ledger is reported and not changed either: the ledger holds what was signed, the file what somebody typed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeAlias

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import RESTRICTING, STATUS_EVENTS
from aeo_ledger.customs.tin import find_problems
from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Status
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.gateway import PossiblyRelayed
from aeo_ledger.errors.office import OddTin, RowRefused
from aeo_ledger.office.carry_out import await_outcome, number_of, relay, require_signable, sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.footing import slots_of, slots_of_keys, slots_of_standings
from aeo_ledger.office.prefixes import find_stray, prove_keepers
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.office.telling import tell_many
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.registers.documents import Documents
from aeo_ledger.registers.row import Row
from aeo_ledger.signing import Signer
from aeo_ledger.verify import ProvenState

_BATCH: Final = 100
_AT_ONCE: Final = 12
"""Publications in progress at the same time: as many as fit in a block of 60 million gas."""
_LOOKED_UP: Final = 1_000

_ENDS: Final = {
    status.name: next(row.kind for row in STATUS_EVENTS.values() if row.kind in RESTRICTING and row.leads_to is status)
    for status in Status
    if status not in {Status.NONE, Status.ACTIVE}
}
"""The event that leads to each status that a file may give, other than `ACTIVE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The result of an import."""

    recorded: int
    """Certificates that the import put on the ledger."""
    unchanged: int
    """Certificates that were already there and agree with the file."""
    different: tuple[str, ...]
    """TINs on which file and ledger differ; they were not changed."""
    publications: int
    told: tuple[str, ...]
    """The act in words, as it was shown before it was signed; empty if nothing was signed."""
    proven: bool
    """Whether both are proven, not claimed: the state before, and that the publications are sealed."""
    block: int | None
    """Number of the block under which the last publication is proven; None if nothing was published."""


_New: TypeAlias = tuple[Row, bytes, list[Record]]
"""A row that is not yet on the ledger, its entry (32 bytes), and its records."""
_Sent: TypeAlias = tuple[SignedAct, Sealed | None, PossiblyRelayed | None]
"""A signed publication, the block that the gateway names, and the error if it named none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The rows of a file, compared with the ledger."""

    new: list[_New]
    different: dict[str, None]
    """TINs of rows that differ from the ledger, in order."""
    facts: list[Facts]


def import_register(
    desk: ProvenDesk,
    rows: Sequence[Row],
    *,
    register: int,
    issuer: int,
    signers: Sequence[Signer],
    documents: Documents,
    accept_odd: bool = False,
    show_all: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Write rows onto the ledger in publications of up to 100 events, several at the same time.

    Args:
        desk: The ledger. It proves which certificates exist before, and afterwards that the new ones do. It asks for approval once.
        rows: The rows from `read_register`.
        register: Number of the register.
        issuer: Number of the party that issues.
        signers: The issuer's operators, as many as its threshold says.
        documents: Keeps each document and its salt before anything is published.
        accept_odd: Accept TINs whose prefix leads to another register.
        show_all: Show each certificate before it is signed, however many there are.
        progress: Called with the number of further rows that are done.

    Raises:
        RowRefused: the ledger would refuse a row; its line is named, and nothing was published.
        OddTin: a TIN's prefix leads to another register; its line is named, and nothing was published.
        FileUnavailable: the documents cannot be kept, and nothing was published.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed: a word that it depends on is not proven, the ledger would refuse it,
            or it was not approved; nothing was signed.
        RefusedByLedger, Unavailable: a publication failed; those before it are recorded, and another run goes on from there.
        NotProvenDone: a publication was relayed and is not proven to be sealed; another run goes on from there.
    """
    strays = _find_strays(desk, rows, register)
    for row in rows:
        if row.tin.text in strays and not accept_odd:
            raise OddTin(found=row.tin.text, problems=(strays[row.tin.text],), where=f"line {row.line}")
    seen = _compare(desk, rows, register=register, issuer=issuer)
    progress(len(rows) - len(seen.new))
    batches = _batch(seen.new, documents)

    def draft(events: Sequence[StatusEvent]) -> SignedAct:
        return draft_publication(events, register=register, issuer=issuer, now=desk.now())

    def send(events: Sequence[StatusEvent]) -> _Sent:
        signed = sign_act(draft(events), signers, desk.trust)
        sealed, doubt = relay(desk, signed)
        progress(len({event.entry for event in events}))
        return signed, sealed, doubt

    told: tuple[str, ...] = ()
    if batches:
        addresses = [signer.address for signer in signers]
        before = desk.facts([*slots_of(draft(())), *slots_of_keys(addresses)])
        drafts = [draft(batch) for batch in batches]
        told = tuple(
            tell_many(
                drafts,
                before,
                lambda _: None,
                traders={entry: row.tin.text for row, entry, _ in seen.new},
                remarks=_remark(seen.new, strays) if accept_odd else {},
                show_all=show_all,
            )
        )
        require_signable(desk, drafts[0], addresses, before, all_new=True)  # the others: see _require_possible
        desk.approve(told)
        documents.save()
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            sent = list(pool.map(send, batches))
        seen.facts.extend(_prove(desk, sent, before))
    return Imported(
        recorded=len(seen.new),
        unchanged=len(rows) - len(seen.new) - len(seen.different),
        different=tuple(seen.different),
        publications=len(batches),
        told=told,
        proven=all(isinstance(facts, ProvenState) for facts in seen.facts),
        block=number_of(seen.facts[-1]) if batches else None,
    )


def _find_strays(desk: ProvenDesk, rows: Iterable[Row], register: int) -> dict[str, str]:
    """Find TINs whose prefix leads to another register, each with its problem."""
    holder = desk.trust.by_number[register]
    keepers = prove_keepers(desk, holder)
    found = {row.tin.text: find_stray(row.tin, holder, keepers, desk.trust) for row in rows}
    return {tin: stray for tin, stray in found.items() if stray is not None}


def _remark(new: Sequence[_New], strays: Mapping[str, str]) -> dict[bytes, str]:
    """List the remarks by entry: each odd TIN, because all were accepted together."""
    remarks = {}
    for row, entry, _ in new:
        stray = strays.get(row.tin.text)
        problems = [*find_problems(row.tin), *([] if stray is None else [stray])]
        if problems:
            remarks[entry] = "; ".join(problems)
    return remarks


def _batch(new: Sequence[_New], documents: Documents) -> list[list[StatusEvent]]:
    """Divide events into batches that fit in a publication; all events of a certificate are in one batch."""
    batches: list[list[StatusEvent]] = []
    for row, entry, records in new:
        document = commit(row.document, documents.salt(entry, row.document))
        if not batches or len(batches[-1]) + len(records) > _BATCH:
            batches.append([])
        batches[-1] += [StatusEvent(entry=entry, record=record, document=document) for record in records]
    return batches


def _prove(desk: ProvenDesk, sent: Sequence[_Sent], before: Facts) -> list[Facts]:
    """Prove that publications are sealed, as many together as one proof allows."""
    found = []
    together = _LOOKED_UP // _BATCH
    for start in range(0, len(sent), together):
        part = sent[start : start + together]
        doubt = next((doubt for _, _, doubt in part if doubt), None)
        sealed = next((sealed for _, sealed, _ in part if sealed), None)
        found.append(await_outcome(desk, [signed for signed, _, _ in part], before, sealed, doubt))
    return found


def _compare(desk: ProvenDesk, rows: Sequence[Row], *, register: int, issuer: int) -> _Seen:
    """Prove which rows are not on the ledger, and which rows differ from it."""
    seen = _Seen(new=[], different={}, facts=[])
    for start in range(0, len(rows), _LOOKED_UP):
        part = rows[start : start + _LOOKED_UP]
        entries = [
            make_entry(register, row.type_number, derive_open_holder(register, row.type_number, row.tin))
            for row in part
        ]
        facts = desk.facts(slots_of_standings(register, issuer, entries))
        seen.facts.append(facts)
        time, opened = min(desk.now(), facts.time), facts.register(register)
        types = range(16) if opened is None else opened.types_in_use()
        for row, entry in zip(part, entries, strict=True):
            old, records = facts.record(entry), transcribe(row, issuer=issuer, now=time)
            if old is None:
                _require_possible(row, records, types, time)
                seen.new.append((row, entry, records))
            elif not _same(old, records[-1]):
                seen.different[row.tin.text] = None
    return seen


def _require_possible(row: Row, records: Sequence[Record], types: Container[int], time: int) -> None:
    """Check a row against the model of the contract, so that a bad row is named before anything of its file is published."""
    old: Record | None = None
    for record in records:
        try:
            require_transition(old, record, in_use=row.type_number in types, time=time)
        except RefusedByLedger as error:
            raise RowRefused(where=f"line {row.line}", reason=str(error)) from error
        old = record


def transcribe(row: Row, *, issuer: int, now: int) -> list[Record]:
    """Prepare the records of a row: a grant and, if the row says so, the event that suspended or ended it."""
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
    )  # the ledger's `since` is the time of the import
