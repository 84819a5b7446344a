"""What a party decides alone: its keys, its threshold, its unions, its register. No other party is asked, but a union that it joins."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.acts import NOBODY, Envelope, PartyAct, Signed
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.consortium import (
    NO_HEAD,
    Consortium,
    extend_head,
    list_signers,
    operates,
    require_operators,
    require_party,
    require_standing,
    require_unused,
    with_item,
)
from aeo_ledger.customs.governance import touched
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind, PartyKind, PartyState, RegisterMode

MAX_THRESHOLD: Final = 16
MAX_OPERATORS: Final = 255

_USES_KEY: Final = {PartyActKind.ROTATE_AUTHORITY, PartyActKind.ADD_OPERATOR, PartyActKind.RETIRE_OPERATOR}
_USES_NEITHER: Final = {PartyActKind.CANCEL_REPLACEMENT}
_COSIGNED: Final = {PartyActKind.ROTATE_AUTHORITY, PartyActKind.ADD_OPERATOR}
_NOT_SUPERSEDED: Final = {PartyActKind.JOIN_UNION, PartyActKind.SET_REGISTER, PartyActKind.SET_KEY_CHECK}
_NOT_SUSPENDED: Final = {PartyActKind.ROTATE_AUTHORITY, PartyActKind.CANCEL_REPLACEMENT, *_NOT_SUPERSEDED}
"""A thief who holds the authority would cancel its replacement for ever."""


def act_alone(consortium: Consortium, act: PartyAct, signed: Signed, *, time: int) -> Consortium:
    """Carry out an act of a party alone.

    Args:
        consortium: As it was before.
        act: The act.
        signed: The authority; also the new key, or the union's authority to join one; either side's to leave it.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    _require_form(act, time)
    party = require_party(consortium, act.party)
    state = party.state_at(time)
    if state is PartyState.EXPELLED:
        refuse(Refusal.PARTY_EXPELLED)
    if state is PartyState.SUSPENDED and act.act in _NOT_SUSPENDED:
        refuse(Refusal.PARTY_SUSPENDED)
    if consortium.succession and act.act in _NOT_SUPERSEDED:
        refuse(Refusal.SUPERSEDED)
    before = _use_serial(consortium, act.party, act.serial)
    _require_consent(before, act, list_signers(signed))
    if act.act in _USES_KEY:
        after = _change_keys(before, act, time)
    elif act.act in {PartyActKind.JOIN_UNION, PartyActKind.LEAVE_UNION}:
        member = _with_union(before, act, time)
        after = replace(before, parties=with_item(before.parties, act.party, touched(member, time)))
    elif act.act in _NOT_SUPERSEDED:
        after = _keep_register(before, act, time)
    else:
        after = _change_particulars(before, act, time)
    return _extend(after, act.party, signed, time)


