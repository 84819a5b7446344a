"""Limits of whatever is served and fetched over HTTP."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class OversizedBody(Malformed, wire="oversized-body"):
    """A request with a longer body than any that a gateway has a use for."""

    says = "the request's body is longer than the {limit} bytes that are read"
    advises = "send less at a time"

    limit: int
    """Bytes that are read at most."""


class SlowRequest(Malformed, wire="slow-request"):
    """A request that was not there whole in time."""

    says = "the request's body was not there within {waited_s:g} s"
    advises = "send the request again, faster"

    waited_s: float


class StrangeHost(Malformed, wire="strange-host"):
    """A request to a host name that is not this server's: a web page may have pointed a name of its own here."""

    says = (
        "the Host header: found {host!r}, needed an IP address, localhost, or a name given to this server with "
        "--host-name"
    )

    host: str


class LineFull(Unavailable, wire="line-full"):
    """More requests of a kind wait than will be answered in useful time."""

    says = "{limit} requests for {what} wait already: come back in {retry_after_s} s"

    what: str
    limit: int
    """How many may wait."""
    retry_after_s: int


class ShareUsed(Unavailable, wire="share-used"):
    """One caller has as many requests of a kind waiting or under way as one may have."""

    says = (
        "{limit} requests for {what} are yours already, as many as one caller may have: come back in {retry_after_s} s"
    )

    what: str
    limit: int
    """How many one may have."""
    retry_after_s: int


class ConnectionsUsed(Unavailable, wire="connections-used"):
    """One caller has as many connections as one may have."""

    says = "{limit} connections are yours already, as many as one caller may have: come back in {retry_after_s} s"

    limit: int
    retry_after_s: int


class ConnectionsFull(Unavailable, wire="connections-full"):
    """A server has as many connections as it can serve."""

    says = "{limit} connections are open, as many as this server has: come back in {retry_after_s} s"

    limit: int
    retry_after_s: int


class PrivateAddress(Refused, wire="private-address"):
    """A name that somebody configured leads into this machine or its own network."""

    says = "{host} has the address {address}, which is not a public one"
    advises = "if it is meant to be reached, say so in the configuration (private = true)"

    host: str
    address: str
