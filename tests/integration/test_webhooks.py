"""Webhooks over real HTTP: signed, in order, at least once, by one sender; what is not accepted is kept and sent again on request."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from sqlalchemy import select
from typer.testing import CliRunner

from aeo_ledger.cli.main import app as command
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.gateway import LeaseLost
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.prover import IndexUnavailable
from aeo_ledger.errors.signing import KeyFileUnavailable, MalformedKeyFile, WrongPassword
from aeo_ledger.errors.verify import UnknownParty
from aeo_ledger.evidence.news import NEWS_FORM, Cursor
from aeo_ledger.gateway import webhook_store, webhooks
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.news import read_wanted
from aeo_ledger.gateway.webhook_file import Hook, OpenHook, read_hooks
from aeo_ledger.gateway.webhook_store import HookStore, Letter
from aeo_ledger.gateway.webhooks import Patience, Sender
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.signing import Password, create_key_file
from aeo_ledger.signing.webhooks import HookSigner, create_hook_key, create_hook_secret, open_hook_signer
from support.network import PASSWORD, Network, served
from support.postgres import database, execute, postgres
from support.processes import Served, started
from support.receiver import Receiver, receiving
from support.waiting import WITHIN_S, await_that

__all__ = ["database", "postgres"]

TIN = "BY511125808"
QUICK = Patience(attempts=3, within_s=WITHIN_S, first_s=0.02, longest_s=0.05)


def publish(network: Network, *kinds: EventKind) -> None:
    number = network.number("BY")
    for kind in kinds:
        change_status(
            network.office, network.entry(TIN, "BY", 2), Change(kind=kind), register=number, issuer=number,
            signers=[network.signer("BY")],
        )  # fmt: skip


@dataclass
class Hooks:
    """A gateway's webhooks, its database and its keys."""

    network: Network
    home: Path
    url: str
    secret: str = ""
    """As the receiver has it."""
    public: str = ""
    signers: tuple[HookSigner, ...] = ()
    hooks: list[OpenHook] = field(default_factory=list)
    database: str = ""
    closing: ExitStack = field(default_factory=ExitStack)
    kept: HookStore | None = None

    def __post_init__(self) -> None:
        self.database = f"sqlite:///{self.home / 'index.sqlite'}"

    def add(self, receiver: Receiver, name: str = "border", recogniser: str = "CN", **more: Any) -> None:
        hook = Hook(
            name=name,
            url=parse_url(more.pop("url", receiver.url), what="url"),
            wanted=read_wanted(recogniser, None, self.network.trust),
            signers=self.signers,
            private=more.pop("private", True),
        )
        self.hooks.append(hook)

    @contextmanager
    def sending(self, patience: Patience = QUICK, clock: Callable[[], float] = time.time) -> Iterator[None]:
        """Run a gateway with a sender.

        When it stops, what was received last may not be noted yet: then it is sent once more, with the same id.
        """
        running = self.network.running
        with IndexStore(self.database) as opened:

            def make(journal: Any) -> Sender:
                chain_id = self.network.trust.chain_id
                return Sender(self.hooks, journal, HookStore(opened), chain_id=chain_id, patience=patience, clock=clock)

            with served(create_app(running.ledger, running.relay, self.network.trust, behind="", sender=make)):
                yield

    def store(self) -> HookStore:
        if self.kept is None:
            self.kept = HookStore(self.closing.enter_context(IndexStore(self.database)))
            self.kept.prepare()
        return self.kept

    def run(self, *words: str) -> dict[str, Any]:
        result = CliRunner().invoke(command, ["webhook", *words, "--index", self.database, "--json"])
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found


