"""Sample registers: the operators are invented, the forms of their numbers and check digits are real."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

_FOLDER: Final = files("aeo_ledger.registers").joinpath("samples")

SAMPLES: Final = tuple(
    sorted(file.name.removesuffix(".csv") for file in _FOLDER.iterdir() if file.name.endswith(".csv"))
)
"""The parties with a sample register, one file each."""


def read_sample(party: str) -> str:
    """Read a party's sample register, CSV.

    Raises:
        MalformedText: this party has no sample.
    """
    if party not in SAMPLES:
        raise MalformedText("sample", repr(party)[:40], f"one of {', '.join(SAMPLES)}")
    return _FOLDER.joinpath(f"{party}.csv").read_text(encoding="utf-8")
