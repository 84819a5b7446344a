"""The password of the database in which a party's gateways keep their index. Everything in it can be made again, and nothing in it is believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aeo_ledger.files import create_file

INDEX_PASSWORD: Final = "index.password"  # noqa: S105 (a file's name)
"""For the server."""
INDEX_LOGIN: Final = "index.pgpass"
"""The same for the gateways, in the form that PostgreSQL's library reads."""


def create_index_secret(folder: Path, *, randomness: Callable[[int], bytes]) -> None:
    """Draw a password and write both files into a party's folder, with mode 0600; if they are there, nothing is done.

    Raises:
        FileExists: Only one of them is there.
        FileUnavailable: One of them cannot be written.
    """
    if (folder / INDEX_PASSWORD).exists() and (folder / INDEX_LOGIN).exists():
        return
    text = randomness(16).hex()
    create_file(folder / INDEX_PASSWORD, text.encode(), private=True)
    create_file(folder / INDEX_LOGIN, f"*:*:*:*:{text}\n".encode(), private=True)
