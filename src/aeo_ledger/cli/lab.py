"""`aeo-ledger lab`: run a scenario of the laboratory, and compare runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli import lab_attacks, lab_evaluate, lab_programmes, lab_scale
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import note, reporting, show
from aeo_ledger.cli.screen import named

app = typer.Typer()

_NEEDED = ("numpy", "simpy", "pyarrow", "matplotlib", "jinja2", "web3")


@app.command("run")
@reporting
def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario, or a TOML file.")],
    out: Annotated[
        Path, typer.Option(help="Folder for tables, figures and report. A run that broke off goes on there.")
    ],
    seed: Annotated[
        int | None, typer.Option(help="Another seed than the scenario's.", min=0, max=(1 << 64) - 1)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a scenario through every channel, and write tables and a report.

    Shipped: belarus-china, world-2019, world-2025, brexit, incident, corridor, minsk.
    """
    demand_extra("lab", *_NEEDED)
    from aeo_ledger.lab.run import run_scenario  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.lab.scenario import read_scenario  # noqa: PLC0415 (the same)

    done = run_scenario(read_scenario(scenario), out, seed=seed, progress=note)
    show(done.document(), as_json=as_json, lines=[*done.lines, f"report     {named(out / 'report.html')}"])


@app.command("compare")
@reporting
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another one.")],
    as_json: AsJson = False,
) -> None:
    """Compare the figures of two runs; * marks those whose intervals do not overlap."""
    demand_extra("lab", *_NEEDED)
    from aeo_ledger.lab.compare import compare_parameters, compare_runs  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.lab.run import open_run  # noqa: PLC0415 (the same)

    runs = open_run(first), open_run(second)
    parameters, found = compare_parameters(*runs), compare_runs(*runs)
    show(
        {
            "runs": [{"scenario": one.scenario.name, "seed": one.scenario.seed} for one in runs],
            "parameters": [{"name": name, "first": ours, "second": theirs} for name, ours, theirs in parameters],
            "figures": [
                {
                    "table": one.table, "row": one.row, "column": one.column, "first": one.first, "second": one.second,
                    "told_apart": one.told_apart,
                }
                for one in found
            ],
        },
        as_json=as_json,
        lines=[
            *(f"{one.scenario.name}, seed {one.scenario.seed}: {one.scenario.title}" for one in runs),
            *(f"parameter {name}: {ours:g} -> {theirs:g}" for name, ours, theirs in parameters),
            *(
                f"{'*' if one.told_apart else ' '} {one.table:12} {one.first:>14,.4g} {one.second:>14,.4g}  {one.column}: {one.row}"
                for one in found
                if one.first != one.second
            ),
        ],
    )  # fmt: skip


app.command("attacks")(lab_attacks.attacks)
app.command("scale")(lab_scale.scale)
app.command("programmes")(lab_programmes.programmes)
app.command("partners")(lab_programmes.partners)
app.command("evaluate")(lab_evaluate.evaluate)
