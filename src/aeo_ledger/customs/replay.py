"""Replay: derive the states of a party, a pair or the network from its recorded acts, act by act.

The rules are those of the ledger: an act's effect on its subject is a pure part of them. `verify.signatories` judges who may
act and who signed. A replay refuses an act that no ledger can have recorded after the earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from aeo_ledger.customs import replacement
from aeo_ledger.customs.acts import (
    Amendment,
    Candidate,
    Conclusion,
    Envelope,
    Freeze,
    LaneAct,
    PartyAct,
    ReplacementAct,
    Resolution,
    Succession,
    WithholdingAct,
)
from aeo_ledger.customs.arrangement import Lane, Pair, Withholding
from aeo_ledger.customs.arrangement_rules import alter_lane, make_lane
from aeo_ledger.customs.autonomy import ON_MEMBER, leave_or_stay
from aeo_ledger.customs.consortium import END_OF_TIME, Replacement
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.governance import ON_VALIDATORS, admit_party, alter_party
from aeo_ledger.customs.history import NetworkHistory, PairHistory, PartyHistory
from aeo_ledger.customs.membership import join
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import LaneActKind, PartyActKind, ReplacementActKind, ResolutionAct


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """How a party of the genesis began. The genesis is pinned, so nobody signs this."""

    party: Party
    authority: bytes
    """20 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The replacement of an authority was completed. Anyone may do this, so nobody signs it."""

    key: bytes
    """The new authority, 20 bytes."""


PartyStep: TypeAlias = Founding | Completion | Resolution | PartyAct | ReplacementAct | Freeze | Envelope
PairStep: TypeAlias = Conclusion | LaneAct | WithholdingAct  # an amendment is a conclusion
NetworkStep: TypeAlias = Succession | Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in an act, and what it tells about the act's place in the history."""

    what: str
    """What is counted, for people."""
    counter: Hashable
    """Identifies the counter of the subject."""
    number: int
    names_last: bool = False
    """Whether the number repeats the last one instead of using the next."""
    skips: bool = False
    """Whether numbers in between may belong to other subjects."""


def begins(step: PartyStep | NetworkStep) -> bool:
    """Tell whether a party begins with this act."""
    return isinstance(step, Founding) or (isinstance(step, Resolution) and step.act == ResolutionAct.ADMIT)


# ---- numbers


def number_in_party(step: PartyStep | NetworkStep, party: int) -> Number | None:
    """Read the number of an act in the history of a party or of the network; None if the act has none."""
    if isinstance(step, Succession):
        return Number(what="resolution", counter="resolutions", number=step.number)
    if isinstance(step, Resolution):
        if step.act in ON_VALIDATORS:
            return Number(what="resolution on validators", counter="validators", number=step.number, skips=True)
        return Number(what="resolution", counter="resolutions", number=step.number)
    if isinstance(step, PartyAct):
        whose = "serial" if step.party == party else f"serial of party {step.party}"
        return Number(what=whose, counter=("serial", step.party), number=step.serial, skips=step.party != party)
    if isinstance(step, Envelope):
        return Number(what="envelope's serial", counter="envelopes", number=step.serial)
    return None


def numbers_in_pair(step: PairStep, pair: tuple[int, int]) -> list[Number]:
    """List the numbers of an act in the history of a pair (recogniser, register), one for each time that it names the pair."""
    if isinstance(step, Conclusion):
        named = [named for named in step.recognitions if (named.recogniser, named.register) == pair]
        return [Number(what="amendment", counter="amendments", number=one.amendment) for one in named]
    register = step.register if isinstance(step, LaneAct) else register_of(step.entry)
    if (step.recogniser, register) != pair:
        return []
    if isinstance(step, WithholdingAct):
        return [Number(what="serial of its entry", counter=step.entry, number=step.serial)]
    if step.act == LaneActKind.END:
        return [Number(what="amendment", counter="amendments", number=step.number, names_last=True)]
    return [Number(what="lane act", counter="lane_acts", number=step.number)]


# ---- parties and the network


