"""Back up an embedded network while it runs, and restore it.

A backup is a folder like the network's own, with everything that a gateway needs to go on: the ledger as of one block, its mark, the
validators' encrypted keys, genesis, places, trust bundle, the ledgers that it succeeds, and the parties' cards. The parties' own keys are not
in it: they belong to the parties. Nor is the index, which is made again.

Both ways the copy is read whole and compared with its source before it gets its name. A restored ledger is an older one, if blocks were
sealed after the backup. This machine's mark shows that, and then nothing is restored: to seal other blocks at their heights would make a
second history. A machine without a mark cannot know, so a person has to answer for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.chain import EmbeddedLedger, Marks, marks_of_machine
from aeo_ledger.errors.chain import DamagedLedger
from aeo_ledger.files import copy_file, copy_folder, make_folder, making_folder
from aeo_ledger.network.check import check_network
from aeo_ledger.network.places import PLACES
from aeo_ledger.network.run import PREDECESSORS, predecessors_of
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

_LEDGER: Final = "ledger.sqlite"
_MARK: Final = "ledger.sqlite.mark"
_KEYS: Final = "validators.keys"
_CARDS: Final = "cards"
_BESIDE: Final = ("genesis.json", PLACES, "trust.json")
_NO_MARKS: Final = "no-marks"
"""A folder that does not exist: a backup is older than its source as soon as it is made, and that is no fault of it."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The ledger in a backup."""

    chain_id: int
    head: int
    """Its last block's number."""
    head_hash: bytes
    """32 bytes."""
    state_root: bytes
    """Root of the state after that block, 32 bytes."""
    time: int
    """Of that block, UTC seconds."""
    is_known_here: bool
    """Whether this machine has a mark of this ledger; with it, the ledger is known to be the newest."""


def back_up(folder: Path, out: Path, *, progress: Progress = lambda _what, _more: None) -> Copied:
    """Copy a network to a new folder, while a gateway may have it open.

    Raises:
        FolderExists: `out` exists.
        MalformedLedger: There is no embedded ledger in `folder`.
        DamagedLedger: Its ledger is damaged, or the copy differs from it.
        FileUnavailable, StorageFailed: Something cannot be read or written, or the copy makes no progress.
    """
    with making_folder(out) as draft:
        _copy_network(folder, draft)
        _demand_whole(draft, marks=draft / _NO_MARKS, progress=progress)
        return _compare(folder, draft, marks_of_machine())


def restore(
    backup: Path,
    out: Path,
    *,
    agree: Callable[[Copied], None],
    progress: Progress = lambda _what, _more: None,
    marks: Path | None = None,
) -> Copied:
    """Make a network's folder from a backup.

    Args:
        backup: The backup's folder; it is not changed.
        out: The new folder.
        agree: Called before anything is copied; raises if a person does not agree.
        progress: Called with a kind of things, and how many more of them were read.
        marks: The folder of this machine's marks, if not the default.

    Raises:
        FolderExists: `out` exists.
        MalformedLedger: `backup` is not one.
        DamagedLedger: The backup is damaged, or the copy differs from it.
        LedgerSetBack: This machine sealed blocks after the backup was made.
        FileUnavailable, StorageFailed: Something cannot be read or written.
    """
    machine = marks or marks_of_machine()
    with making_folder(out) as draft:
        _demand_whole(backup, marks=machine, progress=progress)
        agree(_compare(backup, backup, machine))
        _copy_network(backup, draft)
        return _compare(backup, draft, machine)


def copy_ledger(home: Path, own: Path) -> None:
    """Copy a ledger to a new folder, with the files that explain it, but without keys.

    Raises:
        MalformedLedger, DamagedLedger, FileUnavailable, StorageFailed: It cannot be copied.
    """
    make_folder(own)
    with EmbeddedLedger.open_to_read(home / _LEDGER) as ledger:
        ledger.copy(own / _LEDGER)
    for name in _BESIDE:
        copy_file(home / name, own / name)


def _copy_network(folder: Path, draft: Path) -> None:
    """Copy what a gateway needs. The mark comes first: then it is of the ledger's last block, of the next one or of an older one."""
    if (folder / _MARK).exists():
        copy_file(folder / _MARK, draft / _MARK)
    copy_ledger(folder, draft)
    copy_file(folder / _KEYS, draft / _KEYS)
    for home in predecessors_of(folder):
        copy_ledger(home, draft / PREDECESSORS / home.name)
    if (folder / _CARDS).exists():
        copy_folder(folder / _CARDS, draft / _CARDS)


def _demand_whole(folder: Path, *, marks: Path, progress: Progress) -> None:
    """Read everything, and raise the first damage."""
    for error in check_network(folder, progress=progress, marks=marks).damage.values():
        raise error


def _compare(source: Path, copy: Path, marks: Path) -> Copied:
    """Compare the copy's last block with the same block of the source."""
    with EmbeddedLedger.open_to_read(source / _LEDGER) as old, EmbeddedLedger.open_to_read(copy / _LEDGER) as new:
        head = new.head
        found, needed = (ledger.rpc.request("eth_getBlockByNumber", [hex(head)]) for ledger in (new, old))
        for part in ("hash", "stateRoot"):
            if found[part] != needed[part]:
                reason = f"it is {found[part]} in the copy, the source has {needed[part]}"
                raise DamagedLedger(path=str(source / _LEDGER), part=f"block {head}, {part}", reason=reason)
        genesis = new.genesis.hash()
        return Copied(
            chain_id=new.genesis.chain_id,
            head=head,
            head_hash=parse_hex(found["hash"], what="hash", length=32),
            state_root=parse_hex(found["stateRoot"], what="stateRoot", length=32),
            time=int(found["timestamp"], 16),
            is_known_here=Marks(source / _LEDGER, genesis, marks).is_known_here,
        )


def describe(copied: Copied) -> dict[str, int | str | bool]:
    """Write what was copied, for machines."""
    return {
        "chain_id": copied.chain_id,
        "block": copied.head,
        "hash": to_hex(copied.head_hash),
        "state_root": to_hex(copied.state_root),
        "block_time": copied.time,
        "known_here": copied.is_known_here,
    }
