"""A web3 provider for the embedded ledger in this process: the JSON-RPC of a node, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from aeo_ledger.chain.rpc import JsonRpc, RpcError
from aeo_ledger.primitives.hexadecimal import to_hex


class LedgerProvider(BaseProvider):
    """A web3 provider.

    If the ledger refuses a publication, this raises the ledger's own error and not web3's: its family says what to do.
    """

    def __init__(self, rpc: JsonRpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer a request."""
        try:
            return {"jsonrpc": "2.0", "id": 0, "result": self._rpc.request(method, _plain(params or []))}
        except RpcError as error:
            return {"jsonrpc": "2.0", "id": 0, "error": error.to_json()}  # type: ignore[typeddict-item]

    def is_connected(self, show_traceback: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 (web3's signature)
        """Return True: the ledger is in this process."""
        return True


def _plain(value: Any) -> Any:
    """Encode bytes as hexadecimal text: with a real connection, the JSON encoder would do that."""
    if isinstance(value, bytes):
        return to_hex(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
