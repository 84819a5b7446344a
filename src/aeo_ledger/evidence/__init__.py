"""Evidence: claims in transit, not yet checked.

Which bytes can be read as a claim at all? This package answers only that, strictly. It reads a *question*, the *evidence* that
answers it (a block header and trie nodes), the *receipt* and the *chain of headers* that are kept with it, and a party's
*card*, in their JSON and CBOR formats. It trusts and judges nothing. A header read here may be entirely forged, and the question in the evidence is
only for its reader. `aeo_ledger.verify` decides what is proven.
"""

from __future__ import annotations

from aeo_ledger.evidence.ancestry import CHAIN_FORM, HeaderChain
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.handover import UPDATE_FORM, TrustUpdate
from aeo_ledger.evidence.header import Header, decode_header
from aeo_ledger.evidence.question import (
    AliasQuestion,
    AnyQuestion,
    Question,
    RegisterQuestion,
    decode_question,
    encode_question,
)
from aeo_ledger.evidence.receipt import RECEIPT_FORM, Receipt
from aeo_ledger.evidence.snapshot import SNAPSHOT_FORM, Snapshot
from aeo_ledger.evidence.wire import EVIDENCE_FORM

__all__ = [
    "CHAIN_FORM",
    "EVIDENCE_FORM",
    "RECEIPT_FORM",
    "SNAPSHOT_FORM",
    "UPDATE_FORM",
    "AliasQuestion",
    "AnyQuestion",
    "Evidence",
    "Header",
    "HeaderChain",
    "Question",
    "Receipt",
    "RegisterQuestion",
    "Snapshot",
    "TrustUpdate",
    "decode_header",
    "decode_question",
    "encode_question",
]
