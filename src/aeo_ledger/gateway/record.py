"""A record of decisions, to evaluate what recognition does: how often, by day, recogniser, register, verdict and first reason. No trader.

What is counted is what was told: a question that was asked twice counts twice, and an answer that the asker had already does not count again. The
counts are in the index's database. Each process counts in memory and adds its counts to those there every few seconds, in one transaction. So
workers and gateways add to one count, and a process that is killed loses at most what it counted since.

A count of a few may point to a trader whom somebody knows to have been at the border. So a count below a limit is given as *fewer than the
limit*, no sums are given from which it would follow, and a day is only given when it is over, because otherwise each step of a count would
tell of one asker. Whoever asks knows its own part of a count. So the limit also holds for what the others asked: nobody lifts a small count over
it by asking again and again. An asker is the key of a token, or else an address; in the database it is a digest that is another one each day.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, func, select

from aeo_ledger.errors import Unavailable
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.prover.databases import INSERT, make_tables
from aeo_ledger.prover.index_store import IndexStore

FLUSH_S: Final = 10.0
"""Seconds between two additions to the database: what a killed process loses at most."""
SMALL: Final = 5
"""Counts below this are not given, unless the configuration says otherwise."""
DAY_S: Final = 86_400

_LOG: Final = logging.getLogger(__name__)
_LONGEST: Final = 80
"""Characters of a list of registers."""

_DIGEST: Final = 8
"""Bytes of an asker's digest: enough that two askers hardly ever count as one."""

_TABLES: Final = MetaData()
_TOLD: Final = Table(
    "told_to",
    _TABLES,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("recogniser", String(8), primary_key=True),
    Column("register", String(_LONGEST), primary_key=True),
    Column("verdict", String(16), primary_key=True),
    Column("reason", String(64), primary_key=True),
    Column("asker", LargeBinary(_DIGEST), primary_key=True),
    Column("count", BigInteger, nullable=False),
)
_CELL: Final = tuple(column for column in _TOLD.primary_key if column.name != "asker")


class Cell(NamedTuple):
    """What is counted together."""

    day: int
    """Days since 1970-01-01, UTC."""
    recogniser: str
    register: str
    """The register that decided, or all that were searched, joined by `+`."""
    verdict: str
    """`recognised`, `not_recognised` or `unproven`."""
    reason: str
    """The first reason of a no; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A cell and its count."""

    cell: Cell
    count: int | None
    """None for a count that is too small to be given, or of which all but one asker have a part that is."""


class DecisionRecord:
    """Counts decisions. Use it in a `with` block, in the process that serves: a thread adds to the database until the block ends.

    Args:
        store: The index's database.
        small: Counts below this are not given.
        clock: Returns UTC seconds.
        every_s: Seconds between two additions.
    """

    def __init__(
        self,
        store: IndexStore,
        *,
        small: int = SMALL,
        clock: Callable[[], float] = time.time,
        every_s: float = FLUSH_S,
    ) -> None:
        self._store, self._clock, self._every_s = store, clock, every_s
        self.small = small
        """Counts below this are not given."""
        self._counts: Counter[tuple[Cell, bytes]] = Counter()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="aeo-ledger record", daemon=True)

    def __enter__(self) -> Self:
        """Begin to add to the database."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Add what is left."""
        self._closing.set()
        self._thread.join()
        self.flush()

    @property
    def today(self) -> int:
        """This day, as `Cell.day` counts."""
        return int(self._clock()) // DAY_S

    def tell(self, document: Mapping[str, Any], caller: str) -> None:
        """Count the decisions about traders in an answer; a document without any counts nothing, as one about a register.

        A stage of a corridor is a decision of its party.

        Args:
            document: The answer.
            caller: Who asked, as in `name_caller`.
        """
        day = self.today
        asker = keccak256(f"{day} {caller}".encode())[:_DIGEST]
        told = [(_cell(day, code, one), asker) for one in _decisions_in(document) if (code := _recogniser_of(one))]
        if told:
            with self._lock:
                self._counts.update(told)

    def flush(self) -> None:
        """Add what was counted to the database. If that fails, it is kept, and added later."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            self._add(counts)
        except Unavailable as error:
            _LOG.warning("the record of decisions waits: %s", error)
            with self._lock:
                self._counts.update(counts)

    def read(
        self,
        since: int,
        until: int,
        recogniser: str | None = None,
        register: str | None = None,
        *,
        unfinished: bool = False,
    ) -> list[Counted]:
        """Read the counts of the days from `since` to before `until` that are over; small ones are not told.

        `unfinished` reads this day too, as a workshop may, in which nobody is a real trader.

        Raises:
            IndexUnavailable: The database does not work.
        """
        total, most = func.sum(_TOLD.c.count), func.max(_TOLD.c.count)
        ends = until if unfinished else min(until, self.today)
        asked = select(*_CELL, total, most).where(_TOLD.c.day >= since, _TOLD.c.day < ends)
        for column, code in ((_TOLD.c.recogniser, recogniser), (_TOLD.c.register, register)):
            if code is not None:
                asked = asked.where(column == code)
        with self._store.transaction(writes=True) as connection:
            make_tables(connection, _TABLES)
            rows: Sequence[Any] = connection.execute(asked.group_by(*_CELL).order_by(*_CELL)).all()
        return [
            Counted(cell=Cell(*cell), count=None if self._is_small(int(count), int(most)) else int(count))
            for *cell, count, most in map(tuple, rows)
        ]

    def _is_small(self, count: int, most: int) -> bool:
        """Tell whether a count, or what is left of it without the part of whoever asked most, is too small to be given."""
        return count < self.small or 0 < count - most < self.small

    def _keep(self) -> None:
        while not self._closing.wait(self._every_s):
            self.flush()

    def _add(self, counts: Mapping[tuple[Cell, bytes], int]) -> None:
        """Add counts in one transaction; in order, so that two processes never wait for each other."""
        rows = [{**cell._asdict(), "asker": asker, "count": count} for (cell, asker), count in sorted(counts.items())]
        with self._store.transaction(writes=True) as connection:
            make_tables(connection, _TABLES)
            insert = INSERT[connection.dialect.name](_TOLD)
            added = {"count": _TOLD.c.count + insert.excluded.count}
            connection.execute(insert.on_conflict_do_update(index_elements=list(_TOLD.primary_key), set_=added), rows)


def _decisions_in(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    told: Sequence[Mapping[str, Any]] = document.get("decisions", document.get("stages", (document,)))
    return [one for one in told if "registers" in one]


def _recogniser_of(one: Mapping[str, Any]) -> str:
    """Return whose decision it is; empty if nothing was asked."""
    code: str = one["party"] if "party" in one else (one.get("question") or {}).get("recogniser", "")
    return code


def _cell(day: int, recogniser: str, one: Mapping[str, Any]) -> Cell:
    """Name the cell of a decision as it was told."""
    registers, recognised = one["registers"], one["recognised"]
    return Cell(
        day=day,
        recogniser=recogniser,
        register=(registers[-1] if recognised and registers else "+".join(registers))[:_LONGEST],
        verdict="unproven" if recognised is None else "recognised" if recognised else "not_recognised",
        reason=one["reasons"][0] if one["reasons"] else "",
    )
