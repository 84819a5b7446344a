"""The book of an office that publishes: documents with their salts, plans, signed acts, rejects, and who did what when.

It is written before anything is sent. So no commitment on the ledger is ever without its document, and a command that was interrupted finds
what it had begun.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from aeo_ledger.customs.entry import register_of
from aeo_ledger.errors.registers import DocumentDamaged, UnknownDocument
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.registers.book_place import BookPlace
from aeo_ledger.registers.book_tables import acts, documents, log, metadata, plans, rejects, settings
from aeo_ledger.registers.documents import SALT_BYTES, Kept, Kind, Shelf, commit

PREPARED, SENT, SEALED, LAPSED = "prepared", "sent", "sealed", "lapsed"

_MANY: Final = 500
"""Most keys in one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log."""

    at: int
    """UTC seconds."""
    who: str
    """Addresses of operators; empty where no key was used."""
    what: str
    words: str


class Book:
    """An open book.

    Args:
        place: Where it lies; see `BookPlace`.
        clock: UTC seconds.
        randomness: Returns as many secret random bytes as asked.

    Raises:
        NotABook, NewerBook, BookUnavailable, FileUnavailable: see `BookPlace`. Every method raises `BookUnavailable` too.
    """

    def __init__(self, place: str, *, clock: Callable[[], int], randomness: Callable[[int], bytes]) -> None:
        self._clock, self._randomness = clock, randomness
        self._place = BookPlace(place, now=clock())

    def __enter__(self) -> Self:
        """Use the book until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._place.close()

    @property
    def name(self) -> str:
        """Where it lies, for people."""
        return self._place.name

    def back_up(self, path: Path) -> None:
        """Copy it to a new file; see `BookPlace`."""
        self._place.back_up(path)
        self.note("backup", f"copied to {path.name}")

    # ---- documents ----

    def draw_salt(self) -> bytes:
        """Draw a new salt, 32 bytes."""
        return self._randomness(SALT_BYTES)

    def keep(self, kept: Iterable[Kept], records: Mapping[bytes, bytes] | None = None) -> int:
        """Keep documents; return how many are new. `records` gives the signed word that carries a commitment, where it is known."""
        with self._place.begin() as connection:
            return self._keep(connection, kept, records or {})

    def _keep(self, connection: Connection, kept: Iterable[Kept], records: Mapping[bytes, bytes]) -> int:
        rows = {one.commitment: one for one in kept}
        known = self._known(connection, rows)
        now = self._clock()
        new = [
            {
                "commitment": commitment,
                "entry": one.entry,
                "register": register_of(one.entry),
                "tin": one.tin[:17],
                "kind": one.kind.value,
                "media": one.media,
                "salt": one.salt,
                "content": one.content,
                "kept_at": now,
                "record": records.get(commitment),
            }
            for commitment, one in rows.items()
            if commitment not in known
        ]
        again = [{"of": commitment, "word": records[commitment]} for commitment in known if commitment in records]
        if new:
            connection.execute(insert(documents), new)
        if again:
            connection.execute(_carry(), again)
        return len(new)

    def _known(self, connection: Connection, commitments: Iterable[bytes]) -> set[bytes]:
        wanted, found = list(commitments), set[bytes]()
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            found |= set(connection.scalars(select(documents.c.commitment).where(documents.c.commitment.in_(part))))
        return found

    def count_missing(self, commitments: Iterable[bytes]) -> int:
        """Count the commitments (32 bytes each) whose documents it does not hold."""
        wanted = set(commitments)
        with self._place.begin(writes=False) as connection:
            return len(wanted) - len(self._known(connection, wanted))

    def find(self, commitment: bytes) -> Kept:
        """Find the document of a commitment (32 bytes), and check that it fits.

        Raises:
            UnknownDocument: it is not here.
            DocumentDamaged: it does not fit.
        """
        with self._place.begin(writes=False) as connection:
            row = connection.execute(select(documents).where(documents.c.commitment == commitment)).one_or_none()
        if row is None:
            raise UnknownDocument(commitment=commitment, book=self.name)
        if commit(row.content, row.salt) != commitment:
            raise DocumentDamaged(commitment=commitment, book=self.name)
        return _read_kept(row)

    def keep_grounds(self, entry: bytes, tin: str, media: str, content: bytes, words: str) -> bytes:
        """Keep the decision behind an act about an entry (32 bytes, zero if none) and a trader; return its commitment."""
        asked = select(documents.c.salt).where(
            documents.c.entry == entry,
            documents.c.tin == tin[:17],
            documents.c.kind == Kind.GROUNDS.value,
            documents.c.content == content,
        )
        with self._place.begin() as connection:
            salt = connection.scalars(asked).first() or self.draw_salt()
            kept = Kept(entry=entry, tin=tin, kind=Kind.GROUNDS, media=media, salt=salt, content=content)
            self._keep(connection, [kept], {})
            words = f"{words}, {len(content):,} bytes, {to_hex(kept.commitment)}"
            if (
                connection.execute(select(log.c.id).where(log.c.what == "grounds", log.c.words == words)).first()
                is None
            ):
                self._note(connection, "grounds", words, ())
        return kept.commitment

    def shelf(self, register: int) -> Shelf:
        """Read the certificate documents of a register, by its number."""
        published: dict[bytes, Kept] = {}
        salts: dict[tuple[bytes, bytes], bytes] = {}
        for row in self._documents(register):
            salts[row.entry, row.content] = row.salt
            if row.block is not None:
                published[row.entry] = _read_kept(row)
        return Shelf(published=published, salts=salts)

    def documents_of(self, register: int) -> Mapping[bytes, Kept]:
        """Read the latest published document of each entry (32 bytes) of a register, by its number."""
        return self.shelf(register).published

    def documents_about(self, tin: str) -> Sequence[Row[Any]]:
        """List the rows of all documents about a trader, oldest first."""
        with self._place.begin(writes=False) as connection:
            return connection.execute(select(documents).where(documents.c.tin == tin).order_by(documents.c.id)).all()

    def settle(self, register: int, stands: Callable[[bytes], bytes | None], block: int) -> None:
        """Mark the documents that the ledger shows to be published, before anything is compared with them.

        Args:
            register: Number of the register.
            stands: Returns the signed word of an entry's last event (32 bytes) as of the block; None if it has none.
            block: Number of the block.
        """
        last: dict[bytes, bytes] = {}
        shown: dict[bytes, bytes] = {}
        for row in self._documents(register):
            word = stands(row.entry)
            if row.block is not None:
                last[row.entry] = row.commitment
            # what was taken over from an earlier version names no record: the last document of an entry that exists counts
            if word is not None and (row.record == word or (row.record is None and row.block is None)):
                shown[row.entry] = row.commitment
        new = [{"of": commitment, "at": block} for entry, commitment in shown.items() if last.get(entry) != commitment]
        if new:
            with self._place.begin() as connection:
                connection.execute(_settle(), new)

    def _documents(self, register: int) -> Sequence[Row[Any]]:
        asked = select(documents).where(documents.c.register == register, documents.c.kind == Kind.CERTIFICATE.value)
        # a document that was sealed later than another is the later one, even if it was kept before
        order = (documents.c.block.nulls_first(), documents.c.id)
        with self._place.begin(writes=False) as connection:
            return connection.execute(asked.order_by(*order)).all()

    # ---- plans and acts ----

    def keep_plan(
        self, plan: bytes, party: str, content: bytes, kept: Iterable[Kept], records: Mapping[bytes, bytes], words: str
    ) -> None:
        """Keep a plan by its hash (32 bytes), with all its documents, in one transaction."""
        with self._place.begin() as connection:
            self._keep(connection, kept, records)
            if connection.execute(select(plans.c.hash).where(plans.c.hash == plan)).one_or_none() is None:
                row = {"hash": plan, "party": party, "content": content, "made_at": self._clock()}
                connection.execute(insert(plans), row)
                self._note(connection, "plan", f"{words}; plan {to_hex(plan)}", ())

    def keep_acts(self, made: Mapping[bytes, SignedAct], plan: bytes | None, who: Sequence[bytes], words: str) -> None:
        """Keep signed acts by their digests (32 bytes), before any is sent."""
        now = self._clock()
        rows = [
            {"digest": digest, "plan": plan, "content": json.dumps(act.to_json()).encode(), "state": PREPARED, "changed_at": now}
            for digest, act in made.items()
        ]  # fmt: skip
        with self._place.begin() as connection:
            insertion: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(acts)
            if rows:
                connection.execute(insertion.on_conflict_do_nothing(), rows)
            self._note(connection, "apply" if plan else "act", words, who)

    def note_sent(self, digest: bytes, sealed: Sealed) -> None:
        """Note the block that a gateway names for an act, by its digest."""
        receipt = json.dumps({"block_hash": sealed.block_hash, "transaction": sealed.transaction})
        self._move(digest, state=SENT, block=sealed.block, receipt=receipt)

    def note_sealed(self, digests: Iterable[bytes], block: int) -> None:
        """Note the block under which acts are proven to be sealed, by their digests."""
        rows = [{"of": digest, "at": block, "now": self._clock()} for digest in digests]
        if rows:
            changed = {"state": SEALED, "block": bindparam("at"), "changed_at": bindparam("now")}
            with self._place.begin() as connection:
                connection.execute(update(acts).where(acts.c.digest == bindparam("of")).values(**changed), rows)

    def note_lapsed(self, digests: Iterable[bytes]) -> None:
        """Note that acts, by their digests, can no longer be sealed and are not known to be."""
        for digest in digests:
            self._move(digest, state=LAPSED)

    def open_acts(self) -> Mapping[bytes, SignedAct]:
        """Read the acts that are neither sealed nor lapsed, by their digests (32 bytes)."""
        asked = select(acts.c.digest, acts.c.content).where(acts.c.state.in_((PREPARED, SENT)))
        with self._place.begin(writes=False) as connection:
            rows = connection.execute(asked).all()
        return {row.digest: SignedAct.from_json(json.loads(row.content)) for row in rows}

    def note_done(self, plan: bytes, words: str) -> None:
        """Note that every event of a plan, by its hash, is proven to be sealed."""
        with self._place.begin() as connection:
            done = update(plans).where(plans.c.hash == plan, plans.c.done_at.is_(None)).values(done_at=self._clock())
            if connection.execute(done).rowcount:
                self._note(connection, "done", f"{words}; plan {to_hex(plan)}", ())

    def _move(self, digest: bytes, **values: Any) -> None:
        with self._place.begin() as connection:
            moved = update(acts).where(acts.c.digest == digest).values(**values, changed_at=self._clock())
            connection.execute(moved)

    def count_acts(self) -> Mapping[str, int]:
        """Count the signed acts by their state."""
        found = dict.fromkeys((PREPARED, SENT, SEALED, LAPSED), 0)
        with self._place.begin(writes=False) as connection:
            for state in connection.scalars(select(acts.c.state)):
                found[state] += 1
        return found

    # ---- rejects, settings, log ----

    def keep_rejects(self, party: str, file: str, content: bytes) -> None:
        """Keep the bad rows of a file, in the form of the file."""
        with self._place.begin() as connection:
            row = {"party": party, "file": file, "content": content, "kept_at": self._clock()}
            connection.execute(insert(rejects), row)
            self._note(connection, "rejects", f"{len(content):,} bytes of bad rows of {file}", ())

    def limits(self, party: str) -> Mapping[str, int]:
        """Read what was set for a party, by name."""
        with self._place.begin(writes=False) as connection:
            found = connection.execute(select(settings.c.name, settings.c.value).where(settings.c.party == party))
            return {row.name: row.value for row in found}

    def set_limit(self, party: str, name: str, value: int | None) -> None:
        """Set something for a party; None takes it back."""
        with self._place.begin() as connection:
            mine = (settings.c.party == party) & (settings.c.name == name)
            connection.execute(delete(settings).where(mine))
            if value is not None:
                connection.execute(insert(settings).values(party=party, name=name, value=value))
            self._note(connection, "set", f"{party}: {name} {'as by default' if value is None else value}", ())

    def note(self, what: str, words: str, who: Sequence[bytes] = ()) -> None:
        """Add a line to the log; `who` are addresses of operators, 20 bytes each."""
        with self._place.begin() as connection:
            self._note(connection, what, words, who)

    def _note(self, connection: Connection, what: str, words: str, who: Sequence[bytes]) -> None:
        row = {"at": self._clock(), "who": " ".join(map(to_hex, who)), "what": what, "words": words}
        connection.execute(insert(log), row)

    def read_log(self, since: int = 0) -> Sequence[Entry]:
        """Read the log from a time on, UTC seconds."""
        asked = select(log.c.at, log.c.who, log.c.what, log.c.words).where(log.c.at >= since).order_by(log.c.id)
        with self._place.begin(writes=False) as connection:
            return [Entry(at=at, who=who, what=what, words=words) for at, who, what, words in connection.execute(asked)]

    def export(self) -> Iterator[str]:
        """Yield everything in the book as lines of JSON: the table's name, and its columns. Bytes are 0x hex."""
        with self._place.begin(writes=False) as connection:
            for table in metadata.sorted_tables:
                asked: Select[Any] = select(table)
                for row in connection.execute(asked).mappings():
                    values = {name: to_hex(value) if isinstance(value, bytes) else value for name, value in row.items()}
                    yield json.dumps({"table": table.name, **values}, ensure_ascii=False)


def _read_kept(row: Row[Any]) -> Kept:
    kind = Kind(row.kind)
    return Kept(entry=row.entry, tin=row.tin, kind=kind, media=row.media, salt=row.salt, content=row.content)


def _carry() -> Any:
    """Make the statement that names the record that carries a document again."""
    return update(documents).where(documents.c.commitment == bindparam("of")).values(record=bindparam("word"))


def _settle() -> Any:
    """Make the statement that marks a document as published."""
    return update(documents).where(documents.c.commitment == bindparam("of")).values(block=bindparam("at"))
