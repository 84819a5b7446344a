"""Documents that commitments on the ledger bind: what a certificate says, and the reasoned decision behind an act.

On the ledger stands only keccak256(salt || document). The salt is secret and has 32 bytes, so nobody can guess the document. Without the
salt the commitment can never be opened, so both are kept in the book before anything is published.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from aeo_ledger.customs.acts import NO_GROUNDS
from aeo_ledger.protocol.commitment import SALT_BYTES, commit

NO_DOCUMENT: Final = NO_GROUNDS
"""Commits to nothing: 32 zero bytes."""

Document: TypeAlias = Mapping[str, str]
"""What a register says of one certificate, by column."""

JSON: Final = "application/json"


class Kind(StrEnum):
    """What a document is."""

    CERTIFICATE = "certificate"
    """A `Document`, in its canonical form."""
    GROUNDS = "grounds"
    """The reasoned decision behind an act: a file of any kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document with all that is needed to open its commitment."""

    entry: bytes
    """The entry (32 bytes) that it is about."""
    tin: str
    """The entry's trader, as the office wrote it; empty if it is not known."""
    kind: Kind
    media: str
    """Media type of the content."""
    salt: bytes
    content: bytes

    @property
    def commitment(self) -> bytes:
        """What binds it on the ledger, 32 bytes."""
        return commit(self.content, self.salt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The certificate documents of one register, as the book has them."""

    published: Mapping[bytes, Kept]
    """The latest published document of each entry."""
    salts: Mapping[tuple[bytes, bytes], bytes]
    """The salt of each document that was ever kept, by entry and content: a second try uses it again."""
    last: Mapping[bytes, int]
    """The number of the status event that carries the latest published document, by entry."""


def write_document(document: Document) -> bytes:
    """Write a document in its one canonical form: JSON in UTF-8, keys in order, without spaces."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_document(content: bytes) -> Document:
    """Read what `write_document` wrote."""
    document: dict[str, str] = json.loads(content)
    return document


def read_columns(content: bytes) -> Document:
    """Read the columns of a document that somebody else wrote; none if it is something else: its issuer may commit to anything."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {column: value for column, value in found.items() if isinstance(value, str)}


def read_lines(lines: Iterable[str]) -> Iterator[Kept]:
    """Read the lines of a `.documents.jsonl` file, in which earlier versions kept documents.

    Lines that cannot be read are passed over: a crash may have cut one short.
    """
    for line in lines:
        try:
            found = json.loads(line)
            entry, salt = bytes.fromhex(found["entry"]), bytes.fromhex(found["salt"])
            document = {str(column): str(value) for column, value in found["document"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if len(salt) == SALT_BYTES and len(entry) == 32:
            content, tin = write_document(document), document.get("tin", "")
            yield Kept(entry=entry, tin=tin, kind=Kind.CERTIFICATE, media=JSON, salt=salt, content=content)
