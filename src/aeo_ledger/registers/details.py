"""Sealed details: the documents of certificates in the log of their publication, which holders of the payload key alone can read.

A publication in a keyed register carries, for each certificate whose trader consents, its document with its salt, sealed. Who holds the key
checks both against the commitment that was signed. Of who does not consent, or of whom the file does not say it, the commitment alone is
published; the document then comes from the issuer's gateway, to those entitled, and can be deleted there. What was sealed and published stays
for ever, with the key of its epoch.

    details = version (1 byte, 1), then for each document:
        place of the last status event that carries it, among those of the publication (1)
        payload epoch (4), length of what is sealed (2), what is sealed
    what is sealed = salt (32), document, 0x80, zeros up to a multiple of 64: its length tells little about a name

Numbers are big-endian. Another version is another format; a reader passes it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.errors.registers import MalformedDetails, OtherDocument
from aeo_ledger.protocol.commitment import SALT_BYTES, commit
from aeo_ledger.registers.columns import AGREED, CONSENT
from aeo_ledger.registers.documents import JSON, Document, Kept, Kind, read_columns, read_document
from aeo_ledger.signing.details import open_details, seal_details
from aeo_ledger.signing.lookup_file import HeldKeys

_VERSION: Final = b"\x01"
_HEAD: Final = 1 + 4 + 2
"""Bytes before what is sealed."""
_BLOCK: Final = 64
_END: Final = b"\x80"
LONGEST: Final = 4_096
"""Longest sealed document that is published. A longer one is committed to only."""
ROOM: Final = 32_768 - len(_VERSION)
"""Bytes of documents in one publication."""


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document as a publication carries it."""

    epoch: int
    """Its payload epoch."""
    sealed: bytes

    @property
    def room(self) -> int:
        """How many bytes it takes in a publication."""
        return _HEAD + len(self.sealed)


def consents(document: Document) -> bool:
    """Tell whether the trader agreed that its document is published, sealed, to those who recognise the certificate."""
    return document.get(CONSENT, "") == AGREED


def seal_document(kept: Kept, held: HeldKeys, *, chain: int, registers: bytes, epoch: int) -> SealedDocument | None:
    """Seal the document of a certificate; None if its trader does not consent, or if it is too long.

    Args:
        kept: The document with its salt.
        held: The register's keys.
        chain: Id of the chain.
        registers: Address of `Registers`, 20 bytes.
        epoch: The register's present epoch.

    Raises:
        KeyNeeded: The payload key of the type and epoch is not at hand.
        ExtraMissing: The library is not installed.
    """
    if not consents(read_document(kept.content)):
        return None
    key = held.payload_key(register_of(kept.entry), type_of(kept.entry), epoch)
    plain = kept.salt + kept.content + _END
    padded = plain + bytes(-len(plain) % _BLOCK)
    sealed = seal_details(padded, key, _about(chain, registers, kept.entry, epoch, kept.commitment))
    return SealedDocument(epoch, sealed) if len(sealed) <= LONGEST else None


def open_document(
    one: SealedDocument, held: HeldKeys, *, chain: int, registers: bytes, entry: bytes, commitment: bytes
) -> Kept:
    """Open a document, and check that the commitment binds it; the arguments are those of `seal_document`.

    Raises:
        KeyNeeded: The payload key of the type and epoch is not at hand.
        DetailsClosed: It is of another certificate, sealed with another key, or altered.
        OtherDocument: The commitment does not bind it.
        ExtraMissing: The library is not installed.
    """
    key = held.payload_key(register_of(entry), type_of(entry), one.epoch)
    padded = open_details(one.sealed, key, _about(chain, registers, entry, one.epoch, commitment))
    plain, _, _ = padded.rpartition(_END)
    salt, content = plain[:SALT_BYTES], plain[SALT_BYTES:]
    if commit(content, salt) != commitment:
        raise OtherDocument(commitment=commitment)
    tin = read_columns(content).get("tin", "")
    return Kept(entry=entry, tin=tin, kind=Kind.CERTIFICATE, media=JSON, salt=salt, content=content)


def write_details(documents: Iterable[tuple[int, SealedDocument]]) -> bytes:
    """Write the details of a publication: each document, with the place of the event that carries it. None makes no details."""
    rows = [
        place.to_bytes(1, "big") + one.epoch.to_bytes(4, "big") + len(one.sealed).to_bytes(2, "big") + one.sealed
        for place, one in documents
    ]
    return _VERSION + b"".join(rows) if rows else b""


def read_details(details: bytes) -> Mapping[int, SealedDocument]:
    """Read the documents in a publication's details, by the place of their event; none if they have another version.

    Raises:
        MalformedDetails: They are not in this form.
    """
    if details[:1] != _VERSION:
        return {}
    found: dict[int, SealedDocument] = {}
    at = len(_VERSION)
    while at < len(details):
        place, epoch = details[at], int.from_bytes(details[at + 1 : at + 5], "big")
        end = at + _HEAD + int.from_bytes(details[at + 5 : at + 7], "big")
        if end > len(details) or at + _HEAD > len(details) or place in found:
            raise MalformedDetails(at=at)
        found[place] = SealedDocument(epoch, details[at + _HEAD : end])
        at = end
    return found


def _about(chain: int, registers: bytes, entry: bytes, epoch: int, commitment: bytes) -> bytes:
    numbers = chain.to_bytes(32, "big") + registers + entry + epoch.to_bytes(4, "big")
    return b"aeo-ledger/details/1" + numbers + commitment
