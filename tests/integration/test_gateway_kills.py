"""A gateway that is killed at any moment while it publishes: what it acknowledged is there, nothing is there twice, and its index goes on.

Officers send signed acts through a gateway of one process, which is killed (SIGKILL) at random moments and started again. Who got no answer
sends the same act once more, as an officer would: it counts once, whether the ledger had it or not.
`AEO_LEDGER_KILLS=50 scripts/test tests/integration/test_gateway_kills.py` kills it fifty times.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Role
from aeo_ledger.errors import Refused, Unavailable
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, draft_change
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.signing import Password, open_key_file
from aeo_ledger.verify.certificate_history import verify_certificate_histories
from support.network import PASSWORD, found, now
from support.processes import Served, started
from support.waiting import WITHIN_S, await_that

KILLS: Final = int(os.environ.get("AEO_LEDGER_KILLS", "4"))
OFFICERS: Final = 3
SEED: Final = 20261126


@dataclass
class Officer:
    """One officer with one certificate, who signs an act after the other."""

    folder: Path
    url: str
    tin: str
    over: threading.Event
    acknowledged: int = 0
    unanswered: int = 0
    """Acts to which no answer came, and which were sent again."""
    doubts: list[str] = field(default_factory=list)
    """How the ledger answered to those that it had already."""

    @property
    def entry(self) -> bytes:
        return make_entry(1, 2, derive_open_holder(1, 2, Tin(self.tin)))

    def work(self) -> None:
        trust = read_trust(self.folder / "trust.json")
        signer = open_key_file(self.folder / "parties/BY/operator.json", Password(PASSWORD))
        with GatewayClient(self.url, timeout_s=WITHIN_S) as desk:
            office = ProvenDesk(desk, trust, approve=without_asking)
            while not self.over.is_set():
                try:
                    act = self._draft(office)
                except Unavailable:
                    time.sleep(0.05)
                    continue
                self._send(desk, sign_act(act, [signer], trust))

    def _draft(self, office: ProvenDesk) -> SignedAct:
        """Draft what comes next for the certificate as it is proven to stand."""
        count = self.acknowledged
        kind = EventKind.GRANT if count == 0 else EventKind.SUSPEND if count % 2 else EventKind.REINSTATE
        change = Change(kind=kind)
        if kind is EventKind.GRANT:
            change = Change(kind=kind, roles=1 << Role.CARRIER, valid_from=now() - 1_000)
        return draft_change(office, self.entry, change, register=1, issuer=1)[1]

    def _send(self, desk: GatewayClient, act: SignedAct) -> None:
        """Send an act until it is known to be sealed."""
        is_first = True
        while True:
            try:
                desk.submit(act)
            except Unavailable:
                self.unanswered += is_first
                is_first = False
                time.sleep(0.05)
                continue
            except Refused as refusal:
                if is_first:
                    raise
                self.doubts.append(type(refusal).__name__)
            self.acknowledged += 1
            return


def _index_block(folder: Path) -> int:
    """Read up to which block the index's database is."""
    with closing(sqlite3.connect(f"file:{folder / 'index.sqlite'}?mode=ro", uri=True, timeout=10)) as file:
        return int(file.execute("SELECT block FROM state").fetchone()[0])


@pytest.fixture
def officers(tmp_path: Path) -> Iterator[tuple[Served, list[Officer]]]:
    folder = found(tmp_path / "net")
    gateway = Served(["gateway", str(folder)], tmp_path / "log")
    over = threading.Event()
    crew = [Officer(folder, gateway.url, f"BY{730_000_008 + place}", over) for place in range(OFFICERS)]
    with started(gateway):
        yield gateway, crew


def test_what_a_killed_gateway_acknowledged_is_there_and_nothing_is_there_twice(
    officers: tuple[Served, list[Officer]], capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, crew = officers
    folder, moments = crew[0].folder, random.Random(SEED)  # noqa: S311 (a seeded test)
    threads = [threading.Thread(target=officer.work) for officer in crew]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            _await_progress(crew)
            time.sleep(moments.uniform(0.0, 1.5))
            gateway.kill()
            kept = _index_block(folder)
            gateway.start()
            with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
                assert desk.health().block >= kept > 0
            assert _index_block(folder) >= kept, "the index goes on where it was"
        _await_progress(crew)
    finally:
        crew[0].over.set()
        for thread in threads:
            thread.join(timeout=WITHIN_S)
    trust = read_trust(folder / "trust.json")
    entries = [officer.entry for officer in crew]
    with GatewayClient(gateway.url, timeout_s=WITHIN_S) as desk:
        evidence = desk.history(entries)
        standings = desk.standings(entries).records
    histories = verify_certificate_histories(evidence, entries, trust, now=now(), max_age=WITHIN_S)
    for officer, standing in zip(crew, standings, strict=True):
        events = histories.events[officer.entry]
        assert standing is not None
        assert officer.acknowledged == len(events) == standing.sequence
        assert [event.record.sequence for event in events] == list(range(1, len(events) + 1))
    said = gateway.log.read_text()
    assert "Traceback" not in said
    assert "made again" not in said, "no start made the index again"
    with capsys.disabled():
        acts, unanswered = (sum(getattr(one, name) for one in crew) for name in ("acknowledged", "unanswered"))
        had = [doubt for officer in crew for doubt in officer.doubts]
        sys.stdout.write(
            f"\n{KILLS} kills: {acts} acts acknowledged, each once on the ledger; {unanswered} had no answer at first, "
            f"and the ledger had {len(had)} of these\n"
        )


def _await_progress(crew: list[Officer]) -> None:
    """Wait until each officer got a further act through."""
    begin = [officer.acknowledged for officer in crew]
    await_that(
        lambda: all(officer.acknowledged > count for officer, count in zip(crew, begin, strict=True)),
        lambda: [officer.acknowledged for officer in crew],
    )
