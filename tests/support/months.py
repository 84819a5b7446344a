"""Six moments, and what is recorded at them: standings by their events, and acts on the lane of one pair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aeo_ledger.customs.acts import Amendment, Conclusion, LaneAct, Recognition
from aeo_ledger.customs.history import StandingHistory
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import EventKind, LaneActKind, Status
from support.sealed_world import BY, BY_TRADER, CN, entry_of

JAN, FEB, MAR, APR, MAY, JUN = range(100, 700, 100)
K = EventKind
STATUS = {
    K.GRANT: Status.ACTIVE,
    K.SUSPEND: Status.SUSPENDED,
    K.REINSTATE: Status.ACTIVE,
    K.REVOKE: Status.REVOKED,
    K.WITHDRAW: Status.WITHDRAWN,
    K.ANNUL: Status.ANNULLED,
    K.RESTORE: Status.ACTIVE,
}
ENTRY = entry_of(BY_TRADER, BY, 2)


def standing(*events: tuple[EventKind, int, dict[str, Any]]) -> StandingHistory:
    """Make a standing's history from its events: kind, time of recording, other fields. A status holds from its recording unless *since* is given."""
    records: list[Record] = []
    for kind, at, altered in events:
        new = Record(status=Status.ACTIVE, kind=K.GRANT, issuer=BY, roles=1, sequence=0, since=at, valid_from=at)
        old = records[-1] if records else new
        new = replace(old, kind=kind, sequence=old.sequence + 1, recorded_at=at)
        if kind in STATUS:
            since = records[-1].valid_from if kind is K.ANNUL else at
            new = replace(new, status=STATUS[kind], since=since)
        if kind is K.GRANT:
            new = replace(new, valid_from=altered.get("since", at))
        records.append(replace(new, **altered))
    return StandingHistory(entry=ENTRY, records=tuple(records))


GRANTED: tuple[EventKind, int, dict[str, Any]] = (K.GRANT, JAN, {})
SUSPENDED = standing(GRANTED, (K.SUSPEND, MAR, {}), (K.REINSTATE, APR, {}))


def conclusion(*recognitions: Recognition, amends: bool = False) -> Conclusion:
    kind = Amendment if amends else Conclusion
    parties = frozenset({BY, CN})
    return kind(deadline=0, arrangement="CN-BY", text=b"t", signatories=parties, recognitions=recognitions)


def recognition(amendment: int, lane: int = 0, **altered: Any) -> Recognition:
    proper = {"types": 1, "roles": 1, "directions": 1, "benefits": 1, "in_force_from": JAN, "until": 0}
    return Recognition(recogniser=CN, register=BY, lane=lane, amendment=amendment, **{**proper, **altered})


def lane_act(number: int, act: LaneActKind, until: int = 0, generation: int = 0) -> LaneAct:
    return LaneAct(
        party=CN,
        recogniser=CN,
        register=BY,
        lane=0,
        generation=generation,
        number=number,
        deadline=0,
        act=act,
        until=until,
    )
