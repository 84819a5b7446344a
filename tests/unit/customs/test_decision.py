from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.decision import Decision, decide
from aeo_ledger.customs.party import Membership
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import (
    Benefit,
    Direction,
    EventKind,
    LaneState,
    PartyState,
    Reason,
    RegisterMode,
    Role,
    Status,
    name_number,
)
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.protocol.entries import entries_of
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    CN_TRADER,
    DAY,
    DE,
    DE_TRADER,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    entry_of,
    inquire,
    lane,
    members_of,
    party,
)  # fmt: skip

EXPELLED = {"state": PartyState.EXPELLED}


def ask(world: CustomsFacts, tin: Tin, recogniser: int, **altered: Any) -> Decision:
    return decide(inquire(tin, recogniser, **altered), world, entries_of(tin))


def cn_by() -> CustomsFacts:
    """China recognises Belarus type 3 (number 2), and the trader has it."""
    return CustomsFacts().recognise(CN, BY, lane(types=0b100)).grant(BY_TRADER, BY, 2)


# ------------------------------------------------------------------ yes


def test_a_fitting_standing_and_lane_recognise() -> None:
    decision = ask(cn_by(), BY_TRADER, CN)
    assert decision.recognised
    assert decision.reasons == ()
    assert decision.benefits == (Benefit.FEWER_DOCUMENT_CHECKS, Benefit.PRIORITY_AFTER_DISRUPTION)
    assert decision.registers == (BY,)
    assert decision.standing is not None
    assert decision.standing.entry == entry_of(BY_TRADER, BY, 2)
    assert (decision.standing.register, decision.standing.certificate_type) == (BY, 2)
    assert decision.standing.issuer_state is PartyState.ACTIVE
    assert [(x.recogniser, x.register, x.number) for x in decision.lanes] == [(CN, BY, 0)]


def test_recognition_is_not_symmetric() -> None:
    world = cn_by().grant(CN_TRADER, CN)
    assert ask(world, CN_TRADER, BY).reasons == (Reason.NO_ARRANGEMENT,)


def test_a_suspended_issuer_still_decides_and_its_state_is_shown() -> None:
    world = cn_by()
    world.parties[BY] = party(BY, state=PartyState.SUSPENDED, suspended_until=NOW + DAY)
    decision = ask(world, BY_TRADER, CN)
    assert decision.recognised
    assert decision.standing is not None
    assert decision.standing.issuer_state is PartyState.SUSPENDED
    world.parties[BY] = party(BY, state=PartyState.SUSPENDED, suspended_until=NOW)
    standing = ask(world, BY_TRADER, CN).standing
    assert standing is not None
    assert standing.issuer_state is PartyState.ACTIVE


def test_benefits_are_the_union_over_all_fitting_lanes() -> None:
    world = CustomsFacts().grant(DE_TRADER, EU, 1, issuer=DE)
    world.recognise(PL, EU, lane(benefits=0b1), lane(benefits=0b10, state=LaneState.SUSPENDED), lane(benefits=0b100))
    world.recognise(EU, EU, lane(benefits=0b1000), lane(benefits=0b10000, types=0b1))
    decision = ask(world, DE_TRADER, PL)
    assert decision.benefits == (
        Benefit.FEWER_DOCUMENT_CHECKS,
        Benefit.PRIORITY_INSPECTION,
        Benefit.LIAISON_OFFICER,
    )
    assert [(x.recogniser, x.number) for x in decision.lanes] == [(PL, 0), (PL, 2), (EU, 0)]


def test_a_union_s_register_and_a_union_s_recognition_count_for_its_members() -> None:
    world = CustomsFacts().grant(DE_TRADER, EU, 1, issuer=DE).grant(CN_TRADER, CN).recognise(EU, CN).recognise(CN, EU)
    assert ask(world, DE_TRADER, CN).standing.issuer_state is PartyState.ACTIVE  # type: ignore[union-attr]
    decision = ask(world, CN_TRADER, PL)
    assert decision.recognised
    assert [(x.recogniser, x.register) for x in decision.lanes] == [(EU, CN)]


