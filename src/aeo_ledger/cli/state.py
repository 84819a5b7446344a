"""What exports and worklists start from: the proven ledger, from a gateway or a snapshot's file, and their options."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aeo_ledger.cli.acting import open_desk
from aeo_ledger.cli.options import reach_gateway
from aeo_ledger.cli.output import now
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.ancestry import MAX_LINKS
from aeo_ledger.office.archive import fetch_ancestor
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.verify import ProvenSnapshot, TrustBundle, verify_snapshot

if TYPE_CHECKING:  # most commands need no register
    from aeo_ledger.registers.table import Moment

_BLOCK: Final = re.compile("[0-9]{1,20}")
"""A block's number."""

SnapshotOption = Annotated[
    Path | None,
    typer.Option("--snapshot", help="A snapshot's file of any age, from `snapshot take`, instead of a gateway."),
]
DocumentsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--documents", help="JSON Lines with documents and salts, beside or instead of a book. Repeat it for each file."
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="BLOCK|EXPORT|TIME",
        help="Only what changed since a block (its number), an earlier export (its folder), a day (midnight UTC) or a moment. "
        f"A block is proven by the headers after it, at most {MAX_LINKS:,}.",
    ),
]


def fetch_state(gateway: list[str], timeout: float, pinned: TrustBundle, snapshot: Path | None) -> ProvenSnapshot:
    """Prove the whole ledger, as of a gateway's newest block or a snapshot's.

    Raises:
        Unproven, Unavailable, Malformed: it is not proven, or there is none.
    """
    if snapshot is not None:
        return verify_snapshot(read_snapshot(snapshot), pinned, now=now(), max_age=0, refuse_stale=False)
    with open_desk(gateway, timeout, pinned, yes=False, unproven=False, as_json=False) as desk:
        return desk.all_facts()


def read_since(
    text: str | None, words: ProvenSnapshot, gateway: list[str], timeout: float, table: str, *, as_json: bool
) -> int | None:
    """Read the time after which changes count, UTC seconds: of a block, of an earlier export of the same ledger, or as it was entered.

    Digits alone are a block, never a day or seconds: a folder whose name is digits is written `./5`. An earlier export must be of the same
    table, by its name: what another one had is not what changed since.

    Raises:
        MalformedText: it is none of these, or it is of another ledger or table.
        BlockUnknown: the block comes after those that are proven.
        ChainTooLong, ChainEndsElsewhere, ChainBroken, MalformedLink: the gateway does not prove the block.
        UnreadableFile, MalformedDocument: the export cannot be read.
        Unavailable: no gateway has the block's headers.
    """
    if text is None:
        return None
    if _BLOCK.fullmatch(text):
        from aeo_ledger.cli.bars import working_bar  # noqa: PLC0415 (takes its time to load)

        what = f"proving block {text} by the headers after it"
        with reach_gateway(gateway, timeout, words.trust) as client, working_bar(what, as_json=as_json):
            found = fetch_ancestor(int(text), words.sealed, client.header, client.header_chain)
        return found.header.timestamp
    folder = Path(text)
    if not folder.is_dir():
        return parse_moment(text, None, what="--since")
    path = folder / "datapackage.json"
    package: Any = parse_json(read_file(path), document=str(path), max_bytes=1 << 24, fractions=True)
    ledger = package.get("ledger") if isinstance(package, dict) else None
    if not isinstance(ledger, dict) or ledger.get("chain_id") != words.trust.chain_id:
        raise MalformedText("--since", f"{path}, which is not of this ledger", "an earlier export of it")
    if package.get("name") != table.lower():
        raise MalformedText(
            "--since",
            f"{path}, which is of {str(package.get('name'))[:40]!r}",
            f"an earlier export of {table.lower()!r}",
        )
    return parse_moment(str(ledger.get("block_time")), None, what=f"block_time of {path}")


def moment_of(words: ProvenSnapshot, since: int | None = None) -> Moment:
    """Name the block of a proven ledger."""
    from aeo_ledger.registers.table import Moment  # noqa: PLC0415 (other commands do not need it)

    header = words.sealed.header
    return Moment(
        chain_id=words.trust.chain_id, block=header.number, hash=words.sealed.hash, time=words.time, since=since
    )
