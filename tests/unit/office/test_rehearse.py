"""What the ledger would refuse is refused before it is signed, with what is found and what is needed; and nothing else is."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs.acts import Candidate
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    PartyKind,
    RegisterMode,
    ReplacementActKind,
    ResolutionAct,
    Status,
)
from aeo_ledger.errors.office import OtherArrangement, RefusedBeforehand, WrongKey
from aeo_ledger.office.rehearse import rehearse, rehearse_as_agreed
from aeo_ledger.office.who_signs import take_poll
from aeo_ledger.office.whose_key import find_wrong_key
from aeo_ledger.protocol.acts import SignedAct
from support import drafts
from support.act_messages import name_of, write
from support.drafts import ENTRY, change, entry_of, grant, publication, recognition
from support.told_facts import Facts
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

BY, CN = operator(FIRST), (operator(SECOND), operator(SECOND, 1))


@cache
def settled() -> World:
    """A certificate that is active, one that is suspended and one that is revoked and barred; a lane, and a withholding."""
    world = found()
    world.do(publication(world, *(grant(world, entry_of(FIRST, 0, number)) for number in (1, 2, 3))), BY)
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.SUSPEND, entry_of(FIRST, 0, 2))), BY)
    world.do(
        publication(world, change(world, EventKind.REVOKE, entry_of(FIRST, 0, 3), hold_until=world.now + 9 * DAY)), BY
    )
    world.do(drafts.conclusion(world, recognition(world, SECOND, FIRST)), authority(FIRST), authority(SECOND))
    world.do(drafts.withholding(world, SECOND, ENTRY), *CN)
    world.wait(60)
    return world


def signed(draft: Any) -> SignedAct:
    return SignedAct(name=name_of(draft), values=write(draft))


def refusal(draft: Any, *signers: str) -> RefusedBeforehand:
    """Rehearse an act that the contract refuses too, for the same reason."""
    world, act = settled(), signed(draft)
    addresses = sorted(key(name).address for name in signers)
    facts: Any = Facts(world, act, signers=addresses)
    with pytest.raises(RefusedBeforehand) as refused:
        rehearse(act, addresses, facts, time=world.now)
    assert refused.value.code == world.fork().refuses(draft, *signers)
    assert "nothing was signed" in str(refused.value)
    return refused.value


ACTIVE, SUSPENDED, REVOKED, NONE = (entry_of(FIRST, 0, number) for number in (1, 2, 3, 9))
EVENTS: dict[str, tuple[Any, str, str, str]] = {
    "revoke what is revoked": (
        lambda w: change(w, EventKind.REVOKE, REVOKED, hold_until=w.now + 9 * DAY, status=Status.REVOKED),
        "WRONG_TRANSITION", "REVOKED since ", "ACTIVE or SUSPENDED to revoke",
    ),
    "restore what is active": (
        lambda w: change(w, EventKind.RESTORE, ACTIVE), "WRONG_TRANSITION", "ACTIVE since ", "REVOKED or WITHDRAWN or ANNULLED to restore",
    ),
    "grant what is there": (
        lambda w: grant(w, ACTIVE), "WRONG_TRANSITION", "ACTIVE since ", "no certificate, or one that is REVOKED",
    ),
    "suspend from tomorrow on": (
        lambda w: change(w, EventKind.SUSPEND, ACTIVE, since=w.now + DAY), "WRONG_SINCE", "since 2025-", "a beginning not after now",
    ),
    "suspend from before the suspension": (
        lambda w: change(w, EventKind.SUSPEND, SUSPENDED, since=w.now - 2 * DAY), "WRONG_SINCE", "since 2025-", "when it became SUSPENDED",
    ),
    "end before the beginning": (
        lambda w: grant(w, NONE, valid_from=w.now - DAY, since=w.now - DAY, valid_until=w.now - 2 * DAY),
        "WRONG_VALIDITY", "valid from 2025-", "an end after the beginning",
    ),
    "a bar of six years": (
        lambda w: change(w, EventKind.REVOKE, ACTIVE, hold_until=w.now + 6 * 366 * DAY),
        "WRONG_HOLD", "bar until 2031-", "at most five years from now",
    ),
    "a planned end before the suspension": (
        lambda w: change(w, EventKind.SUSPEND, ACTIVE, hold_until=w.now - DAY), "WRONG_HOLD", "planned end until 2025-", "when the suspension begins",
    ),
    "a grant under a bar": (
        lambda w: grant(w, REVOKED), "BARRED", "a grant from 2025-", "when the bar ends",
    ),
    "a type that is not in use": (
        lambda w: grant(w, entry_of(FIRST, 9)), "TYPE_NOT_IN_USE", "type 9", "a type in use: 1, 2, 3",
    ),
    "no role": (lambda w: grant(w, NONE, roles=0), "WRONG_ROLES", "no role", "at least one known role"),
}  # fmt: skip


@pytest.mark.parametrize("what", EVENTS)
def test_an_event_that_the_ledger_refuses_is_refused_with_what_is_found_and_needed(what: str) -> None:
    make, name, found_words, needed = EVENTS[what]
    world = settled()
    capacity = Capacity.AUTHORITY if "restore" in what else Capacity.OPERATORS
    refused = refusal(publication(world, make(world), capacity=capacity), authority(FIRST) if "restore" in what else BY)
    assert refused.name == name
    assert refused.found.startswith(found_words), refused.found
    assert needed in refused.needed, refused.needed
    assert f"found {refused.found}, needed {refused.needed}" in str(refused)


def test_days_in_a_refusal_are_the_issuers() -> None:
    world = settled()
    refused = refusal(publication(world, change(world, EventKind.SUSPEND, ACTIVE, since=world.now + DAY)), BY)
    assert "in Europe/Minsk" in refused.found


def test_of_many_events_the_one_that_is_refused_is_told() -> None:
    world = settled()
    events = [grant(world, entry_of(FIRST, 0, number)) for number in range(20, 40)]
    refused = refusal(publication(world, *events, change(world, EventKind.REINSTATE, ACTIVE)), BY)
    assert (refused.found[:12], refused.needed) == ("ACTIVE since", "SUSPENDED to reinstate")


def test_other_acts_are_rehearsed_too() -> None:
    world = settled()
    again = refusal(drafts.withholding(world, SECOND, ENTRY), *CN)
    assert (again.found, again.needed) == ("benefits withheld", "benefits granted")
    few = refusal(drafts.withholding(world, SECOND, ENTRY, withheld=False), CN[0])
    assert (few.found, few.needed) == ("1 signature", "2 operators of CN")
    resumed = refusal(drafts.lane_act(world, SECOND, LaneActKind.RESUME, (SECOND, FIRST)), authority(SECOND))
    assert (resumed.found, resumed.needed) == ("open", "suspended")
    backwards = recognition(world, FIRST, UNION, in_force_from=world.now, until=world.now - DAY)
    scope = refusal(drafts.conclusion(world, backwards), authority(FIRST), authority(UNION))
    assert scope.needed == "an end after the beginning"


def test_an_act_that_goes_round_is_rehearsed_as_if_all_had_signed() -> None:
    world = settled()
    good = signed(drafts.conclusion(world, recognition(world, FIRST, UNION)))
    facts: Any = Facts(world, good)
    rehearse_as_agreed(good, [], facts, time=world.now)
    bad = signed(
        drafts.conclusion(world, recognition(world, FIRST, UNION, until=world.now - DAY, in_force_from=world.now))
    )
    with pytest.raises(RefusedBeforehand) as refused:
        rehearse_as_agreed(bad, [], Facts(world, bad), time=world.now)
    assert refused.value.name == "WRONG_SCOPE"


def test_what_the_ledger_takes_is_not_refused() -> None:
    world = settled()
    for draft, signers in (
        (publication(world, grant(world, NONE)), (BY,)),
        (publication(world, change(world, EventKind.SUSPEND, ACTIVE)), (BY,)),
        (drafts.withholding(world, SECOND, ENTRY, withheld=False), CN),
        (drafts.conclusion(world, recognition(world, SECOND, FIRST)), (authority(FIRST), authority(SECOND))),
        (drafts.lane_act(world, SECOND, LaneActKind.SUSPEND, (SECOND, FIRST)), (authority(SECOND),)),
        (drafts.alias_binding(world, FIRST, b"\xa1" * 32), (BY,)),
    ):
        act, addresses = signed(draft), sorted(key(name).address for name in signers)
        facts: Any = Facts(world, act, signers=addresses)
        rehearse(act, addresses, facts, time=world.now)
        world.fork().do(draft, *signers)


def wrong(draft: Any, signer: str, **how: Any) -> WrongKey | None:
    world = settled()
    facts: Any = Facts(world, signed(draft), signers=[key(signer).address])
    parties = world.consortium.parties.get
    return find_wrong_key(signed(draft), [key(signer).address], facts.key, parties, time=world.now, **how)


@pytest.mark.parametrize(
    ("signer", "held"),
    [
        ("a stranger", "nobody's on this ledger"),
        (authority(FIRST), "the authority of BY"),
        (operator(SECOND), "an operator of CN"),
    ],
)
def test_whoever_signs_with_a_wrong_key_learns_whose_it_is_and_whose_is_needed(signer: str, held: str) -> None:
    for draft in (publication(settled(), grant(settled(), NONE)), drafts.freeze(settled(), FIRST)):
        found_wrong = wrong(draft, signer)
        assert found_wrong is not None
        assert (found_wrong.held, found_wrong.needed) == (held, "an operator of BY")
    assert wrong(publication(settled(), grant(settled(), NONE)), BY) is None


def test_an_operators_key_is_named_as_such_where_an_arrangement_is_signed() -> None:
    act = drafts.conclusion(settled(), recognition(settled(), SECOND, FIRST))
    found_wrong = wrong(act, BY, gathers=True)
    assert isinstance(found_wrong, OtherArrangement)
    assert str(found_wrong).endswith("is an operator of BY, this act needs the authority of BY or CN")
    assert wrong(act, authority(FIRST), gathers=True) is None


def test_a_seat_that_may_not_vote_signs_no_resolution() -> None:
    draft = drafts.resolution(settled(), ResolutionAct.SUSPEND, party=FOURTH, amount=settled().now + DAY)
    assert wrong(draft, authority(FIRST)) is None
    for signer in (authority(SEATLESS), operator(FIRST)):
        found_wrong = wrong(draft, signer)
        assert found_wrong is not None
        assert found_wrong.needed == "the authority of a party with a seat"
    stop = drafts.replacement_act(settled(), FOURTH, ReplacementActKind.STOP)
    assert wrong(stop, authority(FOURTH)) is not None, "its own seat does not count"
    assert wrong(stop, authority(FIRST)) is None


# ---- acts on parties and keys


@cache
def governed() -> World:
    """A replacement that waits, a member that gave notice, a union's notice, a freeze."""
    world = found()
    drafts.begin_replacement(world, FOURTH, "new authority")
    notice = drafts.party_act(world, THIRD, PartyActKind.LEAVE_UNION, detail=UNION, effective=_day(world, 9))
    world.do(notice, authority(THIRD))
    world.do(drafts.freeze(world, FIRST), BY)
    world.wait(60)
    return world


