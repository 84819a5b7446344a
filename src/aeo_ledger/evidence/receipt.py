"""The format `aeo-ledger/receipt/1`: what an asker was shown, what it concluded and when; JSON, signed or not, unchecked.

    format       "aeo-ledger/receipt/1"
    question     as in evidence, see `evidence.question`
    verdict      "recognised" or "not_recognised"
    reasons      of a no, in order
    benefits     of a yes
    registers    codes of the registers searched
    issuer       code of the party that issued the deciding certificate; left out if there is none
    decided_for  the time decided for, UTC seconds
    evidence     32 bytes: keccak256 of the evidence in its CBOR form, whichever form was kept
    block        {number, hash, time}: the block that proved the answer
    chain        chain id
    trust        32 bytes: fingerprint of the pinned trust bundle, see `verify.trust`
    received_at  when the asker checked it, by its own clock, UTC seconds
    max_age      oldest evidence that it accepted, seconds
    signer       20 bytes, and
    signature    r, s, v, 65 bytes; both or neither

A receipt's *hash* is keccak256 of all fields but the signature, in deterministic CBOR. The signature signs this hash as a
wallet signs 32 bytes. So it cannot serve as the signature of an act, a transaction or a seal, and theirs cannot serve here.

Source: RFC 8259; RFC 8949 section 4.2; EIP-191 version 0x45.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.question import MAX_NAME, MAX_TIME, AnyQuestion, decode_question, encode_question
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.signature import hash_to_sign

FORMAT: Final = "aeo-ledger/receipt/1"
"""Name and version. Another version is another format."""

MAX_BYTES: Final = 1 << 16
"""Longest receipt that is read."""

_DOCUMENT: Final = "receipt"
_MAX_WORDS: Final = 64
"""Most reasons, benefits or registers."""
_MAX_WORD: Final = 40
_MAX_NUMBER: Final = (1 << 64) - 1
_VERDICTS: Final = {"recognised": True, "not_recognised": False}
_MEMBERS: Final = (
    "format", "question", "verdict", "reasons", "benefits", "registers", "decided_for", "evidence", "block", "chain",
    "trust", "received_at", "max_age",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an asker concluded, in the words of an answer."""

    recognised: bool
    reasons: tuple[str, ...]
    """Reasons of a no, such as `suspended`."""
    benefits: tuple[str, ...]
    """Benefits of a yes, such as `faster_release`."""
    registers: tuple[str, ...]
    """Codes of the registers searched."""
    issuer: str | None
    """Code of the party that issued the deciding certificate."""
    decided_for: int
    """UTC seconds."""
    block_number: int
    block_hash: bytes
    """32 bytes."""
    block_time: int
    """UTC seconds."""
    chain_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An asker's note about one answer."""

    question: AnyQuestion
    answer: Answer
    evidence: bytes
    """`hash_evidence` of the evidence shown, 32 bytes."""
    trust: bytes
    """Fingerprint of the pinned bundle, 32 bytes."""
    received_at: int
    """UTC seconds."""
    max_age: int
    """Seconds."""
    signer: bytes = b""
    """Address of the signer, 20 bytes; empty if nobody signs."""
    signature: bytes = b""
    """65 bytes; empty if nobody signed."""

    def hash(self) -> bytes:
        """Hash all but the signature, 32 bytes. The hash names the receipt and can be kept elsewhere with a date."""
        document = _encode(self)
        document.pop("signature", None)
        return keccak256(encode_cbor(document))

    def digest(self) -> bytes:
        """Compute the 32 bytes to sign."""
        return hash_to_sign(self.hash())


def hash_evidence(evidence: Evidence) -> bytes:
    """Hash evidence, 32 bytes. Both of its forms give the same hash."""
    return keccak256(EVIDENCE_FORM.encode_cbor(evidence))


def _decode(fields: Fields) -> Receipt:
    fields.demand(_MEMBERS, optional=("issuer", "signer", "signature"))
    fields.choice("format", {FORMAT: None})
    if ("signer" in fields) != ("signature" in fields):
        raise MalformedDocument(_DOCUMENT, "signature", "needed signer and signature, or neither")
    return Receipt(
        question=decode_question(fields.object("question")),
        answer=_decode_answer(fields),
        evidence=fields.binary("evidence", 32),
        trust=fields.binary("trust", 32),
        received_at=fields.number("received_at", MAX_TIME),
        max_age=fields.number("max_age", MAX_TIME),
        signer=fields.binary("signer", 20) if "signer" in fields else b"",
        signature=fields.binary("signature", 65) if "signature" in fields else b"",
    )


def _decode_answer(fields: Fields) -> Answer:
    block = fields.object("block")
    block.demand(("number", "hash", "time"))
    return Answer(
        recognised=fields.choice("verdict", _VERDICTS),
        reasons=fields.texts("reasons", _MAX_WORDS, _MAX_WORD),
        benefits=fields.texts("benefits", _MAX_WORDS, _MAX_WORD),
        registers=fields.texts("registers", _MAX_WORDS, MAX_NAME),
        issuer=fields.text("issuer", MAX_NAME) if "issuer" in fields else None,
        decided_for=fields.number("decided_for", MAX_TIME),
        block_number=block.number("number", _MAX_NUMBER),
        block_hash=block.binary("hash", 32),
        block_time=block.number("time", _MAX_NUMBER),
        chain_id=fields.number("chain", _MAX_NUMBER),
    )


def _encode(receipt: Receipt) -> dict[str, Value]:
    answer = receipt.answer
    issuer: dict[str, Value] = {} if answer.issuer is None else {"issuer": answer.issuer}
    signer: dict[str, Value] = {"signer": receipt.signer} if receipt.signer else {}
    signature: dict[str, Value] = {"signature": receipt.signature} if receipt.signature else {}
    return {
        "format": FORMAT,
        "question": dict(encode_question(receipt.question)),
        "verdict": next(word for word, recognised in _VERDICTS.items() if recognised == answer.recognised),
        "reasons": list(answer.reasons),
        "benefits": list(answer.benefits),
        "registers": list(answer.registers),
        **issuer,
        "decided_for": answer.decided_for,
        "evidence": receipt.evidence,
        "block": {"number": answer.block_number, "hash": answer.block_hash, "time": answer.block_time},
        "chain": answer.chain_id,
        "trust": receipt.trust,
        "received_at": receipt.received_at,
        "max_age": receipt.max_age,
        **signer,
        **signature,
    }


RECEIPT_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=MAX_BYTES)
"""A receipt. It travels only as JSON. Reading also raises `MalformedTin` if its question's TIN is malformed."""
