"""The reader of a gateway's news: it begins where it stopped, whatever breaks, and says what was missed."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from aeo_ledger.errors import Malformed
from aeo_ledger.errors.gateway import GatewayBroke, GatewayUnclear
from aeo_ledger.evidence.news import MAX_BYTES, NEWS_FORM, Cursor, Gap, Head, Heard, read_cursor
from aeo_ledger.gateway.line import Line
from aeo_ledger.primitives.documents import Fields, parse_json
from aeo_ledger.transport.events import Event

PATH: Final = "/v1/news"
SILENT_S: Final = 30.0
"""Seconds of silence after which a stream counts as broken: a gateway says something every ten."""
_MAX_NUMBER: Final = (1 << 64) - 1


def listen(line: Line, recogniser: str, *, registers: str | None, since: Cursor | None) -> Generator[Heard, None, None]:
    """Hear the news of a recogniser, from a gateway that has them, until the stream breaks off; they are not checked here.

    Args:
        line: To the gateways.
        recogniser: Its code.
        registers: Codes of parties, separated by commas; None for all.
        since: The place of what was heard last; None begins with the newest block.

    Raises:
        Unavailable: no gateway has the stream, or it broke off.
        AeoLedgerError: the problem that a gateway reports.
    """
    asked: dict[str, Any] = {"recogniser": recogniser}
    asked |= {} if registers is None else {"register": registers}
    headers = {} if since is None else {"last-event-id": str(since)}
    with line.listen(PATH, within_s=SILENT_S, params=asked, headers=headers) as events:
        for event in events:
            try:
                heard = _read(event)
            except (Malformed, KeyError) as error:
                detail = str(error) if isinstance(error, Malformed) else f"an event lacks {error}"
                raise GatewayUnclear(url=line.url, path=PATH, detail=detail) from error
            if heard is not None:
                yield heard
    raise GatewayBroke(url=line.url, detail="the stream of news ended")


def _read(event: Event) -> Heard | None:
    """Read an event; None for one that a later version may send."""
    if event.kind == "news":
        return NEWS_FORM.decode_json(event.data)
    if event.kind not in {"head", "gap"}:
        return None
    found = Fields(parse_json(event.data, document="event", max_bytes=MAX_BYTES), document="event")
    if event.kind == "head":
        return Head(at=Cursor(found.number("block", _MAX_NUMBER)), time=found.number("time", _MAX_NUMBER))
    since, until = (read_cursor(found.text(name, 40), name) for name in ("since", "until"))
    return Gap(since=since, at=until)
