"""Random messages of the protocol, and one of each."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aeo_ledger.protocol.messages import MESSAGES


def values_of(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({member: _member(kind) for kind, member in MESSAGES[name]})


def _member(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(values_of(kind[:-2]), max_size=3)
    if kind.startswith("uint"):
        return st.integers(0, (1 << int(kind[4:])) - 1)
    lengths = {"address": (20, 20), "bytes32": (32, 32), "bytes": (0, 100)}
    return st.booleans() if kind == "bool" else st.binary(min_size=lengths[kind][0], max_size=lengths[kind][1])


def example_of(name: str) -> dict[str, Any]:
    """Yield the message whose every member holds as much as it can."""
    return {member: _largest(kind) for kind, member in MESSAGES[name]}


def _largest(kind: str) -> Any:
    if kind.endswith("[]"):
        return [example_of(kind[:-2])] * 2
    if kind.startswith("uint"):
        return (1 << int(kind[4:])) - 1
    return True if kind == "bool" else bytes(range(1, {"address": 21, "bytes32": 33, "bytes": 71}[kind]))
