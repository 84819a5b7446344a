"""News over real HTTP: each act that may change an answer is heard once, in order, and can be proven; whatever is missed is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.verify import NewsDiffer
from aeo_ledger.evidence.news import NEWS_FORM, Cursor
from aeo_ledger.gateway.access import Access
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.journal import Journal
from aeo_ledger.gateway.news import Place, Streams, read_wanted
from aeo_ledger.gateway.problems import MEDIA_TYPE
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.alias import bind_aliases
from aeo_ledger.office.alias_file import AliasRow
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.news import Prover
from aeo_ledger.office.withhold import withhold
from aeo_ledger.prover.news import read_news
from aeo_ledger.verify.facts import verify_facts
from aeo_ledger.verify.news import ProvenNews, verify_news, verify_news_of_standing
from support.listening import fetch, listening
from support.network import Network, now, served
from support.waiting import await_that

TIN = "BY511125808"
Lived = tuple[Network, str, str]
"""A network, the block before something happened, and the last one of it."""


def publish(network: Network, *kinds: EventKind) -> None:
    number = network.number("BY")
    for kind in kinds:
        change_status(
            network.office, network.entry(TIN, "BY", 2), Change(kind=kind), register=number, issuer=number,
            signers=[network.signer("BY")],
        )  # fmt: skip


def newest(network: Network) -> str:
    return str(network.running.ledger.head())


def refuses(network: Network, entry: bytes, *, withheld: bool) -> None:
    withhold(network.office, entry, withheld=withheld, recogniser=network.number("CN"), signers=[network.signer("CN")])


def binds(network: Network, code: str) -> None:
    trust = network.trust
    bind_aliases(
        network.office, [AliasRow(alias=AliasCode(AliasKind.DUNS, code), tin=Tin(TIN), types=("3",))],
        recogniser=network.number("CN"), signers=[network.signer("CN")], register_of_trader=lambda _: trust.by_code["BY"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def lived(recognising: Network) -> Lived:
    """A network in which something happened, and the block before that."""
    begin = newest(recognising)
    publish(recognising, EventKind.SUSPEND)
    entry = recognising.entry(TIN, "BY", 2)
    refuses(recognising, entry, withheld=True)
    refuses(recognising, entry, withheld=False)
    publish(recognising, EventKind.REINSTATE)
    return recognising, begin, newest(recognising)


# ---- what is heard ----


def test_an_act_is_heard_when_it_is_sealed_and_its_evidence_is_there(recognising: Network) -> None:
    with listening(recognising.url) as stream:
        assert stream.until_head() == []
        publish(recognising, EventKind.SUSPEND)
        [item] = stream.news(1)
        assert (item["about"], item["what"], item["register"]) == ("standing", "suspend", recognising.number("BY"))
        assert item["entry"] == "0x" + recognising.entry(TIN, "BY", 2).hex()
        assert abs(item["time"] - now()) < 60
        state = verify_facts(fetch(recognising.http, item["evidence"]), recognising.trust, now=now())
        proven = verify_news(NEWS_FORM.decode_values(item), state)
        assert (proven.stands, proven.sealed.header.number >= item["block"]) == (True, True)
        publish(recognising, EventKind.REINSTATE)
        assert [one["what"] for one in stream.news(1)] == ["reinstate"]


def test_every_kind_of_act_is_heard_once_and_in_order(recognising: Network) -> None:
    begin, entry = newest(recognising), recognising.entry(TIN, "BY", 2)
    with listening(recognising.url, last=begin) as stream:
        publish(recognising, EventKind.SUSPEND, EventKind.REINSTATE)
        refuses(recognising, entry, withheld=True)
        refuses(recognising, entry, withheld=False)
        binds(recognising, "123456782")
        items = stream.news(5)
    assert [(item["about"], item.get("what")) for item in items] == [
        ("standing", "suspend"), ("standing", "reinstate"), ("withholding", "withhold"), ("withholding", "allow"),
        ("alias", None),
    ]  # fmt: skip
    assert {item["entry"] for item in items if "entry" in item} == {"0x" + entry.hex()}
    places = [tuple(map(int, item["id"].split(":"))) for item in items]
    assert places == sorted(set(places))
    assert TIN not in json.dumps(items)
    prover = Prover(recognising.desk, recognising.trust, clock=now, max_age=300)
    found = prover.prove([NEWS_FORM.decode_values(item) for item in items])
    told = [(type(one).__name__, getattr(one, "stands", None)) for one in found]
    assert told == [
        ("ProvenNews", False), ("ProvenNews", True), ("NewsDiffer", None), ("ProvenNews", True), ("ProvenNews", True)
    ]  # fmt: skip


def test_an_arrangement_is_news_for_its_recognisers_and_a_register_for_those_who_have_a_lane(
    recognising: Network,
) -> None:
    begin, text = newest(recognising), CONCLUDED
    recognising.conclude(text, "KZ", "EU")
    with listening(recognising.url, "KZ", last=begin) as theirs, listening(recognising.url, "CN", last=begin) as ours:
        assert [(item["about"], item["recogniser"]) for _, _, item in theirs.until_head()] == [("lanes", 3)]
        assert ours.until_head() == []
    publish(recognising, EventKind.SUSPEND, EventKind.REINSTATE)
    with listening(recognising.url, "KZ", last=begin) as theirs:
        [(_, _, item)] = theirs.until_head()
    state = verify_facts(fetch(recognising.http, item["evidence"]), recognising.trust, now=now())
    assert verify_news(NEWS_FORM.decode_values(item), state).stands


CONCLUDED = """
name = "KZ-EU"
text = "a stand-in"
[[recognition]]
recogniser = "KZ"
register = "EU"
types = ["AEOS"]
directions = ["import"]
benefits = ["fewer_inspections"]
"""


def test_news_of_other_registers_are_left_out_on_request(lived: Lived) -> None:
    network, begin, end = lived
    with listening(network.url, last=begin, register="EU,KZ") as stream:
        assert stream.until_head() == []
    with listening(network.url, last=begin, register="EU,BY") as stream:
        assert len([item for _, _, item in stream.until_head() if item["block"] <= int(end)]) == 4


# ---- where it goes on ----


def test_a_listener_goes_on_from_any_item_and_from_any_gateway(lived: Lived) -> None:
    """Also one that has no index, and has just started."""
    network, begin, _end = lived
    running = network.running
    plain = Ledger(running.ledger.provider, running.ledger.contracts, beginning=running.ledger.beginning)
    with served(create_app(plain, running.relay, network.trust, behind="another")) as other:
        with listening(network.url, last=begin) as stream:
            whole = stream.until_head()
        assert len(whole) >= 4
        for url in (network.url, other):
            for place, (_, id_, _) in enumerate(whole):
                with listening(url, last=id_) as stream:
                    assert stream.until_head() == whole[place + 1 :]
            with listening(url, since=begin) as stream:
                assert stream.until_head() == whole
            with listening(url, last=whole[-1][1], since=begin) as stream:
                assert stream.until_head() == []


def test_the_head_is_told_again_and_again(recognising: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.gateway.app.Streams", partial(Streams, head_s=0.2))
    running = recognising.running
    with (
        served(create_app(running.ledger, running.relay, recognising.trust, behind="")) as url,
        listening(url) as stream,
    ):
        heads = [stream.event() for _ in range(4)]
    assert [head[0] for head in heads if head] == ["head"] * 4
    for kind, id_, data in filter(None, heads):
        assert (kind, id_) == ("head", str(data["block"]))
        assert data["time"] == running.ledger.time_of(data["block"])


@pytest.mark.parametrize("last", ["0", "0:7", "99999999", "99999999:1"])
def test_what_cannot_be_told_is_told_to_be_missing(lived: Lived, monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    """Because the id is older than what the gateway keeps, or of another ledger's block."""
    network, *_ = lived
    monkeypatch.setattr("aeo_ledger.gateway.app.Journal", partial(Journal, most_blocks=2))
    running = network.running
    with (
        served(create_app(running.ledger, running.relay, network.trust, behind="")) as url,
        listening(url, last=last) as stream,
    ):
        first, *others = stream.until_head()
    kept = running.ledger.head() - (0 if last.startswith("9") else 2)
    until = int(first[2]["until"])
    assert (first[0], int(first[1]), first[2]["since"]) == ("gap", until, last)
    assert kept - until in {0, 1}, "a block may have been sealed meanwhile"
    later = read_news(running.ledger, int(first[1]) + 1, running.ledger.head())
    assert [id_ for _, id_, _ in others] == [str(item.at) for item in later]


