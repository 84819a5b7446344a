"""The client of a gateway against gateways that do harm: they cost seconds and megabytes, and the next one is asked."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from aeo_ledger.errors import AeoLedgerError, Malformed, Unavailable
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.gateway import (
    GatewayBroke,
    GatewaySlow,
    GatewayUnclear,
    GatewayUnreachable,
    NoGatewayAnswers,
    PossiblyRelayed,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.rpc import NodeUnreachable, OtherChainServed
from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.evidence import EVIDENCE_FORM
from aeo_ledger.gateway import client as client_module
from aeo_ledger.gateway import line as line_module
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.problems import status_of, to_problem
from aeo_ledger.office.ask import read_question
from aeo_ledger.protocol.acts import SignedAct
from support.hostile_server import (
    Behaviour,
    Hostile,
    answering,
    answering_json,
    brackets,
    close,
    dripping_body,
    dripping_head,
    endless_body,
    endless_head,
    gzip_bomb,
    hollow_gzip,
    hostile,
    nested_lists,
    nested_objects,
    silence,
)
from support.processes import PEAK_MIB
from support.waiting import WITHIN_S, await_that

QUICK_S = 0.5
NOBODY = "http://127.0.0.1:9"
QUESTION = read_question("BY511125808", "CN", "import", "carrier")
NO_PARTIES = answering_json({"parties": []})
RECEIPT = {"transaction": "0x" + "01" * 32, "block": 1, "block_hash": "0x" + "02" * 32, "gas_used": 3}
ACT = SignedAct(
    name="Withholding",
    values={
        "recogniser": 1,
        "serial": 1,
        "deadline": 1,
        "entry": bytes(32),
        "withheld": True,
        "grounds": bytes(32),
    },
)
SIXTEEN_MIB = 1 << 24


@pytest.fixture
def servers() -> Iterator[Callable[[Behaviour], Hostile]]:
    with contextlib.ExitStack() as opened:
        yield lambda behave: opened.enter_context(hostile(behave))


def problem(error: AeoLedgerError, **headers: str) -> Behaviour:
    return answering_json(to_problem(error), status_of(error), **headers)


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (answering(b"true"), "its JSON has another form"),
        (answering(b"null"), "its JSON has another form"),
        (answering(b"[]"), "its JSON has another form"),
        (answering(b"{}"), "its JSON has another form"),
        (answering(b'{"parties": [3]}'), "answer: needed an object"),
        (answering(b'{"a": 1, "a": 1}', 400), "status 400, and the answer: the key 'a' appears twice in one object"),
        (answering(b"<html>", 502), "status 502, and the answer: not JSON that can be read"),
        (answering(b'{"a":"\xff"}'), "answer: byte 6 is not UTF-8, needed UTF-8"),
    ],
)
def test_what_is_odd_in_an_answer_is_said_in_words(
    servers: Callable[[Behaviour], Hostile], behave: Behaviour, told: str
) -> None:
    with GatewayClient(servers(behave).url, timeout_s=WITHIN_S) as desk, pytest.raises(GatewayUnclear) as fault:
        desk.members()
    assert told in str(fault.value)
    assert "Error(" not in str(fault.value)


# ---- what a gateway may cost ----


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (silence, GatewaySlow),
        (dripping_head, GatewaySlow),
        (dripping_body, GatewaySlow),
        (close, GatewayBroke),
        (endless_head, GatewayBroke),
        (answering(b"x", content_encoding="br"), GatewayUnclear),
        (answering(b"{}", 302, location="http://127.0.0.1:9/"), GatewayUnclear),
        (answering(b"{}", 204), GatewayUnclear),
        (answering(b'{"parties": [], "parties": []}'), GatewayUnclear),
        (answering(b"<html>"), GatewayUnclear),
        (answering(b"<html>", 502), GatewayUnclear),
        (answering(b"\xff"), GatewayUnclear),
        (answering(b"NaN"), GatewayUnclear),
        (answering(b'{"parties": 1e999}'), GatewayUnclear),
    ],
)
def test_a_gateway_that_gives_no_answer_costs_a_moment(
    servers: Callable[[Behaviour], Hostile], behave: Behaviour, error: type[Unavailable]
) -> None:
    """The slow ones would never end by themselves."""
    within_s = QUICK_S if error is GatewaySlow else WITHIN_S
    with GatewayClient(servers(behave).url, timeout_s=within_s) as desk, pytest.raises(error) as fault:
        desk.members()
    assert type(fault.value) is error


PROGRAM = f"""{PEAK_MIB}
import sys, time
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.errors import Unavailable
from aeo_ledger.office.ask import read_question
desk = GatewayClient(sys.argv[1], timeout_s=float(sys.argv[2]))
before, started = peak_mib(), time.process_time()
try:
    desk.evidence(read_question("BY511125808", "CN", "import", "carrier"))
