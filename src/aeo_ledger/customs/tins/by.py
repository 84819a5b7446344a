"""Belarus: payer's number (UNP) of organisations, 9 digits, the last one a check digit, the first one a region."""

from __future__ import annotations

import re

from stdnum.by import unp


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 9 digits and what the check digit confirms."""
    if not re.fullmatch(r"[0-9]{9}", identifier):
        return ("a Belarusian UNP of an organisation has 9 digits",)
    return () if unp.is_valid(identifier) else ("the UNP's region or check digit is wrong",)
