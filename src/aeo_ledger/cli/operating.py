"""How a running gateway is watched: its log and its metrics."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from aeo_ledger.cli.output import keep_log, note

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.gateway.observe import Observe
    from aeo_ledger.gateway.operation import Operation
    from aeo_ledger.network.reach import Running
    from aeo_ledger.prover.index_store import IndexStore

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 (a folder of one's own is made there)
"""Where Linux has files in memory."""


class Log(StrEnum):
    """Forms of the log."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """What a gateway's operator asked for."""

    log: Log
    readers: Sequence[str]
    """Networks from which the metrics may be read, beside loopback."""
    small: int
    """Counts of decisions below this are not given."""

    @property
    def keep_log(self) -> Callable[[], None]:
        """What sends the log of this process to where it belongs."""
        if self.log is Log.TEXT:
            return keep_log
        from aeo_ledger.cli.json_log import keep_json_log  # noqa: PLC0415 (needs the extra)

        return keep_json_log

    @property
    def note(self) -> Callable[[str], None]:
        """What tells the operator a line."""
        if self.log is Log.TEXT:
            return note
        from aeo_ledger.cli.json_log import note_in_json  # noqa: PLC0415 (needs the extra)

        return note_in_json

    @contextmanager
    def begin(self, network: Running, store: IndexStore | None) -> Iterator[Operation]:
        """Watch the gateway of a network, in the process that serves it, until the block ends."""
        from aeo_ledger.gateway.metrics import Metrics  # noqa: PLC0415 (needs the extra)
        from aeo_ledger.gateway.operation import Operation, read_networks  # noqa: PLC0415
        from aeo_ledger.gateway.record import DecisionRecord  # noqa: PLC0415

        observers: list[Observe] = []
        if self.log is Log.JSON:
            from aeo_ledger.cli.json_log import note_request  # noqa: PLC0415

            observers.append(note_request)
        with ExitStack() as opened:
            yield Operation(
                observers=observers,
                metrics=Metrics(network.ledger, network.trust),
                readers=read_networks(self.readers),
                record=None if store is None else opened.enter_context(DecisionRecord(store, small=self.small)),
            )


@contextmanager
def counting_together() -> Iterator[Path]:
    """Yield a folder in which several workers count together, and remove it at the end.

    It is in memory where there is such a folder: what is counted is of no use after an end, and a full disk must not stop the workers. The
    metrics' library reads its name when it is loaded.
    """
    memory = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    with TemporaryDirectory(prefix="aeo-ledger-", dir=memory) as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
