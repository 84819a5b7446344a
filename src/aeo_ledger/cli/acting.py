"""What all verbs that sign share: a desk that proves what an act depends on, and the report of what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from aeo_ledger.cli.confirm import approve
from aeo_ledger.cli.options import reach_gateway
from aeo_ledger.cli.output import note, now
from aeo_ledger.cli.screen import named
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.carry_out import Done, number_of
from aeo_ledger.office.gather import Progress
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.primitives.forms import name_format
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.act_file import LARGEST_FILE, ActFile, Lack
from aeo_ledger.verify import ProvenState, TrustBundle
from aeo_ledger.wording.words import ENGLISH, Words, later

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
    words: Words = ENGLISH,
) -> Iterator[ProvenDesk]:
    """Open a desk for signing: it proves what an act depends on, shows the act, and asks before it is signed.

    `warning` is one more line for the person who is asked, and `words` are this person's language.
    """

    def ask(told: Sequence[str]) -> None:
        approve([*told, warning] if warning else told, yes=yes, quiet=as_json, words=words)

    with reach_gateway(gateways, timeout_s, pinned) as client:
        desk = ProvenDesk(client, pinned, approve=ask, clock=now, allow_unproven=unproven, words=words)
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


def tell_done(done: Done, words: Words = ENGLISH) -> str:
    """Say in words what is proven about an act that was carried out."""
    if done.proven:
        return words.say("proven: it is sealed, as of block {block}", block=done.block)
    parts = [
        words.phrase(what)
        for what, facts in (
            (later("what it depends on"), done.before),
            (later("that it is sealed"), done.after),
        )
        if not isinstance(facts, ProvenState)
    ]
    return words.say(
        "UNPROVEN: {what}; a gateway claims it, as of block {block}, {time}",
        what=words.say(" and ").join(parts),
        block=done.block,
        time=show_moment(done.after.time, None, words),
    )


def describe_lacks(lacks: Sequence[Lack]) -> list[dict[str, Any]]:
    """Describe who is missing; for `--json`."""
    return [{"enough": lack.enough, "of": list(lack.of), "role": lack.role} for lack in lacks]


def describe_progress(progress: Progress, kept: Path | None = None) -> dict[str, Any]:
    """Describe the progress of an act that gathers signatures; for `--json`."""
    about: dict[str, Any] = {
        **({} if kept is None else {"act": str(kept)}),
        "reads": list(progress.file.reads),
        "signed": list(progress.file.signed),
        "missing": list(progress.missing),
        "lacks": describe_lacks(progress.lacks),
    }
    if progress.done is not None:
        return about | describe_done(progress.done)
    rests_on = describe_facts(progress.before)
    return about | {"told": list(progress.told), "proven": rests_on["proven"], "rests_on": rests_on, "block": None}


def tell_progress(progress: Progress, what: str, kept: Path, *, signed: bool, words: Words = ENGLISH) -> list[str]:
    """Say in words how far an act is that gathers signatures. An act that nobody signed here is shown whole."""
    if progress.done is not None:
        return [what, tell_done(progress.done, words)]
    shown = [] if signed else list(progress.told)
    shown += [words.say("0x{address} had signed already", address=address.hex()) for address in progress.again]
    verb = words.say("signed; ") if signed else ""
    if not progress.lacks:
        next_step = words.say("submit it: {command}", command=f"aeo-ledger act submit {named(kept)}")
        return [*shown, verb + words.say("everybody has signed that must"), next_step]
    missing = verb + words.say("still missing: {who}", who=tell_lacks(progress.lacks, words))
    return [*shown, missing, words.say("mail it on: {file}", file=named(kept))]


def tell_signatures(signed: Sequence[str], lacks: Sequence[Lack], words: Words) -> list[str]:
    """Say in words who has signed, and who is missing."""
    missing = (
        words.say("still missing: {who}", who=tell_lacks(lacks, words))
        if lacks
        else words.say("everybody has signed that must")
    )
    return [*(words.say("signed by {who}", who=who) for who in signed), missing]


_LACKING: Final = {
    "authority": "{who}",
    "operator": later("operators of {who}"),
    "new key": later("the new key {who}"),
}


def tell_lacks(lacks: Sequence[Lack], words: Words = ENGLISH) -> str:
    """Say in words who is missing; a code alone means the party's authority."""
    lacking = []
    for lack in lacks:
        who = ", ".join(lack.of)
        if lack.enough != len(lack.of):
            who = words.say("{count} of {who}", count=lack.enough, who=who)
        lacking.append(words.phrase(_LACKING[lack.role], who=who))
    return "; ".join(lacking)


def is_plan(path: Path) -> bool:
    """Say whether a file is a plan of a register, by what it says of itself. A stream is none: it can be read only once."""
    return path.is_file() and name_format(read_file(path)).startswith("aeo-ledger/register-plan/")


def read_act(path: Path) -> ActFile:
    """Read the file of an act.

    Raises:
        UnreadableFile, MalformedDocument, MalformedText: it cannot be read, or is a plan, which other commands sign and carry out.
    """
    if is_plan(path):
        needed = "the file of an act: `register sign` signs a plan, and `register apply` carries it out"
        raise MalformedText(str(path), "a plan", needed)
    text = read_file(path, max_bytes=LARGEST_FILE)
    return ActFile.from_json(parse_json(text, document=str(path), max_bytes=LARGEST_FILE))


def keep_act(path: Path, file: ActFile) -> None:
    """Write the file of an act, to be passed on."""
    write_file(path, f"{json.dumps(file.to_json(), indent=1)}\n".encode())
