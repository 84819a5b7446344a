"""Server addresses as people enter them, `http://HOST:PORT`. They are checked before any connection."""

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
"""Host and port without a scheme."""

_USER: Final = re.compile(r"^([a-z]+:/*)?.*@", re.IGNORECASE | re.DOTALL)
"""The name and password of a user, up to the last `@`."""

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """A server address that can be reached."""

    text: str
    """As entered."""
    name: str
    """Scheme, host and port. The rest may be secret."""
    host: str
    is_encrypted: bool
    """Whether the connection uses TLS."""


def parse_url(text: str, *, what: str, has_query: bool = False) -> Url:
    """Read a server address. No error shows a user's name or password.

    Args:
        text: The text as entered.
        what: Name of the address, for errors.
        has_query: Whether it may have a query (`?key=...`). If not, the caller appends to the address.

    Raises:
        MalformedText: The text is not an address. If only the scheme is missing, the error shows what to write.
    """
    match = _URL.fullmatch(text)
    if (
        match is None
        or (match["query"] and not has_query)
        or not _is_host(match["host"])
        or not 0 < int(match["port"] or 80) < 1 << 16
    ):
        needed = f"exactly http://{text}" if _BARE.fullmatch(text) else "http://HOST:PORT or https://HOST:PORT"
        raise MalformedText(what, ascii(_USER.sub(r"\1***@", text)[:_SHOWN]), needed)
    port = f":{match['port']}" if match["port"] else ""
    name = f"{match['scheme'].lower()}://{match['host']}{port}"
    return Url(text=text, name=name, host=match["host"].strip("[]"), is_encrypted=match["scheme"].lower() == "https")


def _is_host(host: str) -> bool:
    """Tell whether a host's labels can be names: none is empty or too long, and each encoded one can be decoded."""
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
