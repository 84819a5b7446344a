"""The people of a workshop: who may join, sit, look and lead."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.workshop import CodesGuessed, RoomFull, SeatUnknown, WrongRoomCode
from aeo_ledger.wording.words import ENGLISH
from aeo_ledger.workshop.room import LONGEST_NAME, MOST_SEATS, Room, draw_code


def _numbered() -> Callable[[int], bytes]:
    """Make randomness that never repeats."""
    numbers = count(1)
    return lambda length: next(numbers).to_bytes(length, "big") if length > 1 else bytes([next(numbers) % 200])


@pytest.fixture
def room() -> Room:
    return Room(["BY", "CN"], clock=lambda: 1_700_000_000.9, randomness=_numbered())


def test_a_code_has_eight_signs_that_nobody_confuses_and_each_is_as_likely() -> None:
    drawn = [255, 254, 253, *range(31)]
    code = draw_code(lambda _: bytes([drawn.pop(0)]))
    assert code == "23456789"
    assert not set("0O1IL") & set(draw_code(_numbered()))


def test_who_knows_the_code_takes_a_seat_and_has_it(room: Room) -> None:
    secret = room.join(f" {room.code.lower()} ", "  Anna   B ", "BY", caller="10.0.0.1")
    assert len(secret) == 32
    one = room.find(secret)
    assert (one.number, one.name, one.party, one.exercise, one.step) == (1, "Anna B", "BY", 0, 0)
    assert room.join(room.code, "Anna B", "BY", caller="10.0.0.1") != secret


@pytest.mark.parametrize("code", ["", "AAAAAAAA", "ё", "2" * 9])
def test_another_code_opens_nothing(room: Room, code: str) -> None:
    with pytest.raises(WrongRoomCode, match="this is not the code of this room"):
        room.join(code, "Anna", "BY", caller="10.0.0.1")
    assert room.describe(ENGLISH)["tables"] == [{"party": "BY", "people": []}, {"party": "CN", "people": []}]


def _guess(room: Room, caller: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongRoomCode):
            room.join("AAAAAAAA", "Eve", "BY", caller=caller)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: at[0])
    return at


def test_from_an_address_that_guesses_no_code_counts_until_the_minute_is_over(clock: list[float], room: Room) -> None:
    _guess(room, "10.0.0.66", 20)
    clock[0] += 18
    for code in ("AAAAAAAA", room.code):
        with pytest.raises(
            CodesGuessed, match=r"than 20 per 1 minute came from your address: .* again in 42 s"
        ) as refused:
            room.join(code, "Eve", "BY", caller="10.0.0.66")
        assert refused.value.retry_after_s == 42
    room.join(room.code, "Anna", "BY", caller="10.0.0.1")
    clock[0] += 42
    room.join(room.code, "Anna", "BY", caller="10.0.0.66")


def test_many_addresses_that_guess_close_the_door_together(clock: list[float], room: Room) -> None:
    seat = room.join(room.code, "Anna", "BY", caller="10.0.0.1")
    for number in range(100, 110):
        _guess(room, f"10.0.0.{number}", 20)
    with pytest.raises(CodesGuessed, match=r"than 200 per 1 minute came to this room: .* again in 60 s"):
        room.join(room.code, "Li", "CN", caller="10.0.0.2")
    assert room.find(seat).name == "Anna", "who sits stays"
    clock[0] += 60
    room.join(room.code, "Li", "CN", caller="10.0.0.2")


def test_the_right_code_is_no_guess(room: Room) -> None:
    for number in range(2 * MOST_SEATS):
        room.join(room.code, f"n{number}", "BY", caller="10.0.0.1")
        room.clear("BY")


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_read_is_refused(room: Room, name: str) -> None:
    with pytest.raises(MalformedText, match="name"):
        room.join(room.code, name, "BY", caller="10.0.0.1")


def test_there_is_no_table_but_those_of_the_room(room: Room) -> None:
    with pytest.raises(MalformedText, match="'KZ'"):
        room.join(room.code, "Anna", "KZ", caller="10.0.0.1")


def test_a_full_room_takes_nobody(room: Room) -> None:
    for number in range(MOST_SEATS):
        room.join(room.code, f"n{number}", "BY", caller="10.0.0.1")
    with pytest.raises(RoomFull, match="60 people take part, and no more may"):
        room.join(room.code, "late", "CN", caller="10.0.0.1")
    room.clear("BY")
    room.join(room.code, "late", "CN", caller="10.0.0.1")


def test_a_seat_that_was_cleared_is_nobodys(room: Room) -> None:
    mine, other = (
        room.join(room.code, "Anna", "BY", caller="10.0.0.1"),
        room.join(room.code, "Li", "CN", caller="10.0.0.1"),
    )
    room.clear("BY")
    for use in (room.find, lambda secret: room.move(secret, 0, 1)):
        with pytest.raises(SeatUnknown, match="nobody has this seat"):
            use(mine)
    assert room.find(other).name == "Li"


def test_only_the_facilitators_secret_leads(room: Room) -> None:
    room.demand_facilitator(room.facilitator)
    for secret in ("", room.code, room.join(room.code, "Anna", "BY", caller="10.0.0.1"), "ё"):
        with pytest.raises(SeatUnknown):
            room.demand_facilitator(secret)


def test_each_change_gives_the_room_another_version_and_the_newest_happening_stands_first(room: Room) -> None:
    seen = [room.version]
    secret = room.join(room.code, "Anna", "BY", caller="10.0.0.1")
    seen.append(room.version)
    room.move(secret, 2, 1)
    seen.append(room.version)
    for number in range(400):
        room.tell("{party} did it.", party=str(number))
    assert seen == sorted(set(seen))
    told = room.describe(ENGLISH)
    assert told["tables"][0]["people"] == [{"number": 1, "name": "Anna", "exercise": 2, "step": 1}]
    assert len(told["happenings"]) == 300
    assert told["happenings"][0] == {
        "number": 400,
        "at": 1_700_000_000,
        "says": "399 did it.",
    }
