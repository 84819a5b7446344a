"""What cannot be undone, and every act before it is signed, is shown and asked about, at a terminal; a program says `--yes`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from aeo_ledger.cli.output import ask_for, note
from aeo_ledger.errors.cli import NotConfirmed

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking, as programs must.")]

_CONSENT: Final = frozenset({"y", "yes"})


def confirm(what: str, *, yes: bool, question: str = "go on") -> None:
    """Say what is about to be done, and go on only if somebody at the terminal says so.

    Args:
        what: In words, for the person who answers.
        yes: It was said beforehand.
        question: What the person is to decide.

    Raises:
        NotConfirmed: the answer is another, or there is no terminal to ask at.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(what=what, asked="nobody could be asked here (say --yes if it is meant)")
    if (ask_for(f"{what}: {question}? [y/N] ") or "").lower() not in _CONSENT:
        raise NotConfirmed(what=what, asked="the answer was not yes")


def approve(told: Sequence[str], *, yes: bool, quiet: bool = False) -> None:
    """Show an act in words, and go on only if somebody at the terminal says that it is to be signed.

    Args:
        told: The act, a line each; the first names it.
        yes: It was said beforehand.
        quiet: Do not show it where nobody is asked: it is in the document that is written.

    Raises:
        NotConfirmed: as `confirm` does; nothing was signed.
    """
    if not (yes and quiet):
        for line in told:
            note(line)
    confirm("\n".join(told[:1]), yes=yes, question="sign it")
