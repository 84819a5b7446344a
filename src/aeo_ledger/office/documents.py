"""Keep the documents of an import and their salts: without them a commitment on the ledger can never be opened.

A document is kept before it is published, and once: an import that failed half-way draws no new salt when it is run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.files import append_private

SALT_BYTES: Final = 32

Document = Mapping[str, str]
"""A row of a register, as it stands in the file: what a commitment binds."""


class Documents:
    """Documents with their salts, by entry.

    Args:
        salts: Yields as many secret random bytes as asked for.
        kept: Lines of JSON that were kept before; what cannot be read of them is passed over, for a crash may have cut a line short.
        keep: Takes new lines, and returns when they are safe.
    """

    def __init__(
        self,
        salts: Callable[[int], bytes],
        *,
        kept: Iterable[str] = (),
        keep: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        self._draw, self._keep = salts, keep
        self._salts: dict[tuple[str, str], bytes] = {}
        self._new: list[str] = []
        for line in kept:
            self._remember(line)

    def salt(self, entry: bytes, document: Document) -> bytes:
        """Tell a document's salt, 32 bytes: the one of an earlier try, or one that is drawn now and waits for `save`."""
        key = entry.hex(), _canonical(document)
        if key not in self._salts:
            self._salts[key] = self._draw(SALT_BYTES)
            kept = {"entry": key[0], "salt": self._salts[key].hex(), "document": document}
            self._new.append(json.dumps(kept, ensure_ascii=False))
        return self._salts[key]

    def save(self) -> None:
        """Keep what was drawn since the last time: to be called before anything is published."""
        if self._new:
            self._keep(self._new)
            self._new = []

    def _remember(self, line: str) -> None:
        try:
            found = json.loads(line)
            salt = bytes.fromhex(found["salt"])
            key = found["entry"], _canonical(found["document"])
        except (ValueError, KeyError, TypeError):
            return
        if len(salt) == SALT_BYTES:
            self._salts[key] = salt


def open_documents(path: Path, salts: Callable[[int], bytes]) -> Documents:
    """Keep documents in a file of mode 0600, a line for each, after those that are in it.

    Raises:
        UnreadableFile: What is there cannot be read.
    """
    try:
        kept = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else []
    except OSError as error:
        raise UnreadableFile(path=str(path), detail=error.strerror or str(error)) from error
    return Documents(salts, kept=kept, keep=lambda lines: append_private(path, _written(lines)))


def _written(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _canonical(document: Document) -> str:
    return json.dumps(document, sort_keys=True)
