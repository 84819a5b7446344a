"""Several nodes of one ledger: which are asked, which are not and why; and no transaction is duplicated."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
import rlp
from web3.types import RPCEndpoint

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.rpc import (
    NodeForks,
    NodeLags,
    NodeLied,
    NodesDisagree,
    NodeUnreachable,
    NoNodeAnswers,
    OtherChainServed,
    PossiblySent,
    TooManyInFlight,
)
from aeo_ledger.ledger.port import encode_header
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from support.chain_world import CHAIN_ID, RELAY, put, transaction
from support.rogue_node import failure, result
from support.several_nodes import HEAD, KEY, Nodes, board
from support.waiting import WITHIN_S, await_that

CLOSED = "http://127.0.0.1:9"
QUICK_S = 0.4


def ask(provider: NodesProvider, method: str, *params: Any) -> Any:
    answer = provider.make_request(RPCEndpoint(method), list(params))
    assert "error" not in answer, answer
    return answer["result"]


# ---- failing over ----


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (None, "disconnected"),
        (503, "status 503"),
        (b"<html>", "not readable JSON"),
        (b"[1]", "not a JSON-RPC answer"),
        (b'{"jsonrpc": "2.0", "id": 0, "result": "0x63"}', "not a JSON-RPC answer"),
        (b"[" * 100_000, "not readable JSON"),
        (b'{"jsonrpc": "2.0", "id": 1, "result": "0x63", "result": "0x1"}', "the key 'result' appears twice"),
        (b'{"jsonrpc": "2.0", "id": 1, "result": "\\ud800"}', "half of a character"),
        (b'{"jsonrpc": "2.0", "id": NaN, "result": "0x63"}', "the number NaN"),
    ],
)
def test_a_node_that_gives_no_answer_is_named_and_the_next_one_asked(nodes: Nodes, said: Any, words: str) -> None:
    broken, good = nodes.serve(lambda _: said), nodes.serve(nodes.good)
    provider = nodes.provider(broken, good)
    fault = provider.faults()[broken.url]
    assert isinstance(fault, NodeUnreachable)
    assert words in str(fault)
    assert ask(provider, "eth_blockNumber") == hex(HEAD)


def test_a_silent_node_costs_its_time_limit_once(nodes: Nodes) -> None:
    silent, good = nodes.serve(nodes.good), nodes.serve(nodes.good)
    provider = nodes.provider(silent, good)
    assert provider.faults() == {}
    provider.nodes[0]._timeout_s = QUICK_S
    over = threading.Event()

    def wait(_: object) -> None:
        over.wait(WITHIN_S)

    silent.behave = wait
    before, started = silent.count("eth_blockNumber"), time.monotonic()
    assert ask(provider, "eth_blockNumber") == hex(HEAD)
    assert time.monotonic() - started >= QUICK_S
    assert isinstance(provider.faults()[silent.url], NodeUnreachable)
    await_that(lambda: silent.count("eth_blockNumber") > before)
    assert ask(provider, "eth_blockNumber") == hex(HEAD)
    over.set()
    assert silent.count("eth_blockNumber") == before + 1


def test_a_node_that_comes_back_is_asked_again(nodes: Nodes) -> None:
    node = nodes.serve(lambda _: 503)
    provider = nodes.provider(node)
    with pytest.raises(NodeUnreachable) as gone:
        ask(provider, "eth_blockNumber")
    assert (gone.value.endpoint, gone.value.detail) == (node.url, "HTTP status 503")
    node.behave = nodes.good.rpc.answer
    provider.survey()
    assert provider.faults() == {}
    assert ask(provider, "eth_blockNumber") == hex(HEAD)


def test_when_nobody_answers_everybody_is_named(nodes: Nodes) -> None:
    broken = nodes.serve(lambda _: 503)
    provider = nodes.provider(CLOSED, broken)
    with pytest.raises(NoNodeAnswers) as nobody:
        ask(provider, "eth_blockNumber")
    assert [text.split(": ")[0] for text in nobody.value.said] == [CLOSED, broken.url]


def test_an_error_of_one_node_is_asked_of_the_next_but_a_revert_is_an_answer(nodes: Nodes) -> None:
    pruned = nodes.serve(
        lambda request: (
            failure(request, "missing trie node") if "Storage" in request["method"] else nodes.good.rpc.answer(request)
        )
    )
    good = nodes.serve(nodes.good)
    provider = nodes.provider(pruned, good)
    assert int(ask(provider, "eth_getStorageAt", board(), "0x0", "0x1"), 16) >= 0
    call = {"to": board(), "data": "0x" + put([KEY], []).hex()}
    answer = provider.make_request(RPCEndpoint("eth_call"), [call, "latest"])
    assert answer["error"]["code"] == 3
    assert (pruned.count("eth_call"), good.count("eth_call")) == (1, 0)
    alone = nodes.provider(pruned).make_request(RPCEndpoint("eth_getStorageAt"), [board(), "0x0", "0x1"])
    assert alone["error"]["message"] == f"{pruned.url} says 'missing trie node'"


@pytest.mark.parametrize("url", ["", "127.0.0.1:8545", "ws://127.0.0.1:8545", "file:///tmp/x"])
def test_a_url_that_is_none_of_http_is_malformed(url: str) -> None:
    with pytest.raises(MalformedText):
        NodesProvider([url], survey_every_s=None)


def test_a_secret_in_a_url_is_in_no_error(nodes: Nodes) -> None:
    provider = nodes.provider("http://user:hunter2@127.0.0.1:9/v3/hunter3")
    with pytest.raises(NodeUnreachable) as gone:
        ask(provider, "eth_blockNumber")
    assert gone.value.endpoint == CLOSED
    assert "hunter" not in str(gone.value)


# ---- lagging, forks, other chains ----


def test_a_node_that_lags_is_named_and_asked_last(nodes: Nodes) -> None:
    behind, good = nodes.serve(nodes.behind), nodes.serve(nodes.good)
    provider = nodes.provider(behind, good)
    fault = provider.faults()[behind.url]
    assert isinstance(fault, NodeLags)
    assert (fault.head, fault.needed) == (2, HEAD)
    assert ask(provider, "eth_blockNumber") == hex(HEAD)
    good.behave = lambda _: 503
    assert ask(provider, "eth_blockNumber") == "0x2"
    provider.survey()  # it lags behind what was seen, also when nobody else is left
    assert isinstance(provider.faults()[behind.url], NodeLags)


def test_blocks_receipts_and_logs_that_one_node_has_not_yet_are_asked_of_another(nodes: Nodes) -> None:
    behind, good = nodes.serve(nodes.behind), nodes.serve(nodes.good)
    provider = nodes.provider(behind, good)
    good_again = good.behave
    good.behave = lambda _: 503
    with pytest.raises(NoNodeAnswers):  # silence would be no logs
        ask(provider, "eth_getLogs", {"address": board(), "fromBlock": "0x0", "toBlock": hex(HEAD)})
    assert behind.count("eth_getLogs") == 0
    good.behave = good_again
    assert len(ask(provider, "eth_getLogs", {"address": board(), "fromBlock": "0x0", "toBlock": hex(HEAD)})) == 1
    assert ask(provider, "eth_getBlockByNumber", hex(HEAD), False)["number"] == hex(HEAD)
    assert ask(provider, "eth_getBlockByNumber", hex(HEAD + 1), False) is None


def test_a_fork_is_named_by_node_and_height_and_the_majority_is_asked(nodes: Nodes) -> None:
    forked, one, two = nodes.serve(nodes.forked), nodes.serve(nodes.good), nodes.serve(nodes.good)
    provider = nodes.provider(forked, one, two)
    fault = provider.faults()[forked.url]
    assert isinstance(fault, NodeForks)
    assert (fault.number, fault.found) == (HEAD, bytes.fromhex(_hash(nodes, "forked")))
    assert fault.needed == bytes.fromhex(_hash(nodes, "good"))
    asked = len(forked.asked)
    one.behave = two.behave = lambda _: 503
    with pytest.raises(NoNodeAnswers) as nobody:
        ask(provider, "eth_blockNumber")
    assert "on a fork" in str(nobody.value)
    assert len(forked.asked) == asked


def test_without_a_majority_nobody_is_asked(nodes: Nodes) -> None:
    forked, good = nodes.serve(nodes.forked), nodes.serve(nodes.good)
    provider = nodes.provider(good, forked)
    with pytest.raises(NodesDisagree) as split:
        ask(provider, "eth_blockNumber")
    assert (split.value.number, split.value.endpoints) == (HEAD, (good.url, forked.url))


def _hash(nodes: Nodes, which: str) -> str:
    ledger = nodes.forked if which == "forked" else nodes.good
    text: str = ledger.rpc.request("eth_getBlockByNumber", [hex(HEAD)])["hash"]
    return text[2:]


def test_nodes_that_store_other_seals_and_rounds_agree(nodes: Nodes) -> None:
    def reseal(block: dict[str, Any]) -> dict[str, Any]:
        if block["number"] == "0x0":
            return block
        vanity, listed, vote, _, seals = rlp.decode(bytes.fromhex(block["extraData"][2:]))
        return {**block, "extraData": "0x" + rlp.encode([vanity, listed, vote, b"\1", seals[::-1][:3]]).hex()}

    other, good = nodes.altered("eth_getBlockByNumber", reseal), nodes.serve(nodes.good)
    provider = nodes.provider(other, good, nodes.serve(nodes.good))
    assert provider.faults() == {}
    block = ask(provider, "eth_getBlockByNumber", hex(HEAD), False)
    assert encode_header(block) != nodes.good.header_rlp(HEAD)
    assert block["hash"] == "0x" + _hash(nodes, "good")


@pytest.mark.parametrize(
    "chain",
    [ChainIdentity(chain_id=1, genesis_hash=bytes(32)), ChainIdentity(chain_id=CHAIN_ID, genesis_hash=b"\1" * 32)],
)
def test_a_node_of_another_chain_is_not_asked(nodes: Nodes, chain: ChainIdentity) -> None:
    node = nodes.serve(nodes.good)
    with pytest.raises(OtherChainServed) as other:
        ask(nodes.provider(node, chain=chain), "eth_blockNumber")
    assert other.value.endpoint == node.url


# ---- lies ----


@pytest.mark.parametrize("member", ["stateRoot", "timestamp", "hash", "extraData"])
def test_a_header_that_is_not_of_its_hash_is_a_lie(nodes: Nodes, member: str) -> None:
    def alter(block: dict[str, Any]) -> dict[str, Any]:
        text = block[member]
        return {**block, member: text[:8] + ("0" if text[8] != "0" else "1") + text[9:]}

    liar, good = nodes.serve(nodes.good), nodes.serve(nodes.good)
    provider = nodes.provider(liar, good)
    liar.behave = nodes.altered("eth_getBlockByNumber", alter).behave
    assert ask(provider, "eth_getBlockByNumber", hex(HEAD), False)["hash"] == "0x" + _hash(nodes, "good")
    fault = provider.faults()[liar.url]
    assert isinstance(fault, NodeLied)
    assert (fault.endpoint, fault.method) == (liar.url, "eth_getBlockByNumber")


def _slot(nodes: Nodes) -> str:
    """Find the slot of the board's word."""
    slot = "0x" + keccak256(bytes(32) + KEY).hex()
    for base in range(4):
        slot = "0x" + keccak256(base.to_bytes(32, "big") + KEY).hex()
        if int(nodes.good.rpc.request("eth_getStorageAt", [board(), slot]), 16):
            return slot
    raise AssertionError("the board keeps its words elsewhere")


