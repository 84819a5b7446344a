from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from aeo_ledger.errors.signing import ExposedFile, KeyFileExists, KeyFileUnavailable, MalformedKeyFile
from aeo_ledger.signing.private_file import create_private_file, read_private_file, replace_private_file


@pytest.mark.parametrize("umask", [0, 0o777])
def test_a_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        create_private_file(tmp_path / "key", "text é")
        replace_private_file(tmp_path / "other", "text")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert read_private_file(tmp_path / "key") == "text é"


def test_nothing_is_overwritten_or_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_private_file(path, "first")
    with pytest.raises(KeyFileExists) as caught:
        create_private_file(path, "second")
    assert caught.value.path == str(path)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileExists):
        create_private_file(tmp_path / "key", "text")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "store"
    create_private_file(path, "first, and long")
    replace_private_file(path, "second")
    assert read_private_file(path) == "second"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o601, 0o644, 0o666])
def test_a_file_that_is_open_to_others_is_not_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    create_private_file(path, "text")
    path.chmod(mode)
    with pytest.raises(ExposedFile) as caught:
        read_private_file(path)
    assert (caught.value.path, caught.value.mode) == (str(path), mode)


@pytest.mark.parametrize("content", [b"\xff", b" " * ((1 << 20) + 1)])
def test_a_file_that_is_too_large_or_no_text_is_not_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(MalformedKeyFile):
        read_private_file(path)


def test_the_system_failing_is_said_as_it_says_it(tmp_path: Path) -> None:
    for act in (
        lambda: read_private_file(tmp_path / "none"),
        lambda: read_private_file(tmp_path),
        lambda: create_private_file(tmp_path / "none" / "key", "text"),
        lambda: replace_private_file(tmp_path / "none" / "key", "text"),
    ):
        with pytest.raises(KeyFileUnavailable, match=r"No such file|Is a directory"):
            act()
