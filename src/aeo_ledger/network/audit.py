"""Audit an embedded ledger where it lies, running or not, on as many cores as are given.

The chain is cut into stretches. Each is executed again from the state before it, which the ledger's own file hands out node by node and
which the audit hashes from the root in the header before; that this header is true is what the stretch before it shows. So stretches can be
checked apart, and all of them together show what one after the other would.
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

_STRETCH_GAS: Final = 60_000_000
"""Gas that makes a stretch: a few seconds' work."""
_STRETCH_BLOCKS: Final = 2_000
"""Blocks that make one at most, since empty ones take time too."""

Stretch = tuple[int, int]
"""Numbers of the first and the last block."""


def audit_ledger(
    path: Path,
    genesis: Mapping[str, Any],
    trust: TrustBundle | None = None,
    *,
    first: int = 0,
    jobs: int = 1,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Audit the blocks that a ledger has now.

    Args:
        path: The ledger's file.
        genesis: The network's genesis file.
        trust: Pins the genesis and a checkpoint.
        first: Blocks before this one are believed.
        jobs: Processes that work at once.
        tell: Told how many blocks are checked, of how many.

    Raises:
        MalformedText: there is no block `first`.
        NoAuditInput: the genesis is none.
        BlockDiffers: the genesis is another than the bundle pins, or the blocks that are believed do not follow from it.
        MalformedLedger, DamagedLedger, FileUnavailable: the ledger cannot be read.
        WorkerLost: one of several processes was ended from outside.
    """
    with EmbeddedLedger.open_to_read(path) as ledger:
        head = ledger.head
        if not 0 <= first <= head:
            raise MalformedText("--from", str(first), f"a block from 0 to {head}, the last one")
        _follow(ledger, Auditor(genesis, trust), trust, first)
        stretches = _cut(first, head, ledger.gas_used)
    work = partial(_audit_stretch, path, dict(genesis), None if trust is None else TRUST_FORM.encode_json(trust))
    report: Report | None = None
    for part in _run(work, stretches, jobs):
        report = part if report is None else report.and_then(part)
        tell(report.head - first + 1, head - first + 1)
        if report.wrong is not None:
            break
    assert report is not None  # noqa: S101 (for the type checker: there is a stretch)
    return report


def _follow(ledger: EmbeddedLedger, auditor: Auditor, trust: TrustBundle | None, first: int) -> None:
    """Follow the blocks that are believed, by hash, from the pinned checkpoint or else the genesis to the first that is checked."""
    number, block_hash = 0, auditor.head_hash
    if trust is not None and trust.checkpoint.number < first:
        number, block_hash = trust.checkpoint.number, trust.checkpoint.hash
    check_links((ledger.header_rlp(one) for one in range(number, first)), number=number, block_hash=block_hash)


def _cut(first: int, last: int, gas_used: Callable[[int], int]) -> list[Stretch]:
    """Cut blocks into stretches of about as much work."""
    stretches: list[Stretch] = []
    begin, gas = first, 0
    for number in range(first, last + 1):
        gas += gas_used(number)
        if gas >= _STRETCH_GAS or number - begin + 1 >= _STRETCH_BLOCKS or number == last:
            stretches.append((begin, number))
            begin, gas = number + 1, 0
    return stretches


def _run(work: Callable[[Stretch], Report], stretches: list[Stretch], jobs: int) -> Iterable[Report]:
    """Do the work, at most `jobs` stretches at a time, and yield what came of it in order."""
    if min(jobs, len(stretches)) < 2:
        yield from map(work, stretches)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield from pool.map(work, stretches)
    except BrokenProcessPool as error:
        raise WorkerLost(work="the audit") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the process that was started by a person."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _audit_stretch(path: Path, genesis: dict[str, Any], trust: str | None, stretch: Stretch) -> Report:
    first, last = stretch
    with EmbeddedLedger.open_to_read(path) as ledger:
        pinned = None if trust is None else TRUST_FORM.decode_json(trust.encode())
        auditor = Auditor(genesis, pinned, nodes=ledger.node)
        if first > 1:
            auditor.begin_after(ledger.block_rlp(first - 1))
        return audit_blocks((ledger.block_rlp(number) for number in range(first, last + 1)), auditor)
