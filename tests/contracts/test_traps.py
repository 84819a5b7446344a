"""Traps that peers fell into (attestation registries, revocation lists, key registries), each shown not to be one here."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.vocabulary import (
    Capacity,
    EventKind,
    LaneActKind,
    PartyActKind,
    ReplacementActKind,
    ResolutionAct,
    Status,
)
from aeo_ledger.ledger.bindings import encode_act, encode_call
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.protocol.typed_data import struct_hash, to_json
from support.act_messages import Act, name_of, write
from support.drafts import (
    ENTRY,
    VOTERS,
    alias_binding,
    amendment,
    begin_replacement,
    change,
    conclusion,
    entry_of,
    envelope,
    freeze,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    replacement_act,
    resolution,
    succession,
    withholding,
)
from support.evm import ADDRESSES, CHAIN_ID
from support.world import DAY, FIRST, OUTSIDER, SEATLESS, SECOND, World, authority, found, key, operator, sign

PAIR = (SECOND, FIRST)
BOTH = (authority(FIRST), authority(SECOND))
YES = 0
ANNULLED, REVOKED, SUSPENDED, EXPIRED, ENDED = 1 << 1, 1 << 2, 1 << 4, 1 << 6, 1 << 10


@cache
def prepared() -> World:
    """China recognises the register of Belarus, where one certificate for a year is granted; Uruguay's authority is being replaced."""
    world = found()
    world.do(conclusion(world, recognition(world, *PAIR, until=world.now + 700 * DAY)), *BOTH)
    world.do(publication(world, grant(world, valid_until=world.now + 365 * DAY)), operator(FIRST))
    begin_replacement(world, SEATLESS, "new")
    return world


@pytest.fixture
def world() -> World:
    return prepared().fork()


def reasons(world: World) -> int:
    """Ask the contract whether China recognises the certificate, for an import with the foreign operator in role 1."""
    call = encode_call(Contract.REGISTERS, "recognise", SECOND, 0, 1, [ENTRY])
    return int.from_bytes(world.evm.call(Contract.REGISTERS, call).output[:32], "big")


def one_of_each(world: World) -> dict[str, tuple[Act, tuple[str, ...]]]:
    """Draft every signed message in a form that is accepted now, with its signers."""
    lane = replace(recognition(world, *PAIR), lane=0)
    drafts: list[tuple[Act, tuple[str, ...]]] = [
        (resolution(world, ResolutionAct.GIVE_SEAT, party=SEATLESS), VOTERS),
        (succession(world), VOTERS),
        (party_act(world, FIRST, PartyActKind.SET_CERTIFICATE, detail=9), (authority(FIRST),)),
        (replacement_act(world, SEATLESS, ReplacementActKind.OBJECT), (authority(SEATLESS),)),
        (freeze(world, FIRST), (operator(FIRST),)),
        (envelope(world), (operator(FIRST),)),
        (conclusion(world, recognition(world, *PAIR)), BOTH),
        (amendment(world, lane), BOTH),
        (lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), (authority(SECOND),)),
        (withholding(world, FIRST, entry_of(SECOND)), (operator(FIRST),)),
        (publication(world, change(world, EventKind.SUSPEND)), (operator(FIRST),)),
        (alias_binding(world, FIRST, b"\xa1" * 32), (operator(FIRST),)),
    ]
    of_each = {name_of(act): (act, names) for act, names in drafts}
    assert of_each.keys() == CONTRACT_OF.keys()
    return of_each


SIGNED = sorted(CONTRACT_OF)
HEADS = (Table.PARTY_HEAD, Table.PAIR_HEAD)
each_message = pytest.mark.parametrize("name", SIGNED)


# ---- "valid" that means "exists"; expiry stored and never looked at; a revocation that nothing can undo


def test_an_entry_without_a_certificate_is_not_valid(world: World) -> None:
    assert reasons(world) == YES
    world.do(publication(world, change(world, EventKind.REVOKE)), operator(FIRST))
    assert reasons(world) == REVOKED


def test_expiry_is_checked(world: World) -> None:
    world.wait(365 * DAY - 1)
    assert reasons(world) == YES
    world.wait(1)
    assert reasons(world) == EXPIRED


def test_the_end_of_an_arrangement_is_checked(world: World) -> None:
    world.wait(700 * DAY)
    assert reasons(world) == EXPIRED | ENDED


def test_a_suspension_is_not_a_revocation_and_both_can_be_undone(world: World) -> None:
    world.do(publication(world, change(world, EventKind.SUSPEND)), operator(FIRST))
    assert reasons(world) == SUSPENDED
    world.do(publication(world, change(world, EventKind.REINSTATE)), operator(FIRST))
    assert reasons(world) == YES
    world.do(publication(world, change(world, EventKind.REVOKE)), operator(FIRST))
    again = publication(world, change(world, EventKind.REVOKE))
    assert world.refuses(again, operator(FIRST)) is Refusal.WRONG_TRANSITION
    world.do(publication(world, change(world, EventKind.RESTORE), capacity=Capacity.AUTHORITY), authority(FIRST))
    assert reasons(world) == YES


