from __future__ import annotations

from dataclasses import replace
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import SNAPSHOT_FORM, Snapshot
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.evidence.snapshot import FORMAT, MAX_BYTES, MAX_NODES
from aeo_ledger.primitives.hashes import keccak256


def row(*parts: str) -> bytes:
    return b"".join(keccak256(part.encode()) for part in parts)


ONE, TWO = sorted([row("a", "word"), row("b", "word")])
FIRST, SECOND = sorted([row("x", "record", "head"), row("y", "record", "head")])
SNAPSHOT = Snapshot(
    header=b"header", nodes=(b"node", b"other"), consortium=ONE + TWO, registers=b"", standings=FIRST + SECOND
)


def test_it_survives_the_wire() -> None:
    assert SNAPSHOT_FORM.decode_cbor(SNAPSHOT_FORM.encode_cbor(SNAPSHOT)) == SNAPSHOT


def test_what_a_reader_with_any_cbor_library_sees() -> None:
    assert cbor2.loads(SNAPSHOT_FORM.encode_cbor(SNAPSHOT)) == {
        "format": FORMAT,
        "header": b"header",
        "nodes": [b"node", b"other"],
        "consortium": ONE + TWO,
        "registers": b"",
        "standings": FIRST + SECOND,
    }


@pytest.mark.parametrize(
    ("altered", "at", "reason"),
    [
        ({"consortium": ONE + TWO[:-1]}, "consortium", "127 bytes, needed rows of 64"),
        ({"standings": FIRST + SECOND + b"\0"}, "standings", "193 bytes, needed rows of 96"),
        ({"consortium": TWO + ONE}, "consortium[1]", "out of order, or repeated"),
        ({"registers": ONE + ONE}, "registers[1]", "out of order, or repeated"),
        ({"standings": SECOND + FIRST}, "standings[1]", "out of order, or repeated"),
        ({"standings": FIRST + FIRST}, "standings[1]", "out of order, or repeated"),
        ({"consortium": ONE + ONE[:32] + row("another")}, "consortium[1]", "out of order, or repeated"),
        ({"registers": ONE[:32] + bytes(32)}, "registers[0]", "a word of 0, which the ledger does not store"),
        (
            {"standings": FIRST[:32] + bytes(32) + FIRST[64:]},
            "standings[0]",
            "a word of 0, which the ledger does not store",
        ),
        ({"standings": FIRST[:64] + bytes(32)}, "standings[0]", "a word of 0, which the ledger does not store"),
        ({"header": bytes(MAX_HEADER_BYTES + 1)}, "header", f"{MAX_HEADER_BYTES + 1} bytes"),
        ({"nodes": (b"",) * (MAX_NODES + 1)}, "nodes", f"at most {MAX_NODES}"),
    ],
)
def test_rows_have_one_form(altered: dict[str, Any], at: str, reason: str) -> None:
    data = SNAPSHOT_FORM.encode_cbor(replace(SNAPSHOT, **altered))
    with pytest.raises(MalformedDocument) as refusal:
        SNAPSHOT_FORM.decode_cbor(data)
    assert refusal.value.at == at
    assert reason in str(refusal.value)


def test_another_format_or_key_is_refused() -> None:
    document = cbor2.loads(SNAPSHOT_FORM.encode_cbor(SNAPSHOT))
    for altered in (
        document | {"format": "aeo-ledger/snapshot/2"},
        document | {"more": b""},
        {key: value for key, value in document.items() if key != "registers"},
        document | {"standings": "text"},
        document | {"nodes": b"node"},
        list(document),
    ):
        with pytest.raises(MalformedDocument):
            SNAPSHOT_FORM.decode_cbor(cbor2.dumps(altered, canonical=True))


def test_what_is_too_large_is_refused_unread() -> None:
    with pytest.raises(MalformedDocument) as refusal:
        SNAPSHOT_FORM.decode_cbor(bytes(MAX_BYTES + 1))
    assert f"at most {MAX_BYTES}" in str(refusal.value)


def test_what_announces_more_than_it_has_is_refused() -> None:
    with pytest.raises(MalformedDocument):
        SNAPSHOT_FORM.decode_cbor(b"\xa6" + cbor2.dumps("format") + b"\x7b" + b"\xff" * 8)


@given(st.integers(0, len(SNAPSHOT_FORM.encode_cbor(SNAPSHOT)) - 1))
def test_cut_anywhere_it_is_malformed(length: int) -> None:
    with pytest.raises(MalformedDocument):
        SNAPSHOT_FORM.decode_cbor(SNAPSHOT_FORM.encode_cbor(SNAPSHOT)[:length])
