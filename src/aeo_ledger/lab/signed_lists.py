"""The rivals' lists, really made: a Token Status List and a list compressed as CRLite does, each signed by its issuer.

A list has two bits a certificate: 0 valid, 1 ended, 2 suspended, compressed with zlib and signed as a JWT. The signature is ES256K (RFC
8812), since this project signs on that curve; an ES256 signature is as long. A verifier pins the issuer's address, as it pins validators.

Source: IETF draft Token Status List, sections 4 and 5.1; RFC 7515; RFC 8812.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from aeo_ledger.errors.lab import ListUnproven
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.lab.cascade import Keys, build_cascade, decode_cascade
from aeo_ledger.primitives.curve import recover_address
from aeo_ledger.signing import Signer

VALID: Final = 0
ENDED: Final = 1
SUSPENDED: Final = 2

States = np.ndarray[Any, np.dtype[np.uint8]]
"""`VALID`, `ENDED` or `SUSPENDED` of each certificate, by its number in the register."""

_HEADER: Final = {"alg": "ES256K", "typ": "statuslist+jwt"}


def sign_status_list(states: States, signer: Signer, *, register: str, made_at: int, ttl_s: int) -> bytes:
    """Make and sign a Token Status List.

    Args:
        states: The state of each certificate.
        signer: The issuer's key.
        register: Names the list.
        made_at: UTC seconds.
        ttl_s: Seconds for which it may be used.
    """
    pairs = np.zeros(-(-len(states) // 4) * 4, dtype=np.uint8)
    pairs[: len(states)] = states
    packed = (pairs.reshape(-1, 4) << np.array([0, 2, 4, 6], dtype=np.uint8)).sum(axis=1, dtype=np.uint8)
    content = {"bits": 2, "lst": _text(zlib.compress(packed.tobytes(), 9))}
    return _sign({"status_list": content}, signer, register=register, made_at=made_at, ttl_s=ttl_s)


def sign_cascade(states: States, keys: Keys, signer: Signer, *, register: str, made_at: int, ttl_s: int) -> bytes:
    """Make and sign a compressed list. It tells valid from not valid, and not why."""
    cascade = build_cascade(keys[states != VALID], keys[states == VALID])
    return _sign({"cascade": _text(cascade.encode())}, signer, register=register, made_at=made_at, ttl_s=ttl_s)


def verify_list(token: bytes, issuer: bytes, *, register: str, now: int) -> Mapping[str, Any]:
    """Verify a list: its signature by the pinned address, its name, its age.

    Args:
        token: The JWT.
        issuer: The pinned address, 20 bytes.
        register: The list that is expected.
        now: UTC seconds; for a list that was kept, a time at which it was valid.

    Raises:
        ListUnproven: The signature, the name or the time is wrong.
    """
    try:
        head, body, sealed = token.split(b".")
        if json.loads(_data(head)) != _HEADER:
            raise ListUnproven(register=register, reason="another algorithm or type")
        signature, claims = _data(sealed), json.loads(_data(body))
        digest = hashlib.sha256(head + b"." + body).digest()
        r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
        signers = {_recover(digest, r, s, parity) for parity in (0, 1)}
    except (ValueError, KeyError) as error:
        raise ListUnproven(register=register, reason=f"it cannot be read: {error!r}") from error
    if len(signature) != 64 or issuer not in signers:
        raise ListUnproven(register=register, reason="the pinned issuer did not sign it")
    if claims["sub"] != register or not claims["iat"] <= now < claims["exp"]:
        raise ListUnproven(register=register, reason="it is another list, or of another time")
    verified: Mapping[str, Any] = claims
    return verified


def state_in(claims: Mapping[str, Any], number: int) -> int:
    """Read a certificate's state from a verified status list, by its number in the register."""
    packed = zlib.decompress(_data(claims["status_list"]["lst"].encode()))
    return packed[number // 4] >> number % 4 * 2 & 3


def is_invalid_in(claims: Mapping[str, Any], key: Keys) -> bool:
    """Read from a verified compressed list whether a certificate is not valid, by its key: one row of two numbers."""
    return bool(decode_cascade(_data(claims["cascade"].encode())).says_invalid(key)[0])


def keys_of(register: str, count: int) -> Keys:
    """Derive the keys of a register's certificates for the cascade: 16 bytes of a hash each."""
    digests = b"".join(hashlib.sha256(f"{register}/{number}".encode()).digest()[:16] for number in range(count))
    return np.frombuffer(digests, dtype="<u8").reshape(-1, 2).astype(np.uint64)


def _sign(content: Mapping[str, Any], signer: Signer, *, register: str, made_at: int, ttl_s: int) -> bytes:
    claims = {"sub": register, "iat": made_at, "exp": made_at + ttl_s, "ttl": ttl_s, **content}
    signed = b".".join(_text(json.dumps(part, separators=(",", ":")).encode()).encode() for part in (_HEADER, claims))
    return signed + b"." + _text(signer.seal(hashlib.sha256(signed).digest())[:64]).encode()


def _recover(digest: bytes, r: int, s: int, parity: int) -> bytes:
    try:
        return recover_address(digest, r, s, parity)
    except MalformedSignature:
        return b""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _data(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
