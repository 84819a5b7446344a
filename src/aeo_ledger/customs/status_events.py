"""The table of status events: one row a kind, from which everything that treats kinds alike is derived.

The rules of `customs.lifecycle` and `customs.publication`, histories, the verifier's judgement of signatures, what an officer's
act writes, the verbs of the command and the masks of the contracts (`scripts/compile`) read it here. A new kind is a number in
`customs.vocabulary` and a row below.

Source: DESIGN section 3, "Standings".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from aeo_ledger.customs.vocabulary import LIVING, TERMINAL, Capacity, EventKind, Status

OWN: Final = frozenset({"kind", "reason", "sequence"})
"""Fields of a record that every event writes about itself, its recording aside."""

STATUS: Final = frozenset({"status", "since", "hold_until"})
"""Fields that say which status holds, from when, and until when it holds others off."""

SCOPE: Final = frozenset({"roles", "valid_until"})
"""Fields that say what a certificate covers, and how long."""


class Hold(Enum):
    """What an event makes of a record's *hold until*."""

    KEPT = auto()
    """It stays as it was."""
    NONE = auto()
    """It becomes 0."""
    PLANNED_END = auto()
    """The planned end of a suspension, later than its beginning; or 0."""
    BAR = auto()
    """The bar on a new grant: at most five years from recording, and not shorter than the one that stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEventRow:
    """A row of the table of status events."""

    kind: EventKind
    capacities: tuple[Capacity, ...]
    """In which a publication with it may be signed; the first is the usual one."""
    leaves: frozenset[Status]
    """Statuses that it starts from; a `GRANT` also starts where there is no standing."""
    reaches: frozenset[Status] = frozenset()
    """Statuses that it may lead to; none: it leaves the status as it was."""
    changes: frozenset[str] = OWN
    """Fields of an older record that it may change, recorded-at aside."""
    hold: Hold = Hold.KEPT
    undoes: bool = False
    """Whether the status that it leads to holds from the first day of the certificate."""
    enters: tuple[str, ...] = ()
    """Fields that an officer may enter beside the reason, in the order in which they are asked for."""
    needs: frozenset[str] = frozenset()
    """Which of these he must enter."""
    does: str = ""
    """What its verb does, in one sentence; empty: it has no verb."""
    warning: str = ""
    """What is said before it is signed, where it cannot simply be undone."""

    @property
    def verb(self) -> str:
        """How an officer calls it."""
        return self.kind.name.lower()

    @property
    def leads_to(self) -> Status | None:
        """The status that an officer's act leads to: the most favourable that it may; None if it leaves the status."""
        return min(self.reaches, default=None)


_DAILY: Final = (Capacity.OPERATORS,)
_RESTRICTION: Final = (Capacity.OPERATORS, Capacity.UNION)

_ROWS: Final = (
    StatusEventRow(
        kind=EventKind.GRANT,
        capacities=_DAILY,
        leaves=TERMINAL,
        reaches=frozenset({Status.ACTIVE}),
        changes=OWN | STATUS | SCOPE | {"valid_from", "review_day"},
        hold=Hold.NONE,
        enters=("roles", "valid_from", "valid_until"),
        needs=frozenset({"roles"}),
        does="Grant a certificate, now or from a day to come.",
    ),
    StatusEventRow(
        kind=EventKind.AMEND,
        capacities=_DAILY,
        leaves=LIVING,
        changes=OWN | SCOPE,
        enters=("roles", "valid_until"),
        does="Change roles or the end of validity.",
    ),
    StatusEventRow(kind=EventKind.REASSESS, capacities=_DAILY, leaves=LIVING, changes=OWN | {"review_day"}),
    StatusEventRow(
        kind=EventKind.SUSPEND,
        capacities=_RESTRICTION,
        leaves=LIVING,
        reaches=frozenset({Status.SUSPENDED}),
        changes=OWN | STATUS,
        hold=Hold.PLANNED_END,
        enters=("since", "hold_until"),
        does="Suspend a certificate until it is reinstated.",
    ),
    StatusEventRow(
        kind=EventKind.REINSTATE,
        capacities=_DAILY,
        leaves=frozenset({Status.SUSPENDED}),
        reaches=frozenset({Status.ACTIVE}),
        changes=OWN | STATUS,
        hold=Hold.NONE,
        enters=("since",),
        does="End a suspension.",
    ),
    StatusEventRow(
        kind=EventKind.REVOKE,
        capacities=_RESTRICTION,
        leaves=LIVING,
        reaches=frozenset({Status.REVOKED}),
        changes=OWN | STATUS,
        hold=Hold.BAR,
        enters=("since", "hold_until"),
        does="Revoke a certificate.",
        warning="it ends for good: only the authority can restore it",
    ),
    StatusEventRow(
        kind=EventKind.WITHDRAW,
        capacities=_RESTRICTION,
        leaves=LIVING,
        reaches=frozenset({Status.WITHDRAWN}),
        changes=OWN | STATUS,
        hold=Hold.NONE,
        enters=("since",),
        does="End a certificate because its holder asked.",
    ),
    StatusEventRow(
        kind=EventKind.ANNUL,
        capacities=_RESTRICTION,
        leaves=LIVING | {Status.REVOKED, Status.WITHDRAWN},
        reaches=frozenset({Status.ANNULLED}),
        changes=OWN | STATUS,
        hold=Hold.BAR,
        undoes=True,
        enters=("hold_until",),
        does="Annul a certificate from its beginning, as if it never was.",
        warning="it will never have been: answers about the past change too, and only the authority can restore it",
    ),
    StatusEventRow(
        kind=EventKind.RESTORE,
        capacities=(Capacity.AUTHORITY,),
        leaves=TERMINAL,
        reaches=LIVING,
        changes=OWN | STATUS | SCOPE | {"valid_from", "review_day"},
        hold=Hold.PLANNED_END,
        enters=("since", "roles", "valid_until"),
        does="Restore what was ended, quashed on appeal: signed by the authority's key.",
    ),
    StatusEventRow(
        kind=EventKind.TRANSFER,
        capacities=(Capacity.TRANSFER,),
        leaves=LIVING | TERMINAL,
        changes=OWN | {"issuer"},
    ),
)

STATUS_EVENTS: Final[Mapping[int, StatusEventRow]] = {row.kind: row for row in _ROWS}
"""The table."""


def _kinds(rows: Iterable[StatusEventRow]) -> frozenset[EventKind]:
    return frozenset(row.kind for row in rows)


BY_CAPACITY: Final[Mapping[int, frozenset[EventKind]]] = {
    capacity: _kinds(row for row in _ROWS if capacity in row.capacities) for capacity in Capacity
}
"""Kinds that may be signed in each capacity."""

RESTRICTING: Final = BY_CAPACITY[Capacity.UNION]
"""Kinds that only take away; a suspended party and a superseded ledger still accept them."""

SUSPENDING: Final = _kinds(row for row in _ROWS if row.kind in RESTRICTING and row.reaches <= LIVING)
"""Kinds that take away for a time: all that a union's authority may do to the standing of a member that is not gone."""

RESTORING: Final = BY_CAPACITY[Capacity.AUTHORITY]
"""Kinds that only the issuer's authority signs; a superseded ledger still accepts them."""

SCOPING: Final = _kinds(row for row in _ROWS if row.changes >= SCOPE)
"""Kinds that may change what a certificate covers, and how long."""
