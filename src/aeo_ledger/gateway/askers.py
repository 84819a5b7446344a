"""Who stands behind a key, by the ledger as of its newest block: an operator, an authority, or a reader that an authority named.

Readers are in their party's card. The ledger has the card's hash, signed there by the authority, so a card that this gateway holds counts
only if it is that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import KeyRole, PartyState
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.gateway import AskerExpelled, AskerSuspended, KeyRetired, KeyUnknown, OperatorsFrozen
from aeo_ledger.office.card import hold_card
from aeo_ledger.protocol.access import OPERATE, PUBLISH, READ, VERIFY, Token
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import Table

_MOST_PARTIES: Final = 255


class Kind(StrEnum):
    """What a key is to its party."""

    OPERATOR = "an operator"
    AUTHORITY = "the authority"
    READER = "a reader"


MAY: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.OPERATOR: (VERIFY, READ, PUBLISH, OPERATE),
        Kind.READER: (VERIFY, READ),
        Kind.AUTHORITY: (VERIFY, READ, PUBLISH),  # a party that has no operator left must be able to name one
    }
)
"""The scopes that each kind of key may have."""

_KINDS: Final = {KeyRole.OPERATOR: Kind.OPERATOR, KeyRole.AUTHORITY: Kind.AUTHORITY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, as the ledger says."""

    number: int
    """Of the party."""
    party: Party
    address: bytes
    """Of the key, 20 bytes."""
    kind: Kind
    until: int
    """Until when its token serves, UTC seconds."""


class Cards:
    """The cards in a folder, as far as they are those whose hashes the ledger has. None if there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._readers: dict[int, tuple[bytes, ...]] = {}

    def readers(self, code: str, recorded: int) -> tuple[bytes, ...]:
        """List the readers (addresses of 20 bytes) in a party's card, by its code and the word with the card's hash."""
        if not recorded:
            return ()
        if recorded not in self._readers:
            try:
                card = hold_card(self._folder, code)
            except AeoLedgerError:  # an unreadable card names nobody
                return ()
            if int.from_bytes(card.hash(), "big") != recorded:
                return ()
            self._readers[recorded] = card.reader_keys
        return self._readers[recorded]


def find_asker(token: Token, words: WordView, cards: Cards, *, now: int) -> Asker:
    """Find who a token's key speaks for.

    Args:
        token: Signed by the key that it names.
        words: The ledger as of its newest block.
        cards: For readers.
        now: UTC seconds.

    Raises:
        KeyUnknown: The key stands nowhere on the ledger for the token's party.
        KeyRetired: It serves the party no more.
        AskerExpelled, AskerSuspended, OperatorsFrozen: The party, or its operators, count for nothing now.
        UnreadableValue: No contract of this project writes such a word.
    """
    asker = _find_on_ledger(token, words) or _find_in_card(token, words, cards)
    if asker is None:
        raise KeyUnknown(address=token.address, party=token.party)
    party, state = asker.party, asker.party.state_at(now)
    if state is PartyState.EXPELLED:
        raise AskerExpelled(party=party.code)
    if state is PartyState.SUSPENDED:
        raise AskerSuspended(party=party.code, until_time=party.suspended_until)
    if party.frozen and asker.kind is Kind.OPERATOR:
        raise OperatorsFrozen(party=party.code)
    return asker


def _find_on_ledger(token: Token, words: WordView) -> Asker | None:
    key = words.key(token.address)
    party = None if key is None or key.role not in _KINDS else words.party(key.party)
    if key is None or party is None or party.code != token.party:
        return None
    if not key.added_at or key.retired_at or key.epoch != party.epoch:
        raise KeyRetired(address=token.address, party=party.code)
    return Asker(number=key.party, party=party, address=token.address, kind=_KINDS[key.role], until=token.until)


def _find_in_card(token: Token, words: WordView, cards: Cards) -> Asker | None:
    for number in range(1, _MOST_PARTIES + 1):
        party = words.party(number)
        if party is not None and party.code == token.party:
            if token.address in cards.readers(party.code, words.word(Table.CARD, number)):
                return Asker(number=number, party=party, address=token.address, kind=Kind.READER, until=token.until)
            return None
    return None
