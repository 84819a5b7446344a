"""Belarus: payer's number (UNP) of organisations, 9 digits, the last one a check digit, the first one a region."""

from __future__ import annotations

from typing import Final

from stdnum.by import unp

FORM: Final = "[0-9]{9}"
NEEDED: Final = "a Belarusian UNP of an organisation has 9 digits"


def find_doubt(identifier: str) -> str | None:
    """Say what is wrong with an identifier of this form."""
    return None if unp.is_valid(identifier) else "the UNP's region or check digit is wrong"
