"""News from a node's logs: one item for each act and subject, in the ledger's order, about what answers depend on; and whom they concern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.party import Membership
from aeo_ledger.errors.ledger import NodeFailed
from aeo_ledger.evidence.news import About, Cursor, NewsItem
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.ledger.port import Log
from aeo_ledger.ledger.topics import STATUS_CHANGED, WRITTEN
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import ALIAS, GOVERNANCE, LANE, PAIR, PARTY, RECORD, REGISTER, WITHHOLDING, pack
from aeo_ledger.protocol.tables import (
    Contract,
    Table,
    alias_key,
    lane_key,
    pair_key,
    slot_of,
    withholding_key,
)
from aeo_ledger.protocol.words import encode_party
from aeo_ledger.prover.news import Interest, find_interest, read_news
from support.sealed_world import ADDRESSES, NOW, members_of, party
from support.told_ledger import ToldLedger

Words = Mapping[tuple[Table, int], int]
ENTRY = b"\0\1\2" + b"\7" * 29
ALIAS_HASH = b"\5" * 32


class Told(ToldLedger):
    """A ledger whose transactions call what a test says."""

    called: tuple[bytes, bytes] = b"\x99" * 20, b""

    def call_data(self, _: str) -> tuple[bytes, bytes]:
        return self.called

    def time_of(self, block: int) -> int:
        return NOW + block


def lane(at: int) -> int:
    return pack(LANE, state=1, changed_at=at)


def record(at: int, kind: int = 4) -> int:
    return pack(RECORD, status=2, kind=kind, recorded_at=at)


def calls(contract: Contract, name: str, **values: Any) -> tuple[bytes, bytes]:
    return ADDRESSES[contract], encode_act(SignedAct(name=name, values=values))


def withholding(entry: bytes = ENTRY) -> tuple[bytes, bytes]:
    values = {"recogniser": 2, "serial": 1, "deadline": 1, "entry": entry, "withheld": True, "grounds": bytes(32)}
    return calls(Contract.CONSORTIUM, "Withholding", **values)


def told(words: Words, *events: tuple[bytes, int], called: tuple[bytes, bytes] = Told.called) -> list[NewsItem]:
    ledger = Told()
    ledger.called = called
    ledger.seal(dict(words), events)
    return read_news(ledger, 0, 1)


def test_each_act_and_subject_is_one_item_in_the_ledgers_order() -> None:
    other = ENTRY[:-1] + b"\1"
    words = {
        (Table.PAIR, pair_key(2, 1)): 1,
        (Table.LANE, lane_key(2, 1, 3)): lane(NOW + 1),
        (Table.LANE, lane_key(2, 1, 0)): lane(NOW + 1),
        (Table.PAIR_HEAD, pair_key(2, 1)): 5,
        (Table.LANE, lane_key(3, 1, 0)): lane(NOW + 1),
    }
    first, second, third, fourth = told(
        words, (ENTRY, record(NOW + 1, 1)), (other, record(NOW + 1)), (ENTRY, record(NOW + 1))
    )
    assert (first.at, first.about, first.recogniser, first.register) == (Cursor(1, 1), About.LANES, 2, 1)
    assert first.words == ((0, lane(NOW + 1)), (3, lane(NOW + 1)))
    assert (second.at, second.recogniser) == (Cursor(1, 4), 3)
    assert (third.entry, third.what, third.words) == (ENTRY, "suspend", ((0, record(NOW + 1)),)), "its last event"
    assert (fourth.entry, fourth.time) == (other, NOW + 1)


def test_of_a_party_only_what_answers_depend_on_is_news() -> None:
    [item] = told({(Table.PARTY, 1): pack(PARTY, changed_at=NOW + 1), (Table.PARTY, 2): pack(PARTY, changed_at=NOW)})
    assert (item.about, item.party) == (About.PARTY, 1)
    assert told({(table, 1): 1 for table in (Table.OFFICE, Table.KEY, Table.PARTY_HEAD, Table.CARD, Table.TEXT)}) == []


def test_registers_keys_and_successions_are_news() -> None:
    words = {
        (Table.REGISTER, 4): pack(REGISTER, mode=1, changed_at=NOW + 1),
        (Table.KEY_CHECK, 4 << 8 | 1): 7,
        (Table.KEY_CHECK, 4 << 8 | 0): 6,
        (Table.SUCCESSION, 0): 8,
        (Table.SUCCESSION, 1): 9,
    }
    opened, keys, succession = told(words)
    assert (opened.about, opened.register) == (About.REGISTER, 4)
    assert (keys.about, keys.register, keys.words) == (About.LOOKUP_KEY, 4, ((0, 6), (1, 7)))
    assert (succession.about, succession.words) == (About.SUCCESSION, ((0, 8),))


def test_withholdings_and_aliases_are_named_by_the_act() -> None:
    word = pack(WITHHOLDING, withheld=1, changed_at=NOW + 1, serial=1)
    written = {(Table.WITHHOLDING, withholding_key(2, ENTRY)): word, (Table.PAIR_HEAD, pair_key(2, 1)): 5}
    [item] = told(written, called=withholding())
    assert (item.about, item.recogniser, item.register, item.entry) == (About.WITHHOLDING, 2, 1, ENTRY)
    values = {
        "recogniser": 2, "serial": 1, "deadline": 1, "alias_hash": ALIAS_HASH, "binding": 0, "certificate_type": 2,
        "entry": ENTRY, "grounds": bytes(32),
    }  # fmt: skip
    key = alias_key(2, ALIAS_HASH)
    bound = {
        (Table.ALIAS, key): pack(ALIAS, types_0=4, changed_at=NOW + 1),
        (Table.ALIAS_ENTRY, 7): 1,
        (Table.ALIAS_HEAD, key): 5,
    }
    [item] = told(bound, called=calls(Contract.REGISTERS, "AliasBinding", **values))
    assert (item.about, item.recogniser, item.alias) == (About.ALIAS, 2, ALIAS_HASH)


@pytest.mark.parametrize("called", [Told.called, (b"", b""), (ADDRESSES[Contract.CONSORTIUM], b"\1\2\3\4"), None])
def test_an_act_that_cannot_be_read_is_told_without_its_subject_and_never_kept_back(
    called: tuple[bytes, bytes] | None,
) -> None:
    """Because it was sent through somebody else's contract, or beside another act."""
    given = called or calls(
        Contract.CONSORTIUM, "Envelope", register=1, serial=1, deadline=1, recipient=2, epoch=0, sealed=b""
    )
    word = pack(WITHHOLDING, withheld=1, changed_at=NOW + 1, serial=1)
    written = {(Table.WITHHOLDING, withholding_key(2, ENTRY)): word, (Table.PAIR_HEAD, pair_key(2, 1)): 5}
    [item] = told(written, called=given)
    assert (item.recogniser, item.register, item.entry, item.words) == (2, 1, None, ())
    [item] = told({(Table.ALIAS, 7): pack(ALIAS, changed_at=NOW + 1)}, called=given)
    assert (item.about, item.recogniser, item.alias, item.words) == (About.ALIAS, None, None, ())


