"""Fixtures: an embedded network behind a gateway."""

from support.network import founded, network, recognising
from support.workshop import shop

__all__ = ["founded", "network", "recognising", "shop"]
