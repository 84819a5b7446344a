"""The matrix of status mechanisms, filled by trying each: what happens when every server fails, and who hears a question.

Nothing here is a list of properties. A channel is run twice more: once with every server down from the first second on, to see how long its
partners still get answers, and once with twice the questions, to see whether anybody but the asker notices them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.lab.channels import CHANNELS, HOUR_S, Channel, Setting, carry
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.replication_tables import round_figures
from aeo_ledger.lab.replications import make_setting
from aeo_ledger.lab.tables import Cell, Column, Kind, ResultTable

_NEVER_H: Final = 1e-6
_FOR_EVER_H: Final = 1e9


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Try each mechanism."""
    setting = make_setting(bench)
    decided = {str(row["channel"]): (row["asked"], row["decided"]) for row in bench.tables["disputes"].records()}
    rows: list[Sequence[Cell]] = []
    for channel in CHANNELS:
        asked, proven = decided[channel.name]
        back, of = count_returns(channel, setting)
        figures = round_figures([answer_offline(channel, setting) / HOUR_S, overheard(channel, setting)])
        rows.append((channel.name, asked, proven, of, back, *figures, count_signers(channel, setting)))
    return [
        ResultTable(
            name="matrix",
            title="Status mechanisms",
            says="Found by trying, in this scenario. Off line: all servers failed in the first second. Overheard: share of the questions of "
            "which another administration or operator learns.",
            columns=[
                Column("channel", "The channel."), Column("past_asked", "Disputes about the past.", Kind.WHOLE),
                Column("past_proven", "Of these.", Kind.WHOLE), Column("reinstated", "Reinstatements at partners.", Kind.WHOLE),
                Column("seen_again", "Of these, known to the partner before the run ended.", Kind.WHOLE),
                Column("offline_h", "Hours for which partners still had answers; at most the run.", Kind.NUMBER),
                Column("overheard", "Share of questions.", Kind.NUMBER), Column("signers", "Signatures that an answer rests on.", Kind.WHOLE),
            ],
            rows=rows,
        )
    ]  # fmt: skip


def count_returns(channel: Channel, setting: Setting) -> tuple[int, int]:
    """Return how many reinstatements partners learned, and how many there were: a mechanism must be able to take a suspension back."""
    visible = carry(channel, setting).visible
    mine = setting.trace.kind[setting.pairs.event] == EventKind.REINSTATE
    return int(np.sum(visible[mine] < setting.trace.length_s)), int(np.sum(mine))


def answer_offline(channel: Channel, setting: Setting) -> float:
    """Return for how many seconds some partner still has answers when no server works."""
    dead = replace(setting, parameters={**setting.parameters, "server_up_h": _NEVER_H, "server_down_h": _FOR_EVER_H})
    carried = carry(channel, dead)
    times = np.arange(1.0, setting.trace.length_s, HOUR_S / 4)
    silent = [carried.silent(lane.recogniser, lane.register, times) for lane in setting.world.lanes]
    answered = times[~np.all(silent, axis=0)]
    return float(answered[-1]) if len(answered) else 0.0


def overheard(channel: Channel, setting: Setting) -> float:
    """Return the share of questions that somebody else sees: as many as make a further message and its answer."""
    asked = setting.parameters["questions_per_day"]
    twice: Mapping[str, float] = {**setting.parameters, "questions_per_day": 2 * asked}
    more = carry(channel, replace(setting, parameters=twice)).messages - carry(channel, setting).messages
    questions = sum(setting.questions(register) for register in setting.trace.registers)
    return more / (2 * questions)


def count_signers(channel: Channel, setting: Setting) -> int:
    """Return how many signatures an answer rests on: none, the list's, or those of a quorum of validators."""
    if not channel.signed:
        return 0
    return -(-2 * len(setting.validators) // 3) if channel.name == "ledger" else 1
