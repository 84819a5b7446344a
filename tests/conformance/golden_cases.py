"""Golden recognition vectors: what honest evidence proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.party import Membership
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, LaneState, PartyState, RegisterMode, Role, Status
from aeo_ledger.evidence import Question
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.verify import Checkpoint
from conformance.make_vectors import (
    ASKED,
    CODE_HASHES,
    TRUST,
    Answers,
    Case,
    prove,
    recognising,
    sealed,
    succeeding,
)
from support.sealed_world import (
    BY,
    BY_TRADER,
    CN,
    DAY,
    DE,
    DE_TRADER,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    lane,
    members_of,
    party,
    question,
)  # fmt: skip

TODAY = NOW // DAY
"""A day that has begun; the next one has not."""
USUAL = ("fewer_document_checks", "priority_after_disruption")
CROWD = [Tin(f"BY{n}") for n in range(100_000_000, 100_000_040)]
KZ_TRADER = Tin("KZ0123456789")

Build = Callable[[Answers], Answers]


def case(
    name: str, about: str, why: str, world: CustomsFacts, build: Build, asked: Question = ASKED, **how: Any
) -> Case:
    """One question, honestly answered."""
    header = {key: how.pop(key) for key in ("seals", "round", "timestamp", "later_fields") if key in how}
    there = sealed(world, **header)
    expected = build(Answers(there.header)).to_json()
    return Case(name=name, about=about, why=why, evidence=prove(there, asked), asked=[asked], expected=expected, **how)


def saying_no(reason: str) -> Build:
    """Expect a no for one reason."""
    return lambda answer: answer.no(reason)


def cases() -> Iterator[Case]:
    yield from _yes()
    yield from _no_of_standings()
    yield from _no_of_lanes()
    yield from _absences()
    yield from _past_times()
    yield from _successions()
    yield from _headers()
    yield from _batches()


def _yes() -> Iterator[Case]:
    yield case("yes", "yes", "one standing, one lane", recognising(), lambda a: a.yes(*USUAL))
    two = recognising().recognise(CN, BY, lane(types=0b100, benefits=0b1), lane(types=0b110, benefits=0b10))
    benefits = ("fewer_document_checks", "fewer_inspections")
    yield case("yes-two-lanes", "yes", "benefits are the union over both lanes", two, lambda a: a.yes(*benefits))
    other = recognising().recognise(CN, BY, lane(types=0b1), lane(benefits=0b100))
    yield case(
        "yes-one-of-two-lanes", "yes", "a lane for another type adds nothing", other,
        lambda a: a.yes("priority_inspection"),
    )  # fmt: skip
    european = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, 1, issuer=DE)
    yield case(
        "yes-register-of-a-union", "yes", "Germany keeps no register: the EU's is searched, as DE's union", european,
        lambda a: a.yes(*USUAL, issuer="DE", registers=["EU"]), question(DE_TRADER, CN),
    )  # fmt: skip
    irish = Tin("XI123456")
    yield case(
        "yes-prefix", "yes", "XI is pinned to mean DE here", CustomsFacts().recognise(CN, EU).grant(irish, EU, issuer=DE),
        lambda a: a.yes(*USUAL, issuer="DE", registers=["EU"]), question(irish, CN),
    )  # fmt: skip
    yield case(
        "yes-lane-of-a-union", "yes", "Poland's union recognises Belarus", recognising().recognise(EU, BY),
        lambda a: a.yes(*USUAL), question(BY_TRADER, PL),
    )  # fmt: skip
    both = recognising().recognise(EU, BY, lane(benefits=0b10)).recognise(PL, BY, lane(benefits=0b1))
    yield case(
        "yes-own-lane-and-union-s", "yes", "its own lane and its union's count alike", both,
        lambda a: a.yes("fewer_document_checks", "fewer_inspections"), question(BY_TRADER, PL),
    )  # fmt: skip
    second = CustomsFacts().recognise(CN, EAEU).recognise(CN, KZ).grant(KZ_TRADER, KZ, status=Status.REVOKED)
    second.parties[EAEU] = party(EAEU, keeps_register=True)
    second.registers[EAEU] = Register(mode=RegisterMode.OPEN, types=0b1)
    second.grant(KZ_TRADER, EAEU)
    yield case(
        "yes-first-of-two-registers", "yes", "the union's register has the lower number, and decides before KZ's",
        second, lambda a: a.yes(*USUAL, issuer="EAEU", registers=["EAEU"]), question(KZ_TRADER, CN),
    )  # fmt: skip
    named = question(KZ_TRADER, CN, register="KZ")
    yield case(
        "no-register-named", "no", "the register named is searched alone", second,
        lambda a: a.no("revoked", registers=["KZ"]), named,
    )  # fmt: skip
    third = recognising().grant(BY_TRADER, BY, 0, status=Status.ANNULLED).grant(BY_TRADER, BY, 1, roles=1)
    yield case("yes-third-type", "yes", "types ascend; those that say no are passed by", third, lambda a: a.yes(*USUAL))
    yield case(
        "yes-type-by-name", "yes", "type 3 of Belarus has number 2", third, lambda a: a.yes(*USUAL),
        question(BY_TRADER, CN, certificate_type="3"),
    )  # fmt: skip
    yield case(
        "no-type-by-number", "no", "the type named is looked at alone", third, lambda a: a.no("annulled"),
        question(BY_TRADER, CN, certificate_type=0),
    )  # fmt: skip
    suspended = recognising()
    suspended.parties[BY] = party(BY, state=PartyState.SUSPENDED, suspended_until=NOW + DAY)
    yield case(
        "yes-suspended-issuer", "yes", "a suspended party's standings still decide", suspended,
        lambda a: a.yes(*USUAL),
    )  # fmt: skip
    revoked_lane = recognising().recognise(CN, BY, lane(state=LaneState.SUSPENDED), lane(benefits=0b10000000))
    yield case(
        "yes-beside-a-suspended-lane", "yes", "one lane suspended, the other open", revoked_lane,
        lambda a: a.yes("reduced_security_data"),
    )  # fmt: skip
    granted_again = recognising().withhold(CN, BY_TRADER, BY, 2, withheld=False, serial=2)
    yield case(
        "yes-no-longer-withheld", "yes", "benefits were withheld once and are granted again", granted_again,
        lambda a: a.yes(*USUAL),
    )  # fmt: skip
    unknown = recognising().recognise(CN, BY, lane(benefits=0b1000_0010_0000_0010))
    yield case(
        "yes-benefits-yet-unknown", "yes", "numbers that a reader does not know are shown, never dropped", unknown,
        lambda a: a.yes("fewer_inspections", "benefit 9", "benefit 15"),
    )  # fmt: skip
    yield case(
        "yes-kind-yet-unknown", "yes", "what the last event was called decides nothing", recognising(kind=13),
        lambda a: a.yes(*USUAL),
    )  # fmt: skip
    frozen = recognising()
    frozen.parties[BY] = party(BY, frozen=True, epoch=7, authority_keys=5, authority_threshold=3, threshold=16)
    yield case(
        "yes-frozen-issuer", "yes", "an operator stopped its publications: what was published stands", frozen,
        lambda a: a.yes(*USUAL),
    )  # fmt: skip
    again = recognising().recognise(CN, BY, lane(generation=3, changes=7, changed_at=NOW - DAY))
    yield case("yes-lane-used-again", "yes", "a lane in its fourth generation", again, lambda a: a.yes(*USUAL))
    leaving = recognising().recognise(EU, BY)
    leaving.parties[PL] = party(PL, memberships=members_of(0, 0, Membership(union=EU, leaves=TODAY + 1)))
    yield case(
        "yes-member-until-the-day", "yes", "Poland leaves its union tomorrow, and belongs to it until then", leaving,
        lambda a: a.yes(*USUAL), question(BY_TRADER, PL),
    )  # fmt: skip
    left = recognising().recognise(EU, BY)
    left.parties[PL] = party(PL, memberships=members_of(Membership(union=EU, leaves=TODAY)))
    yield case(
        "no-member-from-the-day-on", "no", "the day has begun: its union's lanes are no longer Poland's", left,
        lambda a: a.no("no_arrangement"), question(BY_TRADER, PL),
    )  # fmt: skip
    other_trader = recognising().withhold(CN, CROWD[0], BY, 2)
    yield case(
        "yes-others-withheld", "yes", "benefits are withheld from somebody else: proven absent for this one",
        other_trader, lambda a: a.yes(*USUAL),
    )  # fmt: skip


def _no_of_standings() -> Iterator[Case]:
    for status in (Status.ANNULLED, Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED):
        name = status.name.lower()
        yield case(f"no-{name}", "no", "the standing's status", recognising(status=status), saying_no(name))
    for name, reason, altered in (
        ("no-not-yet-effective", "not_yet_effective", {"valid_from": NOW + 1}),
        ("no-expired", "expired", {"valid_until": NOW}),
        ("no-role-of-standing", "role", {"roles": 1 << Role.CARRIER}),
    ):
        yield case(name, "no", "by one second, or one bit", recognising(**altered), saying_no(reason))
    yield case("yes-last-second", "yes", "valid_until is exclusive", recognising(valid_until=NOW + 1),
               lambda a: a.yes(*USUAL))  # fmt: skip
    gone = recognising()
    gone.parties[BY] = party(BY, state=PartyState.EXPELLED)
    yield case("no-party-gone-register", "no", "the register's party is expelled", gone, lambda a: a.no("party_gone"))
    gone = recognising()
    gone.parties[CN] = party(CN, state=PartyState.EXPELLED)
    yield case("no-party-gone-recogniser", "no", "whoever asks is expelled", gone, lambda a: a.no("party_gone"))
    asked = question(DE_TRADER, CN)
    changes: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("no-party-gone-issuer", "the issuer is expelled", {"state": PartyState.EXPELLED}),
        ("no-party-gone-left", "the issuer is no longer the union's member", {"memberships": members_of()}),
        (
            "no-party-gone-ejected",
            "the day on which the union ejects it has begun",
            {"memberships": members_of(Membership(union=EU, leaves=TODAY, ejected=True))},
        ),
    )
    for name, why, altered in changes:
        left = CustomsFacts().recognise(CN, EU).grant(DE_TRADER, EU, issuer=PL)
        left.parties[PL] = party(PL, **altered)
        yield case(name, "no", why, left, lambda a: a.no("party_gone", registers=["EU"]), asked)
    taken = recognising()
    taken.parties[BY] = party(BY, keeps_register=False)
    yield case(
        "no-party-gone-register-taken", "no", "the register is kept no longer: searched, since it was opened, and gone",
        taken, lambda a: a.no("party_gone"),
    )  # fmt: skip
    never = recognising()
    never.parties[BY] = party(BY, keeps_register=False, opened=False)
    yield case(
        "no-register-never-opened", "absence", "the register is not kept and was never opened: nothing is searched", never,
        lambda a: a.no("no_certificate", "no_arrangement", registers=[]),
    )  # fmt: skip
    all_wrong = recognising(status=Status.SUSPENDED, valid_until=NOW - 5, roles=1, valid_from=NOW - 9)
    all_wrong.grant(BY_TRADER, BY, 0, status=Status.ANNULLED, valid_from=NOW + 5).withhold(CN, BY_TRADER, BY, 2)
    all_wrong.recognise(
        CN, BY, lane(types=0b1, in_force_from=0, state=LaneState.SUSPENDED), lane(until=NOW, directions=0b10, roles=1)
    )
    reasons = (
        *("annulled", "suspended", "not_yet_effective", "expired", "arrangement_not_in_force", "arrangement_ended"),
        *("arrangement_suspended", "type_out_of_scope", "role", "direction", "benefits_withheld"),
    )
    yield case("no-everything", "no", "all reasons, by precedence", all_wrong, lambda a: a.no(*reasons))


def _no_of_lanes() -> Iterator[Case]:
    for name, reason, altered in (
        ("no-arrangement-signed-only", "arrangement_not_in_force", {"in_force_from": 0}),
        ("no-arrangement-not-in-force", "arrangement_not_in_force", {"in_force_from": NOW + 1}),
        ("no-arrangement-ended", "arrangement_ended", {"until": NOW}),
        ("no-arrangement-suspended", "arrangement_suspended", {"state": LaneState.SUSPENDED}),
        ("no-type-out-of-scope", "type_out_of_scope", {"types": 0b11}),
        ("no-role-of-lane", "role", {"roles": 1}),
        ("no-direction", "direction", {"directions": 1 << Direction.EXPORT}),
    ):
        world = recognising().recognise(CN, BY, lane(**altered))
        yield case(name, "no", "the lane's word", world, saying_no(reason))
    nobody = CustomsFacts().grant(BY_TRADER, BY, 2)
    yield case("no-arrangement", "no", "no edge has a lane", nobody, lambda a: a.no("no_arrangement"))
    elsewhere = CustomsFacts().recognise(CN, EAEU).grant(KZ_TRADER, KZ)
    elsewhere.parties[EAEU] = party(EAEU, keeps_register=True)
    yield case(
        "no-lanes-lead-elsewhere", "no", "a lane to the union's register, which holds nothing; the standing is in KZ's",
        elsewhere, lambda a: a.no("type_out_of_scope", registers=["EAEU", "KZ"]), question(KZ_TRADER, CN),
    )  # fmt: skip
    withheld = recognising().withhold(CN, BY_TRADER, BY, 2)
    yield case("no-withheld", "no", "by the recogniser", withheld, lambda a: a.no("benefits_withheld"))
    poland = question(BY_TRADER, PL)
    for name, by in (("no-withheld-by-union", EU), ("no-withheld-by-member", PL)):
        world = recognising().recognise(EU, BY).withhold(by, BY_TRADER, BY, 2)
        yield case(name, "no", "on the union's lane", world, lambda a: a.no("benefits_withheld"), poland)
    keyed = recognising().recognise(CN, BY, lane(types=0b1, until=NOW))
    keyed.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b101)
    yield case(
        "no-keyed-not-searched", "no", "no fitting lane, so no key is needed and no certificate claimed absent", keyed,
        lambda a: a.no("arrangement_ended", "type_out_of_scope"),
    )  # fmt: skip


def _absences() -> Iterator[Case]:
    def crowd(*tins: Tin) -> CustomsFacts:
        world = CustomsFacts().recognise(CN, BY)
        for tin in tins:
            world.grant(tin, BY, 2)
        return world

    def first_nibble(tin: Tin, certificate_type: int = 2) -> str:
        entry = make_entry(BY, certificate_type, derive_open_holder(BY, certificate_type, tin))
        return keccak256(record_slot(entry).to_bytes(32, "big")).hex()[0]

    taken = {first_nibble(BY_TRADER, number) for number in range(3)}
    free = next(nibble for nibble in "0123456789abcdef" if nibble not in taken)
    alike = [tin for tin in CROWD if first_nibble(tin) == free][:2]
    assert len(alike) == 2
    for name, why, tins in (
        ("no-certificate", "absent behind branches", CROWD),
        ("no-certificate-empty-trie", "the storage of Registers is empty: its root says so, no node is needed", ()),
        ("no-certificate-other-leaf", "the storage's only leaf is another's", CROWD[:1]),
        ("no-certificate-extension", "the storage's root is an extension that leads elsewhere", alike),
    ):
        yield case(name, "absence", why, crowd(*tins), lambda a: a.no("no_certificate"))
    stranger = question(Tin("UY123456789"), CN)
    neither = ("no_certificate", "no_arrangement")
    yield case(
        "no-unknown-prefix", "absence", "no party is pinned for the prefix: nothing is searched", recognising(),
        lambda a: a.no(*neither, registers=[]), stranger,
    )  # fmt: skip
    yield case(
        "no-register-kept", "absence", "Poland keeps no register, and the one named is searched alone", recognising(),
        lambda a: a.no(*neither, registers=[]), question(BY_TRADER, CN, register="PL"),
    )  # fmt: skip
    unopened = recognising()
    del unopened.registers[BY]
    yield case(
        "no-register-not-opened", "absence", "the register's word is absent: no types, no certificate", unopened,
        lambda a: a.no("no_certificate"),
    )  # fmt: skip


def _past_times() -> Iterator[Case]:
    then = question(BY_TRADER, CN, on=NOW - 10 * DAY)
    about = "past time"
    yield case("past-yes", about, "nothing has changed since", recognising(), lambda a: a.yes(*USUAL), then)
    yield case(
        "past-no-before-it-began", about, "first event, valid from a later day",
        recognising(valid_from=NOW - 5 * DAY), lambda a: a.no("not_yet_effective"), then,
    )  # fmt: skip
    ended = recognising(status=Status.REVOKED, since=NOW - 20 * DAY, recorded_at=NOW - DAY, sequence=2)
    yield case(
        "past-no-ended-by-then", about, "revoked as of before, recorded since", ended, lambda a: a.no("revoked"), then
    )
    altered = recognising().recognise(CN, BY, lane(until=NOW - 12 * DAY, changed_at=NOW - 12 * DAY, changes=1))
    yield case(
        "past-no-lane-ended", about, "the lane was altered before the time", altered,
        lambda a: a.no("arrangement_ended"), then,
    )  # fmt: skip
    first = recognising().withhold(CN, BY_TRADER, BY, 2, changed_at=NOW - 10 * DAY + 1)
    yield case(
        "past-yes-before-the-first-withholding", about, "serial 1: before it nothing was withheld", first,
        lambda a: a.yes(*USUAL), then,
    )  # fmt: skip
    since = recognising().withhold(CN, BY_TRADER, BY, 2, changed_at=NOW - 10 * DAY)
    yield case(
        "past-no-withheld-from-then", about, "withheld from that very second", since,
        lambda a: a.no("benefits_withheld"), then,
    )  # fmt: skip
    noticed = recognising().recognise(EU, BY)
    notice = Membership(union=EU, leaves=TODAY - 9)
    noticed.parties[PL] = party(PL, memberships=members_of(notice), changed_at=NOW - 30 * DAY, changes=1)
    for name, on, build in (
        ("past-yes-member-then", notice.leaves * DAY - 1, lambda a: a.yes(*USUAL)),
        ("past-no-member-then", notice.leaves * DAY, lambda a: a.no("no_arrangement")),
    ):
        why = "the last second before Poland left, or the first after"
        yield case(name, about, why, noticed, build, question(BY_TRADER, PL, on=on))
    yield case(
        "past-now", about, "the time of the block itself", recognising(), lambda a: a.yes(*USUAL),
        question(BY_TRADER, CN, on=NOW),
    )  # fmt: skip


def _successions() -> Iterator[Case]:
    about = "succession"
    named = recognising().supersede(NOW + 1)
    yield case(
        "succession-to-come", about, "a successor is named for a second later: this ledger still answers", named,
        lambda a: a.yes(*USUAL),
    )  # fmt: skip
    over = recognising().supersede(NOW - 10)
    yield case(
        "succession-old-time", about, "superseded since, and asked about the last second before", over,
        lambda a: a.yes(*USUAL), question(BY_TRADER, CN, on=NOW - 11),
    )  # fmt: skip
    other = sealed(recognising(), code_hashes=CODE_HASHES | {Contract.GOVERNANCE: keccak256(b"other")})
    yield Case(
        name="governance-of-other-code", about=about, why="no answer needs a word of the contract that governs",
        evidence=prove(other), expected=Answers(other.header).yes(*USUAL).to_json(),
    )  # fmt: skip
    there = sealed(recognising().supersede(NOW + 1), seals=0)
    asked = question(BY_TRADER, CN, on=NOW - DAY)
    yield Case(
        name="seam-old-time", about=about, why="the pinned seam of a predecessor, without seals, eleven years later",
        evidence=prove(there, asked), asked=[asked], trusted=succeeding(there.header), now=NOW + 4_000 * DAY,
        expected=Answers(there.header).yes(*USUAL).to_json(),
    )  # fmt: skip
    edition = sealed(recognising(), seals=0, code_hashes=dict.fromkeys(Contract, keccak256(b"another edition")))
    yield Case(
        name="seam-of-another-edition", about=about, why="the seam pins the predecessor's whole state, code included",
        evidence=prove(edition, asked), asked=[asked], trusted=succeeding(edition.header), now=NOW + 4_000 * DAY,
        expected=Answers(edition.header).yes(*USUAL).to_json(),
    )  # fmt: skip
    absent = [asked, question(Tin("BY999999999"), CN, on=NOW)]
    yield Case(
        name="seam-batch", about=about, why="the same in a batch, one of them about the seam's own second",
        evidence=prove(there, *absent), asked=absent, trusted=succeeding(there.header), now=NOW + 4_000 * DAY,
        expected=Answers(there.header).yes(*USUAL).no("no_certificate").to_json(),
    )  # fmt: skip


def _headers() -> Iterator[Case]:
    def plain(name: str, why: str, **how: Any) -> Case:
        return case(name, "header", why, recognising(), lambda a: a.yes(*USUAL), **how)

    yield plain("header-all-sealed", "four seals of four", seals=4)
    yield plain("header-later-round", "seals sign the round, the block's hash does not", round=3)
    yield plain("header-later-fields", "fields that later rules append are hashed", later_fields=(b"\x07", bytes(32)))
    base_fee, withdrawals, empty = b"", bytes(32), bytes(32)
    cancun = (base_fee, withdrawals, b"", b"", empty)
    yield plain("header-berlin", "no later rules are pinned", trusted=replace(TRUST, forks=Forks()))
    yield plain(
        "header-london", "a base fee, under rules that have one from this block on", later_fields=(b"\x07",),
        trusted=replace(TRUST, forks=Forks((100,))),
    )  # fmt: skip
    yield plain(
        "header-cancun", "Cancun's fields, and Prague begins in the next second", later_fields=cancun,
        trusted=replace(TRUST, forks=Forks((0, 0, NOW, NOW + 1))),
    )  # fmt: skip
    yield plain(
        "header-prague", "every field that Prague's rules have", later_fields=(*cancun, keccak256(b"requests")),
        trusted=replace(TRUST, forks=Forks((0, 0, 0, NOW))),
    )  # fmt: skip
    yield plain("header-oldest", "as old as allowed", now=NOW + 300)
    yield plain("header-ahead", "as far ahead as a clock may be", now=NOW - 5)
    header = sealed(recognising()).header
    pinned = replace(TRUST, checkpoint=Checkpoint(number=100, hash=header.hash(), time=NOW))
    yield plain("header-is-the-checkpoint", "the very block that is pinned", trusted=pinned)
    there = sealed(recognising())
    first = there.header.seals[0]
    s = ORDER - int.from_bytes(first[32:64], "big")
    turned = first[:32] + s.to_bytes(32, "big") + bytes([first[64] ^ 1])
    there.header = replace(there.header, seals=(turned, *there.header.seals[1:]))
    yield Case(
        name="header-high-s",
        about="header",
        why="the other form of a seal counts: sealers are counted, not seals",
        evidence=prove(there),
        expected=Answers(there.header).yes(*USUAL).to_json(),
    )


def _batches() -> Iterator[Case]:
    world = recognising().recognise(EU, BY)
    for tin in CROWD[:8]:
        world.grant(tin, BY, 1)
    world.grant(CROWD[8], BY, 0, status=Status.SUSPENDED)
    asked = [
        *(question(tin, CN) for tin in (*CROWD[:9], Tin("BY999999999"))),
        question(BY_TRADER, PL),
        question(BY_TRADER, CN, direction=Direction.TRANSIT),
    ]
    there = sealed(world)
    evidence = prove(there, *asked)
    answers = Answers(there.header)
    for _ in range(8):
        answers.yes(*USUAL)
    answers.no("suspended").no("no_certificate").yes(*USUAL).no("direction")
    yield Case(
        name="batch", about="batch", why="twelve questions, one header, one pool", evidence=evidence, asked=asked,
        expected=answers.to_json(),
    )  # fmt: skip
    yield Case(
        name="batch-one-alone", about="batch", why="one of twelve, asked alone: the others' nodes are no cargo",
        evidence=evidence, asked=[asked[10]], expected=Answers(there.header).yes(*USUAL).to_json(),
    )  # fmt: skip
