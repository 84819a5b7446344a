"""The cost of late news lane by lane: which partner gains most from a faster channel. For a party that chooses its next partners."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aeo_ledger.lab.channels import CHANNELS, Pairs, carry
from aeo_ledger.lab.measures import measure_exposure
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.replication_tables import round_figures
from aeo_ledger.lab.replications import make_setting
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Measure each lane on each channel, in the first replication."""
    setting = make_setting(bench)
    owners = np.array(
        [setting.trace.registers[place] for place in setting.trace.register[setting.pairs.event].tolist()]
    )
    partners = np.array(setting.pairs.partner)
    visible = {channel.name: carry(channel, setting).visible for channel in CHANNELS}
    rows: list[Sequence[Cell]] = []
    for lane in setting.world.lanes:
        mine = np.flatnonzero((owners == lane.register) & (partners == lane.recogniser))
        pairs = Pairs(setting.pairs.event[mine], tuple(partners[mine].tolist()), {})
        for name, known in visible.items():
            found = measure_exposure(setting.trace, pairs, known[mine])
            figures = round_figures([found.undue, found.withheld])
            rows.append((lane.recogniser, lane.register, lane.hypothetical, name, *figures))
    return [
        ResultTable(
            name="lane_exposure",
            title="Company-days a year, lane by lane",
            says="One replication. Undue days are the recogniser's risk, withheld ones the traders' loss.",
            columns=[
                Column("recogniser", "Who recognises."), Column("register", "Whose register."),
                Column("hypothetical", "Whether the scenario supposes the lane.", Kind.FLAG), Column("channel", "The channel."),
                Column("undue", "Company-days a year.", Kind.NUMBER), Column("withheld", "Company-days a year.", Kind.NUMBER),
            ],
            rows=rows,
            in_report=len(rows) <= 100,
        )
    ]  # fmt: skip
