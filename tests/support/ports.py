"""Ports of loopback for servers that tests start."""

from __future__ import annotations

import random
import socket
from typing import Final

_RANGE: Final = range(20_000, 32_000)
"""Below 32768, because outgoing connections take those above: such a port may be taken before its server starts."""

_GIVEN: Final[set[int]] = set()


def free_port() -> int:
    """Choose a port at random, so that two processes of the tests hardly choose the same. None is given twice."""
    while True:
        port = random.SystemRandom().choice(_RANGE)
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
