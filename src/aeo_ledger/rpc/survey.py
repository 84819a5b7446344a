"""Compare all nodes of a ledger: find those that can be asked, and the faults of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.rpc import NodeForks, NodeLags, NodeLied, NodesDisagree, NodeUnreachable, OtherChainServed
from aeo_ledger.primitives.hexadecimal import parse_quantity
from aeo_ledger.rpc.claims import check_header
from aeo_ledger.rpc.node import Node

TOLERATED_LAG: Final = 2
"""Blocks that a node may be behind without a fault, since a new block takes time to reach all nodes."""

_LONGEST_WORDS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainIdentity:
    """Identifies the chain that the nodes must serve. A trust bundle pins both values."""

    chain_id: int
    genesis_hash: bytes
    """32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The result of a survey for one node."""

    head: int | None
    """Its newest block; None if it did not say."""
    fault: Unavailable | None
    """Why it is not asked, or asked last; None for a good node."""


def survey(
    nodes: Sequence[Node], executor: Executor, *, chain: ChainIdentity | None, seen: int = 0
) -> Mapping[Node, View]:
    """Ask all nodes at once for their newest blocks, and compare hashes at common heights.

    Args:
        nodes: The nodes of one ledger.
        executor: Asks them in parallel, so that a silent node delays the survey by one time limit only.
        chain: The chain that they must serve; None for any.
        seen: The highest block that any node ever had.
    """
    found = dict(zip(nodes, executor.map(lambda node: _look(node, chain), nodes), strict=True))
    heads = {node: view.head for node, view in found.items() if view.head is not None and view.fault is None}
    level, faults = _find_level(heads, executor)
    best = max([seen, *(head for node, head in heads.items() if not isinstance(faults.get(node), NodeLied))])
    leader = next((node for node in level if node not in faults), None)
    for node, head in heads.items():
        if node not in level and node not in faults and leader is not None:  # it lags, and may also be on a fork
            faults |= _compare_with(leader, node, head)
        if node not in faults and head < best - TOLERATED_LAG:
            faults[node] = NodeLags(endpoint=node.name, head=head, needed=best)
    return {node: View(head=view.head, fault=faults.get(node, view.fault)) for node, view in found.items()}


def _look(node: Node, chain: ChainIdentity | None) -> View:
    try:
        if chain is not None:
            _check_chain(node, chain)
        return View(head=head_of(node), fault=None)
    except Unavailable as fault:
        return View(head=None, fault=fault)


def _check_chain(node: Node, chain: ChainIdentity) -> None:
    """Compare chain id and block 0."""
    served = node.ask("eth_chainId", []).get("result")
    if served != hex(chain.chain_id):
        raise OtherChainServed(
            endpoint=node.name, found=f"chain {_quote(served)}", needed=f"chain {hex(chain.chain_id)}"
        )
    genesis = _hash_at(node, 0)
    if genesis != chain.genesis_hash:
        raise OtherChainServed(
            endpoint=node.name,
            found=f"a chain from 0x{genesis.hex()}",
            needed=f"the chain from 0x{chain.genesis_hash.hex()}",
        )


def head_of(node: Node) -> int:
    """Ask a node for its newest block's number.

    Raises:
        NodeUnreachable: It does not say.
    """
    answer = node.ask("eth_blockNumber", [])
    try:
        return parse_quantity(answer.get("result"), what="block", max_bytes=8)
    except MalformedText as error:
        detail = f"eth_blockNumber is answered with {_quote(answer.get('error', answer.get('result')))}"
        raise NodeUnreachable(endpoint=node.name, detail=detail, reached="perhaps") from error


def _quote(said: object) -> str:
    """Show what a node said: in quotation marks that it cannot close, and cut."""
    return repr(str(said)[:_LONGEST_WORDS])


def _hash_at(node: Node, number: int) -> bytes:
    block = node.ask("eth_getBlockByNumber", [hex(number), False]).get("result")
    if not isinstance(block, dict):
        raise NodeLied(endpoint=node.name, method="eth_getBlockByNumber", detail=f"it has no block {number}")
    return check_header(block, endpoint=node.name)


def _find_level(heads: Mapping[Node, int], executor: Executor) -> tuple[list[Node], dict[Node, Unavailable]]:
    """Find the nodes at the newest block that at least one node really has, and the faults of these and of those that claim more."""
    highest = max(heads.values(), default=0)
    level = [node for node, head in heads.items() if head >= highest - TOLERATED_LAG]
    faults = _compare(level, min((heads[node] for node in level), default=0), executor)
    if not level or not all(isinstance(faults.get(node), NodeLied) for node in level):
        return level, faults
    others, more = _find_level({node: head for node, head in heads.items() if node not in faults}, executor)
    return others, faults | more


def _compare(nodes: Sequence[Node], number: int, executor: Executor) -> dict[Node, Unavailable]:
    """Compare one block's hash among nodes that should have it; the majority is more than half of them."""

    def hash_or_fault(node: Node) -> bytes | Unavailable:
        try:
            return _hash_at(node, number)
        except Unavailable as fault:
            return fault

    found = list(executor.map(hash_or_fault, nodes))
    faults = {node: said for node, said in zip(nodes, found, strict=True) if isinstance(said, Unavailable)}
    hashes = [(node, said) for node, said in zip(nodes, found, strict=True) if isinstance(said, bytes)]
    counted = Counter(said for _, said in hashes).most_common()
    if len(counted) < 2:
        return faults
    leading, votes = counted[0]
    if votes * 2 <= len(hashes):
        names = tuple(node.name for node, _ in hashes)
        return faults | {node: NodesDisagree(number=number, endpoints=names) for node, _ in hashes}
    return faults | {
        node: NodeForks(endpoint=node.name, number=number, found=said, needed=leading)
        for node, said in hashes
        if said != leading
    }


def _compare_with(leader: Node, node: Node, number: int) -> dict[Node, Unavailable]:
    """Compare a node's hash of one block with that of a node in the majority."""
    try:
        needed = _hash_at(leader, number)
    except Unavailable:
        return {}  # this is the leader's fault, and its next request will show it
    try:
        found = _hash_at(node, number)
    except Unavailable as fault:
        return {node: fault}
    return {} if found == needed else {node: NodeForks(endpoint=node.name, number=number, found=found, needed=needed)}
