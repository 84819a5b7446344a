"""Arrangements as offices draft and sign them: lanes that have ended are used again, and an authority may be several keys."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import LaneActKind, PartyActKind
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import OtherArrangement
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.withhold import withhold
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer
from support.network import CN_BY, Network, now
from support.readers import read_office, read_pair, read_withholding
from support.story import Story

CN, BY = 2, 1
TWICE = CN_BY.replace(
    'recogniser = "BY"\nregister = "CN"\ntypes = ["ADVANCED"]', 'recogniser = "CN"\nregister = "BY"\ntypes = ["2"]'
)


def drafted_lanes(network: Network, text: str) -> list[tuple[int, int]]:
    recognitions = draft(text, network.office).values["recognitions"]
    return [(one["lane"], one["amendment"]) for one in recognitions]  # type: ignore[index, union-attr, misc]


def end_lane(network: Network, lane: int, until: int) -> None:
    pair, lanes = read_pair(network.desk, CN, BY)
    values: dict[str, Any] = {
        "party": CN, "recogniser": CN, "register": BY, "lane": lane, "generation": lanes[lane].generation, "number": pair.amendments,
        "deadline": now() + 60, "act": int(LaneActKind.END), "until": until, "grounds": bytes(32),
    }  # fmt: skip
    act = SignedAct(name="LaneAct", values=values)
    network.desk.submit(sign_act(act, [network.signer("CN", "authority")], network.trust))


def test_a_lane_that_has_ended_is_used_again_in_a_new_generation(network: Network) -> None:
    assert drafted_lanes(network, TWICE) == [(0, 1), (1, 2)]
    network.conclude(TWICE, "CN", "BY")
    assert drafted_lanes(network, TWICE) == [(2, 3), (3, 4)]
    until = now() + 10
    end_lane(network, 1, until)
    assert drafted_lanes(network, TWICE) == [(2, 3), (3, 4)], "the ledger has no block of that time yet"
    told, detail = Story(network), 0
    while network.desk.standings([]).time < until:
        detail += 1
        told.alone("a block later", "KZ", PartyActKind.SET_CARD, network.signer("KZ", "authority"), detail=detail)
    assert drafted_lanes(network, TWICE) == [(1, 3), (2, 4)]
    network.conclude(TWICE, "CN", "BY")
    pair, lanes = read_pair(network.desk, CN, BY)
    assert (pair.lanes, pair.amendments, pair.lane_acts) == (3, 4, 0)
    assert [(lane.generation, lane.changes) for lane in lanes] == [(0, 0), (1, 2), (0, 0)]


def test_an_authority_of_several_keys_signs_as_often_as_its_threshold_says(network: Network) -> None:
    told, first = Story(network), network.signer("KZ", "authority")
    before = read_office(network.desk, 3).serial
    second, third = (Signer.generate(secrets.token_bytes) for _ in range(2))
    told.alone("second", "KZ", PartyActKind.ADD_AUTHORITY_KEY, first, second, key=second.address)
    told.alone("two", "KZ", PartyActKind.SET_AUTHORITY_THRESHOLD, first, detail=2)
    text = CN_BY.replace('"BY"', '"KZ"').replace('"CN-BY"', '"CN-KZ"').replace('types = ["3"]', 'types = ["1"]')
    kept: list[ActFile] = []
    act = draft(text, network.office)
    progress = conclude(act, [network.signer("CN", "authority"), first], network.office, keep=kept.append)
    assert (progress.missing, progress.done, len(kept[0].act.signatures)) == (("KZ",), None, 2)
    with pytest.raises(OtherArrangement) as refusal:
        conclude(progress.act, [third], network.office, keep=kept.append)
    assert refusal.value.address == third.address
    for stranger in (network.signer("KZ"), network.signer("BY", "authority")):
        with pytest.raises(OtherArrangement):
            conclude(progress.act, [stranger], network.office, keep=kept.append)
    done = conclude(progress.act, [second], network.office, keep=kept.append)
    assert (done.missing, done.done is not None) == ((), True)
    told.alone("retired", "KZ", PartyActKind.ADD_AUTHORITY_KEY, first, second, third, key=third.address)
    told.alone("retired", "KZ", PartyActKind.RETIRE_AUTHORITY_KEY, second, third, key=first.address)
    with pytest.raises(OtherArrangement) as refusal:  # it counted once, and does no longer
        conclude(draft(text, network.office), [first], network.office, keep=kept.append)
    assert refusal.value.address == first.address
    member = next(member for member in network.desk.members() if member.party.code == "KZ")
    assert (member.party.authority_keys, member.party.authority_threshold) == (2, 2)
    assert member.office == read_office(network.desk, 3)
    assert member.office.serial == before + 4


def test_a_withholding_has_a_serial_of_its_entry_alone_and_may_name_its_grounds(network: Network) -> None:
    entries = [network.entry(f"BY60000000{number}", "BY", 2) for number in (1, 2)]
    grounds = b"\x5a" * 32
    for entry, withheld, serial in ((entries[0], True, 1), (entries[0], False, 2), (entries[1], True, 1)):
        withhold(
            network.office, entry, withheld=withheld, recogniser=CN, signers=[network.signer("CN")], grounds=grounds,
        )  # fmt: skip
        found = read_withholding(network.desk, CN, entry)
        assert found is not None
        assert (found.withheld, found.serial) == (withheld, serial)
    with pytest.raises(RefusedByLedger) as refusal:
        withhold(
            network.office, entries[1], withheld=True, recogniser=CN, signers=[network.signer("CN")],
        )  # fmt: skip
    assert refusal.value.name == "WRONG_WITHHOLDING"
