"""The page of operation is carried out: its blocks, in its order, in one shell, on live nodes, or on an embedded ledger that stands in for them.

Between the blocks the test only does what an operator suffers or edits by hand: nodes stop, a machine is lost.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey
from typer.main import get_command

from aeo_ledger.chain import EmbeddedLedger, Genesis
from aeo_ledger.cli.about import list_pages
from aeo_ledger.cli.main import app
from aeo_ledger.network.engine import IDLE_PERIOD_S
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine, read_layout
from aeo_ledger.network.operation import CONTAINERS, PAGES, list_blocks
from aeo_ledger.network.render import render
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import open_key_file
from support import quick_command, stand_in
from support.chain_world import TestSealer
from support.composed import run_script, stub
from support.engines import CODES, PASSWORD, VARIABLES, command_of
from support.network import open_book, served
from support.pages import BLOCK
from support.ports import free_port

WITHIN_S = 2_400
MARK = "----8<---- "
QUICK = Path(quick_command.__file__)
AEO_LEDGER = f"""#!/bin/sh
if [ "$1" = gateway ]; then exec {shlex.quote(sys.executable)} -m aeo_ledger.cli.main "$@"; fi
exec {shlex.quote(sys.executable)} -IS {shlex.quote(str(QUICK))} "$AEO_TEST_COMMAND" "$@"
"""
BETWEEN = {
    "one": 'stop "node-eu"',
    "all": 'for NAME in $NODES; do stop "$NAME"; done',
    "restore": "stop gateway-by; stop node-by; rm -r parties/BY",
}
"""What happens to an operator before a block."""
CHANGING = {"pause-new", "seat", "resume-new", "pause-both", "replace", "resume-next"}
"""GoQuorum's blocks that change the validators. `test_change_of_validators` walks through these on live nodes."""
OF_ONE_ENGINE = {
    Engine.BESU: {"follow-new", "retire"},
    Engine.QUORUM: {"pause-new", "resume-new", "pause-both", "resume-next", "refetch"},
}

CASES = [
    pytest.param(
        engine, True, id=f"{engine}-live", marks=pytest.mark.skipif(command_of(engine) is None, reason=VARIABLES[engine])
    )
    for engine in Engine
]  # fmt: skip
CASES.append(pytest.param(Engine.QUORUM, False, id="embedded"))
"""An engine, and whether it runs. GoQuorum's page has every block."""


class ExportedKeys(Mapping[bytes, Any]):
    """The validators whose keys were exported for their nodes, by address: read from the network's folder when asked."""

    def __init__(self, network: Path) -> None:
        self._network = network

    def _read(self) -> dict[bytes, TestSealer]:
        files = [file for file in self._network.glob("parties/*/node*key") if file.is_file()]
        found = [TestSealer(PrivateKey(bytes.fromhex(file.read_text().strip().removeprefix("0x")))) for file in files]
        return {sealer.address: sealer for sealer in found}

    def __getitem__(self, address: bytes) -> TestSealer:
        return self._read()[address]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


@contextmanager
def standing_in(network: Path, home: Path) -> Iterator[str]:
    """Serve an embedded ledger that begins with the network's block 0, sealed by the nodes' keys; yield its URL."""
    path = home / "standing-in" / "ledger.sqlite"
    path.parent.mkdir()
    EmbeddedLedger.create(path, Genesis.from_json(json.loads((network / "genesis.json").read_text())))
    signers = [open_key_file(network / "parties" / code / "node.json", PASSWORD) for code in CODES]
    with EmbeddedLedger.open(path, signers, marks=home / "marks", heartbeat_s=1) as ledger:
        ledger._maker._sealers = ExportedKeys(network)
        with served(create_node(ledger.rpc.answer)) as url:
            yield url


def found(network: Path, engine: Engine) -> None:
    """Found a network, and edit network.toml as its operators would: addresses and ports of this machine, and two gateways."""
    found_network(
        network, parse_parties("BY,CN,KZ,EU=DE+PL"), PASSWORD, now=int(time.time()), randomness=secrets.token_bytes, work_factor=2,
        engine=engine,
    )  # fmt: skip
    path = network / "network.toml"
    text = re.sub(r'host = "[0-9.]+"', 'host = "127.0.0.1"', path.read_text())
    text = text.partition('\n[[gateway]]\nname = "gateway-kz"')[0]
    text = re.sub(r"(p2p|rpc|port) = \d+", lambda match: f"{match[1]} = {free_port()}", text)
    path.write_text(text)
    render(network, read_layout(path), randomness=secrets.token_bytes)


def blocks_of(page: str) -> dict[str, str]:
    """The page's blocks by name, in its order."""
    texts = [code.strip("\n") for kind, code in BLOCK.findall(page) if kind == "sh"]
    found = {}
    for text in texts:
        (name,) = [name for name, template in list_blocks().items() if is_filled(template, text)]
        assert name not in found
        found[name] = text
    return found


def is_filled(template: str, text: str) -> bool:
    """Tell whether a text is a template with its values filled in."""
    return re.fullmatch(".*".join(map(re.escape, re.split(r"@[a-z_0-9]+@", template))), text) is not None


