"""Randomness as an argument: one stream for each named process, so that a change to one channel changes no other.

All streams derive from the scenario's seed. A stream's name is a part of its key, so the order in which streams are made has no effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Streams:
    """The random streams of one replication."""

    seed: int
    replication: int = 0

    def of(self, name: str) -> np.random.Generator:
        """Make the stream of a process, at its beginning."""
        words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
        key = (self.replication, *(int(word) for word in words))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))

    def bytes_of(self, name: str) -> Callable[[int], bytes]:
        """Make a source of bytes for keys, salts and chain ids. They are no secrets: the seed is public, and so is the simulated ledger."""
        return self.of(name).bytes
