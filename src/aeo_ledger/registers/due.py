"""The worklist of a party: what comes to an end, and what should have been done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import holder_of, type_of
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import TERMINAL, Status
from aeo_ledger.office.naming import name_types
from aeo_ledger.office.share import find_former, find_waiting
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.registers.documents import Document
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.verify.envelopes import ProvenEnvelopes


class Kind(StrEnum):
    """What is due."""

    EXPIRES = "expires"
    """A certificate's last day is near."""
    REVIEW = "review"
    """A certificate's review day is near or has passed."""
    HOLD = "suspension"
    """The planned end of a suspension is near or has passed. It does not end by itself."""
    LANE = "arrangement"
    """A recognition, given or received, ends."""
    KEYS = "keys"
    """A recogniser waits for keys of the register, which is keyed."""
    EPOCH = "epoch"
    """A former recogniser has the keys with which details of the register, which is keyed, are sealed now."""
    UNION = "union"
    """A party leaves a union, whose arrangements then no longer apply to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that is due."""

    kind: Kind
    at: int
    """UTC seconds."""
    subject: str
    """The trader's TIN or pseudonym, the pair, or the party."""
    about: str
    """What happens, in words."""
    todo: str
    """What to do about it."""

    def is_overdue(self, now: int) -> bool:
        """Tell whether its time has passed."""
        return self.at <= now


def list_due(
    state: RegisterState,
    code: str,
    documents: Mapping[bytes, Document],
    sent: ProvenEnvelopes | None = None,
    *,
    now: int,
    within_s: int,
) -> list[Due]:
    """List what is due within a span, the oldest first.

    Args:
        state: The party's register.
        code: The party's code.
        documents: Documents by entry, which name traders. An entry that only a document names is looked up.
        sent: Every envelope of the register; None if they are not at hand, as off line. Then nobody is known to wait for keys, or to have too many.
        now: UTC seconds.
        within_s: The span, in seconds.
    """
    entries = dict.fromkeys((*documents, *state.records))
    found = ((entry, state.record(entry)) for entry in entries)
    due = [
        one
        for entry, record in found
        if record is not None
        for one in _of_standing(entry, record, code, documents.get(entry))
    ]
    due += [*_of_lanes(state), *_of_unions(state)]
    due += [] if sent is None else [*_of_keys(state, code, sent, now), *_of_epoch(state, code, sent, now)]
    end = now + within_s
    wanted = (
        one
        for one in due
        if one.at <= end and (one.at > now or one.kind in {Kind.REVIEW, Kind.HOLD, Kind.KEYS, Kind.EPOCH})
    )
    return sorted(wanted, key=lambda one: (one.at, one.kind, one.subject))


def _of_standing(entry: bytes, record: Record, code: str, document: Document | None) -> Iterator[Due]:
    if record.status in TERMINAL:
        return
    names, number = list_type_names(code), type_of(entry)
    kind = names[number] if number < len(names) else str(number)
    trader = (document or {}).get("tin") or f"holder {to_hex(holder_of(entry))}"
    subject = f"{trader} type {kind}"
    if record.valid_until:
        yield Due(
            kind=Kind.EXPIRES,
            at=record.valid_until,
            subject=subject,
            about="is valid no longer",
            todo="amend --until, or let it end",
        )
    if record.review_day:
        yield Due(
            kind=Kind.REVIEW,
            at=record.review_day * DAY_S,
            subject=subject,
            about="is to be reviewed",
            todo="reassess, suspend or revoke",
        )
    if record.status is Status.SUSPENDED and record.hold_until:
        about = "suspension was planned to end"
        yield Due(
            kind=Kind.HOLD,
            at=record.hold_until,
            subject=subject,
            about=about,
            todo="reinstate, suspend again or revoke",
        )


def _of_lanes(state: RegisterState) -> Iterator[Due]:
    """Find recognitions that this party, or a union of it, gives or receives, and that have an end."""
    words = state.words
    party = words.party(state.register)
    own = {state.register, *(party.unions_at(state.time) if party is not None else ())}
    numbers = [number for number in words.trust.by_number if words.party(number) is not None]
    pairs = {pair for one, other in product(own, numbers) for pair in ((one, other), (other, one)) if one != other}
    for recogniser, register in sorted(pairs):
        for place in range(words.pair(recogniser, register).lanes):
            lane = words.lane(recogniser, register, place)
            if lane is not None and lane.until:
                subject = f"{words.code(recogniser)} recognises {words.code(register)}"
                about = f"ends under {lane.arrangement}"
                yield Due(
                    kind=Kind.LANE,
                    at=lane.until,
                    subject=subject,
                    about=about,
                    todo="amend the arrangement, or tell traders",
                )


def _of_keys(state: RegisterState, code: str, sent: ProvenEnvelopes, now: int) -> Iterator[Due]:
    """Find recognisers in force to whom no keys were sent since."""
    words = state.words
    for share in find_waiting(words, sent, words.trust.by_number, time=max(state.time, now)):
        types = ", ".join(name_types(sum(1 << kind for kind in share.types), list_type_names(code)))
        yield Due(
            kind=Kind.KEYS,
            at=share.since,
            subject=f"{words.code(share.recogniser)} recognises {code}",
            about=f"and waits for the keys of type {types}",
            todo=f"register share --with {words.code(share.recogniser)}",
        )


def _of_epoch(state: RegisterState, code: str, sent: ProvenEnvelopes, now: int) -> Iterator[Due]:
    """Find former recognisers who have the keys of the present epoch."""
    words, time = state.words, max(state.time, now)
    for number in find_former(words, sent, time=time):
        former = words.code(number)
        yield Due(
            kind=Kind.EPOCH,
            at=time,
            subject=f"{former} has keys of {code}",
            about="for more types than it recognises now",
            todo="register roll, before documents are published",
        )


def _of_unions(state: RegisterState) -> Iterator[Due]:
    words = state.words
    for number in words.trust.by_number:
        party = words.party(number)
        for one in () if party is None else party.memberships:
            if party is not None and one.union and one.leaves:
                about = f"{'is ejected from' if one.ejected else 'leaves'} {words.code(one.union)}"
                todo = "arrangements of the union no longer apply to it: conclude others, or tell traders"
                yield Due(kind=Kind.UNION, at=one.leaves * DAY_S, subject=party.code, about=about, todo=todo)
