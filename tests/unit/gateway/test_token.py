"""A token is read in one form, and only if the key that it names signed it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from aeo_ledger.errors.gateway import TokenForged, TokenMalformed
from aeo_ledger.gateway import token as token_module
from aeo_ledger.gateway.token import confirm_token, read_token
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.access import MAX_BYTES, SCOPES, Token
from aeo_ledger.signing import Signer
from aeo_ledger.signing.access import sign_token

SECRET = b"\1" * 32
SIGNER, OTHER = Signer.from_secret(SECRET), Signer.from_secret(b"\2" * 32)
TOKEN = Token(
    party="BY",
    address=SIGNER.address,
    chain_id=7,
    host="gateway.example:8443",
    issued_at=1_795_658_321,
    until=1_795_658_921,
    number="07" * 16,
    scopes=SCOPES,
)
TEXT = sign_token(SIGNER, TOKEN)
HEADER: dict[str, Any] = {"alg": "ES256K", "kid": to_hex(SIGNER.address), "typ": "aeo-ledger+jwt"}
CLAIMS: dict[str, Any] = {
    "iss": "BY",
    "sub": to_hex(SIGNER.address),
    "aud": "aeo-ledger:7:gateway.example:8443",
    "iat": TOKEN.issued_at,
    "exp": TOKEN.until,
    "jti": TOKEN.number,
    "scope": "verify",
}


def letters(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: bytes | dict[str, Any], claims: bytes | dict[str, Any], signer: Signer = SIGNER) -> str:
    """Sign whatever stands in a header and in claims."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    text = ".".join(map(letters, parts))
    return f"{text}.{letters(signer.sign(sha256(text.encode()).digest()).encode()[:64])}"


@pytest.mark.parametrize("host", ["gateway.example:8443", "127.0.0.1:8547", "[::1]:8547", "a_b.example"])
@pytest.mark.parametrize("scopes", [SCOPES, ("read",)])
def test_what_was_signed_is_read(host: str, scopes: tuple[str, ...]) -> None:
    token = replace(TOKEN, host=host, scopes=scopes)
    text = sign_token(SIGNER, token)
    assert read_token(text) == token
    confirm_token(text, token.address)


def test_a_token_of_another_library_is_read() -> None:
    public = SIGNER.public_key
    key = ECKey.import_key(
        {"kty": "EC", "crv": "secp256k1", "x": letters(public[:32]), "y": letters(public[32:]), "d": letters(SECRET)}
    )
    made: list[Token] = []
    while not made:  # half of its signatures have a high s, and are refused
        try:
            made.append(read_token(jwt.encode(HEADER, CLAIMS, key, algorithms=["ES256K"])))
        except TokenForged:
            continue
    assert made == [replace(TOKEN, scopes=("verify",))]


def _with_high_s(text: str) -> str:
    rest, _, part = text.rpartition(".")
    signature = urlsafe_b64decode(part + "==")
    return f"{rest}.{letters(signature[:32] + (ORDER - int.from_bytes(signature[32:], 'big')).to_bytes(32, 'big'))}"


def _with_claims(**changed: Any) -> str:
    """Change what was said, and keep the signature."""
    header, _, signature = signed(HEADER, CLAIMS).split(".")
    return f"{header}.{letters(json.dumps({**CLAIMS, **changed}).encode())}.{signature}"


FORGED: dict[str, Callable[[], str]] = {
    "another key": lambda: signed(HEADER, CLAIMS, OTHER),
    "no signature": lambda: f"{TEXT.rpartition('.')[0]}.{'A' * 86}",
    "the other form of a signature": lambda: _with_high_s(TEXT),
    "another party": lambda: _with_claims(iss="CN"),
    "more time": lambda: _with_claims(exp=TOKEN.until + 1),
    "more scopes": lambda: _with_claims(scope="verify publish"),
    "another gateway": lambda: _with_claims(aud="aeo-ledger:7:other.example"),
    "another number": lambda: _with_claims(jti="08" * 16),
    "another signature": lambda: f"{TEXT.rpartition('.')[0]}.{signed(HEADER, CLAIMS).rpartition('.')[2]}",
}


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(TokenForged) as refused:
        read_token(make())
    assert refused.value.signer == SIGNER.address
    with pytest.raises(TokenForged):
        confirm_token(make(), SIGNER.address)


