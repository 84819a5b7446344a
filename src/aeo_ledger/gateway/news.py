"""`GET /v1/news`: what changes the answers to a recogniser, as server-sent events.

    event: news   id BLOCK:INDEX, data of the format `aeo-ledger/news/1`
    event: head   id BLOCK: there is nothing else up to this block. Sent at the end of what is new, and every ten seconds
    event: gap    id BLOCK: what happened between the reader's id and this block cannot be told; the reader must ask again about everything

A reader resumes by the id that it read last (`Last-Event-ID`, or `since`). Without one it begins with the newest block.

Source: HTML Living Standard, section 9.2 (server-sent events).
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

import anyio
from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.errors.verify import UnknownParty
from aeo_ledger.evidence.news import Cursor, NewsItem, read_cursor
from aeo_ledger.gateway.access import asker_of, name_caller, serves
from aeo_ledger.gateway.journal import Journal
from aeo_ledger.prover.news import Interest
from aeo_ledger.transport.queue import OwnShares, Shares
from aeo_ledger.verify import TrustBundle

MOST_STREAMS: Final = 256
"""Streams that may be open at a time in one worker: a third of its connections."""
MOST_OF_ONE: Final = 16
"""Streams of one caller, over all workers."""
HEAD_S: Final = 10.0
"""Seconds between two events `head`."""
_RETRY_S: Final = 60
_WHAT: Final = "news"
_RECONNECT_MS: Final = 1_000
"""Milliseconds after which a browser connects again."""


class NewsQuery(BaseModel):
    """Whose answers the news may change."""

    model_config = ConfigDict(extra="forbid")

    recogniser: str = Field(examples=["CN"], description="Code of the party that recognises.")
    register_of: str | None = Field(
        None,
        alias="register",
        examples=["BY,EU"],
        description="Codes of parties, with commas: only news of their registers. What concerns no single register is always told.",
    )
    since: str | None = Field(
        None, examples=["17:3"], description="Id of the last event that was read. Default: the newest block."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader wants to hear."""

    recogniser: int
    """Its number."""
    registers: frozenset[int]
    """Only news of these; empty for all. What concerns no single register is always told."""

    def takes(self, item: NewsItem, interest: Interest) -> bool:
        """Tell whether the reader wants an item."""
        is_elsewhere = self.registers and item.register is not None and item.register not in self.registers
        return not is_elsewhere and interest.concerns(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reader stands when its stream begins."""

    wanted: Wanted
    cursor: Cursor
    until: float = math.inf
    """When the reader's token ends, by the clock of the event loop."""
    serves: Callable[[], bool] = lambda: True
    """Tells whether the reader may still hear."""


def read_wanted(recogniser: str, registers: str | None, trust: TrustBundle) -> Wanted:
    """Read what a reader wants.

    Args:
        recogniser: Its code.
        registers: Codes of parties, separated by commas; None for all.
        trust: Names of parties.

    Raises:
        UnknownParty: a code is not that of a party.
    """

    def number_of(code: str) -> int:
        if code not in trust.by_code:
            raise UnknownParty(code=code, known=tuple(trust.by_code))
        return trust.by_code[code].number

    codes = [] if registers is None else registers.split(",")
    return Wanted(recogniser=number_of(recogniser), registers=frozenset(map(number_of, codes)))


class Streams:
    """The streams of one gateway.

    Args:
        journal: Has the news.
        shares: Counts those of each caller; by default here alone.
        head_s: Seconds between two events `head`.
        most: Streams that may be open at a time.
        each: Streams of one caller.
    """

    def __init__(
        self,
        journal: Journal,
        shares: Shares | None = None,
        *,
        head_s: float = HEAD_S,
        most: int = MOST_STREAMS,
        each: int = MOST_OF_ONE,
    ) -> None:
        self.journal, self._head_s, self._most, self._each = journal, head_s, most, each
        self._shares, self._open = shares or OwnShares(), 0

    @asynccontextmanager
    async def open(self, caller: str) -> AsyncIterator[None]:
        """Count a stream until the block ends.

        Raises:
            ShareUsed, LineFull: the caller, or all callers, have as many as they may.
            CountsUnavailable: they cannot be counted.
            Unavailable: the node does not answer, and nothing was read before.
        """
        if self._open >= self._most:
            raise LineFull(what=_WHAT, limit=self._most, retry_after_s=_RETRY_S)
        if not self._shares.take(_WHAT, caller, self._each):
            raise ShareUsed(what=_WHAT, limit=self._each, retry_after_s=_RETRY_S)
        self._open += 1
        try:
            with self.journal.reader():
                await self.journal.catch_up()
                yield
        finally:
            self._open -= 1
            self._shares.give(_WHAT, caller)

    async def stream(self, place: Place) -> AsyncIterator[ServerSentEvent]:
        """Yield events until the gateway stops, or until the reader is so slow that what it has not read is kept no more.

        A stream that ends can be resumed. So it also ends when the node does not tell news that are needed, when the reader's token ends,
        and when the reader's key is retired: it hears nothing of the block that says so.
        """
        cursor, journal, due = place.cursor, self.journal, -math.inf
        was_at_end = False
        while not self._is_over(place) and place.serves() and not (was_at_end and journal.has_lost(cursor)):
            mark = journal.mark
            try:
                page = await journal.after(cursor)
                interest = await journal.interest(place.wanted.recogniser)
            except Unavailable:
                return
            if page.lost is not None:
                yield _tell_gap(cursor, page.lost)
            for told in page.items:
                if self._is_over(place):
                    return
                if place.wanted.takes(told.item, interest):
                    yield ServerSentEvent(event="news", id=str(told.item.at), raw_data=told.text)
            cursor = page.upto
            if page.time is not None:
                was_at_end = True
                if anyio.current_time() >= due:
                    due = anyio.current_time() + self._head_s
                    head = {"block": page.upto.block, "time": page.time}
                    yield ServerSentEvent(event="head", id=str(page.upto), retry=_RECONNECT_MS, data=head)
                await journal.wait(mark, min(due, place.until) - anyio.current_time())

    def _is_over(self, place: Place) -> bool:
        return self.journal.is_over() or anyio.current_time() >= place.until


def _tell_gap(since: Cursor, kept: Cursor) -> ServerSentEvent:
    return ServerSentEvent(event="gap", id=str(kept), data={"since": str(since), "until": str(kept)})


def tell_news(app: FastAPI, streams: Streams, trust: TrustBundle) -> None:
    """Add the route of news.

    Args:
        app: Gets it.
        streams: Those of this gateway.
        trust: Names of parties.
    """

    async def enter(
        request: Request,
        asked: Annotated[NewsQuery, Query()],
        last_event_id: Annotated[
            str | None, Header(description="Id of the last event that was read; it counts more than `since`.")
        ] = None,
    ) -> AsyncIterator[Place]:
        wanted = read_wanted(asked.recogniser, asked.register_of, trust)
        told = last_event_id or asked.since
        cursor = None if told is None else read_cursor(told, "Last-Event-ID" if last_event_id else "since")
        asker = asker_of(request.scope)
        until = math.inf if asker is None else anyio.current_time() + asker.until - time.time()
        async with streams.open(name_caller(request.scope)):
            yield Place(
                wanted=wanted,
                cursor=streams.journal.newest if cursor is None else cursor,
                until=until,
                serves=partial(serves, request.scope),
            )

    entered = Depends(enter)

    @app.get(
        "/v1/news",
        response_class=EventSourceResponse,
        summary="Hear of each act that may change an answer to a recogniser, until you close the connection",
    )
    async def get_news(place: Place = entered) -> AsyncIterator[ServerSentEvent]:
        async for event in streams.stream(place):
            yield event
