"""The figures of a gateway: answers a second and their delay under load, beside an OCSP responder and a file behind the same FastAPI.

Every server is a process of its own, with its own interpreter, and so is the caller: 16 connections, each of which asks again when it has
its answer. All share this machine's cores; the processor time of a server for each answer does not depend on who else uses them.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from figures_sheet import Sheet

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.evidence.news import NewsItem
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.signing import Password, create_key_file, open_key_file
from aeo_ledger.verify import verify_recognition, verify_recognitions

CALLERS: Final = 16
SECONDS: Final = 5.0
ROUNDS: Final = 3
"""Each load is measured this often; the median counts."""
MANIFEST: Final = 1_000
ASKED: Final[dict[str, str]] = {"recogniser": "CN", "direction": "import", "role": "manufacturer", "type": "3"}
WITH, WITHOUT, P99_MS, MANIFEST_S, VISIBLE_S, REBUILT_S, RESUMED_S, MEMORY_MB = 500, 800, 100, 0.5, 2, 30, 2, 500
"""Targets for 50,000 standings and 100 parties on two cores."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one load measured."""

    per_s: float
    p50_ms: float
    p99_ms: float
    bytes: int
    refused: int
    cpu_us: float = 0.0
    """Processor time of the server for each answer, microseconds."""


def tin(number: int) -> str:
    """Write the TIN of an invented trader whose certificate has type 3."""
    return f"BY{number * 3 + 2:09}"


