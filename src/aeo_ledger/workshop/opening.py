"""Open the ledger of a workshop: found one for the room, or take one that was founded as a demonstration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aeo_ledger.errors.workshop import NotADemonstration
from aeo_ledger.network.check import is_demonstration
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.signing import WORK_FACTOR, Password, open_key_file
from aeo_ledger.workshop.bench import Keys

QUICK: Final = 1 << 12
"""scrypt's N for keys whose password is 32 random bytes: nobody can guess it, so guessing need not be slow."""


def found_room(
    folder: Path,
    parties: str,
    password: Password,
    *,
    now: int,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Found the network of a workshop; the arguments are those of `found_network`.

    Raises:
        MalformedText: the parties cannot be read.
        FolderExists, FileUnavailable: the folder is there, or cannot be made.
    """
    found_network(
        folder,
        parse_parties(parties),
        password,
        now=now,
        randomness=randomness,
        work_factor=work_factor,
        demonstration=True,
        progress=progress,
    )


def demand_demonstration(folder: Path) -> None:
    """Demand that a network was founded as a demonstration.

    Raises:
        NotADemonstration: its block 0 does not say so.
        UnreadableFile, MalformedDocument, MalformedGenesis, DamagedLedger: see `is_demonstration`.
    """
    if not is_demonstration(folder):
        raise NotADemonstration(folder=str(folder))


def open_keys(folder: Path, password: Password) -> dict[str, Keys]:
    """Open the keys of every party, by code.

    Raises:
        WrongPassword: the password is wrong.
        UnreadableFile, UnreadableKeyFile: a file cannot be read.
    """
    return {
        home.name: Keys(
            authority=open_key_file(home / "authority.json", password),
            operator=open_key_file(home / "operator.json", password),
        )
        for home in sorted((folder / "parties").iterdir())
    }
