"""Publications: who may publish which status events of a register, and what stands after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aeo_ledger.customs.acts import Publication, Signed, StatusEvent
from aeo_ledger.customs.consortium import (
    NO_HEAD,
    Consortium,
    extend_head,
    is_gone,
    list_signers,
    operates,
    require_authority,
    require_operators,
    require_party,
)
from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import RESTRICTING, Capacity, EventKind, PartyState

MAX_EVENTS: Final = 100
MAX_DETAILS: Final = 32_768
"""Bytes."""

BY_OPERATORS: Final = RESTRICTING | {EventKind.GRANT, EventKind.AMEND, EventKind.REASSESS, EventKind.REINSTATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A standing with the head of its history."""

    record: Record
    head: bytes = NO_HEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What the signers of a publication may do."""

    kinds: frozenset[EventKind]
    types: tuple[int, ...]
    """Types that the register has in use."""
    otherwise: Refusal
    """Why every other kind of event is refused."""


def publish(
    consortium: Consortium, standings: Mapping[bytes, Standing], publication: Publication, signed: Signed, *, time: int
) -> dict[bytes, Standing]:
    """Derive the standings that a publication changes, by entry: all of them or, if one event is refused, none.

    Args:
        consortium: Says who the signers are.
        standings: As they were before.
        publication: The act.
        signed: With the event hash of each event.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if publication.deadline < time:
        refuse(Refusal.TOO_LATE)
    if not 1 <= len(publication.events) <= MAX_EVENTS:
        refuse(Refusal.NO_EVENTS)
    mandate = authorise(consortium, publication, list_signers(signed), time=time)
    changed: dict[bytes, Standing] = {}
    for event, event_hash in zip(publication.events, signed.parts, strict=True):
        old = changed.get(event.entry) or standings.get(event.entry)
        _require_event(publication, mandate, event, old.record if old else None, time)
        head = extend_head(old.head if old else NO_HEAD, event_hash, time)
        changed[event.entry] = Standing(record=replace(event.record, recorded_at=time), head=head)
    return changed


def authorise(consortium: Consortium, publication: Publication, signers: list[bytes], *, time: int) -> Mandate:
    """Say what the signers of a publication may do.

    Raises:
        RefusedByLedger: they may do nothing.
    """
    if (publication.former != 0) != (publication.capacity == Capacity.TRANSFER):
        refuse(Refusal.WRONG_MEMBERS)
    register, issuer = publication.register, publication.issuer
    opened = consortium.registers.get(register)
    if opened is None:
        refuse(Refusal.REGISTER_NOT_OPENED)
    holder = consortium.parties[register]
    party = require_party(consortium, issuer)
    if holder.state is PartyState.EXPELLED:
        refuse(Refusal.PARTY_GONE)
    gone = is_gone(consortium, issuer, register)
    if gone and publication.capacity in {Capacity.OPERATORS, Capacity.TRANSFER}:
        refuse(Refusal.PARTY_GONE)
    favours = gone or party.state_at(time) is PartyState.ACTIVE
    if publication.capacity == Capacity.OPERATORS:
        require_operators(consortium, issuer, signers)
        kinds = BY_OPERATORS
    elif publication.capacity == Capacity.AUTHORITY:
        require_authority(consortium, register if gone else issuer, signers)
        kinds = RESTRICTING if gone else frozenset({EventKind.RESTORE})
    elif publication.capacity == Capacity.TRANSFER:
        other = _require_transfer(consortium, publication, signers)
        favours = favours and require_party(consortium, other).state_at(time) is PartyState.ACTIVE
        kinds = frozenset({EventKind.TRANSFER})
    else:
        refuse(Refusal.WRONG_CAPACITY)
    limits = {
        Refusal.SUPERSEDED: consortium.succession is not None,
        Refusal.PARTY_SUSPENDED: not favours,
        Refusal.NO_REGISTER_KEPT: not holder.keeps_register,
    }
    why = next((refusal for refusal, holds in limits.items() if holds), None)
    return Mandate(
        kinds=kinds & RESTRICTING if why else kinds,
        types=opened.types_in_use(),
        otherwise=why or Refusal.WRONG_CAPACITY,
    )


def _require_transfer(consortium: Consortium, publication: Publication, signers: list[bytes]) -> int:
    """Refuse unless the new issuer's operators signed, and the old one's or, if it is gone, the union's authority.

    Returns:
        Number of the party on the other side.
    """
    issuer, former, register = publication.issuer, publication.former, publication.register
    if former == issuer:
        refuse(Refusal.WRONG_MEMBERS)
    threshold = require_party(consortium, former).threshold
    gone = is_gone(consortium, former, register)
    own = {signer for signer in signers if operates(consortium, signer, issuer)}
    if gone:
        other = {signer for signer in signers if consortium.authorities[register] == signer}
    else:
        other = {signer for signer in signers if operates(consortium, signer, former)}
    if own | other != set(signers):
        refuse(Refusal.SURPLUS_SIGNATURE)
    if len(own) < require_party(consortium, issuer).threshold or len(other) < (1 if gone else threshold):
        refuse(Refusal.TOO_FEW_SIGNATURES)
    return register if gone else former


def _require_event(
    publication: Publication, mandate: Mandate, event: StatusEvent, old: Record | None, time: int
) -> None:
    new = event.record
    if int.from_bytes(event.entry[:2], "big") != publication.register:
        refuse(Refusal.WRONG_REGISTER)
    if new.kind not in mandate.kinds:
        refuse(mandate.otherwise)
    if new.issuer != publication.issuer or (old and old.issuer != (publication.former or publication.issuer)):
        refuse(Refusal.WRONG_ISSUER)
    if new.sequence != (old.sequence if old else 0) + 1:
        refuse(Refusal.WRONG_SEQUENCE)
    require_transition(old, new, in_use=event.entry[2] in mandate.types, time=time)
