"""Who may act, asked of a small consortium; and that an act leaves the consortium before it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from aeo_ledger.customs.acts import Candidate, PartyAct, Resolution, Signed
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.autonomy import act_alone
from aeo_ledger.customs.consortium import (
    END_OF_TIME,
    LONGEST_DEADLINE,
    Consortium,
    Validator,
    ascending,
    extend_head,
    find_party_of_authority,
    is_gone,
    operates,
    require_in_time,
)
from aeo_ledger.customs.governance import complete_replacement, count_seats, quorum, resolve
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind, PartyKind, PartyState, RegisterMode, ResolutionAct
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.primitives.hashes import keccak256
from support.sealed_world import members_of

NOW = 1_750_000_000
AUTHORITIES = {number: bytes([number]) * 20 for number in range(1, 5)}
NEW = b"\x99" * 20
HASH = b"\xaa" * 32


@pytest.fixture
def consortium() -> Consortium:
    """Make four administrations with a seat each. The second belongs to the first as if it were a union."""
    parties = {
        number: Party(
            code=code,
            kind=PartyKind.ADMINISTRATION,
            state=PartyState.ACTIVE,
            seat=True,
            memberships=members_of(1 if number == 2 else 0),
        )
        for number, code in enumerate(("BY", "CN", "UY", "BR"), 1)
    }
    keys = {key: Key(party=number, role=KeyRole.AUTHORITY, added_at=1) for number, key in AUTHORITIES.items()}
    keys[b"\x51" * 20] = Key(party=1, role=KeyRole.OPERATOR, added_at=1)
    keys[b"\x52" * 20] = Key(party=1, role=KeyRole.OPERATOR, added_at=1, retired_at=2)
    return Consortium(
        parties=parties,
        keys=keys,
        validators=(Validator(node=b"\x61" * 20, party=1),),
        minimum_validators=1,
        replacement_delay=100,
        chain_id=1,
    )


def signed(*signers: bytes) -> Signed:
    return Signed(hash=HASH, signers=signers)


def reason(caught: pytest.ExceptionInfo[RefusedByLedger]) -> Refusal:
    return Refusal(caught.value.code)


def suspend(party: int, number: int = 1) -> Resolution:
    act = ResolutionAct.SUSPEND
    return Resolution(number=number, deadline=NOW, act=act, party=party, amount=NOW + 9)


def test_seats_of_expelled_parties_do_not_count_and_suspended_ones_do(consortium: Consortium) -> None:
    states = {1: PartyState.EXPELLED, 2: PartyState.SUSPENDED, 3: PartyState.ACTIVE, 4: PartyState.ACTIVE}
    parties = {
        number: replace(party, state=states[number], suspended_until=NOW + 1)
        for number, party in consortium.parties.items()
    }
    changed = replace(consortium, parties=parties)
    assert count_seats(changed, NOW) == (3, 2)
    assert count_seats(changed, NOW + 1) == (3, 3)
    assert quorum(3) == 2


def test_a_retired_operator_and_an_authority_do_not_operate(consortium: Consortium) -> None:
    assert operates(consortium, b"\x51" * 20, 1)
    assert not operates(consortium, b"\x51" * 20, 2)
    assert not operates(consortium, b"\x52" * 20, 1)
    assert not operates(consortium, AUTHORITIES[1], 1)
    assert not operates(consortium, NEW, 1)


def test_an_issuer_is_gone_when_it_is_not_of_the_register_s_union(consortium: Consortium) -> None:
    assert not is_gone(consortium, 1, 1, NOW)
    assert not is_gone(consortium, 2, 1, NOW)
    assert is_gone(consortium, 3, 1, NOW)


def test_signers_ascend() -> None:
    assert list(ascending([b"\x01", b"\x02"])) == [b"\x01", b"\x02"]
    for signers in ([b"\x02", b"\x01"], [b"\x01", b"\x01"]):
        with pytest.raises(RefusedByLedger) as caught:
            list(ascending(signers))
        assert reason(caught) is Refusal.NOT_ASCENDING


def test_a_head_chains_event_and_time() -> None:
    assert extend_head(bytes(32), HASH, 7) == keccak256(bytes(32) + HASH + (7).to_bytes(32, "big"))


def test_a_key_of_an_ended_epoch_and_the_zero_address_are_not_authority_keys(consortium: Consortium) -> None:
    assert find_party_of_authority(consortium, AUTHORITIES[3]) == 3
    renewed = replace(consortium, parties={**consortium.parties, 3: replace(consortium.parties[3], epoch=1)})
    for world, address in ((consortium, bytes(20)), (consortium, b"\x51" * 20), (renewed, AUTHORITIES[3])):
        with pytest.raises(RefusedByLedger) as caught:
            find_party_of_authority(world, address)
        assert reason(caught) is Refusal.SURPLUS_SIGNATURE


def test_an_act_makes_a_new_consortium_and_leaves_the_old_one(consortium: Consortium) -> None:
    after = resolve(consortium, suspend(4), signed(*list(AUTHORITIES.values())[:3]), time=NOW, block=1)
    assert after.parties[4].state is PartyState.SUSPENDED
    assert consortium.parties[4].state is PartyState.ACTIVE
    assert after.party_heads == {4: extend_head(bytes(32), HASH, NOW)}
    assert after.parties[3] is consortium.parties[3]


def test_signers_are_read_only_as_far_as_the_rules_need(consortium: Consortium) -> None:
    """A caller can therefore recover them one by one, in the contract's order of checks."""

    def recovering() -> Iterator[bytes]:
        read.append(1)
        yield from AUTHORITIES.values()

    read: list[int] = []
    late = replace(suspend(4), deadline=NOW - 1)
    with pytest.raises(RefusedByLedger) as caught:
        resolve(consortium, late, Signed(hash=HASH, signers=recovering()), time=NOW, block=1)
    assert reason(caught) is Refusal.TOO_LATE
    assert not read


