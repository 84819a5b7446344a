"""From the words of a question to the ledger's numbers, with only what is pinned."""

from __future__ import annotations

from collections.abc import Sequence

from aeo_ledger.customs.inquiry import Inquiry
from aeo_ledger.errors.verify import UnknownCertificateType, UnknownParty
from aeo_ledger.evidence.question import AnyQuestion, Question, RegisterQuestion
from aeo_ledger.verify.trust import TrustBundle


def resolve_question(question: AnyQuestion | RegisterQuestion, trust: TrustBundle, block_time: int) -> Inquiry:
    """Put a question into numbers. Prover and verifier must do this alike. As long as an alias is not resolved, no prefix is known.

    Args:
        question: The question as asked.
        trust: Names parties, certificate types and TIN prefixes.
        block_time: The time that *now* means, UTC seconds.

    Raises:
        UnknownParty: The recogniser or the named register is not pinned.
        UnknownCertificateType: No pinned register has a type of this name.
    """
    if question.register is not None:
        party: int | None = _number(question.register, trust)
    else:
        party = trust.party_of_prefix(question.tin.prefix) if isinstance(question, Question) else None
    return Inquiry(
        recogniser=_number(question.recogniser, trust),
        direction=question.direction,
        role=question.role,
        time=block_time if question.on is None else question.on,
        known=question.known,
        party=party,
        register_named=question.register is not None,
        types=None if question.certificate_type is None else _types(question.certificate_type, trust),
    )


def refuse_strange_type(question: Question | RegisterQuestion, registers: Sequence[int], trust: TrustBundle) -> None:
    """Refuse a question about a type name that no searched register has, because a no about it would have no meaning.

    Args:
        question: The question as asked.
        registers: Numbers of the searched registers. If it is empty, nothing is refused.
        trust: Names the types.

    Raises:
        UnknownCertificateType: No searched register has it. The error lists the types that they have.
    """
    if not isinstance(question.certificate_type, str) or not registers:
        return
    known = {name for number in registers if number in trust.by_number for name in trust.by_number[number].types}
    if question.certificate_type not in known:
        codes = tuple(trust.by_number[number].code for number in registers if number in trust.by_number)
        raise UnknownCertificateType(name=question.certificate_type, known=tuple(sorted(known)), registers=codes)


def _number(code: str, trust: TrustBundle) -> int:
    party = trust.by_code.get(code)
    if party is None:
        raise UnknownParty(code=code, known=tuple(trust.by_code))
    return party.number


def _types(wanted: str | int, trust: TrustBundle) -> dict[int, int]:
    """Find the number of the wanted type in each register."""
    if isinstance(wanted, int):
        return dict.fromkeys(trust.by_number, wanted)
    types = {party.number: party.types.index(wanted) for party in trust.parties if wanted in party.types}
    if not types:
        known = sorted({name for party in trust.parties for name in party.types})
        raise UnknownCertificateType(name=wanted, known=tuple(known))
    return types
