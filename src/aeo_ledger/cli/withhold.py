"""`aeo-ledger withhold`: refuse benefits to one foreign operator, or grant them again."""

from __future__ import annotations

from typing import Annotated

import typer

from aeo_ledger.cli.acting import AllowUnproven, describe_done, open_desk, tell_done
from aeo_ledger.cli.booking import BookOption
from aeo_ledger.cli.certificate import find_entry
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.grounds import GroundsFile, keep_grounds
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    Keys,
    PasswordFile,
    Recogniser,
    Timeout,
    TinArgument,
    Trust,
    open_keys,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.customs.tin import find_problems, read_tin
from aeo_ledger.office import withhold as office
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.conclude import find_party


@reporting
def withhold(
    tin: TinArgument,
    recogniser: Recogniser,
    register: Annotated[str, typer.Option("--register", help="Code of the register's party.")],
    certificate_type: Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")],
    trust: Trust,
    key: Keys,
    gateway: Gateway = DEFAULT_GATEWAY,
    grounds: GroundsFile = None,
    book: BookOption = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
    accept_odd: AcceptOdd = False,
    release: Annotated[bool, typer.Option("--release", help="Grant benefits again.")] = False,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Refuse benefits to one foreign operator, whatever its issuer says; signed by the recogniser's operators."""
    pinned, trader = read_trust(trust), read_tin(tin, accept_odd=accept_odd)
    with open_desk(gateway, timeout, pinned, yes=yes, unproven=unproven, as_json=as_json) as desk:
        entry = find_entry(trader, certificate_type, find_party(pinned, register))
        done = office.withhold(
            desk,
            entry,
            withheld=not release,
            recogniser=find_party(pinned, recogniser).number,
            signers=open_keys(key, password_file),
            grounds=keep_grounds(grounds, book, recogniser, entry, trader.text),
            trader=trader.text,
        )
    state = "granted again" if release else "withheld"
    problems = list(find_problems(trader))
    document = {
        "tin": trader.text,
        "problems": problems,
        "recogniser": recogniser,
        "benefits": state,
        **describe_done(done),
    }
    lines = [f"benefits {state} by {recogniser} for {trader}", tell_done(done)]
    show(document, as_json=as_json, lines=[*lines, *(f"look again at {trader}: {problem}" for problem in problems)])
