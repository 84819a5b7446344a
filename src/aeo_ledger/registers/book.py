"""The book of an office that publishes: documents with their salts, plans, signed acts, rejects, and who did what when.

It is written before anything is sent. So no commitment on the ledger is ever without its document, and a command that was interrupted finds
what it had begun.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from aeo_ledger.customs.entry import register_of
from aeo_ledger.errors.registers import DocumentDamaged, UnknownDocument
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.commitment import SALT_BYTES
from aeo_ledger.registers.book_place import BookPlace
from aeo_ledger.registers.book_rows import Entry, KeptAct, Shown, list_commitments, read_act, read_kept
from aeo_ledger.registers.book_tables import acts, carried, documents, log, metadata, plans, rejects, settings
from aeo_ledger.registers.documents import Kept, Kind, Shelf

PREPARED, SENT, SEALED, LAPSED = "prepared", "sent", "sealed", "lapsed"

_MANY: Final = 500
"""Most keys in one query."""


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

    def keep(self, kept: Iterable[Kept]) -> int:
        """Keep documents; return how many are new."""
        with self._place.begin() as connection:
            return self._keep(connection, kept)

    def _keep(self, connection: Connection, kept: Iterable[Kept]) -> int:
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
            }
            for commitment, one in rows.items()
            if commitment not in known
        ]
        if new:
            connection.execute(insert(documents), new)
        return len(new)

    def _known(self, connection: Connection, commitments: Iterable[bytes]) -> set[bytes]:
        wanted, found = list(commitments), set[bytes]()
        for start in range(0, len(wanted), _MANY):
            part = select(documents).where(documents.c.commitment.in_(wanted[start : start + _MANY]))
            found |= {self._read(row).commitment for row in connection.execute(part)}
        return found

    def count_missing(self, commitments: Iterable[bytes]) -> int:
        """Count the commitments (32 bytes each) whose documents it does not hold.

        Raises:
            DocumentDamaged: one of its documents does not fit.
        """
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
            return self._read(row)

    def forget(self, commitment: bytes) -> None:
        """Delete the document of a commitment (32 bytes) with its salt. The commitment stays on the ledger, and nobody can open it any more.

        Raises:
            UnknownDocument: it is not here.
        """
        with self._place.begin() as connection:
            if not connection.execute(delete(documents).where(documents.c.commitment == commitment)).rowcount:
                raise UnknownDocument(commitment=commitment, book=self.name)
            self._note(connection, "forget", f"the document of {to_hex(commitment)}", ())
        self._place.sweep()

    def _read(self, row: Row[Any]) -> Kept:
        """Read a document, and check that it fits its commitment.

        Raises:
            DocumentDamaged: it does not.
        """
        kept = read_kept(row)
        if kept.commitment != row.commitment:
            raise DocumentDamaged(commitment=row.commitment, book=self.name)
        return kept

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
            self._keep(connection, [kept])
            words = f"{words}, {len(content):,} bytes, {to_hex(kept.commitment)}"
            if (
                connection.execute(select(log.c.id).where(log.c.what == "grounds", log.c.words == words)).first()
                is None
            ):
                self._note(connection, "grounds", words, ())
        return kept.commitment

    def shelf(self, register: int) -> Shelf:
        """Read the certificate documents of a register, by its number.

        Raises:
            DocumentDamaged: one of them does not fit its commitment.
        """
        asked = (
            select(documents, func.max(carried.c.sequence).label("sequence"))
            .outerjoin(carried, (carried.c.commitment == documents.c.commitment) & carried.c.block.is_not(None))
            .where(documents.c.register == register, documents.c.kind == Kind.CERTIFICATE.value)
            .group_by(documents.c.id)
            .order_by(documents.c.id)
        )
        published: dict[bytes, Kept] = {}
        salts: dict[tuple[bytes, bytes], bytes] = {}
        last: dict[bytes, int] = {}
        with self._place.begin(writes=False) as connection:
            for row in connection.execute(asked):
                kept = self._read(row)
                salts[kept.entry, kept.content] = kept.salt
                if row.sequence is not None and row.sequence > last.get(kept.entry, 0):
                    published[kept.entry], last[kept.entry] = kept, row.sequence
        return Shelf(published=published, salts=salts, last=last)

    def documents_of(self, register: int) -> Mapping[bytes, Kept]:
        """Read the latest published document of each entry (32 bytes) of a register, by its number; raises as `shelf` does."""
        return self.shelf(register).published

    def documents_about(self, tin: str) -> Sequence[Shown]:
        """List all documents about a trader, oldest first, also those that do not fit their commitments."""
        of = select(documents).where(documents.c.tin == tin).order_by(documents.c.id)
        binds = select(carried.c.sequence, carried.c.block).where(carried.c.block.is_not(None)).order_by(carried.c.id)
        with self._place.begin(writes=False) as connection:
            return [
                Shown(
                    commitment=row.commitment,
                    kept=read_kept(row),
                    kept_at=row.kept_at,
                    bound=tuple(
                        (one.sequence, one.block)
                        for one in connection.execute(binds.where(carried.c.commitment == row.commitment))
                    ),
                )
                for row in connection.execute(of).all()
            ]

    def bind(self, found: Mapping[bytes, int], block: int) -> None:
        """Note documents that the ledger is proven to bind though this book keeps no act that does.

        Args:
            found: The number of the last status event that carries each, by commitment (32 bytes).
            block: The block of the proof.
        """
        rows = [{"commitment": one, "sequence": sequence, "block": block} for one, sequence in found.items()]
        if rows:
            with self._place.begin() as connection:
                connection.execute(insert(carried), rows)

    # ---- plans and acts ----

    def keep_plan(self, plan: bytes, party: str, content: bytes, kept: Iterable[Kept], words: str) -> None:
        """Keep a plan by its hash (32 bytes), with all its documents, in one transaction."""
        with self._place.begin() as connection:
            self._keep(connection, kept)
            if connection.execute(select(plans.c.hash).where(plans.c.hash == plan)).one_or_none() is None:
                row = {"hash": plan, "party": party, "content": content, "made_at": self._clock()}
                connection.execute(insert(plans), row)
                self._note(connection, "plan", f"{words}; plan {to_hex(plan)}", ())

    def has_plan(self, plan: bytes) -> bool:
        """Say whether it holds a plan, by its hash (32 bytes)."""
        with self._place.begin(writes=False) as connection:
            return connection.execute(select(plans.c.hash).where(plans.c.hash == plan)).one_or_none() is not None

    def keep_acts(
        self, made: Mapping[bytes, KeptAct], plan: bytes | None, who: Sequence[bytes], words: str | None
    ) -> None:
        """Keep acts by their digests (32 bytes), and which documents they commit to, before any is sent.

        An act that was kept before is kept with its present signatures. Without words, the log does not tell of it.
        """
        now = self._clock()
        rows = [
            {
                "digest": digest,
                "plan": plan,
                "content": json.dumps(kept.act.to_json()).encode(),
                "heads": b"".join(kept.heads.values()),
                "state": PREPARED,
                "changed_at": now,
            }
            for digest, kept in made.items()
        ]
        carries = [
            {"commitment": commitment, "act": digest, "sequence": sequence}
            for digest, kept in made.items()
            for commitment, sequence in list_commitments(kept.act.values).items()
        ]
        with self._place.begin() as connection:
            make: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
            if rows:
                kept = make(acts)
                signed = {"content": kept.excluded.content}
                connection.execute(kept.on_conflict_do_update(index_elements=["digest"], set_=signed), rows)
            if carries:
                connection.execute(make(carried).on_conflict_do_nothing(), carries)
            if words is not None:
                self._note(connection, "apply" if plan else "act", words, who)

    def note_sent(self, digest: bytes, sealed: Sealed) -> None:
        """Note the block that a gateway names for an act, by its digest."""
        receipt = json.dumps({"block_hash": sealed.block_hash, "transaction": sealed.transaction})
        self._move(digest, state=SENT, block=sealed.block, receipt=receipt)

    def note_sealed(self, digests: Iterable[bytes], block: int) -> None:
        """Note the block under which acts are proven to be sealed, by their digests: their documents are bound."""
        rows = [{"of": digest, "at": block, "now": self._clock()} for digest in digests]
        if rows:
            changed = {"state": SEALED, "block": bindparam("at"), "changed_at": bindparam("now")}
            with self._place.begin() as connection:
                connection.execute(update(acts).where(acts.c.digest == bindparam("of")).values(**changed), rows)
                bound = update(carried).where(carried.c.act == bindparam("of"), carried.c.block.is_(None))
                connection.execute(bound.values(block=bindparam("at")), [{"of": r["of"], "at": block} for r in rows])

    def note_lapsed(self, digests: Iterable[bytes]) -> None:
        """Note that acts, by their digests, can no longer be sealed and are not known to be."""
        for digest in digests:
            self._move(digest, state=LAPSED)

    def open_acts(self) -> Mapping[bytes, KeptAct]:
        """Read the acts that are neither sealed nor lapsed, by their digests (32 bytes)."""
        asked = select(acts.c.digest, acts.c.content, acts.c.heads).where(acts.c.state.in_((PREPARED, SENT)))
        with self._place.begin(writes=False) as connection:
            return {row.digest: read_act(row.content, row.heads) for row in connection.execute(asked)}

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
        """Yield everything in the book as lines of JSON: the table's name, and its columns. Bytes are 0x hex.

        A document that does not fit its commitment is marked as damaged.
        """
        with self._place.begin(writes=False) as connection:
            for table in metadata.sorted_tables:
                asked: Select[Any] = select(table)
                result = connection.execute(asked)
                names = tuple(result.keys())
                for row in result:
                    values = {
                        name: to_hex(value) if isinstance(value, bytes) else value
                        for name, value in zip(names, row, strict=True)
                    }
                    if table is documents:
                        values["damaged"] = read_kept(row).commitment != row.commitment
                    yield json.dumps({"table": table.name, **values}, ensure_ascii=False)
