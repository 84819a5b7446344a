"""The listener behind `aeo-ledger watch`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aeo_ledger.cli.output import note, now, show
from aeo_ledger.cli.screen import said, words_of
from aeo_ledger.errors import Malformed, Unavailable, Unproven, name_of
from aeo_ledger.evidence.news import NEWS_FORM, Cursor, Gap, Head, Heard, NewsItem
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.gateway.place import Asked, write_place
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.news import Prover, tell_item
from aeo_ledger.primitives.spans import show_span
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.news import ProvenNews

_AT_ONCE: Final = 500
"""Most items that are proven by one evidence."""
_PAUSE_S: Final = 1.0
"""Seconds before a stream that broke off is opened again; twice as long each time, up to `_LONGEST_PAUSE_S`."""
_LONGEST_PAUSE_S: Final = 30.0


class Watcher:
    """Hears news, proves them, tells them, and remembers how far it got: in this order, so that nothing is passed over."""

    def __init__(
        self,
        desk: GatewayClient,
        prover: Prover | None,
        trust: TrustBundle | None,
        asked: Asked,
        at: Cursor | None,
        *,
        file: Path | None,
        max_age: int,
        as_json: bool,
    ) -> None:
        self._desk, self._prover, self._trust, self._asked, self._at = desk, prover, trust, asked, at
        self._file, self._max_age, self._as_json = file, max_age, as_json
        self._pending: list[NewsItem] = []
        self._catches_up = True
        self.is_doubtful = False
        """Whether something was not proven, or was missed."""

    def follow(self, *, once: bool) -> None:
        """Hear until the process is stopped, or until everything up to now is told.

        Raises:
            Unavailable: with `once`, the stream broke off before that.
        """
        pause = _PAUSE_S
        while True:
            self._pending, self._catches_up = [], True
            try:
                for heard in self._desk.listen(
                    self._asked.recogniser, registers=self._asked.registers or None, since=self._at
                ):
                    pause = _PAUSE_S
                    self._hear(heard)
                    if once and isinstance(heard, Head):
                        return
            except Unavailable as fault:
                if once:
                    raise
                note(f"no news for {show_span(int(pause))}: {words_of(fault)}")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _hear(self, heard: Heard) -> None:
        if isinstance(heard, NewsItem):
            self._pending.append(heard)
            if not self._catches_up or len(self._pending) >= _AT_ONCE:
                self._tell_pending()
            return
        self._tell_pending()
        if isinstance(heard, Gap):
            self.is_doubtful = True
            lines = [
                f"MISSED: what happened from {heard.since} to {heard.at}: ask again about everything that you keep"
            ]
            self._show({"event": "gap", "since": str(heard.since), "until": str(heard.at)}, lines)
        else:
            if self._catches_up and (age := now() - heard.time) > self._max_age:
                note(f"the gateway's newest block is {show_span(age)} old")
            self._catches_up = False
            self._show({"event": "head", "block": heard.at.block, "time": heard.time}, [])
        self._remember(heard.at)

    def _tell_pending(self) -> None:
        if not self._pending:
            return
        for item, found in zip(self._pending, self._prove(self._pending), strict=True):
            self._tell(item, found)
        self._remember(self._pending[-1].at)
        self._pending = []

    def _prove(self, items: Sequence[NewsItem]) -> Sequence[ProvenNews | Unproven | None]:
        if self._prover is None:
            return [None] * len(items)
        try:
            return self._prover.prove(items)
        except Unproven as error:
            return [error] * len(items)

    def _tell(self, item: NewsItem, found: ProvenNews | Unproven | None) -> None:
        proven = found if isinstance(found, ProvenNews) else None
        try:
            says = tell_item(item, self._trust)
        except (Malformed, ValueError):
            says = f"words about {item.about} that this version cannot read"
        if proven is not None:
            told = says if proven.stands else f"{says} (changed again since)"
        elif not isinstance(found, Unproven):
            told = f"{self._desk.url} says {said(says)}"
        else:
            self.is_doubtful = True
            told = f"UNPROVEN: {self._desk.url} says {said(says)}: {words_of(found)}"
        line = f"{show_moment(item.time)}  {told}  [{item.at}]"
        self._show(
            {
                "event": "news",
                **NEWS_FORM.encode_values(item),
                "says": says,
                "proven": proven is not None,
                "stands": None if proven is None else proven.stands,
                "proven_as_of": None if proven is None else proven.sealed.header.number,
                "unproven": name_of(found) if isinstance(found, Unproven) else None,
            },
            [line],
        )

    def _show(self, document: dict[str, Any], lines: list[str]) -> None:
        show(document, as_json=self._as_json, lines=lines)

    def _remember(self, at: Cursor) -> None:
        self._at = at
        if self._file is not None:
            write_place(self._file, self._asked, at)
