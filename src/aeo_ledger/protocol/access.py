"""What a token says: who asks a gateway, for what, at which gateway, for how long.

A token is a JWT in compact form, signed with ES256K by a key that stands on the ledger. So nobody shares a password, and a key that is
retired opens nothing from the next block on.

    header   {"alg":"ES256K","kid":address,"typ":"aeo-ledger+jwt"}
    iss      code of the party whose key it is
    sub      address of the key, `0x` and 40 digits; `kid` says the same
    aud      `aeo-ledger:CHAIN:HOST`: the ledger's chain id, and the gateway's host as the asker addresses it
    iat exp  from and until when it serves, UTC seconds; `exp` is exclusive, 600 seconds after `iat` at most
    jti      16 random bytes in hexadecimal
    scope    words of `SCOPES`, each once, with a space between two

What is signed is SHA-256 of the text. An act is signed by its keccak256 under EIP-712, so a token can never be taken for an act.

Source: RFC 7515, RFC 7519, RFC 8812 section 3.2 (ES256K), RFC 8725 section 3.11 (`typ`), RFC 8693 section 4.2 (`scope`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ALGORITHM: Final = "ES256K"
TYPE: Final = "aeo-ledger+jwt"

LONGEST_S: Final = 600
"""Seconds for which a token may serve."""

MAX_BYTES: Final = 1_024
"""Longest token that is read; one with every scope and a host of 80 letters has 700."""

MOST_USES: Final = 1_000
"""How many times a token counts at one gateway. Whoever copies one can do little with it; its owner signs the next one."""

VERIFY: Final = "verify"
"""Ask questions, and fetch what proves the answers."""
READ: Final = "read"
"""Read lists, the whole ledger, and documents of registers that the asker's party recognises."""
PUBLISH: Final = "publish"
"""Relay signed acts, and read what they are prepared from."""
OPERATE: Final = "operate"
"""See how the gateway itself is doing."""

SCOPES: Final = (VERIFY, READ, PUBLISH, OPERATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says. Whether it is true, and whether its key serves, is for the gateway to find out."""

    party: str
    """Code of the party."""
    address: bytes
    """Of the key, 20 bytes."""
    chain_id: int
    host: str
    """The gateway's host as the asker addresses it, with the port if the URL names one; small letters."""
    issued_at: int
    """UTC seconds."""
    until: int
    """UTC seconds, exclusive."""
    number: str
    """Random: 32 hexadecimal digits."""
    scopes: tuple[str, ...]

    @property
    def audience(self) -> str:
        """Whom it is for."""
        return f"aeo-ledger:{self.chain_id}:{self.host}"
