"""Read one word of a short list, as people enter it."""

from __future__ import annotations

from collections.abc import Iterable

from aeo_ledger.errors.primitives import MalformedText

_SHOWN = 80
"""Characters of a wrong word that an error quotes."""


def choose(text: str, words: Iterable[str], *, what: str) -> str:
    """Read one of a few words exactly as written. If only capitals or spaces differ, the error shows the right spelling.

    Raises:
        MalformedText: The text is not one of them.
    """
    known = tuple(words)
    if text in known:
        return text
    meant = find_meant(text, known)
    needed = f"exactly {meant}" if meant else f"one of {', '.join(known)}"
    raise MalformedText(what, repr(text[:_SHOWN]), needed)


def find_meant(text: str, words: Iterable[str]) -> str | None:
    """Find the word that differs from a text only in capitals, spaces, hyphens or underscores."""
    return next((word for word in words if _bare(word) == _bare(text)), None)


def _bare(text: str) -> str:
    return "".join(text.split()).replace("-", "").replace("_", "").casefold()
