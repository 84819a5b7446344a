"""The connection to a gateway: what the environment says about proxies and certificates, and what loopback needs of it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
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


def open_connection(urls: Sequence[Url]) -> httpx.Client:
    """Open a client of httpx, which reads proxies and certificates from the environment; plain HTTP on loopback needs neither.

    Raises:
        MalformedText: the environment's proxies or certificates cannot be used.
    """
    needs_environment = any(url.is_encrypted or url.host not in _LOOPBACK for url in urls)
    certificates = needs_environment or ssl.SSLContext(
        ssl.PROTOCOL_TLS_CLIENT
    )  # it trusts no certificates, so it loads none
    limits = httpx.Limits(keepalive_expiry=_IDLE_S)
    try:
        return open_client(limits=limits, trust_env=needs_environment, verify=certificates)
    except OSError as error:
        names = [name for name in _CERTIFICATES if name in os.environ]
        found = ", ".join(f"{name}={ascii(os.environ[name])[1:-1]}" for name in names)
        needed = f"certificates that can be read ({error.strerror or error})"
        raise MalformedText("environment", found or "no certificates", needed) from error
    except (httpx.InvalidURL, ImportError, ValueError) as error:
        found = ", ".join(name for name in os.environ if name.lower() in _PROXIES)
        needed = f"proxies as http://HOST:PORT and hosts that need none, by name or address ({ascii(str(error))[1:-1]})"
        raise MalformedText("environment", f"{found or 'a proxy'} that cannot be used", needed) from error
