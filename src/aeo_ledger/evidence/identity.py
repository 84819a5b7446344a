"""The format `aeo-ledger/identity-statement/1`: whose an authority's keys are, by an X.509 certificate; unchecked.

    format                 "aeo-ledger/identity-statement/1"
    chain                  chain id of the ledger
    contracts              {consortium, governance, registers}: the ledger's contracts, 20 bytes each
    party                  the party's number
    code                   its code
    authority              addresses of its authority's keys, 20 bytes each, ascending
    threshold              how many of them must sign
    made_at                UTC seconds
    certificates           X.509 certificates in DER: first the one that is bound, then those that lead to its root
    certificate_signature  by the key of the first certificate; left out until it has signed
    signatures             of authority keys: r, s, v, 65 bytes each

Both sides sign one *content*: all members down to `made_at`, and the fingerprint of the first certificate, in deterministic CBOR. The
certificate's key signs these bytes with SHA-256: RSA as PSS (MGF1 with SHA-256, a salt of 32 bytes), an elliptic curve as ECDSA in DER.
An authority key signs their keccak256 as a wallet signs 32 bytes. So neither signature can serve as that of an act, a transaction or a seal.

The statement travels within a card (`evidence.card`). `verify.identity` and `verify.x509` check it.

Source: RFC 5280; RFC 8017 section 8.1 (PSS); RFC 3279 section 2.2.3 (ECDSA); RFC 8949 section 4.2; EIP-191 version 0x45.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Final

from aeo_ledger.evidence.question import MAX_TIME
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.signature import hash_to_sign
from aeo_ledger.protocol.tables import Contract

FORMAT: Final = "aeo-ledger/identity-statement/1"
"""Name and version. Another version is another format."""

CODE: Final = re.compile(r"[A-Z]{2,6}")
"""A party's code."""

MAX_KEYS: Final = 5
"""Most keys of an authority."""

MAX_CERTIFICATES: Final = 6
"""The certificate, and up to five that lead to its root."""

MAX_CERTIFICATE_BYTES: Final = 1 << 13
"""Longest certificate, in DER."""

MAX_SIGNATURE_BYTES: Final = 1 << 10
"""Longest signature by a certificate's key: RSA of 8,192 bits."""

SALT_BYTES: Final = 32
"""Salt of a signature by an RSA key."""

MAX_BYTES: Final = 1 << 18
"""Longest statement that is read."""

_DOCUMENT: Final = "identity statement"
_MAX_NUMBER: Final = (1 << 64) - 1
_CONTRACTS: Final = tuple(contract.value for contract in Contract)
_SIGNED: Final = ("format", "chain", "contracts", "party", "code", "authority", "threshold", "made_at")
"""Members that both sides sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityStatement:
    """What a party's authority and an X.509 certificate say about each other."""

    chain_id: int
    contracts: Mapping[Contract, bytes]
    """Their addresses, 20 bytes each."""
    party: int
    code: str
    authority: tuple[bytes, ...]
    """Addresses of its keys, 20 bytes each, ascending."""
    threshold: int
    made_at: int
    """UTC seconds."""
    certificates: tuple[bytes, ...]
    """In DER: the certificate, then those that lead to its root."""
    certificate_signature: bytes = b""
    """By the certificate's key; empty until it has signed."""
    signatures: tuple[bytes, ...] = ()
    """By authority keys, 65 bytes each."""

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate, 32 bytes: what stands on the ledger."""
        return sha256(self.certificates[0]).digest()

    def content(self) -> bytes:
        """Write what both sides sign."""
        document = encode_statement(self)
        signed = {member: document[member] for member in _SIGNED}
        return encode_cbor({**signed, "certificate": self.fingerprint})

    def digest(self) -> bytes:
        """Compute the 32 bytes that an authority key signs."""
        return hash_to_sign(keccak256(self.content()))


def decode_statement(fields: Fields) -> IdentityStatement:
    """Read a statement, by itself or within a card."""
    fields.demand((*_SIGNED, "certificates", "signatures"), optional=("certificate_signature",))
    fields.choice("format", {FORMAT: None})
    contracts = fields.object("contracts")
    contracts.demand(_CONTRACTS)
    authority = fields.binaries("authority", MAX_KEYS, 20)
    if not authority or any(key >= following for key, following in pairwise(authority)):
        fields.refuse("authority", "needed addresses in ascending order, each once")
    threshold = fields.number("threshold", len(authority))
    if not threshold:
        fields.refuse("threshold", "needed at least 1")
    if not CODE.fullmatch(fields.text("code", 6)):
        fields.refuse("code", "needed 2 to 6 capitals")
    certificates = fields.binaries("certificates", MAX_CERTIFICATES)
    if not certificates or any(not 0 < len(one) <= MAX_CERTIFICATE_BYTES for one in certificates):
        fields.refuse("certificates", f"needed certificates of at most {MAX_CERTIFICATE_BYTES} bytes")
    signed = fields.binary("certificate_signature") if "certificate_signature" in fields else b""
    if "certificate_signature" in fields and not 0 < len(signed) <= MAX_SIGNATURE_BYTES:
        fields.refuse("certificate_signature", f"needed 1 to {MAX_SIGNATURE_BYTES} bytes")
    return IdentityStatement(
        chain_id=fields.number("chain", _MAX_NUMBER),
        contracts={contract: contracts.binary(contract.value, 20) for contract in Contract},
        party=fields.number("party", 255),
        code=fields.text("code", 6),
        authority=authority,
        threshold=threshold,
        made_at=fields.number("made_at", MAX_TIME),
        certificates=certificates,
        certificate_signature=signed,
        signatures=fields.binaries("signatures", MAX_KEYS, 65),
    )


def encode_statement(statement: IdentityStatement) -> dict[str, Value]:
    """Write a statement as the values of a document."""
    signed: dict[str, Value] = {}
    if statement.certificate_signature:
        signed["certificate_signature"] = statement.certificate_signature
    return {
        "format": FORMAT,
        "chain": statement.chain_id,
        "contracts": {contract.value: statement.contracts[contract] for contract in Contract},
        "party": statement.party,
        "code": statement.code,
        "authority": list(statement.authority),
        "threshold": statement.threshold,
        "made_at": statement.made_at,
        "certificates": list(statement.certificates),
        **signed,
        "signatures": list(statement.signatures),
    }


STATEMENT_FORM: Final = Form(_DOCUMENT, encode_statement, decode_statement, max_bytes=MAX_BYTES)
"""A statement by itself, in JSON or CBOR."""
