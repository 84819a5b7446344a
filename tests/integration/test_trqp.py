"""The standard question: a proven no is an answer, what cannot be proven is a problem, and each answer leads to evidence that proves it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.verify import SurplusNodes
from aeo_ledger.evidence import EVIDENCE_FORM, RegisterQuestion
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.operation import Operation
from aeo_ledger.gateway.recognitions import RegisterQuery, read_register_question
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.calendar import parse_moment, write_moment
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.verify import verify_recognition, verify_register
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S
from support.network import Network, now, served
from support.trqp_forms import VERDICT, request_form, response_form

TRADER = "BY511125808"
BEFORE = "2020-01-01T00:00:00Z"
ASKED: dict[str, dict[str, Any]] = {
    "recognition": {"entity_id": "BY", "authority_id": "CN", "action": "import", "resource": "3:carrier"},
    "authorization": {"entity_id": TRADER, "authority_id": "CN", "action": "import", "resource": "carrier"},
}
ORIGINALS = os.environ.get("AEO_LEDGER_TRQP_SCHEMAS", "")
FORMATS = FormatChecker()


def is_moment(text: object) -> bool:
    """Check RFC 3339: the usual checker needs a package that is not installed, and would check nothing."""
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(text, str) or re.fullmatch(form, text, re.ASCII) is not None


FORMATS.checks("date-time")(is_moment)


def put(network: Network, question: str, **changed: Any) -> dict[str, Any]:
    """Put a question of the standard's form, and check that the answer has it too."""
    asked = {**ASKED[question], **changed}
    Draft202012Validator(request_form(question), format_checker=FORMATS).validate(asked)
    response = network.http.post(f"/{question}", json=asked)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    Draft202012Validator(response_form(question), format_checker=FORMATS).validate(answer)
    assert {name: answer[name] for name in ASKED[question]} == {name: asked[name] for name in ASKED[question]}
    assert answer.get("context") == asked.get("context")
    assert answer.get("time_requested") == (asked.get("context", {}).get("time") or None)
    assert answer["evidence"] in answer["message"]
    return answer


def check_evidence(network: Network, question: str, answer: Mapping[str, Any]) -> bool:
    """Fetch the evidence that an answer names, and prove from it what the answer says."""
    evidence = EVIDENCE_FORM.decode_values(network.http.get(answer["evidence"]).json()["evidence"])
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer["evidence"]).query).items()}
    if question == "recognition":
        query = RegisterQuery.model_validate(asked)
        found = verify_register(evidence, read_register_question(query), network.trust, now=now(), max_age=300)
        return found.decision.recognised
    words = ("tin", "recogniser", "direction", "role", "type", "register", "on")
    read = read_question(*(asked.get(name) for name in words))  # type: ignore[arg-type]
    return verify_recognition(evidence, read, network.trust, now=now(), max_age=300).decision.recognised


@pytest.mark.parametrize(
    ("question", "changed", "verdict", "says"),
    [
        ("recognition", {}, True, "recognised: fewer document checks"),
        ("recognition", {"context": {"time": BEFORE}}, True, "recognised: fewer document checks"),
        ("recognition", {"context": {}}, True, "recognised: fewer document checks"),
        ("recognition", {"context": {"time": "2019-01-01T00:00:00Z"}}, False, "arrangement not in force"),
        ("recognition", {"resource": "1:carrier"}, False, "not recognised: type out of scope"),
        ("recognition", {"authority_id": "KZ"}, False, "not recognised: no arrangement"),
        ("authorization", {}, True, "recognised: fewer document checks"),
        ("authorization", {"resource": "3:carrier"}, True, "recognised: fewer document checks"),
        ("authorization", {"context": {"locator": "BY", "time": BEFORE}}, True, "recognised: fewer document checks"),
        ("authorization", {"context": {"locator": "KZ"}}, False, "not recognised: no certificate"),
        ("authorization", {"resource": "1:carrier"}, False, "not recognised: no certificate,"),
        ("authorization", {"entity_id": "BY511125809"}, False, "not recognised: no certificate"),
        ("authorization", {"entity_id": "BY511125809"}, False, "look again at this number: the UNP's region or check"),
        ("authorization", {"authority_id": "KZ"}, False, "not recognised: no arrangement"),
        ("authorization", {"context": {"time": "2000-01-01T00:00:00+00:00"}}, False, "not recognised"),
    ],
)
def test_yes_and_no_are_answers_that_their_evidence_proves(
    recognising: Network, question: str, changed: Mapping[str, Any], verdict: bool, says: str
) -> None:
    answer = put(recognising, question, **changed)
    assert answer[VERDICT[question]] is verdict
    assert says in answer["message"]
    assert check_evidence(recognising, question, answer) is verdict


