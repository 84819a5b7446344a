"""Anvil on a network's genesis: it executes and proves, and seals nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from web3.types import RPCEndpoint

from aeo_ledger.office.ask import read_trust
from aeo_ledger.rpc import NodesProvider
from support.network import now
from support.npm import ANVIL, npm_install
from support.ports import free_port
from support.waiting import WITHIN_S


@contextmanager
def run_anvil(folder: Path, home: Path, *, hardfork: str = "berlin", base_fee: int = 0) -> Iterator[NodesProvider]:
    """Start anvil from a network's genesis; it mines a block for each transaction."""
    trust, port = read_trust(folder / "trust.json"), free_port()
    program = npm_install(home, ANVIL) / "node_modules/.bin/anvil"
    command = [program, "--init", folder / "genesis.json", "--chain-id", trust.chain_id, "--port", port]
    command += [
        "--hardfork",
        hardfork,
        "--gas-price",
        0,
        "--gas-limit",
        60_000_000,
        "--accounts",
        0,
        "--silent",
        "--disable-default-create2-deployer",
    ]
    if hardfork != "berlin":
        command += ["--base-fee", base_fee]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(list(map(str, command)), stdout=quiet, stderr=quiet, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, process)
        with NodesProvider([url]) as nodes:  # its block 0 has another hash, so that the chain cannot be pinned
            for method, params in (
                ("evm_setNextBlockTimestamp", [now()]),
                ("evm_mine", []),
            ):  # else it goes by the genesis
                nodes.make_request(RPCEndpoint(method), params)
            yield nodes
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # what npm installs is a script that starts the program proper
        process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WITHIN_S
    while True:
        try:
            httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}, timeout=5)
        except httpx.TransportError:
            if process.poll() is not None:
                pytest.skip("anvil does not run on this machine")
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return
