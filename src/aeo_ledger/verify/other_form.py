"""A trader may have two registrations with one number, `XI` and `GB`. No certificate under one of them is no answer about the trader yet.

So where a decision is a no because there is no certificate, and the TIN has another form, the question is asked about that form too. It is a
no only if there is no certificate under either. This holds for questions about a TIN; an alias is bound to one of the two by its recogniser.
"""

from __future__ import annotations

from dataclasses import replace

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin, find_other_form
from aeo_ledger.customs.vocabulary import Reason
from aeo_ledger.errors.verify import OtherFormKnown, OtherFormUnasked
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.question import AnyQuestion, Question
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify.recognition import ProvenDecision, verify_recognition
from aeo_ledger.verify.trust import TrustBundle


def find_other_question(proven: ProvenDecision) -> Question | None:
    """Find the question that must be answered too before a no is one; None if there is none.

    It is about the other registration of the trader, which is in another register: a register and a type that were named are left out.
    """
    return ask_other_form(proven.question) if is_absent(proven.decision) else None


def ask_other_form(question: AnyQuestion) -> Question | None:
    """Ask a question about the other registration of its trader; None if it has none. Many questions are asked with these at once."""
    if not isinstance(question, Question):
        return None
    other = find_other_form(question.tin)
    return None if other is None else replace(question, tin=other, register=None, certificate_type=None)


def demand_absent(other: ProvenDecision, proven: ProvenDecision) -> Tin | None:
    """Demand that there is no certificate under the other form either, and return that form.

    Args:
        other: The answer about the other form.
        proven: The answer to the question asked.

    Raises:
        OtherFormKnown: There is one.
    """
    if not is_absent(other.decision):
        raise OtherFormKnown(asked=str(proven.trader), other=str(other.trader))
    return other.trader


def verify_other_form(
    evidence: Evidence, proven: ProvenDecision, trust: TrustBundle, *, keys: LookupKeys = NO_KEYS
) -> Tin | None:
    """Demand that evidence proves the absence of a certificate under the other form too, if the question has one; return that form.

    Args:
        evidence: The evidence that proved the answer.
        proven: The answer to the question asked.
        trust: The bundle that proved it.
        keys: The asker's lookup keys, for keyed registers.

    Raises:
        OtherFormUnasked: The evidence does not answer about it.
        OtherFormKnown: There is one.
        Unproven: In the other leaves of `verify_recognition`.
    """
    asked = find_other_question(proven)
    if asked is None:
        return None
    if asked not in evidence.questions:
        raise OtherFormUnasked(asked=str(proven.trader), other=asked.tin.text)
    time = proven.block_time  # the block's age was judged with the answer
    other = verify_recognition(evidence, asked, trust, now=time, max_age=0, sealed=proven.sealed, keys=keys)
    return demand_absent(other, proven)


def is_absent(decision: Decision) -> bool:
    """Tell whether a decision is a no because there is no certificate, so that another registration of the trader matters."""
    return decision.reasons[:1] == (Reason.NO_CERTIFICATE,)
