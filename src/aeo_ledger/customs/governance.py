"""Resolutions: what two thirds of the seats decide for all. One transaction carries all signatures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from aeo_ledger.customs import replacement
from aeo_ledger.customs.acts import NOBODY, Candidate, ReplacementAct, Resolution, Signed, Succession
from aeo_ledger.customs.consortium import (
    END_OF_TIME,
    LAPSE,
    NETWORK,
    Consortium,
    Replacement,
    Tally,
    extend_party_head,
    list_signers,
    require_in_time,
    require_party,
    require_unused,
    tally,
    with_item,
    without_cosigner,
    without_item,
)
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.replacement import touched
from aeo_ledger.customs.validators import change_validators
from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState, ReplacementActKind, ResolutionAct

MAX_PARTIES: Final = 255
LONGEST_SUSPENSION: Final = 366 * 86_400
"""Seconds: a leap year."""
LONGEST_SUCCESSION: Final = 2 * 366 * 86_400
"""How far ahead the date of a succession may lie, seconds."""

ON_VALIDATORS: Final = frozenset(
    {ResolutionAct.SEAT_VALIDATOR, ResolutionAct.UNSEAT_VALIDATOR, ResolutionAct.REPLACE_VALIDATOR}
)
"""Resolutions whose subject is the validators, whichever party they name."""
COSIGNED: Final = frozenset(
    {
        ResolutionAct.ADMIT,
        ResolutionAct.REPLACE_AUTHORITY,
        ResolutionAct.SEAT_VALIDATOR,
        ResolutionAct.REPLACE_VALIDATOR,
    }
)
"""Resolutions that the new key must sign too."""
USES_KEY: Final = COSIGNED | {ResolutionAct.UNSEAT_VALIDATOR}
"""Resolutions that name a key. All others leave it empty."""
USES_DETAIL: Final = frozenset({ResolutionAct.ADMIT, ResolutionAct.REPLACE_VALIDATOR})
"""Resolutions that have a detail. All others leave it empty."""
_USES_AMOUNT: Final = frozenset({ResolutionAct.SUSPEND})
_ON_NETWORK: Final = frozenset({ResolutionAct.CANCEL_SUCCESSION})
AFTER_SUCCESSION: Final = ON_VALIDATORS | {
    ResolutionAct.SUSPEND,
    ResolutionAct.EXPEL,
    ResolutionAct.REPLACE_AUTHORITY,
    ResolutionAct.CANCEL_REPLACEMENT,
}
"""Resolutions that a superseded ledger still accepts."""


def resolve(consortium: Consortium, resolution: Resolution, signed: Signed, *, time: int, block: int) -> Consortium:
    """Carry out a resolution.

    Args:
        consortium: The state before the act.
        resolution: The act.
        signed: Seated authorities, each with as many keys as its threshold says, and the new key if there is one.
        time: Block time, UTC seconds.
        block: Block number.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    _require_form(resolution, time)
    act, number = resolution.act, resolution.party
    if act not in {ResolutionAct.ADMIT, *_ON_NETWORK}:
        state = require_party(consortium, number).state
        if state is PartyState.EXPELLED and act != ResolutionAct.UNSEAT_VALIDATOR:
            refuse(Refusal.PARTY_EXPELLED)
    after = _use_number(consortium, number, resolution.number, on_validators=act in ON_VALIDATORS)
    if consortium.superseded(time) and act not in AFTER_SUCCESSION:
        refuse(Refusal.SUPERSEDED)
    signers = without_cosigner(list_signers(signed), resolution.key if act in COSIGNED else None)
    _require_vote(consortium, signers, time)

    if act == ResolutionAct.ADMIT:
        after = _admit(after, resolution, time)
    elif act == ResolutionAct.CANCEL_SUCCESSION:
        if after.succession is None:
            refuse(Refusal.WRONG_SUCCESSION)
        after = replace(after, succession=None)
    elif act in ON_VALIDATORS:
        after = change_validators(after, resolution, time=time, block=block)
    else:
        after = _act_on_party(after, resolution, time)
    seats, active = count_seats(after, time)
    if active == 0 or active < quorum(seats):
        refuse(Refusal.TOO_FEW_SEATS_LEFT)
    return extend_party_head(after, number, signed.hash, time)


