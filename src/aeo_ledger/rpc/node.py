"""One node over HTTP: asks it one thing, in bounded time and memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any, Final

import httpx

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.rpc import NodeUnreachable
from aeo_ledger.primitives.documents import decode_text, load_json, refuse_costly
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.transport.exchange import ask, open_client

LARGEST_ANSWER: Final = 1 << 28
"""Bytes of one answer that are read at most: logs of a million events have some 600 MB, so whoever wants them asks by ranges."""

_LARGEST_IN_MEMORY: Final = 5 * LARGEST_ANSWER
"""Bytes that its values may take: those of a log, five times its text."""

_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

DEEPEST: Final = 64
"""Levels of nesting that are read at most; an answer has a dozen."""

_DOCUMENT: Final = "JSON-RPC"


def read_json(text: bytes, *, max_memory: int) -> Any:
    """Read JSON from the other side, unless it would take too much memory, or is so deep that reading it could end the process.

    Python's own limit is no protection here: libraries of the EVM raise it beyond what the stack holds.

    Raises:
        MalformedDocument: It is no JSON that `load_json` reads, deeper than `DEEPEST`, or takes more than `max_memory`
            bytes beside its text.
    """
    decoded = decode_text(text, document=_DOCUMENT)
    refuse_costly(decoded, document=_DOCUMENT, max_memory=max_memory, max_depth=DEEPEST)
    return load_json(decoded, document=_DOCUMENT, fractions=True)


class Node:
    """A node's JSON-RPC; may be asked from any thread."""

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
        """Ask, and return the answer's object, which has a `result` or an `error`.

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
            raise self._unreachable(f"its answer is no JSON that is read: {error.reason}"[:200]) from error
        if not isinstance(found, dict) or found.get("id") != number or not ({"result", "error"} & found.keys()):
            raise self._unreachable("its answer is none of JSON-RPC to what was asked")
        return found

    def _post(self, body: bytes) -> bytes:
        """Post, and read the whole answer within the time and size allowed: a node that drips is silent too."""
        answer = ask(
            self._http,
            "POST",
            self._url,
            content=body,
            headers={"content-type": "application/json"},
            max_bytes=LARGEST_ANSWER,
            within_s=self._timeout_s,
        )
        if answer.status != httpx.codes.OK:
            raise self._unreachable(f"HTTP status {answer.status}")
        return answer.body

    def _unreachable(self, detail: str, *, reached: str = "perhaps") -> NodeUnreachable:
        return NodeUnreachable(endpoint=self.name, detail=detail, reached=reached)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()
