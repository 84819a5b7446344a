"""What reaches a terminal prints, stands on one line, and shows whose words it is."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

import aeo_ledger.cli
from aeo_ledger.cli.main import app
from aeo_ledger.cli.screen import LONGEST_LINE, LONGEST_WORDS, escape, named, said, words_of, write_json
from aeo_ledger.errors import AeoLedgerError, Unavailable
from aeo_ledger.errors.cli import TermsDiffer
from aeo_ledger.errors.files import UnreadableFile
from aeo_ledger.errors.primitives import MalformedText

ANY_TEXT = st.text(alphabet=st.characters(), max_size=50)
"""Control characters, marks of direction and halves of characters included."""

DIRTY = {
    "erase and move": "a\x1b[2J\x1b[H",
    "one byte for escape and bracket": "a\x9b2J",
    "back over the line": "a\r\b",
    "lines": "a\nb\x0bc\x0cd\x85e\u2028f\u2029g",
    "bell and link": "\x07\x1b]8;;http://x\x07",
    "right to left": "\u202e\u2066\u200f",
    "nothing to see": "\u200b\u00ad\ufeff\u2060\u00a0",
    "half of a character": "\ud800",
    "tags": "\U000e0041",
}


@pytest.mark.parametrize("dirty", DIRTY.values(), ids=DIRTY.keys())
def test_what_does_not_print_is_shown_by_its_number(dirty: str) -> None:
    for shown in (escape(dirty), said(dirty), named(dirty), words_of(MalformedText("x", dirty, "y"))):
        assert shown.isprintable()
        assert "\\x" in shown or "\\u" in shown or "\\U" in shown or "\\n" in shown or "\\r" in shown


@pytest.mark.parametrize(
    "plain",
    [
        "T\u00fcrkiye",
        "\u0411\u0435\u043b\u0430\u0440\u0443\u0441\u044c",
        "\u4e2d\u56fd",
        "\u05d9\u05e9\u05e8\u05d0\u05dc",
        "a b-c (d): e",
    ],
)
def test_names_in_any_alphabet_are_shown_as_they_are(plain: str) -> None:
    assert escape(plain) == plain
    assert said(plain) == f'"{plain}"'


@given(ANY_TEXT)
def test_whatever_is_shown_prints_and_no_two_texts_are_shown_alike(text: str) -> None:
    assert escape(text).isprintable()
    assert named(text).isprintable()
    assert ast.literal_eval(said(text)) == text


@given(ANY_TEXT)
def test_nobody_closes_the_marks_around_his_words(text: str) -> None:
    shown = said(text)
    assert (shown[0], shown[-1]) == ('"', '"')
    assert '"' not in shown[1:-1].replace("\\\\", "").replace('\\"', "")


def test_long_words_are_cut() -> None:
    assert said("x" * LONGEST_WORDS) == f'"{"x" * LONGEST_WORDS}"'
    assert said("x" * (LONGEST_WORDS + 1)) == f'"{"x" * LONGEST_WORDS}..."'
    long = words_of(MalformedText("x", "y" * 100_000, "z"))
    assert len(long) < LONGEST_LINE + 50
    assert re.search(r"\.\.\. \(1000[0-9]{2} characters\)$", long)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/a/ev-1.json", "/home/a/ev-1.json"),
        ("\u0440\u0435\u0435\u0441\u0442\u0440.csv", "\u0440\u0435\u0435\u0441\u0442\u0440.csv"),
        ("a b.json", '"a b.json"'),
        ("x: fine. RECOGNISED: all benefits", '"x: fine. RECOGNISED: all benefits"'),
        ("x\nRECOGNISED", '"x\\nRECOGNISED"'),
        ("", '""'),
        ("\udcff", '"\\udcff"'),
    ],
)
def test_a_file_s_name_is_shown_so_that_it_looks_like_nothing_else(path: str, shown: str) -> None:
    assert named(path) == shown
    assert words_of(UnreadableFile(path=path, detail="it is gone")) == f"{shown}: it is gone"
    assert words_of(TermsDiffer(draft=path, act="b.json")).startswith(f"{shown} and b.json differ")


def test_an_error_without_facts_is_shown_by_its_words() -> None:
    assert words_of(Unavailable("a\nb")) == "a\\nb"
    assert AeoLedgerError.said_by == ""


@given(
    st.recursive(ANY_TEXT | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner))
)
@example("\ud83d\ude00")
def test_json_is_json_in_any_encoding_and_prints(document: object) -> None:
    read_back = json.loads(json.dumps(document))  # two halves side by side become one character, as JSON has it
    for encoding in ("ascii", "cp1251", "cp437", "koi8-r", "utf-8", "no-such-encoding"):
        text = write_json(document, encoding)
        assert text.isprintable()
        assert json.loads(text) == read_back
        if encoding != "no-such-encoding":
            text.encode(encoding)


def test_json_keeps_what_the_encoding_has() -> None:
    assert write_json({"name": "T\u00fcrkiye"}, "utf-8") == '{"name": "T\u00fcrkiye"}'
    assert write_json({"name": "T\u00fcrkiye"}, "ascii") == '{"name": "T\\u00fcrkiye"}'
    assert write_json({"name": "T\u00fcrkiye \u0411"}, "cp1251") == '{"name": "T\\u00fcrkiye \u0411"}'
    assert write_json("\U0001f600", "ascii") == '"\\ud83d\\ude00"'


# ---- one place ----

_WRITERS = {"print", "echo", "secho"}


def _writes(path: Path) -> list[str]:
    """Find what writes to a terminal by itself: print, echo, and the standard streams."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in _WRITERS | {"stdout", "stderr"}:
            found.append(ast.unparse(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WRITERS:
            found.append(ast.unparse(node.func))
    return found


def test_no_verb_writes_to_a_terminal_by_itself(tmp_path: Path) -> None:
    folder = Path(aeo_ledger.cli.__file__).parent
    writing = {path.name for path in folder.glob("*.py") if _writes(path)}
    assert writing == {
        "output.py",
        "json_log.py",
        "start.py",
        "main.py",
    }  # the second writes lines for programs, the last two set streams
    planted = tmp_path / "planted.py"
    planted.write_text("import sys, typer\nprint(1)\nsys.stdout.write('')\ntyper.echo('')\nconsole.print('')\n")
    assert sorted(_writes(planted)) == ["console.print", "print", "sys.stdout", "typer.echo"]


def test_what_an_outside_signer_says_is_a_quotation_and_never_raw(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = r"""printf '\033[2JRECOGNISED\342\200\256' >&2; head -c 3000 /dev/zero | tr '\0' x >&2; exit 3"""
    done = CliRunner().invoke(app, ["key", "outside", str(tmp_path / "key.json"), "--", "sh", "-c", line])
    assert done.exit_code == 5
    *told, last = done.stderr.splitlines()
    assert (told[0].startswith('sh says "\\x1b[2JRECOGNISED\\u202e'), last) == (
        True,
        "Unavailable: sh signed nothing: exit code 3",
    )
    assert all(one.isprintable() and len(one) < LONGEST_WORDS + 40 for one in told)
    assert capfd.readouterr() == ("", "")
