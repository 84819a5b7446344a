"""`network.toml`: what is written is read, what people edit is checked, and what cannot run is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.network.layout import Engine, EngineNode, Layout, enode, make_layout, read_layout, write_layout

NODES = [EngineNode(party=code, public_key=bytes([at]) * 64) for at, code in enumerate(("BY", "CN", "KZ"), 1)]
Change = Callable[[str], str]


def written(folder: Path, change: Change = lambda text: text, engine: Engine = Engine.BESU) -> Path:
    path = folder / "network.toml"
    path.write_text(change(write_layout(make_layout(engine, NODES))))
    return path


@pytest.mark.parametrize("engine", list(Engine))
def test_a_layout_is_read_as_it_was_written(engine: Engine, tmp_path: Path) -> None:
    made = make_layout(engine, NODES)
    assert read_layout(written(tmp_path, engine=engine)) == made
    assert made.is_on_one_machine
    assert made.parties == ("BY", "CN", "KZ")
    assert [place.host for place in made.nodes] == ["172.30.57.11", "172.30.57.12", "172.30.57.13"]
    assert made.gateways[1].nodes == ("node-cn", "node-by", "node-kz"), "its own node first"


def test_what_people_edit_is_kept(tmp_path: Path) -> None:
    def edit(text: str) -> str:
        text = text.replace('host = "172.30.57.12"', 'host = "192.0.2.7"').replace(
            "names = []", 'names = ["aeo.example"]'
        )
        return text.replace("port = 8547", "port = 443").replace("\n", "\r\n") + "\r\n# a note\r\n"

    found = read_layout(written(tmp_path, edit))
    assert not found.is_on_one_machine
    assert found.nodes[1].enode == enode(NODES[1].public_key, "192.0.2.7", 30303)
    assert (found.gateways[0].port, found.gateways[0].names) == (443, ("aeo.example",))
    again = tmp_path / "again.toml"
    again.write_text(write_layout(found))
    assert read_layout(again) == found


def test_ipv6_addresses_are_written_as_urls_need_them() -> None:
    assert enode(bytes(64), "2001:db8::7", 30303).endswith("@[2001:db8::7]:30303?discport=0")


def bare(text: str) -> str:
    """All nodes at one address, with ports of their own."""
    ports = iter(range(1, 9))
    return re.sub(r"p2p = 30303", lambda _: f"p2p = {next(ports)}", re.sub(r"172\.30\.57\.1\d", "127.0.0.1", text))


def apart(text: str) -> str:
    """Each node at an address of its own machine."""
    return text.replace("172.30.57.1", "192.0.2.1")


@pytest.mark.parametrize(
    ("change", "at", "reason"),
    [
        (lambda text: text.replace('"besu"', '"geth"', 1), "engine", "needed one of besu, quorum"),
        (lambda text: text.replace("image =", "picture ="), "", "picture"),
        (lambda text: text + "\n[[node]]\n", "node[3]", "name"),
        (lambda text: text.replace("hyperledger/besu:26.2.0", "besu $(reboot)"), "image", "needed the name of an image"),
        (lambda text: text.replace('"besu"', '"quorum"', 1), "image", "found the image of besu, needed one of quorum"),
        (lambda text: text.replace("172.30.57.0/24", "172.30.57.0/99"), "subnet", "needed a network"),
        (lambda text: text.replace("172.30.57.11", "node.example"), "node[0].host", "needed an address"),
        (lambda text: text.replace("172.30.57.11", "$HOST"), "node[0].host", "needed an address"),
        *(
            (lambda text, odd=odd: text.replace("172.30.57.11", odd), "node[0].host", "needed an address")
            for odd in ("fe80::1%eth0", "fe80::1%$HOME", r"fe80::1%x\nevil: yes", "fe80::1%x@evil:1", "[::1]", "1.2.3.4:5", "1.2.3.4 ")
        ),
        (lambda text: text.replace("172.30.57.0/24", "fe80::%x$HOME/64"), "subnet", "needed a network"),
        (lambda text: text.replace('listen = "127.0.0.1"', r'listen = "::1%${HOME}\nevil"', 1), "gateway[0].listen", "needed an address"),
        *(
            (lambda text, odd=odd: text.replace('["node-by"', f'["{odd}"', 1), "gateway[0].nodes", "URL")
            for odd in (
                "http://h?key=x", "http://h/${AEO_LEDGER_PASSWORD:-x}", "http://h,http://evil", "http://h/a,http://evil", "http://h/a b",
                r"http://h/\nevil", "http://user:secret@h", "http://$HOME", "http://h/`x`", "http://h/'", "http://h/;x", "http://h/\u202e",
                "http://[fe80::1%25eth0]:1", "http://h#a", "file:///x", "--host=x",
            )
        ),
        (lambda text: text.replace("p2p = 30303", "p2p = 0", 1), "node[0].p2p", "needed a port"),
        (lambda text: text.replace("p2p = 30303", "p2p = 70000", 1), "node[0].p2p", "whole number"),
        (lambda text: text.replace("p2p = 30303", "p2p = 2026-01-01", 1), "node[0].p2p", "whole number"),
        (lambda text: text.replace('"node-by"', '"node by"', 1), "node[0].name", "small letters"),
        (lambda text: text.replace('party = "BY"', 'party = "../CN"', 1), "node[0].party", "a party's code"),
        (lambda text: text.replace('file = "node"', 'file = "../node"', 1), "node[0].file", "key file"),
        (lambda text: text.replace("0x01", "0x", 1), "node[0].public_key", "128 hexadecimal digits"),
        (lambda text: text.replace('listen = "127.0.0.1"', 'listen = "all"', 1), "gateway[0].listen", "needed an address"),
        (lambda text: text.replace("names = []", 'names = ["a b"]', 1), "gateway[0].names", "needed host names"),
        (lambda text: text.replace("names = []", 'names = [7]', 1), "gateway[0].names", "needed texts"),
        (lambda text: text.replace('nodes = ["node-by"', 'nodes = ["node-xx"', 1), "gateway[0].nodes", "a node above"),
        (lambda text: text.replace('nodes = ["node-by", "node-cn", "node-kz"]', "nodes = []"), "gateway[0].nodes", "one node"),
        (lambda text: text.replace('"node-cn"', '"node-by"', 1), "", "name 'node-by' appears twice"),
        (lambda text: text.replace("0x02", "0x01").replace("02" * 63, "01" * 63), "", "public_key"),
        (lambda text: text.replace("172.30.57.12", "172.30.57.11"), "", "host and p2p"),
        (lambda text: text.replace("rpc = 8555", "rpc = 8547"), "", "port of one machine '8547' appears twice"),
        (lambda text: text.replace("p2p = 30303", "p2p = 8545", 1), "", "host and port '172.30.57.11 8545' appears twice"),
        (lambda text: bare(text).replace("p2p = 2", "p2p = 8555"), "", "host and port '127.0.0.1 8555' appears twice"),
        (lambda text: bare(text).replace("p2p = 2", "p2p = 8557"), "", "host and port '127.0.0.1 8557' appears twice"),
        (
            lambda text: apart(text).replace('"CN"\nfile = "node"', '"BY"\nfile = "node-2"').replace("rpc = 8555", "rpc = 8545"),
            "", "port of one machine '8545 of BY' appears twice",
        ),
        *(
            (lambda text, odd=odd: text.replace("172.30.57.11", odd), "node[0].host", "an address of one machine")
            for odd in ("0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255")  # noqa: S104
        ),
        *(
            (lambda text, odd=odd: text.replace('file = "node"', f'file = "{odd}"', 1), "node[0].file", "a node's key file")
            for odd in ("authority", "operator", "relay", "authority-2", "node-", "nodes")
        ),
        (lambda text: text.replace('party = "CN"\nfile', 'party = "BY"\nfile'), "", "party and file"),
        (lambda _: "engine = ", "", "not TOML"),
        (lambda _: "[" * 10_000, "", "nested deeper"),
        (lambda text: text.split("\n[[node]]")[0] + "node = []\n", "node", "at least one node"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_with_its_place(change: Change, at: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        read_layout(written(tmp_path, change))
    assert refusal.value.document == "network.toml"
    assert (refusal.value.at, reason in str(refusal.value)) == (at, True), str(refusal.value)


def test_a_url_is_a_node_too(tmp_path: Path) -> None:
    found = read_layout(
        written(tmp_path, lambda text: text.replace('["node-by"', '["https://node.example:8545/key"', 1))
    )
    assert found.gateways[0].nodes[0] == "https://node.example:8545/key"


def test_a_refused_url_shows_no_secret(tmp_path: Path) -> None:
    for url in ("http://user:secret@h", "http://user:secret@h/$", "http://h?key=secret", "http://h/secret$"):
        with pytest.raises(MalformedDocument) as refusal:
            read_layout(written(tmp_path, lambda text, url=url: text.replace('["node-by"', f'["{url}"', 1)))  # type: ignore[misc]
        assert "user" not in str(refusal.value).replace("without a user", "")


def test_two_machines_may_use_one_port(tmp_path: Path) -> None:
    found = read_layout(written(tmp_path, lambda text: apart(text).replace("rpc = 8555", "rpc = 8545")))
    assert not found.is_on_one_machine


def test_nodes_at_one_address_are_on_one_machine_and_in_no_subnet(tmp_path: Path) -> None:
    found = read_layout(written(tmp_path, bare))
    assert (found.is_on_one_machine, found.is_in_one_subnet) == (True, False)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_layout(tmp_path / "network.toml")


def test_a_party_that_replaces_its_node_has_two(tmp_path: Path) -> None:
    nodes = [*NODES, EngineNode(party="BY", public_key=b"\7" * 64, file="node-2")]
    made: Layout = make_layout(Engine.BESU, nodes)
    assert [place.name for place in made.nodes] == ["node-by", "node-cn", "node-kz", "node-2-by"]
    assert len(made.gateways) == 3
    path = tmp_path / "network.toml"
    path.write_text(write_layout(replace(made, gateways=())))
    assert read_layout(path).gateways == ()
