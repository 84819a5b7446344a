"""Texts, documents and bytes that cannot be read."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed


class MalformedText(Malformed, wire="malformed-text"):
    """A text or a number from outside that is not of the form needed."""

    says = "{what}: found {found}, needed {needed}"

    what: str
    """What was being read, as its reader would call it."""
    found: str
    """What was found, quoted."""
    needed: str
    """The form that would be accepted."""


class MalformedRlp(Malformed, wire="malformed-rlp"):
    """Bytes that are not one canonical RLP item."""

    says = "RLP: {reason}"
    advises = ASK_ANOTHER

    reason: str
    """What is wrong with them."""


class MalformedSignature(Malformed, wire="malformed-signature"):
    """Numbers that are no signature, or bytes that are no public key, of the curve."""

    says = "signature: {reason}"
    advises = "take the act from whoever sent it once more"

    reason: str
    """What is wrong with them."""


class MalformedDocument(Malformed, wire="malformed-document"):
    """A file or message that is not exactly of its format."""

    says = "{document}{placed}: {reason}"
    advises = "take the document from where it was made once more, unedited; `about` shows its schema"

    document: str
    """Which document, as its reader would call it."""
    at: str
    """Where in it, as a path; empty for the whole."""
    reason: str
    """What was found and what was needed."""

    @property
    def placed(self) -> str:
        """A part of what it says."""
        return self.at and f" at {self.at}"
