"""Japan: corporate number, 13 digits, the first one a check digit."""

from __future__ import annotations

from typing import Final

from stdnum.jp import cn

FORM: Final = "[0-9]{13}"
NEEDED: Final = "a Japanese corporate number has 13 digits"


def find_doubt(identifier: str) -> str | None:
    """Say what is wrong with an identifier of this form."""
    return None if cn.is_valid(identifier) else "the corporate number's check digit is wrong"
