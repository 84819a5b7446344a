"""Read a token, and show that the key that it names signed it. Whether that key serves is another question: see `askers`.

The header chooses nothing. There is one algorithm, and a header with another one, or with a key, an address of a key or anything else
besides, is refused before a signature is looked at. The public key follows from the signature, and must have the address that the token
names. `joserfc`, another library, checks the signature with this key too; that takes longer than all else, so it comes last, and anybody
may sign tokens with a key that stands nowhere.

Source: RFC 7515, section 5.2; RFC 8725 (what goes wrong with tokens); RFC 8812, section 3.2.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from aeo_ledger.errors import Malformed
from aeo_ledger.errors.gateway import TokenForged, TokenMalformed
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.evidence.identity import CODE
from aeo_ledger.primitives.curve import address_of_public_key
from aeo_ledger.primitives.documents import Fields, parse_json
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.access import ALGORITHM, MAX_BYTES, SCOPES, TYPE, Token
from aeo_ledger.protocol.signature import Signature

_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})", re.ASCII)
_AUDIENCE: Final = re.compile(r"aeo-ledger:([1-9][0-9]{0,18}):([a-z0-9.:\[\]_-]{1,255})", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LATEST: Final = 1 << 40
"""Times are below this."""


def read_token(text: str) -> Token:
    """Read a token that its key signed; before it counts, `confirm_token` must agree.

    Raises:
        TokenMalformed: It is none of this version.
        TokenForged: The key that it names did not sign it.
    """
    parts = _FORM.fullmatch(text) if len(text) <= MAX_BYTES else None
    if parts is None:
        detail = f"it has {len(text)} characters, at most {MAX_BYTES} are read" if len(text) > MAX_BYTES else "its form"
        raise TokenMalformed(detail=detail)
    try:
        address = _read_header(parts[1])
        token = _read_claims(parts[2], address)
    except Malformed as error:
        raise TokenMalformed(detail=str(error)) from error
    _recover_key(text, address)
    return token


def confirm_token(text: str, address: bytes) -> None:
    """Check the signature of a token that was read, with the other library.

    Args:
        text: The token.
        address: The key that it names, 20 bytes.

    Raises:
        TokenForged: That key did not sign it.
    """
    try:
        jws.deserialize_compact(text, _as_jwk(_recover_key(text, address)), algorithms=[ALGORITHM])
    except JoseError as error:
        raise TokenForged(signer=address) from error


def _read_header(part: str) -> bytes:
    fields = _fields(part, "header")
    fields.demand(("alg", "kid", "typ"))
    fields.choice("alg", {ALGORITHM: None})
    fields.choice("typ", {TYPE: None})
    return parse_hex(fields.text("kid", 42), what="kid", length=20)


def _read_claims(part: str, address: bytes) -> Token:
    fields = _fields(part, "claims")
    fields.demand(("iss", "sub", "aud", "iat", "exp", "jti", "scope"))
    if fields.text("sub", 42) != to_hex(address):
        fields.refuse("sub", "needed the key of the header")
    party, number = fields.text("iss", 6), fields.text("jti", 32)
    audience = _AUDIENCE.fullmatch(fields.text("aud", 300))
    if audience is None:
        fields.refuse("aud", "needed aeo-ledger:CHAIN:HOST")
    if not CODE.fullmatch(party):
        fields.refuse("iss", "needed the code of a party")
    if not _NUMBER.fullmatch(number):
        fields.refuse("jti", "needed 32 hexadecimal digits")
    scopes = fields.text("scope", 60).split(" ")
    if not set(scopes) <= set(SCOPES) or len(set(scopes)) < len(scopes):
        fields.refuse("scope", f"needed some of {', '.join(SCOPES)}, each once")
    return Token(
        party=party,
        address=address,
        chain_id=int(audience[1]),
        host=audience[2],
        issued_at=fields.number("iat", _LATEST),
        until=fields.number("exp", _LATEST),
        number=number,
        scopes=tuple(scopes),
    )


def _recover_key(text: str, address: bytes) -> bytes:
    """Recover the public key of an address from the signature of a token.

    Raises:
        TokenForged: Another key signed it, or none.
        TokenMalformed: The signature is not encoded in its one form.
    """
    signed, _, part = text.rpartition(".")
    signature, digest = _decode(part), sha256(signed.encode()).digest()
    for v in (27, 28):
        with suppress(MalformedSignature):
            public_key = Signature.parse(signature + bytes([v])).recover_public_key(digest)
            if address_of_public_key(public_key) == address:
                return public_key
    raise TokenForged(signer=address)


def _as_jwk(public_key: bytes) -> ECKey:
    x, y = (urlsafe_b64encode(part).rstrip(b"=").decode() for part in (public_key[:32], public_key[32:]))
    return ECKey.import_key({"kty": "EC", "crv": "secp256k1", "x": x, "y": y})


def _fields(part: str, document: str) -> Fields:
    """Read a part of a token as a JSON object."""
    return Fields(parse_json(_decode(part), document=document, max_bytes=MAX_BYTES), document=document)


def _decode(part: str) -> bytes:
    """Decode base64url without padding, in its one form.

    Raises:
        TokenMalformed: Its last letter has bits that mean nothing, or its length is that of no bytes.
    """
    try:
        data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise TokenMalformed(detail="base64url of another length") from error
    if urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise TokenMalformed(detail="base64url in another form")
    return data
