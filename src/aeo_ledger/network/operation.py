"""The page of operation that comes with a network of real nodes, in English and in Russian.

Its commands stand once, in `pages/operation.sh`, so the languages cannot differ in them. In the templates

    @name@            is a value of the network; also in the commands
    @run:start@       alone on a line, is the block of commands of this name
    [besu] [quorum]   before a paragraph: it is for this engine only
    [apart] [near]    the same: each node on its own machine, or all of them on one
    [idle] [steady]   the same: idle blocks have a longer period, or not; `[besu idle]` is for both

A block whose first line is `# needs a container engine` needs a container engine; the tests of this project have none, and count these blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from aeo_ledger.customs.governance import quorum
from aeo_ledger.network.layout import LAYOUT, Engine, Layout, NodePlace

PAGES: Final = {"OPERATION.md": "operation.en.md", "OPERATION.ru.md": "operation.ru.md"}
"""Each page with the template that it is made from."""
CONTAINERS: Final = "# needs a container engine"

_FOLDER: Final = Path(__file__).with_name("pages")
_COMMANDS: Final = "operation.sh"
_VALUE: Final = re.compile(r"@([a-z_0-9]+)@")
_RUN: Final = re.compile(r"@run:([a-z-]+)@")
_CONDITION: Final = re.compile(r"\[([a-z ]+)\]\s")
_NEWCOMERS: Final = ("GE", "AM", "MD")
"""Whom the page admits as an example: the first who is not there."""


def write_pages(layout: Layout, idle_s: int | None) -> dict[str, str]:
    """Write the pages, by name.

    Args:
        layout: The network's addresses, ports and names.
        idle_s: Seconds between blocks while there is nothing to seal, as the genesis file says; None for the block period.
    """
    held = frozenset(
        (str(layout.engine), "near" if layout.is_on_one_machine else "apart", "steady" if idle_s is None else "idle")
    )
    values = {**_values(layout), "idle": str(idle_s)}
    return {page: _fill(_read(template), values, held) for page, template in PAGES.items()}


def _fill(template: str, values: Mapping[str, str], held: frozenset[str]) -> str:
    paragraphs = []
    for paragraph in template.strip("\n").split("\n\n"):
        condition = _CONDITION.match(paragraph)
        if condition is None or held.issuperset(condition[1].split()):
            text = paragraph if condition is None else paragraph[condition.end() :]
            text = _RUN.sub(lambda found: f"```sh\n{list_blocks()[found[1]]}\n```", text)
            paragraphs.append(_VALUE.sub(lambda found: values[found[1]], text))
    return "\n\n".join(paragraphs) + "\n"


@cache
def list_blocks() -> Mapping[str, str]:
    """List the blocks of commands by name, with values not filled in."""
    _, *found = re.split(r"^## ([a-z-]+)\n", _read(_COMMANDS), flags=re.MULTILINE)
    return {name: text.strip("\n") for name, text in zip(found[::2], found[1::2], strict=True)}


@cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _values(layout: Layout) -> Mapping[str, str]:
    """List what the templates may name."""
    places = layout.nodes
    parties = tuple(dict.fromkeys(place.node.party for place in places))
    count, party = len(places), parties[0]
    own = [place for place in places if layout.is_on_one_machine or place.node.party == party]
    gateways = [one for one in layout.gateways if layout.is_on_one_machine or one.party == party]
    first, last = own[0], own[-1]
    new_host, second_host = _suggest_hosts(layout, first.host)
    gateway, port = next(
        ((one.name, one.port) for one in gateways if one.party == party), (f"gateway-{party.lower()}", 8547)
    )
    (new_p2p, new_rpc), (second_p2p, second_rpc) = _free_ports(layout)
    new = next(code for code in (*_NEWCOMERS, "XX") if code not in layout.parties)
    composed = dict.fromkeys(place.node.party.lower() for place in own)
    return {
        "engine": str(layout.engine),
        "program": {Engine.BESU: "besu", Engine.QUORUM: "geth"}[layout.engine],
        "count": str(count),
        "needed": str(quorum(count)),
        "spare": str(count - quorum(count)),
        "too_many": str(count - quorum(count) + 1),
        "parties": ", ".join(place.node.party for place in places),
        "layout": LAYOUT,
        "files": "" if layout.is_in_one_subnet else "".join(f"-f compose.{code}.yaml " for code in composed),
        "keys": " ".join(map(_key, own)),
        "nodes": " ".join(place.name for place in own),
        "gateways": " ".join(one.name for one in gateways),
        "urls": ",".join(f"http://127.0.0.1:{place.rpc}" for place in own),
        "seats": " ".join(parties[: quorum(len(parties))]),
        "party": party,
        "party_name": party.lower(),
        "node": first.name,
        "key": _key(first),
        "gateway": gateway,
        "port": str(port),
        "last_node": last.name,
        "next": _next_file([place.node.file for place in places if place.node.party == party]),
        "last_key": _key(last),
        "new": new,
        "new_name": new.lower(),
        "new_host": new_host,
        "second_host": second_host,
        "new_p2p": str(new_p2p),
        "new_rpc": str(new_rpc),
        "second_p2p": str(second_p2p),
        "second_rpc": str(second_rpc),
    }


def _key(place: NodePlace) -> str:
    """Return a node's key file in `parties`, without its suffix."""
    return f"{place.node.party}/{place.node.file}"


def _next_file(files: Sequence[str]) -> str:
    """Name the key file of a party's next node: `node-2` after `node`."""
    taken = [int(found[1]) for found in map(re.compile(r"node-(\d+)").fullmatch, files) if found]
    return f"node-{max(taken, default=1) + 1}"


def _suggest_hosts(layout: Layout, own: str) -> tuple[str, str]:
    """Suggest the address of a newcomer's node, and of a further node on the machine whose nodes are at `own`."""
    taken = {ip_address(place.host) for place in layout.nodes}
    if layout.is_in_one_subnet and len(taken) == len(layout.nodes):
        last = max(taken, key=int)
        return str(last + 1), str(last + 2)
    return (own if layout.is_on_one_machine else "192.0.2.99"), own


def _free_ports(layout: Layout) -> Iterator[tuple[int, int]]:
    """Suggest ports, for peers and for JSON-RPC, for two more nodes: beyond those of the other nodes, and nobody's."""
    taken = {port for place in layout.nodes for port in (place.p2p, place.rpc)} | {one.port for one in layout.gateways}

    def take(beyond: int) -> int:
        port: int = next(port for port in (*range(beyond, 65_536), *range(1_024, beyond)) if port not in taken)
        taken.add(port)
        return port

    for _ in range(2):
        yield take(max(place.p2p for place in layout.nodes) + 1), take(max(place.rpc for place in layout.nodes) + 5)
