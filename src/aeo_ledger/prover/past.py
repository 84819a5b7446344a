"""What an index keeps of the past, beside the words that stand now: logs, acts, times, and the blocks around each change of the validators.

Histories, news and trust updates are made of these, so that the node is asked for each of them once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.state import NO_BLOCK, Changes, State, changes_validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A block before or after a change of the validators, which those prove who follow a ledger."""

    header: bytes
    """With its seals, RLP."""
    accounts: Mapping[Contract, tuple[bytes, ...]]
    """Trie nodes that prove each contract's account, RLP, root first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What some blocks add."""

    logs: Sequence[tuple[Contract, Log]]
    """Every log, with its contract."""
    acts: Mapping[str, tuple[bytes, bytes]]
    """What each transaction calls: an address of 20 bytes, and its call data."""
    times: Mapping[int, int]
    """UTC seconds of each block that has logs, and of the genesis."""
    steps: Mapping[int, Step]
    """By the number of the block."""


def read_past(ledger: Ledger, before: State | None, state: State, changes: Changes) -> Past:
    """Read what the blocks of some changes add, from a node.

    Args:
        ledger: The port to the node.
        before: The state before the changes; None if they begin with the genesis.
        state: The state after them.
        changes: As the node's logs say.

    Raises:
        Unavailable: the node does not answer. If it only lacks a transaction, this act is left out: whoever wants it asks the node again.
    """
    acts = {}
    for transaction in dict.fromkeys(log.transaction for _, log in changes.logs):
        with suppress(NodeFailed):
            acts[transaction] = ledger.call_data(transaction)
    blocks = dict.fromkeys(log.block for _, log in changes.logs)
    if changes.since == NO_BLOCK:
        blocks[0] = None
    around = (before, state) if any(changes_validators(*log) for log in changes.logs) else ()
    return Past(
        logs=changes.logs,
        acts=acts,
        times={block: state.decoded.timestamp if block == state.block else ledger.time_of(block) for block in blocks},
        steps={one.block: Step(header=one.header, accounts=one.accounts) for one in around if one is not None},
    )
