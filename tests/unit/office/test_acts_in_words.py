"""Every message in words before it is signed, and found in the words of the contracts after: what is told is what is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.customs.acts import Candidate
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.phrase import Phrase
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    PartyKind,
    RegisterMode,
    ReplacementActKind,
    ResolutionAct,
)
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.verify import WrongPartyCode
from aeo_ledger.office import calendar
from aeo_ledger.office.naming import count
from aeo_ledger.office.outcome import find_missing
from aeo_ledger.office.telling import tell, tell_many
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.verify import TrustedParty
from aeo_ledger.wording.catalogues import LANGUAGES, open_words
from support import drafts
from support.act_messages import name_of, write
from support.drafts import ENTRY, VOTERS, change, entry_of, grant, publication, recognition
from support.messages import example_of, values_of
from support.told_facts import PINNED, Facts
from support.world import (
    DAY,
    FIRST,
    FOURTH,
    SEATLESS,
    SECOND,
    THIRD,
    UNION,
    World,
    authority,
    found,
    key,
    node,
    operator,
)
from support.zones import without_zones

__all__ = ["without_zones"]

ALIAS = b"\xa1" * 32
BY, CN = operator(FIRST), (operator(SECOND), operator(SECOND, 1))


@cache
def settled() -> World:
    """One certificate, a lane, a withholding, an alias, and a replacement that waits."""
    world = found()
    world.do(publication(world, grant(world)), BY)
    world.do(drafts.conclusion(world, recognition(world, SECOND, FIRST)), authority(FIRST), authority(SECOND))
    world.do(drafts.alias_binding(world, FIRST, ALIAS), BY)
    drafts.begin_replacement(world, FOURTH, "new authority")
    world.wait(60)
    return world


Draft = Callable[[World], Any]


def _amend(world: World) -> Any:
    again = recognition(world, SECOND, FIRST, lane=0, benefits=0b100, until=world.now + DAY)
    return drafts.amendment(world, again, text=b"\x7f" * 32)


ACTS: Mapping[str, tuple[Draft, tuple[str, ...], tuple[str, ...]]] = {
    "grant": (
        lambda w: publication(w, grant(w, entry_of(FIRST, 0, 5))), (BY,),
        ("signed by the operators of BY (Customs of BY): a publication in the register of BY", "status: no certificate -> ACTIVE",
         "roles: importer", "valid until: open", "issuer: BY",
         "ACTIVE since: 2025-06-1", " in Europe/Minsk)", "GRANT the trader", "the trader of pseudonym 0x00"),
    ),
    "suspend": (
        lambda w: publication(w, change(w, EventKind.SUSPEND, hold_until=w.now + DAY)), (BY,),
        ("SUSPEND: ", "event 2", "status: ACTIVE -> SUSPENDED", "planned end of the suspension: none -> 2025-06-1", "SUSPENDED since: 2025-06-1"),
    ),
    "restore": (
        lambda w: publication(w, change(w, EventKind.SUSPEND), capacity=Capacity.UNION), (), ("the authority of the union BY",),
    ),
    "withhold": (
        lambda w: drafts.withholding(w, FIRST, entry_of(SECOND)), (BY,),
        ("the operators of BY", "benefits: granted -> withheld", "in the register of CN", "its certificate: none"),
    ),
    "conclude": (
        lambda w: drafts.conclusion(w, recognition(w, FIRST, UNION), arrangement="BY-EU"), (authority(FIRST), authority(UNION)),
        ("authorities of BY (Customs of BY), EU (Customs of EU): the arrangement BY-EU", "keccak256 is 0x7e7e",
         "BY (Customs of BY) recognises the register of EU (Customs of EU), lane 0:", "benefits: fewer document checks, fewer inspections",
         "until: open", "directions: import"),
    ),
    "amend": (
        _amend, (authority(FIRST), authority(SECOND)),
        ("an amendment of the arrangement CN-BY", "benefits: fewer document checks, fewer inspections -> priority inspection",
         "replaces CN-BY, open", "text until now: 0x7e7e", "until: open -> 2025-06-1", "roles: importer (unchanged)"),
    ),
    "suspend a lane": (
        lambda w: drafts.lane_act(w, SECOND, LaneActKind.SUSPEND, (SECOND, FIRST)), (authority(SECOND),),
        ("the authority of CN", "suspend lane 0 of: CN recognises the register of BY", "arrangement: CN-BY; state now: open"),
    ),
    "end a lane": (
        lambda w: drafts.lane_act(w, FIRST, LaneActKind.END, (SECOND, FIRST)), (authority(FIRST),), ("end lane 0", "until: open -> 2025-06-1"),
    ),
    "add an operator": (
        lambda w: drafts.party_act(w, FIRST, PartyActKind.ADD_OPERATOR, key=key("fresh").address), (authority(FIRST), "fresh"),
        ("the authority of BY (Customs of BY): add operator", "now nobody's",
         "1 authority key of which 1 must sign, 2 operators of which 1 must sign; this is its act 1"),
    ),
    "open more types": (
        lambda w: drafts.party_act(w, FIRST, PartyActKind.SET_REGISTER, detail=Register(mode=RegisterMode.OPEN, types=0b1111)),
        (authority(FIRST),), ("set register", "types in use: 1, 2, 3 -> 1, 2, 3, 3", "open, epoch 0"),
    ),
    "leave a union": (
        lambda w: drafts.party_act(w, THIRD, PartyActKind.LEAVE_UNION, detail=UNION), (authority(THIRD),),
        ("leave union", "with EU (Customs of EU)", "effective: at once"),
    ),
    "eject a member": (
        lambda w: drafts.party_act(w, UNION, PartyActKind.EJECT_MEMBER, detail=THIRD), (authority(UNION),), ("eject member", "with DE"),
    ),
    "set a threshold": (
        lambda w: drafts.party_act(w, FIRST, PartyActKind.SET_THRESHOLD, detail=2), (authority(FIRST),), ("how many sign: 2",),
    ),
    "set a card": (
        lambda w: drafts.party_act(w, FIRST, PartyActKind.SET_CARD, detail=0xCA << 240, grounds=b"\x99" * 32), (authority(FIRST),),
        ("set card", "hash: 0x00ca", "grounds: the decision whose salted hash is 0x9999"),
    ),
    "admit": (
        lambda w: drafts.resolution(w, ResolutionAct.ADMIT, party=7, key=key("KZ").address,
                                    detail=Candidate(code="KZ", kind=PartyKind.ADMINISTRATION, seat=True, keeps_register=False)),
        (*VOTERS, "KZ"), ("two thirds of the seats: admit, about party 7", "a new party: code KZ, administration, with a seat"),
    ),
    "suspend a party": (
        lambda w: drafts.resolution(w, ResolutionAct.SUSPEND, party=SEATLESS, amount=w.now + DAY), VOTERS,
        ("suspend, about UY (Customs of UY)", "until: 2025-06-1", "now: active, holds no seat, holds a register"),
    ),
    "replace a node": (
        lambda w: drafts.resolution(w, ResolutionAct.REPLACE_VALIDATOR, party=SEATLESS, key=key("n").address,
                                    detail=key(node(FIRST)).address.rjust(32, b"\0")),
        (*VOTERS, "n"), (f"replaces the node 0x{key(node(FIRST)).address.hex()}, now node of BY", "on the validators"),
    ),
    "object": (
        lambda w: drafts.replacement_act(w, FOURTH, ReplacementActKind.OBJECT), (authority(FOURTH),),
        ("the authority of FR (Customs of FR): object", "the new key, still pending: 0x" + key("new authority").address.hex()),
    ),
    "freeze": (
        lambda w: drafts.freeze(w, FIRST), (BY,), ("one operator of BY", "publications: open -> frozen"),
    ),
    "envelope": (
        drafts.envelope, (BY,), ("keys of its register for CN (Customs of CN)", "6 bytes that only the recipient", "envelope 1"),
    ),
    "succession": (
        drafts.succession, VOTERS,
        ("another ledger supersedes this one", "successor: none -> 0xc1c1", "chain ", "code 0x0101"),
    ),
    "alias": (
        lambda w: drafts.alias_binding(w, FIRST, ALIAS, binding=3, entry=entry_of(SECOND)), (BY,),
        ("the operators of BY", "binding 3: nobody -> the trader of pseudonym", "bindings that are live now: 0;"),
    ),
}  # fmt: skip


def signed(draft: Any) -> SignedAct:
    return SignedAct(name=name_of(draft), values=write(draft))


def test_there_is_a_case_for_every_message() -> None:
    assert {signed(draft(settled())).name for draft, _, _ in ACTS.values()} == set(CONTRACT_OF)


@pytest.mark.parametrize("what", ACTS)
def test_an_act_says_who_what_for_whom_and_what_changes(what: str) -> None:
    draft, _, phrases = ACTS[what]
    act = signed(draft(settled()))
    told = tell(act, Facts(settled(), act))
    for phrase in phrases:
        assert any(phrase in line for line in told), (phrase, told)
    assert any("may be relayed until 2025-06-1" in line for line in told)
    assert told[-1].startswith("  what stands now is proven as of block 7, 2025-06-1")
    assert not any("\n" in line for line in told)


NO_WORDS = re.compile(
    r"0x[0-9a-f]+|Customs of [A-Z]{2}|AEO[CS]|ADVANCED|UTC|(Europe|Asia)/\w+|keccak256|[A-Z]{2}(-[A-Z]{2})?\b|\dZ"
)
"""What is no word of any language: numbers, codes, names of types, zones and parties."""
STRAY = Phrase(
    "its prefix {prefix} leads to {party}: no question finds it in the register of {register} unless it names that register",
    prefix="QA",
    party="CN",
    register="BY",
)
CONTRACTS = re.compile("consortium|governance|registers")


@pytest.mark.parametrize("what", ACTS)
def test_an_act_is_told_in_russian_line_by_line_without_an_english_word(what: str) -> None:
    act = signed(ACTS[what][0](settled()))
    english, russian = (tell(act, Facts(settled(), act), words=open_words(code)) for code in ("en", "ru"))
    assert len(english) == len(russian)
    for line in russian:
        assert re.search("[а-я]", line)  # noqa: RUF001 (it is Russian)
        assert not re.search("[A-Za-z]", CONTRACTS.sub("", NO_WORDS.sub("", line))), line


@pytest.mark.parametrize("number", [1, 12, 30])
def test_many_certificates_are_told_in_russian_too(number: int) -> None:
    world = settled()
    act = signed(publication(world, *rows(world, number), change(world, EventKind.SUSPEND)))
    told = tell(
        act,
        Facts(world, act),
        remarks={entry_of(FIRST, 0, 12): ("the UNP's region or check digit is wrong", STRAY)},
        words=open_words("ru"),
    )
    noun = {1: "2 сертификата", 12: "13 сертификатов", 30: "31 сертификат"}[number]
    assert told[0] == f"{noun} в реестре BY: выдача: {number}, приостановление: 1"
    assert not any(re.search("[A-Za-z]", NO_WORDS.sub("", line).replace("--show-all", "")) for line in told), told
    again = "ПРОВЕРЬТЕ: регион или контрольная цифра УНП неверны; его префикс QA ведёт к стороне CN: "  # noqa: RUF001 (it is Russian)
    assert any(again in line for line in told) == (number > 1)


@pytest.mark.parametrize("what", [what for what in ACTS if ACTS[what][1]])
def test_an_act_is_found_after_it_was_sealed_and_neither_before_nor_another(what: str) -> None:
    draft, signers, _ = ACTS[what]
    world = settled().fork()
    drafted = draft(world)
    act = signed(drafted)
    before: Any = Facts(world, act)
    assert find_missing(act, before, before)
    world.wait(5)
    world.do(drafted, *signers)
    world.wait(5)
    after: Any = Facts(world, act)
    assert find_missing(act, before, after) == ""
    other = altered(act)
    assert find_missing(other, before, Facts(world, other))


def altered(act: SignedAct) -> SignedAct:
    """Write the act that a party might have signed instead, under the same number."""
    values: dict[str, Any] = dict(act.values)
    other: dict[str, Any] = {"deadline": values["deadline"] + 1}
    if act.name == "Publication":
        event = values["events"][0]
        other = {"events": [{**event, "record": event["record"] ^ 1 << 40}]}
    elif act.name == "Conclusion":
        other = {"text": b"\1" * 32}
    elif act.name == "LaneAct":
        other = {"until": values["until"] + 1} if values["until"] else {"number": values["number"] + 1}
    elif act.name == "Withholding":
        other = {"withheld": not values["withheld"]}
    elif act.name == "AliasBinding":
        other = {"entry": ENTRY}
    elif act.name == "Succession":
        other = {"registers_code": b"\4" * 32}
    return replace(act, values={**values, **other})


def test_an_act_behind_which_another_one_stands_in_the_history_is_not_taken_for_proven() -> None:
    world = settled().fork()
    drafted = drafts.freeze(world, FIRST)
    act = signed(drafted)
    before: Any = Facts(world, act)
    world.do(drafted, BY)
    world.do(drafts.party_act(world, FIRST, PartyActKind.UNFREEZE), authority(FIRST))
    assert find_missing(act, before, Facts(world, act)) == "its place in the history"


@pytest.mark.parametrize("what", [what for what in ACTS if what not in {"succession", "admit"}])
def test_no_act_is_told_for_a_party_under_anothers_number(what: str) -> None:
    others = {FIRST: "XA", SECOND: "XB", THIRD: "XC", FOURTH: "XD", UNION: "XE", SEATLESS: "XF"}
    pinned = replace(PINNED, parties=tuple(TrustedParty(number=n, code=c, name=c) for n, c in others.items()))
    act = signed(ACTS[what][0](settled()))
    with pytest.raises(WrongPartyCode):
        tell(act, Facts(settled(), act, pinned))


def rows(world: World, count: int) -> list[Any]:
    return [grant(world, entry_of(FIRST, 0, number)) for number in range(10, 10 + count)]


def test_a_dozen_certificates_are_told_a_line_each_with_their_days() -> None:
    world = settled()
    act = signed(publication(world, *rows(world, 12), change(world, EventKind.SUSPEND)))
    told = tell(act, Facts(world, act), {entry_of(FIRST, 0, 10): "BY511125808"})
    assert told[0] == "13 certificates in the register of BY: 12 grant, 1 suspend"
    assert "begin at midnight in Europe/Minsk" in told[2]
    lines = [line for line in told if line.startswith("    ")]
    assert len(lines) == 13
    assert lines[0].startswith("    GRANT BY511125808, type 1: ACTIVE since 2025-06-1")
    assert "roles importer; valid from 2025-06-1" in lines[0]
    assert "SUSPENDED since" in lines[-1]
    assert "(was ACTIVE since " in lines[-1]


@pytest.mark.parametrize(("number", "said"), [(12, "begin at midnight"), (30, "  days are")])
def test_days_of_a_party_whose_time_zone_is_not_known_are_said_to_be_in_utc(
    monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    monkeypatch.setattr(calendar, "find_country", lambda _: None)
    world = settled()
    act = signed(publication(world, *rows(world, number)))
    told = tell(act, Facts(world, act))
    assert sum(f"{said} in UTC (the time zone of BY is not known)" in line for line in told) == 1


@pytest.mark.usefixtures("without_zones")
@pytest.mark.parametrize(("number", "said"), [(12, "begin at midnight"), (30, "  days are")])
def test_without_a_time_zone_database_days_are_said_to_be_in_utc(number: int, said: str) -> None:
    world = settled()
    act = signed(publication(world, *rows(world, number)))
    told = tell(act, Facts(world, act))
    assert sum(f"{said} in UTC (this machine has no time zone database)" in line for line in told) == 1


def test_of_many_certificates_what_is_out_of_the_ordinary_is_told_one_by_one() -> None:
    world = settled()
    act = signed(publication(world, *rows(world, 30), change(world, EventKind.SUSPEND)))
    odd = {entry_of(FIRST, 0, 12): ("its check digit is wrong",)}
    told = tell(act, Facts(world, act), remarks=odd)
    assert told[0] == "31 certificates in the register of BY: 30 grant, 1 suspend"
    assert {"  type: 31 1", "  status: 30 ACTIVE; 1 SUSPENDED", "  roles: 31 importer"} <= set(told)
    assert any(line.startswith("  valid from: 2025-06-1") for line in told)
    lines = [line for line in told if line.startswith("    ")]
    assert ["LOOK AGAIN: its check digit is wrong" in lines[0], "SUSPENDED" in lines[1], len(lines)] == [True, True, 2]


def test_where_every_number_is_odd_the_first_are_told_and_the_rest_counted() -> None:
    world = settled()
    act = signed(publication(world, *rows(world, 30)))
    odd = {entry_of(FIRST, 0, number): ("its check digit is wrong",) for number in range(10, 40)}
    told = tell(act, Facts(world, act), remarks=odd)
    assert sum("LOOK AGAIN" in line for line in told) == 20
    assert "    and 10 more grants to look at again" in told


def test_publications_that_are_signed_together_are_told_as_one_and_all_of_them_where_asked_for() -> None:
    world = settled()
    acts = [signed(publication(world, *rows(world, 30)))]
    traders = {entry_of(FIRST, 0, number): f"BY{number}" for number in range(10, 40)}

    def told(**how: Any) -> list[str]:
        facts: Any = Facts(world, acts[0])
        return tell_many(acts, facts, lambda _: None, traders=traders, remarks={}, **how)

    assert "  to see each certificate: --show-all" in told()
    assert not any("GRANT BY" in line for line in told())
    assert sum("GRANT BY" in line for line in told(show_all=True)) == 30


def test_a_certificate_alone_is_one_certificate() -> None:
    world = settled()
    act = signed(publication(world, grant(world, entry_of(FIRST, 0, 5))))
    told = tell(act, Facts(world, act), {entry_of(FIRST, 0, 5): "BY511125808"})
    assert told[0] == "GRANT BY511125808, type 1 in the register of BY"
    assert count(1, "certificate") == "1 certificate"


def test_lanes_that_stand_already_are_told_before_another_is_concluded() -> None:
    world = settled()
    act = signed(drafts.conclusion(world, recognition(world, SECOND, FIRST), arrangement="CN-BY-2"))
    told = tell(act, Facts(world, act))
    at = told.index("  ALREADY ON THE LEDGER, and not changed by this: CN recognises the register of BY")
    assert told[at + 1].startswith("    lane 0: arrangement CN-BY, open, in force from: ")
    assert told[at + 1].endswith("until: open")
    assert "in Asia/Shanghai" in told[at + 1]
    assert "types: 1" in told[at + 2]
    assert "roles: importer; directions: import; benefits: fewer document checks" in told[at + 2]
    first = signed(drafts.conclusion(world, recognition(world, FIRST, UNION), arrangement="BY-EU"))
    assert "  no other lane: BY recognises the register of EU" in tell(first, Facts(world, first))


def test_a_trader_whom_the_signer_named_is_told_and_a_superseded_ledger_says_so() -> None:
    world = settled().fork()
    drafts.supersede(world)
    act = signed(publication(world, change(world, EventKind.SUSPEND)))
    told = tell(act, Facts(world, act), {ENTRY: "BY511125808"})
    assert any("SUSPEND: BY511125808, type 1 in the register of BY" in line for line in told)
    assert any("this ledger is superseded from" in line for line in told)


@pytest.mark.parametrize("name", sorted(CONTRACT_OF))
@given(data=st.data())
@settings(max_examples=60)
def test_whatever_bytes_come_by_mail_they_are_told_or_refused(name: str, data: st.DataObject) -> None:
    values = data.draw(st.one_of(values_of(name), st.just(example_of(name))))
    act = SignedAct(name=name, values=values)
    try:
        told = tell(act, Facts(settled(), act), words=open_words(data.draw(st.sampled_from(LANGUAGES))))
    except AeoLedgerError:
        return
    assert all(line.isprintable() for line in told)
