from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.evidence import HeaderUnsealed, MalformedHeader
from aeo_ledger.evidence import decode_header
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from support.sealing import KEYS, UNSEALED, seal

SEALED = seal(replace(UNSEALED, round=2), *KEYS[:3])
ENCODED = SEALED.encode()
FIELDS = rlp.decode(ENCODED)
assert isinstance(FIELDS, list)
EXTRA_DATA = rlp.decode(FIELDS[12]) if isinstance(FIELDS[12], bytes) else []
assert isinstance(EXTRA_DATA, list)


def with_field(at: int, item: rlp.Encodable) -> bytes:
    return rlp.encode([*FIELDS[:at], item, *FIELDS[at + 1 :]])


def with_extra(at: int, item: rlp.Encodable) -> bytes:
    return with_field(12, rlp.encode([*EXTRA_DATA[:at], item, *EXTRA_DATA[at + 1 :]]))


@given(
    number=st.integers(0, 2**64 - 1),
    round_=st.integers(0, 2**32 - 1),
    vanity=st.binary(max_size=64),
    listed=st.lists(st.binary(min_size=20, max_size=20), max_size=5),
    vote=st.sampled_from([(), (bytes(20), b"\xff"), (bytes(20), b""), (bytes(20), b"\0")]),
    later=st.lists(st.binary(max_size=32), max_size=6),
)
def test_what_is_encoded_is_read_back(
    number: int, round_: int, vanity: bytes, listed: list[bytes], vote: tuple[bytes, ...], later: list[bytes]
) -> None:
    header = replace(
        SEALED,
        number=number,
        round=round_,
        vanity=vanity,
        listed_validators=tuple(listed),
        vote=vote,
        later_fields=tuple(later),
    )
    assert decode_header(header.encode()) == header


def test_a_header_has_three_forms() -> None:
    stored, signed, named = SEALED, replace(SEALED, seals=()), replace(SEALED, seals=(), round=0)
    assert SEALED.seal_digest() == keccak256(signed.encode())
    assert SEALED.hash() == keccak256(named.encode())
    assert len({stored.encode(), signed.encode(), named.encode()}) == 3


def test_neither_round_nor_seals_make_another_block() -> None:
    assert replace(SEALED, round=5, seals=SEALED.seals[:1]).hash() == SEALED.hash()
    assert replace(SEALED, round=5).seal_digest() != SEALED.seal_digest()
    assert replace(SEALED, vanity=b"other").hash() != SEALED.hash()


def test_a_genesis_is_hashed_as_it_is() -> None:
    genesis = replace(SEALED, number=0)
    assert genesis.hash() == keccak256(genesis.encode())


@given(at=st.integers(0, len(ENCODED) - 1), flip=st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_another_header(at: int, flip: int) -> None:
    altered = ENCODED[:at] + bytes([ENCODED[at] ^ flip]) + ENCODED[at + 1 :]
    try:
        header = decode_header(altered)
    except MalformedHeader:
        return
    assert header != SEALED
    assert header.encode() == altered


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "RLP: found 0 items, needed 1"),
        (ENCODED[:-1], "RLP: an item ends 1 bytes after the list that holds it"),
        (ENCODED + b"\0", "RLP: found 2 items, needed 1"),
        (b"\x80", "needed a list of 15 fields or a few more"),
        (rlp.encode(FIELDS[:14]), "needed a list of 15 fields or a few more"),
        (rlp.encode([*FIELDS, *[b""] * 18]), "needed a list of 15 fields or a few more"),
        (rlp.encode([*FIELDS, []]), "later field: found a list, needed bytes"),
        (with_field(0, bytes(31)), "parent hash: found 31 bytes, needed 32"),
        (with_field(2, bytes(21)), "coinbase: found 21 bytes, needed 20"),
        (with_field(3, []), "state root: found a list, needed bytes"),
        (with_field(6, bytes(255)), "bloom: found 255 bytes, needed 256"),
        (with_field(8, b"\0\7"), "RLP: needed a number of at most 8 bytes without leading zeros"),
        (with_field(11, bytes([1] * 9)), "RLP: needed a number of at most 8 bytes without leading zeros"),
        (with_field(12, []), "extra data: found a list, needed bytes"),
        (with_field(12, bytes(32)), "RLP: found 32 items, needed 1"),
        (with_field(12, b"\x80"), "extra data: needed a list of 5 items"),
        (with_field(12, rlp.encode(EXTRA_DATA[:4])), "extra data: needed a list of 5 items"),
        (with_field(12, rlp.encode([*EXTRA_DATA, b""])), "extra data: needed a list of 5 items"),
        (with_field(12, rlp.encode(EXTRA_DATA) + b"\0"), "RLP: found 2 items, needed 1"),
        (with_field(13, b""), "mix hash: found 0 bytes, needed 32"),
        (with_field(14, bytes(9)), "nonce: found 9 bytes, needed 8"),
        (with_extra(0, []), "vanity: found a list, needed bytes"),
        (with_extra(1, b""), "listed validators: found bytes, needed a list"),
        (with_extra(1, [bytes(19)]), "listed validator: found 19 bytes, needed 20"),
        (with_extra(2, b""), "vote: needed an empty list, or an address and a kind"),
        (with_extra(2, [bytes(20)]), "vote: needed an empty list, or an address and a kind"),
        (with_extra(2, [bytes(19), b"\xff"]), "vote's address: found 19 bytes, needed 20"),
        (with_extra(3, b"\0"), "RLP: needed a number of at most 4 bytes without leading zeros"),
        (with_extra(3, bytes([1] * 5)), "RLP: needed a number of at most 4 bytes without leading zeros"),
        (with_extra(4, b""), "commit seals: found bytes, needed a list"),
        (with_extra(4, [SEALED.seals[0][:64]]), "commit seal: found 64 bytes, needed 65"),
        (with_extra(4, [SEALED.seals[0] + b"\0"]), "commit seal: found 66 bytes, needed 65"),
        (bytes(MAX_HEADER_BYTES + 1), f"{MAX_HEADER_BYTES + 1} bytes, at most {MAX_HEADER_BYTES} are read"),
    ],
)
def test_another_shape_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedHeader) as refusal:
        decode_header(data)
    assert refusal.value.reason == reason


def test_a_header_without_extra_data_is_unsealed() -> None:
    with pytest.raises(HeaderUnsealed) as unsealed:
        decode_header(with_field(12, b""))
    assert unsealed.value.number == SEALED.number
