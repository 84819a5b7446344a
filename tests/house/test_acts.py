"""Every act of the contracts has its verb: what the contracts execute is compared with what an officer can type."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

import pytest
import typer
from typer.core import TyperGroup

from aeo_ledger.cli.main import app
from aeo_ledger.customs.status_events import STATUS_EVENTS
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    ReplacementActKind,
    ResolutionAct,
)
from aeo_ledger.ledger.bindings import artifact
from aeo_ledger.office.draft_acts import LANE_VERBS, PARTY_VERBS, REPLACEMENT_VERBS, RESOLUTION_VERBS
from aeo_ledger.protocol.tables import Contract

WRITES = {"put", "extend", "enlist"}
"""Functions of `Consortium` that only `Governance` may call: nobody signs for them."""

ACTS: dict[str, set[str]] = {
    "resolve": {f"resolution draft {RESOLUTION_VERBS[act].named(act)}" for act in ResolutionAct},
    "supersede": {"resolution draft supersede", "network supersede"},
    "act": {f"party act {PARTY_VERBS[kind].named(kind)}" for kind in PartyActKind},
    "act_on_replacement": {f"party {REPLACEMENT_VERBS[act].named(act)}" for act in ReplacementActKind},
    "complete_replacement": {"party complete-replacement"},
    "freeze": {"party freeze"},
    "conclude": {"arrangement conclude"},
    "amend": {"arrangement amend"},
    "act_on_lane": {f"arrangement {LANE_VERBS[kind].named(kind)}" for kind in LaneActKind},
    "withhold": {"withhold"},
    "publish": {STATUS_EVENTS[kind].verb for kind in EventKind} | {"register import"},
    "bind_alias": {"alias bind", "alias release"},
    "send_envelope": {"register share"},
}
"""The verbs of each function that executes an act."""


def _verbs(command: object, *path: str) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _verbs(below, *path, name)
    else:
        yield " ".join(path)


VERBS = set(_verbs(typer.main.get_command(app)))


def test_every_function_that_executes_an_act_has_its_verbs() -> None:
    functions = {
        item["name"]
        for contract in Contract
        for item in artifact(contract)["abi"]
        if item["type"] == "function" and item["stateMutability"] == "nonpayable"
    }
    assert functions - WRITES == set(ACTS)
    assert set().union(*ACTS.values()) <= VERBS


@pytest.mark.parametrize(
    ("kinds", "table"),
    [
        (ResolutionAct, RESOLUTION_VERBS),
        (PartyActKind, PARTY_VERBS),
        (LaneActKind, LANE_VERBS),
        (ReplacementActKind, REPLACEMENT_VERBS),
        (EventKind, STATUS_EVENTS),
    ],
)
def test_every_kind_of_act_has_a_row(kinds: type[IntEnum], table: dict[IntEnum, object]) -> None:
    assert set(table) == set(kinds)


def test_every_capacity_can_be_signed_in() -> None:
    usual = {row.capacities[0] for row in STATUS_EVENTS.values()}
    assert usual | {Capacity.UNION} == set(Capacity), "--by-union signs for the union"
    assert all(set(row.capacities[1:]) <= {Capacity.UNION} for row in STATUS_EVENTS.values())
