"""Sample registers: the operators are invented, the forms of their numbers and check digits are real."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

_FOLDER: Final = files("aeo_ledger.registers").joinpath("samples")
_AS_RECEIVED: Final = "-as-received"
_FILES: Final = tuple(
    sorted(file.name.removesuffix(".csv") for file in _FOLDER.iterdir() if file.name.endswith(".csv"))
)

SAMPLES: Final = tuple(name for name in _FILES if not name.endswith(_AS_RECEIVED))
"""The parties with a sample register in the plain columns."""


def read_sample(party: str, *, as_received: bool = False) -> bytes:
    """Read a party's sample register, CSV: in the plain columns and UTF-8, or as the administration itself keeps it.

    Raises:
        MalformedText: this party has no such sample.
    """
    name = f"{party}{_AS_RECEIVED}" if as_received else party
    if name not in _FILES or party not in SAMPLES:
        there = [known for known in SAMPLES if not as_received or f"{known}{_AS_RECEIVED}" in _FILES]
        raise MalformedText("sample", repr(party)[:40], f"one of {', '.join(there)}")
    return _FOLDER.joinpath(f"{name}.csv").read_bytes()
