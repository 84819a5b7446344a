"""A request for a document counts once, as long as it could be used again, and only for a key and a lane that are in force."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.vocabulary import KeyRole, LaneState, PartyState
from aeo_ledger.errors.registers import NotEntitled
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import Table, slot_of
from aeo_ledger.protocol.words import encode_key
from aeo_ledger.registers.disclosure import MOST_AGE_S, DocumentRequest, UsedRequests, disclose
from aeo_ledger.registers.documents import Kept, Kind
from aeo_ledger.signing import Signer
from support.registers import open_test_book
from support.sealed_world import BY, BY_TRADER, CN, DAY, NOW, CustomsFacts, entry_of, lane, party

BEGAN = 1_000_000
ONE, OTHER = b"\1" * 32, b"\2" * 32


def test_a_request_counts_once_and_is_forgotten_when_it_is_too_old() -> None:
    used = UsedRequests(BEGAN)
    assert used.count(ONE, BEGAN, BEGAN)
    assert not used.count(ONE, BEGAN, BEGAN + MOST_AGE_S)
    assert used.count(OTHER, BEGAN, BEGAN)
    ahead = BEGAN + MOST_AGE_S  # signed by a clock that is ahead: it can be used for twice as long
    assert used.count(b"\3" * 32, ahead, BEGAN)
    assert not used.count(b"\3" * 32, ahead, ahead + MOST_AGE_S)
    assert used.count(OTHER, BEGAN, ahead + 1)  # forgotten: by then, `disclose` refuses it for its age


def test_what_was_signed_before_the_gateway_began_may_have_been_used() -> None:
    assert not UsedRequests(BEGAN).count(ONE, BEGAN - 1, BEGAN)


# ---- who is entitled

SIGNER = Signer.from_secret(b"\7" * 32)
KEPT = Kept(
    entry=entry_of(BY_TRADER, BY, 2),
    tin=BY_TRADER.text,
    kind=Kind.CERTIFICATE,
    media="application/json",
    salt=bytes(32),
    content=b"{}",
)


def ask(folder: Path, *, key: Key, asker: Party, recognition: Lane) -> Kept:
    """Ask Belarus for a document, as an operator of China."""
    world = CustomsFacts().grant(BY_TRADER, BY, 2).recognise(CN, BY, recognition)
    world.parties[CN] = asker
    words = {(contract, slot): word for contract, found in world.words().items() for slot, word in found.items()}
    words[slot_of(Table.KEY, int.from_bytes(SIGNER.address, "big"))] = encode_key(key)
    request = DocumentRequest(
        chain=1, registers=bytes(20), commitment=KEPT.commitment, at=NOW, nonce=bytes(16), host="gateway.example"
    )
    with open_test_book(folder / "book") as book:
        book.keep([KEPT])
        view = WordView(lambda contract, slot: words.get((contract, slot), 0))
        return disclose(book.find, view, request, SIGNER.sign(request.digest()), UsedRequests(NOW), now=NOW)


USUAL: dict[str, Any] = {
    "key": Key(party=CN, role=KeyRole.OPERATOR, added_at=NOW - DAY, epoch=3),
    "asker": party(CN, epoch=3),
    "recognition": lane(),
}


def test_an_operator_of_a_party_that_recognises_the_type_gets_the_document(tmp_path: Path) -> None:
    assert ask(tmp_path, **USUAL) == KEPT
    assert ask(tmp_path, **USUAL | {"recognition": lane(until=NOW + 1)}) == KEPT


@pytest.mark.parametrize(
    ("altered", "told"),
    [
        ({"key": replace(USUAL["key"], epoch=2)}, "the key is no operator of a party"),
        ({"key": replace(USUAL["key"], retired_at=NOW - 1)}, "the key is no operator of a party"),
        ({"key": replace(USUAL["key"], role=KeyRole.AUTHORITY)}, "the key is no operator of a party"),
        ({"asker": party(CN, epoch=4)}, "the key is no operator of a party"),
        ({"asker": party(CN, epoch=3, frozen=True)}, "the party is not active"),
        ({"asker": party(CN, epoch=3, state=PartyState.EXPELLED)}, "the party is not active"),
        ({"recognition": lane(until=NOW)}, "it recognises no certificate of this type"),
        ({"recognition": lane(in_force_from=NOW + 1)}, "it recognises no certificate of this type"),
        ({"recognition": lane(in_force_from=0)}, "it recognises no certificate of this type"),
        ({"recognition": lane(state=LaneState.SUSPENDED)}, "it recognises no certificate of this type"),
        ({"recognition": lane(types=0b011)}, "it recognises no certificate of this type"),
    ],
)
def test_who_is_no_longer_entitled_gets_nothing(tmp_path: Path, altered: dict[str, Any], told: str) -> None:
    with pytest.raises(NotEntitled, match=told):
        ask(tmp_path, **USUAL | altered)
