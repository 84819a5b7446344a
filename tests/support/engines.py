"""Four real validators on loopback, started from what `network init --engine` wrote, by the command that the environment names."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from aeo_ledger.network.engine import listen_config, node_command
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine, enode
from aeo_ledger.signing import Password, write_engine_key
from support.ports import free_port
from support.waiting import WITHIN_S

VARIABLES = {Engine.BESU: "AEO_LEDGER_BESU", Engine.QUORUM: "AEO_LEDGER_QUORUM"}
"""A command that starts the engine: `besu`, `geth`, or a longer one."""

IDLE_PERIOD = {"emptyblockperiodseconds", "xemptyblockperiodseconds"}
"""Members of a genesis file's `qbft` with which idle blocks come more seldom."""

START_S = 300
PASSWORD = Password("network")
CODES = ["BY", "CN", "KZ", "EU"]


def command_of(engine: Engine) -> list[str] | None:
    named = os.environ.get(VARIABLES[engine])
    return shlex.split(named) if named else None


ENGINES = [
    pytest.param(
        engine,
        marks=pytest.mark.skipif(
            command_of(engine) is None, reason=f"{VARIABLES[engine]} names no command that starts {engine}"
        ),
    )
    for engine in Engine
]
"""Each engine, skipped where no command is named."""


