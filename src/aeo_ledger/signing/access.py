"""Sign the tokens that a closed gateway asks for; see `protocol.access` for what they say."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from threading import Lock

from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.access import ALGORITHM, LONGEST_S, MOST_USES, PUBLISH, READ, TYPE, VERIFY, Token
from aeo_ledger.signing.signer import Signer


def sign_token(signer: Signer, token: Token) -> str:
    """Sign a token: a JWT in compact form, ASCII.

    Args:
        signer: The key that the token names.
        token: What it says.

    Raises:
        ValueError: The token names another key; the caller is wrong.
    """
    if token.address != signer.address:
        raise ValueError("a token is signed by the key that it names")
    address = to_hex(token.address)
    header = {"alg": ALGORITHM, "kid": address, "typ": TYPE}
    claims = {
        "iss": token.party,
        "sub": address,
        "aud": token.audience,
        "iat": token.issued_at,
        "exp": token.until,
        "jti": token.number,
        "scope": " ".join(token.scopes),
    }
    text = f"{_encode(header)}.{_encode(claims)}"
    signature = signer.sign(sha256(text.encode()).digest()).encode()[:64]
    return f"{text}.{_in_letters(signature)}"


class TokenSource:
    """Signs a token for each host that is asked, and gives it out until half of its time or of its uses is over.

    Args:
        signer: The key; it stands on the ledger for the party.
        party: The party's code.
        chain_id: Of the ledger.
        clock: Returns UTC seconds.
        randomness: Returns the given number of random bytes.
        scopes: What the tokens are for. A key that may do less does less with them.
    """

    def __init__(
        self,
        signer: Signer,
        party: str,
        *,
        chain_id: int,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
        scopes: Sequence[str] = (VERIFY, READ, PUBLISH),
    ) -> None:
        self._signer, self._party, self._chain_id = signer, party, chain_id
        self._clock, self._randomness, self._scopes = clock, randomness, tuple(scopes)
        self._given: dict[str, tuple[str, int, int]] = {}
        self._lock = Lock()

    def token(self, host: str) -> str:
        """Give a token for a gateway, by the host in its URL: small letters, with the port if the URL names one."""
        with self._lock:
            now = self._clock()
            text, issued_at, uses = self._given.get(host, ("", 0, 0))
            if not text or uses >= MOST_USES // 2 or not issued_at <= now < issued_at + LONGEST_S // 2:
                text, issued_at, uses = self._sign(host, now), now, 0
            self._given[host] = (text, issued_at, uses + 1)
            return text

    def _sign(self, host: str, now: int) -> str:
        token = Token(
            party=self._party,
            address=self._signer.address,
            chain_id=self._chain_id,
            host=host,
            issued_at=now,
            until=now + LONGEST_S,
            number=self._randomness(16).hex(),
            scopes=self._scopes,
        )
        return sign_token(self._signer, token)


def _encode(values: Mapping[str, object]) -> str:
    return _in_letters(json.dumps(values, separators=(",", ":")).encode())


def _in_letters(data: bytes) -> str:
    """Encode bytes as base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
