"""The facts behind an act to be signed: words of this ledger as it is now."""

from __future__ import annotations

from typing import TypeVar

from aeo_ledger.errors.verify import Superseded
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.evidence.snapshot import Snapshot
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.snapshot import ProvenSnapshot, verify_snapshot
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, ProvenState, ProvenWords, verify_state
from aeo_ledger.verify.trust import TrustBundle


def verify_facts(
    evidence: Evidence,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    sealed: SealedHeader | None = None,
) -> ProvenState:
    """Prove the state that an act is prepared on: as `verify_state` does, with two exceptions.

    The seam of a predecessor is refused here, although it is valid for ever in an answer about the past. The pinned checkpoint is
    accepted without seals, because its hash is pinned. Nobody seals a genesis, and a ledger's first act has no other block to
    use.

    Raises:
        Superseded: The block is a predecessor's seam.
        Unproven: In the leaves of `verify_state`.
    """
    known = find_checkpoint(evidence.header, trust) or sealed
    return _refuse_seam(verify_state(evidence, trust, now=now, max_age=max_age, skew=skew, sealed=known))


def verify_all_facts(
    snapshot: Snapshot,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    sealed: SealedHeader | None = None,
) -> ProvenSnapshot:
    """Prove every word that acts on a whole register are prepared on: as `verify_snapshot` does, with the exceptions of `verify_facts`.

    Raises:
        Superseded: The block is a predecessor's seam.
        Unproven: In the leaves of `verify_snapshot`.
    """
    known = find_checkpoint(snapshot.header, trust) or sealed
    return _refuse_seam(verify_snapshot(snapshot, trust, now=now, max_age=max_age, skew=skew, sealed=known))


def find_checkpoint(header: bytes, trust: TrustBundle) -> SealedHeader | None:
    """Find whether a header (RLP) is the pinned checkpoint, which needs no seals; None if it is another one.

    Raises:
        MalformedHeader: The header is malformed.
    """
    decoded = decode_header(header)
    hashed = decoded.hash()
    if hashed != trust.checkpoint.hash:
        return None
    return SealedHeader(
        header=decoded, hash=hashed, sealers=(), validators=trust.validators, forks=trust.forks, encoded=header
    )


W = TypeVar("W", bound=ProvenWords)


def _refuse_seam(words: W) -> W:
    if words.is_seam:
        raise Superseded(successor=words.pinned.consortium, superseded_at=words.time)
    return words
