"""Governance: what two thirds of the seats decide about parties, keys and the succession of the ledger itself.

The order of checks is the contract's, so that both give the same reason when several hold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from aeo_ledger.customs.acts import NOBODY, Candidate, Resolution, Signed
from aeo_ledger.customs.consortium import (
    LARGEST_COUNT,
    NO_HEAD,
    Consortium,
    Replacement,
    Succession,
    ascending,
    count_seats,
    extend_head,
    find_party_of_authority,
    quorum,
    require_party,
    require_unused,
    with_item,
)
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.validators import seat_validator, unseat_validator
from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState, ResolutionAct

MAX_PARTIES: Final = 255
LONGEST_SUSPENSION: Final = 366 * 86_400
"""Seconds: a year, be it a leap year."""

_USES_KEY: Final = {
    ResolutionAct.ADMIT,
    ResolutionAct.REPLACE_AUTHORITY,
    ResolutionAct.SEAT_VALIDATOR,
    ResolutionAct.UNSEAT_VALIDATOR,
    ResolutionAct.SUPERSEDE,
}
_USES_DETAIL: Final = {ResolutionAct.ADMIT, ResolutionAct.SUPERSEDE}
_USES_AMOUNT: Final = {ResolutionAct.SUSPEND, ResolutionAct.SUPERSEDE}
_COSIGNED: Final = {ResolutionAct.ADMIT, ResolutionAct.REPLACE_AUTHORITY, ResolutionAct.SEAT_VALIDATOR}
_AFTER_SUCCESSION: Final = {
    ResolutionAct.SUSPEND,
    ResolutionAct.EXPEL,
    ResolutionAct.REPLACE_AUTHORITY,
    ResolutionAct.SEAT_VALIDATOR,
    ResolutionAct.UNSEAT_VALIDATOR,
}


def resolve(consortium: Consortium, resolution: Resolution, signed: Signed, *, time: int, block: int) -> Consortium:
    """Carry out a resolution.

    Args:
        consortium: As it was before.
        resolution: The act.
        signed: Seated authorities, and the new key where there is one.
        time: Block time, UTC seconds.
        block: Block number.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    _require_form(resolution, time)
    act, party = resolution.act, resolution.party
    if act not in {ResolutionAct.ADMIT, ResolutionAct.SUPERSEDE}:
        state = require_party(consortium, party).state
        if state is PartyState.EXPELLED and act != ResolutionAct.UNSEAT_VALIDATOR:
            refuse(Refusal.PARTY_EXPELLED)
    if resolution.number != consortium.resolutions + 1:
        refuse(Refusal.WRONG_NUMBER)
    if consortium.succession and act not in _AFTER_SUCCESSION:
        refuse(Refusal.SUPERSEDED)
    _require_vote(consortium, resolution, signed, time)
    after = replace(consortium, resolutions=resolution.number)

    if act == ResolutionAct.SUPERSEDE:
        code_hash = resolution.detail
        if isinstance(code_hash, Candidate):
            raise TypeError("a code hash is 32 bytes")
        succession = Succession(
            contract=resolution.key, superseded_at=time, code_hash=code_hash, chain_id=resolution.amount
        )
        return replace(after, succession=succession)
    if act == ResolutionAct.ADMIT:
        after = _admit(after, resolution, time)
    elif act == ResolutionAct.REPLACE_AUTHORITY:
        after = _begin_replacement(after, party, resolution.key, time)
    elif act == ResolutionAct.SEAT_VALIDATOR:
        after = seat_validator(after, party, resolution.key, time=time, block=block)
    elif act == ResolutionAct.UNSEAT_VALIDATOR:
        after = unseat_validator(after, party, resolution.key, time=time, block=block)
    else:
        altered = alter_party(after.parties[party], act, resolution.amount, time)
        after = replace(after, parties=with_item(after.parties, party, altered))
    head = extend_head(after.party_heads.get(party, NO_HEAD), signed.hash, time)
    seats, active = count_seats(after, time)
    if active == 0 or active < quorum(seats):
        refuse(Refusal.TOO_FEW_SEATS_LEFT)
    return replace(after, party_heads=with_item(after.party_heads, party, head))


def complete_replacement(consortium: Consortium, number: int, *, time: int) -> Consortium:
    """Complete the replacement of a lost authority once its delay has passed; anyone may, so nobody signs.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if require_party(consortium, number).state is PartyState.EXPELLED:
        refuse(Refusal.PARTY_EXPELLED)
    pending = consortium.replacements.get(number)
    if pending is None:
        refuse(Refusal.NO_REPLACEMENT)
    if time < pending.ready_at:
        refuse(Refusal.NOT_YET)
    keys = dict(consortium.keys)
    keys[pending.key] = replace(keys[pending.key], added_at=time)
    former = consortium.authorities[number]
    keys[former] = replace(keys[former], retired_at=time)
    head = extend_head(consortium.party_heads.get(number, NO_HEAD), pending.key.rjust(32, b"\0"), time)
    return replace(
        consortium,
        keys=keys,
        authorities=with_item(consortium.authorities, number, pending.key),
        replacements={party: other for party, other in consortium.replacements.items() if party != number},
        party_heads=with_item(consortium.party_heads, number, head),
    )


def touched(party: Party, time: int) -> Party:
    """Note that a party's state, unions or keeps-a-register changed."""
    return replace(party, changed_at=time, changes=min(party.changes + 1, LARGEST_COUNT))


