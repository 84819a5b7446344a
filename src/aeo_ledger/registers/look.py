"""Look at a plan that somebody sent: what it does, proven, who has signed it, and who is missing. No key is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aeo_ledger.office.footing import slots_of_keys
from aeo_ledger.office.gather import tell_signed
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.who_signs import slots_of_sides, take_poll
from aeo_ledger.protocol.act_file import Lack
from aeo_ledger.registers.apply import draft_publications, find_signers, sign_plan
from aeo_ledger.registers.plan import Plan
from aeo_ledger.registers.state import RegisterState


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A plan as whoever is to sign it would see it."""

    told: tuple[str, ...]
    signed: tuple[str, ...]
    """Who has signed every publication, in the reader's language."""
    lacks: tuple[Lack, ...]
    before: Facts
    """The words of the keys that may sign."""


def look_at_plan(
    desk: ProvenDesk, plan: Plan, *, state: RegisterState, tell: Callable[[int], Sequence[str]], show_all: bool = False
) -> Look:
    """Show a plan as `sign_plan` does, and sign nothing; for the arguments, and for what is raised, see there."""
    told: list[str] = []
    desk.approve = told.extend
    sign_plan(desk, plan, [], state=state, tell=tell, show_all=show_all)
    acts = draft_publications(plan)
    signers = sorted(find_signers(desk.trust, plan, acts))
    before = desk.facts([*slots_of_sides(acts[0], desk), *slots_of_keys(signers)])
    time = max(before.time, desk.now())
    return Look(
        told=tuple(told),
        signed=tell_signed(acts[0], desk, before, desk.words),
        lacks=take_poll(acts[0], signers, before, time=time).lacks,
        before=before,
    )
