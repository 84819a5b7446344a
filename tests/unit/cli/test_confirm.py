"""What cannot be undone is asked about at a terminal, and never done where nobody could be asked."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aeo_ledger.cli.confirm import approve, confirm
from aeo_ledger.errors.cli import NotConfirmed
from aeo_ledger.wording.catalogues import open_words


@contextmanager
def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> Iterator[None]:
    """A real terminal, at which somebody has typed a line."""
    controller, terminal = pty.openpty()
    with open(terminal, encoding="utf-8") as stdin:  # noqa: PTH123 (a descriptor)
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(controller, text.encode())
        yield
    os.close(controller)


@pytest.mark.parametrize("answer", ["y\n", "Yes\n", " YES \n"])
def test_a_yes_goes_on(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    with typed(monkeypatch, answer):
        confirm("it ends", yes=False)


@pytest.mark.parametrize("answer", ["n\n", "\n", "yess\n", "ja\n", "\x04"])
def test_anything_else_does_not(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    with typed(monkeypatch, answer), pytest.raises(NotConfirmed) as refusal:
        confirm("it ends", yes=False)
    assert refusal.value.what == "it ends"


@pytest.mark.parametrize(("answer", "language"), [("д\n", "ru"), ("ДА\n", "ru"), ("y\n", "ru"), ("да\n", "en")])
def test_a_person_may_answer_in_the_language_of_the_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str, language: str
) -> None:
    words = open_words(language)
    with typed(monkeypatch, answer):
        if language == "en":
            with pytest.raises(NotConfirmed):
                approve(["it ends"], yes=False, words=words)
        else:
            approve(["it ends"], yes=False, words=words)
            assert capsys.readouterr().err == "it ends\nit ends: подписать? [д/Н] "  # noqa: RUF001 (it is Russian)


def test_nobody_at_a_terminal_is_no_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="utf-8") as stdin:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(NotConfirmed) as refusal:
            confirm("it ends", yes=False)
        assert str(refusal.value) == (
            "nobody could be asked here (say --yes if you mean it), so this was not done: it ends"
        )
        confirm("it ends", yes=True)


TOLD = ["REVOKE BY730439268, type 3 in the register of BY", "to be signed by BY: an act", "  status: ACTIVE -> REVOKED"]


@pytest.mark.parametrize(("yes", "quiet", "shown"), [(True, False, True), (True, True, False)])
def test_a_program_sees_the_act_and_is_not_asked(
    capsys: pytest.CaptureFixture[str], yes: bool, quiet: bool, shown: bool
) -> None:
    approve(TOLD, yes=yes, quiet=quiet)
    assert ("ACTIVE -> REVOKED" in capsys.readouterr().err) == shown


def test_whoever_is_asked_has_seen_the_whole_act(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with typed(monkeypatch, "n\n"), pytest.raises(NotConfirmed) as refusal:
        approve(TOLD, yes=False, quiet=True)
    said = capsys.readouterr().err
    assert all(line in said for line in TOLD)
    assert said.rstrip().endswith("REVOKE BY730439268, type 3 in the register of BY: sign it? [y/N]")
    assert refusal.value.what == TOLD[0]
    with typed(monkeypatch, "y\n"):
        approve(TOLD, yes=False)
