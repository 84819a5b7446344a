from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from aeo_ledger.errors import MalformedDocument
from aeo_ledger.primitives.documents import MAX_DEPTH, Fields, Value, parse_json

SAMPLE: dict[str, Value] = {
    "text": "abc",
    "number": 7,
    "flag": True,
    "hex": "0x0102",
    "bytes": b"\1\2",
    "items": ["a", "b"],
    "inner": {"x": 1},
    "inners": [{"x": 1}, {"x": 2}],
}


def fields(*, text_only: bool = True) -> Fields:
    return Fields(SAMPLE, document="sample", text_only=text_only)


def test_values_of_their_type_and_bound_are_read() -> None:
    there = fields()
    assert "text" in there
    assert "other" not in there
    assert there.text("text", 3) == "abc"
    assert there.number("number", 7) == 7
    assert there.choice("text", {"abc": 9}) == 9
    assert there.binary("hex", 2) == b"\1\2"
    assert fields(text_only=False).binary("bytes", 2) == b"\1\2"
    assert there.texts("items", 2, 1) == ("a", "b")
    assert there.object("inner").number("x", 1) == 1
    assert [inner.number("x", 2) for inner in there.objects("inners", 2)] == [1, 2]
    assert len(there.keys(8)) == 8


@pytest.mark.parametrize(
    ("read", "at"),
    [
        (lambda f: f.text("text", 2), "text"),
        (lambda f: f.text("number", 9), "number"),
        (lambda f: f.number("number", 6), "number"),
        (lambda f: f.number("flag", 6), "flag"),
        (lambda f: f.number("text", 6), "text"),
        (lambda f: f.choice("text", {"x": 1}), "text"),
        (lambda f: f.choice("items", {"x": 1}), "items"),
        (lambda f: f.binary("hex", 3), "hex"),
        (lambda f: f.binary("text"), "text"),
        (lambda f: f.binary("bytes"), "bytes"),
        (lambda f: f.binaries("items", 2), "items[0]"),
        (lambda f: f.texts("items", 1, 1), "items"),
        (lambda f: f.texts("items", 2, 0), "items"),
        (lambda f: f.texts("inner", 2, 1), "inner"),
        (lambda f: f.object("items"), "items"),
        (lambda f: f.object("inner").number("x", 0), "inner.x"),
        (lambda f: [inner.number("x", 1) for inner in f.objects("inners", 2)], "inners[1].x"),
        (lambda f: list(f.objects("inners", 1)), "inners"),
        (lambda f: f.keys(7), ""),
    ],
)
def test_others_are_refused_with_their_place(read: Callable[[Fields], Any], at: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        read(fields())
    assert (refusal.value.document, refusal.value.at) == ("sample", at)
    assert str(refusal.value).startswith(f"sample at {at}:" if at else "sample:")


def test_where_bytes_can_be_written_hexadecimal_text_is_none() -> None:
    for key in ("hex", "number", "items"):
        with pytest.raises(MalformedDocument):
            fields(text_only=False).binary(key)
    with pytest.raises(MalformedDocument):
        fields(text_only=False).binary("bytes", 3)


def test_a_document_has_exactly_its_keys() -> None:
    inner = fields().object("inner")
    inner.demand(("x",))
    inner.demand((), optional=("x", "y"))
    with pytest.raises(MalformedDocument) as refusal:
        inner.demand(("y", "z"))
    assert refusal.value.reason == "lacks y, z; has unknown keys 'x'"


def test_what_is_quoted_in_an_error_is_short() -> None:
    for value in ("x" * 10_000, b"x" * 10_000, ["x"] * 10_000, {"x": ["x"] * 10_000}, 10**4_000):
        with pytest.raises(MalformedDocument) as refusal:
            Fields({"key": value}, document="sample").choice("key", {"a": 1})  # type: ignore[dict-item]
        assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("value", [[], "x", 1, None, {1: 2}])
def test_only_an_object_has_fields(value: Any) -> None:
    with pytest.raises(MalformedDocument):
        Fields(value, document="sample")


def test_json_is_read_strictly() -> None:
    assert parse_json('{"a": [1, "b", null, true]}', document="it", max_bytes=100) == {"a": [1, "b", None, True]}
    for text, reason in {
        '{"a": 1, "a": 1}': "a key stands twice in one object",
        "1.0": "found the number 1.0, needed whole ones",
        "Infinity": "found the number Infinity, needed whole ones",
    }.items():
        with pytest.raises(MalformedDocument) as refusal:
            parse_json(text, document="it", max_bytes=100)
        assert refusal.value.reason == reason
    with pytest.raises(MalformedDocument) as refusal:
        parse_json("[" * 9, document="it", max_bytes=8)
    assert refusal.value.reason == "9 bytes, at most 8 are read"


def test_depth_is_bounded_whatever_the_interpreter_would_bear() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        for opening in ("[", '{"a":', '["\\"[",'):
            with pytest.raises(MalformedDocument) as refusal:
                parse_json(opening * 200_000, document="it", max_bytes=1 << 24)
            assert refusal.value.reason == f"nested deeper than {MAX_DEPTH}"
    finally:
        sys.setrecursionlimit(limit)
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(deepest, document="it", max_bytes=100)
    flat = "[" + ",".join(['{"[[[": "{{{\\"[["}'] * 40) + "]"
    assert parse_json(flat, document="it", max_bytes=10_000)


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"' * 1_000_000, "\\" * 1_000_000])
def test_a_text_made_to_be_slow_is_refused_at_once(text: str) -> None:
    with pytest.raises(MalformedDocument):
        parse_json(text, document="it", max_bytes=1 << 24)
