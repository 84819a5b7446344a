"""A certificate that somebody discloses: did its issuer commit to this document, and what has become of the certificate?

What is proven: the register's issuer signed an event of this entry that commits to exactly this document, and the entry's whole history up to
its present status. Whose the entry is, the document says, and the issuer signed that. In a keyed register a third party cannot derive the entry
itself: so it is shown one certificate, and cannot look for others.
"""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.verify import NotCommitted
from aeo_ledger.evidence.disclosed import DisclosedCertificate
from aeo_ledger.verify.certificate_history import ProvenEvent, verify_certificate_histories
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S
from aeo_ledger.verify.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenDisclosure:
    """A disclosed certificate. Only `verify_disclosed` makes one."""

    entry: bytes
    """32 bytes."""
    document: bytes
    event: int
    """Number of the last event that commits to the document, from 1."""
    events: tuple[ProvenEvent, ...]
    """The whole history of the certificate, in order."""
    sealed: SealedHeader
    """The block at which the history is complete."""

    @property
    def is_latest(self) -> bool:
        """Tell whether no later event commits to something else: another document, or the grounds of a decision."""
        return not any(any(event.document) for event in self.events[self.event :])


def verify_disclosed(
    disclosed: DisclosedCertificate,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
) -> ProvenDisclosure:
    """Prove a disclosed certificate. No lookup key is needed.

    Args:
        disclosed: From any source.
        trust: Bundle pinned by whoever got it.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.

    Raises:
        NotCommitted: No event of the entry commits to the document.
        Unproven: In the leaves of `verify_certificate_histories`.
    """
    entry = disclosed.entry
    proven = verify_certificate_histories(disclosed.evidence, [entry], trust, now=now, max_age=max_age, skew=skew)
    events = proven.events[entry]
    places = [number for number, event in enumerate(events, 1) if event.document == disclosed.commitment]
    if not places:
        raise NotCommitted(entry=entry, commitment=disclosed.commitment)
    return ProvenDisclosure(
        entry=entry, document=disclosed.document, event=places[-1], events=events, sealed=proven.sealed
    )
