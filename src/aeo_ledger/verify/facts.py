"""The facts behind an act to be signed: words of this ledger as it is now."""

from __future__ import annotations

from aeo_ledger.errors.verify import Superseded
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, ProvenState, verify_age, verify_state
from aeo_ledger.verify.trie import NodePool
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
    header = decode_header(evidence.header)
    hashed = header.hash()
    if hashed == trust.checkpoint.hash:
        verify_age(header.timestamp, trust, now=now, max_age=max_age, skew=skew)
        pinned = SealedHeader(
            header=header, hash=hashed, sealers=(), validators=trust.validators, encoded=evidence.header
        )
        return ProvenState(pinned, NodePool(evidence.nodes), trust)
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew, sealed=sealed)
    if state.is_seam:
        raise Superseded(successor=trust.consortium, superseded_at=state.time)
    return state
