"""Call data and refusals of the two contracts."""

from __future__ import annotations

import pytest

from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.errors import RefusedByLedger
from aeo_ledger.ledger.bindings import artifact, decode_refusal
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.generated import CONSORTIUM_CODE_HASH, REGISTERS_CODE_HASH
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


@pytest.mark.parametrize(
    ("contract", "pinned"), [(Contract.CONSORTIUM, CONSORTIUM_CODE_HASH), (Contract.REGISTERS, REGISTERS_CODE_HASH)]
)
def test_the_code_is_the_pinned_one_and_fits_a_contract(contract: Contract, pinned: bytes) -> None:
    runtime = bytes.fromhex(artifact(contract)["runtime"].removeprefix("0x"))
    assert keccak256(runtime) == pinned
    assert len(runtime) < 24_576
