"""The time of requests to a node: in the same process, over HTTP, and by web3's own contract call: scripts/figures node."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from figures_sheet import Sheet
from web3 import HTTPProvider, Web3

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, Role
from aeo_ledger.evidence import Question
from aeo_ledger.ledger.bindings import artifact
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.reach import reach_network
from aeo_ledger.network.run import run_network
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, Signer, open_key_file

PASSWORD = "figures"  # noqa: S105 (of a network that exists for a minute)
TRADER = Tin("BY200988541")


def milliseconds(run: Callable[[], object], repeats: int = 60) -> str:
    """Return the median time of several runs."""
    run()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return f"{median(times) * 1e3:.2f}"


def node_figures(sheet: Sheet) -> None:
    """Measure and print."""
    entry = make_entry(1, 0, derive_open_holder(1, 0, TRADER))
    asked = Question(tin=TRADER, recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER)
    rows: dict[str, list[str]] = {
        "one word": [],
        "proof of one word": [],
        "header": [],
        "evidence for one question": [],
    }

    def measure(ledger: Ledger, folder: Path) -> None:
        trust, head = read_trust(folder / "trust.json"), ledger.head()
        rows["one word"].append(milliseconds(lambda: ledger.word(Contract.REGISTERS, record_slot(entry), head)))
        rows["proof of one word"].append(
            milliseconds(lambda: ledger.prove(Contract.REGISTERS, [record_slot(entry)], head))
        )
        rows["header"].append(milliseconds(lambda: ledger.header(head)))
        rows["evidence for one question"].append(milliseconds(lambda: prove(asked, ledger, trust), repeats=20))

    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "network"
        password = Password(PASSWORD)
        found_network(
            folder, parse_parties("BY,CN,KZ,EU"), password, now=int(time.time()), randomness=secrets.token_bytes, work_factor=2
        )  # fmt: skip
        operator = open_key_file(folder / "parties" / "BY" / "operator.json", password)
        with run_network(folder, password, marks=folder.parent / "machine") as running:
            grant = Change(kind=EventKind.GRANT, roles=4)
            change_status(
                ProvenDesk(running.relay, running.trust, approve=without_asking),
                entry,
                grant,
                register=1,
                issuer=1,
                signers=[operator],
            )
            measure(running.ledger, folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "aeo_ledger.cli.main", "node", str(folder), "--port", str(port)]
        environment = {**os.environ, "AEO_LEDGER_PASSWORD": PASSWORD, "XDG_STATE_HOME": str(folder.parent / "state")}
        node = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            contract_read, publication = over_http(f"http://127.0.0.1:{port}", folder, entry, operator, measure)
        finally:
            node.terminate()
            node.wait(timeout=30)
    units = {"what": "text", "in process": "ms", "over HTTP": "ms"}
    table = sheet.table("Asking a node, milliseconds (embedded ledger, loopback)", units)
    for what, found in rows.items():
        table.add_row(what, *found)
    table.add_row("beside it: one word by a web3.py contract read", "", contract_read)
    table.add_row("signature to sealed, one act (a block a second)", "", publication)
    sheet.print(table)


def over_http(
    url: str, folder: Path, entry: bytes, operator: Signer, measure: Callable[[Ledger, Path], None]
) -> tuple[str, str]:
    """Measure the same through a node in another process; also return web3's contract call and a publication."""
    trust = read_trust(folder / "trust.json")
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0:
                break
        time.sleep(0.1)
    relay_key = Signer.generate(secrets.token_bytes)
    with reach_network([url], trust, relay_key) as reached:
        measure(reached.ledger, folder)
        w3 = Web3(HTTPProvider(url))
        address = Web3.to_checksum_address(contracts_of(trust)[Contract.REGISTERS])
        registers = w3.eth.contract(address=address, abi=artifact(Contract.REGISTERS)["abi"])
        contract_read = milliseconds(lambda: registers.functions.standing(entry).call())
        started = time.perf_counter()
        relay: Relay = reached.relay
        suspend = Change(kind=EventKind.SUSPEND)
        office = ProvenDesk(relay, trust, approve=without_asking)
        change_status(office, entry, suspend, register=1, issuer=1, signers=[operator])
        return contract_read, f"{(time.perf_counter() - started) * 1e3:.0f}"
