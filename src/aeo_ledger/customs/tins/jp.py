"""Japan: corporate number, 13 digits, the first one a check digit."""

from __future__ import annotations

import re

from stdnum.jp import cn


def find_problems(identifier: str) -> tuple[str, ...]:
    """Demand 13 digits and what the check digit confirms."""
    if not re.fullmatch(r"[0-9]{13}", identifier):
        return ("a Japanese corporate number has 13 digits",)
    return () if cn.is_valid(identifier) else ("the corporate number's check digit is wrong",)
