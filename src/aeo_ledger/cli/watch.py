"""`aeo-ledger watch`: hear of each act that may change an answer, and prove it before it is told as a fact."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.options import DEFAULT_GATEWAY, DEFAULT_TIMEOUT, AsJson, Gateway, Timeout
from aeo_ledger.cli.output import EXIT_CODES, YES, now, reporting
from aeo_ledger.cli.written import PLACE
from aeo_ledger.errors import Unproven
from aeo_ledger.evidence.news import read_cursor
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.news import Prover
from aeo_ledger.primitives.spans import parse_span


@reporting
def watch(
    recogniser: Annotated[str, typer.Option(help="Code of the party that recognises: usually your own.")],
    trust: Annotated[
        Path | None,
        typer.Option(
            envvar="AEO_LEDGER_TRUST",
            help="Your pinned trust. With it, each item is proven; without it, everything is the gateway's claim.",
        ),
    ] = None,
    register: Annotated[
        str | None, typer.Option(help="Codes of parties, with commas: only news of their registers.")
    ] = None,
    cursor: Annotated[
        Path | None,
        typer.Option(help="File that keeps the place up to which you heard; the next start goes on from there."),
        PLACE,
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Begin after this id or block, if --cursor has none. Default: what happens from now on."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when everything until now is told.")] = False,
    max_age: Annotated[str, typer.Option(help="Oldest evidence that you accept, as in 30s, 5m.")] = "5m",
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    as_json: AsJson = False,
) -> int:
    """Hear of each act that may change an answer to a recogniser, until you stop it. With --json, one object a line.

    A gateway can prove what it tells, and cannot prove that it tells everything:
    ask again about what you keep before it is too old. Exit code 4 if something
    that it told was not proven.
    """
    from aeo_ledger.cli.watching import Watcher  # noqa: PLC0415 (other commands reach no socket)
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415 (the same)
    from aeo_ledger.gateway.place import Asked, read_place  # noqa: PLC0415 (the same)

    pinned = None if trust is None else read_trust(trust)
    span = parse_span(max_age)
    asked = Asked(chain_id=0 if pinned is None else pinned.chain_id, recogniser=recogniser, registers=register or "")
    at = None if since is None else read_cursor(since, "--since")
    if cursor is not None:
        at = read_place(cursor, asked) or at
    with GatewayClient(gateway, timeout_s=timeout, chain=None if pinned is None else pinned.chain_id) as desk:
        prover = None if pinned is None else Prover(desk, pinned, clock=now, max_age=span)
        watcher = Watcher(desk, prover, pinned, asked, at, file=cursor, max_age=span, as_json=as_json)
        watcher.follow(once=once)
    return EXIT_CODES[Unproven] if watcher.is_doubtful else YES
