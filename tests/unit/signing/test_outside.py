"""A signer outside: whatever its command answers, nothing but a signature by the known key is returned."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.signing import (
    ExposedFile,
    ForeignSignature,
    KeyFileExists,
    MalformedAnswer,
    MalformedCommand,
    MalformedKeyFile,
    NoOneKey,
    OtherKey,
    SignerUnavailable,
)
from aeo_ledger.primitives.curve import HALF_ORDER, ORDER
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import (
    Command,
    Password,
    Signer,
    create_signer_file,
    open_signer,
    read_signer_file,
    write_key_file,
)
from aeo_ledger.signing.command import LONGEST_ANSWER, MOST_LINES
from aeo_ledger.signing.outside import FORMAT, SIGNER_FORM, SignerFile
from support.waiting import WITHIN_S

SECRET = keccak256(b"a key in a token")
KEY = Signer.from_secret(SECRET)
DIGEST = keccak256(b"digest")
PIN = "4711-geheim"
DEVICE = f"""
import os, sys
from base64 import b64encode
from coincurve import PrivateKey
digest = sys.stdin.buffer.read()
signature = PrivateKey(bytes.fromhex({SECRET.hex()!r})).sign_recoverable(digest, hasher=None)
r, s = signature[:32], signature[32:64]
high = ({ORDER} - int.from_bytes(s, "big")).to_bytes(32, "big")
write = sys.stdout.buffer.write
"""
"""A device: the start of a program, which then writes its answer."""


def never() -> NoReturn:
    raise AssertionError("no password is needed")


def device(answer: str, *, seconds: int = WITHIN_S, password_in: str = "") -> Command:
    words = (sys.executable, "-c", f"{DEVICE}\n{answer}")
    return Command(words=words, timeout_s=seconds, password_in=password_in)


def shell(line: str, *, seconds: int = WITHIN_S) -> Command:
    return Command(words=("sh", "-c", line), timeout_s=seconds)


def signer_of(command: Command, password: Password | None = None) -> Signer:
    return SignerFile(public_key=KEY.public_key, command=command).to_signer(password)


def der(r: int, s: int) -> bytes:
    """Write the two numbers as `openssl` does."""
    parts = [number.to_bytes(number.bit_length() // 8 + 1, "big") for number in (r, s)]
    body = b"".join(bytes((2, len(part))) + part for part in parts)
    return bytes((0x30, len(body))) + body


def refused(command: Command, error: type[AeoLedgerError]) -> AeoLedgerError:
    with pytest.raises(error) as caught:
        signer_of(command).sign(DIGEST)
    return caught.value


# ---- what devices answer


@pytest.mark.parametrize(
    "answer",
    [
        "write(r + s)",
        "write(r + high)",
        "print((r + s).hex())",
        "print('0x' + (r + high).hex().upper())",
        "write(b64encode(r + s))",
        "print((r + s).hex()[:64]); print((r + s).hex()[64:])",
    ],
)
def test_each_form_of_a_signature_is_read_and_made_low(answer: str) -> None:
    signature = signer_of(device(answer)).sign(DIGEST)
    assert signature == KEY.sign(DIGEST)
    assert signature.recover_signer(DIGEST) == KEY.address


@pytest.mark.parametrize("write", [lambda data: data, bytes.hex, b64encode], ids=["bytes", "hexadecimal", "base64"])
@pytest.mark.parametrize("high", [False, True])
def test_der_is_read_in_each_form(tmp_path: Path, write: Callable[[bytes], bytes | str], high: bool) -> None:
    proper = KEY.sign(DIGEST)
    answer = write(der(proper.r, ORDER - proper.s if high else proper.s))
    file = tmp_path / "answer"
    file.write_bytes(answer if isinstance(answer, bytes) else answer.encode())
    assert signer_of(Command(words=("cat", str(file)))).sign(DIGEST) == proper


def test_a_seal_has_its_recovery_id() -> None:
    assert signer_of(device("write(r + high)")).seal(DIGEST) == KEY.seal(DIGEST)


def test_both_recovery_ids_occur_and_each_is_found() -> None:
    found = {}
    for place in range(8):
        digest = keccak256(bytes([place]))
        found[KEY.sign(digest).v] = digest
    signer = signer_of(device("write(r + high)"))
    assert {v: signer.sign(digest).v for v, digest in found.items()} == {27: 27, 28: 28}


# ---- what is no signature by this key


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("pass", "answered with 0 bytes"),
        ("write((r + s)[1:])", "answered with 63 bytes"),
        ("write(signature)", "answered with 65 bytes"),
        ("write(bytes(64))", "answered with 64 bytes"),
        ("write(b'\\xff' * 64)", "answered with 64 bytes"),
        ("print('the signature is ' + (r + s).hex())", "answered with 146 bytes"),
        ("write(b'x' * 2_000_000)", f"answered with more than {LONGEST_ANSWER} bytes"),
        ("write(b'\\x30\\x44' + r + s)", "answered with 66 bytes"),
    ],
)
def test_garbage_is_no_signature(answer: str, said: str) -> None:
    error = refused(device(answer), MalformedAnswer)
    assert said in str(error)
    assert "needed r and s: 64 bytes or DER" in str(error)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-1],
        lambda good: good + b"\0",
        lambda good: b"\x31" + good[1:],
        lambda good: bytes((0x30, good[1] + 1)) + good[2:],
        lambda good: bytes((0x30, good[1])) + b"\x03" + good[3:],
        lambda good: bytes((0x30, good[1] - 2 - good[3])) + good[4 + good[3] :],
        lambda good: bytes((0x30, good[1] + 3)) + good[2:] + b"\x02\x01\x01",
        lambda _: b"\x30\x06\x02\x01\x81\x02\x01\x81",
        lambda _: b"\x30\x00",
        lambda _: b"\x30",
    ],
    ids=["short", "long", "no sequence", "length", "no number", "one number", "three", "negative", "empty", "one byte"],
)
def test_der_that_is_not_exact_is_no_signature(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    proper = KEY.sign(DIGEST)
    file = tmp_path / "answer"
    file.write_bytes(spoil(der(proper.r, proper.s)))
    refused(Command(words=("cat", str(file))), MalformedAnswer)


@pytest.mark.parametrize(
    "answer",
    [
        "write(PrivateKey(bytes(31) + b'\\x07').sign_recoverable(digest, hasher=None)[:64])",
        "from hashlib import sha256; write(PrivateKey(bytes.fromhex(" + repr(SECRET.hex()) + "))"
        ".sign_recoverable(sha256(digest).digest(), hasher=None)[:64])",
        "write(s + r)",
    ],
    ids=["another key", "hashed again", "s before r"],
)
def test_a_signature_by_another_key_or_over_something_else_is_refused(answer: str) -> None:
    error = refused(device(answer), ForeignSignature)
    assert str(error) == (
        f"{sys.executable} gave a signature that is not by 0x{KEY.address.hex()} over what is to be signed"
    )


@given(st.binary(max_size=80))
def test_no_answer_whatever_passes(answer: bytes) -> None:
    signer = signer_of(Command(words=("true",)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Command, "run", lambda *_: answer)
        with pytest.raises((MalformedAnswer, ForeignSignature)):
            signer.sign(DIGEST)


# ---- a command that fails


def test_a_missing_program_is_unavailable() -> None:
    error = refused(Command(words=("no-such-program-of-ours",)), SignerUnavailable)
    assert str(error) == "no-such-program-of-ours signed nothing: No such file or directory"


def test_a_file_that_may_not_run_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    error = refused(Command(words=(str(tmp_path / "tool"),)), SignerUnavailable)
    assert str(error).endswith("signed nothing: Permission denied")


def test_a_failing_command_is_unavailable_even_if_it_gave_a_signature() -> None:
    error = refused(device("write(r + s); sys.exit(3)"), SignerUnavailable)
    assert str(error).endswith("signed nothing: exit code 3")


# ---- what a command says


def heard(command: Command) -> tuple[list[str], bytes | None]:
    """Let a command sign; return what it said, and its answer, or None if it failed."""
    told: list[str] = []
    try:
        answer = command.run(DIGEST, None, lambda program, line: told.append(f"{program}: {line}"))
    except SignerUnavailable:
        answer = None
    return told, answer


def test_what_a_command_says_is_heard_and_does_not_reach_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    told, answer = heard(shell("printf 'card \\033[2J\\377\\r\\n\\n removed' >&2; exit 3"))
    assert (told, answer) == (["sh: card \x1b[2J\N{REPLACEMENT CHARACTER}", "sh:  removed"], None)
    refused(shell("echo card removed >&2; exit 3"), SignerUnavailable)
    assert capfd.readouterr() == ("", "")


def test_a_request_is_heard_before_the_answer(tmp_path: Path) -> None:
    """The command waits until somebody has heard it and pressed the button."""
    button = tmp_path / "button"
    command = shell(f"printf 'press the button: ' >&2; until test -e {button}; do sleep 0.05; done; echo done")
    assert command.run(DIGEST, None, lambda *_: button.touch()) == b"done\n"


def test_a_command_that_never_stops_talking_is_heard_for_some_lines_and_does_not_wait() -> None:
    told, answer = heard(shell("yes again | head -n 200000 >&2; echo done"))
    assert (told, answer) == (["sh: again"] * MOST_LINES, b"done\n")


def test_a_process_that_a_command_leaves_behind_does_not_hold_up_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeo_ledger.signing.command._LAST_WORDS_S", 5.0)
    began = time.monotonic()
    assert heard(shell("sleep 400 >&- & echo done; echo said >&2")) == (["sh: said"], b"done\n")
    assert time.monotonic() - began < 300


def test_a_command_that_a_signal_ends_is_unavailable() -> None:
    assert str(refused(shell("kill -9 $$"), SignerUnavailable)) == "sh signed nothing: ended by signal 9"


@pytest.mark.parametrize(
    "line", ["exec sleep 400", "exec sleep 400 >&-", "sleep 400 & exit 0"], ids=["silent", "closed", "left behind"]
)
def test_a_command_that_is_not_ready_in_time_is_ended(line: str) -> None:
    began = time.monotonic()
    assert str(refused(shell(line, seconds=1), SignerUnavailable)) == "sh signed nothing: no answer within 1 s"
    assert time.monotonic() - began < 300


def test_a_command_may_answer_without_reading(tmp_path: Path) -> None:
    """The pipe is closed before the digest is written."""
    file = tmp_path / "answer"
    proper = KEY.sign(DIGEST)
    file.write_text((proper.r << 256 | proper.s).to_bytes(64, "big").hex())
    assert signer_of(shell(f"exec <&-; cat {file}")).sign(DIGEST) == proper


def test_a_flood_does_not_wait_for_its_end() -> None:
    refused(Command(words=("yes",)), MalformedAnswer)


# ---- the password


def test_a_command_gets_the_password_where_its_owner_says_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEO_LEDGER_PASSWORD", PIN)
    asks = "assert os.environ.get('TOKEN_PIN') == {!r} and 'AEO_LEDGER_PASSWORD' not in os.environ; write(r + s)"
    given_it = device(asks.format(PIN), password_in="TOKEN_PIN")
    assert signer_of(given_it, Password(PIN)).sign(DIGEST) == KEY.sign(DIGEST)
    assert signer_of(device(asks.format(None))).sign(DIGEST) == KEY.sign(DIGEST)


def test_a_variable_that_is_set_already_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token.json"
    command = device(f"write(r + s if os.environ['TOKEN_PIN'] == {PIN!r} else b'')", password_in="TOKEN_PIN")
    needed = [command.needs_password]
    monkeypatch.setenv("TOKEN_PIN", PIN)
    assert [*needed, command.needs_password] == [True, False]
    assert made(file, command).address == KEY.address
    assert open_signer(file, never).sign(DIGEST) == KEY.sign(DIGEST)
    monkeypatch.delenv("TOKEN_PIN")
    opened = open_signer(
        file, never, lambda: Password(PIN)
    )  # the password of key files is another, and no token sees it
    assert opened.sign(DIGEST) == KEY.sign(DIGEST)


def test_no_failure_shows_the_password() -> None:
    for words in (("no-such-program-of-ours",), ("false",), ("true",)):
        command = Command(words=words, password_in="TOKEN_PIN")
        with pytest.raises(AeoLedgerError) as caught:
            signer_of(command, Password(PIN)).sign(DIGEST)
        trace = caught.value.__traceback__
        said = [str(caught.value), repr(vars(caught.value)), repr(caught.value.__context__)]
        while trace is not None:
            said.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        assert PIN not in "".join(said)
        assert caught.value.__context__ is None


# ---- the file


def made(path: Path, command: Command, password: Password | None = None, address: bytes | None = None) -> Signer:
    return create_signer_file(path, command, password, randomness=secrets.token_bytes, address=address)


def test_a_signer_file_is_made_by_two_trials_and_opened_like_a_key_file(tmp_path: Path) -> None:
    file, other = tmp_path / "token.json", tmp_path / "key.json"
    found = made(file, device("write(r + high)"), address=KEY.address)
    assert (found.address, file.stat().st_mode & 0o777) == (KEY.address, 0o600)
    signer = open_signer(file, never)
    assert (signer.address, signer.public_key, signer.sign(DIGEST)) == (KEY.address, KEY.public_key, KEY.sign(DIGEST))
    assert repr(signer) == f"Signer(0x{KEY.address.hex()})"
    content = json.loads(file.read_text())
    assert sorted(content) == ["command", "format", "public_key", "timeout"]
    assert SECRET.hex() not in content["public_key"]
    write_key_file(other, SECRET, Password("word"), work_factor=2)
    assert read_signer_file(other) is None
    assert open_signer(other, lambda: Password("word")).address == KEY.address
    with pytest.raises(KeyFileExists):
        made(file, device("write(r + s)"))


def test_a_token_with_a_pin_is_opened_with_the_password(tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    command = device(f"write(r + s if os.environ['TOKEN_PIN'] == {PIN!r} else b'')", password_in="TOKEN_PIN")
    assert made(file, command, Password(PIN)).address == KEY.address
    assert PIN not in file.read_text().replace(repr(PIN)[1:-1], "", 1)  # the device of this test knows its own
    assert open_signer(file, lambda: Password(PIN)).sign(DIGEST) == KEY.sign(DIGEST)
    with pytest.raises(MalformedAnswer):
        open_signer(file, lambda: Password("another")).sign(DIGEST)


def test_a_key_that_is_not_the_one_named_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(OtherKey) as caught:
        made(tmp_path / "token.json", device("write(r + s)"), address=bytes(20))
    assert (caught.value.found, caught.value.needed) == (KEY.address, bytes(20))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "answer",
    [
        "write(PrivateKey(os.urandom(32)).sign_recoverable(digest, hasher=None)[:64])",
        "write(PrivateKey(bytes(31) + b'\\x07').sign_recoverable(bytes(32), hasher=None)[:64])",
    ],
    ids=["a new key each time", "one signature for everything"],
)
def test_signatures_that_no_one_key_made_make_no_file(tmp_path: Path, answer: str) -> None:
    with pytest.raises(NoOneKey):
        made(tmp_path / "token.json", device(answer))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"public_key": "0x" + "11" * 64}, "the public key is not a point on the curve"),
        ({"public_key": "0x" + "11" * 63}, "public_key"),
        ({"command": []}, "found 0 words, needed 1 to 100"),
        ({"command": ["./sign"]}, "found the program './sign', which depends on the working folder"),
        ({"command": ["sign", "a\0b"]}, "a word contains a NUL"),
        ({"command": "sign"}, "needed a list of at most 100"),
        ({"timeout": 0}, "found 0 seconds, needed 1 to 3600"),
        ({"timeout": 4_000}, "needed a whole number from 0 to 3600"),
        ({"password_in": "A=B"}, "found the variable 'A=B', needed letters, digits and _"),
        ({"shell": True}, "has unknown keys"),
    ],
)
def test_an_altered_signer_file_is_no_key(tmp_path: Path, change: dict[str, object], said: str) -> None:
    file = tmp_path / "token.json"
    good = SIGNER_FORM.encode_values(SignerFile(public_key=KEY.public_key, command=Command(words=("sign",))))
    file.write_text(json.dumps({**good, **change}))
    file.chmod(0o600)
    with pytest.raises(MalformedKeyFile) as caught:
        open_signer(file, never)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"format": "aeo-ledger/signer/2"}), FORMAT])
def test_what_does_not_say_that_it_is_a_signer_file_is_read_as_a_key_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token.json"
    file.write_text(text)
    file.chmod(0o600)
    assert read_signer_file(file) is None
    with pytest.raises(MalformedKeyFile):
        open_signer(file, lambda: Password("word"))


def test_a_signer_file_that_others_may_write_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    made(file, device("write(r + s)"))
    file.chmod(0o620)
    with pytest.raises(ExposedFile):
        open_signer(file, never)


@pytest.mark.parametrize("words", [(), ("x",) * 101, ("x" * 1_001,), ("bin/x",), ("../x",)])
def test_a_command_out_of_bounds_is_malformed(words: tuple[str, ...]) -> None:
    with pytest.raises(MalformedCommand):
        Command(words=words)


def test_nothing_is_given_to_a_shell(tmp_path: Path) -> None:
    marked = tmp_path / "marked"
    refused(Command(words=("echo", f"; touch {marked}", "$(touch x)", "`id`")), MalformedAnswer)
    assert not marked.exists()
    assert not (Path(os.getcwd()) / "x").exists()  # noqa: PTH109


def test_this_device_is_a_true_oracle() -> None:
    """The tests' device signs with a library's own function, and this module never holds its key."""
    made_by_it = PrivateKey(SECRET).sign_recoverable(DIGEST, hasher=None)
    assert int.from_bytes(made_by_it[32:64], "big") <= HALF_ORDER
