"""Servers that fail and are repaired, as SimPy processes. Every channel meets the same outages of the same server."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.trace import Floats


@dataclass(slots=True)
class Server:
    """One server. It alternates between up and down, both exponential."""

    env: simpy.Environment
    stream: np.random.Generator
    up_s: float
    """Mean seconds between two outages."""
    down_s: float
    """Mean seconds of an outage; 0 for a server that never fails."""
    is_up: bool = True
    outages: list[tuple[float, float]] = field(default_factory=list)
    """Beginning and end, seconds; the last may end after the run."""
    back: Any = None
    """Happens when the server is up again."""

    def start(self) -> None:
        """Let it live."""
        self.back = self.env.event()
        if self.down_s > 0:
            self.env.process(self._live())

    def _live(self) -> Generator[Any, Any, None]:
        while True:
            yield self.env.timeout(self.stream.exponential(self.up_s))
            self.is_up, length = False, self.stream.exponential(self.down_s)
            self.outages.append((self.env.now, self.env.now + length))
            yield self.env.timeout(length)
            self.is_up = True
            self.back.succeed()
            self.back = self.env.event()

    def wait(self) -> Generator[Any, Any, None]:
        """Wait until it is up."""
        while not self.is_up:
            yield self.back

    def is_down_at(self, times: Floats, *, longer_than: float = 0.0) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say for each time whether the server was down then, and had been for some seconds."""
        if not self.outages:
            return np.zeros(len(times), dtype=np.bool_)
        begins, ends = np.array(self.outages).T
        last = np.searchsorted(begins, times, side="right") - 1
        return np.asarray((last >= 0) & (times < ends[last]) & (times >= begins[last] + longer_than), dtype=np.bool_)


def make_servers(
    env: simpy.Environment, names: Sequence[str], streams: Streams, *, up_h: float, down_h: float
) -> dict[str, Server]:
    """Make a server for each name, with the outages of the stream `server/NAME`."""
    servers = {name: Server(env, streams.of(f"server/{name}"), up_h * 3_600, down_h * 3_600) for name in names}
    for server in servers.values():
        server.start()
    return servers


@dataclass(slots=True)
class Quorum:
    """A quorum of validators: it seals while enough of them are up."""

    servers: Sequence[Server]

    @property
    def needed(self) -> int:
        """Two thirds of the validators, rounded up."""
        return -(-2 * len(self.servers) // 3)

    def wait(self) -> Generator[Any, Any, None]:
        """Wait until enough of them are up."""
        while sum(server.is_up for server in self.servers) < self.needed:
            yield self.servers[0].env.any_of([server.back for server in self.servers if not server.is_up])
