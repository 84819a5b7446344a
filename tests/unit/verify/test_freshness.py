"""What time has to do with it: age, clocks that differ, and what a gateway that hides new blocks gains."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from aeo_ledger.errors.verify import FromTheFuture, Stale, TrustExpired
from aeo_ledger.evidence import Evidence
from aeo_ledger.verify import verify_recognition, verify_recognitions
from support.sealed_world import BY, BY_TRADER, CN, DAY, NOW, CustomsFacts, SealedWorld, question, trust

ASKED = question(BY_TRADER, CN)
TRUST = trust()


@cache
def evidence_of(time: int) -> Evidence:
    """Make evidence at a block of this time."""
    return SealedWorld(CustomsFacts().recognise(CN, BY), timestamp=time).prove(ASKED)


def recognised_with(time: int, now: int, **policy: Any) -> bool:
    alone = verify_recognition(evidence_of(time), ASKED, TRUST, now=now, **policy)
    assert verify_recognitions(evidence_of(time), [ASKED], TRUST, now=now, **policy) == (alone,)
    return alone.block_time == time


def test_the_default_age_is_five_minutes_and_the_default_skew_five_seconds() -> None:
    assert recognised_with(NOW, NOW)
    assert recognised_with(NOW, NOW + 300)
    assert recognised_with(NOW, NOW - 5)
    for judge in (verify_recognition, lambda e, q, t, now: verify_recognitions(e, [q], t, now=now)):
        with pytest.raises(Stale) as stale:
            judge(evidence_of(NOW), ASKED, TRUST, now=NOW + 301)
        assert (stale.value.age_s, stale.value.max_age_s) == (301, 300)
        with pytest.raises(FromTheFuture) as future:
            judge(evidence_of(NOW), ASKED, TRUST, now=NOW - 6)
        assert (future.value.ahead_s, future.value.skew_s) == (6, 5)


@pytest.mark.parametrize("max_age", [0, 1, 30, 3_600])
def test_the_asker_chooses_how_old_evidence_may_be(max_age: int) -> None:
    assert recognised_with(NOW, NOW + max_age, max_age=max_age)
    with pytest.raises(Stale) as refusal:
        recognised_with(NOW, NOW + max_age + 1, max_age=max_age)
    assert (refusal.value.age_s, refusal.value.max_age_s) == (max_age + 1, max_age)


@pytest.mark.parametrize("skew", [0, 1, 60])
def test_the_asker_chooses_how_far_clocks_may_differ(skew: int) -> None:
    assert recognised_with(NOW, NOW - skew, skew=skew)
    with pytest.raises(FromTheFuture) as refusal:
        recognised_with(NOW, NOW - skew - 1, skew=skew)
    assert (refusal.value.ahead_s, refusal.value.skew_s) == (skew + 1, skew)


def test_skew_does_not_extend_the_age_or_age_the_skew() -> None:
    with pytest.raises(Stale):
        recognised_with(NOW, NOW + 301, skew=1_000)
    with pytest.raises(FromTheFuture):
        recognised_with(NOW, NOW - 6, max_age=1_000)


def test_an_asker_whose_clock_is_behind_or_ahead_is_refused_rather_than_misled() -> None:
    """With a clock that is an hour wrong, honest evidence is stale or from the future. Old evidence never looks fresh."""
    with pytest.raises(FromTheFuture):
        recognised_with(NOW, NOW - 3_600)
    with pytest.raises(Stale):
        recognised_with(NOW, NOW + 3_600)


def test_a_gateway_that_hides_the_newest_blocks_is_caught_when_they_are_five_minutes_old() -> None:
    hidden_since = NOW
    assert recognised_with(hidden_since, hidden_since + 300)
    for now in (hidden_since + 301, hidden_since + DAY):
        with pytest.raises(Stale) as refusal:
            recognised_with(hidden_since, now)
        assert refusal.value.age_s == now - hidden_since


def test_fresh_evidence_does_not_outlive_the_period_of_trust() -> None:
    last = TRUST.expires_at - 1
    assert recognised_with(last, last)
    with pytest.raises(TrustExpired) as refusal:
        recognised_with(last, TRUST.expires_at)
    assert (refusal.value.expired_at, refusal.value.now) == (TRUST.expires_at, TRUST.expires_at)