def test_a_candidate_s_code_is_judged(consortium: Consortium) -> None:
    def admit(code: str) -> Consortium:
        candidate = Candidate(code=code, kind=PartyKind.UNION, seat=False, keeps_register=False)
        act = ResolutionAct.ADMIT
        resolution = Resolution(number=1, deadline=NOW, act=act, party=5, key=NEW, detail=candidate)
        return resolve(consortium, resolution, signed(*list(AUTHORITIES.values())[:3], NEW), time=NOW, block=1)

    assert admit("EAEU").parties[5].code == "EAEU"
    for code in ("", "E", "eu", "EU ", "SEVENTH", "BY", "E\n"):
        with pytest.raises(RefusedByLedger) as caught:
            admit(code)
        assert reason(caught) is Refusal.WRONG_PARTY_CODE


def test_a_replacement_waits_and_can_be_cancelled(consortium: Consortium) -> None:
    act = ResolutionAct.REPLACE_AUTHORITY
    resolution = Resolution(number=1, deadline=NOW, act=act, party=4, key=NEW)
    pending = resolve(consortium, resolution, signed(*list(AUTHORITIES.values())[:3], NEW), time=NOW, block=1)
    with pytest.raises(RefusedByLedger) as caught:
        complete_replacement(pending, 4, time=NOW + 99)
    assert reason(caught) is Refusal.NOT_YET
    done = complete_replacement(pending, 4, time=NOW + 100)
    assert find_party_of_authority(done, NEW) == 4
    assert (done.parties[4].epoch, done.epoch_ends) == (1, {(4, 0): NOW + 100})
    with pytest.raises(RefusedByLedger):
        find_party_of_authority(done, AUTHORITIES[4])
    cancel = PartyAct(party=4, serial=1, deadline=NOW, act=PartyActKind.CANCEL_REPLACEMENT)
    cancelled = act_alone(pending, cancel, signed(AUTHORITIES[4]), time=NOW)
    assert cancelled.replacements == {}
    assert cancelled.keys[NEW] == Key(party=4, role=KeyRole.AUTHORITY, added_at=0, retired_at=NOW, epoch=1)


@pytest.mark.parametrize("kind", [PartyActKind.SET_CARD, PartyActKind.SET_CERTIFICATE, PartyActKind.SET_THRESHOLD])
def test_only_a_register_s_word_is_not_a_number(consortium: Consortium, kind: PartyActKind) -> None:
    """No message becomes such an act: it is a fault of the program that made it."""
    act = PartyAct(party=1, serial=1, deadline=NOW, act=kind, detail=Register(mode=RegisterMode.OPEN, types=1))
    with pytest.raises(TypeError, match="only a register's word is not a number"):
        act_alone(consortium, act, signed(AUTHORITIES[1]), time=NOW)


@pytest.mark.parametrize(
    ("deadline", "time", "why"),
    [
        (NOW - 1, NOW, Refusal.TOO_LATE),
        (NOW + LONGEST_DEADLINE + 1, NOW, Refusal.TOO_FAR),
        (END_OF_TIME, END_OF_TIME, Refusal.END_OF_TIME),
    ],
)
def test_a_message_has_its_time(deadline: int, time: int, why: Refusal) -> None:
    for right, now in ((NOW, NOW), (NOW + LONGEST_DEADLINE, NOW), (END_OF_TIME, END_OF_TIME - 1)):
        require_in_time(right, now)
    with pytest.raises(RefusedByLedger) as caught:
        require_in_time(deadline, time)
    assert reason(caught) is why
