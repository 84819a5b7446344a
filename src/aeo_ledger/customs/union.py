"""Unions as they are: who keeps the register, and who speaks for whom.

Source: Union Customs Code Art. 38(4) for the EU; the East African Community keeps a regional register beside the national ones; members of
the Eurasian Economic Union keep their own and sign their own arrangements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionCustom:
    """How a union and its members share the work."""

    union_keeps_register: bool
    members_keep_registers: bool
    union_has_seat: bool
    """Else each member has one."""


_CUSTOMS: Final = {
    "EU": UnionCustom(union_keeps_register=True, members_keep_registers=False, union_has_seat=True),
    "EAC": UnionCustom(union_keeps_register=True, members_keep_registers=True, union_has_seat=False),
}
_ELSE: Final = UnionCustom(union_keeps_register=False, members_keep_registers=True, union_has_seat=False)


def custom_of(union: str) -> UnionCustom:
    """Say how a union shares the work with its members; one that is not known leaves registers and seats to them."""
    return _CUSTOMS.get(union, _ELSE)
