"""Why sealing fails: the cause is reported to every publisher, and once to the log."""

from __future__ import annotations

import logging
import threading
from copy import copy

from aeo_ledger.errors import Unavailable

_LOG = logging.getLogger(__name__)


class Trouble:
    """The cause of the last failed attempt to seal, until an attempt succeeds. Any thread may use it."""

    def __init__(self) -> None:
        self._cause: Unavailable | None = None
        self._told: tuple[object, ...] | None = None
        self._guard = threading.Lock()

    @property
    def cause(self) -> Unavailable | None:
        """A new copy of the error, to be raised; None if sealing works."""
        with self._guard:
            return copy(self._cause)

    def note(self, cause: Unavailable) -> None:
        """Record the cause, and log it."""
        with self._guard:
            self._cause = cause
        self.mention(cause)

    def mention(self, cause: Exception) -> None:
        """Log a cause, once however often it recurs."""
        with self._guard:
            kind = _kind(cause)
            is_news, self._told = kind != self._told, kind
        if is_news:
            _LOG.warning("nothing is sealed: %s", cause)

    def clear(self) -> None:
        """Drop the cause: a block was sealed."""
        with self._guard:
            was_told, self._told, self._cause = self._told is not None, None, None
        if was_told:
            _LOG.warning("blocks are sealed again")


def _kind(cause: Exception) -> tuple[object, ...]:
    """Return what distinguishes one cause from another; the time is not part of it."""
    return type(cause), *(getattr(cause, fact, None) for fact in ("path", "part", "reason", "number"))
