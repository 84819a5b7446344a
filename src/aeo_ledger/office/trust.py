"""Keep trust: show the pinned bundle, pin one that came out of band, move it forward by proof. The file changes whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from aeo_ledger.errors import (
    FileUnavailable,
    NotTheCheckpoint,
    OlderTrust,
    OtherChainPinned,
    OtherFingerprint,
    TrustExpired,
)
from aeo_ledger.evidence.handover import (
    TrustUpdate,
    decode_update_cbor,
    decode_update_json,
    encode_update_cbor,
    encode_update_json,
)
from aeo_ledger.office.ask import read_file, read_trust, write_file
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.verify import TrustBundle, encode_trust
from aeo_ledger.verify.handover import ProvenUpdate, verify_update
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S

EXPIRES_SOON: Final = 4
"""A bundle in the last quarter of its period expires soon: time to find a gateway, or who can hand over a new one."""

_MODE: Final = 0o644
"""A trust bundle is public; what matters is who may write it."""


FetchUpdate: TypeAlias = Callable[[int], TrustUpdate]
"""From a block's number to the steps from there to the newest one, by whoever may know: a gateway, or a file."""


def fingerprint(trust: TrustBundle) -> bytes:
    """Hash everything that a bundle says, 32 bytes: to be compared by voice with whoever hands it over."""
    return keccak256(encode_trust(trust).encode("utf-8"))


def spell(digest: bytes) -> str:
    """Write a fingerprint in groups of four digits, to be read aloud."""
    text = digest.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def expires_soon(trust: TrustBundle, *, now: int) -> bool:
    """Tell whether a bundle is in the last part of its period, or past it."""
    return trust.expires_at - now <= trust.period_s // EXPIRES_SOON


def pin_trust(
    offered: Path, out: Path, *, now: int, replace: bool = False, expected: bytes | None = None
) -> TrustBundle:
    """Adopt a bundle that came out of band.

    Args:
        offered: The file that came.
        out: Where the pinned bundle is kept.
        now: UTC seconds.
        replace: Overwrite what is pinned there, whatever it is.
        expected: Fingerprint as told by voice, 32 bytes.

    Raises:
        UnreadableFile, MalformedDocument: either file is none.
        OtherFingerprint: it is not the bundle expected.
        TrustExpired: it is past its period.
        OtherChainPinned: another ledger is pinned there.
        OlderTrust, NotTheCheckpoint: the same ledger is, at a later block, or at another block of the same number.
        FileUnavailable: it cannot be written.
    """
    trust = read_trust(offered)
    if expected is not None and fingerprint(trust) != expected:
        raise OtherFingerprint(found=fingerprint(trust), needed=expected)
    if now >= trust.expires_at:
        raise TrustExpired(expired_at=trust.expires_at, now=now)
    if out.exists() and not replace:
        _refuse_setback(trust, read_trust(out), out)
    _write(out, trust)
    return trust


def update_trust(
    path: Path, fetch: FetchUpdate, *, now: int, max_age: int = DEFAULT_MAX_AGE_S
) -> tuple[TrustBundle, ProvenUpdate]:
    """Fetch hand-over proofs, check them against the pinned bundle, and put the moved one in its place.

    Returns:
        The bundle as it was, and what was proven.

    Raises:
        UnreadableFile, MalformedDocument: there is no bundle.
        Unproven: in any leaf of `verify_update`: the file stays as it was.
        Refused, Unavailable, Malformed: what `fetch` says.
        FileUnavailable: it cannot be written.
    """
    trust = read_trust(path)
    if now >= trust.expires_at:
        raise TrustExpired(expired_at=trust.expires_at, now=now)
    proven = verify_update(fetch(trust.checkpoint.number), trust, now=now, max_age=max_age)
    if proven.trust != trust:
        _write(path, proven.trust)
    return trust, proven


def read_update(path: Path) -> TrustUpdate:
    """Read an update that came as a file, in either form; a JSON document begins with a brace, a CBOR map never does.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument: it is none.
    """
    data = read_file(path)
    return decode_update_json(data) if data.lstrip()[:1] == b"{" else decode_update_cbor(data)


def write_update(path: Path, update: TrustUpdate) -> None:
    """Write an update for others: as CBOR where the name ends in `.cbor`, else as JSON.

    Raises:
        UnreadableFile: it cannot be written.
    """
    as_cbor = path.suffix == ".cbor"
    write_file(path, encode_update_cbor(update) if as_cbor else f"{encode_update_json(update)}\n".encode())


def _refuse_setback(offered: TrustBundle, pinned: TrustBundle, path: Path) -> None:
    """Refuse what would put another ledger, a former state or a fork in the place of what is trusted."""
    if _ledger_of(offered) != _ledger_of(pinned):
        raise OtherChainPinned(path=str(path), found=pinned.chain_id, offered=offered.chain_id)
    new, old = offered.checkpoint, pinned.checkpoint
    if new.number < old.number:
        raise OlderTrust(path=str(path), found=old.number, offered=new.number)
    if new.number == old.number and new.hash != old.hash:
        raise NotTheCheckpoint(number=new.number, found=new.hash, needed=old.hash)


def _ledger_of(trust: TrustBundle) -> tuple[int | bytes, ...]:
    return trust.chain_id, trust.genesis_hash, trust.consortium, trust.registers


def _write(path: Path, trust: TrustBundle) -> None:
    """Put a file in the place of another, on disk before it has its name, so that a crash leaves the one or the other."""
    target = path.resolve()  # a link stays a link
    making: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            making = Path(file.name)
            file.write(f"{encode_trust(trust)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        making.chmod(target.stat().st_mode & 0o777 if target.exists() else _MODE)
        making.replace(target)
    except OSError as error:
        raise FileUnavailable(path=str(path), detail=error.strerror or str(error)) from error
    finally:
        if making is not None:
            with suppress(OSError):
                making.unlink(missing_ok=True)
