"""Whatever is altered, dropped, doubled or swapped in signed history: it is refused, or tells the very same."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.evidence.history import decode_history, encode_history
from aeo_ledger.primitives.documents import Fields
from support.history_mutations import copy, mutate, whole
from support.random_pasts import play


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
