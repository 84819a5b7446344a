"""Each thing that may be wrong with a network has its finding, and a healthy network has none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.rpc import NodeLags, NodeUnreachable, OtherChainServed
from aeo_ledger.network.diagnosis import Level, diagnose, is_following, list_still, list_unchecked
from aeo_ledger.network.doctor import ChainFacts, Facts, NodeFacts, RecentBlock, Seat
from aeo_ledger.verify import Checkpoint, ValidatorSet
from support.sealed_world import trust
from support.sealing import KEYS, address_of

NOW = 1_800_000_000
NODES = [address_of(key) for key in KEYS[:5]]
SEATS = tuple(Seat(address=address, party=place) for place, address in enumerate(NODES[:4], 1))
GOOD = NodeFacts(
    name="http://10.0.0.1:8545", is_local=False, fault=None, head=2_000, client="besu/v26.2.0", ahead_s=0.4, peers=3
)
BUNDLE = trust(validators=ValidatorSet(tuple(NODES[:4])), checkpoint=Checkpoint(number=1, hash=bytes(32), time=NOW))


def block(number: int, **changes: Any) -> RecentBlock:
    made = RecentBlock(
        number=number, time=NOW - (2_000 - number) * 5, round=0, proposer=NODES[number % 4], sealers=frozenset(NODES[:3]), size=900,
    )  # fmt: skip
    return replace(made, **changes)


RECENT = tuple(map(block, range(1_981, 2_001)))
CHAIN = ChainFacts(recent=RECENT, seats=SEATS, first_seats=frozenset(NODES[:4]), stored_seats=frozenset(NODES[:4]),
                   former_seats=frozenset(NODES[:4]))  # fmt: skip
HEALTHY = Facts(now=NOW + 3, nodes=(GOOD,), chain=CHAIN, bundles=(("trust.json", BUNDLE),))


def with_node(**changes: Any) -> Facts:
    return replace(HEALTHY, nodes=(replace(GOOD, **changes),))


def with_chain(**changes: Any) -> Facts:
    return replace(HEALTHY, chain=replace(CHAIN, **changes))


def with_bundle(**changes: Any) -> Facts:
    return replace(HEALTHY, bundles=(("trust.json", replace(BUNDLE, **changes)),))


def without(*addresses: bytes) -> tuple[RecentBlock, ...]:
    """Blocks that some validators had no part in."""
    active = [one for one in NODES[:4] if one not in addresses]
    return tuple(replace(one, sealers=frozenset(active), proposer=active[one.number % len(active)]) for one in RECENT)


QUORUM: dict[str, Any] = {"client": "Geth/v1.10.3-stable(quorum-v24.4.1)/linux-amd64"}
OTHERS = frozenset(NODES[1:5])
LAGS = NodeLags(endpoint="x", head=1, needed=9)
DEAD = NodeUnreachable(endpoint="x", detail="y", reached="no")
OTHER = OtherChainServed(endpoint="x", found="y", needed="z")


def test_a_healthy_network_has_no_finding() -> None:
    assert diagnose(HEALTHY) == ()
    assert list_unchecked(HEALTHY) == (
        "validators by the engines' own account: no node serves qbft or istanbul, and none need do so",
        "which validator each node is: no node says so",
    )


@pytest.mark.parametrize(
    ("facts", "findings"),
    [
        (with_node(fault=DEAD), ["problem node-unreachable"]),
        (with_node(fault=OTHER), ["problem other-chain-served"]),
        (with_node(fault=LAGS), ["warning node-lags"]),
        (with_node(namespaces=frozenset({"eth", "net", "web3"})), []),
        (with_node(namespaces=frozenset({"eth", "admin"})), ["problem exposed-namespaces"]),
        (with_node(namespaces=frozenset({"debug"}), is_local=True), ["warning exposed-namespaces"]),
        (with_node(namespaces=frozenset({"txpool"})), ["warning surplus-namespaces"]),
        (with_node(ahead_s=2.5), ["problem clock-skew"]),
        (with_node(ahead_s=-3600.0), ["problem clock-skew"]),
        (with_node(ahead_s=-1.5), []),
        (with_node(peers=0), ["problem no-peers"]),
        (replace(HEALTHY, now=NOW + 120), []),
        (replace(HEALTHY, now=NOW + 121), ["problem halted"]),
        (replace(HEALTHY, now=NOW - 3), ["problem block-from-the-future"]),
        (replace(HEALTHY, now=NOW - 2), []),
        (with_chain(recent=(*RECENT[:-2], *(replace(one, round=4) for one in RECENT[-2:]))), []),
        (with_chain(recent=(*RECENT[:-3], *(replace(one, round=4) for one in RECENT[-3:]))), ["warning late-rounds"]),
        (with_chain(recent=without(NODES[1])), ["problem no-reserve", "warning silent-validator"]),
        (with_chain(recent=without(NODES[1]), new_seats=frozenset(NODES[1:2])), []),
        (with_chain(recent=without(*NODES[1:3]), new_seats=frozenset(NODES[1:2])), ["problem no-reserve", "warning silent-validator"]),
        (
            with_chain(recent=without(*NODES[1:3])),
            ["problem no-reserve", "warning silent-validator", "warning silent-validator"],
        ),
        (with_chain(recent=(*RECENT[:-1], replace(RECENT[-1], proposer=NODES[4]))), ["warning former-validators"]),
        (with_node(engine_validators=frozenset(NODES[:4])), []),
        (with_node(engine_validators=frozenset(NODES[:3])), ["problem engine-disagrees"]),
        (with_chain(recent=tuple(replace(one, size=2_000) for one in RECENT)), ["warning disk"]),
        (with_node(**QUORUM), []),
        (replace(with_node(**QUORUM), chain=replace(CHAIN, stored_seats=frozenset(NODES[1:5]))), ["problem restart-halts"]),
        (replace(with_node(**QUORUM), chain=replace(CHAIN, first_seats=frozenset(NODES[1:5]))), ["warning restart-refetches"]),
        (with_chain(stored_seats=frozenset(NODES[1:5])), []),
        (with_bundle(period_s=14 * 86_400 + 3), []),
        (with_bundle(period_s=14 * 86_400 + 2), ["warning bundle-expires"]),
        (with_bundle(period_s=3), ["problem bundle-expired"]),
        (with_bundle(validators=ValidatorSet(tuple(NODES[1:5]))), ["warning bundle-behind"]),
        (replace(HEALTHY, chain=None), []),
        (replace(HEALTHY, bundles=(), chain=replace(CHAIN, seats=None)), []),
        (replace(HEALTHY, chain=ChainFacts(recent=(block(0, time=NOW),), seats=SEATS)), []),
    ],
)  # fmt: skip
def test_each_fault_has_its_finding(facts: Facts, findings: list[str]) -> None:
    found = diagnose(facts)
    assert [f"{one.level} {one.name}" for one in found] == findings
    assert all(one.says and one.advice for one in found)


def test_it_names_the_block_before_which_nobody_may_restart() -> None:
    facts = replace(with_node(**QUORUM), chain=replace(CHAIN, stored_seats=frozenset(NODES[1:5])))
    (finding,) = diagnose(facts)
    assert "after block 1024" in finding.says
    assert "restart no node and change no validator before block 2048" in finding.advice


@pytest.mark.parametrize(
    ("engine", "seats", "advice"),
    [
        ({}, {}, "Besu then goes on after some minutes"),
        (QUORUM, {}, "gets an empty data folder"),
        (QUORUM, {"former_seats": OTHERS, "stored_seats": OTHERS}, "stop all GoQuorum nodes, then start all of them"),
        (QUORUM, {"former_seats": OTHERS}, "leave one node that runs, and empty the data folder of one after the other"),
        (QUORUM, {"seats": None, "former_seats": OTHERS}, "gets an empty data folder"),
    ],
)  # fmt: skip
def test_it_says_how_a_halted_network_goes_on(engine: dict[str, Any], seats: dict[str, Any], advice: str) -> None:
    facts = replace(with_node(**engine), chain=replace(CHAIN, **seats), now=NOW + 121)
    (found,) = [finding for finding in diagnose(facts) if finding.name == "halted"]
    assert advice in found.advice


def test_it_tells_silence_in_words() -> None:
    first, second = diagnose(with_chain(recent=without(NODES[1])))
    assert (first.level, second.level) == (Level.PROBLEM, Level.WARNING)
    assert first.says == "3 of 4 validators seal, and 3 are needed: if one more stops, the network halts"
    code = BUNDLE.by_number[2].code
    assert second.says == (
        f"the validator of {code}, 0x{NODES[1].hex()}, neither proposed nor sealed any of the last 20 blocks"
    )


def test_it_says_what_it_did_not_check() -> None:
    facts = Facts(now=NOW, nodes=(replace(GOOD, ahead_s=None),), chain=None, bundles=())
    told = " | ".join(list_unchecked(facts))
    for words in ("no node can be asked", "no trust bundle was given", "clocks of http://10.0.0.1:8545"):
        assert words in told
    said = with_node(address=NODES[0], engine_validators=frozenset(NODES[:4]))
    assert list_unchecked(said) == ()


def test_a_network_is_followed_if_no_node_has_a_fault_and_blocks_come() -> None:
    assert is_following(HEALTHY, 1_999)
    assert is_following(with_node(peers=0), 1_999), "another matter"
    assert not is_following(with_node(fault=LAGS), 1_999)
    assert not is_following(replace(HEALTHY, now=NOW + 1_000), 1_999), "halted"
    assert not is_following(replace(HEALTHY, chain=None), 1_999)
    assert not is_following(HEALTHY, None)


def test_a_node_that_has_no_new_block_does_not_follow_however_near_it_is() -> None:
    stuck = replace(GOOD, name="http://10.0.0.2:8545", head=1_999)
    facts = replace(HEALTHY, nodes=(GOOD, stuck))
    assert not is_following(facts, 1_999)
    (still,) = list_still(facts, 1_999)
    assert (still.name, still.level) == ("no-new-block", Level.PROBLEM)
    assert "http://10.0.0.2:8545 has had no new block since block 1999" in still.says
    assert is_following(facts, 1_998)
    assert list_still(facts, 1_998) == ()


def test_who_was_seated_just_now_is_not_judged_and_that_is_said() -> None:
    facts = with_chain(recent=without(NODES[1]), new_seats=frozenset(NODES[:2]))
    (told,) = (one for one in list_unchecked(facts) if "seated" in one)
    assert told == f"whether 0x{NODES[1].hex()} seals: it was seated by one of the last 20 blocks"


def test_nobody_is_called_silent_before_each_had_its_turn() -> None:
    for head, expected in ((3, []), (4, ["no-reserve", "silent-validator"])):
        young = tuple(
            replace(one, number=number, time=NOW, proposer=NODES[0])
            for number, one in enumerate(without(NODES[3])[:head], 1)
        )
        assert [finding.name for finding in diagnose(with_chain(recent=young))] == expected
