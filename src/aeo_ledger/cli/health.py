"""`aeo-ledger health`: does a gateway answer, what does it serve, and how fresh is it?"""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, AsJson, Gateway
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.errors import Unavailable
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.primitives.spans import parse_span, show_span

_PAUSE_S: Final = 0.3


@reporting
def health(
    gateway: Gateway = DEFAULT_GATEWAY,
    wait: Annotated[
        str | None, typer.Option(help="Wait for it so long, as in 30s, 1m: it may have been started just now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a gateway whether it answers and how fresh its ledger is; unproven, as a gateway says it."""
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415

    until = time.monotonic() + (0 if wait is None else parse_span(wait))
    with GatewayClient(gateway) as desk:
        while True:
            try:
                found = desk.health()
            except Unavailable:
                if time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE_S)
            else:
                break
    age = show_span(now() - found.block_time)
    lines = [
        f"{desk.url} answers: block {found.block} of {show_moment(found.block_time)}, {age} old",
        f"it says of itself: {found.ledger}",
    ]
    document = {"gateway": desk.url, "block": found.block, "block_time": found.block_time, "ledger": found.ledger}
    show(document, as_json=as_json, lines=lines)
