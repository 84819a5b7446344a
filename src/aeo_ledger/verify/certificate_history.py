"""The history of a certificate: every status event recorded for its standing, and who signed it.

`history` proves histories in order to decide past times. This module returns a history in full, for people to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aeo_ledger.customs.standing import Record
from aeo_ledger.errors.verify import OtherHistory
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.history import RecordedPublication
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import digest_of_hash
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.signatories import hash_publication
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, verify_state
from aeo_ledger.verify.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEvent:
    """A status event, as signed and recorded."""

    record: Record
    """The record after the event, with its time of recording."""
    document: bytes
    """Commitment to the certificate's document, 32 bytes; zero if there is none."""
    capacity: int
    """Capacity in which its publication is signed."""
    former: int
    """Number of the old issuer in a transfer, otherwise 0."""
    signers: tuple[bytes, ...]
    """20 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenCertificateHistories:
    """The complete histories of some certificates, in order. Only `verify_certificate_histories` makes one."""

    events: dict[bytes, tuple[ProvenEvent, ...]]
    """Events by entry (32 bytes); empty if there was never a certificate."""
    sealed: SealedHeader
    """The block at which the histories are complete."""


def verify_certificate_histories(
    evidence: Evidence,
    entries: Sequence[bytes],
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
) -> ProvenCertificateHistories:
    """Prove the complete history of some certificates.

    Args:
        evidence: From any source; it must hold the histories of exactly these entries.
        entries: Entries of the certificates, derived by the asker, 32 bytes each.
        trust: Bundle pinned by the asker.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.

    Raises:
        OtherHistory: The evidence holds histories of other entries.
        Superseded: Another ledger continues these histories.
        SurplusNodes: The evidence holds nodes that are not needed.
        Unproven: In the leaves of `verify_state` and `verify_history`.
    """
    history = evidence.history
    if history is None or {chain.entry for chain in history.standings} != set(entries):
        raise OtherHistory(asked=len(set(entries)), found=0 if history is None else len(history.standings))
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew)
    state.refuse_superseded(None)
    proven = verify_history(history, state, trust)
    state.pool.refuse_surplus()
    return ProvenCertificateHistories(
        events={
            chain.entry: tuple(
                _event(history.publications[event.publication], record, event.document, trust)
                for event, record in zip(chain.events, proven.standings[chain.entry].records, strict=True)
            )
            for chain in history.standings
        },
        sealed=state.sealed,
    )


def _event(publication: RecordedPublication, record: Record, document: bytes, trust: TrustBundle) -> ProvenEvent:
    chain_id, contract = trust.domain_at(Contract.REGISTERS, publication.recorded_at)
    signed = digest_of_hash(hash_publication(publication), chain_id=chain_id, contract=contract)
    return ProvenEvent(
        record=record,
        document=document,
        capacity=publication.capacity,
        former=publication.former,
        signers=tuple(signature.recover_signer(signed) for signature in publication.signatures),
    )
