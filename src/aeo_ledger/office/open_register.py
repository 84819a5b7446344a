"""Open a register, put more types in use, or go on to its next epoch: the acts of its authority, in the order that the ledger demands.

A type of a keyed register is taken into use only after the check value of its lookup key stands on the ledger, and from then on the check
value never changes. So the secrets are in a file before anything is signed: without them nobody would ever find the traders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aeo_ledger.customs.vocabulary import PartyActKind, RegisterMode
from aeo_ledger.errors.office import RegisterOpened, SecretsNeeded
from aeo_ledger.errors.protocol import WrongLookupKey
from aeo_ledger.office.footing import slots_of_parties
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.pseudonyms import slots_of_pseudonyms
from aeo_ledger.office.share import name_party, require_keyed
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.signing.register_file import TYPES, RegisterSecrets

FIRST_EPOCH: Final = 0
"""A register opens with this payload epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act on the way."""

    kind: PartyActKind
    entered: dict[str, Any]
    """What an officer would enter; see `draft_party_act`."""


def find_steps(
    desk: ProvenDesk, register: int, mode: RegisterMode, types: int, secrets: RegisterSecrets | None
) -> Sequence[Step]:
    """Find the acts that still lead to a register of a mode with some types in use. What is done already is left out.

    Args:
        desk: Proves how far the register is.
        register: Its number.
        mode: How it writes its holders, for good.
        types: Bit set of the types to put in use; those that are in use remain.
        secrets: Those of a keyed register; None for an open one.

    Raises:
        RegisterOpened: It has another mode.
        WrongLookupKey: A type is in use with the check value of another key than that of these secrets.
    """
    words = desk.facts([*slots_of_parties([register]), *slots_of_pseudonyms(register)])
    opened = words.register(register)
    if opened is not None and opened.mode is not mode:
        raise RegisterOpened(party=name_party(desk.trust, register), mode=opened.mode.name.lower())
    in_use, epoch = (0, FIRST_EPOCH) if opened is None else (opened.types, opened.epoch)
    steps = [] if secrets is None else _find_checks(words, secrets, types, in_use)
    if types & ~in_use:
        entered = {"mode": mode, "types": types | in_use, "epoch": epoch}
        steps.append(Step(kind=PartyActKind.SET_REGISTER, entered=entered))
    return steps


def _find_checks(words: WordView, secrets: RegisterSecrets, types: int, in_use: int) -> list[Step]:
    steps = []
    for kind in TYPES:
        check = secrets.lookup_key(kind).check
        if words.key_check(secrets.register, kind) == check:
            continue
        if in_use >> kind & 1:
            raise WrongLookupKey(register=secrets.register, certificate_type=kind)
        if types >> kind & 1:
            steps.append(Step(kind=PartyActKind.SET_KEY_CHECK, entered={"type": kind, "hash": check}))
    return steps


def require_unopened(desk: ProvenDesk, register: int) -> None:
    """Demand that a register, by its number, needs new secrets: with others than its own nobody would find its traders.

    Raises:
        RegisterOpened: It is open.
        SecretsNeeded: It is keyed already, and its secrets exist somewhere.
    """
    opened = desk.facts([*slots_of_parties([register]), *slots_of_pseudonyms(register)]).register(register)
    if opened is None:
        return
    party = name_party(desk.trust, register)
    if opened.mode is not RegisterMode.KEYED:
        raise RegisterOpened(party=party, mode=opened.mode.name.lower())
    raise SecretsNeeded(party=party)


def find_roll(desk: ProvenDesk, secrets: RegisterSecrets) -> Step:
    """Find the act that begins a register's next payload epoch: former partners cannot read details that are sealed from then on.

    What they know stays known: the lookup keys serve for the register's life, so they can go on reading statuses.

    Raises:
        OtherSecrets, NotKeyed, WrongLookupKey: See `require_keyed`.
    """
    words = desk.facts(slots_of_pseudonyms(secrets.register))
    opened = require_keyed(words, secrets, desk.trust)
    entered = {"mode": opened.mode, "types": opened.types, "epoch": opened.epoch + 1}
    return Step(kind=PartyActKind.SET_REGISTER, entered=entered)
