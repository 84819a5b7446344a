"""What an export says a party recognises is what `ask` would be told: line by line, and for every question."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import pytest

from aeo_ledger.customs.party import Membership
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, LaneState, PartyState, Role, Status
from aeo_ledger.registers.recognised import COLUMNS, list_recognised
from aeo_ledger.verify import ProvenSnapshot
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    DE,
    DE_TRADER,
    EU,
    NOW,
    PL,
    CustomsFacts,
    entry_of,
    lane,
    members_of,
    party,
    question,
)
from support.snapshots import seal_snapshot, verify

NAMES = [column.name for column in COLUMNS]
TRADERS = [Tin(f"BY{number}") for number in range(100_000_000, 100_000_006)]
STATUSES = [Status.ACTIVE, Status.ACTIVE, Status.SUSPENDED, Status.REVOKED]


def take(world: CustomsFacts) -> ProvenSnapshot:
    return verify(seal_snapshot(world))


def lines(words: ProvenSnapshot, recogniser: int, since: int | None = None) -> list[dict[str, str]]:
    known = {entry_of(tin, BY, kind): {"tin": tin.text} for tin in (*TRADERS, BY_TRADER) for kind in range(3)}
    known |= {entry_of(DE_TRADER, EU, kind): {"tin": DE_TRADER.text} for kind in range(2)}
    return [
        dict(zip(NAMES, map(str, row), strict=True)) for row in list_recognised(words, recogniser, known, since=since)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_each_line_is_the_answer_to_its_question_and_there_is_no_other_yes(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 (a world, not a secret)
    world = CustomsFacts()
    for owner, register in ((CN, BY), (EU, BY), (CN, EU), (BY, CN)):
        world.recognise(
            owner,
            register,
            *(
                lane(
                    types=draw.getrandbits(3),
                    roles=draw.getrandbits(5),
                    directions=draw.getrandbits(3),
                    benefits=draw.getrandbits(4),
                    state=draw.choice([LaneState.OPEN, LaneState.OPEN, LaneState.SUSPENDED]),
                    until=draw.choice([0, 0, NOW - DAY, NOW + DAY]),
                    in_force_from=draw.choice([0, NOW - 800 * DAY, NOW - 800 * DAY, NOW + DAY]),
                )
                for _ in range(draw.randint(1, 3))
            ),
        )
    for tin, kind in product(TRADERS, range(3)):
        if draw.random() < 0.7:
            until = draw.choice([0, 0, NOW + DAY, NOW - DAY])
            world.grant(tin, BY, kind, roles=draw.getrandbits(5) or 1, status=draw.choice(STATUSES), valid_until=until)
            if draw.random() < 0.2:
                world.withhold(CN, tin, BY, kind)
    world.grant(DE_TRADER, EU, 1, issuer=DE)
    if draw.random() < 0.3:
        world.parties[BY] = party(BY, state=PartyState.EXPELLED)
    words = take(world)
    for recogniser, code in ((CN, "CN"), (EU, "EU"), (PL, "PL"), (BY, "BY")):
        said: dict[tuple[str, str, str, str], str] = {}
        for line in lines(words, recogniser):
            for way, as_role in product(line["directions"].split("|"), line["roles"].split("|")):
                said[line["tin"], line["certificate_type"], way, as_role] = line["benefits"]
        told: dict[tuple[str, str, str, str], str] = {}
        places: list[tuple[Tin, str, str]] = [
            *((tin, "BY", kind) for tin in TRADERS for kind in ("1", "2", "3")),
            (DE_TRADER, "EU", "AEOC"),
            (DE_TRADER, "EU", "AEOS"),
        ]
        for (tin, keeper, name), direction, role in product(places, Direction, list(Role)[:6]):
            asked = question(tin, recogniser, direction=direction, role=role, register=keeper, certificate_type=name)
            decision = words.decide(asked, now=NOW).decision
            if decision.recognised:
                benefits = "|".join(getattr(benefit, "name", str(benefit)).lower() for benefit in decision.benefits)
                told[tin.text, name, direction.name.lower(), role.name.lower()] = benefits
        assert said == told, code


def test_a_standing_that_nobody_gave_a_document_for_has_its_pseudonym() -> None:
    (row,) = list_recognised(take(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2)), CN, {})
    line = dict(zip(NAMES, row, strict=True))
    assert (line["tin"], line["name"], line["holder"]) == ("", "", f"0x{entry_of(BY_TRADER, BY, 2)[3:].hex()}")
    assert (line["roles"], line["directions"], line["arrangements"]) == ("exporter", "import", "CN-BY")


def test_a_standing_that_a_snapshot_hides_is_found_by_whoever_knows_its_entry() -> None:
    words = verify(seal_snapshot(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2), named=False))
    assert [line["tin"] for line in lines(words, CN)] == [BY_TRADER.text]


SINCE = NOW - 50 * DAY


@pytest.mark.parametrize(
    ("change", "recognised"),
    [
        ("status", "no"),
        ("expired", "no"),
        ("begun", "yes"),
        ("lane ended", "no"),
        ("lane suspended", "no"),
        ("lane begun", "yes"),
        ("withheld", "no"),
        ("recogniser joined", "yes"),
        ("issuer expelled", "no"),
        ("issuer left", "no"),
        ("nothing", None),
    ],
)
def test_changes_are_all_about_which_the_answer_may_differ(change: str, recognised: str | None) -> None:
    """Also what changed by a date alone, without an act since."""
    world, tin, asker, register = CustomsFacts(), BY_TRADER, CN, BY
    world.recognise(CN, BY).grant(BY_TRADER, BY, 2)
    entry = entry_of(BY_TRADER, BY, 2)
    if change == "status":
        world.records[entry] = replace(
            world.records[entry], status=Status.SUSPENDED, since=NOW - DAY, recorded_at=NOW - DAY
        )
    elif change == "expired":
        world.records[entry] = replace(world.records[entry], valid_until=NOW - DAY)
    elif change == "begun":
        world.records[entry] = replace(world.records[entry], valid_from=NOW - DAY)
    elif change == "lane ended":
        world.recognise(CN, BY, lane(until=NOW - DAY))
    elif change == "lane suspended":
        world.recognise(CN, BY, lane(state=LaneState.SUSPENDED, changed_at=NOW - DAY, changes=1))
    elif change == "lane begun":
        world.recognise(CN, BY, lane(in_force_from=NOW - DAY))
    elif change == "withheld":
        world.withhold(CN, BY_TRADER, BY, 2, changed_at=NOW - DAY)
    elif change == "recogniser joined":
        world.recognise(EU, BY)
        world.parties[PL] = party(PL, changed_at=NOW - DAY, changes=1)
        asker = PL
    elif change == "issuer expelled":
        world.parties[BY] = party(BY, state=PartyState.EXPELLED, changed_at=NOW - DAY, changes=1)
    elif change == "issuer left":
        world.recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=DE)
        world.parties[DE] = party(DE, memberships=members_of(Membership(union=EU, leaves=NOW // DAY - 1)))
        tin, register = DE_TRADER, EU
    found = [line for line in lines(take(world), asker, since=SINCE) if line["tin"] == tin.text]
    assert [(line["recognised"], line["register"]) for line in found] == (
        [] if recognised is None else [(recognised, {BY: "BY", EU: "EU"}[register])]
    )
