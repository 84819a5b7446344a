"""Russia: taxpayer number (INN) of companies, 10 digits, the last one a check digit."""

from __future__ import annotations

from typing import Final

from stdnum.ru import inn

FORM: Final = "[0-9]{10}"
NEEDED: Final = "a Russian INN of a company has 10 digits"


def find_doubt(identifier: str) -> str | None:
    """Say what is wrong with an identifier of this form."""
    return None if inn.is_valid(identifier) else "the INN's check digit is wrong"
