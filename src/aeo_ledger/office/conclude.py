"""Conclude an arrangement: from a draft that lawyers can read to an act that every side has signed.

The draft is TOML. Each side adds its authority's signature to the act written beside it (`FILE.act.json`), which can be mailed on since
nothing in it is secret; whoever completes it submits it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.errors import MalformedText, NoSuchParty, OtherArrangement
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.desk import Desk, Member, Receipt, member_by_code
from aeo_ledger.office.publish import sign_act
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.words import NAME_BYTES, encode_text
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle

LIFETIME_S: Final = 30 * 86_400
"""How long a draft may go round for signatures, seconds."""

_KEYS: Final = {"name", "text", "text_hash", "signed", "signatories", "recognition"}
_RECOGNITION_KEYS: Final = {
    "recogniser", "register", "types", "roles", "directions", "benefits", "in_force_from", "until",
}  # fmt: skip
_ALL_ROLES: Final = (1 << len(Role)) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an arrangement has come."""

    act: SignedAct
    missing: tuple[str, ...]
    """Codes of the parties whose authority has not signed yet."""
    receipt: Receipt | None
    """Where it was sealed, once nobody is missing."""


def draft(text: str, desk: Desk, *, now: int, lifetime_s: int = LIFETIME_S) -> SignedAct:
    """Turn a draft into the act that is signed.

    Args:
        text: TOML; see the README for an example with every key.
        desk: Tells the parties' numbers and the pairs' serials.
        now: UTC seconds.
        lifetime_s: How long signatures may be gathered.

    Raises:
        MalformedText: the draft cannot be read; the key is named.
        NoSuchParty: a party named is not on the ledger.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedText("arrangement", str(error), "TOML") from error
    _refuse_other_keys(document, _KEYS, "arrangement")
    members = desk.members()
    used: dict[tuple[int, int], int] = {}
    recognitions: list[Mapping[str, int]] = []
    signatories = 0
    for terms in _need(document, "recognition", list):
        _refuse_other_keys(terms, _RECOGNITION_KEYS, "recognition")
        recogniser = find_party(members, _need(terms, "recogniser", str))
        register = find_party(members, _need(terms, "register", str))
        pair = desk.pair(recogniser.number, register.number)
        turn = used.setdefault((recogniser.number, register.number), 0)
        used[recogniser.number, register.number] += 1
        signatories |= 1 << recogniser.number | 1 << register.number
        recognitions.append(
            {
                "recogniser": recogniser.number,
                "register": register.number,
                "lane": pair.lanes + turn,
                "serial": pair.serial + 1 + turn,
                "types": _bits(terms, "types", list_type_names(register.party.code)),
                "roles": _ALL_ROLES if terms.get("roles", "all") == "all" else _bits(terms, "roles", _names(Role)),
                "directions": _bits(terms, "directions", _names(Direction)),
                "benefits": _bits(terms, "benefits", _names(Benefit)),
                "in_force_from": _day(terms, "in_force_from", recogniser),
                "until": _day(terms, "until", recogniser),
            }
        )
    if "signatories" in document:
        signatories = sum({1 << find_party(members, code).number for code in _need(document, "signatories", list)})
    return SignedAct(
        name="Conclusion",
        values={
            "deadline": now + lifetime_s,
            "arrangement": encode_text(_need(document, "name", str), NAME_BYTES, what="name").to_bytes(
                NAME_BYTES, "big"
            )
            + bytes(32 - NAME_BYTES),
            "text": _text_hash(document),
            "signatories": signatories,
            "recognitions": recognitions,
        },
    )


def conclude(
    act: SignedAct, signers: Sequence[Signer], desk: Desk, trust: TrustBundle, *, keep: Callable[[SignedAct], None]
) -> Progress:
    """Add signatures and, once every signing party's authority has signed, submit.

    Args:
        act: A draft, or an act that others have signed.
        signers: The keys at hand; there may be none.
        desk: The ledger.
        trust: The ledger's pins.
        keep: Told the act with the new signatures before it is submitted, so that none is lost.

    Raises:
        OtherArrangement: a key given, or a signature borne, is none of a signing party's authority.
        RefusedByLedger: a rule says no.
        Unavailable: it was not sealed.
    """
    if act.name not in {"Conclusion", "Amendment"}:
        raise MalformedText("act", act.name, "a Conclusion or an Amendment")
    signed = sign_act(act, signers, trust) if signers else act
    parties = int(act.values["signatories"])  # type: ignore[arg-type]
    authorities = {m.authority: m.party.code for m in desk.members() if parties >> m.number & 1}
    done = signed.signers(chain_id=trust.chain_id, address=trust.consortium)
    stranger = next((signer for signer in done if signer not in authorities), None)
    if stranger is not None:
        raise OtherArrangement(address=stranger, needed=tuple(authorities.values()))
    missing = tuple(code for authority, code in authorities.items() if authority not in done)
    keep(signed)
    return Progress(act=signed, missing=missing, receipt=None if missing else desk.submit(signed))


def same_terms(one: SignedAct, other: SignedAct) -> bool:
    """Say whether two acts agree on everything but their deadline and signatures."""
    return one.name == other.name and {**one.values, "deadline": 0} == {**other.values, "deadline": 0}


def find_party(members: Sequence[Member], code: str) -> Member:
    """Find a party by its code.

    Raises:
        NoSuchParty: the ledger has none, or it was expelled.
    """
    member = member_by_code(members, code)
    if member is None:
        raise NoSuchParty(code=str(code), known=tuple(member.party.code for member in members))
    return member


def _text_hash(document: Mapping[str, Any]) -> bytes:
    if ("text" in document) == ("text_hash" in document):
        raise MalformedText("arrangement", "both or neither of text and text_hash", "one of them")
    if "text" in document:
        return keccak256(_need(document, "text", str).encode())
    return parse_hex(_need(document, "text_hash", str), what="text_hash", length=32)


def _need(document: Mapping[str, Any], key: str, kind: type) -> Any:
    found = document.get(key)
    if not isinstance(found, kind) or not found:
        raise MalformedText(key, repr(found), f"a {kind.__name__} that is not empty")
    return found


def _refuse_other_keys(document: object, keys: set[str], what: str) -> None:
    if not isinstance(document, dict) or set(document) - keys:
        found = ", ".join(sorted(set(document) - keys)) if isinstance(document, dict) else repr(document)
        raise MalformedText(what, found, f"only {', '.join(sorted(keys))}")


def _names(words: type[Role] | type[Direction] | type[Benefit]) -> tuple[str, ...]:
    return tuple(word.name.lower() for word in words)


def _bits(terms: Mapping[str, Any], key: str, names: Sequence[str]) -> int:
    bits = 0
    for name in _need(terms, key, list):
        if name not in names:
            raise MalformedText(key, repr(name), f"one of {', '.join(names)}")
        bits |= 1 << names.index(name)
    return bits


def _day(terms: Mapping[str, Any], key: str, recogniser: Member) -> int:
    value = terms.get(key)
    if value is None:
        return 0
    if not isinstance(value, date | str):
        raise MalformedText(key, repr(value), "a day such as 2019-07-24")
    text = value.isoformat() if isinstance(value, date | datetime) else value
    return parse_moment(text, recogniser.party.code, what=key)