def _require_form(resolution: Resolution, time: int) -> None:
    if resolution.deadline < time:
        refuse(Refusal.TOO_LATE)
    if resolution.act not in list(ResolutionAct):
        refuse(Refusal.UNKNOWN_ACT)
    uses = (
        (resolution.key != NOBODY, resolution.act in _USES_KEY),
        (resolution.detail != bytes(32), resolution.act in _USES_DETAIL),
        (resolution.amount != 0, resolution.act in _USES_AMOUNT),
        (resolution.party != 0, resolution.act != ResolutionAct.SUPERSEDE),
    )
    if any(found != needed for found, needed in uses):
        refuse(Refusal.WRONG_MEMBERS)


def _require_vote(consortium: Consortium, resolution: Resolution, signed: Signed, time: int) -> None:
    """Refuse unless two thirds of the seats signed, and the new key where there is one, and nobody else."""
    votes, consent = 0, resolution.act not in _COSIGNED
    for signer in ascending(signed.signers):
        if not consent and signer == resolution.key:
            consent = True
            continue
        party = consortium.parties.get(find_party_of_authority(consortium, signer))
        if party is None or not party.seat or party.state_at(time) is not PartyState.ACTIVE:
            refuse(Refusal.SURPLUS_SIGNATURE)
        votes += 1
    if not consent or votes == 0 or votes < quorum(count_seats(consortium, time)[0]):
        refuse(Refusal.TOO_FEW_SIGNATURES)


def _admit(consortium: Consortium, resolution: Resolution, time: int) -> Consortium:
    number, candidate = resolution.party, resolution.detail
    if number != len(consortium.parties) + 1 or number > MAX_PARTIES:
        refuse(Refusal.WRONG_PARTY_NUMBER)
    if not isinstance(candidate, Candidate) or candidate.kind not in list(PartyKind):
        refuse(Refusal.WRONG_PARTY_CODE)
    taken = {party.code for party in consortium.parties.values() if party.state is not PartyState.EXPELLED}
    if not re.fullmatch("[A-Z]{2,6}", candidate.code) or candidate.code in taken:
        refuse(Refusal.WRONG_PARTY_CODE)
    require_unused(consortium, resolution.key)
    party = admit_party(candidate, time)
    key = Key(party=number, role=KeyRole.AUTHORITY, added_at=time)
    return replace(
        consortium,
        parties=with_item(consortium.parties, number, party),
        authorities=with_item(consortium.authorities, number, resolution.key),
        keys=with_item(consortium.keys, resolution.key, key),
    )


def _begin_replacement(consortium: Consortium, number: int, key: bytes, time: int) -> Consortium:
    if number in consortium.replacements:
        refuse(Refusal.REPLACEMENT_PENDING)
    require_unused(consortium, key)
    pending = Replacement(key=key, ready_at=time + consortium.replacement_delay)
    return replace(
        consortium,
        keys=with_item(consortium.keys, key, Key(party=number, role=KeyRole.AUTHORITY)),
        replacements=with_item(consortium.replacements, number, pending),
    )


def admit_party(candidate: Candidate, time: int) -> Party:
    """Derive the party that an admission makes."""
    return Party(
        code=candidate.code,
        kind=candidate.kind,
        state=PartyState.ACTIVE,
        seat=candidate.seat,
        keeps_register=candidate.keeps_register,
        changed_at=time,
    )


def alter_party(party: Party, act: ResolutionAct, until: int, time: int) -> Party:
    """Give or take a seat or a register, suspend, reinstate, expel.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    given = act in {ResolutionAct.GIVE_SEAT, ResolutionAct.GIVE_REGISTER}
    if act in {ResolutionAct.GIVE_SEAT, ResolutionAct.TAKE_SEAT}:
        if party.seat == given:
            refuse(Refusal.NO_CHANGE)
        return replace(party, seat=given)
    if act in {ResolutionAct.GIVE_REGISTER, ResolutionAct.TAKE_REGISTER}:
        if party.keeps_register == given:
            refuse(Refusal.NO_CHANGE)
        return touched(replace(party, keeps_register=given), time)
    if act == ResolutionAct.SUSPEND:
        if not time < until <= time + LONGEST_SUSPENSION:
            refuse(Refusal.WRONG_SUSPENSION)
        return touched(replace(party, state=PartyState.SUSPENDED, suspended_until=until), time)
    if act == ResolutionAct.REINSTATE and party.state_at(time) is not PartyState.SUSPENDED:
        refuse(Refusal.NO_CHANGE)
    state = PartyState.ACTIVE if act == ResolutionAct.REINSTATE else PartyState.EXPELLED
    return touched(replace(party, state=state, suspended_until=0), time)
