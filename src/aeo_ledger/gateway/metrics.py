"""The gateway's metrics, in Prometheus' text form.

Requests are counted by route template, method and status; a TIN never becomes a label. Several workers count in files of one folder, and
whichever is asked adds them up; `PROMETHEUS_MULTIPROC_DIR` names the folder before this module is loaded, as the library demands. Where the
ledger stands is read when it is asked for, so it cannot be older than the answer.

Source: Prometheus exposition format 0.0.4.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from aeo_ledger.errors import Unavailable
from aeo_ledger.files import create_file
from aeo_ledger.gateway.observe import Served
from aeo_ledger.gateway.readiness import examine
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.verify import TrustBundle

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which several workers count."""

_KINDS: Final = ("counter", "histogram")
"""The library's files of a worker begin with these, and go on with `_PID.db`."""
_RESERVED: Final = 1 << 19
"""Bytes of each of these files: enough for every route, status and step."""

_STEPS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper bounds of the histogram's buckets, seconds."""


class Metrics:
    """Counts requests, and writes everything down.

    Args:
        ledger: Whose newest block is told.
        trust: Whose end is told.
        clock: Returns UTC seconds.

    Raises:
        FileUnavailable: This worker has no room to count in.
    """

    def __init__(self, ledger: Ledger, trust: TrustBundle, clock: Callable[[], float] = time.time) -> None:
        if (folder := os.environ.get(FOLDER)) is not None:
            _reserve(Path(folder))
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "aeo_ledger_gateway_requests",
            "Requests, by route template.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "aeo_ledger_gateway_request_seconds",
            "Seconds until the answer began.",
            ("route",),
            buckets=_STEPS_S,
            registry=self._registry,
        )
        self._ledger = _Standing(ledger, trust, clock)

    def observe(self, served: Served) -> None:
        """Count a request."""
        self._requests.labels(served.method, served.route, str(served.status)).inc()
        self._seconds.labels(served.route).observe(served.seconds)

    def write(self) -> bytes:
        """Write all metrics of all workers."""
        registry = self._registry
        folder = os.environ.get(FOLDER)
        if folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        counted: bytes = generate_latest(registry)
        told = CollectorRegistry()
        told.register(self._ledger)
        return counted + generate_latest(told)


def _reserve(folder: Path) -> None:
    """Write the files of this process before the library does: it maps files of which nothing is written yet, and ends if the disk is full."""
    for kind in _KINDS:
        create_file(folder / f"{kind}_{os.getpid()}.db", bytes(_RESERVED))


class _Standing(Collector):
    """Where the ledger stands, read at each collection."""

    def __init__(self, ledger: Ledger, trust: TrustBundle, clock: Callable[[], float]) -> None:
        self._ledger, self._trust, self._clock = ledger, trust, clock

    def collect(self) -> Iterator[Metric]:
        """Examine the ledger. If it does not answer, `ready` is 0 and nothing else is told."""
        try:
            standing = examine(self._ledger, self._trust, int(self._clock()))
        except Unavailable:
            yield GaugeMetricFamily(*_READY, value=0)
            return
        yield GaugeMetricFamily(*_READY, value=not standing.reasons)
        yield GaugeMetricFamily(
            "aeo_ledger_index_database_works",
            "Whether the index's database works, or there is none; else answers come from memory alone.",
            value=standing.database is None,
        )
        yield GaugeMetricFamily("aeo_ledger_block", "Number of the newest block.", value=standing.block)
        yield GaugeMetricFamily("aeo_ledger_block_age_seconds", "Seconds since its time.", value=standing.age)
        yield GaugeMetricFamily(
            "aeo_ledger_trust_left_seconds", "Seconds until the trust bundle ends.", value=standing.trust_left
        )


_READY: Final = ("aeo_ledger_gateway_ready", "Whether the gateway is safe to query, as /readyz says.")
