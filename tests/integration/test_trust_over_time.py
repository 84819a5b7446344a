"""A network replaces every validator by resolutions; trust bundles follow through a gateway, and old keys are useless."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from web3.types import RPCEndpoint

from aeo_ledger.chain import Clock, EmbeddedLedger
from aeo_ledger.cli.main import app
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import (
    ChainBroken,
    HeaderBreaksRule,
    MissingNode,
    SkippedStep,
    Stale,
    StrangerSealed,
    Superseded,
)
from aeo_ledger.evidence import Header, Question, decode_header
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.relay_key import RELAY
from aeo_ledger.network.run import port_of
from aeo_ledger.office.archive import fetch_ancestry
from aeo_ledger.office.ask import contracts_of, read_question, read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.govern import draft_succession, name_successor
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.trust import spell, update_trust
from aeo_ledger.office.trust_store import Way, add_to_store, read_store
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.succession import Successor
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.relay import Relay
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.signing import Password, Signer, add_to_key_store, open_key_file, open_key_store
from aeo_ledger.verify import TRUST_FORM, TrustBundle, verify_recognition
from aeo_ledger.verify.archive import verify_archived, verify_committed
from aeo_ledger.verify.handover import verify_update
from aeo_ledger.verify.trust import fingerprint
from support.chain_world import GENESIS_TIME, fast_clock
from support.network import PASSWORD, now, opened, served
from support.network import found as found_in_real_time
from support.waiting import WITHIN_S

PARTIES = "BY,CN,KZ,EU=DE+PL"
SEATS = {"BY": 1, "CN": 2, "KZ": 3, "EU": 4}
GERMANY = 5
DAY = 86_400
SWAPPED = ("BY", "CN", "KZ")
FRESH = [*(f"{code} 2" for code in SWAPPED), "DE"]
"""The parties whose keys seal in the end; one of Germany's nodes replaces the union's."""
QUESTION = read_question("BY200988541", "CN", "import", "exporter")


def resolution(
    folder: Path, trust: TrustBundle, number: int, act: ResolutionAct, *, deadline: int, **members: Any
) -> SignedAct:
    """A resolution of three of the four seats on the validators, not yet co-signed by a node."""
    values: dict[str, Any] = {
        "number": number,
        "deadline": deadline,
        "act": int(act),
        "party": 0,
        "key": bytes(20),
        "detail": bytes(32),
        "amount": 0,
        "grounds": bytes(32),
    }
    voters = [
        open_key_file(folder / f"parties/{code}/authority.json", Password(PASSWORD)) for code in ("BY", "CN", "KZ")
    ]
    return sign_act(SignedAct(name="Resolution", values={**values, **members}), voters, trust)


@dataclass
class Consortium:
    """A network with a clock twenty times as fast, governed by its four seats."""

    folder: Path
    embedded: EmbeddedLedger
    ledger: Ledger
    relay: Relay
    clock: Clock
    keys: dict[str, Signer]
    ahead_s: list[float]
    """By how much a test has moved the clock on: one number."""
    resolutions: int = 0
    changed_in: list[int] = field(default_factory=list)

    @property
    def trust(self) -> TrustBundle:
        """The bundle that was pinned at the beginning."""
        return read_trust(self.folder / "trust.json")

    def now(self) -> int:
        return int(self.clock.wall())

    def resolve(self, act: ResolutionAct, *cosigners: Signer, **members: Any) -> int:
        drafted = resolution(self.folder, self.trust, self.resolutions + 1, act, deadline=self.now() + 600, **members)
        block = self.relay.submit(sign_act(drafted, cosigners, self.trust)).block
        self.resolutions += 1
        for _ in range(2):  # a node rehearses the next act as if it were in the newest block
            self.embedded.seal_pending()
        return block

    def replace_node(self, code: str) -> None:
        """Replace a party's node by a new one."""
        former, new = self.keys[code], self.keys[f"{code} 2"]
        detail = former.address.rjust(32, b"\0")
        self.changed_in.append(
            self.resolve(ResolutionAct.REPLACE_VALIDATOR, new, party=SEATS[code], key=new.address, detail=detail)
        )

    def hand_over_node(self) -> None:
        """Seat a node of Germany's, then unseat the union's, with a block between."""
        former, new = self.keys["EU"], self.keys["DE"]
        self.changed_in.append(self.resolve(ResolutionAct.SEAT_VALIDATOR, new, party=GERMANY, key=new.address))
        self.changed_in.append(self.resolve(ResolutionAct.UNSEAT_VALIDATOR, party=SEATS["EU"], key=former.address))


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    folder, password = tmp_path_factory.mktemp("trust") / "net", Password(PASSWORD)
    found_network(
        folder, parse_parties(PARTIES), password, now=GENESIS_TIME, randomness=secrets.token_bytes, work_factor=2
    )
    add_to_key_store(folder / "validators.keys", FRESH, password, randomness=secrets.token_bytes)
    ahead_s = [0.0]
    keys = open_key_store(folder / "validators.keys", password)
    clock = fast_clock(time.time(), 20, lambda: ahead_s[0])
    relay_key = keys.pop(RELAY)
    trust = read_trust(folder / "trust.json")
    with EmbeddedLedger.open(folder / "ledger.sqlite", list(keys.values()), clock=clock) as embedded:
        ledger = Ledger(embedded.provider(), contracts_of(trust))
        relay = Relay(ledger, relay_key, clock=clock.wall)
        yield Consortium(folder, embedded, ledger, relay, clock, keys, ahead_s)


