"""A gateway, and the client of one."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Unavailable


class GatewayUnclear(Unavailable, wire="gateway-unclear"):
    """What answers is no gateway of this version."""

    says = "{url}{path} did not answer as a gateway of this version does: {detail}"
    advises = "use a gateway of this version, or name another with --gateway"

    url: str
    path: str
    detail: str


class GatewayUnreachable(Unavailable, wire="gateway-unreachable"):
    """The gateway does not answer."""

    says = "no gateway at {url} ({detail}): start one with `aeo-ledger gateway DIR`, or name it with --gateway"

    url: str
    detail: str


class GatewaySlow(Unavailable, wire="gateway-slow"):
    """A gateway's answer was not there in time."""

    says = (
        "{url} gave no whole answer within {waited_s:g} s: ask again, name another with --gateway, or wait longer "
        "with --timeout"
    )

    url: str
    waited_s: float


class GatewayBroke(Unavailable, wire="gateway-broke"):
    """A gateway ended the connection, or spoke something else than HTTP, before its answer was whole."""

    says = "{url} ended the connection before its answer was whole ({detail}): ask again"

    url: str
    detail: str


class NoGatewayAnswers(Unavailable, wire="no-gateway-answers"):
    """None of several gateways could be asked."""

    says = "no gateway answers: {said:; }"
    advises = "try again later, or name further ones with --gateway"

    said: tuple[str, ...]
    """What was found, gateway by gateway."""


class PossiblyRelayed(Unavailable, wire="possibly-relayed"):
    """A signed act left for a gateway that then gave no answer: it may be sealed, and counts once however often it is sent."""

    says = "{url} perhaps took the act ({detail}): look whether it is sealed before you sign it anew"

    url: str
    detail: str


class NoSuchRoute(Malformed, wire="no-such-route"):
    """A gateway has nothing at this path."""

    says = "nothing at {path}: see /openapi.json"

    path: str


class WrongMethod(Malformed, wire="wrong-method"):
    """A path of the gateway that takes other methods."""

    says = "{path}: found {method}, needed {needed}"

    method: str
    path: str
    needed: str


class GatewayFault(Unavailable, wire="gateway-fault"):
    """A gateway met an error that it did not foresee; its own log says which."""

    says = "the gateway met an error that it did not foresee: whoever runs it finds it in its log"
