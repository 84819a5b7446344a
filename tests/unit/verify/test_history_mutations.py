"""Whatever is altered, dropped, doubled or swapped in signed history: it is refused, or tells the very same."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.evidence.history import SignedHistory, decode_history, encode_history
from aeo_ledger.primitives.documents import Fields
from support.random_pasts import play
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
    holder[key] = other[place]
    return "transplant"


def copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copy(part) for key, part in value.items()}
    return [copy(part) for part in value] if isinstance(value, list) else value


def told(table: HistoryTable) -> dict[Any, Any]:
    """List the histories in a table that are not empty."""
    standings = {entry: history for entry, history in table.standings.items() if history.records}
    parties = {number: history for number, history in table.parties.items() if history.states}
    pairs = {pair: history for pair, history in table.pairs.items() if history.pair != Pair()}
    network = {0: table.network} if table.network and table.network.successions else {}
    return {**standings, **parties, **pairs, **network}


@pytest.mark.parametrize("seed", range(4))
def test_no_mutation_proves_another_history(seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    world, _ = play(seed)
    true = told(world.verify(whole(world)))
    written = encode_history(whole(world))
    outcomes: Counter[str] = Counter()
    for _ in range(300):
        document = copy(written)
        how = mutate(document, chance)
        try:
            found = world.verify(decode_history(Fields(document, document="evidence", text_only=False)))
        except (Unproven, Malformed) as error:
            outcomes[type(error).__name__] += 1
        else:
            outcomes["same"] += 1
            for subject, history in told(found).items():  # one that is left out is only not told
                assert history == true[subject], how
    assert outcomes["same"] < 45
    assert len(outcomes) > 5
