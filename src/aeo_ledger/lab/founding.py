"""A real network, founded and opened on a clock that the lab sets. Nothing of it is a model; only time and randomness are arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.chain import Clock, EmbeddedLedger
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.relay_key import RELAY
from aeo_ledger.signing import Password, Signer, open_key_store

PASSWORD: Final = Password("laboratory")
"""Of the key files: they are drawn from a seed that is published, so they protect nothing."""


@dataclass(slots=True)
class SimulatedClock:
    """A clock that only its owner moves."""

    now: float
    """UTC seconds."""

    def __call__(self) -> float:
        """Read it."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.now += seconds

    def clock(self) -> Clock:
        """The same as the ledger's source of time. Its sleep moves it on: whoever waits here waits no real second."""
        return Clock(wall=self, monotonic=self, sleep=self.advance)


def found(folder: Path, parties: str, *, begins: int, randomness: Callable[[int], bytes]) -> SimulatedClock:
    """Found a network as `network init` does, and return its clock, a second after block 0.

    Args:
        folder: The new folder.
        parties: As `network init --parties` takes them, such as `BY,CN,EU=DE+PL`.
        begins: Time of block 0, UTC seconds.
        randomness: A source of bytes, from `Streams.bytes_of`: chain id, addresses and keys follow from it.

    Raises:
        FolderExists: `folder` exists.
        MalformedText: `parties` has another form.
        Unavailable: the folder cannot be written.
    """
    found_network(folder, parse_parties(parties), PASSWORD, now=begins, randomness=randomness, work_factor=2)
    return SimulatedClock(begins + 1.0)


@contextmanager
def open_embedded(
    folder: Path, clock: SimulatedClock, *, ledger: Path, without: Sequence[str] = ()
) -> Iterator[tuple[EmbeddedLedger, dict[str, Signer], Signer]]:
    """Open the ledger of a network's folder until the `with` block ends; yield it, the validators' keys by their party's code, and the relay's.

    Args:
        folder: The network's folder.
        clock: Its clock.
        ledger: Its file, or a copy. What this "machine" has sealed is marked beside it, so that nothing is written outside.
        without: Codes of parties whose validators do not take part.
    """
    keys = open_key_store(folder / "validators.keys", PASSWORD)
    relay = keys.pop(RELAY)
    sealers = [signer for code, signer in keys.items() if code not in without]
    with EmbeddedLedger.open(
        ledger, sealers, clock=clock.clock(), background=False, confirm_clock=True, marks=ledger.parent / "marks"
    ) as embedded:
        yield embedded, keys, relay
