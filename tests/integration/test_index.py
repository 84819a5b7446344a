"""The index behind a gateway: it proves what the node proves, answers in both forms, and goes on when the node does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.rpc import NodeUnreachable
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Contract, Table, record_slot, slot_of
from aeo_ledger.prover.indexed import IndexedLedger, at_hand
from aeo_ledger.verify import verify_recognition, verify_recognitions
from aeo_ledger.verify.facts import verify_facts
from support.network import Network, now, register_text
from support.waiting import await_that

TIN = "BY511125808"
ASKED = {"tin": TIN, "recogniser": "CN", "direction": "import", "role": "carrier"}
CBOR = {"accept": "application/cbor"}


def indexed(network: Network) -> IndexedLedger:
    ledger = network.running.ledger
    assert isinstance(ledger, IndexedLedger)
    return ledger


def suspend_and_reinstate(network: Network) -> Iterator[list[str]]:
    """Publish both; after each, yield the reasons of the answer."""
    number = network.number("BY")
    for kind, reasons in ((EventKind.SUSPEND, ["suspended"]), (EventKind.REINSTATE, [])):
        change_status(
            network.office, network.entry(TIN, "BY", 2), Change(kind=kind), register=number, issuer=number,
            signers=[network.signer("BY")],
        )  # fmt: skip
        yield reasons


def test_its_words_and_proofs_are_those_of_the_node(recognising: Network) -> None:
    ledger = indexed(recognising)
    node = Ledger(ledger.provider, ledger.contracts)
    block = ledger.head()
    tins = [line.partition(",")[0] for line in register_text("BY").splitlines()[1:60]] + ["BY999999999"]
    entries = [recognising.entry(tin, "BY", kind) for tin in tins for kind in (0, 2)]
    slots = [record_slot(entry) + more for entry in entries for more in (0, 1)]
    asked = {
        Contract.REGISTERS: slots,
        Contract.CONSORTIUM: [
            slot_of(table, key)[1] for table in (Table.PARTY, Table.LANE, Table.KEY) for key in range(9)
        ],
        Contract.GOVERNANCE: [],
    }
    for contract, places in asked.items():
        ours, theirs = ledger.prove(contract, places, block), node.prove(contract, places, block)
        assert ours.account_nodes == theirs.account_nodes
        assert set(ours.storage_nodes) == set(theirs.storage_nodes)
        assert [ledger.word(contract, slot, block) for slot in places] == [
            node.word(contract, slot, block) for slot in places
        ]
    assert ledger.header(block) == node.header(block)
    assert ledger.time_of(block) == node.time_of(block)
    assert ledger.word(Contract.REGISTERS, slots[0], 0) == 0, "an old block is the node's to tell"


def test_what_was_sealed_is_there_when_the_relay_says_so(recognising: Network) -> None:
    for reasons in suspend_and_reinstate(recognising):
        near = at_hand(recognising.running.ledger)
        assert near is not None
        assert recognising.http.get("/v1/decisions", params=ASKED).json()["reasons"] == reasons


def test_without_an_index_nothing_is_at_hand(recognising: Network) -> None:
    ledger = indexed(recognising)
    assert at_hand(Ledger(ledger.provider, ledger.contracts)) is None


@pytest.mark.parametrize("parameters", [ASKED, {**ASKED, "on": "2020-01-01", "history": "true"}])
def test_an_answer_in_cbor_says_what_it_says_in_json(recognising: Network, parameters: dict[str, str]) -> None:
    ask = {**parameters, "evidence": "true"}
    plain = recognising.http.get("/v1/decisions", params=ask)
    short = recognising.http.get("/v1/decisions", params=ask, headers=CBOR)
    assert (short.status_code, short.headers["content-type"], short.headers["vary"]) == (200, CBOR["accept"], "accept")
    assert (plain.headers["content-type"], plain.headers["vary"]) == ("application/json", "accept")
    told, found = cbor2.loads(short.content), plain.json()
    evidence = EVIDENCE_FORM.decode_cbor(told.pop("evidence"))
    if told["block"] == found["block"]:
        assert evidence == EVIDENCE_FORM.decode_values(found.pop("evidence"))
        assert told == found
    assert len(short.content) < 0.6 * len(plain.content)
    question = read_question(TIN, "CN", "import", "carrier", on=parameters.get("on"))
    assert verify_recognition(evidence, question, recognising.trust, now=now(), max_age=300).decision.recognised


def test_manifests_recognitions_proofs_and_histories_have_both_forms(recognising: Network) -> None:
    http, trust = recognising.http, recognising.trust
    trader = {"recognisers": "CN", "directions": "import", "role": "carrier"}
    for answer in (
        http.post("/v1/decisions", json={"questions": [ASKED, ASKED]}, headers=CBOR),
        http.get(f"/v1/traders/{TIN}/recognitions", params=trader, headers=CBOR),
    ):
        evidence = EVIDENCE_FORM.decode_cbor(cbor2.loads(answer.content)["evidence"])
        answers = verify_recognitions(evidence, evidence.questions, trust, now=now(), max_age=300)
        assert [one.decision.recognised for one in answers] == [True] * len(evidence.questions)
        assert evidence.questions

    def both(path: str, body: dict[str, Any]) -> tuple[Evidence, Evidence]:
        short = http.post(path, json=body, headers=CBOR)
        assert short.headers["content-type"] == CBOR["accept"]
        return EVIDENCE_FORM.decode_cbor(short.content), EVIDENCE_FORM.decode_values(http.post(path, json=body).json())

    slot = to_hex(slot_of(Table.PARTY, 1)[1].to_bytes(32, "big"))
    proven, same = both("/v1/proofs", {"slots": [{"contract": "consortium", "slot": slot}]})
    assert set(proven.nodes) == set(same.nodes)
    assert verify_facts(proven, trust, now=now()).party(1) is not None
    told, same = both("/v1/history", {"entries": [to_hex(recognising.entry(TIN, "BY", 2))]})
    assert told.history == same.history is not None


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json, application/cbor;q=0", "application/json"),
        ("application/cbor;q=0.000", "application/json"),
        ("application/cborish", "application/json"),
        ("text/html;q=0.5, Application/CBOR ; q=0.9", "application/cbor"),
    ],
)
def test_cbor_is_for_who_names_it(recognising: Network, accept: str, kind: str) -> None:
    found = recognising.http.get("/v1/decisions", params=ASKED, headers={"accept": accept})
    assert found.headers["content-type"] == kind


def test_a_refusal_is_a_problem_for_who_asks_for_cbor_too(recognising: Network) -> None:
    found = recognising.http.get("/v1/decisions", params={**ASKED, "tin": "by"}, headers=CBOR)
    assert (found.status_code, found.headers["content-type"]) == (400, "application/problem+json")


def test_openapi_describes_both_forms(recognising: Network) -> None:
    paths = recognising.http.get("/openapi.json").json()["paths"]
    for path, method in (
        ("/v1/decisions", "get"),
        ("/v1/decisions", "post"),
        ("/v1/traders/{tin}/recognitions", "get"),
        ("/v1/proofs", "post"),
        ("/v1/history", "post"),
    ):
        assert set(paths[path][method]["responses"]["200"]["content"]) == {"application/json", "application/cbor"}


def test_when_the_node_fails_the_last_block_answers_and_health_says_so(
    recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("it burns")

    def health() -> dict[str, Any]:
        found: dict[str, Any] = recognising.http.get("/healthz").json()
        return found

    ledger = indexed(recognising)
    assert (health()["trouble"], health()["index"]) == (None, None)
    list(suspend_and_reinstate(recognising))  # since nobody has asked for the health of this block
    with monkeypatch.context() as failing:
        failing.setattr(ledger.provider, "make_request", fail)
        await_that(lambda: "it burns" in str(health()["index"]))
        assert health()["status"] == "behind"
        answers = [
            recognising.http.get("/v1/decisions", params=ASKED),
            recognising.http.post("/v1/decisions", json={"questions": [ASKED]}),
        ]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert recognising.desk.evidence(read_question(*ASKED.values())).nodes
    await_that(lambda: health()["index"] is None)


def test_a_node_that_hangs_is_waited_for_once_and_then_health_says_so_at_once(
    recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, asked = threading.Event(), []

    def hang(method: str, *_: object) -> None:
        asked.append((threading.current_thread().name, method))
        answers.wait(60)
        raise NodeUnreachable(endpoint="http://node.example", detail="nothing more within 10 s", reached="perhaps")

    ledger = indexed(recognising)
    with monkeypatch.context() as hanging:
        hanging.setattr(ledger.provider, "make_request", hang)
        await_that(lambda: asked)
        assert recognising.http.get("/readyz").status_code == 200, "the first wait is not over, and nobody shares it"
        answers.set()  # it is over
        await_that(lambda: ledger.fault is not None)
        answers.clear()
        asked.clear()
        ready, health = recognising.http.get("/readyz"), recognising.http.get("/healthz").json()
        parties = recognising.http.get("/v1/parties")
        assert "nothing more within 10 s" in ready.json()["detail"]
        assert (ready.status_code, parties.status_code) == (503, 200)
        assert "nothing more within 10 s" in health["trouble"]
        assert health["trouble"] == health["index"]
        assert {name for name, _ in asked} <= {"aeo-ledger index"}, "only the index's own thread waits for the node"
        answers.set()
    await_that(lambda: recognising.http.get("/healthz").json()["index"] is None)


def test_an_index_that_does_not_follow_is_no_reason_to_refuse_acts(
    recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise NodeFailed(method="eth_getLogs", detail="no logs today")

    with monkeypatch.context() as failing:
        failing.setattr(indexed(recognising).index, "advance", fail)
        await_that(lambda: recognising.http.get("/healthz").json()["index"] is not None)
        found = recognising.http.get("/healthz").json()
        assert (found["status"], found["trouble"], "no logs today" in found["index"]) == ("behind", None, True)
    await_that(lambda: recognising.http.get("/healthz").json()["index"] is None)
