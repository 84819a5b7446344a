"""A trader's own view: who recognises it, under which arrangement, with which benefits, since when, and why not.

It is a batch of ordinary questions, one for each recogniser and direction, so that one evidence proves all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Question
from aeo_ledger.office.many import MOST_QUESTIONS
from aeo_ledger.verify import ProvenDecision, TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a trader asks: about whom, and of whom."""

    tin: Tin
    role: Role
    directions: tuple[Direction, ...]
    recognisers: tuple[str, ...]
    """Codes of the parties."""
    aliases: tuple[tuple[str, AliasCode], ...] = ()
    """Codes that are said to mean the trader, each with the recogniser that uses it."""

    def questions(self) -> tuple[AnyQuestion, ...]:
        """List the questions: first each recogniser with each direction, then the aliases.

        Raises:
            MalformedText: There is no question, or there are more than a gateway answers.
        """
        listed: list[AnyQuestion] = [
            Question(tin=self.tin, recogniser=code, direction=direction, role=self.role)
            for code in self.recognisers
            for direction in self.directions
        ]
        listed += [
            AliasQuestion(alias=alias, recogniser=code, direction=self.directions[0], role=self.role)
            for code, alias in self.aliases
        ]
        if not 1 <= len(listed) <= MOST_QUESTIONS:
            raise MalformedText("view", f"{len(listed)} questions", f"1 to {MOST_QUESTIONS}: name fewer recognisers")
        return tuple(listed)

    def names(self) -> dict[AliasCode, Tin]:
        """Say which trader each alias is said to mean."""
        return dict.fromkeys((alias for _, alias in self.aliases), self.tin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One answer of one recogniser, for all directions to which it gives the same one."""

    recogniser: str
    directions: tuple[Direction, ...]
    answer: ProvenDecision | Unproven
    """An error means that it could not be asked: neither yes nor no."""


def find_recognisers(tin: Tin, trust: TrustBundle) -> tuple[str, ...]:
    """List who may recognise a trader: every pinned party but the one that its TIN's prefix means."""
    own = trust.party_of_prefix(tin.prefix)
    return tuple(party.code for party in trust.parties if party.number != own)


def read_directions(names: Iterable[str]) -> tuple[Direction, ...]:
    """Read directions by name; without any, all.

    Raises:
        MalformedText: a name is unknown.
    """
    known = {direction.name.lower(): direction for direction in Direction}
    listed = list(names)
    for name in listed:
        if name not in known:
            raise MalformedText("direction", repr(name)[:40], f"some of {', '.join(known)}")
    return tuple(dict.fromkeys(known[name] for name in listed)) or tuple(Direction)


def sum_up(view: View, answers: Sequence[ProvenDecision | Unproven]) -> list[Line]:
    """Join the directions to which a recogniser gives the same answer. `answers` are those to `view.questions()`, in order."""
    lines: list[Line] = []
    places = [(code, direction) for code in view.recognisers for direction in view.directions]
    for (code, direction), answer in zip(places, answers, strict=False):
        same = next(
            (at for at, line in enumerate(lines) if line.recogniser == code and _is_same(line.answer, answer)), None
        )
        if same is None:
            lines.append(Line(recogniser=code, directions=(direction,), answer=answer))
        else:
            directions = (*lines[same].directions, direction)
            lines[same] = Line(recogniser=code, directions=directions, answer=lines[same].answer)
    return lines


def _is_same(one: ProvenDecision | Unproven, other: ProvenDecision | Unproven) -> bool:
    if isinstance(one, Unproven) or isinstance(other, Unproven):
        return type(one) is type(other) and str(one) == str(other)
    return one.decision == other.decision or (
        _essence(one.decision) == _essence(other.decision) and name_arrangements(one) == name_arrangements(other)
    )


def _essence(decision: Decision) -> tuple[object, ...]:
    return decision.recognised, decision.reasons, decision.benefits, decision.registers, since_of(decision)


def name_arrangements(proven: ProvenDecision) -> tuple[str, ...]:
    """Name the arrangements whose lanes decided a yes."""
    return tuple(dict.fromkeys(lane.lane.arrangement for lane in proven.decision.lanes))


def since_of(decision: Decision) -> int | None:
    """Tell since when a yes holds by the present words, UTC seconds: both certificate and arrangement. None for a no.

    It may have held before, and have been interrupted: only the signed history tells that.
    """
    standing = decision.standing
    if standing is None:
        return None
    record = standing.record
    return max(record.since, record.valid_from, min(lane.lane.in_force_from for lane in decision.lanes))