except Unavailable as error:
    print(type(error).__name__, peak_mib() - before, round(time.process_time() - started, 1))
"""


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (gzip_bomb, "GatewayUnclear"),
        (hollow_gzip, "GatewaySlow"),
        (endless_body, "GatewayUnclear"),
        (answering(nested_objects(SIXTEEN_MIB - 99)), "GatewayUnclear"),
        (answering(nested_lists(SIXTEEN_MIB - 99)), "GatewayUnclear"),
        (answering(brackets(SIXTEEN_MIB - 99)), "GatewayUnclear"),
        (answering(b'{"evidence": ' + nested_objects(700_000) + b"}"), "GatewayUnclear"),
    ],
    ids=["bomb", "hollow", "endless", "objects", "lists", "brackets", "what is just read"],
)
def test_an_answer_made_to_be_dear_costs_seconds_and_megabytes(behave: Behaviour, error: str) -> None:
    """In a process of its own, whose memory and seconds nobody else uses: sixteen megabytes of nested objects took five hundred."""
    within_s = 2 if error == "GatewaySlow" else WITHIN_S  # in some seconds more, sixteen megabytes would be too many
    with hostile(behave) as server:
        command = [sys.executable, "-c", PROGRAM, server.url, str(within_s)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    kind, megabytes, seconds = found.stdout.split()
    assert kind == error
    assert int(megabytes) < 120, found.stdout
    assert float(seconds) < 6, found.stdout


def test_evidence_for_many_may_be_longer_and_has_a_limit_too(
    servers: Callable[[Behaviour], Hostile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LARGEST", 1_000)
    monkeypatch.setattr(EVIDENCE_FORM, "max_bytes", 2_000)
    server = servers(answering(b'{"evidence": "' + b"x" * 1_500 + b'"}'))
    with GatewayClient(server.url) as desk:
        with pytest.raises(GatewayUnclear, match="longer than 1000 bytes"):
            desk.evidence(QUESTION)
        for asked in (
            lambda: desk.evidence_of_many([QUESTION]),
            lambda: desk.evidence(QUESTION, with_history=True),
            lambda: desk.history([bytes(32)]),
            lambda: desk.trust_update(0),
        ):
            server.behave = answering(b'{"decisions": [], "evidence": "' + b"x" * 1_500 + b'"}')
            with pytest.raises(GatewayUnclear, match=r"needed an object|lacks"):
                asked()
            server.behave = answering(b'"' + b"x" * 2_000 + b'"')
            with pytest.raises(GatewayUnclear, match="longer than 2000 bytes"):
                asked()


PROBLEM = to_problem(MalformedText("role", "'pirate'", "a role"))
NOT_PUT = {"problem": PROBLEM}


def test_what_a_gateway_says_of_each_question_comes_as_its_error(servers: Callable[[Behaviour], Hostile]) -> None:
    server = servers(answering_json({"decisions": [NOT_PUT, NOT_PUT], "evidence": None}))
    with GatewayClient(server.url) as desk:
        found = desk.ask_many([QUESTION, QUESTION])
        with pytest.raises(MalformedText):
            desk.evidence_of_many([QUESTION, QUESTION])
    assert found.evidence is None
    assert [(place, problem.said_by) for place, problem in found.problems.items()] == [
        (place, f"the gateway at {server.url}") for place in (0, 1)
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"decisions": [NOT_PUT], "evidence": None},
        {"decisions": [NOT_PUT] * 3, "evidence": None},
        {"decisions": [NOT_PUT, {"problem": None}], "evidence": None},
        {"decisions": [NOT_PUT, {"problem": {"type": "urn:other"}}], "evidence": None},
        {"decisions": [NOT_PUT, {"problem": "no"}], "evidence": None},
        {"decisions": [NOT_PUT, {}], "evidence": None},
        {"decisions": [NOT_PUT, 7], "evidence": None},
        {"decisions": {"0": NOT_PUT}, "evidence": None},
        {"decisions": [NOT_PUT, NOT_PUT]},
        {"decisions": 2, "evidence": None},
    ],
)
def test_answers_that_are_not_those_of_the_questions_are_unclear(
    servers: Callable[[Behaviour], Hostile], answer: Any
) -> None:
    with GatewayClient(servers(answering_json(answer)).url) as desk, pytest.raises(GatewayUnclear):
        desk.ask_many([QUESTION, QUESTION])


# ---- several gateways ----


@pytest.mark.parametrize(
    "behave",
    [
        silence,
        close,
        dripping_body,
        answering(b"<html>"),
        answering(b"", 502),
        problem(NodeUnreachable(endpoint="http://node", detail="down", reached="no")),
    ],
)
def test_the_next_gateway_is_asked_where_one_gives_no_answer(
    servers: Callable[[Behaviour], Hostile], behave: Behaviour
) -> None:
    bad, good = servers(behave), servers(NO_PARTIES)
    with GatewayClient([NOBODY, bad.url, good.url], timeout_s=QUICK_S) as desk:

        def behave_once(connection: Any) -> None:
            desk._line.timeout_s = WITHIN_S  # the next one has time
            behave(connection)

        bad.behave = behave_once
        assert desk.members() == []
        await_that(lambda: bad.asked)
        assert desk.members() == []  # the one that answered is asked first from now on
    assert (len(bad.asked), len(good.asked)) == (1, 2)


def test_what_a_gateway_refuses_is_asked_of_no_other(servers: Callable[[Behaviour], Hostile]) -> None:
    first, second = servers(problem(MalformedText("tin", "'x'", "a TIN"))), servers(NO_PARTIES)
    with GatewayClient([first.url, second.url]) as desk, pytest.raises(MalformedText):
        desk.members()
    assert second.asked == []


def test_where_none_answers_each_is_named(servers: Callable[[Behaviour], Hostile]) -> None:
    bad = servers(answering(b"<html>"))
    with GatewayClient([NOBODY, bad.url]) as desk, pytest.raises(NoGatewayAnswers) as nobody:
        desk.members()
    assert [text.split(" ")[0] for text in nobody.value.said] == ["no", f"{bad.url}/v1/parties"]
    with GatewayClient([NOBODY]) as desk, pytest.raises(GatewayUnreachable):
        desk.members()


# ---- a gateway that is busy ----


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long a client paused: its time passes then, and only then."""
    pauses: list[float] = []
    monkeypatch.setattr(line_module, "time", SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pauses.append))
    return pauses


