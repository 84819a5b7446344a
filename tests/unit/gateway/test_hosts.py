"""Which gateway something was signed for."""

from __future__ import annotations

from typing import Any

import pytest

from aeo_ledger.gateway.hosts import find_other_host

NAMES = frozenset({"gateway.example", "192.0.2.7"})


@pytest.mark.parametrize(
    ("signed", "reached", "server"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("localhost:8000", "LOCALHOST:8000", ("127.0.0.1", 8000)),
        ("[::1]:8000", "[::1]:8000", ("::1", 8000)),
        ("10.0.0.1", "10.0.0.1", ("10.0.0.1", 80)),
        ("gateway.example", "Gateway.example", ("127.0.0.1", 8000)),
        ("gateway.example:8443", "gateway.example:8443", None),
        ("192.0.2.7:443", "192.0.2.7:443", ("127.0.0.1", 8000)),
    ],
)
def test_its_names_and_its_own_address_are_it(signed: str, reached: str, server: Any) -> None:
    assert not find_other_host(signed, reached, server, NAMES)


@pytest.mark.parametrize(
    ("signed", "reached", "server"),
    [
        ("gateway.example", "other.example", ("127.0.0.1", 8000)),
        ("other.example", "other.example", ("127.0.0.1", 8000)),
        ("10.0.0.2:8000", "10.0.0.2:8000", ("10.0.0.1", 8000)),
        ("10.0.0.1:8001", "10.0.0.1:8001", ("10.0.0.1", 8000)),
        ("localhost:8000", "localhost:8000", ("10.0.0.1", 8000)),
        ("localhost:8001", "localhost:8001", ("127.0.0.1", 8000)),
        ("10.0.0.1:99999", "10.0.0.1:99999", ("10.0.0.1", 8000)),
        ("localhost:80", "localhost:80", ("/run/gateway.sock", None)),
        ("10.0.0.1:80", "10.0.0.1:80", None),
        ("[::1", "[::1", ("::1", 80)),
    ],
)
def test_anything_else_is_another_gateway(signed: str, reached: str, server: Any) -> None:
    told = find_other_host(signed, reached, server, NAMES)
    assert told.startswith(f"it came to {reached}" if signed != reached else "this gateway is not called so")
