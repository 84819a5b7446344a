"""The whole history of a world, written down, with one thing altered, dropped, doubled or swapped in it."""

from __future__ import annotations

from random import Random
from typing import Any

from aeo_ledger.evidence.history import SignedHistory
from support.scribe import Scribe, join


def whole(world: Scribe) -> SignedHistory:
    consortium = world.consortium
    return join(
        *(world.party(number) for number in (0, *consortium.parties)),
        *(world.pair(*pair) for pair in consortium.pairs),
        world.standing(*world.standings),
    )


def places(value: Any) -> list[tuple[Any, Any]]:
    """List every place in a document, as its container and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *places(value[key])]]


def mutate(document: Any, chance: Random) -> str:
    """Alter one thing."""
    holder, key = chance.choice(places(document))
    value = holder[key]
    if isinstance(holder, list) and chance.random() < 0.6:
        how = chance.choice(("drop", "double", "swap"))
        if how == "drop":
            del holder[key]
        elif how == "double":
            holder.insert(chance.randrange(len(holder) + 1), value)
        else:
            other = chance.randrange(len(holder))
            holder[key], holder[other] = holder[other], value
        return how
    if isinstance(value, bytes) and value:
        altered = bytearray(value)
        altered[chance.randrange(len(altered))] ^= 1 << chance.randrange(8)
        holder[key] = bytes(altered)
        return "flip"
    if isinstance(value, int):
        holder[key] = chance.choice((0, 1, value + 1, max(0, value - 1), value ^ 1 << chance.randrange(16)))
        return "number"
    other, place = chance.choice(places(document))
    holder[key] = copy(other[place])
    return "transplant"


def copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copy(part) for key, part in value.items()}
    return [copy(part) for part in value] if isinstance(value, list) else value