def test_an_id_that_is_a_little_ahead_waits_for_its_block(lived: Lived) -> None:
    """Another gateway, or another worker, may have been faster."""
    network, *_ = lived
    ahead = str(network.running.ledger.head() + 3)
    with listening(network.url, last=ahead) as stream:
        assert stream.until_head() == []


# ---- what is refused ----


@pytest.mark.parametrize(
    ("query", "headers", "kind"),
    [
        ("recogniser=XX", {}, "unknown-party"),
        ("recogniser=CN&register=XX", {}, "unknown-party"),
        ("recogniser=CN&register=", {}, "unknown-party"),
        ("", {}, "malformed-text"),
        ("recogniser=CN&recogniser=BY", {}, "malformed-text"),
        ("recogniser=CN&tin=BY1", {}, "malformed-text"),
        ("recogniser=CN&since=1:", {}, "malformed-text"),
        ("recogniser=CN&since=-1", {}, "malformed-text"),
        ("recogniser=CN", {"last-event-id": "x"}, "malformed-text"),
        ("recogniser=CN", {"last-event-id": "1:2:3"}, "malformed-text"),
        ("recogniser=CN", {"last-event-id": "1" * 30}, "malformed-text"),
        ("recogniser=CN", {"last-event-id": "٣"}, "malformed-text"),
    ],
)
def test_a_request_that_asks_for_no_news_is_a_problem(
    recognising: Network, query: str, headers: dict[str, str], kind: str
) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    found = recognising.http.get(f"/v1/news?{query}", headers=encoded)
    assert (found.status_code, found.headers["content-type"]) == (400, MEDIA_TYPE)
    assert found.json()["type"] == f"urn:aeo-ledger:problem:{kind}"