@dataclass(slots=True)
class _Office:
    """The part of a party's counters and keys that its word depends on."""

    delay: Callable[[], int]
    pending: Replacement | None = None
    lifts: int = 0


def replay_party(
    number: int, steps: Iterable[tuple[int, PartyStep]], *, delay: Callable[[], int] = lambda: 0
) -> PartyHistory:
    """Replay a party's acts, each with its time of recording.

    Args:
        number: The party.
        steps: Acts with their times of recording, in order.
        delay: Looks up the shortest time of a replacement, seconds. It is called only if an authority was replaced.

    Raises:
        RefusedByLedger: An act cannot have been recorded after the earlier ones.
        ValueError: The same; or the first act is neither a founding nor an admission, or a later act is one.
    """
    states: list[tuple[int, Party]] = []
    office = _Office(delay)
    for time, step in steps:
        if begins(step) == bool(states):
            raise ValueError("a party begins once, with its founding or admission")
        states.append((time, _alter(number, states[-1][1], office, step, time) if states else _begin(step, time)))
    return PartyHistory(number=number, states=tuple(states))


def replay_network(steps: Iterable[tuple[int, NetworkStep]], *, seams: Iterable[int] = ()) -> NetworkHistory:
    """Replay the resolutions on the network, each with its time of recording.

    Args:
        steps: Acts with their times of recording, in order.
        seams: Times at which the next ledger succeeded one, UTC seconds. There the named succession is carried out, and the
            next ledger has not yet named a successor.

    Raises:
        ValueError: An act cannot have been recorded after the earlier ones.
    """
    successions: list[tuple[int, Succession | None]] = []
    ahead = sorted(seams)

    def cross(until: int) -> None:
        while ahead and ahead[0] < until:
            seam = ahead.pop(0)
            if successions and successions[-1][1]:
                successions.append((seam, None))

    for time, step in steps:
        cross(time)
        named = step if isinstance(step, Succession) else None
        if bool(named) == bool(successions and successions[-1][1]):
            raise ValueError("a successor is named once, and must be cancelled before another one is named")
        successions.append((time, named))
    cross(END_OF_TIME)
    return NetworkHistory(successions=tuple(successions))


def _begin(step: PartyStep, time: int) -> Party:
    if isinstance(step, Founding):
        return step.party
    if isinstance(step, Resolution) and isinstance(step.detail, Candidate):
        return admit_party(step.detail, time)
    raise ValueError("an admission names no candidate")


def _alter(number: int, party: Party, office: _Office, step: PartyStep, time: int) -> Party:
    if isinstance(step, Resolution):
        return _resolve(party, office, step, time)
    if isinstance(step, ReplacementAct):
        return _act_on_replacement(party, office, step, time)
    if isinstance(step, Completion):
        pending = _take(office, step.key)
        office.lifts += party.frozen
        return replacement.complete(party, pending, time)
    if isinstance(step, Freeze):
        if party.frozen or step.lifts != office.lifts:
            raise ValueError(f"the freeze counts {step.lifts} lifts, but there were {office.lifts}")
        return replace(party, frozen=True)
    if isinstance(step, PartyAct) and (step.party == number) == (step.act not in ON_MEMBER):
        return _act_alone(party, office, step, time)
    return party


def _resolve(party: Party, office: _Office, step: Resolution, time: int) -> Party:
    if step.act in ON_VALIDATORS:
        return party
    if step.act == ResolutionAct.CANCEL_REPLACEMENT:
        return replacement.release(party, _take(office), time)
    if step.act == ResolutionAct.REPLACE_AUTHORITY:
        party, office.pending = replacement.begin(party, step.key, office.delay(), time)
        return party
    party, office.pending = alter_party(party, office.pending, step.act, step.amount, time)
    return party


def _act_on_replacement(party: Party, office: _Office, step: ReplacementAct, time: int) -> Party:
    pending = _take(office, step.key)
    if step.act == ReplacementActKind.STOP:
        return replacement.release(party, pending, time)
    party, office.pending = replacement.object_to(party, pending, office.delay(), time)
    return party


