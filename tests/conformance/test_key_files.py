"""Key files, to and from ethers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors.signing import WrongPassword
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import Password, Signer, open_key_file, write_key_file

SECRET = keccak256(b"aeo-ledger test key")
ADDRESS = Signer.from_secret(SECRET).address
WORDS = "cafe\u0301 \u2116 1"
"""Ends up otherwise in bytes unless both bring it to NFKC."""


def open_text(folder: Path, text: str, password: str) -> bytes:
    path = folder / "key.json"
    path.touch(0o600)
    path.write_text(text)
    return open_key_file(path, Password(password)).address


def test_a_file_that_ethers_made_is_opened(tmp_path: Path) -> None:
    text = (Path(__file__).parent / "vectors" / "ethers-key-file.json").read_text()
    assert open_text(tmp_path, text, WORDS) == ADDRESS
    with pytest.raises(WrongPassword):
        open_text(tmp_path, text, "another")


def test_a_file_that_ethers_makes_today_is_opened(tmp_path: Path, run_with_ethers: Any) -> None:
    assert open_text(tmp_path, run_with_ethers("key_file.mjs", "make", WORDS), WORDS) == ADDRESS


def test_ethers_opens_what_is_written(tmp_path: Path, run_with_ethers: Any) -> None:
    write_key_file(tmp_path / "key.json", SECRET, Password(WORDS), work_factor=2)
    printed = run_with_ethers("key_file.mjs", "open", WORDS, given=(tmp_path / "key.json").read_text())
    assert printed.strip() == "0x" + ADDRESS.hex()
