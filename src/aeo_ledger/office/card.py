"""A party's card as a file: a template to fill in, and what is read with it. Whether it is the party's is proven by `verify.identity`."""

from __future__ import annotations

from pathlib import Path

from aeo_ledger.customs.country import find_country
from aeo_ledger.errors.gateway import CardNotHeld
from aeo_ledger.errors.office import CardOfAnother
from aeo_ledger.evidence.card import CARD_FORM, MAX_BYTES, Card
from aeo_ledger.files import create_file, write_file
from aeo_ledger.office.ask import encode_as_named, read_file
from aeo_ledger.office.calendar import demand_zone, find_zone
from aeo_ledger.primitives.pem import CERTIFICATE, REVOCATION_LIST, read_armoured

_LARGEST_CHAIN = 1 << 18
_LARGEST_LIST = 1 << 24
"""Most bytes of a file of revocation lists: a national authority's may name a hundred thousand certificates."""


def propose_card(code: str) -> Card:
    """Propose a card to a party: what is known is filled in, and what begins with `<` is refused until somebody has written it."""
    country = find_country(code)
    return Card(
        party=code,
        names={
            "en": f"<the customs administration of {country.name if country else code}; a name in each of its languages>"
        },
        time_zone=find_zone(code) or "<where its days begin, such as Europe/Minsk>",
        office="<the contact point for liaison officers>",
        email="<its address>",
        phone="<its number, with +; this line may be left out>",
        legal_basis="<the law that its AEO programme rests on>",
        link="<https://..., where this law can be read>",
        gateway="<https://..., its gateway; this line may be left out>",
    )


def create_card(path: Path, card: Card) -> None:
    """Write the first version of a card, to be edited.

    Raises:
        FileExists: The file exists.
        FileUnavailable: It cannot be written.
    """
    create_file(path, CARD_FORM.encode_file(card))


def read_card(path: Path, party: str | None = None) -> Card:
    """Read a card, in JSON or CBOR, and check what depends on this machine: its time zone.

    `party` is the code of the party whose card it should be; None for any.

    Raises:
        UnreadableFile, OversizedFile: The file cannot be read.
        MalformedDocument, MalformedText: It is not a card, or one that is not filled in.
        CardOfAnother: It is another party's.
    """
    card = CARD_FORM.decode(read_file(path, max_bytes=MAX_BYTES))
    demand_zone(card.time_zone)
    if party is not None and card.party != party:
        raise CardOfAnother(path=str(path), found=card.party, needed=party)
    return card


def hold_card(folder: Path | None, party: str) -> Card:
    """Read the card that a folder has of a party, by its code: `CODE.json`.

    Raises:
        CardNotHeld: There is no such file, or no folder.
        UnreadableFile, OversizedFile, MalformedDocument, MalformedText, CardOfAnother: See `read_card`.
    """
    path = None if folder is None else folder / f"{party}.json"
    if path is None or not path.is_file():
        raise CardNotHeld(party=party)
    return read_card(path, party)


def write_card(path: Path, card: Card) -> None:
    """Write a card: JSON, or CBOR if the name ends in .cbor.

    Raises:
        FileUnavailable: It cannot be written.
    """
    write_file(path, encode_as_named(path, CARD_FORM, card))


def read_certificates(path: Path) -> tuple[bytes, ...]:
    """Read X.509 certificates (DER each) from a file in PEM or DER, in its order.

    Raises:
        UnreadableFile, OversizedFile: The file cannot be read.
        MalformedText: It has none.
    """
    return read_armoured(read_file(path, max_bytes=_LARGEST_CHAIN), CERTIFICATE, what=str(path))


def read_revocations(path: Path) -> tuple[bytes, ...]:
    """Read lists of revoked certificates (DER each), as `read_certificates` does."""
    return read_armoured(read_file(path, max_bytes=_LARGEST_LIST), REVOCATION_LIST, what=str(path))
