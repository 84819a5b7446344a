"""Pin a trust bundle that came out of band, and move it forward by proof, in a trust store or in a single file.

A store keeps every bundle that was trusted (see `office.trust_store`). A single file keeps only the last one: what an earlier
bundle proved can then no longer be proven.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.country import find_country
from aeo_ledger.customs.party import Party
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.office import OlderTrust, OtherChainPinned, OtherFingerprint, PinKept
from aeo_ledger.errors.verify import NotTheCheckpoint, TrustExpired, UnknownParty
from aeo_ledger.evidence.handover import UPDATE_FORM, TrustUpdate
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import Put, encode_as_named, read_file, read_trust
from aeo_ledger.office.trust_store import Way, add_to_store, is_empty, is_store
from aeo_ledger.verify import TRUST_FORM, TrustBundle, TrustedParty
from aeo_ledger.verify.handover import ProvenUpdate, verify_update
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S
from aeo_ledger.verify.trust import fingerprint

EXPIRES_SOON: Final = 4
"""A bundle in the last quarter of its period expires soon: find a gateway, or somebody who can hand over a new bundle."""

FetchUpdate: TypeAlias = Callable[[int], TrustUpdate]
"""Returns the steps from a block, given by number, to the newest one. It may ask a gateway or read a file."""


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
    """Pin a bundle that came out of band. A bundle that is already pinned is kept, unless it is the same.

    Args:
        offered: The file with the new bundle.
        out: The place of the pinned trust: a store, or a single file.
        now: UTC seconds.
        replace: Replace the pinned bundle, whatever it is.
        expected: The fingerprint that was told by voice, 32 bytes.

    Raises:
        UnreadableFile, MalformedDocument: one of the two files is not a trust bundle.
        OtherFingerprint: it is not the bundle expected.
        TrustExpired: it is past its period.
        OtherChainPinned: another ledger is pinned there.
        OlderTrust, NotTheCheckpoint: the same ledger is pinned there, at a later block, or at another block of the same number.
        PinKept: the same ledger is pinned there, and nothing proves that the new bundle follows from the pinned one.
        FileUnavailable: it cannot be written.
        TrustStoreDamaged, TrustStoreMoved, PinnedLater: see `add_to_store`.
    """
    trust = read_trust(offered)
    if expected is not None and fingerprint(trust) != expected:
        raise OtherFingerprint(found=fingerprint(trust), needed=expected)
    if now >= trust.expires_at:
        raise TrustExpired(expired_at=trust.expires_at, now=now)
    former = None
    if out.exists() and not replace and not is_empty(out):
        former = read_trust(out)
        if former != trust:
            raise _refuse(trust, former, out)
    _adopt(out, trust, way=Way.PINNED, now=now, former=former)
    return trust


def update_trust(
    path: Path, fetch: FetchUpdate, *, now: int, max_age: int = DEFAULT_MAX_AGE_S
) -> tuple[TrustBundle, ProvenUpdate]:
    """Fetch hand-over proofs, check them against the pinned bundle, and pin the moved bundle instead.

    Returns:
        The bundle before the update, and what was proven.

    Raises:
        UnreadableFile, MalformedDocument: there is no bundle.
        Unproven: any leaf of it that `verify_update` raises; the file is unchanged.
        Refused, Unavailable, Malformed: `fetch` raised it.
        FileUnavailable: it cannot be written.
        TrustStoreDamaged, TrustStoreMoved, PinnedLater: see `add_to_store`.
    """
    trust = read_trust(path)
    if now >= trust.expires_at:
        raise TrustExpired(expired_at=trust.expires_at, now=now)
    proven = verify_update(fetch(trust.checkpoint.number), trust, now=now, max_age=max_age)
    if proven.trust != trust:
        _adopt(path, proven.trust, way=Way.UPDATED, now=now, former=trust)
    return trust, proven


def pin_certificate(trust: TrustBundle, number: int, certificate: bytes) -> TrustBundle:
    """Note in a bundle by which X.509 certificate its reader recognised a party.

    Args:
        trust: The reader's bundle.
        number: The party's number.
        certificate: Its fingerprint, 32 bytes, proven to be the party's.

    Raises:
        UnknownParty: The bundle names no such party.
    """
    if number not in trust.by_number:
        raise UnknownParty(code=f"number {number}", known=tuple(trust.by_code))
    parties = (replace(one, certificate=certificate) if one.number == number else one for one in trust.parties)
    return replace(trust, parties=tuple(parties))


def make_row(number: int, code: str, *, keeps_register: bool) -> TrustedParty:
    """Make a trust bundle's row for a party: its number, its name, and the names of its register's types, as this program has them."""
    country, types = find_country(code), list_type_names(code) if keeps_register else ()
    return TrustedParty(number=number, code=code, name=code if country is None else country.name, types=types)


def name_in_bundle(trust: TrustBundle, number: int, party: Party) -> TrustBundle:
    """Name in a bundle a party that was admitted since the bundle was made, or that keeps a register since then.

    No proof about validators names parties: without this, a newcomer's traders have no register, and it can be no recogniser.

    Args:
        trust: The reader's bundle.
        number: The party's number.
        party: What the ledger says about it, proven.
    """
    known, row = trust.by_number.get(number), make_row(number, party.code, keeps_register=party.is_searched())
    if known is not None:
        row = replace(known, types=known.types or row.types)
    others = [
        one for one in trust.parties if one.number != number and one.code != row.code
    ]  # an expelled one lost its code
    codes, numbers = {row.code, *(one.code for one in others)}, {number, *(one.number for one in others)}
    country = find_country(row.code)
    prefixes = dict.fromkeys(() if country is None else country.prefixes, number)
    prefixes |= {prefix: of for prefix, of in trust.prefixes.items() if of in numbers}
    return replace(
        trust,
        parties=tuple(sorted([*others, row], key=lambda one: one.number)),
        prefixes={prefix: of for prefix, of in sorted(prefixes.items()) if prefix not in codes},
    )


def repin_named(path: Path, trust: TrustBundle, named: TrustBundle, *, now: int) -> None:
    """Pin a bundle that differs from the pinned one in who is named, in its place.

    Raises:
        FileUnavailable: it cannot be written.
        TrustStoreDamaged, TrustStoreMoved, PinnedLater: see `add_to_store`.
    """
    if named != trust:
        _adopt(path, named, way=Way.NAMED, now=now, former=trust)


def read_update(path: Path) -> TrustUpdate:
    """Read an update from a file, as JSON or CBOR.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument: it is not an update.
    """
    return UPDATE_FORM.decode(read_file(path))


def write_update(path: Path, update: TrustUpdate, put: Put = write_file) -> None:
    """Write an update for others: as CBOR if the name ends in `.cbor`, else as JSON.

    Raises:
        FileUnavailable: it cannot be written.
    """
    put(path, encode_as_named(path, UPDATE_FORM, update))


def _refuse(offered: TrustBundle, pinned: TrustBundle, path: Path) -> AeoLedgerError:
    """Say why a bundle cannot replace the pinned one: another ledger, an earlier block, a fork, or no proof."""
    new, old = offered.checkpoint, pinned.checkpoint
    if offered.ledger != pinned.ledger:
        return OtherChainPinned(path=str(path), found=pinned.chain_id, offered=offered.chain_id)
    if new.number < old.number:
        return OlderTrust(path=str(path), found=old.number, offered=new.number)
    if new.number == old.number and new.hash != old.hash:
        return NotTheCheckpoint(number=new.number, found=new.hash, needed=old.hash)
    return PinKept(path=str(path), found=old.number, offered=new.number)


def _adopt(path: Path, trust: TrustBundle, *, way: Way, now: int, former: TrustBundle | None) -> None:
    """Add a bundle to a store, or replace a single file."""
    if is_store(path):
        add_to_store(path, trust, way=way, now=now, after=None if former is None else fingerprint(former))
    else:
        write_file(path.resolve(), TRUST_FORM.encode_file(trust))  # a link stays a link
