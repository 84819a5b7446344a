"""What parties decide alone, at random, biased to what the rules allow now."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from aeo_ledger.customs import acts
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.consortium import END_OF_TIME
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.vocabulary import KeyRole, PartyActKind, PartyKind, PartyState, RegisterMode
from support.random_acts import (
    Proposed,
    authority_of,
    choose,
    draw_grounds,
    fresh_key,
    in_state,
    keys_of,
    list_pending,
)
from support.world import OUTSIDER, World, key, node

Drawn = tuple[int, dict[str, Any], list[str]]
"""The party, members beside the usual ones, and who signs beside its authority."""
Draw = Callable[[Random, World, int, PartyActKind], Drawn]

_OFTEN: Final = {
    PartyActKind.ADD_AUTHORITY_KEY: 6,
    PartyActKind.RETIRE_AUTHORITY_KEY: 3,
    PartyActKind.SET_AUTHORITY_THRESHOLD: 5,
    PartyActKind.JOIN_UNION: 4,
    PartyActKind.LEAVE_UNION: 2,
    PartyActKind.EJECT_MEMBER: 3,
    PartyActKind.SET_REGISTER: 4,
    PartyActKind.SET_KEY_CHECK: 2,
    PartyActKind.ADD_OPERATOR: 2,
}
_KINDS: Final = [kind for kind in PartyActKind for _ in range(_OFTEN.get(kind, 1))]


def draw_party_act(chance: Random, world: World) -> Proposed:
    consortium, kind = (
        world.consortium,
        choose(chance, _list_open(world), _KINDS) if chance.randrange(3) else chance.choice(_KINDS),
    )
    party = choose(chance, in_state(world, PartyState.ACTIVE), consortium.parties)
    party, members, cosigners = _DRAWS[kind](chance, world, party, kind)
    serial = consortium.office(party).serial + 1
    act = acts.PartyAct(
        party=party, serial=serial, deadline=world.soon, act=kind, grounds=draw_grounds(chance), **members
    )
    return act, list(dict.fromkeys([*authority_of(chance, consortium, party), *cosigners]))


def _list_open(world: World) -> list[PartyActKind]:
    """List the acts that answer to what stands open: a notice, a freeze, now and then a replacement."""
    parties = world.consortium.parties.values()
    notices = {m.ejected for p in parties for m in p.memberships if m.leaves and m.union_at(world.now)}
    answers = {
        PartyActKind.REVOKE_LEAVING: False in notices,
        PartyActKind.REVOKE_EJECTION: True in notices,
        PartyActKind.UNFREEZE: any(party.frozen for party in parties),
        PartyActKind.CANCEL_REPLACEMENT: bool(list_pending(world)) and not world.now % 3,
    }
    return [kind for kind, is_open in answers.items() if is_open]


def _draw_new_key(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    name = fresh_key(chance, world.consortium)
    members: dict[str, Any] = {"key": key(name).address}
    if kind is PartyActKind.ROTATE_AUTHORITY:
        old = chance.choice(keys_of(world.consortium, party, KeyRole.AUTHORITY) or [OUTSIDER])
        members["detail"] = int.from_bytes(key(old).address, "big")
    return party, members, [name]


def _draw_old_key(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    role = KeyRole.OPERATOR if kind is PartyActKind.RETIRE_OPERATOR else KeyRole.AUTHORITY
    parties = world.consortium.parties
    having = [number for number in parties if len(keys_of(world.consortium, number, role)) > 1]
    party = choose(chance, having, [party])
    name = choose(chance, keys_of(world.consortium, party, role), [OUTSIDER, node(party)])
    return party, {"key": key(name).address}, []


def _draw_threshold(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    most = world.consortium.office(party).operators
    if kind is PartyActKind.SET_AUTHORITY_THRESHOLD:
        parties = world.consortium.parties
        party = choose(chance, [n for n, p in parties.items() if p.authority_keys > 1], [party])
        most = min(3, parties[party].authority_keys)
    return party, {"detail": chance.choice((1, most, most, most + 1))}, []


def _draw_hash(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    return party, {"detail": chance.randint(1, 3)}, []


def _draw_joining(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    consortium = world.consortium
    unions = [number for number, other in consortium.parties.items() if other.kind is PartyKind.UNION]
    fits = [union for union in unions if not consortium.parties[party].belongs_to(union, world.now)]
    union = choose(chance, fits, unions or [party])
    return party, {"detail": union}, authority_of(chance, consortium, union)


def _draw_parting(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    """Choose a membership to part with, or one of which such a notice stands."""
    by_union = kind in {PartyActKind.EJECT_MEMBER, PartyActKind.REVOKE_EJECTION}
    dated = kind in {PartyActKind.LEAVE_UNION, PartyActKind.EJECT_MEMBER}
    held = [
        (number, membership.union, membership)
        for number, other in world.consortium.parties.items()
        for membership in other.memberships
        if membership.union_at(world.now)
    ]
    if not dated:
        held = [h for h in held if h[2].leaves and h[2].ejected == by_union] or held
    if not held:
        return party, {"detail": party}, []
    member, union, _ = chance.choice(held)
    members: dict[str, Any] = {"detail": member if by_union else union}
    if dated:
        today = world.now // DAY_S * DAY_S
        fits = [today + day * DAY_S for day in (1, 2, 30, 300, 700)]
        effective = choose(chance, fits, (0, 0, today, world.now + 5, today + 733 * DAY_S))
        members["effective"] = min(effective, END_OF_TIME - 1)
    return union if by_union else member, members, []


def _draw_register(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    consortium = world.consortium
    keeping = [number for number, other in consortium.parties.items() if other.keeps_register]
    party = choose(chance, keeping, [party])
    old = consortium.registers.get(party, Register(mode=chance.choice([*RegisterMode]), types=0))
    checked = [1 << number for other, number in consortium.key_checks if other == party]
    fits = checked if old.mode is RegisterMode.KEYED else (1, 2, 8)
    types, epoch = old.types | choose(chance, fits, (1, 2, 8, 0x8000)), old.epoch + chance.randint(0, 2)
    backwards = (max(0, epoch - 3), old.types >> 1)
    epoch, types = choose(chance, [(epoch, types)], [backwards])
    return party, {"detail": Register(mode=old.mode, types=types, epoch=epoch)}, []


def _draw_key_check(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    consortium = world.consortium
    keyed = [n for n in consortium.parties if consortium.registers.get(n, _UNOPENED).mode is RegisterMode.KEYED]
    party = choose(chance, keyed, [party])
    return party, {"certificate_type": chance.choice((0, 1, 3, 15, 16)), "detail": chance.randint(1, 9)}, []


def _draw_cancelling(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    able = [number for number in world.consortium.replacements if number in in_state(world, PartyState.ACTIVE)]
    return choose(chance, able, [*world.consortium.replacements] or [party]), {}, []


def _draw_unfreezing(chance: Random, world: World, party: int, kind: PartyActKind) -> Drawn:
    frozen = [number for number in in_state(world, PartyState.ACTIVE) if world.consortium.parties[number].frozen]
    return choose(chance, frozen, [party]), {}, []


_UNOPENED: Final = Register(mode=RegisterMode.KEYED, types=0)
_DRAWS: Final[dict[PartyActKind, Draw]] = {
    PartyActKind.ROTATE_AUTHORITY: _draw_new_key,
    PartyActKind.ADD_AUTHORITY_KEY: _draw_new_key,
    PartyActKind.RETIRE_AUTHORITY_KEY: _draw_old_key,
    PartyActKind.SET_AUTHORITY_THRESHOLD: _draw_threshold,
    PartyActKind.ADD_OPERATOR: _draw_new_key,
    PartyActKind.RETIRE_OPERATOR: _draw_old_key,
    PartyActKind.SET_THRESHOLD: _draw_threshold,
    PartyActKind.SET_CARD: _draw_hash,
    PartyActKind.SET_CERTIFICATE: _draw_hash,
    PartyActKind.JOIN_UNION: _draw_joining,
    PartyActKind.LEAVE_UNION: _draw_parting,
    PartyActKind.REVOKE_LEAVING: _draw_parting,
    PartyActKind.EJECT_MEMBER: _draw_parting,
    PartyActKind.REVOKE_EJECTION: _draw_parting,
    PartyActKind.CANCEL_REPLACEMENT: _draw_cancelling,
    PartyActKind.SET_REGISTER: _draw_register,
    PartyActKind.SET_KEY_CHECK: _draw_key_check,
    PartyActKind.UNFREEZE: _draw_unfreezing,
}
