"""`aeo-ledger audit`: execute a chain's blocks again and name the first wrong block."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, demand_embedded, split_urls
from aeo_ledger.cli.output import EXIT_CODES, YES, reporting, show
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.errors.audit import RulesUnknown
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.primitives import MalformedText

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.audit import Report
    from aeo_ledger.verify import TrustBundle

_MEGA = 1_000_000


@reporting
def audit(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of an embedded network, or a copy of it. A gateway may have it open."),
    ] = None,
    blocks: Annotated[
        Path | None,
        typer.Option(help="Instead of a folder: file of blocks in RLP, one after the other, from `chain export`."),
    ] = None,
    rpc: Annotated[str | None, typer.Option(help="Instead of a folder: URLs of one or more nodes, URL[,URL].")] = None,
    genesis: Annotated[
        Path | None, typer.Option(help="The network's genesis.json. Default: the one in the folder.", dir_okay=False)
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(help="Your pinned trust bundle: pins the genesis and a checkpoint.")
    ] = None,
    first: Annotated[
        int,
        typer.Option(
            "--from",
            min=0,
            help="First block to check; earlier blocks are trusted. From a folder they are not even executed.",
        ),
    ] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that check a folder at the same time. Default: one for each core."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Execute every block again and check form, seals, state, receipts and acts; needs no key.

    Exit code 4 if a block is wrong, 2 if a block cannot be read, or is under rules that this version does not know.
    """
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.office.ask import read_genesis_file, read_trust  # noqa: PLC0415 (needs the extra)

    given = [name for name, value in (("a folder", folder), ("--blocks", blocks), ("--rpc", rpc)) if value is not None]
    if len(given) != 1:
        raise MalformedText("audit", " and ".join(given) or "none", "one of a folder, --blocks and --rpc")
    if genesis is None and folder is None:
        raise MalformedText("--genesis", "none", "the network's genesis.json")
    started = time.perf_counter()
    document, pinned = read_genesis_file(genesis or Path(folder or "") / "genesis.json"), None
    if trust is not None:
        pinned = read_trust(trust)
    cores = (jobs or os.cpu_count() or 1) if folder is not None else 1
    if folder is not None:
        report = _audit_folder(demand_embedded(folder), document, pinned, first, cores, as_json=as_json)
    else:
        report = _audit_blocks(blocks, rpc, document, pinned, first, as_json=as_json)
    took = time.perf_counter() - started
    found = {**report.to_json(), "seconds": round(took, 3), "cores": cores, "pinned": pinned is not None}
    show(found, as_json=as_json, lines=list(_lines(report, took, cores, pinned)))
    if report.wrong is None:
        return YES
    return EXIT_CODES[Malformed if isinstance(report.wrong.error, Malformed) else Unproven]


def _audit_folder(
    folder: Path, genesis: dict[str, Any], trust: TrustBundle | None, first: int, jobs: int, *, as_json: bool
) -> Report:
    from aeo_ledger.network.audit import audit_ledger  # noqa: PLC0415 (needs the extra)

    with _progress(as_json=as_json) as tell:
        return audit_ledger(folder / "ledger.sqlite", genesis, trust, first=first, jobs=jobs, progress=tell)


def _audit_blocks(
    blocks: Path | None,
    rpc: str | None,
    genesis: dict[str, Any],
    trust: TrustBundle | None,
    first: int,
    *,
    as_json: bool,
) -> Report:
    """Audit blocks one after another, from block 0: the state before a later block is not available."""
    from aeo_ledger.audit import Auditor, audit_blocks, read_blocks  # noqa: PLC0415 (needs the extra)

    auditor, done = Auditor(genesis, trust, first=first), 0
    with ExitStack() as opened:
        tell = opened.enter_context(_progress(as_json=as_json))
        if blocks is not None:
            try:
                file = opened.enter_context(blocks.open("rb"))
                source: Iterable[bytes] = read_blocks(file)
                total = blocks.stat().st_size
            except OSError as error:
                raise UnreadableFile(path=str(blocks), detail=error.strerror or str(error)) from error
        else:
            source, total = opened.enter_context(_fetched(str(rpc)))

        def advance(size: int) -> None:
            nonlocal done
            done += size if blocks is not None else 1
            tell(done, total)

        return audit_blocks(source, auditor, on_block=advance)


@contextmanager
def _fetched(rpc: str) -> Iterator[tuple[Iterable[bytes], int]]:
    """Fetch blocks 0 to the newest, and count them."""
    from web3.types import RPCEndpoint  # noqa: PLC0415 (needs the extra)

    from aeo_ledger.audit import request_blocks  # noqa: PLC0415
    from aeo_ledger.ledger.port import Ledger  # noqa: PLC0415
    from aeo_ledger.rpc import NodesProvider  # noqa: PLC0415

    with NodesProvider(split_urls(rpc)) as nodes:
        last = Ledger(nodes, {}).head()
        fetched = request_blocks(
            lambda method, params: dict(nodes.make_request(RPCEndpoint(method), params)), first=0, last=last
        )
        yield fetched, last + 1


@contextmanager
def _progress(*, as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar at a terminal; what is yielded takes the part that is done, and the whole."""
    from aeo_ledger.cli.bars import audit_bar  # noqa: PLC0415 (takes its time to load)

    with audit_bar(as_json=as_json) as bar:
        task = bar.add_task("auditing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(report: Report, took: float, cores: int, pinned: TrustBundle | None) -> Iterator[str]:
    gas = report.executed_gas / _MEGA
    yield (
        f"chain {report.chain_id}: {report.blocks:,} blocks with {report.transactions:,} transactions executed again in {took:.1f} s"
        f" ({report.blocks / took:,.0f} blocks/s, {gas / took:,.1f} million gas/s{f' on {cores} cores' if cores > 1 else ''})"
    )
    if report.first:
        yield f"TRUSTED, not checked: all blocks before {report.first}; compare with an audit that ended there"
    yield f"genesis: {'the one that your trust bundle pins' if pinned else 'as in the given file; --trust pins it'}"
    if pinned is not None and not report.is_checkpoint_seen:
        yield f"the pinned checkpoint, block {pinned.checkpoint.number}, is not among these blocks"
    yield (
        "checked in each block: parent, form, transactions root, seals by a quorum of the contract's validators, "
        "state root, receipts root, logs, gas"
    )
    yield f"seals: {report.seals:,}; head: block {report.head} 0x{report.head_hash.hex()}"
    if report.reverted:
        yield f"refused by the contracts: {report.reverted:,} transactions, which changed nothing"
    for title, counted in (("acts", report.acts), ("status events", report.events), ("signatures", report.signers)):
        if counted:
            yield f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in sorted(counted.items()))
    if report.unread:
        yield f"acts not read, because the code is of another version: acts of {', '.join(report.unread)}"
    if report.wrong is None:
        yield f"every block {f'from {report.first} on ' if report.first else ''}is correct"
    else:
        found, place = str(report.wrong.error), f"block {report.wrong.number}"
        unreadable = "NOT JUDGED FROM HERE" if isinstance(report.wrong.error, RulesUnknown) else "UNREADABLE FROM HERE"
        first = unreadable if isinstance(report.wrong.error, Malformed) else "FIRST WRONG"
        yield f"{first}: {'' if found.startswith(place) else f'{place}: '}{found}"
