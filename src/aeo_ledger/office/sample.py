"""Sample registers: invented operators, with the real forms of numbers and their check digits."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

_FOLDER: Final = files("aeo_ledger.office").joinpath("samples")

SAMPLES: Final = tuple(
    sorted(file.name.removesuffix(".csv") for file in _FOLDER.iterdir() if file.name.endswith(".csv"))
)
"""Parties of whose registers there are samples: a file each."""


def read_sample(party: str) -> str:
    """Read a party's sample register, CSV.

    Raises:
        MalformedText: there is none of this party.
    """
    if party not in SAMPLES:
        raise MalformedText("sample", repr(party)[:40], f"one of {', '.join(SAMPLES)}")
    return _FOLDER.joinpath(f"{party}.csv").read_text(encoding="utf-8")
