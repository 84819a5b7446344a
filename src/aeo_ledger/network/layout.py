"""The file `network.toml` of a network of real nodes: addresses, ports and host names. People edit it; `network render` writes the rest from it.

    engine      "besu" or "quorum"
    image       the engine's container image
    subnet      the containers' network, where all of them run on one machine

    [[node]]
    name        of its service: letters, digits, hyphens
    party       code of the party that runs it
    file        its key file in the party's folder, without `.json`: node, node-2 and so on, since this key is exported unencrypted
    public_key  0x and 64 bytes
    host        the address at which the other nodes reach it: an address, without a scope, since engines resolve no names in a list of peers
    p2p, rpc    its ports for peers and for JSON-RPC

    [[gateway]]
    name, party as above
    listen      the address of its machine at which it is reached; 127.0.0.1: from that machine only
    port
    names       host names under which others reach it
    nodes       nodes that it asks, the first that works: names of nodes above, or URLs without user, query, comma and dollar sign
    index       where it keeps its index: "memory", or "postgresql", a database of its party, which starts again in seconds

The format may grow: a key that is not listed here is refused.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final

from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import Fields, parse_toml
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.urls import parse_url

LAYOUT: Final = "network.toml"
"""Name of the file."""
MAX_NODES: Final = 510
"""Two for each party, while it changes its node."""

_SUBNET: Final = "172.30.57.0/24"
_FIRST_HOST: Final = 11
_P2P_PORT: Final = 30303
_RPC_PORT: Final = 8545
_GATEWAY_PORT: Final = 8547
_MOST_NAMES: Final = 20
_LONGEST: Final = 253
"""Characters of a host name."""
_MAX_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PARTY: Final = re.compile(r"[A-Z]{2,6}")
_IMAGE: Final = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]{0,254}")
_FILE: Final = re.compile(r"node(?:-[a-z0-9]+)*")
"""A node's key file. No other key may be exported for an engine."""
_HOST_NAME: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


_ADDRESS: Final = re.compile(r"[0-9a-fA-F.:/]+")
"""Characters of an address or a network without a scope: Python reads any text as a scope."""
_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/\[\]%+=-]+", re.IGNORECASE)
"""A URL that a list with commas can hold, and that neither a shell nor compose reads as anything but itself."""


class Index(StrEnum):
    """Where a gateway keeps its index."""

    MEMORY = "memory"
    POSTGRESQL = "postgresql"


class Engine(StrEnum):
    """An engine that speaks QBFT."""

    BESU = "besu"
    QUORUM = "quorum"


IMAGES: Final = {Engine.BESU: "hyperledger/besu:26.2.0", Engine.QUORUM: "quorumengineering/quorum:24.4.1"}
"""The tested versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineNode:
    """One validator's node."""

    party: str
    """Code of the party that runs it."""
    public_key: bytes
    """64 bytes."""
    file: str = "node"
    """Name of its key file in the party's folder, without the suffix; a party that replaces its node has a second file."""

    @property
    def service(self) -> str:
        """Its usual name."""
        return f"{self.file}-{self.party.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """Where a node runs."""

    name: str
    node: EngineNode
    host: str
    p2p: int
    rpc: int

    @property
    def enode(self) -> str:
        """Its address for its peers."""
        return enode(self.node.public_key, self.host, self.p2p)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPlace:
    """Where a gateway runs, and which nodes it asks."""

    name: str
    party: str
    listen: str
    port: int
    names: tuple[str, ...]
    nodes: tuple[str, ...]
    """Names of nodes, or URLs."""
    index: Index = Index.MEMORY

    @property
    def is_local(self) -> bool:
        """Whether only its own machine reaches it."""
        return ip_address(self.listen).is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Addresses, ports and host names of a network."""

    engine: Engine
    image: str
    subnet: str
    nodes: tuple[NodePlace, ...]
    gateways: tuple[GatewayPlace, ...]

    @property
    def is_in_one_subnet(self) -> bool:
        """Whether all nodes have addresses in the containers' network."""
        return all(ip_address(place.host) in ip_network(self.subnet) for place in self.nodes)

    @property
    def is_on_one_machine(self) -> bool:
        """Whether all nodes run on one machine: in the containers' network, or at one address."""
        return self.is_in_one_subnet or len({place.host for place in self.nodes}) == 1

    @property
    def parties(self) -> tuple[str, ...]:
        """Codes of the parties that run something."""
        return tuple(dict.fromkeys([place.node.party for place in self.nodes] + [one.party for one in self.gateways]))

    @property
    def databases(self) -> tuple[str, ...]:
        """Codes of the parties whose gateways keep their index in a database."""
        return tuple(dict.fromkeys(one.party for one in self.gateways if one.index is Index.POSTGRESQL))


