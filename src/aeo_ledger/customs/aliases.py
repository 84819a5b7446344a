"""Aliases: codes that a recogniser uses for foreign traders in its own declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aeo_ledger.customs.acts import AliasBinding, Signed
from aeo_ledger.customs.consortium import (
    NO_HEAD,
    Consortium,
    extend_head,
    list_signers,
    require_in_time,
    require_operating,
    require_operators,
)
from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.refusals import Refusal, refuse

NO_ENTRY: Final = bytes(32)
MAX_BINDINGS: Final = 8
"""Most bindings of one alias."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias and its bindings."""

    serial: int = 0
    """Serial of the last act on this alias."""
    changed_at: int = 0
    """UTC seconds."""
    entries: Mapping[tuple[int, int], bytes]
    """Current entries (32 bytes each), by binding and type. A binding stands for one trader; one without an entry is free."""
    head: bytes = NO_HEAD
    """Head of the alias's history, 32 bytes."""

    def live_bindings(self) -> tuple[int, ...]:
        """List the bindings that have an entry. More than one makes the alias ambiguous."""
        return tuple(sorted({binding for binding, _ in self.entries}))


def bind_alias(consortium: Consortium, old: Alias | None, act: AliasBinding, signed: Signed, *, time: int) -> Alias:
    """Bind an alias to an entry, or clear a binding.

    Args:
        consortium: Tells who the signers are.
        old: The alias before the act; None if it was never bound.
        act: The act.
        signed: The recogniser's operators.
        time: Block time, UTC seconds.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    alias = old or Alias(entries={})
    require_in_time(act.deadline, time)
    if act.serial != alias.serial + 1:
        refuse(Refusal.WRONG_ALIAS_SERIAL)
    signers = list_signers(signed)
    binds = act.entry != NO_ENTRY
    require_operating(consortium, act.recogniser, favours=binds, time=time)
    require_operators(consortium, act.recogniser, signers)
    place = (act.binding, act.certificate_type)
    if (
        act.binding >= MAX_BINDINGS
        or act.certificate_type > 15
        or (binds and type_of(act.entry) != act.certificate_type)
    ):
        refuse(Refusal.WRONG_BINDING)
    if not binds and place not in alias.entries:
        refuse(Refusal.WRONG_BINDING)
    return replace(with_binding(alias, act, time), head=extend_head(alias.head, signed.hash, time))


def replay_alias(acts: Iterable[tuple[int, AliasBinding]]) -> tuple[tuple[int, Alias], ...]:
    """Derive an alias after each of its acts, without heads. Acts come with their times of recording, UTC seconds."""
    states: list[tuple[int, Alias]] = []
    alias = Alias(entries={})
    for time, act in acts:
        alias = with_binding(alias, act, time)
        states.append((time, alias))
    return tuple(states)


def with_binding(alias: Alias, act: AliasBinding, time: int) -> Alias:
    """Write a binding, or clear it, without any check and without the head. `time` is UTC seconds."""
    place = (act.binding, act.certificate_type)
    others = {other: entry for other, entry in alias.entries.items() if other != place}
    entries = others if act.entry == NO_ENTRY else {**others, place: act.entry}
    return Alias(serial=act.serial, changed_at=time, entries=entries)
