"""Ended at any moment, an import goes on where it stopped: no double, no gap, and no commitment without its document.

One process after another leads a register to a file and is ended at a random moment (SIGKILL or Ctrl-C): while it plans, writes the book,
signs, sends or proves. The next one runs the same command.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.registers import PlanOvertaken
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.registers.row import Row
from aeo_ledger.signing import Password, open_key_file
from support.network import PASSWORD, found, import_rows, open_book
from support.ports import free_port
from support.waiting import WITHIN_S
from support.workshop import Workshop, run_gateway

_KILLS = 30
_CERTIFICATES = 300
DAY = 86_400
BEGAN = 1_600_000_000

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, so that thirty starts take no minute")


def rows(month: int) -> list[Row]:
    """A file in which everything changes from month to month: first the roles, then also names."""
    return [
        Row(
            line=place + 2,
            tin=Tin(f"BY{720_000_000 + place}"),
            type_number=2,
            roles=1 + month % 2,
            status=Status.ACTIVE,
            status_since=BEGAN,
            valid_from=BEGAN,
            valid_until=0,
            document={"tin": f"BY{720_000_000 + place}", "name": f"Name {place} of month {month}"},
        )
        for place in range(_CERTIFICATES)
    ]


def lead(shop: Workshop, month: int) -> int:
    """Run what `register import` runs; return how many certificates changed."""
    trust = read_trust(shop.folder / "trust.json")
    signer = open_key_file(Path(shop.key("BY")), Password(PASSWORD))
    with GatewayClient(shop.url, timeout_s=WITHIN_S) as client, open_book(shop.folder / "book.sqlite") as book:
        desk = ProvenDesk(client, trust, approve=without_asking)
        for _ in range(3):
            try:
                plan, _ = import_rows(desk, rows(month), 1, [signer], book, allowed={"changes": _CERTIFICATES})
            except (RefusedByLedger, PlanOvertaken):  # an act of the last process was sealed meanwhile
                continue
            return len(plan.changes)
    raise AssertionError("three times overtaken")


def run_and_end(shop: Workshop, month: int, delay_s: float, how: signal.Signals) -> bool:
    """Return whether the process was done before it was ended."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until the child expects it
    child = os.fork()
    if child == 0:
        _lead_in_child(shop, month)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    time.sleep(delay_s)
    os.kill(child, how)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) in {0, 130}, status
    return os.WIFEXITED(status) and os.waitstatus_to_exitcode(status) == 0


def _lead_in_child(shop: Workshop, month: int) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # also where these tests run in the background
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        lead(shop, month)
        code = 0
    except KeyboardInterrupt:
        code = 130
    finally:
        os._exit(code)


def test_an_import_that_is_ended_thirty_times_leaves_no_double_and_no_gap(tmp_path: Path) -> None:
    folder, port, moments = found(tmp_path / "net"), free_port(), random.Random(20261126)  # noqa: S311 (a seeded test)
    shop = Workshop(folder=folder, port=port)
    month, done, kill = 1, 0, 0
    with run_gateway(folder, port):
        began = time.monotonic()
        lead(shop, 0)
        takes_s = time.monotonic() - began
        while kill < _KILLS or done == 0:
            how = signal.SIGINT if kill % 5 == 4 else signal.SIGKILL
            if run_and_end(shop, month, moments.uniform(0.0, 1.2) * takes_s * (1 + kill // _KILLS), how):
                month, done = month + 1, done + 1
            kill += 1
        lead(shop, month)
        assert lead(shop, month) == 0
        sequences = Counter(record.sequence for record in shop.records(*(row.tin.text for row in rows(month))))
        assert sequences == {month + 1: _CERTIFICATES}
        assert {record.roles for record in shop.records(*(row.tin.text for row in rows(month)))} == {1 + month % 2}
        with GatewayClient(shop.url, timeout_s=WITHIN_S) as client, open_book(folder / "book.sqlite") as book:
            trust = read_trust(folder / "trust.json")
            from aeo_ledger.verify import verify_certificate_histories  # noqa: PLC0415

            entries = sorted(book.documents_of(1))
            assert len(entries) == _CERTIFICATES
            proven = verify_certificate_histories(
                client.history(entries[:16]), entries[:16], trust, now=int(time.time()), max_age=300
            )
            bound = {event.document for history in proven.events.values() for event in history}
            assert book.count_missing(bound) == 0
            assert len(bound) == 16 * (month + 1)
            assert book.count_acts()["sealed"] >= 3 * (month + 1)
    assert 0 < done < kill