def test_the_asker_s_own_lanes_come_before_those_of_its_unions_by_number() -> None:
    world = CustomsFacts().grant(CN_TRADER, CN).recognise(EAEU, CN).recognise(EU, CN).recognise(PL, CN)
    world.parties[PL] = party(PL, memberships=members_of(EAEU, 0, EU))
    assert [x.recogniser for x in ask(world, CN_TRADER, PL).lanes] == [PL, EU, EAEU]


def test_registers_go_by_number_and_the_first_good_standing_decides() -> None:
    world = CustomsFacts().recognise(CN, EU).recognise(CN, DE, lane(benefits=0b10))
    world.parties[DE] = party(DE, keeps_register=True)
    world.registers[DE] = Register(mode=RegisterMode.OPEN, types=1)
    world.grant(DE_TRADER, DE).grant(DE_TRADER, EU, 0, issuer=DE)
    decision = ask(world, DE_TRADER, CN)
    assert decision.standing is not None
    assert (decision.standing.register, decision.registers) == (EU, (EU,))
    world.grant(DE_TRADER, EU, 0, issuer=DE, status=Status.REVOKED)
    decision = ask(world, DE_TRADER, CN)
    assert decision.standing is not None
    assert (decision.standing.register, decision.registers) == (DE, (EU, DE))
    assert [found.register for found in decision.found] == [EU, DE]


def test_types_go_by_number_among_those_that_a_fitting_lane_covers() -> None:
    world = CustomsFacts().grant(BY_TRADER, BY, 0).grant(BY_TRADER, BY, 1).grant(BY_TRADER, BY, 2).recognise(CN, BY)
    assert ask(world, BY_TRADER, CN).standing.certificate_type == 0  # type: ignore[union-attr]
    world.recognise(CN, BY, lane(types=0b110))
    decision = ask(world, BY_TRADER, CN)
    assert decision.standing.certificate_type == 1  # type: ignore[union-attr]
    assert len(decision.found) == 1
    named = ask(world, BY_TRADER, CN, types={BY: 2, EU: 0})
    assert named.standing.certificate_type == 2  # type: ignore[union-attr]


# ------------------------------------------------------------------ each reason of a no


@pytest.mark.parametrize(
    ("altered", "reason"),
    [
        ({"status": Status.ANNULLED}, Reason.ANNULLED),
        ({"status": Status.REVOKED}, Reason.REVOKED),
        ({"status": Status.WITHDRAWN}, Reason.WITHDRAWN),
        ({"status": Status.SUSPENDED}, Reason.SUSPENDED),
        ({"valid_from": NOW + 1}, Reason.NOT_YET_EFFECTIVE),
        ({"since": NOW + 1}, Reason.NOT_YET_EFFECTIVE),
        ({"valid_until": NOW}, Reason.EXPIRED),
        ({"issuer": KZ}, Reason.PARTY_GONE),
        ({"roles": 1 << Role.CARRIER}, Reason.ROLE),
    ],
)
def test_a_standing_says_no(altered: dict[str, Any], reason: Reason) -> None:
    decision = ask(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2, **altered), BY_TRADER, CN)
    assert not decision.recognised
    assert decision.reasons == (reason,)
    assert [found.reasons for found in decision.found] == [{reason}]


@pytest.mark.parametrize(("altered"), [{"valid_from": NOW, "since": NOW}, {"valid_until": NOW + 1}])
def test_a_standing_holds_from_its_first_second_to_before_its_last(altered: dict[str, Any]) -> None:
    assert ask(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2, **altered), BY_TRADER, CN).recognised


@pytest.mark.parametrize(
    ("altered", "reason"),
    [
        ({"in_force_from": 0}, Reason.ARRANGEMENT_NOT_IN_FORCE),
        ({"in_force_from": NOW + 1}, Reason.ARRANGEMENT_NOT_IN_FORCE),
        ({"until": NOW}, Reason.ARRANGEMENT_ENDED),
        ({"state": LaneState.SUSPENDED}, Reason.ARRANGEMENT_SUSPENDED),
        ({"types": 0b11}, Reason.TYPE_OUT_OF_SCOPE),
        ({"roles": 1 << Role.CARRIER}, Reason.ROLE),
        ({"directions": 1 << Direction.EXPORT | 1 << Direction.TRANSIT}, Reason.DIRECTION),
    ],
)
def test_a_lane_says_no(altered: dict[str, Any], reason: Reason) -> None:
    decision = ask(CustomsFacts().grant(BY_TRADER, BY, 2).recognise(CN, BY, lane(**altered)), BY_TRADER, CN)
    assert not decision.recognised
    assert decision.reasons == (reason,)
    assert len(decision.found) == 1


@pytest.mark.parametrize("altered", [{"in_force_from": NOW}, {"until": NOW + 1}])
def test_a_lane_holds_from_its_first_second_to_before_its_last(altered: dict[str, Any]) -> None:
    assert ask(CustomsFacts().grant(BY_TRADER, BY, 2).recognise(CN, BY, lane(**altered)), BY_TRADER, CN).recognised


def test_no_certificate_is_said_only_if_nothing_is_found() -> None:
    assert ask(CustomsFacts().recognise(CN, BY), BY_TRADER, CN).reasons == (Reason.NO_CERTIFICATE,)
    assert ask(CustomsFacts(), BY_TRADER, CN).reasons == (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)
    assert ask(CustomsFacts().grant(BY_TRADER, BY, 0), BY_TRADER, CN).reasons == (Reason.NO_ARRANGEMENT,)


def test_a_trader_with_an_unknown_prefix_has_no_certificate() -> None:
    decision = ask(cn_by(), Tin("UY1"), CN)
    assert decision.reasons == (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)
    assert decision.registers == ()


def test_a_register_that_is_not_kept_or_not_opened_is_empty() -> None:
    world = cn_by()
    del world.registers[BY]
    assert ask(world, BY_TRADER, CN).reasons == (Reason.NO_CERTIFICATE,)
    world = cn_by()
    world.parties[BY] = party(BY, keeps_register=False, opened=False)
    for register_named in (False, True):
        decision = ask(world, BY_TRADER, CN, register_named=register_named)
        assert decision.reasons == (Reason.NO_CERTIFICATE, Reason.NO_ARRANGEMENT)
        assert decision.registers == ()


@pytest.mark.parametrize("register_named", [False, True])
def test_a_register_no_longer_kept_is_searched_and_gone(*, register_named: bool) -> None:
    """Taking a register does not make existing certificates a proven "no certificate"."""
    world = cn_by()
    world.parties[BY] = party(BY, keeps_register=False)
    decision = ask(world, BY_TRADER, CN, register_named=register_named)
    assert (decision.reasons, decision.registers) == ((Reason.PARTY_GONE,), (BY,))
    assert ask(world, Tin("BY101010101"), CN).reasons == (Reason.NO_CERTIFICATE,)
    taken = party(BY, keeps_register=False, changes=1, changed_at=THEN + 1)
    world.parties[BY] = taken
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, BY_TRADER, CN, time=THEN)
    assert refusal.value.what == f"party {BY}"
    assert ask(world, BY_TRADER, CN, time=THEN + 1).reasons == (Reason.PARTY_GONE,)


def test_a_union_s_register_no_longer_kept_is_gone_for_its_members_certificates_too() -> None:
    world = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=DE)
    assert ask(world, DE_TRADER, CN).recognised
    world.parties[EU] = party(EU, keeps_register=False)
    assert ask(world, DE_TRADER, CN).reasons == (Reason.PARTY_GONE,)


def test_benefits_with_unknown_numbers_are_kept() -> None:
    decision = ask(cn_by().recognise(CN, BY, lane(benefits=0b1000_0010_0000_0010)), BY_TRADER, CN)
    assert decision.benefits == (Benefit.FEWER_INSPECTIONS, 9, 15)
    assert [name_number(number, Benefit) for number in decision.benefits] == [
        "fewer_inspections",
        "benefit 9",
        "benefit 15",
    ]


def test_a_standing_decides_whatever_the_kind_of_its_last_event() -> None:
    assert ask(CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2, kind=13), BY_TRADER, CN).recognised
    assert name_number(13, EventKind) == "event kind 13"
    assert name_number(15, Role) == "role 15"


def test_a_type_that_is_not_in_use_or_unknown_to_the_register_is_not_there() -> None:
    for types in ({BY: 3}, {EU: 0}):
        assert ask(cn_by(), BY_TRADER, CN, types=types).reasons == (Reason.NO_CERTIFICATE,)


def test_a_named_register_is_searched_alone() -> None:
    world = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=DE)
    assert ask(world, DE_TRADER, CN, party=EU, register_named=True).registers == (EU,)
    assert ask(world, DE_TRADER, CN, party=DE, register_named=True).registers == ()


@pytest.mark.parametrize("gone", [BY, CN])
def test_an_expelled_party_recognises_nobody_and_is_recognised_by_nobody(gone: int) -> None:
    world = cn_by()
    world.parties[gone] = party(gone, **EXPELLED)
    assert ask(world, BY_TRADER, CN).reasons == (Reason.PARTY_GONE,)


def test_an_issuer_that_was_expelled_or_left_the_union_is_gone() -> None:
    for altered in (EXPELLED, {"memberships": members_of()}):
        world = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=DE)
        world.parties[DE] = party(DE, **altered)
        decision = ask(world, DE_TRADER, CN, party=EU, register_named=True)
        assert decision.reasons == (Reason.PARTY_GONE,)


@pytest.mark.parametrize("gone", [EU, PL])
def test_a_union_s_lanes_do_not_help_when_the_union_or_the_asking_member_is_gone(gone: int) -> None:
    world = CustomsFacts().recognise(EU, CN).grant(CN_TRADER, CN)
    world.parties[gone] = party(gone, **EXPELLED)
    assert ask(world, CN_TRADER, PL).reasons == (Reason.PARTY_GONE,)


def test_lanes_to_another_register_leave_a_standing_out_of_scope() -> None:
    world = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, DE)
    world.parties[DE] = party(DE, keeps_register=True)
    world.registers[DE] = Register(mode=RegisterMode.OPEN, types=1)
    assert ask(world, DE_TRADER, CN).reasons == (Reason.TYPE_OUT_OF_SCOPE,)


def test_all_reasons_come_in_the_order_of_precedence() -> None:
    world = CustomsFacts().recognise(
        CN,
        BY,
        lane(state=LaneState.SUSPENDED, directions=1 << Direction.EXPORT, in_force_from=0),
        lane(until=NOW - 1, roles=1 << Role.PORT, types=0b1),
    )
    world.grant(BY_TRADER, BY, 0, status=Status.SUSPENDED).grant(BY_TRADER, BY, 1, status=Status.REVOKED)
    world.grant(BY_TRADER, BY, 2, valid_until=NOW - 1, valid_from=NOW + 1, issuer=KZ)
    world.withhold(CN, BY_TRADER, BY, 1)
    every = set(Reason) - {
        Reason.NO_CERTIFICATE,
        Reason.NO_ARRANGEMENT,
        Reason.ANNULLED,
        Reason.WITHDRAWN,
        Reason.NO_TRADER_UNDER_ALIAS,
    }
    reasons = ask(world, BY_TRADER, CN).reasons
    assert reasons == tuple(sorted(every))
    assert reasons[0] is Reason.REVOKED
    assert [reason.name for reason in sorted(Reason)] == [
        "NO_CERTIFICATE", "ANNULLED", "REVOKED", "WITHDRAWN", "SUSPENDED", "NOT_YET_EFFECTIVE", "EXPIRED", "PARTY_GONE",
        "NO_ARRANGEMENT", "ARRANGEMENT_NOT_IN_FORCE", "ARRANGEMENT_ENDED", "ARRANGEMENT_SUSPENDED", "TYPE_OUT_OF_SCOPE",
        "ROLE", "DIRECTION", "BENEFITS_WITHHELD", "NO_TRADER_UNDER_ALIAS",
    ]  # fmt: skip


def test_a_union_that_the_ledger_has_no_word_of_is_not_searched() -> None:
    world = cn_by()
    world.parties[EAEU] = party(EAEU, keeps_register=True)
    assert ask(world, BY_TRADER, CN).registers == (EAEU, BY)
    del world.parties[EAEU]
    assert ask(world, BY_TRADER, CN).registers == (BY,)


# ------------------------------------------------------------------ withheld benefits


@pytest.mark.parametrize(
    ("withheld_by", "lane_of", "recognised"),
    [(PL, PL, False), (PL, EU, False), (EU, EU, False), (EU, PL, True), (DE, PL, True), (DE, EU, True)],
)
def test_a_withholding_counts_on_its_own_pair_and_the_asker_s_on_its_unions_too(
    withheld_by: int, lane_of: int, *, recognised: bool
) -> None:
    world = CustomsFacts().grant(CN_TRADER, CN).recognise(lane_of, CN).withhold(withheld_by, CN_TRADER, CN)
    decision = ask(world, CN_TRADER, PL)
    assert decision.recognised == recognised
    assert decision.reasons == (() if recognised else (Reason.BENEFITS_WITHHELD,))


def test_a_withholding_that_was_taken_back_or_is_of_another_entry_does_not_count() -> None:
    assert ask(cn_by().withhold(CN, BY_TRADER, BY, 2, withheld=False), BY_TRADER, CN).recognised
    assert ask(cn_by().withhold(CN, BY_TRADER, BY, 1), BY_TRADER, CN).recognised
    assert ask(cn_by().withhold(CN, Tin("BY101010101"), BY, 2), BY_TRADER, CN).recognised


def test_the_benefits_of_a_lane_that_is_withheld_are_left_out() -> None:
    world = (
        CustomsFacts().grant(CN_TRADER, CN).recognise(PL, CN, lane(benefits=0b1)).recognise(EU, CN, lane(benefits=0b10))
    )
    decision = ask(world.withhold(EU, CN_TRADER, CN), CN_TRADER, PL)
    assert decision.benefits == (Benefit.FEWER_DOCUMENT_CHECKS,)
    assert [x.recogniser for x in decision.lanes] == [PL]


# ------------------------------------------------------------------ keyed registers


def keyed() -> CustomsFacts:
    world = cn_by()
    world.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    return world


def test_a_keyed_type_that_a_lane_covers_needs_its_key() -> None:
    with pytest.raises(KeyNeeded) as refusal:
        ask(keyed(), BY_TRADER, CN)
    assert (refusal.value.register, refusal.value.certificate_type) == (BY, 2)


def test_keyed_types_that_no_fitting_lane_covers_are_listed_and_not_claimed_absent() -> None:
    ended = keyed().recognise(CN, BY, lane(until=NOW))
    decision = ask(ended, BY_TRADER, CN)
    assert decision.reasons == (Reason.ARRANGEMENT_ENDED,)
    assert decision.not_searched == ((BY, 0), (BY, 1), (BY, 2))
    other = ask(keyed(), BY_TRADER, CN, types={BY: 0})
    assert other.reasons == (Reason.TYPE_OUT_OF_SCOPE,)
    assert other.not_searched == ((BY, 0),)
    assert ask(keyed(), BY_TRADER, KZ).reasons == (Reason.NO_ARRANGEMENT,)


def test_with_the_key_the_types_in_scope_are_searched_and_no_others() -> None:
    world = keyed()
    del world.records[entry_of(BY_TRADER, BY, 2)]
    asked = []

    def entry(register: int, mode: RegisterMode, certificate_type: int) -> bytes:
        asked.append((register, mode, certificate_type))
        return entry_of(BY_TRADER, register, certificate_type)

    decision = decide(inquire(BY_TRADER, CN), world, entry)
    assert asked == [(BY, RegisterMode.KEYED, 2)]
    assert decision.not_searched == ((BY, 0), (BY, 1))
    assert Reason.NO_CERTIFICATE in decision.reasons


# ------------------------------------------------------------------ past times

THEN = NOW - 10 * DAY
CHANGED = {"recorded_at": NOW - DAY, "sequence": 2}


def test_facts_recorded_by_then_or_never_altered_decide_a_past_time() -> None:
    assert ask(cn_by(), BY_TRADER, CN, time=THEN).recognised
    late = CustomsFacts().recognise(CN, BY, lane(changed_at=NOW - DAY)).grant(BY_TRADER, BY, 2, recorded_at=NOW - DAY)
    assert ask(late, BY_TRADER, CN, time=THEN).recognised
    assert ask(late, BY_TRADER, CN, time=NOW - 600 * DAY).reasons == (Reason.NOT_YET_EFFECTIVE,)


