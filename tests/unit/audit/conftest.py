"""Fixtures: a chain for audits."""

from support.audited import chain

__all__ = ["chain"]
