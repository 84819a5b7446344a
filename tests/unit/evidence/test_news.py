"""An item of news as it travels: one form; what it repeats follows from the rest, and where its proof is follows from its subject."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.evidence.news import NEWS_FORM, Cursor, NewsItem, is_named, read_cursor, slots_of
from aeo_ledger.protocol.layouts import RECORD, WITHHOLDING, pack
from aeo_ledger.protocol.tables import (
    Contract,
    Table,
    alias_key,
    lane_key,
    record_slot,
    withholding_key,
    word_slot,
)
from support.news import (
    ALIAS,
    BOUND,
    ENTRY,
    ITEMS,
    KEYS,
    LANES,
    NOBODY,
    OPENED,
    PARTY,
    STANDING,
    SUCCEEDED,
    UNNAMED,
    WITHHELD,
)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.about)
def test_an_item_is_read_as_it_was_written(item: NewsItem) -> None:
    assert NEWS_FORM.decode_json(NEWS_FORM.encode_json(item)) == item


def test_what_an_item_says_in_a_word_follows_from_what_was_written() -> None:
    assert [item.what for item in ITEMS] == ["suspend", None, "withhold", *[None] * 7]
    assert replace(WITHHELD, words=((0, pack(WITHHOLDING, changed_at=5)),)).what == "allow"
    assert replace(STANDING, words=((0, pack(RECORD, kind=15)),)).what == "event kind 15"


def test_the_slots_of_an_item_follow_from_its_subject() -> None:
    consortium, registers = Contract.CONSORTIUM, Contract.REGISTERS
    assert slots_of(STANDING) == ((registers, record_slot(ENTRY)),)
    assert slots_of(LANES) == tuple((consortium, word_slot(Table.LANE, lane_key(2, 1, lane))) for lane in (0, 3))
    assert slots_of(WITHHELD) == ((consortium, word_slot(Table.WITHHOLDING, withholding_key(2, ENTRY))),)
    assert slots_of(BOUND) == ((registers, word_slot(Table.ALIAS, alias_key(2, ALIAS))),)
    assert slots_of(PARTY) == ((consortium, word_slot(Table.PARTY, 7)),)
    assert slots_of(OPENED) == ((consortium, word_slot(Table.REGISTER, 7)),)
    assert slots_of(KEYS) == tuple((consortium, word_slot(Table.KEY_CHECK, 7 << 8 | kind)) for kind in (0, 2))
    assert slots_of(SUCCEEDED) == ((consortium, word_slot(Table.SUCCESSION, 0)),)
    assert (slots_of(UNNAMED), slots_of(NOBODY)) == ((), ())
    assert [is_named(item) for item in ITEMS] == [True] * 8 + [False] * 2


def test_an_item_says_where_its_proof_is() -> None:
    told: dict[str, Any] = json.loads(NEWS_FORM.encode_json(STANDING))
    slot = record_slot(ENTRY).to_bytes(32, "big").hex()
    asked = {
        "method": "POST",
        "path": "/v1/proofs",
        "body": {"slots": [{"contract": "registers", "slot": f"0x{slot}"}]},
    }
    assert told["evidence"] == asked
    assert told["history"] == {"method": "POST", "path": "/v1/history", "body": {"entries": [f"0x{ENTRY.hex()}"]}}
    assert "history" not in json.loads(NEWS_FORM.encode_json(WITHHELD))
    assert "evidence" not in json.loads(NEWS_FORM.encode_json(UNNAMED))


FORGERIES: list[tuple[NewsItem, dict[str, Any], str]] = [
    (STANDING, {"format": "aeo-ledger/news/2"}, "format"),
    (STANDING, {"about": "weather"}, "about"),
    (STANDING, {"about": "party"}, "entry|party|words"),
    (STANDING, {"id": "17"}, "block|id"),
    (STANDING, {"id": "017:3"}, "id"),
    (STANDING, {"block": 18}, "block"),
    (STANDING, {"time": -1}, "time"),
    (STANDING, {"what": "reinstate"}, "what"),
    (STANDING, {"what": None}, "what"),
    (STANDING, {"register": 2}, "register"),
    (STANDING, {"register": None}, "words"),
    (STANDING, {"entry": "0x00"}, "entry"),
    (STANDING, {"words": []}, "words"),
    (STANDING, {"words": [{"place": 1, "word": "0x" + "00" * 32}]}, "words"),
    (STANDING, {"words": [{"place": 0, "word": "0x00"}]}, "word"),
    (STANDING, {"words": [{"place": 0}]}, "lacks"),
    (STANDING, {"evidence": {"method": "GET", "path": "http://elsewhere/", "body": {}}}, "evidence"),
    (STANDING, {"history": None}, "history"),
    (STANDING, {"party": 1}, "party"),
    (STANDING, {"tin": "BY1"}, "tin"),
    (STANDING, {"format": None}, "format"),
    (LANES, {"words": [{"place": 3, "word": "0x" + "00" * 32}, {"place": 0, "word": "0x" + "00" * 32}]}, "words"),
    (LANES, {"words": [{"place": 0, "word": "0x" + "00" * 32}] * 2}, "words"),
    (LANES, {"history": {"method": "POST", "path": "/v1/history", "body": {}}}, "history"),
    (WITHHELD, {"register": 9}, "register"),
    (UNNAMED, {"words": [{"place": 0, "word": "0x" + "00" * 32}]}, "words"),
    (PARTY, {"party": 1 << 16}, "party"),
    (PARTY, {"party": True}, "party"),
]


@pytest.mark.parametrize(("item", "change", "place"), FORGERIES, ids=[f"{change}" for _, change, _ in FORGERIES])
def test_an_item_of_another_form_is_refused(item: NewsItem, change: dict[str, Any], place: str) -> None:
    told: dict[str, Any] = json.loads(NEWS_FORM.encode_json(item)) | change
    text = json.dumps({name: value for name, value in told.items() if value is not None})
    with pytest.raises((MalformedDocument, MalformedText), match=place):
        NEWS_FORM.decode_json(text)


def test_a_place_is_written_as_it_is_read_and_places_have_an_order() -> None:
    for text in ("0", "17", "17:0", "17:3"):
        assert str(read_cursor(text, "since")) == text
    assert sorted(map(str, sorted(map(Cursor, (17, 3))))) == ["17", "3"]
    assert Cursor(16) < Cursor(17, 0) < Cursor(17, 3) < Cursor(17) < Cursor(18, 0)


@pytest.mark.parametrize(
    "text", ["", " 1", "1:", ":1", "-1", "1:2:3", "0x1", "1" * 20, "1:" + "1" * 11, "\u0661", "1\n"]
)
def test_another_text_is_no_place(text: str) -> None:
    with pytest.raises(MalformedText, match="since"):
        read_cursor(text, "since")