@pytest.mark.parametrize(
    ("limits", "status", "kind"), [({"each": 2}, 429, "share-used"), ({"most": 2}, 503, "line-full")]
)
def test_open_streams_are_limited_and_a_closed_one_leaves_its_place(
    recognising: Network, monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any], status: int, kind: str
) -> None:
    monkeypatch.setattr("aeo_ledger.gateway.app.Streams", partial(Streams, head_s=0.1, **limits))
    running = recognising.running
    asked = {"recogniser": "CN"}
    with served(create_app(running.ledger, running.relay, recognising.trust, behind="")) as url:
        with listening(url) as one, listening(url) as two:
            assert (one.response.status_code, two.response.status_code) == (200, 200)
            found = httpx.get(f"{url}/v1/news", params=asked)
            assert (found.status_code, found.json()["type"]) == (status, f"urn:aeo-ledger:problem:{kind}")
            assert int(found.headers["retry-after"]) >= 1
        await_that(lambda: is_open(url))


def test_what_one_caller_may_have_is_counted_over_all_workers(
    recognising: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("aeo_ledger.gateway.app.Streams", partial(Streams, head_s=0.1, each=1))
    running, access = recognising.running, Access(counts=tmp_path / "counts.sqlite")
    workers = [create_app(running.ledger, running.relay, recognising.trust, behind="", access=access) for _ in range(2)]
    with served(workers[0]) as one, served(workers[1]) as other:
        with listening(one) as stream, listening(other) as second:
            assert (stream.response.status_code, second.response.status_code) == (200, 429)
        await_that(lambda: is_open(other))


def is_open(url: str) -> bool:
    with listening(url) as stream:
        return stream.response.status_code == 200


def test_head_ends_when_the_answer_begins(recognising: Network) -> None:
    found = recognising.http.head("/v1/news", params={"recogniser": "CN"})
    assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    assert found.content == b""
    same = recognising.http.head("/healthz")
    assert (same.status_code, same.content) == (200, b"")
    missing = recognising.http.head("/nowhere")
    assert (missing.status_code, missing.content) == (404, b"")


# ---- slow readers, silent nodes, the end ----


def test_a_reader_that_is_too_slow_is_dropped_and_resumes_without_loss(recognising: Network) -> None:
    """What is kept for all readers is bounded, and no reader has a queue of its own."""
    ledger, begin = recognising.running.ledger, Cursor(recognising.running.ledger.head())
    wanted = read_wanted("CN", None, recognising.trust)

    async def listen() -> tuple[list[str], list[str]]:
        journal = Journal(ledger, most_items=3)
        streams = Streams(journal)
        async with streams.open("somebody"):
            slow = streams.stream(Place(wanted=wanted, cursor=journal.newest))
            assert (await anext(slow)).event == "head"
            for _ in range(3):
                await asyncio.to_thread(publish, recognising, EventKind.SUSPEND, EventKind.REINSTATE)
                await journal.catch_up()
            dropped = [event.id or "" async for event in slow]
            again = streams.stream(Place(wanted=wanted, cursor=begin))
            whole: list[str] = []
            async for event in again:
                if event.event == "head":
                    return dropped, whole
                whole.append(event.id or "")
        raise AssertionError("it has no end")

    dropped, whole = asyncio.run(listen())
    assert dropped == []
    assert whole == [str(item.at) for item in read_news(ledger, begin.block + 1, ledger.head())]
    assert len(whole) == 6


def test_a_block_of_which_a_part_is_dropped_is_read_again_whole(recognising: Network) -> None:
    """A block may have more items than are kept."""
    ledger = recognising.running.ledger
    blocks = [item.at.block for item in read_news(ledger, 0, ledger.head())]
    full = max(set(blocks), key=blocks.count)
    assert blocks.count(full) > 50

    async def read(cursor: Cursor) -> list[str]:
        journal = Journal(ledger.as_of(full - 1), most_items=10)
        with journal.reader():
            await journal.catch_up()
            journal._ledger = Ledger(ledger.provider, ledger.contracts).as_of(full)
            await journal.catch_up()
            found: list[str] = []
            while True:
                page = await journal.after(cursor)
                assert page.lost is None
                found += [str(told.item.at) for told in page.items]
                cursor = page.upto
                if page.time is not None:
                    return found

    told = [item.at for item in read_news(ledger, full, full)]
    for place in (0, 5, len(told) - 11, len(told) - 10, len(told) - 2):
        assert asyncio.run(read(told[place])) == [str(at) for at in told[place + 1 :]]
    assert asyncio.run(read(Cursor(full - 1))) == [str(at) for at in told]


def test_a_stream_whose_news_the_node_does_not_tell_ends_and_none_begins(
    recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = recognising.running
    plain = Ledger(running.ledger.provider, running.ledger.contracts)
    app = create_app(plain, running.relay, recognising.trust, behind="")
    with served(app) as url:
        with monkeypatch.context() as failing:

            def fail(*_: Any, **__: Any) -> None:
                raise NodeFailed(method="eth_getLogs", detail="no logs today")

            failing.setattr(plain, "logs", fail)
            with listening(url, last="0") as stream:
                assert stream.event() is None
            failing.setattr(plain, "head", fail)
            found = httpx.get(f"{url}/v1/news", params={"recogniser": "CN"})
            assert (found.status_code, found.json()["family"]) == (503, "unavailable")
        with listening(url, last="0") as stream:
            assert stream.event() is not None


def test_the_gateway_stops_at_once_and_ends_its_streams_in_order(recognising: Network) -> None:
    running = recognising.running
    app = create_app(running.ledger, running.relay, recognising.trust, behind="")
    serving = served(app)
    url = serving.__enter__()
    with listening(url) as one, listening(url) as two:
        assert (one.until_head(), two.until_head()) == ([], [])
        serving.__exit__(None, None, None)
        for stream in (one, two):  # the end of an answer, not a broken connection
            assert {kind for kind, *_ in iter(stream.event, None)} <= {"head"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


# ---- what is proven ----


def test_no_invented_item_is_proven(lived: Lived) -> None:
    network, begin, end = lived
    ledger = network.running.ledger
    suspended, reinstated = (
        item for item in read_news(ledger, int(begin) + 1, int(end)) if item.what in {"suspend", "reinstate"}
    )
    prover = Prover(network.desk, network.trust, clock=now, max_age=300)
    forge: dict[str, Callable[[Any], Any]] = {
        "another time": lambda item: {"time": item.time - 1},
        "another word": lambda item: {"words": ((0, item.words[0][1] ^ 1 << 40),)},
        "another entry": lambda _: {"entry": network.entry("BY192900384", "BY", 0)},
    }
    for item in (suspended, reinstated):
        assert isinstance(prover.prove([item])[0], ProvenNews)  # whatever happened since
        for what, change in forge.items():
            [found] = prover.prove([replace(item, **change(item))])
            assert isinstance(found, NewsDiffer), what
    history = network.desk.history([suspended.entry or b""])
    assert not verify_news_of_standing(suspended, history, network.trust, now=now()).stands
    last = read_news(ledger, int(begin) + 1, ledger.head())
    told = max(
        (item for item in last if item.entry == suspended.entry and item.about == "standing"), key=lambda item: item.at
    )
    assert verify_news_of_standing(told, history, network.trust, now=now()).stands


def test_the_client_hears_what_the_gateway_tells(lived: Lived) -> None:
    network, begin, end = lived
    with GatewayClient(network.url, chain=network.trust.chain_id) as desk:
        heard = desk.listen("CN", since=Cursor(int(begin)))
        items = [next(heard) for _ in range(5)]
        assert desk.health().status == "ok", "a stream does not disturb other requests"
        heard.close()
    ledger = network.running.ledger
    assert items[:4] == read_news(ledger, int(begin) + 1, int(end))
