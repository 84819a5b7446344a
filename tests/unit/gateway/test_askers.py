"""Who stands behind a key, as the ledger says: each state of a key and of its party."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.customs.party import Key, Party
from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState
from aeo_ledger.errors.gateway import (
    AskerExpelled,
    AskerSuspended,
    KeyRetired,
    KeyUnknown,
    NotAllowed,
    NotIdentified,
    OperatorsFrozen,
)
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.gateway.askers import Cards, Kind, find_asker
from aeo_ledger.protocol.access import Token
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.protocol.words import encode_key, encode_party

NOW = 1_795_658_321
OPERATOR, AUTHORITY, NODE, READER, NOBODY = (bytes([number]) * 20 for number in range(1, 6))
PARTY = Party(code="BY", kind=PartyKind.ADMINISTRATION, state=PartyState.ACTIVE, epoch=1)
KEYS = {
    OPERATOR: Key(party=3, role=KeyRole.OPERATOR, added_at=NOW - 9, epoch=1),
    AUTHORITY: Key(party=3, role=KeyRole.AUTHORITY, added_at=NOW - 9, epoch=1),
    NODE: Key(party=3, role=KeyRole.NODE, added_at=NOW - 9, epoch=1),
}
CARD = Card(
    party="BY",
    names={"en": "Customs"},
    time_zone="Europe/Minsk",
    office="Desk",
    email="desk@customs.example",
    legal_basis="Code",
    link="https://customs.example/aeo",
    reader_keys=(READER,),
)


class World:
    """Words of a ledger, and the cards that a gateway holds."""

    def __init__(self, folder: Path, party: Party = PARTY) -> None:
        self.folder = folder
        self._words: dict[tuple[Contract, int], int] = {}
        self.put(Table.PARTY, 2, encode_party(replace(PARTY, code="CN")))
        self.put(Table.PARTY, 3, encode_party(party))
        self.put(Table.CARD, 3, int.from_bytes(CARD.hash(), "big"))
        for address, key in KEYS.items():
            self.put(Table.KEY, int.from_bytes(address, "big"), encode_key(key))
        self.hold(CARD)

    def put(self, table: Table, key: int, word: int) -> None:
        self._words[slot_of(table, key)] = word

    def hold(self, card: Card, code: str = "BY") -> None:
        (self.folder / f"{code}.json").write_bytes(CARD_FORM.encode_file(card))

    def find(self, address: bytes, party: str = "BY", cards: Cards | None = None) -> tuple[int, str, Kind]:
        token = Token(
            party=party,
            address=address,
            chain_id=7,
            host="a",
            issued_at=NOW,
            until=NOW + 60,
            number="07" * 16,
            scopes=("verify",),
        )
        words = WordView(lambda contract, slot: self._words.get((contract, slot), 0))
        asker = find_asker(token, words, cards or Cards(self.folder), now=NOW)
        return asker.number, asker.party.code, asker.kind


@pytest.mark.parametrize(
    ("address", "kind"), [(OPERATOR, Kind.OPERATOR), (AUTHORITY, Kind.AUTHORITY), (READER, Kind.READER)]
)
def test_operators_authorities_and_readers_speak_for_their_party(tmp_path: Path, address: bytes, kind: Kind) -> None:
    world = World(tmp_path)
    assert world.find(address) == (3, "BY", kind)
    for party in ("CN", "KZ"):
        with pytest.raises(KeyUnknown):
            world.find(address, party)


@pytest.mark.parametrize("address", [NODE, NOBODY])
def test_any_other_key_is_unknown(tmp_path: Path, address: bytes) -> None:
    with pytest.raises(KeyUnknown) as refused:
        World(tmp_path).find(address)
    assert (refused.value.address, refused.value.party) == (address, "BY")


@pytest.mark.parametrize("change", [{"retired_at": NOW - 1}, {"epoch": 0}, {"added_at": 0}])
@pytest.mark.parametrize("address", [OPERATOR, AUTHORITY])
def test_a_key_that_serves_no_more_or_not_yet_is_refused(
    tmp_path: Path, address: bytes, change: dict[str, int]
) -> None:
    world = World(tmp_path)
    world.put(Table.KEY, int.from_bytes(address, "big"), encode_key(replace(KEYS[address], **change)))  # type: ignore[arg-type]
    with pytest.raises(KeyRetired):
        world.find(address)


@pytest.mark.parametrize("address", [OPERATOR, AUTHORITY, READER])
@pytest.mark.parametrize(
    ("party", "error"),
    [
        (replace(PARTY, state=PartyState.EXPELLED), AskerExpelled),
        (replace(PARTY, state=PartyState.SUSPENDED, suspended_until=NOW + 1), AskerSuspended),
    ],
)
def test_a_party_that_may_not_ask_is_refused_with_all_its_keys(
    tmp_path: Path, address: bytes, party: Party, error: type[NotAllowed]
) -> None:
    with pytest.raises(error):
        World(tmp_path, party).find(address)


def test_a_suspension_ends_by_itself(tmp_path: Path) -> None:
    party = replace(PARTY, state=PartyState.SUSPENDED, suspended_until=NOW)
    assert World(tmp_path, party).find(OPERATOR)[2] is Kind.OPERATOR


def test_a_freeze_stops_operators_and_not_those_who_lift_it_or_read(tmp_path: Path) -> None:
    world = World(tmp_path, replace(PARTY, frozen=True))
    with pytest.raises(OperatorsFrozen):
        world.find(OPERATOR)
    assert [world.find(address)[2] for address in (AUTHORITY, READER)] == [Kind.AUTHORITY, Kind.READER]


def _refuses(world: World, cards: Cards | None = None) -> type[NotIdentified]:
    with pytest.raises(KeyUnknown) as refused:
        world.find(READER, cards=cards)
    return type(refused.value)


def test_a_reader_counts_only_in_the_card_whose_hash_the_ledger_has(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.hold(replace(CARD, reader_keys=(READER, NOBODY)))  # the gateway's operator, or a thief, added one
    assert _refuses(world)
    world.hold(CARD)
    cards = Cards(tmp_path)
    assert world.find(READER, cards=cards)[2] is Kind.READER
    world.put(Table.CARD, 3, int.from_bytes(replace(CARD, reader_keys=()).hash(), "big"))  # the authority took it away
    assert _refuses(world, cards)
    world.put(Table.CARD, 3, 0)
    assert _refuses(world, cards)


@pytest.mark.parametrize("content", [b"", b"{", None])
def test_a_card_that_cannot_be_read_names_nobody(tmp_path: Path, content: bytes | None) -> None:
    world = World(tmp_path)
    path = tmp_path / "BY.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert _refuses(world)
    assert _refuses(world, Cards(None))
