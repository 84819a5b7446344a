"""Fixtures: a chain to be audited."""

from support.audited import chain

__all__ = ["chain"]
