"""Attacks as programs: each is run against the real thing, and its outcome is what happened, not what ought to happen.

An attack owns something (a mailbox, a cache, a gateway, a key, some validators), does what it can with it, and then an asker asks as usual.
It *succeeds* if the asker believes something false. What it gains, how long that lasts by itself, what refuses it and what shows it
afterwards are read from that run. The rivals are attacked by the same means, and the ledger loses where it loses.

Seconds that an attack lasts are seconds of the simulated clock, and follow from the seed. How long a machine computed is kept apart: it
differs from one run to the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from aeo_ledger.files import make_folder
from aeo_ledger.lab.attacks_files import forge_file, hold_back_file
from aeo_ledger.lab.attacks_gateway import lie
from aeo_ledger.lab.attacks_keys import steal_operator
from aeo_ledger.lab.attacks_lists import buy_signer, replay_from_cache
from aeo_ledger.lab.attacks_stage import ASSUMED, Assumptions, Attack, Finding, Stage
from aeo_ledger.lab.attacks_validators import seal_together
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.tables import Column, Kind, ResultTable
from aeo_ledger.primitives.spans import show_span


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """The findings of a run, and how long the machine computed for each attack."""

    findings: tuple[Finding, ...]
    seconds: Mapping[str, float]
    """By attack; it differs from one run to the next."""


ATTACKS: Final[Mapping[str, Attack]] = {
    "forged monthly file": forge_file,
    "file held back": hold_back_file,
    "stale cache": replay_from_cache,
    "list signer bought": buy_signer,
    "operator's key stolen": steal_operator,
    "lying gateway": lie,
    "validators": seal_together,
}
"""The attacks by name, in the report's order."""


def run_attacks(
    folder: Path,
    *,
    seed: int,
    assumed: Assumptions = ASSUMED,
    names: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Attacked:
    """Run attacks, each in a folder of its own.

    Args:
        folder: An existing folder.
        seed: Keys, traders and choices follow from it.
        assumed: What the outcomes depend on beside the programs.
        names: Which; all if empty.
        progress: Called with the name of each before it begins.
    """
    found: list[Finding] = []
    seconds = {}
    for place, (name, attack) in enumerate(ATTACKS.items()):
        if names and name not in names:
            continue
        progress(name)
        own = folder / str(place)
        make_folder(own)
        started = time.perf_counter()
        found += attack(Stage(folder=own, seed=seed, assumed=assumed))
        seconds[name] = time.perf_counter() - started
    return Attacked(findings=tuple(found), seconds=seconds)


COLUMNS: Final = (
    Column("attack", "The attack."),
    Column("owns", "What the attacker owns."),
    Column("against", "The channel."),
    Column("succeeds", "Whether an asker believed something false.", Kind.FLAG),
    Column("gain", "What the attacker got, and what it cost."),
    Column("lasts_s", "Seconds until the asker believes the truth again by itself; empty: it does not end by itself.", Kind.WHOLE),
    Column("refused", "The errors that refused it, or ended it."),
    Column("shown_by", "What shows it afterwards."),
)  # fmt: skip
"""The columns of the report's table: the fields of a finding."""


def make_tables(bench: Bench) -> list[ResultTable]:
    """Run all attacks for a report."""
    attacked = run_attacks(bench.empty_folder("attacks"), seed=bench.scenario.seed, progress=bench.progress)
    return [
        ResultTable(
            name="attacks",
            title="Attacks, run",
            says="Each row is the outcome of a program that attacked the channel. Lists and files are attacked by the same means as the "
            "ledger. How long a success lasts depends on what is assumed: " + "; ".join(tell_assumed(ASSUMED)) + ".",
            columns=COLUMNS,
            rows=[astuple(finding) for finding in attacked.findings],
        ),
        ResultTable(
            name="attacks-times",
            title="How long the attacks took here",
            says="Processing on this machine, network and set-up included.",
            columns=[Column("attack", "The attack."), Column("seconds", "Seconds of this machine.", Kind.NUMBER)],
            rows=[(name, round(seconds, 3)) for name, seconds in attacked.seconds.items()],
            wall_clock=True,
        ),
    ]


def tell_assumed(assumed: Assumptions) -> list[str]:
    """Say what the outcomes depend on."""
    return [f"{one.name.removesuffix('_s')} {show_span(getattr(assumed, one.name))}" for one in fields(Assumptions)]


def tell_lasting(finding: Finding) -> str:
    """Say how long a success lasts by itself."""
    if not finding.succeeds:
        return "refused"
    return "until somebody acts" if finding.lasts_s is None else show_span(finding.lasts_s)
