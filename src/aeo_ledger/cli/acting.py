"""What all verbs that sign share: a desk that proves what an act depends on, and the report of what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli.confirm import approve
from aeo_ledger.cli.options import reach_gateway
from aeo_ledger.cli.output import note
from aeo_ledger.cli.screen import named
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.carry_out import Done, number_of
from aeo_ledger.office.gather import Progress
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.act_file import LARGEST_FILE, ActFile
from aeo_ledger.verify import ProvenState, TrustBundle

AllowUnproven = Annotated[
    bool,
    typer.Option(
        "--unproven",
        help="Go on with a gateway's claims if they cannot be proven, for instance because your trust expired.",
    ),
]


@contextmanager
def open_desk(
    gateways: list[str],
    timeout_s: float,
    pinned: TrustBundle,
    *,
    yes: bool,
    unproven: bool,
    as_json: bool,
    warning: str = "",
) -> Iterator[ProvenDesk]:
    """Open a desk for signing: it proves what an act depends on, shows the act, and asks before it is signed.

    `warning` is one more line for the person who is asked.
    """

    def ask(told: Sequence[str]) -> None:
        approve([*told, warning] if warning else told, yes=yes, quiet=as_json)

    with reach_gateway(gateways, timeout_s, pinned) as client:
        desk = ProvenDesk(client, pinned, approve=ask, allow_unproven=unproven)
        try:
            yield desk
        except KeyboardInterrupt:
            if desk.has_relayed:
                note("acts that were sent before may be sealed, and then stay; run the same command again to go on")
            raise


def describe_facts(facts: Facts) -> dict[str, Any]:
    """Describe the block under which words were read, and whether they are proven; for `--json`."""
    block_hash = facts.sealed.hash if isinstance(facts, ProvenState) else facts.header.hash()
    return {
        "block": number_of(facts),
        "block_hash": to_hex(block_hash),
        "time": facts.time,
        "proven": isinstance(facts, ProvenState),
    }


def describe_done(done: Done) -> dict[str, Any]:
    """Describe what is proven about an act that was carried out, and what the gateway said; for `--json`."""
    return {
        "told": list(done.told),
        "proven": done.proven,
        "rests_on": describe_facts(done.before),
        "shows": describe_facts(done.after),
        "block": done.block,
        "said": done.sealed and {"block": done.sealed.block, "transaction": done.sealed.transaction},
    }


def tell_done(done: Done) -> str:
    """Say in words what is proven about an act that was carried out."""
    if done.proven:
        return f"proven: it is sealed, as of block {done.block}"
    parts = [
        name
        for name, facts in (("what it depends on", done.before), ("that it is sealed", done.after))
        if not isinstance(facts, ProvenState)
    ]
    return f"UNPROVEN: {' and '.join(parts)}; a gateway claims it, as of block {done.block}, {show_moment(done.after.time)}"


def describe_progress(progress: Progress, kept: Path | None = None) -> dict[str, Any]:
    """Describe the progress of an act that gathers signatures; for `--json`."""
    about: dict[str, Any] = {
        **({} if kept is None else {"act": str(kept)}),
        "reads": list(progress.file.reads),
        "signed": list(progress.file.signed),
        "missing": list(progress.missing),
        "lacks": [{"enough": lack.enough, "of": list(lack.of), "role": lack.role} for lack in progress.lacks],
    }
    if progress.done is not None:
        return about | describe_done(progress.done)
    rests_on = describe_facts(progress.before)
    return about | {"told": list(progress.told), "proven": rests_on["proven"], "rests_on": rests_on, "block": None}


def tell_progress(progress: Progress, what: str, kept: Path, *, signed: bool) -> list[str]:
    """Say in words how far an act is that gathers signatures. An act that nobody signed here is shown whole."""
    if progress.done is not None:
        return [what, tell_done(progress.done)]
    shown = [] if signed else list(progress.told)
    shown += [f"0x{address.hex()} had signed already" for address in progress.again]
    verb = "signed; " if signed else ""
    if not progress.lacks:
        return [*shown, f"{verb}everybody has signed that must", f"submit it: aeo-ledger act submit {named(kept)}"]
    return [*shown, f"{verb}still missing: {tell_lacks(progress)}", f"mail it on: {named(kept)}"]


def tell_lacks(progress: Progress) -> str:
    """Say in words who is missing; a code alone means the party's authority."""
    plain = {"authority": "", "operator": "operators of ", "new key": "the new key "}
    some = ("" if lack.enough == len(lack.of) else f"{lack.enough} of " for lack in progress.lacks)
    return "; ".join(
        f"{plain[lack.role]}{few}{', '.join(lack.of)}" for few, lack in zip(some, progress.lacks, strict=True)
    )


def read_act(path: Path) -> ActFile:
    """Read the file of an act.

    Raises:
        UnreadableFile, MalformedDocument, MalformedText: it cannot be read.
    """
    text = read_file(path, max_bytes=LARGEST_FILE)
    return ActFile.from_json(parse_json(text, document=str(path), max_bytes=LARGEST_FILE))


def keep_act(path: Path, file: ActFile) -> None:
    """Write the file of an act, to be passed on."""
    write_file(path, f"{json.dumps(file.to_json(), indent=1)}\n".encode())
