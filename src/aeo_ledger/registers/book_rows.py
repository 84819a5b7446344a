"""What a book gives back: acts, documents and lines of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aeo_ledger.customs.standing import Record
from aeo_ledger.errors import Malformed
from aeo_ledger.office.outcome import are_last, group_events
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.protocol.acts import LARGEST_ACT, SignedAct
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.registers.documents import NO_DOCUMENT, Kept, Kind

if TYPE_CHECKING:  # the base install has no database library
    from sqlalchemy import Row


class UnreadableRow(Exception):
    """A row of a book that no version of this program writes."""


class Standings(Protocol):
    """The standings of a ledger at one block."""

    def record(self, entry: bytes) -> Record | None:
        """Look up the record of an entry (32 bytes); None if there is none."""

    def standing_head(self, entry: bytes) -> bytes:
        """Look up the head of an entry's history, 32 bytes; zero if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log."""

    at: int
    """UTC seconds."""
    who: str
    """Addresses of operators; empty where no key was used."""
    what: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAct:
    """An act that is kept before it is sent."""

    act: SignedAct
    heads: Mapping[bytes, bytes]
    """The head (32 bytes) that each history has before a publication, by entry (32 bytes), in the order of its events; empty for other acts."""

    def is_shown(self, view: Standings) -> bool:
        """Say whether a ledger's standings are as this publication left them; about other acts they say nothing."""
        events = group_events(self.act.values)
        return bool(events) and all(
            are_last(made, self.heads[entry], view.record(entry), view.standing_head(entry))
            for entry, made in events.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A document as the book shows it to people."""

    commitment: bytes
    """32 bytes."""
    kept: Kept
    kept_at: int
    """UTC seconds."""
    bound: tuple[tuple[int, int], ...]
    """Where the ledger is proven to bind it: number of the status event (0 for another act), and the block of the proof."""

    @property
    def damaged(self) -> bool:
        """Whether it was changed: it does not fit its commitment."""
        return self.kept.commitment != self.commitment


def read_kept(row: Row[Any]) -> Kept:
    """Read a document; it may not fit its commitment.

    Raises:
        UnreadableRow: it is of no known kind.
    """
    if row.kind not in {kind.value for kind in Kind}:
        raise UnreadableRow(f"document {row.id} has the kind {row.kind!r}"[:80])
    salt, content = _read_bytes(row.salt), _read_bytes(row.content)
    return Kept(entry=row.entry, tin=row.tin, kind=Kind(row.kind), media=row.media, salt=salt, content=content)


def _read_bytes(value: bytes | str) -> bytes:
    """Read bytes; SQLite keeps text in their column too, if another program writes it there."""
    return value if isinstance(value, bytes) else str(value).encode()


def read_act(content: bytes, heads: bytes) -> KeptAct:
    """Read an act that was kept: its JSON, and the heads of the histories before it, 32 bytes each.

    Raises:
        UnreadableRow: it is no act.
    """
    try:
        act = SignedAct.from_json(parse_json(content, document="act", max_bytes=LARGEST_ACT))
    except Malformed as error:
        raise UnreadableRow(str(error)) from error
    each = (heads[at : at + 32] for at in range(0, len(heads), 32))
    return KeptAct(act=act, heads=dict(zip(group_events(act.values), each, strict=False)))


def list_commitments(values: Mapping[str, Any]) -> dict[bytes, int]:
    """List the documents that an act's values commit to (32 bytes), each with the number of the last status event that carries it.

    The grounds of an act that is no status event have the number 0.
    """
    found = {values.get("grounds", NO_DOCUMENT): 0}
    found |= {event["document"]: RECORD["sequence"].of(event["record"]) for event in values.get("events", ())}
    found.pop(NO_DOCUMENT, None)
    return found