@pytest.fixture
def hooks(recognising: Network, tmp_path: Path) -> Iterator[Hooks]:
    password = Password(PASSWORD)
    randomness = iter(range(256)).__next__

    def draw(count: int) -> bytes:
        return bytes([randomness()]) * count

    create_hook_secret(tmp_path / "s.json", tmp_path / "receiver", password, randomness=draw, work_factor=2)
    public = create_hook_key(tmp_path / "k.json", password, randomness=draw, work_factor=2)
    signers = tuple(open_hook_signer(tmp_path / name, password) for name in ("s.json", "k.json"))
    secret = (tmp_path / "receiver").read_text().strip()
    with ExitStack() as closing:
        yield Hooks(recognising, tmp_path, "", secret, public, signers, closing=closing)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_news_arrive_signed_in_order_and_say_where_they_begin(hooks: Hooks, receiver: Receiver) -> None:
    hooks.add(receiver)
    started_at = int(time.time())
    with hooks.sending():
        receiver.await_ids(1)
        publish(hooks.network, EventKind.SUSPEND, EventKind.REINSTATE)
        ids = receiver.await_ids(3)
    begin, suspended, reinstated = receiver.got
    assert (begin.json["type"], begin.json["data"]["since"]) == ("gap", None)
    assert [one.json["type"] for one in (suspended, reinstated)] == ["standing.suspend", "standing.reinstate"]
    item = NEWS_FORM.decode_values(suspended.json["data"])
    assert item.entry == hooks.network.entry(TIN, "BY", 2)
    assert suspended.id == f"msg_{hooks.network.trust.chain_id}_{item.at.block}_{item.at.log}"
    assert suspended.json["timestamp"].endswith("Z")
    assert len(set(ids)) == 3
    for one in receiver.got:
        assert one.headers["content-type"] == "application/json"
        assert started_at <= int(one.headers["webhook-timestamp"]) <= time.time()
        one.check_secret(hooks.secret)
        one.check_key(hooks.public)
        assert set(one.signatures()) == {"v1", "v1a"}
        assert "." not in one.id
        assert TIN.encode() not in one.body
    suspended.body = suspended.body.replace(b"suspend", b"reinstate")
    with pytest.raises(AssertionError):
        suspended.check_secret(hooks.secret)
    with pytest.raises(InvalidSignature):
        suspended.check_key(hooks.public)


