from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import Signer, Transaction, sign_transaction

SECRET = keccak256(b"a relay")
RELAY = Signer.from_secret(SECRET)
GOOD: dict[str, Any] = {"chain_id": 5, "nonce": 0, "gas": 21_000, "to": bytes(range(20)), "data": b"\1\2\3"}


@settings(max_examples=25)
@given(
    chain_id=st.integers(1, 2**63),
    nonce=st.integers(0, 2**40),
    gas=st.integers(1, 60_000_000),
    to=st.binary(min_size=20, max_size=20),
    data=st.binary(max_size=200),
)
def test_a_transaction_is_the_one_that_eth_account_signs(
    chain_id: int, nonce: int, gas: int, to: bytes, data: bytes
) -> None:
    ours = sign_transaction(RELAY, Transaction(chain_id=chain_id, nonce=nonce, gas=gas, to=to, data=data))
    fields = {"type": 1, "chainId": chain_id, "nonce": nonce, "gas": gas, "gasPrice": 0, "to": to, "value": 0}
    theirs = Account.sign_transaction(fields | {"data": data, "accessList": []}, SECRET)
    assert ours == bytes(theirs.raw_transaction)
    assert Account.recover_transaction(ours).lower() == "0x" + RELAY.address.hex()


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": 0},
        {"chain_id": -1},
        {"chain_id": 1 << 256},
        {"nonce": -1},
        {"nonce": (1 << 64) - 1},
        {"gas": 0},
        {"gas": 1 << 64},
        {"to": b""},
        {"to": bytes(32)},
    ],
)
def test_what_no_transaction_can_hold_is_refused(change: dict[str, Any]) -> None:
    Transaction(**GOOD)
    with pytest.raises(ValueError, match=r"out of range|20 bytes"):
        Transaction(**GOOD | change)