def carry_out(
    blocks: dict[str, str], between: dict[str, str], network: Path, environment: dict[str, str]
) -> dict[str, str]:
    """Run the blocks in one shell that stops at the first failure; return what each showed."""
    lines = []
    for name, text in blocks.items():
        lines += [between.get(name, ""), f"echo '{MARK}{name}'", text]
    script = network.parent / "page.sh"
    script.write_text("\n".join(lines) + f"\necho '{MARK}end'\n")
    told = network.parent / "told"
    with told.open("w") as out:
        shell = subprocess.Popen(
            ["bash", "-e", script], cwd=network, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )  # fmt: skip
        try:
            shell.wait(timeout=WITHIN_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    _, *parts = told.read_text().split(MARK)
    shown = {name: text for name, _, text in (part.partition("\n") for part in parts)}
    logs = {path.name: path.read_text()[-1500:] for path in network.glob("*.log")}
    assert list(shown) == [*blocks, "end"], f"stopped in: {parts[-1]}\n{logs}"
    return shown


@pytest.mark.parametrize(("engine", "live"), CASES)
def test_the_page_is_carried_out(engine: Engine, live: bool, tmp_path: Path) -> None:
    network, programs = tmp_path / "network", tmp_path / "bin"
    found(network, engine)
    programs.mkdir()
    environment = {name: text for name, text in os.environ.items() if not name.startswith("AEO_LEDGER")}
    environment |= {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AEO_LEDGER_PASSWORD": "network",  # PASSWORD
        "AEO_TEST_COMMAND": str(tmp_path / "command"),
    }
    with ExitStack() as stack:
        if live:
            started = f"exec {shlex.join(command_of(engine) or [])}"
        else:
            environment["AEO_TEST_LEDGER"] = stack.enter_context(standing_in(network, tmp_path))
            started = f"exec {shlex.quote(sys.executable)} -IS {shlex.quote(stand_in.__file__)}"
        program = "besu" if engine is Engine.BESU else "geth"
        for name, text in {program: f'#!/bin/sh\n{started} "$@"\n', "aeo-ledger": AEO_LEDGER}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        stack.enter_context(serving(tmp_path / "command", environment))
        with open_book(network / "BY.book.sqlite"):
            pass
        blocks = blocks_of((network / "OPERATION.md").read_text())
        apart = 2 * IDLE_PERIOD_S[engine] + 1 if live else 10  # two blocks between changes of validators
        between = {**BETWEEN, "replace": f"sleep {apart}", "retire": f"sleep {apart}"}
        if not live:
            between["refetch"] = "RPC=${RPC#*,}"  # as the page says, once the old node is no longer in network.toml
        left_out = CHANGING if live and engine is Engine.QUORUM else set()
        chosen = {name: text for name, text in blocks.items() if name not in left_out and not needs_containers(text)}
        shown = carry_out(chosen, between, network, environment)
    for name in ("start", "one", "all", "together", "restore", "upgrade", "newcomer", "new-node"):
        assert "block " in shown[name], name
    done = {"admit": "ADMIT", "seat": "SEAT VALIDATOR", "replace": "REPLACE VALIDATOR", "rotate": "ROTATE AUTHORITY"}
    assert [name for name, words in done.items() if name in chosen and f"done: {words}" not in shown[name]] == []
    assert "trust moved" in shown["trust"]


@contextmanager
def serving(path: Path, environment: dict[str, str]) -> Iterator[None]:
    """Keep the command loaded, for callers at a socket."""
    command = [sys.executable, "-P", str(QUICK), "serve", str(path)]
    with subprocess.Popen(command, env=environment, start_new_session=True) as server:
        try:
            while not path.exists():
                assert server.poll() is None
                time.sleep(0.1)
            yield
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # with the commands that still wait


def needs_containers(text: str) -> bool:
    return text.startswith(CONTAINERS)


@pytest.mark.parametrize("engine", list(Engine))
def test_both_languages_have_the_same_commands_and_few_need_containers(engine: Engine, tmp_path: Path) -> None:
    found(tmp_path / "network", engine)
    pages = {name: (tmp_path / "network" / name).read_text() for name in PAGES}
    english, russian = (blocks_of(page) for page in pages.values())
    assert english == russian
    assert list(english) == list(russian) == [name for name in list_blocks() if name in english]
    (other,) = set(Engine) - {engine}
    assert set(list_blocks()) - set(english) == OF_ONE_ENGINE[other]
    assert [name for name, text in english.items() if needs_containers(text)] == ["containers"]
    for page in pages.values():
        assert "@" not in page
        verbs = set(known_commands())
        for words in re.findall(r"`aeo-ledger ([^`]+)`", page):
            first, second = (words + " ").split(" ")[:2]
            assert f"{first} {second}" in verbs or (first == "about" and second in list_pages()), words


def known_commands() -> Iterator[str]:
    """Every verb, as it is typed."""

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[str]:
        for name, one in getattr(command, "commands", {}).items():
            yield " ".join((*words, name))
            yield from walk(one, (*words, name))

    yield from walk(get_command(app), ())


def test_containers_are_started_and_stopped_by_name(tmp_path: Path) -> None:
    """What only a container engine can show is not: a stub writes down what it would be told."""
    found(tmp_path / "network", Engine.BESU)
    block = blocks_of((tmp_path / "network" / "OPERATION.md").read_text())["containers"]
    script = f"{block}\nstart node-by\nstop gateway-cn\n"
    programs, calls = stub(tmp_path / "bin", "docker", "pip"), tmp_path / "calls"
    files = [
        word for code in CODES for word in ("-f", f"compose.{code.lower()}.yaml")
    ]  # at one address, not in one subnet
    assert run_script(["bash", "-ec", script], programs=programs, calls=calls, PROJECT="/project") == [
        ["pip", "wheel", "--no-deps", "--wheel-dir", "image", "/project"],
        ["docker", "compose", *files, "up", "-d", "--build", "node-by"],
        ["docker", "compose", *files, "stop", "gateway-cn"],
    ]