def send_envelope(consortium: Consortium, envelope: Envelope, signed: Signed, *, time: int) -> Consortium:
    """Note that a register's operators sent keys to a recipient.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if envelope.deadline < time:
        refuse(Refusal.TOO_LATE)
    require_standing(consortium, envelope.register, favours=True, time=time)
    after = _use_serial(consortium, envelope.register, envelope.serial)
    require_operators(after, envelope.register, list_signers(signed))
    require_party(after, envelope.recipient)
    return _extend(after, envelope.register, signed, time)


def _require_form(act: PartyAct, time: int) -> None:
    if act.deadline < time:
        refuse(Refusal.TOO_LATE)
    if act.act not in list(PartyActKind):
        refuse(Refusal.UNKNOWN_ACT)
    uses_key = act.act in _USES_KEY
    uses_detail = not uses_key and act.act not in _USES_NEITHER
    typed = act.certificate_type != 0 and act.act != PartyActKind.SET_KEY_CHECK
    if (act.key != NOBODY) != uses_key or (act.detail != 0) != uses_detail or typed:
        refuse(Refusal.WRONG_MEMBERS)


def _use_serial(consortium: Consortium, number: int, serial: int) -> Consortium:
    party = consortium.parties[number]
    if serial != party.serial + 1:
        refuse(Refusal.WRONG_SERIAL)
    return replace(consortium, parties=with_item(consortium.parties, number, replace(party, serial=serial)))


def _extend(consortium: Consortium, number: int, signed: Signed, time: int) -> Consortium:
    head = extend_head(consortium.party_heads.get(number, NO_HEAD), signed.hash, time)
    return replace(consortium, party_heads=with_item(consortium.party_heads, number, head))


def _require_consent(consortium: Consortium, act: PartyAct, signers: list[bytes]) -> None:
    """Refuse unless exactly those signed whom the act needs."""
    needed = {consortium.authorities[act.party]}
    union = consortium.authorities.get(act.detail) if isinstance(act.detail, int) else None
    if act.act in _COSIGNED:
        needed.add(act.key)
    elif act.act == PartyActKind.JOIN_UNION and union:
        needed.add(union)
    elif act.act == PartyActKind.LEAVE_UNION and len(signers) == 1 and not needed.issuperset(signers):
        needed = {union} if union else set()
    if not needed.issuperset(signers):
        refuse(Refusal.SURPLUS_SIGNATURE)
    cosigned = act.act in _COSIGNED or (act.act == PartyActKind.JOIN_UNION and union is not None)
    if len(signers) != 1 + cosigned:
        refuse(Refusal.TOO_FEW_SIGNATURES)


def _change_keys(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    party = consortium.parties[act.party]
    if act.act == PartyActKind.RETIRE_OPERATOR:
        if not operates(consortium, act.key, act.party):
            refuse(Refusal.NOT_AN_OPERATOR)
        retired = replace(consortium.keys[act.key], retired_at=time)
        fewer = replace(party, operators=party.operators - 1)
        return replace(
            consortium,
            keys=with_item(consortium.keys, act.key, retired),
            parties=with_item(consortium.parties, act.party, fewer),
        )
    require_unused(consortium, act.key)
    role = KeyRole.OPERATOR if act.act == PartyActKind.ADD_OPERATOR else KeyRole.AUTHORITY
    keys = with_item(consortium.keys, act.key, Key(party=act.party, role=role, added_at=time))
    if role is KeyRole.OPERATOR:
        if party.operators == MAX_OPERATORS:
            refuse(Refusal.WRONG_THRESHOLD)
        more = replace(party, operators=party.operators + 1)
        return replace(consortium, keys=keys, parties=with_item(consortium.parties, act.party, more))
    former = consortium.authorities[act.party]
    keys[former] = replace(keys[former], retired_at=time)
    after = replace(consortium, keys=keys, authorities=with_item(consortium.authorities, act.party, act.key))
    return _cancel_replacement(after, act.party, time) if act.party in after.replacements else after


def _cancel_replacement(consortium: Consortium, number: int, time: int) -> Consortium:
    """Cancel a pending replacement; the key that waited is burnt."""
    pending = consortium.replacements.get(number)
    if pending is None:
        refuse(Refusal.NO_REPLACEMENT)
    burnt = replace(consortium.keys[pending.key], retired_at=time)
    return replace(
        consortium,
        keys=with_item(consortium.keys, pending.key, burnt),
        replacements={party: other for party, other in consortium.replacements.items() if party != number},
    )


def _with_union(consortium: Consortium, act: PartyAct, time: int) -> Party:
    """Derive a party that joins or leaves a union; unions lie in four places, and a new one takes the first free."""
    party, union = consortium.parties[act.party], act.detail
    if not isinstance(union, int) or union == act.party or union not in range(1, 256):
        refuse(Refusal.NOT_A_UNION)
    joins = act.act == PartyActKind.JOIN_UNION
    if joins:
        other = require_party(consortium, union)
        if other.kind is not PartyKind.UNION or other.state_at(time) is not PartyState.ACTIVE:
            refuse(Refusal.NOT_A_UNION)
    sought = 0 if joins else union
    if party.belongs_to(union) == joins or sought not in party.unions:
        refuse(Refusal.UNION_MEMBERSHIP)
    unions = list(party.unions)
    unions[unions.index(sought)] = union if joins else 0
    first, second, third, fourth = unions
    return replace(party, unions=(first, second, third, fourth))


def _keep_register(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    """Open a register, take further types into use, move its epoch, or set a type's check value: none of it goes back."""
    number, detail = act.party, act.detail
    old = consortium.registers.get(number)
    if act.act == PartyActKind.SET_REGISTER:
        if not consortium.parties[number].keeps_register:
            refuse(Refusal.NO_REGISTER_KEPT)
        if not isinstance(detail, Register) or detail.mode not in list(RegisterMode) or detail.types == 0:
            refuse(Refusal.WRONG_REGISTER_WORD)
        if old and (detail.mode != old.mode or old.types & ~detail.types or detail.epoch < old.epoch):
            refuse(Refusal.WRONG_REGISTER_WORD)
        opened = replace(detail, changed_at=time)
        return replace(consortium, registers=with_item(consortium.registers, number, opened))
    key = (number, act.certificate_type)
    keyed = old is not None and old.mode == RegisterMode.KEYED and act.certificate_type in old.types_in_use()
    if not keyed or not isinstance(detail, int) or key in consortium.key_checks:
        refuse(Refusal.WRONG_KEY_CHECK)
    return replace(consortium, key_checks=with_item(consortium.key_checks, key, detail))


def _change_particulars(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    if act.act == PartyActKind.CANCEL_REPLACEMENT:
        return _cancel_replacement(consortium, act.party, time)
    if not isinstance(act.detail, int):
        raise TypeError("only a register's word is no number")
    if act.act == PartyActKind.SET_DISCLOSURE_KEY:
        return replace(consortium, disclosure_keys=with_item(consortium.disclosure_keys, act.party, act.detail))
    if act.act == PartyActKind.SET_CERTIFICATE:
        return replace(consortium, certificates=with_item(consortium.certificates, act.party, act.detail))
    party = consortium.parties[act.party]
    if act.detail > min(party.operators, MAX_THRESHOLD):
        refuse(Refusal.WRONG_THRESHOLD)
    changed = replace(party, threshold=act.detail)
    return replace(consortium, parties=with_item(consortium.parties, act.party, changed))
