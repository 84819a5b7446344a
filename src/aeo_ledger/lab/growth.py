"""What each channel sends as the number of parties grows, if everybody recognises everybody.

The same channels carry a small trace among 4 to 32 parties. The ledger's votes are modelled (see `channels`); everything else is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Final

import numpy as np

from aeo_ledger.lab.channels import CHANNELS, Pairs, Setting, carry
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.replication_tables import round_figures
from aeo_ledger.lab.replications import make_setting
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable
from aeo_ledger.lab.trace import DAY_S, YEAR_DAYS, make_trace
from aeo_ledger.lab.world import Lane, World

_PARTIES: Final = (4, 8, 16, 32)
_CERTIFICATES: Final = 100
"""In each register."""
_DAYS: Final = 30


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Count links, messages and bytes for each number of parties."""
    mean = make_setting(bench)
    rows: list[Sequence[Cell]] = []
    for count in _PARTIES:
        setting = _setting(bench, mean, count)
        yearly = YEAR_DAYS * DAY_S / setting.trace.length_s
        for channel in CHANNELS:
            carried = carry(channel, setting)
            figures = round_figures([carried.messages * yearly, carried.bytes * yearly])
            rows.append((count, channel.name, len(carried.links), *figures))
        bench.progress(f"{count} parties")
    return [
        ResultTable(
            name="growth",
            title="Links, messages and bytes",
            says=f"Everybody recognises everybody; {_CERTIFICATES} certificates each, {_DAYS} days counted for a year. Bilateral links grow "
            "with the square of the parties, and so do the votes of a ledger's validators.",
            columns=[
                Column("parties", "How many.", Kind.WHOLE), Column("channel", "The channel."), Column("links", "Who sends to whom.", Kind.WHOLE),
                Column("messages", "A year.", Kind.NUMBER), Column("bytes", "A year.", Kind.NUMBER),
            ],
            rows=rows,
        )
    ]  # fmt: skip


def _setting(bench: Bench, mean: Setting, count: int) -> Setting:
    codes = tuple(first + second for first in "QVWX" for second in "ABCDEFGH")[:count]
    lanes = tuple(Lane(one, other, "ALL") for one, other in permutations(codes, 2))
    world = World(parties=codes, sizes=dict.fromkeys(codes, _CERTIFICATES), lanes=lanes, members={})
    scenario: Scenario = replace(bench.scenario, days=_DAYS, shocks=(), parties=codes)
    trace = make_trace(scenario, world, bench.streams)
    sealing = float(np.mean(mean.sealing_s)) if len(mean.sealing_s) else 1.0
    return Setting(
        trace=trace, world=world, pairs=Pairs.of(trace, world), parameters=scenario.parameters, streams=bench.streams, validators=codes,
        sealing_s=np.full(len(trace), sealing), block_bytes=mean.block_bytes, heartbeat_bytes=mean.heartbeat_bytes,
        list_bytes=_same(codes, mean.list_bytes), cascade_bytes=_same(codes, mean.cascade_bytes),
    )  # fmt: skip


def _same(codes: Sequence[str], sizes: Mapping[str, float]) -> dict[str, float]:
    """Give each register the smallest list of the run: these registers are small."""
    return dict.fromkeys(codes, min(sizes.values()))
