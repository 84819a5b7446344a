"""EORI, the EU's number for economic operators; also of `XI`, Northern Ireland.

Source: UCC Implementing Act, Annex 12-01 Title II: country and at most 15 characters. No common check digit.
"""

from __future__ import annotations

import re


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand capitals and digits; the lenient pattern of declaration systems admits any printable character."""
    return (
        ()
        if re.fullmatch(r"[A-Z0-9]{1,15}", identifier)
        else ("an EORI has 1 to 15 capitals and digits after its prefix",)
    )
