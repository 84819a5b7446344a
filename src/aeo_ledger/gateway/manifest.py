"""What a gateway answers to many questions, as its client reads it; nothing is checked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.problems import from_problem, is_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a gateway answers to many questions."""

    evidence: Evidence | None
    """For all that can be put; None if there is none."""
    problems: Mapping[int, AeoLedgerError]
    """Why the others cannot be put, as it says, by their places."""


def read_evidence_if_any(found: Any) -> Evidence | None:
    """Read the evidence in an answer; None if there was nothing to prove."""
    return None if found["evidence"] is None else EVIDENCE_FORM.decode_values(found["evidence"])


def read_manifest(found: Any, asked: int) -> Manifest:
    """Read the answer to a number of questions; `ValueError` says that it is none."""
    told = [one["problem"] for one in found["decisions"]]
    problems = {place: problem for place, problem in enumerate(told) if problem is not None}
    evidence = read_evidence_if_any(found)
    answered = 0 if evidence is None else len(evidence.questions)
    if len(told) != asked or answered != asked - len(problems) or not all(map(is_problem, problems.values())):
        raise ValueError("answers and problems are not those of the questions")
    return Manifest(
        evidence=evidence, problems={place: from_problem(problem, 400) for place, problem in problems.items()}
    )