def supersede(consortium: Consortium, succession: Succession, signed: Signed, *, time: int) -> Consortium:
    """Name the ledger that supersedes this one, and the date.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(succession.deadline, time)
    addresses = (succession.consortium, succession.governance, succession.registers)
    codes = (succession.consortium_code, succession.governance_code, succession.registers_code)
    if succession.chain in {0, consortium.chain_id} or NOBODY in addresses or bytes(32) in codes:
        refuse(Refusal.WRONG_SUCCESSION)
    after = _use_number(consortium, NETWORK, succession.number, on_validators=False)
    if consortium.succession is not None:
        refuse(Refusal.WRONG_SUCCESSION)
    _require_vote(consortium, list_signers(signed), time)
    if not time < succession.effective <= time + LONGEST_SUCCESSION:
        refuse(Refusal.WRONG_DATE)
    return extend_party_head(replace(after, succession=succession), NETWORK, signed.hash, time)


def act_on_replacement(consortium: Consortium, act: ReplacementAct, signed: Signed, *, time: int) -> Consortium:
    """Object to a pending replacement (any one standing key of the party), or then stop it (a third of the other seats).

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(act.deadline, time)
    if act.act not in list(ReplacementActKind):
        refuse(Refusal.UNKNOWN_ACT)
    party = require_party(consortium, act.party)
    pending = _require_pending(consortium, act.party, act.key, time)
    stops = act.act == ReplacementActKind.STOP
    if pending.objected != stops:
        refuse(Refusal.NOT_OBJECTED)
    signers = list_signers(signed)
    counted = tally(consortium, signers)
    if stops:
        _require_third(consortium, counted, act.party, time)
        after = cancel_replacement(consortium, act.party, time)
    else:
        if not signers:
            refuse(Refusal.TOO_FEW_SIGNATURES)
        if len(signers) > 1 or set(counted.keys) != {act.party}:
            refuse(Refusal.SURPLUS_SIGNATURE)
        party, pending = replacement.object_to(party, pending, consortium.replacement_delay, time)
        after = _with_replacement(consortium, act.party, party, pending)
    return extend_party_head(after, act.party, signed.hash, time)


