"""The format `aeo-ledger/card/1`: who an administration is and how to reach it; unchecked.

    format          "aeo-ledger/card/1"
    party           the party's code
    names           its name by language: {"en": ..., "be": ...}
    time_zone       where its days begin, as in `Europe/Minsk`
    contact         the contact point for liaison officers: {office, email, phone}; phone may be left out
    programme       its AEO programme: {legal_basis, link}
    gateway         URL of its gateway, and
    disclosure_key  the public key for which others seal keys: {algorithm, public_key}, and
    reader_keys     addresses of the keys with which its readers sign, 20 bytes each, and
    identity        the statement that binds its authority's keys to an X.509 certificate; see `evidence.identity`: each may be left out

A card's *hash* is keccak256 of the whole card in deterministic CBOR. It stands on the ledger: its party's authority signed it there
(`SET_CARD`), with as many keys as its threshold says. So a card needs no signature of its own, and an old card is no card.

Source: RFC 8259; RFC 8949 section 4.2; RFC 5646 (tags of languages); IANA's time zone database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.disclosure_key import LENGTHS, Algorithm, DisclosureKey
from aeo_ledger.evidence.identity import CODE, IdentityStatement, decode_statement, encode_statement
from aeo_ledger.primitives.cbor import encode_cbor
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.urls import parse_url

FORMAT: Final = "aeo-ledger/card/1"
"""Name and version. Another version is another format."""

MAX_BYTES: Final = 1 << 19
"""Longest card that is read."""

MAX_LANGUAGES: Final = 24
MAX_READERS: Final = 16
MAX_LINE: Final = 300
"""Characters of a line."""

LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
"""A language, perhaps with its script and country: `be`, `zh-Hans`, `pt-BR`."""

ZONE: Final = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}")
EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
"""Addresses that every mail program writes alike."""

_DOCUMENT: Final = "card"
_MEMBERS: Final = ("format", "party", "names", "time_zone", "contact", "programme")
_OPTIONAL: Final = ("gateway", "disclosure_key", "reader_keys", "identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Who an administration is, in its own words."""

    party: str
    """Its code."""
    names: Mapping[str, str]
    """By language."""
    time_zone: str
    office: str
    """The contact point for liaison officers."""
    email: str
    phone: str = ""
    legal_basis: str
    """Of its AEO programme."""
    link: str
    """Where the legal basis can be read."""
    gateway: str = ""
    """URL; empty if it names none."""
    disclosure_key: DisclosureKey | None = None
    reader_keys: tuple[bytes, ...] = ()
    """Addresses, 20 bytes each."""
    identity: IdentityStatement | None = None

    def hash(self) -> bytes:
        """Hash the whole card, 32 bytes: what stands on the ledger."""
        return keccak256(encode_cbor(_encode(self)))


def _decode(fields: Fields) -> Card:
    fields.demand(_MEMBERS, optional=_OPTIONAL)
    fields.choice("format", {FORMAT: None})
    contact, programme = fields.object("contact"), fields.object("programme")
    contact.demand(("office", "email"), optional=("phone",))
    programme.demand(("legal_basis", "link"))
    readers = fields.binaries("reader_keys", MAX_READERS, 20) if "reader_keys" in fields else ()
    if "reader_keys" in fields and not len(readers) == len(set(readers)) > 0:
        fields.refuse("reader_keys", "needed addresses, each once")
    return Card(
        party=_fitting(fields, "party", CODE, "2 to 6 capitals"),
        names=_names(fields.object("names")),
        time_zone=_fitting(fields, "time_zone", ZONE, "a time zone such as Europe/Minsk"),
        office=_line(contact, "office"),
        email=_fitting(contact, "email", EMAIL, "an address such as liaison@customs.example"),
        phone=_line(contact, "phone") if "phone" in contact else "",
        legal_basis=_line(programme, "legal_basis"),
        link=_url(programme, "link", has_query=True),
        gateway=_url(fields, "gateway") if "gateway" in fields else "",
        disclosure_key=_disclosure_key(fields.object("disclosure_key")) if "disclosure_key" in fields else None,
        reader_keys=readers,
        identity=decode_statement(fields.object("identity")) if "identity" in fields else None,
    )


def _line(fields: Fields, key: str) -> str:
    text = fields.text(key, MAX_LINE)
    if not text.isprintable() or text != text.strip():
        fields.refuse(key, "needed one line of characters that print, with no space at its ends")
    if text.startswith("<"):
        fields.refuse(key, "needed the party's own words in its place")
    return text


def _fitting(fields: Fields, key: str, form: re.Pattern[str], needed: str) -> str:
    text = _line(fields, key)
    if not form.fullmatch(text):
        fields.refuse(key, f"needed {needed}")
    return text


def _url(fields: Fields, key: str, *, has_query: bool = False) -> str:
    text = _line(fields, key)
    try:
        return parse_url(text, what=key, has_query=has_query).text
    except MalformedText as error:
        fields.refuse(key, f"needed {error.needed}")


def _names(fields: Fields) -> Mapping[str, str]:
    languages = fields.keys(MAX_LANGUAGES)
    for language in languages:
        if not LANGUAGE.fullmatch(language):
            fields.refuse(language, "needed the tag of a language for its key, such as en or zh-Hans")
    names = {language: _line(fields, language) for language in languages}
    if "en" not in names:
        fields.demand(("en",), optional=languages)
    return MappingProxyType(names)


def _disclosure_key(fields: Fields) -> DisclosureKey:
    fields.demand(("algorithm", "public_key"))
    algorithm = fields.choice("algorithm", {one.value: one for one in Algorithm})
    return DisclosureKey(algorithm, fields.binary("public_key", LENGTHS[algorithm]))


def _encode(card: Card) -> dict[str, Value]:
    phone: dict[str, Value] = {"phone": card.phone} if card.phone else {}
    optional: dict[str, Value] = {"gateway": card.gateway} if card.gateway else {}
    if card.disclosure_key is not None:
        key = card.disclosure_key
        optional["disclosure_key"] = {"algorithm": key.algorithm.value, "public_key": key.public_key}
    if card.reader_keys:
        optional["reader_keys"] = list(card.reader_keys)
    if card.identity is not None:
        optional["identity"] = encode_statement(card.identity)
    return {
        "format": FORMAT,
        "party": card.party,
        "names": dict(card.names),
        "time_zone": card.time_zone,
        "contact": {"office": card.office, "email": card.email, **phone},
        "programme": {"legal_basis": card.legal_basis, "link": card.link},
        **optional,
    }


CARD_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=MAX_BYTES, only_ascii=False)
"""A card, in JSON or CBOR."""
