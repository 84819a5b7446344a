"""A signed act as it travels: nothing is lost, nothing surplus is taken, signatures stand in the contracts' order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.primitives import MalformedSignature, MalformedText
from aeo_ledger.errors.protocol import MalformedMessage
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.signing import Signer, sign_message

CHAIN, ADDRESS = 7, bytes(range(20))
SIGNERS = [Signer.from_secret(bytes([place]) * 32) for place in (1, 2, 3)]


def _value(kind: str) -> Any:
    if kind.endswith("[]"):
        return [{member: _value(inner) for inner, member in MESSAGES[kind[:-2]]}]
    if kind in MESSAGES:
        return {member: _value(inner) for inner, member in MESSAGES[kind]}
    if kind == "bool":
        return True
    if kind.startswith("uint"):
        return 5
    return bytes(20) if kind == "address" else bytes(int(kind[5:])) if kind[5:] else b"details"


def _act(name: str) -> SignedAct:
    return SignedAct(name=name, values={member: _value(kind) for kind, member in MESSAGES[name]})


def _signed(name: str, *signers: Signer) -> SignedAct:
    act = _act(name)
    made = sign_message(signers, act.name, act.values, chain_id=CHAIN, contract=ADDRESS)
    return act.signed_by(*made, chain_id=CHAIN, address=ADDRESS)


@pytest.mark.parametrize("name", sorted(CONTRACT_OF))
def test_every_message_survives_the_journey(name: str) -> None:
    act = _signed(name, *SIGNERS)
    assert SignedAct.from_json(json.loads(json.dumps(act.to_json()))) == act


def test_structs_inside_messages_are_not_acts() -> None:
    assert {"Founding", "Recognition", "StatusEvent"}.isdisjoint(CONTRACT_OF)
    assert {name for name, contract in CONTRACT_OF.items() if contract is Contract.REGISTERS} == {
        "Publication",
        "AliasBinding",
    }


def test_signatures_stand_ascending_by_signer_whoever_came_first() -> None:
    one_by_one = _act("Conclusion")
    for signer in (SIGNERS[2], SIGNERS[0], SIGNERS[1], SIGNERS[0]):
        made = sign_message([signer], one_by_one.name, one_by_one.values, chain_id=CHAIN, contract=ADDRESS)
        one_by_one = one_by_one.signed_by(*made, chain_id=CHAIN, address=ADDRESS)
    assert one_by_one == _signed("Conclusion", *SIGNERS)
    assert one_by_one.signers(chain_id=CHAIN, address=ADDRESS) == tuple(sorted(s.address for s in SIGNERS))


def test_signatures_are_for_one_chain_and_one_contract() -> None:
    act = _signed("Withholding", SIGNERS[0])
    assert act.signers(chain_id=CHAIN, address=ADDRESS) == (SIGNERS[0].address,)
    assert act.signers(chain_id=CHAIN + 1, address=ADDRESS) != (SIGNERS[0].address,)
    assert act.signers(chain_id=CHAIN, address=bytes(20)) != (SIGNERS[0].address,)


@pytest.mark.parametrize(
    ("alter", "error"),
    [
        (lambda _: [], MalformedText),
        (lambda _: None, MalformedText),
        (lambda d: {**d, "surplus": 1}, MalformedText),
        (lambda d: {key: d[key] for key in d if key != "signatures"}, MalformedText),
        (lambda d: {**d, "format": "aeo-ledger/act/2"}, MalformedText),
        (lambda d: {**d, "message": "StatusEvent"}, MalformedText),
        (lambda d: {**d, "message": []}, MalformedText),
        (lambda d: {**d, "message": None}, MalformedText),
        (lambda d: {**d, "values": []}, MalformedText),
        (lambda d: {**d, "signatures": {}}, MalformedText),
        (lambda d: {**d, "signatures": ["0x00"] * 172}, MalformedText),
        (lambda d: {**d, "signatures": [5]}, MalformedText),
        (lambda d: {**d, "signatures": ["0x" + "00" * 64]}, MalformedText),
        (lambda d: {**d, "signatures": ["0x" + "00" * 64 + "1d"]}, MalformedSignature),
        (lambda d: _with(d, "register", 5), MalformedText),
        (lambda d: _with(d, "register", "-5"), MalformedText),
        (lambda d: _with(d, "register", "\u0665"), MalformedText),
        (lambda d: _with(d, "register", "9" * 79), MalformedText),
        (lambda d: _with(d, "register", "65536"), MalformedMessage),
        (lambda d: _with(d, "details", "0x0"), MalformedText),
        (lambda d: _with(d, "details", None), MalformedText),
        (lambda d: _with(d, "events", {}), MalformedText),
        (lambda d: _with(d, "events", [5]), MalformedText),
        (lambda d: _with(d, "events", d["values"]["events"] * 101), MalformedText),
        (lambda d: _with(d, "events", [{**d["values"]["events"][0], "entry": "0x00"}]), MalformedMessage),
        (lambda d: _with(d, "surplus", "1"), MalformedText),
    ],
)
def test_what_is_not_exactly_an_act_is_refused(
    alter: Callable[[dict[str, Any]], Any], error: type[AeoLedgerError]
) -> None:
    with pytest.raises(error):
        SignedAct.from_json(alter(_signed("Publication", SIGNERS[0]).to_json()))


def test_true_is_not_a_number_and_a_number_is_not_true() -> None:
    document = _signed("Withholding", SIGNERS[0]).to_json()
    for member, value in (("withheld", 1), ("withheld", "true"), ("serial", True)):
        with pytest.raises(MalformedText):
            SignedAct.from_json(_with(document, member, value))


def _with(document: dict[str, Any], member: str, value: Any) -> dict[str, Any]:
    return {**document, "values": {**document["values"], member: value}}
