"""Where a password comes from: a file, the environment or a prompt; never an argument, which every process can read."""

from __future__ import annotations

import os
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import Final, NoReturn, SupportsIndex, final

from aeo_ledger.errors import MalformedPassword, PasswordMissing
from aeo_ledger.signing.private_file import read_private_file

VARIABLE: Final = "AEO_LEDGER_PASSWORD"
"""The environment variable that may hold a password."""


@final
class Password:
    """A password that no text, copy or pickle of this object shows.

    It is brought to Unicode's form NFKC, as the makers of wallets agree to do, so that it opens the same file
    wherever it is typed.

    Raises:
        MalformedPassword: It is empty, or no Unicode.
    """

    __slots__ = ("_reveal",)

    def __init__(self, text: str) -> None:
        try:
            encoded = unicodedata.normalize("NFKC", text).encode()
        except UnicodeEncodeError:
            encoded = b""
        if not encoded:
            del text  # a traceback may show its frames' variables
            raise MalformedPassword(reason="empty, or not Unicode")
        self._reveal: Callable[[], bytes] = lambda: encoded

    def reveal(self) -> bytes:
        """Yield it in UTF-8, for a key derivation function and nothing else."""
        return self._reveal()

    def __repr__(self) -> str:
        """Show nothing."""
        return "Password(hidden)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("a password cannot be copied or pickled")


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
        MalformedPassword: It is empty, not Unicode, or not the same twice.
        PasswordMissing: There is no terminal to ask at.
        ExposedFile, MalformedKeyFile, KeyFileUnavailable: As `read_private_file` does.
    """
    if file is not None:
        return Password(read_private_file(file).partition("\n")[0].removesuffix("\r"))
    if environment.get(VARIABLE):
        return Password(environment[VARIABLE])
    password = _ask(f"Password for {what}: ", what, ask)
    if twice and _ask(f"The same password for {what} again: ", what, ask).reveal() != password.reveal():
        raise MalformedPassword(reason="not the same twice")
    return password


def _ask(prompt: str, what: str, ask: Callable[[str], str]) -> Password:
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)  # it would go on to echo what is typed
        try:
            return Password(ask(prompt))
        except (EOFError, GetPassWarning):
            raise PasswordMissing(what=what, variable=VARIABLE) from None
