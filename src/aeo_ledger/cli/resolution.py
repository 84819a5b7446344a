"""`aeo-ledger resolution draft`: what two thirds of the seats decide, as a file that goes round for signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from aeo_ledger.cli.drafting import Entry, OutNeeded, make_command, read_fields, run
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.network import Contracts, draft_succession
from aeo_ledger.cli.output import reporting
from aeo_ledger.cli.shared import DRAFTS, Common, sharing
from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.office.draft_acts import RESOLUTION_VERBS, draft_resolution

app = typer.Typer()
drafts = typer.Typer(help="Draft a resolution as a file, to be signed and passed on.", no_args_is_help=True)
app.add_typer(drafts, name="draft")


def _command(act: ResolutionAct) -> Callable[..., None]:
    verb = RESOLUTION_VERBS[act]

    def draft(entered: Entry, common: Common) -> None:
        run(
            lambda desk, lifetime_s, grounds: draft_resolution(
                desk, act, read_fields(entered, desk), lifetime_s=lifetime_s, grounds=grounds
            ),
            common,
        )

    return make_command(verb.does, verb.enters, verb.may, draft, drafts_only=True)


for _act in ResolutionAct:
    drafts.command(RESOLUTION_VERBS[_act].named(_act))(_command(_act))


@drafts.command("supersede")
@reporting
@sharing(DRAFTS, out=OutNeeded)
def supersede(
    date: Annotated[str, typer.Option(help="When the successor begins, a day (UTC) or a moment with its offset.")],
    common: Common,
    contracts: Contracts = None,
) -> None:
    """Name the ledger that succeeds this one, and from when. `network supersede` drafts, signs and submits the same act."""
    demand_extra("ledger", "eth", "web3")
    run(lambda desk, lifetime_s, hashed: draft_succession(desk, date, contracts, hashed, lifetime_s), common)
