"""The recognition vectors as the verifier reads them, and what it proves in their own form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aeo_ledger.customs.vocabulary import Benefit, name_number
from aeo_ledger.evidence import EVIDENCE_FORM, AliasQuestion, decode_question
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.protocol.lookup_keys import LookupKey, LookupKeys
from aeo_ledger.verify import TRUST_FORM, ProvenDecision, TrustBundle, verify_recognition, verify_recognitions
from conformance.make_vectors import VECTORS

TRUST: dict[str, Any] = json.loads((VECTORS / "trust.json").read_text())


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text())
    assert case["name"] == path.stem
    return case


def trust_of(case: dict[str, Any]) -> TrustBundle:
    return TRUST_FORM.decode_json(json.dumps({**TRUST, **case["trust"]}))


def keys_of(case: dict[str, Any]) -> LookupKeys:
    return LookupKeys(
        LookupKey(register=one["register"], certificate_type=one["type"], secret=bytes.fromhex(one["key"][2:]))
        for one in case.get("keys", ())
    )


def verify(case: dict[str, Any], *, as_cbor: bool = False) -> tuple[ProvenDecision, ...]:
    """Verify as a border system does, with the case's evidence in its own form or converted to CBOR."""
    asked = [decode_question(Fields(one, document="question")) for one in case["asked"]]
    if "evidence_cbor" in case:
        evidence = EVIDENCE_FORM.decode_cbor(bytes.fromhex(case["evidence_cbor"][2:]))
    else:
        evidence = EVIDENCE_FORM.decode_json(
            case["evidence_text"] if "evidence_text" in case else json.dumps(case["evidence"])
        )
    if as_cbor:
        evidence = EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence))
    how = {"now": case["now"], "max_age": case["max_age"], "keys": keys_of(case)}
    if len(asked) == 1:
        return (verify_recognition(evidence, asked[0], trust_of(case), **how),)
    return verify_recognitions(evidence, asked, trust_of(case), **how)


def report(proven: tuple[ProvenDecision, ...]) -> dict[str, Any]:
    """Write what was proven in the form of the vectors."""
    first = proven[0]
    return {
        "answers": [
            {
                **({"trader": one.trader and one.trader.text} if isinstance(one.question, AliasQuestion) else {}),
                "recognised": one.decision.recognised,
                "reasons": [reason.name.lower() for reason in one.decision.reasons],
                "benefits": [name_number(benefit, Benefit) for benefit in one.decision.benefits],
                "issuer": one.issuer,
                "registers": list(one.registers),
            }
            for one in proven
        ],
        "block": {"number": first.block_number, "hash": f"0x{first.block_hash.hex()}", "time": first.block_time},
    }