def database_of(party: str) -> str:
    """Return the name of the service that keeps the index of a party's gateways."""
    return f"index-{party.lower()}"


def enode(public_key: bytes, host: str, port: int) -> str:
    """Return a node's address for its peers; `public_key` has 64 bytes."""
    shown = f"[{host}]" if ":" in host else host
    return f"enode://{public_key.hex()}@{shown}:{port}?discport=0"


def make_layout(engine: Engine, nodes: Sequence[EngineNode]) -> Layout:
    """Choose addresses and ports for nodes that all run on one machine, each with a gateway of its party."""
    first = ip_network(_SUBNET).network_address + _FIRST_HOST
    places = tuple(
        NodePlace(name=node.service, node=node, host=str(first + at), p2p=_P2P_PORT, rpc=_RPC_PORT + 10 * at)
        for at, node in enumerate(nodes)
    )
    gateways = tuple(
        GatewayPlace(
            name=f"gateway-{party.lower()}",
            party=party,
            listen="127.0.0.1",
            port=_GATEWAY_PORT + 10 * at,
            names=(),
            nodes=tuple(place.name for place in sorted(places, key=lambda place: place.node.party != party)),
        )
        for at, party in enumerate(dict.fromkeys(node.party for node in nodes))
    )
    return Layout(engine=engine, image=IMAGES[engine], subnet=_SUBNET, nodes=places, gateways=gateways)


def write_layout(layout: Layout) -> str:
    """Write a layout as TOML."""
    head = {"engine": str(layout.engine), "image": layout.image, "subnet": layout.subnet}
    parts = [_HEAD, _table(head)]
    for place in layout.nodes:
        node = place.node
        own = {"name": place.name, "party": node.party, "file": node.file, "public_key": to_hex(node.public_key)}
        parts.append("\n[[node]]\n" + _table({**own, "host": place.host, "p2p": place.p2p, "rpc": place.rpc}))
    for one in layout.gateways:
        fields = {"name": one.name, "party": one.party, "listen": one.listen, "port": one.port}
        more = {"names": list(one.names), "nodes": list(one.nodes), "index": str(one.index)}
        parts.append("\n[[gateway]]\n" + _table({**fields, **more}))
    return "".join(parts)


_HEAD: Final = """# Addresses, ports and host names of this network. Edit them here, then run: aeo-ledger network render FOLDER
# `host` is the address at which the other nodes reach a node. While all are in `subnet`, compose.yaml runs everything on one machine;
# otherwise each party runs compose.CODE.yaml on its own. A new node is a further [[node]]; `key export` shows its public key.
"""


