"""A genesis has the code of a deployment, and every word that the constructor wrote."""

from __future__ import annotations

from typing import Any

import pytest

from aeo_ledger.chain import Account, run_constructor
from aeo_ledger.errors.chain import ConstructorFailed
from support.chain_world import BOARD, CHAIN_ID, GENESIS_TIME, board, sealers


def _run(initcode: bytes, **options: Any) -> Account:
    return run_constructor(
        chain_id=CHAIN_ID,
        timestamp=GENESIS_TIME,
        address=BOARD,
        initcode=initcode,
        **options,
    )


def test_the_constructors_words_and_code_are_returned() -> None:
    validators = [key.address for key in sealers(3)]
    account = board(validators)
    assert account.code
    assert account.storage[2] == 3
    assert [account.storage[slot] for slot in (3, 4, 5)] == [int.from_bytes(one, "big") for one in validators]
    assert GENESIS_TIME in account.storage.values()


def test_a_word_that_was_written_and_cleared_is_not_there() -> None:
    # PUSH1 5 PUSH1 1 SSTORE, PUSH1 0 PUSH1 1 SSTORE, PUSH1 9 PUSH1 2 SSTORE, return nothing
    assert _run(bytes.fromhex("600560015560006001556009600255 60006000f3".replace(" ", ""))) == Account(storage={2: 9})


def test_a_constructor_may_ask_a_contract_that_stands_already() -> None:
    other = bytes(19) + b"\xee"
    answering_42 = Account(code=bytes.fromhex("602a60005260206000f3"))
    # STATICCALL the other, store its answer in slot 0
    asking = bytes.fromhex("602060006000600073" + other.hex() + "5afa5060005160005560006000f3")
    assert _run(asking, alloc={other: answering_42}).storage == {0: 42}
    assert _run(asking).storage == {}


def test_the_chain_id_is_the_networks() -> None:
    assert _run(bytes.fromhex("4660005560006000f3")).storage == {0: CHAIN_ID}


@pytest.mark.parametrize(
    ("initcode", "output"),
    [
        ("63deadbeef60005260046 01cfd".replace(" ", ""), "deadbeef"),
        ("fe", ""),
        ("6160016000f3", ""),  # 24,577 bytes of code
    ],
)
def test_a_constructor_that_fails_makes_no_account(initcode: str, output: str) -> None:
    with pytest.raises(ConstructorFailed) as caught:
        _run(bytes.fromhex(initcode))
    assert caught.value.address == BOARD
    assert caught.value.output.hex() == output