def gateway_figures(sheet: Sheet, folder: Path, password: str, standings: int) -> None:
    """Print the figures of the gateways of a network in which China recognises a register of many standings of Belarus."""
    environment = {**os.environ, "AEO_LEDGER_PASSWORD": password}
    loads: dict[str, Load] = {}
    index = folder.parent / "index.sqlite"
    index.unlink(missing_ok=True)
    with sheet.busy("index"):
        built_s, resumed_s = (_measure_index(folder, index, environment) for _ in range(2))
    decisions = paths(standings)
    proven = [f"{path}&evidence=true" for path in decisions]
    with sheet.busy("one process"), serving(["gateway", str(folder)], environment) as (url, process):
        check(url, folder, proven[0])
        loads["one process, with evidence, JSON"] = one = load(url, proven, [process])
        loads["one process, with evidence, CBOR"] = load(url, proven, [process], accept="application/cbor")
        loads["one process, without evidence"] = bare = load(url, decisions, [process])
        manifest_s = min(_manifest(url, folder, standings) for _ in range(ROUNDS))
        memory = peak_mb([process])
    with sheet.busy("two workers"), _workers(folder, index, environment) as (url, workers, other):
        check(url, folder, proven[0])
        loads["two workers on one index, with evidence, JSON"] = load(url, proven, workers)
        loads["two workers on one index, without evidence"] = load(url, decisions, workers)
        shared = peak_mb(workers)
        visible_s = sorted(_publish(url, other, folder, password, number) for number in range(ROUNDS))[ROUNDS // 2]
        heard_s = sorted(_hear(url, other, folder, password, number) for number in range(ROUNDS))[ROUNDS // 2]
    with sheet.busy("peers"), _peers(one.bytes) as (url, process):
        loads["peer: an OCSP answer, signed for each request (P-256)"] = ocsp = load(url, ["/ocsp"], [process])
        loads["peer: a file of the same length as evidence"] = load(url, ["/file"], [process])
    _print_loads(sheet, loads, f"A gateway of {standings:,} standings and 100 parties, {CALLERS} callers")
    sheet.print(
        f"With evidence an answer takes {one.cpu_us / max(1, ocsp.cpu_us):.1f} times the processor time of the OCSP answer, whose reader "
        "trusts its signer."
    )
    rows = [
        ("answers with evidence a second", one.per_s, WITH, ">"),
        ("their 99th percentile, ms", one.p99_ms, P99_MS, "<"),
        ("answers without evidence a second", bare.per_s, WITHOUT, ">"),
        (f"a manifest of {MANIFEST:,} with evidence, s", manifest_s, MANIFEST_S, "<"),
        ("from preparing a suspension to its sight at a second gateway, s", visible_s, VISIBLE_S, "<"),
        ("from preparing a suspension to a listener at a second gateway, s", heard_s, VISIBLE_S, "<"),
        ("index made from the ledger's logs, s", built_s, REBUILT_S, "<"),
        ("index resumed from SQLite, s", resumed_s, RESUMED_S, "<"),
        ("peak memory of a gateway with its ledger, MB", memory, MEMORY_MB, "<"),
        ("peak memory of a worker, MB", shared, MEMORY_MB, "<"),
    ]
    table = sheet.table("What a gateway should reach", {"what": "text", "measured": "", "reach": "text"})
    for what, measured, reach, order in rows:
        table.add_row(what, f"{measured:,.2f}", f"{order} {reach}")
    sheet.print(table)
    missed = [what for what, measured, reach, order in rows if (measured < reach) != (order == "<")]
    missed += [f"{what}: {load.refused} refused" for what, load in loads.items() if load.refused]
    if missed:
        raise SystemExit(f"not reached on this machine, this time: {'; '.join(missed)}")


def _print_loads(sheet: Sheet, loads: dict[str, Load], title: str) -> None:
    columns = {"what": "text", "answers/s": "1/s", "p50": "", "p99": "", "server's CPU each": "", "answer": ""}
    table = sheet.table(title, columns)
    for what, load in loads.items():
        table.add_row(
            what, f"{load.per_s:,.0f}", f"{load.p50_ms:.1f} ms", f"{load.p99_ms:.1f} ms", f"{load.cpu_us:,.0f} us", f"{load.bytes:,} B"
        )  # fmt: skip
    sheet.print(table)


def paths(standings: int) -> list[str]:
    """List questions about traders all over the register; odd TINs are accepted, since these are invented."""
    query = "&".join(f"{name}={value}" for name, value in ASKED.items())
    step = max(1, standings // 3 // 997)
    return [f"/v1/decisions?tin={tin(number)}&{query}&accept_odd=true" for number in range(0, standings // 3, step)]


def check(url: str, folder: Path, path: str) -> None:
    """Verify one answer, so that the load measures answers that are worth something."""
    found = httpx.get(url + path, timeout=30).json()
    question = read_question(
        found["question"]["tin"], ASKED["recogniser"], ASKED["direction"], ASKED["role"], ASKED["type"], accept_odd=True
    )
    evidence = EVIDENCE_FORM.decode_json(json.dumps(found["evidence"]))
    trust = read_trust(folder / "trust.json")
    if not verify_recognition(evidence, question, trust, now=int(time.time()), max_age=300).decision.recognised:
        raise SystemExit("a standing is not recognised")


def _manifest(url: str, folder: Path, standings: int) -> float:
    """Ask about a thousand traders at once, and verify the answers outside the measured time."""
    numbers = [number * 7 % (standings // 3) for number in range(MANIFEST)]
    body = {"questions": [{"tin": tin(number), **ASKED} for number in numbers], "accept_odd": True}
    with httpx.Client(base_url=url, timeout=60) as http:
        http.get("/healthz")
        started = time.perf_counter()
        answer = http.post("/v1/decisions", json=body)
        took = time.perf_counter() - started
    evidence = EVIDENCE_FORM.decode_json(json.dumps(answer.raise_for_status().json()["evidence"]))
    trust = read_trust(folder / "trust.json")
    proven = verify_recognitions(evidence, evidence.questions, trust, now=int(time.time()), max_age=300)
    if not all(one.decision.recognised for one in proven):
        raise SystemExit("a standing of the manifest is not recognised")
    return took


def _publish(url: str, other: str, folder: Path, password: str, number: int) -> float:
    """Suspend a certificate through one gateway, for a moment; return the seconds until another one answers so."""
    trader, trust = Tin(tin(number)), read_trust(folder / "trust.json")
    entry = make_entry(1, 2, derive_open_holder(1, 2, trader))
    signer = open_key_file(folder / "parties" / "BY" / "operator.json", Password(password))
    with httpx.Client(base_url=other, timeout=30) as http, GatewayClient(url) as desk, ThreadPoolExecutor(1) as pool:
        office = ProvenDesk(desk, trust, approve=without_asking)
        started = time.perf_counter()

        def publish(kind: EventKind) -> None:
            change_status(office, entry, Change(kind=kind), register=1, issuer=1, signers=[signer])

        done = pool.submit(publish, EventKind.SUSPEND)
        asked = {"tin": str(trader), **ASKED, "accept_odd": "true"}
        while http.get("/v1/decisions", params=asked).json()["reasons"] != ["suspended"]:
            if done.done():
                done.result()
            time.sleep(0.01)
        took = time.perf_counter() - started
        done.result()
        publish(EventKind.REINSTATE)
        return took


def _hear(url: str, other: str, folder: Path, password: str, number: int) -> float:
    """Suspend a certificate through one gateway, for a moment; return the seconds until a listener at another one hears it."""
    trust = read_trust(folder / "trust.json")
    entry = make_entry(1, 2, derive_open_holder(1, 2, Tin(tin(number))))
    signer = open_key_file(folder / "parties" / "BY" / "operator.json", Password(password))
    with GatewayClient(other) as listener, GatewayClient(url) as desk, ThreadPoolExecutor(1) as pool:
        office = ProvenDesk(desk, trust, approve=without_asking)
        heard = listener.listen("CN")
        next(heard)
        started = time.perf_counter()

        def publish(kind: EventKind) -> None:
            change_status(office, entry, Change(kind=kind), register=1, issuer=1, signers=[signer])

        done = pool.submit(publish, EventKind.SUSPEND)
        while not (isinstance(item := next(heard), NewsItem) and (item.entry, item.what) == (entry, "suspend")):
            pass
        took = time.perf_counter() - started
        heard.close()
        done.result()
        publish(EventKind.REINSTATE)
        return took


def _measure_index(folder: Path, file: Path, environment: dict[str, str]) -> float:
    """Open the index in a separate process; return the seconds that it takes, without Python's start."""
    program = [sys.executable, __file__, "index", str(folder), f"sqlite:///{file}"]
    told = subprocess.run(program, env=environment, check=True, capture_output=True, text=True).stdout
    return float(told)


# ------------------------------------------------------------------ servers


@contextmanager
def _workers(folder: Path, index: Path, environment: dict[str, str]) -> Iterator[tuple[str, list[int], str]]:
    """Start a node, and two gateways: one of two workers, and one beside it."""
    key = folder.parent / "relay.json"
    if not key.exists():
        create_key_file(
            key, Password(environment["AEO_LEDGER_PASSWORD"]), randomness=secrets.token_bytes, work_factor=2
        )
    with serving(["node", str(folder)], environment, path="/") as (node, _):
        arguments = [
            "gateway", "--rpc", node, "--trust", str(folder / "trust.json"), "--genesis", str(folder / "genesis.json"), "--key", str(key),
            "--index", f"sqlite:///{index}",
        ]  # fmt: skip
        with (
            serving([*arguments, "--workers", "2"], environment) as (url, parent),
            serving(arguments, environment) as (other, _),
        ):
            children = Path(f"/proc/{parent}/task/{parent}/children")
            yield url, [int(child) for child in children.read_text().split()] if children.exists() else [parent], other


@contextmanager
def _peers(length: int) -> Iterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "file"
        file.write_bytes(secrets.token_bytes(length))
        with process_of(
            [sys.executable, __file__, "peer", str(port := free_port()), str(file)], {**os.environ}
        ) as process:
            await_answer(f"http://127.0.0.1:{port}/file", process)
            yield f"http://127.0.0.1:{port}", process.pid


@contextmanager
def serving(arguments: Sequence[str], environment: dict[str, str], path: str = "/healthz") -> Iterator[tuple[str, int]]:
    port = free_port()
    command = [sys.executable, "-m", "aeo_ledger.cli.main", *arguments, "--port", str(port)]
    with process_of(command, environment) as process:
        await_answer(f"http://127.0.0.1:{port}{path}", process)
        yield f"http://127.0.0.1:{port}", process.pid


@contextmanager
def process_of(command: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 600
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{process.args!r} does not answer")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _cpu_s(processes: Sequence[int]) -> float:
    """Return the processor time of processes so far; 0 if the system does not report it."""
    total = 0
    for process in processes:
        status = Path(f"/proc/{process}/stat")
        if status.exists():
            fields = status.read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def peak_mb(processes: Sequence[int]) -> float:
    """Return the largest peak memory of processes; 0 if the system does not report it."""
    peaks = [0.0]
    for process in processes:
        status = Path(f"/proc/{process}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peaks += [int(line.split()[1]) / 1_000 for line in lines if line.startswith("VmHWM:")]
    return max(peaks)


# ------------------------------------------------------------------ the caller


def load(url: str, asked: Sequence[str], processes: Sequence[int], accept: str = "application/json") -> Load:
    """Load a server several times from a process of its own; return the median run."""
    program = [sys.executable, __file__, "load", url.rpartition(":")[2], accept]
    found = []
    for _ in range(ROUNDS):
        before = _cpu_s(processes)
        told = subprocess.run(program, input=json.dumps(list(asked)), check=True, capture_output=True, text=True).stdout
        run: dict[str, Any] = json.loads(told)
        cpu_us = (_cpu_s(processes) - before) / run.pop("answers") * 1e6
        found.append(Load(**{**run, "cpu_us": cpu_us}))
    return sorted(found, key=lambda load: load.per_s)[ROUNDS // 2]


class _Caller(asyncio.Protocol):
    """A connection that asks again as soon as it has its answer."""

    def __init__(self, paths: Sequence[str], begin: int, head: str, until: float) -> None:
        self.paths, self.at, self.head, self.until = paths, begin, head, until
        self.took: list[float] = []
        self.refused = self.length = 0
        self.received = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        if time.perf_counter() > self.until:
            self.transport.close()
            self.done.set_result(None)
            return
        self.at += CALLERS
        self.sent = time.perf_counter()
        self.transport.write(f"GET {self.paths[self.at % len(self.paths)]} {self.head}".encode())

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return
        self.length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) == self.length:
            self.refused += not head.startswith(b"HTTP/1.1 200")
            self.took.append(time.perf_counter() - self.sent)
            self.received = b""
            self.ask()


async def _call(port: int, accept: str, paths: Sequence[str]) -> dict[str, Any]:
    """The main function of the caller's process."""
    loop, until = asyncio.get_running_loop(), time.perf_counter() + SECONDS
    head = f"HTTP/1.1\r\nhost: localhost\r\naccept: {accept}\r\n\r\n"
    callers = [
        (await loop.create_connection(lambda begin=begin: _Caller(paths, begin, head, until), "127.0.0.1", port))[1]  # type: ignore[misc]
        for begin in range(CALLERS)
    ]
    await asyncio.gather(*(caller.done for caller in callers))
    took = sorted(one for caller in callers for one in caller.took)
    load = Load(
        per_s=len(took) / SECONDS,
        p50_ms=took[len(took) // 2] * 1e3,
        p99_ms=took[len(took) * 99 // 100] * 1e3,
        bytes=max(caller.length for caller in callers),
        refused=sum(caller.refused for caller in callers),
    )
    return {**asdict(load), "answers": len(took)}


# ------------------------------------------------------------------ the separate processes


def _serve_peer(port: int, file: Path) -> None:
    """Serve an OCSP answer that is signed for each request, and a file, behind FastAPI."""
    from cryptography import x509  # noqa: PLC0415 (this process alone needs them)
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415
    from cryptography.x509 import ocsp  # noqa: PLC0415
    from fastapi import FastAPI, Response  # noqa: PLC0415
    from fastapi.responses import FileResponse  # noqa: PLC0415

    from aeo_ledger.cli.listen import listen, make_server  # noqa: PLC0415

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    issuer = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    app = FastAPI()

    @app.get("/ocsp")
    async def tell() -> Response:
        built = ocsp.OCSPResponseBuilder().add_response(
            cert=issuer, issuer=issuer, algorithm=hashes.SHA256(), cert_status=ocsp.OCSPCertStatus.GOOD, this_update=now,
            next_update=now + timedelta(days=1), revocation_time=None, revocation_reason=None,
        ).responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)  # fmt: skip
        signed = built.sign(key, hashes.SHA256())
        return Response(signed.public_bytes(Encoding.DER), media_type="application/ocsp-response")

    @app.get("/file")
    async def send() -> FileResponse:
        return FileResponse(file)

    make_server(app).run(sockets=[listen(port)])


def _open_index(folder: Path, url: str) -> float:
    """Bring an index up to the ledger's last block; return the seconds that it takes."""
    from aeo_ledger.chain import EmbeddedLedger  # noqa: PLC0415 (this process alone needs them)
    from aeo_ledger.network.run import port_of  # noqa: PLC0415
    from aeo_ledger.prover.index import Index  # noqa: PLC0415
    from aeo_ledger.prover.index_store import IndexStore  # noqa: PLC0415

    with EmbeddedLedger.open_to_read(folder / "ledger.sqlite") as embedded, IndexStore(url) as store:
        ledger = port_of(embedded, folder)
        started = time.perf_counter()
        Index(ledger, store).advance()
        return time.perf_counter() - started


if __name__ == "__main__":
    act, first, *rest = sys.argv[1:]
    if act == "load":
        print(json.dumps(asyncio.run(_call(int(first), rest[0], json.loads(sys.stdin.read())))))
    elif act == "index":
        print(_open_index(Path(first), rest[0]))
    else:
        _serve_peer(int(first), Path(rest[0]))
