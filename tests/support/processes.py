"""The project's servers as processes of their own, as an administration runs them: started, killed, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from support.network import PASSWORD
from support.ports import free_port
from support.waiting import WITHIN_S, await_that

_PATIENCE_S: Final = 20
"""Seconds that a process may take to end, before somebody presses Ctrl-C again."""
PEAK_MIB = """
def peak_mib():
    import re, resource
    try:  # of this program alone; what `resource` tells begins with the memory of whoever started it
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]) // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
"""
"""A function for programs that tests run: how much memory they ever took."""


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Let what is started meanwhile heed SIGINT and SIGHUP, also where these tests run in the background and must not."""
    interrupted = signal.signal(signal.SIGINT, signal.default_int_handler)
    hung_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupted)
        signal.signal(signal.SIGHUP, hung_up)


@contextmanager
def pressing(press: Callable[[], object], process: subprocess.Popen[Any]) -> Iterator[None]:
    """Press Ctrl-C, and again after a while: Python does not notice a signal that comes between its last look for one and its wait."""
    left = threading.Event()

    def press_again() -> None:
        while not left.wait(_PATIENCE_S) and process.poll() is None:
            press()

    press()
    again = threading.Thread(target=press_again)
    again.start()
    try:
        yield
    finally:
        left.set()
        again.join()


def await_answer(url: str, process: subprocess.Popen[Any], told: Callable[[], str]) -> None:
    """Wait until a server's process answers, whatever it says; `told` reads what it logged if it ended before."""

    def answers() -> bool:
        assert process.poll() is None, told()
        try:
            httpx.get(url)
        except httpx.TransportError:
            return False
        return True

    await_that(answers, lambda: f"{url} does not listen")


@dataclass
class Served:
    """`aeo-ledger ...` on a port of loopback, which stays its own through every start."""

    arguments: Sequence[str]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _began: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What it logged since it was started last."""
        return self.log.read_bytes()[self._began :].decode()

    def start(self) -> None:
        self.launch()
        self.await_listening()

    def launch(self) -> None:
        command = [sys.executable, "-m", "aeo_ledger.cli.main", *self.arguments, "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._began = log.tell()
            self.process = subprocess.Popen(
                command, env={**os.environ, "AEO_LEDGER_PASSWORD": PASSWORD}, stdout=log, stderr=log
            )

    def await_listening(self) -> None:
        assert self.process is not None
        await_answer(self.url, self.process, lambda: self.said)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=WITHIN_S)
            self.process = None


@contextmanager
def started(*served: Served) -> Iterator[None]:
    """Run them, started side by side, and leave no process behind."""
    try:
        for one in served:
            one.launch()
        for one in served:
            one.await_listening()
        yield
    finally:
        for one in served:
            one.kill()
