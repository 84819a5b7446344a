"""Ask before an act is signed and before anything that cannot be undone, at a terminal; a program says `--yes`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from aeo_ledger.cli.output import ask_for, note
from aeo_ledger.errors.cli import NotConfirmed
from aeo_ledger.wording.words import ENGLISH, Words

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; programs need this.")]

_CONSENT: Final = frozenset({"y", "yes"})


def confirm(what: str, *, yes: bool, question: str = "go on", words: Words = ENGLISH) -> None:
    """Say what will be done, and go on only if somebody at the terminal agrees.

    Args:
        what: What will be done, in words for the person who answers.
        yes: The person agreed beforehand.
        question: What the person must decide.
        words: The person's language, in which the answer may be too.

    Raises:
        NotConfirmed: the answer is not yes, or there is no terminal to ask at.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(what=what, asked="nobody could be asked here (say --yes if you mean it)")
    prompt = words.say("{what}: {question}? [y/N] ", what=what, question=question)
    consent = {*_CONSENT, *words.term("consent", "y yes").split()}
    if (ask_for(prompt) or "").lower() not in consent:
        raise NotConfirmed(what=what, asked="the answer was not yes")


def approve(told: Sequence[str], *, yes: bool, quiet: bool = False, words: Words = ENGLISH) -> None:
    """Show an act in words, and go on only if somebody at the terminal agrees to sign it.

    Args:
        told: The act, as lines; the first names it.
        yes: The person agreed beforehand.
        quiet: With `yes`, do not show the act: the written document contains it.
        words: The signer's language.

    Raises:
        NotConfirmed: as `confirm` does; nothing was signed.
    """
    if not (yes and quiet):
        for line in told:
            note(line)
    confirm("\n".join(told[:1]), yes=yes, question=words.say("sign it"), words=words)
