"""Tokens that a key signs for gateways."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from aeo_ledger.protocol.access import LONGEST_S, MOST_USES, Token
from aeo_ledger.signing import Signer
from aeo_ledger.signing.access import TokenSource, sign_token

SIGNER = Signer.from_secret(b"\1" * 32)
NOW = 1_795_658_321
TOKEN = Token(
    party="BY",
    address=SIGNER.address,
    chain_id=7,
    host="gateway.example",
    issued_at=NOW,
    until=NOW + 60,
    number="07" * 16,
    scopes=("verify", "read"),
)


def test_a_token_is_a_jwt_of_one_form() -> None:
    """Signed deterministically, so it is the same for ever."""
    header, claims, signature = sign_token(SIGNER, TOKEN).split(".")
    assert header == (
        "eyJhbGciOiJFUzI1NksiLCJraWQiOiIweDFhNjQyZjBlM2MzYWY1NDVlN2FjYmQzOGIwNzI1MWIzOTkwOTE0ZjEiLCJ0eXAiOiJhZW8tbGVkZ2VyK2p3dCJ9"
    )
    assert len(claims) == 263
    assert len(signature) == 86


def test_a_key_signs_no_token_that_names_another() -> None:
    with pytest.raises(ValueError, match="by the key that it names"):
        sign_token(SIGNER, replace(TOKEN, address=bytes(20)))


def test_a_token_is_given_out_for_one_host_until_half_of_its_time_or_uses_is_over() -> None:
    clock, numbers = [NOW], count()
    source = TokenSource(
        SIGNER,
        "BY",
        chain_id=7,
        clock=lambda: clock[0],
        randomness=lambda length: next(numbers).to_bytes(length, "big"),
    )
    first = source.token("a.example")
    assert source.token("a.example") == first != source.token("b.example")
    clock[0] += LONGEST_S // 2 - 1
    assert source.token("a.example") == first
    clock[0] += 1
    second = source.token("a.example")
    assert second != first
    clock[0] -= 1  # a clock that was set back: the gateway would call the token early
    third = source.token("a.example")
    assert third not in {first, second}
    given = [source.token("a.example") for _ in range(MOST_USES // 2)]
    assert given.count(third) == MOST_USES // 2 - 1
    assert given[-1] != third
