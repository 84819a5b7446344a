"""A stolen operator's key: what it signs until its owner notices, and how all of it is found and undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, ReasonClass
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.lab.attacks_lists import HONEST, PARTIES, TYPE_3, begin
from aeo_ledger.lab.attacks_stage import Finding, Stage
from aeo_ledger.lab.own_network import MOST_EVENTS, OwnNetwork, about, open_network
from aeo_ledger.lab.streams import Streams
from aeo_ledger.office.carry_out import LIFETIME_S, sign_act
from aeo_ledger.office.change_status import Change
from aeo_ledger.office.draft_acts import draft_freeze, draft_party_act
from aeo_ledger.office.signed_by import find_signed_by
from aeo_ledger.signing import Signer

_BATCHES: Final = 2
"""Publications that the thief makes; the rest of its time follows from the gas of a block."""


def steal_operator(stage: Stage) -> Iterator[Finding]:
    """Sign with a copy of an operator's key until the freeze; then freeze, replace the key, and undo what it signed."""
    with open_network(stage.folder / "network", PARTIES, seed=stage.seed) as network:
        begin(network)
        yield _steal(network, stage)
    with open_network(stage.folder / "two", PARTIES, seed=stage.seed) as network:
        begin(network)
        yield _steal_one_of_two(network, stage)


def _steal(network: OwnNetwork, stage: Stage) -> Finding:
    clock, stolen = network.clock, network.signer("BY")
    clock.advance(stage.assumed.sent_s)
    began = int(clock())
    false = [Tin(f"BY{number:09}") for number in range(_BATCHES * MOST_EVENTS)]
    network.grant("BY", false, TYPE_3, [stolen])
    believed = [network.ask(about(tin, "CN")).decision.recognised for tin in (false[0], false[-1])]
    first_block = network.embedded.head
    per_block = network.embedded.genesis.gas_limit // max(map(network.embedded.gas_used, range(first_block + 1)))
    clock.advance(stage.assumed.noticed_s - (int(clock()) - began))
    _freeze(network, stolen)
    frozen = int(clock())
    refused = _try_grant(network, Tin("BY999999999"), stolen)
    fresh = Signer.generate(Streams(stage.seed).bytes_of("new operator"))
    _replace(network, stolen, fresh)
    found = find_signed_by(network.desk, network, network.number("BY"), [stolen.address], began)
    theirs = {entry for entry, events in found.events.items() if any(map(found.has_part, events))}
    annul = Change(kind=EventKind.ANNUL, reason=ReasonClass.KEY_COMPROMISED)
    network.publish("BY", [(entry, annul) for entry in sorted(theirs)], [fresh])
    after = [network.ask(about(tin, "CN")).decision.recognised for tin in (false[0], false[-1])]
    if any(after) or not network.ask(about(HONEST, "CN")).decision.recognised:
        raise AssertionError("what the thief signed is not undone, or more is")
    hourly = per_block * MOST_EVENTS * 3_600
    return Finding(
        attack="operator's key stolen",
        owns="a copy of one operator's key, of a party whose publications one signs",
        against="ledger",
        succeeds=all(believed),
        gain=f"{len(false)} false certificates in {_BATCHES} blocks, {hourly:,} an hour at most, for one signature each {MOST_EVENTS}; "
        "after the freeze none",
        lasts_s=frozen - began,
        refused=refused,
        shown_by=f"the histories: all {len(theirs)} of {len(false)} are found by the key, proven complete, and annulled",
    )


def _steal_one_of_two(network: OwnNetwork, stage: Stage) -> Finding:
    stolen, second = network.signer("BY"), Signer.generate(Streams(stage.seed).bytes_of("second operator"))
    _act(network, PartyActKind.ADD_OPERATOR, {"new": second.address}, second)
    _act(network, PartyActKind.SET_THRESHOLD, {"count": 2})
    false = Tin("BY000000001")
    refused = _try_grant(network, false, stolen)
    believed = network.ask(about(false, "CN")).decision.recognised
    return Finding(
        attack="operator's key stolen",
        owns="a copy of one operator's key, of a party whose publications two sign",
        against="ledger",
        succeeds=believed,
        gain="nothing",
        lasts_s=0,
        refused=refused,
        shown_by="the refusal, at the gateway that the thief asked",
    )


def _try_grant(network: OwnNetwork, tin: Tin, signer: Signer) -> str:
    """Try to grant a certificate; return the name of the refusal, empty if nothing refused it."""
    try:
        network.grant("BY", [tin], TYPE_3, [signer])
    except RefusedByLedger as refusal:
        return refusal.name
    return ""


def _freeze(network: OwnNetwork, operator: Signer) -> None:
    act = draft_freeze(network.desk, network.number("BY"), lifetime_s=LIFETIME_S)
    network.relay.submit(sign_act(act, [operator], network.trust))


def _replace(network: OwnNetwork, old: Signer, new: Signer) -> None:
    """Let the authority add a key, retire the stolen one, and lift the freeze."""
    _act(network, PartyActKind.ADD_OPERATOR, {"new": new.address}, new)
    _act(network, PartyActKind.RETIRE_OPERATOR, {"old": old.address})
    _act(network, PartyActKind.UNFREEZE, {})


def _act(network: OwnNetwork, kind: PartyActKind, entered: dict[str, object], *beside: Signer) -> None:
    act = draft_party_act(network.desk, kind, network.number("BY"), entered, lifetime_s=LIFETIME_S)
    network.relay.submit(sign_act(act, [network.signer("BY", "authority"), *beside], network.trust))
