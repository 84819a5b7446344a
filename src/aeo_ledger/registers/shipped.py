"""The profiles that come with the package, as files."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

_FOLDER: Final = files("aeo_ledger.registers").joinpath("profiles")

PROFILES: Final = tuple(
    sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml"))
)
"""Their names."""


def read_shipped(name: str) -> bytes:
    """Read the text of a profile that comes with the package, TOML.

    Raises:
        MalformedText: there is none of this name.
    """
    if name not in PROFILES:
        raise MalformedText("profile", repr(name)[:80], f"{' or '.join(PROFILES)}, or a file")
    return _FOLDER.joinpath(f"{name}.toml").read_bytes()


def is_shipped(name: str) -> bool:
    """Tell whether a name is that of a profile and not of a file. A word that is neither is taken for a profile's."""
    return name in PROFILES or (Path(name).name == name and not Path(name).exists())
