"""Connections to PostgreSQL that do not wait for ever: a server that hangs is as good as none, and then memory answers.

The library waits without a limit, and the server's own limits do not hold in a server that is stopped, or whose disk does not answer.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

T = TypeVar("T")

_SILENT_S: Final = 30.0
"""Seconds for which a server may say nothing. It works that long at the most: each statement of ours reads or writes some thousand rows."""


class PatientConnection(psycopg.Connection[TupleRow]):
    """A connection that is closed when the server says nothing for too long."""

    def wait(self, gen: PQGen[T], *more: Any, **options: Any) -> T:
        """Wait for the server.

        Raises:
            psycopg.OperationalError: It said nothing for too long.
        """
        return super().wait(self._listen(gen), *more, **options)

    def _listen(self, gen: PQGen[T]) -> Generator[Any, Any, T]:
        """Pass everything on, and look at the time when nothing came."""
        heard_at = time.monotonic()
        try:
            wants = next(gen)
            while True:
                came = yield wants
                if came:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > _SILENT_S:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"the server says nothing for {_SILENT_S:g} s")
                wants = gen.send(came)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
