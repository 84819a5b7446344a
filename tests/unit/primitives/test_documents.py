from __future__ import annotations

import codecs
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.primitives import documents
from aeo_ledger.primitives.documents import (
    MAX_DEPTH,
    Fields,
    Value,
    decode_text,
    is_json,
    parse_json,
    parse_toml,
    within,
)
from support.hostile_server import brackets, nested_lists, nested_objects

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
def test_wrong_values_are_refused_with_their_place(read: Callable[[Fields], Any], at: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        read(fields())
    assert (refusal.value.document, refusal.value.at) == ("sample", at)
    assert str(refusal.value).startswith(f"sample at {at}:" if at else "sample:")


def test_hexadecimal_text_is_refused_where_the_form_has_bytes() -> None:
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
    quoted: tuple[Value, ...] = ("x" * 10_000, b"x" * 10_000, ["x"] * 10_000, {"x": ["x"] * 10_000}, 10**4_000)
    for value in quoted:
        with pytest.raises(MalformedDocument) as refusal:
            Fields({"key": value}, document="sample").choice("key", {"a": 1})
        assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("value", [[], "x", 1, None, {1: 2}])
def test_only_an_object_has_fields(value: Any) -> None:
    with pytest.raises(MalformedDocument):
        Fields(value, document="sample")


def test_json_is_read_strictly() -> None:
    assert parse_json('{"a": [1, "b", null, true]}', document="it", max_bytes=100, fractions=True) == {
        "a": [1, "b", None, True]
    }
    for text, reason in {
        '{"a": 1, "a": 1}': "the key 'a' appears twice in one object",
        "1.0": "found the number 1.0, needed whole numbers",
        "Infinity": "found the number Infinity, needed whole numbers",
    }.items():
        with pytest.raises(MalformedDocument) as refusal:
            parse_json(text, document="it", max_bytes=100)
        assert refusal.value.reason == reason
    with pytest.raises(MalformedDocument) as refusal:
        parse_json("[" * 9, document="it", max_bytes=8)
    assert refusal.value.reason == "9 bytes, at most 8 are read"


HALVES = ['"\\ud800"', '"\\udfff"', '{"\\ud800": 1}', '["a", {"b": "x\\udc00\\ud800"}]', '"\\uD83D"']


@pytest.mark.parametrize("text", HALVES)
@pytest.mark.parametrize("read", [parse_json, partial(parse_json, fractions=True)])
def test_half_of_a_character_is_refused(read: Callable[..., Any], text: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        read(text.encode(), document="it", max_bytes=100)
    assert refusal.value.reason == "a text holds half of a character (a lone surrogate)"


def test_a_whole_character_may_be_written_as_two_halves() -> None:
    assert parse_json(r'"\ud83d\ude00 \\ud800"', document="it", max_bytes=100) == "\U0001f600 \\ud800"


def test_fractions_are_allowed_in_a_message_and_nothing_else_changes() -> None:
    assert parse_json(b'{"waited_s": 1.5, "limit": 10}', document="it", max_bytes=100, fractions=True) == {
        "waited_s": 1.5,
        "limit": 10,
    }
    for text, reason in {
        '{"a": 1, "b": 2, "b": 1}': "the key 'b' appears twice in one object",
        "1e999": "found the number 1e999, needed whole numbers",
        "NaN": "found the number NaN, needed whole numbers",
        "-Infinity": "found the number -Infinity, needed whole numbers",
        "[" * 99: f"nested deeper than {MAX_DEPTH}",
    }.items():
        with pytest.raises(MalformedDocument) as refusal:
            parse_json(text, document="it", max_bytes=100, fractions=True)
        assert refusal.value.reason == reason


def test_one_repeated_key_among_many_is_refused_quickly() -> None:
    text = "{" + ",".join(f'"{place}":1' for place in range(100_000)) + ',"99999":2}'
    with pytest.raises(MalformedDocument, match="the key '99999' appears twice"):
        parse_json(text, document="it", max_bytes=1 << 24)


@pytest.mark.parametrize("text", ['{"a": "ü"}', '  {"a": "ü"}'])
def test_a_byte_order_mark_is_ignored(text: str) -> None:
    marked = codecs.BOM_UTF8 + text.encode()
    assert parse_json(marked, document="it", max_bytes=100) == parse_json(text, document="it", max_bytes=100)
    assert is_json(marked)
    assert is_json(text.encode())


def test_another_encoding_is_named() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        data = "\ufeff{}".encode(encoding)
        assert is_json(data)
        with pytest.raises(MalformedDocument, match="found UTF-16, needed UTF-8"):
            parse_json(data, document="it", max_bytes=100)
    with pytest.raises(MalformedDocument, match="byte 1 is not UTF-8"):
        decode_text("aü".encode("cp1251", "replace")[:1] + b"\xfc", document="it")
    assert not is_json(b"\xa1")


def test_depth_is_bounded_whatever_the_interpreter_allows() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        for opening in ("[", '{"a":', '["\\"[",'):
            with pytest.raises(MalformedDocument) as refusal:
                parse_json(opening * 60_000, document="it", max_bytes=1 << 24)
            assert refusal.value.reason == f"nested deeper than {MAX_DEPTH}"
    finally:
        sys.setrecursionlimit(limit)
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(deepest, document="it", max_bytes=100)
    flat = "[" + ",".join(['{"[[[": "{{{\\"[["}'] * 40) + "]"
    assert parse_json(flat, document="it", max_bytes=10_000)


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"' * 1_000_000, "\\" * 1_000_000])
def test_a_text_made_to_be_slow_is_refused_quickly(text: str) -> None:
    with pytest.raises(MalformedDocument):
        parse_json(text, document="it", max_bytes=1 << 24)


# ---- what a document may cost ----

SIXTEEN_MIB = 1 << 24


@pytest.mark.parametrize(
    "text",
    [
        nested_objects(SIXTEEN_MIB),
        nested_lists(SIXTEEN_MIB),
        brackets(SIXTEEN_MIB),
        b'"' * SIXTEEN_MIB,
        b"[" + b'{"a":0},' * (SIXTEEN_MIB // 8) + b"0]",
        b"[" + b"1000," * (SIXTEEN_MIB // 5) + b"0]",
        b'["' + b"a" * SIXTEEN_MIB + "😀".encode() + b'"]',
        b"[" + b"9" * 4_000 + b"]",
    ],
    ids=["objects", "lists", "brackets", "quotes", "small objects", "numbers", "one wide letter", "a long number"],
)
def test_a_document_made_to_be_expensive_is_refused_before_it_is_parsed(text: bytes) -> None:
    """Nested objects took 37 times their bytes, and brackets a second for four megabytes."""
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(MalformedDocument):
            parse_json(text, document="it", max_bytes=1 << 25)
        assert time.process_time() - started < 1
        assert tracemalloc.get_traced_memory()[1] < 3 * SIXTEEN_MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("unit", ['{"":0},', "[[]],", '"ab",', "1000,", '[{"a":{"b":[]}}],'])
def test_the_counted_memory_is_at_least_the_memory_used(unit: str) -> None:
    """The largest document that is still read takes what it may take, and not several times as much."""
    most = 1 << 22
    cost = sum(unit.count(sign) * bytes_taken for sign, bytes_taken in documents._COST.items())
    text = "[" + unit * (most // cost - 2) + "0]"
    tracemalloc.start()
    try:
        assert parse_json(text, document="it", max_bytes=1 << 24, max_memory=most)
        assert tracemalloc.get_traced_memory()[1] < 1.25 * most
    finally:
        tracemalloc.stop()
    with pytest.raises(MalformedDocument, match="would take more than"):
        parse_json(text, document="it", max_bytes=1 << 24, max_memory=most - 3 * cost)


def test_keys_that_are_all_different_are_counted_too() -> None:
    text = "{" + ",".join(f'"{place}":0' for place in range(15_000)) + "}"
    tracemalloc.start()
    try:
        parse_json(text, document="it", max_bytes=1 << 24, max_memory=1 << 22)
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()


def test_the_largest_evidence_is_read() -> None:
    """Ten thousand questions and two hundred thousand nodes, DESIGN section 5."""
    question = {"tin": "BY511125808", "recogniser": "CN", "direction": "import", "role": "carrier", "type": "3"}
    nodes = [f"0x{place:064x}" for place in range(200_000)]
    text = json.dumps({"questions": [question | {"register": "BY", "on": 1_700_000_000}] * 10_000, "nodes": nodes})
    assert parse_json(text, document="it", max_bytes=1 << 26)


def test_fractions_are_read_where_they_are_asked_for() -> None:
    assert parse_json("[1.5, 2, -1e3]", document="it", max_bytes=99, fractions=True) == [1.5, 2, -1000.0]
    for text in ("1e999", "-1e999", "NaN", "Infinity"):
        with pytest.raises(MalformedDocument):
            parse_json(text, document="it", max_bytes=99, fractions=True)


def test_an_error_inside_a_place_names_the_place() -> None:
    with pytest.raises(MalformedDocument) as refusal, within("questions[3]"):
        parse_json("{", document="it", max_bytes=99)
    assert refusal.value.place == "questions[3]"
    assert MalformedDocument("it", "", "").place == ""
    with pytest.raises(KeyError), within("questions[3]"):  # what is no error of ours is left alone
        raise KeyError


# ---- TOML


def toml(text: str | bytes) -> dict[str, Any]:
    return parse_toml(text, document="profile", max_bytes=1 << 20)


def test_toml_is_read_however_its_lines_end() -> None:
    lines = ("a = 1", 'b.c = """', 'x"""""', "[d]", "e = '2.5'  # v.e.r.y.")
    for end in ("\n", "\r\n", "\r"):
        assert toml("\ufeff".encode() + end.join(lines).encode()) == {"a": 1, "b": {"c": 'x""'}, "d": {"e": "2.5"}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.b = 1\n" + "a." * 17 + "b = 1", "a line has more than 16 dots outside texts"),
        ("[" + "a." * 20_000 + "b]", "a line has more than 16 dots outside texts"),
        ('"a".' * 17 + "b = 1", "a line has more than 16 dots outside texts"),
        ('x = [ """a"""", {' + "a." * 17 + 'a=1}, "z" ]', "a line has more than 16 dots outside texts"),
        ("x = [ '''a''''', {" + "a." * 17 + "a=1}, 'z' ]", "a line has more than 16 dots outside texts"),
        ('x = "\\\\"\n' + "a." * 17 + 'b = "1"', "a line has more than 16 dots outside texts"),
        ('x = 1 # "\n' + "a." * 17 + 'b = 1 # "', "a line has more than 16 dots outside texts"),
        ("[a]\n" * 70_000, "its values would take more than 67108864 bytes of memory"),
        ("x = [" + "{a=1},\n" * 140_000 + "]", "its values would take more than 67108864 bytes of memory"),
        ("a = " + "1" * 5_000, "a number has more than 80 digits"),
        ("a = 0x" + "f" * 5_000, "a number has more than 80 digits"),
        ("a = " + "[" * 17 + "]" * 17, "nested deeper than 16"),
        ("a = " + "{b = " * 20_000, "nested deeper than 16"),
        ("a = 2021-02-30", "it is not TOML: Invalid date or datetime"),
        ('a = """', "it is not TOML: "),
        ("a = 1\na = 2", "it is not TOML: Cannot overwrite a value"),
        (b"a = '\xff'", "byte 5 is not UTF-8"),
        ("#" * (1 << 20) + "#", "1048577 bytes, at most 1048576 are read"),
    ],
)
def test_toml_that_costs_too_much_or_is_none_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(MalformedDocument) as refused:
        toml(text)
    assert refused.value.reason.startswith(reason)


def test_texts_and_remarks_of_toml_may_say_anything() -> None:
    said = "v.e.r.y. [l.o.n.g.] 0123456789" * 20
    text = f'a = "{said}" # {said}\nb = \'{said}\'\nc = """\n{said}\n"{said}""""\nd = \'\'\'{said}\'\'\'\n'
    assert toml(text) == {"a": said, "b": said, "c": f'{said}\n"{said}"', "d": said}


@pytest.mark.parametrize(
    "line",
    ["[a{0}" + ".a" * 16 + "]\n", "a{0}" + ".a" * 16 + " = 1\n", "[a{0}]\n", "a{0} = 1\n", "x{0} = [{{a.b=1}},[],1]\n"],
)
def test_the_memory_for_toml_is_counted_well(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    text = "".join(line.format(number) for number in range(2_000))
    tracemalloc.start()
    toml(text)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    monkeypatch.setattr(documents, "MAX_MEMORY", taken * 2 // 3)
    with pytest.raises(MalformedDocument, match="its values would take more than"):
        toml(text)
