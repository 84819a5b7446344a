"""The trust store: a folder that keeps every bundle that was ever pinned in it, with its time.

    pinned.json         the list, `aeo-ledger/trust-store/1`
    FINGERPRINT.json    each bundle, `aeo-ledger/trust/1`, under its own fingerprint, 64 digits

The list is JSON:

    format      "aeo-ledger/trust-store/1"
    pinned      list of {at, way, bundle, sum}, in the order in which they were pinned; the last one is trusted now

    at          UTC seconds, by the clock of the person who pinned it
    way         "pinned": it came out of band; "updated": the bundle before it was moved forward by proof;
                "named": a party was named in the bundle before it, by proof
    bundle      the bundle's fingerprint, 32 bytes
    sum         keccak256 of the sum before (32 bytes, 0 at first), `at` (8 bytes), `way` in ASCII, and `bundle`

Nothing in a store is ever changed or removed: bundles are added at the end. So a missing or exchanged bundle is noticed, and so
is any change of the list. A folder that was set back whole to an old copy is not noticed. Whoever may write to the folder
decides what is trusted, as with a single bundle: the sums protect against accidents only.

The folder is all that is needed to judge old evidence: hand both over together.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from aeo_ledger.errors.files import FileUnavailable, UnreadableFile
from aeo_ledger.errors.office import PinnedLater, TrustStoreDamaged, TrustStoreMoved
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.files import write_file
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify.archive import PinnedTrust
from aeo_ledger.verify.trust import MAX_BYTES, TRUST_FORM, TrustBundle, fingerprint

FORMAT: Final = "aeo-ledger/trust-store/1"
"""Name and version of the format."""

LIST: Final = "pinned.json"
"""Name of the list's file."""

_DOCUMENT: Final = "trust store"
_MAX_PINNED: Final = 1 << 16
"""Most bundles in one store: an update every hour for seven years."""
_MAX_LIST_BYTES: Final = 1 << 25
_BUNDLE_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")


class Way(StrEnum):
    """How a bundle was pinned."""

    PINNED = "pinned"
    UPDATED = "updated"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One element of the list."""

    at: int
    """When it was pinned, UTC seconds."""
    way: Way
    bundle: bytes
    """The bundle's fingerprint, 32 bytes."""

    def sum(self, before: bytes) -> bytes:
        """Derive this element's sum, 32 bytes, from the sum before."""
        return keccak256(before + self.at.to_bytes(8, "big") + self.way.encode("ascii") + self.bundle)


def is_store(path: Path) -> bool:
    """Tell whether a path names a store, present or future: a folder, not a file and not a name that ends in `.json`."""
    return path.is_dir() or (not path.exists() and path.suffix != ".json")


def is_empty(path: Path) -> bool:
    """Tell whether a path names an empty folder."""
    return path.is_dir() and not any(path.iterdir())


def list_store(folder: Path) -> tuple[Entry, ...]:
    """List the bundles that were pinned in a store, oldest first; there is at least one.

    Raises:
        UnreadableFile: the folder is not a store.
        TrustStoreDamaged: its list is missing, or was changed.
        FileUnavailable: the system cannot read it.
    """
    path = folder / LIST
    if not path.exists():
        if folder.is_dir() and _holds_bundles(folder):
            raise TrustStoreDamaged(path=str(path), reason="it is missing")
        raise UnreadableFile(
            path=str(folder), detail=f"no trust store: needed a folder with {LIST}, or a bundle's file"
        )
    try:
        return _LIST_FORM.decode_json(_read(path, _MAX_LIST_BYTES))
    except MalformedDocument as error:
        raise TrustStoreDamaged(path=str(path), reason=str(error)) from error


def read_store(folder: Path) -> tuple[PinnedTrust, ...]:
    """Read every bundle of a store and the time at which it was pinned, oldest first.

    Raises:
        UnreadableFile, TrustStoreDamaged, FileUnavailable: as `list_store` does, or a bundle is missing or exchanged.
    """
    return tuple(
        PinnedTrust(trust=_read_bundle(folder, entry.bundle), pinned_at=entry.at) for entry in list_store(folder)
    )