def _other_value(proof: dict[str, Any]) -> dict[str, Any]:
    first, *rest = proof["storageProof"]
    return {**proof, "storageProof": [{**first, "value": "0x9"}, *rest]}


def _broken_node(proof: dict[str, Any]) -> dict[str, Any]:
    first, *rest = proof["accountProof"]
    return {**proof, "accountProof": [first[:-2] + ("00" if first[-2:] != "00" else "01"), *rest]}


def _no_storage(proof: dict[str, Any]) -> dict[str, Any]:
    return {**proof, "storageProof": []}


@pytest.mark.parametrize(
    "change", [_other_value, _broken_node, _no_storage, lambda _: {"accountProof": 3}, lambda _: "0x"]
)
def test_a_proof_that_does_not_fit_is_a_lie_and_its_node_is_not_asked_again(nodes: Nodes, change: Any) -> None:
    liar, good = nodes.altered("eth_getProof", change), nodes.serve(nodes.good)
    provider = nodes.provider(liar, good)
    slot = _slot(nodes)
    proof = ask(provider, "eth_getProof", board(), [slot, "0x99"], hex(HEAD))
    assert int(proof["storageProof"][0]["value"], 16) == 5
    fault = provider.faults()[liar.url]
    assert isinstance(fault, NodeLied)
    assert (fault.endpoint, fault.method) == (liar.url, "eth_getProof")
    provider.survey()
    asked = len(liar.asked)
    ask(provider, "eth_blockNumber")
    assert len(liar.asked) == asked
    with pytest.raises(NodeLied):
        ask(nodes.provider(liar), "eth_getProof", board(), [slot], hex(HEAD))


