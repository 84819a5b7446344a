"""A party's disclosure key: the public key for which others seal lookup keys. It stands in the party's card; `signing.hpke` seals to it.

As text it is `ALGORITHM:0xHEX`, on one line of a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from aeo_ledger.errors.signing import MalformedDisclosureKey
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex


class Algorithm(StrEnum):
    """How envelopes to a recipient are sealed. The names are those of the library `cryptography`."""

    MLKEM768_X25519 = "MLKEM768_X25519"
    """Hybrid: ML-KEM-768 and X25519 (X-Wing)."""
    X25519 = "X25519"
    """X25519 alone: not safe from quantum computers."""


LENGTHS: Final[Mapping[Algorithm, int]] = MappingProxyType({Algorithm.MLKEM768_X25519: 1_216, Algorithm.X25519: 32})
"""Length of a public key in bytes."""


@dataclass(frozen=True, slots=True)
class DisclosureKey:
    """A public key to which envelopes are sealed.

    Raises:
        MalformedDisclosureKey: It does not have the length of its algorithm.
    """

    algorithm: Algorithm
    public_key: bytes
    """As long as `LENGTHS` says."""

    def __post_init__(self) -> None:
        """Demand the length."""
        if len(self.public_key) != LENGTHS[self.algorithm]:
            found = f"{len(self.public_key)} bytes of {self.algorithm}"
            raise MalformedDisclosureKey(found=found, needed=f"{LENGTHS[self.algorithm]} bytes")

    @classmethod
    def parse(cls, text: str) -> DisclosureKey:
        """Read `ALGORITHM:0xHEX`, as `str` writes it.

        Raises:
            MalformedDisclosureKey: It has another form.
            MalformedText: The key is not hexadecimal.
        """
        name, _, digits = text.partition(":")
        if name not in list(Algorithm):
            raise MalformedDisclosureKey(found=ascii(name[:30]), needed=" or ".join(Algorithm))
        return cls(Algorithm(name), parse_hex(digits, what="disclosure key"))

    def __str__(self) -> str:
        """Write the algorithm and the key."""
        return f"{self.algorithm}:{to_hex(self.public_key)}"
