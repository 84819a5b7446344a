"""Two administrations, two gateways, one ledger: each is a process with its own key, and any may be killed.

Belarus publishes through its gateway, China asks its own. Whatever dies, what was acknowledged is there, and an answer is
proven, or as old as it says, or `Unavailable`. Gateways that know the genesis share one index, each with two workers; the others read
every word from the node.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Reason
from aeo_ledger.errors import AeoLedgerError, Unavailable
from aeo_ledger.errors.gateway import GatewayUnreachable
from aeo_ledger.errors.verify import Stale
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.news import NEWS_FORM
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.news import Prover
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.signing import Password, Signer, create_key_file, open_key_file
from aeo_ledger.signing.webhooks import create_hook_secret
from aeo_ledger.verify import ProvenDecision, ProvenEvent, TrustBundle, verify_recognition, verify_recognitions
from aeo_ledger.verify.certificate_history import verify_certificate_histories
from aeo_ledger.verify.news import ProvenNews
from support.listening import listening
from support.network import CN_BY, PASSWORD, found, import_rows, now, open_book, read_plain, register_text
from support.postgres import postgres
from support.processes import Served, started
from support.receiver import Receiver, receiving
from support.waiting import WITHIN_S, await_that

__all__ = ["postgres"]

TIN = "BY511125808"
QUESTION = read_question(TIN, "CN", "import", "carrier")
MAX_AGE_S = 600
WORKERS = 2


@dataclass(frozen=True, kw_only=True)
class TwoGateways:
    """A node and two gateways, running."""

    folder: Path
    trust: TrustBundle
    node: Served
    belarus: Served
    china: Served
    indexed: bool
    """Whether the gateways have an index."""
    receiver: Receiver
    """Is told news by whichever worker sends; by nobody if the gateways have no index."""

    def signer(self, code: str, role: str = "operator") -> Signer:
        return open_key_file(self.folder / f"parties/{code}/{role}.json", Password(PASSWORD))

    def publish(self, kind: EventKind, through: Served) -> Sealed:
        with GatewayClient(through.url, timeout_s=WITHIN_S) as desk:
            number = self.trust.by_code["BY"].number
            _, done = change_status(
                ProvenDesk(desk, self.trust, approve=without_asking, proven_within_s=WITHIN_S),
                make_entry(number, 2, derive_open_holder(number, 2, Tin(TIN))),
                Change(kind=kind),
                register=number,
                issuer=number,
                signers=[self.signer("BY")],
            )
            assert done.sealed is not None
            return done.sealed

    def ask(self, gateway: Served, *, max_age: int = MAX_AGE_S) -> ProvenDecision:
        with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
            evidence = desk.evidence(QUESTION)
        return verify_recognition(evidence, QUESTION, self.trust, now=now(), max_age=max_age)

    def newest(self) -> int:
        """Return the number of the node's last block."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
        return int(httpx.post(self.node.url, json=asked).json()["result"], 16)

    def await_workers(self, gateway: Served) -> None:
        """Wait until each worker of a gateway that was started has reached the node: one that does not ends the others."""
        workers = WORKERS if self.indexed else 1
        await_that(lambda: gateway.said.count("(API: /docs)") == workers, lambda: gateway.said)

    def await_silence(self, gateway: Served) -> None:
        """Wait until a gateway that was killed has no worker left: they notice it."""

        def is_silent() -> bool:
            try:
                self.ask(gateway)
            except Unavailable as fault:  # a worker that ends while it is asked breaks off
                return isinstance(fault, GatewayUnreachable)
            return False

        await_that(is_silent, lambda: f"{gateway.url} still answers")

    def await_block(self, gateway: Served, block: int) -> ProvenDecision:
        """Ask until the answer is as of a block, for as long as a gateway may need to find the node again."""
        told: list[ProvenDecision | Unavailable] = []

        def is_there() -> bool:
            try:
                told.append(self.ask(gateway))
            except Unavailable as fault:
                told.append(fault)
            return isinstance(told[-1], ProvenDecision) and told[-1].block_number >= block

        await_that(is_there, lambda: told[-1])
        assert isinstance(told[-1], ProvenDecision)
        return told[-1]