@dataclass(frozen=True)
class Turnover:
    """The consortium after each of its validators was replaced, and what was proven before."""

    consortium: Consortium
    evidence_before: Any
    path: Path
    """The bundle that was pinned before."""
    desk: GatewayClient


@pytest.fixture(scope="module")
def turnover(consortium: Consortium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turnover]:
    consortium.embedded.seal_pending()
    before = prove(QUESTION, consortium.ledger, consortium.trust).evidence
    proven = verify_recognition(before, QUESTION, consortium.trust, now=consortium.now())
    assert set(proven.sealers) <= {consortium.keys[code].address for code in SEATS}
    path = tmp_path_factory.mktemp("border") / "trust.json"
    path.write_text(TRUST_FORM.encode_json(consortium.trust), encoding="utf-8")
    for code in SWAPPED:
        consortium.replace_node(code)
    consortium.hand_over_node()
    gateway = create_app(consortium.ledger, consortium.relay, consortium.trust, behind="simulated")
    with served(gateway) as url, GatewayClient(url, timeout_s=WITHIN_S) as desk:
        yield Turnover(consortium, before, path, desk)


def ask(turnover: Turnover, trust: TrustBundle, asked: Question = QUESTION) -> bool:
    consortium = turnover.consortium
    evidence = prove(asked, consortium.ledger, consortium.trust).evidence
    return verify_recognition(evidence, asked, trust, now=consortium.now()).decision.recognised


def header_at(consortium: Consortium, block: int) -> Header:
    return decode_header(consortium.ledger.header(block))


def test_a_bundle_follows_until_every_validator_is_another(turnover: Turnover, tmp_path: Path) -> None:
    consortium, path = turnover.consortium, tmp_path / "trust.json"
    path.write_text(TRUST_FORM.encode_json(consortium.trust), encoding="utf-8")
    with pytest.raises(HeaderBreaksRule) as refusal:  # who left it where it was proves nothing any more
        ask(turnover, read_trust(path))
    assert refusal.value.field == "coinbase"
    before, proven = update_trust(path, turnover.desk.trust_update, now=consortium.now())
    assert before == consortium.trust
    assert [change.number for change in proven.changes] == consortium.changed_in
    address = {name: key.address for name, key in consortium.keys.items()}
    assert [(change.seated, change.unseated) for change in proven.changes] == [
        *((address[f"{code} 2"], address[code]) for code in SWAPPED),
        (address["DE"], None),
        (None, address["EU"]),
    ]
    moved = read_trust(path)
    assert set(moved.validators.addresses) == {address[name] for name in FRESH}
    assert moved.checkpoint.hash == header_at(consortium, moved.checkpoint.number).hash()
    consortium.embedded.seal_pending()
    assert ask(turnover, moved) is False  # proven: nobody granted it anything


