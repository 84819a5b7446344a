"""A node whose blocks are under later rules: those of a real ledger, each header with the fields of its fork, and sealed anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aeo_ledger.chain.sealing import Sealer
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.ledger.port import encode_header
from support.long_node import show_header


class ForkNode:
    """Its `answer` is a node's behaviour. Block 0 stays as it is, so the forks begin later."""

    def __init__(
        self, answer: Callable[[Mapping[str, Any]], dict[str, Any]], sealers: Sequence[Sealer], forks: Forks
    ) -> None:
        self._inner = answer
        self._sealers = sealers
        self._forks = forks
        self._headers: list[Header] = []
        self._lock = threading.Lock()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        said = self._inner(request)
        result = said.get("result")
        if request["method"] == "eth_getBlockByNumber" and result is not None and int(result["number"], 16):
            said["result"] = {**result, **show_header(self._header(int(result["number"], 16)), self._sealers)}
        if request["method"] == "eth_getTransactionReceipt" and result is not None:
            said["result"] = {**result, "blockHash": "0x" + self._header(int(result["blockNumber"], 16)).hash().hex()}
        return said

    def _header(self, number: int) -> Header:
        with self._lock:
            while len(self._headers) <= number:
                self._headers.append(self._next(len(self._headers)))
            return self._headers[number]

    def _next(self, number: int) -> Header:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": [hex(number), False]}
        header = decode_header(encode_header(self._inner(asked)["result"]))
        if number == 0:
            return header
        fields = self._forks.fields_at(number, header.timestamp)
        later = tuple(b"" if field.is_number else bytes(32) for field in fields)
        return replace(header, parent_hash=self._headers[-1].hash(), later_fields=later, seals=())
