"""What a party decides alone: its keys, thresholds, unions and register. Only a union that it joins must agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs import membership
from aeo_ledger.customs.acts import NOBODY, Envelope, Freeze, PartyAct, Signed
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.consortium import (
    Consortium,
    extend_party_head,
    list_signers,
    operates,
    require_in_time,
    require_operating,
    require_operators,
    require_party,
    require_standing,
    require_unused,
    serves,
    tally,
    with_item,
    without_cosigner,
)
from aeo_ledger.customs.governance import cancel_replacement
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind, PartyKind, PartyState, RegisterMode

MAX_THRESHOLD: Final = 16
MAX_OPERATORS: Final = 255
MAX_AUTHORITY_KEYS: Final = 5
MAX_AUTHORITY_THRESHOLD: Final = 3

COSIGNED: Final = frozenset({PartyActKind.ROTATE_AUTHORITY, PartyActKind.ADD_AUTHORITY_KEY, PartyActKind.ADD_OPERATOR})
"""Acts that the new key must sign too."""
ON_MEMBER: Final = frozenset({PartyActKind.EJECT_MEMBER, PartyActKind.REVOKE_EJECTION})
"""A union's acts. They change the word of the member that their detail names."""
USES_KEY: Final = COSIGNED | {PartyActKind.RETIRE_AUTHORITY_KEY, PartyActKind.RETIRE_OPERATOR}
"""Acts that name a key. All others leave it empty."""
USES_NO_DETAIL: Final = (USES_KEY - {PartyActKind.ROTATE_AUTHORITY}) | {
    PartyActKind.CANCEL_REPLACEMENT,
    PartyActKind.UNFREEZE,
}
"""Acts that leave the detail empty. All others may have one."""
DATED: Final = frozenset({PartyActKind.LEAVE_UNION, PartyActKind.EJECT_MEMBER})
"""Acts that may take effect on a later day."""
_REGISTER: Final = frozenset({PartyActKind.SET_REGISTER, PartyActKind.SET_KEY_CHECK})
_UNION: Final = {PartyActKind.JOIN_UNION, PartyActKind.LEAVE_UNION, PartyActKind.REVOKE_LEAVING}
NOT_SUPERSEDED: Final = _REGISTER | {
    PartyActKind.SET_CARD,
    PartyActKind.SET_CERTIFICATE,
    PartyActKind.JOIN_UNION,
    PartyActKind.REVOKE_LEAVING,
    PartyActKind.REVOKE_EJECTION,
}
"""Acts that a superseded ledger no longer accepts."""


def act_alone(consortium: Consortium, act: PartyAct, signed: Signed, *, time: int) -> Consortium:
    """Carry out an act that a party decides alone.

    Args:
        consortium: The state before the act.
        act: The act.
        signed: As many authority keys as the threshold says, and the new key, or the authority of the union to join.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    _require_form(act, time)
    party = require_party(consortium, act.party)
    _require_free(consortium, party, act, time)
    office = consortium.office(act.party)
    if act.serial != office.serial + 1:
        refuse(Refusal.WRONG_SERIAL)
    _require_consent(consortium, act, signed)
    after = replace(consortium, offices=with_item(consortium.offices, act.party, replace(office, serial=act.serial)))
    if act.act in USES_KEY:
        after = _change_keys(after, act, time)
    elif act.act in ON_MEMBER:
        member = act.detail if isinstance(act.detail, int) else 0
        after = _leave(after, member, act.party, act, time)
        after = extend_party_head(after, member, signed.hash, time)
    elif act.act in _UNION:
        after = _change_unions(after, act, time)
    elif act.act in _REGISTER:
        after = _keep_register(after, act, time)
    else:
        after = _change_particulars(after, act, time)
    return extend_party_head(after, act.party, signed.hash, time)


def freeze(consortium: Consortium, act: Freeze, signed: Signed, *, time: int) -> Consortium:
    """Freeze a party's publications. Any one of its operators signs. Publications that restrict continue.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(act.deadline, time)
    party = require_standing(consortium, act.party, favours=False, time=time)
    if party.frozen or act.lifts != consortium.office(act.party).lifts:
        refuse(Refusal.WRONG_FREEZE)
    signers = list_signers(signed)
    if not signers:
        refuse(Refusal.TOO_FEW_SIGNATURES)
    if len(signers) > 1 or not operates(consortium, signers[0], act.party):
        refuse(Refusal.SURPLUS_SIGNATURE)
    frozen = replace(consortium, parties=with_item(consortium.parties, act.party, replace(party, frozen=True)))
    return extend_party_head(frozen, act.party, signed.hash, time)


