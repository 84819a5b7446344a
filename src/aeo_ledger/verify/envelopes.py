"""The envelopes that a register sent: all of them, each signed by its operators, and nothing that the ledger did not record.

The ledger emits an envelope and stores only its hash, in the history of the register's party. So the party's whole history is replayed to
the head that the ledger proves. Whoever serves it can forge no envelope, and can hold none back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aeo_ledger.errors.verify import OtherHistory
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, verify_state
from aeo_ledger.verify.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEnvelope:
    """An envelope that the ledger recorded. Only `verify_envelopes` makes one."""

    recipient: int
    """Number of the party that can open it."""
    epoch: int
    """Payload epoch of its keys."""
    sealed: bytes
    recorded_at: int
    """Block time, UTC seconds."""
    chain_id: int
    contract: bytes
    """The chain, and the address of `Consortium` (20 bytes), for which it was signed: a predecessor's, if it is as old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEnvelopes:
    """Every envelope of a register, in order."""

    register: int
    """Number of the register."""
    envelopes: tuple[ProvenEnvelope, ...]
    sealed: SealedHeader
    """The block at which they are all."""


def verify_envelopes(
    evidence: Evidence,
    register: int,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    sealed: SealedHeader | None = None,
) -> ProvenEnvelopes:
    """Prove every envelope that a register's party sent.

    Args:
        evidence: From any source; it must hold the history of exactly this party.
        register: Number of the register, and of its party.
        trust: Bundle pinned by whoever asks.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.
        sealed: A header whose seals were checked before.

    Raises:
        OtherHistory: The evidence holds another history.
        Superseded: Another ledger continues this history.
        SurplusNodes: The evidence holds nodes that are not needed.
        Unproven: In the leaves of `verify_state` and `verify_history`.
    """
    history = evidence.history
    if history is None or [chain.party for chain in history.parties] != [register]:
        raise OtherHistory(asked=1, found=0 if history is None else len(history.parties))
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew, sealed=sealed)
    state.refuse_superseded(None)
    verify_history(history, state, trust)
    state.pool.refuse_surplus()
    acts = [act for place in history.parties[0].acts if (act := history.acts[place]).name == "Envelope"]
    return ProvenEnvelopes(
        register=register,
        envelopes=tuple(_read(act.values, act.recorded_at, trust) for act in acts),
        sealed=state.sealed,
    )


def _read(values: Mapping[str, Any], recorded_at: int, trust: TrustBundle) -> ProvenEnvelope:
    chain_id, contract = trust.domain_at(Contract.CONSORTIUM, recorded_at)
    return ProvenEnvelope(
        recipient=values["recipient"],
        epoch=values["epoch"],
        sealed=values["sealed"],
        recorded_at=recorded_at,
        chain_id=chain_id,
        contract=contract,
    )
