"""Server-sent events are read whatever the parts in which they come, and within bounds."""

from __future__ import annotations

import httpx
import pytest

from aeo_ledger.transport.events import MAX_EVENT, Event, read_events
from aeo_ledger.transport.exchange import is_public

STREAM = (
    b': ping\n\nevent: news\r\nid: 17:3\r\ndata: {"a":\r\ndata: 1}\r\n\r\nretry: 1000\n\ndata:x\n\n'
    b"event: head\nid: 18\nunknown: y\ndata: \xd0\x96\n\nevent: lost\ndata: half"
)
EVENTS = [
    Event(kind="news", id="17:3", data='{"a":\n1}'),
    Event(kind="message", id="17:3", data="x"),
    Event(kind="head", id="18", data="Ж"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_events_do_not_depend_on_the_parts_in_which_they_come(size: int) -> None:
    parts = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert list(read_events(parts)) == EVENTS


@pytest.mark.parametrize(
    "parts",
    [
        [b"data: " + b"x" * (MAX_EVENT + 1)],
        [b"x" * 1_000] * (MAX_EVENT // 1_000 + 1),
        [b"data: x\n"] * (MAX_EVENT // 7 + 1),
        [b"data: \xff\n\n"],
    ],
    ids=["a line", "a line in parts", "many lines", "not UTF-8"],
)
def test_what_is_too_long_or_no_text_is_refused(parts: list[bytes]) -> None:
    with pytest.raises(httpx.DecodingError):
        list(read_events(parts))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104 (it is refused)
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:224.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::1", False),
        ("2002:e000:1::1", False),
        ("::7f00:1", False),  # as IPv4 was once written
        ("64:ff9b:1::a00:1", False),  # a router of this network translates it (RFC 8215)
        ("::ffff:0:a00:1", False),  # translated without state (RFC 7915)
        ("100::1", False),
        ("5f00::1", False),
        ("2001:0:a00:1::f5ff:fffe", False),
    ],
)
def test_an_address_inside_a_network_is_not_public_however_it_is_written(address: str, public: bool) -> None:
    assert is_public(address) is public
