"""`aeo-ledger register due`: the worklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.booking import opening_book
from aeo_ledger.cli.options import (
    SNAPSHOT_TIMEOUT,
    held_keys,
    reach_gateway,
)
from aeo_ledger.cli.output import DUE, now, reporting, show
from aeo_ledger.cli.shared import READS, Common, sharing
from aeo_ledger.cli.state import DocumentsOption, SnapshotOption, fetch_state, moment_of
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.calendar import show_day, show_zone, write_moment
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import count
from aeo_ledger.primitives.spans import parse_span

if TYPE_CHECKING:  # other commands do not need it
    from aeo_ledger.registers.due import Due


@reporting
@sharing(READS - {"unproven"} | {"book", "lookup_keys", "password_file"}, timeout=SNAPSHOT_TIMEOUT)
def due(
    party: Annotated[str, typer.Option(help="Code of your party.")],
    common: Common,
    within: Annotated[str, typer.Option(metavar="SPAN", help="How far to look ahead, as in 60d.")] = "60d",
    documents: DocumentsOption = None,
    snapshot: SnapshotOption = None,
) -> int:
    """List what is due: certificates that expire, reviews, overdue suspensions, arrangements that end, partners that wait for keys.

    Former partners who have keys of a keyed register are listed too, until its next epoch.

    Exit code 0: nothing is due. Exit code 10: something is.
    """
    from aeo_ledger.registers.due import list_due  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.find_documents import find_documents  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.state import RegisterState  # noqa: PLC0415 (the same)
    from aeo_ledger.verify.envelopes import verify_envelopes  # noqa: PLC0415 (the same)

    pinned, span = read_trust(common.trust), parse_span(within)
    member = find_party(pinned, party)
    words = fetch_state(common.gateway, common.timeout, pinned, snapshot)
    with opening_book(common.book, member.code) as opened:
        known = find_documents(
            words,
            [member.number],
            opened,
            documents or [],
            held_keys(common.lookup_keys, common.password_file, pinned).lookup,
        )
    at, register = now(), words.register(member.number)
    sent = None
    if snapshot is None and register is not None and register.mode is RegisterMode.KEYED:
        with reach_gateway(common.gateway, common.timeout, pinned) as client:
            sent = verify_envelopes(client.prove_past((), [member.number]), member.number, pinned, now=at)
    found = list_due(RegisterState(words, member.number), member.code, known, sent, now=at, within_s=span)
    moment = moment_of(words)
    document = {
        "due": [
            {
                "kind": one.kind.value,
                "at": write_moment(one.at),
                "overdue": one.is_overdue(at),
                "subject": one.subject,
                "about": one.about,
                "todo": one.todo,
            }
            for one in found
        ],
        "within_s": span,
        **moment.describe(),
    }
    lines = [line for one in found for line in _tell(one, member.code, at)]
    lines.append(f"{count(len(found), 'thing')} due within {within}; days are those of {show_zone(member.code)}")
    lines += moment.tell()
    show(document, as_json=common.as_json, lines=lines)
    return DUE if found else 0


def _tell(one: Due, code: str, at: int) -> list[str]:
    """Write one thing on two lines of 80 columns."""
    overdue = ", OVERDUE" if one.is_overdue(at) else ""
    return [
        f"{show_day(one.at, code)[:10]}  {one.kind.value:<11}  {one.subject} {one.about}{overdue}",
        f"{'':25}{one.todo}",
    ]
