"""What is claimed and not yet checked: the shapes in which evidence travels.

Which bytes can be read as a claim at all? This package answers that, strictly, and nothing else: a *question*, the
*evidence* that answers it (a block header and trie nodes), the *receipt* and the *chain of headers* that are kept with
it, and their wire formats in JSON and CBOR. It trusts nobody and
judges nothing: a header read here may be forged from end to end, and the question that evidence repeats is there for
its reader. `aeo_ledger.verify` decides what is proven.
"""

from __future__ import annotations

from aeo_ledger.evidence.ancestry import (
    HeaderChain,
    decode_chain_cbor,
    decode_chain_json,
    encode_chain_cbor,
    encode_chain_json,
)
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.handover import (
    TrustUpdate,
    decode_update_cbor,
    decode_update_json,
    encode_update_cbor,
    encode_update_json,
)
from aeo_ledger.evidence.header import Header, decode_header
from aeo_ledger.evidence.question import Question, decode_question, encode_question
from aeo_ledger.evidence.receipt import Receipt, decode_receipt, encode_receipt
from aeo_ledger.evidence.snapshot import Snapshot, decode_snapshot, encode_snapshot
from aeo_ledger.evidence.wire import decode_cbor, decode_json, encode_cbor, encode_json

__all__ = [
    "Evidence",
    "Header",
    "HeaderChain",
    "Question",
    "Receipt",
    "Snapshot",
    "TrustUpdate",
    "decode_cbor",
    "decode_chain_cbor",
    "decode_chain_json",
    "decode_header",
    "decode_json",
    "decode_question",
    "decode_receipt",
    "decode_snapshot",
    "decode_update_cbor",
    "decode_update_json",
    "encode_cbor",
    "encode_chain_cbor",
    "encode_chain_json",
    "encode_json",
    "encode_question",
    "encode_receipt",
    "encode_snapshot",
    "encode_update_cbor",
    "encode_update_json",
]
