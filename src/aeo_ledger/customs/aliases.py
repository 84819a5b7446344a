"""Aliases: codes that a recogniser uses for foreign traders in its own declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.acts import AliasBinding, Signed
from aeo_ledger.customs.consortium import Consortium, list_signers, require_operators, require_standing
from aeo_ledger.customs.refusals import Refusal, refuse

NO_ENTRY: Final = bytes(32)
MAX_BINDINGS: Final = 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias and what is bound to it."""

    bindings: int = 0
    """How many traders were bound; more than one makes it ambiguous."""
    serial: int = 0
    changed_at: int = 0
    entries: Mapping[tuple[int, int], bytes]
    """By binding and type; 32 zero bytes where one was cleared."""


def bind_alias(consortium: Consortium, old: Alias | None, act: AliasBinding, signed: Signed, *, time: int) -> Alias:
    """Bind an alias to an entry, or clear a binding.

    Args:
        consortium: Says who the signers are.
        old: The alias as it was before, None if it never was bound.
        act: The act.
        signed: The recogniser's operators.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    alias = old or Alias(entries={})
    if act.deadline < time:
        refuse(Refusal.TOO_LATE)
    if act.serial != alias.serial + 1:
        refuse(Refusal.WRONG_ALIAS_SERIAL)
    signers = list_signers(signed)
    binds = act.entry != NO_ENTRY
    require_standing(consortium, act.recogniser, favours=binds, time=time)
    require_operators(consortium, act.recogniser, signers)
    known = act.binding < alias.bindings + binds and act.binding < MAX_BINDINGS
    if not known or act.certificate_type > 15 or (binds and act.entry[2] != act.certificate_type):
        refuse(Refusal.WRONG_BINDING)
    return Alias(
        bindings=max(alias.bindings, act.binding + 1),
        serial=act.serial,
        changed_at=time,
        entries={**alias.entries, (act.binding, act.certificate_type): act.entry},
    )
