"""Read a password from a file, the environment or a prompt. Never from an argument: every process can read those."""

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

    This project encrypts with the password in Unicode's form NFKC, as wallets agreed to do. Some wallets use other forms. So to open
    another program's file, each form is tried in which a keyboard or a program may have written the same text.

    Raises:
        MalformedPassword: It is empty, not Unicode, or contains a NUL.
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
        """Describe what may be a typing mistake, without showing the password; empty if there is nothing unusual."""
        return self._oddity

    def reveal(self) -> bytes:
        """Return it in NFKC and UTF-8. Only a key derivation function may see it."""
        return self._spell()[0]

    def spellings(self) -> tuple[Callable[[], bytes], ...]:
        """Return a function for each spelling that another program may have used: NFKC, as typed, NFC, NFD, Latin-1."""
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
        return "it is empty, needed at least one character"
    if not spellings:
        return "it is not Unicode"
    return "it contains a NUL, which key derivation ignores" if "\0" in text else ""


def _find_oddity(text: str) -> str:
    if text != text.strip():
        return "begins or ends with white space"
    return "" if text.isprintable() else "contains a character that does not print"


def obtain_password(
    what: str,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    twice: bool = False,
    ask: Callable[[str], str] = getpass,
) -> Password:
    """Read a password: from the file if one is named, else from the environment variable if it is set, else from a prompt.

    Args:
        what: What the password is for; the prompt says it.
        file: Its first line is the password. Other users must not be able to read it.
        environment: May contain `VARIABLE`.
        twice: Prompt a second time and compare: a key that is encrypted with a mistyped password is lost.
        ask: Shows a prompt and reads a line without echo.

    Raises:
        MalformedPassword: It is empty, not Unicode, or differs the second time; or its file is not UTF-8, or too large.
        PasswordMissing: There is no terminal for a prompt.
        ExposedFile, KeyFileUnavailable: See `read_private_file`.
    """
    if file is not None:
        return _read(file)
    if VARIABLE in environment:
        with _naming(VARIABLE):
            return Password(environment[VARIABLE])
    password = _ask(f"Password for {what}: ", what, ask)
    if twice and _ask(f"The same password for {what} again: ", what, ask).reveal() != password.reveal():
        raise MalformedPassword(reason="the two entries differ: enter the same password twice")
    return password


def _read(file: Path) -> Password:
    """Read a file's first line, with any line ending, with or without a byte order mark."""
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
        warnings.simplefilter("error", GetPassWarning)  # getpass would go on and echo what is typed
        try:
            return Password(ask(prompt))
        except (EOFError, GetPassWarning):
            raise PasswordMissing(what=what, variable=VARIABLE) from None
        except UnicodeDecodeError:
            raise MalformedPassword(reason="the typed text is not Unicode") from None
