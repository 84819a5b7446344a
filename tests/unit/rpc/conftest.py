"""Fixtures: one chain on several nodes."""

from support.several_nodes import fresh_nodes, histories, nodes

__all__ = ["fresh_nodes", "histories", "nodes"]