def test_a_revoked_certificate_is_not_taken_for_a_good_one(world: World) -> None:
    world.do(publication(world, change(world, EventKind.ANNUL)), operator(FIRST))
    assert reasons(world) == ANNULLED
    assert world.standings[ENTRY].record.status is Status.ANNULLED


# ---- a signature that works on another chain, on another contract, twice, later, or from whoever sends it


@each_message
def test_a_signature_does_not_count_on_another_chain_or_contract(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    others = [address for contract, address in ADDRESSES.items() if contract is not CONTRACT_OF[name]]
    elsewhere = (world.message(act, contract=other) for other in others)
    for message in (world.message(act, chain_id=CHAIN_ID + 1), *elsewhere):
        world.refuses_signed(act, sign(message, *names))
    world.do(act, *names)


@each_message
def test_the_chain_id_is_read_when_used_and_not_compiled_in(world: World, name: str) -> None:
    world.evm.chain_id = CHAIN_ID + 1
    act, names = one_of_each(world)[name]
    world.refuses_signed(act, sign(world.message(act, chain_id=CHAIN_ID), *names))
    world.do(act, *names)


@each_message
def test_no_act_counts_twice(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    signatures = sign(world.message(act), *names)
    assert world.submit(act, signatures) is None
    spent = {
        "Resolution": Refusal.WRONG_NUMBER,
        "Succession": Refusal.WRONG_NUMBER,
        "PartyAct": Refusal.WRONG_SERIAL,
        "ReplacementAct": Refusal.NOT_OBJECTED,
        "Freeze": Refusal.WRONG_FREEZE,
        "Envelope": Refusal.WRONG_SERIAL,
        "Conclusion": Refusal.WRONG_AMENDMENT,
        "Amendment": Refusal.WRONG_AMENDMENT,
        "LaneAct": Refusal.WRONG_LANE_NUMBER,
        "Withholding": Refusal.WRONG_WITHHOLDING_SERIAL,
        "Publication": Refusal.WRONG_SEQUENCE,
        "AliasBinding": Refusal.WRONG_ALIAS_SERIAL,
    }
    assert world.refuses_signed(act, signatures) is spent[name]


@each_message
def test_every_message_has_a_deadline(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    world.wait(61)
    assert world.refuses(act, *names) is Refusal.TOO_LATE
    assert world.refuses(replace(act, deadline=world.now + 366 * DAY + 1), *names) is Refusal.TOO_FAR
    world.fork().do(replace(act, deadline=world.now + 366 * DAY), *names)
    world.do(replace(act, deadline=world.now), *names)


@each_message
def test_any_relay_may_submit_an_act(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    signatures = tuple(sign(world.message(act), *names))
    call = encode_act(SignedAct(name=name, values=write(act), signatures=signatures))
    roots = set()
    for relay in (b"\x11" * 20, b"\x22" * 20, key(authority(FIRST)).address):
        evm = world.evm.fork()
        assert not evm.call(CONTRACT_OF[name], call, relay=relay).reverted
        roots.add(evm.storage_root(CONTRACT_OF[name]))
    assert len(roots) == 1


@each_message
def test_no_relay_can_alter_any_member(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    signatures = tuple(sign(world.message(act), *names))
    for kind, member in MESSAGES[name]:
        values = write(act)
        if kind.endswith("[]"):
            values[member] = [*values[member], values[member][0]]
        elif kind == "bool":
            values[member] = not values[member]
        elif kind.startswith("uint"):
            values[member] ^= 1
        else:
            values[member] = values[member][:-1] + bytes([values[member][-1] ^ 1]) if values[member] else b"x"
        call = encode_act(SignedAct(name=name, values=values, signatures=signatures))
        assert world.evm.call(CONTRACT_OF[name], call).reverted, member
    world.compare()


# ---- grounds that nobody signed, or that nothing binds


GROUNDED = [name for name in SIGNED if ("bytes32", "grounds") in MESSAGES[name]]


def test_every_act_carries_grounds_but_those_that_carry_a_text_documents_or_nothing() -> None:
    assert set(SIGNED) - set(GROUNDED) == {"Conclusion", "Amendment", "Publication", "Envelope"}


@pytest.mark.parametrize("name", GROUNDED)
def test_grounds_are_signed_and_stand_in_the_history_and_in_no_word(world: World, name: str) -> None:
    other = world.fork()
    act, names = one_of_each(world)[name]
    reasoned: Act = replace(act, grounds=b"\x67" * 32)
    world.refuses_signed(reasoned, sign(world.message(act), *names))
    world.do(reasoned, *names)
    other.do(act, *names)
    different = {
        (contract, slot)
        for contract in Contract
        for slot in world.evm.storage[contract].keys() | other.evm.storage[contract].keys()
        if world.evm.storage[contract].get(slot) != other.evm.storage[contract].get(slot)
    }
    subjects: list[int] = [0, *range(1, 7), FIRST << 16 | SECOND, SECOND << 16 | FIRST]
    heads = {(Contract.CONSORTIUM, word_slot(table, key)) for table in HEADS for key in subjects}
    alias = int.from_bytes(keccak256(FIRST.to_bytes(32, "big") + b"\xa1" * 32), "big")
    heads.add((Contract.REGISTERS, word_slot(Table.ALIAS_HEAD, alias)))
    assert len(different) == 1
    assert different <= heads


# ---- a signature for another signer than the one named


def test_the_serial_that_is_checked_is_the_one_that_is_used_up(world: World) -> None:
    """Another project checked the nonce of the named signer but used up that of the recovered signer, so one signature worked twice."""
    act = party_act(world, SECOND, PartyActKind.SET_CERTIFICATE, detail=9)
    assert world.refuses(act, authority(FIRST)) is Refusal.SURPLUS_SIGNATURE
    assert [world.consortium.offices[party].serial for party in (FIRST, SECOND)] == [0, 0]
    world.do(act, authority(SECOND))
    assert [world.consortium.offices[party].serial for party in (FIRST, SECOND)] == [0, 1]


def test_a_key_of_another_party_or_role_signs_for_nobody_else(world: World) -> None:
    act = publication(world, change(world, EventKind.SUSPEND))
    for stranger in (operator(SECOND), authority(FIRST), "node 1", OUTSIDER):
        assert world.refuses(act, stranger) is Refusal.SURPLUS_SIGNATURE


# ---- signatures with two forms, of nobody, or counted twice


@each_message
def test_a_high_s_is_refused(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    first, *others = sign(world.message(act), *names)
    twin = replace(first, s=ORDER - first.s, v=55 - first.v)
    assert world.refuses_signed(act, [twin, *others]) is Refusal.HIGH_S


@pytest.mark.parametrize("wrong", [{"v": 0}, {"v": 1}, {"v": 29}, {"v": 2**256 - 1}, {"r": 0}, {"s": 0}, {"r": ORDER}])
@each_message
def test_the_zero_address_signs_nothing(world: World, name: str, wrong: dict[str, int]) -> None:
    act, names = one_of_each(world)[name]
    first, *others = sign(world.message(act), *names)
    assert world.refuses_signed(act, [replace(first, **wrong), *others]) is Refusal.NO_SIGNER


@each_message
def test_nobody_signs_twice(world: World, name: str) -> None:
    act, names = one_of_each(world)[name]
    signatures = sign(world.message(act), *names)
    assert world.refuses_signed(act, [signatures[0], *signatures]) is Refusal.NOT_ASCENDING
    if len(signatures) > 1:
        assert world.refuses_signed(act, signatures[::-1]) is Refusal.NOT_ASCENDING


# ---- a batch that silently ignores surplus entries; a part that passes for the whole


def test_every_event_of_a_batch_counts_or_none_does(world: World) -> None:
    first, second = change(world, EventKind.SUSPEND), grant(world, entry_of(FIRST, 1, 2))
    act = publication(world, first, second)
    signed_for_one = sign(world.message(publication(world, first)), operator(FIRST))
    assert world.refuses_signed(act, signed_for_one) is Refusal.SURPLUS_SIGNATURE
    world.do(act, operator(FIRST))
    assert world.standings[ENTRY].record.status is Status.SUSPENDED
    assert world.standings[second.entry].record.status is Status.ACTIVE


def test_a_signature_over_an_event_s_own_hash_is_not_a_publication(world: World) -> None:
    act = publication(world, change(world, EventKind.SUSPEND))
    part = struct_hash("StatusEvent", write(act)["events"][0])
    assert world.refuses_signed(act, sign(part, operator(FIRST))) is Refusal.SURPLUS_SIGNATURE


# ---- type strings that another library hashes differently


@each_message
def test_what_another_library_signs_is_accepted(world: World, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from eth_account import Account  # noqa: PLC0415

    act, names = one_of_each(world)[name]
    document = to_json(name, write(act), chain_id=CHAIN_ID, contract=ADDRESSES[CONTRACT_OF[name]])
    signatures = []
    for pair in sorted(map(key, names), key=lambda pair: pair.address):
        made = Account.from_key(pair.private.secret).sign_typed_data(full_message=_numbers(document))
        signatures.append(Signature(v=made.v, r=made.r, s=made.s))
    assert world.submit(act, signatures) is None


def _numbers(document: object) -> object:
    """Read the decimal texts of a typed-data document as the numbers that the library wants."""
    if isinstance(document, dict):
        return {name: _numbers(value) for name, value in document.items()}
    if isinstance(document, list):
        return [_numbers(value) for value in document]
    return int(document) if isinstance(document, str) and document.isdigit() and document != "1" else document
