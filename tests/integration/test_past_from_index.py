"""What a gateway tells of the past comes from its index's database: the node is asked once a block, and a damaged row is named and mended."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from web3.types import RPCEndpoint

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.evidence.news import Cursor
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.access import SCOPE_OF
from aeo_ledger.gateway.journal import Journal
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.access import PUBLISH
from aeo_ledger.prover.index import Index
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.verify.certificate_history import verify_trader_histories
from support.network import CN_BY, Network, now, opened, register_text
from support.postgres import execute, postgres

__all__ = ["postgres"]

TIN = "BY511125808"
ASKED = {"tin": TIN, "recogniser": "CN", "direction": "import", "role": "carrier"}
PAST = {**ASKED, "on": "2020-01-01", "history": "true", "evidence": "true"}

HEAD = "eth_blockNumber"
"""Whatever is asked, the node may be asked for its newest block: the index looks for it, and acts are prepared on it."""
OLD_HEADERS = {"eth_getBlockByNumber"}
"""A chain of headers may begin at any block: the node has them all, and the index none."""
UNTOLD = {("GET", "/v1/news"), ("GET", "/v1/documents/{commitment}")}
"""A stream that does not end, and a route that needs a signed request; what both read has tests of its own."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('index') / 'index.sqlite'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()


@pytest.fixture(scope="module")
def remembering(founded: Path, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("network") / "net")
    with IndexStore(database) as store, opened(folder, store=store) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.import_("".join(register_text("BY").splitlines(keepends=True)[:20]), "BY")
        number = network.number("BY")
        for kind in (EventKind.SUSPEND, EventKind.REINSTATE):
            change_status(
                network.office, network.entry(TIN, "BY", 2), Change(kind=kind), register=number, issuer=number,
                signers=[network.signer("BY")],
            )  # fmt: skip
        yield network


def requests(network: Network) -> dict[tuple[str, str], dict[str, Any]]:
    """List how to ask each route that tells something."""
    entry, by, cn = to_hex(network.entry(TIN, "BY", 2)), network.number("BY"), network.number("CN")
    histories = [{"entry": entry}, {"party": by}, {"recogniser": cn, "register": by}]
    about = {name: value for name, value in PAST.items() if name != "tin"}
    standard = {"authority_id": "CN", "action": "import"}
    return {
        ("GET", "/healthz"): {},
        ("GET", "/livez"): {},
        ("GET", "/readyz"): {},
        ("GET", "/metrics"): {},
        ("GET", "/docs"): {},
        ("GET", "/openapi.json"): {},
        ("GET", "/v1/trust"): {},
        ("GET", "/v1/decisions"): {"params": PAST},
        ("POST", "/v1/decisions"): {"json": {"questions": [{**ASKED, "on": "2020-01-01"}], "history": True}},
        ("GET", "/v1/traders/{tin}/recognitions"): {"params": {"role": "carrier"}},
        ("GET", "/v1/traders/{tin}/history"): {"params": {"evidence": "true"}},
        ("POST", "/v1/corridors"): {"json": {"tin": TIN, "role": "carrier", "corridor": ["BY", "CN"]}},
        ("GET", "/v1/recognitions"): {"params": {**about, "register": "BY"}},
        ("POST", "/recognition"): {"json": {**standard, "entity_id": "BY", "resource": "3:carrier"}},
        ("POST", "/authorization"): {"json": {**standard, "entity_id": TIN, "resource": "carrier"}},
        ("POST", "/v1/proofs"): {"json": {"slots": [], "histories": histories}},
        ("POST", "/v1/history"): {"json": {"entries": [entry]}},
        ("GET", "/v1/trust/update"): {"params": {"since": 0}},
        ("GET", "/v1/trust/chain"): {"params": {"since": 0, "until": 2}},
        ("GET", "/v1/blocks/{number}"): {},
        ("GET", "/v1/parties"): {},
        ("GET", "/v1/parties/{party}/card"): {},
        ("GET", "/v1/arrangements"): {},
        ("GET", "/v1/registers/{party}"): {"params": {"since": 0, "evidence": "true"}},
        ("GET", "/v1/statistics"): {},
        ("GET", "/v1/keys"): {"params": {"party": by}},
        ("POST", "/v1/standings"): {"json": {"entries": [entry]}},
        ("POST", "/v1/words"): {"json": {"places": [{"table": "party", "key": 1}]}},
        ("GET", "/v1/snapshot"): {},
    }


MORE = {
    ("GET", "/healthz"): {"aeo_trouble"},
    ("GET", "/v1/trust/chain"): OLD_HEADERS,
    ("GET", "/v1/blocks/{number}"): OLD_HEADERS,
}
"""What else the node is asked: whether it takes acts, and for old headers."""


def test_no_route_asks_the_node_for_what_the_index_has(remembering: Network) -> None:
    asked = requests(remembering)
    told = {route for route, scope in SCOPE_OF.items() if scope != PUBLISH and not route[1].startswith("/console")}
    assert asked.keys() == told - UNTOLD, "pages ask these routes themselves"
    for (method, path), how in asked.items():  # what other tests damaged is mended
        remembering.http.request(method, path.format(tin=TIN, number=0, party="BY"), **how)
    for (method, path), how in asked.items():
        answer, methods = ask(remembering, method, path.format(tin=TIN, number=0, party="BY"), how)
        assert methods - {HEAD} <= MORE.get((method, path), set()), (method, path)
        assert answer.status_code in {200, 404} if path.endswith(("card", "statistics", "metrics")) else {200}, (
            answer.text
        )
    assert (
        MORE["GET", "/v1/trust/chain"]
        <= ask(remembering, "GET", "/v1/trust/chain", {"params": {"since": 0, "until": 1}})[1]
    )