def test_evidence_from_before_proves_nothing_to_the_moved_bundle(turnover: Turnover) -> None:
    consortium = turnover.consortium
    moved = verify_update(turnover.desk.trust_update(0), consortium.trust, now=consortium.now()).trust
    at = decode_header(turnover.evidence_before.header).timestamp
    assert verify_recognition(turnover.evidence_before, QUESTION, consortium.trust, now=at)
    with pytest.raises(HeaderBreaksRule):
        verify_recognition(turnover.evidence_before, QUESTION, moved, now=at)


def test_each_block_is_sealed_by_the_set_after_the_block_before(turnover: Turnover) -> None:
    """The seated node does not seal the block that seats it; the unseated one still seals the block that unseats it."""
    consortium = turnover.consortium
    trust = consortium.trust
    for change, seated in zip(consortium.changed_in, (4, 4, 4, 5, 4), strict=True):
        update = turnover.desk.trust_update(trust.checkpoint.number)
        wanted = [header for header in update.headers if decode_header(header).number <= change]
        assert [decode_header(header).number for header in wanted] == [change - 1, change]
        skipping = replace(update, headers=tuple(wanted[1:]))
        with pytest.raises(SkippedStep):  # not over the block right before it
            verify_update(skipping, trust, now=consortium.now())
        trust = verify_step(consortium, trust, change)
        assert len(trust.validators) == seated


def verify_step(consortium: Consortium, trust: TrustBundle, change: int) -> TrustBundle:
    """Move a bundle over one change, by an update that ends there."""
    update = prove_update(consortium.ledger.as_of(change), change - 2)
    return verify_update(update, trust, now=consortium.now(), max_age=1 << 20).trust


def test_old_keys_of_the_real_network_are_strangers_to_the_moved_bundle(turnover: Turnover) -> None:
    """All four former validators' keys seal the true newest state again, or on top of it, under a present proposer's name."""
    consortium = turnover.consortium
    update = turnover.desk.trust_update(0)
    moved = verify_update(update, consortium.trust, now=consortium.now()).trust
    number = consortium.embedded.seal_pending()
    true = header_at(consortium, number)
    forged = replace(true, seals=tuple(consortium.keys[code].seal(true.seal_digest()) for code in SEATS))
    evidence = replace(prove(QUESTION, consortium.ledger, consortium.trust).evidence, header=forged.encode())
    with pytest.raises(StrangerSealed) as refusal:
        verify_recognition(evidence, QUESTION, moved, now=consortium.now())
    assert refusal.value.sealer == consortium.keys["BY"].address
    with pytest.raises(StrangerSealed):
        verify_update(replace(update, headers=(forged.encode(),)), moved, now=consortium.now())


def test_old_keys_forge_kept_evidence_and_a_later_checkpoint_refutes_them(turnover: Turnover, tmp_path: Path) -> None:
    """All four former validators' keys seal, long after, another state in the place of a true block of their time."""
    consortium, store = turnover.consortium, tmp_path / "trust"
    header = decode_header(turnover.evidence_before.header)
    add_to_store(store, consortium.trust, way=Way.PINNED, now=header.timestamp - 1, after=None)
    update_trust(store, turnover.desk.trust_update, now=consortium.now())
    kept, now_ = read_store(store), consortium.now()
    asked: Any = {"received_at": header.timestamp, "now": now_}
    true = verify_archived(turnover.evidence_before, QUESTION, kept, **asked)
    assert true.pinned == kept[0]
    newest = prove(QUESTION, consortium.ledger, consortium.trust).evidence
    forged = replace(header, state_root=decode_header(newest.header).state_root)
    forged = replace(forged, seals=tuple(consortium.keys[code].seal(forged.seal_digest()) for code in SEATS))
    evidence = replace(newest, header=forged.encode())
    looks_alike = verify_archived(evidence, QUESTION, kept, **asked)
    assert looks_alike.answer.block_number == true.answer.block_number
    chain, _ = fetch_ancestry(turnover.evidence_before, store, turnover.desk.header_chain)
    assert verify_committed(true, chain, kept).committed == kept[-1]
    with pytest.raises(ChainBroken):
        verify_committed(looks_alike, chain, kept)
    with pytest.raises(ChainBroken):
        fetch_ancestry(evidence, store, turnover.desk.header_chain)


