"""`aeo-ledger arrangement`: sign an arrangement or an amendment, pass it on, submit it when everybody has signed; suspend or end a lane; list all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.acting import describe_progress, keep_act, read_act, tell_progress
from aeo_ledger.cli.arrangement_list import list_arrangements
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.drafting import Entry, make_command, run
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.shared import SIGNS, Common, sharing
from aeo_ledger.cli.texts import Text, compare_text, tell_text
from aeo_ledger.customs.vocabulary import LaneActKind
from aeo_ledger.errors.cli import TermsDiffer
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.conclude import conclude as conclude_act
from aeo_ledger.office.conclude import draft, same_terms
from aeo_ledger.office.draft_acts import LANE_VERBS, draft_lane_act
from aeo_ledger.office.parties import find_number
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.documents import decode_text
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import LARGEST_ACT, SignedAct
from aeo_ledger.wording.words import later

app = typer.Typer()
app.command("list")(list_arrangements)
DraftOrAct = Annotated[
    Path, typer.Argument(metavar="FILE", help="Draft (FILE.toml), or the act that was mailed to you (FILE.act.json).")
]


def _gathering_command(does: str, done: str, *, amends: bool) -> Callable[..., None]:
    """Make the command that concludes an arrangement or amends it."""

    @sharing(SIGNS | {"book", "lang"})
    def command(file: DraftOrAct, common: Common, text: Text = None) -> None:
        _gather(file, common, done, text, amends=amends)

    command.__doc__ = does
    return reporting(command)


def _gather(file: Path, common: Common, done: str, text: Path | None, *, amends: bool) -> None:
    with common.open_desk() as desk, keeping(desk, common.book, None):
        kept, act = _open(file, desk, amends=amends)
        compared = compare_text(text, act.act if isinstance(act, ActFile) else act)
        signers = common.open_keys()
        progress = conclude_act(act, signers, desk, keep=lambda signed: keep_act(kept, signed))
    lines = tell_progress(progress, common.words.phrase(done), kept, signed=bool(signers), words=common.words)
    document = describe_progress(progress, kept) | ({"text": compared} if compared else {})
    show(document, as_json=common.as_json, lines=[*lines, *tell_text(compared, common.words)])


def _open(file: Path, desk: ProvenDesk, *, amends: bool) -> tuple[Path, SignedAct | ActFile]:
    """Find the act to sign and its file. If a draft has an act already, that one gathers the signatures."""
    if file.suffix.lower() != ".toml":
        return file, read_act(file)
    kept = file.with_suffix(".act.json")
    act = draft(decode_text(read_file(file, max_bytes=LARGEST_ACT), document=str(file)), desk, amends=amends)
    if not kept.exists():
        return kept, act
    gathered = read_act(kept)
    if not same_terms(act, gathered.act):
        raise TermsDiffer(draft=str(file), act=str(kept))
    return kept, gathered


for _name, _does, _done in (
    (
        "conclude",
        "Show the act and add your authority's signature. The act is kept beside the draft, to be mailed on; once complete, it is submitted.",
        later("concluded"),
    ),
    (
        "amend",
        "Change recognitions of an arrangement, as `conclude` makes them: the draft names them, and has their new scope.",
        later("amended"),
    ),
):
    app.command(_name)(_gathering_command(_does, _done, amends=_name == "amend"))


def _lane_command(kind: LaneActKind) -> Callable[..., None]:
    verb = LANE_VERBS[kind]

    def act(entered: Entry, common: Common) -> None:
        until = entered.get("until")

        def draft(desk: ProvenDesk, lifetime_s: int, grounds: bytes) -> SignedAct:
            party, *pair = (find_number(desk, entered[name]) for name in ("party", "recogniser", "register"))
            end = parse_moment(until, entered["recogniser"], what="--until") if until else 0
            return draft_lane_act(
                desk,
                kind,
                party,
                (pair[0], pair[1]),
                entered["lane"],
                until=end,
                lifetime_s=lifetime_s,
                grounds=grounds,
            )

        run(draft, common, entered["party"])

    return make_command(verb.does, ("party", "recogniser", "register", "lane", *verb.enters), ("lane",), act)


for _kind in LaneActKind:
    app.command(LANE_VERBS[_kind].named(_kind))(_lane_command(_kind))