@pytest.fixture(scope="module", params=["node", "sqlite", "postgresql"])
def workshop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoGateways]:
    home = tmp_path_factory.mktemp("workshop")
    folder = found(home / "net")
    trust_file = shutil.copy(folder / "trust.json", home / "trust.json")
    for code in ("by", "cn"):
        create_key_file(home / f"{code}-relay.json", Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
    node = Served(["node", str(folder)], home / "node.log")

    genesis = ["--genesis", str(folder / "genesis.json")]
    index: list[str] = []
    if request.param != "node":
        make: Callable[[], str] = request.getfixturevalue("postgres") if request.param == "postgresql" else str
        url = make() or f"sqlite:///{home / 'index.sqlite'}"
        index = [*genesis, "--index", url, "--workers", str(WORKERS), "--webhooks", str(home / "hooks.toml")]

    def gateway(code: str, options: list[str], name: str = "") -> Served:
        key = home / f"{code}-relay.json"
        arguments = ["gateway", "--rpc", node.url, "--trust", str(trust_file), "--key", str(key), *options]
        return Served(arguments, home / f"{name or code}.log")

    belarus, china = gateway("by", index), gateway("cn", index)
    with receiving() as receiver, started(node):
        _tell(home, receiver)
        with started(belarus, china):
            made = TwoGateways(
                folder=folder,
                trust=read_trust(home / "trust.json"),
                node=node,
                belarus=belarus,
                china=china,
                indexed=bool(index),
                receiver=receiver,
            )
            office = gateway(
                "by", genesis, "office"
            )  # an import reads a snapshot, for which a gateway needs the genesis
            with started(office):
                _fill(made, office)
            made.await_workers(belarus)
            made.await_workers(china)
            yield made


def _tell(home: Path, receiver: Receiver) -> None:
    """Write the file of a webhook, whose secret nobody checks here."""
    create_hook_secret(
        home / "hook.json",
        home / "whsec",
        Password(PASSWORD),
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    (home / "hooks.toml").write_text(
        f'[[webhook]]\nname = "border"\nurl = "{receiver.url}"\nrecogniser = "CN"\n'
        'private = true\nsign_with = ["hook.json"]\n'
    )


def _fill(workshop: TwoGateways, office_gateway: Served) -> None:
    """Conclude the arrangement through China's gateway, and import a part of Belarus's register through its office's."""
    with GatewayClient(workshop.china.url, timeout_s=WITHIN_S) as desk:
        signers = [workshop.signer(code, "authority") for code in ("CN", "BY")]
        office = ProvenDesk(desk, workshop.trust, approve=without_asking)
        conclude(draft(CN_BY, office), signers, office, keep=lambda _: None)
    with GatewayClient(office_gateway.url, timeout_s=WITHIN_S) as desk:
        office = ProvenDesk(desk, workshop.trust, approve=without_asking)
        rows = read_plain("".join(register_text("BY").splitlines(keepends=True)[:20]), "BY")
        with open_book(workshop.folder / "book.sqlite") as book:
            import_rows(office, rows, workshop.trust.by_code["BY"].number, [workshop.signer("BY")], book)


def test_one_publishes_and_the_other_answers_with_evidence_that_verifies(workshop: TwoGateways) -> None:
    assert workshop.await_block(workshop.china, workshop.newest()).decision.recognised
    suspended = workshop.publish(EventKind.SUSPEND, workshop.belarus)
    answer = workshop.await_block(workshop.china, suspended.block)
    assert answer.decision.reasons == (Reason.SUSPENDED,)
    reinstated = workshop.publish(EventKind.REINSTATE, workshop.china)  # a relay has no say, so any will do
    assert workshop.await_block(workshop.belarus, reinstated.block).decision.recognised


def test_one_publishes_and_a_listener_at_the_other_hears_and_can_prove_it_at_once(workshop: TwoGateways) -> None:
    """Whichever of its workers has the stream, and whichever is asked. Ids are the same at both."""
    begin = str(workshop.newest())
    with listening(workshop.china.url, last=begin) as stream:
        for kind in (EventKind.SUSPEND, EventKind.REINSTATE):
            sealed = workshop.publish(kind, workshop.belarus)
            [item] = stream.news(1)
            assert (item["what"], item["block"]) == (kind.name.lower(), sealed.block)
            with GatewayClient(workshop.china.url, timeout_s=WITHIN_S) as desk:
                prover = Prover(desk, workshop.trust, clock=now, max_age=MAX_AGE_S)
                [proven] = prover.prove([NEWS_FORM.decode_values(item)])
            assert isinstance(proven, ProvenNews)
            assert proven.stands
    heard = []
    for gateway in (workshop.belarus, workshop.china):
        with listening(gateway.url, last=begin) as stream:
            heard.append(stream.until_block(sealed.block))
    assert heard[0] == heard[1]
    assert len(heard[0]) == 2


@dataclass(frozen=True)
class Told:
    """What one answer told, when it had been verified."""

    block: int
    recognised: bool | None = None
    events: int | None = None
    """How many events the certificate's history has."""


def test_under_load_every_answer_of_every_worker_is_true_as_of_its_block(workshop: TwoGateways) -> None:
    """Four askers at two gateways, while one publishes: each answer, manifest and history is verified, and compared with what was done."""
    if not workshop.indexed:
        pytest.skip("these gateways share no index")
    number = workshop.trust.by_code["BY"].number
    entry = make_entry(number, 2, derive_open_holder(number, 2, Tin(TIN)))
    tins = [line.partition(",")[0] for line in register_text("BY").splitlines()[1:19]]
    others = [read_question(tin, "CN", "import", "carrier") for tin in tins if tin != TIN]
    changes, told, over = [workshop.newest()], list[Told](), threading.Event()
    before = len(_events(workshop, workshop.china, entry)[1])
    for kind in (EventKind.SUSPEND, EventKind.REINSTATE):  # so that it is known what a worker answers that is behind
        changes += [workshop.publish(kind, workshop.belarus).block]
    for gateway in (workshop.belarus, workshop.china):
        workshop.await_block(gateway, changes[-1])

    def ask(gateway: Served) -> None:
        while not over.is_set():  # each time by a new connection, so perhaps of another worker
            answer = workshop.ask(gateway)
            told.append(Told(answer.block_number, recognised=answer.decision.recognised))
            block, events = _events(workshop, gateway, entry)
            told.append(Told(block, events=len(events)))
            with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
                evidence = desk.evidence_of_many([QUESTION, *others])
            answers = verify_recognitions(evidence, evidence.questions, workshop.trust, now=now(), max_age=MAX_AGE_S)
            assert {one.block_number for one in answers} == {answers[0].block_number}
            told.append(Told(answers[0].block_number, recognised=answers[0].decision.recognised))

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, gateway) for gateway in (workshop.belarus, workshop.china) for _ in range(2)]
        try:
            for kind in (EventKind.SUSPEND, EventKind.REINSTATE) * 2:
                changes.append(workshop.publish(kind, workshop.belarus).block)
                assert workshop.await_block(workshop.china, changes[-1]).block_number >= changes[-1]
        finally:
            over.set()
        for one in asking:
            one.result()
    for answer in told:
        done = bisect_right(changes, answer.block) - 1
        assert done >= 0, "no answer is older than what was told before"
        if answer.events is None:
            assert answer.recognised == (done % 2 == 0), answer
        else:
            assert answer.events == before + done, answer
    assert {answer.recognised for answer in told} == {True, False, None}
    for gateway in (workshop.belarus, workshop.china):
        assert "damaged" not in gateway.log.read_text()
        assert "does not follow" not in gateway.log.read_text()
        assert "Traceback" not in gateway.log.read_text()