def test_news_are_the_same_whether_blocks_are_read_one_by_one_or_together() -> None:
    ledger = Told()
    for number in range(1, 6):
        ledger.seal({(Table.LANE, lane_key(2, 1, number)): lane(NOW + number)}, [(ENTRY, record(NOW + number))])
    together = read_news(ledger, 1, 5)
    assert len(together) == 10
    assert together == [item for number in range(1, 6) for item in read_news(ledger, number, number)]
    assert read_news(ledger, 3, 3)[0].at == Cursor(3, 0)


@pytest.mark.parametrize(
    "log",
    [
        Log(block=1, index=0, transaction="0x", topics=(STATUS_CHANGED,), data=bytes(64)),
        Log(block=1, index=0, transaction="0x", topics=(WRITTEN, bytes(32)), data=bytes(32)),
    ],
)
def test_a_log_of_another_form_is_the_nodes_fault(log: Log) -> None:
    ledger = Told()
    ledger.seal({(Table.SUCCESSION, 0): 8})
    ledger.alter = lambda _: [log]
    with pytest.raises(NodeFailed, match="not one of these contracts"):
        read_news(ledger, 1, 1)


# ---- whom they concern

UNION, MEMBER, OTHER, KEEPER, KEEPERS = 1, 2, 3, 4, 5


