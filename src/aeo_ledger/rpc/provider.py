"""A web3 provider over several nodes of one ledger: it fails over, limits concurrent requests, and never duplicates a transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self

from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from aeo_ledger.errors import Unavailable
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
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.rpc.claims import check_header, check_proof, hash_of_transaction
from aeo_ledger.rpc.node import Node
from aeo_ledger.rpc.survey import ChainIdentity, View, head_of, survey

IN_FLIGHT: Final = 32
"""Concurrent requests; further ones wait, and after a time are refused."""

TIMEOUT_S: Final = 10.0
"""Seconds within which a node must answer."""

SURVEY_EVERY_S: Final = 2.0

QUARANTINE_S: Final = 60.0
"""Seconds for which a node that contradicted itself is not used."""

_LONGEST_WORDS: Final = 300
"""Characters of a node's error message that are passed on."""

_NOT_ASKED: Final = (NodeForks, NodesDisagree, NodeLied, OtherChainServed)
"""Faults that exclude a node; a node that is silent or lags is still asked as the last choice."""
_MAY_BE_MISSING: Final = frozenset(
    {
        "eth_getBlockByNumber",
        "eth_getBlockByHash",
        "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
    }
)
"""Methods that a lagging node answers with null."""
_ALREADY: Final = ("already known", "known transaction", "already imported", "already exists")
"""Parts of engines' messages that mean: this node has the transaction already."""


