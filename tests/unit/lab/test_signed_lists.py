"""The rivals' lists are real: a forged, foreign, old or damaged one is refused."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from aeo_ledger.errors.lab import ListUnproven
from aeo_ledger.lab.signed_lists import (
    ENDED,
    SUSPENDED,
    VALID,
    is_invalid_in,
    keys_of,
    sign_cascade,
    sign_status_list,
    state_in,
    verify_list,
)
from aeo_ledger.lab.streams import Streams
from aeo_ledger.signing import Signer

ISSUER, OTHER = (Signer.generate(Streams(1).bytes_of(name)) for name in ("issuer", "other"))
STATES = np.array([VALID, SUSPENDED, ENDED, VALID, VALID, SUSPENDED, VALID], dtype=np.uint8)
MADE = 1_750_000_000
KEYS = keys_of("BY", len(STATES))
TOKEN = sign_status_list(STATES, ISSUER, register="BY", made_at=MADE, ttl_s=300)
SHORT = sign_cascade(STATES, KEYS, ISSUER, register="BY", made_at=MADE, ttl_s=300)


def test_a_list_says_the_state_of_each_certificate() -> None:
    claims = verify_list(TOKEN, ISSUER.address, register="BY", now=MADE)
    assert [state_in(claims, number) for number in range(len(STATES))] == STATES.tolist()
    short = verify_list(SHORT, ISSUER.address, register="BY", now=MADE + 299)
    assert [is_invalid_in(short, KEYS[number : number + 1]) for number in range(len(STATES))] == (
        STATES != VALID
    ).tolist()


@pytest.mark.parametrize("token", [TOKEN, SHORT])
def test_a_list_of_another_signer_name_or_time_is_refused(token: bytes) -> None:
    for issuer, register, now, reason in (
        (OTHER.address, "BY", MADE, "did not sign"),
        (ISSUER.address, "CN", MADE, "another list"),
        (ISSUER.address, "BY", MADE + 300, "another time"),
        (ISSUER.address, "BY", MADE - 1, "another time"),
    ):
        with pytest.raises(ListUnproven, match=reason):
            verify_list(token, issuer, register=register, now=now)


def test_a_changed_list_is_refused() -> None:
    head, body, sealed = TOKEN.split(b".")
    claims = json.loads(base64.urlsafe_b64decode(body + b"=="))
    claims["exp"] += 10**6
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"statuslist+jwt"}').rstrip(b"=")
    for token in (
        b".".join((head, forged, sealed)),
        b".".join((none, body, sealed)),
        b".".join((head, body, sealed[:-8])),
        head + b"." + body,
        b"",
    ):
        with pytest.raises(ListUnproven):
            verify_list(token, ISSUER.address, register="BY", now=MADE)
