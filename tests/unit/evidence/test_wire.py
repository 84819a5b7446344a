from __future__ import annotations

import json
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.customs import MalformedTin
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.evidence.question import AliasQuestion
from support.samples import FULL, SHORT

EVIDENCE = Evidence(questions=(SHORT, FULL), header=b"\xf9header", nodes=(b"", b"node", bytes(300)))
DOCUMENT: dict[str, Any] = json.loads(EVIDENCE_FORM.encode_json(EVIDENCE))
ABOUT_ALIAS = AliasQuestion(
    alias=AliasCode(AliasKind.MID, "BYMINTRA12MIN"), recogniser="CN", direction=Direction.IMPORT, role=Role.CARRIER
)
TRADERS = Evidence(
    questions=(ABOUT_ALIAS, SHORT, ABOUT_ALIAS),
    header=b"",
    nodes=(),
    traders={2: Tin("BY100000000"), 0: Tin("BY200988541")},
)
"""Evidence about two aliases, and about a TIN between them."""


def test_both_forms_hold_the_same() -> None:
    assert (
        EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(EVIDENCE))
        == EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(EVIDENCE))
        == EVIDENCE
    )
    assert EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(EVIDENCE).encode()) == EVIDENCE


def test_json_is_for_people() -> None:
    assert list(DOCUMENT) == ["format", "questions", "header", "nodes"]
    assert DOCUMENT["format"] == "aeo-ledger/recognition-evidence/1"
    assert DOCUMENT["header"] == "0xf9686561646572"
    assert DOCUMENT["questions"][0]["tin"] == "BY200988541"


def test_cbor_has_bytes_and_any_other_reader_reads_it() -> None:
    assert cbor2.loads(EVIDENCE_FORM.encode_cbor(EVIDENCE))["nodes"] == list(EVIDENCE.nodes)


@pytest.mark.parametrize(
    ("altered", "at"),
    [
        ({"format": "aeo-ledger/recognition-evidence/2"}, "format"),
        ({"format": None}, "format"),
        ({"history": []}, "history"),
        ({"history": None}, "history"),
        ({"history": {}}, "history"),
        ({"documents": []}, ""),
        ({"questions": []}, "questions"),
        ({"questions": {}}, "questions"),
        ({"questions": [[]]}, "questions[0]"),
        ({"questions": [{}]}, "questions[0]"),
        ({"header": "f9"}, "header"),
        ({"header": "0xf"}, "header"),
        ({"header": "0xfg"}, "header"),
        ({"header": 7}, "header"),
        ({"header": "0x" + "00" * 65_537}, "header"),
        ({"nodes": "0x00"}, "nodes"),
        ({"nodes": ["0x00", 1]}, "nodes[1]"),
        ({"nodes": ["0x00"] * 200_001}, "nodes"),
    ],
)
def test_json_of_another_form_is_refused(altered: dict[str, Any], at: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        EVIDENCE_FORM.decode_json(json.dumps(DOCUMENT | altered))
    assert (refusal.value.document, refusal.value.at) == ("evidence", at)
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize("key", ["format", "questions", "header", "nodes"])
def test_evidence_that_lacks_a_part_is_refused(key: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        EVIDENCE_FORM.decode_json(json.dumps({name: part for name, part in DOCUMENT.items() if name != key}))
    assert refusal.value.reason == f"lacks {key}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"format": 1, "format": 1}',
        "{}{}",
        "1e3",
        "NaN",
        '{"on": 1.0}',
        "[" * 100_000,
        b"\xff{}",
        "9" * 5_000,
    ],
)
def test_evidence_that_is_not_a_json_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(MalformedDocument):
        EVIDENCE_FORM.decode_json(text)


def test_traders_are_written_in_the_order_of_their_questions() -> None:
    named = json.loads(EVIDENCE_FORM.encode_json(TRADERS))["traders"]
    assert named == [{"question": 0, "tin": "BY200988541"}, {"question": 2, "tin": "BY100000000"}]
    assert EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(TRADERS)) == TRADERS
    assert EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(TRADERS)) == TRADERS


@pytest.mark.parametrize(
    ("places", "at"),
    [
        ([0, 0], "traders[1].question"),
        ([2, 0], "traders[1].question"),
        ([0, 2, 2], "traders[2].question"),
        ([1], "traders[0].question"),
        ([3], "traders[0].question"),
        ([0, 2, 2, 2], "traders"),
        ([], "traders"),
    ],
)
def test_a_trader_is_named_once_for_each_alias_and_in_order(places: list[int], at: str) -> None:
    """Else one document could be written in several ways, and two readers could take different traders from it."""
    document = json.loads(EVIDENCE_FORM.encode_json(TRADERS))
    document["traders"] = [{"question": place, "tin": "BY200988541"} for place in places]
    in_json, in_cbor = json.dumps(document), cbor2.dumps(document | {"header": b""}, canonical=True)
    for read in (lambda: EVIDENCE_FORM.decode_json(in_json), lambda: EVIDENCE_FORM.decode_cbor(in_cbor)):
        with pytest.raises(MalformedDocument) as refusal:
            read()
        assert (refusal.value.document, refusal.value.at) == ("evidence", at)


def test_a_malformed_tin_is_refused_in_either_form() -> None:
    wrong = DOCUMENT | {"questions": [DOCUMENT["questions"][0] | {"tin": "ВY200988541"}]}  # noqa: RUF001
    with pytest.raises(MalformedTin):
        EVIDENCE_FORM.decode_json(json.dumps(wrong))
    with pytest.raises(MalformedTin):
        EVIDENCE_FORM.decode_cbor(cbor2.dumps(wrong | {"header": b"", "nodes": []}, canonical=True))


def test_cbor_in_another_encoding_is_refused() -> None:
    value = cbor2.loads(EVIDENCE_FORM.encode_cbor(EVIDENCE))
    in_order = sorted(value, reverse=True)
    for other in (
        EVIDENCE_FORM.encode_cbor(EVIDENCE) + b"\0",
        EVIDENCE_FORM.encode_cbor(EVIDENCE)[:-1],
        cbor2.dumps({key: value[key] for key in in_order}),
        cbor2.dumps(value | {"nodes": ["0x00"]}, canonical=True),
        cbor2.dumps(value, canonical=True).replace(b"\x65nodes", b"\x78\x05nodes"),
        cbor2.dumps(cbor2.CBORTag(55799, value), canonical=True),
        b"",
    ):
        with pytest.raises(MalformedDocument):
            EVIDENCE_FORM.decode_cbor(other)


def test_evidence_beyond_its_bound_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EVIDENCE_FORM, "max_bytes", 100)
    for decode in (EVIDENCE_FORM.decode_json, EVIDENCE_FORM.decode_cbor):
        with pytest.raises(MalformedDocument) as refusal:
            decode(b"{" * 101)
        assert refusal.value.reason == "101 bytes, at most 100 are read"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for decode in (EVIDENCE_FORM.decode_json, EVIDENCE_FORM.decode_cbor):
        with pytest.raises(Malformed):
            decode(data)


@given(place=st.integers(0), value=st.integers(0, 255))
def test_cbor_that_is_read_is_written_back_the_same(place: int, value: int) -> None:
    data = bytearray(EVIDENCE_FORM.encode_cbor(EVIDENCE))
    data[place % len(data)] = value
    try:
        read = EVIDENCE_FORM.decode_cbor(bytes(data))
    except Malformed:
        return
    assert EVIDENCE_FORM.encode_cbor(read) == data
