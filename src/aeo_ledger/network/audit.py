"""Audit an embedded ledger in its file, on several cores; another process may have it open.

The chain is divided into ranges of blocks. Each range is executed again from the state before it. That state is read from the ledger's own
file, node by node, and checked by hash from the root in the header before the range. The audit of the range before shows that this header is
valid. So the ranges can be checked separately, and together they prove as much as a sequential audit.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, Final

from aeo_ledger.audit import Auditor, Report, audit_blocks, check_links
from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.errors.network import WorkerLost
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.verify import TRUST_FORM, TrustBundle

_RANGE_GAS: Final = 60_000_000
"""Gas of one range: executing it takes a few seconds."""
_RANGE_BLOCKS: Final = 2_000
"""Blocks of one range at most, since empty blocks take time too."""

Range = tuple[int, int]
"""Numbers of the first and the last block of a range."""


def audit_ledger(
    path: Path,
    genesis: Mapping[str, Any],
    trust: TrustBundle | None = None,
    *,
    first: int = 0,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Audit the blocks that a ledger has now.

    Args:
        path: The ledger's file.
        genesis: The network's genesis file.
        trust: Pins the genesis and a checkpoint.
        first: Blocks before this one are assumed to be valid.
        jobs: Number of parallel processes.
        progress: Called with the number of checked blocks, and the number of all.

    Raises:
        MalformedText: there is no block `first`.
        NoAuditInput: the genesis cannot be read.
        BlockDiffers: the bundle pins another genesis, or the blocks before `first` do not follow from it.
        MalformedLedger, DamagedLedger, FileUnavailable: the ledger cannot be read.
        WorkerLost: a parallel process was ended from outside.
    """
    with EmbeddedLedger.open_to_read(path) as ledger:
        head = ledger.head
        if not 0 <= first <= head:
            raise MalformedText("--from", str(first), f"a block from 0 to {head}, the last one")
        _follow(ledger, Auditor(genesis, trust), trust, first)
        ranges = _divide(first, head, ledger.gas_used)
    work = partial(_audit_range, path, dict(genesis), None if trust is None else TRUST_FORM.encode_json(trust))
    report: Report | None = None
    for part in _run(work, ranges, jobs):
        report = part if report is None else report.and_then(part)
        progress(report.head - first + 1, head - first + 1)
        if report.wrong is not None:
            break
    assert report is not None  # noqa: S101 (for the type checker: there is a range)
    return report


def _follow(ledger: EmbeddedLedger, auditor: Auditor, trust: TrustBundle | None, first: int) -> None:
    """Check the hashes that link the first audited block to the pinned checkpoint, or else to the genesis."""
    number, block_hash = 0, auditor.head_hash
    if trust is not None and trust.checkpoint.number < first:
        number, block_hash = trust.checkpoint.number, trust.checkpoint.hash
    check_links((ledger.header_rlp(one) for one in range(number, first)), number=number, block_hash=block_hash)


def _divide(first: int, last: int, gas_used: Callable[[int], int]) -> list[Range]:
    """Divide blocks into ranges of about equal work."""
    ranges: list[Range] = []
    begin, gas = first, 0
    for number in range(first, last + 1):
        gas += gas_used(number)
        if gas >= _RANGE_GAS or number - begin + 1 >= _RANGE_BLOCKS or number == last:
            ranges.append((begin, number))
            begin, gas = number + 1, 0
    return ranges


def _run(work: Callable[[Range], Report], ranges: list[Range], jobs: int) -> Iterable[Report]:
    """Audit the ranges, at most `jobs` at a time, and yield the reports in order."""
    if min(jobs, len(ranges)) < 2:
        yield from map(work, ranges)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield from pool.map(work, ranges)
    except BrokenProcessPool as error:
        raise WorkerLost(work="the audit") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts() -> None:
    """Ignore Ctrl-C in this worker: the main process handles it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _audit_range(path: Path, genesis: dict[str, Any], trust: str | None, blocks: Range) -> Report:
    first, last = blocks
    with EmbeddedLedger.open_to_read(path) as ledger:
        pinned = None if trust is None else TRUST_FORM.decode_json(trust.encode())
        auditor = Auditor(genesis, pinned, nodes=ledger.node)
        if first > 1:
            auditor.begin_after(ledger.block_rlp(first - 1))
        return audit_blocks((ledger.block_rlp(number) for number in range(first, last + 1)), auditor)
