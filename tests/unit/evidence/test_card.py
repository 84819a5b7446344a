"""A card as it travels: two forms of one content, one hash, and nothing that a reader would skip."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.signing import MalformedDisclosureKey
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.disclosure_key import LENGTHS, Algorithm, DisclosureKey
from aeo_ledger.evidence.identity import STATEMENT_FORM, IdentityStatement
from aeo_ledger.protocol.tables import Contract
from support.identities import card_of

STATEMENT = IdentityStatement(
    chain_id=20261122,
    contracts={contract: bytes([place]) * 20 for place, contract in enumerate(Contract, 1)},
    party=1,
    code="BY",
    authority=(b"\x0a" * 20, b"\x0b" * 20),
    threshold=2,
    made_at=1_795_600_000,
    certificates=(b"\x30\x03\x02\x01\x07", b"\x30\x03\x02\x01\x08"),
    certificate_signature=b"\x01\x02",
    signatures=(b"\x03" * 65,),
)
CARD = card_of(STATEMENT)
BARE = Card(
    party="BY",
    names={"en": "State Customs Committee"},
    time_zone="UTC",
    office="Liaison desk",
    email="a@b.example",
    legal_basis="A law",
    link="https://customs.example/",
)


@pytest.mark.parametrize("card", [CARD, BARE, replace(CARD, identity=replace(STATEMENT, certificate_signature=b""))])
def test_a_card_is_read_as_it_was_written_in_both_forms(card: Card) -> None:
    assert CARD_FORM.decode(CARD_FORM.encode_file(card)) == card
    assert CARD_FORM.decode(CARD_FORM.encode_cbor(card)) == card
    shuffled = json.dumps(json.loads(CARD_FORM.encode_json(card)), sort_keys=True)
    assert CARD_FORM.decode_json(shuffled).hash() == card.hash()


def test_the_hash_and_the_content_are_those_of_the_format() -> None:
    """Pinned: another program that computes them from the page of the format must find these."""
    assert BARE.hash().hex() == "1d0313caaba5710cba24d59e1de091ee7fd0488eeb7e0224d36ff533d26e4eed"
    assert STATEMENT.digest().hex() == "9e0eaa0f31b7cd350b99a8bde44acf9eeb7f9fb25e7c28e452955adb81d63970"
    assert STATEMENT.fingerprint.hex() == "eceda61045db145d209debf0d245e44b5b1cc52e3c04266aa2a486fdb6a2b285"


@pytest.mark.parametrize(
    "altered",
    [
        {"party": "CN"},
        {"names": {"en": "Another"}},
        {"time_zone": "Asia/Shanghai"},
        {"office": "Another"},
        {"email": "x@y.example"},
        {"phone": ""},
        {"legal_basis": "Another"},
        {"link": "https://other.example"},
        {"gateway": ""},
        {"disclosure_key": None},
        {"disclosure_key": DisclosureKey(Algorithm.X25519, bytes(32))},
        {"reader_keys": ()},
        {"identity": None},
        {"identity": replace(STATEMENT, signatures=())},
    ],
)
def test_the_hash_is_of_every_part(altered: dict[str, Any]) -> None:
    assert replace(CARD, **altered).hash() != CARD.hash()


@pytest.mark.parametrize(
    "altered",
    [
        {"chain_id": 1},
        {"contracts": {**STATEMENT.contracts, Contract.GOVERNANCE: bytes(20)}},
        {"party": 2},
        {"code": "CN"},
        {"authority": (b"\x0a" * 20,)},
        {"threshold": 1},
        {"made_at": 1},
        {"certificates": (b"\x30\x00",)},
    ],
)
def test_both_sides_sign_every_part(altered: dict[str, Any]) -> None:
    assert replace(STATEMENT, **altered).content() != STATEMENT.content()
    assert replace(STATEMENT, **altered).digest() != STATEMENT.digest()


def test_signatures_and_the_way_to_the_root_are_not_signed() -> None:
    other = replace(STATEMENT, signatures=(), certificate_signature=b"", certificates=STATEMENT.certificates[:1])
    assert (other.content(), other.digest()) == (STATEMENT.content(), STATEMENT.digest())


def test_every_disclosure_key_has_the_length_of_its_algorithm() -> None:
    for algorithm, length in LENGTHS.items():
        key = DisclosureKey(algorithm, b"\x09" * length)
        card = replace(BARE, disclosure_key=key)
        written = CARD_FORM.encode_json(card)
        assert CARD_FORM.decode_json(written).disclosure_key == key
        with pytest.raises(MalformedDocument, match="public_key"):
            CARD_FORM.decode_json(written.replace("09" * length, "09" * (length - 1)))
        with pytest.raises(MalformedDisclosureKey):
            replace(key, public_key=b"\x09" * (length - 1))


Alter = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("alter", "at"),
    [
        (lambda d: d.pop("names"), "lacks names"),
        (lambda d: d.update(more=1), "unknown keys"),
        (lambda d: d.update(format="aeo-ledger/card/2"), "format"),
        (lambda d: d.update(party="by"), "party"),
        (lambda d: d["names"].pop("en"), "names"),
        (lambda d: d["names"].update(EN="x"), "names.EN"),
        (lambda d: d["names"].update(en=""), "names.en"),
        (lambda d: d["names"].update(en="a\nb"), "names.en"),
        (lambda d: d["names"].update(en=" a"), "names.en"),
        (lambda d: d["names"].update(en="\u202eevil"), "names.en"),
        (lambda d: d["names"].update(en="<a name>"), "names.en"),
        (lambda d: d.update(names={f"a{chr(97 + n)}": "x" for n in range(25)}), "names"),
        (lambda d: d.update(time_zone="Europe/Minsk; rm"), "time_zone"),
        (lambda d: d["contact"].pop("office"), "contact"),
        (lambda d: d["contact"].update(email="liaison"), "contact.email"),
        (lambda d: d["contact"].update(phone=""), "contact.phone"),
        (lambda d: d["contact"].update(office="x" * 301), "contact.office"),
        (lambda d: d["programme"].update(link="customs.example"), "programme.link"),
        (lambda d: d["programme"].update(link="javascript:alert(1)"), "programme.link"),
        (lambda d: d.update(gateway="https://g.example?x=1"), "gateway"),
        (lambda d: d["disclosure_key"].update(algorithm="RSA"), "disclosure_key.algorithm"),
        (lambda d: d["disclosure_key"].update(public_key="0x07"), "disclosure_key.public_key"),
        (lambda d: d.update(reader_keys=[]), "reader_keys"),
        (lambda d: d.update(reader_keys=["0x" + "08" * 20] * 2), "reader_keys"),
        (lambda d: d["identity"].update(format="aeo-ledger/card/1"), "identity.format"),
        (lambda d: d["identity"].update(code="by"), "identity.code"),
        (lambda d: d["identity"].update(authority=[]), "identity.authority"),
        (lambda d: d["identity"]["authority"].reverse(), "identity.authority"),
        (lambda d: d["identity"].update(authority=["0x" + "0a" * 20] * 2), "identity.authority"),
        (lambda d: d["identity"].update(threshold=0), "identity.threshold"),
        (lambda d: d["identity"].update(threshold=3), "identity.threshold"),
        (lambda d: d["identity"].update(certificates=[]), "identity.certificates"),
        (lambda d: d["identity"].update(certificates=["0x"]), "identity.certificates"),
        (lambda d: d["identity"].update(certificates=["0x" + "30" * 8_193]), "identity.certificates"),
        (lambda d: d["identity"].update(certificates=["0x30"] * 7), "identity.certificates"),
        (lambda d: d["identity"].update(certificate_signature="0x"), "identity.certificate_signature"),
        (lambda d: d["identity"].update(certificate_signature="0x" + "00" * 1_025), "identity.certificate_signature"),
        (lambda d: d["identity"].update(signatures=["0x03"]), "identity.signatures"),
        (lambda d: d["identity"]["contracts"].pop("registers"), "identity.contracts"),
        (lambda d: d["identity"].update(chain=1 << 64), "identity.chain"),
    ],
)
def test_anything_else_is_malformed_and_its_place_is_named(alter: Alter, at: str) -> None:
    document = json.loads(CARD_FORM.encode_json(CARD))
    alter(document)
    with pytest.raises(MalformedDocument) as caught:
        CARD_FORM.decode_json(json.dumps(document))
    assert at in str(caught.value)


def test_a_statement_also_travels_alone() -> None:
    assert STATEMENT_FORM.decode(STATEMENT_FORM.encode_file(STATEMENT)) == STATEMENT
    assert STATEMENT_FORM.decode(STATEMENT_FORM.encode_cbor(STATEMENT)) == STATEMENT
