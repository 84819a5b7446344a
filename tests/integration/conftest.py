"""Fixtures: an embedded network behind a gateway."""

from support.network import founded, network, recognising

__all__ = ["founded", "network", "recognising"]
