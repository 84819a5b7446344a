"""EORI, the EU's number for economic operators; also of `XI`, Northern Ireland.

Source: UCC Implementing Act, Annex 12-01 Title II: country and at most 15 characters. No common check digit. The lenient pattern of
declaration systems admits any printable character.
"""

from __future__ import annotations

from typing import Final

FORM: Final = "[A-Z0-9]{1,15}"
NEEDED: Final = "an EORI has 1 to 15 capitals and digits after its prefix"
