"""Write compose files: the services of one party's machine, or all on one machine.

Each service runs as the owner of the network's files, keeps its state in its party's folder, and gets passwords as files (secrets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.network.engine import START, node_command
from aeo_ledger.network.index_secret import INDEX_LOGIN, INDEX_PASSWORD
from aeo_ledger.network.layout import LAYOUT, Engine, GatewayPlace, Index, Layout, NodePlace, database_of
from aeo_ledger.network.relay_key import PASSWORD_FILE, RELAY

IMAGE: Final = "image"
"""Name of the folder from which the gateways' image is built."""
INDEX_DATA: Final = "index-data"
"""Name of the folder in a party's folder where its database is."""
WRITTEN: Final = f"Written by `aeo-ledger network render`: edit {LAYOUT}."
"""Ends the first line of each file that may be deleted again, and tells it from a file of somebody else."""

_USER: Final = "${AEO_LEDGER_USER:?run aeo-ledger network render}"
_DATABASE: Final = "aeo"
"""Name of the index's database and of its user."""
_DATABASE_IMAGE: Final = "postgres:17"
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]")
"""Printable ASCII without the double quote and the backslash."""


def write_compose(layout: Layout, party: str | None) -> str:
    """Write the compose file of one party, or of all parties on one machine."""
    nodes = [place for place in layout.nodes if party in (None, place.node.party)]
    gateways = [one for one in layout.gateways if party in (None, one.party)]
    together = party is None
    services = {_quote(place.name): _node(layout, place, together=together) for place in nodes}
    services |= {_quote(one.name): _gateway(one, nodes, together=together) for one in gateways}
    document: dict[str, Any] = {"services": services}
    if together:
        document["networks"] = {"consortium": {"ipam": {"config": [{"subnet": layout.subnet}]}}}
    databases = [code for code in layout.databases if party in (None, code)]
    services |= {database_of(code): _database(code, together=together) for code in databases}
    held = {_secret(one.party, PASSWORD_FILE): (one.party, PASSWORD_FILE) for one in gateways}
    held |= {_secret(code, file): (code, file) for code in databases for file in (INDEX_PASSWORD, INDEX_LOGIN)}
    if held:
        document["secrets"] = {name: {"file": f"./parties/{code}/{file}"} for name, (code, file) in held.items()}
    whose = "every service on one machine, to try it" if together else f"the services of {party}"
    return f"# {whose}. {WRITTEN}\n" + "\n".join(_yaml(document)) + "\n"


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
    has_database = one.index is Index.POSTGRESQL
    command = gateway_arguments(
        one, inside, host="0.0.0.0", trust="/network/trust.json", genesis="/network/genesis.json",  # noqa: S104 (in its container)
        key="/network/relay.json", password="/run/secrets/relay_password", names=[one.name],  # noqa: S106 (a file's name)
        index=f"postgresql://{_DATABASE}@{database_of(one.party)}/{_DATABASE}?passfile=/run/secrets/index_login" if has_database else None,
    )  # fmt: skip
    files = {
        "./trust.json": "/network/trust.json:ro",
        "./genesis.json": "/network/genesis.json:ro",
        "./places.json": "/network/places.json:ro",
        f"./parties/{one.party}/{RELAY}.json": "/network/relay.json:ro",
    }
    secrets = {PASSWORD_FILE: "relay_password", **({INDEX_LOGIN: "index_login"} if has_database else {})}
    service: dict[str, Any] = {
        "build": {"context": f"./{IMAGE}"},
        "user": _USER,
        "command": command,
        "volumes": [f"{source}:{target}" for source, target in files.items()],
        "secrets": [{"source": _secret(one.party, file), "target": target} for file, target in secrets.items()],
        "ports": [f"{_published(one.listen)}:{one.port}:{one.port}"],
        "depends_on": [*(name for name in one.nodes if name in inside), *([database_of(one.party)] if has_database else [])],
        "restart": "unless-stopped",
    }  # fmt: skip
    if together:
        service["networks"] = ["consortium"]
    return {key: value for key, value in service.items() if value != []}


def gateway_arguments(
    one: GatewayPlace,
    nodes: Mapping[str, str],
    *,
    host: str,
    trust: str,
    genesis: str,
    key: str,
    password: str,
    names: Sequence[str] = (),
    index: str | None = None,
) -> list[str]:
    """Return the arguments that start a gateway. One that only its own machine reaches is open, as without a container.

    Args:
        one: The gateway.
        nodes: URLs of the nodes that it can ask, by name; other names in `network.toml` are left out there.
        host: The address at which it listens.
        trust: The trust bundle.
        genesis: The genesis file, with `places.json` beside it.
        key: The relay's key file.
        password: The file of that key's password.
        names: Further host names under which it is reached.
        index: URL of the index's database; None for memory.

    Raises:
        MalformedDocument: It would have no node to ask.
    """
    urls = [nodes.get(name, name) for name in one.nodes if name in nodes or "://" in name]
    if not urls:
        reason = f"on the machine of {one.party} it has no node to ask: name one of {one.party}'s nodes, or a URL"
        raise MalformedDocument(LAYOUT, one.name, reason)
    return [
        "gateway", "--host", host, "--port", str(one.port), "--access", "open" if one.is_local else "closed", "--rpc", ",".join(urls),
        "--trust", trust, "--genesis", genesis, "--key", key, "--password-file", password,
        *([] if index is None else ["--index", index]), *(part for name in (*one.names, *names) for part in ("--host-name", name)),
    ]  # fmt: skip


def _database(party: str, *, together: bool) -> dict[str, Any]:
    """Write the service of a party's PostgreSQL. Only gateways beside it reach it."""
    service: dict[str, Any] = {
        "image": _DATABASE_IMAGE,
        "user": _USER,
        "environment": {
            "POSTGRES_USER": _DATABASE,
            "POSTGRES_DB": _DATABASE,
            "POSTGRES_PASSWORD_FILE": "/run/secrets/index_password",
        },
        "volumes": [f"./parties/{party}/{INDEX_DATA}:/var/lib/postgresql/data"],
        "secrets": [{"source": _secret(party, INDEX_PASSWORD), "target": "index_password"}],
        "restart": "unless-stopped",
    }
    return {**service, "networks": ["consortium"]} if together else service


def _secret(party: str, file: str) -> str:
    return f"{party.lower()}-{file.replace('.', '-')}"


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
