"""Brazil: CNPJ, 12 characters for company and branch, and two check digits."""

from __future__ import annotations

from typing import Final

from stdnum.br import cnpj

FORM: Final = "[A-Z0-9]{12}[0-9]{2}"
NEEDED: Final = "a Brazilian CNPJ has 12 capitals and digits, and 2 digits"


def find_doubt(identifier: str) -> str | None:
    """Say what is wrong with an identifier of this form."""
    return None if cnpj.is_valid(identifier) else "the CNPJ's check digits are wrong"
