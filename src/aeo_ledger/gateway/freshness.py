"""Answers as of a block, for HTTP's caches: a tag that names the block, and `304 Not Modified` as long as it is the newest.

An answer may change with every block, so nobody may reuse it without asking (`no-cache`), and it may name a trader, so no cache that
several people share may keep it (`private`). Asking again costs a hash: nothing is decided or proven while the block is the same.

Source: RFC 9110, sections 8.8 and 13.1.2; RFC 9111, section 5.2.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Request, Response

from aeo_ledger.evidence import decode_header
from aeo_ledger.gateway.media import IN_BOTH, medium_of
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.prover.indexed import at_hand

_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')
"""A tag; a weak one and a strong one name the same block."""

_KEPT: Final = "private, no-cache"

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The answer that you have is of the newest block."}
}
"""The description of an answer that has a tag."""

TAGGED_IN_BOTH: Final = {**IN_BOTH, **NOT_MODIFIED}


def as_of_newest(ledger: Ledger) -> Ledger:
    """Return a ledger as of its newest block, from memory if there is an index."""
    return at_hand(ledger) or ledger.as_of(ledger.head())


def answer_if_new(request: Request, ledger: Ledger, tell: Callable[[], Response]) -> Response:
    """Answer as of a ledger's block with its tag, or say that the caller has this answer already.

    Args:
        request: The request; its `If-None-Match` lists the tags of what the caller has.
        ledger: A ledger as of one block.
        tell: Makes the answer, as of that block or a later one.
    """
    block = decode_header(ledger.header(ledger.head())).hash()
    tag = f'W/"{block.hex()[:32]}-{medium_of(request).name.rpartition("/")[2]}"'
    told = {"etag": tag, "cache-control": _KEPT, "vary": "accept"}
    if _has(request.headers, tag):
        return Response(status_code=304, headers=told)
    answer = tell()
    answer.headers.update(told)
    return answer


def _has(headers: Mapping[str, str], tag: str) -> bool:
    """Tell whether the caller has an answer with this tag; `*` means any."""
    listed = headers.get("if-none-match", "")
    return listed.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(listed)
