"""Publications: who may publish which status events of a register, and which standings result."""

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
    require_in_time,
    require_operators,
    require_party,
    serves,
)
from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.lifecycle import require_transition
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import BY_CAPACITY, RESTORING, RESTRICTING, SUSPENDING
from aeo_ledger.customs.vocabulary import Capacity, EventKind, KeyRole, PartyState

MAX_EVENTS: Final = 100
MAX_DETAILS: Final = 32_768
"""Most bytes of a publication's details."""


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
    """Types that the register uses."""
    otherwise: Refusal
    """The refusal of every other kind of event."""


def publish(
    consortium: Consortium, standings: Mapping[bytes, Standing], publication: Publication, signed: Signed, *, time: int
) -> dict[bytes, Standing]:
    """Derive the standings that a publication changes, by entry. If one event is refused, all are.

    Args:
        consortium: Tells who the signers are.
        standings: The standings before the act.
        publication: The act.
        signed: The signers, with the event hash of each event.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(publication.deadline, time)
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
    """Find what the signers of a publication may do.

    Raises:
        RefusedByLedger: They may do nothing.
    """
    if (publication.former != 0) != (publication.capacity == Capacity.TRANSFER):
        refuse(Refusal.WRONG_MEMBERS)
    register, issuer, capacity = publication.register, publication.issuer, publication.capacity
    opened = consortium.registers.get(register)
    if opened is None:
        refuse(Refusal.REGISTER_NOT_OPENED)
    holder = consortium.parties[register]
    party = require_party(consortium, issuer)
    gone = is_gone(consortium, issuer, register, time)
    if holder.state is PartyState.EXPELLED or (gone and capacity != Capacity.UNION):
        refuse(Refusal.PARTY_GONE)
    sides = [party]
    kinds = BY_CAPACITY.get(capacity, frozenset())
    if capacity == Capacity.OPERATORS:
        require_operators(consortium, issuer, signers)
    elif capacity == Capacity.AUTHORITY:
        require_authority(consortium, issuer, signers)
    elif capacity == Capacity.TRANSFER:
        sides.append(_require_transfer(consortium, publication, signers, time))
    elif issuer != register and capacity == Capacity.UNION:
        require_authority(consortium, register, signers)
        kinds = RESTRICTING if gone else SUSPENDING
    else:
        refuse(Refusal.WRONG_CAPACITY)
    limits = {
        Refusal.SUPERSEDED: consortium.superseded(time),
        Refusal.PARTY_SUSPENDED: not gone and any(side.state_at(time) is not PartyState.ACTIVE for side in sides),
        Refusal.PARTY_FROZEN: any(side.frozen for side in sides),
        Refusal.NO_REGISTER_KEPT: not holder.keeps_register,
    }
    for refusal, holds in limits.items():
        if holds:
            kinds &= RESTRICTING | RESTORING if refusal is Refusal.SUPERSEDED else RESTRICTING
    return Mandate(
        kinds=kinds,
        types=opened.types_in_use(),
        otherwise=next((refusal for refusal, holds in limits.items() if holds), Refusal.WRONG_CAPACITY),
    )


def _require_transfer(consortium: Consortium, publication: Publication, signers: list[bytes], time: int) -> Party:
    """Refuse unless the new issuer's operators signed, and either the old issuer's or the authority of the register's union.

    Returns:
        The party that agreed for the old side. If the union's authority agreed, it is not frozen.
    """
    issuer, former, register = publication.issuer, publication.former, publication.register
    if former == issuer:
        refuse(Refusal.WRONG_MEMBERS)
    old_issuer, union = require_party(consortium, former), consortium.parties[register]
    own = {signer for signer in signers if operates(consortium, signer, issuer)}
    of_former = {signer for signer in signers if operates(consortium, signer, former)}
    of_union = {signer for signer in signers if serves(consortium, signer, register, KeyRole.AUTHORITY)}
    if own | of_former | of_union != set(signers):
        refuse(Refusal.SURPLUS_SIGNATURE)
    if len(own) < require_party(consortium, issuer).threshold:
        refuse(Refusal.TOO_FEW_SIGNATURES)
    if of_union:
        if of_former:
            refuse(Refusal.SURPLUS_SIGNATURE)
        if len(of_union) < union.authority_threshold:
            refuse(Refusal.TOO_FEW_SIGNATURES)
        return replace(union, frozen=False)
    if len(of_former) < old_issuer.threshold or is_gone(consortium, former, register, time):
        refuse(Refusal.TOO_FEW_SIGNATURES)
    return old_issuer


def _require_event(
    publication: Publication, mandate: Mandate, event: StatusEvent, old: Record | None, time: int
) -> None:
    new = event.record
    if register_of(event.entry) != publication.register:
        refuse(Refusal.WRONG_REGISTER)
    if new.kind not in mandate.kinds:
        refuse(mandate.otherwise)
    if new.issuer != publication.issuer or (old and old.issuer != (publication.former or publication.issuer)):
        refuse(Refusal.WRONG_ISSUER)
    if new.sequence != (old.sequence if old else 0) + 1:
        refuse(Refusal.WRONG_SEQUENCE)
    require_transition(old, new, in_use=type_of(event.entry) in mandate.types, time=time)
