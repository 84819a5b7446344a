"""Disks that are full or read-only, as the kernel makes them, where the one who runs the tests may mount."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*arguments: str | Path) -> None:
    try:
        subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")


@contextmanager
def _mounted(place: Path) -> Iterator[Path]:
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True, capture_output=True)


@contextmanager
def small_disk(place: Path, kibibytes: int) -> Iterator[Path]:
    """Mount an empty disk of so many KiB."""
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kibibytes}k,mode=0700", "tmpfs", place)
    with _mounted(place):
        yield place


@contextmanager
def read_only(folder: Path, place: Path) -> Iterator[Path]:
    """Show a folder once more, at a place where nobody can write."""
    place.mkdir()
    _mount("--bind", folder, place)
    with _mounted(place):
        _mount("-o", "remount,ro,bind", place)
        yield place


def fill(place: Path) -> Path:
    """Write until a disk takes no more; return the file to remove."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast
