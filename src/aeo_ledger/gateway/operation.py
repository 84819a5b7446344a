"""The gateway's routes for those who run it: is it alive, is it safe to query, and what does it count?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final, Literal

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from aeo_ledger.errors.gateway import NoSuchRoute, NotReady
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.gateway.access import operates
from aeo_ledger.gateway.observe import Observe, Observing
from aeo_ledger.gateway.problems import describe
from aeo_ledger.gateway.readiness import tell_ready
from aeo_ledger.gateway.statistics import give_statistics
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.verify import TrustBundle

if TYPE_CHECKING:  # a gateway that nobody watches does not load the library
    from aeo_ledger.gateway.metrics import Metrics
    from aeo_ledger.gateway.record import DecisionRecord

Network = IPv4Network | IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""From here everybody may read the metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """How a gateway is watched."""

    observers: Sequence[Observe] = ()
    """Told of each request."""
    metrics: Metrics | None = None
    """Counts; None if there is nothing to count."""
    readers: Sequence[Network] = ()
    """Networks beside loopback from which the metrics may be read."""
    record: DecisionRecord | None = None
    """Counts decisions; None if there is no database."""
    clock: Callable[[], float] = time.time
    """Returns UTC seconds."""


UNWATCHED: Final = Operation()


class AliveBody(BaseModel):
    """The process answers."""

    alive: Literal[True]


class ReadyBody(BaseModel):
    """The gateway is safe to query."""

    ready: Literal[True]
    notes: list[str] = Field(
        description="What somebody should look after, although answers can be proven: the index's database does not work."
    )


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read networks, as in 10.1.0.0/16; an address alone is a network of one.

    Raises:
        MalformedText: One of them is none.
    """
    found = []
    for text in texts:
        try:
            found.append(ip_network(text))
        except ValueError as error:
            raise MalformedText("--metrics", ascii(text[:80]), "a network, such as 10.1.0.0/16") from error
    return tuple(found)


def give_operation(app: FastAPI, ledger: Ledger, trust: TrustBundle, operation: Operation = UNWATCHED) -> None:
    """Add the routes, and let observers see every request; call it after whatever else stands before the routes."""
    observers = [*operation.observers, *([operation.metrics.observe] if operation.metrics else ())]
    if observers:
        app.add_middleware(Observing, router=app.router, observers=observers)

    app.state.record = operation.record
    give_statistics(app, operation.record)

    @app.get("/livez", response_model=AliveBody, summary="Does the process answer? If not, start it again")
    async def get_alive() -> dict[str, bool]:
        return {"alive": True}

    @app.get(
        "/readyz",
        response_model=ReadyBody,
        responses={503: describe(NotReady)},
        summary="Is the gateway safe to query? If not, ask another one",
    )
    def get_ready() -> dict[str, Any]:
        return {"ready": True, "notes": tell_ready(ledger, trust, int(operation.clock()))}

    metrics = operation.metrics
    if metrics is None:
        return

    @app.get("/metrics", include_in_schema=False)
    def get_metrics(request: Request) -> Response:
        from aeo_ledger.gateway.metrics import MEDIA_TYPE  # noqa: PLC0415

        if not (_is_from(request, (*LOOPBACK, *operation.readers)) or operates(request.scope)):
            raise NoSuchRoute(path=request.url.path)
        return Response(metrics.write(), media_type=MEDIA_TYPE)


def _is_from(request: Request, allowed: Sequence[Network]) -> bool:
    """Tell whether a caller's own address is in one of some networks. Behind a proxy it is not known, and so in none."""
    if request.client is None or not {"forwarded", "x-forwarded-for"}.isdisjoint(request.headers.keys()):
        return False
    address = ip_address(request.client.host)
    return any(address in network for network in allowed)
