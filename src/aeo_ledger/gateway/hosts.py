"""Whether what was signed for a gateway, by its host, was signed for this one."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

_PORT: Final = 80
"""The port of a plain address without one."""


def find_other_host(signed: str, reached: str, server: Any, names: Collection[str]) -> str:
    """Say why something that was signed for a gateway, and perhaps passed on by it, is not for this one; empty if it is.

    A gateway answers to the names that its operator gave it, under any port, since a proxy may stand before it. Without a name, it answers
    to the address and port at which it listens, and there also to `localhost`. It cannot know more: `Host` is the caller's word, and any
    address may stand in it.

    Args:
        signed: The host that was signed.
        reached: The `Host` with which the request came.
        server: Address and port at which it came in, as ASGI gives them; None if they are not known.
        names: The gateway's names, in small letters.
    """
    if signed != reached.lower():
        return f"it came to {reached[:200]} (a proxy must pass Host on as it is)"
    try:
        asked = urlsplit(f"//{signed}")
        if asked.hostname in names:
            return ""
        address, port = server
        is_here = asked.hostname == address or (asked.hostname == "localhost" and ip_address(address).is_loopback)
        if is_here and (asked.port or _PORT) == (port or _PORT):
            return ""
    except (ValueError, TypeError):  # a port or an address that is none
        pass
    return "this gateway is not called so (its operator names it with --host-name)"
