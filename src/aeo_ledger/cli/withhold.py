"""`aeo-ledger withhold`: refuse benefits to one foreign operator, or grant them again."""

from __future__ import annotations

from typing import Annotated

import typer

from aeo_ledger.cli.acting import AllowUnproven, describe_done, open_desk, tell_done
from aeo_ledger.cli.booking import BookOption, keeping
from aeo_ledger.cli.certificate import find_entry
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.drafting import Lifetime, Out, draft_file, require_keys_or_file
from aeo_ledger.cli.grounds import Grounds, keep_grounds
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    Lang,
    LookupKeysOption,
    OwnKeys,
    PasswordFile,
    Recogniser,
    Timeout,
    TinArgument,
    Trust,
    choose_words,
    held_keys,
    open_keys,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.problems import tell_problems
from aeo_ledger.customs.tin import find_problems, read_tin
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import LIFETIME_S, carry_out
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.withhold import draft_withholding
from aeo_ledger.primitives.spans import parse_span


@reporting
def withhold(
    tin: TinArgument,
    recogniser: Recogniser,
    register: Annotated[str, typer.Option("--register", help="Code of the register's party.")],
    certificate_type: Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")],
    trust: Trust,
    key: OwnKeys = None,
    out: Out = None,
    lifetime: Lifetime = "30d",
    gateway: Gateway = DEFAULT_GATEWAY,
    grounds: Grounds = None,
    book: BookOption = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
    accept_odd: AcceptOdd = False,
    release: Annotated[bool, typer.Option("--release", help="Grant benefits again.")] = False,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    lookup_keys: LookupKeysOption = None,
    password_file: PasswordFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Refuse benefits to one foreign operator, whatever its issuer says; signed by the recogniser's operators."""
    require_keys_or_file(key, out)
    pinned, trader, words = read_trust(trust), read_tin(tin, accept_odd=accept_odd), choose_words(lang, as_json=as_json)
    with (
        open_desk(gateway, timeout, pinned, yes=yes, unproven=unproven, as_json=as_json, words=words) as desk,
        keeping(desk, book, recogniser),
    ):
        desk.keys = held_keys(lookup_keys, password_file)
        entry = find_entry(desk, trader, certificate_type, find_party(pinned, register))
        act = draft_withholding(
            desk,
            entry,
            withheld=not release,
            recogniser=find_party(pinned, recogniser).number,
            grounds=keep_grounds(grounds, book, recogniser, entry, trader.text),
            lifetime_s=LIFETIME_S if out is None else parse_span(lifetime),
        )
        signers, traders = open_keys(key or [], password_file), {entry: trader.text}
        if out is not None:
            draft_file(desk, act, signers, out, as_json=as_json, traders=traders)
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
    show(document, as_json=as_json, lines=[*lines, *tell_problems(trader, problems, words)])
