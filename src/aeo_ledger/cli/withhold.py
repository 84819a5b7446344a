"""`aeo-ledger withhold`: refuse benefits to one foreign operator, or grant them again."""

from __future__ import annotations

from typing import Annotated

import typer

from aeo_ledger.cli.acting import describe_done, tell_done
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.certificate import find_entry
from aeo_ledger.cli.drafting import draft_file, require_keys_or_file
from aeo_ledger.cli.grounds import keep_grounds
from aeo_ledger.cli.options import AcceptOdd, Recogniser, TinArgument
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.problems import tell_problems
from aeo_ledger.cli.shared import DRAFTS, Common, sharing
from aeo_ledger.customs.tin import find_problems, read_tin
from aeo_ledger.office.carry_out import LIFETIME_S, carry_out
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.withhold import draft_withholding
from aeo_ledger.primitives.spans import parse_span


@reporting
@sharing(DRAFTS | {"lookup_keys"})
def withhold(
    tin: TinArgument,
    recogniser: Recogniser,
    register: Annotated[str, typer.Option("--register", help="Code of the register's party.")],
    certificate_type: Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")],
    common: Common,
    accept_odd: AcceptOdd = False,
    release: Annotated[bool, typer.Option("--release", help="Grant benefits again.")] = False,
) -> None:
    """Refuse benefits to one foreign operator, whatever its issuer says; signed by the recogniser's operators."""
    require_keys_or_file(common.key, common.out)
    trader, words = read_tin(tin, accept_odd=accept_odd), common.words
    with common.open_desk() as desk, keeping(desk, common.book, recogniser):
        entry = find_entry(desk, trader, certificate_type, find_party(desk.trust, register))
        act = draft_withholding(
            desk,
            entry,
            withheld=not release,
            recogniser=find_party(desk.trust, recogniser).number,
            grounds=keep_grounds(common.grounds, common.book, recogniser, entry, trader.text),
            lifetime_s=LIFETIME_S if common.out is None else parse_span(common.lifetime),
        )
        signers, traders = common.open_keys(), {entry: trader.text}
        if common.out is not None:
            draft_file(desk, act, signers, common.out, as_json=common.as_json, traders=traders)
            return
        done = carry_out(desk, act, signers, traders)
    state = "granted again" if release else "withheld"
    problems = list(find_problems(trader))
    document = {
        "tin": trader.text,
        "problems": problems,
        "recogniser": recogniser,
        "benefits": state,
        **describe_done(done),
    }
    facts = {"recogniser": recogniser, "trader": trader}
    lines = [
        words.say("benefits granted again by {recogniser} for {trader}", **facts)
        if release
        else words.say("benefits withheld by {recogniser} for {trader}", **facts),
        tell_done(done, words),
    ]
    show(document, as_json=common.as_json, lines=[*lines, *tell_problems(trader, problems, words)])
