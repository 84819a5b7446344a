"""What several workers count together, in a file."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from aeo_ledger.errors.gateway import CountsUnavailable
from aeo_ledger.gateway.counts import Counts
from support.waiting import WITHIN_S, await_that

HIT = "import sys; from aeo_ledger.gateway.counts import Counts; c = Counts(sys.argv[1])\nfor _ in range(200): c.incr('a', 3_600)"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1_000_000.0]
    monkeypatch.setattr("aeo_ledger.gateway.counts.time.time", lambda: at[0])
    return at


def test_workers_count_hits_together_until_the_window_ends(tmp_path: Path, clock: list[float]) -> None:
    path = tmp_path / "counts.sqlite"
    one, other = Counts(path), Counts(path)
    limit = parse("3/minute")
    found = [FixedWindowRateLimiter(worker).hit(limit, "a") for worker in (one, other, one, other)]
    assert found == [True, True, True, False]
    assert FixedWindowRateLimiter(other).hit(limit, "b")
    key = limit.key_for("a")
    assert (one.get(key), one.get_expiry(key), other.check()) == (4, clock[0] + 60, True)
    clock[0] += 60
    assert one.get(key) == 0
    assert FixedWindowRateLimiter(one).hit(limit, "a")
    assert other.get(key) == 1


def test_a_clock_that_is_put_back_makes_nobody_wait_for_it(clock: list[float]) -> None:
    counts, limit = Counts(), parse("3/minute")
    limiter = FixedWindowRateLimiter(counts)
    assert [limiter.hit(limit, "a") for _ in range(4)] == [True, True, True, False]
    clock[0] -= 86_400
    assert [limiter.hit(limit, "a") for _ in range(4)] == [True, True, True, False]
    assert limiter.get_window_stats(limit, "a").reset_time == clock[0] + 60
    clock[0] += 60
    assert limiter.hit(limit, "a")


def test_who_waits_for_a_window_s_opening_counts_in_it(tmp_path: Path, clock: list[float]) -> None:
    one, other = Counts(tmp_path / "counts.sqlite"), Counts(tmp_path / "counts.sqlite")
    one._file.execute("BEGIN IMMEDIATE")
    waits = threading.Thread(target=lambda: other.incr("a", 60))
    waits.start()
    waits.join(0.3)
    clock[0] += 1
    assert one.incr("a", 60) == 1
    one._file.execute("COMMIT")
    waits.join(WITHIN_S)
    assert one.get("a") == 2


def test_what_is_over_is_forgotten(clock: list[float]) -> None:
    counts = Counts()
    for number in range(50):
        counts.incr(str(number), 10)
    clock[0] += 61
    counts.incr("new", 10)
    assert counts._file.execute("SELECT key FROM hits").fetchall() == [("new",)]
    counts.incr("new", 10)
    counts.clear("new")
    assert counts.get("new") == 0
    counts.incr("new", 10)
    assert (counts.reset(), counts.get("new")) == (1, 0)


def test_processes_lose_no_hit_and_a_killed_one_damages_nothing(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    counts = Counts(path)
    children = [subprocess.Popen([sys.executable, "-c", HIT, str(path)]) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    assert counts.get("a") == 400
    endless = subprocess.Popen([sys.executable, "-c", HIT.replace("range(200)", "iter(int, 1)"), str(path)])
    await_that(lambda: counts.get("a") > 400)
    endless.kill()
    endless.wait()
    before = counts.get("a")
    assert counts.incr("a", 3_600) == before + 1


def test_a_caller_s_share_is_one_over_all_workers(tmp_path: Path) -> None:
    one, other = Counts(tmp_path / "counts.sqlite"), Counts(tmp_path / "counts.sqlite")
    taken = [worker.take("manifests", "a", 2) for worker in (one, other, one)]
    assert taken == [True, True, False]
    assert [one.take("manifests", "b", 2), one.take("histories", "a", 2)] == [True, True]
    other.give("manifests", "a")
    assert one.take("manifests", "a", 2)
    for worker in (one, other):
        worker.give("manifests", "a")
    assert one._file.execute("SELECT caller FROM held WHERE what = 'manifests'").fetchall() == [("b",)]


def test_a_file_that_cannot_be_used_is_a_reason_to_retry_and_no_finished_request_is_forgotten(tmp_path: Path) -> None:
    with pytest.raises(CountsUnavailable):
        Counts(tmp_path)
    counts = Counts(tmp_path / "counts.sqlite")
    assert counts.take("acts", "a", 1)
    counts._file.execute("PRAGMA query_only = ON")
    counts.give("acts", "a")
    for refused in (lambda: counts.take("acts", "b", 1), lambda: counts.incr("a", 1)):
        with pytest.raises(CountsUnavailable, match="readonly"):
            refused()
    counts._file.execute("PRAGMA query_only = OFF")
    assert counts.take("acts", "a", 1)
