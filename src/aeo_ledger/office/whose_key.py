"""Say of an act that was refused for its signatures whose key signed, and whose was needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from aeo_ledger.customs.party import Key
from aeo_ledger.customs.vocabulary import Capacity, KeyRole
from aeo_ledger.errors.office import WrongKey
from aeo_ledger.protocol.acts import SignedAct

_SIGNS: Final = {
    "Publication": ("issuer", KeyRole.OPERATOR),
    "Withholding": ("recogniser", KeyRole.OPERATOR),
    "AliasBinding": ("recogniser", KeyRole.OPERATOR),
    "Envelope": ("register", KeyRole.OPERATOR),
    "LaneAct": ("party", KeyRole.AUTHORITY),
    "PartyAct": ("party", KeyRole.AUTHORITY),
}
"""The member of a message that names who signs it, and the key that signs for it; other messages have several signatories."""

_SHOWN: Final = {
    KeyRole.AUTHORITY: "the authority",
    KeyRole.OPERATOR: "an operator",
    KeyRole.NODE: "a validator's node",
}


def find_wrong_key(
    act: SignedAct, signers: Iterable[bytes], key_of: Callable[[bytes], Key | None], code_of: Callable[[int], str]
) -> WrongKey | None:
    """Find a signer whose key is another's, or another kind of key, than the act needs.

    Args:
        act: What was refused.
        signers: Who signed, 20 bytes each.
        key_of: Reads what an address serves; None if nobody on this ledger ever had it, as when the act was altered.
        code_of: Reads a party's code by its number.
    """
    member, role = _SIGNS.get(act.name, ("", KeyRole.OPERATOR))
    values: Any = act.values
    if act.name == "Publication" and values["capacity"] == Capacity.AUTHORITY:
        role = KeyRole.AUTHORITY
    if not member or values.get("former"):
        return None
    needed = int(values[member])
    for signer in signers:
        key = key_of(signer)
        if key is None or (key.party == needed and key.role is role and not key.retired_at):
            continue
        held = f"{_SHOWN[key.role]} of {code_of(key.party)}" + (", retired" if key.retired_at else "")
        return WrongKey(address=signer, held=held, needed=f"{_SHOWN[role]} of {code_of(needed)}")
    return None
