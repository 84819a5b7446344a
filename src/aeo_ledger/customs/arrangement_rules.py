"""The rules of arrangements: how parties conclude and amend them, end a lane, and withhold benefits.

The parties of a pair conclude and amend an arrangement together. The recogniser alone suspends or resumes a lane and
withholds benefits. Each side alone may end a lane. `arrangement` holds the nouns that these rules change.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Final

from aeo_ledger.customs.acts import Amendment, Conclusion, LaneAct, Recognition, Signed, WithholdingAct
from aeo_ledger.customs.arrangement import Lane, Pair, Withholding
from aeo_ledger.customs.consortium import (
    LARGEST_LANE_COUNT,
    LARGEST_WITHHELD_COUNT,
    NO_HEAD,
    Consortium,
    Tally,
    ascending,
    extend_head,
    find_party_of_authority,
    list_signers,
    require_authority,
    require_in_time,
    require_operating,
    require_operators,
    require_party,
    require_standing,
    with_item,
)
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import Direction, LaneActKind, LaneState, PartyState, Role

MAX_LANES: Final = 16
"""Most lanes of a pair. Overlapping arrangements have a lane each. An ended lane may be used again, in a new generation."""
LAST_GENERATION: Final = 255
"""Last generation of a lane. After it, the lane is not used again."""


def arrange(consortium: Consortium, arrangement: Conclusion, signed: Signed, *, time: int) -> Consortium:
    """Conclude an arrangement or, given an `Amendment`, amend its lanes.

    Args:
        consortium: The state before the act.
        arrangement: The act.
        signed: For each pair, its recogniser and the register's party or a union of that party.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(arrangement.deadline, time)
    if not arrangement.recognitions:
        refuse(Refusal.NO_RECOGNITIONS)
    if not re.fullmatch("[\x21-\x7e]{1,10}", arrangement.arrangement) or arrangement.text == bytes(32):
        refuse(Refusal.WRONG_ARRANGEMENT)
    _require_signatories(consortium, arrangement, signed, time)
    after = consortium
    concerned: set[int] = set()
    for recognition in arrangement.recognitions:
        concerned |= _list_concerned(after, arrangement, recognition, time)
        after = _write_lane(after, arrangement, recognition, time)
        after = _extend(after, (recognition.recogniser, recognition.register), signed, time)
    if concerned != arrangement.signatories:
        refuse(Refusal.SURPLUS_SIGNATORY)
    return after


def act_on_lane(consortium: Consortium, act: LaneAct, signed: Signed, *, time: int) -> Consortium:
    """Suspend or resume a lane (the recogniser alone), or end it (either side alone).

    The recogniser's acts have their own numbers. An end uses no number, so that neither side can void the other's. It names
    the pair's last amendment and must shorten the lane. So it counts only once, and never after a later amendment.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(act.deadline, time)
    if act.act not in list(LaneActKind):
        refuse(Refusal.UNKNOWN_ACT)
    ends = act.act == LaneActKind.END
    if ends != (act.until != 0):
        refuse(Refusal.WRONG_MEMBERS)
    require_standing(consortium, act.party, favours=act.act == LaneActKind.RESUME, time=time)
    key = (act.recogniser, act.register, act.lane)
    pair = consortium.pairs.get(key[:2], Pair())
    if act.number != (pair.amendments if ends else pair.lane_acts + 1):
        refuse(Refusal.WRONG_LANE_NUMBER)
    require_authority(consortium, act.party, list_signers(signed))
    if act.party != act.recogniser and not (ends and _is_of_register(consortium, act.register, act.party, time)):
        refuse(Refusal.SURPLUS_SIGNATORY)
    if act.lane >= pair.lanes:
        refuse(Refusal.WRONG_LANE)
    if act.generation != consortium.lanes[key].generation:
        refuse(Refusal.WRONG_GENERATION)
    after = replace(consortium, lanes=with_item(consortium.lanes, key, alter_lane(consortium.lanes[key], act, time)))
    if not ends:
        after = replace(after, pairs=with_item(after.pairs, key[:2], replace(pair, lane_acts=act.number)))
    return _extend(after, key[:2], signed, time)


def withhold(consortium: Consortium, act: WithholdingAct, signed: Signed, *, time: int) -> Consortium:
    """Refuse benefits to one entry, or grant them again. The recogniser's operators sign. Each entry has its own serials.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    require_in_time(act.deadline, time)
    require_operating(consortium, act.recogniser, favours=not act.withheld, time=time)
    register = register_of(act.entry)
    require_party(consortium, register)
    key, pair_key = (act.recogniser, act.entry), (act.recogniser, register)
    old = consortium.withholdings.get(key)
    if act.serial != (old.serial if old else 0) + 1:
        refuse(Refusal.WRONG_WITHHOLDING_SERIAL)
    require_operators(consortium, act.recogniser, list_signers(signed))
    if (old is not None and old.withheld) == act.withheld:
        refuse(Refusal.WRONG_WITHHOLDING)
    withholding = Withholding(withheld=act.withheld, changed_at=time, serial=act.serial)
    after = replace(consortium, withholdings=with_item(consortium.withholdings, key, withholding))
    if act.withheld:
        pair = consortium.pairs.get(pair_key, Pair())
        counted = replace(pair, withheld=min(pair.withheld + 1, LARGEST_WITHHELD_COUNT))
        after = replace(after, pairs=with_item(after.pairs, pair_key, counted))
    return _extend(after, pair_key, signed, time)


