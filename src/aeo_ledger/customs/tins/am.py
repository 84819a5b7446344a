"""Armenia: taxpayer identification number, 8 digits."""

from __future__ import annotations

from typing import Final

FORM: Final = "[0-9]{8}"
NEEDED: Final = "an Armenian TIN has 8 digits"
