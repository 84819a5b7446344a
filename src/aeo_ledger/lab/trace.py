"""The trace: every status event of a scenario, in order of time. Each channel carries the same one.

Rates are per certificate and year. A register's events come from a stream of its own, so another register changes none of them. What an
administration could not decide does not happen: nobody reinstates an active certificate.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.lab.scenario import Mass, Scenario
from aeo_ledger.lab.streams import Streams
from aeo_ledger.lab.world import World

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]

DAY_S: Final = 86_400.0
YEAR_DAYS: Final = 365.25

ENDS: Final = frozenset({EventKind.REVOKE, EventKind.WITHDRAW})
LOSES: Final = frozenset({EventKind.SUSPEND, *ENDS})
"""Events after which a trader has no benefits."""
GAINS: Final = frozenset({EventKind.GRANT, EventKind.REINSTATE})
"""Events after which it has them."""

_SOME: Final = 20
"""How often another certificate is drawn if one is in no state for an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Events in columns; row i is one event."""

    registers: tuple[str, ...]
    time: Floats
    """Seconds since the scenario began, ascending: when the administration decided."""
    register: Whole
    """Place in `registers`."""
    operator: Whole
    """Number of the operator in its register, from 0."""
    kind: Whole
    """`EventKind`."""
    mass: Whole
    """Number of the scenario's mass event, from 0; -1 for none."""
    length_s: float

    change: Whole = field(init=False)
    """What an event does to benefits: 1 gives them, -1 takes them, 0 neither. Who is suspended has none that a revocation could take."""

    def __post_init__(self) -> None:
        """Follow each trader, and note what its events change."""
        without: set[tuple[int, int]] = set()
        changes = []
        for register, operator, kind in zip(
            self.register.tolist(), self.operator.tolist(), self.kind.tolist(), strict=True
        ):
            who = (register, operator)
            changes.append(int(kind in GAINS) - int(kind in LOSES and who not in without))
            if kind in LOSES:
                without.add(who)
            elif kind in GAINS:
                without.discard(who)
        object.__setattr__(self, "change", np.array(changes, dtype=np.int64))

    def __len__(self) -> int:
        """Count the events."""
        return len(self.time)


def make_trace(scenario: Scenario, world: World, streams: Streams) -> Trace:
    """Draw the events of a scenario."""
    registers = tuple(world.sizes)
    rows = []
    for place, code in enumerate(registers):
        made = _RegisterLife(scenario, code, world.sizes[code], streams.of(f"trace/{code}"))
        rows += [(time, place, operator, int(kind), mass) for time, operator, kind, mass in made.events()]
    rows.sort()
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return Trace(
        registers=registers,
        time=np.array(columns[0], dtype=np.float64),
        register=np.array(columns[1], dtype=np.int64),
        operator=np.array(columns[2], dtype=np.int64),
        kind=np.array(columns[3], dtype=np.int64),
        mass=np.array(columns[4], dtype=np.int64),
        length_s=scenario.days * DAY_S,
    )


_Event: TypeAlias = tuple[float, int, EventKind, int]
"""Time, operator, kind, number of the mass event."""


class _RegisterLife:
    """One register lives through the scenario."""

    def __init__(self, scenario: Scenario, code: str, size: int, stream: np.random.Generator) -> None:
        self._scenario, self._code, self._size, self._stream = scenario, code, size, stream
        self._parameters = scenario.parameters
        self._suspended: set[int] = set()
        self._ended: set[int] = set()
        self._next = size
        self._order = count()
        self._due: list[tuple[float, int, EventKind, int, int]] = []

    def events(self) -> Iterator[_Event]:
        """Yield the events in order of time."""
        length = self._scenario.days * DAY_S
        self._plan_year(length)
        self._plan_mass()
        while self._due:
            time, _, kind, operator, mass = heapq.heappop(self._due)
            if time >= length:
                continue
            chosen = self._choose(kind) if operator < 0 else operator
            if chosen is not None and self._allows(kind, chosen):
                self._note(kind, chosen, time)
                yield time, chosen, kind, mass

    def _plan_year(self, length: float) -> None:
        rates = {
            EventKind.GRANT: "grant_rate", EventKind.SUSPEND: "suspend_rate", EventKind.REVOKE: "revoke_rate",
            EventKind.AMEND: "amend_rate", EventKind.REASSESS: "reassess_rate",
        }  # fmt: skip
        for kind, name in rates.items():
            expected = self._parameters[name] * self._size * self._scenario.days / YEAR_DAYS
            for time in self._stream.uniform(0, length, self._stream.poisson(expected)):
                self._plan(float(time), kind)

    def _plan_mass(self) -> None:
        for number, shock in enumerate(self._scenario.shocks):
            if shock.register != self._code:
                continue
            hit = self._stream.choice(self._size, size=max(1, round(shock.share * self._size)), replace=False)
            times = shock.day * DAY_S + self._stream.uniform(0, shock.within_s, len(hit))
            for operator, time in zip(hit.tolist(), times.tolist(), strict=True):
                if shock.event is Mass.SUSPEND:
                    self._plan(time, EventKind.SUSPEND, operator, number)
                else:
                    self._plan(time, EventKind.WITHDRAW, operator, number)
                    self._plan(time, EventKind.GRANT, mass=number)

    def _plan(self, time: float, kind: EventKind, operator: int = -1, mass: int = -1) -> None:
        heapq.heappush(self._due, (time, next(self._order), kind, operator, mass))

    def _choose(self, kind: EventKind) -> int | None:
        """Draw a certificate for an event; None if none was found that is in a state for it."""
        if kind is EventKind.GRANT:
            return self._next
        drawn = self._stream.integers(self._next, size=_SOME).tolist()
        return next((operator for operator in drawn if self._allows(kind, operator)), None)

    def _allows(self, kind: EventKind, operator: int) -> bool:
        if kind is EventKind.GRANT:
            return operator == self._next
        if operator in self._ended:
            return False
        if kind is EventKind.REINSTATE:
            return operator in self._suspended
        return kind is not EventKind.SUSPEND or operator not in self._suspended

    def _note(self, kind: EventKind, operator: int, time: float) -> None:
        if kind is EventKind.GRANT:
            self._next += 1
        elif kind is EventKind.SUSPEND:
            self._suspended.add(operator)
            back = self._stream.random() < self._parameters["reinstated_share"]
            held = self._stream.exponential(self._parameters["hold_days"] * DAY_S)
            self._plan(time + held, EventKind.REINSTATE if back else EventKind.REVOKE, operator)
        elif kind is EventKind.REINSTATE:
            self._suspended.discard(operator)
        elif kind in ENDS:
            self._suspended.discard(operator)
            self._ended.add(operator)
