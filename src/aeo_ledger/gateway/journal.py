"""The news that a gateway tells: the last ones are kept in memory for all readers, earlier ones are read from the node again.

One task reads each new block once, while somebody listens. Readers are cursors into what it keeps, so a slow reader costs no memory. What is
kept is bounded, and a reader that was at its end and falls out of it has to begin again at its cursor. A row that is missing in the index's
database would be news that nobody misses, and no proof shows it: so earlier news are the node's to tell.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import anyio
from anyio.to_thread import run_sync

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.evidence.news import NEWS_FORM, About, Cursor, NewsItem
from aeo_ledger.ledger.port import LOG_BLOCKS, Ledger
from aeo_ledger.prover.indexed import at_hand, from_node
from aeo_ledger.prover.news import Interest, find_interest, read_news

T = TypeVar("T")

MOST_ITEMS: Final = 10_000
"""Items that are kept in memory, 2 KB each."""
MOST_BLOCKS: Final = 100_000
"""Blocks whose news can be asked for: over a month where an idle ledger seals a block every 30 seconds."""
_PIECE: Final = 500
"""Earlier blocks that are read from the node at a time."""
_EVERY_S: Final = 0.1
"""Seconds between two looks for a new block."""
_AHEAD: Final = 60
"""Blocks by which a reader may be ahead, because another gateway was faster. One who is further ahead has read another ledger."""


@dataclass(frozen=True, slots=True)
class Told:
    """An item, and its JSON."""

    item: NewsItem
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The news after a cursor."""

    items: tuple[Told, ...]
    upto: Cursor
    """Everything up to here is in the page."""
    time: int | None = None
    """Time of the newest block, UTC seconds, if the page ends with it."""
    lost: Cursor | None = None
    """From where on the news can be told, if they cannot from the reader's cursor on."""


class Journal:
    """The news of one ledger. Its methods belong to one event loop."""

    def __init__(self, ledger: Ledger, *, most_items: int = MOST_ITEMS, most_blocks: int = MOST_BLOCKS) -> None:
        self._ledger = ledger
        self._most_items, self._most_blocks = most_items, most_blocks
        self._items: list[Told] = []
        self._floor = Cursor(-1)
        """Up to here nothing is kept."""
        self._top = -1
        """The last block that was read."""
        self._time = 0
        self._readers = 0
        self._interests: dict[int, Interest] = {}
        self._changed = anyio.Event()
        self._reading = anyio.Lock()
        self._one_at_a_time = anyio.Lock()
        self._is_over = False

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count a reader: without one, nothing is read."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1

    def end(self) -> None:
        """Let all readers end."""
        self._is_over = True
        self._tell()

    def is_over(self) -> bool:
        """Tell whether the gateway stops: then readers end."""
        return self._is_over

    async def follow(self) -> None:
        """Read each new block, as long as there are readers."""
        while True:
            await anyio.sleep(_EVERY_S)
            if self._readers:
                try:
                    await self.catch_up()
                except AeoLedgerError:  # the next look may succeed; readers see that no block is told
                    continue

    async def catch_up(self) -> None:
        """Read up to the gateway's newest block. It answers as of this block already, so whoever hears of an act can ask about it.

        Raises:
            Unavailable: the node does not answer.
        """
        async with self._reading:
            near = at_hand(self._ledger)
            newest = await _in_thread(self._ledger.head) if near is None or near.last is None else near.last
            if newest == self._top:
                return
            is_next = self._top >= 0 and 0 < newest - self._top <= LOG_BLOCKS
            found = await _in_thread(partial(read_news, self._ledger, self._top + 1, newest)) if is_next else []
            self._time = await _in_thread(partial(self._ledger.time_of, newest))
            if not is_next:  # nobody listened for long, or the ledger is another one
                self._items, self._floor, self._interests = [], Cursor(newest), {}
            self._top = newest
            self._keep(found)
        self._tell()

    @property
    def mark(self) -> anyio.Event:
        """What is set at the next block, and at the end."""
        return self._changed

    async def wait(self, mark: anyio.Event, within_s: float) -> None:
        """Wait until a mark is set. Take the mark before the news, so that no block falls between them."""
        with anyio.move_on_after(within_s):
            await mark.wait()

    @property
    def newest(self) -> Cursor:
        """The end of the news."""
        return Cursor(self._top)

    def has_lost(self, cursor: Cursor) -> bool:
        """Tell whether the news after a cursor are in memory no more."""
        return cursor < self._floor

    async def after(self, cursor: Cursor) -> Page:
        """Return the next news after a cursor, perhaps not all of them.

        Raises:
            Unavailable: the node does not answer.
        """
        first = self._top - self._most_blocks
        if cursor.block < first or cursor.block > self._top + _AHEAD:
            kept = Cursor(max(-1, first) if cursor.block < first else self._top)
            return Page(items=(), upto=kept, lost=kept)
        if self.has_lost(cursor):
            return await self._read_again(cursor)
        begin = bisect_right(self._items, cursor, key=lambda told: told.item.at)
        return Page(items=tuple(self._items[begin:]), upto=max(cursor, self.newest), time=self._time)

    async def interest(self, recogniser: int) -> Interest:
        """Find what the answers to a recogniser depend on now, by its number.

        Raises:
            Unavailable: the node does not answer.
        """
        found = self._interests.get(recogniser)
        if found is None:
            block = self._top
            found = await _in_thread(partial(find_interest, recogniser, self._ledger, block))
            if block == self._top:
                self._interests[recogniser] = found
        return found

    async def _read_again(self, cursor: Cursor) -> Page:
        last = min(cursor.block + _PIECE, self._floor.block)
        async with self._one_at_a_time:
            items = await _in_thread(partial(read_news, from_node(self._ledger), max(cursor.block, 0), last))
        return Page(items=tuple(map(_write, (item for item in items if item.at > cursor))), upto=Cursor(last))

    def _keep(self, items: list[NewsItem]) -> None:
        self._items += map(_write, items)
        if (surplus := len(self._items) - self._most_items) > 0:
            self._floor = self._items[surplus - 1].item.at
            del self._items[:surplus]
        if any(item.about is not About.STANDING for item in items):
            self._interests = {}

    def _tell(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()


def _write(item: NewsItem) -> Told:
    return Told(item, json.dumps(NEWS_FORM.encode_values(item), separators=(",", ":")))


async def _in_thread(call: Callable[[], T]) -> T:
    return await run_sync(call)
