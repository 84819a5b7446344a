"""`aeo-ledger register`: from a file to signed events. Plan and apply, or both in one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aeo_ledger.cli import due, export, keyed, plans, profile
from aeo_ledger.cli.acting import open_desk
from aeo_ledger.cli.booking import BookOption, open_book, tell_book
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.grounds import Decision, PlanGrounds, keep_plan_grounds, read_decision
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    SNAPSHOT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    Keys,
    PasswordFile,
    SecretsOption,
    Timeout,
    Trust,
    open_keys,
    own_keys,
    reach_gateway,
)
from aeo_ledger.cli.output import note, put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.plans import ShowAll, describe_applied, tell_applied
from aeo_ledger.cli.reading import (
    PLAIN,
    Asked,
    EncodingOption,
    ProfileOption,
    RegisterFile,
    SkipBad,
    describe_reading,
    read_file_of_register,
    tell_reading,
)
from aeo_ledger.cli.screen import named, said
from aeo_ledger.cli.written import PLAN, REGISTER
from aeo_ledger.customs.tin import find_problems
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import RefusedBeforehand
from aeo_ledger.errors.registers import PlanOvertaken
from aeo_ledger.office.ask import encode_as_named, read_trust
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.registers.columns import COLUMNS
from aeo_ledger.registers.compare import Interrupted, Rules
from aeo_ledger.registers.sample import SAMPLES, read_sample
from aeo_ledger.registers.valve import LIMITS, read_allowed

if TYPE_CHECKING:  # takes its time to load, or is not in the base install
    from rich.progress import Progress

    from aeo_ledger.gateway.client import GatewayClient
    from aeo_ledger.registers.apply import Applied
    from aeo_ledger.registers.book import Book
    from aeo_ledger.registers.plan import Plan
    from aeo_ledger.registers.planning import Past
    from aeo_ledger.registers.state import RegisterState
    from aeo_ledger.signing import Signer
    from aeo_ledger.verify import TrustBundle

app = typer.Typer()

_COLUMNS: Final = "Columns: " + "; ".join(f"{name}: {meaning}" for name, meaning in COLUMNS.items()) + "."
_ENDING: Final = {kind.name.lower(): kind for kind in (EventKind.WITHDRAW, EventKind.REVOKE)}
"""The acts for certificates that a file lacks, by the word of `--missing`."""
_IMPORT_S: Final = 3_600
"""Seconds for which the publications of an import may be relayed."""
_ROUNDS: Final = 3
"""How often an import is planned, if acts of an earlier run are sealed while it runs."""

PartyOption = Annotated[
    str, typer.Option("--party", help="Code of the party that keeps the register and issues: your own.")
]
Missing = Annotated[
    str | None,
    typer.Option(help="What to do with living certificates that the file lacks: withdraw or revoke. Default: report."),
]
InterruptedOption = Annotated[
    str,
    typer.Option(
        "--interrupted",
        help="What an ACTIVE row means whose status_since is after its effective_from: suspended until then, or ignore.",
    ),
]
Undocumented = Annotated[
    bool,
    typer.Option("--undocumented", help="Give a document to certificates of which this book has none, by an AMEND."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=N",
        help=f"Let a file do more than usual: {' or '.join(f'{name}=N' for name in LIMITS)}, if you know why it does.",
    ),
]


app.command("open")(keyed.open_register)
app.command("roll")(keyed.roll)
app.command("share")(keyed.share)
app.command("receive")(keyed.receive)
app.command("sign")(plans.sign)
app.command("apply")(plans.apply)
app.command("export")(export.export_register)
app.command("due")(due.due)
app.add_typer(profile.app, name="profile")


@app.command("sample")
@reporting
def sample(
    party: Annotated[str, typer.Argument(metavar="PARTY", help=f"{' or '.join(SAMPLES)}.")],
    out: Annotated[Path, typer.Option(help="File to write; - is standard output."), REGISTER] = Path("-"),
    as_received: Annotated[
        bool, typer.Option("--as-received", help="As the administration keeps it; BY's is read by the profile eaeu.")
    ] = False,
) -> None:
    """Write a sample register: the operators are invented, the forms of numbers and check digits are real."""
    data = read_sample(party, as_received=as_received)
    put(out, data)
    line = f"{count(len(data.splitlines()) - 1, 'certificate')} in {named(out)}"
    show({"out": str(out)}, as_json=False, lines=[line], beside=out)


@app.command("plan", epilog=_COLUMNS)
@reporting
def plan(
    file: RegisterFile,
    party: PartyOption,
    trust: Trust,
    out: Annotated[
        Path,
        typer.Option(help="File for the plan: JSON, or CBOR if the name ends in .cbor; - is standard output."),
        PLAN,
    ],
    profile: ProfileOption = PLAIN,
    encoding: EncodingOption = None,
    skip_bad: SkipBad = None,
    book: BookOption = None,
    missing: Missing = None,
    interrupted: InterruptedOption = Interrupted.SUSPENDED.value,
    undocumented: Undocumented = False,
    allow: Allow = None,
    grounds: PlanGrounds = None,
    lifetime: Annotated[
        str, typer.Option("--for", metavar="SPAN", help="For how long it may be signed and carried out.")
    ] = "7d",
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    accept_odd: AcceptOdd = False,
    show_all: ShowAll = False,
    secrets: SecretsOption = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare a file with ledger and book: which events lead from one to the other? Nothing is signed."""
    refuse_two_outputs(out, as_json=as_json)
    rules = _read_rules(missing, interrupted, undocumented=undocumented)
    reading = read_file_of_register(file, party, profile, encoding=encoding, accept_odd=accept_odd)
    asked = Asked(reading, party, rules, read_allowed(allow or []), rejects=skip_bad)
    pinned, lifetime_s = read_trust(trust), parse_span(lifetime)
    decision = None if grounds is None else read_decision(grounds)
    code = find_party(pinned, party).code
    from aeo_ledger.cli.bars import working_bar  # noqa: PLC0415 (takes its time to load)

    with open_desk(gateway, timeout, pinned, yes=False, unproven=False, as_json=as_json) as desk, ExitStack() as stack:
        stack.enter_context(working_bar(f"planning the register of {code}", as_json=as_json))
        asked.sift(desk)
        desk.keys = own_keys(secrets, code, password_file, desk.trust)
        kept = stack.enter_context(open_book(book, code))
        past = _past(stack.enter_context(reach_gateway(gateway, timeout, pinned)))
        _take_over(kept, file)
        drawn, _ = _plan(desk, kept, pinned, asked, lifetime_s, past)
        keep_plan_grounds(decision, kept, code, drawn.hash)
        from aeo_ledger.registers.plan import PLAN_FORM  # noqa: PLC0415 (only plans need it)
        from aeo_ledger.registers.tell import describe_plan, tell_plan  # noqa: PLC0415 (the same)

        put(out, encode_as_named(out, PLAN_FORM, drawn))
        where = kept.name
    next_step = "next: register apply PLAN --key KEY (if two must sign: register sign first)"
    show(
        {"out": str(out), "book": where, **describe_plan(drawn, code), "file": describe_reading(asked.reading)},
        as_json=as_json,
        lines=[
            *tell_plan(drawn, code, quote=said, show_all=show_all),
            *tell_reading(asked.reading, skip_bad),
            "",
            *([next_step] if drawn.changes else ["nothing to do"]),
        ],
        beside=out,
    )