def test_a_gateway_that_hides_the_newest_blocks_is_caught_by_age(turnover: Turnover, tmp_path: Path) -> None:
    consortium, path = turnover.consortium, tmp_path / "trust.json"
    path.write_text(TRUST_FORM.encode_json(consortium.trust), encoding="utf-8")
    shown = turnover.desk.trust_update(0)
    newest = decode_header(shown.headers[-1]).timestamp
    with pytest.raises(Stale) as refusal:
        update_trust(path, lambda _: shown, now=newest + 301)
    assert refusal.value.age_s == 301
    assert read_trust(path) == consortium.trust


def test_a_gateway_that_withholds_or_alters_is_not_believed(turnover: Turnover) -> None:
    consortium = turnover.consortium
    update = turnover.desk.trust_update(0)
    now_ = consortium.now()
    with pytest.raises(MissingNode):
        verify_update(replace(update, nodes=update.nodes[1:]), consortium.trust, now=now_)
    with pytest.raises(HeaderBreaksRule):
        verify_update(replace(update, headers=update.headers[-1:]), consortium.trust, now=now_)
    with pytest.raises(MalformedText) as refusal:  # the caller's own error: no such block was ever proven here
        turnover.desk.trust_update(1 << 40)
    assert (refusal.value.what, refusal.value.found) == ("since", f"block {1 << 40}")
    with pytest.raises(MalformedText):
        turnover.desk.trust_update(-1)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE steps SET header = substr(header, 2)",
        "UPDATE steps SET accounts = x'80'",
        "UPDATE steps SET block = block + 100",
        "DELETE FROM logs WHERE contract = 'consortium' AND block = (SELECT max(block) FROM steps)",
        "DELETE FROM logs WHERE contract = 'consortium' AND block = (SELECT min(block) + 1 FROM steps)",
        "UPDATE logs SET data = zeroblob(32) WHERE contract = 'consortium'",
    ],
)
def test_an_index_gives_the_same_steps_without_the_node_and_mends_what_is_damaged(
    turnover: Turnover, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    consortium, file, asked = turnover.consortium, tmp_path / "index.sqlite", list[str]()
    url = f"sqlite:///{file}"
    provider = consortium.embedded.provider()
    make_request = provider.make_request

    def note(method: RPCEndpoint, params: Any) -> Any:
        asked.append(method)
        return make_request(method, params)

    monkeypatch.setattr(provider, "make_request", note)
    contracts = port_of(consortium.embedded, consortium.folder)
    node = Ledger(provider, contracts.contracts, beginning=contracts.beginning)

    def check_steps(since: int) -> list[str]:
        """Compare the steps from a block on with the node's; return what the node was asked for those of the index."""
        theirs = prove_update(node.as_of(ledger.head()), since)
        asked.clear()
        ours = prove_update(ledger, since)
        assert (ours.headers, frozenset(ours.nodes)) == (theirs.headers, frozenset(theirs.nodes))
        return list(asked)

    with IndexStore(url) as store:
        Index(node, store).advance()
    with IndexStore(url) as store:
        port = IndexedLedger(node, store)  # which has the newest block alone in memory
        ledger = port.as_of(port.index.advance().block)
        for since in (0, *consortium.changed_in):
            assert check_steps(since) == []
        assert caplog.text == ""
        store.steps.clear()
        with sqlite3.connect(file) as database:
            database.execute(damage)
        database.close()
        assert check_steps(0) != []
        if "SET block" not in damage:  # a row that is not there is no damage: the node is asked
            assert "is damaged, and mended" in caplog.text
            assert check_steps(0) == []


def test_the_ledger_lets_no_two_changes_come_closer_than_two_blocks(turnover: Turnover) -> None:
    assert all(
        later - earlier >= 2
        for earlier, later in zip(turnover.consortium.changed_in, turnover.consortium.changed_in[1:], strict=False)
    )
    consortium = turnover.consortium
    with pytest.raises(RefusedByLedger) as refusal:  # and none is unseated below the fewest that the genesis fixed
        consortium.resolve(ResolutionAct.UNSEAT_VALIDATOR, party=1, key=consortium.keys["BY 2"].address)
    assert refusal.value.code == Refusal.TOO_FEW_VALIDATORS


def test_a_superseded_ledger_is_left_from_its_date_on_and_its_successor_named(
    turnover: Turnover, tmp_path: Path
) -> None:
    """Last: nothing is granted on it afterwards. Its validators go on, and so does the hand-over."""
    consortium, path = turnover.consortium, tmp_path / "trust.json"
    path.write_text(TRUST_FORM.encode_json(consortium.trust), encoding="utf-8")
    voters = [
        open_key_file(consortium.folder / f"parties/{code}/authority.json", Password(PASSWORD)) for code in SWAPPED
    ]
    effective = consortium.now() + DAY
    successor = Successor(
        effective=effective,
        chain_id=77,
        addresses={contract: bytes([place]) * 20 for place, contract in enumerate(Contract, 0x5C)},
        code_hashes={contract: bytes([place]) * 32 for place, contract in enumerate(Contract, 0x6C)},
    )
    office = ProvenDesk(consortium.relay, consortium.trust, approve=without_asking, clock=consortium.now)
    named = name_successor(draft_succession(office, successor), voters, office, keep=lambda _: None)
    assert named.done is not None
    assert named.done.proven, "though the validators are others than those pinned: their change is followed by proof"
    update_trust(path, turnover.desk.trust_update, now=consortium.now())
    assert ask(turnover, read_trust(path)) is False, "until its date it answers as before"
    consortium.ahead_s[0] += DAY
    assert decode_header(consortium.ledger.header(consortium.embedded.seal_pending())).timestamp >= effective
    update_trust(path, turnover.desk.trust_update, now=consortium.now())
    with pytest.raises(Superseded) as refusal:
        ask(turnover, read_trust(path))
    assert refusal.value.successor == b"\x5c" * 20


# ---- as a person does it ----


def run(*arguments: object) -> tuple[int, Any]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_trust_is_pinned_shown_and_updated_from_the_command_line(tmp_path: Path) -> None:
    folder = found_in_real_time(tmp_path / "net")
    mine = tmp_path / "mine.json"
    (node,) = add_to_key_store(
        folder / "validators.keys", ["DE"], Password(PASSWORD), randomness=secrets.token_bytes
    ).values()
    told = spell(fingerprint(read_trust(folder / "trust.json")))
    assert run("trust", "pin", folder / "trust.json", "--out", mine, "--fingerprint", "00" * 32)[0] == 3
    code, pinned = run("trust", "pin", folder / "trust.json", "--out", mine, "--fingerprint", told)
    assert (code, pinned["checkpoint"]["number"], pinned["expires_soon"]) == (0, 0, False)
    with opened(folder) as network:
        drafted = resolution(
            folder,
            network.trust,
            1,
            ResolutionAct.SEAT_VALIDATOR,
            deadline=now() + 600,
            party=GERMANY,
            key=node.address,
        )
        receipt = network.desk.submit(sign_act(drafted, [node], network.trust))
        time.sleep(1.1)  # until the next block may be sealed
        proofs = tmp_path / "proofs.cbor"
        code, moved = run("trust", "update", "--trust", mine, "--gateway", network.url, "--keep", proofs)
        assert code == 0
        assert moved["changes"] == [
            {
                "block": receipt.block,
                "time": moved["checkpoint"]["time"],
                "seated": f"0x{node.address.hex()}",
                "unseated": None,
            }
        ]
    assert (len(moved["validators"]), moved["quorum"], moved["moved_from"]) == (5, 4, 0)
    assert run("trust", "show", "--trust", mine)[1]["fingerprint"] == moved["fingerprint"]
    other = tmp_path / "other.json"
    run("trust", "pin", folder / "trust.json", "--out", other, "--fingerprint", told)
    assert run("trust", "update", "--trust", other, "--from", proofs)[1]["checkpoint"] == moved["checkpoint"]
    pin = ("trust", "pin", folder / "trust.json", "--out", mine, "--fingerprint", told)
    code, refused = run(*pin)  # back to block 0
    assert (code, refused["error"]) == (3, "OlderTrust")
    code, refused = run("trust", "update", "--trust", other, "--gateway", "http://127.0.0.1:9")
    assert (code, refused["error"]) == (5, "GatewayUnreachable")
    shown = CliRunner().invoke(app, ["trust", "show", "--trust", str(mine)])
    assert spell(fingerprint(read_trust(mine))) in shown.stdout
    assert "89d 23h left" in shown.stdout
