"""News of a ledger: what each sealed act changed, read from a node's logs; and whom it concerns.

A node's logs have all that was ever written, in order, and every node numbers them alike. So the news of some blocks are the same from every
gateway and from each of its workers, whenever they are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from aeo_ledger.customs.entry import register_of
from aeo_ledger.errors import Malformed
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.evidence.news import STAMPED, About, Cursor, NewsItem, is_named
from aeo_ledger.ledger.bindings import decode_act
from aeo_ledger.ledger.port import Ledger, Log
from aeo_ledger.ledger.topics import STATUS_CHANGED, WRITTEN, read_entry, read_event, read_place, read_word
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import WITH_ANSWERS, Table

_LANE_BITS: Final = 8
_LANE_MASK: Final = (1 << _LANE_BITS) - 1
_TYPE_BITS: Final = 8
_TYPE_MASK: Final = (1 << _TYPE_BITS) - 1
_PARTY_BITS: Final = 16
_PARTY_MASK: Final = (1 << _PARTY_BITS) - 1


class _Reading:
    """The items of some blocks. The blocks' times, and acts whose logs do not name their subject, are fetched when they are needed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._times: dict[int, int] = {}
        self.items: dict[tuple[Any, ...], NewsItem] = {}
        """By act and subject, in order."""

    def read(self, logs: Sequence[Log]) -> None:
        """Read the logs of one transaction."""
        for log in logs:
            if log.topics[0] == STATUS_CHANGED:
                entry, (record, _) = read_entry(log), read_event(log)
                self._add(log, About.STANDING, record, register=register_of(entry), entry=entry)
            elif log.topics[0] == WRITTEN:
                self._read_word(log, logs)

    def _read_word(self, log: Log, beside: Sequence[Log]) -> None:
        (table, key), word = read_place(log), read_word(log)
        if table == Table.LANE:
            recogniser, register = _read_pair(key >> _LANE_BITS)
            self._add(log, About.LANES, word, key & _LANE_MASK, recogniser=recogniser, register=register)
        elif table == Table.WITHHOLDING:
            self._add_withholding(log, word, beside)
        elif table == Table.ALIAS:
            act = self._act(log, "AliasBinding")
            self._add(log, About.ALIAS, word, recogniser=act.get("recogniser"), alias=act.get("alias_hash"))
        elif table == Table.PARTY:
            self._add(log, About.PARTY, word, party=key)
        elif table == Table.REGISTER:
            self._add(log, About.REGISTER, word, register=key)
        elif table == Table.KEY_CHECK:
            self._add(log, About.LOOKUP_KEY, word, key & _TYPE_MASK, register=key >> _TYPE_BITS)
        elif table == Table.SUCCESSION and key == 0:
            self._add(log, About.SUCCESSION, word)

    def _add_withholding(self, log: Log, word: int, beside: Sequence[Log]) -> None:
        """Add a withholding, whose log names neither recogniser nor entry. If the act cannot be read, its pair is in the log of its history."""
        act = self._act(log, "Withholding")
        if act:
            entry: bytes = act["entry"]
            named = {"recogniser": act["recogniser"], "register": register_of(entry), "entry": entry}
            self._add(log, About.WITHHOLDING, word, **named)
            return
        for other in beside:
            if other.topics[0] == WRITTEN and (place := read_place(other))[0] == Table.PAIR_HEAD:
                recogniser, register = _read_pair(place[1])
                self._add(log, About.WITHHOLDING, word, recogniser=recogniser, register=register, entry=None)

    def _add(self, log: Log, about: About, word: int, place: int = 0, **members: Any) -> None:
        """Add a written word to the item of its act and subject."""
        stamp, time = STAMPED.get(about), self._time(log.block)
        if stamp is not None and stamp.of(word) != time:
            return  # of a party: a change that no answer depends on
        act = (log.block, log.transaction, about, *members.values())
        item = self.items.get(act) or NewsItem(at=Cursor(log.block, log.index), time=time, about=about, **members)
        words = sorted({**dict(item.words), place: word}.items()) if is_named(item) else ()
        self.items[act] = replace(item, words=tuple(words))

    def _time(self, block: int) -> int:
        if block not in self._times:
            self._times[block] = self._ledger.time_of(block)
        return self._times[block]

    def _act(self, log: Log, message: str) -> Mapping[str, Any]:
        """Read the act in a log's transaction; empty if the transaction calls another contract, or another function."""
        called, data = self._ledger.call_data(log.transaction)
        contract = CONTRACT_OF[message]
        act = decode_act(contract, data) if called == self._ledger.address(contract) else None
        return act.values if act is not None and act.name == message else {}


def read_news(ledger: Ledger, since: int, until: int) -> list[NewsItem]:
    """Read the news of some blocks from a node.

    Args:
        ledger: The port to the node.
        since: The first block.
        until: The last block, included.

    Raises:
        NodeFailed: a log is not one that these contracts write.
        Unavailable: the node does not answer.
    """
    logs = [log for contract in WITH_ANSWERS for log in ledger.logs(contract, [], since=since, until=until)]
    logs.sort(key=attrgetter("block", "index"))
    reading = _Reading(ledger)
    for (block, transaction), group in groupby(logs, attrgetter("block", "transaction")):
        try:
            reading.read(list(group))
        except (ValueError, IndexError, Malformed) as error:
            detail = f"a log of {transaction} in block {block} is not one of these contracts: {error}"
            raise NodeFailed(method="eth_getLogs", detail=detail) from error
    return sorted(reading.items.values(), key=attrgetter("at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What the answers to one recogniser depend on, as of one block."""

    recognisers: frozenset[int]
    """It and its unions: their lanes, aliases and withholdings count."""
    registers: frozenset[int]
    """To which one of these ever had a lane."""
    parties: frozenset[int]
    """All of these, and the members of unions among the registers."""

    def concerns(self, item: NewsItem) -> bool:
        """Tell whether an item may change an answer. What an item does not name concerns everybody."""
        if item.about in {About.LANES, About.WITHHOLDING, About.ALIAS}:
            return item.recogniser is None or item.recogniser in self.recognisers
        if item.about is About.PARTY:
            return item.party in self.parties
        return item.register is None or item.register in self.registers


def find_interest(recogniser: int, ledger: Ledger, block: int) -> Interest:
    """Find what the answers to a recogniser, by its number, depend on, as of a block.

    A membership counts until its place is used again, and a lane for ever: news of more than is needed do no harm.

    Raises:
        Unavailable: the node does not answer.
    """
    view = WordView(lambda contract, slot: ledger.word(contract, slot, block))
    count = GOVERNANCE["parties"].of(view.word(Table.GOVERNANCE, 0))
    parties = {number: party for number in range(1, count + 1) if (party := view.party(number)) is not None}
    unions = {number: {place.union for place in party.memberships} - {0} for number, party in parties.items()}
    recognisers = {recogniser, *unions.get(recogniser, ())}
    registers = {number for number in parties for one in recognisers if view.pair(one, number).lanes}
    return Interest(
        recognisers=frozenset(recognisers),
        registers=frozenset(registers),
        parties=frozenset(recognisers | registers | {number for number in parties if unions[number] & registers}),
    )


def _read_pair(key: int) -> tuple[int, int]:
    """Read recogniser and register from a pair's key."""
    return key >> _PARTY_BITS, key & _PARTY_MASK
