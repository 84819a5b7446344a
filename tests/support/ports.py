"""Ports of loopback for servers that tests start."""

from __future__ import annotations

import os
import random
import socket
from typing import Final

_RANGE: Final = range(20_000, 32_000)
"""Below 32768, because outgoing connections take those above: such a port may be taken before its server starts."""

_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))

_GIVEN: Final[set[int]] = set()


def free_port() -> int:
    """Choose one of this worker's ports, so that two processes of the tests never choose the same. None is given twice.

    It is chosen at random, so that two runs of the tests on one machine hardly choose the same.
    """
    while True:
        port = random.SystemRandom().choice(_RANGE[_WORKER % _WORKERS :: _WORKERS])
        if port not in _GIVEN and _is_free(port):
            _GIVEN.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
