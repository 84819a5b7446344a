"""Singapore: the code that its customs gives to operators for use abroad, 12 characters."""

from __future__ import annotations

from typing import Final

FORM: Final = "[A-Z0-9]{12}"
NEEDED: Final = "a Singapore operator code has 12 capitals and digits"
