from __future__ import annotations

import pytest

from aeo_ledger.errors.verify import MalformedValidatorSet
from aeo_ledger.verify import ValidatorSet


def addresses(count: int) -> tuple[bytes, ...]:
    return tuple(bytes([at]) * 20 for at in range(1, count + 1))


def test_a_quorum_is_two_thirds_rounded_up() -> None:
    quorums = [ValidatorSet(addresses(count)).quorum for count in range(1, 10)]
    assert quorums == [1, 2, 2, 3, 4, 4, 5, 6, 6]


def test_membership_is_by_address() -> None:
    validators = ValidatorSet(addresses(4))
    assert addresses(4)[2] in validators
    assert bytes(20) not in validators
    assert len(validators) == 4


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ((), "empty, needed at least one address"),
        ((b"\1" * 19,), "an address is not 20 bytes long"),
        ((b"\1" * 20, b"\1" * 32), "an address is not 20 bytes long"),
        ((b"\1" * 20, b"\2" * 20, b"\1" * 20), "an address is repeated"),
    ],
)
def test_what_would_miscount_a_quorum_is_refused(wrong: tuple[bytes, ...], reason: str) -> None:
    with pytest.raises(MalformedValidatorSet) as refusal:
        ValidatorSet(wrong)
    assert refusal.value.reason == reason
