"""`aeo-ledger lab attacks`: attack every channel, and say what came of it."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import note, reporting, show
from aeo_ledger.primitives.choices import choose


@reporting
def attacks(
    only: Annotated[list[str] | None, typer.Option(help="Only this attack, by name; repeat it for each.")] = None,
    seed: Annotated[int, typer.Option(help="Keys and choices follow from it.", min=0)] = 1,
    as_json: AsJson = False,
) -> None:
    """Run each attack against files, signed lists and a real ledger, and report what it did: gain, time, and what shows it.

    Nothing of your own is attacked: networks and keys are made for it in a temporary folder.
    """
    demand_extra("lab", "numpy", "pyarrow")
    from aeo_ledger.lab.attacks import ATTACKS, run_attacks, tell_lasting  # noqa: PLC0415 (needs the extra)

    names = [choose(name, ATTACKS, what="--only") for name in only or []]
    with tempfile.TemporaryDirectory() as folder:
        attacked = run_attacks(Path(folder), seed=seed, names=names, progress=note)
    lines = []
    for finding in attacked.findings:
        lines += [
            f"{finding.attack}, against the {finding.against}: {tell_lasting(finding)}",
            f"  owns     {finding.owns}",
            f"  gain     {finding.gain}",
            *([f"  refused  {finding.refused}"] if finding.refused else []),
            f"  shown by {finding.shown_by}",
        ]
    findings = [asdict(finding) for finding in attacked.findings]
    show({"seed": seed, "findings": findings, "seconds": dict(attacked.seconds)}, as_json=as_json, lines=lines)
