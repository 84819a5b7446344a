"""`aeo-ledger health`: does a gateway answer, what does it serve, how new is its last block, and does it accept acts?"""

from __future__ import annotations

import time
from typing import Annotated, Final

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, AsJson, Gateway
from aeo_ledger.cli.output import EXIT_CODES, YES, now, reporting, show
from aeo_ledger.cli.screen import said
from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.gateway import GatewayUnclear
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span, show_span

_PAUSE_S: Final = 0.3


def _is_of_another(fault: Unavailable) -> bool:
    """Tell whether another program answered, for which waiting does not help. A proxy may wait for a gateway too."""
    return isinstance(fault, GatewayUnclear) and fault.status < 500


@reporting
def health(
    gateway: Gateway = DEFAULT_GATEWAY,
    wait: Annotated[
        str | None, typer.Option(help="How long to wait for it, as in 30s, 1m: it may have just been started.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Ask a gateway how new its last block is and whether it accepts acts. The answer is the gateway's claim, unproven.

    Exit code 5 if it does not answer, accepts no act now, or its index does not
    follow its node.
    """
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415
    from aeo_ledger.gateway.wire import WELL, pending_to_json  # noqa: PLC0415 (the client needs it, other commands do not)

    until = time.monotonic() + (0 if wait is None else parse_span(wait))
    with GatewayClient(gateway) as desk:
        while True:
            try:
                found = desk.health()
            except Unavailable as fault:
                if _is_of_another(fault) or time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE_S)
            else:
                break
    age = (
        f" of {show_moment(found.block_time)}, {show_span(now() - found.block_time)} old"
        if found.block_time
        else ", undated"
    )
    lines = [
        f"{desk.url} answers: block {found.block}{age}",
        f"it says about itself: {said(found.ledger)}",
        *(
            f"it says that the authority of {one.party} is being replaced by {to_hex(one.key)}: ready at "
            f"{show_moment(one.ready_at)}, lapses at {show_moment(one.lapses_at)}{', objected to' if one.objected else ''}; "
            f"check it: aeo-ledger party show {one.party}"
            for one in found.replacements
        ),
        *([] if found.trouble is None else [f"it accepts no act now: {said(found.trouble)}"]),
        *([] if found.index is None else [f"its index does not follow the node: {said(found.index)}"]),
        *([] if found.database is None else [f"its answers come from memory alone: {said(found.database)}"]),
    ]
    document = {
        "gateway": desk.url,
        "status": found.status,
        "trouble": found.trouble,
        "index": found.index,
        "database": found.database,
        "block": found.block,
        "block_time": found.block_time,
        "ledger": found.ledger,
        "replacements": [pending_to_json(one.party, one) for one in found.replacements],
    }
    show(document, as_json=as_json, lines=lines)
    return YES if found.status == WELL else EXIT_CODES[Unavailable]