class NodesProvider(BaseProvider):
    """Nodes of one ledger. Those without a fault are asked in the given order. Use it in a `with` block."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        chain: ChainIdentity | None = None,
        timeout_s: float = TIMEOUT_S,
        in_flight: int = IN_FLIGHT,
        survey_every_s: float | None = SURVEY_EVERY_S,
    ) -> None:
        super().__init__()
        self.nodes = tuple(Node(url, timeout_s=timeout_s) for url in urls)
        self._chain = chain
        self._timeout_s, self._in_flight = timeout_s, in_flight
        self._slots = threading.BoundedSemaphore(in_flight)
        self._executor = ThreadPoolExecutor(max_workers=len(self.nodes), thread_name_prefix="aeo-ledger survey")
        self._views: dict[Node, View] = {node: View(head=None, fault=None) for node in self.nodes}
        self._quarantined: dict[Node, float] = {}
        self._seen = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.survey()
        if survey_every_s is not None:
            self._thread = threading.Thread(target=self._keep_surveying, args=(survey_every_s,), daemon=True)
            self._thread.start()

    def __enter__(self) -> Self:
        """Enter a `with` block, which closes the connections at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Stop surveying and close all connections."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self._executor.shutdown(cancel_futures=True)
        for node in self.nodes:
            node.close()

    # ---- the state of the nodes ----

    def survey(self) -> None:
        """Check all nodes now."""
        found = survey(self.nodes, self._executor, chain=self._chain, seen=self._seen)
        self._seen = max([self._seen, *(view.head or 0 for view in found.values() if view.fault is None)])
        self._views |= {node: view for node, view in found.items() if not self._is_quarantined(node)}

    def faults(self) -> Mapping[str, Unavailable]:
        """Return the faults of the nodes, by the node's name."""
        return {node.name: view.fault for node, view in self._views.items() if view.fault is not None}

    def is_connected(self, show_traceback: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 (web3's signature)
        """Whether any node is without a fault."""
        return any(view.fault is None for view in self._views.values())

    def _keep_surveying(self, every_s: float) -> None:
        while not self._closing.wait(every_s):
            self.survey()

    def _is_quarantined(self, node: Node) -> bool:
        return self._quarantined.get(node, 0) > time.monotonic()

    def _note(self, node: Node, fault: Unavailable) -> None:
        if isinstance(fault, NodeLied):
            self._quarantined[node] = time.monotonic() + QUARANTINE_S
        self._views[node] = View(head=self._views[node].head, fault=fault)

    def _candidates(self) -> Iterator[Node]:
        """List the nodes to ask: those without a fault, then those that lag, then those that are silent."""
        faults = {node: view.fault for node, view in self._views.items()}
        yield from (node for node in self.nodes if faults[node] is None)
        yield from (node for node in self.nodes if isinstance(faults[node], NodeLags))
        yield from (node for node in self.nodes if isinstance(faults[node], NodeUnreachable))

    # ---- asking ----

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Ask the first node that can answer.

        Raises:
            TooManyInFlight: Too many requests are running.
            NoNodeAnswers: There are several nodes, and each has a fault.
            PossiblySent: A transaction was sent, and it is unknown whether it arrived.
            Unavailable: The fault of the only node.
        """
        if not self._slots.acquire(timeout=self._timeout_s):
            raise TooManyInFlight(limit=self._in_flight, waited_s=self._timeout_s)
        try:
            found = self._publish(params[0]) if method == "eth_sendRawTransaction" else self._read(method, params or [])
        finally:
            self._slots.release()
        return found  # type: ignore[return-value]

    def _read(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        kept: dict[str, Any] | None = None
        for node in self._candidates():
            try:
                answer = self._ask(node, method, params)
            except (NodeUnreachable, NodeLags, NodeLied) as fault:
                self._note(node, fault)
                continue
            if _is_final(method, answer):
                return answer
            kept = kept or answer
        if kept is None:
            raise self._nobody(method)
        return kept

    def _ask(self, node: Node, method: str, params: Sequence[Any]) -> dict[str, Any]:
        """Ask one node, and check that its answer does not contradict itself."""
        if method == "eth_getLogs":
            self._demand_block(node, params[0].get("toBlock"))
        answer = node.ask(method, params)
        result = answer.get("result")
        if method == "eth_getBlockByNumber" and isinstance(result, dict):
            check_header(result, endpoint=node.name)
        if method == "eth_getProof" and result is not None:
            address, slots, number = params
            block = node.ask("eth_getBlockByNumber", [number, False]).get("result") or {}
            check_header(block, endpoint=node.name)
            root = parse_hex(block["stateRoot"], what="state root", length=32)
            check_proof(result, root, address, slots, endpoint=node.name)
        return answer if "error" not in answer else {**answer, "error": _named(answer["error"], node)}

    def _demand_block(self, node: Node, number: object) -> None:
        """Check that a node has a block before it is asked for logs: some nodes omit missing blocks silently."""
        if not isinstance(number, str) or not number.startswith("0x"):
            return
        needed = int(number, 16)
        if (self._views[node].head or 0) < needed and (head := head_of(node)) < needed:
            raise NodeLags(endpoint=node.name, head=head, needed=needed)

    def _publish(self, raw: str) -> dict[str, Any]:
        """Send the same bytes to one node after another, until a node has the transaction."""
        transaction = hash_of_transaction(raw)
        doubtful: NodeUnreachable | None = None
        refused: dict[str, Any] | None = None
        for node in self._candidates():
            try:
                answer = node.ask("eth_sendRawTransaction", [raw])
                if "error" not in answer or _is_known(answer) or self._has(node, transaction):
                    return {"jsonrpc": "2.0", "id": 0, "result": transaction}
            except NodeUnreachable as fault:
                self._note(node, fault)
                doubtful = fault if fault.reached != "no" else doubtful
                continue
            refused = refused or {**answer, "error": _named(answer["error"], node)}
        if doubtful is not None:
            raise PossiblySent(transaction=transaction, endpoint=doubtful.endpoint, detail=doubtful.detail)
        if refused is None:
            raise self._nobody("eth_sendRawTransaction")
        return refused

    @staticmethod
    def _has(node: Node, transaction: str) -> bool:
        """Ask whether a node has a transaction: then its nonce is used, and the node refuses to take it again."""
        return node.ask("eth_getTransactionByHash", [transaction]).get("result") is not None

    def _nobody(self, method: str) -> Unavailable:
        faults = [view.fault for view in self._views.values() if view.fault is not None]
        if faults and (len(self.nodes) == 1 or all(isinstance(fault, NodesDisagree) for fault in faults)):
            return faults[0]
        return NoNodeAnswers(method=method, said=tuple(map(str, faults)))


def _is_final(method: str, answer: Mapping[str, Any]) -> bool:
    """Whether no other node need be asked. Another one may know more after a null, or after an error that is not a revert."""
    error = answer.get("error")
    if error is not None:
        return isinstance(error, dict) and (error.get("code") == 3 or error.get("data") is not None)
    return answer.get("result") is not None or method not in _MAY_BE_MISSING


def _is_known(answer: Mapping[str, Any]) -> bool:
    error = answer["error"]
    text = str(error.get("message") if isinstance(error, dict) else error).lower()
    return any(words in text for words in _ALREADY)


def _named(error: Any, node: Node) -> dict[str, Any]:
    """Put the node's name before its error message, and quote the message."""
    said = error if isinstance(error, dict) else {"code": -32000, "message": str(error)}
    return {**said, "message": f"{node.name} says {str(said.get('message'))[:_LONGEST_WORDS]!r}"}
