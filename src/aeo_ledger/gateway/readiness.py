"""Whether a gateway is safe to query: a border system that asks it now gets answers that it can prove.

`/healthz` tells how the gateway is. Readiness is one yes or no, for a balancer that must choose between gateways: the index follows the node,
the newest block is one that askers accept as fresh, and the trust bundle does not end within a day. A database of the index that does not
work is only noted: answers come from memory, and are proven like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.gateway import NotReady
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.spans import show_span
from aeo_ledger.prover.indexed import at_hand, database_fault_of, fault_of
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S

NOTICE_S: Final = 86_400
"""Seconds before the end of the trust bundle from which on the gateway is not ready: within them somebody pins a newer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a gateway's ledger stands now."""

    block: int
    """Number of the newest block."""
    age: int
    """Seconds since that block's time; negative if it is in the future of this machine's clock."""
    trust_left: int
    """Seconds until the trust bundle ends; negative once it has."""
    reasons: tuple[str, ...]
    """Why it is not safe to query; empty if it is."""
    database: str | None
    """Why the index's database is not used; None if it works, or if there is none."""


def examine(ledger: Ledger, trust: TrustBundle, now: int) -> Standing:
    """Examine a ledger as of now, UTC seconds. An index is a moment behind its node at most, or has a fault: so the node is not waited for.

    Raises:
        Unavailable: The node does not say where the ledger stands, and no index does.
    """
    near = at_hand(ledger) or ledger
    block = near.head()
    age, left = now - near.time_of(block), trust.expires_at - now
    reasons = tuple(_reasons(fault_of(ledger), age, left))
    return Standing(block=block, age=age, trust_left=left, reasons=reasons, database=database_fault_of(ledger))


def _reasons(fault: str | None, age: int, left: int) -> Iterator[str]:
    if fault is not None:
        yield f"the index does not follow the node: {fault}"
    if age > DEFAULT_MAX_AGE_S:
        yield f"the newest block is {show_span(age)} old, at most {show_span(DEFAULT_MAX_AGE_S)} is fresh"
    if age < -DEFAULT_SKEW_S:
        yield f"the newest block is {show_span(-age)} ahead of this machine's clock"
    if left <= 0:
        yield "the trust bundle has ended: it proves nothing now"
    elif left <= NOTICE_S:
        yield f"the trust bundle ends in {show_span(left)}"


def tell_ready(ledger: Ledger, trust: TrustBundle, now: int) -> tuple[str, ...]:
    """Say what somebody should look after, although the gateway is safe to query.

    Raises:
        NotReady: It is not.
    """
    try:
        standing = examine(ledger, trust, now)
    except Unavailable as error:
        raise NotReady(reasons=(str(error),)) from error
    if standing.reasons:
        raise NotReady(reasons=standing.reasons)
    return () if standing.database is None else (f"answers come from memory alone: {standing.database}",)