class Facts(ToldLedger):
    """Party 2 is in union 1, which recognises register 5 of a union whose member is 4; party 2 itself recognises register 4."""

    def word(self, contract: Contract, slot: int, _: int) -> int:
        parties = {number: party(number, memberships=members_of()) for number in range(1, 6)}
        parties[MEMBER] = replace(parties[MEMBER], memberships=members_of(Membership(union=UNION, leaves=1)))
        parties[KEEPER] = replace(parties[KEEPER], memberships=members_of(KEEPERS))
        words = {
            slot_of(Table.GOVERNANCE, 0): pack(GOVERNANCE, parties=5),
            slot_of(Table.PAIR, pair_key(MEMBER, KEEPER)): pack(PAIR, lanes=1),
            slot_of(Table.PAIR, pair_key(UNION, KEEPERS)): pack(PAIR, lanes=2),
            slot_of(Table.PAIR, pair_key(MEMBER, OTHER)): pack(PAIR, withheld=1),
            **{slot_of(Table.PARTY, number): encode_party(one) for number, one in parties.items()},
        }
        return words.get((contract, slot), 0)


def test_a_recogniser_hears_of_its_own_and_its_unions_lanes() -> None:
    ledger = Facts()
    assert find_interest(MEMBER, ledger, 0) == Interest(
        recognisers=frozenset({MEMBER, UNION}), registers=frozenset({KEEPER, KEEPERS}),
        parties=frozenset({MEMBER, UNION, KEEPER, KEEPERS}),
    )  # fmt: skip
    assert find_interest(OTHER, ledger, 0).registers == frozenset()
    assert find_interest(77, ledger, 0).recognisers == {77}


AT: dict[str, Any] = {"at": Cursor(1, 0), "time": 1}


@pytest.mark.parametrize(
    ("item", "concerns"),
    [
        (NewsItem(about=About.STANDING, register=KEEPER, entry=ENTRY, **AT), True),
        (NewsItem(about=About.STANDING, register=OTHER, entry=ENTRY, **AT), False),
        (NewsItem(about=About.LANES, recogniser=UNION, register=OTHER, **AT), True),
        (NewsItem(about=About.LANES, recogniser=OTHER, register=KEEPER, **AT), False),
        (NewsItem(about=About.WITHHOLDING, recogniser=MEMBER, register=OTHER, **AT), True),
        (NewsItem(about=About.WITHHOLDING, recogniser=OTHER, register=KEEPER, **AT), False),
        (NewsItem(about=About.ALIAS, recogniser=UNION, alias=ALIAS_HASH, **AT), True),
        (NewsItem(about=About.ALIAS, recogniser=KEEPER, alias=ALIAS_HASH, **AT), False),
        (NewsItem(about=About.ALIAS, **AT), True),
        (NewsItem(about=About.PARTY, party=KEEPERS, **AT), True),
        (NewsItem(about=About.PARTY, party=OTHER, **AT), False),
        (NewsItem(about=About.REGISTER, register=KEEPERS, **AT), True),
        (NewsItem(about=About.LOOKUP_KEY, register=OTHER, **AT), False),
        (NewsItem(about=About.SUCCESSION, **AT), True),
    ],
)
def test_who_is_concerned_hears_it_and_nobody_else(item: NewsItem, concerns: bool) -> None:
    assert find_interest(MEMBER, Facts(), 0).concerns(item) is concerns