def send_envelope(consortium: Consortium, envelope: Envelope, signed: Signed, *, time: int) -> Consortium:
    """Record that a register's operators sent keys to a recipient. Envelopes have their own counter.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(envelope.deadline, time)
    require_operating(consortium, envelope.register, favours=True, time=time)
    office = consortium.office(envelope.register)
    if envelope.serial != office.envelopes + 1:
        refuse(Refusal.WRONG_SERIAL)
    require_operators(consortium, envelope.register, list_signers(signed))
    require_standing(consortium, envelope.recipient, favours=False, time=time)
    counted = with_item(consortium.offices, envelope.register, replace(office, envelopes=envelope.serial))
    return extend_party_head(replace(consortium, offices=counted), envelope.register, signed.hash, time)


def _require_form(act: PartyAct, time: int) -> None:
    require_in_time(act.deadline, time)
    if act.act not in list(PartyActKind):
        refuse(Refusal.UNKNOWN_ACT)
    typed = act.certificate_type != 0 and act.act != PartyActKind.SET_KEY_CHECK
    dated = act.effective != 0 and act.act not in DATED
    uses_key, uses_detail = act.act in USES_KEY, act.act not in USES_NO_DETAIL
    if (act.key != NOBODY) != uses_key or (act.detail != 0) != uses_detail or typed or dated:
        refuse(Refusal.WRONG_MEMBERS)


def _require_free(consortium: Consortium, party: Party, act: PartyAct, time: int) -> None:
    """Refuse if the party may not do this act now.

    An expelled party may do nothing. A suspended one may only retire an operator, and not even that while a replacement
    keeps it suspended. On a superseded ledger no party may favour.
    """
    state, pending = party.state_at(time), consortium.replacements.get(act.party)
    if state is PartyState.EXPELLED:
        refuse(Refusal.PARTY_EXPELLED)
    held = pending is not None and pending.holds(time)
    if state is PartyState.SUSPENDED and (act.act != PartyActKind.RETIRE_OPERATOR or held):
        refuse(Refusal.PARTY_SUSPENDED)
    if consortium.superseded(time) and act.act in NOT_SUPERSEDED:
        refuse(Refusal.SUPERSEDED)


def _require_consent(consortium: Consortium, act: PartyAct, signed: Signed) -> None:
    """Refuse unless exactly the signers that the act needs signed."""
    needed = {act.party: consortium.parties[act.party]}
    if act.act == PartyActKind.JOIN_UNION:
        if not isinstance(act.detail, int) or act.detail == act.party or act.detail > 255:
            refuse(Refusal.NOT_A_UNION)
        needed[act.detail] = require_party(consortium, act.detail)
    signers = without_cosigner(list_signers(signed), act.key if act.act in COSIGNED else None)
    counted = tally(consortium, signers)
    if set(counted.keys) - set(needed):
        refuse(Refusal.SURPLUS_SIGNATURE)
    if not all(counted.reaches(number, party) for number, party in needed.items()):
        refuse(Refusal.TOO_FEW_SIGNATURES)


def _change_keys(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    number, kind, party = act.party, act.act, consortium.parties[act.party]
    role = KeyRole.OPERATOR if kind in {PartyActKind.ADD_OPERATOR, PartyActKind.RETIRE_OPERATOR} else KeyRole.AUTHORITY
    keys = dict(consortium.keys)
    former = act.key if kind not in COSIGNED else _former(act) if kind == PartyActKind.ROTATE_AUTHORITY else None
    if former is not None and not serves(consortium, former, number, role):
        refuse(Refusal.NOT_AN_OPERATOR if role is KeyRole.OPERATOR else Refusal.NOT_AN_AUTHORITY)
    change = (kind in COSIGNED) - (former is not None)
    office = consortium.office(number)
    if role is KeyRole.AUTHORITY:
        if change > 0 and party.authority_keys == MAX_AUTHORITY_KEYS:
            refuse(Refusal.WRONG_THRESHOLD)
        if change < 0 and party.authority_keys == party.authority_threshold:
            refuse(Refusal.NOT_AN_AUTHORITY)
        party = replace(party, authority_keys=party.authority_keys + change)
    else:
        if change > 0 and office.operators == MAX_OPERATORS:
            refuse(Refusal.WRONG_THRESHOLD)
        office = replace(office, operators=office.operators + change)
    if kind in COSIGNED:
        require_unused(consortium, act.key)
        keys[act.key] = Key(party=number, role=role, added_at=time, epoch=party.epoch)
    if former is not None:
        keys[former] = replace(keys[former], retired_at=time)
    return replace(
        consortium,
        keys=keys,
        parties=with_item(consortium.parties, number, party),
        offices=with_item(consortium.offices, number, office),
    )


def _former(act: PartyAct) -> bytes:
    """Read the key that a rotation retires. A detail that is not an address names no key."""
    known = isinstance(act.detail, int) and act.detail < 1 << 160
    return act.detail.to_bytes(20, "big") if known and isinstance(act.detail, int) else b""


def _change_unions(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    number, union = act.party, act.detail if isinstance(act.detail, int) else 0
    if act.act != PartyActKind.JOIN_UNION:
        return _leave(consortium, number, union, act, time)
    other = consortium.parties[union]
    if other.kind is not PartyKind.UNION or other.state_at(time) is not PartyState.ACTIVE:
        refuse(Refusal.NOT_A_UNION)
    joined = membership.join(consortium.parties[number], union, time)
    return replace(consortium, parties=with_item(consortium.parties, number, joined))


def _leave(consortium: Consortium, member: int, union: int, act: PartyAct, time: int) -> Consortium:
    """Let a member leave a union, be ejected, or stay after a notice."""
    altered = leave_or_stay(require_party(consortium, member), union, act, time)
    return replace(consortium, parties=with_item(consortium.parties, member, altered))


def leave_or_stay(party: Party, union: int, act: PartyAct, time: int) -> Party:
    """Derive the member after an act on its membership.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    by_union = act.act in ON_MEMBER
    if act.act in DATED:
        return membership.leave(party, union, by_union=by_union, effective=act.effective, time=time)
    return membership.stay(party, union, by_union=by_union, time=time)