def _is_of_register(consortium: Consortium, register: int, party: int, time: int) -> bool:
    """Tell whether a party keeps a register, or is a union of the party that keeps it."""
    return party == register or require_party(consortium, register).belongs_to(party, time)


def _require_signatories(consortium: Consortium, arrangement: Conclusion, signed: Signed, time: int) -> None:
    """Refuse unless exactly the authorities of the signing parties signed, each with enough keys, and each may favour."""
    keys: Counter[int] = Counter()
    for signer in ascending(signed.signers):
        party = find_party_of_authority(consortium, signer)
        if party not in arrangement.signatories:
            refuse(Refusal.SURPLUS_SIGNATURE)
        require_standing(consortium, party, favours=True, time=time)
        keys[party] += 1
    counted = Tally(keys=keys)
    for number in arrangement.signatories:
        known = consortium.parties.get(number)
        if known is None or not counted.reaches(number, known):
            refuse(Refusal.TOO_FEW_SIGNATURES)


def _list_concerned(consortium: Consortium, arrangement: Conclusion, recognition: Recognition, time: int) -> set[int]:
    """Refuse unless the parties that this pair needs signed; list them. An amendment does not need expelled parties."""
    concludes = not isinstance(arrangement, Amendment)
    recogniser = require_party(consortium, recognition.recogniser)
    party = require_party(consortium, recognition.register)
    if concludes and not party.keeps_register:
        refuse(Refusal.NO_REGISTER_KEPT)
    recognising = arrangement.signatories & {recognition.recogniser}
    recognised = arrangement.signatories & {recognition.register, *party.unions_at(time)}
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
    pair = consortium.pairs.get(pair_key, Pair())
    if recognition.amendment != pair.amendments + 1:
        refuse(Refusal.WRONG_AMENDMENT)
    amends = isinstance(arrangement, Amendment)
    if recognition.lane > pair.lanes or (recognition.lane == pair.lanes and amends):
        refuse(Refusal.WRONG_LANE)
    if recognition.lane == MAX_LANES:
        refuse(Refusal.TOO_MANY_LANES)
    old = consortium.lanes.get(key)
    if amends and old is not None and old.arrangement != arrangement.arrangement:
        refuse(Refusal.WRONG_ARRANGEMENT)
    if not amends and old is not None and not _is_free(old, time):
        refuse(Refusal.WRONG_LANE)
    _require_scope(recognition)
    lane = make_lane(arrangement, recognition, old, time)
    lanes = max(pair.lanes, recognition.lane + 1)
    pair = replace(pair, amendments=recognition.amendment, lanes=lanes)
    return replace(
        consortium,
        lanes=with_item(consortium.lanes, key, lane),
        texts=consortium.texts if amends else with_item(consortium.texts, key, arrangement.text),
        pairs=with_item(consortium.pairs, pair_key, pair),
    )


def _is_free(lane: Lane, time: int) -> bool:
    """Tell whether a lane has ended and may be used again."""
    return 0 < lane.until <= time and lane.generation < LAST_GENERATION


def _require_scope(recognition: Recognition) -> None:
    known = 0 < recognition.roles < 1 << len(Role) and 0 < recognition.directions < 1 << len(Direction)
    ends_early = recognition.until != 0 and recognition.until <= recognition.in_force_from
    if not known or recognition.types == 0 or ends_early:
        refuse(Refusal.WRONG_SCOPE)


def make_lane(arrangement: Conclusion, recognition: Recognition, old: Lane | None, time: int) -> Lane:
    """Derive the lane after a conclusion (a new lane, or an ended one used again) or after an amendment."""
    amends = isinstance(arrangement, Amendment)
    return Lane(
        state=old.state if old and amends else LaneState.OPEN,
        arrangement=arrangement.arrangement,
        types=recognition.types,
        roles=recognition.roles,
        directions=recognition.directions,
        benefits=recognition.benefits,
        in_force_from=recognition.in_force_from,
        until=recognition.until,
        changed_at=time,
        changes=_next_change(old) if old else 0,
        generation=old.generation + (not amends) if old else 0,
    )


def _next_change(lane: Lane) -> int:
    return min(lane.changes + 1, LARGEST_LANE_COUNT)


def alter_lane(lane: Lane, act: LaneAct, time: int) -> Lane:
    """Derive the lane after an act of one side alone.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    changed = replace(lane, changed_at=time, changes=_next_change(lane))
    if act.act == LaneActKind.END:
        if act.until < time or (lane.until != 0 and act.until >= lane.until):
            refuse(Refusal.WRONG_END)
        return replace(changed, until=act.until)
    suspends = act.act == LaneActKind.SUSPEND
    if lane.state is not (LaneState.OPEN if suspends else LaneState.SUSPENDED):
        refuse(Refusal.WRONG_LANE_STATE)
    return replace(changed, state=LaneState.SUSPENDED if suspends else LaneState.OPEN)


def _extend(consortium: Consortium, pair: tuple[int, int], signed: Signed, time: int) -> Consortium:
    head = extend_head(consortium.pair_heads.get(pair, NO_HEAD), signed.hash, time)
    return replace(consortium, pair_heads=with_item(consortium.pair_heads, pair, head))
