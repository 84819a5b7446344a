"""The worklist: what is near, what is overdue, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from aeo_ledger.customs.party import Membership
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.registers.due import Due, Kind, list_due
from aeo_ledger.registers.state import RegisterState
from support.sealed_world import BY, CN, DAY, DE, EAEU, EU, KZ, NOW, CustomsFacts, entry_of, lane, members_of, party
from support.snapshots import seal_snapshot, verify

TRADERS = [Tin(f"BY{number}") for number in range(100_000_000, 100_000_009)]
TODAY = NOW // DAY


def due(world: CustomsFacts, *, within: int = 60, named: bool = True, known: bool = True) -> list[Due]:
    words = verify(seal_snapshot(world, named=named))
    documents = {entry_of(tin, BY, 2): {"tin": tin.text} for tin in TRADERS} if known else {}
    return list_due(RegisterState(words, BY), "BY", documents, now=NOW, within_s=within * DAY)


def tell(found: list[Due]) -> list[tuple[str, str, int, bool]]:
    return [(one.kind.value, one.subject, (one.at - NOW) // DAY, one.is_overdue(NOW)) for one in found]


def test_certificates_are_listed_by_their_next_date() -> None:
    world, (ends, far, ended, suspended, revoked, held, holds, review, late) = CustomsFacts(), TRADERS
    world.grant(ends, BY, 2, valid_until=NOW + 10 * DAY)
    world.grant(far, BY, 2, valid_until=NOW + 61 * DAY)
    world.grant(ended, BY, 2, valid_until=NOW - DAY)
    world.grant(suspended, BY, 2, status=Status.SUSPENDED, valid_until=NOW + 20 * DAY)
    world.grant(revoked, BY, 2, status=Status.REVOKED, valid_until=NOW + 5 * DAY, hold_until=NOW + 5 * DAY)
    world.grant(held, BY, 2, status=Status.SUSPENDED, hold_until=NOW - 3 * DAY)
    world.grant(holds, BY, 2, status=Status.SUSPENDED, hold_until=NOW + 3 * DAY)
    world.grant(review, BY, 2, review_day=TODAY + 30)
    world.grant(late, BY, 2, review_day=TODAY - 30)
    assert [(kind, subject, overdue) for kind, subject, _, overdue in tell(due(world))] == [
        ("review", f"{late} type 3", True),
        ("suspension", f"{held} type 3", True),
        ("suspension", f"{holds} type 3", False),
        ("expires", f"{ends} type 3", False),
        ("expires", f"{suspended} type 3", False),
        ("review", f"{review} type 3", False),
    ]
    assert [one.subject for one in due(world, within=1)] == [f"{late} type 3", f"{held} type 3"]


def test_a_trader_without_a_document_has_its_pseudonym() -> None:
    world = CustomsFacts().grant(TRADERS[0], BY, 2, valid_until=NOW + DAY)
    (one,) = due(world, known=False)
    assert one.subject == f"holder 0x{entry_of(TRADERS[0], BY, 2)[3:].hex()} type 3"


def test_a_standing_that_a_snapshot_hides_is_due_all_the_same() -> None:
    world = CustomsFacts().grant(TRADERS[0], BY, 2, valid_until=NOW + DAY)
    assert [one.subject for one in due(world, named=False)] == [f"{TRADERS[0]} type 3"]


def test_recognitions_given_and_received_and_those_of_unions_end() -> None:
    world = CustomsFacts()
    world.recognise(CN, BY, lane(until=NOW + 5 * DAY), lane(until=0), lane(until=NOW - DAY))
    world.recognise(BY, CN, lane(until=NOW + 6 * DAY))
    world.recognise(EAEU, CN, lane(until=NOW + 7 * DAY))
    world.recognise(EU, CN, lane(until=NOW + 8 * DAY))
    assert [(one.kind, one.subject, one.about) for one in due(world)] == [
        (Kind.LANE, "CN recognises BY", "ends under CN-BY"),
        (Kind.LANE, "BY recognises CN", "ends under CN-BY"),
        (Kind.LANE, "EAEU recognises CN", "ends under CN-BY"),
    ]


def test_parties_that_leave_a_union_are_listed_until_they_left() -> None:
    world = CustomsFacts()
    world.parties[KZ] = party(KZ, memberships=members_of(Membership(union=EAEU, leaves=TODAY + 10)))
    world.parties[DE] = party(DE, memberships=members_of(Membership(union=EU, leaves=TODAY + 20, ejected=True)))
    assert [(one.kind, one.subject, one.about) for one in due(world)] == [
        (Kind.UNION, "KZ", "leaves EAEU"),
        (Kind.UNION, "DE", "is ejected from EU"),
    ]
    world.parties[KZ] = replace(world.parties[KZ], memberships=members_of(Membership(union=EAEU, leaves=TODAY - 1)))
    assert [one.subject for one in due(world)] == ["DE"]