def _keep_register(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    """Open a register, add types in use, advance its epoch, or set a type's check value before its use. None of this is undone."""
    number, detail = act.party, act.detail
    old = consortium.registers.get(number)
    if act.act == PartyActKind.SET_REGISTER:
        opened = replace(_require_register(consortium, number, detail, old), changed_at=time)
        party = replace(consortium.parties[number], opened=True)
        return replace(
            consortium,
            registers=with_item(consortium.registers, number, opened),
            parties=with_item(consortium.parties, number, party),
        )
    in_use = old is not None and (old.mode == RegisterMode.OPEN or act.certificate_type in old.types_in_use())
    if in_use or act.certificate_type > 15 or not isinstance(detail, int):
        refuse(Refusal.WRONG_KEY_CHECK)
    checks = with_item(consortium.key_checks, (number, act.certificate_type), detail)
    return replace(consortium, key_checks=checks)


def _require_register(consortium: Consortium, number: int, detail: Register | int, old: Register | None) -> Register:
    if not consortium.parties[number].keeps_register:
        refuse(Refusal.NO_REGISTER_KEPT)
    if not isinstance(detail, Register) or detail.mode not in list(RegisterMode) or detail.types == 0:
        refuse(Refusal.WRONG_REGISTER_WORD)
    if old and (detail.mode != old.mode or old.types & ~detail.types or detail.epoch < old.epoch):
        refuse(Refusal.WRONG_REGISTER_WORD)
    taken = set(detail.types_in_use()) - set(old.types_in_use() if old else ())
    if detail.mode == RegisterMode.KEYED and any((number, kind) not in consortium.key_checks for kind in taken):
        refuse(Refusal.WRONG_KEY_CHECK)
    return detail


def _change_particulars(consortium: Consortium, act: PartyAct, time: int) -> Consortium:
    number = act.party
    party, office = consortium.parties[number], consortium.office(number)
    if act.act == PartyActKind.CANCEL_REPLACEMENT:
        return cancel_replacement(consortium, number, time)
    if not isinstance(act.detail, int):
        raise TypeError("only a register's word is not a number")
    if act.act == PartyActKind.SET_CARD:
        return replace(consortium, cards=with_item(consortium.cards, number, act.detail))
    if act.act == PartyActKind.SET_CERTIFICATE:
        return replace(consortium, certificates=with_item(consortium.certificates, number, act.detail))
    if act.act == PartyActKind.UNFREEZE:
        if not party.frozen:
            refuse(Refusal.WRONG_FREEZE)
        lifted = with_item(consortium.offices, number, replace(office, lifts=office.lifts + 1))
        party = replace(party, frozen=False)
        return replace(consortium, offices=lifted, parties=with_item(consortium.parties, number, party))
    if act.act == PartyActKind.SET_THRESHOLD:
        if act.detail > min(office.operators, MAX_THRESHOLD):
            refuse(Refusal.WRONG_THRESHOLD)
        party = replace(party, threshold=act.detail)
    else:
        if act.detail > min(party.authority_keys, MAX_AUTHORITY_THRESHOLD):
            refuse(Refusal.WRONG_THRESHOLD)
        party = replace(party, authority_threshold=act.detail)
    return replace(consortium, parties=with_item(consortium.parties, number, party))