@dataclass
class Node:
    """One validator."""

    engine: Engine
    home: Path
    p2p: int
    rpc: int
    genesis: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.rpc}"

    def ask(self, method: str, *params: object) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = httpx.post(self.url, json=body, timeout=60).json()
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def height(self) -> int:
        """Its newest block; -1 if it does not answer now. A node that ended is told with its last words."""
        try:
            return int(self.ask("eth_blockNumber"), 16)
        except httpx.TransportError:
            assert self.process is None or self.process.poll() is None, (self.home / "node.log").read_text()[-3000:]
            return -1

    def prepare(self) -> None:
        """Bring the genesis in, once."""
        if self.engine is Engine.QUORUM and not (self.home / "data" / "geth" / "chaindata").exists():
            self._run("--datadir", str(self.home / "data"), "init", str(self.genesis))
            (self.home / "data" / "geth" / "nodekey").write_bytes((self.home / "nodekey").read_bytes())

    def _run(self, *arguments: str) -> None:
        command = command_of(self.engine)
        assert command
        run = subprocess.run(
            [*command, *arguments],
            env={**os.environ, "PRIVATE_CONFIG": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr[-2000:] + run.stdout[-2000:]

    def import_blocks(self, *files: Path) -> None:
        """Take an exported chain: Besu by its command, GoQuorum through a node that does not seal."""
        if self.engine is Engine.BESU:
            for file in files:
                self._run(
                    f"--data-path={self.home / 'data'}", f"--genesis-file={self.genesis}", "--min-gas-price=0",
                    "--data-storage-format=FOREST", "blocks", "import", f"--from={file}", "--format=RLP",
                )  # fmt: skip
            return
        self.start(mine=False)
        for file in files:
            assert self.ask("admin_importChain", str(file)) is True, f"{file} was not imported"
        self.stop()

    def start(self, *, mine: bool = True) -> None:
        """Start it and wait until it answers."""
        command = command_of(self.engine)
        assert command
        arguments = node_command(
            self.engine, data=str(self.home / "data"), genesis=str(self.genesis), key=str(self.home / "nodekey"),
            static_nodes=str(self.home / "static-nodes.json"), listen=str(self.home / "listen.toml"), host="127.0.0.1", bind="127.0.0.1",
            p2p=self.p2p, rpc=self.rpc, netrestrict=["127.0.0.0/8"], more=() if mine else ["admin"],
        )  # fmt: skip
        if not mine:
            arguments.remove("--mine")
        with (self.home / "node.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *arguments],
                env={**os.environ, "PRIVATE_CONFIG": "ignore"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.home / "node.log").read_text()[-3000:]
            try:
                self.ask("eth_blockNumber")
            except (httpx.HTTPError, ValueError, KeyError):
                time.sleep(0.3)
            else:
                return
        raise AssertionError(f"no answer within {START_S} s: {(self.home / 'node.log').read_text()[-3000:]}")

    def stop(self) -> None:
        """End the process that this started."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=WITHIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


@dataclass
class Nodes:
    """A network's validators, by their party's code."""

    engine: Engine
    all: dict[str, Node] = field(default_factory=dict)

    def join(self, code: str, home: Path, key: Path, password: Password) -> Node:
        """Start one more node with a key of its own, and wait until it follows the head."""
        other = next(iter(self.all.values()))
        p2p, rpc = free_port(), free_port()
        (home / "data").mkdir(parents=True)
        write_engine_key(key, password, home / "nodekey")
        node = Node(engine=self.engine, home=home, p2p=p2p, rpc=rpc, genesis=other.genesis)
        (home / "listen.toml").write_text(listen_config("127.0.0.1", p2p))
        for file in (home / "static-nodes.json", home / "data" / "static-nodes.json"):
            file.write_bytes((other.home / "static-nodes.json").read_bytes())
        node.prepare()
        self.all[code] = node
        node.start()
        self.await_head(self.head())
        return node

    def stop(self) -> None:
        """Stop all that run, whatever becomes of one."""
        with ExitStack() as stack:
            for node in self.all.values():
                stack.callback(node.stop)

    def head(self) -> int:
        """The highest block that any of them has."""
        running = [node for node in self.all.values() if node.process is not None]
        return max(node.height() for node in running)

    def await_head(self, block: int, *, timeout_s: float = 300) -> None:
        """Wait until all that run have a block."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            running = [node for node in self.all.values() if node.process is not None]
            if all(node.height() >= block for node in running):
                return
            time.sleep(0.3)
        raise AssertionError(f"no block {block} within {timeout_s} s; the head is {self.head()}")


@contextmanager
def validators(network: Path, engine: Engine, password: Password, home: Path, codes: list[str]) -> Iterator[Nodes]:
    """Prepare a node for each party's `node.json`; started ones are stopped at the end.

    Idle blocks come as often as others: a test waits for blocks.
    """
    genesis = json.loads((network / "genesis.json").read_text())
    qbft = genesis["config"]["qbft"]
    genesis["config"]["qbft"] = {name: value for name, value in qbft.items() if name not in IDLE_PERIOD}
    (network / "genesis.json").write_text(json.dumps(genesis))
    ports = [free_port() for _ in range(2 * len(codes))]
    nodes, peers = Nodes(engine), []
    for place, code in enumerate(codes):
        own = home / code
        (own / "data").mkdir(parents=True)
        signer = write_engine_key(network / "parties" / code / "node.json", password, own / "nodekey")
        peers.append(enode(signer.public_key, "127.0.0.1", ports[2 * place]))
        nodes.all[code] = Node(
            engine=engine, home=own, p2p=ports[2 * place], rpc=ports[2 * place + 1], genesis=network / "genesis.json"
        )
    with ExitStack() as stack:
        stack.callback(nodes.stop)
        for node in nodes.all.values():
            (node.home / "listen.toml").write_text(listen_config("127.0.0.1", node.p2p))
            for file in (node.home / "static-nodes.json", node.home / "data" / "static-nodes.json"):
                file.write_text(json.dumps(peers))
            node.prepare()
        yield nodes


@contextmanager
def started(engine: Engine, home: Path) -> Iterator[tuple[Path, Nodes]]:
    """Found a network for an engine and start its four validators; yield the network's folder and them."""
    network = home / "network"
    found_network(
        network, parse_parties("BY,CN,KZ,EU=DE+PL"), PASSWORD, now=int(time.time()), randomness=secrets.token_bytes,
        work_factor=2, engine=engine,
    )  # fmt: skip
    with validators(network, engine, PASSWORD, home / "nodes", CODES) as nodes:
        for node in nodes.all.values():
            node.start()
        nodes.await_head(3)
        yield network, nodes
