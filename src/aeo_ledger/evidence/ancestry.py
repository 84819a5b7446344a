"""The format `aeo-ledger/header-chain/1`: from one block to a later one, header by header, unchecked; JSON and CBOR.

    format      "aeo-ledger/header-chain/1"
    links       list of bytes: one for each block after the first, ascending

That a block is an ancestor of another can be shown in one way only: by the headers between them, since each names the
one before by its hash. So this is the smallest proof, and what can be saved is what a header repeats or what follows. A
link is the RLP list `[seconds, place, value, place, value, ...]`: how many seconds the block is younger than the one
before it, and each field of the header that is another than there, by its place in the header, ascending. A value is

    bytes       the field itself
    [blocks]    a list of one number: the field as it was so many blocks before this one, 2 to 255, and not before
                the first header

Nothing else travels: no parent hash, which is the hash of the header before; no number, which is one more; and no
seals, since a block's hash is taken without them (`Header.named`). A block in which nothing was published takes 5 bytes
where its header takes 600; a full one takes 400. At most `MAX_LINKS` are read.

The first header is the reader's own, and so is the last one's hash: the links alone say nothing.

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
"""Name and version; another version is another format."""

MAX_LINKS: Final = 1 << 18
"""Longest chain: 91 days of a ledger at rest, three days of one that seals every second. Checking it takes seconds."""

MAX_PIECE: Final = 2_000
"""Most links in one answer of a gateway: a second's work. Longer chains are asked for piece by piece, and joined."""

MAX_BYTES: Final = 1 << 26
"""Longest document read, in either form."""

WINDOW: Final = 255
"""How many blocks back a field may be taken from: more than there are validators who propose in turn."""

_PARENT, _NUMBER, _TIME = 0, 8, 11
"""Places of the fields that follow, and that no link gives."""
_MAX_FIELDS: Final = 32

Named: TypeAlias = list[bytes]
"""The fields of a header as its hash is taken of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderChain:
    """Links between two blocks, claimed by anybody."""

    links: tuple[bytes, ...]
    """One for each block after the first, RLP."""

    def __post_init__(self) -> None:
        """Refuse what takes too long to check.

        Raises:
            ChainTooLong: It has more than `MAX_LINKS`.
        """
        if len(self.links) > MAX_LINKS:
            raise ChainTooLong(found=len(self.links), limit=MAX_LINKS)


def link_headers(headers: Iterable[Header]) -> Iterator[bytes]:
    """Write headers that follow one another as links, one for each but the first.

    Parents are not compared: whoever follows the links finds out.

    Raises:
        MalformedHeader: A header is older than the one before it, or has fewer fields.
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
        MalformedLink: A link is none, or says what no header can have.
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
"""A chain in both forms; reading also raises `ChainTooLong` where it has more than `MAX_LINKS`."""


def _named(header: Header) -> Named:
    fields = rlp.decode(header.named())
    return [field for field in fields if isinstance(field, bytes)]


def _write_link(window: Sequence[Named], fields: Named) -> bytes:
    before = window[-1]
    seconds = int.from_bytes(fields[_TIME], "big") - int.from_bytes(before[_TIME], "big")
    if seconds < 0 or len(fields) < len(before):
        raise MalformedHeader(reason="it is older, or has fewer fields, than the one before it")
    link: list[rlp.Encodable] = [rlp.minimal_bytes(seconds)]
    for place, value in enumerate(fields):
        if place in (_PARENT, _NUMBER, _TIME) or before[place : place + 1] == [value]:
            continue
        back = next((ago for ago in range(2, len(window) + 1) if window[-ago][place : place + 1] == [value]), None)
        link += [rlp.minimal_bytes(place), value if back is None else [rlp.minimal_bytes(back)]]
    return rlp.encode(link)


def _read_link(window: Sequence[Named], link: bytes, parent: bytes) -> Named:
    """Put the header together that a link leads to.

    Raises:
        MalformedRlp: It leads to none.
    """
    items = rlp.decode(link)
    if isinstance(items, bytes) or len(items) % 2 == 0:
        raise MalformedRlp(reason="needed a list of seconds, and of places and values in pairs")
    fields = window[-1].copy()
    last = -1
    for at, value in zip(items[1::2], items[2::2], strict=True):
        place = rlp.parse_number(at, max_bytes=1)
        if place <= last or place in (_PARENT, _NUMBER, _TIME) or place > len(fields) or place >= _MAX_FIELDS:
            raise MalformedRlp(reason=f"the place {place} is out of order, of a field that follows, or of none")
        fields[place : place + 1] = [value if isinstance(value, bytes) else _look_back(window, value, place)]
        last = place
    fields[_PARENT] = parent
    fields[_NUMBER] = _add(fields[_NUMBER], 1)
    fields[_TIME] = _add(fields[_TIME], rlp.parse_number(items[0], max_bytes=8))
    return fields


def _look_back(window: Sequence[Named], value: list[rlp.Item], place: int) -> bytes:
    blocks = rlp.parse_number(value[0], max_bytes=1) if len(value) == 1 else 0
    if not 2 <= blocks <= len(window) or place >= len(window[-blocks]):
        raise MalformedRlp(reason=f"the field at {place} is to be taken from where no header is")
    return window[-blocks][place]


def _add(number: bytes, more: int) -> bytes:
    return rlp.minimal_bytes(int.from_bytes(number, "big") + more)
