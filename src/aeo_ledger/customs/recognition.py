"""Who recognises whose register: arrangements are concluded and amended together, lanes ended and benefits withheld alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from aeo_ledger.customs.acts import Amendment, Conclusion, LaneAct, Recognition, Signed, WithholdingAct
from aeo_ledger.customs.arrangement import Lane, Pair, Withholding
from aeo_ledger.customs.consortium import (
    LARGEST_COUNT,
    NO_HEAD,
    Consortium,
    ascending,
    extend_head,
    find_party_of_authority,
    list_signers,
    require_authority,
    require_operators,
    require_party,
    require_standing,
    with_item,
)
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import Direction, LaneActKind, LaneState, PartyState, Role

MAX_LANES: Final = 16
"""A pair; a lane is never used again, so that overlapping arrangements do not overwrite each other."""


def arrange(consortium: Consortium, arrangement: Conclusion, signed: Signed, *, time: int) -> Consortium:
    """Conclude an arrangement or, given an `Amendment`, amend its lanes.

    Args:
        consortium: As it was before.
        arrangement: The act.
        signed: For each pair its recogniser, and the register's party or a union of it.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if arrangement.deadline < time:
        refuse(Refusal.TOO_LATE)
    if not arrangement.recognitions:
        refuse(Refusal.NO_RECOGNITIONS)
    if not re.fullmatch("[\x21-\x7e]{1,10}", arrangement.arrangement) or arrangement.text == bytes(32):
        refuse(Refusal.WRONG_ARRANGEMENT)
    if consortium.succession:
        refuse(Refusal.SUPERSEDED)
    _require_signatories(consortium, arrangement, signed, time)
    after = consortium
    if not isinstance(arrangement, Amendment):
        if after.texts.get(arrangement.arrangement, arrangement.text) != arrangement.text:
            refuse(Refusal.WRONG_ARRANGEMENT)
        after = replace(after, texts=with_item(after.texts, arrangement.arrangement, arrangement.text))
    concerned: set[int] = set()
    for recognition in arrangement.recognitions:
        concerned |= _list_concerned(after, arrangement, recognition)
        after = _write_lane(after, arrangement, recognition, time)
        after = _extend(after, (recognition.recogniser, recognition.register), signed, time)
    if concerned != arrangement.signatories:
        refuse(Refusal.SURPLUS_SIGNATORY)
    return after


def act_on_lane(consortium: Consortium, act: LaneAct, signed: Signed, *, time: int) -> Consortium:
    """Suspend or resume a lane (the recogniser alone), or end it (either side alone).

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if act.deadline < time:
        refuse(Refusal.TOO_LATE)
    if act.act not in list(LaneActKind):
        refuse(Refusal.UNKNOWN_ACT)
    if (act.act == LaneActKind.END) != (act.until != 0):
        refuse(Refusal.WRONG_MEMBERS)
    require_standing(consortium, act.party, favours=act.act == LaneActKind.RESUME, time=time)
    pair = _use_serial(consortium, act.recogniser, act.register, act.serial, time)
    require_authority(consortium, act.party, list_signers(signed))
    if act.party != act.recogniser:
        register_side = act.party == act.register or require_party(consortium, act.register).belongs_to(act.party)
        if act.act != LaneActKind.END or not register_side:
            refuse(Refusal.SURPLUS_SIGNATORY)
    if act.lane >= pair.lanes:
        refuse(Refusal.WRONG_LANE)
    key = (act.recogniser, act.register, act.lane)
    lane = alter_lane(consortium.lanes[key], act, time)
    after = replace(
        consortium,
        lanes=with_item(consortium.lanes, key, lane),
        pairs=with_item(consortium.pairs, key[:2], pair),
    )
    return _extend(after, key[:2], signed, time)


def withhold(consortium: Consortium, act: WithholdingAct, signed: Signed, *, time: int) -> Consortium:
    """Refuse benefits to one entry, or grant them again: the recogniser's operators.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    if act.deadline < time:
        refuse(Refusal.TOO_LATE)
    require_standing(consortium, act.recogniser, favours=not act.withheld, time=time)
    register = int.from_bytes(act.entry[:2], "big")
    require_party(consortium, register)
    pair = _use_serial(consortium, act.recogniser, register, act.serial, time)
    require_operators(consortium, act.recogniser, list_signers(signed))
    key = (act.recogniser, act.entry)
    old = consortium.withholdings.get(key)
    if (old is not None and old.withheld) == act.withheld:
        refuse(Refusal.WRONG_WITHHOLDING)
    changes = min(old.changes + 1, LARGEST_COUNT) if old else 0
    withholding = Withholding(withheld=act.withheld, changed_at=time, changes=changes)
    after = replace(
        consortium,
        withholdings=with_item(consortium.withholdings, key, withholding),
        pairs=with_item(
            consortium.pairs, (act.recogniser, register), replace(pair, withheld=pair.withheld + act.withheld)
        ),
    )
    return _extend(after, (act.recogniser, register), signed, time)


