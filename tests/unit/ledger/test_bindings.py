"""Call data and refusals of the contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.ledger.bindings import artifact, decode_refusal, read_compiled
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.tables import Contract

_SELECTOR = keccak256(b"Refused(uint256)")[:4]


@pytest.mark.parametrize("refusal", Refusal, ids=lambda refusal: refusal.name)
def test_each_code_is_read_with_its_reason(refusal: Refusal) -> None:
    found = decode_refusal(_SELECTOR + int(refusal).to_bytes(32, "big"))
    assert isinstance(found, RefusedByLedger)
    assert (found.code, found.name, found.reason) == (int(refusal), refusal.name, refusal.text)
    assert refusal.text.partition(": ")[1]


def test_a_code_of_another_version_is_said_to_be_unknown() -> None:
    found = decode_refusal(_SELECTOR + (60_000).to_bytes(32, "big"))
    assert isinstance(found, RefusedByLedger)
    assert (found.code, found.name) == (60_000, "UNKNOWN")


@pytest.mark.parametrize("data", [b"", _SELECTOR, _SELECTOR + bytes(31), _SELECTOR + bytes(33), bytes(36)])
def test_other_reverts_are_no_refusals(data: bytes) -> None:
    assert decode_refusal(data) is None


@pytest.mark.parametrize("contract", list(Contract))
def test_the_code_is_the_pinned_one_and_fits_a_contract(contract: Contract) -> None:
    runtime = bytes.fromhex(artifact(contract)["runtime"].removeprefix("0x"))
    assert keccak256(runtime) == THIS_EDITION.code_hashes[contract]
    assert len(runtime) < 24_576


def altered(contract: Contract, **parts: Any) -> Callable[[Contract], Mapping[str, Any]]:
    return lambda asked: {**artifact(asked), **(parts if asked is contract else {})}


def test_the_installed_artifacts_are_this_edition() -> None:
    compiled = read_compiled()
    assert compiled.edition == THIS_EDITION
    assert {keccak256(code) for code in compiled.runtimes.values()} == set(THIS_EDITION.code_hashes.values())


@pytest.mark.parametrize("contract", list(Contract))
def test_the_code_hash_of_an_edition_is_that_of_its_code(contract: Contract) -> None:
    """Any type that the artifact may name."""
    compiled = read_compiled(altered(contract, runtime="0x6001", code_hash="0x" + "11" * 32))
    assert compiled.edition.code_hashes == {**THIS_EDITION.code_hashes, contract: keccak256(bytes.fromhex("6001"))}


@pytest.mark.parametrize(
    ("contract", "parts"),
    [
        (Contract.CONSORTIUM, {"runtime": "0x6"}),
        (Contract.CONSORTIUM, {"runtime": 5}),
        (Contract.GOVERNANCE, {"storage_layout": {}}),
        (Contract.REGISTERS, {"storage_layout": None}),
        (Contract.REGISTERS, {"storage_layout": {"tables": {}, "standings": {"slot": 2}, "consortium": {"slot": 3}}}),
        (
            Contract.REGISTERS,
            {"storage_layout": {"tables": {"slot": 9}, "standings": {"slot": 2}, "consortium": {"slot": 3}}},
        ),
    ],
)
def test_an_artifact_of_another_form_is_malformed(contract: Contract, parts: dict[str, Any]) -> None:
    with pytest.raises(MalformedDocument):
        read_compiled(altered(contract, **parts))
