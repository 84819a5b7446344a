"""`aeo-ledger register`: import a register that was kept elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.acting import AllowUnproven, open_desk
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    Keys,
    PasswordFile,
    Timeout,
    Trust,
    open_keys,
)
from aeo_ledger.cli.output import put, reporting, show
from aeo_ledger.cli.reading import (
    PLAIN,
    EncodingOption,
    ProfileOption,
    RegisterFile,
    SkipBad,
    describe_reading,
    read_file_of_register,
    refuse_bad,
    tell_reading,
)
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import DOCUMENTS, REGISTER
from aeo_ledger.customs.tin import find_problems
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count
from aeo_ledger.office.prefixes import find_stray, prove_keepers
from aeo_ledger.office.proven_desk import Approve
from aeo_ledger.registers.columns import COLUMNS
from aeo_ledger.registers.documents import open_documents
from aeo_ledger.registers.import_register import import_register
from aeo_ledger.registers.sample import SAMPLES, read_sample

if TYPE_CHECKING:  # takes its time to load
    from rich.progress import Progress

app = typer.Typer(help="A party's register.", no_args_is_help=True)


@app.callback()
def register() -> None:
    """A party's register."""


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


@app.command("import", epilog="Columns: " + "; ".join(f"{name}: {meaning}" for name, meaning in COLUMNS.items()) + ".")
@reporting
def import_(
    file: RegisterFile,
    party: Annotated[str, typer.Option(help="Code of the party that keeps the register and issues.")],
    trust: Trust,
    key: Keys,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    documents: Annotated[
        Path | None,
        typer.Option(
            help="Where each document and its salt are kept for later disclosure. Default: FILE.documents.jsonl."
        ),
        DOCUMENTS,
    ] = None,
    profile: ProfileOption = PLAIN,
    encoding: EncodingOption = None,
    skip_bad: SkipBad = None,
    accept_odd: AcceptOdd = False,
    show_all: Annotated[
        bool, typer.Option("--show-all", help="Show each certificate before it is signed, however many there are.")
    ] = False,
    yes: Yes = False,
    unproven: AllowUnproven = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Import a register with its own dates. A second run changes nothing."""
    from aeo_ledger.cli.bars import import_bar  # noqa: PLC0415 (takes its time to load)

    pinned = read_trust(trust)
    member = find_party(pinned, party)
    reading = read_file_of_register(file, member.code, profile, encoding=encoding, accept_odd=accept_odd)
    refuse_bad(reading, skip_bad)
    signers = open_keys(key, password_file)
    kept = documents or file.with_name(f"{file.name}.documents.jsonl")
    with (
        open_desk(gateway, timeout, pinned, yes=yes, unproven=unproven, as_json=as_json) as desk,
        import_bar() as bar,
    ):
        if not accept_odd:
            keepers = prove_keepers(desk, member)
            reading = reading.without(lambda tin: find_stray(tin, member, keepers, pinned))
            refuse_bad(reading, skip_bad)
        rows = reading.rows
        desk.approve = _pausing(bar, desk.approve)
        task = bar.add_task(f"register of {member.code}", total=len(rows))
        done = import_register(
            desk,
            rows,
            register=member.number,
            issuer=member.number,
            signers=signers,
            documents=open_documents(kept, secrets.token_bytes),
            accept_odd=accept_odd,
            show_all=show_all,
            progress=lambda count: bar.advance(task, count),
        )
    odd = [row.tin.text for row in rows if find_problems(row.tin)]
    document = {
        "recorded": done.recorded,
        "unchanged": done.unchanged,
        "odd": odd,
        "different": list(done.different),
        "publications": done.publications,
        "told": list(done.told),
        "proven": done.proven,
        "block": done.block,
        "documents": str(kept),
        **describe_reading(reading),
    }
    lines = [
        f"{count(done.recorded, 'certificate')} recorded in {count(done.publications, 'publication')}",
        f"{done.unchanged:,} unchanged",
        *tell_reading(reading, skip_bad),
    ]
    shown = f", as of block {done.block}" if done.block is not None else ""
    lines.append(f"{'proven' if done.proven else 'UNPROVEN, a gateway claims it'}: they are on the ledger{shown}")
    if done.recorded:
        lines.append(f"documents and salts, for later disclosure: {named(kept)} (keep this file, and keep it secret)")
    if odd:
        lines.append(f"{count(len(odd), 'odd number')} accepted as they are: {', '.join(odd[:10])}")
    if done.different:
        lines.append(
            f"{len(done.different)} differ from the ledger, and were not changed: {', '.join(done.different[:10])}"
        )
        lines.append("sign what changed: aeo-ledger amend, suspend, reinstate, ...")
    show(document, as_json=as_json, lines=lines)


def _pausing(bar: Progress, approve: Approve) -> Approve:
    """Hide a bar while somebody is asked."""

    def ask(told: Sequence[str]) -> None:
        bar.stop()
        approve(told)
        bar.start()

    return ask
