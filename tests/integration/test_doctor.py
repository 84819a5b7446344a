"""`network doctor` at the embedded node, and at nodes that have one fault each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.cli.main import app
from aeo_ledger.evidence import decode_header
from aeo_ledger.ledger.port import encode_header
from aeo_ledger.network import doctor
from aeo_ledger.network.diagnosis import diagnose
from aeo_ledger.network.doctor import examine
from aeo_ledger.network.run import open_embedded
from aeo_ledger.office.ask import read_trust
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Table, word_slot
from aeo_ledger.rpc.server import create_node
from aeo_ledger.signing import Password
from support.long_node import show_header
from support.network import PASSWORD, served
from support.rogue_node import RogueNode, rogue

Answers = Mapping[str, Any]
QUORUM = "Geth/v1.10.3-stable(quorum-v24.4.1)/linux-amd64/go1.21"


@dataclass(frozen=True, kw_only=True)
class Examined:
    folder: Path
    ledger: EmbeddedLedger
    stack: ExitStack

    def with_answers(self, **methods: Any) -> RogueNode:
        """A node that answers some methods in its own way: by a value, by a function of the true answer, or with an error (None)."""

        def behave(request: Mapping[str, Any]) -> dict[str, Any]:
            said = self.ledger.rpc.answer(request)
            if request["method"] not in methods:
                return said
            given = methods[request["method"]]
            if given is None:
                return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no such method"}}
            result = given(said.get("result")) if callable(given) else given
            return {"jsonrpc": "2.0", "id": request["id"], "result": result}

        return self.stack.enter_context(rogue(behave))

    def examine(self, *urls: str, trust: bool = True, wait: str | None = None) -> tuple[int, dict[str, Any]]:
        pins = ["--trust", str(self.folder / "trust.json")] if trust else []
        pins += [] if wait is None else ["--wait", wait]
        ran = CliRunner().invoke(
            app, ["network", "doctor", "--rpc", ",".join(urls), *pins, "--json"], env={"AEO_LEDGER_TRUST": ""}
        )
        return ran.exit_code, json.loads(ran.stdout)


@pytest.fixture(scope="module")
def ledger(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, EmbeddedLedger]]:
    home = tmp_path_factory.mktemp("doctor")
    folder = Path(shutil.copytree(founded, home / "net"))
    with open_embedded(folder, Password(PASSWORD), marks=home / "machine") as (embedded, _):
        for _ in range(3):
            embedded.seal_pending()
        yield folder, embedded


@pytest.fixture
def examined(ledger: tuple[Path, EmbeddedLedger]) -> Iterator[Examined]:
    with ExitStack() as stack:
        yield Examined(folder=ledger[0], ledger=ledger[1], stack=stack)


def names(document: dict[str, Any]) -> list[str]:
    return [finding["name"] for finding in document["findings"]]


def test_the_embedded_node_is_healthy(examined: Examined) -> None:
    url = examined.stack.enter_context(served(create_node(examined.ledger.rpc.answer)))
    code, found = examined.examine(url)
    assert (code, found["findings"]) == (0, [])
    validators = read_trust(examined.folder / "trust.json").validators.addresses
    assert [one["address"] for one in found["chain"]["validators"]] == list(map(to_hex, validators))
    assert all(one["seals"] for one in found["chain"]["validators"])
    assert 3 <= found["nodes"][0]["head"] <= found["chain"]["head"]
    told = CliRunner().invoke(app, ["network", "doctor", "--rpc", url, "--trust", str(examined.folder / "trust.json")])
    assert told.exit_code == 0
    for words in ("BY     0x", "proposed ", "nothing is wrong, as far as it was checked", "not checked: "):
        assert words in told.stdout


def test_without_a_bundle_it_says_what_it_cannot_tell(examined: Examined) -> None:
    code, found = examined.examine(examined.with_answers().url, trust=False)
    assert (code, found["findings"], found["chain"]["validators"]) == (0, [], [])
    assert any("no trust bundle was given" in one for one in found["not_checked"])


def _later(block: Any) -> Any:
    return block and {**block, "timestamp": hex(int(block["timestamp"], 16) + 60)}


@pytest.mark.parametrize(
    ("methods", "code", "expected"),
    [
        ({"rpc_modules": {"eth": "1.0", "net": "1.0", "admin": "1.0"}}, 0, ["exposed-namespaces"]),
        ({"admin_nodeInfo": {"enode": "x"}}, 0, ["exposed-namespaces"]),
        ({"debug_getRawBlock": "0x"}, 0, ["exposed-namespaces"]),
        ({"rpc_modules": {"eth": "1.0", "istanbul": "1.0"}}, 0, ["surplus-namespaces"]),
        ({"net_peerCount": "0x0"}, 5, ["no-peers"]),
        ({"net_peerCount": "0x3", "web3_clientVersion": QUORUM}, 0, []),
        ({"qbft_getValidatorsByBlockNumber": ["0x" + "11" * 20]}, 5, ["engine-disagrees"]),
        ({"eth_chainId": "0x1"}, 5, ["other-chain-served"]),
        ({"eth_getBlockByNumber": lambda block: block and {**block, "hash": "0x" + "00" * 32}}, 5, ["node-lied"]),
        ({"eth_blockNumber": None}, 5, ["node-unreachable"]),
    ],
)  # fmt: skip
def test_each_fault_of_a_node_is_found(
    examined: Examined, methods: dict[str, Any], code: int, expected: list[str]
) -> None:
    found = examined.examine(examined.with_answers(**methods).url)
    assert (found[0], names(found[1])) == (code, expected), found[1]


LONG = "0x" + "f" * 20_000
"""A number that Python does not even show."""
NO_NUMBERS: tuple[Any, ...] = ("-0x5", "0x_5", " 0x5", "0x", "5", LONG, 5, [], {})
NO_WORDS: tuple[Any, ...] = (*NO_NUMBERS, None, "0x" + "00" * 20 + "ff" * 12, "0x" + "00" * 31 + "81")
NO_CHAINS: tuple[Any, ...] = (LONG, {"a": ["b"]}, "0x1\x1b[2J" * 9_999)
NO_BLOCKS: tuple[Any, ...] = (7, [], "0x", {}, {"number": "-0x5"})
NO_SIZES: tuple[Any, ...] = (*NO_NUMBERS, "0x" + "f" * 2_000, "0xfffffffff")


def _sized(size: Any) -> Any:
    return lambda block: block and {**block, "size": size}


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ({"rpc_modules": 7}, ["node-lied"]),
        ({"rpc_modules": {"eth": "1.0", "eth, and nothing is wrong\x1b[2K": "1.0"}}, ["node-lied"]),
        ({"rpc_modules": {f"n{at}": "1.0" for at in range(1_000)}}, ["node-lied"]),
        ({"eth_coinbase": "0x1"}, ["node-lied"]),
        ({"eth_coinbase": 5}, ["node-lied"]),
        ({"web3_clientVersion": 5}, ["node-lied"]),
        *(({"net_peerCount": count}, ["node-lied"]) for count in NO_NUMBERS),
        ({"rpc_modules": 7, "eth_coinbase": "0x1", "net_peerCount": "x", "web3_clientVersion": 5}, ["node-lied"] * 4),
        ({"qbft_getValidatorsByBlockNumber": ["0x" + "11" * 20, "nonsense"]}, ["node-lied"]),
        ({"qbft_getValidatorsByBlockNumber": ["0x" + "11" * 20] * 1_000}, ["node-lied"]),
        *(({"eth_blockNumber": head}, ["node-unreachable"]) for head in NO_NUMBERS),
        *(({"eth_chainId": chain}, ["other-chain-served"]) for chain in NO_CHAINS),
        *(({"eth_getStorageAt": word}, ["node-failed"]) for word in NO_WORDS),
        *(({"eth_getBlockByNumber": block}, ["node-lied"]) for block in NO_BLOCKS),
        *(({"eth_getBlockByNumber": _sized(size)}, ["node-failed"]) for size in NO_SIZES),
        ({"eth_getBlockByNumber": lambda block: block and {**block, "extraData": "0x"}}, ["node-failed"]),
    ],
)  # fmt: skip
def test_nonsense_of_a_node_is_a_finding(examined: Examined, methods: dict[str, Any], expected: list[str]) -> None:
    node = examined.with_answers(**methods)
    code, found = examined.examine(node.url)
    assert (code, names(found)) == (5, expected), found
    for finding in found["findings"]:
        assert node.url in finding["says"]
        assert len(finding["says"]) < 600
        assert finding["says"].isprintable(), "its words are quoted"


def test_a_node_with_one_block_for_all_numbers_is_named(examined: Examined) -> None:
    first = examined.ledger.rpc.answer(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["0x1", False]}
    )["result"]
    node = examined.with_answers(eth_getBlockByNumber=lambda block: block if block["number"] == "0x0" else first)
    code, found = examined.examine(node.url)
    assert (code, names(found)) == (5, ["node-failed"])
    assert "found block 1" in found["findings"][0]["says"]


def test_blocks_that_go_back_in_time_are_nonsense(examined: Examined) -> None:
    def back(block: Any) -> Any:
        if not block or block["number"] == "0x0":
            return block
        changed = replace(
            decode_header(encode_header(block)), timestamp=(1 << 40) - int(block["number"], 16), round=0, seals=()
        )
        return {**block, **show_header(changed, list(examined.ledger._maker._sealers.values()))}

    code, found = examined.examine(examined.with_answers(eth_getBlockByNumber=back).url)
    assert (code, names(found)) == (5, ["node-failed"])


def test_the_chain_is_read_from_the_first_node_that_makes_sense(examined: Examined) -> None:
    bad, good = examined.with_answers(eth_getStorageAt="0x" + "ff" * 32), examined.with_answers()
    code, found = examined.examine(bad.url, good.url)
    assert (code, names(found)) == (5, ["node-failed"])
    assert bad.url in found["findings"][0]["says"]
    assert [one["seals"] for one in found["chain"]["validators"]] == [True] * 4


def test_a_node_that_stops_answering_is_a_finding(examined: Examined) -> None:
    node = examined.with_answers()
    honest = node.behave
    node.behave = lambda request: None if request["method"] == "net_peerCount" else honest(request)
    code, found = examined.examine(node.url)
    assert (code, names(found)) == (5, ["node-unreachable"]), found


def test_a_silent_node_is_named_and_the_others_are_asked(examined: Examined) -> None:
    code, found = examined.examine("http://127.0.0.1:9", examined.with_answers().url)
    assert (code, names(found)) == (5, ["node-unreachable"])
    assert [node["fault"] for node in found["nodes"]] == ["NodeUnreachable", None]
    assert found["chain"] is not None


def test_when_none_answers_it_says_so(examined: Examined) -> None:
    code, found = examined.examine("http://127.0.0.1:9")
    assert (code, names(found), found["chain"]) == (5, ["node-unreachable"], None)
    assert any("no node can be asked" in one for one in found["not_checked"])


@pytest.mark.parametrize(("ahead_s", "expected"), [(30, ["clock-skew"]), (-30, ["clock-skew"]), (0, [])])
def test_clocks_are_compared(examined: Examined, ahead_s: int, expected: list[str]) -> None:
    node = examined.with_answers()
    node.clock_ahead_s = ahead_s
    code, found = examined.examine(node.url)
    assert (code, names(found)) == (5 if expected else 0, expected)
    assert abs(found["nodes"][0]["clock_ahead_s"] - ahead_s) < 20, "a slow answer makes it less certain"


@pytest.mark.parametrize(
    ("theirs", "answered", "ahead_s"),
    [
        (1_000, 1_000, 0.5),
        (1_030, 1_000, 30.5),
        (1_030, 1_008, 22.5),
        (1_000, 1_008, 0),
        (1_008, 1_008, 0.5),
        (970, 1_008, -29.5),
    ],
)
def test_an_answer_that_takes_long_is_no_difference_of_clocks(theirs: float, answered: float, ahead_s: float) -> None:
    """It was asked at 1,000 s."""
    node: Any = SimpleNamespace(date=lambda: float(theirs))
    found = doctor._ahead(node, iter((1_000.0, float(answered))).__next__)
    assert found == pytest.approx(ahead_s)


def test_the_validator_behind_a_node_is_named(examined: Examined) -> None:
    first = to_hex(read_trust(examined.folder / "trust.json").validators.addresses[0])
    node = examined.with_answers(eth_coinbase=first)
    found = examined.examine(node.url)[1]
    assert found["chain"]["validators"][0]["node"] == node.url
    assert found["nodes"][0]["validator"] == first


def _without_first_seal(examined: Examined) -> Callable[[Any], Any]:
    """Let the first validator be silent: it proposed nothing, and its seal is not stored."""
    keys = examined.ledger._maker._sealers
    _, *others = read_trust(examined.folder / "trust.json").validators.addresses

    def change(block: Any) -> Any:
        if not block or block["number"] == "0x0":
            return block
        header = replace(decode_header(encode_header(block)), coinbase=others[0], round=2, seals=())
        return {**block, **show_header(header, [keys[address] for address in others])}

    return change


def test_a_silent_validator_and_late_rounds_are_found(examined: Examined) -> None:
    node = examined.with_answers(eth_getBlockByNumber=_without_first_seal(examined))
    code, found = examined.examine(node.url)
    assert code == 5
    assert names(found) == ["no-reserve", "late-rounds", "silent-validator"]
    told = CliRunner().invoke(
        app, ["network", "doctor", "--rpc", node.url, "--trust", str(examined.folder / "trust.json")]
    )
    assert told.exit_code == 5
    for words in ("PROBLEM: 3 of 4 validators seal", "WARNING: the validator of BY", "  silent"):
        assert words in told.stdout


@pytest.mark.parametrize(
    ("words", "is_goquorum"),
    [
        ("the method web3_clientVersion does not exist/is not available", True),
        ("Method not enabled", False),
        ("the method eth_x does not exist/is not available", False),
    ],
)
def test_goquorum_is_known_by_its_words_if_it_does_not_tell_its_name(
    examined: Examined, words: str, is_goquorum: bool
) -> None:
    def behave(request: Mapping[str, Any]) -> dict[str, Any]:
        if request["method"] != "web3_clientVersion":
            return examined.ledger.rpc.answer(request)
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": words}}

    node = examined.stack.enter_context(rogue(behave))
    (found,) = examine([node.url]).nodes
    assert (found.client, found.is_goquorum) == ("", is_goquorum)


def test_it_waits_until_nodes_follow_and_then_asks_nothing_else_of_them(examined: Examined) -> None:
    chains = iter(["0x1", "0x1"])

    def seal(said: Any) -> Any:
        examined.ledger.seal_pending()
        return said

    late = examined.with_answers(eth_chainId=lambda said: next(chains, said), net_peerCount="0x0", eth_coinbase=seal)
    code, found = examined.examine(late.url, wait="1m")
    assert (code, names(found)) == (0, ["no-peers"]), "which would be 5 if nobody waited"
    assert next(chains, None) is None, "it looked at least three times"
    assert examined.examine(late.url)[0] == 5


def test_it_waits_in_vain_for_a_node_that_is_not_there(examined: Examined) -> None:
    examined.ledger.seal_pending()  # so that an idle block is not due soon
    code, found = examined.examine(examined.with_answers().url, "http://127.0.0.1:9", wait="1s")
    assert (code, names(found)) == (5, ["no-new-block", "node-unreachable"])


def test_it_waits_in_vain_for_a_node_that_is_stuck_near_the_head(examined: Examined) -> None:
    head = examined.ledger.head
    stuck = examined.with_answers(eth_blockNumber=hex(head))
    good = examined.with_answers(net_peerCount=lambda said: examined.ledger.seal_pending() and said)
    code, found = examined.examine(stuck.url, good.url, wait="1s")
    assert code == 5, "though it may not lag by more than a node may"
    assert {"no-new-block", "node-lags"} & set(names(found))


def test_a_node_that_claims_a_head_which_it_has_not_makes_no_other_lag(examined: Examined) -> None:
    boaster = examined.with_answers(eth_blockNumber="0xffffffffffff")
    examined.ledger.seal_pending()  # so that an idle block is not due soon
    for urls in ((boaster.url, examined.with_answers().url), (examined.with_answers().url, boaster.url)):
        code, found = examined.examine(*urls)
        assert (code, names(found)) == (5, ["node-lied"]), found
        assert found["chain"]["head"] == examined.ledger.head


@pytest.mark.parametrize(("ago", "expected"), [(0, "restart-halts"), (1, "restart-refetches"), (None, None)])
def test_a_change_in_the_block_that_goquorum_stores_is_not_stored_with_it(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, ago: int | None, expected: str | None
) -> None:
    """GoQuorum stores with a block the validators of the block before."""
    monkeypatch.setattr(doctor, "SNAPSHOT_BLOCKS", 2)
    examined.ledger.seal_pending()  # so that an idle block is not due soon
    stored = examined.ledger.head - examined.ledger.head % 2
    slot = word_slot(Table.VALIDATOR, 1)

    def behave(request: Mapping[str, Any]) -> dict[str, Any]:
        said = examined.ledger.rpc.answer(request)
        if request["method"] == "eth_getStorageAt" and int(request["params"][1], 16) == slot:
            changed = ago is not None and int(request["params"][2], 16) >= stored - ago
            return {**said, "result": "0x" + "00" * 11 + "01" + "11" * 20} if changed else said
        if request["method"] == "web3_clientVersion":
            return {"jsonrpc": "2.0", "id": request["id"], "result": QUORUM}
        return said

    node = examined.stack.enter_context(rogue(behave))
    found = diagnose(examine([node.url], [("trust.json", read_trust(examined.folder / "trust.json"))]))
    assert [one.name for one in found if one.name.startswith("restart")] == ([expected] if expected else []), found


def test_a_wrong_url_is_malformed(examined: Examined) -> None:
    code, found = examined.examine("nowhere")
    assert (code, found["error"]) == (2, "MalformedText")


def test_an_expired_bundle_is_a_problem(examined: Examined, tmp_path: Path) -> None:
    bundle = json.loads((examined.folder / "trust.json").read_text())
    bundle["period_s"] = 1
    (tmp_path / "old.json").write_text(json.dumps(bundle))
    url = examined.with_answers().url
    options = [
        "--rpc",
        url,
        "--trust",
        str(examined.folder / "trust.json"),
        "--trust",
        str(tmp_path / "old.json"),
        "--json",
    ]
    ran = CliRunner().invoke(app, ["network", "doctor", *options])
    assert (ran.exit_code, names(json.loads(ran.stdout))) == (5, ["bundle-expired"])


def test_words_of_a_node_are_quoted_and_escaped(examined: Examined) -> None:
    node = examined.with_answers(web3_clientVersion="besu\x1b[2J\nall is well")
    told = CliRunner().invoke(
        app, ["network", "doctor", "--rpc", node.url, "--trust", str(examined.folder / "trust.json")]
    )
    assert '"besu\\x1b[2J\\nall is well"' in told.stdout
