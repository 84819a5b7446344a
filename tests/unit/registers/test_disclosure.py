"""A request for a document counts once, as long as it could be used again."""

from __future__ import annotations

from aeo_ledger.registers.disclosure import MOST_AGE_S, UsedRequests

BEGAN = 1_000_000
ONE, OTHER = b"\1" * 32, b"\2" * 32


def test_a_request_counts_once_and_is_forgotten_when_it_is_too_old() -> None:
    used = UsedRequests(BEGAN)
    assert used.count(ONE, BEGAN, BEGAN)
    assert not used.count(ONE, BEGAN, BEGAN + MOST_AGE_S)
    assert used.count(OTHER, BEGAN, BEGAN)
    ahead = BEGAN + MOST_AGE_S  # signed by a clock that is ahead: it can be used for twice as long
    assert used.count(b"\3" * 32, ahead, BEGAN)
    assert not used.count(b"\3" * 32, ahead, ahead + MOST_AGE_S)
    assert used.count(OTHER, BEGAN, ahead + 1)  # forgotten: by then, `disclose` refuses it for its age


def test_what_was_signed_before_the_gateway_began_may_have_been_used() -> None:
    assert not UsedRequests(BEGAN).count(ONE, BEGAN - 1, BEGAN)
