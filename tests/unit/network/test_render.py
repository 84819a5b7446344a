"""The files that run real nodes: read as a container engine reads them, and started as it would, on stub programs.

No container engine runs here. What only one can show is not tested: images, published ports, the containers' network.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from aeo_ledger.cli.main import app
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.network import compose
from aeo_ledger.network import render as rendering
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.layout import Engine, read_layout
from aeo_ledger.network.operation import list_blocks
from aeo_ledger.network.render import render
from aeo_ledger.signing import Password, open_key_file, write_engine_key
from support.composed import Service, lay_out, read_compose, run_script, secret_files, stub
from support.ports import free_port

PASSWORD = Password("engine")
CODES = ["BY", "CN", "KZ", "EU"]
REACHED = re.compile(r"127\.0\.0\.1:(\d+):\1")


@pytest.fixture(params=list(Engine), scope="module")
def founded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("render") / str(request.param)
    found_network(
        folder, parse_parties("BY,CN,KZ,EU=DE+PL"), PASSWORD, now=1_790_000_000, randomness=secrets.token_bytes, work_factor=2,
        engine=request.param,
    )  # fmt: skip
    for code in CODES:
        write_engine_key(folder / "parties" / code / "node.json", PASSWORD, folder / "parties" / code / "nodekey")
    return folder


@pytest.fixture
def network(founded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(founded, tmp_path / "net"))


def engine_of(network: Path) -> Engine:
    return read_layout(network / "network.toml").engine


def move_apart(network: Path) -> None:
    """Give each node an address of its own machine."""
    path = network / "network.toml"
    text = path.read_text()
    for at in range(len(CODES)):
        text = text.replace(f'host = "172.30.57.{11 + at}"', f'host = "192.0.2.{1 + at}"')
    path.write_text(text)
    render(network, read_layout(path), randomness=secrets.token_bytes)


def composed(network: Path) -> list[Path]:
    return sorted(network.glob("compose*.yaml"))


def test_each_party_and_one_machine_have_a_file_that_is_read(network: Path) -> None:
    assert [path.name for path in composed(network)] == [
        "compose.by.yaml", "compose.cn.yaml", "compose.eu.yaml", "compose.kz.yaml", "compose.yaml",
    ]  # fmt: skip
    whole = read_compose(network / "compose.yaml")
    assert set(whole) == {f"{kind}-{code.lower()}" for kind in ("node", "gateway") for code in CODES}
    assert set(read_compose(network / "compose.kz.yaml")) == {"node-kz", "gateway-kz"}


def test_a_gateways_index_may_be_in_a_database_beside_it(network: Path) -> None:
    path = network / "network.toml"
    path.write_text(path.read_text().replace('index = "memory"', 'index = "postgresql"', 1))
    for _ in range(2):
        ran = CliRunner().invoke(app, ["network", "render", str(network)])
        assert ran.exit_code == 0, ran.stderr
    home = network / "parties" / "BY"
    password = (home / "index.password").read_text()
    assert (home / "index.pgpass").read_text() == f"*:*:*:*:{password}\n"
    assert not (network / "parties/CN/index.password").exists()
    for name in ("compose.yaml", "compose.by.yaml"):
        assert password not in (network / name).read_text()
        services, held = read_compose(network / name), secret_files(network / name)
        database, gateway = services["index-by"], services["gateway-by"]
        assert "ports" not in database.fields, "only gateways beside it reach it"
        assert database.mounts == {"/var/lib/postgresql/data": home / "index-data"}
        assert (home / "index-data").is_dir()
        environment = database.fields["environment"]
        url = make_url(gateway.argument("--index"))
        assert (url.host, url.username, url.database) == (
            "index-by",
            environment["POSTGRES_USER"],
            environment["POSTGRES_DB"],
        )
        assert secrets_of(database, held)[environment["POSTGRES_PASSWORD_FILE"]] == home / "index.password"
        assert secrets_of(gateway, held)[str(url.query["passfile"])] == home / "index.pgpass"
        assert stat.S_IMODE((home / "index.pgpass").stat().st_mode) == 0o600, (
            "PostgreSQL's library ignores it otherwise"
        )
        assert gateway.fields["depends_on"][-1] == "index-by"
        assert database.fields.get("networks") == gateway.fields.get("networks")
    assert "--index" not in read_compose(network / "compose.yaml")["gateway-cn"].fields["command"]


def secrets_of(service: Service, held: dict[str, Path]) -> dict[str, Path]:
    """What a service finds in its folder of secrets."""
    return {f"/run/secrets/{one['target']}": held[one["source"]] for one in service.fields["secrets"]}


def test_half_of_a_databases_password_is_not_replaced(network: Path) -> None:
    path = network / "network.toml"
    path.write_text(path.read_text().replace('index = "memory"', 'index = "postgresql"', 1))
    (network / "parties/BY/index.pgpass").touch()
    ran = CliRunner().invoke(app, ["network", "render", str(network), "--json"])
    assert (ran.exit_code, json.loads(ran.stdout)["error"]) == (3, "FileExists")


def test_a_gateway_that_only_its_machine_reaches_is_open_and_any_other_closed(network: Path) -> None:
    path = network / "network.toml"
    path.write_text(path.read_text().replace('listen = "127.0.0.1"', 'listen = "192.0.2.9"', 1))
    render(network, read_layout(path), randomness=secrets.token_bytes)
    services = read_compose(network / "compose.yaml")
    assert services["gateway-by"].argument("--access") == "closed"
    assert services["gateway-cn"].argument("--access") == "open"


def test_a_node_runs_once_and_only_what_runs_is_stopped(network: Path, tmp_path: Path) -> None:
    programs = stub(tmp_path / "bin")
    for program in ("besu", "geth"):
        (programs / program).write_text('#!/bin/sh\ntest "$3" = init || exec sleep 600\n')
        (programs / program).chmod(0o755)
    (network / "parties/KZ/node-data/geth").mkdir()
    pid, environment = network / "parties/KZ/node-kz.pid", {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    def run(script: str) -> None:
        commands = ["bash", "-ec", f"{list_blocks()['without']}\n{script}"]
        subprocess.run(commands, cwd=network, env=environment, check=True, timeout=60)

    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            pid.write_text(f"{stranger.pid}\n")  # as a machine that went down leaves it behind
            run("stop node-kz")
            assert stranger.poll() is None
        finally:
            stranger.kill()
    pid.unlink()
    run(f"start node-kz; until test -s {pid}; do sleep 0.1; done")
    first = int(pid.read_text())
    try:
        again = subprocess.run(
            ["sh", "start-node-kz.sh"], cwd=network, env=environment, check=False, timeout=60, capture_output=True, text=True
        )  # fmt: skip
        assert (again.returncode, again.stderr) == (1, f"node-kz runs here already: process {first}\n")
        with pytest.raises(subprocess.CalledProcessError):
            run(f"flock -n {pid} true")
        run(f"stop node-kz; flock -n {pid} true")
    finally:
        with suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)


def test_without_containers_the_same_node_and_gateway_are_started(network: Path, tmp_path: Path) -> None:
    programs, calls = stub(tmp_path / "bin", "besu", "geth", "aeo-ledger"), tmp_path / "calls"
    engine, composed_node = engine_of(network), read_compose(network / "compose.kz.yaml")["node-kz"].fields["command"]
    (network / "parties/KZ/node-data/geth").mkdir()
    for name in ("node-kz", "gateway-kz"):
        subprocess.run(["sh", "-n", network / f"start-{name}.sh"], check=True)
        run_script(["sh", str(network / f"start-{name}.sh")], programs=programs, calls=calls)
        assert (network / f"parties/KZ/{name}.pid").read_text().strip().isdigit()
    *prepared, node, gateway = run_script(["true"], programs=programs, calls=calls)
    assert prepared == (
        [] if engine is Engine.BESU else [["geth", "--datadir", "parties/KZ/node-data", "init", "./genesis.json"]]
    )
    named = [one for one in node[1:] if not {*"/,"} & {*one} and ".json" not in one and ".0.0." not in one]
    assert node[0] == ("besu" if engine is Engine.BESU else "geth")
    assert set(named) <= set(composed_node)
    served = "--rpc-http-host=127.0.0.1" if engine is Engine.BESU else "--http.addr 127.0.0.1"
    assert served in " ".join(node)
    assert gateway[:2] == ["aeo-ledger", "gateway"]
    assert gateway[gateway.index("--rpc") + 1] == "http://127.0.0.1:8565"
    for option in ("--trust", "--genesis", "--key", "--password-file"):
        assert (network / gateway[gateway.index(option) + 1]).is_file()


def test_everything_that_is_mounted_is_there(network: Path) -> None:
    for path in composed(network):
        for service in read_compose(path).values():
            for source in service.mounts.values():
                assert source.exists(), f"{service.name} mounts {source}"
        for file in secret_files(path).values():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_containers_run_as_the_owner_of_the_files(network: Path) -> None:
    owner = network.stat()
    for path in composed(network):
        for service in read_compose(path).values():
            assert service.fields["user"] == f"{owner.st_uid}:{owner.st_gid}"
            for source in service.mounts.values():
                assert source.stat().st_uid == owner.st_uid


def test_an_owner_that_images_do_not_have_is_told(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = read_layout(network / "network.toml")
    warned = [
        any(one.startswith("root owns") for one in rendering._warnings(network, layout, owner)) for owner in (0, 1000)
    ]
    assert warned == [True, False]


def test_a_node_serves_eth_and_net_to_its_machine_alone(network: Path) -> None:
    for path in composed(network):
        for name, service in read_compose(path).items():
            if not name.startswith("node"):
                continue
            command = " ".join(service.fields["command"]).lower()
            assert "eth,net" in command
            for dangerous in ("admin", "debug", "personal", "miner,", "--host-allowlist=*", "--http.vhosts *"):
                assert dangerous not in command
            local, *others = service.fields["ports"]
            assert REACHED.fullmatch(local), local
            assert len(others) == (0 if path.name == "compose.yaml" else 1)


def test_on_one_machine_addresses_are_those_of_the_peers_and_no_port_is_taken_twice(network: Path) -> None:
    services = read_compose(network / "compose.yaml")
    peers = json.loads((network / "static-nodes.json").read_text())
    hosts = [peer.partition("@")[2].partition(":")[0] for peer in peers]
    assert hosts == [
        services[f"node-{code.lower()}"].fields["networks"]["consortium"]["ipv4_address"] for code in CODES
    ]
    ports = [port for service in services.values() for port in service.fields["ports"]]
    assert len(ports) == len(set(ports)) == 8


def test_on_machines_of_their_own_nodes_publish_their_port_for_peers(network: Path) -> None:
    move_apart(network)
    assert [path.name for path in composed(network)] == [f"compose.{code}.yaml" for code in ("by", "cn", "eu", "kz")]
    node = read_compose(network / "compose.cn.yaml")["node-cn"]
    assert node.fields["ports"] == ["127.0.0.1:8555:8555", "192.0.2.2:30303:30303"]
    assert "networks" not in node.fields
    command = node.fields["command"]
    announced = "--p2p-host=192.0.2.2" if engine_of(network) is Engine.BESU else "extip:192.0.2.2"
    assert announced in command
    peers = json.loads((network / "static-nodes.json").read_text())
    assert [peer.partition("@")[2] for peer in peers] == [f"192.0.2.{at}:30303?discport=0" for at in (1, 2, 3, 4)]
    gateway = read_compose(network / "compose.cn.yaml")["gateway-cn"]
    assert gateway.argument("--rpc") == "http://node-cn:8555", "another machine's node is not reached by its name"


def test_a_gateway_without_a_node_of_its_own_needs_a_url(network: Path) -> None:
    path = network / "network.toml"
    text = path.read_text().replace('nodes = ["node-by", "node-cn", "node-kz", "node-eu"]', 'nodes = ["node-cn"]')
    path.write_text(text)
    with pytest.raises(MalformedDocument, match="on the machine of BY it has no node to ask"):
        render(network, read_layout(path), randomness=secrets.token_bytes)
    path.write_text(text.replace('nodes = ["node-cn"]', 'nodes = ["node-cn", "https://node.example"]'))
    render(network, read_layout(path), randomness=secrets.token_bytes)
    assert read_compose(network / "compose.by.yaml")["gateway-by"].argument("--rpc") == "https://node.example"
    assert (
        read_compose(network / "compose.yaml")["gateway-by"].argument("--rpc")
        == "http://node-cn:8555,https://node.example"
    )


def test_scripts_are_read_by_sh(network: Path) -> None:
    if engine_of(network) is Engine.BESU:
        assert not (network / "start.sh").exists(), "Besu needs none"
        return
    subprocess.run(["sh", "-n", network / "start.sh"], check=True)


def test_a_node_is_started_with_exactly_its_arguments(network: Path, tmp_path: Path) -> None:
    service = read_compose(network / "compose.yaml")["node-kz"]
    root = lay_out(service, tmp_path / "root")
    programs, calls = stub(tmp_path / "bin", "besu", "geth"), tmp_path / "calls"
    command = service.fields["command"]
    if engine_of(network) is Engine.BESU:  # the image's own entry point
        assert "entrypoint" not in service.fields
        assert run_script(["besu", *command], programs=programs, calls=calls) == [["besu", *command]]
        for option in ("--genesis-file", "--node-private-key-file", "--static-nodes-file"):
            path = next(one.partition("=")[2] for one in command if one.startswith(option))
            assert (root / path.lstrip("/")).exists()
        return
    shell, script = service.fields["entrypoint"]
    folders = {"AEO_LEDGER_DATA": str(root / "data"), "AEO_LEDGER_NETWORK": str(root / "network")}
    entry = [shell, str(root / script.lstrip("/"))]
    data = root / "data"
    (data / "geth").mkdir()
    first = run_script([*entry, *command], programs=programs, calls=calls, **folders)
    assert first == [
        ["geth", "--datadir", str(data), "init", str(root / "network" / "genesis.json")],
        ["geth", *command],
    ]
    assert (data / "geth" / "nodekey").read_bytes() == (network / "parties/KZ/nodekey").read_bytes()
    assert stat.S_IMODE((data / "geth" / "nodekey").stat().st_mode) == 0o600
    assert (data / "static-nodes.json").read_bytes() == (network / "static-nodes.json").read_bytes()
    (data / "geth" / "chaindata").mkdir()
    again = run_script([*entry, *command], programs=programs, calls=calls, **folders)
    assert again[2:] == [["geth", *command]], "the second start makes no second block 0"
    assert command[command.index("--http.api") + 1] == "eth,net"


def test_a_script_that_lacks_a_file_stops(network: Path, tmp_path: Path) -> None:
    if engine_of(network) is Engine.BESU:
        return
    programs = stub(tmp_path / "bin", "geth")
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls")}
    empty = {"AEO_LEDGER_DATA": str(tmp_path / "data"), "AEO_LEDGER_NETWORK": str(tmp_path / "nowhere")}
    ran = subprocess.run(["sh", network / "start.sh"], env=environment | empty, capture_output=True, check=False)
    assert ran.returncode != 0
    assert "--mine" not in (tmp_path / "calls").read_text()


def test_a_gateway_opens_its_key_and_reads_its_files_and_then_asks_its_nodes(network: Path, tmp_path: Path) -> None:
    path = network / "compose.yaml"
    service = read_compose(path)["gateway-by"]
    root = lay_out(service, tmp_path / "root")
    (root / "run/secrets").mkdir(parents=True)
    shutil.copy(secret_files(path)["by-relay-password"], root / "run/secrets/relay_password")
    command = [
        str(root / one.lstrip("/")) if one.startswith(("/network/", "/run/")) else one
        for one in service.fields["command"]
    ]
    command[command.index("--rpc") + 1] = "http://127.0.0.1:9"
    command[command.index("--host") + 1] = "127.0.0.1"
    command[command.index("--port") + 1] = str(free_port())
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 5, ran.stderr
    assert "http://127.0.0.1:9" in ran.stderr, "trust, genesis, places, key and password were read before"
    assert service.fields["depends_on"] == ["node-by", "node-cn", "node-kz", "node-eu"]
    assert service.argument("--host-name") == "gateway-by"


def test_a_relay_has_a_password_of_its_own(network: Path) -> None:
    home = network / "parties" / "BY"
    assert open_key_file(home / "relay.json", Password((home / "relay.password").read_text()))
    others = {(network / "parties" / code / "relay.password").read_text() for code in CODES}
    assert len(others) == len(CODES)


def test_the_image_is_built_from_the_wheel_in_the_folder(network: Path, tmp_path: Path) -> None:
    text = (network / "image" / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert [line.split()[0] for line in lines] == ["FROM", "COPY", "RUN", "ENTRYPOINT"]
    (tmp_path / "wheels").mkdir()
    wheel = tmp_path / "wheels" / "aeo_ledger-0.1.0-py3-none-any.whl"
    wheel.touch()
    run = lines[2].removeprefix("RUN ").replace("/tmp/", shlex.quote(f"{wheel.parent}/"))  # noqa: S108 (the image's own)
    calls = run_script(["sh", "-c", run], programs=stub(tmp_path / "bin", "pip"), calls=tmp_path / "calls")
    assert calls == [["pip", "install", "--no-cache-dir", f"{wheel}[gateway]"]]
    assert not wheel.exists()
    assert json.loads(lines[3].removeprefix("ENTRYPOINT ")) == ["aeo-ledger"]


def test_render_says_what_is_missing_until_it_is_there(network: Path) -> None:
    def missing() -> list[str]:
        ran = CliRunner().invoke(app, ["network", "render", str(network), "--json"])
        assert ran.exit_code == 0, ran.stderr
        return [one for one in json.loads(ran.stdout)["missing"] if not one.startswith("root owns")]

    assert [one.split()[0] for one in missing()] == ["image/"]
    (network / "image" / "aeo_ledger-0.1.0-py3-none-any.whl").touch()
    assert missing() == []
    (network / "parties/CN/nodekey").unlink()
    assert [one.partition(":")[0] for one in missing()] == ["node-cn"]
    shutil.rmtree(network / "parties/CN")
    assert missing() == [], "another party's key is not ours to make"


def test_render_writes_the_same_again_and_follows_the_file(network: Path) -> None:
    before = {path.name: path.read_bytes() for path in network.iterdir() if path.is_file()}
    assert CliRunner().invoke(app, ["network", "render", str(network)]).exit_code == 0
    assert {path.name: path.read_bytes() for path in network.iterdir() if path.is_file()} == before
    path = network / "network.toml"
    path.write_text(
        path.read_text()
        .replace("names = []", 'names = ["aeo.customs.example"]', 1)
        .replace("127.0.0.1", "192.0.2.9", 1)
    )
    told = CliRunner().invoke(app, ["network", "render", str(network)])
    assert "4 nodes and 4 gateways" in told.stdout
    gateway = read_compose(network / "compose.by.yaml")["gateway-by"]
    assert gateway.argument("--host-name") == "aeo.customs.example"
    assert gateway.fields["ports"] == ["192.0.2.9:8547:8547"]


def test_only_files_of_its_own_are_deleted(network: Path, tmp_path: Path) -> None:
    (network / "compose.override.yaml").write_text("services: {}\n")
    (network / "compose.empty.yaml").touch()
    (network / "compose.folder.yaml").mkdir()
    (network / "compose.link.yaml").symlink_to(network / "compose.yaml")
    (network / "compose.odd.yaml").write_bytes(b"\xff" * 1_000)
    quoting = "services: {}\n# Written by `aeo-ledger network render`: edit network.toml.\n"
    (network / "compose.quoting.yaml").write_text(quoting)
    shutil.copy(network / "compose.yaml", network / "compose.former.yaml")
    shutil.copy(network / "start-node-by.sh", network / "start-former.sh")
    (network / "start-mine.sh").write_text("true\n")
    ran = CliRunner().invoke(app, ["network", "render", str(network), "--json"])
    left = [f"compose.{name}.yaml" for name in ("empty", "folder", "link", "odd", "override", "quoting")] + [
        "start-mine.sh"
    ]
    assert (ran.exit_code, json.loads(ran.stdout)["left"]) == (0, left)
    assert all((network / name).exists() for name in left)
    assert not (network / "compose.former.yaml").exists()
    assert not (network / "start-former.sh").exists()
    told = CliRunner().invoke(app, ["network", "render", str(network)]).stdout
    assert "left: compose.override.yaml, which this command did not write\n" in told


HOSTILE = (
    "$HOME", "${HOME}", "$$", "$(reboot)", "`reboot`", "a'b\"c\\", "a: b", "# x", "- x", "null", "on", "0x1", "1e3", "~", "&a", "*a", "!!x",
    "{{x}}", "%x", "@x", "|", ">", "\n\nevil: yes", "\r", "\t", "\x00", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff",
    "\U0001f600", " x ", ";reboot",
)  # fmt: skip
"""Texts that YAML, compose or a shell may read as something else."""


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_a_layout_holds_is_read_as_that_text(network: Path, tmp_path: Path, words: str) -> None:
    layout = read_layout(network / "network.toml")
    first, *others = layout.nodes
    gateway = replace(layout.gateways[0], names=(words,), nodes=(first.name, f"http://{words}"))
    hostile = replace(layout, image=words, nodes=(replace(first, name=words, host=words), *others), gateways=(gateway,))
    path = network / "compose.by.yaml"
    path.write_text(compose.write_compose(hostile, first.node.party))
    services = read_compose(path)
    assert set(services) == {words, gateway.name}, "compose replaces no variable in a name"
    assert services[words].fields["image"] == words
    assert services[gateway.name].argument("--host-name") == words
    assert services[gateway.name].argument("--rpc") == f"http://{words}"
    command = services[words].fields["command"]
    quorum = layout.engine is Engine.QUORUM
    assert f"extip:{words}" in command if quorum else f"--p2p-host={words}" in command
    if quorum and words.isprintable():  # other characters cannot be in an argument, or not in the stub's list
        (tmp_path / "data/geth/chaindata").mkdir(parents=True)
        (tmp_path / "network").mkdir()
        for name in ("nodekey", "static-nodes.json"):
            (tmp_path / "network" / name).touch()
        folders = {"AEO_LEDGER_DATA": str(tmp_path / "data"), "AEO_LEDGER_NETWORK": str(tmp_path / "network")}
        started = run_script(
            ["sh", str(network / "start.sh"), *command],
            programs=stub(tmp_path / "bin", "geth"), calls=tmp_path / "calls", **folders,
        )  # fmt: skip
        assert started == [["geth", *command]]


def test_a_file_that_cannot_run_changes_nothing(network: Path) -> None:
    before = (network / "compose.yaml").read_bytes()
    path = network / "network.toml"
    path.write_text(path.read_text().replace("172.30.57.11", "172.30.57.11; reboot"))
    ran = CliRunner().invoke(app, ["network", "render", str(network), "--json"])
    assert (ran.exit_code, json.loads(ran.stdout)["error"]) == (2, "MalformedDocument")
    assert (network / "compose.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("gateway", "{}"), ("gateway", "{}", "--check"), ("node", "{}"), ("audit", "{}"), ("chain", "export", "{}", "--out", "{}/x.rlp"),
        ("export", "ledger", "--network", "{}", "--out", "{}/tables"), ("network", "check", "{}"),
        ("network", "backup", "{}", "--out", "{}/copy"), ("network", "graduate", "{}", "--engine", "besu", "--out", "{}/graduated"),
    ],
)  # fmt: skip
def test_what_wants_an_embedded_ledger_says_that_this_network_has_nodes(network: Path, words: tuple[str, ...]) -> None:
    arguments = [word.format(network) for word in words]
    refused = CliRunner().invoke(app, arguments, env={"AEO_LEDGER_PASSWORD": "engine"})
    assert refused.exit_code == 2
    assert "the folder of a network of real nodes" in refused.stderr