def _table(fields: dict[str, Any]) -> str:
    """Write keys and values; JSON's form of texts, numbers and lists is TOML's too."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())


def read_layout(path: Path) -> Layout:
    """Read a layout that people may have edited.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
        MalformedDocument: it is not TOML, lacks something, or contradicts itself; the error names the place.
    """
    document = parse_toml(read_file(path, max_bytes=_MAX_BYTES), document=LAYOUT, max_bytes=_MAX_BYTES)
    fields = Fields(document, document=LAYOUT)
    fields.demand(("engine", "image", "subnet", "node"), optional=("gateway",))
    layout = Layout(
        engine=fields.choice("engine", {str(engine): engine for engine in Engine}),
        image=_matching(fields, "image", _IMAGE, "the name of an image"),
        subnet=_checked(fields, "subnet", ip_network, "a network, such as 172.30.57.0/24"),
        nodes=tuple(_node(one) for one in fields.objects("node", MAX_NODES)),
        gateways=tuple(_gateway(one) for one in fields.objects("gateway", MAX_NODES)) if "gateway" in fields else (),
    )
    _refuse_contradictions(layout)
    return layout


def _node(fields: Fields) -> NodePlace:
    fields.demand(("name", "party", "file", "public_key", "host", "p2p", "rpc"))
    return NodePlace(
        name=_matching(fields, "name", _NAME, "small letters, digits and hyphens"),
        node=EngineNode(
            party=_matching(fields, "party", _PARTY, "a party's code"),
            public_key=fields.binary("public_key", 64),
            file=_matching(fields, "file", _FILE, "the name of a node's key file without .json, as node or node-2"),
        ),
        host=_checked(fields, "host", _address_of_one, "an address of one machine, such as 192.0.2.7"),
        p2p=_port(fields, "p2p"),
        rpc=_port(fields, "rpc"),
    )


def _gateway(fields: Fields) -> GatewayPlace:
    fields.demand(("name", "party", "listen", "port", "names", "nodes"), optional=("index",))
    names = fields.texts("names", _MOST_NAMES, _LONGEST)
    if strange := [name for name in names if not _HOST_NAME.fullmatch(name)]:
        fields.refuse("names", f"needed host names, and {strange[0]!r} is none")
    return GatewayPlace(
        name=_matching(fields, "name", _NAME, "small letters, digits and hyphens"),
        party=_matching(fields, "party", _PARTY, "a party's code"),
        listen=_checked(fields, "listen", ip_address, "an address, such as 127.0.0.1"),
        port=_port(fields, "port"),
        names=names,
        nodes=fields.texts("nodes", MAX_NODES, 2_000),
        index=fields.choice("index", {str(one): one for one in Index}) if "index" in fields else Index.MEMORY,
    )


def _matching(fields: Fields, key: str, pattern: re.Pattern[str], needed: str) -> str:
    found = fields.text(key, 255)
    if not pattern.fullmatch(found):
        fields.refuse(key, f"needed {needed}")
    return found


def _checked(fields: Fields, key: str, read: Callable[[str], object], needed: str) -> str:
    try:
        return str(read(_matching(fields, key, _ADDRESS, needed)))
    except ValueError:
        fields.refuse(key, f"needed {needed}")


def _address_of_one(text: str) -> object:
    """Read an address at which one machine can be reached.

    Raises:
        ValueError: It is no address, or one of none or of many.
    """
    found = ip_address(text)
    if found.is_unspecified or found.is_multicast or str(found) == "255.255.255.255":
        raise ValueError(text)
    return found


def _port(fields: Fields, key: str) -> int:
    found = fields.number(key, 65_535)
    if found == 0:
        fields.refuse(key, "needed a port from 1 to 65535")
    return found


def _refuse_contradictions(layout: Layout) -> None:
    """Refuse what two services would both claim, and names that lead nowhere."""
    for engine, image in IMAGES.items():
        if layout.image == image and engine is not layout.engine:
            raise MalformedDocument(
                LAYOUT,
                "image",
                f"found the image of {engine}, needed one of {layout.engine}, such as {IMAGES[layout.engine]}",
            )
    services = [place.name for place in layout.nodes] + [one.name for one in layout.gateways]
    services += [database_of(party) for party in layout.databases]
    _refuse_twice("name", services)
    _refuse_twice("public_key", [to_hex(place.node.public_key) for place in layout.nodes])
    _refuse_twice("party and file", [f"{place.node.party}/{place.node.file}" for place in layout.nodes])
    _refuse_twice("host and p2p", [f"{place.host} {place.p2p}" for place in layout.nodes])
    if not layout.nodes:
        raise MalformedDocument(LAYOUT, "node", "needed at least one node")
    owned = [(place.node.party, place.rpc) for place in layout.nodes] + [
        (one.party, one.port) for one in layout.gateways
    ]
    _refuse_twice(
        "port of one machine",
        [str(port) if layout.is_on_one_machine else f"{port} of {party}" for party, port in owned],
    )
    _refuse_twice("host and port", _list_listening(layout))
    known = {place.name for place in layout.nodes}
    for place, one in enumerate(layout.gateways):
        at = f"gateway[{place}].nodes"
        if not one.nodes:
            raise MalformedDocument(LAYOUT, at, "needed at least one node")
        for name in one.nodes:
            if name not in known:
                _refuse_strange(at, name)


def _list_listening(layout: Layout) -> list[str]:
    """List where services listen, apart from whose machine it is: a node for its peers and for JSON-RPC, and without containers a gateway."""
    found = [f"{place.host} {port}" for place in layout.nodes for port in (place.p2p, place.rpc)]
    if layout.is_in_one_subnet:
        return found
    at = [
        (one.port, {place.host for place in layout.nodes if place.node.party == one.party}) for one in layout.gateways
    ]
    return found + [f"{host} {port}" for port, hosts in at for host in sorted(hosts)]


def _refuse_strange(at: str, name: str) -> None:
    """Refuse what is neither a node of this file nor a URL."""
    try:
        url = parse_url(name, what=at)
    except MalformedText as error:
        raise MalformedDocument(
            LAYOUT, at, f"found {error.found}, needed the name of a node above, or a URL without a query"
        ) from error
    if not _URL.fullmatch(name):
        needed = "needed a URL of letters, digits and . _ ~ : / [ ] % + = - alone, without a user"
        raise MalformedDocument(LAYOUT, at, f"the URL of a node at {ascii(url.name)[:80]}: {needed}")


def _refuse_twice(what: str, found: Iterable[str]) -> None:
    repeated = [one for one, times in Counter(found).items() if times > 1]
    if repeated:
        raise MalformedDocument(LAYOUT, "", f"the {what} {repeated[0]!r} appears twice")
