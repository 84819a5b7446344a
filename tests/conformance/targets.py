"""True evidence to be damaged, and the rule for what damage may do: be refused, or change no answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.evidence import EVIDENCE_FORM, AnyQuestion, Evidence, decode_question
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import ProvenDecision, TrustBundle, verify_recognition, verify_recognitions
from conformance.make_vectors import VECTORS
from conformance.vector_cases import keys_of, load, trust_of
from support.told_world import asked_of, prove_with_history, told

TARGETS = ("yes", "yes-lane-of-a-union", "no-everything", "no-certificate", "past-no-ended-by-then", "batch",
           "header-later-round", "keyed-batch", "history-yes", "history-no")  # fmt: skip
"""Golden vectors, and days of a past that signed history tells."""


@dataclass(frozen=True, slots=True)
class Target:
    """A golden case, and how a border system verifies it."""

    evidence: Evidence
    asked: tuple[AnyQuestion, ...]
    trust: TrustBundle
    now: int
    keys: LookupKeys = NO_KEYS

    def verify(self, evidence: Evidence) -> tuple[ProvenDecision, ...]:
        if len(self.asked) == 1:
            question = self.asked[0]
            return (verify_recognition(evidence, question, self.trust, now=self.now, max_age=300, keys=self.keys),)
        return verify_recognitions(evidence, self.asked, self.trust, now=self.now, max_age=300, keys=self.keys)


@cache
def target(name: str) -> Target:
    if name.startswith("history"):
        asked_then = asked_of(3.5 if name == "history-yes" else 2.5)
        return Target(prove_with_history(asked_then), (asked_then,), told()[2], told()[0].now)
    case = load(VECTORS / "golden" / f"{name}.json")
    asked = tuple(decode_question(Fields(one, document="question")) for one in case["asked"])
    evidence = EVIDENCE_FORM.decode_json(json.dumps(case["evidence"]))
    return Target(evidence, asked, trust_of(case), case["now"], keys_of(case))


def alien_to(name: str) -> Evidence:
    """Choose other true evidence as a source of parts."""
    aliens = {"yes": "no-everything", "history-yes": "history-no", "history-no": "history-yes"}
    return target(aliens.get(name, "yes")).evidence


@cache
def truth_of(name: str) -> tuple[ProvenDecision, ...]:
    return target(name).verify(target(name).evidence)


def judged(name: str, read: Callable[[], Evidence]) -> str:
    """Verify damaged evidence: it must be refused or give the same answer."""
    goal = target(name)
    try:
        proven = goal.verify(read())
    except Malformed:
        return "malformed"
    except Unproven:
        return "unproven"
    for found, true in zip(proven, truth_of(name), strict=True):
        assert said(found) == said(true)
        assert set(found.sealers) <= set(goal.trust.validators.addresses)
        assert len(set(found.sealers)) >= goal.trust.validators.quorum
    return "the same"


def said(proven: ProvenDecision) -> tuple[object, ...]:
    """Take everything that a border system acts on. The list of sealers may differ."""
    return (
        proven.question, proven.decision, proven.registers, proven.issuer, proven.block_number, proven.block_hash,
        proven.block_time,
    )  # fmt: skip
