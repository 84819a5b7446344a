"""Kazakhstan: business identification number, 12 digits."""

from __future__ import annotations

from typing import Final

FORM: Final = "[0-9]{12}"
NEEDED: Final = "a Kazakh BIN has 12 digits"
