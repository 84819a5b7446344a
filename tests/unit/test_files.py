"""Files are written whole or not at all, under no name that can be guessed, and what is secret is secret from the first byte."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from aeo_ledger import files
from aeo_ledger.errors.files import FileExists, FileUnavailable, FolderExists
from aeo_ledger.files import (
    append_private,
    copy_file,
    copy_folder,
    create_file,
    hold_folder,
    make_folder,
    making_folder,
    share_folder,
    write_file,
    writing,
)
from support.waiting import WITHIN_S

Lock = Callable[[Path], AbstractContextManager[None]]
WAYS: dict[str, Callable[[Path], None]] = {
    "write": lambda path: write_file(path, b"text\n"),
    "write private": lambda path: write_file(path, b"text\n", private=True),
    "create": lambda path: create_file(path, b"text\n"),
    "create private": lambda path: create_file(path, b"text\n", private=True),
    "append": lambda path: append_private(path, b"text\n"),
}
OVER = {name: way for name, way in WAYS.items() if not name.startswith("create")}
PRIVATE = {name: way for name, way in WAYS.items() if "private" in name or name == "append"}


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("mask", [0, 0o022, 0o077, 0o777])
def test_its_owner_can_use_a_file_under_any_umask(tmp_path: Path, way: Callable[[Path], None], mask: int) -> None:
    with umask(mask):
        way(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"text\n"
    assert _mode(tmp_path / "file") & 0o600 == 0o600
    assert _mode(tmp_path / "file") & mask & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("way", PRIVATE.values(), ids=PRIVATE)
def test_a_secret_file_has_mode_0600(tmp_path: Path, way: Callable[[Path], None]) -> None:
    with umask(0):
        way(tmp_path / "file")
    assert _mode(tmp_path / "file") == 0o600


@pytest.mark.parametrize("name", ["write private", "append"])
@pytest.mark.parametrize("before", [0o644, 0o666, 0o640, 0o755])
def test_a_file_that_others_could_read_is_theirs_no_more_when_it_is_secret(
    tmp_path: Path, name: str, before: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    path.chmod(before)
    WAYS[name](path)
    assert (_mode(path), path.read_bytes()) == (0o600, b"text\n")


def test_no_byte_of_a_secret_is_ever_open_to_others(tmp_path: Path) -> None:
    with umask(0), writing(tmp_path / "file", private=True) as file:
        file.write(b"secret")
        file.flush()
        assert {_mode(path) for path in tmp_path.iterdir()} == {0o600}


def test_a_file_that_was_there_keeps_its_mode_unless_it_is_secret(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with umask(0o077):
        write_file(path, b"new")
    assert (_mode(path), path.read_bytes()) == (0o640, b"new")


@pytest.mark.parametrize("way", OVER.values(), ids=OVER)
def test_a_link_in_the_place_leads_nothing_elsewhere(tmp_path: Path, way: Callable[[Path], None]) -> None:
    stolen, path = tmp_path / "stolen", tmp_path / "file"
    stolen.write_bytes(b"before\n")
    path.symlink_to(stolen)
    if way is WAYS["append"]:
        with pytest.raises(FileUnavailable) as caught:
            way(path)
        assert (caught.value.path, caught.value.detail) == (str(path), "a symbolic link is not followed")
    else:
        way(path)
        assert not path.is_symlink()
    assert stolen.read_bytes() == b"before\n"


def test_the_drafts_name_cannot_be_guessed(tmp_path: Path) -> None:
    names = set()
    for _ in range(8):
        with writing(tmp_path / "file") as file:
            (draft,) = {path.name for path in tmp_path.iterdir()} - {"file"}
            names.add(draft)
            file.write(b"text")
    assert len(names) == 8
    assert not [name for name in names if "file" in name]


@pytest.mark.parametrize("name", ["file", "x" * 255])
def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_file(path, b"old")

    def stop_halfway() -> None:
        with writing(path) as file:
            file.write(b"half")
            file.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_halfway()
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert path.read_bytes() == b"old"
    write_file(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("private", [False, True])
def test_nothing_is_created_over_anything(tmp_path: Path, private: bool) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    for name in ("file", "link", "folder"):
        with pytest.raises(FileExists) as caught:
            create_file(tmp_path / name, b"new", private=private)
        assert caught.value.path == str(tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link", "folder"}
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """The kernel itself refuses to write on, as it does when a disk is full."""
    script = """
