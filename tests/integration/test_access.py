"""A closed gateway over real HTTP: who may ask, for what, how often; and the commands that show who asks."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from aeo_ledger.cli.access import Open, choose_access, tell_access
from aeo_ledger.console.assets import Assets
from aeo_ledger.console.office import open_office
from aeo_ledger.console.serve import add_console
from aeo_ledger.errors.gateway import TokenNeeded
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.gateway import access as access_module
from aeo_ledger.gateway.access import EVERYBODY, MOST_GUESSES, SCOPE_OF, Access
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.metrics import Metrics
from aeo_ledger.gateway.operation import Operation
from aeo_ledger.gateway.problems import MEDIA_TYPE
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.access import LONGEST_S, MOST_USES, SCOPES, Token
from aeo_ledger.registers.book import Book
from aeo_ledger.signing import Password, Signer, create_key_file
from aeo_ledger.signing.access import TokenSource, sign_token
from support.network import CN_BY, PASSWORD, Network, now, open_book, opened, register_text, served
from support.waiting import WITHIN_S
from support.workshop import QUESTION, TYPE_1, TYPE_3, Workshop

STRANGER = Signer.from_secret(b"\7" * 32)
ORIGIN = "https://desk.customs.example"
ASKED = {"tin": TYPE_3, "recogniser": "CN", "direction": "import", "role": "carrier"}


@dataclass(frozen=True)
class Closed:
    """A gateway that asks for tokens."""

    network: Network
    app: FastAPI
    url: str

    def token(self, code: str = "CN", role: str = "operator", signer: Signer | None = None, **changed: Any) -> str:
        """Sign a token that counts, but for what is changed."""
        signer = signer or self.network.signer(code, role)
        token = Token(
            party=code,
            address=signer.address,
            chain_id=self.network.trust.chain_id,
            host=self.url.removeprefix("http://"),
            issued_at=now(),
            until=now() + 60,
            number=secrets.token_hex(16),
            scopes=SCOPES,
        )
        return sign_token(signer, replace(token, **changed))

    def get(self, path: str, token: str | None = None, method: str = "GET", **headers: str) -> httpx.Response:
        shown = {} if token is None else {"authorization": f"Bearer {token}"}
        return httpx.request(method, self.url + path, headers={**shown, **headers})

    def refuses(self, token: str | None, path: str = "/v1/parties", **headers: str) -> tuple[int, str, str]:
        """Ask, and return status, problem and challenge."""
        answer = self.get(path, token, **headers)
        assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
        kind = answer.json()["type"].removeprefix("urn:aeo-ledger:problem:")
        return answer.status_code, kind, answer.headers.get("www-authenticate", "")

    def client(self, code: str, signer: Signer) -> GatewayClient:
        chain = self.network.trust.chain_id
        source = TokenSource(signer, code, chain_id=chain, clock=now, randomness=secrets.token_bytes)
        return GatewayClient(self.url, chain=chain, token_for=source.token)

    def commands(self, token_key: str) -> Callable[..., dict[str, Any]]:
        """Return what runs a command that shows who asks."""
        shop = Workshop(folder=self.network.folder, port=int(self.url.rpartition(":")[2]))

        def run(*words: str, code: int = 0) -> dict[str, Any]:
            result = shop.run("--token-key", token_key, *words, "--json")
            assert result.exit_code == code, result.output
            document: dict[str, Any] = json.loads(result.stdout)
            return document

        return run

    def key(self, code: str, role: str = "operator") -> str:
        return str(self.network.folder / f"parties/{code}/{role}.json")


@contextmanager
def closing(network: Network, book: Book | None = None, **rules: Any) -> Iterator[Closed]:
    running = network.running
    access = Access(closed=True, operated_by="BY", **rules)
    cards = network.folder / "cards"
    watched = Operation(metrics=Metrics(running.ledger, network.trust))
    app = create_app(
        running.ledger,
        running.relay,
        network.trust,
        behind="",
        book=book,
        cards=cards,
        access=access,
        operation=watched,
    )
    add_console(app)
    open_office(app, running.ledger, running.relay, network.trust)
    with served(app) as url:
        yield Closed(network, app, url)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    with open_book(tmp_path_factory.mktemp("book") / "book.sqlite") as book:
        yield book


@pytest.fixture(scope="module")
def closed(founded: Path, book: Book, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("closed") / "net")
    (folder / "cards").mkdir()
    with opened(folder) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.import_(register_text("BY"), "BY", book)
        with closing(network, book) as closed:
            yield closed


# ---- which routes ----


def _routes(app: FastAPI) -> set[tuple[str, str]]:
    return {(method, route.path) for route in app.routes for method in route.methods - {"HEAD"}}  # type: ignore[attr-defined]


def test_every_route_has_its_scope_in_the_table_and_the_table_no_other(closed: Closed) -> None:
    assert set(SCOPE_OF) == _routes(closed.app)
    assert set(SCOPE_OF.values()) <= {EVERYBODY, *SCOPES}


@pytest.mark.parametrize(("method", "path"), SCOPE_OF)
def test_without_a_token_a_route_with_a_scope_answers_nothing(closed: Closed, method: str, path: str) -> None:
    filled = {"language": "en", "name": "verify", "version": Assets.read().version}
    place = path.replace("{path:path}", "console.css")
    answer = closed.get(
        place.format(tin=TYPE_3, number=1, party="BY", commitment="0x" + "00" * 32, **filled), method=method
    )
    if SCOPE_OF[method, path]:
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="aeo-ledger"')
        assert answer.json()["type"] == "urn:aeo-ledger:problem:token-needed"
    else:
        assert answer.status_code == 200


def test_nothing_is_told_where_nothing_is(closed: Closed) -> None:
    assert closed.get("/v1/nothing").status_code == 404
    assert closed.get("/v1/parties", method="DELETE").status_code == 405
    assert closed.get("/v1/parties", method="HEAD").status_code == 401
    assert closed.get("/v1/parties", closed.token(), method="HEAD").status_code == 200


def test_a_route_that_is_not_in_the_table_is_for_who_operates_the_gateway(closed: Closed) -> None:
    with closing(closed.network) as other:

        @other.app.get("/v1/new")
        def get_new() -> None:
            """Say nothing."""

        assert other.refuses(None, "/v1/new")[1] == "token-needed"
        insufficient = 'Bearer realm="aeo-ledger", error="insufficient_scope", scope="operate"'
        assert other.refuses(other.token("CN"), "/v1/new") == (403, "scope-not-given", insufficient)
        assert other.refuses(other.token("BY", "authority"), "/v1/new")[1] == "scope-not-given"
        assert other.refuses(other.token("BY", scopes=SCOPES[:3]), "/v1/new") == (403, "scope-missing", insufficient)
        assert other.get("/v1/new", other.token("BY")).status_code == 200


# ---- which tokens ----


def test_each_kind_of_token_is_accepted_once_and_its_forgeries_never(closed: Closed) -> None:
    good = closed.token()
    assert closed.get("/v1/parties", good).status_code == 200
    assert closed.get("/v1/parties", authorization=f"bearer  {good}").status_code == 200
    chain, host = closed.network.trust.chain_id, closed.url.removeprefix("http://")
    port = host.rpartition(":")[2]
    forged = {
        "token-malformed": ["x", good[:-1], good + "A", "A" * 5_000],
        "token-forged": [
            good.rpartition(".")[0] + "." + closed.token().rpartition(".")[2],
        ],
        "token-of-other": [
            closed.token(chain_id=chain + 1),
            closed.token(host="gateway.example"),
            closed.token(host="127.0.0.1"),
            closed.token(host=f"10.0.0.7:{port}"),
        ],
        "token-too-long": [closed.token(until=now() + LONGEST_S + 9)],
        "token-early": [closed.token(issued_at=now() + 60, until=now() + 90)],
        "token-expired": [closed.token(issued_at=now() - 60, until=now()), closed.token(until=now() - 1)],
        "key-unknown": [closed.token("CN", signer=STRANGER), closed.token("KZ", signer=closed.network.signer("CN"))],
    }
    for kind, tokens in forged.items():
        for token in tokens:
            assert closed.refuses(token) == (401, kind, 'Bearer realm="aeo-ledger", error="invalid_token"'), token[:40]
    assert closed.get("/v1/parties", good).status_code == 200


def test_a_token_that_another_gateway_passes_on_is_refused_under_either_name(closed: Closed) -> None:
    elsewhere = closed.token(host="gateway.example")
    assert closed.refuses(elsewhere, host="localhost")[1] == "token-of-other"
    assert closed.refuses(closed.token(host="10.0.0.7:80"), host="10.0.0.7:80")[1] == "token-of-other"


def test_two_tokens_are_none_and_another_scheme_is_a_proxys(closed: Closed) -> None:
    both = [("authorization", f"Bearer {closed.token()}")] * 2
    answer = httpx.get(f"{closed.url}/v1/parties", headers=both)
    assert answer.json()["type"].endswith("token-malformed")
    assert closed.refuses(None, authorization="Bearer")[1] == "token-malformed"
    assert closed.refuses(None, authorization="Basic YTpi")[1] == "token-needed"


def test_a_token_is_used_up_whoever_sends_it(closed: Closed) -> None:
    token, other = closed.token(), closed.token()
    with httpx.Client(base_url=closed.url, headers={"authorization": f"Bearer {token}"}) as http:
        found = [http.get("/healthz").status_code for _ in range(MOST_USES + 1)]
    assert (found.count(200), found[-1]) == (MOST_USES, 401)
    assert closed.refuses(token)[1] == "token-used-up"
    assert closed.get("/healthz", other).status_code == 200


def test_a_token_opens_what_it_is_for_and_nothing_else(closed: Closed) -> None:
    only = {scope: closed.token("BY", scopes=(scope,)) for scope in SCOPES}
    paths = {"verify": f"/v1/blocks/{closed.network.running.ledger.head()}", "read": "/v1/parties"}
    for scope, path in paths.items():
        for held, token in only.items():
            status = closed.get(path, token).status_code
            assert status == (200 if held == scope else 403), (scope, held)
    refused = httpx.post(f"{closed.url}/v1/acts", headers={"authorization": f"Bearer {only['read']}"}, json={})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:aeo-ledger:problem:scope-missing")
    assert (
        httpx.post(f"{closed.url}/v1/acts", headers={"authorization": f"Bearer {only['publish']}"}, json={}).status_code
        == 400
    )


def test_who_operates_a_gateway_reads_its_metrics_from_anywhere(closed: Closed) -> None:
    """To others they are not there."""
    far = {"x-forwarded-for": "203.0.113.9"}
    shown = {
        None: 404,
        closed.token("BY"): 200,
        closed.token("BY", scopes=("operate",)): 200,
        closed.token("BY", scopes=SCOPES[:3]): 404,
        closed.token("BY", "authority"): 404,
        closed.token("CN"): 404,
        closed.token("BY", until=now() - 1): 401,
    }
    assert {token: closed.get("/metrics", token, **far).status_code for token in shown} == shown


def test_an_open_gateway_needs_no_token_and_believes_no_wrong_one(closed: Closed) -> None:
    network = closed.network
    assert network.http.get("/v1/parties").status_code == 200
    assert network.http.get("/v1/parties", headers={"authorization": "Bearer x"}).status_code == 401
    assert network.http.get("/v1/parties", headers={"authorization": "Basic x"}).status_code == 200


def test_a_stream_of_news_ends_with_its_token(closed: Closed) -> None:
    """Else a key that is retired would go on to hear."""
    assert closed.refuses(None, "/v1/news?recogniser=CN")[1] == "token-needed"
    token = closed.token("CN", until=now() + 20)
    with httpx.stream(
        "GET", f"{closed.url}/v1/news?recogniser=CN", headers={"authorization": f"Bearer {token}"}
    ) as stream:
        assert stream.status_code == 200
        told = "".join(stream.iter_text())
    assert "event: head" in told
    assert closed.refuses(token, "/v1/news?recogniser=CN")[1] == "token-expired"


# ---- documents ----


def test_a_document_goes_to_those_who_recognise_the_certificate_and_say_who_they_are(
    closed: Closed, book: Book
) -> None:
    def ask(tin: str, kind: int, token: str) -> tuple[int, str]:
        commitment = book.documents_of(1)[closed.network.entry(tin, "BY", kind)].commitment
        answer = closed.get(f"/v1/documents/{to_hex(commitment)}", token)
        return answer.status_code, str(answer.json().get("facts", {}).get("reason", ""))

    for code in ("CN", "BY"):
        assert ask(TYPE_3, 2, closed.token(code)) == (200, "")
    none = (403, "it recognises no certificate of this type in this register now")
    assert ask(TYPE_3, 2, closed.token("KZ")) == none
    assert ask(TYPE_1, 0, closed.token("CN")) == none
    assert ask(TYPE_3, 2, closed.token("CN", "authority")) == (403, "its authority's keys fetch no document")
    assert closed.get("/v1/documents/0x" + "07" * 32, closed.token("CN")).status_code == 404
    half = closed.get("/v1/documents/0x" + "07" * 32 + f"?signature=0x{'1b' * 65}", closed.token("CN"))
    assert (half.status_code, half.json()["facts"]["needed"]) == (400, "at, nonce, host and signature")


# ---- commands, readers, and keys that end ----


def test_commands_show_who_asks(closed: Closed) -> None:
    shop = Workshop(folder=closed.network.folder, port=int(closed.url.rpartition(":")[2]))
    assert shop.json("ask", TYPE_3, *QUESTION, code=3)["error"] == "TokenNeeded"
    ask = closed.commands(f"CN={closed.key('CN')}")
    assert ask("ask", TYPE_3, *QUESTION)["recognised"] is True
    assert closed.commands(f"KZ={closed.key('CN')}")("ask", TYPE_3, *QUESTION, code=3)["error"] == "KeyUnknown"
    for wrong in (closed.key("CN"), "CN=", "cn=x"):
        assert closed.commands(wrong)("ask", TYPE_3, *QUESTION, code=2)["error"] == "MalformedText"
    with GatewayClient(closed.url, timeout_s=WITHIN_S) as nobody, pytest.raises(TokenNeeded):
        nobody.members()


def test_a_token_is_made_for_other_programs(closed: Closed) -> None:
    run = closed.commands(f"CN={closed.key('CN')}")
    words = ("key", "token", "--key", closed.key("CN"), "--party", "CN", "--gateway", closed.url)
    made = run(*words, "--scope", "verify", "--scope", "read")
    assert closed.get("/v1/parties", made["token"]).status_code == 200
    assert made["audience"].endswith(closed.url.removeprefix("http://"))
    assert closed.refuses(run(*words)["token"])[1] == "scope-missing"
    for wrong in (
        ("--scope", "root"),
        ("--scope", "read", "--scope", "read"),
        ("--lifetime", "11m"),
        ("--lifetime", "0s"),
    ):
        assert run(*words, *wrong, code=2)["error"] == "MalformedText"
    assert run(*words[:5], "china", *words[6:], code=2)["error"] == "MalformedText"


def test_a_reader_asks_as_long_as_its_card_is_the_one_on_the_ledger(closed: Closed, tmp_path: Path) -> None:
    """The authority records the card through the closed gateway itself, with a token of its own."""
    reader = create_key_file(
        tmp_path / "reader.json", Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2
    )
    card = Card(
        party="CN",
        names={"en": "General Administration of Customs"},
        time_zone="Asia/Shanghai",
        office="Liaison desk",
        email="liaison@customs.example",
        legal_basis="Customs Law",
        link="https://customs.example/aeo",
        reader_keys=(reader.address,),
    )
    held = closed.network.folder / "cards/CN.json"
    held.write_bytes(CARD_FORM.encode_file(card))
    asked = (TYPE_3, *QUESTION)
    as_reader = closed.commands(f"CN={tmp_path / 'reader.json'}")
    assert as_reader("ask", *asked, code=3)["error"] == "KeyUnknown"
    authority = closed.key("CN", "authority")
    record = ("party", "act", "card", "--party", "CN", "--file", str(held), "--key", authority, "--yes")
    closed.commands(f"CN={authority}")(*record)
    assert as_reader("ask", *asked)["recognised"] is True
    assert (
        closed.refuses(closed.token("CN", signer=reader, scopes=("read",)), "/v1/trust/update?since=0")[1]
        == "scope-missing"
    )
    act = httpx.post(
        f"{closed.url}/v1/acts", json={}, headers={"authorization": f"Bearer {closed.token('CN', signer=reader)}"}
    )
    assert (act.status_code, act.json()["type"]) == (403, "urn:aeo-ledger:problem:scope-not-given")
    with closed.client("CN", reader) as desk:
        assert desk.card("CN") == card
    held.write_bytes(CARD_FORM.encode_file(replace(card, reader_keys=())))
    closed.commands(f"CN={authority}")(*record)
    assert as_reader("ask", *asked, code=3)["error"] == "KeyUnknown"


def test_a_key_that_is_retired_or_frozen_opens_nothing_from_the_next_block_on(closed: Closed, tmp_path: Path) -> None:
    new = create_key_file(tmp_path / "new.json", Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
    authority, operator = closed.key("KZ", "authority"), closed.network.signer("KZ")
    run = closed.commands(f"KZ={authority}")
    token = closed.token("KZ")
    assert closed.get("/v1/parties", token).status_code == 200
    own = ("--party", "KZ", "--key", authority, "--yes")
    run("party", "act", "add-operator", *own, "--new", to_hex(new.address), "--key", str(tmp_path / "new.json"))
    shown = {"authorization": f"Bearer {closed.token('KZ')}"}
    with httpx.stream("GET", f"{closed.url}/v1/news?recogniser=CN", headers=shown, timeout=30) as stream:
        parts = stream.iter_text()
        assert "event: head" in next(parts)
        run("party", "act", "retire-operator", *own, "--old", to_hex(operator.address))
        assert "event: news" not in "".join(parts), "it ends, and says nothing of the block that retires its key"
    assert closed.refuses(token)[:2] == (401, "key-retired")
    fresh = closed.token("KZ", signer=new)
    assert closed.get("/v1/parties", fresh).status_code == 200
    run("party", "freeze", "--party", "KZ", "--key", str(tmp_path / "new.json"), "--yes")
    assert closed.refuses(fresh) == (403, "operators-frozen", 'Bearer realm="aeo-ledger", error="invalid_token"')
    run("party", "act", "unfreeze", *own)  # the authority finds the door open
    assert closed.get("/v1/parties", fresh).status_code == 200


# ---- how often, and from which pages ----


def test_each_caller_may_ask_so_often_and_hears_when_to_come_back(closed: Closed) -> None:
    with closing(closed.network, rate="3/minute") as limited:
        token = limited.token("CN")
        answers = [limited.get("/healthz", token) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].json()["type"] == "urn:aeo-ledger:problem:rate-exceeded"
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        assert limited.get("/healthz", limited.token("CN")).status_code == 429  # a new token is the same caller
        assert limited.get("/healthz", limited.token("BY")).status_code == 200
        assert [limited.get("/healthz").status_code for _ in range(4)] == [200, 200, 200, 429]  # by address


def test_who_guesses_tokens_is_limited_by_address_and_costs_nobody_else_a_request(closed: Closed) -> None:
    with closing(closed.network, rate="3/minute") as limited, httpx.Client(base_url=limited.url) as guesser:
        good, bad = limited.token("CN"), ["x", limited.token(until=now() - 1), limited.token("CN", signer=STRANGER)]
        tried = [
            guesser.get("/healthz", headers={"authorization": f"Bearer {bad[place % 3]}"})
            for place in range(MOST_GUESSES)
        ]
        assert {answer.status_code for answer in tried} == {401}, "this has a limit of its own, and not the rate"
        refused = [limited.get("/healthz", token) for token in bad]
        assert {answer.json()["type"] for answer in refused} == {"urn:aeo-ledger:problem:rate-exceeded"}
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)
        assert [limited.get("/healthz", token).status_code for token in (good, limited.token("BY"))] == [200, 200]
        assert limited.get("/healthz").status_code == 200
    with closing(closed.network, rate="3/minute") as limited:
        good = limited.token("CN", scopes=("read",))
        found = [limited.get("/v1/keys?party=1" if place else "/v1/news", good) for place in range(4)]
        assert [answer.status_code for answer in found] == [403, 200, 200, 429], (
            "a refusal of a known key counts as its"
        )
        assert [limited.get("/v1/parties").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_what_takes_long_is_done_for_keys_on_the_ledger_alone(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed = []
    monkeypatch.setattr(access_module, "confirm_token", lambda text, _: confirmed.append(text))
    with closing(closed.network) as counted:
        good, strange = counted.token("CN"), counted.token("CN", signer=STRANGER)
        assert [counted.get("/v1/parties", token).status_code for token in (strange, good, good)] == [401, 200, 200]
    assert confirmed == [good], "and once for each token"


def test_workers_that_share_a_file_share_the_count(closed: Closed, tmp_path: Path) -> None:
    counts = tmp_path / "counts.sqlite"
    with (
        closing(closed.network, rate="3/minute", counts=counts) as one,
        closing(closed.network, rate="3/minute", counts=counts) as other,
    ):
        found = [worker.get("/healthz", worker.token("CN")).status_code for worker in (one, other, one, other)]
    assert found == [200, 200, 200, 429]


def test_no_page_may_ask_unless_its_origin_is_named(closed: Closed) -> None:
    preflight = {
        "origin": ORIGIN,
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization, if-none-match, last-event-id",
    }
    assert "access-control-allow-origin" not in closed.get("/v1/parties", closed.token(), **preflight).headers
    assert closed.get("/v1/parties", method="OPTIONS", **preflight).status_code == 405
    with closing(closed.network, origins=(ORIGIN,)) as shown:
        asked = shown.get("/v1/parties", method="OPTIONS", **preflight)
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ORIGIN)
        assert "authorization" in asked.headers["access-control-allow-headers"].lower()
        for token, status in ((None, 401), (shown.token(), 200)):
            answer = shown.get("/v1/parties", token, origin=ORIGIN)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, ORIGIN)
            assert "etag" in answer.headers["access-control-expose-headers"]
            assert "access-control-allow-credentials" not in answer.headers
        stranger = shown.get("/v1/parties", shown.token(), origin="https://other.example")
        assert "access-control-allow-origin" not in stranger.headers


@pytest.mark.parametrize(
    "origin", ["*", "null", "desk.example", f"{ORIGIN}/", "https://Desk.example", "https://a@desk.example"]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(MalformedText):
        Access(origins=(origin,))


@pytest.mark.parametrize("rate", ["often", "-1/second", "0/second", "1/fortnight", "1", "9/second;9/minute"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(MalformedText):
        Access(rate=rate)


@pytest.mark.parametrize(
    ("host", "access", "is_closed"),
    [
        ("127.0.0.1", None, False),
        ("::1", None, False),
        ("localhost", None, False),
        ("0.0.0.0", None, True),  # noqa: S104
        ("::", None, True),
        ("192.0.2.7", None, True),
        ("gateway.example", None, True),
        ("127.0.0.1", Open.CLOSED, True),
        ("0.0.0.0", Open.OPEN, False),  # noqa: S104
    ],
)
def test_a_gateway_that_others_can_reach_is_closed_unless_told(host: str, access: Open | None, is_closed: bool) -> None:
    chosen = choose_access(host, access, rate=None, cors=None, operated_by=None)
    assert (chosen.closed, bool(chosen.rate), "closed" in tell_access(chosen)) == (is_closed, is_closed, is_closed)


def test_who_operates_a_gateway_is_a_party() -> None:
    assert choose_access("::1", None, rate="1/second", cors=[ORIGIN], operated_by="BY") == Access(
        rate="1/second", origins=(ORIGIN,), operated_by="BY"
    )
    with pytest.raises(MalformedText):
        choose_access("::1", None, rate=None, cors=None, operated_by="by")
