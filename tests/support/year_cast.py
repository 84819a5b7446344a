"""Which parties a story is about, and when it begins: drawn at random from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from support.year import DAY, Story, Year
from support.year_stories import (
    admission,
    daily_business,
    expulsion,
    hostile_replacement,
    leaves_a_union,
    lost_authority,
    one_key_of_three,
    recognition,
    silent_seats,
    stolen_authority,
    stolen_operator,
    succession,
)
from support.year_watch import Member

UNIONS = {"EU", "EAEU"}
"""Codes of unions: no story takes one, since several may be about its members."""


@dataclass(frozen=True)
class Cast:
    """Which parties a story takes: nothing else happens to them meanwhile."""

    many: int = 1
    register: bool = False
    seat: bool = False
    one_key: bool = False
    """Whether one key of its authority acts alone."""
    member: bool = False
    """Whether it must be a member of the EU, whose seat and register are the union's."""

    def fits(self, year: Year, one: Member) -> bool:
        """Say whether a party may be drawn now."""
        if one.code not in year.free or one.code in UNIONS or not one.can_act or (self.one_key and one.needs > 1):
            return False
        of_union = not one.seat and not one.register
        return of_union == self.member and one.register >= self.register and one.seat >= self.seat


STORIES: dict[Callable[..., Story], Cast] = {
    daily_business: Cast(register=True),
    recognition: Cast(many=2, register=True),
    stolen_operator: Cast(register=True),
    stolen_authority: Cast(register=True, seat=True, one_key=True),
    one_key_of_three: Cast(seat=True, one_key=True),
    lost_authority: Cast(register=True, seat=True),
    hostile_replacement: Cast(seat=True),
    silent_seats: Cast(member=True),
    leaves_a_union: Cast(member=True),
    expulsion: Cast(register=True, seat=True),
}


def cast(year: Year, story: Callable[..., Story], whom: Cast) -> Story:
    """Tell a story about parties that are free, drawn at random, as soon as there are enough."""
    while len(fit := [one for one in year.members.values() if whom.fits(year, one)]) < whom.many:
        yield DAY
    taken = year.chance.sample(fit, whom.many)
    year.free -= {one.code for one in taken}
    yield from story(year, *taken)
    year.free |= {one.code for one in taken if not one.expelled}
    year.counted[story.__name__] += 1


def live(year: Year, often: Mapping[Callable[..., Story], int], admitted: Sequence[str]) -> None:
    """Live through a year: stories begin on random days of its first nine months, as often as told, and a successor ends it."""
    new_year = year.now
    begun = [cast(year, story, STORIES[story]) for story, times in often.items() for _ in range(times)]
    begun += [admission(year, code) for code in admitted]
    year.tell([(year.now + year.chance.randrange(260 * DAY), told) for told in begun])
    year.require_free(members=[one for one in year.members.values() if not one.expelled])
    year.tell([(max(year.now, new_year + 320 * DAY), cast(year, succession, Cast(register=True)))])
