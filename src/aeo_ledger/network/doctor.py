"""Examine a running network from outside, by the JSON-RPC of some of its nodes: collect the facts that `network.diagnosis` judges.

Nothing here is proven, and nothing is changed: a node may lie about itself. It is what an operator sees from one chair.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from aeo_ledger.errors import AeoLedgerError, Malformed, Unavailable
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.ledger.port import Ledger, encode_header
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.primitives.curve import recover_address
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.protocol.layouts import VALIDATOR
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from aeo_ledger.rpc.node import Node
from aeo_ledger.rpc.survey import View, survey
from aeo_ledger.verify import TrustBundle

SNAPSHOT_BLOCKS: Final = 1_024
"""GoQuorum stores its set of validators once in so many blocks; a restarted node begins from there."""

_TIMEOUT_S: Final = 10.0
_MOST_RECENT: Final = 100
LEAST_RECENT: Final = 20
"""Newest blocks that are read, and how many an estimate needs; more validators need more, up to `_MOST_RECENT`."""
_NO_METHOD: Final = frozenset({-32601, -32604})
"""Codes of a method that a node does not have, or does not serve (Besu)."""
_PROBES: Final = {
    "admin": "admin_nodeInfo", "debug": "debug_getRawBlock", "personal": "personal_listAccounts", "miner": "miner_hashrate",
}  # fmt: skip
"""A method of each dangerous namespace that changes nothing. It is asked without parameters, since some nodes do not list what they serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """What one node says about itself."""

    name: str
    """Scheme, host and port."""
    is_local: bool
    """Whether its address is on the loopback interface."""
    fault: Unavailable | None
    """Why it cannot be asked, or should not."""
    head: int | None = None
    client: str = ""
    """Its own name for its software."""
    address: bytes | None = None
    """The validator that it is, 20 bytes; None if it does not say."""
    peers: int | None = None
    namespaces: frozenset[str] = frozenset()
    """What it serves, as far as it shows."""
    ahead_s: float | None = None
    """How far its clock is ahead of this one, in seconds; None if it does not say."""
    engine_validators: frozenset[bytes] | None = None
    """The validators that its engine goes by; None if it does not say."""

    @property
    def is_goquorum(self) -> bool:
        """Whether its software is GoQuorum."""
        return "quorum" in self.client.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentBlock:
    """One of the newest blocks."""

    number: int
    time: int
    round: int
    proposer: bytes
    sealers: frozenset[bytes]
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A validator in the contract."""

    address: bytes
    party: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFacts:
    """What the nodes that can be asked say about the chain."""

    recent: tuple[RecentBlock, ...]
    """The newest blocks, ascending."""
    seats: tuple[Seat, ...] | None
    """The validators in the contract; None without a trust bundle."""
    first_seats: frozenset[bytes] = frozenset()
    """The validators in block 0."""
    stored_seats: frozenset[bytes] = frozenset()
    """The validators at the last block that GoQuorum stored."""

    @property
    def head(self) -> RecentBlock:
        """The newest block."""
        return self.recent[-1]

    @property
    def period_s(self) -> float | None:
        """Seconds between blocks, on average; None if there is one block."""
        first, last = self.recent[0], self.recent[-1]
        return (last.time - first.time) / (last.number - first.number) if len(self.recent) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that was found."""

    now: int
    nodes: tuple[NodeFacts, ...]
    chain: ChainFacts | None
    """None if no node can be asked."""
    bundles: tuple[tuple[str, TrustBundle], ...]
    """Trust bundles with the names of their files."""


def examine(
    urls: Sequence[str],
    bundles: Sequence[tuple[str, TrustBundle]] = (),
    *,
    clock: Callable[[], float] = time.time,
    timeout_s: float = _TIMEOUT_S,
) -> Facts:
    """Ask all nodes at once, and read the newest blocks.

    Args:
        urls: The nodes.
        bundles: Trust bundles with names; the first one says which chain the nodes must serve, and where its contracts are.
        clock: UTC seconds.
        timeout_s: Seconds within which a node must answer.

    Raises:
        MalformedText: a URL is not valid.
    """
    trust = bundles[0][1] if bundles else None
    chain = None if trust is None else ChainIdentity(chain_id=trust.chain_id, genesis_hash=trust.genesis_hash)
    with ExitStack() as opened:
        nodes = [Node(url, timeout_s=timeout_s) for url in urls]
        for node in nodes:
            opened.callback(node.close)
        executor = opened.enter_context(ThreadPoolExecutor(max_workers=len(nodes)))
        views = survey(nodes, executor, chain=chain)
        looked = executor.map(lambda node, url: _look(node, url, views[node], clock), nodes, urls)
        found = tuple(looked)
    good = [url for url, one in zip(urls, found, strict=True) if one.fault is None]
    read = None
    if good:
        with (
            suppress(Unavailable),
            NodesProvider(good, chain=chain, timeout_s=timeout_s, survey_every_s=None) as provider,
        ):
            read = _read_chain(Ledger(provider, {} if trust is None else contracts_of(trust)), provider, trust)
    return Facts(now=int(clock()), nodes=found, chain=read, bundles=tuple(bundles))


