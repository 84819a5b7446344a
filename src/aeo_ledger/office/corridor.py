"""A corridor: who along a route of goods recognises a trader, and where recognition breaks.

Goods leave the first party of the route, pass the ones between in transit, and enter the last. Each is asked about the trader in that
direction. The trader's own party is on the route too, but nobody asks it: recognition is what others do.

It is a batch of ordinary questions, so that one evidence proves all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import Question
from aeo_ledger.office.ask import read_code
from aeo_ledger.verify import TrustBundle

MOST_STAGES = 50
"""Most parties of a route."""


class Standing(StrEnum):
    """What a party on the route is to the trader and to this ledger."""

    HOME = "home"
    """The trader's own."""
    ASKED = "asked"
    STRANGER = "not on this ledger"
    """The trust bundle does not name it, so nobody here can answer for it: neither yes nor no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A party on the route."""

    code: str
    direction: Direction
    """Seen from the party."""
    standing: Standing
    question: Question | None
    """What it is asked; None unless it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """What is asked along a route about a trader."""

    tin: Tin
    role: Role
    route: tuple[str, ...]
    """Codes of parties, in the order in which goods pass them."""
    direction: Direction | None = None
    """Asked of every party instead of what follows from its place."""

    def stages(self, trust: TrustBundle) -> tuple[Stage, ...]:
        """List the parties on the route."""
        home, last, stages = trust.party_of_prefix(self.tin.prefix), len(self.route) - 1, []
        for place, code in enumerate(self.route):
            by_place = Direction.EXPORT if place == 0 else Direction.IMPORT if place == last else Direction.TRANSIT
            direction, party = by_place if self.direction is None else self.direction, trust.by_code.get(code)
            standing = (
                Standing.HOME if party and party.number == home else Standing.ASKED if party else Standing.STRANGER
            )
            asked = Question(tin=self.tin, recogniser=code, direction=direction, role=self.role)
            question = asked if standing is Standing.ASKED else None
            stages.append(Stage(code=code, direction=direction, standing=standing, question=question))
        return tuple(stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What the answers along a route say together."""

    breaks_at: tuple[str, ...]
    """Codes of those that do not recognise the trader, in order; the first one is where recognition breaks."""
    open_at: tuple[str, ...]
    """Codes of those for which neither yes nor no is proven."""
    reaches: tuple[str, ...]
    """Codes from the first one on up to which recognition is unbroken, the trader's own included."""
    benefits: tuple[Benefit | int, ...]
    """What all that recognise the trader grant; empty if nobody does."""

    @property
    def unbroken(self) -> bool | None:
        """Whether recognition holds on the whole route; None if that is not proven."""
        if self.breaks_at:
            return False
        return None if self.open_at else True


def read_route(text: str | Sequence[str]) -> tuple[str, ...]:
    """Read a route: codes of parties, as a list or with commas between.

    Raises:
        MalformedText: It has fewer than two codes or too many, one twice, or a text that is no code.
    """
    codes = [code.strip() for code in text.split(",")] if isinstance(text, str) else list(text)
    route = tuple(read_code(code, "corridor") for code in codes)
    if not 2 <= len(route) <= MOST_STAGES or len(set(route)) < len(route):
        shown = ascii(",".join(route)[:80])
        raise MalformedText("corridor", shown, f"2 to {MOST_STAGES} different codes, as CN,KZ,AZ,GE,TR")
    return route


def sum_up_passage(stages: Sequence[Stage], answer_to: Callable[[Question], Decision | Unproven]) -> Passage:
    """Join what each stage's question was answered."""
    breaks, still_open, reaches, granted = [], [], [], list[tuple[Benefit | int, ...]]()
    for stage in stages:
        answer = None if stage.question is None else answer_to(stage.question)
        if stage.standing is Standing.STRANGER or isinstance(answer, Unproven):
            still_open.append(stage.code)
        elif answer is not None and not answer.recognised:
            breaks.append(stage.code)
        else:
            granted += [] if answer is None else [answer.benefits]
            reaches += [] if breaks or still_open else [stage.code]
    common = [one for one in granted[0] if all(one in others for others in granted)] if granted else []
    return Passage(breaks_at=tuple(breaks), open_at=tuple(still_open), reaches=tuple(reaches), benefits=tuple(common))
