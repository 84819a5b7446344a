"""No error, log or traceback shows a key or a password, not even in its frames' variables."""

from __future__ import annotations

import io
import json
import logging
import secrets
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import (
    Password,
    Signer,
    add_to_key_store,
    create_key_store,
    export_key,
    keystore,
    obtain_password,
    open_key_file,
    open_key_store,
    sign_message,
    write_key_file,
)

SECRET = keccak256(b"the secret")
WORD = "correct-horse"


class Fixed:
    """Randomness that returns the secret first, without keeping it visible."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, length: int) -> bytes:
        self.drawn += 1
        return keccak256(b"the secret" * self.drawn)[:length]


def failures(folder: Path, password: Password) -> Iterator[Callable[[], object]]:
    """Yield every failure of a function that handles a key or a password."""
    file, store, other = folder / "key.json", folder / "keys.json", folder / "other.json"
    write_key_file(file, SECRET, password, work_factor=2)
    create_key_store(store, ["BY"], password, randomness=Fixed(), work_factor=2)
    signer = open_key_file(file, password)
    no_key, no_address = folder / "no_key.json", folder / "no_address.json"
    for path in (no_key, no_address):
        path.touch(0o600)
    no_address.write_text(json.dumps(json.loads(file.read_text()) | {"address": "00" * 20}))
    no_key.write_text(keystore._close({"BY": SECRET, "CN": bytes(32)}, password, secrets.token_bytes, 2))

    yield lambda: Signer.from_secret(SECRET + b"\0")
    yield lambda: sign_message(
        [signer, signer], "Founding", {"party": 1, "word": 1, "authority": bytes(20)}, chain_id=1, contract=bytes(20)
    )
    yield lambda: write_key_file(file, SECRET, password, work_factor=2)
    yield lambda: write_key_file(folder / "none" / "key", SECRET, password, work_factor=2)
    yield lambda: open_key_file(file, Password(WORD + "!"))
    yield lambda: open_key_file(no_address, password)
    yield lambda: create_key_store(store, ["BY"], password, randomness=Fixed(), work_factor=2)
    yield lambda: create_key_store(other, ["BY", "BY"], password, randomness=Fixed(), work_factor=2)
    yield lambda: open_key_store(store, Password(WORD + "!"))
    yield lambda: open_key_store(no_key, password)
    yield lambda: add_to_key_store(store, ["CN", "BY"], password, randomness=Fixed())
    yield lambda: export_key(store, "CN", password, to=other, to_password=password, work_factor=2)
    yield lambda: export_key(store, "BY", password, to=file, to_password=password, work_factor=2)
    yield lambda: Password(WORD + "\ud800")
    yield lambda: obtain_password("a key", environment={}, twice=True, ask=lambda p: WORD + "!" * ("again" in p))


def all_that_is_said(error: BaseException) -> str:
    """Gather the error's texts, its log record, and its traceback with the variables of every frame of the package."""
    log = io.StringIO()
    logger = logging.Logger("test")  # noqa: LOG001
    logger.addHandler(logging.StreamHandler(log))
    logger.error("failed: %s %r", error, error, exc_info=error)
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    told = [
        line for frame in frames.stack if "/aeo_ledger/" in frame.filename for line in (frame.locals or {}).values()
    ]
    assert told
    return "\n".join([str(error), repr(error), repr(vars(error)), log.getvalue(), *told, *causes(error)])


def causes(error: BaseException) -> Iterator[str]:
    """Yield the context and cause of an error, shown or not."""
    for behind in (error.__cause__, error.__context__):
        if behind is not None:
            yield str(behind)
            yield repr(behind)


def test_no_error_shows_a_key_or_a_password(tmp_path: Path) -> None:
    count = 0
    for fail in failures(tmp_path, Password(WORD)):
        with pytest.raises(AeoLedgerError) as caught:
            fail()
        said = all_that_is_said(caught.value)
        for secret in (WORD, SECRET.hex(), repr(SECRET), str(int.from_bytes(SECRET, "big"))):
            assert secret not in said, f"{caught.value!r} shows a secret"
        assert repr(SECRET)[2:-1] not in said
        count += 1
    assert count == 15


def test_this_test_would_notice() -> None:
    def leak(secret: bytes) -> None:
        raise AeoLedgerError(secret.hex())

    with pytest.raises(AeoLedgerError) as caught:
        leak(SECRET)
    assert SECRET.hex() in str(caught.value)


def test_reprs_show_addresses_alone() -> None:
    signer = Signer.from_secret(SECRET)
    assert {repr(signer), str(signer), f"{signer}"} == {f"Signer(0x{signer.address.hex()})"}
