"""Examine a running network from outside, by the JSON-RPC of some of its nodes: collect the facts that `network.diagnosis` judges.

Nothing here is proven, and nothing is changed: a node may lie about itself. It is what an operator sees from one chair.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import pairwise
from typing import Any, Final, TypeVar

from aeo_ledger.customs.validators import MAX_VALIDATORS
from aeo_ledger.errors import Malformed, Unavailable, Unproven
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.primitives import MalformedSignature, MalformedText
from aeo_ledger.errors.rpc import NodeLied
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.ledger.port import Ledger, encode_header
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.primitives.curve import recover_address
from aeo_ledger.primitives.hexadecimal import parse_hex, parse_quantity
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
_BLOCK: Final = "eth_getBlockByNumber"
_NO_METHOD: Final = frozenset({-32601, -32604})
"""Codes of a method that a node does not have, or does not serve (Besu)."""
_PROBES: Final = {
    "admin": "admin_nodeInfo", "debug": "debug_getRawBlock", "personal": "personal_listAccounts", "miner": "miner_hashrate",
}  # fmt: skip
"""A method of each dangerous namespace that changes nothing. It is asked without parameters, since some nodes do not list what they serve."""
_OF_GETH: Final = "does not exist/is not available"
"""What geth and GoQuorum say of a method that they do not serve."""
_NAMESPACE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MOST_NAMESPACES: Final = 64
_LONGEST_CLIENT: Final = 300
_LATELY: Final = 2
"""A change of validators this many blocks ago, or fewer, may be what halted GoQuorum: it halts in the block after, or one node makes that one."""
_T = TypeVar("_T")


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
    """Its own name for its software; empty if it does not say."""
    speaks_as_geth: bool = False
    """Whether it refuses a method in the words of geth, of which GoQuorum is made."""
    address: bytes | None = None
    """The validator that it is, 20 bytes; None if it does not say."""
    peers: int | None = None
    namespaces: frozenset[str] = frozenset()
    """What it serves, as far as it shows."""
    ahead_s: float | None = None
    """How far its clock is certainly ahead of this one, in seconds; None if it does not say."""
    engine_validators: frozenset[bytes] | None = None
    """The validators that its engine goes by; None if it does not say."""
    odd: tuple[Unavailable, ...] = ()
    """What it answered that makes no sense, or did not answer though it is there. Such a fact is missing above."""

    @property
    def is_goquorum(self) -> bool:
        """Whether its software is GoQuorum: by its name, or, since nodes need not tell it, by its words. No other geth speaks QBFT."""
        return "quorum" in self.client.lower() if self.client else self.speaks_as_geth


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
    """The validators that GoQuorum stored last: a node that is restarted begins with them."""
    former_seats: frozenset[bytes] = frozenset()
    """The validators before the newest blocks: other ones than now if the last act was a change of validators."""
    new_seats: frozenset[bytes] = frozenset()
    """The validators that were seated by one of `recent`: these blocks do not tell whether such a one is silent."""

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
        found = list(looked)
    read = None
    for place, url in enumerate(urls):  # the first node that makes sense is believed
        if read is not None or found[place].fault is not None:
            continue
        try:
            with NodesProvider([url], chain=chain, timeout_s=timeout_s, survey_every_s=None) as provider:
                read = _read_chain(Ledger(provider, {} if trust is None else contracts_of(trust)), provider, trust)
        except Unavailable as fault:
            found[place] = replace(found[place], odd=(*found[place].odd, fault))
    return Facts(now=int(clock()), nodes=tuple(found), chain=read, bundles=tuple(bundles))


# ---- a node


def _look(node: Node, url: str, view: View, clock: Callable[[], float]) -> NodeFacts:
    host = parse_url(url, what="URL of a node", has_query=True).host
    facts = NodeFacts(name=node.name, is_local=_is_local(host), fault=view.fault, head=view.head)
    return facts if view.head is None else _Interview(node).complete(facts, clock)


class _Interview:
    """Asks one node, and keeps what makes no sense instead of believing it or giving up."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._odd: list[Unavailable] = []

    def complete(self, facts: NodeFacts, clock: Callable[[], float]) -> NodeFacts:
        """Add what the node says; it is left alone once it does not answer."""
        try:
            facts = replace(facts, client=self._read("web3_clientVersion", (), _client) or "")
            facts = replace(facts, speaks_as_geth=not facts.client and self._refuses_as_geth("web3_clientVersion"))
            facts = replace(facts, address=self._read("eth_coinbase", (), _address))
            facts = replace(facts, peers=self._read("net_peerCount", (), _peers))
            facts = replace(facts, namespaces=self._namespaces())
            facts = replace(facts, ahead_s=_ahead(self._node, clock))
            facts = replace(facts, engine_validators=self._engine_validators())
        except Unavailable as fault:
            self._odd.append(fault)
        return replace(facts, odd=tuple(self._odd))

    def _read(self, method: str, params: Sequence[Any], parse: Callable[[Any], _T]) -> _T | None:
        """Ask, and read the answer; None if the node does not have the method, answers with an error, or with nonsense."""
        found = self._node.ask(method, params).get("result")
        if found is None:
            return None
        try:
            return parse(found)
        except MalformedText as error:
            self._odd.append(NodeLied(endpoint=self._node.name, method=method, detail=str(error)))
            return None

    def _refuses_as_geth(self, method: str) -> bool:
        error = self._node.ask(method, []).get("error")
        return isinstance(error, dict) and error.get("message") == f"the method {method} {_OF_GETH}"

    def _namespaces(self) -> frozenset[str]:
        names = set(self._read("rpc_modules", (), _namespaces) or ())
        for name, method in _PROBES.items():
            error = self._node.ask(method, []).get("error")
            if error is None or (isinstance(error, dict) and error.get("code") not in _NO_METHOD):
                names.add(name)
        return frozenset(names)

    def _engine_validators(self) -> frozenset[bytes] | None:
        for method in ("qbft_getValidatorsByBlockNumber", "istanbul_getValidators"):
            found = self._read(method, ("latest",), _addresses)
            if found is not None:
                return found
        return None


