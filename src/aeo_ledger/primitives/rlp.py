"""Recursive Length Prefix (RLP), the encoding of headers and trie nodes, read strictly.

Each item has exactly one accepted encoding. Two encodings of one header would give one block two hashes. All hand-written
RLP of this project is here. `chain`, and the part of `audit` that executes blocks, use their engine's own RLP instead, so
that a bug here cannot confirm itself.

Source: Ethereum Yellow Paper, appendix B.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from aeo_ledger.errors.primitives import MalformedRlp

Item: TypeAlias = bytes | list["Item"]
"""Result of `decode`: bytes, or a list of items."""

Encodable: TypeAlias = bytes | Sequence["Encodable"]
"""Input of `encode`: bytes, or a sequence of encodables."""

MAX_DEPTH = 32
"""How deep lists may nest. A block needs 6, an embedded trie node fewer than 16. More is an attack on the reader's stack."""

MAX_SIZE = 1 << 24
"""Most bytes of one encoding. No block comes near this."""

_BYTES: Final = tuple(bytes((byte,)) for byte in range(0x100))
"""Each single byte, indexed by its number."""


def encode(item: Encodable) -> bytes:
    """Encode bytes, or a sequence of encodables, in the one canonical form."""
    return encode_bytes(item) if isinstance(item, bytes) else encode_list(b"".join(map(encode, item)))


def encode_bytes(data: bytes) -> bytes:
    """Encode bytes."""
    length = len(data)
    if 1 < length < 56:  # most of what is encoded
        return _BYTES[0x80 + length] + data
    return data if length == 1 and data[0] < 0x80 else _head(length, 0x80) + data


def encode_list(payload: bytes) -> bytes:
    """Make a list from `payload`, which holds encoded items one after the other."""
    return _head(len(payload), 0xC0) + payload


def decode(data: bytes) -> Item:
    """Decode exactly one item; nothing may follow it.

    Raises:
        MalformedRlp: The data is empty, cut short, too long, too deep, not canonical, or continues after the item.
    """
    if 3 <= len(data) <= 56 and data[0] == 0x7F + len(data):  # the most common case: short bytes and nothing else
        return data[1:]
    if len(data) > MAX_SIZE:
        raise MalformedRlp(reason=f"{len(data)} bytes, at most {MAX_SIZE} are read")
    items = _items(data, 0, len(data), 0)
    if len(items) != 1:
        raise MalformedRlp(reason=f"found {len(items)} items, needed 1")
    return items[0]


def minimal_bytes(number: int) -> bytes:
    """Encode a number from 0 as RLP does: big-endian, without leading zeros; zero is no bytes."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def parse_number(item: Item, *, max_bytes: int = 32) -> int:
    """Read a number that RLP carries.

    Raises:
        MalformedRlp: The item is a list, begins with a zero byte, or is longer than `max_bytes`.
    """
    if isinstance(item, list) or len(item) > max_bytes or item[:1] == b"\0":
        raise MalformedRlp(reason=f"needed a number of at most {max_bytes} bytes without leading zeros")
    return int.from_bytes(item, "big")


def read_list_head(read: Callable[[int], bytes]) -> tuple[bytes, int] | None:
    """Read the head of the next list from a stream of lists.

    Args:
        read: Reads the given number of bytes, or fewer at the end of the stream.

    Returns:
        The head as read, and how many bytes of the list follow it; None at the end of the stream.

    Raises:
        MalformedRlp: The next item is not a list.
    """
    first = read(1)
    if not first:
        return None
    if first[0] < 0xC0:
        raise MalformedRlp(reason="not a list")
    if first[0] <= 0xF7:
        return first, first[0] - 0xC0
    size = read(first[0] - 0xF7)
    return first + size, int.from_bytes(size, "big")


def _head(length: int, offset: int) -> bytes:
    """Write the head of a payload of the given length. The offset is 0x80 for bytes and 0xC0 for a list."""
    if length < 56:
        return _BYTES[offset + length]
    size = _BYTES[length] if length < 0x100 else minimal_bytes(length)
    return _BYTES[offset + 55 + len(size)] + size


def _items(data: bytes, at: int, end: int, depth: int) -> list[Item]:
    """Decode the items that fill data from `at` to `end`."""
    if depth > MAX_DEPTH:
        raise MalformedRlp(reason=f"nested deeper than {MAX_DEPTH} lists")
    items: list[Item] = []
    while at < end:
        prefix = data[at]
        at += 1
        if prefix < 0x80:
            items.append(data[at - 1 : at])
            continue
        if prefix <= 0xB7:
            stop = at + prefix - 0x80
        elif prefix < 0xC0:
            at, stop = _long(data, at, prefix - 0xB7)
        elif prefix <= 0xF7:
            stop = at + prefix - 0xC0
        else:
            at, stop = _long(data, at, prefix - 0xF7)
        if stop > end:
            raise MalformedRlp(reason=f"an item ends {stop - end} bytes after the list that holds it")
        if prefix >= 0xC0:
            items.append(_items(data, at, stop, depth + 1))
        elif prefix == 0x81 and data[at] < 0x80:
            raise MalformedRlp(reason="a single byte below 128 has a length prefix")
        else:
            items.append(data[at:stop])
        at = stop
    return items


def _long(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Read a length of `size` bytes; return the start and end of its item."""
    length = int.from_bytes(data[at : at + size], "big")
    if length < 56 or data[at] == 0:
        raise MalformedRlp(reason="a length is not in its shortest form")
    return at + size, at + size + length
