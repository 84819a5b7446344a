"""The port behaves the same with every ledger: the embedded ledger in this process, the same over HTTP, and anvil.

Anvil executes and proves, but seals nothing: it can be read and written, and its evidence is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Role
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.evidence import HeaderUnsealed
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.evidence import decode_header
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import read_place, topics_of
from aeo_ledger.network.reach import reach_network
from aeo_ledger.network.run import open_embedded
from aeo_ledger.office.ask import contracts_of, read_question, read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.tables import Contract, Table, pair_key, record_slot, word_slot
from aeo_ledger.protocol.words import decode_pair
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.relay import GAS_LIMIT, Relay
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import Password, Signer, Transaction, open_key_file, sign_transaction
from aeo_ledger.verify import NodePool, TrustBundle, verify_account, verify_recognition, verify_word
from support.anvil import run_anvil
from support.network import PASSWORD, now, served
from support.waiting import WITHIN_S

BY, CN = 1, 2
TIN = "BY511125808"
ENTRY = make_entry(BY, 2, derive_open_holder(BY, 2, Tin(TIN)))
RELAY = Signer.from_secret(b"\x51" * 32)


@dataclass(frozen=True, kw_only=True)
class Port:
    """A ledger behind its port, after two acts."""

    name: str
    folder: Path
    trust: TrustBundle
    ledger: Ledger
    relay: Relay
    first_nonce: int
    concluded: Sealed
    granted: Sealed

    @property
    def seals(self) -> bool:
        return self.name != "anvil"


def _signer(folder: Path, code: str, role: str) -> Signer:
    return open_key_file(folder / f"parties/{code}/{role}.json", Password(PASSWORD))


@contextmanager
def _in_process(folder: Path) -> Iterator[tuple[Ledger, Relay]]:
    trust = read_trust(folder / "trust.json")
    with open_embedded(folder, Password(PASSWORD), marks=folder.parent / "machine") as (embedded, _):
        ledger = Ledger(embedded.provider(), contracts_of(trust))
        yield ledger, Relay(ledger, RELAY)


@contextmanager
def _over_http(folder: Path) -> Iterator[tuple[Ledger, Relay]]:
    trust = read_trust(folder / "trust.json")
    with (
        open_embedded(folder, Password(PASSWORD), marks=folder.parent / "machine") as (embedded, _),
        served(create_node(embedded.rpc.answer)) as url,
        reach_network([url], trust, RELAY) as running,
    ):
        yield running.ledger, running.relay


@contextmanager
def _anvil(folder: Path, home: Path) -> Iterator[tuple[Ledger, Relay]]:
    with run_anvil(folder, home) as nodes:
        ledger = Ledger(nodes, contracts_of(read_trust(folder / "trust.json")))
        yield ledger, Relay(ledger, RELAY)


@pytest.fixture(scope="module", params=["embedded", "node", "anvil"])
def port(request: pytest.FixtureRequest, founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    home = tmp_path_factory.mktemp("port")
    folder = shutil.copytree(founded, home / "net")
    opened = {"embedded": _in_process, "node": _over_http, "anvil": lambda net: _anvil(net, home)}[request.param]
    with ExitStack() as stack:
        ledger, relay = stack.enter_context(opened(folder))
        trust = read_trust(folder / "trust.json")
        nonce = ledger.next_nonce(RELAY.address)
        authorities = [_signer(folder, code, "authority") for code in ("CN", "BY")]
        concluded = relay.submit(sign_act(_conclusion(), authorities, trust))
        granted = relay.submit(sign_act(_grant(), [_signer(folder, "BY", "operator")], trust))
        yield Port(
            name=request.param,
            folder=folder,
            trust=trust,
            ledger=ledger,
            relay=relay,
            first_nonce=nonce,
            concluded=concluded,
            granted=granted,
        )


def _conclusion() -> SignedAct:
    """Write an arrangement by hand: anvil proves nothing on which an office could prepare it."""
    scope = {
        "types": 0b111,
        "roles": (1 << len(Role)) - 1,
        "directions": 0b111,
        "benefits": 1,
        "in_force_from": now() - 60,
        "until": 0,
    }
    recognitions = [
        {"recogniser": one, "register": other, "lane": 0, "amendment": 1, **scope}
        for one, other in ((CN, BY), (BY, CN))
    ]
    whole = {"deadline": now() + 600, "arrangement": b"CN-BY".ljust(32, b"\0"), "text": b"\1" * 32}
    values: dict[str, Any] = {**whole, "signatories": 1 << CN | 1 << BY, "recognitions": recognitions}
    return SignedAct(name="Conclusion", values=values)


def _grant() -> SignedAct:
    change = Change(kind=EventKind.GRANT, roles=1 << Role.CARRIER, valid_from=now() - 30)
    record = prepare(change, None, issuer=BY, now=now() - 30)
    events = [StatusEvent(entry=ENTRY, record=record, document=bytes(32))]
    return draft_publication(events, register=BY, issuer=BY, now=now())


def _fields(port: Port, block: int) -> list[bytes]:
    fields = rlp.decode(port.ledger.header(block))
    assert isinstance(fields, list)
    return fields  # type: ignore[return-value]


def test_it_is_the_chain_that_the_trust_bundle_names(port: Port) -> None:
    assert port.ledger.chain_id() == port.trust.chain_id
    assert port.ledger.address(Contract.CONSORTIUM) == port.trust.consortium


def test_headers_link_and_carry_the_hash_that_receipts_name(port: Port) -> None:
    block = port.granted.block
    header = port.ledger.header(block)
    block_hash = decode_header(header).hash() if port.seals else keccak256(header)
    assert port.granted.block_hash == to_hex(block_hash)
    before = port.ledger.header(block - 1)
    assert _fields(port, block)[0] == (decode_header(before).hash() if port.seals else keccak256(before))
    assert port.ledger.time_of(block) == int.from_bytes(_fields(port, block)[11], "big")


def test_words_are_read_as_of_any_block(port: Port) -> None:
    slot = word_slot(Table.PAIR, pair_key(CN, BY))
    at = port.concluded.block
    assert port.ledger.word(Contract.CONSORTIUM, slot, at - 1) == 0
    assert decode_pair(port.ledger.word(Contract.CONSORTIUM, slot, at)).lanes == 1
    assert port.ledger.word(Contract.REGISTERS, record_slot(ENTRY), at) == 0
    assert port.ledger.word(Contract.REGISTERS, record_slot(ENTRY), port.ledger.head()) != 0


def test_a_proof_leads_from_the_headers_state_root_to_every_word_absent_ones_included(port: Port) -> None:
    block, present, absent = port.granted.block, record_slot(ENTRY), record_slot(b"\7" * 32)
    proof = port.ledger.prove(Contract.REGISTERS, [absent, present], block)
    pool = NodePool({*proof.account_nodes, *proof.storage_nodes})
    account = verify_account(pool, _fields(port, block)[3], port.trust.registers)
    assert account.code_hash == port.trust.registers_code_hash
    assert verify_word(pool, account, present) == port.ledger.word(Contract.REGISTERS, present, block)
    assert verify_word(pool, account, absent) == 0


def test_logs_are_found_by_topic_and_range(port: Port) -> None:
    topics = topics_of(Table.PAIR)
    at = port.concluded.block
    found = port.ledger.logs(Contract.CONSORTIUM, topics, since=0, until=port.ledger.head())
    assert {key for _, key in map(read_place, found)} == {pair_key(CN, BY), pair_key(BY, CN)}
    assert {(log.block, log.transaction) for log in found} == {(at, port.concluded.transaction)}
    assert port.ledger.logs(Contract.CONSORTIUM, topics, since=at + 1, until=port.ledger.head()) == []
    assert port.ledger.logs(Contract.REGISTERS, topics, until=port.ledger.head()) == []


def _grant_again(port: Port) -> SignedAct:
    """Sign an act that the contract refuses: the entry has its first event already."""
    word = port.ledger.word(Contract.REGISTERS, record_slot(ENTRY), port.ledger.head())
    events = [{"entry": ENTRY, "record": word & ~(((1 << 32) - 1) << 176), "document": bytes(32)}]
    whole: dict[str, Any] = {
        "register": BY,
        "issuer": BY,
        "former": 0,
        "capacity": 1,
        "deadline": now() + 600,
        "events": events,
    }
    act = SignedAct(name="Publication", values={**whole, "details": b""})
    return sign_act(act, [_signer(port.folder, "BY", "operator")], port.trust)


def test_a_refusal_is_predicted_with_its_code(port: Port) -> None:
    with pytest.raises(RefusedByLedger) as foretold:
        port.ledger.rehearse(Contract.REGISTERS, encode_act(_grant_again(port)))
    assert foretold.value.name in Refusal.__members__


def test_a_refusal_in_a_block_has_the_same_code(port: Port) -> None:
    data = encode_act(_grant_again(port))
    with pytest.raises(RefusedByLedger) as foretold:
        port.ledger.rehearse(Contract.REGISTERS, data)
    raw = _sign(port, data)
    port.ledger.send(raw)
    with pytest.raises(RefusedByLedger) as told:
        port.ledger.await_sealed(raw, timeout_s=WITHIN_S)
    assert told.value.code == foretold.value.code


def _sign(port: Port, data: bytes) -> bytes:
    transaction = Transaction(
        chain_id=port.trust.chain_id,
        nonce=port.ledger.next_nonce(RELAY.address),
        gas=GAS_LIMIT,
        to=port.trust.registers,
        data=data,
    )
    return sign_transaction(RELAY, transaction)


def test_the_same_bytes_sent_twice_are_one_transaction(port: Port) -> None:
    before = port.ledger.next_nonce(RELAY.address)
    data = encode_act(_grant_again(port))
    raw = _sign(port, data)
    port.ledger.send(raw)
    for _ in range(2):
        with pytest.raises(RefusedByLedger):  # found in its block, and never sent as another
            port.ledger.await_sealed(raw, timeout_s=WITHIN_S)
    assert port.ledger.next_nonce(RELAY.address) == before + 1


def test_each_relayed_act_took_one_nonce(port: Port) -> None:
    assert port.first_nonce == 0
    assert port.concluded.block < port.granted.block
    assert port.ledger.next_nonce(RELAY.address) >= 2


def test_a_block_that_is_not_there_yet_is_unavailable(port: Port) -> None:
    with pytest.raises(NodeFailed) as missing:
        port.ledger.header(port.ledger.head() + 1_000)
    assert missing.value.method == "eth_getBlockByNumber"


def test_evidence_is_proven_where_validators_sealed_and_refused_where_nobody_did(port: Port) -> None:
    question = read_question(TIN, "CN", "import", "carrier")
    if not port.seals:
        with pytest.raises(HeaderUnsealed) as unsealed:
            prove(question, port.ledger, port.trust)
        assert "nobody sealed it" in str(unsealed.value)
        return
    evidence = prove(question, port.ledger, port.trust).evidence
    assert verify_recognition(evidence, question, port.trust, now=now(), max_age=300).decision.recognised