import resource, signal, sys
from pathlib import Path
from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.files import append_private, create_file, write_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for way in (write_file, append_private, create_file):
    path = Path(sys.argv[1]) / ("new" if way is create_file else "old")
    try:
        way(path, bytes(5000))
    except FileUnavailable as error:
        print(error.path == str(path), error.detail)
"""
    (tmp_path / "old").write_bytes(b"before\n")
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout == f"True {os.strerror(errno.EFBIG)}\n" * 3
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_bytes() == b"before\n"


def test_a_folder_is_shared_by_many_or_held_by_one(tmp_path: Path) -> None:
    shared = threading.Event()

    def share() -> None:
        with share_folder(tmp_path):
            shared.set()

    for _ in range(2):
        with share_folder(tmp_path), share_folder(tmp_path):
            pass
        with hold_folder(tmp_path):
            with share_folder(tmp_path):
                pass  # nobody waits for itself
            threading.Thread(target=share).start()
            assert not shared.wait(0.3)
        assert shared.wait(WITHIN_S)
        shared.clear()


@pytest.mark.parametrize("lock", [hold_folder, share_folder])
def test_a_folder_that_is_not_there_is_not_locked(lock: Lock, tmp_path: Path) -> None:
    with pytest.raises(FileUnavailable) as caught, lock(tmp_path / "none"):
        pass
    assert (caught.value.path, caught.value.detail) == (str(tmp_path / "none"), os.strerror(errno.ENOENT))


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(FileUnavailable) as caught:
        write_file(Path("/dev/full"), b"text")
    assert caught.value.detail == os.strerror(errno.ENOSPC)
    write_file(Path("/dev/null"), b"text")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    out = tmp_path / "out"
    script = (
        "from aeo_ledger.files import write_file; from pathlib import Path; write_file(Path('/dev/stdout'), b'text')"
    )
    with out.open("wb") as file:
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True)
    assert out.read_bytes() == b"text"
    assert Path("/dev/stdout").is_symlink()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_the_system_refuses_is_unavailable_in_its_own_words(tmp_path: Path, way: Callable[[Path], None]) -> None:
    with pytest.raises(FileUnavailable) as caught:
        way(tmp_path / "absent" / "file")
    assert caught.value.detail == os.strerror(errno.ENOENT)
    with pytest.raises(FileUnavailable):
        way(tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


def test_lines_are_added_at_the_end_and_one_cut_short_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_private(path, b"one\n")
    append_private(path, b"two\n")
    path.write_bytes(path.read_bytes() + b"cut")
    append_private(path, b"three\n")
    assert path.read_bytes() == b"one\ntwo\ncut\nthree\n"


def test_two_that_add_to_one_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lines"

    def add(letter: bytes) -> None:
        for _ in range(20):
            append_private(path, letter * 5_000 + b"\n")

    threads = [threading.Thread(target=add, args=(letter,)) for letter in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = path.read_bytes().split(b"\n")
    assert sorted(lines) == sorted([b"", *[letter * 5_000 for letter in (b"a", b"b", b"c")] * 20])


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "above" / "folder"

    def stop_halfway() -> None:
        with making_folder(place) as draft:
            make_folder(draft / "inner")
            write_file(draft / "inner" / "file", b"text")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_halfway()
    assert list(place.parent.iterdir()) == []
    with umask(0o777), making_folder(place) as draft:
        make_folder(draft / "inner")
        write_file(draft / "inner" / "file", b"text")
        assert not place.exists()
    assert (place / "inner" / "file").read_bytes() == b"text"
    assert [_mode(place), _mode(place / "inner")] == [0o700, 0o700]
    assert [path.name for path in place.parent.iterdir()] == ["folder"]


def test_a_folder_and_those_above_it_are_their_owners_alone(tmp_path: Path) -> None:
    for _ in range(2):
        with umask(0o777):
            make_folder(tmp_path / "above" / "folder")
        assert [_mode(tmp_path / "above"), _mode(tmp_path / "above" / "folder")] == [0o700, 0o700]
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path / "file", tmp_path / "file" / "folder", tmp_path / "link", tmp_path / ("x" * 300)):
        with pytest.raises(FileUnavailable):
            make_folder(place)


def test_a_folder_takes_no_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(FolderExists), making_folder(tmp_path / name):
            pytest.fail("there was something already")

    def come_second() -> None:
        with making_folder(tmp_path / "folder") as draft:
            (draft / "file").write_bytes(b"ours")
            (tmp_path / "folder").mkdir()
            (tmp_path / "folder" / "file").write_bytes(b"theirs")

    with pytest.raises(FileUnavailable):
        come_second()
    assert (tmp_path / "folder" / "file").read_bytes() == b"theirs"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link", "folder"}


# ---- copies


def test_a_copy_is_as_private_as_what_it_is_of(tmp_path: Path) -> None:
    write_file(tmp_path / "secret", b"key\n", private=True)
    write_file(tmp_path / "open", b"text\n")
    with umask(0):
        for name in ("secret", "open"):
            copy_file(tmp_path / name, tmp_path / f"{name} copy")
            assert (tmp_path / f"{name} copy").read_bytes() == (tmp_path / name).read_bytes()
    assert (_mode(tmp_path / "secret copy"), _mode(tmp_path / "open copy")) == (0o600, 0o666)


def test_a_folder_is_copied_with_all_that_is_in_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "old" / "inner")
    write_file(tmp_path / "old" / "inner" / "secret", b"key\n", private=True)
    write_file(tmp_path / "old" / "file", b"text\n")
    copy_folder(tmp_path / "old", tmp_path / "new")
    assert sorted(str(path.relative_to(tmp_path / "new")) for path in (tmp_path / "new").rglob("*")) == [
        "file",
        "inner",
        "inner/secret",
    ]
    assert _mode(tmp_path / "new" / "inner" / "secret") == 0o600


def test_a_copy_takes_no_place_of_another_and_names_what_is_missing(tmp_path: Path) -> None:
    for name in ("old", "new"):
        write_file(tmp_path / name, name.encode())
    with pytest.raises(FileExists):
        copy_file(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"new"
    for copy, absent in ((copy_file, tmp_path / "no file"), (copy_folder, tmp_path / "no folder")):
        with pytest.raises(FileUnavailable) as missing:
            copy(absent, tmp_path / "copy")
        assert missing.value.path == str(absent)


# ---- and nothing else writes

_WRITES = re.compile(
    r"\.open\((?:mode=)?[\"'][rbt]*[wax+][bt+]*[\"']|\bopen\([^)]*,\s*(?:mode=)?[\"'][^\"']*[wax+]|O_(?:WRONLY|RDWR|CREAT|APPEND)"
    r"|\.write_(?:text|bytes)\(|NamedTemporaryFile|TemporaryDirectory|mkstemp|mkdtemp|shutil\.(?:copy|move)"
    r"|\.mkdir\(|makedirs|\.touch\(|\.rename\(|os\.(?:replace|rename|link)\("
)
_MAY: dict[str, str] = {
    "office/trust_store.py": "folder.mkdir()",  # others may read what is trusted; it has no parents to make
    "cli/start.py": "os.open(os.devnull, os.O_RDWR)",  # a standard stream that was closed
    "cli/output.py": "os.open(os.devnull, os.O_WRONLY)",
    "cli/operating.py": "TemporaryDirectory",  # what workers count together while they run, and nobody keeps
    "cli/lab_attacks.py": "TemporaryDirectory",  # networks that last as long as they are tried
    "cli/lab_scale.py": "TemporaryDirectory",
    **dict.fromkeys(
        (f"lab/notebooks/{name}.py" for name in ("belarus_china", "own_analysis", "own_contract")),
        "mkdtemp",  # where a reader's own files stand
    ),
    "cli/workshop.py": "TemporaryDirectory",  # a room that is kept nowhere, and the books of its tables
}


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ('path.open("wb")', True),
        ("path.open(mode='r+b')", True),
        ('open(path, "a")', True),
        ('archive.open("part.xml", "w")', True),
        ('archive.open("xl/workbook.xml")', False),
        ('path.open("rb")', False),
    ],
)
def test_a_line_that_opens_a_file_to_write_is_told_from_one_that_reads(line: str, writes: bool) -> None:
    assert bool(_WRITES.search(line)) is writes


def test_nothing_else_in_this_project_writes_a_file() -> None:
    source = Path(files.__file__).parent
    found = {
        (str(path.relative_to(source)), line.strip())
        for path in source.rglob("*.py")
        if path != Path(files.__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if _WRITES.search(line)
    }
    assert {(name, line) for name, line in found if _MAY.get(name, "nothing") not in line} == set()
    assert {name for name, _ in found} == set(_MAY)
