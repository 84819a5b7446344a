"""What exports and worklists start from: the proven ledger, from a gateway or a snapshot's file, and documents of a book or a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from aeo_ledger.cli.acting import open_desk
from aeo_ledger.cli.booking import open_book
from aeo_ledger.cli.options import reach_gateway
from aeo_ledger.cli.output import now
from aeo_ledger.customs.entry import holder_of, register_of, type_of
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.ancestry import MAX_LINKS
from aeo_ledger.office.archive import fetch_ancestor
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.documents import decode_text, parse_json
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.verify import ProvenSnapshot, TrustBundle, verify_snapshot

if TYPE_CHECKING:  # most commands need no register
    from aeo_ledger.registers.documents import Document, Kept
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


def find_documents(
    words: ProvenSnapshot, registers: Iterable[int], book: str | None, owner: str, files: Iterable[Path]
) -> dict[bytes, Document]:
    """Find the latest document of each entry of some registers, in a book and in files; a later one replaces an earlier one.

    A document counts only for the trader whom it names: the entry follows from the TIN. A book that nobody named is used if it is there,
    and not made.

    Args:
        words: The ledger.
        registers: Numbers of the registers.
        book: The book's place; None for the owner's own in the working folder.
        owner: Code of the party whose book it is.
        files: Files of documents.
    """
    from aeo_ledger.registers.documents import read_document, read_lines  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.sheet import MAX_BYTES  # noqa: PLC0415 (the same)

    wanted = set(registers)
    kept: list[Kept] = []
    for file in files:
        text = decode_text(read_file(file, max_bytes=MAX_BYTES), document=str(file))
        kept += [one for one in read_lines(text.split("\n")) if register_of(one.entry) in wanted]
    if book is not None or Path(f"{owner}.book.sqlite").is_file():
        kept += _read_book(words, wanted, book, owner)
    found: dict[bytes, Document] = {}
    for one in kept:
        document = read_document(one.content)
        if _is_about(document, one.entry):
            found[one.entry] = document
    return found


def _read_book(words: ProvenSnapshot, registers: set[int], book: str | None, owner: str) -> Iterator[Kept]:
    from aeo_ledger.registers.planning import settle  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.registers.state import RegisterState  # noqa: PLC0415 (the same)

    with open_book(book, owner) as opened:
        for register in sorted(registers):
            settle(opened, RegisterState(words, register))
            yield from opened.documents_of(register).values()


def _is_about(document: Document, entry: bytes) -> bool:
    """Tell whether an entry of an open register is that of the trader whom a document names."""
    try:
        tin = Tin(document.get("tin", ""))
    except Malformed:
        return False
    return holder_of(entry) == derive_open_holder(register_of(entry), type_of(entry), tin)


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
