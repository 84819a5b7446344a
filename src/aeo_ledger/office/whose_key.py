"""Say whose key signs an act and whose key is needed: before it is signed, and after a refusal for its signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.errors.office import OtherArrangement, WrongKey
from aeo_ledger.office.who_signs import Side, find_cosigner, list_sides
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.wording.words import ENGLISH, Words, later

_SHOWN: Final = {
    KeyRole.AUTHORITY: later("the authority of {party}"),
    KeyRole.OPERATOR: later("an operator of {party}"),
    KeyRole.NODE: later("a validator's node of {party}"),
}


def find_wrong_key(
    act: SignedAct,
    signers: Iterable[bytes],
    key_of: Callable[[bytes], Key | None],
    party_of: Callable[[int], Party | None],
    *,
    time: int,
    gathers: bool = False,
) -> WrongKey | None:
    """Find a signer whose key belongs to nobody or to another party, or is of another kind than the act needs.

    Args:
        act: An act to be signed, or one that was refused.
        signers: The addresses that sign, 20 bytes each.
        key_of: Reads whose key an address is; None if it was never anybody's on this ledger.
        party_of: Reads a party by its number.
        time: UTC seconds: whose seat may vote changes with time.
        gathers: Whether the act goes round for signatures.

    Returns:
        None if every key is right; an `OtherArrangement` for an act that goes round.
    """
    cosigner = find_cosigner(act)
    sides = [one for side in list_sides(act) for one in (side, side.instead) if one is not None]
    for signer in signers:
        if signer == cosigner:
            continue
        key = key_of(signer)
        party = None if key is None else party_of(key.party)
        if key and party and _counts(key, party) and any(side.admits(key, party, time) for side in sides):
            continue
        kind = OtherArrangement if gathers else WrongKey
        return kind(address=signer, held=describe_key(key, party_of), needed=_describe_needed(sides, party_of))
    return None


def describe_key(key: Key | None, party_of: Callable[[int], Party | None], words: Words = ENGLISH) -> str:
    """Say whose key an address is, as in `an operator of CN, retired`."""
    if key is None:
        return words.say("nobody's on this ledger")
    party = party_of(key.party)
    held = words.phrase(_SHOWN[key.role], party=_code(key.party, party_of, words))
    if key.retired_at:
        return words.say("{held}, retired", held=held)
    if party and _counts(key, party):
        return held
    return words.say("{held}, of an authority that was replaced", held=held)


def _counts(key: Key, party: Party) -> bool:
    """Say whether a key is valid now: not retired, and not of a replaced authority. A node's key has no epoch."""
    return not key.retired_at and (key.role is KeyRole.NODE or key.epoch == party.epoch)


def _describe_needed(sides: Iterable[Side], party_of: Callable[[int], Party | None]) -> str:
    by_role: dict[str, list[str]] = {}
    for side in sides:
        if side.of_seats:
            return "the authority of a party with a seat"
        codes = by_role.setdefault(_SHOWN[side.role], [])
        codes += [code for number in sorted(side.parties) if (code := _code(number, party_of)) not in codes]
    return " or ".join(role.format(party=" or ".join(codes)) for role, codes in by_role.items())


def _code(number: int, party_of: Callable[[int], Party | None], words: Words = ENGLISH) -> str:
    party = party_of(number)
    return party.code if party else words.say("party {number}", number=number)