def test_a_message_is_sent_again_with_the_same_id_and_the_next_ones_wait(
    hooks: Hooks, receiver: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    hooks.add(receiver)
    receiver.answer = lambda number: ((500, 503, 204)[min(number, 3) - 1], {}, b"")
    with hooks.sending():
        receiver.await_ids(3)
        publish(hooks.network, EventKind.SUSPEND, EventKind.REINSTATE)
        ids = receiver.await_ids(5)
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 3
    assert hooks.store().letters() == []
    assert capfd.readouterr().out == "", "a log of JSON lines has lines of no other form"


def test_what_is_given_up_is_listed_and_replayed_with_the_same_id(
    hooks: Hooks, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    hooks.add(receiver)
    with caplog.at_level(logging.WARNING), hooks.sending():
        receiver.await_ids(1)
        receiver.answer = lambda _: (500, {}, b"words of the receiver")
        publish(hooks.network, EventKind.SUSPEND, EventKind.REINSTATE)
        letters = await_letters(hooks, 2)
        assert [letter["webhook"] for letter in letters] == ["border", "border"]
        assert all("status 500" in letter["detail"] for letter in letters)
        first, second = (letter["id"] for letter in letters)
        assert [one.id for one in receiver.got].count(first) == 3
        receiver.answer = lambda _: (200, {}, b"")
        for place, letter in enumerate((first, second)):
            assert hooks.run("replay", letter)["letters"] == [letter]
            await_letters(hooks, 1 - place)
            again = [one for one in receiver.got if one.id == letter][-1]
            again.check_key(hooks.public)
        assert len({one.body for one in receiver.got if one.id == first}) == 1
    for text in (hooks.secret, "secret-path", "words of the receiver", TIN):
        assert text not in caplog.text
    assert "webhook border: status 500" in caplog.text


def test_who_accepts_again_is_first_told_what_it_missed(hooks: Hooks, receiver: Receiver) -> None:
    """Whoever missed something must not take what comes next for all that happened; nor after the sender started again."""
    hooks.add(receiver)
    with hooks.sending():
        receiver.await_ids(1)
        publish(hooks.network, EventKind.SUSPEND)
        receiver.await_ids(2)
        receiver.answer = lambda _: (503, {}, b"")
        publish(hooks.network, EventKind.REINSTATE)
        await_letters(hooks, 1)
    with hooks.sending():
        publish(hooks.network, EventKind.SUSPEND)
        await_letters(hooks, 2)
    down = len(receiver.got)
    receiver.answer = lambda _: (200, {}, b"")
    with hooks.sending():
        publish(hooks.network, EventKind.REINSTATE)
        await_that(lambda: [one for one in receiver.got[down:] if one.json["type"] == "standing.reinstate"])
        time.sleep(0.3)
    told, gap, later = receiver.got[1], *{one.id: one for one in receiver.got[down:]}.values()
    missed = [letter.id.split("_") for letter in hooks.store().letters()]
    assert [one.json["type"] for one in (gap, later)] == ["gap", "standing.reinstate"]
    assert gap.json["data"] == {"since": ":".join(told.id.split("_")[2:]), "until": ":".join(missed[-1][2:])}
    assert gap.id.startswith(f"gap_{hooks.network.trust.chain_id}_")
    gap.check_key(hooks.public)
    assert hooks.store().missed("border") is None


def await_letters(hooks: Hooks, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def are_there() -> bool:
        found[:] = hooks.run("list")["letters"]
        return len(found) == count

    await_that(are_there, lambda: found)
    return found


def test_replaying_what_is_not_there_is_refused(hooks: Hooks) -> None:
    hooks.store()
    for words, kind, code in (
        (["replay", "msg_1_2_3"], "NoSuchLetter", 2),
        (["list", "--folder", str(hooks.home / "nowhere")], "UnreadableFile", 2),
    ):
        index = [] if "--folder" in words else ["--index", hooks.database]
        result = CliRunner().invoke(command, ["webhook", *words, *index, "--json"])
        assert (result.exit_code, json.loads(result.stdout)["error"]) == (code, kind)
    result = CliRunner().invoke(command, ["webhook", "list", "--json"], env={"AEO_LEDGER_INDEX": None})
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (2, "MalformedText")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: (302, {"location": "/elsewhere"}, b""), "status 302"),
        (lambda _: (200, {}, b"x" * (1 << 17)), "AnswerTooLong"),
        (lambda _: (200, {"content-encoding": "br"}, b"x"), "DecodingError"),
    ],
)
def test_redirects_are_not_followed_and_answers_are_bounded(
    hooks: Hooks, receiver: Receiver, answer: Callable[[int], tuple[int, dict[str, str], bytes]], said: str
) -> None:
    hooks.add(receiver)
    receiver.answer = answer
    with hooks.sending():
        receiver.await_ids(3)
        publish(hooks.network, EventKind.SUSPEND, EventKind.REINSTATE)
        letters = await_letters(hooks, 2)
    assert all(said in letter["detail"] for letter in letters)
    assert {one.json["type"] for one in receiver.got} == {"gap"}, "what it missed comes first"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_private_address_is_not_even_connected_to_unless_told(hooks: Hooks, receiver: Receiver, host: str) -> None:
    hooks.add(receiver, private=False, url=receiver.url.replace("127.0.0.1", host))
    with hooks.sending():
        await_that(lambda: hooks.store().missed("border") is not None)
        publish(hooks.network, EventKind.SUSPEND, EventKind.REINSTATE)
        letters = await_letters(hooks, 2)
    assert all("is not a public one" in letter["detail"] for letter in letters)
    assert receiver.got == []


def test_a_sender_that_starts_again_goes_on_where_it_stopped(hooks: Hooks, receiver: Receiver) -> None:
    hooks.add(receiver)
    with receiving() as other:
        hooks.add(other, "elsewhere", "KZ")
        with hooks.sending():
            for one in (receiver, other):
                one.await_ids(1)
            await_that(lambda: not any(map(hooks.store().missed, ("border", "elsewhere"))))
        publish(hooks.network, EventKind.SUSPEND, EventKind.REINSTATE)
        with hooks.sending():
            ids = receiver.await_ids(3)
            time.sleep(0.3)
        assert [one.json["type"] for one in other.got] == ["gap"], "Kazakhstan recognises nobody"
    assert [one.id for one in receiver.got] == ids
    assert [one.json["type"] for one in receiver.got] == ["gap", "standing.suspend", "standing.reinstate"]


