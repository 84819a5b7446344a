"""`aeo-ledger arrangement list`: who recognises whom, and at which stage each recognition is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, SNAPSHOT_TIMEOUT, AsJson, Gateway, Timeout, Trust
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.state import SnapshotOption, fetch_state, moment_of
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.calendar import show_moment, write_moment
from aeo_ledger.office.lanes import ListedLane, list_lanes
from aeo_ledger.office.naming import name_bits, name_types


@reporting
def list_arrangements(
    trust: Trust,
    party: Annotated[str | None, typer.Option(help="Only recognitions by this party, or of its register.")] = None,
    snapshot: SnapshotOption = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    as_json: AsJson = False,
) -> None:
    """List every recognition with its stage: signed, in force, suspended, ended. All of it is proven.

    "Signed" is not "in force": a day of entry into force may come years later.
    """
    words = fetch_state(gateway, timeout, read_trust(trust), snapshot)
    listed = [one for one in list_lanes(words) if party in (None, one.recogniser, one.register)]
    moment = moment_of(words)
    show(
        {"recognitions": [_describe(one) for one in listed], **moment.describe()},
        as_json=as_json,
        lines=[line for one in listed for line in _tell(one)] + (moment.tell() if listed else ["none", *moment.tell()]),
    )


def _tell(one: ListedLane) -> list[str]:
    lane, days = one.lane, []
    if lane.in_force_from:
        days.append(f"from {show_moment(lane.in_force_from, one.recogniser)}")
    if lane.until:
        days.append(f"until {show_moment(lane.until, one.recogniser)}")
    scope = [
        f"types {', '.join(name_types(lane.types, list_type_names(one.register))) or 'none'}",
        ", ".join(name_bits(lane.directions, Direction)) or "no direction",
        f"{lane.benefits.bit_count()} benefits",
        *([f"{one.withheld} withholdings made"] if one.withheld else []),
    ]
    return [
        f"{lane.arrangement:<10}  {one.recogniser} recognises {one.register}, lane {one.number}: {one.stage}",
        *([f"            {', '.join(days)}"] if days else []),
        f"            {'; '.join(scope)}",
    ]


def _describe(one: ListedLane) -> dict[str, Any]:
    lane = one.lane
    return {
        "arrangement": lane.arrangement,
        "recogniser": one.recogniser,
        "register": one.register,
        "lane": one.number,
        "stage": one.stage.name.lower(),
        "types": name_types(lane.types, list_type_names(one.register)),
        "roles": name_bits(lane.roles, Role),
        "directions": name_bits(lane.directions, Direction),
        "benefits": name_bits(lane.benefits, Benefit),
        "in_force_from": write_moment(lane.in_force_from) if lane.in_force_from else None,
        "until": write_moment(lane.until) if lane.until else None,
        "changed_at": write_moment(lane.changed_at),
        "withholdings": one.withheld,
    }
