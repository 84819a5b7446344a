"""The figures of a real network: a register loaded into it, one act, and questions that its gateway answers from the index."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx
from figures_gateway import ROUNDS, SECONDS, check, load, paths, serving
from figures_load import Loader, agree, rows_of
from figures_sheet import Sheet

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.reach import Running, reach_network, read_beginning
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.signing import Password, open_key_file

ACTS: Final = 5
"""Acts of which the median time is taken."""


def network_figures(sheet: Sheet, urls: Sequence[str], folder: Path, password: Password, certificates: int) -> None:
    """Measure a new network, whose register of Belarus is empty, and print.

    Args:
        sheet: Takes the tables.
        urls: Its nodes.
        folder: What `network init` wrote.
        password: Opens the parties' keys.
        certificates: How many are loaded.
    """
    trust, home = read_trust(folder / "trust.json"), folder / "parties" / "BY"
    secret = (home / "relay.password").read_text()
    relay = open_key_file(home / "relay.json", Password(secret))
    operator = open_key_file(home / "operator.json", password)
    beginning = read_beginning(folder / "genesis.json", trust)
    with (
        tempfile.TemporaryDirectory() as temporary,
        reach_network(urls, trust, relay, beginning=beginning, timeout_s=60) as running,
    ):
        agree(running, folder, password)
        loader = Loader(running, operator, Path(temporary))
        plan, state = loader.plan(rows_of(certificates))
        if len(plan.changes) != certificates:
            raise SystemExit("the register is not empty: found a new network")
        first = running.ledger.head()
        with sheet.busy(f"loading {certificates:,} certificates"):
            started = time.perf_counter()
            done = loader.apply(plan, state)
            took = time.perf_counter() - started
        batches = _publications(running.ledger, first)
        entry = plan.changes[2].entry  # of type 3, which the arrangement covers

        def act(kind: EventKind) -> float:
            began = time.perf_counter()
            office = ProvenDesk(running.relay, trust, approve=without_asking)
            change_status(office, entry, Change(kind=kind), register=1, issuer=1, signers=[operator])
            return time.perf_counter() - began

        kinds = (EventKind.SUSPEND, EventKind.REINSTATE) * ACTS
        sealed_s = median([act(kind) for kind in kinds])
        period_s = _period(running, first)
    rows = [
        (f"{certificates:,} certificates loaded, signed and proven, certificates/s", f"{certificates / took:,.0f}"),
        (f"the same, s, in {done.publications} publications", f"{took:,.1f}"),
        ("publications in a block, at most", f"{max(batches.values())}"),
        ("blocks that took them", f"{len(batches)}"),
        ("from preparing one act to its proof, s", f"{sealed_s:.2f}"),
        ("between two blocks, s", f"{period_s:.2f}"),
        *_asked(sheet, urls, folder, secret, certificates),
    ]
    table = sheet.table(f"A network of {len(urls)} nodes", {"what": "text", "measured": ""})
    for what, measured in rows:
        table.add_row(what, measured)
    sheet.print(table)


def _publications(ledger: Ledger, first: int) -> Counter[int]:
    """Count the transactions of the blocks after one, without empty blocks."""
    counted: Counter[int] = Counter()
    for number in range(first + 1, ledger.head() + 1):
        found: Any = ledger.provider.make_request("eth_getBlockByNumber", [hex(number), False])  # type: ignore[arg-type]
        counted[number] = len(found["result"]["transactions"])
    return +counted


def _period(running: Running, first: int) -> float:
    ledger = running.ledger
    return median(later - earlier for earlier, later in pairwise(map(ledger.time_of, range(first, ledger.head() + 1))))


def _asked(
    sheet: Sheet, urls: Sequence[str], folder: Path, secret: str, certificates: int
) -> Iterator[tuple[str, str]]:
    """Ask a gateway with an index, and count what reaches the nodes meanwhile, and while nobody asks."""
    with ExitStack() as opened:
        counters = [opened.enter_context(_counting(url)) for url in urls]
        arguments = [
            "gateway", "--rpc", ",".join(url for url, _ in counters), "--trust", str(folder / "trust.json"),
            "--genesis", str(folder / "genesis.json"), "--key", str(folder / "parties" / "BY" / "relay.json"),
        ]  # fmt: skip
        opened.enter_context(sheet.busy("asking"))
        url, process = opened.enter_context(serving(arguments, {**os.environ, "AEO_LEDGER_PASSWORD": secret}))
        asked = [f"{path}&evidence=true" for path in paths(certificates)]
        check(url, folder, asked[0])
        idle = _reaching(counters, lambda: time.sleep(SECONDS * ROUNDS))
        answers: list[float] = []
        busy = _reaching(counters, lambda: answers.append(load(url, asked, [process]).per_s))
    yield "questions answered with evidence, 16 callers, answers/s", f"{answers[0]:,.0f}"
    yield "requests that reached the nodes meanwhile, requests/s", f"{busy:,.1f}"
    yield "the same while nobody asks", f"{idle:,.1f}"


def _reaching(counters: Sequence[tuple[str, Counter[str]]], run: Callable[[], object]) -> float:
    """Count the requests a second that reach the nodes during a run."""
    before, began = sum(one.total() for _, one in counters), time.perf_counter()
    run()
    return (sum(one.total() for _, one in counters) - before) / (time.perf_counter() - began)


@contextmanager
def _counting(url: str) -> Iterator[tuple[str, Counter[str]]]:
    """Stand before a node: pass requests on, and count them."""
    counted: Counter[str] = Counter()

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            counted["requests"] += 1
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = node.post(url, content=body, headers={"content-type": "application/json"})
            self.send_response(answer.status_code)
            for name, value in {"content-type": "application/json", "content-length": str(len(answer.content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with httpx.Client(timeout=60) as node, ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", counted
        finally:
            server.shutdown()
