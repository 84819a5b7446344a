"""Write what runs a network of real nodes from its `network.toml`: peers, compose files, the gateways' image, and the page of operation.

    static-nodes.json    the peers
    compose.yaml         every service on one machine; only while all nodes have addresses in the containers' network
    compose.CODE.yaml    the services of one party, on its own machine
    .env                 who owns the files here: containers run as this user, so that they can read and write them
    image/Dockerfile     the gateways' image, built from the wheel that is put beside it: no registry has this project
    start.sh             GoQuorum's start
    OPERATION.md         what an operator does

Everything here is written again by `network render`. A compose file that it wrote and that no longer follows from `network.toml` is deleted;
its first line says that it wrote it. Containers hold no state: the chain is in `parties/CODE/NODE-data`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.files import make_folder, write_file
from aeo_ledger.network.engine import START, node_command, start_script
from aeo_ledger.network.layout import (
    LAYOUT,
    Engine,
    EngineNode,
    GatewayPlace,
    Layout,
    NodePlace,
    make_layout,
    write_layout,
)
from aeo_ledger.network.operation import write_operation

IMAGE: Final = "image"
"""Name of the folder from which the gateways' image is built."""
ENVIRONMENT: Final = ".env"

_WRITTEN: Final = f"Written by `aeo-ledger network render`: edit {LAYOUT}."
"""Ends the first line of each compose file, and tells it from a file of somebody else."""
_USER: Final = "${AEO_LEDGER_USER:?run aeo-ledger network render}"
_LONGEST_LINE: Final = 200
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]")
"""Printable ASCII without the double quote and the backslash."""
_CONTAINERFILE: Final = Path(__file__).parents[1] / "service" / "Containerfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What the reader of a rendered folder should know."""

    missing: tuple[str, ...]
    """What is not there yet, and how to make it."""
    left: tuple[str, ...]
    """Names of compose files that are not of `network.toml` and that somebody else wrote."""


def write_engine_files(folder: Path, engine: Engine, nodes: Sequence[EngineNode]) -> None:
    """Choose addresses for a new network's nodes, write them to `network.toml`, and render everything from it.

    Args:
        folder: The network's folder, with genesis and keys.
        engine: The engine of the nodes.
        nodes: The validators' nodes, in the order of the seats.

    Raises:
        FileUnavailable: A file cannot be written.
    """
    layout = make_layout(engine, nodes)
    write_file(folder / LAYOUT, write_layout(layout).encode())
    render(folder, layout)


def render(folder: Path, layout: Layout) -> Rendered:
    """Write every file that follows from a layout, and delete the compose files that followed from an earlier one.

    Raises:
        MalformedDocument: A gateway on its party's own machine would have no node to ask.
        FileUnavailable: A file or folder cannot be written, read or deleted.
    """
    composed = {f"compose.{party.lower()}.yaml": _compose(layout, party) for party in layout.parties}
    if layout.is_on_one_machine:
        composed["compose.yaml"] = _compose(layout, None)
    others = sorted(path for path in folder.glob("compose*.yaml") if path.name not in composed)
    left = tuple(path.name for path in others if not _delete_own(path))
    for name, text in composed.items():
        write_file(folder / name, text.encode())
    peers = [place.enode for place in layout.nodes]
    write_file(folder / "static-nodes.json", f"{json.dumps(peers, indent=1)}\n".encode())
    if layout.engine is Engine.QUORUM:
        write_file(folder / START, start_script().encode())
    for place in layout.nodes:
        data = folder / "parties" / place.node.party / f"{place.node.file}-data"
        if data.parent.is_dir() and not data.exists():
            make_folder(data)
    if not (folder / IMAGE).exists():
        make_folder(folder / IMAGE)
    write_file(folder / IMAGE / "Dockerfile", _CONTAINERFILE.read_text(encoding="utf-8").encode())
    owner = folder.stat()
    write_file(folder / ENVIRONMENT, f"AEO_LEDGER_USER={owner.st_uid}:{owner.st_gid}\n".encode())
    write_file(folder / "OPERATION.md", write_operation(layout).encode())
    return Rendered(missing=tuple(_warnings(folder, layout, owner.st_uid)), left=left)