def test_keys_that_an_engine_sorts_and_trims_are_matched_by_number(nodes: Nodes) -> None:
    def trim(proof: dict[str, Any]) -> dict[str, Any]:
        parts = [{**part, "key": hex(int(part["key"], 16))} for part in proof["storageProof"]]
        return {**proof, "storageProof": sorted(parts, key=lambda part: part["key"])}

    provider = nodes.provider(nodes.altered("eth_getProof", trim))
    slots = [_slot(nodes), "0x2", "0x1"]
    assert len(ask(provider, "eth_getProof", board(), slots, hex(HEAD))["storageProof"]) == 3
    assert provider.faults() == {}


# ---- publishing ----


def _send(provider: NodesProvider, raw: bytes) -> Any:
    return provider.make_request(RPCEndpoint("eth_sendRawTransaction"), ["0x" + raw.hex()])


def _published(nodes: Nodes) -> int:
    return int(nodes.good.rpc.request("eth_getTransactionCount", ["0x" + RELAY.address[2:], "pending"]), 16)


def test_an_answer_that_is_lost_on_its_way_is_no_second_transaction(fresh_nodes: Nodes) -> None:
    def lose_answer(request: Mapping[str, Any]) -> Any:
        answer = fresh_nodes.good.rpc.answer(request)
        if request["method"] == "eth_sendRawTransaction":
            fresh_nodes.good.seal_pending()
            return None
        return answer

    losing, good = fresh_nodes.serve(lose_answer), fresh_nodes.serve(fresh_nodes.good)
    raw = transaction(1, put([KEY], [8]))
    answer = _send(fresh_nodes.provider(losing, good), raw)
    assert answer["result"] == "0x" + keccak256(raw).hex()
    assert good.count("eth_sendRawTransaction") == 1
    assert _published(fresh_nodes) == 2


