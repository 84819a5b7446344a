"""`aeo-ledger audit`: execute a chain's blocks again and name the first that is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import EXIT_CODES, YES, errors, reporting, show
from aeo_ledger.errors import MalformedText, NoAuditInput, Unproven, UnreadableFile

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.audit import Report

_MEGA = 1_000_000


@reporting
def audit(
    genesis: Annotated[Path, typer.Option(help="The network's genesis.json.", exists=True, dir_okay=False)],
    blocks: Annotated[
        Path | None, typer.Option(help="File of blocks, RLP one after the other: `chain export`.")
    ] = None,
    rpc: Annotated[str | None, typer.Option(help="Instead of a file: URL of a node, or several, URL[,URL].")] = None,
    trust: Annotated[Path | None, typer.Option(help="Your pinned trust bundle: pins the genesis.")] = None,
    as_json: AsJson = False,
) -> int:
    """Execute every block again and check form, seals, state, receipts and acts; needs no key. Exit code 4 if one is wrong."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.audit import Auditor, audit_blocks, read_blocks  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.office.ask import read_trust  # noqa: PLC0415

    if (blocks is None) == (rpc is None):
        raise MalformedText("audit", "both --blocks and --rpc" if rpc else "neither --blocks nor --rpc", "one of them")
    pinned = read_trust(trust) if trust is not None else None
    auditor = Auditor(_read_genesis(genesis), pinned)
    started = time.perf_counter()
    if blocks is not None:
        try:
            with blocks.open("rb") as file, _progress(blocks.stat().st_size, as_json=as_json) as advance:
                report = audit_blocks(read_blocks(file), auditor, on_block=advance)
        except OSError as error:
            raise UnreadableFile(path=str(blocks), detail=error.strerror or str(error)) from error
    else:
        assert rpc is not None  # noqa: S101 (for the type checker)
        with _fetched(rpc) as (fetched, count), _progress(count, as_json=as_json) as advance:
            report = audit_blocks(fetched, auditor, on_block=lambda _: advance(1))
    took = time.perf_counter() - started
    document = {**report.to_json(), "seconds": round(took, 3), "pinned": pinned is not None}
    show(document, as_json=as_json, lines=list(_lines(report, took, pinned=pinned is not None)))
    return YES if report.wrong is None else EXIT_CODES[Unproven]


def _read_genesis(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise NoAuditInput(what=str(path), reason="it is no JSON") from error
    if not isinstance(document, dict):
        raise NoAuditInput(what=str(path), reason="it is no JSON object")
    return document


@contextmanager
def _fetched(rpc: str) -> Iterator[tuple[Iterable[bytes], int]]:
    """Fetch blocks 0 to the newest, and count them."""
    from web3.types import RPCEndpoint  # noqa: PLC0415 (needs the extra)

    from aeo_ledger.audit import request_blocks  # noqa: PLC0415
    from aeo_ledger.ledger.port import Ledger  # noqa: PLC0415
    from aeo_ledger.rpc import NodesProvider  # noqa: PLC0415

    with NodesProvider([url.strip() for url in rpc.split(",")]) as nodes:
        last = Ledger(nodes, {}).head()
        fetched = request_blocks(
            lambda method, params: dict(nodes.make_request(RPCEndpoint(method), params)), first=0, last=last
        )
        yield fetched, last + 1


@contextmanager
def _progress(total: int, *, as_json: bool) -> Iterator[Callable[[int], None]]:
    """Show how far it is, to people at a terminal."""
    columns = (TextColumn("auditing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=as_json or not errors.is_terminal) as bar:
        task = bar.add_task("auditing", total=total)
        yield lambda more: bar.advance(task, more)


def _lines(report: Report, took: float, *, pinned: bool) -> Iterator[str]:
    yield (
        f"chain {report.chain_id}: {report.blocks:,} blocks with {report.transactions:,} transactions executed again in {took:.1f} s"
        f" ({report.blocks / took:,.0f} blocks/s, {report.gas / _MEGA / took:,.0f} million gas/s)"
    )
    yield f"genesis: {'the one that your trust bundle pins' if pinned else 'as in the file given; --trust pins it'}"
    yield (
        "of each block: parent, form, transactions root, seals by a quorum of those whom the contract named, "
        "state root, receipts root, logs, gas"
    )
    yield f"seals: {report.seals:,}; head: block {report.head} 0x{report.head_hash.hex()}"
    if report.reverted:
        yield f"refused by the contracts: {report.reverted:,} transactions, which changed nothing"
    for title, counted in (("acts", report.acts), ("status events", report.events), ("signatures", report.signers)):
        if counted:
            yield f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in sorted(counted.items()))
    if report.unread:
        yield f"acts not read, since the code is of another version: those of {', '.join(report.unread)}"
    if report.wrong is None:
        yield "every block is as it must be"
    else:
        yield f"FIRST WRONG: block {report.wrong.number}: {type(report.wrong.error).__name__}: {report.wrong.error}"