def test_a_suspension_is_false_now_and_true_before(recognising: Network) -> None:
    held, tin = recognising.number("BY"), "BY413751283"
    change_status(
        recognising.office,
        recognising.entry(tin, "BY", 2),
        Change(kind=EventKind.SUSPEND),
        register=held,
        issuer=held,
        signers=[recognising.signer("BY")],
    )
    for context, verdict in (({}, False), ({"time": BEFORE}, True)):
        answer = put(recognising, "authorization", entity_id=tin, context=context)
        assert answer["authorized"] is verdict
        assert check_evidence(recognising, "authorization", answer) is verdict


def test_no_number_of_a_trader_with_two_is_false_without_the_other(recognising: Network) -> None:
    """Nobody here keeps the registers of XI and GB, so both are proven absent, and both proofs are named."""
    answer = put(recognising, "authorization", entity_id="XI123456789000")
    assert answer["authorized"] is False
    assert answer["evidence_of_other_form"] in answer["message"]
    assert "tin=GB123456789000" in answer["evidence_of_other_form"]
    assert (
        check_evidence(recognising, "authorization", answer | {"evidence": answer["evidence_of_other_form"]}) is False
    )


@pytest.mark.parametrize("question", ASKED)
def test_what_cannot_be_proven_is_a_problem_and_never_false(recognising: Network, question: str) -> None:
    asked = {**ASKED[question], "context": {"time": write_moment(now() + 86_400)}}
    response = recognising.http.post(f"/{question}", json=asked)
    problem = response.json()
    assert (response.status_code, problem["type"]) == (422, "urn:aeo-ledger:problem:not-yet-provable")
    assert problem["family"] == "unproven"
    assert VERDICT[question] not in problem


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("context", [{}, {"time": BEFORE}])
@pytest.mark.parametrize(
    ("shift", "status", "kind"),
    [
        (DEFAULT_MAX_AGE_S, 200, ""),
        (DEFAULT_MAX_AGE_S + 1, 422, "stale"),
        (-DEFAULT_SKEW_S - 1, 422, "from-the-future"),
        (1 << 30, 422, "trust-expired"),
    ],
)
def test_what_a_verifier_would_refuse_for_its_age_is_a_problem_here_too(
    recognising: Network, question: str, context: Mapping[str, str], shift: int, status: int, kind: str
) -> None:
    """Nobody need fetch the evidence, so nobody else would notice that the gateway fell behind."""
    running = recognising.running
    behind = Ledger(running.ledger.provider, running.ledger.contracts, beginning=running.ledger.beginning)
    head = behind.as_of(running.ledger.head())  # it stands, so that its age is known to the second
    at = head.time_of(head.head()) + shift
    app = create_app(head, running.relay, recognising.trust, behind="", operation=Operation(clock=lambda: at))
    with served(app) as url:
        answer = httpx.post(f"{url}/{question}", json={**ASKED[question], "context": context}, timeout=60)
    assert answer.status_code == status, answer.text
    if kind:
        assert answer.json()["type"] == f"urn:aeo-ledger:problem:{kind}"
        assert VERDICT[question] not in answer.json()


