"""A receipt as it travels: one form, one hash, and a signature that is of nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from aeo_ledger.customs.vocabulary import Role
from aeo_ledger.errors.customs import MalformedTin
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.evidence.receipt import RECEIPT_FORM, Receipt, hash_evidence
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.signing import Signer
from aeo_ledger.signing.receipt import sign_receipt
from support.samples import NO, SECRET, SIGNED, YES


@pytest.mark.parametrize("receipt", [YES, NO, SIGNED])
def test_a_receipt_is_read_as_it_was_written(receipt: Receipt) -> None:
    assert RECEIPT_FORM.decode_json(RECEIPT_FORM.encode_json(receipt)) == receipt
    assert RECEIPT_FORM.decode_json(RECEIPT_FORM.encode_json(receipt)).hash() == receipt.hash()


def test_its_hash_is_of_what_it_says_and_not_of_how_it_is_written_or_signed() -> None:
    written = json.dumps(json.loads(RECEIPT_FORM.encode_json(SIGNED)), sort_keys=True)
    assert RECEIPT_FORM.decode_json(written).hash() == SIGNED.hash()
    assert replace(SIGNED, signature=b"\1" * 65).hash() == SIGNED.hash()
    assert SIGNED.hash() != YES.hash()  # it names its signer


@pytest.mark.parametrize(
    "altered",
    [
        {"question": replace(YES.question, role=Role.CARRIER)},
        {"evidence": b"\4" * 32},
        {"trust": b"\4" * 32},
        {"received_at": 1_800_000_008},
        {"max_age": 301},
        {"signer": b"\4" * 20},
        *(
            {"answer": replace(YES.answer, **{field: value})}
            for field, value in {
                "recognised": False,
                "reasons": ("role",),
                "benefits": (),
                "registers": ("BY",),
                "issuer": None,
                "decided_for": 1,
                "block_number": 1,
                "block_hash": b"\4" * 32,
                "block_time": 1,
                "chain_id": 1,
            }.items()
        ),
    ],
)
def test_its_hash_is_of_every_part(altered: dict[str, Any]) -> None:
    assert replace(YES, **altered).hash() != YES.hash()


def test_any_wallet_signs_it() -> None:
    """eth-account signs the hash as a message of 32 bytes, and makes the very same signature."""
    account = Account.from_key(SECRET)
    named = replace(YES, signer=bytes.fromhex(account.address[2:]))
    theirs = account.sign_message(encode_defunct(primitive=named.hash())).signature
    assert replace(named, signature=bytes(theirs)) == SIGNED


def test_a_signature_is_its_signer_s() -> None:
    signature = Signature.parse(SIGNED.signature)
    assert signature.recover_signer(SIGNED.digest()) == SIGNED.signer == Signer.from_secret(SECRET).address
    again = sign_receipt(SIGNED, Signer.from_secret(b"\x12" * 32))
    assert again.signer == Signer.from_secret(b"\x12" * 32).address
    assert Signature.parse(again.signature).recover_signer(again.digest()) == again.signer


def test_evidence_has_one_hash_in_both_forms() -> None:
    evidence = Evidence(questions=(YES.question,), header=b"\xc0", nodes=(b"\1", b"\2"))
    assert hash_evidence(EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(evidence))) == hash_evidence(
        EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence))
    )
    assert hash_evidence(replace(evidence, nodes=(b"\2", b"\1"))) != hash_evidence(evidence)


def changed(**members: Any) -> str:
    document = {**json.loads(RECEIPT_FORM.encode_json(SIGNED)), **members}
    return json.dumps({key: value for key, value in document.items() if value is not None})


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        changed(format="aeo-ledger/receipt/2"),
        changed(more=1),
        changed(verdict=None),
        changed(verdict=True),
        changed(verdict="perhaps"),
        changed(signature=None),
        changed(signer=None),
        changed(signature="0x" + "00" * 64),
        changed(signer="0x" + "00" * 32),
        changed(evidence="0x" + "00" * 31),
        changed(trust="00" * 32),
        changed(received_at=-1),
        changed(received_at=1 << 32),
        changed(received_at=1.0),
        changed(received_at=True),
        changed(max_age="300"),
        changed(reasons="suspended"),
        changed(benefits=[1]),
        changed(registers=[""]),
        changed(registers=["BY"] * 65),
        changed(issuer=""),
        changed(block={"number": 1, "hash": "0x" + "00" * 32}),
        changed(block={"number": 1, "hash": "0x" + "00" * 32, "time": 1, "more": 1}),
        changed(question={"tin": "BY1"}),
        changed(chain=1 << 64),
        RECEIPT_FORM.encode_json(SIGNED)[:-1] + ', "chain": 1}',
        " " * (1 << 16) + RECEIPT_FORM.encode_json(SIGNED),
    ],
)
def test_another_document_is_refused(document: str) -> None:
    with pytest.raises(MalformedDocument):
        RECEIPT_FORM.decode_json(document)


def test_a_receipt_with_a_malformed_tin_is_refused() -> None:
    question = {**json.loads(RECEIPT_FORM.encode_json(YES))["question"], "tin": "by1"}
    with pytest.raises(MalformedTin):
        RECEIPT_FORM.decode_json(changed(question=question))
