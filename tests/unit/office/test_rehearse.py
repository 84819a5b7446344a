"""What the ledger would refuse is refused before it is signed, with what is found and what is needed; and nothing else is."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import Capacity, EventKind, LaneActKind, Status
from aeo_ledger.errors.office import OtherArrangement, RefusedBeforehand, WrongKey
from aeo_ledger.office.rehearse import rehearse, rehearse_as_agreed
from aeo_ledger.office.whose_key import find_wrong_key
from aeo_ledger.protocol.acts import SignedAct
from support import drafts
from support.act_messages import name_of, write
from support.drafts import ENTRY, change, entry_of, grant, publication, recognition
from support.told_facts import Facts
from support.world import DAY, FIRST, SECOND, UNION, World, authority, found, key, operator

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
    rehearse_as_agreed(good, [FIRST, UNION], facts, time=world.now)
    bad = signed(
        drafts.conclusion(world, recognition(world, FIRST, UNION, until=world.now - DAY, in_force_from=world.now))
    )
    with pytest.raises(RefusedBeforehand) as refused:
        rehearse_as_agreed(bad, [FIRST, UNION], Facts(world, bad), time=world.now)
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
    return find_wrong_key(signed(draft), [key(signer).address], facts.key, world.consortium.parties.get, **how)


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
    found_wrong = wrong(act, BY, seats=(FIRST, SECOND))
    assert isinstance(found_wrong, OtherArrangement)
    assert str(found_wrong).endswith("is an operator of BY, this act needs the authority of BY or CN")
    assert wrong(act, authority(FIRST), seats=(FIRST, SECOND)) is None