def _take(office: _Office, key: bytes | None = None) -> Replacement:
    """Take out the pending replacement. It is over unless the caller puts it back."""
    pending, office.pending = office.pending, None
    if pending is None or key not in {None, pending.key}:
        raise ValueError("no such replacement is pending")
    return pending


_MEMBERSHIP: Final = ON_MEMBER | {PartyActKind.LEAVE_UNION, PartyActKind.REVOKE_LEAVING}


def _act_alone(party: Party, office: _Office, act: PartyAct, time: int) -> Party:
    """Derive the party after an act that a party decides alone: the party itself or, for a union's act, the member."""
    detail = act.detail if isinstance(act.detail, int) else 0  # only a register's word is not a number
    if act.act == PartyActKind.JOIN_UNION:
        return join(party, detail, time)
    if act.act in _MEMBERSHIP:
        return leave_or_stay(party, act.party if act.act in ON_MEMBER else detail, act, time)
    if act.act == PartyActKind.CANCEL_REPLACEMENT:
        return replacement.release(party, _take(office), time)
    office.lifts += act.act == PartyActKind.UNFREEZE
    changed: dict[PartyActKind, dict[str, int]] = {
        PartyActKind.ADD_AUTHORITY_KEY: {"authority_keys": party.authority_keys + 1},
        PartyActKind.RETIRE_AUTHORITY_KEY: {"authority_keys": party.authority_keys - 1},
        PartyActKind.SET_AUTHORITY_THRESHOLD: {"authority_threshold": detail},
        PartyActKind.SET_THRESHOLD: {"threshold": detail},
        PartyActKind.SET_REGISTER: {"opened": True},
        PartyActKind.UNFREEZE: {"frozen": False},
    }
    return replace(party, **changed.get(act.act, {}))  # type: ignore[arg-type]  # each of its field's type


# ---- pairs


def replay_pair(recogniser: int, register: int, steps: Iterable[tuple[int, PairStep]]) -> PairHistory:
    """Replay a pair's acts, each with its time of recording. Of a conclusion or amendment, only the lanes of this pair count.

    Raises:
        RefusedByLedger: An act cannot have been recorded after the earlier ones.
        ValueError: An act names a lane that the pair does not have, or that is not the next one.
    """
    lanes: list[list[tuple[int, Lane]]] = []
    withholdings: dict[bytes, list[tuple[int, Withholding]]] = {}
    pair = Pair()
    for time, step in steps:
        if isinstance(step, WithholdingAct):
            made = Withholding(withheld=step.withheld, changed_at=time, serial=step.serial)
            withholdings.setdefault(step.entry, []).append((time, made))
            pair = replace(pair, withheld=pair.withheld + step.withheld)
        elif isinstance(step, LaneAct):
            lane = _lane(lanes, step.lane)
            if lane[-1][1].generation != step.generation:
                raise ValueError(f"generation {step.generation} is not that of lane {step.lane}")
            lane.append((time, alter_lane(lane[-1][1], step, time)))
            pair = replace(pair, lane_acts=pair.lane_acts + (step.act != LaneActKind.END))
        else:
            for named in step.recognitions:
                if (named.recogniser, named.register) == (recogniser, register):
                    lane = _lane(lanes, named.lane, may_begin=not isinstance(step, Amendment))
                    lane.append((time, make_lane(step, named, lane[-1][1] if lane else None, time)))
                    pair = replace(pair, lanes=len(lanes), amendments=named.amendment)
    return PairHistory(
        recogniser=recogniser,
        register=register,
        lanes=tuple(tuple(lane) for lane in lanes),
        withholdings={entry: tuple(made) for entry, made in withholdings.items()},
        pair=pair,
    )


def _lane(lanes: list[list[tuple[int, Lane]]], number: int, *, may_begin: bool = False) -> list[tuple[int, Lane]]:
    """Find a lane by number. A conclusion may begin the next one."""
    if number == len(lanes) and may_begin:
        lanes.append([])
    if number >= len(lanes):
        raise ValueError(f"the pair has no lane {number}")
    return lanes[number]
