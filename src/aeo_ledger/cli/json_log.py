"""The log as JSON lines, for programs that collect logs: without TINs, tokens and names, whatever callers sent.

Nothing is searched for and blotted out, since no pattern knows every TIN. What callers wrote is left out by its source: a request is its route's
template, a library's message is its fixed text without what was put into it, and of an exception the kind and the places stay, not its message.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from aeo_ledger.gateway.observe import Served

_OURS: Final = "aeo_ledger"
_REQUESTS: Final = "aeo_ledger.gateway.requests"
_FACTS: Final = ("method", "route", "status", "ms")
_LOG: Final = logging.getLogger(_REQUESTS)


def keep_json_log() -> None:
    """Send warnings of libraries, and what this project notes, to standard error as JSON lines."""
    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=_FACTS),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[
                _leave_out_what_callers_wrote,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(_OURS).setLevel(logging.INFO)


def note_request(served: Served) -> None:
    """Log a request: method, template of the route, status, milliseconds until the answer began."""
    facts = {
        "method": served.method,
        "route": served.route,
        "status": served.status,
        "ms": round(served.seconds * 1e3, 1),
    }
    _LOG.info("request", extra=facts)


def note_in_json(line: str) -> None:
    """Log a line that this project wrote."""
    logging.getLogger(f"{_OURS}.gateway").info(line)


def _leave_out_what_callers_wrote(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep a library's fixed text, and of an exception its kind and its places."""
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] != _OURS:
        event["event"] = str(record.msg).partition("\n")[0]
    raised = event.pop("exc_info", None)
    if raised and raised[1] is not None:
        event["error"] = type(raised[1]).__qualname__
        frames = traceback.extract_tb(raised[2])
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    event.pop("stack_info", None)
    return event
