"""Time spans as people type them: `30s`, `5m`, `12h`, `90d`."""

from __future__ import annotations

import re

from aeo_ledger.errors.primitives import MalformedText

_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def parse_span(text: str) -> int:
    """Read a positive whole number with a unit (s, m, h or d) as seconds.

    Raises:
        MalformedText: The text has another form, or is zero.
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        needed = "a number above 0 and s, m, h or d, as in 5m"
        raise MalformedText(what="span of time", found=repr(text[:40]), needed=needed)
    return int(match[1]) * _UNIT_S[match[2]]


def show_span(seconds: int) -> str:
    """Write a time span in its two largest units, such as `2d 3h`. A negative span, from clocks that differ, is `0s`."""
    parts = []
    rest = max(seconds, 0)
    for unit, length in reversed(_UNIT_S.items()):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
