"""China: the customs registration code, 10 digits, as partners are told it; the unified credit code fits no TIN."""

from __future__ import annotations

from typing import Final

FORM: Final = "[0-9]{10}"
NEEDED: Final = "a Chinese customs code has 10 digits"
