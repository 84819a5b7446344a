"""The recorded changes of validators on real networks, followed from the genesis set by proof alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from aeo_ledger.errors.verify import (
    HeaderBreaksRule,
    NoSharedValidator,
    RepeatedSeal,
    SkippedStep,
    StrangerSealed,
    TooFewSeals,
)
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.verify import Checkpoint, TrustBundle, ValidatorSet, verify_header
from aeo_ledger.verify.handover import ProvenUpdate, ReadSlot, verify_update
from conformance.recorded import load, raw

CHANGED = {"besu-contract-4": (22, 29), "goquorum-contract-4": (9, 15)}
ALL = {"besu-contract-4": (3, 21, 22, 28, 29, 57), "goquorum-contract-4": (3, 8, 9, 14, 15, 25)}
NETWORKS = tuple(CHANGED)
HEADER_MODE = "goquorum-block-header-4"


def layout(word: ReadSlot) -> Sequence[bytes]:
    """Lay the list out as the recorded contract does: its length in slot 2, the rest from slot 3."""
    return [word(3 + at).to_bytes(20, "big") for at in range(word(2))]


def pinned(name: str, block: int = 0) -> TrustBundle:
    """Trust a recorded block and the validators that may seal the next one."""
    record, contract = load(name)["headers"][block], raw(load(name)["contract"])
    code = raw(load(name)["code_hash"])
    time = decode_header(raw(record["rlp"])).timestamp
    return TrustBundle(
        chain_id=load(name)["chain_id"],
        genesis_hash=raw(load(name)["headers"][0]["hash"]),
        consortium=contract,
        consortium_code_hash=code,
        governance=contract,
        governance_code_hash=code,
        registers=contract,
        registers_code_hash=code,
        validators=ValidatorSet(tuple(map(raw, record["validators_after"]))),
        checkpoint=Checkpoint(number=block, hash=raw(record["hash"]), time=time),
        period_s=1 << 32,
        parties=(),
        prefixes={},
    )


def nodes_at(name: str, block: int) -> dict[bytes, None]:
    """Take the node's answer: the account, and its slots up to the length of the list."""
    for proof in load(name)["proofs"]:
        if proof["block"] == block and proof["account_exists"]:
            slots = {int(entry["key"], 16): entry for entry in proof["response"]["storageProof"]}
            wanted = [slots[at] for at in range(2, 3 + int(slots[2]["value"], 16))]
            return dict.fromkeys(
                map(raw, [*proof["response"]["accountProof"], *(n for e in wanted for n in e["proof"])])
            )
    return {}


def update_of(name: str, *blocks: int) -> TrustUpdate:
    headers = [raw(load(name)["headers"][block]["rlp"]) for block in blocks]
    nodes: dict[bytes, None] = {}
    for block in blocks:
        nodes |= nodes_at(name, block)
    return TrustUpdate(headers=tuple(headers), nodes=tuple(nodes))