@pytest.mark.parametrize(
    ("altered", "reason"),
    [
        ({"status": Status.REVOKED, "since": THEN, **CHANGED}, Reason.REVOKED),
        ({"status": Status.SUSPENDED, "since": THEN, **CHANGED}, Reason.SUSPENDED),
        ({"status": Status.ANNULLED, **CHANGED}, Reason.ANNULLED),
        ({"status": Status.WITHDRAWN, "since": THEN, "roles": 1, **CHANGED}, Reason.WITHDRAWN),
    ],
)
def test_a_status_that_had_ended_by_then_refuses_though_recorded_since(altered: dict[str, Any], reason: Reason) -> None:
    world = CustomsFacts().recognise(CN, BY, lane(types=0b100)).grant(BY_TRADER, BY, 2, **altered)
    assert ask(world, BY_TRADER, CN, time=THEN).reasons == (reason,)


@pytest.mark.parametrize(
    "altered",
    [
        CHANGED,
        {"status": Status.SUSPENDED, "since": THEN + 1, **CHANGED},
        {"status": Status.REVOKED, "since": THEN + 1, **CHANGED},
        {"valid_until": THEN, **CHANGED},
        {"roles": 1, **CHANGED},
    ],
)
def test_a_standing_that_changed_since_needs_history(altered: dict[str, Any]) -> None:
    world = CustomsFacts().recognise(CN, BY, lane(types=0b100)).grant(BY_TRADER, BY, 2, **altered)
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, BY_TRADER, CN, time=THEN)
    assert refusal.value.what == f"standing 0x{entry_of(BY_TRADER, BY, 2).hex()}"
    assert refusal.value.time == THEN


@pytest.mark.parametrize("altered", [{}, {"state": LaneState.SUSPENDED}, {"until": THEN}, {"types": 1}, {"roles": 1}])
def test_a_lane_that_was_altered_since_needs_history(altered: dict[str, Any]) -> None:
    world = cn_by().recognise(CN, BY, lane(changes=1, changed_at=NOW - DAY, **altered))
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, BY_TRADER, CN, time=THEN)
    assert refusal.value.what == f"lane 0 of {CN} to {BY}"


@pytest.mark.parametrize("number", [CN, BY])
def test_a_party_that_changed_since_needs_history(number: int) -> None:
    world = cn_by()
    world.parties[number] = party(number, changes=1, changed_at=NOW - DAY)
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, BY_TRADER, CN, time=THEN)
    assert refusal.value.what == f"party {number}"


def test_an_issuer_or_a_union_that_changed_since_needs_history() -> None:
    for number in (DE, EU):
        world = CustomsFacts().recognise(EU, EU).grant(DE_TRADER, EU, 1, issuer=DE)
        world.parties[number] = party(number, changes=1, changed_at=NOW - DAY)
        with pytest.raises(HistoryNeeded) as refusal:
            ask(world, DE_TRADER, PL, time=THEN, party=EU, register_named=True)
        assert refusal.value.what == f"party {number}"


def test_a_withholding_that_changed_since_needs_history_and_an_older_one_decides() -> None:
    for withheld in (True, False):
        world = cn_by().withhold(CN, BY_TRADER, BY, 2, withheld=withheld, changed_at=NOW - DAY, serial=2)
        with pytest.raises(HistoryNeeded) as refusal:
            ask(world, BY_TRADER, CN, time=THEN)
        assert refusal.value.what == f"withholding on lane 0 of {CN} to {BY}"
    assert ask(cn_by().withhold(CN, BY_TRADER, BY, 2), BY_TRADER, CN, time=THEN).reasons == (Reason.BENEFITS_WITHHELD,)


def test_the_first_withholding_shows_that_there_was_none_before() -> None:
    world = cn_by().withhold(CN, BY_TRADER, BY, 2, changed_at=THEN + 1, serial=1)
    assert ask(world, BY_TRADER, CN, time=THEN).recognised
    assert ask(world, BY_TRADER, CN, time=THEN + 1).reasons == (Reason.BENEFITS_WITHHELD,)
    assert ask(world, BY_TRADER, CN, time=THEN + 1, known=THEN).recognised


