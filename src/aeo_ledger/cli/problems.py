"""What every command says of a number that its national register would object to."""

from __future__ import annotations

from collections.abc import Iterable

from aeo_ledger.customs.tin import Tin
from aeo_ledger.wording.words import Words


def tell_problems(trader: Tin, problems: Iterable[str], words: Words) -> list[str]:
    """Say what is odd about a trader's number."""
    return [
        words.say("look again at {trader}: {problem}", trader=trader, problem=words.phrase(problem))
        for problem in problems
    ]
