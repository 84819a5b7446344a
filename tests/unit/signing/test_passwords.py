from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aeo_ledger.errors.signing import ExposedFile, MalformedPassword, PasswordMissing
from aeo_ledger.signing import VARIABLE, Password, obtain_password


def never(prompt: str) -> str:
    raise AssertionError(f"asked {prompt}")


def answers(*lines: str) -> Callable[[str], str]:
    left = iter(lines)
    return lambda _prompt: next(left)


def test_a_password_shows_itself_to_no_one_but_a_key_derivation() -> None:
    password = Password("hunter2")
    assert password.reveal() == b"hunter2"
    assert {repr(password), str(password), f"{password}", f"{password!r:>10}"} == {"Password(hidden)"}
    assert "hunter2" not in repr([getattr(password, name) for name in dir(password)])
    copies: list[Callable[[Password], object]] = [copy.copy, copy.deepcopy, pickle.dumps]
    for make in copies:
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            make(password)


def test_one_password_typed_in_two_ways_is_one() -> None:
    assert Password("caf\u00e9").reveal() == Password("cafe\u0301").reveal() == "caf\u00e9".encode()


@pytest.mark.parametrize(
    ("text", "told"), [("", "it is empty, needed at least one character"), ("\ud800", "it is not Unicode")]
)
def test_what_is_no_password_is_refused(text: str, told: str) -> None:
    with pytest.raises(MalformedPassword) as refusal:
        Password(text)
    assert refusal.value.reason == told


def test_a_password_typed_in_no_encoding_of_the_terminals_is_malformed() -> None:
    def typed(_prompt: str) -> str:
        return b"\xff".decode()

    with pytest.raises(MalformedPassword, match="the typed text is not Unicode"):
        obtain_password("a key", environment={}, ask=typed)


def test_a_file_goes_before_the_environment_and_that_before_a_prompt(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.touch(0o600)
    file.write_bytes(b"from the file\r\nnot this\n")
    environment = {VARIABLE: "from the environment"}
    obtained = obtain_password("a key", file=file, environment=environment, ask=never)
    assert obtained.reveal() == b"from the file"
    assert obtain_password("a key", environment=environment, ask=never).reveal() == b"from the environment"
    assert obtain_password("a key", environment={}, ask=answers("typed")).reveal() == b"typed"


def test_a_new_password_is_asked_twice() -> None:
    assert obtain_password("a key", environment={}, twice=True, ask=answers("typed", "typed")).reveal() == b"typed"
    with pytest.raises(MalformedPassword, match="the two entries differ"):
        obtain_password("a key", environment={}, twice=True, ask=answers("typed", "tpyed"))


def test_an_empty_password_is_refused_wherever_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.touch(0o600)
    with pytest.raises(MalformedPassword):
        obtain_password("a key", file=file, environment={}, ask=never)
    with pytest.raises(MalformedPassword):
        obtain_password("a key", environment={}, ask=answers(""))


def test_a_password_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret")
    file.chmod(0o644)
    with pytest.raises(ExposedFile):
        obtain_password("a key", file=file, environment={}, ask=never)


def test_no_terminal_is_no_password_and_nothing_is_echoed() -> None:
    """Run without a terminal, as in a service: getpass would read the standard input and warn."""
    code = (
        "from aeo_ledger.errors.signing import PasswordMissing\n"
        "from aeo_ledger.signing import obtain_password\n"
        "try:\n    obtain_password('a key', environment={})\n"
        "except PasswordMissing as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        input="typed\n",
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert run.stdout.splitlines() == [str(PasswordMissing(what="a key", variable=VARIABLE))]
    assert run.stderr == ""
    assert os.environ.get(VARIABLE) is None