def complete_replacement(consortium: Consortium, number: int, *, time: int) -> Consortium:
    """Complete the replacement of an authority when it is ready. Anyone may do it, so nobody signs.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    if time >= END_OF_TIME:
        refuse(Refusal.END_OF_TIME)
    party = require_party(consortium, number)
    waiting = consortium.replacements.get(number)
    pending = _require_pending(consortium, number, waiting.key if waiting else NOBODY, time)
    if time < pending.ready_at:
        refuse(Refusal.NOT_YET)
    office = consortium.office(number)
    after = replace(
        consortium,
        parties=with_item(consortium.parties, number, replacement.complete(party, pending, time)),
        offices=with_item(consortium.offices, number, replace(office, operators=0, lifts=office.lifts + party.frozen)),
        keys=with_item(consortium.keys, pending.key, replace(consortium.keys[pending.key], added_at=time)),
        epoch_ends=with_item(consortium.epoch_ends, (number, party.epoch), time),
        cards=without_item(consortium.cards, number),
        certificates=without_item(consortium.certificates, number),
        replacements=without_item(consortium.replacements, number),
    )
    return extend_party_head(after, number, pending.key.rjust(32, b"\0"), time)


def cancel_replacement(consortium: Consortium, number: int, time: int) -> Consortium:
    """Cancel a replacement. Its key is burnt, and the replacement no longer keeps the party suspended.

    Raises:
        RefusedByLedger: No replacement is pending.
    """
    pending = consortium.replacements.get(number)
    if pending is None:
        refuse(Refusal.NO_REPLACEMENT)
    released = replacement.release(consortium.parties[number], pending, time)
    return _with_replacement(_burn(consortium, number, time), number, released, None)


def count_seats(consortium: Consortium, time: int) -> tuple[int, int]:
    """Count the seats of parties that are not expelled, and how many of these may vote now."""
    states = [party.state_at(time) for party in consortium.parties.values() if party.seat]
    return sum(state is not PartyState.EXPELLED for state in states), states.count(PartyState.ACTIVE)


def quorum(seats: int) -> int:
    """Compute how many seats a resolution needs, or how many validators seal a block: two thirds, rounded up."""
    return -(-2 * seats // 3)


def _require_form(resolution: Resolution, time: int) -> None:
    require_in_time(resolution.deadline, time)
    if resolution.act not in list(ResolutionAct):
        refuse(Refusal.UNKNOWN_ACT)
    uses = (
        (resolution.key != NOBODY, resolution.act in USES_KEY),
        (resolution.detail != bytes(32), resolution.act in USES_DETAIL),
        (resolution.amount != 0, resolution.act in _USES_AMOUNT),
        (resolution.party != NETWORK, resolution.act not in _ON_NETWORK),
    )
    if any(found != needed for found, needed in uses):
        refuse(Refusal.WRONG_MEMBERS)


def _use_number(consortium: Consortium, party: int, number: int, *, on_validators: bool) -> Consortium:
    """Use the next number of a resolution's subject. Subjects count separately, so no resolution voids one on another subject."""
    if on_validators:
        last, after = consortium.validator_resolutions, replace(consortium, validator_resolutions=number)
    elif party == NETWORK:
        last, after = consortium.network_resolutions, replace(consortium, network_resolutions=number)
    else:
        office = consortium.office(party)
        counted = with_item(consortium.offices, party, replace(office, resolutions=number))
        last, after = office.resolutions, replace(consortium, offices=counted)
    if number != last + 1:
        refuse(Refusal.WRONG_NUMBER)
    return after


def _count_votes(consortium: Consortium, counted: Tally, time: int) -> int:
    """Count votes. Refuse a party that may not vote, or whose authority signed with too few keys."""
    for number in sorted(counted.keys):
        party = consortium.parties[number]
        if not party.seat or party.state_at(time) is not PartyState.ACTIVE or not counted.reaches(number, party):
            refuse(Refusal.SURPLUS_SIGNATURE)
    return len(counted.keys)


def _require_vote(consortium: Consortium, signers: list[bytes], time: int) -> None:
    """Refuse unless two thirds of the seats signed, and nobody else signed."""
    votes = _count_votes(consortium, tally(consortium, signers), time)
    if votes == 0 or votes < quorum(count_seats(consortium, time)[0]):
        refuse(Refusal.TOO_FEW_SIGNATURES)