def test_a_hook_whose_news_cannot_be_told_any_more_is_told_so(hooks: Hooks, receiver: Receiver) -> None:
    hooks.add(receiver)
    store = hooks.store()
    assert store.hold("test", 0)
    store.advance("test", "border", Cursor(10_000_000))  # as if of another history
    store.release("test")
    with hooks.sending():
        receiver.await_ids(1)
    assert (receiver.got[0].json["type"], receiver.got[0].json["data"]["since"]) == ("gap", "10000000")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_of_several_workers_sends_and_another_takes_over(
    kind: str, hooks: Hooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Their leases run by a clock that goes on when the lease was renewed; how often they look, by the world's."""
    if kind == "postgresql":
        hooks.database = request.getfixturevalue("postgres")()
    for module in (webhooks, webhook_store):
        monkeypatch.setattr(module, "LEASE_S", 3)
    hooks.add(receiver)
    hand = [int(time.time())]
    with ExitStack() as second:
        with hooks.sending(clock=lambda: hand[0]):
            receiver.await_ids(1)
            second.enter_context(hooks.sending(clock=lambda: hand[0]))
            publish(hooks.network, EventKind.SUSPEND)
            receiver.await_ids(2)
            for _ in range(3):
                hand[0] += 2
                await_that(lambda: leased_until(hooks) == hand[0] + 3)
            block, log = receiver.got[1].id.split("_")[2:]
            await_that(lambda: hooks.store().place("border") == Cursor(int(block), int(log)))
            assert len(receiver.got) == 2
        publish(hooks.network, EventKind.REINSTATE)
        receiver.await_ids(3)
    assert [one.json["type"] for one in receiver.got] == ["gap", "standing.suspend", "standing.reinstate"]


def leased_until(hooks: Hooks) -> int:
    with hooks.store()._store.transaction() as connection:
        return int(connection.execute(select(webhook_store._LEASE.c.until)).scalar_one())


# ---- the memory ----


@pytest.fixture(params=["sqlite", "postgresql"])
def opened_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HookStore]:
    url = (
        f"sqlite:///{tmp_path / 'index.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres")()
    )
    with IndexStore(url) as opened:
        store = HookStore(opened)
        store.prepare()
        store.prepare()
        yield store


def test_a_lease_from_a_later_clock_keeps_nobody_waiting_for_it(opened_store: HookStore) -> None:
    """The holder was killed, and then the clock was put back by a day; clocks of two machines may still differ a little."""
    assert opened_store.hold("a", 100_000)
    assert not opened_store.hold("b", 100_000 - webhook_store.LEASE_S)
    assert opened_store.hold("b", 13_600)
    assert not opened_store.hold("a", 13_601)


def test_a_lease_has_one_holder_until_it_runs_out_or_is_given_back(opened_store: HookStore) -> None:
    store = opened_store
    assert store.hold("a", 100)
    assert not store.hold("b", 100 + webhook_store.LEASE_S - 1)
    assert store.hold("a", 110)
    assert not store.hold("b", 110 + webhook_store.LEASE_S - 1)
    assert store.hold("b", 110 + webhook_store.LEASE_S)
    for act in (
        lambda: store.advance("a", "border", Cursor(5)),
        lambda: store.settle("a", LETTER, None),
        lambda: store.skip("a", "border", None, Cursor(5)),
        lambda: store.settle_missed("a", "border"),
    ):
        with pytest.raises(LeaseLost):
            act()
    assert (store.place("border"), store.letters()) == (None, [])
    store.release("a")
    assert not store.hold("a", 120)
    store.release("b")
    assert store.hold("a", 120)


LETTER = Letter(hook="border", id="msg_1_2_3", body=b"{}", failed_at=7, detail="x" * 1_000)


def test_a_place_moves_together_with_what_was_given_up_there(opened_store: HookStore) -> None:
    store = opened_store
    assert store.hold("a", 100)
    store.advance("a", "border", Cursor(5, 3))
    assert store.place("border") == Cursor(5, 3)
    assert store.missed("border") is None
    store.advance("a", "border", Cursor(6), LETTER)
    assert store.missed("border") == (Cursor(5, 3), Cursor(6))
    other = Letter(hook="other", id="msg_1_2_3", body=b"[]", failed_at=6, detail="y")
    store.skip("a", "other", None, Cursor(1))
    assert store.missed("other") == (None, Cursor(1))
    store.advance("a", "other", Cursor(2), other)
    assert store.missed("other") == (None, Cursor(2)), "what was missed before is still untold"
    store.settle_missed("a", "other")
    assert (store.missed("other"), store.missed("border")) == (None, (Cursor(5, 3), Cursor(6)))
    store.skip("a", "border", Cursor(6), Cursor(9))
    assert store.missed("border") == (Cursor(5, 3), Cursor(9))
    store.advance("a", "border", Cursor(6))
    assert (store.place("border"), store.place("other")) == (Cursor(6), Cursor(2))
    assert [letter.hook for letter in store.letters()] == ["other", "border"]
    assert store.letters("border")[0].detail == "x" * 300
    assert store.letters(only_due=True) == []
    store.mark_due([other])
    assert [letter.hook for letter in store.letters(only_due=True)] == ["other"]
    store.settle("a", other, Letter(hook="other", id="msg_1_2_3", body=b"[]", failed_at=9, detail="again"))
    assert [(letter.hook, letter.due) for letter in store.letters()] == [("border", False), ("other", False)]
    store.settle("a", LETTER, None)
    assert [letter.detail for letter in store.letters()] == ["again"]


# ---- the file ----

HOOK: dict[str, Any] = {
    "name": "border", "url": "https://border.example/news?key=1", "recogniser": "CN", "sign_with": ["s.json", "k.json"]
}  # fmt: skip


def write(path: Path, *hooks: dict[str, Any]) -> Path:
    text = "".join(
        "[[webhook]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in hook.items()) for hook in hooks
    )
    path.write_text(text)
    return path


def read(hooks: Hooks, *rows: dict[str, Any]) -> tuple[OpenHook, ...]:
    file = write(hooks.home / "hooks.toml", *rows)
    return read_hooks(file, hooks.network.trust, open_signer)


def open_signer(file: Path, password: Path | None) -> HookSigner:
    return open_hook_signer(file, Password(password.read_text() if password else PASSWORD))


def test_the_file_says_who_is_told_what(hooks: Hooks) -> None:
    (hooks.home / "own").write_text(PASSWORD)
    one, two = read(
        hooks,
        HOOK,
        {
            **HOOK,
            "name": "inside",
            "url": "http://10.0.0.7/x",
            "private": True,
            "registers": ["BY", "EU"],
            "sign_with": ["k.json"],
            "password_file": "own",
        },
    )
    assert (one.name, one.private, len(one.signers), one.wanted.registers) == ("border", False, 2, frozenset())
    assert (two.url.host, two.private, set(two.wanted.registers)) == ("10.0.0.7", True, {1, 4})
    assert PASSWORD not in repr((one, two))
    assert hooks.secret.removeprefix("whsec_")[:8] not in repr((one, two))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"url": "http://border.example/"}, MalformedDocument),
        ({"url": "ftp://border.example/"}, MalformedText),
        ({"url": 7}, MalformedDocument),
        ({"name": "Border"}, MalformedDocument),
        ({"name": "a b"}, MalformedDocument),
        ({"recogniser": "XX"}, UnknownParty),
        ({"register": ["BY"]}, MalformedDocument),
        ({"registers": []}, MalformedDocument),
        ({"registers": ["XX"]}, UnknownParty),
        ({"private": "yes"}, MalformedDocument),
        ({"sign_with": []}, MalformedDocument),
        ({"sign_with": ["nowhere"]}, KeyFileUnavailable),
        ({"sign_with": ["ledger.json"]}, MalformedKeyFile),
        ({"sign_with": ["s.json"], "password_file": "wrong"}, WrongPassword),
    ],
    ids=str,
)
def test_a_hook_that_cannot_be_meant_is_refused(
    hooks: Hooks, change: dict[str, Any], error: type[AeoLedgerError]
) -> None:
    (hooks.home / "wrong").write_text("another")
    create_key_file(
        hooks.home / "ledger.json", Password(PASSWORD), randomness=lambda count: b"\7" * count, work_factor=2
    )
    rows = {**HOOK, "name": "good"}, {**HOOK, **change}
    with pytest.raises(error) as refusal:
        read(hooks, *rows)
    assert refusal.value.place == "webhook[1]"
    write(hooks.home / "hooks.toml", *rows)
    words = ["gateway", str(hooks.network.folder), "--webhooks", str(hooks.home / "hooks.toml"), "--check"]
    result = CliRunner().invoke(command, words)
    if error is WrongPassword:
        assert result.exit_code == 0, result.output
    else:
        assert (result.exit_code, f"webhook[1]: {refusal.value}" in result.output) == (2, True), result.output


