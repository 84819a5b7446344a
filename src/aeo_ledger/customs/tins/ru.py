"""Russia: taxpayer number (INN) of companies, 10 digits, the last one a check digit."""

from __future__ import annotations

import re

from stdnum.ru import inn


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 10 digits and what the check digit confirms."""
    if not re.fullmatch(r"[0-9]{10}", identifier):
        return ("a Russian INN of a company has 10 digits",)
    return () if inn.is_valid(identifier) else ("the INN's check digit is wrong",)