def _day(world: World, ahead: int) -> int:
    return (world.now // DAY + ahead) * DAY


def _party(kind: PartyActKind, party: int = FIRST, *more: str, **members: Any) -> tuple[Any, tuple[str, ...]]:
    return (lambda w: drafts.party_act(w, party, kind, **members)), (authority(party), *more)


def _seats(act: ResolutionAct, *more: str, **members: Any) -> tuple[Any, tuple[str, ...]]:
    return (lambda w: drafts.resolution(w, act, **members)), (*drafts.VOTERS, *more)


def _address(name: str) -> int:
    return int.from_bytes(key(name).address, "big")


FRESH = {"key": key("fresh").address}
KZ = Candidate(code="KZ", kind=PartyKind.ADMINISTRATION, seat=True, keeps_register=True)
OPEN = Register(mode=RegisterMode.OPEN, types=0b1111)
GOVERNING: dict[str, tuple[Any, tuple[str, ...], str]] = {
    name: (*draft, refused)
    for name, (draft, refused) in {
        "rotate": (_party(PartyActKind.ROTATE_AUTHORITY, FIRST, "fresh", detail=_address(authority(FIRST)), **FRESH), ""),
        "rotate another's": (_party(PartyActKind.ROTATE_AUTHORITY, FIRST, "fresh", detail=_address(authority(SECOND)), **FRESH), "NOT_AN_AUTHORITY"),
        "not co-signed": (_party(PartyActKind.ADD_OPERATOR, FIRST, **FRESH), "TOO_FEW_SIGNATURES"),
        "add a key": (_party(PartyActKind.ADD_AUTHORITY_KEY, FIRST, "fresh", **FRESH), ""),
        "a key that serves": (_party(PartyActKind.ADD_OPERATOR, FIRST, operator(SECOND), key=key(operator(SECOND)).address), "KEY_ALREADY_USED"),
        "retire the last": (_party(PartyActKind.RETIRE_AUTHORITY_KEY, FIRST, key=key(authority(FIRST)).address), "NOT_AN_AUTHORITY"),
        "retire a stranger": (_party(PartyActKind.RETIRE_OPERATOR, FIRST, key=key("nobody").address), "NOT_AN_OPERATOR"),
        "retire an operator": (_party(PartyActKind.RETIRE_OPERATOR, FIRST, key=key(BY).address), ""),
        "a threshold too high": (_party(PartyActKind.SET_THRESHOLD, FIRST, detail=9), "WRONG_THRESHOLD"),
        "a threshold": (_party(PartyActKind.SET_THRESHOLD, FIRST, detail=1), ""),
        "a number that is taken": (_party(PartyActKind.SET_CARD, THIRD, detail=7, serial=1), "WRONG_SERIAL"),
        "late": (_party(PartyActKind.SET_CARD, FIRST, detail=7, deadline=9), "TOO_LATE"),
        "far": (_party(PartyActKind.SET_CERTIFICATE, FIRST, detail=7, deadline=1 << 40), "TOO_FAR"),
        "a card": (_party(PartyActKind.SET_CARD, FIRST, detail=7), ""),
        "join no union": (_party(PartyActKind.JOIN_UNION, FIRST, authority(SECOND), detail=SECOND), "NOT_A_UNION"),
        "join": (_party(PartyActKind.JOIN_UNION, FIRST, authority(UNION), detail=UNION), ""),
        "stay": (_party(PartyActKind.REVOKE_LEAVING, THIRD, detail=UNION), ""),
        "leave no union": (_party(PartyActKind.LEAVE_UNION, FIRST, detail=UNION), "UNION_MEMBERSHIP"),
        "eject": (_party(PartyActKind.EJECT_MEMBER, UNION, detail=THIRD), ""),
        "no ejection": (_party(PartyActKind.REVOKE_EJECTION, UNION, detail=THIRD), "UNION_MEMBERSHIP"),
        "cancel": (_party(PartyActKind.CANCEL_REPLACEMENT, FOURTH), ""),
        "cancel nothing": (_party(PartyActKind.CANCEL_REPLACEMENT, FIRST), "NO_REPLACEMENT"),
        "more types": (_party(PartyActKind.SET_REGISTER, FIRST, detail=OPEN), ""),
        "another mode": (_party(PartyActKind.SET_REGISTER, FIRST, detail=Register(mode=RegisterMode.KEYED, types=0b1111)), "WRONG_REGISTER_WORD"),
        "no register": (_party(PartyActKind.SET_REGISTER, FOURTH, detail=OPEN), "NO_REGISTER_KEPT"),
        "a check too late": (_party(PartyActKind.SET_KEY_CHECK, FIRST, detail=5), "WRONG_KEY_CHECK"),
        "unfreeze": (_party(PartyActKind.UNFREEZE, FIRST), ""),
        "unfreeze the open": (_party(PartyActKind.UNFREEZE, SECOND), "WRONG_FREEZE"),
        "freeze again": ((lambda w: drafts.freeze(w, FIRST), (BY,)), "WRONG_FREEZE"),
        "freeze": ((lambda w: drafts.freeze(w, SECOND), CN[:1]), ""),
        "an envelope": ((lambda w: drafts.envelope(w, SECOND, recipient=FIRST), CN), ""),
        "an envelope of the frozen": ((drafts.envelope, (BY,)), "PARTY_FROZEN"),
        "object": ((lambda w: drafts.replacement_act(w, FOURTH, ReplacementActKind.OBJECT), (authority(FOURTH),)), ""),
        "stop too early": ((lambda w: drafts.replacement_act(w, FOURTH, ReplacementActKind.STOP), (authority(FIRST),)), "NOT_OBJECTED"),
        "admit": (_seats(ResolutionAct.ADMIT, "KZ", party=7, key=key("KZ").address, detail=KZ), ""),
        "admit twice": (_seats(ResolutionAct.ADMIT, "KZ", party=6, key=key("KZ").address, detail=KZ), "WRONG_PARTY_NUMBER"),
        "suspend": (_seats(ResolutionAct.SUSPEND, party=SEATLESS, amount=1 << 31), "WRONG_SUSPENSION"),
        "expel": (_seats(ResolutionAct.EXPEL, party=SEATLESS), ""),
        "give a seat": (_seats(ResolutionAct.GIVE_SEAT, party=SEATLESS), ""),
        "give a seat twice": (_seats(ResolutionAct.GIVE_SEAT, party=FIRST), "NO_CHANGE"),
        "a number taken": (_seats(ResolutionAct.GIVE_SEAT, party=FOURTH, number=1), "WRONG_NUMBER"),
        "replace twice": (_seats(ResolutionAct.REPLACE_AUTHORITY, "x", party=FOURTH, key=key("x").address), "REPLACEMENT_PENDING"),
        "cancel by seats": (_seats(ResolutionAct.CANCEL_REPLACEMENT, party=FOURTH), ""),
        "a node too many": (_seats(ResolutionAct.SEAT_VALIDATOR, "n", party=FIRST, key=key("n").address), "TOO_MANY_NODES"),
        "a node": (_seats(ResolutionAct.SEAT_VALIDATOR, "n", party=SEATLESS, key=key("n").address), ""),
        "a node twice": (_seats(ResolutionAct.SEAT_VALIDATOR, node(FIRST), party=FIRST, key=key(node(FIRST)).address), "VALIDATOR_SET"),
        "swap a node": (_seats(ResolutionAct.REPLACE_VALIDATOR, "n", party=FIRST, key=key("n").address,
                               detail=key(node(FIRST)).address.rjust(32, b"\0")), ""),
        "no such node": (_seats(ResolutionAct.UNSEAT_VALIDATOR, party=FIRST, key=key("n").address), "VALIDATOR_SET"),
        "no successor": (_seats(ResolutionAct.CANCEL_SUCCESSION), "WRONG_SUCCESSION"),
        "a successor": ((drafts.succession, drafts.VOTERS), ""),
        "a successor in the past": ((lambda w: drafts.succession(w, effective=9), drafts.VOTERS), "WRONG_DATE"),
        "too few seats": ((drafts.succession, drafts.VOTERS[:2]), "TOO_FEW_SIGNATURES"),
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("what", GOVERNING)
def test_an_act_on_parties_and_keys_is_refused_beforehand_as_the_contract_would_and_else_not(what: str) -> None:
    draft, signers, name = GOVERNING[what]
    world = governed()
    act = signed(draft(world))
    addresses = sorted(key(signer).address for signer in signers)
    facts: Any = Facts(world, act, signers=addresses)
    if not name:
        rehearse(act, addresses, facts, time=world.now)
        rehearse_as_agreed(act, addresses, facts, time=world.now)
        assert take_poll(act, addresses, facts, time=world.now).lacks == ()
        world.fork().do(draft(world), *signers)
        return
    with pytest.raises(RefusedBeforehand) as refused:
        rehearse(act, addresses, facts, time=world.now)
    assert refused.value.name == name
    assert refused.value.code == world.fork().refuses(draft(world), *signers)


@pytest.mark.parametrize("what", [what for what, (_, _, name) in GOVERNING.items() if not name])
def test_without_any_one_of_its_signatures_an_act_lacks_that_one(what: str) -> None:
    draft, signers, _ = GOVERNING[what]
    world = governed()
    act = signed(draft(world))
    addresses = sorted(key(signer).address for signer in signers)
    facts: Any = Facts(world, act, signers=addresses)
    for left_out in addresses:
        lacks = take_poll(act, [one for one in addresses if one != left_out], facts, time=world.now).lacks
        assert len(lacks) == 1, lacks
        assert lacks[0].enough == 1


def test_a_seat_with_too_few_of_its_keys_counts_for_nothing_and_its_signatures_are_left_out() -> None:
    """The contract refuses an act that bears them, although the other seats are enough."""
    world = found()
    grown = drafts.party_act(world, FIRST, PartyActKind.ADD_AUTHORITY_KEY, key=key(authority(FIRST, 1)).address)
    world.do(grown, authority(FIRST), authority(FIRST, 1))
    world.do(drafts.party_act(world, FIRST, PartyActKind.SET_AUTHORITY_THRESHOLD, detail=2), authority(FIRST))
    draft = drafts.resolution(world, ResolutionAct.EXPEL, party=SEATLESS)
    act, others = signed(draft), (authority(SECOND), authority(THIRD), authority(FOURTH))

    def poll(*signers: str) -> tuple[list[tuple[int, tuple[str, ...]]], set[int]]:
        addresses = sorted(key(signer).address for signer in signers)
        facts: Any = Facts(world, act, signers=addresses)
        found = take_poll(act, addresses, facts, time=world.now)
        return [(lack.enough, lack.of) for lack in found.lacks], set(found.half)

    half, whole = authority(FIRST), (authority(FIRST), authority(FIRST, 1))
    assert poll(*others) == ([], set())
    assert poll(half, *others) == ([], {FIRST})
    assert poll(half, *others[:2]) == ([(1, ("BY", "FR"))], {FIRST})
    assert poll(*whole, *others[:2]) == ([], set())
    assert world.fork().refuses(draft, half, *others) is Refusal.SURPLUS_SIGNATURE
    world.fork().do(draft, *others)
    world.fork().do(draft, *whole, *others[:2])