@app.command("import", epilog=_COLUMNS)
@reporting
def import_(
    file: RegisterFile,
    party: PartyOption,
    trust: Trust,
    key: Keys,
    profile: ProfileOption = PLAIN,
    encoding: EncodingOption = None,
    skip_bad: SkipBad = None,
    book: BookOption = None,
    missing: Missing = None,
    interrupted: InterruptedOption = Interrupted.SUSPENDED.value,
    undocumented: Undocumented = False,
    allow: Allow = None,
    grounds: PlanGrounds = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    accept_odd: AcceptOdd = False,
    show_all: ShowAll = False,
    yes: Yes = False,
    secrets: SecretsOption = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Plan and apply in one: lead the register to the file, with the file's own dates. A second run changes nothing."""
    from aeo_ledger.cli.bars import import_bar, pausing  # noqa: PLC0415 (takes its time to load)

    rules = _read_rules(missing, interrupted, undocumented=undocumented)
    reading = read_file_of_register(file, party, profile, encoding=encoding, accept_odd=accept_odd)
    asked = Asked(reading, party, rules, read_allowed(allow or []), rejects=skip_bad)
    pinned = read_trust(trust)
    code = find_party(pinned, party).code
    decision = None if grounds is None else read_decision(grounds)
    with open_desk(gateway, timeout, pinned, yes=yes, unproven=False, as_json=as_json) as desk, ExitStack() as stack:
        asked.sift(desk)
        signers = open_keys(key, password_file)
        desk.keys = own_keys(secrets, code, password_file, desk.trust)
        kept = stack.enter_context(open_book(book, code))
        past = _past(stack.enter_context(reach_gateway(gateway, timeout, pinned)))
        bar = stack.enter_context(import_bar(as_json=as_json))
        _take_over(kept, file)
        desk.approve = pausing(bar, desk.approve)
        task = bar.add_task(f"register of {code}", total=None)
        drawn, done = _import(desk, kept, pinned, asked, signers, bar, task, decision, past, show_all=show_all)
        line, where = tell_book(kept), kept.name
    odd = [row.tin.text for row in asked.reading.rows if find_problems(row.tin)]
    doubts = [one.tin for one in drawn.doubts]
    new = sum(change.before == 0 for change in drawn.changes)
    changed = f", {len(drawn.changes) - new:,} changed" if len(drawn.changes) > new else ""
    document = {
        "plan": f"0x{drawn.hash.hex()}",
        "recorded": new,
        "changed": len(drawn.changes) - new,
        "unchanged": drawn.unchanged,
        "undocumented": drawn.undocumented,
        "missing": [one.tin or f"0x{one.entry.hex()}" for one in drawn.missing],
        "doubts": [{"line": one.line, "tin": one.tin, "reason": one.reason} for one in drawn.doubts],
        "odd": odd,
        "book": where,
        **describe_applied(done),
        "file": describe_reading(asked.reading),
    }
    lines = [
        f"{count(new, 'certificate')} recorded{changed} in {count(done.publications, 'publication')}",
        f"{drawn.unchanged:,} unchanged",
        *tell_reading(asked.reading, skip_bad),
        *tell_applied(done)[1:],
        *([line] if drawn.changes else []),
    ]
    if drawn.missing:
        lines.append(f"{count(len(drawn.missing), 'living certificate')} not in the file, and not changed (--missing)")
    if odd:
        lines.append(f"{count(len(odd), 'odd number')} accepted as they are: {', '.join(odd[:10])}")
    if doubts:
        lines.append(f"{len(doubts)} in doubt, and not changed: {', '.join(doubts[:10])}")
        lines.append("see why, and sign what is right: aeo-ledger register plan, then amend, suspend, restore, ...")
    show(document, as_json=as_json, lines=lines)


def _read_rules(missing: str | None, interrupted: str, *, undocumented: bool) -> Rules:
    demand_extra("office", "sqlalchemy")
    return Rules(
        interrupted=Interrupted(choose(interrupted, [one.value for one in Interrupted], what="--interrupted")),
        missing=None if missing is None else _ENDING[choose(missing, _ENDING, what="--missing")],
        undocumented=undocumented,
    )


def _past(client: GatewayClient) -> Past:
    """Make what fetches the history of a party."""
    return lambda number: client.prove_past((), [number])


def _plan(
    desk: ProvenDesk, book: Book, pinned: TrustBundle, asked: Asked, lifetime_s: int, past: Past
) -> tuple[Plan, RegisterState]:
    """Plan, and say whose keys keep documents from being sealed."""
    from aeo_ledger.registers.planning import plan_register  # noqa: PLC0415 (needs the extra)

    member = find_party(pinned, asked.party)
    drawn, state = plan_register(
        desk,
        book,
        asked.reading.rows,
        register=member.number,
        issuer=member.number,
        rules=asked.rules,
        file=asked.reading.hash,
        lifetime_s=lifetime_s,
        allowed=asked.allowed,
        past=past,
        accept_odd=asked.reading.accept_odd,
    )
    if state.former and drawn.changes:
        codes = ", ".join(pinned.by_number[number].code for number in state.former)
        note(f"no document is sealed: {codes} could read it, and does not recognise all that it has keys for")
        note("partners get them from your gateway; next time after: aeo-ledger register roll")
    return drawn, state


def _import(
    desk: ProvenDesk,
    book: Book,
    pinned: TrustBundle,
    asked: Asked,
    signers: Sequence[Signer],
    bar: Progress,
    task: Any,
    decision: Decision | None,
    past: Past,
    *,
    show_all: bool,
) -> tuple[Plan, Applied]:
    """Plan and apply. If acts of an earlier run are sealed meanwhile, plan again: what they did is then unchanged."""
    from aeo_ledger.registers.apply import apply_plan  # noqa: PLC0415 (needs the extra)

    rounds = _ROUNDS
    while True:
        rounds -= 1
        drawn, state = _plan(desk, book, pinned, asked, _IMPORT_S, past)
        keep_plan_grounds(decision, book, asked.party, drawn.hash)
        bar.reset(task, total=len(drawn.changes))
        try:
            done = apply_plan(
                desk, book, drawn, signers, state=state, show_all=show_all, progress=lambda n: bar.advance(task, n)
            )
        except (RefusedByLedger, PlanOvertaken) as refusal:
            if rounds == 0 or isinstance(refusal, RefusedBeforehand):
                raise
        else:
            return drawn, done


def _take_over(book: Book, file: Path) -> None:
    """Take over the documents that an earlier version kept beside a register's file."""
    from aeo_ledger.registers.take_over import take_over  # noqa: PLC0415 (needs the extra)

    kept = file.with_name(f"{file.name}.documents.jsonl")
    if kept.is_file():
        take_over(book, kept)