def _delete_own(path: Path) -> bool:
    """Delete a compose file if its first line says that `render` wrote it; return whether it did."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            is_own = file.readline(_LONGEST_LINE).strip().endswith(_WRITTEN.encode())
        if is_own:
            path.unlink()
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=str(error.strerror)) from error
    return is_own


def _warnings(folder: Path, layout: Layout, owner: int) -> Iterator[str]:
    if owner == 0:
        yield "root owns this folder: give it to another user (chown -R 1000:1000) and render again; Besu's image cannot read root's keys"
    if not list((folder / IMAGE).glob("aeo_ledger-*.whl")):
        yield f"{IMAGE}/ has no wheel yet: gateways are built from it (pip wheel --no-deps --wheel-dir {IMAGE} PROJECT)"
    for place in layout.nodes:
        home = folder / "parties" / place.node.party
        if home.is_dir() and not (home / f"{place.node.file}key").exists():
            yield f"{place.name}: no key yet (aeo-ledger key export parties/{place.node.party}/{place.node.file}.json)"


# ---- compose


def _compose(layout: Layout, party: str | None) -> str:
    """Write the compose file of one party, or of all parties on one machine."""
    nodes = [place for place in layout.nodes if party in (None, place.node.party)]
    gateways = [one for one in layout.gateways if party in (None, one.party)]
    together = party is None
    services = {_quote(place.name): _node(layout, place, together=together) for place in nodes}
    services |= {_quote(one.name): _gateway(one, nodes, together=together) for one in gateways}
    document: dict[str, Any] = {"services": services}
    if together:
        document["networks"] = {"consortium": {"ipam": {"config": [{"subnet": layout.subnet}]}}}
    if gateways:
        document["secrets"] = {_secret(one): {"file": f"./parties/{one.party}/relay.password"} for one in gateways}
    whose = "every service on one machine, to try it" if together else f"the services of {party}"
    return f"# {whose}. {_WRITTEN}\n" + "\n".join(_yaml(document)) + "\n"


def _node(layout: Layout, place: NodePlace, *, together: bool) -> dict[str, Any]:
    home = f"./parties/{place.node.party}"
    command = node_command(
        layout.engine, data="/data", genesis="/network/genesis.json", key="/network/nodekey", static_nodes="/network/static-nodes.json",
        host=place.host, p2p=place.p2p, rpc=place.rpc, names=[place.name], netrestrict=_networks(layout, together=together),
    )  # fmt: skip
    files = {
        f"{home}/{place.node.file}-data": "/data",
        "./genesis.json": "/network/genesis.json:ro",
        "./static-nodes.json": "/network/static-nodes.json:ro",
        f"{home}/{place.node.file}key": "/network/nodekey:ro",
    }
    service: dict[str, Any] = {"image": layout.image, "user": _USER, "command": command}
    if layout.engine is Engine.QUORUM:
        files[f"./{START}"] = f"/network/{START}:ro"
        service["entrypoint"] = ["/bin/sh", f"/network/{START}"]
    ports = [f"127.0.0.1:{place.rpc}:{place.rpc}"]
    if together:
        service["networks"] = {"consortium": {"ipv4_address": place.host}}
    else:
        ports.append(f"{_published(place.host)}:{place.p2p}:{place.p2p}")
    service["volumes"] = [f"{source}:{target}" for source, target in files.items()]
    return {**service, "ports": ports, "restart": "unless-stopped"}


def _networks(layout: Layout, *, together: bool) -> list[str]:
    """List the networks of a node's peers. Between machines a container sees its engine's address for them, so any is accepted there."""
    return [layout.subnet] if together else []


def _gateway(one: GatewayPlace, nodes: Sequence[NodePlace], *, together: bool) -> dict[str, Any]:
    inside = {place.name: f"http://{place.name}:{place.rpc}" for place in nodes}
    urls = [inside.get(name, name) for name in one.nodes if name in inside or "://" in name]
    if not urls:
        reason = f"on the machine of {one.party} it has no node to ask: name one of {one.party}'s nodes, or a URL"
        raise MalformedDocument(LAYOUT, one.name, reason)
    command = [
        "gateway", "--host", "0.0.0.0", "--port", str(one.port), "--rpc", ",".join(urls), "--trust", "/network/trust.json",  # noqa: S104
        "--genesis", "/network/genesis.json", "--key", "/network/relay.json", "--password-file", "/run/secrets/relay_password",
        *(part for name in (*one.names, one.name) for part in ("--host-name", name)),
    ]  # fmt: skip
    files = {
        "./trust.json": "/network/trust.json:ro",
        "./genesis.json": "/network/genesis.json:ro",
        "./places.json": "/network/places.json:ro",
        f"./parties/{one.party}/relay.json": "/network/relay.json:ro",
    }
    service: dict[str, Any] = {
        "build": {"context": f"./{IMAGE}"},
        "user": _USER,
        "command": command,
        "volumes": [f"{source}:{target}" for source, target in files.items()],
        "secrets": [{"source": _secret(one), "target": "relay_password"}],
        "ports": [f"{_published(one.listen)}:{one.port}:{one.port}"],
        "depends_on": [name for name in one.nodes if name in inside],
        "restart": "unless-stopped",
    }
    if together:
        service["networks"] = ["consortium"]
    return {key: value for key, value in service.items() if value != []}


def _secret(one: GatewayPlace) -> str:
    return f"{one.name}-relay-password"


def _published(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _yaml(value: Mapping[str, Any] | Sequence[Any], indent: str = "") -> Iterator[str]:
    """Write objects and lists as YAML lines; keys are written as they are."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(part, Mapping | list):
                yield f"{indent}{key}:"
                yield from _yaml(part, indent + "  ")
            else:
                yield f"{indent}{key}: {_value(part)}"
        return
    for part in value:
        if isinstance(part, Mapping):
            first, *others = _yaml(part, indent + "  ")
            yield f"{indent}- {first.strip()}"
            yield from others
        else:
            yield f"{indent}- {_value(part)}"


def _value(text: str) -> str:
    """Write a text in which compose replaces no variable; `_USER` alone is one."""
    return f'"{text}"' if text == _USER else _quote(text.replace("$", "$$"))


def _quote(text: str) -> str:
    """Write a text as YAML: in double quotes, and each character but the plain ones as its number."""
    return '"' + "".join(one if _PLAIN.fullmatch(one) else f"\\U{ord(one):08x}" for one in text) + '"'
