"""The tables of a book. A new column is a new `SCHEMA`, and a step in `book_place` that adds it to older books."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

APPLICATION: Final = "aeo-ledger/book"
SCHEMA: Final = 1
"""Version of these tables."""

metadata: Final = MetaData()

about: Final = Table(
    "about",
    metadata,
    Column("application", String(40), nullable=False),
    Column("schema", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)
"""One row: what this database is."""

settings: Final = Table(
    "settings",
    metadata,
    Column("party", String(6), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
)
"""What an office decided for a party: the limits of the safety valve."""

documents: Final = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("commitment", LargeBinary(32), nullable=False, unique=True),
    Column("entry", LargeBinary(32), nullable=False),
    Column("register", Integer, nullable=False),
    Column("tin", String(17), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("media", String(127), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", BigInteger, nullable=False),
    Index("documents_by_register", "register", "kind"),
    Index("documents_by_tin", "tin"),
)
"""Documents with their salts."""

carried: Final = Table(
    "carried",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("commitment", LargeBinary(32), nullable=False, index=True),
    Column("act", LargeBinary(32), index=True),
    Column("sequence", BigInteger, nullable=False),
    Column("block", BigInteger),
    UniqueConstraint("act", "commitment"),
)
"""Which signed act commits to which document; without an act, an earlier version or another book published it. `sequence` is the number of
the last status event that carries it, 0 for an act that is none. `block` is the block under which that is proven; before, nothing is bound."""

plans: Final = Table(
    "plans",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("party", String(6), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
)
"""Plans in CBOR, by their hash. `done_at` is when every event was proven to be sealed."""

acts: Final = Table(
    "acts",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("plan", LargeBinary(32)),
    Column("content", LargeBinary, nullable=False),
    Column("heads", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("block", BigInteger),
    Column("receipt", Text),
    Column("changed_at", BigInteger, nullable=False),
)
"""Signed acts in JSON, by the digest that was signed: `prepared`, `sent` (a gateway names its block), `sealed` (the ledger is proven to show
it) or `lapsed` (too late, and not known to be sealed). `heads` are those of the histories that a publication continues, 32 bytes each, in
the order of its certificates."""

rejects: Final = Table(
    "rejects",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("party", String(6), nullable=False),
    Column("file", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", BigInteger, nullable=False),
)
"""Bad rows of files, in the form of the file."""

log: Final = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(20), nullable=False),
    Column("words", Text, nullable=False),
)
"""Who did what, when: `who` lists addresses of operators, and is empty where no key was used."""