def _require_third(consortium: Consortium, counted: Tally, number: int, time: int) -> None:
    """Refuse unless a third (rounded up) of the other seats that may vote signed, and nobody else signed."""
    if number in counted.keys:
        refuse(Refusal.SURPLUS_SIGNATURE)
    votes = _count_votes(consortium, counted, time)
    party = consortium.parties[number]
    others = count_seats(consortium, time)[1] - (party.seat and party.state_at(time) is PartyState.ACTIVE)
    if votes == 0 or votes < -(-others // 3):
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
    key = Key(party=number, role=KeyRole.AUTHORITY, added_at=time)
    return replace(
        consortium,
        parties=with_item(consortium.parties, number, admit_party(candidate, time)),
        keys=with_item(consortium.keys, resolution.key, key),
    )


def admit_party(candidate: Candidate, time: int) -> Party:
    """Derive the party that an admission creates."""
    return Party(
        code=candidate.code,
        kind=candidate.kind,
        state=PartyState.ACTIVE,
        seat=candidate.seat,
        keeps_register=candidate.keeps_register,
        changed_at=time,
    )


def _act_on_party(consortium: Consortium, resolution: Resolution, time: int) -> Consortium:
    number, act = resolution.party, resolution.act
    party, pending = consortium.parties[number], consortium.replacements.get(number)
    if act == ResolutionAct.CANCEL_REPLACEMENT:
        return cancel_replacement(consortium, number, time)
    if act == ResolutionAct.REPLACE_AUTHORITY:
        if pending is not None:
            if time < pending.lapses_at:
                refuse(Refusal.REPLACEMENT_PENDING)
            consortium = _burn(consortium, number, time)
        require_unused(consortium, resolution.key)
        if time + max(consortium.replacement_delay, replacement.OBJECTED_DELAY) + LAPSE >= END_OF_TIME:
            refuse(Refusal.END_OF_TIME)
        waits = Key(party=number, role=KeyRole.AUTHORITY, epoch=party.epoch + 1)
        party, pending = replacement.begin(party, resolution.key, consortium.replacement_delay, time)
        waiting = replace(consortium, keys=with_item(consortium.keys, resolution.key, waits))
        return _with_replacement(waiting, number, party, pending)
    altered, still = alter_party(party, pending, act, resolution.amount, time)
    if pending is not None and still is None:
        consortium = _burn(consortium, number, time)
    return _with_replacement(consortium, number, altered, still)


def alter_party(
    party: Party, pending: Replacement | None, act: ResolutionAct, until: int, time: int
) -> tuple[Party, Replacement | None]:
    """Give or take a seat or a register, suspend, reinstate or expel. The last two end a pending replacement.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    given = act in {ResolutionAct.GIVE_SEAT, ResolutionAct.GIVE_REGISTER}
    if act in {ResolutionAct.GIVE_SEAT, ResolutionAct.TAKE_SEAT}:
        if party.seat == given:
            refuse(Refusal.NO_CHANGE)
        return replace(party, seat=given), pending
    if act in {ResolutionAct.GIVE_REGISTER, ResolutionAct.TAKE_REGISTER}:
        if party.keeps_register == given:
            refuse(Refusal.NO_CHANGE)
        return touched(replace(party, keeps_register=given), time), pending
    if act == ResolutionAct.SUSPEND:
        if not time < until <= time + LONGEST_SUSPENSION or until >= END_OF_TIME:
            refuse(Refusal.WRONG_SUSPENSION)
        return replacement.suspend_held(party, pending, until, time)
    if act == ResolutionAct.REINSTATE and party.state_at(time) is not PartyState.SUSPENDED:
        refuse(Refusal.NO_CHANGE)
    active = replacement.suspend(party, 0, time)
    return (active if act == ResolutionAct.REINSTATE else replace(active, state=PartyState.EXPELLED)), None


def _require_pending(consortium: Consortium, number: int, key: bytes, time: int) -> Replacement:
    """Find the pending replacement with this key. Refuse if there is none, or if it has lapsed."""
    pending = consortium.replacements.get(number)
    if pending is None or pending.key != key:
        refuse(Refusal.NO_REPLACEMENT)
    if time >= pending.lapses_at:
        refuse(Refusal.REPLACEMENT_LAPSED)
    return pending


def _burn(consortium: Consortium, number: int, time: int) -> Consortium:
    """End a replacement without success: its key never serves."""
    key = consortium.replacements[number].key
    return replace(
        consortium,
        keys=with_item(consortium.keys, key, replace(consortium.keys[key], retired_at=time)),
        replacements=without_item(consortium.replacements, number),
    )


def _with_replacement(consortium: Consortium, number: int, party: Party, pending: Replacement | None) -> Consortium:
    waiting = without_item(consortium.replacements, number)
    return replace(
        consortium,
        parties=with_item(consortium.parties, number, party),
        replacements=waiting if pending is None else {**waiting, number: pending},
    )
