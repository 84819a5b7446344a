"""A story told on an embedded network: acts of every kind through real HTTP, each with the time of its block."""

from __future__ import annotations

import time
from random import Random
from typing import Any

from aeo_ledger.customs.vocabulary import EventKind, LaneActKind, PartyActKind
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import read_pair
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer
from support.network import Network, now

CN_EU = """
name = "CN-EU"
signed = "2014-05"
text = "China and the European Union"
[[recognition]]
recogniser = "CN"
register = "EU"
types = ["AEOS"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2015-11-01
"""


class Story:
    """What happened, each thing with the time of its block; no two in the same second."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.at: dict[str, int] = {}
        self.operator = network.signer("BY")

    def note(self, what: str, block: int) -> None:
        self.at[what] = self.network.running.ledger.time_of(block)
        while now() <= self.at[what] + 1:
            time.sleep(0.1)

    def change(
        self, what: str, tin: str, kind: EventKind, register: str = "BY", issuer: str = "BY", **entered: Any
    ) -> None:
        network = self.network
        certificate_type = 2 if register == "BY" else 1
        _, done = change_status(
            network.office,
            network.entry(tin, register, certificate_type),
            Change(kind=kind, **entered),
            register=network.number(register),
            issuer=network.number(issuer),
            signers=[self.operator if issuer == "BY" else network.signer(issuer)],
        )
        assert done.sealed is not None
        self.note(what, done.sealed.block)

    def act(self, what: str, name: str, values: dict[str, Any], *signers: Signer) -> None:
        act = SignedAct(name=name, values={"deadline": now() + 600, **values})
        self.note(what, self.network.desk.submit(sign_act(act, signers, self.network.trust)).block)

    def alone(self, what: str, party: str, kind: PartyActKind, *signers: Signer, **members: Any) -> None:
        member = next(m for m in self.network.desk.members() if m.party.code == party)
        values = {
            "party": member.number,
            "serial": member.office.serial + 1,
            "act": int(kind),
            "certificate_type": 0,
            "key": bytes(20),
            "detail": 0,
            "effective": 0,
            "grounds": bytes(32),
        }
        self.act(what, "PartyAct", {**values, **members}, *signers)

    def lane(self, what: str, kind: LaneActKind) -> None:
        cn, by = self.network.number("CN"), self.network.number("BY")
        pair, lanes = read_pair(self.network.office, cn, by)
        values = {
            "party": cn,
            "recogniser": cn,
            "register": by,
            "lane": 0,
            "generation": lanes[0].generation,
            "number": pair.lane_acts + 1,
            "act": int(kind),
            "until": 0,
            "grounds": bytes(32),
        }
        self.act(what, "LaneAct", values, self.network.signer("CN", "authority"))


def rotate_operator(story: Story) -> None:
    """Belarus takes a new operator and retires the one that has signed so far."""
    network, authority = story.network, story.network.signer("BY", "authority")
    fresh = Signer.generate(Random(7).randbytes)  # noqa: S311
    story.alone("added", "BY", PartyActKind.ADD_OPERATOR, authority, fresh, key=fresh.address)
    story.alone("retired", "BY", PartyActKind.RETIRE_OPERATOR, authority, key=story.operator.address)
    story.operator = fresh
    assert network.desk.members()[network.number("BY") - 1].office.operators == 1
