"""Kyrgyzstan: taxpayer identification number, 14 digits."""

from __future__ import annotations

import re


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 14 digits."""
    return () if re.fullmatch(r"[0-9]{14}", identifier) else ("a Kyrgyz TIN has 14 digits",)
