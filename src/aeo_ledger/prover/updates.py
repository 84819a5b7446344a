"""Prove how the validators changed since the checkpoint of a border system's trust bundle."""

from __future__ import annotations

from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.handover import TrustUpdate
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import read_place, read_word, topics_of
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.prover.indexed import make_or_mend
from aeo_ledger.verify.handover import read_validators


def prove_update(ledger: Ledger, since: int) -> TrustUpdate:
    """Collect the steps from a checkpoint's block to the newest block. The receiver must verify them.

    Raises:
        MalformedText: there is no block `since`: the asker pinned another ledger, or this one is behind.
        NodeFailed: the logs of the validators do not give those of the newest block.
        Unavailable: the node does not answer, or no longer has the states in between.
    """
    return make_or_mend(ledger, lambda source: _prove_update(source, since))


def _prove_update(ledger: Ledger, since: int) -> TrustUpdate:
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
    """Find the blocks that changed the validators, by their writes to the table of validators.

    A log that is missing would be a step that is missing, so the logs must give the present words.
    """
    logs = ledger.all_logs(Contract.CONSORTIUM, topics_of(Table.VALIDATOR), until=head)
    words = {key: word for (table, key), word in ledger.beginning.words.items() if table is Table.VALIDATOR}
    words |= {read_place(log)[1]: read_word(log) for log in logs}
    if any(ledger.word(*slot_of(Table.VALIDATOR, key), head) != word for key, word in words.items()):
        detail = f"the logs of the validators up to block {head} do not give the words of that block"
        raise NodeFailed(method="eth_getLogs", detail=detail)
    return [log.block for log in logs if log.block > since]


def _slots(ledger: Ledger, block: int) -> list[int]:
    """List the slots that the verifier will read, by running its own code."""
    slots: list[int] = []

    def note(slot: int) -> int:
        slots.append(slot)
        return ledger.word(Contract.CONSORTIUM, slot, block)

    read_validators(note)
    return slots
