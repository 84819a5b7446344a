"""Publications in the model alone: what a mandate allows, and that a batch changes everything or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.acts import Publication, Signed, StatusEvent
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.consortium import Consortium, extend_head
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.publication import Standing, authorise, publish
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.status_events import BY_CAPACITY, RESTRICTING
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    KeyRole,
    PartyKind,
    PartyState,
    RegisterMode,
    Status,
)
from aeo_ledger.errors.customs import RefusedByLedger
from support.sealed_world import members_of

NOW = 1_750_000_000
UNION, MEMBER, FORMER = 1, 2, 3
AUTHORITY = {number: bytes([0xA0 + number]) * 20 for number in (UNION, MEMBER, FORMER)}
OPERATOR = {number: bytes([0xB0 + number]) * 20 for number in (UNION, MEMBER, FORMER)}
ENTRY = b"\x00\x01\x00" + b"\x07" * 29
RECORD = Record(
    status=Status.ACTIVE, kind=EventKind.GRANT, issuer=MEMBER, roles=1, sequence=1, since=NOW, valid_from=NOW
)


@pytest.fixture
def consortium() -> Consortium:
    """A union with a register, a member of it, and a former member."""
    roles = ((AUTHORITY, KeyRole.AUTHORITY), (OPERATOR, KeyRole.OPERATOR))
    return Consortium(
        parties={
            number: Party(
                code=code,
                kind=PartyKind.ADMINISTRATION,
                state=PartyState.ACTIVE,
                keeps_register=True,
                memberships=members_of(UNION if number == MEMBER else 0),
            )
            for number, code in ((UNION, "EU"), (MEMBER, "DE"), (FORMER, "UK"))
        },
        keys={key: Key(party=n, role=role, added_at=1) for keys, role in roles for n, key in keys.items()},
        validators=(),
        minimum_validators=1,
        replacement_delay=0,
        chain_id=1,
        registers={UNION: Register(mode=RegisterMode.OPEN, types=1)},
    )


def draft(*records: Record, issuer: int = MEMBER, **members: Any) -> Publication:
    proper = {"register": UNION, "issuer": issuer, "former": 0, "capacity": Capacity.OPERATORS, "deadline": NOW}
    events = tuple(StatusEvent(entry=ENTRY, record=record, document=bytes(32)) for record in records)
    return Publication(events=events, **{**proper, **members})


def signed(*signers: bytes, parts: int = 1) -> Signed:
    return Signed(hash=bytes(32), signers=signers, parts=tuple(bytes([n + 1]) * 32 for n in range(parts)))


def test_a_mandate_says_what_the_operators_may_publish(consortium: Consortium) -> None:
    mandate = authorise(consortium, draft(), [OPERATOR[MEMBER]], time=NOW)
    assert (mandate.kinds, mandate.types, mandate.otherwise) == (
        BY_CAPACITY[Capacity.OPERATORS],
        (0,),
        Refusal.WRONG_CAPACITY,
    )


def test_a_suspended_party_may_only_restrict(consortium: Consortium) -> None:
    suspended = replace(consortium.parties[MEMBER], state=PartyState.SUSPENDED, suspended_until=NOW + 1)
    changed = replace(consortium, parties={**consortium.parties, MEMBER: suspended})
    mandate = authorise(changed, draft(), [OPERATOR[MEMBER]], time=NOW)
    assert (mandate.kinds, mandate.otherwise) == (RESTRICTING, Refusal.PARTY_SUSPENDED)
    assert authorise(changed, draft(), [OPERATOR[MEMBER]], time=NOW + 1).kinds == BY_CAPACITY[Capacity.OPERATORS]


def test_the_union_may_restrict_for_a_gone_issuer(consortium: Consortium) -> None:
    act = draft(issuer=FORMER, capacity=Capacity.UNION)
    assert authorise(consortium, act, [AUTHORITY[UNION]], time=NOW).kinds == RESTRICTING
    with pytest.raises(RefusedByLedger) as caught:
        authorise(consortium, act, [AUTHORITY[FORMER]], time=NOW)
    assert caught.value.code == Refusal.SURPLUS_SIGNATURE


def test_the_union_may_only_suspend_for_a_present_member(consortium: Consortium) -> None:
    mandate = authorise(consortium, draft(capacity=Capacity.UNION), [AUTHORITY[UNION]], time=NOW)
    assert (mandate.kinds, mandate.otherwise) == (frozenset({EventKind.SUSPEND}), Refusal.WRONG_CAPACITY)
    frozen = replace(consortium.parties[MEMBER], frozen=True)
    changed = replace(consortium, parties={**consortium.parties, MEMBER: frozen})
    mandate = authorise(changed, draft(), [OPERATOR[MEMBER]], time=NOW)
    assert (mandate.kinds, mandate.otherwise) == (RESTRICTING, Refusal.PARTY_FROZEN)


def test_events_of_one_entry_follow_each_other_in_one_publication(consortium: Consortium) -> None:
    suspended = replace(RECORD, kind=EventKind.SUSPEND, status=Status.SUSPENDED, sequence=2)
    both = signed(OPERATOR[MEMBER], parts=2)
    changed = publish(consortium, {}, draft(RECORD, suspended), both, time=NOW)
    head = extend_head(extend_head(bytes(32), both.parts[0], NOW), both.parts[1], NOW)
    assert changed == {ENTRY: Standing(record=replace(suspended, recorded_at=NOW), head=head)}


def test_one_wrong_event_leaves_every_standing_as_it_was(consortium: Consortium) -> None:
    standings: dict[bytes, Standing] = {}
    wrong = replace(RECORD, kind=EventKind.SUSPEND, status=Status.SUSPENDED, sequence=3)
    with pytest.raises(RefusedByLedger) as caught:
        publish(consortium, standings, draft(RECORD, wrong), signed(OPERATOR[MEMBER], parts=2), time=NOW)
    assert caught.value.code == Refusal.WRONG_SEQUENCE
    assert standings == {}


@pytest.mark.parametrize("count", [0, 101])
def test_a_publication_holds_1_to_100_events(consortium: Consortium, count: int) -> None:
    with pytest.raises(RefusedByLedger) as caught:
        publish(consortium, {}, draft(*[RECORD] * count), signed(OPERATOR[MEMBER], parts=count), time=NOW)
    assert caught.value.code == Refusal.NO_EVENTS
