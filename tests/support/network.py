"""An embedded network as a workshop runs it, small and quick: real ledger, real sealing, real HTTP on loopback."""

from __future__ import annotations

import secrets
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from aeo_ledger.cli.listen import listen, make_server
from aeo_ledger.console.office import open_office
from aeo_ledger.console.serve import add_console
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import Evidence
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.reach import Running
from aeo_ledger.network.run import run_network
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.registers.apply import Applied, apply_plan
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.plan import Plan
from aeo_ledger.registers.planning import plan_register
from aeo_ledger.registers.profile import shipped
from aeo_ledger.registers.read import read_register
from aeo_ledger.registers.row import Row
from aeo_ledger.registers.state import RegisterState
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.verify import TrustBundle
from support.waiting import WITHIN_S

SAMPLES = Path(__file__).parents[2] / "src/aeo_ledger/registers/samples"
PASSWORD = "workshop"
PARTIES = "BY,CN,KZ,EU=DE+PL"
CN_BY = """
name = "CN-BY"
signed = "2019-04"
text = "Arrangement between the customs administrations of China and Belarus"
[[recognition]]
recogniser = "CN"
register = "BY"
types = ["3"]
directions = ["import", "export", "transit"]
benefits = ["fewer_document_checks", "fewer_inspections", "priority_inspection", "liaison_officer", "priority_after_disruption"]
in_force_from = 2019-07-24
[[recognition]]
recogniser = "BY"
register = "CN"
types = ["ADVANCED"]
directions = ["import", "export", "transit"]
benefits = ["fewer_document_checks", "fewer_inspections", "priority_inspection", "liaison_officer", "priority_after_disruption"]
in_force_from = 2019-07-24
"""


def now() -> int:
    return int(time.time())


def read_plain(text: str, party: str) -> tuple[Row, ...]:
    """Read a register in the plain columns, whose TINs need have no right check digits."""
    reading = read_register(text.encode(), party, shipped("plain"), now=now(), accept_odd=True)
    reading.demand_good()
    return reading.rows


def found(folder: Path, parties: str = PARTIES, keyed: Sequence[str] = ()) -> Path:
    """Found a network whose key files open at once; some parties open a keyed register themselves."""
    found_network(
        folder,
        parse_parties(parties, keyed),
        Password(PASSWORD),
        now=now() - 60,
        randomness=secrets.token_bytes,
        work_factor=2,
    )
    return folder


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an app from a thread, on a free port of loopback; yield its URL."""
    limit = sys.getrecursionlimit()
    listener = listen(0)
    listener.listen()
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=WITHIN_S)
        sys.setrecursionlimit(limit)
        assert not thread.is_alive(), "the server does not end"


@dataclass(frozen=True, kw_only=True)
class Network:
    """An open network behind its gateway."""

    folder: Path
    running: Running
    url: str
    http: httpx.Client
    desk: GatewayClient

    @property
    def trust(self) -> TrustBundle:
        return self.running.trust

    @property
    def office(self) -> ProvenDesk:
        """What its offices prove their acts on."""
        return ProvenDesk(self.desk, self.trust, approve=without_asking)

    def number(self, code: str) -> int:
        return self.trust.by_code[code].number

    def signer(self, code: str, role: str = "operator") -> Signer:
        return open_key_file(self.folder / f"parties/{code}/{role}.json", Password(PASSWORD))

    def entry(self, tin: str, register: str, kind: int) -> bytes:
        number = self.number(register)
        return make_entry(number, kind, derive_open_holder(number, kind, Tin(tin)))

    def conclude(self, text: str, *parties: str) -> None:
        act = draft(text, self.office)
        signers = [self.signer(code, "authority") for code in parties]
        progress = conclude(act, signers, self.office, keep=lambda _: None)
        assert progress.done is not None

    @property
    def book(self) -> Book:
        """The book of all its offices."""
        return open_book(self.folder.parent / "book.sqlite")

    def plan(self, rows: Sequence[Row], party: str, book: Book, **more: Any) -> Plan:
        """Plan what leads a party's register to rows."""
        return plan_rows(self.office, rows, self.number(party), book, **more)[0]

    def import_(self, lines: str, party: str, book: Book | None = None) -> tuple[Plan, Applied]:
        """Lead a party's register to a file."""
        rows = read_plain(lines, party)
        with book or self.book as kept:
            return import_rows(self.office, rows, self.number(party), [self.signer(party)], kept)


def open_book(path: Path) -> Book:
    return Book(str(path), clock=now, randomness=secrets.token_bytes)


def plan_rows(
    desk: ProvenDesk, rows: Sequence[Row], number: int, book: Book, **more: Any
) -> tuple[Plan, RegisterState]:
    """Plan what leads the register of a party, by its number, to rows."""

    def past(party: int) -> Evidence:
        return desk.relay.prove_past((), [party])  # type: ignore[attr-defined]  # the relay is a gateway's client

    usual = {
        "past": past,
        "rules": Rules(),
        "file": keccak256(b""),
        "lifetime_s": 600,
        "allowed": {},
        "accept_odd": True,
    }
    return plan_register(desk, book, rows, register=number, issuer=number, **{**usual, **more})


def import_rows(
    desk: ProvenDesk, rows: Sequence[Row], number: int, signers: Sequence[Signer], book: Book, **more: Any
) -> tuple[Plan, Applied]:
    """Plan and apply."""
    plan, state = plan_rows(desk, rows, number, book, **more)
    return plan, apply_plan(desk, book, plan, signers, state=state)


@contextmanager
def opened(
    folder: Path, book: Book | None = None, *, store: IndexStore | None = None, console: bool = False, **more: Any
) -> Iterator[Network]:
    """Open a founded network in this process, with a gateway that really listens; its index is in memory, or also in a database.

    With `console` the gateway also shows pages.
    """
    with run_network(folder, Password(PASSWORD), marks=folder.parent / "machine", store=store) as running:
        app = create_app(running.ledger, running.relay, running.trust, behind=running.banner, book=book, **more)
        if console:
            add_console(app)
            open_office(app, running.ledger, running.relay, running.trust)
        with served(app) as url, httpx.Client(base_url=url) as http, GatewayClient(url, timeout_s=WITHIN_S) as desk:
            yield Network(folder=folder, running=running, url=url, http=http, desk=desk)


def register_text(party: str) -> str:
    return (SAMPLES / f"{party}.csv").read_text(encoding="utf-8-sig")


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that was founded and never opened: copy it."""
    return found(tmp_path_factory.mktemp("founded") / "net")


@pytest.fixture(scope="module")
def network(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network of the module's own, with parties and nothing else."""
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("network") / "net")
    with opened(folder) as network:
        yield network


@pytest.fixture(scope="module")
def recognising(network: Network) -> Network:
    """The same, with China and Belarus recognising each other and Belarus's register imported."""
    network.conclude(CN_BY, "CN", "BY")
    network.import_(register_text("BY"), "BY")
    return network
