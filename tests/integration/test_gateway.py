"""The gateway over real HTTP: what each route answers, and what it refuses with a problem."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import escape
from typing import Any

import httpx
import pytest

from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import Capacity, Direction, EventKind, KeyRole, Role, Status
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.gateway import GatewayUnclear, GatewayUnreachable
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import MissingNode, UnknownParty
from aeo_ledger.evidence import EVIDENCE_FORM, encode_question
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.problems import MEDIA_TYPE
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.calendar import write_moment
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, change_status, prepare
from aeo_ledger.office.conclude import read_pair
from aeo_ledger.office.footing import slots_of_keys, slots_of_withholding
from aeo_ledger.primitives.curve import HALF_ORDER
from aeo_ledger.protocol.acts import LARGEST_ACT, SignedAct
from aeo_ledger.protocol.inventory import NOTHING
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.verify import TRUST_FORM, verify_recognition, verify_recognitions
from support.network import Network, now, served

TYPE_3 = "BY511125808"
QUESTION: dict[str, Any] = {"tin": TYPE_3, "recogniser": "CN", "direction": "import", "role": "carrier"}


def _problem(response: httpx.Response, status: int, kind: str, family: str) -> dict[str, Any]:
    """Check that an answer is an RFC 9457 problem of this type, and return its facts."""
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = response.json()
    assert (response.status_code, problem["status"], problem["type"], problem["family"]) == (
        status,
        status,
        f"urn:aeo-ledger:problem:{kind}",
        family,
    )
    assert problem["title"]
    assert problem["detail"]
    facts: dict[str, Any] = problem["facts"]
    return facts


def _grant(network: Network, tin: str, party: str = "BY", kind: int = 2, **values: Any) -> SignedAct:
    """Sign the grant of one certificate, with some wrong members in the message."""
    number = network.number(party)
    change = Change(kind=EventKind.GRANT, roles=1 << Role.CARRIER, valid_from=now() - 1000)
    record = prepare(change, None, issuer=number, now=now())
    event: dict[str, Any] = {
        "entry": network.entry(tin, party, kind),
        "record": encode_record(record),
        "document": bytes(32),
    }
    whole = {
        "register": number,
        "issuer": number,
        "former": 0,
        "capacity": int(Capacity.OPERATORS),
        "deadline": now() + 600,
    }
    act = SignedAct(name="Publication", values={**whole, "events": [event], "details": b"", **values})
    return sign_act(act, [network.signer(party)], network.trust)


def _post(network: Network, act: SignedAct) -> httpx.Response:
    return network.http.post("/v1/acts", json=act.to_json())


# ---- what it answers ----


def test_an_act_is_answered_when_it_is_sealed(network: Network) -> None:
    response = _post(network, _grant(network, "BY100000001"))
    receipt = response.json()
    header = network.running.ledger.header(receipt["block"])
    assert response.status_code == 201
    assert receipt["gas_used"] > 21_000
    assert header
    assert network.desk.standings([network.entry("BY100000001", "BY", 2)]).records[0] is not None


def test_parties_are_listed_by_number(network: Network) -> None:
    parties = network.http.get("/v1/parties").json()["parties"]
    assert [(party["number"], party["code"], party["kind"]) for party in parties] == [
        (1, "BY", "administration"),
        (2, "CN", "administration"),
        (3, "KZ", "administration"),
        (4, "EU", "union"),
        (5, "DE", "administration"),
        (6, "PL", "administration"),
    ]
    assert parties[4]["memberships"][:2] == [
        {"union": 4, "leaves": 0, "ejected": False},
        {"union": 0, "leaves": 0, "ejected": False},
    ]
    assert [parties[4][name] for name in ("authority_keys", "authority_threshold", "epoch", "frozen")] == [
        1,
        1,
        0,
        False,
    ]
    assert parties[4]["office"] == {"serial": 0, "envelopes": 0, "resolutions": 0, "operators": 1, "lifts": 0}
    assert (parties[3]["opened"], parties[4]["opened"]) == (True, False)
    assert parties[3]["register"]["types"] == ["AEOC", "AEOS"]
    assert parties[5]["register"] is None


def test_members_survive_the_wire(network: Network) -> None:
    assert list(network.desk.members()) == list(network.running.relay.members())


def test_arrangements_show_each_ordered_pair(recognising: Network) -> None:
    pairs = recognising.http.get("/v1/arrangements").json()["pairs"]
    assert [(pair["recogniser"], pair["register"]) for pair in pairs] == [("BY", "CN"), ("CN", "BY")]
    lane = pairs[1]["lanes"][0]
    assert (lane["types"], lane["state"], lane["in_force_from"]) == (["3"], "open", 1_563_897_600)
    assert lane["benefits"][0] == "fewer_document_checks"
    assert (pairs[1]["amendments"], pairs[1]["lane_acts"], lane["generation"]) == (1, 0, 0)
    pair, (first,) = read_pair(recognising.office, 2, 1)
    assert (pair, (first,)) == recognising.running.relay.pairs()[2, 1]
    assert read_pair(recognising.office, 3, 1) == (Pair(), ())


def test_words_are_read_by_table_and_key(network: Network) -> None:
    founder = network.signer("BY", "authority")
    entry = network.entry(TYPE_3, "BY", 1)
    slots = [*slots_of_keys([founder.address, b"\7" * 20]), slot_of(Table.OFFICE, 1), *slots_of_withholding(2, entry)]
    facts = network.office.facts(slots)
    key = facts.key(founder.address)
    assert key is not None
    assert (key.party, key.role, key.epoch, key.retired_at) == (1, KeyRole.AUTHORITY, 0, 0)
    assert facts.key(b"\7" * 20) is None
    assert facts.office(1).operators == 1
    assert facts.withholding(2, entry) is None
    with pytest.raises(MissingNode):
        facts.record(b"\7" * 32)
    places = [(Table.VALIDATOR, 0), (Table.ALIAS, 5), (Table.GOVERNANCE, 0)]
    assert list(network.desk.words(places)) == list(network.running.relay.words(places))


@pytest.mark.parametrize(
    "place",
    [
        {"table": "authority", "key": "0x" + "00" * 32},
        {"table": "party", "key": "0x01"},
        {"table": "party", "key": 1},
        {"table": "party"},
    ],
)
def test_an_invalid_place_is_malformed(network: Network, place: dict[str, Any]) -> None:
    response = network.http.post("/v1/words", json={"places": [place]})
    assert (response.status_code, response.json()["type"]) == (400, "urn:aeo-ledger:problem:malformed-text")


def test_trust_is_offered_for_reading(network: Network) -> None:
    assert network.http.get("/v1/trust").json() == json.loads(TRUST_FORM.encode_json(network.trust))


def test_health_says_how_fresh_and_how_simulated_the_ledger_is(network: Network) -> None:
    health = network.http.get("/healthz").json()
    assert health["status"] == "ok"
    assert abs(health["block_time"] - now()) < 60
    assert "simulation" in health["ledger"]


def test_a_decision_carries_evidence_that_proves_it(recognising: Network) -> None:
    answer = recognising.http.get("/v1/decisions", params={**QUESTION, "evidence": "true"}).json()
    question = read_question(**QUESTION)
    proven = verify_recognition(
        EVIDENCE_FORM.decode_json(json.dumps(answer["evidence"])), question, recognising.trust, now=now(), max_age=300
    )
    assert proven.decision.recognised is answer["recognised"] is True
    assert (answer["issuer"], answer["registers"], answer["block"]) == ("BY", ["BY"], proven.block_number)
    assert answer["block_hash"] == f"0x{proven.block_hash.hex()}"
    assert recognising.http.get("/v1/decisions", params=QUESTION).json()["evidence"] is None


def test_many_questions_are_answered_with_one_evidence(recognising: Network) -> None:
    tins = (TYPE_3, "BY999999999", "BY511125809")
    questions = [read_question(**{**QUESTION, "tin": tin}) for tin in tins]
    questions.append(replace(questions[0], direction=Direction.EXPORT))
    body = {"questions": [encode_question(question) for question in questions]}
    answer = recognising.http.post("/v1/decisions", json=body).json()
    evidence = EVIDENCE_FORM.decode_json(json.dumps(answer["evidence"]))
    proven = verify_recognitions(evidence, questions, recognising.trust, now=now(), max_age=300)
    assert [one["question"] for one in answer["decisions"]] == body["questions"]
    assert [one["recognised"] for one in answer["decisions"]] == [one.decision.recognised for one in proven]
    assert proven[0].decision.recognised
    assert answer["block"] == proven[0].block_number
    fetched = recognising.desk.evidence_of_many(questions)
    again = verify_recognitions(fetched, questions, recognising.trust, now=now(), max_age=300)
    assert [one.decision.recognised for one in again] == [one.decision.recognised for one in proven]


@pytest.mark.parametrize("questions", [[], [QUESTION] * 1_001, "BY511125808"], ids=["none", "too many", "no list"])
def test_a_manifest_of_another_form_is_a_problem(network: Network, questions: Any) -> None:
    answer = network.http.post("/v1/decisions", json={"questions": questions})
    _problem(answer, 400, "malformed-text", "malformed")


MISPUT: dict[str, tuple[Any, str]] = {
    "no TIN": ({**QUESTION, "tin": "by1"}, "malformed-tin"),
    "look-alike": ({**QUESTION, "tin": "ВY511125808"}, "malformed-tin"),  # noqa: RUF001 (a Cyrillic look-alike)
    "EL": ({**QUESTION, "tin": "EL094014201"}, "malformed-tin"),
    "AEOCN": ({**QUESTION, "tin": "AEOCN2102994919"}, "malformed-tin"),
    "form": ({**QUESTION, "tin": "BY51112580"}, "malformed-tin"),
    "number": ({**QUESTION, "tin": 5}, "malformed-document"),
    "on": ({**QUESTION, "on": 20200101}, "malformed-document"),
    "on text": ({**QUESTION, "on": "20200101"}, "malformed-text"),
    "known": ({**QUESTION, "known": 1577836800}, "malformed-document"),
    "unknown key": ({**QUESTION, "priority": "high"}, "malformed-document"),
    "role": ({**QUESTION, "role": "pirate"}, "malformed-document"),
    "no object": ("BY511125808", "malformed-document"),
    "unknown party": ({**QUESTION, "recogniser": "XX"}, "unknown-party"),
    "unknown register": ({**QUESTION, "register": "XX"}, "unknown-party"),
    "unknown type": ({**QUESTION, "type": "9"}, "unknown-certificate-type"),
    "strange type": ({**QUESTION, "type": "ADVANCED"}, "unknown-certificate-type"),
}


@pytest.mark.parametrize("name", MISPUT)
def test_a_question_that_cannot_be_put_costs_no_other(recognising: Network, name: str) -> None:
    misput, kind = MISPUT[name]
    for place in (0, 7):
        asked = [QUESTION] * place + [misput] + [QUESTION] * 3
        answer = recognising.http.post("/v1/decisions", json={"questions": asked}).json()
        items = answer["decisions"]
        assert [one["recognised"] for one in items] == [True] * place + [None] + [True] * 3
        assert [one["in_evidence"] for one in items] == [*range(place), None, *range(place, place + 3)]
        problem = items[place]["problem"]
        assert (problem["type"], problem["family"]) == (f"urn:aeo-ledger:problem:{kind}", "malformed")
        assert problem["place"] == f"questions[{place}]"
        assert problem["detail"].startswith(f"questions[{place}]: ")
        assert [one["problem"] for one in items[:place] + items[place + 1 :]] == [None] * (place + 3)
        evidence = EVIDENCE_FORM.decode_values(answer["evidence"])
        questions = [read_question(**QUESTION)] * (place + 3)
        proven = verify_recognitions(evidence, questions, recognising.trust, now=now(), max_age=300)
        assert all(one.decision.recognised for one in proven)


def test_if_no_question_can_be_put_there_is_no_evidence(network: Network) -> None:
    answer = network.http.post("/v1/decisions", json={"questions": [one for one, _ in MISPUT.values()]}).json()
    assert [one["problem"]["type"].rpartition(":")[2] for one in answer["decisions"]] == [
        kind for _, kind in MISPUT.values()
    ]
    assert answer["evidence"] is None


def test_the_client_tells_a_problem_in_a_manifest_with_its_place(network: Network) -> None:
    asked = [read_question("BY511125808", code, "import", "carrier") for code in ("CN", "XX", "KZ")]
    with pytest.raises(UnknownParty) as refusal:
        network.desk.evidence_of_many(asked)
    assert refusal.value.place == "questions[1]"
    found = network.desk.ask_many(asked)
    assert found.evidence is not None
    assert found.evidence.questions == (asked[0], asked[2])
    assert [(place, str(problem)) for place, problem in found.problems.items()] == [(1, str(refusal.value))]
    assert found.problems[1].said_by == f"the gateway at {network.url}"


def test_a_doubtful_number_is_answered_with_what_makes_it_doubtful(recognising: Network) -> None:
    """A no about a number with a wrong check digit is proven, but probably not what the asker meant."""
    odd = {**QUESTION, "tin": "BY511125809"}
    answer = recognising.http.get("/v1/decisions", params=odd).json()
    assert (answer["recognised"], answer["problems"]) == (False, ["the UNP's region or check digit is wrong"])
    assert recognising.http.get("/v1/decisions", params=QUESTION).json()["problems"] == []
    many = recognising.http.post("/v1/decisions", json={"questions": [QUESTION, odd]}).json()["decisions"]
    assert [one["problems"] for one in many] == [[], answer["problems"]]


def test_a_number_that_breaks_its_countrys_rule_is_answered_if_accepted(recognising: Network) -> None:
    odd = {**QUESTION, "tin": "BY51112580"}
    answer = recognising.http.get("/v1/decisions", params={**odd, "accept_odd": "true"}).json()
    assert (answer["recognised"], answer["problems"]) == (False, ["a Belarusian UNP of an organisation has 9 digits"])
    body = {"questions": [odd], "accept_odd": True}
    assert recognising.http.post("/v1/decisions", json=body).json()["decisions"][0]["problems"] == answer["problems"]
    question = read_question(**odd, accept_odd=True)
    for fetched in (recognising.desk.evidence(question), recognising.desk.evidence_of_many([question])):
        proven = verify_recognition(fetched, question, recognising.trust, now=now(), max_age=300)
        assert proven.decision.recognised is False


def test_a_time_that_only_history_decides_is_unproven_and_neither_yes_nor_no(recognising: Network) -> None:
    held = recognising.number("BY")
    tin = "BY307874097"
    change_status(
        recognising.office,
        recognising.entry(tin, "BY", 2),
        Change(kind=EventKind.SUSPEND),
        register=held,
        issuer=held,
        signers=[recognising.signer("BY")],
    )
    answer = recognising.http.get("/v1/decisions", params={**QUESTION, "tin": tin, "on": "2020-01-01"}).json()
    assert answer["recognised"] is None
    assert answer["unproven"].startswith("history needed")


# ---- what it refuses ----


@pytest.mark.parametrize(
    ("changed", "kind", "facts"),
    [
        ({"tin": "ВY511125808"}, "malformed-tin", {"found": "ВY511125808"}),  # noqa: RUF001 (a Cyrillic look-alike)
        ({"tin": ""}, "malformed-tin", {"found": ""}),
        ({"tin": "AEOBY511125808"}, "malformed-tin", {"advice": "write BY511125808"}),
        ({"tin": "AEOBY511125808", "accept_odd": "true"}, "malformed-tin", {"advice": "write BY511125808"}),
        ({"tin": "EL094014201"}, "malformed-tin", {"advice": "write GR094014201"}),
        ({"tin": "by511125808"}, "malformed-tin", {"advice": "write BY511125808"}),
        ({"tin": "BY 511125808"}, "malformed-tin", {"advice": "write BY511125808"}),
        ({"tin": "BY51112580"}, "malformed-tin", {"reason": "a Belarusian UNP of an organisation has 9 digits"}),
        ({"recogniser": "XX"}, "unknown-party", {"code": "XX", "known": ["BY", "CN", "KZ", "EU", "DE", "PL"]}),
        ({"register": "XX"}, "unknown-party", {"code": "XX"}),
        ({"type": "9"}, "unknown-certificate-type", {"name": "9"}),
        ({"direction": "sideways"}, "malformed-text", {"what": "direction", "found": "'sideways'"}),
        ({"role": "pirate"}, "malformed-text", {"what": "role", "found": "'pirate'"}),
        ({"on": "yesterday"}, "malformed-text", {"what": "on", "found": "'yesterday'"}),
        ({"on": "2106-02-08"}, "malformed-text", {"what": "on", "needed": "a time between 1970 and 2105"}),
        ({"on": "20200101"}, "malformed-text", {"what": "on", "found": "'20200101'"}),
        ({"on": "1577836800"}, "malformed-text", {"what": "on", "found": "'1577836800'"}),
        ({"known": "1577836800"}, "malformed-text", {"what": "known", "found": "'1577836800'"}),
        ({"on": "9" * 5000}, "malformed-text", {"what": "on"}),
        ({"on": "2019-07-24T09:00:00"}, "malformed-text", {"what": "on"}),
        ({"evidence": "perhaps"}, "malformed-text", {"what": "query.evidence"}),
        ({"typ": "3"}, "malformed-text", {"what": "query.typ"}),
    ],
)
def test_an_invalid_question_is_a_problem(
    network: Network, changed: Mapping[str, str], kind: str, facts: Mapping[str, object]
) -> None:
    found = _problem(network.http.get("/v1/decisions", params={**QUESTION, **changed}), 400, kind, "malformed")
    assert found.items() >= facts.items()


def test_a_look_alike_letter_is_named(network: Network) -> None:
    response = network.http.get("/v1/decisions", params={**QUESTION, "tin": "ВY511125808"})  # noqa: RUF001
    assert "CYRILLIC CAPITAL LETTER VE, which looks like B" in response.json()["detail"]


def test_a_question_that_says_a_thing_twice_or_not_at_all_is_refused(network: Network) -> None:
    twice = network.http.get("/v1/decisions", params=[*QUESTION.items(), ("type", "3"), ("type", "1")])
    assert _problem(twice, 400, "malformed-text", "malformed")["found"] == "it twice"
    without = {key: value for key, value in QUESTION.items() if key != "role"}
    missing = network.http.get("/v1/decisions", params=without)
    assert _problem(missing, 400, "malformed-text", "malformed")["what"] == "query.role"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "body.entries: found nothing, needed a value"),
        ([], "body: found [], needed an object"),
        ({"entries": [], "x": 1}, "body.x: found 1, needed no such key"),
        ({"entries": 3}, "body.entries: found 3, needed a list"),
        ({"entries": [3]}, "body.entries.0: found 3, needed a text"),
    ],
)
def test_a_malformed_request_is_described_in_our_own_words(network: Network, body: Any, detail: str) -> None:
    assert network.http.post("/v1/standings", json=body).json()["detail"] == detail


def test_a_problem_is_described_with_its_place(network: Network) -> None:
    described = network.http.get("/openapi.json").json()["components"]["schemas"]["Problem"]["properties"]
    asked = {"questions": [QUESTION, {**QUESTION, "tin": "by1"}]}
    problem = network.http.post("/v1/decisions", json=asked).json()["decisions"][1]["problem"]
    assert problem["place"] == "questions[1]"
    assert described.keys() >= problem.keys()


def test_a_time_to_come_is_unproven(network: Network) -> None:
    answer = network.http.get("/v1/decisions", params={**QUESTION, "on": write_moment(now() + 86_400)}).json()
    assert answer["recognised"] is None
    assert "it cannot prove anything later" in answer["unproven"]


def _code(response: httpx.Response) -> str:
    facts = _problem(response, 409, "refused-by-ledger", "refused")
    assert facts["reason"] == Refusal[facts["name"]].text
    assert facts["code"] == int(Refusal[facts["name"]])
    name: str = facts["name"]
    return name


def test_an_act_signed_by_another_party_is_refused(network: Network) -> None:
    act = replace(_grant(network, "BY100000002"), signatures=())
    for code, role, held in (
        ("CN", "operator", "an operator of CN"),
        ("CN", "authority", "the authority of CN"),
        ("BY", "authority", "the authority of BY"),
    ):
        forged = sign_act(act, [network.signer(code, role)], network.trust)
        response = _post(network, forged)
        facts = _problem(response, 409, "wrong-key", "refused")
        assert (facts["held"], facts["needed"]) == (held, "an operator of BY")
        assert facts["address"] in response.json()["detail"]


def test_an_act_altered_after_it_was_signed_is_refused(network: Network) -> None:
    act = _grant(network, "BY100000003")
    altered = replace(act, values={**act.values, "deadline": int(act.values["deadline"]) + 1})
    assert _code(_post(network, altered)) == "SURPLUS_SIGNATURE"


def test_an_act_for_another_chain_is_refused(network: Network) -> None:
    act = replace(_grant(network, "BY100000004"), signatures=())
    elsewhere = sign_act(act, [network.signer("BY")], replace(network.trust, chain_id=network.trust.chain_id + 1))
    assert _code(_post(network, elsewhere)) == "SURPLUS_SIGNATURE"


@pytest.mark.parametrize(
    ("signatures", "code"), [([], "TOO_FEW_SIGNATURES"), (["0x" + "00" * 65], "NO_SIGNER"), (["high s"], "HIGH_S")]
)
def test_an_act_without_a_good_signature_is_refused(network: Network, signatures: list[str], code: str) -> None:
    act = _grant(network, "BY100000008")
    (one,) = act.signatures
    high = f"0x{one.r:064x}{2 * HALF_ORDER + 1 - one.s:064x}{55 - one.v:02x}"
    body = {**act.to_json(), "signatures": [high if text == "high s" else text for text in signatures]}
    assert _code(network.http.post("/v1/acts", json=body)) == code


def test_an_act_counts_once(network: Network) -> None:
    act = _grant(network, "BY100000005")
    assert _post(network, act).status_code == 201
    assert _code(_post(network, act)) == "WRONG_SEQUENCE"


def test_an_act_past_its_deadline_is_refused(network: Network) -> None:
    assert _code(_post(network, _grant(network, "BY100000006", deadline=now() - 5))) == "TOO_LATE"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"format": "aeo-ledger/act/2"}, "malformed-text"),
        ({"message": "Founding"}, "malformed-text"),
        ({"signatures": ["0x00"]}, "malformed-text"),
        ({"signatures": ["0x" + "00" * 64 + "1d"]}, "malformed-signature"),
        ({"signatures": "0x"}, "malformed-text"),
        ({"values": {}}, "malformed-text"),
        ({"surplus": 1}, "malformed-text"),
    ],
)
def test_an_act_of_another_form_is_refused(network: Network, change: Mapping[str, object], kind: str) -> None:
    body = {**_grant(network, "BY100000007").to_json(), **change}
    _problem(network.http.post("/v1/acts", json=body), 400, kind, "malformed")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"NaN", b'"text"'])
@pytest.mark.parametrize("path", ["/v1/acts", "/v1/standings"])
def test_a_body_that_is_not_a_json_object_is_refused(network: Network, path: str, body: bytes) -> None:
    response = network.http.post(path, content=body, headers={"content-type": "application/json"})
    kind = "malformed-text" if body in {b"[]", b"null", b'"text"'} else "malformed-document"
    _problem(response, 400, kind, "malformed")


POSTED = ["/v1/acts", "/v1/standings", "/v1/decisions", "/v1/history"]


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"entries": [], "entries": []}', "the key 'entries' appears twice"),
        (b'{"questions": [{"tin": "BY1", "tin": "BY2"}]}', "the key 'tin' appears twice"),
        (b'{"values": {"deadline": {"a": "1", "b": 2, "a": "1"}}}', "the key 'a' appears twice"),
        (b'{"entries": ["\\ud800"]}', "half of a character"),
        (b'{"\\udfff": 1}', "half of a character"),
        (b'{"questions": [{"tin": "BY\\ud83d"}]}', "half of a character"),
        (b'{"values": {"deadline": NaN}}', "the number NaN"),
        (b'{"values": {"deadline": 1e999}}', "the number 1e999"),
        (b'{"entries": [0.5]}', "the number 0.5"),
        (b'\xff\xfe{\x00}\x00', "UTF-16"),
    ],
)  # fmt: skip
def test_json_with_two_readings_is_refused_by_every_route(network: Network, path: str, body: bytes, told: str) -> None:
    for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
        response = network.http.post(path, content=body, headers={"content-type": kind})
        _problem(response, 400, "malformed-document", "malformed")
        assert told in response.json()["detail"]


@pytest.mark.parametrize("path", POSTED)
def test_a_body_that_does_not_say_that_it_is_json_is_read_as_strictly_or_not_at_all(
    network: Network, path: str
) -> None:
    for headers in ({}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}):
        request = network.http.build_request("POST", path, content=b'{"entries": [], "entries": []}', headers=headers)
        assert network.http.send(request).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/v1/decisions?tin=BY1&tin=BY2", "/v1/trust/update?since=0&since=0", "/v1/parties?a=1&a=2", "/healthz?x=&x="],
)
def test_a_parameter_given_twice_is_refused_by_every_route(network: Network, path: str) -> None:
    facts = _problem(network.http.get(path), 400, "malformed-text", "malformed")
    assert facts["found"] == "it twice"


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b"[", b"]")])
def test_deep_nesting_is_refused_and_ends_no_process(network: Network, opening: bytes, closing: bytes) -> None:
    for depth in (20, 1_000, 20_000, 160_000):
        values = opening * depth + b"0" + closing * depth
        body = b'{"format":"aeo-ledger/act/1","message":"Publication","signatures":[],"values":' + values + b"}"
        response = network.http.post("/v1/acts", content=body, headers={"content-type": "application/json"})
        assert len(body) <= LARGEST_ACT
        _problem(response, 400, "malformed-document", "malformed")
    assert network.http.get("/healthz").json()["status"] == "ok"


def test_an_oversized_body_is_refused_unread(network: Network) -> None:
    facts = _problem(
        network.http.post("/v1/acts", content=b" " * (LARGEST_ACT + 1)), 413, "oversized-body", "malformed"
    )
    assert facts == {"limit": LARGEST_ACT}
    chunks = (b" " * 65_536 for _ in range(17))
    _problem(network.http.post("/v1/acts", content=chunks), 413, "oversized-body", "malformed")


def test_entries_are_looked_up_a_thousand_at_most(network: Network) -> None:
    entry = "0x" + "11" * 32
    found = network.http.post("/v1/standings", json={"entries": [entry] * 1_000})
    assert found.json()["records"] == [None] * 1_000
    too_many = network.http.post("/v1/standings", json={"entries": [entry] * 1_001})
    assert _problem(too_many, 400, "malformed-text", "malformed")["what"] == "body.entries"
    for odd in ("11" * 32, "0x11", "0x" + "gg" * 32, 5):
        for path in ("/v1/standings", "/v1/history"):
            facts = _problem(
                network.http.post(path, json={"entries": [entry, odd]}), 400, "malformed-text", "malformed"
            )
            assert facts["what"] in {"body.entries.1", "entries[1]"}


def test_an_unknown_route_and_method_are_problems_too(network: Network) -> None:
    assert _problem(network.http.get("/v2/acts"), 404, "no-such-route", "malformed") == {"path": "/v2/acts"}
    wrong = network.http.delete("/v1/acts")
    assert _problem(wrong, 405, "wrong-method", "malformed")["needed"] == "POST"
    assert wrong.headers["allow"] == "POST"
    both = network.http.delete("/v1/decisions")
    assert _problem(both, 405, "wrong-method", "malformed")["needed"] == both.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_every_method_that_a_path_takes_is_named(network: Network, method: str) -> None:
    document = network.http.get("/openapi.json").json()
    for path, methods in {**document["paths"], "/docs": ["get"], "/openapi.json": ["get"]}.items():
        needed = {name.upper() for name in methods} | ({"HEAD"} if "get" in methods else set())
        wrong = network.http.request(method, path)
        facts = _problem(wrong, 405, "wrong-method", "malformed")
        assert set(facts["needed"].split(", ")) == set(wrong.headers["allow"].split(", ")) == needed, path
        assert facts["method"] == method
    assert network.http.delete("/v1/decisions").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/healthz", "/v1/parties", "/v1/trust", "/v1/snapshot", "/docs", "/openapi.json"])
def test_head_says_what_get_would_send(network: Network, path: str) -> None:
    block = None
    while block != (block := network.running.ledger.head()):  # an idle block between the two would be told
        got, head = network.http.get(path), network.http.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"") == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert int(head.headers["content-length"]) == len(got.content)
    assert network.http.head("/v1/acts").headers["allow"] == "POST"


@pytest.mark.parametrize("host", ["rebound.example", "localhost.rebound.example:8547", ""])
def test_a_host_that_is_a_name_is_refused_since_names_can_be_rebound(network: Network, host: str) -> None:
    for path in ("/healthz", "/docs", "/nothing"):
        found = _problem(network.http.get(path, headers={"host": host}), 421, "strange-host", "malformed")
        assert found == {"host": host}


def test_a_gateway_may_be_given_names(network: Network) -> None:
    running = network.running
    app = create_app(running.ledger, running.relay, network.trust, behind="", names=["gateway.example"])
    with served(app) as url:
        assert httpx.get(f"{url}/healthz", headers={"host": "gateway.example:443"}).status_code == 200
        assert httpx.get(f"{url}/healthz", headers={"host": "other.example"}).status_code == 421


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/v1/snapshot", "/docs"])
def test_every_answer_names_the_chain_and_not_the_server(network: Network, path: str) -> None:
    answer = network.http.get(path)
    assert answer.headers["aeo-ledger-chain"] == str(network.trust.chain_id)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def test_a_checkpoint_beyond_the_newest_block_is_the_callers_error(network: Network) -> None:
    head = network.running.ledger.head()
    facts = _problem(network.http.get(f"/v1/trust/update?since={head + 1_000}"), 400, "malformed-text", "malformed")
    assert facts["found"] == f"block {head + 1_000}"
    assert network.http.get(f"/v1/trust/update?since={head}").status_code == 200


def test_an_unforeseen_error_is_a_problem_that_tells_nothing(network: Network) -> None:
    """A ledger with an impossible error represents every bug."""

    class Broken:
        beginning = NOTHING

        def address(self, _: Contract) -> bytes:
            return bytes(20)

        def head(self) -> int:
            raise ZeroDivisionError("secret")

    app = create_app(Broken(), network.running.relay, network.trust, behind="")
    with served(app) as url:
        response = httpx.get(f"{url}/healthz")
    assert _problem(response, 500, "gateway-fault", "unavailable") == {}
    assert "secret" not in response.text


# ---- many at once ----


def test_publications_posted_at_once_share_blocks(network: Network) -> None:
    acts = [_grant(network, f"BY2000000{place:02}") for place in range(12)]
    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(network.desk.submit, acts))
    assert len({receipt.transaction for receipt in receipts}) == 12
    assert len({receipt.block for receipt in receipts}) < 12


def test_of_two_acts_with_one_sequence_exactly_one_wins(network: Network) -> None:
    """Both pass the rehearsal and both are sent: the contract decides, and the refused signer learns why."""

    def post(act: SignedAct) -> str:
        try:
            network.desk.submit(act)
        except RefusedByLedger as error:
            return error.name
        return "sealed"

    for attempt in range(3):
        tin = f"BY30000000{attempt}"
        rivals = [_grant(network, tin), _grant(network, tin, deadline=now() + 500)]
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(post, rivals)) == ["WRONG_SEQUENCE", "sealed"]
        record = network.desk.standings([network.entry(tin, "BY", 2)]).records[0]
        assert record is not None
        assert (record.status, record.sequence) == (Status.ACTIVE, 1)


# ---- OpenAPI ----


def test_every_documented_example_works(recognising: Network) -> None:
    document = recognising.http.get("/openapi.json").json()
    ran = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path in {
                "/v1/acts",
                "/v1/completions",
                "/v1/documents/{commitment}",
                "/v1/parties/{party}/card",
                "/v1/statistics",
                "/v1/news",
            }:  # each works once, needs a signature, a file or a database, or never ends: tested elsewhere
                continue
            given = [p for p in operation.get("parameters", []) if p["name"] != "cursor"]  # each is of one moment
            places = {p["name"]: _example(p["schema"], p) for p in given if p["in"] == "path"}
            examples = {p["name"]: str(_example(p["schema"], p)) for p in given if p["in"] == "query"}
            needed = {p["name"]: examples[p["name"]] for p in given if p["required"] and p["in"] == "query"}
            by_alias = {name: examples.pop(name) for name in ("alias", "kind") if name in examples}
            needed |= {"tin": examples["tin"]} if "tin" in examples else {}  # or an alias: one of the two
            body = operation.get("requestBody")
            schema = body and body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            properties = document["components"]["schemas"][schema]["properties"] if schema else {}
            content = {name: _example(part, {}) for name, part in properties.items()} or None
            for asked in (needed, examples, *({**needed, name: value} for name, value in examples.items())):
                response = recognising.http.request(method, path.format(**places), params=asked, json=content)
                assert response.status_code == 200, (path, asked, response.text)
                if (method, path) == ("get", "/v1/decisions") and "known" not in asked:
                    assert response.json()["recognised"] is True, asked
                    assert (response.json()["evidence"] is None) == ("evidence" not in asked)
            if by_alias:
                response = recognising.http.request(method, path, params={**needed, **by_alias})
                assert response.json()["reasons"] == ["no_trader_under_alias"]
            ran.add(path)
    assert ran >= {"/v1/decisions", "/v1/standings", "/v1/parties", "/v1/arrangements", "/v1/trust", "/healthz"}


def _example(schema: Mapping[str, Any], parameter: Mapping[str, Any]) -> object:
    return (schema.get("examples") or parameter["examples"])[0]


def test_the_page_for_people_names_everything_and_asks_nobody_else(network: Network) -> None:
    page = network.http.get("/docs")
    document = network.http.get("/openapi.json").json()
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}</code>" in page.text
            assert escape(operation["summary"]) in page.text
            for parameter in operation.get("parameters", []):
                assert f"<code>{parameter['name']}" in page.text
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in page.text
    links = re.findall(r"(?:href|src|action)=[\"']?([^\"' >]*)", page.text)
    assert {link for link in links if not link.startswith("#")} == {"/openapi.json"}
    assert all(f'id="{link[1:]}"' in page.text for link in links if link.startswith("#"))
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(", page.text)


OWN_STATUSES = {
    "/v1/documents/{commitment}": {"403", "404"},
    "/v1/parties/{party}/card": {"404"},
    "/v1/statistics": {"404"},
    "/recognition": {"404"},
    "/authorization": {"404"},
    "/v1/registers/{party}": {"410"},
    "/v1/blocks/{number}": {"404"},
    "/v1/trust/chain": {"404"},
}


def test_every_error_is_described_as_a_problem(network: Network) -> None:
    document = network.http.get("/openapi.json").json()
    assert document["components"]["schemas"]["Problem"]["required"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            errors = {status: r["content"] for status, r in operation["responses"].items() if status >= "400"}
            own = OWN_STATUSES.get(path, set())
            usual = {"400", "401", "403", "408", "409", "413", "421", "422", "429", "500", "503"}
            assert set(errors) == usual | own, path
            assert all(list(content) == [MEDIA_TYPE] for content in errors.values())
            assert all(c[MEDIA_TYPE]["schema"]["$ref"].endswith("/Problem") for c in errors.values())


# ---- the client against other things than a gateway ----


def test_no_gateway_is_unavailable() -> None:
    with GatewayClient("http://127.0.0.1:1") as desk, pytest.raises(GatewayUnreachable) as refusal:
        desk.members()
    assert refusal.value.url == "http://127.0.0.1:1"


def test_an_invalid_url_is_malformed() -> None:
    for odd in ("http://a:b", "http://\x00", "nonsense", "127.0.0.1:8547", "ftp://127.0.0.1", "http://xn--.example"):
        with pytest.raises(MalformedText):
            GatewayClient(odd)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"parties": [{}]}',
        b'{"parties": 5}',
        b'{"parties": [], "parties": []}',
        b'{"parties": [], "x": "\\ud800"}',
        b'{"parties": [], "x": NaN}',
        b'{"parties": [], "x": 1e999}',
        b"[" * 100_000,
        b'{"parties": [{"number": 1, "office": {}, "register": null, "memberships": [{}, {}, {}, {}]}]}',
    ],
)
def test_a_server_that_is_not_a_gateway_is_unavailable(content: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    client = httpx.Client(base_url="http://other", transport=transport)
    with GatewayClient("http://other", client) as desk, pytest.raises(GatewayUnclear):
        desk.members()


def test_evidence_that_cannot_be_read_is_the_gateways_fault_not_the_askers() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"evidence": {"format": "other"}}))
    client = httpx.Client(base_url="http://other", transport=transport)
    with GatewayClient("http://other", client) as desk, pytest.raises(GatewayUnclear):
        desk.evidence(read_question(**QUESTION))
