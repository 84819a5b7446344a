"""Kyrgyzstan: taxpayer identification number, 14 digits."""

from __future__ import annotations

from typing import Final

FORM: Final = "[0-9]{14}"
NEEDED: Final = "a Kyrgyz TIN has 14 digits"
