from __future__ import annotations

import pytest

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import LATER_FIELDS, MAX_BEGIN, Fork, Forks

NAMES = ["baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"]


@pytest.mark.parametrize(
    ("begins", "number", "time", "fields"),
    [
        ((), 9, 9, 0),
        ((10,), 9, 99, 0),
        ((10,), 10, 0, 1),
        ((10, 50), 10, 49, 1),
        ((10, 50), 10, 50, 2),
        ((10, 50), 9, 50, 0),
        ((0, 0, 70), 1, 69, 2),
        ((0, 0, 70), 1, 70, 5),
        ((0, 0, 0, 80), 1, 79, 5),
        ((0, 0, 0, 80), 1, 80, 6),
        ((0, 0, 0, 0), 0, 0, 6),
    ],
)
def test_a_block_has_the_fields_of_the_forks_that_have_begun(
    begins: tuple[int, ...], number: int, time: int, fields: int
) -> None:
    assert [field.name for field in Forks(begins).fields_at(number, time)] == NAMES[:fields]


def test_the_table_has_the_fields_in_the_order_of_the_header() -> None:
    assert [field.name for field in LATER_FIELDS] == NAMES
    assert [fork.key for fork in Fork] == ["londonBlock", "shanghaiTime", "cancunTime", "pragueTime"]


def test_a_schedule_is_written_as_it_was_read() -> None:
    named = {"london": 5, "shanghai": 0, "cancun": MAX_BEGIN}
    assert Forks.of(dict(reversed(named.items()))).named() == named
    assert Forks.of({}) == Forks()


@pytest.mark.parametrize(
    "named", [{"shanghai": 0}, {"london": 0, "cancun": 0}, {"berlin": 0}, {"london": 0, "osaka": 1}]
)
def test_no_fork_is_unknown_or_left_out(named: dict[str, int]) -> None:
    with pytest.raises(MalformedText, match="without a gap"):
        Forks.of(named)


@pytest.mark.parametrize("begins", [(-1,), (MAX_BEGIN + 1,), (0, 0, 0, 0, 0), (0, 9, 8), (0, 0, 9, 8)])
def test_a_schedule_that_no_network_can_have_is_refused(begins: tuple[int, ...]) -> None:
    with pytest.raises(MalformedText):
        Forks(begins)


@pytest.mark.parametrize(
    ("place", "value", "fits"),
    [
        (0, b"", True),
        (0, b"\1" * 32, True),
        (0, b"\1" * 33, False),
        (0, b"\0", False),
        (1, bytes(32), True),
        (1, bytes(31), False),
        (1, b"", False),
        (2, b"\1" * 8, True),
        (2, b"\1" * 9, False),
        (5, bytes(32), True),
        (5, bytes(33), False),
    ],
)
def test_a_field_has_its_form(place: int, value: bytes, fits: bool) -> None:
    assert LATER_FIELDS[place].fits(value) is fits
