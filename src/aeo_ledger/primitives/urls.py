"""Addresses of servers as people enter them: `http://HOST:PORT`, checked before anybody tries to reach them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?:[^\x00-\x20\x7f/?#@]*@)?(?P<host>\[[0-9a-f:.]+\]|[^\x00-\x20\x7f/?#@:\[\]]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[^\x00-\x20\x7f?#]*)?(?P<query>\?[^\x00-\x20\x7f#]*)?",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"(\[[0-9a-f:.]+\]|[\w.-]+):[0-9]{1,5}(/.*)?", re.IGNORECASE)
"""Host and port without what goes before them."""

_USER: Final = re.compile(r"^([a-z]+:/*)?.*@", re.IGNORECASE | re.DOTALL)
"""A user's name and password, wherever they end."""

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """An address that can be reached."""

    text: str
    """As entered."""
    name: str
    """Scheme, host and port: the rest may be secret."""
    host: str
    is_encrypted: bool
    """Whether it is reached by TLS."""


def parse_url(text: str, *, what: str, has_query: bool = False) -> Url:
    """Read the address of a server; no error shows a user's name and password in it.

    Args:
        text: As entered.
        what: What it is of, for errors.
        has_query: Whether a query (`?key=...`) may be part of it; else something is put behind it.

    Raises:
        MalformedText: It is none; of a host and port alone, what to write is said.
    """
    match = _URL.fullmatch(text)
    if (
        match is None
        or (match["query"] and not has_query)
        or not _is_host(match["host"])
        or not 0 < int(match["port"] or 80) < 1 << 16
    ):
        needed = f"http://{text}, written so" if _BARE.fullmatch(text) else "http://HOST:PORT or https://HOST:PORT"
        raise MalformedText(what, ascii(_USER.sub(r"\1***@", text)[:_SHOWN]), needed)
    port = f":{match['port']}" if match["port"] else ""
    name = f"{match['scheme'].lower()}://{match['host']}{port}"
    return Url(text=text, name=name, host=match["host"].strip("[]"), is_encrypted=match["scheme"].lower() == "https")


def _is_host(host: str) -> bool:
    """Say whether a host's labels can be names: none empty or too long, and what says that it is coded can be decoded."""
    if host.startswith("["):
        return True
    try:
        return all(_is_label(label) for label in host.removesuffix(".").split("."))
    except UnicodeError:
        return False


def _is_label(label: str) -> bool:
    if label.casefold().startswith("xn--"):
        return label.isascii() and bool(label[4:].encode("ascii").decode("punycode").strip())
    return 0 < len(label.encode("idna")) < 64
