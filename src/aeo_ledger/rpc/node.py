"""One node over HTTP: asks it one thing, in bounded time and memory."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from aeo_ledger.errors import MalformedText, NodeUnreachable

LARGEST_ANSWER: Final = 1 << 28
"""Bytes of one answer that are read at most: logs of a million events have some 600 MB, so whoever wants them asks by ranges."""

_CONNECT_S: Final = 3.0
_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


DEEPEST: Final = 64
"""Levels of nesting that are read at most; an answer has a dozen."""

_BRACKETS: Final = b"[]{}"
_NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)


def read_json(text: bytes) -> Any:
    """Read JSON from the other side, unless it is so deep that reading it could end the process.

    Python's own limit is no protection here: libraries of the EVM raise it beyond what the stack holds.

    Raises:
        ValueError: It is no JSON, or deeper than `DEEPEST`.
    """
    depth = 0
    for bracket in text.translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST}")
    return json.loads(text)


class Node:
    """A node's JSON-RPC; may be asked from any thread."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise MalformedText("URL of a node", repr(url)[:80], "http://HOST:PORT or https://...")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.name = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
        """Scheme, host and port; the rest of the URL may be secret."""
        self._url = url
        self._timeout_s = timeout_s
        self._ids = count(1)
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_S)),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
            trust_env=False,
        )

    def ask(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        """Ask, and return the answer's object, which has a `result` or an `error`.

        Raises:
            NodeUnreachable: No such answer came.
        """
        number = next(self._ids)
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        try:
            text = self._post(json.dumps(body).encode())
        except _NOT_REACHED as error:
            raise self._unreachable(f"{type(error).__name__}: {error}", reached="no") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(f"{type(error).__name__}: {error}") from error
        try:
            answer = read_json(text)
        except ValueError as error:
            raise self._unreachable("its answer is no JSON") from error
        if not isinstance(answer, dict) or answer.get("id") != number or not ({"result", "error"} & answer.keys()):
            raise self._unreachable("its answer is none of JSON-RPC to what was asked")
        return answer

    def _post(self, body: bytes) -> bytes:
        """Post, and read the whole answer within the time and size allowed: a node that drips is silent too."""
        until = time.monotonic() + self._timeout_s
        read = bytearray()
        headers = {"content-type": "application/json"}
        with self._http.stream("POST", self._url, content=body, headers=headers) as response:
            for part in response.iter_bytes():
                read += part
                if len(read) > LARGEST_ANSWER:
                    raise self._unreachable(f"its answer is longer than {LARGEST_ANSWER} bytes")
                if time.monotonic() > until:
                    raise self._unreachable(f"its answer took longer than {self._timeout_s:g} s")
            if response.status_code != httpx.codes.OK:
                raise self._unreachable(f"HTTP status {response.status_code}")
        return bytes(read)

    def _unreachable(self, detail: str, *, reached: str = "perhaps") -> NodeUnreachable:
        return NodeUnreachable(endpoint=self.name, detail=detail, reached=reached)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()
