"""Prove how the validators changed since the checkpoint of a border system's trust bundle."""

from __future__ import annotations

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import topics_of
from aeo_ledger.protocol.tables import Contract, Table
from aeo_ledger.verify.handover import read_validators


def prove_update(ledger: Ledger, since: int) -> TrustUpdate:
    """Collect the steps from a checkpoint's block to the newest block. The receiver must verify them.

    Raises:
        MalformedText: there is no block `since`: the asker pinned another ledger, or this one is behind.
        Unavailable: the node does not answer, or no longer has the states in between.
    """
    head = ledger.head()
    if since > head:
        raise MalformedText("since", f"block {since}", f"a block of this ledger, whose newest is {head}")
    steps = {head}
    for changed in _changes(ledger, since, head):
        steps |= {
            changed - 1,
            changed,
        }  # the block that still shows the former validators, and the one that changed them
    headers: list[bytes] = []
    nodes: dict[bytes, None] = {}
    for block in sorted(step for step in steps if step > since):
        headers.append(ledger.header(block))
        proof = ledger.prove(Contract.CONSORTIUM, _slots(ledger, block), block)
        nodes |= dict.fromkeys((*proof.account_nodes, *proof.storage_nodes))
        if block == head:  # the newest block also proves the account of the governance contract
            nodes |= dict.fromkeys(ledger.prove(Contract.GOVERNANCE, [], block).account_nodes)
    return TrustUpdate(headers=tuple(headers), nodes=tuple(nodes))


def _changes(ledger: Ledger, since: int, head: int) -> list[int]:
    """Find the blocks that changed the validators, by their writes to the table of validators."""
    logs = ledger.all_logs(Contract.CONSORTIUM, topics_of(Table.VALIDATOR), until=head)
    return [log.block for log in logs if log.block > since]


def _slots(ledger: Ledger, block: int) -> list[int]:
    """List the slots that the verifier will read, by running its own code."""
    slots: list[int] = []

    def note(slot: int) -> int:
        slots.append(slot)
        return ledger.word(Contract.CONSORTIUM, slot, block)

    read_validators(note)
    return slots