def _events(workshop: TwoGateways, gateway: Served, entry: bytes) -> tuple[int, tuple[ProvenEvent, ...]]:
    """Ask for the history of a certificate, and prove it; return the block that it is as of, and the events."""
    with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
        evidence = desk.history([entry])
    proven = verify_certificate_histories(evidence, [entry], workshop.trust, now=now(), max_age=MAX_AGE_S)
    return decode_header(evidence.header).number, proven.events[entry]


def test_one_of_all_workers_sends_webhooks_and_when_it_is_killed_another_does(workshop: TwoGateways) -> None:
    """Four processes on two gateways share the lease. It is held by a worker of one or the other, so each is killed once."""
    if not workshop.indexed:
        pytest.skip("a sender needs the index's database")
    got, published = workshop.receiver.got, []

    def publish(kind: EventKind, through: Served) -> None:
        """Publish, and wait until the receiver heard of it."""
        published.append(workshop.publish(kind, through).block)
        await_that(lambda: got and f"_{published[-1]}_" in got[-1].id, lambda: [one.id for one in got])

    for kind in (EventKind.SUSPEND, EventKind.REINSTATE):
        publish(kind, workshop.belarus)
    for kind, dead, other in (
        (EventKind.SUSPEND, workshop.belarus, workshop.china),
        (EventKind.REINSTATE, workshop.china, workshop.belarus),
    ):
        dead.kill()
        workshop.await_silence(dead)
        publish(kind, other)
        dead.start()
        workshop.await_workers(dead)
    told = [one.id for one in got if one.id.startswith("msg_") and int(one.id.split("_")[2]) >= published[0]]
    assert [int(id_.split("_")[2]) for id_ in dict.fromkeys(told)] == published, "in order, and nothing is missing"
    assert len(told) <= len(published) + 2, "twice at most where a sender was killed"


