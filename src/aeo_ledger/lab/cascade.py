"""A cascade of Bloom filters: the compressed list of CRLite, really built.

All certificates of a register are known, so false positives are known too. The first filter holds the certificates that are not valid; the
second those valid ones that the first takes for invalid; the third those invalid ones that the second takes for valid, and so on until no
mistake is left. The answer is exact for every certificate of the register, and means nothing for others.

Source: Larisch, Choffnes, Levin, Maggs, Mislove, Wilson, "CRLite: a scalable system for pushing all TLS revocations to all browsers", IEEE
S&P 2017, section IV: the first filter's rate of false positives is r / (s * sqrt 2), that of all others one half.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

Keys: TypeAlias = np.ndarray[Any, np.dtype[np.uint64]]
"""Two columns of 64 bits: a hash of each certificate, 16 bytes."""

Flags: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

PUBLISHED_BYTES: Final = 4_716_000
PUBLISHED_REVOKED: Final = 3_627_091
PUBLISHED_VALID: Final = 85_411_848
"""Mozilla's filter of 2020-07-15, with 27 levels. Source: the Python package crlite-status, whose page shows the run's figures."""

_LAYER: Final = struct.Struct("<IB")
_MOST_LAYERS: Final = 200


@dataclass(frozen=True, slots=True)
class _Layer:
    bits: int
    hashes: int
    table: np.ndarray[Any, np.dtype[np.uint8]]

    def holds(self, keys: Keys, level: int) -> Flags:
        """Say which keys the filter takes for its own."""
        found = np.ones(len(keys), dtype=np.bool_)
        for number in range(self.hashes):
            place = _place(keys, level, number, self.bits)
            found &= (self.table[place >> np.uint64(3)] >> (place & np.uint64(7)).astype(np.uint8)) & 1 == 1
        return found


@dataclass(frozen=True, slots=True)
class Cascade:
    """A built cascade."""

    layers: Sequence[_Layer]

    def says_invalid(self, keys: Keys) -> Flags:
        """Answer for certificates of the register; for others the answer means nothing."""
        answer = np.zeros(len(keys), dtype=np.bool_)
        open_ones = np.arange(len(keys))
        for level, layer in enumerate(self.layers):
            open_ones = open_ones[layer.holds(keys[open_ones], level)]
            answer[open_ones] = level % 2 == 0
        return answer

    def encode(self) -> bytes:
        """Write it: for each layer its bits (4 bytes), its hashes (1 byte) and its table."""
        return b"".join(_LAYER.pack(layer.bits, layer.hashes) + layer.table.tobytes() for layer in self.layers)


def build_cascade(invalid: Keys, valid: Keys) -> Cascade:
    """Build the cascade of a register.

    Args:
        invalid: Certificates that are suspended or ended.
        valid: All others.

    Raises:
        ValueError: Two certificates have one key, so no cascade can tell them apart.
    """
    layers: list[_Layer] = []
    members, others = invalid, valid
    rate = min(0.5, len(invalid) * math.sqrt(0.5) / max(1, len(valid)))
    while len(members):
        if len(layers) == _MOST_LAYERS:
            raise ValueError("two certificates of the register have one key")
        layer = _build_layer(members, rate, len(layers))
        members, others = others[layer.holds(others, len(layers))], members
        layers.append(layer)
        rate = 0.5
    return Cascade(layers)


def decode_cascade(data: bytes) -> Cascade:
    """Read a cascade.

    Raises:
        ValueError: The data are cut or have another form.
    """
    layers, at = [], 0
    while at < len(data):
        if len(data) - at < _LAYER.size:
            raise ValueError("a layer's head is cut")
        bits, hashes = _LAYER.unpack_from(data, at)
        at += _LAYER.size
        size = -(-bits // 8)
        if not bits or not hashes or len(data) - at < size:
            raise ValueError("a layer's table is cut or empty")
        layers.append(_Layer(bits, hashes, np.frombuffer(data, dtype=np.uint8, count=size, offset=at)))
        at += size
    return Cascade(layers)


def _build_layer(members: Keys, rate: float, level: int) -> _Layer:
    """Build a Bloom filter of the usual size: n ln(1/p) / (ln 2)^2 bits, log2(1/p) hashes."""
    bits = max(8, math.ceil(len(members) * math.log(1 / rate) / math.log(2) ** 2))
    hashes = max(1, round(math.log2(1 / rate)))
    table = np.zeros(-(-bits // 8), dtype=np.uint8)
    for number in range(hashes):
        place = _place(members, level, number, bits)
        np.bitwise_or.at(table, place >> np.uint64(3), (np.uint8(1) << (place & np.uint64(7)).astype(np.uint8)))
    return _Layer(bits, hashes, table)


def _place(keys: Keys, level: int, number: int, bits: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Hash keys into a table, with another function for each level and number (splitmix64's finaliser over both halves)."""
    with np.errstate(over="ignore"):
        mixed = keys[:, 0] ^ (
            keys[:, 1] * np.uint64(2 * (level * 64 + number) + 1)
            + np.uint64(0x9E3779B97F4A7C15 * (number + 1) & (1 << 64) - 1)
        )
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray((mixed ^ (mixed >> np.uint64(31))) % np.uint64(bits), dtype=np.uint64)