@pytest.mark.parametrize(
    ("question", "changed", "status", "kind"),
    [
        ("recognition", {"entity_id": "XX"}, 404, "not-in-registry"),
        ("recognition", {"authority_id": "XX"}, 404, "not-in-registry"),
        ("recognition", {"action": "govern"}, 404, "not-in-registry"),
        ("recognition", {"resource": "3:pirate"}, 404, "not-in-registry"),
        ("recognition", {"resource": "AEOX:carrier"}, 404, "not-in-registry"),
        ("recognition", {"resource": "ADVANCED:carrier"}, 404, "not-in-registry"),
        ("recognition", {"resource": "carrier"}, 400, "malformed-text"),
        ("recognition", {"resource": ":carrier"}, 400, "malformed-text"),
        ("recognition", {"context": {"locator": "BY"}}, 400, "malformed-text"),
        ("authorization", {"authority_id": "XX"}, 404, "not-in-registry"),
        ("authorization", {"context": {"locator": "XX"}}, 404, "not-in-registry"),
        ("authorization", {"action": "IMPORT"}, 404, "not-in-registry"),
        ("authorization", {"resource": ""}, 404, "not-in-registry"),
        ("authorization", {"resource": "ADVANCED:carrier"}, 404, "not-in-registry"),
        ("authorization", {"entity_id": "by511125808"}, 400, "malformed-tin"),
        ("authorization", {"entity_id": "did:web:trader.example"}, 400, "malformed-tin"),
        ("authorization", {"entity_id": 7}, 400, "malformed-text"),
        ("authorization", {"context": {"time": "2020-01-01"}}, 400, "malformed-text"),
        ("authorization", {"context": {"time": "2020-01-01T00:00:00+08:00"}}, 400, "malformed-text"),
        ("authorization", {"context": {"time": "2020-13-01T00:00:00Z"}}, 400, "malformed-text"),
        ("authorization", {"context": {"time": None}}, 400, "malformed-text"),
        ("authorization", {"context": {"priority": "high"}}, 400, "malformed-text"),
        ("authorization", {"priority": "high"}, 400, "malformed-text"),
    ],
)
def test_what_nobody_here_knows_is_not_found_and_another_form_is_malformed(
    recognising: Network, question: str, changed: Mapping[str, Any], status: int, kind: str
) -> None:
    response = recognising.http.post(f"/{question}", json={**ASKED[question], **changed})
    problem = response.json()
    assert (response.status_code, problem["type"]) == (status, f"urn:aeo-ledger:problem:{kind}")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("question", ASKED)
def test_a_blank_time_means_now_although_it_is_no_moment(recognising: Network, question: str) -> None:
    """The words of the standard's schema allow it, its format does not."""
    answer = recognising.http.post(f"/{question}", json={**ASKED[question], "context": {"time": ""}}).json()
    Draft202012Validator(response_form(question), format_checker=FORMATS).validate(answer)
    assert answer[VERDICT[question]] is True
    assert "time_requested" not in answer


def test_a_request_id_comes_back(recognising: Network) -> None:
    known = "d4f34c12-9b7a-4e3a-a5d1-7e4f8c2c9f10"
    for sent, back in ((known, known), ("<script>", None)):
        answer = recognising.http.post("/authorization", json=ASKED["authorization"], headers={"x-request-id": sent})
        assert answer.headers.get("x-request-id") == back


def test_evidence_about_a_register_with_a_surplus_node_is_refused(recognising: Network) -> None:
    address = put(recognising, "recognition")["evidence"]
    evidence = EVIDENCE_FORM.decode_values(recognising.http.get(address).json()["evidence"])
    broader = recognising.http.get(address.replace("recogniser=CN", "recogniser=KZ")).json()["evidence"]
    question = RegisterQuestion(
        **{
            name: getattr(read_question(TRADER, "CN", "import", "carrier"), name)
            for name in ("recogniser", "direction", "role")
        },
        register="BY",
        certificate_type="3",
        on=parse_moment(BEFORE, None, what="on"),
    )
    surplus = [node for node in EVIDENCE_FORM.decode_values(broader).nodes if node not in evidence.nodes]
    forged = type(evidence)(questions=(), header=evidence.header, nodes=(*evidence.nodes, *surplus))
    with pytest.raises(SurplusNodes):
        verify_register(forged, question, recognising.trust, now=now(), max_age=300)


@pytest.mark.skipif(not ORIGINALS, reason="AEO_LEDGER_TRQP_SCHEMAS names no folder with the foundation's schemas")
@pytest.mark.parametrize("question", VERDICT)
def test_the_forms_are_those_of_the_standard(question: str) -> None:
    for kind, form in (("request", request_form(question)), ("response", response_form(question))):
        original = json.loads((Path(ORIGINALS) / f"trqp_{question}_{kind}.schema.json").read_text(encoding="utf-8"))
        assert _bare(original) == _bare(form)


def _bare(schema: Any) -> Any:
    """Leave out the words for people, and the order of what is required."""
    if isinstance(schema, dict):
        words = {"$id", "title", "description"}
        return {name: _bare(part) for name, part in schema.items() if name not in words or isinstance(part, dict)}
    return sorted(schema) if isinstance(schema, list) else schema