def test_a_lane_that_was_used_again_needs_history_for_what_was_before() -> None:
    """Its new arrangement is dated back. If the word were read, it would answer old questions too."""
    again = lane(in_force_from=NOW - 900 * DAY, changed_at=NOW - DAY, changes=1, generation=1)
    world = cn_by().recognise(CN, BY, again)
    assert ask(world, BY_TRADER, CN).recognised
    assert ask(world, BY_TRADER, CN, time=NOW - DAY).recognised
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, BY_TRADER, CN, time=NOW - DAY - 1)
    assert refusal.value.what == f"lane 0 of {CN} to {BY}"


def test_a_member_belongs_to_its_union_until_the_day_of_its_leaving_begins() -> None:
    leaving = Membership(union=EU, leaves=NOW // DAY - 5)
    day = leaving.leaves * DAY
    edge = CustomsFacts().recognise(EU, CN).grant(CN_TRADER, CN)
    edge.parties[PL] = party(PL, memberships=members_of(leaving), changes=1, changed_at=NOW - 30 * DAY)
    issued = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=DE)
    issued.parties[DE] = party(DE, memberships=members_of(replace(leaving, ejected=True)))
    assert ask(edge, CN_TRADER, PL, time=day - 1).recognised
    assert ask(edge, CN_TRADER, PL, time=day).reasons == (Reason.NO_ARRANGEMENT,)
    assert ask(issued, DE_TRADER, CN, time=day - 1).registers == (EU,)
    assert ask(issued, DE_TRADER, CN, time=day - 1).recognised
    assert ask(issued, DE_TRADER, CN, time=day).registers == ()
    named = {"party": EU, "register_named": True}
    assert ask(issued, DE_TRADER, CN, time=day - 1, **named).recognised
    assert ask(issued, DE_TRADER, CN, time=day, **named).reasons == (Reason.PARTY_GONE,)
    with pytest.raises(HistoryNeeded):  # before the notice something else may have been
        ask(edge, CN_TRADER, PL, time=NOW - 31 * DAY)


def test_a_no_holds_if_either_side_of_each_pair_certainly_refuses() -> None:
    unknown_standing = cn_by().recognise(CN, BY, lane(until=THEN)).grant(BY_TRADER, BY, 2, **CHANGED)
    assert ask(unknown_standing, BY_TRADER, CN, time=THEN).reasons == (Reason.ARRANGEMENT_ENDED,)
    unknown_lane = cn_by().recognise(CN, BY, lane(changes=1, changed_at=NOW)).grant(BY_TRADER, BY, 2, valid_until=THEN)
    assert ask(unknown_lane, BY_TRADER, CN, time=THEN).reasons == (Reason.EXPIRED,)
    unknown_asker = cn_by().grant(BY_TRADER, BY, 2, valid_until=THEN)
    unknown_asker.parties[CN] = party(CN, changes=1, changed_at=NOW)
    assert ask(unknown_asker, BY_TRADER, CN, time=THEN).reasons == (Reason.EXPIRED,)
    assert ask(CustomsFacts().recognise(CN, BY), BY_TRADER, CN, time=THEN).reasons == (Reason.NO_CERTIFICATE,)


def test_one_uncertain_lane_makes_a_yes_with_other_lanes_uncertain() -> None:
    world = cn_by().recognise(CN, BY, lane(), lane(changes=1, changed_at=NOW))
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, BY_TRADER, CN, time=THEN)
    assert refusal.value.what == f"lane 1 of {CN} to {BY}"


def test_nothing_is_decided_if_the_registers_to_search_are_uncertain() -> None:
    world = CustomsFacts().recognise(CN, EU)
    world.parties[DE] = party(DE, changes=1, changed_at=NOW)
    with pytest.raises(HistoryNeeded) as refusal:
        ask(world, DE_TRADER, CN, time=THEN)
    assert refusal.value.what == f"party {DE}"
    world = cn_by()
    world.parties[BY] = party(BY, changes=1, changed_at=NOW, keeps_register=False, opened=False)
    with pytest.raises(HistoryNeeded):
        ask(world, BY_TRADER, CN, time=THEN, register_named=True)
    assert EAEU not in ask(cn_by(), BY_TRADER, CN, time=THEN).registers