@pytest.mark.parametrize("kind", [LineFull, ShareUsed])
def test_a_busy_gateway_is_asked_again_when_it_said(
    servers: Callable[[Behaviour], Hostile], kind: type[LineFull] | type[ShareUsed], slept: list[float]
) -> None:
    busy = problem(kind(what="manifests", limit=8, retry_after_s=1), retry_after="1")
    server = servers(busy)

    def then_free(connection: Any) -> None:
        (busy if len(server.asked) < 3 else NO_PARTIES)(connection)

    server.behave = then_free
    with GatewayClient(server.url, timeout_s=WITHIN_S) as desk:
        assert desk.members() == []
    assert len(server.asked) == 3
    assert slept == [1, 1]


def test_a_gateway_that_stays_busy_is_left_within_the_time(
    servers: Callable[[Behaviour], Hostile], slept: list[float]
) -> None:
    for pause_s, pauses in ((WITHIN_S // 2 - 1, 2), (10**9, 0)):
        server = servers(problem(LineFull(what="manifests", limit=8, retry_after_s=pause_s)))
        with GatewayClient(server.url, timeout_s=WITHIN_S) as desk, pytest.raises(LineFull):
            desk.members()
        assert slept == [pause_s] * pauses
        slept.clear()


# ---- acts ----


@pytest.mark.parametrize("behave", [silence, close, dripping_body, answering(b"<html>"), answering(b"", 502)])
def test_an_act_that_a_gateway_may_have_goes_to_no_other(
    servers: Callable[[Behaviour], Hostile], behave: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "SEALED_WITHIN_S", 0.0)
    first, second = servers(behave), servers(answering_json(RECEIPT, 201))
    within_s = QUICK_S if behave in {silence, dripping_body} else WITHIN_S
    with GatewayClient([first.url, second.url], timeout_s=within_s) as desk, pytest.raises(PossiblyRelayed) as doubt:
        desk.submit(ACT)
    assert doubt.value.url == first.url
    await_that(lambda: first.asked)
    assert (len(first.asked), second.asked) == (1, [])


@pytest.mark.parametrize(
    "behave",
    [
        None,
        problem(LineFull(what="acts", limit=8, retry_after_s=60)),
        problem(ShareUsed(what="acts", limit=8, retry_after_s=60)),
    ],
    ids=["not there", "line full", "share used"],
)
def test_an_act_that_a_gateway_certainly_has_not_goes_to_the_next(
    servers: Callable[[Behaviour], Hostile], behave: Behaviour | None
) -> None:
    first, second = servers(behave).url if behave else NOBODY, servers(answering_json(RECEIPT, 201))
    with GatewayClient([first, second.url], timeout_s=WITHIN_S) as desk:
        assert desk.submit(ACT).block == 1


def test_what_the_ledger_says_to_an_act_is_what_its_sender_hears(servers: Callable[[Behaviour], Hostile]) -> None:
    second = servers(answering_json(RECEIPT, 201))
    for error in (RefusedByLedger(code=1, name="HIGH_S", reason="r"), GatewayUnreachable(url="node", detail="down")):
        first = servers(problem(error))
        with GatewayClient([first.url], timeout_s=WITHIN_S) as desk, pytest.raises(type(error)):
            desk.submit(ACT)
    assert second.asked == []


# ---- whose ledger ----


def test_a_gateway_of_another_ledger_is_named_as_such(servers: Callable[[Behaviour], Hostile]) -> None:
    other = servers(answering_json({"parties": []}, aeo_ledger_chain="41"))
    with GatewayClient(other.url, chain=42) as desk, pytest.raises(OtherChainServed) as wrong:
        desk.members()
    assert str(wrong.value) == f"{other.url} serves chain 41, you pin chain 42"
    own = servers(answering_json({"parties": []}, aeo_ledger_chain="42"))
    with GatewayClient([other.url, own.url], chain=42) as desk:
        assert desk.members() == []
    with GatewayClient(other.url) as desk:
        assert desk.members() == []


@pytest.mark.parametrize("said", ["", "x", "4" * 30, "-1", "٤١"])
def test_a_chain_that_is_no_number_is_no_chain(servers: Callable[[Behaviour], Hostile], said: str) -> None:
    server = servers(NO_PARTIES)
    server.behave = answering_json({"parties": []}, aeo_ledger_chain=said)
    with GatewayClient(server.url, chain=42) as desk:
        assert desk.members() == []


# ---- URLs and surroundings ----


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "127.0.0.1:8547",
        "localhost:8547",
        "//127.0.0.1:8547",
        "ftp://127.0.0.1",
        "http://",
        "http://a:b",
        "http://\x00",
        "http://xn--.example",
        "http://127.0.0.1:1,http://127.0.0.1:2",
        "http://127.0.0.1:99999",
    ],
)
def test_what_is_no_url_of_a_gateway_says_what_to_write(url: str) -> None:
    with pytest.raises(MalformedText, match=r"needed (exactly )?http://") as refusal:
        GatewayClient(url)
    assert refusal.value.what == "gateway"


def test_a_secret_in_a_url_is_in_no_error(servers: Callable[[Behaviour], Hostile]) -> None:
    url = servers(answering(b"<html>")).url.replace("http://", "http://user:hunter2@")
    for at in (url, "http://user:hunter2@127.0.0.1:9"):
        with GatewayClient(at) as desk, pytest.raises(Unavailable) as fault:
            desk.members()
        assert "hunter2" not in str(fault.value)


@pytest.mark.parametrize(
    "variable",
    [
        {"ALL_PROXY": "socks5://127.0.0.1:9"},
        {"ALL_PROXY": "gopher://127.0.0.1:9"},
        {"HTTP_PROXY": "http://\x01"},
        {"SSL_CERT_FILE": "/nowhere/certificates.pem"},
    ],
)
def test_surroundings_that_cannot_be_used_are_named(variable: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Malformed, match="environment"):
        GatewayClient("https://127.0.0.1:9")


def test_plain_http_on_loopback_loads_no_certificates(
    servers: Callable[[Behaviour], Hostile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: pytest.fail("certificates were loaded"))
    with GatewayClient(servers(answering(b"{}")).url) as desk, pytest.raises(GatewayUnclear):
        desk.members()
