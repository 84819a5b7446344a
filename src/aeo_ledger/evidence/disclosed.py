"""The format `aeo-ledger/disclosed-certificate/1`: one certificate for a third party, unchecked. JSON alone.

    format    "aeo-ledger/disclosed-certificate/1"
    entry     the certificate's entry, 32 bytes
    salt      of the document, 32 bytes
    document  the certificate's document, as its issuer wrote it
    evidence  of the entry's whole history: `aeo-ledger/history-evidence/1`

Whoever gets this needs no key. It shows one certificate, and of no other one that it is there or is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.protocol.commitment import SALT_BYTES, commit

FORMAT: Final = "aeo-ledger/disclosed-certificate/1"
"""Name and version. Another version is another format."""

MAX_DOCUMENT: Final = 1 << 20
"""Most bytes of a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedCertificate:
    """One certificate for a third party."""

    entry: bytes
    """32 bytes."""
    salt: bytes
    """32 bytes."""
    document: bytes
    evidence: Evidence

    @property
    def commitment(self) -> bytes:
        """What binds the document on the ledger, 32 bytes."""
        return commit(self.document, self.salt)


def _encode(one: DisclosedCertificate) -> dict[str, Value]:
    return {
        "format": FORMAT,
        "entry": one.entry,
        "salt": one.salt,
        "document": one.document,
        "evidence": EVIDENCE_FORM.encode_values(one.evidence),
    }


def _decode(fields: Fields) -> DisclosedCertificate:
    fields.demand(("format", "entry", "salt", "document", "evidence"))
    fields.choice("format", {FORMAT: None})
    document = fields.binary("document")
    if len(document) > MAX_DOCUMENT:
        fields.refuse("document", f"needed at most {MAX_DOCUMENT} bytes")
    return DisclosedCertificate(
        entry=fields.binary("entry", 32),
        salt=fields.binary("salt", SALT_BYTES),
        document=document,
        evidence=EVIDENCE_FORM.decode_values(fields.value("evidence")),
    )


DISCLOSED_FORM: Final = Form("disclosed certificate", _encode, _decode, max_bytes=EVIDENCE_FORM.max_bytes)
"""A disclosed certificate, in JSON."""
