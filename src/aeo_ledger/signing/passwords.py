"""Where a password comes from: a file, the environment or a prompt; never an argument, which every process can read."""

from __future__ import annotations

import os
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import Final, NoReturn, SupportsIndex, final

from aeo_ledger.errors.signing import MalformedKeyFile, MalformedPassword, PasswordMissing
from aeo_ledger.signing.private_file import read_private_file

VARIABLE: Final = "AEO_LEDGER_PASSWORD"
"""The environment variable that may hold a password."""


@final
class Password:
    """A password that no text, copy or pickle of this object shows.

    What this project closes, it closes with the password in Unicode's form NFKC, as the makers of wallets agree to do. Not all of them do:
    so a file that another program closed is tried with each spelling in which a keyboard or a program may have written the same text.

    Raises:
        MalformedPassword: It is empty, no Unicode, or holds a NUL.
    """

    __slots__ = ("_oddity", "_spell")

    def __init__(self, text: str) -> None:
        spellings: tuple[bytes, ...] = ()
        with suppress(UnicodeEncodeError):
            spellings = _spell(text)
        self._oddity = _find_oddity(text)
        wrong = _find_wrong(text, spellings)
        del text  # a traceback may show its frames' variables
        if wrong:
            raise MalformedPassword(reason=wrong)
        self._spell: Callable[[], tuple[bytes, ...]] = lambda: spellings

    @property
    def oddity(self) -> str:
        """Say what about it may be a slip of whoever typed or saved it, without showing it; empty if nothing is."""
        return self._oddity

    def reveal(self) -> bytes:
        """Yield it in NFKC and UTF-8, for a key derivation function and nothing else."""
        return self._spell()[0]

    def spellings(self) -> tuple[Callable[[], bytes], ...]:
        """Yield what yields each spelling that another program may have used: NFKC first, as typed, NFC, NFD, Latin-1."""
        return tuple(partial(self._nth, place) for place in range(len(self._spell())))

    def _nth(self, place: int) -> bytes:
        return self._spell()[place]

    def __repr__(self) -> str:
        """Show nothing."""
        return "Password(hidden)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("a password cannot be copied or pickled")


def _spell(text: str) -> tuple[bytes, ...]:
    forms = [unicodedata.normalize("NFKC", text), text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))]
    spelled = dict.fromkeys(form.encode() for form in forms)
    with suppress(UnicodeEncodeError):
        spelled[forms[2].encode("latin-1")] = None
    return tuple(spelled)


def _find_wrong(text: str, spellings: tuple[bytes, ...]) -> str:
    if not text:
        return "it is empty, which is not taken"
    if not spellings:
        return "it is not Unicode"
    return "it holds a NUL, which key derivation does not tell from none" if "\0" in text else ""


def _find_oddity(text: str) -> str:
    if text != text.strip():
        return "begins or ends with white space"
    return "" if text.isprintable() else "holds a character that does not print"


def obtain_password(
    what: str,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    twice: bool = False,
    ask: Callable[[str], str] = getpass,
) -> Password:
    """Read a password from the file if one is named, else from the environment if it has one, else ask.

    Args:
        what: What it opens or closes, for whoever is asked.
        file: Its first line is the password; nobody else may read it.
        environment: May hold it under `VARIABLE`.
        twice: Ask a second time and compare, since a key closed with a mistyped password is lost.
        ask: Shows a prompt and reads a line without echo.

    Raises:
        MalformedPassword: It is empty, not Unicode, or not the same twice; or its file is not UTF-8, or too large.
        PasswordMissing: There is no terminal to ask at.
        ExposedFile, KeyFileUnavailable: As `read_private_file` does.
    """
    if file is not None:
        return _read(file)
    if VARIABLE in environment:
        with _naming(VARIABLE):
            return Password(environment[VARIABLE])
    password = _ask(f"Password for {what}: ", what, ask)
    if twice and _ask(f"The same password for {what} again: ", what, ask).reveal() != password.reveal():
        raise MalformedPassword(reason="not the same twice")
    return password


def _read(file: Path) -> Password:
    """Read a file's first line, however the system that wrote it ends lines, and whether or not a mark stands before it."""
    with _naming(f"the first line of {file}"):
        try:
            return Password(re.split(r"\r\n|\r|\n", read_private_file(file), maxsplit=1)[0].removeprefix("\ufeff"))
        except MalformedKeyFile as error:
            reason = error.reason
        raise MalformedPassword(reason=f"it is {reason}")


@contextmanager
def _naming(source: str) -> Iterator[None]:
    """Say where a malformed password came from."""
    try:
        yield
    except MalformedPassword as error:
        reason = error.reason
    else:
        return
    raise MalformedPassword(reason=f"{source}: {reason}")


def _ask(prompt: str, what: str, ask: Callable[[str], str]) -> Password:
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)  # it would go on to echo what is typed
        try:
            return Password(ask(prompt))
        except (EOFError, GetPassWarning):
            raise PasswordMissing(what=what, variable=VARIABLE) from None
        except UnicodeDecodeError:
            raise MalformedPassword(reason="what was typed is not Unicode") from None