# ---- a node


def _look(node: Node, url: str, view: View, clock: Callable[[], float]) -> NodeFacts:
    host = parse_url(url, what="URL of a node", has_query=True).host
    facts = {"name": node.name, "is_local": _is_local(host), "fault": view.fault, "head": view.head}
    if view.head is None:
        return NodeFacts(**facts)  # type: ignore[arg-type]
    with suppress(Unavailable):
        return NodeFacts(
            **facts,  # type: ignore[arg-type]
            client=str(_result(node, "web3_clientVersion") or ""),
            address=_address(_result(node, "eth_coinbase")),
            peers=_number(_result(node, "net_peerCount")),
            namespaces=_list_namespaces(node),
            ahead_s=_ahead(node, clock),
            engine_validators=_engine_validators(node),
        )
    return NodeFacts(**facts)  # type: ignore[arg-type]


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _result(node: Node, method: str, *params: Any) -> Any:
    """Ask a node; None if it does not have the method, or answers with an error."""
    return node.ask(method, params).get("result")


def _address(found: Any) -> bytes | None:
    try:
        return parse_hex(found, what="address", length=20)
    except (AeoLedgerError, TypeError, AttributeError):
        return None


def _number(found: Any) -> int | None:
    try:
        return int(found, 16)
    except (TypeError, ValueError):
        return None


def _list_namespaces(node: Node) -> frozenset[str]:
    listed = _result(node, "rpc_modules")
    names = {str(name).lower() for name in listed} if isinstance(listed, dict) else set()
    for name, method in _PROBES.items():
        error = node.ask(method, []).get("error")
        if error is None or (isinstance(error, dict) and error.get("code") not in _NO_METHOD):
            names.add(name)
    return frozenset(names)


def _ahead(node: Node, clock: Callable[[], float]) -> float | None:
    """Compare clocks: HTTP dates have whole seconds, so half a second is added."""
    before = clock()
    theirs = node.date()
    return None if theirs is None else theirs + 0.5 - (before + clock()) / 2


def _engine_validators(node: Node) -> frozenset[bytes] | None:
    for method in ("qbft_getValidatorsByBlockNumber", "istanbul_getValidators"):
        found = _result(node, method, "latest")
        if isinstance(found, list):
            addresses = [_address(one) for one in found]
            return frozenset(one for one in addresses if one is not None)
    return None


# ---- the chain


def _read_chain(ledger: Ledger, provider: NodesProvider, trust: TrustBundle | None) -> ChainFacts:
    head = ledger.head()
    seats = None if trust is None else _seats(ledger, head)
    wanted = min(_MOST_RECENT, max(LEAST_RECENT, 4 * len(seats or ())))
    recent = tuple(_read_block(provider, number) for number in range(max(1, head - wanted + 1), head + 1))
    if not recent:  # block 0 is not sealed, and counts as a block all the same
        recent = (_read_block(provider, 0),)
    if seats is None:
        return ChainFacts(recent=recent, seats=None)
    stored = head - head % SNAPSHOT_BLOCKS
    with suppress(Unavailable):  # a node that is not an archive
        first, last = (frozenset(seat.address for seat in _seats(ledger, block)) for block in (0, stored))
        return ChainFacts(recent=recent, seats=seats, first_seats=first, stored_seats=last)
    now = frozenset(seat.address for seat in seats)
    return ChainFacts(recent=recent, seats=seats, first_seats=now, stored_seats=now)


def _seats(ledger: Ledger, block: int) -> tuple[Seat, ...]:
    count = ledger.word(Contract.CONSORTIUM, word_slot(Table.VALIDATOR, 0), block)
    words = [
        ledger.word(Contract.CONSORTIUM, word_slot(Table.VALIDATOR, place), block) for place in range(1, count + 1)
    ]
    return tuple(
        Seat(address=VALIDATOR["node"].of(word).to_bytes(20, "big"), party=VALIDATOR["party"].of(word))
        for word in words
    )


def _read_block(provider: NodesProvider, number: int) -> RecentBlock:
    block: Any = provider.make_request("eth_getBlockByNumber", [hex(number), False]).get("result")  # type: ignore[arg-type]
    try:
        encoded = encode_header(block)
        header = decode_header(encoded)
    except (Malformed, KeyError, TypeError, AttributeError) as error:
        raise NodeFailed(method="eth_getBlockByNumber", detail=f"block {number} cannot be read: {error}") from error
    return RecentBlock(
        number=header.number,
        time=header.timestamp,
        round=header.round,
        proposer=header.coinbase,
        sealers=_sealers(header),
        size=_number(block.get("size")) or len(encoded),
    )


def _sealers(header: Header) -> frozenset[bytes]:
    """Recover who sealed a header, whoever may; a seal that nobody can have made is left out."""
    digest, found = header.seal_digest(), set()
    for seal in header.seals:
        with suppress(MalformedSignature):
            r, s = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big")
            found.add(recover_address(digest, r, s, seal[64]))
    return frozenset(found)
