"""An implausible clock never dates a block."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aeo_ledger.chain.clock import JUMP_S, PAUSE_S, Clock, ClockWatch
from aeo_ledger.errors.chain import ClockDoubtful
from support.chain_world import GENESIS_TIME, HandClock


def test_a_clock_that_runs_evenly_is_believed(hand: HandClock) -> None:
    watch = ClockWatch(hand.clock)
    hand.pass_(1e7)
    assert watch.now(GENESIS_TIME) == hand.wall_s


def test_a_slow_drift_is_followed(hand: HandClock) -> None:
    watch = ClockWatch(hand.clock)
    for _ in range(10):
        hand.pass_(60)
        hand.wall_s += JUMP_S - 1
        assert watch.now(GENESIS_TIME) == hand.wall_s


@pytest.mark.parametrize("jump", [JUMP_S + 1, -JUMP_S - 1, 70 * 365 * 86_400])
def test_a_jump_is_doubted_until_it_is_undone(hand: HandClock, jump: int) -> None:
    watch = ClockWatch(hand.clock)
    hand.wall_s += jump
    with pytest.raises(ClockDoubtful) as caught:
        watch.now(GENESIS_TIME)
    assert caught.value.found - caught.value.needed == jump
    hand.pass_(100)
    with pytest.raises(ClockDoubtful):
        watch.now(GENESIS_TIME)
    hand.wall_s -= jump
    assert watch.now(GENESIS_TIME) == hand.wall_s


@pytest.mark.parametrize("pauses", [1, 3])
def test_a_pause_of_the_machine_between_two_readings_is_no_jump(hand: HandClock, pauses: int) -> None:
    left = [0]

    def wall() -> float:
        if left[0]:
            left[0] -= 1
            read = hand.wall_s
            hand.pass_(60)
            return read
        return hand.wall_s

    watch = ClockWatch(replace(hand.clock, wall=wall))
    left[0] = pauses
    assert watch.now(GENESIS_TIME) == hand.wall_s
    left[0] = pauses
    watch.confirm()
    assert watch.now(GENESIS_TIME) == hand.wall_s


def test_a_jump_that_is_confirmed_is_believed(hand: HandClock) -> None:
    watch = ClockWatch(hand.clock)
    hand.wall_s += 3_600
    watch.confirm()
    assert watch.now(GENESIS_TIME) == hand.wall_s


def test_a_clock_before_the_last_block_is_doubted_and_no_confirmation_helps(hand: HandClock) -> None:
    watch = ClockWatch(hand.clock)
    watch.confirm()
    with pytest.raises(ClockDoubtful) as caught:
        watch.now(int(hand.wall_s) + 1)
    assert (caught.value.found, caught.value.needed) == (int(hand.wall_s), int(hand.wall_s) + 1)


def test_a_pause_of_a_month_is_believed_and_a_longer_one_is_not(hand: HandClock) -> None:
    last = int(hand.wall_s) - PAUSE_S
    assert ClockWatch(hand.clock, opened_at=last).now(last) == hand.wall_s
    for confirmed in (False, True):
        watch = ClockWatch(hand.clock, opened_at=last - 1)
        with pytest.raises(ClockDoubtful, match="--confirm-clock") as caught:
            watch.now(last - 1)
        assert (caught.value.found, caught.value.needed) == (int(hand.wall_s), last - 1)
        if confirmed:
            watch.confirm()
            assert watch.now(last - 1) == hand.wall_s
        else:
            hand.wall_s -= 40 * 86_400  # put right: it had run ahead
            assert watch.now(int(hand.wall_s)) == hand.wall_s
            hand.wall_s += 40 * 86_400
            with pytest.raises(ClockDoubtful, match="jumped"):
                watch.now(int(hand.wall_s))


def test_the_worlds_clocks_run() -> None:
    clock = Clock()
    wall, steady = clock.wall(), clock.monotonic()
    clock.sleep(0.01)
    assert clock.wall() > wall
    assert clock.monotonic() > steady
