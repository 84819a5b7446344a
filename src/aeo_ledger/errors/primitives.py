"""Errors of texts, documents and bytes that cannot be read."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed


class MalformedText(Malformed, wire="malformed-text"):
    """A text or a number from outside does not have the form needed."""

    says = "{what}: found {found}, needed {needed}"

    what: str
    """Name of the value, for people."""
    found: str
    """What was found, quoted."""
    needed: str
    """The form that would be accepted."""


class MalformedRlp(Malformed, wire="malformed-rlp"):
    """Bytes that are not exactly one canonical RLP item."""

    says = "RLP: {reason}"
    advises = ASK_ANOTHER

    reason: str
    """What is wrong with them."""


class MalformedSignature(Malformed, wire="malformed-signature"):
    """Numbers that are not a signature, or bytes that are not a public key, of the curve."""

    says = "signature: {reason}"
    advises = "get the act again from its sender"

    reason: str
    """What is wrong with them."""


class MalformedDocument(Malformed, wire="malformed-document"):
    """A file or message does not have exactly its format."""

    says = "{document}{placed}: {reason}"
    advises = "get the document again from its maker, unchanged; `about` shows its schema"

    document: str
    """Name of the document, for people."""
    at: str
    """The place in it, as a path; empty for the whole document."""
    reason: str
    """What was found and what was needed."""

    @property
    def placed(self) -> str:
        """A part of the message."""
        return self.at and f" at {self.at}"