def test_where_only_one_node_could_tell_it_was_possibly_sent(nodes: Nodes) -> None:
    node = nodes.serve(nodes.good)
    provider = nodes.provider(node)
    node.behave = lambda _: None
    raw = transaction(1, put([KEY], [8]))
    with pytest.raises(PossiblySent) as doubt:
        _send(provider, raw)
    assert (doubt.value.transaction, doubt.value.endpoint) == ("0x" + keccak256(raw).hex(), node.url)


def test_where_nobody_listens_it_was_certainly_not_sent() -> None:
    with NodesProvider([CLOSED], survey_every_s=None) as provider, pytest.raises(NodeUnreachable) as gone:
        _send(provider, transaction(1, put([KEY], [8])))
    assert gone.value.reached == "no"


@pytest.mark.parametrize("words", ["already known", "Known transaction", "Transaction already exists"])
def test_a_node_that_knows_it_already_has_taken_it(nodes: Nodes, words: str) -> None:
    node = nodes.serve(
        lambda request: failure(request, words) if "send" in request["method"] else nodes.good.rpc.answer(request)
    )
    raw = transaction(1, put([KEY], [8]))
    assert _send(nodes.provider(node), raw)["result"] == "0x" + keccak256(raw).hex()


def test_a_transaction_that_was_sealed_before_is_taken_for_sent_and_not_sent_anew(nodes: Nodes) -> None:
    raw = transaction(0, put([KEY], [5]))
    assert _send(nodes.provider(nodes.serve(nodes.good)), raw)["result"] == "0x" + keccak256(raw).hex()
    assert _published(nodes) == 1


def test_a_transaction_that_every_node_refuses_is_refused_with_the_first_ones_words(nodes: Nodes) -> None:
    one, two = nodes.serve(nodes.good), nodes.serve(nodes.good)
    answer = _send(nodes.provider(one, two), transaction(7, put([KEY], [8])))
    assert answer["error"]["message"].startswith(f"{one.url} says ")
    assert "nonce" in answer["error"]["message"]
    assert _published(nodes) == 1


# ---- back-pressure ----


def test_more_than_so_many_at_a_time_are_told_to_come_back(nodes: Nodes) -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def hold(request: Mapping[str, Any]) -> Any:
        if request["method"] == "eth_gasPrice":
            waiting.set()
            go_on.wait(WITHIN_S)
        return result(request, "0x0") if request["method"] == "eth_gasPrice" else nodes.good.rpc.answer(request)

    provider = nodes.provider(nodes.serve(hold), in_flight=1, timeout_s=WITHIN_S)
    holding = threading.Thread(target=lambda: provider.make_request(RPCEndpoint("eth_gasPrice"), []))
    holding.start()
    assert waiting.wait(WITHIN_S)
    provider._timeout_s = 0.05
    with pytest.raises(TooManyInFlight) as busy:
        ask(provider, "eth_blockNumber")
    assert busy.value.limit == 1
    go_on.set()
    holding.join()
    provider._timeout_s = WITHIN_S
    assert ask(provider, "eth_blockNumber") == hex(HEAD)


def test_the_survey_goes_on_by_itself(nodes: Nodes) -> None:
    node = nodes.serve(lambda _: 503)
    provider = nodes.provider(node, survey_every_s=0.05)
    node.behave = nodes.good.rpc.answer
    await_that(lambda: not provider.faults())
    assert provider.is_connected()
