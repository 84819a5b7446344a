"""Say whose key signs an act and whose key is needed: before it is signed, and after a refusal for its signatures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.vocabulary import Capacity, KeyRole, PartyActKind, ReplacementActKind
from aeo_ledger.errors.office import OtherArrangement, WrongKey
from aeo_ledger.office.footing import numbers_in
from aeo_ledger.protocol.acts import SignedAct

Places: TypeAlias = frozenset[tuple[int, KeyRole]]
"""Whose keys may sign: parties by number, each with the role of the key. If it is None, the authority of any party may."""

_SIGNS: Final = {
    "Withholding": ("recogniser", KeyRole.OPERATOR),
    "AliasBinding": ("recogniser", KeyRole.OPERATOR),
    "Envelope": ("register", KeyRole.OPERATOR),
    "Freeze": ("party", KeyRole.OPERATOR),
    "LaneAct": ("party", KeyRole.AUTHORITY),
}
"""For messages that one party signs: the member that names the party, and the role of its key."""

_SHOWN: Final = {
    KeyRole.AUTHORITY: "the authority",
    KeyRole.OPERATOR: "an operator",
    KeyRole.NODE: "a validator's node",
}


def find_wrong_key(
    act: SignedAct,
    signers: Iterable[bytes],
    key_of: Callable[[bytes], Key | None],
    party_of: Callable[[int], Party | None],
    *,
    seats: Collection[int] | None = None,
) -> WrongKey | None:
    """Find a signer whose key belongs to nobody or to another party, or is of another kind than the act needs.

    Args:
        act: An act to be signed, or one that was refused.
        signers: The addresses that sign, 20 bytes each.
        key_of: Reads whose key an address is; None if it was never anybody's on this ledger.
        party_of: Reads a party by its number.
        seats: For an act that several parties sign: the parties whose authorities may sign, by number.

    Returns:
        None if every key is right; an `OtherArrangement` for an act that several parties sign.
    """
    places, cosigner = _list_places(act) if seats is None else (_authorities(seats), b"")
    for signer in signers:
        if signer == cosigner:
            continue
        key = key_of(signer)
        if key is not None and _counts(key, party_of(key.party)) and _may(key, places):
            continue
        kind = WrongKey if seats is None else OtherArrangement
        return kind(address=signer, held=_describe(key, party_of), needed=_describe_needed(places, party_of))
    return None


def _counts(key: Key, party: Party | None) -> bool:
    """Say whether a key is valid now: not retired, and not of a replaced authority. A node's key has no epoch."""
    return party is not None and not key.retired_at and (key.role is KeyRole.NODE or key.epoch == party.epoch)


def _may(key: Key, places: Places | None) -> bool:
    return key.role is KeyRole.AUTHORITY if places is None else (key.party, key.role) in places


def _authorities(numbers: Iterable[int]) -> Places:
    return frozenset((number, KeyRole.AUTHORITY) for number in numbers)


def _list_places(act: SignedAct) -> tuple[Places | None, bytes]:
    """List whose keys may sign an act, and the new key that must sign it too (20 bytes; empty if there is none)."""
    values: Any = act.values
    if act.name in _SIGNS:
        member, role = _SIGNS[act.name]
        return frozenset({(values[member], role)}), b""
    if act.name == "Publication":
        return _list_publishers(values), b""
    if act.name in {"Conclusion", "Amendment"}:
        return _authorities(numbers_in(values["signatories"])), b""
    if act.name == "PartyAct":
        union = [values["detail"]] if values["act"] == PartyActKind.JOIN_UNION else []
        return _authorities([values["party"], *union]), values["key"]
    if act.name == "ReplacementAct" and values["act"] == ReplacementActKind.OBJECT:
        return _authorities([values["party"]]), b""
    return None, values.get("key", b"") if act.name == "Resolution" else b""


def _list_publishers(values: Any) -> Places:
    own = (values["issuer"], KeyRole.OPERATOR)
    return {
        Capacity.AUTHORITY: _authorities([values["issuer"]]),
        Capacity.UNION: _authorities([values["register"]]),
        Capacity.TRANSFER: _authorities([values["register"]]) | {own, (values["former"], KeyRole.OPERATOR)},
    }.get(values["capacity"], frozenset({own}))


def _describe(key: Key | None, party_of: Callable[[int], Party | None]) -> str:
    if key is None:
        return "nobody's on this ledger"
    party = party_of(key.party)
    held = f"{_SHOWN[key.role]} of {_code(key.party, party_of)}"
    if key.retired_at:
        return f"{held}, retired"
    return held if _counts(key, party) else f"{held}, of an authority that was replaced"


def _describe_needed(places: Places | None, party_of: Callable[[int], Party | None]) -> str:
    if places is None:
        return "the authority of a party with a seat"
    by_role: dict[KeyRole, list[str]] = {}
    for number, role in sorted(places):
        by_role.setdefault(role, []).append(_code(number, party_of))
    return " or ".join(f"{_SHOWN[role]} of {' or '.join(codes)}" for role, codes in by_role.items())


def _code(number: int, party_of: Callable[[int], Party | None]) -> str:
    party = party_of(number)
    return party.code if party else f"party {number}"
