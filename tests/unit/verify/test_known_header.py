"""A header proven before spares its seals a second look, and nothing else is spared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.verify import HeaderBreaksRule, Stale, StrangerSealed, TooFewSeals
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.verify import ValidatorSet, seals, verify_recognition
from support.sealed_world import BY, BY_TRADER, CN, NOW, CustomsFacts, SealedWorld, question, trust

ASKED = question(BY_TRADER, CN)


def told(**sealed_as: Any) -> SealedWorld:
    return SealedWorld(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY), **sealed_as)


def test_the_same_header_is_not_recovered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = told().prove(ASKED)
    first = verify_recognition(evidence, ASKED, trust(), now=NOW, max_age=300)
    monkeypatch.setattr(seals, "recover_address", lambda *_: pytest.fail("a seal was recovered again"))
    again = verify_recognition(evidence, ASKED, trust(), now=NOW, max_age=300, sealed=first.sealed)
    assert again == first


def test_another_header_has_to_prove_itself() -> None:
    known = verify_recognition(told().prove(ASKED), ASKED, trust(), now=NOW, max_age=300).sealed
    weak = told(seals=2).prove(ASKED)
    with pytest.raises(TooFewSeals):
        verify_recognition(weak, ASKED, trust(), now=NOW, max_age=300, sealed=known)


def test_a_header_proven_to_other_validators_has_to_prove_itself() -> None:
    evidence = told().prove(ASKED)
    known = verify_recognition(evidence, ASKED, trust(), now=NOW, max_age=300).sealed
    first, _, *rest = trust().validators.addresses
    others = replace(trust(), validators=ValidatorSet((first, bytes(19) + b"\x01", *rest)))
    with pytest.raises(StrangerSealed):
        verify_recognition(evidence, ASKED, others, now=NOW, max_age=300, sealed=known)


def test_a_header_proven_without_pinned_forks_has_to_prove_its_fields() -> None:
    evidence = told(later_fields=(b"",)).prove(ASKED)
    known = verify_recognition(evidence, ASKED, trust(), now=NOW, max_age=300).sealed
    berlin = trust(forks=Forks())
    with pytest.raises(HeaderBreaksRule) as refusal:
        verify_recognition(evidence, ASKED, berlin, now=NOW, max_age=300, sealed=known)
    assert str(refusal.value) == "header: later_fields is 1 fields, needed 0 by the pinned rules: none"


def test_a_known_header_still_ages() -> None:
    evidence = told().prove(ASKED)
    known = verify_recognition(evidence, ASKED, trust(), now=NOW, max_age=300).sealed
    with pytest.raises(Stale):
        verify_recognition(evidence, ASKED, trust(), now=NOW + 301, max_age=300, sealed=known)
