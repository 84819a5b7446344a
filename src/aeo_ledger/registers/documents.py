"""Keep the documents of an import and their salts: a commitment on the ledger can never be opened without them.

A document is kept once, before it is published. An import that failed half-way uses the same salts when it runs again.
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
"""A row of a register, exactly as in the file. A commitment binds it."""


class Documents:
    """Documents with their salts, by entry.

    Args:
        salts: Returns as many secret random bytes as asked.
        kept: Lines of JSON that were kept before. Unreadable lines are skipped: a crash may have cut a line short.
        keep: Stores new lines, and returns when they are safe on disk.
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
        """Return a document's salt, 32 bytes: the salt of an earlier try, or a new one that `save` will store."""
        key = entry.hex(), _canonical(document)
        if key not in self._salts:
            self._salts[key] = self._draw(SALT_BYTES)
            kept = {"entry": key[0], "salt": self._salts[key].hex(), "document": document}
            self._new.append(json.dumps(kept, ensure_ascii=False))
        return self._salts[key]

    def save(self) -> None:
        """Store the new salts. Call it before anything is published."""
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
    """Keep documents in a file of mode 0600, one line each, after the lines already in it.

    Raises:
        UnreadableFile: The file cannot be read.
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
