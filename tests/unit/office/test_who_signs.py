"""Who must sign is said twice: to a signer by `office.who_signs`, and to a verifier by `verify.signatories`. Both say the same."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from aeo_ledger.customs.status_events import BY_CAPACITY
from aeo_ledger.customs.vocabulary import (
    Capacity,
    KeyRole,
    LaneActKind,
    PartyActKind,
    ReplacementActKind,
    ResolutionAct,
)
from aeo_ledger.errors.verify import EventOfAnother
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication
from aeo_ledger.office.who_signs import Side, find_cosigner, list_sides
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.verify.signatories import Place, Signatories

_KEY = b"\x07" * 20
_VALUES: dict[str, Any] = {
    "party": 3,
    "register": 4,
    "recogniser": 5,
    "issuer": 6,
    "former": 7,
    "detail": 8,
    "signatories": 1 << 9 | 1 << 200,
    "key": _KEY,
    "capacity": Capacity.OPERATORS,
    "deadline": 0,
}
"""Values of which each names another party. Every message takes what it needs."""

_KINDS = {
    "Resolution": ResolutionAct,
    "PartyAct": PartyActKind,
    "ReplacementAct": ReplacementActKind,
    "LaneAct": LaneActKind,
}
_ACTS = [(name, {"act": kind} if name in _KINDS else {}) for name in CONTRACT_OF for kind in _KINDS.get(name, (None,))]
_ACTS = [one for one in _ACTS if one[0] != "Publication"]


class _Demands:
    """Takes down what a verifier demands, as sides; the number of votes is the chain's to count."""

    def __init__(self) -> None:
        self.sides: set[object] = set()
        self.key = b""

    def demand_operators(self, party: int) -> None:
        self.sides.add((KeyRole.OPERATOR, (party,), False))

    def demand_one(self, party: int, role: KeyRole) -> None:
        self.sides.add((role, (party,), True))

    def demand_authorities(self, parties: Iterable[int]) -> None:
        self.sides.add((KeyRole.AUTHORITY, tuple(parties), False))

    def demand_votes(self, but: int = 0) -> None:
        self.sides.add(("seats", but))

    def demand_key(self, key: bytes) -> None:
        self.key = key

    def demand_transfer(self, issuer: int, former: int, register: int) -> None:
        self.demand_operators(issuer)
        instead = (KeyRole.AUTHORITY, (register,), False)
        self.sides.add((KeyRole.OPERATOR, (former,), False, instead))

    def demand_right(self, has: bool, _: str) -> None:
        if not has:
            raise EventOfAnother(subject="", event=1, what="")

    def demand_ascending(self) -> None:
        pass


def _write(side: Side) -> object:
    """Write a side as `_Demands` does."""
    if side.of_seats:
        return "seats", side.without
    written = (side.role, side.parties, side.alone)
    return written if side.instead is None else (*written, _write(side.instead))


@pytest.fixture
def demands(monkeypatch: pytest.MonkeyPatch) -> _Demands:
    found = _Demands()
    monkeypatch.setattr(Signatories, "_recover", lambda *_: found)
    return found


def _judge() -> Signatories:
    return Signatories(SimpleNamespace(), SimpleNamespace(), {})  # type: ignore[arg-type]


_AT = Place(subject="it", event=1, recorded_at=0)


@pytest.mark.parametrize(
    ("name", "more"), _ACTS, ids=lambda one: one if isinstance(one, str) else str(one.get("act", ""))
)
def test_signer_and_verifier_are_told_the_same(demands: _Demands, name: str, more: dict[str, Any]) -> None:
    values = {**_VALUES, **more}
    if name == "LaneAct" and more["act"] != LaneActKind.END:
        values["party"] = values["recogniser"]
    _judge().judge_act(RecordedAct(name=name, values=values, signatures=(), recorded_at=0), bytes(32), _AT)
    act = SignedAct(name=name, values=values)
    assert (demands.sides, demands.key) == ({_write(side) for side in list_sides(act)}, find_cosigner(act))


@pytest.mark.parametrize("capacity", Capacity)
def test_the_same_of_publications_in_every_capacity(demands: _Demands, capacity: Capacity) -> None:
    values = {**_VALUES, "capacity": capacity, "former": 7 if capacity is Capacity.TRANSFER else 0}
    publication = RecordedPublication(
        register=values["register"],
        issuer=values["issuer"],
        former=values["former"],
        capacity=capacity,
        deadline=0,
        events=(),
        details=bytes(32),
        signatures=(),
        recorded_at=0,
    )
    for kind in BY_CAPACITY[capacity]:
        _judge().judge_publication(publication, kind, _AT)
    assert demands.sides == {_write(side) for side in list_sides(SignedAct(name="Publication", values=values))}


def test_every_message_is_said_twice() -> None:
    assert {name for name, _ in _ACTS} | {"Publication"} == set(CONTRACT_OF)


def test_only_the_recogniser_may_suspend_a_lane(demands: _Demands) -> None:
    act = RecordedAct(name="LaneAct", values={**_VALUES, "act": LaneActKind.SUSPEND}, signatures=(), recorded_at=0)
    with pytest.raises(EventOfAnother):
        _judge().judge_act(act, bytes(32), _AT)
    assert not demands.sides
