"""A relay's key: it has no rights on the ledger, so its password may lie beside it, where a gateway finds it as a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aeo_ledger.files import create_file
from aeo_ledger.signing import Password, create_key_file

RELAY: Final = "relay"
"""Label of the relay's key in a store, and the name of its key file."""

PASSWORD_FILE: Final = "relay.password"  # noqa: S105 (a file's name)


def create_relay_key(folder: Path, *, randomness: Callable[[int], bytes], work_factor: int) -> None:
    """Make a relay's key file with a password of its own, and the password's file, both with mode 0600.

    Raises:
        KeyFileExists, FileExists: one of them exists.
        FileUnavailable: one of them cannot be written.
    """
    text = randomness(16).hex()
    create_key_file(folder / f"{RELAY}.json", Password(text), randomness=randomness, work_factor=work_factor)
    create_file(folder / PASSWORD_FILE, text.encode(), private=True)
