"""`aeo-ledger watch`, and a border system's cache: what is heard is proven before it counts, and a gateway that lies costs nothing but time."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.customs.vocabulary import EventKind, Reason
from aeo_ledger.errors.gateway import TokenUsedUp
from aeo_ledger.errors.verify import Stale, UnknownParty
from aeo_ledger.evidence import Question
from aeo_ledger.evidence.news import About, Cursor, Gap, Head, NewsItem
from aeo_ledger.gateway import journal as journal_module
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.journal import Journal
from aeo_ledger.office import cache as cache_module
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.cache import BorderCache
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.prover.news import read_news
from support.network import Network, now, served
from support.waiting import await_that

README = Path(__file__).parents[2] / "README.md"
TIN = "BY511125808"
QUESTION = read_question(TIN, "CN", "import", "carrier")


def publish(network: Network, *kinds: EventKind) -> None:
    number = network.number("BY")
    for kind in kinds:
        change_status(
            network.office, network.entry(TIN, "BY", 2), Change(kind=kind), register=number, issuer=number,
            signers=[network.signer("BY")],
        )  # fmt: skip


@pytest.fixture(scope="module")
def begin(recognising: Network) -> str:
    """The block before something happened."""
    found = str(recognising.running.ledger.head())
    publish(recognising, EventKind.SUSPEND, EventKind.REINSTATE)
    return found


Watch = Callable[..., Any]


@pytest.fixture
def watch(recognising: Network, tmp_path: Path) -> Watch:
    def run(*words: str, code: int = 0, url: str = recognising.url, pinned: bool = True) -> Any:
        trust = ["--trust", str(recognising.folder / "trust.json")] if pinned else []
        arguments = ["watch", "--recogniser", "CN", "--once", "--gateway", url, *trust, *words]
        result = CliRunner().invoke(app, arguments, env={"AEO_LEDGER_TRUST": None})
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return [json.loads(line) for line in result.stdout.splitlines()] if "--json" in words else result

    return run


def test_each_item_is_proven_before_it_is_told(watch: Watch, begin: str) -> None:
    lines = watch("--since", begin).stdout.splitlines()
    assert "BY type 3 0x" in lines[0]
    assert ": SUSPEND, event 2: SUSPENDED since" in lines[0]
    assert re.search(r"\(changed again since\)  \[\d+:\d+\]$", lines[0])
    assert ": REINSTATE, event 3: ACTIVE since" in lines[1]
    assert "changed again" not in lines[1]
    found = watch("--since", begin, "--json")
    assert [one["event"] for one in found] == ["news", "news", "head"]
    assert [(one["what"], one["proven"], one["stands"], one["unproven"]) for one in found[:2]] == [
        ("suspend", True, False, None), ("reinstate", True, True, None)
    ]  # fmt: skip
    assert found[0]["proven_as_of"] >= found[0]["block"]
    assert TIN not in json.dumps(found)


def test_without_trust_all_is_what_the_gateway_says(watch: Watch, begin: str, recognising: Network) -> None:
    first = watch("--since", begin, pinned=False).stdout.splitlines()[0]
    assert f'{recognising.url} says "' in first
    assert [one["proven"] for one in watch("--since", begin, "--json", pinned=False)[:2]] == [False, False]


def test_a_cursor_file_goes_on_where_it_stopped_and_serves_one_purpose(
    watch: Watch, begin: str, tmp_path: Path, recognising: Network
) -> None:
    file = tmp_path / "cursor.json"
    assert len(watch("--since", begin, "--cursor", str(file), "--json")) == 3
    assert [one["event"] for one in watch("--since", begin, "--cursor", str(file), "--json")] == ["head"]
    publish(recognising, EventKind.SUSPEND)
    assert [one.get("what") for one in watch("--cursor", str(file), "--json")] == ["suspend", None]
    publish(recognising, EventKind.REINSTATE)
    place = json.loads(file.read_text())
    assert (place["format"], place["recogniser"]) == ("aeo-ledger/news-place/1", "CN")
    for more, error in ((("--register", "BY"), "OtherNews"), ((), "OtherNews")):
        if not more:
            file.write_text(json.dumps(place | {"chain": 7}))
        assert watch("--cursor", str(file), "--json", *more, code=2)[0]["error"] == error
    file.write_text("{}")
    assert watch("--cursor", str(file), "--json", code=3)[0]["error"] == "OutputTaken"
    assert file.read_text() == "{}", "somebody's other file is left alone"


@pytest.mark.parametrize(("option", "value"), [("--since", "x"), ("--since", "-1"), ("--max-age", "soon")])
def test_what_cannot_be_meant_is_malformed(watch: Watch, option: str, value: str) -> None:
    assert watch(option, value, "--json", code=2)[0]["family"] == "malformed"


def test_what_was_missed_is_said_and_exit_code_4_calls_for_it(
    watch: Watch, begin: str, recognising: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = recognising.running
    monkeypatch.setattr("aeo_ledger.gateway.app.Journal", lambda ledger: Journal(ledger, most_blocks=0))
    with served(create_app(running.ledger, running.relay, recognising.trust, behind="")) as url:
        found = watch("--since", begin, "--json", url=url, code=4)
        assert [one["event"] for one in found] == ["gap", "head"]
        assert found[0]["since"] == begin
        assert watch("--since", begin, url=url, code=4).stdout.startswith("MISSED: what happened from")


LIES: dict[str, Callable[[NewsItem], NewsItem]] = {
    "another entry": lambda item: replace(item, entry=(item.entry or b"")[:-1] + b"\7"),
    "another status": lambda item: replace(item, words=((0, item.words[0][1] ^ 3),)),
    "another time": lambda item: replace(item, time=item.time + 1),
    "a lane": lambda item: NewsItem(
        at=item.at, time=item.time, about=About.LANES, recogniser=2, register=1, words=((0, 5),)
    ),
    "a party": lambda item: NewsItem(at=item.at, time=item.time, about=About.PARTY, party=1, words=((0, 7 << 200),)),
    "nobody's alias": lambda item: NewsItem(at=item.at, time=item.time, about=About.ALIAS),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_of_the_gateway_is_never_told_as_a_fact(
    watch: Watch, begin: str, recognising: Network, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    running = recognising.running

    def invent(*given: Any) -> list[NewsItem]:
        return [LIES[lie](item) if item.about is About.STANDING else item for item in read_news(*given)]

    monkeypatch.setattr(journal_module, "read_news", invent)
    with served(create_app(running.ledger, running.relay, recognising.trust, behind="")) as url:
        found = watch("--since", begin, "--json", url=url, code=4)
        news = [one for one in found if one["event"] == "news"]
        assert news
        assert {(one["proven"], one["unproven"]) for one in news} == {
            (False, "NewsUnnamed" if lie == "nobody's alias" else "NewsDiffer")
        }
        line = watch("--since", begin, url=url, code=4).stdout.splitlines()[0]
        assert f"UNPROVEN: {url} says" in line


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"event: news\nid: 1:1\ndata: {}\n\n", "lacks"),
        (b"event: news\nid: 1:1\ndata: \x1b[31m\n\n", "JSON"),
        (b'event: head\nid: 1\ndata: {"block": -1, "time": 1}\n\n', "head|block"),
        (b"data: " + b"x" * (1 << 18), "longer"),
        (b"event: news\ndata: \xff\n\n", "UTF-8"),
        (b"event: later\ndata: {}\n\n", "stream of news ended"),
        (b"", "stream of news ended"),
    ],
)
def test_a_stream_that_is_none_is_unavailable(watch: Watch, text: bytes, reason: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise AssertionError("no lifespan")
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    with served(app) as url:  # type: ignore[arg-type]
        [found] = watch("--since", "1", "--json", url=url, code=5)
    assert found["error"] in {"GatewayUnclear", "GatewayBroke"}
    assert re.search(reason, found["detail"])


def test_an_answer_that_is_no_stream_is_unclear(watch: Watch, recognising: Network) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<html>"})

    with served(app) as url:  # type: ignore[arg-type]
        assert watch("--json", url=url, code=5)[0]["error"] == "GatewayUnclear"


def test_old_evidence_proves_no_news(watch: Watch, begin: str, recognising: Network) -> None:
    publish(recognising, EventKind.SUSPEND, EventKind.REINSTATE)  # so that an idle block is not due soon
    time.sleep(2.1)
    found = watch("--since", begin, "--max-age", "1s", "--json", code=4)
    assert {one["unproven"] for one in found if one["event"] == "news"} == {"Stale"}


# ---- the cache ----


def make_cache(network: Network, *, max_age: int = 300) -> tuple[BorderCache, list[Question]]:
    """A cache, and the questions that it asks."""
    asked: list[Question] = []

    class Gateway:
        def evidence(self, question: Any) -> Any:
            asked.append(question)
            return network.desk.evidence(question)

        def listen(self, recogniser: str, *, since: Cursor | None = None) -> Any:
            return network.desk.listen(recogniser, since=since)

    gateway: Any = Gateway()  # nothing else is asked of it
    return BorderCache(gateway, network.trust, clock=now, max_age=max_age), asked


def test_an_answer_is_kept_until_news_about_its_trader(recognising: Network, begin: str) -> None:
    cache, asked = make_cache(recognising)
    other = read_question("BY413751283", "CN", "import", "carrier")
    nobody = read_question("BY200988541", "CN", "import", "carrier")
    for _ in range(3):
        assert cache.ask(QUESTION).decision.recognised
        cache.ask(other)
        cache.ask(nobody)
    assert len(asked) == 3
    items = read_news(recognising.running.ledger, int(begin) + 1, int(begin) + 5)
    cache.hear(next(item for item in items if item.entry == recognising.entry(TIN, "BY", 2)))
    for question in (QUESTION, other, nobody):
        cache.ask(question)
    assert asked[3:] == [QUESTION]
    cache.hear(Head(at=Cursor(7), time=now()))
    cache.ask(QUESTION)
    assert len(asked) == 4
    for heard in (
        Gap(since=Cursor(1), at=Cursor(2)),
        NewsItem(at=Cursor(9, 0), time=1, about=About.PARTY, party=1, words=((0, 1),)),
        NewsItem(at=Cursor(9, 0), time=1, about=About.WITHHOLDING, recogniser=2, register=1),
    ):
        before = len(asked)
        cache.hear(heard)
        cache.ask(QUESTION)
        cache.ask(other)
        assert len(asked) == before + 2, heard


def test_an_answer_that_was_asked_while_news_came_is_not_kept(recognising: Network) -> None:
    cache, asked = make_cache(recognising)
    gateway: Any = cache._gateway
    evidence = gateway.evidence

    def disturbed(question: Any) -> Any:
        found = evidence(question)
        cache.hear(Gap(since=Cursor(1), at=Cursor(2)))
        return found

    gateway.evidence = disturbed
    cache.ask(QUESTION)
    cache.ask(QUESTION)
    assert len(asked) == 2


def test_an_answer_is_kept_no_longer_than_it_may_be_old(recognising: Network) -> None:
    cache, asked = make_cache(recognising, max_age=100)
    first = cache.ask(QUESTION)
    cache._clock = lambda: first.block_time + 100
    cache.ask(QUESTION)
    assert len(asked) == 1
    cache._clock = lambda: first.block_time + 500
    with pytest.raises(Stale):
        cache.ask(QUESTION)
    assert len(asked) == 2


def test_a_refused_stream_is_opened_again_and_the_reason_is_there(recognising: Network) -> None:
    cache, _ = make_cache(recognising)
    gateway: Any = cache._gateway
    listen, refusing = gateway.listen, threading.Event()
    refusing.set()

    def refused(*asked: Any, **how: Any) -> Any:
        if refusing.is_set():
            raise TokenUsedUp(limit=1)
        return listen(*asked, **how)

    gateway.listen = refused
    hearing = threading.Thread(target=cache.follow, args=("CN",))
    hearing.start()
    try:
        await_that(lambda: isinstance(cache.fault, TokenUsedUp))
        assert cache.ask(QUESTION).decision.recognised
        refusing.clear()
        await_that(lambda: cache.fault is None)
        publish(recognising, EventKind.SUSPEND)
        await_that(lambda: cache.ask(QUESTION).decision.reasons == (Reason.SUSPENDED,))
    finally:
        cache.stop()
        publish(recognising, EventKind.REINSTATE)
        hearing.join()


def test_nobody_waits_for_the_news_of_a_party_that_is_not_pinned(recognising: Network) -> None:
    cache, _ = make_cache(recognising)
    with pytest.raises(UnknownParty):
        cache.follow("XX")


def test_a_cache_does_not_grow_without_end(recognising: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_MOST", 2)
    cache, asked = make_cache(recognising)
    for tin in (TIN, "BY413751283", "BY200988541"):
        cache.ask(read_question(tin, "CN", "import", "carrier"))
    assert len(cache._answers) == 1
    cache.ask(read_question("BY200988541", "CN", "import", "carrier"))
    assert len(asked) == 3


def test_the_readme_s_cache_hears_of_a_suspension(recognising: Network) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    [code] = [block for block in blocks if "BorderCache" in block]
    with GatewayClient(recognising.url, chain=recognising.trust.chain_id) as desk:
        given: dict[str, Any] = {"desk": desk, "pinned": recognising.trust, "question": QUESTION, "clock": now}
        exec(compile(code, "example", "exec"), given)  # noqa: S102 (our own words, as readers will run them)
        assert given["answer"].decision.recognised
        cache: BorderCache = given["cache"]
        await_that(lambda: bool(cache._forgotten))  # it hears
        assert cache.ask(QUESTION).decision.recognised
        publish(recognising, EventKind.SUSPEND)
        await_that(lambda: cache.ask(QUESTION).decision.reasons == (Reason.SUSPENDED,))
        publish(recognising, EventKind.REINSTATE)
        await_that(lambda: cache.ask(QUESTION).decision.recognised)
        cache.stop()
        publish(recognising, EventKind.SUSPEND, EventKind.REINSTATE)
        await_that(lambda: not any("follow" in thread.name for thread in threading.enumerate()))
