"""Fetch the evidence for one question, and check it; where a no needs it, ask about the trader's other form too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aeo_ledger.cli import output
from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import AnyQuestion, Evidence
from aeo_ledger.office.ask import write_evidence
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.protocol.lookup_keys import LookupKeys
from aeo_ledger.verify import ProvenDecision, TrustBundle, find_other_question, verify_other_form, verify_recognition

if TYPE_CHECKING:  # a snapshot is asked without the client of HTTP
    from aeo_ledger.gateway.client import GatewayClient


def fetch_evidence(
    desk: GatewayClient,
    trust: TrustBundle,
    keys: LookupKeys | None,
    named: Tin | None,
    *questions: AnyQuestion,
    max_age: int,
    with_history: bool,
) -> Evidence:
    """Fetch the evidence for a question, and for another one with it; with `keys` the gateway is not told about whom."""
    if keys is not None:
        return gather_evidence(
            questions,
            desk,
            trust,
            keys=keys,
            clock=output.now,
            max_age=max_age,
            named={} if named is None else {0: named},
            with_history=with_history,
        )
    if len(questions) > 1:
        return desk.evidence_of_many(questions)
    return desk.evidence(questions[0], with_history=with_history, named=named)


def prove(
    fetch: Callable[..., Evidence],
    question: AnyQuestion,
    trust: TrustBundle,
    keys: LookupKeys,
    *,
    max_age: int,
    kept: Path | None,
) -> tuple[Evidence, int, ProvenDecision, Tin | None]:
    """Fetch and check the evidence. Where a no needs it, ask about the trader's other form too.

    Returns:
        The evidence; when it was checked, UTC seconds; the answer; and the other form, if it is proven to have no certificate either.
    """
    found, at = fetch(question), output.now()
    try:
        proven = verify_recognition(found, question, trust, now=at, max_age=max_age, keys=keys)
        other = find_other_question(proven)
        if other is not None:
            found, at = fetch(question, other), output.now()
            proven = verify_recognition(found, question, trust, now=at, max_age=max_age, keys=keys)
        return found, at, proven, verify_other_form(found, proven, trust, keys=keys)
    finally:  # what came is kept, also if it proves nothing
        if kept is not None:
            write_evidence(kept, found, output.put)
