"""A gateway under everything at once: decisions, manifests, histories, a stream of news and publications, each from a process of its own.

Every answer is proven to whoever asked. Nothing fails, nothing is lost, and memory does not grow.
`AEO_LEDGER_LOAD_MINUTES=10 scripts/test tests/integration/test_mixed_load.py` does so for ten minutes.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import httpx
import pytest

from aeo_ledger.gateway.client import GatewayClient
from support.mixed_load import Scene, growth, resident_mib, run_load
from support.network import CN_BY, found, register_text
from support.processes import Served, started
from support.waiting import WITHIN_S
from support.workshop import Workshop

MINUTES = float(os.environ.get("AEO_LEDGER_LOAD_MINUTES", "0.3"))
TRADERS = 24
WARM_UP = 0.3
"""Share of the time in which caches fill."""
MOST_MIB = 24.0
"""What memory may grow by after that, however long it takes: the ledger itself grows by 2 KB for each act."""


def test_memory_does_not_grow_and_every_answer_is_proven_under_mixed_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = found(tmp_path / "net")
    gateway = Served(["gateway", str(folder)], tmp_path / "log")
    with started(gateway):
        shop = Workshop(folder=folder, port=gateway.port)
        (tmp_path / "cn-by.toml").write_text(CN_BY)
        keys = ["--key", shop.key("CN", "authority"), "--key", shop.key("BY", "authority")]
        assert shop.run("arrangement", "conclude", str(tmp_path / "cn-by.toml"), "--yes", *keys).exit_code == 0
        (tmp_path / "BY.csv").write_text(register_text("BY"))
        assert shop.import_(tmp_path / "BY.csv").exit_code == 0
        traders = tuple(sorted(set(re.findall(r"^(BY\d{9}),[^,]*,3,[^,]*,ACTIVE", register_text("BY"), re.MULTILINE))))[
            :TRADERS
        ]
        assert len(traders) == TRADERS
        assert gateway.process is not None
        pid, samples = gateway.process.pid, []
        with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
            before_block = desk.health().block
        before = sum(record.sequence for record in shop.records(*traders))
        scene = Scene(url=gateway.url, folder=folder, traders=traders, since=before_block, lasts_s=60 * MINUTES)
        counted = run_load(scene, lambda: samples.append(resident_mib(pid)))
        assert all(counted.values()), counted
        sealed = sum(record.sequence for record in shop.records(*traders)) - before
        assert sealed == counted["publications"]
        assert counted["news"] == sealed
        served = _statuses(gateway.url)
        assert {status for status in served if status >= 500} == set(), served
        with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
            assert desk.health().status == "ok"
        begin, end = growth(samples, WARM_UP)
        assert end - begin < MOST_MIB, samples
    assert "Traceback" not in gateway.log.read_text()
    with capsys.disabled():
        told = ", ".join(f"{count:,} {kind}" for kind, count in counted.items())
        sys.stdout.write(
            f"\n{60 * MINUTES:.0f} s of mixed load: {told}; statuses {served}; memory {begin:.0f} to {end:.0f} MiB\n"
        )


def _statuses(url: str) -> dict[int, int]:
    """Count the answers by status, as the gateway's metrics do."""
    counts: dict[int, int] = {}
    for line in httpx.get(f"{url}/metrics").text.splitlines():
        if found := re.fullmatch(r'aeo_ledger_gateway_requests_total{.*status="(\d+)".*} (\S+)', line):
            counts[int(found[1])] = counts.get(int(found[1]), 0) + int(float(found[2]))
    return counts
