"""Prove: gather from a ledger's node what lets a border system check the answer to its question itself."""

from __future__ import annotations

from aeo_ledger.evidence import Evidence, Question, decode_header
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import find_words
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify import TrustBundle, resolve_question


def prove(question: Question, ledger: Ledger, trust: TrustBundle) -> Evidence:
    """Make the evidence for one question as of the newest block.

    The decision is taken once over the node's words, unproven, to learn which of them a proof needs; the same nodes prove a yes, a no and
    that history is needed. Nothing here vouches for the answer.

    Raises:
        UnknownParty, UnknownCertificateType: the question names what this ledger does not know.
        KeyNeeded: the register is keyed.
        Unavailable: the node does not answer.
    """
    block = ledger.head()
    header = ledger.header(block)
    inquiry = resolve_question(question, trust, decode_header(header).timestamp)
    words = find_words(inquiry, lambda contract, slot: ledger.word(contract, slot, block), entries_of(question.tin))
    nodes: dict[bytes, None] = {}
    for contract in Contract:
        proof = ledger.prove(contract, [slot for place, slot in words if place is contract], block)
        nodes |= dict.fromkeys((*proof.account_nodes, *proof.storage_nodes))
    return Evidence(questions=(question,), header=header, nodes=tuple(nodes))
