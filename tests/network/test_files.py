"""Four live validators and a gateway, started by what `network render` wrote: the compose file's commands, with containers' folders laid out."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine
from aeo_ledger.signing import write_engine_key
from support.composed import Service, lay_out, read_compose, secret_files
from support.engines import CODES, ENGINES, PASSWORD, command_of
from support.ports import free_port

WITHIN_S = 120


def _move_to_loopback(network: Path) -> None:
    """Edit network.toml as an operator would: addresses and ports of this machine."""
    path = network / "network.toml"
    ports = iter([free_port() for _ in range(3 * len(CODES))])
    text = path.read_text().replace("172.30.57.0/24", "127.0.0.0/8")
    text = re.sub(r'host = "[0-9.]+"', 'host = "127.0.0.1"', text)
    path.write_text(re.sub(r"(p2p|rpc|port) = \d+", lambda match: f"{match[1]} = {next(ports)}", text))


def _command(service: Service, root: Path, engine: Engine) -> list[str]:
    """The command that a container would run, with its folders below `root`."""
    moved = [re.sub(r"(^|=)(/(?:data|network|run)\b)", rf"\1{root}\2", part) for part in service.fields["command"]]
    if engine is Engine.QUORUM:
        shell, script = service.fields["entrypoint"]
        return [shell, f"{root}{script}", *moved]
    return [*(command_of(engine) or []), *moved]


@contextmanager
def _running(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=30)


def _await(ask: object, log: Path) -> None:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        try:
            if ask():  # type: ignore[operator]
                return
        except (httpx.HTTPError, ValueError, KeyError):
            pass
        time.sleep(0.3)
    raise AssertionError(log.read_text()[-3000:])


def _head(url: str) -> int:
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
    return int(httpx.post(url, json=body, timeout=10).json()["result"], 16)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_render_wrote_starts_a_network_and_its_gateway(engine: Engine, tmp_path: Path) -> None:
    network = tmp_path / "network"
    found_network(
        network, parse_parties("BY,CN,KZ,EU=DE+PL"), PASSWORD, now=int(time.time()), randomness=secrets.token_bytes,
        work_factor=2, engine=engine,
    )  # fmt: skip
    _move_to_loopback(network)
    for code in CODES:
        write_engine_key(network / "parties" / code / "node.json", PASSWORD, network / "parties" / code / "nodekey")
    assert CliRunner().invoke(app, ["network", "render", str(network)]).exit_code == 0
    services = read_compose(network / "compose.yaml")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "geth").write_text(f'#!/bin/sh\nexec {shlex.join(command_of(engine) or [])} "$@"\n')
    (programs / "geth").chmod(0o755)
    urls = {}
    with ExitStack() as stack:
        for code in CODES:
            service = services[f"node-{code.lower()}"]
            root = lay_out(service, tmp_path / "containers" / service.name)
            folders = {"AEO_LEDGER_DATA": f"{root}/data", "AEO_LEDGER_NETWORK": f"{root}/network"}
            path = f"{programs}{os.pathsep}{os.environ['PATH']}"
            command = _command(service, root, engine)
            stack.enter_context(_running(command, tmp_path / f"{service.name}.log", PATH=path, **folders))
            port = service.fields["ports"][0].split(":")[1]
            urls[service.name] = f"http://127.0.0.1:{port}"
        for name, url in urls.items():
            _await(lambda url=url: _head(url) >= 3, tmp_path / f"{name}.log")
        told = CliRunner().invoke(
            app,
            ["network", "doctor", "--rpc", ",".join(urls.values()), "--trust", str(network / "trust.json"), "--json"],
        )
        found = json.loads(told.stdout)
        assert told.exit_code == 0, found["findings"]
        assert [
            node["namespaces"] for node in found["nodes"] if set(node["namespaces"]) - {"eth", "net", "web3", "rpc"}
        ] == []

        gateway = services["gateway-by"]
        root = lay_out(gateway, tmp_path / "containers" / "gateway")
        (root / "run/secrets").mkdir(parents=True)
        secret = root / "run/secrets/relay_password"
        secret.write_bytes(secret_files(network / "compose.yaml")["by-relay-password"].read_bytes())
        secret.chmod(0o600)
        command = _command(gateway, root, Engine.BESU)[len(command_of(Engine.BESU) or []) :]
        at = command.index("--rpc") + 1
        for name, url in urls.items():
            command[at] = re.sub(rf"http://{name}:\d+", url, command[at])
        log = tmp_path / "gateway.log"
        stack.enter_context(_running([sys.executable, "-m", "aeo_ledger.cli.main", *command], log))
        port = gateway.fields["ports"][0].split(":")[1]
        _await(lambda: httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=10).json()["status"] == "ok", log)