def test_two_libraries_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one takes for signed, the other may refuse; then it is not."""
    monkeypatch.setattr(token_module, "_recover_key", lambda *_: OTHER.public_key)
    with pytest.raises(TokenForged):
        confirm_token(TEXT, SIGNER.address)


def _hmac() -> str:
    """Confuse the algorithms: the public key, which everybody knows, as the secret of a HMAC."""
    header = {**HEADER, "alg": "HS256"}
    return jwt.encode(header, CLAIMS, OctKey.import_key(SIGNER.public_key))


def _without(name: str) -> str:
    return signed(HEADER, {claim: value for claim, value in CLAIMS.items() if claim != name})


MALFORMED: dict[str, Callable[[], str]] = {
    "nothing": str,
    "two parts": lambda: TEXT.rpartition(".")[0],
    "four parts": lambda: f"{TEXT}.AA",
    "a letter more": lambda: f"{TEXT}A",
    "padding": lambda: f"{TEXT}=",
    "a line end": lambda: f"{TEXT}\n",
    "a strange letter": lambda: "é" + TEXT[1:],
    "bits that mean nothing": lambda: TEXT[:-1] + chr(ord(TEXT[-1]) + 1),
    "a length of no bytes": lambda: "A" + TEXT[TEXT.index(".") :],
    "too long": lambda: signed(HEADER, {**CLAIMS, "aud": "x" * MAX_BYTES}),
    "alg none": lambda: signed({**HEADER, "alg": "none"}, CLAIMS),
    "alg none without a signature": lambda: signed({**HEADER, "alg": "none"}, CLAIMS).rpartition(".")[0] + ".",
    "alg HS256 with the public key": _hmac,
    "alg ES256": lambda: signed({**HEADER, "alg": "ES256"}, CLAIMS),
    "alg in small letters": lambda: signed({**HEADER, "alg": "es256k"}, CLAIMS),
    "two algs": lambda: signed(json.dumps(HEADER).encode()[:-1] + b', "alg": "none"}', CLAIMS),
    "a key of its own": lambda: signed({**HEADER, "jwk": {}}, CLAIMS),
    "a key elsewhere": lambda: signed({**HEADER, "jku": "https://a.example"}, CLAIMS),
    "crit": lambda: signed({**HEADER, "crit": ["b64"], "b64": False}, CLAIMS),
    "another typ": lambda: signed({**HEADER, "typ": "JWT"}, CLAIMS),
    "no typ": lambda: signed({"alg": "ES256K", "kid": HEADER["kid"]}, CLAIMS),
    "a name as kid": lambda: signed({**HEADER, "kid": "../key"}, CLAIMS),
    "a header that is a list": lambda: signed(b"[]", CLAIMS),
    "a header that is no JSON": lambda: signed(b"{", CLAIMS),
    "claims that are no JSON": lambda: signed(HEADER, b"\xff"),
    "two parties": lambda: signed(HEADER, json.dumps(CLAIMS).encode()[:-1] + b', "iss": "CN"}'),
    "another sub": lambda: signed(HEADER, {**CLAIMS, "sub": to_hex(OTHER.address)}),
    "a claim more": lambda: signed(HEADER, {**CLAIMS, "nbf": 1}),
    **{f"no {name}": partial(_without, name) for name in CLAIMS},
    "a fraction": lambda: signed(HEADER, {**CLAIMS, "exp": 1.5}),
    "a time as text": lambda: signed(HEADER, {**CLAIMS, "iat": "1"}),
    "a time below 0": lambda: signed(HEADER, {**CLAIMS, "iat": -1}),
    "a party in small letters": lambda: signed(HEADER, {**CLAIMS, "iss": "by"}),
    "several audiences": lambda: signed(HEADER, {**CLAIMS, "aud": [CLAIMS["aud"]]}),
    "an audience of another kind": lambda: signed(HEADER, {**CLAIMS, "aud": "https://gateway.example"}),
    "a host in capitals": lambda: signed(HEADER, {**CLAIMS, "aud": "aeo-ledger:7:Gateway.example"}),
    "a short number": lambda: signed(HEADER, {**CLAIMS, "jti": "07"}),
    "no scopes": lambda: signed(HEADER, {**CLAIMS, "scope": ""}),
    "an unknown scope": lambda: signed(HEADER, {**CLAIMS, "scope": "verify root"}),
    "a scope twice": lambda: signed(HEADER, {**CLAIMS, "scope": "verify verify"}),
}


@pytest.mark.parametrize("make", MALFORMED.values(), ids=MALFORMED.keys())
def test_another_form_is_refused_although_its_key_signed_it(make: Callable[[], str]) -> None:
    with pytest.raises(TokenMalformed):
        read_token(make())