def follow(name: str, *blocks: int, trust: TrustBundle | None = None) -> ProvenUpdate:
    now = decode_header(raw(load(name)["headers"][blocks[-1]]["rlp"])).timestamp
    return verify_update(update_of(name, *blocks), trust or pinned(name), now=now, layout=layout)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_recorded_changes_are_followed_from_the_genesis_on(name: str) -> None:
    proven = follow(name, *ALL[name])
    last = load(name)["headers"][ALL[name][-1]]
    assert set(proven.trust.validators.addresses) == set(map(raw, last["validators_after"]))
    assert proven.trust.checkpoint.hash == raw(last["hash"])
    assert [change.number for change in proven.changes] == list(CHANGED[name])
    before, between, after = (set(load(name)["headers"][at]["validators_after"]) for at in (0, *CHANGED[name]))
    came, went = proven.changes
    assert {(came.seated, came.unseated), (went.seated, went.unseated)} == {
        (raw((between - before).pop()), None),
        (None, raw((between - after).pop())),
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_any_number_of_updates_leads_there(name: str) -> None:
    trust = pinned(name)
    for block in ALL[name]:
        trust = follow(name, block, trust=trust).trust
    assert trust == follow(name, *ALL[name]).trust


@pytest.mark.parametrize("name", NETWORKS)
def test_a_change_without_the_block_right_before_it_is_a_skipped_step(name: str) -> None:
    first, second = CHANGED[name]
    with pytest.raises(SkippedStep) as refusal:
        follow(name, first)
    assert (refusal.value.number, refusal.value.checkpoint) == (first, 0)
    with pytest.raises(SkippedStep) as refusal:
        follow(name, first - 1, first, second)
    assert (refusal.value.number, refusal.value.checkpoint) == (second, first)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_change_can_be_left_out(name: str) -> None:
    """A verifier with only the genesis set accepts no block after the second change, because a stranger sealed it."""
    first, _ = CHANGED[name]
    fifth = follow(name, first - 1, first).changes[0].seated
    for blocks in ((ALL[name][-1],), (first - 1, ALL[name][-1])):
        with pytest.raises(StrangerSealed) as refusal:
            follow(name, *blocks)
        assert refusal.value.sealer == fifth


def test_the_block_that_the_former_set_sealed_is_refused() -> None:
    trust = follow("goquorum-contract-4", 8, 9).trust
    with pytest.raises(TooFewSeals) as refusal:
        follow("goquorum-contract-4", 10, trust=trust)
    assert (refusal.value.found, refusal.value.needed, refusal.value.validators) == (3, 4, 5)


@pytest.mark.parametrize("name", NETWORKS)
def test_validators_of_the_other_network_are_strangers(name: str) -> None:
    (other,) = set(NETWORKS) - {name}
    header = decode_header(raw(load(name)["headers"][3]["rlp"]))
    claimed = replace(header, coinbase=pinned(other).validators.addresses[0])
    trust = replace(pinned(name), validators=pinned(other).validators)
    for shown, refused in ((header, HeaderBreaksRule), (claimed, StrangerSealed)):
        with pytest.raises(refused):
            verify_update(TrustUpdate(headers=(shown.encode(),), nodes=()), trust, now=shown.timestamp, layout=layout)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_set_that_never_overlapped_is_refused(name: str) -> None:
    stranger = replace(pinned(name), checkpoint=pinned(name, 2).checkpoint)
    elsewhere = [bytes([at]) * 20 for at in range(1, 5)]
    now = stranger.checkpoint.time + 10
    with pytest.raises(NoSharedValidator) as refusal:
        verify_update(update_of(name, 3), stranger, now=now, layout=lambda word: elsewhere[: word(2)])
    assert refusal.value.number == 3


def test_the_votes_in_headers_lead_from_the_genesis_set_to_the_last() -> None:
    """In block header mode the next set follows from the votes of more than half, in headers that the present set sealed."""
    headers = load(HEADER_MODE)["headers"]
    validators = pinned(HEADER_MODE).validators
    votes: dict[tuple[bytes, bytes], set[bytes]] = {}
    seen: Counter[int] = Counter()
    for record in headers[1:]:
        header = decode_header(raw(record["rlp"]))
        verify_header(header, validators, lists_validators=True)
        seen[len(validators)] += 1
        if header.vote:
            (address, kind), members = header.vote, set(validators.addresses)
            votes.setdefault((address, kind), set()).add(header.coinbase)
            if len(votes[address, kind] & members) > len(members) // 2:
                members ^= {address}
                votes = {}
            validators = ValidatorSet(tuple(sorted(members)))
        assert set(validators.addresses) == set(map(raw, record["validators_after"]))
    assert seen == {4: 16 + 9, 5: 8}


def test_seals_of_one_validator_do_not_add_up() -> None:
    header = decode_header(raw(load("besu-contract-4")["headers"][3]["rlp"]))
    twice = replace(header, seals=(*header.seals, header.seals[0]))
    update = replace(update_of("besu-contract-4", 3), headers=(twice.encode(),))
    with pytest.raises(RepeatedSeal):
        verify_update(update, pinned("besu-contract-4"), now=header.timestamp, layout=layout)
