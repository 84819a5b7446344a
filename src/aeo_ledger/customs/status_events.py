"""The table of status events: one row for each kind. All code that treats kinds alike derives from it.

Its readers: the rules of `customs.lifecycle` and `customs.publication`, histories, the verifier's check of signatures, an
officer's act, the verbs of the command, and the masks of the contracts (`scripts/compile`). A new kind is a number in
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
"""Fields of a record that every event sets, besides the recording time."""

STATUS: Final = frozenset({"status", "since", "hold_until"})
"""Fields that say which status holds, since when, and until when it lasts or bars."""

SCOPE: Final = frozenset({"roles", "valid_until"})
"""Fields that say what a certificate covers, and for how long."""


class Hold(Enum):
    """How an event sets a record's *hold until*."""

    KEPT = auto()
    """It stays unchanged."""
    NONE = auto()
    """It becomes 0."""
    PLANNED_END = auto()
    """The planned end of a suspension, after its beginning; or 0."""
    BAR = auto()
    """The bar on a new grant: at most five years from the recording, and not shorter than the present bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEventRow:
    """A row of the table of status events."""

    kind: EventKind
    capacities: tuple[Capacity, ...]
    """Capacities in which its publication may be signed; the first is the usual one."""
    leaves: frozenset[Status]
    """Statuses that it may start from. A `GRANT` also starts where there is no standing."""
    reaches: frozenset[Status] = frozenset()
    """Statuses that it may lead to. If empty, the status stays."""
    changes: frozenset[str] = OWN
    """Fields of an older record that it may change, besides the recording time."""
    hold: Hold = Hold.KEPT
    undoes: bool = False
    """Whether the new status holds from the certificate's first day."""
    enters: tuple[str, ...] = ()
    """Fields that an officer may enter besides the reason, in the order of the form."""
    needs: frozenset[str] = frozenset()
    """Fields among these that an officer must enter."""
    does: str = ""
    """What its verb does, in one sentence."""
    warning: str = ""
    """What an officer reads before signing, if the act cannot simply be undone."""

    @property
    def verb(self) -> str:
        """Its name for an officer."""
        return self.kind.name.lower()

    @property
    def leads_to(self) -> Status | None:
        """The status that an officer's act leads to: the most favourable one allowed; None if the status stays."""
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
    StatusEventRow(
        kind=EventKind.REASSESS,
        capacities=_DAILY,
        leaves=LIVING,
        changes=OWN | {"review_day"},
        enters=("review_day",),
        needs=frozenset({"review_day"}),
        does="Record the day of a certificate's next review; nothing else changes.",
    ),
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
        does="Take over a certificate in a union's register: the new issuer signs, and the old one, or the union's authority.",
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
"""Kinds that only take away. A suspended party and a superseded ledger still accept them."""

SUSPENDING: Final = _kinds(row for row in _ROWS if row.kind in RESTRICTING and row.reaches <= LIVING)
"""Kinds that take away for a time. A union's authority may do only these to the standing of a member that is not gone."""

RESTORING: Final = BY_CAPACITY[Capacity.AUTHORITY]
"""Kinds that only the issuer's authority signs. A superseded ledger still accepts them."""

SCOPING: Final = _kinds(row for row in _ROWS if row.changes >= SCOPE)
"""Kinds that may change what a certificate covers, and for how long."""
