"""A request queue limits what runs, what waits and what one caller may have, and drops requests whose caller left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.transport import queue as queue_module
from aeo_ledger.transport.queue import CallerLeft, Capacity, OwnShares, RequestQueue, caller_of


async def _stays() -> bool:
    return False


async def _left() -> bool:
    return True


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


class Visit:
    """One request: it waits in a queue, and runs until it is told to stop."""

    def __init__(self, queue: RequestQueue, caller: str, inside: list[str], *, left: bool = False) -> None:
        self.go = asyncio.Event()
        self.task = asyncio.create_task(self._visit(queue, caller, inside, left=left))

    async def _visit(self, queue: RequestQueue, caller: str, inside: list[str], *, left: bool) -> None:
        async with queue.slot(caller, _left if left else _stays):
            inside.append(caller)
            await self.go.wait()

    async def leave(self) -> None:
        self.go.set()
        await self.task


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_the_capacity_limits_what_runs_and_the_others_follow_in_order() -> None:
    async def story() -> None:
        queue, inside = RequestQueue("manifests", Capacity(2), length=3, each=9), list[str]()
        visits = [Visit(queue, name, inside) for name in "abcde"]
        await settle()
        assert inside == ["a", "b"]
        await visits[1].leave()
        await settle()
        assert inside == ["a", "b", "c"]
        for visit in (visits[0], *visits[2:]):
            await visit.leave()
            await settle()
        assert inside == ["a", "b", "c", "d", "e"]

    run(story)


def test_a_full_queue_refuses_at_once_and_says_when_to_try_again() -> None:
    async def story() -> None:
        queue, inside = RequestQueue("manifests", Capacity(1), length=2, each=9), list[str]()
        visits = [Visit(queue, name, inside) for name in "abc"]
        await settle()
        with pytest.raises(LineFull) as full:
            async with queue.slot("d", _stays):
                pass
        assert (full.value.what, full.value.limit) == ("manifests", 2)
        assert full.value.retry_after_s >= 1
        for visit in visits:
            await visit.leave()
        async with queue.slot("d", _stays):
            inside.append("d")
        assert inside == ["a", "b", "c", "d"]

    run(story)


def test_one_caller_cannot_fill_the_queue() -> None:
    async def story() -> None:
        queue, inside = RequestQueue("acts", Capacity(1), length=8, each=2), list[str]()
        visits = [Visit(queue, name, inside) for name in "aa"]
        await settle()
        with pytest.raises(ShareUsed) as used:
            async with queue.slot("a", _stays):
                pass
        assert (used.value.what, used.value.limit) == ("acts", 2)
        visits.append(Visit(queue, "b", inside))
        await settle()
        for visit in visits:
            await visit.leave()
        async with queue.slot("a", _stays):  # it has a free slot again
            pass
        assert inside == ["a", "a", "b"]

    run(story)


def test_queues_may_share_a_capacity_and_have_lengths_of_their_own() -> None:
    async def story() -> None:
        shared, inside = Capacity(1), list[str]()
        one, other = (
            RequestQueue("manifests", shared, length=1, each=9),
            RequestQueue("snapshots", shared, length=1, each=9),
        )
        visits = [Visit(one, "a", inside), Visit(one, "b", inside)]
        await settle()
        visits.append(Visit(other, "c", inside))
        await settle()
        assert inside == ["a"]
        with pytest.raises(LineFull):
            async with one.slot("d", _stays):
                pass
        for visit in visits:
            await visit.leave()
        assert inside == ["a", "b", "c"]

    run(story)


def test_a_request_whose_caller_left_does_not_run_and_frees_its_slot() -> None:
    async def story() -> None:
        queue, inside = RequestQueue("histories", Capacity(1), length=8, each=1), list[str]()
        first = Visit(queue, "a", inside)
        await settle()
        gone, next_one = Visit(queue, "b", inside, left=True), Visit(queue, "c", inside)
        await settle()
        await first.leave()
        with pytest.raises(CallerLeft):
            await gone.task
        await settle()
        assert inside == ["a", "c"]
        await next_one.leave()
        async with queue.slot("b", _stays):
            pass

    run(story)


def test_a_request_waits_for_a_limited_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "PATIENCE_S", 0.05)

    async def story() -> None:
        queue, inside = RequestQueue("snapshots", Capacity(1), length=8, each=9), list[str]()
        first = Visit(queue, "a", inside)
        await settle()
        with pytest.raises(LineFull):
            async with queue.slot("b", _stays):
                pass
        await first.leave()
        async with queue.slot("b", _stays):
            pass

    run(story)


def test_a_cancelled_request_leaves_no_trace_waiting_or_running() -> None:
    async def story() -> None:
        shares = OwnShares()
        queue, inside = RequestQueue("acts", Capacity(1), length=1, each=1, shares=shares), list[str]()
        first = Visit(queue, "a", inside)
        await settle()
        waiting = Visit(queue, "b", inside)
        await settle()
        waiting.task.cancel()
        await asyncio.gather(waiting.task, return_exceptions=True)
        first.task.cancel()
        await asyncio.gather(first.task, return_exceptions=True)
        async with AsyncExitStack() as held:
            for _ in range(2):
                await held.enter_async_context(queue.slot("a", _stays))
                await held.aclose()
        assert shares._held == {}
        assert queue._waiting == 0

    run(story)


@pytest.mark.parametrize(
    ("client", "caller"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2::5", 1), "2001:0db8:0001:0002"),
        (("2001:db8:1:2:ffff::5", 1), "2001:0db8:0001:0002"),
        (("/run/socket", 0), "/run/socket"),
        (None, ""),
    ],
)
def test_a_caller_is_an_address_or_a_network_of_ipv6(client: Any, caller: str) -> None:
    assert caller_of({"client": client}) == caller
