"""Why nothing is sealed: told at once to whoever publishes, and once to the log."""

from __future__ import annotations

import logging
import threading
from copy import copy

from aeo_ledger.errors import Unavailable

_LOG = logging.getLogger(__name__)


class Trouble:
    """What stopped the last attempt to seal, until one succeeds; from any thread."""

    def __init__(self) -> None:
        self._cause: Unavailable | None = None
        self._told: tuple[object, ...] | None = None
        self._guard = threading.Lock()

    @property
    def cause(self) -> Unavailable | None:
        """The cause, as an error that nobody has raised yet; None if there is none."""
        with self._guard:
            return copy(self._cause)

    def note(self, cause: Unavailable) -> None:
        """Remember what stops sealing, and mention it."""
        with self._guard:
            self._cause = cause
        self.mention(cause)

    def mention(self, cause: Exception) -> None:
        """Write one line to the log, however often the same is noticed."""
        with self._guard:
            kind = _kind(cause)
            is_news, self._told = kind != self._told, kind
        if is_news:
            _LOG.warning("nothing is sealed: %s", cause)

    def clear(self) -> None:
        """Forget it: a block was sealed."""
        with self._guard:
            was_told, self._told, self._cause = self._told is not None, None, None
        if was_told:
            _LOG.warning("blocks are sealed again")


def _kind(cause: Exception) -> tuple[object, ...]:
    """Tell causes apart by what they are, not by the time at which they are noticed."""
    return type(cause), *(getattr(cause, fact, None) for fact in ("path", "part", "reason", "number"))
