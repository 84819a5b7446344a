"""A listener of news that is no client of this project: it reads the lines of a stream, and does what an item says that proves it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.wire import EVIDENCE_FORM

Event = tuple[str, str, dict[str, Any]]
"""Kind, id and data."""


class Stream:
    """An open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def event(self) -> Event | None:
        """Read the next event; None when the stream ends."""
        found: dict[str, str] = {}
        for line in self._lines:
            if not line and "data" in found:
                return found["event"], found["id"], json.loads(found["data"])
            name, _, value = line.partition(": ")
            found[name] = value
        return None

    def news(self, count: int) -> list[dict[str, Any]]:
        """Read so many items, passing over what is no item."""
        items: list[dict[str, Any]] = []
        while len(items) < count:
            event = self.event()
            assert event is not None, f"the stream ended after {len(items)} items"
            kind, id_, data = event
            assert kind in {"news", "head"}, event
            if kind == "news":
                assert data["id"] == id_
                items.append(data)
        return items

    def until_head(self) -> list[Event]:
        """Read everything up to the end of what is new, which is left out."""
        events = []
        while (event := self.event()) is not None and event[0] != "head":
            events.append(event)
        return events

    def until_block(self, block: int) -> list[Event]:
        """Read everything up to a block, which this worker may reach later than another one."""
        events = []
        while (event := self.event()) is not None and (event[0] != "head" or event[2]["block"] < block):
            events += [event] if event[0] != "head" else []
        return events


@contextmanager
def listening(url: str, recogniser: str = "CN", *, last: str | None = None, **asked: str) -> Iterator[Stream]:
    """Listen; what happened before is passed over, unless an id is given."""
    headers = {} if last is None else {"last-event-id": last}
    with (
        httpx.Client(base_url=url) as http,
        http.stream("GET", "/v1/news", params={"recogniser": recogniser, **asked}, headers=headers) as response,
    ):
        yield Stream(response)


def fetch(http: httpx.Client, address: dict[str, Any]) -> Evidence:
    """Do what an item says that proves it."""
    answer = http.request(address["method"], address["path"], json=address["body"])
    return EVIDENCE_FORM.decode_values(answer.raise_for_status().json())
