"""Open the HTTP client for some gateways, with the proxies and certificates that the environment names."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Generator, Sequence
from typing import Final

import httpx

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.urls import Url
from aeo_ledger.transport.exchange import open_client

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PROXIES: Final = frozenset({"all_proxy", "http_proxy", "https_proxy", "no_proxy"})
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Environment variables that httpx reads."""

_IDLE_S: Final = 3.0
"""Seconds after which an idle connection is not used again: a gateway closes it after five seconds, perhaps at that moment."""


def host_of(url: httpx.URL) -> str:
    """Return the host to which a token for a gateway is addressed: small letters, ASCII, with the port if it is not the usual one."""
    return url.netloc.decode("ascii").lower()


class TokenAuth(httpx.Auth):
    """Sends a token with each request: the one for the host that is asked.

    Args:
        token_for: Makes it; see `host_of`.
    """

    def __init__(self, token_for: Callable[[str], str]) -> None:
        self._token_for = token_for

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token."""
        request.headers["authorization"] = f"Bearer {self._token_for(host_of(request.url))}"
        yield request


def open_to(urls: Sequence[Url], token_for: Callable[[str], str] | None = None) -> httpx.Client:
    """Open a client of httpx, which reads proxies and certificates from the environment; plain HTTP on loopback needs neither.

    `token_for` makes the token for a host; see `TokenAuth`.

    Raises:
        MalformedText: the environment's proxies or certificates cannot be used.
    """
    needs_environment = any(url.is_encrypted or url.host not in _LOOPBACK for url in urls)
    certificates = needs_environment or ssl.SSLContext(
        ssl.PROTOCOL_TLS_CLIENT
    )  # it trusts no certificates, so it loads none
    limits = httpx.Limits(keepalive_expiry=_IDLE_S)
    auth = None if token_for is None else TokenAuth(token_for)
    try:
        return open_client(limits=limits, auth=auth, trust_env=needs_environment, verify=certificates)
    except OSError as error:
        names = [name for name in _CERTIFICATES if name in os.environ]
        found = ", ".join(f"{name}={ascii(os.environ[name])[1:-1]}" for name in names)
        needed = f"certificates that can be read ({error.strerror or error})"
        raise MalformedText("environment", found or "no certificates", needed) from error
    except (httpx.InvalidURL, ImportError, ValueError) as error:
        found = ", ".join(name for name in os.environ if name.lower() in _PROXIES)
        needed = f"proxies as http://HOST:PORT and hosts that need none, by name or address ({ascii(str(error))[1:-1]})"
        raise MalformedText("environment", f"{found or 'a proxy'} that cannot be used", needed) from error
