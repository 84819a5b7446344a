"""The pages of operation say what is of their network and nothing else; `tests/network` carries them out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from aeo_ledger.network.layout import Engine, EngineNode, Layout, make_layout
from aeo_ledger.network.operation import PAGES, write_pages


def layout(engine: Engine, *files: tuple[str, str]) -> Layout:
    nodes = [
        EngineNode(party=party, public_key=bytes(63) + bytes([at]), file=file) for at, (party, file) in enumerate(files)
    ]
    return make_layout(engine, nodes)


FOUR = (("BY", "node"), ("CN", "node"), ("KZ", "node"), ("EU", "node"))


@pytest.mark.parametrize("engine", list(Engine))
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("idle_s", [None, 7])
def test_a_page_is_of_its_engine_its_machines_and_its_idle_blocks(
    engine: Engine, apart: bool, idle_s: int | None
) -> None:
    made = layout(engine, *FOUR)
    pages = write_pages(replace(made, subnet="10.9.0.0/24") if apart else made, idle_s)
    assert list(pages) == list(PAGES)
    for name, page in pages.items():
        assert "@" not in page
        assert not re.search(r"^\[[a-z ]+\]\s", page, re.MULTILINE), "a condition that nobody knows"
        assert ("1,024" in page or "1 024" in page) == (engine is Engine.QUORUM)
        assert ("xemptyblockperiodseconds" in page) == (engine is Engine.BESU or idle_s is None)
        assert ("after 7 s" in page or "через 7 " in page) == (idle_s is not None), name
        assert ('NODES="node-by"' in page) == apart
        assert ("-f compose.by.yaml" in page) == apart
        assert "http://127.0.0.1:8545" in page


def test_who_comes_next_is_not_there_yet() -> None:
    page = write_pages(layout(Engine.BESU, *FOUR), 4)["OPERATION.md"]
    assert "--code GE" in page
    assert 'file = "node-2"' in page
    grown = (*FOUR[1:], ("BY", "node-2"), ("GE", "node"), ("AM", "node-9"))
    page = write_pages(layout(Engine.BESU, *grown), 4)["OPERATION.md"]
    assert "--code MD" in page
    assert 'name = "node-2-cn"' in page, "the first party's next"
    replaced = write_pages(layout(Engine.BESU, ("BY", "node-2"), *FOUR[1:]), 4)["OPERATION.md"]
    assert 'name = "node-3-by"' in replaced
    assert '--old "$(aeo-ledger key show parties/BY/node-2.json)"' in replaced


def at_one_address(engine: Engine) -> Layout:
    """A layout as an operator edits it who has no containers: one address, and ports one after the other."""
    made = layout(engine, *FOUR)
    nodes = tuple(
        replace(place, host="192.0.2.7", p2p=8_001 + 2 * at, rpc=8_002 + 2 * at) for at, place in enumerate(made.nodes)
    )
    gateways = tuple(replace(one, port=8_009 + at) for at, one in enumerate(made.gateways))
    return replace(made, nodes=nodes, gateways=gateways)


def set_in(page: str, key: str) -> list[str]:
    """What the page's blocks write into network.toml for a key."""
    return [line.split(" = ")[1].strip('"') for line in page.splitlines() if line.startswith(f"{key} = ")]


@pytest.mark.parametrize("made", [layout(Engine.QUORUM, *FOUR), at_one_address(Engine.QUORUM)])
def test_a_page_suggests_ports_that_nobody_has(made: Layout) -> None:
    page = write_pages(made, 4)["OPERATION.md"]
    taken = {port for place in made.nodes for port in (place.p2p, place.rpc)} | {one.port for one in made.gateways}
    suggested = [int(port) for key in ("p2p", "rpc") for port in set_in(page, key)]
    assert len({*suggested}) == 4
    assert not taken & {*suggested}


def test_a_page_suggests_addresses_that_leave_the_network_where_it_runs() -> None:
    made = layout(Engine.BESU, *FOUR)
    assert set_in(write_pages(made, 4)["OPERATION.md"], "host") == ["172.30.57.15", "172.30.57.16"]
    assert set_in(write_pages(at_one_address(Engine.BESU), 4)["OPERATION.md"], "host") == ["192.0.2.7"] * 2
    nodes = tuple(replace(place, host=f"198.51.100.{at}") for at, place in enumerate(made.nodes, 1))
    page = write_pages(replace(made, nodes=nodes), 4)["OPERATION.md"]
    assert set_in(page, "host") == ["192.0.2.99", "198.51.100.1"], "a newcomer's, and on one's own machine"


def test_nodes_at_one_address_are_all_started_from_one_page() -> None:
    page = write_pages(at_one_address(Engine.BESU), 4)["OPERATION.md"]
    assert 'NODES="node-by node-cn node-kz node-eu"' in page
    assert "docker compose -f compose.by.yaml -f compose.cn.yaml -f compose.kz.yaml -f compose.eu.yaml up" in page