def read_newest(folder: Path) -> TrustBundle:
    """Read the bundle that a store trusts now; raises as `read_store` does."""
    return _read_bundle(folder, list_store(folder)[-1].bundle)


def add_to_store(folder: Path, trust: TrustBundle, *, way: Way, now: int, after: bytes | None) -> None:
    """Pin a bundle after all others; a bundle that is already the last one is not added again.

    Args:
        folder: A store, an empty folder, or a path where nothing exists yet.
        trust: The bundle to trust from now on.
        way: How it was pinned.
        now: UTC seconds.
        after: Fingerprint of the bundle that it must follow, 32 bytes; None if it may follow any.

    Raises:
        TrustStoreMoved: another bundle than `after` is the last one now.
        PinnedLater: the clock is earlier than the time at which the last one was pinned.
        UnreadableFile: the folder holds something else.
        TrustStoreDamaged: see `list_store`.
        FileUnavailable: it cannot be written; nothing changed.
    """
    with _held(folder):
        entries = () if is_empty(folder) else list_store(folder)
        if after is not None and entries and entries[-1].bundle != after:
            raise TrustStoreMoved(path=str(folder))
        if entries and now < entries[-1].at:
            raise PinnedLater(path=str(folder), pinned_at=entries[-1].at, now=now)
        entry = Entry(at=now, way=way, bundle=fingerprint(trust))
        if entries and entries[-1].bundle == entry.bundle:
            return
        # the bundle first: a list that names a missing bundle is damaged, an unlisted bundle is harmless
        write_file(_place(folder, entry.bundle), TRUST_FORM.encode_file(trust))
        write_file(folder / LIST, _LIST_FORM.encode_file((*entries, entry)))


def _place(folder: Path, bundle: bytes) -> Path:
    return folder / f"{bundle.hex()}.json"


def _holds_bundles(folder: Path) -> bool:
    return any(_BUNDLE_NAME.fullmatch(path.name) for path in folder.iterdir())


def _read_bundle(folder: Path, bundle: bytes) -> TrustBundle:
    path = _place(folder, bundle)
    try:
        trust = TRUST_FORM.decode_json(_read(path, MAX_BYTES))
    except MalformedDocument as error:
        raise TrustStoreDamaged(path=str(path), reason=str(error)) from error
    if fingerprint(trust) != bundle:
        raise TrustStoreDamaged(path=str(path), reason=f"it is the bundle {to_hex(fingerprint(trust))}")
    return trust


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise TrustStoreDamaged(path=str(path), reason="it is missing") from error
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=error.strerror or str(error)) from error
    if len(data) > limit:
        raise TrustStoreDamaged(path=str(path), reason=f"more than {limit} bytes")
    return data


def _encode(entries: tuple[Entry, ...]) -> dict[str, Value]:
    last = bytes(32)
    pinned: list[Value] = []
    for entry in entries:
        last = entry.sum(last)
        pinned.append({"at": entry.at, "way": entry.way.value, "bundle": entry.bundle, "sum": last})
    return {"format": FORMAT, "pinned": pinned}


def _decode(fields: Fields) -> tuple[Entry, ...]:
    fields.demand(("format", "pinned"))
    fields.choice("format", {FORMAT: None})
    entries: list[Entry] = []
    last = bytes(32)
    for line in fields.objects("pinned", _MAX_PINNED):
        line.demand(("at", "way", "bundle", "sum"))
        entry = Entry(
            at=line.number("at", (1 << 64) - 1),
            way=line.choice("way", {way.value: way for way in Way}),
            bundle=line.binary("bundle", 32),
        )
        last = entry.sum(last)
        if line.binary("sum", 32) != last:
            line.refuse("sum", f"needed {to_hex(last)}: something above it was changed")
        entries.append(entry)
    if not entries:
        fields.refuse("pinned", "needed at least one")
    return tuple(entries)


_LIST_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=_MAX_LIST_BYTES, indent=1)
"""The form of the list: a local file, only JSON."""


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Lock a folder for this process while the list is read and written; make the folder if it is missing."""
    try:
        with suppress(FileExistsError):
            folder.mkdir()
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FileUnavailable(path=str(folder), detail=error.strerror or str(error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
