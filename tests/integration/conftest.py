"""Fixtures: an embedded network behind a gateway."""

from support.line import line
from support.network import founded, network, recognising
from support.workshop import shop

__all__ = ["founded", "line", "network", "recognising", "shop"]
