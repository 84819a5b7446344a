"""Brazil: CNPJ, 12 characters for company and branch, and two check digits."""

from __future__ import annotations

import re

from stdnum.br import cnpj


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 14 characters and what the check digit confirms."""
    if not re.fullmatch(r"[A-Z0-9]{12}[0-9]{2}", identifier):
        return ("a Brazilian CNPJ has 12 capitals and digits, and 2 digits",)
    return () if cnpj.is_valid(identifier) else ("the CNPJ's check digits are wrong",)
