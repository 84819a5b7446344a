"""A door: so many at a time, a short line, a share for each caller, and no work for those who left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.transport import door as door_module
from aeo_ledger.transport.door import CallerLeft, Door, Room, caller_of


async def _stays() -> bool:
    return False


async def _left() -> bool:
    return True


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


class Visit:
    """One request: waits at a door, and stays inside until it is told to go."""

    def __init__(self, door: Door, caller: str, inside: list[str], *, left: bool = False) -> None:
        self.go = asyncio.Event()
        self.task = asyncio.create_task(self._visit(door, caller, inside, left=left))

    async def _visit(self, door: Door, caller: str, inside: list[str], *, left: bool) -> None:
        async with door.place(caller, _left if left else _stays):
            inside.append(caller)
            await self.go.wait()

    async def leave(self) -> None:
        self.go.set()
        await self.task


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_so_many_are_inside_and_the_others_follow_in_the_order_of_their_coming() -> None:
    async def story() -> None:
        door, inside = Door("manifests", Room(2), line=3, each=9), list[str]()
        visits = [Visit(door, name, inside) for name in "abcde"]
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


def test_a_full_line_is_told_at_once_with_a_time_to_come_back() -> None:
    async def story() -> None:
        door, inside = Door("manifests", Room(1), line=2, each=9), list[str]()
        visits = [Visit(door, name, inside) for name in "abc"]
        await settle()
        with pytest.raises(LineFull) as full:
            async with door.place("d", _stays):
                pass
        assert (full.value.what, full.value.limit) == ("manifests", 2)
        assert full.value.retry_after_s >= 1
        for visit in visits:
            await visit.leave()
        async with door.place("d", _stays):
            inside.append("d")
        assert inside == ["a", "b", "c", "d"]

    run(story)


def test_one_caller_has_a_share_and_leaves_the_rest_to_others() -> None:
    async def story() -> None:
        door, inside = Door("acts", Room(1), line=8, each=2), list[str]()
        visits = [Visit(door, name, inside) for name in "aa"]
        await settle()
        with pytest.raises(ShareUsed) as used:
            async with door.place("a", _stays):
                pass
        assert (used.value.what, used.value.limit) == ("acts", 2)
        visits.append(Visit(door, "b", inside))
        await settle()
        for visit in visits:
            await visit.leave()
        async with door.place("a", _stays):  # its share is free again
            pass
        assert inside == ["a", "a", "b"]

    run(story)


def test_doors_of_one_room_share_its_places_and_have_lines_of_their_own() -> None:
    async def story() -> None:
        room, inside = Room(1), list[str]()
        one, other = Door("manifests", room, line=1, each=9), Door("snapshots", room, line=1, each=9)
        visits = [Visit(one, "a", inside), Visit(one, "b", inside)]
        await settle()
        visits.append(Visit(other, "c", inside))
        await settle()
        assert inside == ["a"]
        with pytest.raises(LineFull):
            async with one.place("d", _stays):
                pass
        for visit in visits:
            await visit.leave()
        assert inside == ["a", "b", "c"]

    run(story)


def test_nothing_is_done_for_who_left_and_its_place_is_the_next_one_s() -> None:
    async def story() -> None:
        door, inside = Door("histories", Room(1), line=8, each=1), list[str]()
        first = Visit(door, "a", inside)
        await settle()
        gone, next_one = Visit(door, "b", inside, left=True), Visit(door, "c", inside)
        await settle()
        await first.leave()
        with pytest.raises(CallerLeft):
            await gone.task
        await settle()
        assert inside == ["a", "c"]
        await next_one.leave()
        async with door.place("b", _stays):
            pass

    run(story)


def test_a_line_that_does_not_move_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "PATIENCE_S", 0.05)

    async def story() -> None:
        door, inside = Door("snapshots", Room(1), line=8, each=9), list[str]()
        first = Visit(door, "a", inside)
        await settle()
        with pytest.raises(LineFull):
            async with door.place("b", _stays):
                pass
        await first.leave()
        async with door.place("b", _stays):
            pass

    run(story)


def test_who_is_cancelled_in_the_line_or_inside_leaves_no_trace() -> None:
    async def story() -> None:
        door, inside = Door("acts", Room(1), line=1, each=1), list[str]()
        first = Visit(door, "a", inside)
        await settle()
        waiting = Visit(door, "b", inside)
        await settle()
        waiting.task.cancel()
        await asyncio.gather(waiting.task, return_exceptions=True)
        first.task.cancel()
        await asyncio.gather(first.task, return_exceptions=True)
        async with AsyncExitStack() as held:
            for _ in range(2):
                await held.enter_async_context(door.place("a", _stays))
                await held.aclose()
        assert door._of_caller == {}
        assert door._waiting == 0

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
