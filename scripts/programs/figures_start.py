"""The time of a start: the verifier's import, and one whole `aeo-ledger ask` over loopback: scripts/figures start.

Each row is one process, from its start to its end. Modules are compiled before, as in an installation.
"""

from __future__ import annotations

import os
import resource
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from figures_sheet import Sheet

from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.signing import Password

PASSWORD = "figures"  # noqa: S105 (of a network that exists for a minute)
REPEATS = 21
QUESTION = ("BY200988541", "--recogniser", "CN", "--direction", "import", "--role", "exporter")
NOT_RECOGNISED = 1
"""Exit code of a proven no, the answer of an empty register."""


def measure(command: Sequence[str], environment: Mapping[str, str], *, code: int = 0) -> tuple[str, str]:
    """Run a process several times; return the medians of its wall time and its CPU time, in milliseconds."""
    clock, processor = [], []
    for _ in range(REPEATS + 1):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        ended = subprocess.run([sys.executable, *command], env=environment, capture_output=True, check=False)
        clock.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if ended.returncode != code:
            raise SystemExit(f"{command[-1]} ended with {ended.returncode}: {ended.stderr.decode()}")
    return f"{median(clock[1:]) * 1e3:,.0f}", f"{median(processor[1:]) * 1e3:,.0f}"  # the first run compiles modules


def start_figures(sheet: Sheet) -> None:
    """Measure and print."""
    units = {"what": "text", "on the clock": "ms", "on a processor": "ms", "reach": "ms"}
    table = sheet.table("A whole process, milliseconds", units)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "network"
        found_network(
            folder, parse_parties("BY,CN,KZ,EU"), Password(PASSWORD), now=int(time.time()), randomness=secrets.token_bytes, work_factor=2
        )  # fmt: skip
        environment = {
            **os.environ, "AEO_LEDGER_PASSWORD": PASSWORD, "XDG_STATE_HOME": f"{home}/state", "PYTHONPYCACHEPREFIX": f"{home}/compiled",
        }  # fmt: skip
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        table.add_row("beside it: an interpreter that does nothing", *measure(["-c", "pass"], environment), "")
        table.add_row("import of the verifier", *measure(["-c", "import aeo_ledger.verify"], environment), "200")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "aeo_ledger.cli.start", "gateway", str(folder), "--port", str(port)]
        gateway = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            asked = [*QUESTION, "--trust", str(folder / "trust.json"), "--gateway", f"http://127.0.0.1:{port}"]
            ask = ["-m", "aeo_ledger.cli.start", "ask", *asked]
            _await_block(ask, environment)
            table.add_row("aeo-ledger ask over loopback", *measure(ask, environment, code=NOT_RECOGNISED), "350")
        finally:
            gateway.terminate()
            gateway.wait(timeout=30)
    sheet.print(table)


def _await_block(ask: Sequence[str], environment: Mapping[str, str]) -> None:
    """Ask until the gateway has started and a block is sealed, since the genesis block has no seals."""
    for _ in range(60):
        if (
            subprocess.run([sys.executable, *ask], env=environment, capture_output=True, check=False).returncode
            == NOT_RECOGNISED
        ):
            return
        time.sleep(1)
    raise SystemExit("the gateway sealed no block")
