"""Run the command of an outside signer: a digest goes in, an answer comes out, in bounded time and memory.

It is a list of arguments, never a line for a shell. What it says on standard error is heard while it runs, so that a device can ask for its
button. Those are words from outside: whoever shows them escapes them. A password reaches it only if its owner says in which environment
variable, for a token's PIN: every process of the machine could read it in an argument. If that variable is set already, it stays as it is.
So a token whose PIN differs from the password of the key files is not given that password: a token counts wrong PINs, and locks itself.
"""

from __future__ import annotations

import os
import subprocess
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Thread
from typing import IO, Final, TypeAlias

from aeo_ledger.errors.signing import MalformedCommand, SignerUnavailable
from aeo_ledger.signing.passwords import VARIABLE, Password

Hear: TypeAlias = Callable[[str, str], None]
"""Is given the program and a line of what it says on standard error, as it came: neither escaped nor cut."""

LONGEST_ANSWER: Final = 1_000
"""Bytes. A signature takes fewer than 200 in every form."""
MOST_LINES: Final = 20
"""Most lines that are heard of one run; what a command says beyond them is dropped."""
_LAST_WORDS_S: Final = 1.0
"""Seconds that are waited for the messages of a command that has ended: a process that it left behind may hold its standard error."""
MOST_WORDS: Final = 100
LONGEST_WORD: Final = 1_000
"""Characters."""
TIMEOUT_S: Final = 60
"""Seconds that a command has by default: a person may have to press a button."""
LONGEST_TIMEOUT_S: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that signs a digest.

    Raises:
        MalformedCommand: It has no program, or something in it is out of bounds.
    """

    words: tuple[str, ...]
    """The program, by its name in the PATH or its absolute path, and its arguments."""
    timeout_s: int = TIMEOUT_S
    """Seconds that it has for one signature."""
    password_in: str = ""
    """The environment variable in which it gets the password; empty if it gets none."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        if not self.words or len(self.words) > MOST_WORDS:
            raise MalformedCommand(reason=f"found {len(self.words)} words, needed 1 to {MOST_WORDS}")
        if any(len(word) > LONGEST_WORD or "\0" in word for word in self.words):
            raise MalformedCommand(reason=f"a word contains a NUL, or more than {LONGEST_WORD} characters")
        if os.sep in self.program and not Path(self.program).is_absolute():
            raise MalformedCommand(reason=f"found the program {self.program!r}, which depends on the working folder")
        if not 0 < self.timeout_s <= LONGEST_TIMEOUT_S:
            raise MalformedCommand(reason=f"found {self.timeout_s} seconds, needed 1 to {LONGEST_TIMEOUT_S}")
        if self.password_in and not (self.password_in.isascii() and self.password_in.isidentifier()):
            raise MalformedCommand(reason=f"found the variable {self.password_in!r}, needed letters, digits and _")

    @property
    def needs_password(self) -> bool:
        """Whether it has a variable for a password that our own environment does not set: what is set there, it gets as it is."""
        return self.password_in not in ("", *os.environ)

    @property
    def program(self) -> str:
        """Its program."""
        return self.words[0]

    def run(self, digest: bytes, password: Password | None, hear: Hear) -> bytes:
        """Give a digest of 32 bytes to the command, and return its answer.

        Args:
            digest: What it signs.
            password: What it gets in its variable, if it has one.
            hear: Gets its messages, line by line, from another thread.

        Raises:
            SignerUnavailable: It did not start, failed, or was not ready in time.
        """
        until, answer, code = time.monotonic() + self.timeout_s, b"", None
        process, fault, messages = self._start(password)
        if process is None:
            raise SignerUnavailable(program=self.program, reason=fault)
        listening = Thread(target=self._listen, args=(messages, hear), daemon=True)
        listening.start()
        with process:
            try:
                assert process.stdin is not None  # noqa: S101 (for the type checker)
                assert process.stdout is not None  # noqa: S101 (the same)
                with suppress(BrokenPipeError), process.stdin as given:  # it may end without reading
                    given.write(digest)
                answer = _read(process.stdout, until)
                if len(answer) <= LONGEST_ANSWER:
                    code = process.wait(max(0.0, until - time.monotonic()))
            except (TimeoutError, subprocess.TimeoutExpired):
                fault = f"no answer within {self.timeout_s} s"
            finally:
                process.kill()
        listening.join(_LAST_WORDS_S)
        if code:
            fault = f"exit code {code}" if code > 0 else f"ended by signal {-code}"
        if fault:
            raise SignerUnavailable(program=self.program, reason=fault)
        return answer

    def _start(self, password: Password | None) -> tuple[subprocess.Popen[bytes] | None, str, int]:
        """Start the process, or say why not: no error keeps the environment, which may hold the password.

        The last value is the descriptor from which its messages are read; `_listen` closes it.
        """
        environment: dict[str, str | bytes] = {name: text for name, text in os.environ.items() if name != VARIABLE}
        if password is not None:
            environment[self.password_in] = password.reveal()
        pipe = subprocess.PIPE
        messages, written = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603
                self.words, bufsize=0, stdin=pipe, stdout=pipe, stderr=written, env=environment
            )
        except OSError as error:
            os.close(messages)
            return None, error.strerror or type(error).__name__, -1
        else:
            return process, "", messages
        finally:
            os.close(written)

    def _listen(self, messages: int, hear: Hear) -> None:
        """Hear what the command says, until it falls silent for good; go on reading beyond the limit, so that it never waits."""
        left, decoder = MOST_LINES, getincrementaldecoder("utf-8")("replace")
        with open(messages, "rb", buffering=0) as stream:
            while part := stream.read(4096):
                lines = [line for line in decoder.decode(part).splitlines() if line.strip()]
                for line in lines[:left]:
                    hear(self.program, line)
                left -= min(left, len(lines))


def _read(stream: IO[bytes], until: float) -> bytes:
    """Read to the end, or one part beyond the longest answer.

    Raises:
        TimeoutError: The end does not come in time.
    """
    answer = b""
    with DefaultSelector() as ready:
        ready.register(stream, EVENT_READ)
        while ready.select(max(0.0, until - time.monotonic())):
            part = stream.read(LONGEST_ANSWER + 1)
            answer += part
            if not part or len(answer) > LONGEST_ANSWER:
                return answer
    raise TimeoutError
