"""A JSON-RPC client of one node over HTTP, in bounded time and memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any, Final

import httpx

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.rpc import NodeUnreachable
from aeo_ledger.primitives.documents import decode_text, load_json, refuse_costly
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.transport.exchange import Answer, ask, open_client

LARGEST_ANSWER: Final = 1 << 28
"""Bytes of one answer that are read at most. The logs of a million events have about 600 MB, so they must be fetched in ranges."""

_LARGEST_IN_MEMORY: Final = 5 * LARGEST_ANSWER
"""Bytes of memory that its values may take: those of a log take five times its text."""

_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

DEEPEST: Final = 64
"""Levels of nesting that are read at most; an answer has a dozen."""

_DOCUMENT: Final = "JSON-RPC"


def read_json(text: bytes, *, max_memory: int) -> Any:
    """Read JSON from the other side. Refuse JSON that would take too much memory, or is nested so deeply that it could crash the process.

    Python's recursion limit does not protect here: EVM libraries raise it beyond the size of the stack.

    Raises:
        MalformedDocument: `load_json` cannot read it, it is deeper than `DEEPEST`, or it takes more than `max_memory`
            bytes beside its text.
    """
    decoded = decode_text(text, document=_DOCUMENT)
    refuse_costly(decoded, document=_DOCUMENT, max_memory=max_memory, max_depth=DEEPEST)
    return load_json(decoded, document=_DOCUMENT, fractions=True)


class Node:
    """A node's JSON-RPC client; any thread may use it."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self.name = parse_url(url, what="URL of a node", has_query=True).name
        """Scheme, host and port; the rest of the URL may be secret."""
        self._url = url
        self._timeout_s = timeout_s
        self._ids = count(1)
        self._http = open_client(
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=3), trust_env=False
        )

    def ask(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        """Send a request, and return the answer, an object with a `result` or an `error`.

        Raises:
            NodeUnreachable: No such answer came.
        """
        number = next(self._ids)
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        try:
            answer = self._post(json.dumps(body).encode())
        except _NOT_REACHED as error:
            raise self._unreachable(f"{type(error).__name__}: {error}", reached="no") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self._unreachable(f"{type(error).__name__}: {error}") from error
        try:
            found = read_json(answer, max_memory=_LARGEST_IN_MEMORY)
        except MalformedDocument as error:
            raise self._unreachable(f"its answer is not readable JSON: {error.reason}"[:200]) from error
        if not isinstance(found, dict) or found.get("id") != number or not ({"result", "error"} & found.keys()):
            raise self._unreachable("its answer is not a JSON-RPC answer to this request")
        return found

    def date(self) -> float | None:
        """Ask for the time on the node's machine, UTC seconds: HTTP's `Date`, in whole seconds. None if the node does not say.

        Raises:
            NodeUnreachable: No answer came.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": "eth_blockNumber", "params": []}
        try:
            found = self._send(json.dumps(body).encode()).headers.get("date")
            return None if found is None else parsedate_to_datetime(found).timestamp()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self._unreachable(f"{type(error).__name__}: {error}") from error
        except (ValueError, OverflowError):
            return None

    def _post(self, body: bytes) -> bytes:
        answer = self._send(body)
        if answer.status != httpx.codes.OK:
            raise self._unreachable(f"HTTP status {answer.status}")
        return answer.body

    def _send(self, body: bytes) -> Answer:
        """Post, and read the whole answer within the limits of time and size: a node that sends slowly counts as silent."""
        return ask(
            self._http,
            "POST",
            self._url,
            content=body,
            headers={"content-type": "application/json"},
            max_bytes=LARGEST_ANSWER,
            within_s=self._timeout_s,
        )

    def _unreachable(self, detail: str, *, reached: str = "perhaps") -> NodeUnreachable:
        return NodeUnreachable(endpoint=self.name, detail=detail, reached=reached)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()