def _require_signatories(consortium: Consortium, arrangement: Conclusion, signed: Signed, time: int) -> None:
    """Refuse unless the authority of each signing party signed, and nobody else."""
    parties = set()
    for signer in ascending(signed.signers):
        party = find_party_of_authority(consortium, signer)
        if party == 0 or party not in arrangement.signatories:
            refuse(Refusal.SURPLUS_SIGNATURE)
        require_standing(consortium, party, favours=True, time=time)
        parties.add(party)
    if parties != arrangement.signatories:
        refuse(Refusal.TOO_FEW_SIGNATURES)


def _list_concerned(consortium: Consortium, arrangement: Conclusion, recognition: Recognition) -> set[int]:
    """Refuse unless those signed whom this pair needs; list them. An amendment needs nobody who was expelled."""
    concludes = not isinstance(arrangement, Amendment)
    recogniser = require_party(consortium, recognition.recogniser)
    party = require_party(consortium, recognition.register)
    if concludes and not party.keeps_register:
        refuse(Refusal.NO_REGISTER_KEPT)
    recognising = arrangement.signatories & {recognition.recogniser}
    recognised = arrangement.signatories & {recognition.register, *party.unions}
    if not recognising and (concludes or recogniser.state is not PartyState.EXPELLED):
        refuse(Refusal.MISSING_SIGNATORY)
    if not recognised and (concludes or party.state is not PartyState.EXPELLED):
        refuse(Refusal.MISSING_SIGNATORY)
    if not recognising | recognised:
        refuse(Refusal.MISSING_SIGNATORY)
    return set(recognising | recognised)


def _write_lane(consortium: Consortium, arrangement: Conclusion, recognition: Recognition, time: int) -> Consortium:
    pair_key = (recognition.recogniser, recognition.register)
    key = (*pair_key, recognition.lane)
    pair = _use_serial(consortium, *pair_key, recognition.serial, time)
    old = None
    if isinstance(arrangement, Amendment):
        if recognition.lane >= pair.lanes:
            refuse(Refusal.WRONG_LANE)
        old = consortium.lanes[key]
        if old.arrangement != arrangement.arrangement:
            refuse(Refusal.WRONG_ARRANGEMENT)
    else:
        if recognition.lane != pair.lanes:
            refuse(Refusal.WRONG_LANE)
        if pair.lanes == MAX_LANES:
            refuse(Refusal.TOO_MANY_LANES)
        pair = replace(pair, lanes=pair.lanes + 1)
    _require_scope(recognition)
    lane = make_lane(arrangement, recognition, old, time)
    return replace(
        consortium,
        lanes=with_item(consortium.lanes, key, lane),
        pairs=with_item(consortium.pairs, pair_key, pair),
    )


def _require_scope(recognition: Recognition) -> None:
    known = 0 < recognition.roles < 1 << len(Role) and 0 < recognition.directions < 1 << len(Direction)
    ends_early = recognition.until != 0 and recognition.until <= recognition.in_force_from
    if not known or recognition.types == 0 or ends_early:
        refuse(Refusal.WRONG_SCOPE)


def make_lane(arrangement: Conclusion, recognition: Recognition, old: Lane | None, time: int) -> Lane:
    """Derive the lane that a conclusion opens (no old one) or an amendment alters."""
    return Lane(
        state=old.state if old else LaneState.OPEN,
        arrangement=arrangement.arrangement,
        types=recognition.types,
        roles=recognition.roles,
        directions=recognition.directions,
        benefits=recognition.benefits,
        in_force_from=recognition.in_force_from,
        until=recognition.until,
        changed_at=time,
        changes=min(old.changes + 1, LARGEST_COUNT) if old else 0,
    )


def alter_lane(lane: Lane, act: LaneAct, time: int) -> Lane:
    """Derive the lane that a lone act leaves.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    changed = replace(lane, changed_at=time, changes=min(lane.changes + 1, LARGEST_COUNT))
    if act.act == LaneActKind.END:
        if act.until < time or (lane.until != 0 and act.until > lane.until):
            refuse(Refusal.WRONG_END)
        return replace(changed, until=act.until)
    suspends = act.act == LaneActKind.SUSPEND
    if lane.state is not (LaneState.OPEN if suspends else LaneState.SUSPENDED):
        refuse(Refusal.WRONG_LANE_STATE)
    return replace(changed, state=LaneState.SUSPENDED if suspends else LaneState.OPEN)


def _use_serial(consortium: Consortium, recogniser: int, register: int, serial: int, time: int) -> Pair:
    pair = consortium.pairs.get((recogniser, register), Pair())
    if serial != pair.serial + 1:
        refuse(Refusal.WRONG_PAIR_SERIAL)
    return replace(pair, serial=serial, changed_at=time)


def _extend(consortium: Consortium, pair: tuple[int, int], signed: Signed, time: int) -> Consortium:
    head = extend_head(consortium.pair_heads.get(pair, NO_HEAD), signed.hash, time)
    return replace(consortium, pair_heads=with_item(consortium.pair_heads, pair, head))
