"""A card is its party's only if the ledger has its hash, and a certificate is an authority's only if all of its present keys say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import KeyRole
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.errors.verify import (
    AuthorityChanged,
    IdentityOfAnother,
    NoCardRecorded,
    NoIdentity,
    OtherCard,
    OtherX509Recorded,
    StrangerStated,
    TooFewStated,
)
from aeo_ledger.evidence.card import Card
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.signing import Signer
from aeo_ledger.verify.identity import ClaimedIdentity, slots_of_card, verify_card, verify_claim
from support.identities import BELARUS, KEYS, OWN, STRANGER, Recorded, card_of, key_of, state
from support.sealed_world import BY, NOW

CARD = card_of(state())


def claim(there: Recorded, card: Card | None = None) -> ClaimedIdentity:
    words = there.words()
    return verify_claim(verify_card(card or there.card, BY, words), words)


def test_a_card_that_is_recorded_and_signed_by_enough_keys_claims_its_certificate() -> None:
    proven = verify_card(CARD, BY, Recorded(CARD).words())
    assert (proven.card, proven.number) == (CARD, BY)
    claimed = claim(Recorded(CARD))
    assert claimed.statement == CARD.identity
    assert claimed.signers == tuple(key.address for key in KEYS[:2])
    assert len(claim(Recorded(card_of(state(signers=KEYS)))).signers) == 3


def test_the_words_that_prove_it_are_named() -> None:
    own = [slot_of(table, BY) for table in (Table.PARTY, Table.CARD, Table.CERTIFICATE)]
    assert slots_of_card(card_of(), BY) == own
    keys = {slot_of(Table.KEY, int.from_bytes(key.address, "big")) for key in KEYS}
    assert set(slots_of_card(CARD, BY)) == {*own, *keys}


@pytest.mark.parametrize(
    ("how", "offered", "error"),
    [
        ({"card_hash": bytes(32)}, CARD, NoCardRecorded),
        ({"card_hash": b"\1" * 32}, CARD, OtherCard),
        ({}, replace(CARD, email="thief@customs.example"), OtherCard),
        ({}, replace(CARD, gateway="https://thief.example"), OtherCard),
        ({}, replace(CARD, identity=None), OtherCard),
        ({}, replace(CARD, names={"en": "State Customs Committee"}), OtherCard),
    ],
)
def test_any_other_card_is_refused(how: dict[str, Any], offered: Card, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify_card(offered, BY, Recorded(CARD, **how).words())


def test_a_card_of_another_code_is_refused_although_its_hash_is_recorded() -> None:
    other = card_of(party="CN")
    with pytest.raises(OtherCard):
        verify_card(other, BY, Recorded(other).words())


def test_a_party_that_is_not_there_has_no_card() -> None:
    with pytest.raises(NoCardRecorded):
        verify_card(CARD, 77, Recorded(CARD).words())


def test_a_card_without_a_statement_proves_itself_and_no_certificate() -> None:
    there = Recorded(card_of())
    assert verify_card(there.card, BY, there.words()).card.identity is None
    with pytest.raises(NoIdentity):
        claim(there)


@pytest.mark.parametrize(
    ("signers", "error"),
    [
        ((), TooFewStated),
        (KEYS[:1], TooFewStated),
        ((KEYS[0], KEYS[0]), TooFewStated),  # one key twice is one key
        ((KEYS[0], STRANGER), StrangerStated),
        ((*KEYS, STRANGER), StrangerStated),
    ],
)
def test_too_few_keys_and_strangers_are_refused(signers: tuple[Signer, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        claim(Recorded(card_of(state(signers=signers))))


def test_it_says_how_many_keys_signed() -> None:
    with pytest.raises(TooFewStated) as caught:
        claim(Recorded(card_of(state(signers=KEYS[:1]))))
    assert caught.value.facts() == {"found": 1, "keys": 3, "needed": 2}


@pytest.mark.parametrize(
    "altered",
    [
        {"made_at": NOW},
        {"threshold": 1},
        {"authority": tuple(key.address for key in KEYS[:2])},
        {"certificates": (OWN.issuer.der,) if OWN.issuer else ()},
        {"party": 2},
        {"code": "CN"},
        {"chain_id": 1},
        {"contracts": dict.fromkeys(Contract, b"\1" * 20)},
    ],
)
def test_a_statement_that_was_altered_after_it_was_signed_is_a_stranger_s(altered: dict[str, Any]) -> None:
    statement = replace(state(), **altered)
    with pytest.raises(StrangerStated):
        claim(Recorded(card_of(statement)))


@pytest.mark.parametrize("signature", [b"\0" * 65, b"\1" * 64 + b"\x05", b"\xff" * 64 + b"\x1b"])
def test_a_signature_that_no_key_can_have_made_is_malformed(signature: bytes) -> None:
    with pytest.raises(MalformedSignature):
        claim(Recorded(card_of(replace(state(), signatures=(signature,)))))


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"chain_id": 1}, "chain"),
        ({"contracts": {**state().contracts, Contract.GOVERNANCE: b"\1" * 20}}, "contract governance"),
        ({"party": 2}, "party"),
        ({"code": "CN"}, "party"),
    ],
)
def test_a_statement_for_another_ledger_or_party_is_refused_although_it_is_well_signed(
    other: dict[str, Any], what: str
) -> None:
    with pytest.raises(IdentityOfAnother) as caught:
        claim(Recorded(card_of(state(**other))))
    assert caught.value.what == what


@pytest.mark.parametrize(
    ("how", "change"),
    [
        ({"keys": {key.address: key_of() for key in KEYS[:2]}}, "is no key of it"),
        (
            {"keys": {**{key.address: key_of() for key in KEYS[:2]}, KEYS[2].address: key_of(party=2)}},
            "is no key of it",
        ),
        ({"keys": {key.address: key_of(role=KeyRole.OPERATOR) for key in KEYS}}, "is no key of it"),
        ({"keys": {key.address: key_of(added_at=0) for key in KEYS}}, "is no key of it"),
        ({"keys": {key.address: key_of(retired_at=NOW - 1) for key in KEYS}}, "serves no more"),
        ({"keys": {key.address: key_of(epoch=0) for key in KEYS}}, "serves no more"),
        ({"party": replace(BELARUS, authority_keys=4)}, "it has 4 keys, and the statement names 3"),
        ({"party": replace(BELARUS, authority_threshold=3)}, "3 of its keys must sign, and the statement says 2"),
    ],
)
def test_an_authority_that_changed_since_is_refused(how: dict[str, Any], change: str) -> None:
    with pytest.raises(AuthorityChanged) as caught:
        claim(Recorded(CARD, **how))
    assert change in caught.value.change


@pytest.mark.parametrize("recorded", [bytes(32), b"\1" * 32])
def test_a_certificate_whose_fingerprint_the_authority_did_not_record_is_refused(recorded: bytes) -> None:
    assert CARD.identity is not None
    with pytest.raises(OtherX509Recorded) as caught:
        claim(Recorded(CARD, certificate=recorded))
    assert caught.value.facts() == {"found": CARD.identity.fingerprint, "needed": recorded}