def _client(found: Any) -> str:
    if not isinstance(found, str):
        raise MalformedText("client", type(found).__name__, "a text")
    return found[:_LONGEST_CLIENT]


def _address(found: Any) -> bytes:
    if not isinstance(found, str):
        raise MalformedText("address", type(found).__name__, "a text")
    return parse_hex(found, what="address", length=20)


def _addresses(found: Any) -> frozenset[bytes]:
    if not isinstance(found, list) or len(found) > MAX_VALIDATORS:
        raise MalformedText("validators", type(found).__name__, f"a list of at most {MAX_VALIDATORS} addresses")
    return frozenset(map(_address, found))


def _peers(found: Any) -> int:
    return parse_quantity(found, what="number of peers", max_bytes=4)


def _namespaces(found: Any) -> frozenset[str]:
    names = [name.lower() for name in found] if isinstance(found, dict) else []
    if not isinstance(found, dict) or len(names) > _MOST_NAMESPACES or not all(map(_NAMESPACE.fullmatch, names)):
        raise MalformedText(
            "namespaces", type(found).__name__, f"an object with at most {_MOST_NAMESPACES} names of namespaces"
        )
    return frozenset(names)


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ahead(node: Node, clock: Callable[[], float]) -> float | None:
    """Compare clocks: HTTP dates have whole seconds, so half a second is added.

    The node read its own at some moment until the answer came. So of a difference, half of that time may be none.
    """
    before = clock()
    theirs = node.date()
    after = clock()
    if theirs is None:
        return None
    ahead_s = theirs + 0.5 - (before + after) / 2
    return math.copysign(max(0.0, abs(ahead_s) - (after - before) / 2), ahead_s)


# ---- the chain


def _read_chain(ledger: Ledger, provider: NodesProvider, trust: TrustBundle | None) -> ChainFacts:
    head = ledger.head()
    seats = None if trust is None else _seats(ledger, head)
    wanted = min(_MOST_RECENT, max(LEAST_RECENT, 4 * len(seats or ())))
    recent = tuple(_read_block(provider, number) for number in range(max(1, head - wanted + 1), head + 1))
    if not recent:  # block 0 is not sealed, and counts as a block all the same
        recent = (_read_block(provider, 0),)
    for earlier, later in pairwise(recent):
        if later.time < earlier.time:
            raise NodeFailed(
                method=_BLOCK, detail=f"block {later.number} is of {later.time}, before block {earlier.number}"
            )
    if seats is None:
        return ChainFacts(recent=recent, seats=None)
    now = frozenset(seat.address for seat in seats)
    stored = head - head % SNAPSHOT_BLOCKS - 1  # what GoQuorum stores with a block is the set of the block before
    with suppress(Unavailable):  # a node that is not an archive
        first, last, former, before = (
            frozenset(seat.address for seat in _seats(ledger, max(block, 0)))
            for block in (0, stored, head - _LATELY, recent[0].number - 1)
        )
        return ChainFacts(
            recent=recent,
            seats=seats,
            first_seats=first,
            stored_seats=last,
            former_seats=former,
            new_seats=now - before,
        )
    return ChainFacts(recent=recent, seats=seats, first_seats=now, stored_seats=now, former_seats=now)


def _seats(ledger: Ledger, block: int) -> tuple[Seat, ...]:
    count = ledger.word(Contract.CONSORTIUM, word_slot(Table.VALIDATOR, 0), block)
    if not 1 <= count <= MAX_VALIDATORS:
        raise NodeFailed(
            method="eth_getStorageAt", detail=f"found {count} validators in the contract, needed 1 to {MAX_VALIDATORS}"
        )
    words = [
        ledger.word(Contract.CONSORTIUM, word_slot(Table.VALIDATOR, place), block) for place in range(1, count + 1)
    ]
    return tuple(
        Seat(address=VALIDATOR["node"].of(word).to_bytes(20, "big"), party=VALIDATOR["party"].of(word))
        for word in words
    )


def _read_block(provider: NodesProvider, number: int) -> RecentBlock:
    block: Any = provider.make_request(_BLOCK, [hex(number), False]).get("result")  # type: ignore[arg-type]
    try:
        header = decode_header(encode_header(block))
        size = parse_quantity(block["size"], what="size", max_bytes=4)
    except (Malformed, Unproven, KeyError, TypeError, AttributeError) as error:
        raise NodeFailed(method=_BLOCK, detail=f"block {number} cannot be read: {error}") from error
    if header.number != number:
        raise NodeFailed(method=_BLOCK, detail=f"found block {header.number}, asked for block {number}")
    return RecentBlock(
        number=header.number,
        time=header.timestamp,
        round=header.round,
        proposer=header.coinbase,
        sealers=_sealers(header),
        size=size,
    )


def _sealers(header: Header) -> frozenset[bytes]:
    """Recover who sealed a header, whoever may; a seal that nobody can have made is left out."""
    digest, found = header.seal_digest(), set()
    for seal in header.seals:
        with suppress(MalformedSignature):
            r, s = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big")
            found.add(recover_address(digest, r, s, seal[64]))
    return frozenset(found)
