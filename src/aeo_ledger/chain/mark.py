"""Marks: records of the last sealed block outside the database. They detect an incomplete copy and a restored backup.

A block is *decided* before anybody seals it. First the whole block is written to a mark beside the ledger's file. Then its number and hash
are written to a mark in this machine's own folder. Only then do the validators sign. So if the process stops in between, no other block
can get this height: the decided block is finished unchanged, with the same signatures. A ledger file that ends before its mark, or has another
block there, is detected before anything is sealed or read.

    beside the file     is copied with the folder: detects that a copy lacks its -wal
    on this machine     is not copied: detects an older folder, and two copies that are open at once

The marks cannot detect that two machines run two copies of one folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.chain.file_lock import lock_descriptor
from aeo_ledger.errors.chain import DamagedLedger, LedgerSetBack, StorageFailed
from aeo_ledger.errors.files import FileUnavailable
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.files import make_folder, write_file
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

_NAME: Final = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A decided block."""

    number: int
    hash: bytes
    """32 bytes."""
    block: bytes
    """Its RLP without seals; empty in the machine's mark."""
    ledger: str
    """The ledger file that it was decided for."""


def marks_of_machine() -> Path:
    """Return the folder of this machine's marks: `$XDG_STATE_HOME/aeo-ledger`, or else `~/.local/state/aeo-ledger`."""
    given = os.environ.get("XDG_STATE_HOME")
    try:
        return (Path(given) if given else Path.home() / ".local" / "state") / "aeo-ledger"
    except RuntimeError:  # there is no home folder: return a path that cannot be written
        return Path(os.devnull) / "no home folder is known, set XDG_STATE_HOME"


class Marks:
    """The marks of one ledger.

    Args:
        ledger: Its file.
        genesis_hash: Hash of its block 0, 32 bytes; all copies of a ledger have the same.
        machine: See `marks_of_machine`.
    """

    def __init__(self, ledger: Path, genesis_hash: bytes, machine: Path) -> None:
        self._ledger = ledger.resolve()
        self._beside = self._ledger.with_name(f"{self._ledger.name}.{_NAME}")
        self._folder = machine / genesis_hash.hex()
        self._machine = self._folder / _NAME

    @property
    def is_known_here(self) -> bool:
        """Whether this machine has a mark of this ledger. Without one, it cannot tell the newest copy from an older one."""
        return _read(self._machine) is not None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Prevent every other copy of the ledger on this machine from sealing, until the block ends.

        Raises:
            LedgerInUse: Another copy is open; the error names the copy that sealed last.
            StorageFailed: This machine's mark cannot be written.
        """
        try:
            make_folder(self._folder)
            opened = os.open(self._folder, os.O_RDONLY)
        except (OSError, FileUnavailable) as error:
            raise _failed(self._machine, error) from error
        try:
            last = _read(self._machine)
            lock_descriptor(opened, self._ledger if last is None else Path(last.ledger))
            yield
        finally:
            os.close(opened)

    def compare(self, head_of: Callable[[], int], hash_of: Callable[[int], bytes]) -> bytes:
        """Compare a ledger with its marks. The ledger may grow meanwhile.

        Args:
            head_of: Returns the last block's number.
            hash_of: Returns a block's hash, 32 bytes, by its number.

        Returns:
            The decided block that is not in the ledger yet, RLP without seals; empty if there is none.

        Raises:
            LedgerSetBack: The ledger lacks a decided block, or has another one at its height.
            DamagedLedger: A mark is damaged.
            FileUnavailable: A mark cannot be read.
        """
        beside, machine = _read(self._beside), _read(self._machine)
        head = head_of()
        if head and beside is None and machine is None:
            raise self._set_back(head, f"there is no {self._beside.name} beside it, so the folder is incomplete")
        unfinished = beside if beside is not None and beside.number == head + 1 else None
        for mark, path in ((beside, self._beside), (machine, self._machine)):
            if mark is None or (unfinished is not None and mark.hash == unfinished.hash):
                continue
            if mark.number > head:
                raise self._set_back(head, f"{path} says that block {mark.number} was sealed for {mark.ledger}")
            if mark.hash != hash_of(mark.number):
                sealed = f"another block {mark.number}, {to_hex(mark.hash)}, was sealed for {mark.ledger}"
                raise self._set_back(head, f"{path} says that {sealed}")
        return b"" if unfinished is None else unfinished.block

    def decide(self, number: int, block_hash: bytes, block: bytes) -> None:
        """Write the block that will be sealed to the mark beside the ledger. From then on, no other block can have its number.

        Raises:
            StorageFailed: It cannot be written; nothing is decided.
        """
        self._write(self._beside, Mark(number=number, hash=block_hash, block=block, ledger=str(self._ledger)))

    def note(self, number: int, block_hash: bytes) -> None:
        """Write the decided block's number and hash to this machine's mark, before it is sealed.

        Raises:
            StorageFailed: It cannot be written.
        """
        self._write(self._machine, Mark(number=number, hash=block_hash, block=b"", ledger=str(self._ledger)))

    @staticmethod
    def _write(path: Path, mark: Mark) -> None:
        try:
            write_file(path, _encode(mark), private=True)
        except FileUnavailable as error:
            raise _failed(path, error) from error

    def _set_back(self, head: int, reason: str) -> LedgerSetBack:
        return LedgerSetBack(path=str(self._ledger), head=head, reason=reason)


def _encode(mark: Mark) -> bytes:
    facts = {"number": mark.number, "hash": to_hex(mark.hash), "block": to_hex(mark.block), "ledger": mark.ledger}
    text = json.dumps(facts)
    return f"{text}\n{keccak256(text.encode()).hex()}\n".encode()


def _read(path: Path) -> Mark | None:
    """Read a mark; None if there is none."""
    try:
        text, check, _ = path.read_bytes().split(b"\n")
        facts = json.loads(text)
        mark = Mark(
            number=int(facts["number"]),
            hash=parse_hex(facts["hash"], what="hash", length=32),
            block=parse_hex(facts["block"], what="block"),
            ledger=str(facts["ledger"]),
        )
        is_whole = check == keccak256(text).hex().encode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, MalformedText):
        is_whole = False
    if not is_whole:
        raise DamagedLedger(path=str(path), part="the mark of the last block", reason="it is not what was written")
    return mark


def _failed(path: Path, error: OSError | FileUnavailable) -> StorageFailed:
    detail = error.detail if isinstance(error, FileUnavailable) else error.strerror
    return StorageFailed(path=str(path), reason=detail or str(error))