@pytest.mark.parametrize(
    "text", ["", "[webhook]\nname = 'x'\n", "webhook = []\nmore = 1\n", "[[webhook]]\n", "\0", "[["]
)
def test_another_file_is_no_file_of_webhooks(hooks: Hooks, text: str) -> None:
    (hooks.home / "hooks.toml").write_text(text)
    with pytest.raises(MalformedDocument):
        read_hooks(hooks.home / "hooks.toml", hooks.network.trust, open_signer)


def test_two_hooks_of_one_name_are_refused(hooks: Hooks) -> None:
    with pytest.raises(MalformedDocument, match="two have the name 'border'"):
        read(hooks, HOOK, HOOK)


# ---- the commands


def test_a_gateway_sends_with_keys_that_its_commands_made(founded: Path, tmp_path: Path, receiver: Receiver) -> None:
    folder = shutil.copytree(founded, tmp_path / "net")
    environment = {"AEO_LEDGER_PASSWORD": PASSWORD}

    def run(*words: str) -> dict[str, Any]:
        result = CliRunner().invoke(command, [*words, "--json"], env=environment)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    shared, own = tmp_path / "s.json", tmp_path / "k.json"
    run("webhook", "secret", str(shared), "--receiver", str(tmp_path / "whsec"))
    public = run("webhook", "key", str(own))["public"]
    hook = {**HOOK, "url": receiver.url, "private": True, "sign_with": ["s.json", "k.json"]}
    file = write(tmp_path / "hooks.toml", hook)
    gateway = Served(["gateway", str(folder), "--webhooks", str(file)], tmp_path / "log")
    with started(gateway):
        receiver.await_ids(1)
        gateway.stop()
    receiver.got[0].check_secret((tmp_path / "whsec").read_text().strip())
    receiver.got[0].check_key(public)
    assert run("webhook", "list", "--folder", str(folder))["letters"] == []
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_letters_are_not_looked_for_where_no_gateway_was(tmp_path: Path, database: str) -> None:
    """A name that is misspelt must not mean that everything was delivered."""
    execute(database, "CREATE TABLE documents (name INTEGER)")
    for index in (f"sqlite:///{tmp_path / 'mispelt.sqlite'}", database):
        for verb in ("list", "replay"):
            result = CliRunner().invoke(command, ["webhook", verb, "--index", index])
            assert (result.exit_code, "has no index" in result.output) == (2, True), result.output
    assert not (tmp_path / "mispelt.sqlite").exists()


def test_a_database_that_does_not_work_is_told_once_and_waited_for(
    hooks: Hooks, receiver: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_LOOK_S", 0.01)
    hooks.add(receiver)
    hold, calls = HookStore.hold, list[int]()

    def fail(store: HookStore, holder: str, now: int) -> bool:
        calls.append(now)
        if len(calls) < 20:
            raise IndexUnavailable(database="x", detail="disk full")
        return hold(store, holder, now)

    monkeypatch.setattr(HookStore, "hold", fail)
    with hooks.sending():
        receiver.await_ids(1)
    assert caplog.text.count("webhooks wait: the index in x: disk full") == 1


def test_a_gateway_without_a_database_sends_no_webhooks(hooks: Hooks) -> None:
    file = write(hooks.home / "hooks.toml", HOOK)
    words = ["gateway", "--rpc", "http://127.0.0.1:1", "--trust", "x", "--key", "y", "--webhooks", str(file)]
    for more in ([], ["--check"]):
        result = CliRunner().invoke(command, [*words, *more], env={"AEO_LEDGER_INDEX": None})
        assert (result.exit_code, "no --index" in result.output) == (2, True)
