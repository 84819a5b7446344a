"""Certificates: how the types of a register are called.

Types are numbered within a register, by their place in its list, and a number is never reused.
"""

from __future__ import annotations

from typing import Final

_EAEU_TYPES: Final = ("1", "2", "3")
_TYPE_NAMES: Final = {
    "EU": ("AEOC", "AEOS"),
    **dict.fromkeys(("AM", "BY", "KG", "KZ", "RU"), _EAEU_TYPES),
    "CN": ("ADVANCED",),
}


def list_type_names(code: str) -> tuple[str, ...]:
    """List the types' names of the register that a party keeps, by the party's code; a type's number is its place.

    The EU's AEOF is both AEOC and AEOS and is stored as two standings, so that losing one half leaves the other: DA
    (EU) 2015/2446 Art. 30(3).
    """
    return _TYPE_NAMES.get(code, ("AEO",))
