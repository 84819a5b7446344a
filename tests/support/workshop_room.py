"""A workshop as a room has it: real ledger, real HTTP on loopback, quick keys."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from aeo_ledger.cli.listen import listen, make_server
from aeo_ledger.cli.operating import Log, Watching
from aeo_ledger.network.run import run_network
from aeo_ledger.prover.index_store import IndexStore
from aeo_ledger.signing import Password
from aeo_ledger.workshop.opening import found_room
from aeo_ledger.workshop.room import Room
from aeo_ledger.workshop.serve import open_workshop
from support.ports import free_port

WORD = Password("of a workshop")
TIN = "BY511125808"


def found(folder: Path) -> None:
    """Found a room of four tables, one of them a member's of a union."""
    found_room(folder, "BY,CN,EU=DE", WORD, now=int(time.time()) - 5, randomness=secrets.token_bytes, work_factor=2)


@dataclass(frozen=True)
class Served:
    """A workshop that is served."""

    url: str
    room: Room
    opened: ExitStack

    def sit(self, party: str, name: str = "Anna") -> httpx.Client:
        """Take a seat, and return a client that shows it."""
        client = self._open()
        seat = client.post("/workshop/seats", json={"code": self.room.code, "name": name, "party": party})
        assert seat.status_code == 201, seat.text
        client.headers["workshop-seat"] = seat.json()["seat"]
        return client

    def lead(self) -> httpx.Client:
        """Return a client of the facilitator."""
        return self._open(self.room.facilitator)

    def ask(self, tin: str = TIN) -> dict[str, Any]:
        """Ask, as China's border does."""
        asked = {"tin": tin, "recogniser": "CN", "direction": "import", "role": "exporter"}
        found: dict[str, Any] = httpx.get(f"{self.url}/v1/decisions", params=asked).json()
        return found

    def _open(self, seat: str = "") -> httpx.Client:
        return self.opened.enter_context(httpx.Client(base_url=self.url, headers={"workshop-seat": seat}))


@contextmanager
def serving(home: Path, work: Path) -> Iterator[Served]:
    """Serve the workshop of a folder, with books and marks in another."""
    port = free_port()
    with (
        IndexStore(f"sqlite:///{work / 'index.sqlite'}") as store,
        run_network(home, WORD, store=store, marks=work / "marks") as network,
        Watching(log=Log.TEXT, readers=(), small=1).begin(network, store) as operation,
        listen(port) as listener,
    ):
        workshop = open_workshop(
            network, home, WORD, work, operation=operation, clock=time.time, randomness=secrets.token_bytes
        )
        server = make_server(workshop.app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with ExitStack() as opened:
            yield Served(f"http://127.0.0.1:{port}", workshop.room, opened)
        server.should_exit = True
        thread.join()
