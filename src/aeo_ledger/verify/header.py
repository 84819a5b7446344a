"""From a claimed header to a header that the trusted validators sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors.verify import HeaderBreaksRule
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.evidence.header import MIX_HASH, NO_UNCLES_HASH, Header
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify.seals import verify_seals
from aeo_ledger.verify.validators import ValidatorSet

_PROPOSER: Final = "a trusted validator (if they have changed since, update the trust bundle)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedHeader:
    """A header that a quorum of the trusted validators sealed, or that is pinned. Only `verify_*` functions make one."""

    header: Header
    """The header as received. Its state root is proven."""
    hash: bytes
    """Its on-chain hash, 32 bytes: the name of the block, whichever seals a node stored with it."""
    sealers: tuple[bytes, ...]
    """Validators that sealed it, 20 bytes each, in the order of their seals; empty if its hash is pinned."""
    validators: ValidatorSet | None
    """The trusted set of these validators; None if the header is the seam of a pinned predecessor, sealed or not."""
    forks: Forks | None = None
    """The pinned beginnings of the network's later rules; None if they are not pinned."""
    encoded: bytes = b""
    """The received RLP, if there was one. It serves to recognise the same bytes."""


def verify_header(
    header: Header, validators: ValidatorSet, *, forks: Forks | None = None, lists_validators: bool = False
) -> SealedHeader:
    """Prove that a quorum of the trusted validators sealed the header.

    The rules of form are those of the stricter of the two QBFT engines. Only the parent block or execution can show gas limit, state
    root and proposer's turn; the sealers checked these. The caller, who knows the time, checks age and height.

    Args:
        header: The header to prove.
        validators: The validators trusted to seal this block. A block that changes the set is sealed by the old set.
        forks: When the network's later rules begin. They decide which fields the header must have; both engines refuse any other.
            None: not pinned, so any fields that Berlin's rules do not have are accepted.
        lists_validators: Whether the network chooses its validators by votes in headers (block header mode). Then each header
            must list exactly the trusted set. Where a contract names them, as in this project's own networks, list and vote
            must be empty.

    Raises:
        HeaderBreaksRule: A field has a value that is not possible in a QBFT block.
        UnreadableSeal, StrangerSealed, RepeatedSeal, TooFewSeals: See `verify_seals`.
    """
    _demand(header.difficulty == 1, "difficulty", str(header.difficulty), "1")
    _demand(header.mix_hash == MIX_HASH, "mix_hash", to_hex(header.mix_hash), to_hex(MIX_HASH))
    _demand(header.uncles_hash == NO_UNCLES_HASH, "uncles_hash", to_hex(header.uncles_hash), to_hex(NO_UNCLES_HASH))
    _demand(header.coinbase in validators, "coinbase", to_hex(header.coinbase), _PROPOSER)
    listed = header.listed_validators
    if lists_validators:
        expected = tuple(sorted(validators.addresses))
        _demand(listed == expected, "listed_validators", _list(listed), _list(expected))
    else:
        _demand(not listed, "listed_validators", _list(listed), "none")
        _demand(not header.vote, "vote", _list(header.vote), "none")
    if forks is not None:
        _verify_later_fields(header, forks)
    return SealedHeader(
        header=header,
        hash=header.hash(),
        sealers=verify_seals(header, validators),
        validators=validators,
        forks=forks,
    )


def _verify_later_fields(header: Header, forks: Forks) -> None:
    """Demand exactly the fields that the rules of the header's block have."""
    fields, found = forks.fields_at(header.number, header.timestamp), header.later_fields
    names = ", ".join(field.name for field in fields) or "none"
    _demand(
        len(found) == len(fields), "later_fields", f"{len(found)} fields", f"{len(fields)} by the pinned rules: {names}"
    )
    for field, value in zip(fields, found, strict=True):
        needed = f"{'a number of at most' if field.is_number else 'exactly'} {field.most} bytes"
        _demand(field.fits(value), field.name, to_hex(value), needed)


def _demand(holds: bool, field: str, found: str, needed: str) -> None:  # noqa: FBT001  the flag is the condition
    if not holds:
        raise HeaderBreaksRule(field=field, found=found, needed=needed)


def _list(items: tuple[bytes, ...]) -> str:
    return " ".join(map(to_hex, items)) or "none"