@contextmanager
def listening(network: Network) -> Iterator[set[str]]:
    """Note what the node is asked."""
    asked, provider = set[str](), network.running.ledger.provider
    make_request = provider.make_request

    def note(method: RPCEndpoint, parameters: Any) -> Any:
        asked.add(str(method))
        return make_request(method, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "make_request", note)
        yield asked


def ask(network: Network, method: str, path: str, how: dict[str, Any]) -> tuple[httpx.Response, set[str]]:
    """Send a request; return its answer, and what the node was asked meanwhile. If a block is sealed meanwhile, send it again."""
    while True:
        block = network.running.ledger.head()
        with listening(network) as asked:
            answer = network.http.request(method, path, **how)
        if network.running.ledger.head() == block:
            return answer, asked


def history(network: Network) -> tuple[dict[str, Any], set[str]]:
    """Ask for every event of a certificate, with evidence, and check it; return what is told, and what the node was asked."""
    answer, asked = ask(network, "GET", f"/v1/traders/{TIN}/history", {"params": {"evidence": "true", "type": "3"}})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    evidence = EVIDENCE_FORM.decode_values(told["evidence"])
    verify_trader_histories(evidence, Tin(TIN), network.number("BY"), [2], network.trust, now=now())
    assert [event["status"] for event in told["certificates"][0]["events"]] == ["active", "suspended", "active"]
    return told["certificates"][0], asked - {HEAD}


DAMAGES = {
    "a log is gone": "DELETE FROM logs WHERE {last}",
    "of another act": "UPDATE logs SET act = (SELECT act FROM logs ORDER BY block LIMIT 1) WHERE {last}",
    "of no act": "UPDATE logs SET act = {zeros} WHERE {last}",
    "of another subject": "UPDATE logs SET topics = {zeros} WHERE {last}",
    "in another block": "UPDATE logs SET block = block - 1, place = place + 9 WHERE {last}",
    "there twice": "INSERT INTO logs SELECT block, place + 9, contract, topics, act, data FROM logs WHERE {last}",
    "another act": "UPDATE acts SET data = {zeros}",
    "an act cut short": "UPDATE acts SET data = substr(data, 1, 500)",
    "for another contract": "UPDATE acts SET called = {zeros}",
    "at another time": "UPDATE times SET time = time + 1",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_row_of_the_past_is_named_and_mended(
    remembering: Network, database: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, asked = history(remembering)
    assert asked == set()
    zeros = f"'\\x{'00' * 32}'::bytea" if "postgres" in database else f"x'{'00' * 32}'"
    execute(database, damage.format(zeros=zeros, last="block = (SELECT max(block) FROM logs)"))
    again, _ = history(remembering)
    assert again == before
    assert "is damaged, and mended: " in caplog.text
    caplog.clear()
    assert history(remembering) == (before, set())
    assert caplog.text == ""


@pytest.mark.parametrize("damage", [one for one in DAMAGES.values() if "logs" in one])
def test_a_damaged_row_costs_no_news(
    remembering: Network, database: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def read() -> list[str]:
        journal = Journal(remembering.running.ledger)
        await journal.catch_up()
        cursor, told = Cursor(-1), list[str]()
        while cursor != journal.newest:
            page = await journal.after(cursor)
            cursor, told = page.upto, [*told, *(item.text for item in page.items)]
        return told

    before = anyio.run(read)
    assert sum('"what":"grant"' in text for text in before) == 19
    assert sum('"what":"reinstate"' in text for text in before) == 1
    zeros = f"'\\x{'00' * 32}'::bytea" if "postgres" in database else f"x'{'00' * 32}'"
    execute(database, damage.format(zeros=zeros, last="block = (SELECT max(block) FROM logs)"))
    assert anyio.run(read) == before
    assert "is damaged, and mended: " in caplog.text
    caplog.clear()
    assert anyio.run(read) == before
    assert caplog.text == ""


OF_ANOTHER_TYPE = [
    "UPDATE logs SET topics = 'text' WHERE block = (SELECT max(block) FROM logs)",
    "UPDATE logs SET act = 'text' WHERE block = (SELECT max(block) FROM logs)",
    "UPDATE acts SET called = 1.5",
    "UPDATE acts SET data = 'text'",
    "UPDATE times SET time = 'text'",
]


@pytest.mark.parametrize("damage", OF_ANOTHER_TYPE)
def test_a_value_of_another_type_is_damage_too(
    remembering: Network, database: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    if "postgres" in database:
        pytest.skip("only SQLite keeps any value in any column")
    test_a_damaged_row_of_the_past_is_named_and_mended(remembering, database, damage, caplog)


def test_acts_that_are_missing_are_asked_of_the_node(remembering: Network, database: str) -> None:
    """The index needs none of them, so it never waits for a node that has lost one."""
    before, _ = history(remembering)
    execute(database, "CREATE TABLE kept AS SELECT * FROM acts", "DELETE FROM acts")
    again, asked = history(remembering)
    assert (again, asked) == (before, {"eth_getTransactionByHash"})
    execute(database, "INSERT INTO acts SELECT * FROM kept", "DROP TABLE kept")
    assert history(remembering) == (before, set())


def test_without_the_database_the_node_tells_the_past(remembering: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    before, _ = history(remembering)
    monkeypatch.setattr(Index, "archive", None)
    again, asked = history(remembering)
    assert again == before
    assert asked >= {"eth_getLogs", "eth_getTransactionByHash", "eth_getBlockByNumber"}