def test_a_gateway_stops_in_order_while_somebody_listens(workshop: TwoGateways) -> None:
    with listening(workshop.china.url) as one, listening(workshop.china.url) as two:
        assert (one.until_head(), two.until_head()) == ([], [])
        workshop.china.stop()
        for stream in (one, two):
            ended = {kind for kind, *_ in iter(stream.event, None)}
            assert ended <= {"head", "news"}, "each ends as it should; its worker may have followed the node only now"
    assert "Traceback" not in workshop.china.log.read_text()
    workshop.china.start()
    workshop.await_workers(workshop.china)


def test_a_gateway_that_is_killed_comes_back_and_has_lost_nothing(workshop: TwoGateways) -> None:
    suspended = workshop.publish(EventKind.SUSPEND, workshop.belarus)
    workshop.belarus.kill()
    workshop.await_silence(workshop.belarus)
    assert workshop.await_block(workshop.china, suspended.block).decision.reasons == (Reason.SUSPENDED,)
    workshop.belarus.start()
    workshop.await_workers(workshop.belarus)
    assert workshop.await_block(workshop.belarus, suspended.block).decision.reasons == (Reason.SUSPENDED,)
    assert workshop.publish(EventKind.REINSTATE, workshop.belarus).block > suspended.block


def test_without_the_ledger_nothing_is_published_and_evidence_only_ages(workshop: TwoGateways) -> None:
    newest = workshop.newest()
    for gateway in (workshop.belarus, workshop.china):
        workshop.await_block(gateway, newest)
    with GatewayClient(workshop.china.url, timeout_s=WITHIN_S) as desk:
        kept = desk.evidence(QUESTION)

        def is_newest() -> bool:
            nonlocal kept
            kept = desk.evidence(QUESTION)  # from the other worker, maybe, which follows the node by itself
            proven = verify_recognition(kept, QUESTION, workshop.trust, now=now(), max_age=MAX_AGE_S)
            return proven.block_number >= newest

        await_that(is_newest)
    workshop.node.kill()
    for gateway in (workshop.belarus, workshop.china):
        if workshop.indexed:
            assert workshop.await_block(gateway, newest).decision.recognised, "as of the last block, with its age"
            continue
        with pytest.raises(Unavailable) as silent:
            workshop.ask(gateway)
        assert workshop.node.url in str(silent.value)
    with pytest.raises(Unavailable):
        workshop.publish(EventKind.SUSPEND, workshop.belarus)
    assert verify_recognition(kept, QUESTION, workshop.trust, now=now(), max_age=MAX_AGE_S).decision.recognised
    with pytest.raises(Stale):
        verify_recognition(kept, QUESTION, workshop.trust, now=now() + 2 * MAX_AGE_S, max_age=MAX_AGE_S)
    workshop.node.start()
    assert workshop.await_block(workshop.china, workshop.newest()).decision.recognised


def test_an_act_relayed_while_the_ledger_restarts_counts_once(workshop: TwoGateways) -> None:
    done: list[Sealed | AeoLedgerError] = []

    def publish() -> None:
        try:
            done.append(workshop.publish(EventKind.SUSPEND, workshop.belarus))
        except AeoLedgerError as error:
            done.append(error)

    relaying = threading.Thread(target=publish)
    relaying.start()
    time.sleep(0.15)
    workshop.node.kill()
    workshop.node.start()
    relaying.join()
    [outcome] = done
    if isinstance(
        outcome, AeoLedgerError
    ):  # it was killed before the act was sent, or before anybody heard that it is sealed
        assert isinstance(outcome, Unavailable)
        if workshop.await_block(workshop.belarus, workshop.newest()).decision.recognised:
            workshop.publish(EventKind.SUSPEND, workshop.belarus)
    assert workshop.await_block(workshop.china, workshop.newest()).decision.reasons == (Reason.SUSPENDED,)
    workshop.publish(EventKind.REINSTATE, workshop.china)
