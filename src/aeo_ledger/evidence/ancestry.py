"""The format `aeo-ledger/header-chain/1`: the headers from one block to a later one, unchecked; JSON and CBOR.

    format      "aeo-ledger/header-chain/1"
    links       list of bytes: one for each block after the first, ascending

Only the headers between two blocks can show that one is an ancestor of the other, because each header names its parent by
hash. So this is the smallest proof. It saves only what a header repeats, or what follows from other fields. A link is the RLP
list `[seconds, place, value, place, value, ...]`: the seconds since the block before, then each field that differs from the
header before, by its place in the header, ascending. A value is one of:

    bytes       the field itself
    [blocks]    a list of one number: the field has its value of so many blocks before this one, 2 to 255, and not
                before the first header

The rest is left out. The parent hash is the hash of the header before. The number is one more. The seals are not needed,
because a block's hash leaves them out (`Header.named`). A block without publications takes 5 bytes, where its header takes
600. A full block takes 400. At most `MAX_LINKS` are read.

The reader brings the first header and the hash of the last one. The links alone prove nothing.

Source: Ethereum Yellow Paper, section 4.3 and appendix B; RFC 8259; RFC 8949 section 4.2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from aeo_ledger.errors.evidence import ChainTooLong, MalformedHeader, MalformedLink
from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.evidence.header import Header
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256

FORMAT: Final = "aeo-ledger/header-chain/1"
"""Name and version. Another version is another format."""

MAX_LINKS: Final = 1 << 18
"""Longest chain: 91 days of an idle ledger, or three days of one that seals every second. Checking it takes seconds."""

MAX_PIECE: Final = 2_000
"""Most links in one answer of a gateway: a second's work. Longer chains are fetched in pieces and joined."""

MAX_BYTES: Final = 1 << 26
"""Longest document that is read, in either form."""

WINDOW: Final = 255
"""How many blocks back a field may come from: more than there are validators who propose in turn."""

_PARENT, _NUMBER, _TIME = 0, 8, 11
"""Places of fields that follow from others. No link gives them."""
_MAX_FIELDS: Final = 32

Named: TypeAlias = list[bytes]
"""The fields of a header that enter its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderChain:
    """Links between two blocks. Anybody may have made them."""

    links: tuple[bytes, ...]
    """One for each block after the first, RLP."""

    def __post_init__(self) -> None:
        """Refuse a chain that takes too long to check.

        Raises:
            ChainTooLong: The chain has more than `MAX_LINKS` links.
        """
        if len(self.links) > MAX_LINKS:
            raise ChainTooLong(found=len(self.links), limit=MAX_LINKS)


def link_headers(headers: Iterable[Header]) -> Iterator[bytes]:
    """Write consecutive headers as links, one for each but the first.

    Parents are not compared here. A reader who follows the links checks them.

    Raises:
        MalformedHeader: A header is older than the one before, or has fewer fields.
    """
    window: deque[Named] = deque(maxlen=WINDOW)
    for header in headers:
        fields = _named(header)
        if window:
            yield _write_link(window, fields)
        window.append(fields)


def follow_links(first: Header, chain: HeaderChain) -> Iterator[bytes]:
    """Yield the on-chain hash of each block from the first on, 32 bytes each.

    Raises:
        MalformedLink: An item is not a link, or describes a header that cannot exist.
    """
    window: deque[Named] = deque([_named(first)], maxlen=WINDOW)
    parent = first.hash()
    yield parent
    for place, link in enumerate(chain.links):
        try:
            fields = _read_link(window, link, parent)
        except MalformedRlp as error:
            raise MalformedLink(link=place, reason=error.reason) from error
        window.append(fields)
        parent = keccak256(rlp.encode(fields))
        yield parent


def _encode(chain: HeaderChain) -> dict[str, Value]:
    return {"format": FORMAT, "links": list(chain.links)}


def _decode(fields: Fields) -> HeaderChain:
    fields.demand(("format", "links"))
    fields.choice("format", {FORMAT: None})
    links = fields.value("links")
    if isinstance(links, list) and len(links) > MAX_LINKS:
        raise ChainTooLong(found=len(links), limit=MAX_LINKS)
    return HeaderChain(links=fields.binaries("links", MAX_LINKS))


CHAIN_FORM: Final = Form("header chain", _encode, _decode, max_bytes=MAX_BYTES, indent=1)
"""A chain in both forms. Reading also raises `ChainTooLong` if it has more than `MAX_LINKS` links."""


def _named(header: Header) -> Named:
    fields = rlp.decode(header.named())
    return [field for field in fields if isinstance(field, bytes)]


def _write_link(window: Sequence[Named], fields: Named) -> bytes:
    before = window[-1]
    seconds = int.from_bytes(fields[_TIME], "big") - int.from_bytes(before[_TIME], "big")
    if seconds < 0 or len(fields) < len(before):
        raise MalformedHeader(reason="it is older, or has fewer fields, than the header before")
    link: list[rlp.Encodable] = [rlp.minimal_bytes(seconds)]
    for place, value in enumerate(fields):
        if place in (_PARENT, _NUMBER, _TIME) or before[place : place + 1] == [value]:
            continue
        back = next((ago for ago in range(2, len(window) + 1) if window[-ago][place : place + 1] == [value]), None)
        link += [rlp.minimal_bytes(place), value if back is None else [rlp.minimal_bytes(back)]]
    return rlp.encode(link)


def _read_link(window: Sequence[Named], link: bytes, parent: bytes) -> Named:
    """Build the header that a link describes.

    Raises:
        MalformedRlp: The link describes no header.
    """
    items = rlp.decode(link)
    if isinstance(items, bytes) or len(items) % 2 == 0:
        raise MalformedRlp(reason="needed a list of seconds, and of places and values in pairs")
    fields = window[-1].copy()
    last = -1
    for at, value in zip(items[1::2], items[2::2], strict=True):
        place = rlp.parse_number(at, max_bytes=1)
        if place <= last or place in (_PARENT, _NUMBER, _TIME) or place > len(fields) or place >= _MAX_FIELDS:
            raise MalformedRlp(
                reason=f"the place {place} is out of order, is no field, or is a field that links leave out"
            )
        fields[place : place + 1] = [value if isinstance(value, bytes) else _look_back(window, value, place)]
        last = place
    fields[_PARENT] = parent
    fields[_NUMBER] = _add(fields[_NUMBER], 1)
    fields[_TIME] = _add(fields[_TIME], rlp.parse_number(items[0], max_bytes=8))
    return fields


def _look_back(window: Sequence[Named], value: list[rlp.Item], place: int) -> bytes:
    blocks = rlp.parse_number(value[0], max_bytes=1) if len(value) == 1 else 0
    if not 2 <= blocks <= len(window) or place >= len(window[-blocks]):
        raise MalformedRlp(reason=f"the field at {place} refers to a header that is not there")
    return window[-blocks][place]


def _add(number: bytes, more: int) -> bytes:
    return rlp.minimal_bytes(int.from_bytes(number, "big") + more)
