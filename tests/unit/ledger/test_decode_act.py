"""The contracts' call data encode signed acts and decode back to them."""

from __future__ import annotations

import pytest

from aeo_ledger.ledger.bindings import decode_act, decode_completion, encode_act, encode_call
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Contract
from support.act_messages import name_of, write
from support.random_pasts import play


@pytest.mark.parametrize("seed", range(2))
def test_every_recorded_act_is_read_back_from_its_call(seed: int) -> None:
    world, _ = play(seed)
    calls = [SignedAct(name=a.name, values=a.values, signatures=a.signatures) for _, a in world.recorded]
    calls += [SignedAct(name=name_of(act), values=write(act), signatures=a.signatures) for act, a in world.publications]
    told = [act for act in calls if act.name != "Completion"]
    assert len({act.name for act in told}) >= 6
    for act in told:
        assert decode_act(act.contract, encode_act(act)) == act
        for other in set(Contract) - {act.contract}:
            assert decode_act(other, encode_act(act)) is None
        assert decode_completion(encode_act(act)) is None


def test_a_completion_is_read_back_from_its_call() -> None:
    call = encode_call(Contract.GOVERNANCE, "complete_replacement", 7)
    assert decode_completion(call) == 7
    for contract in Contract:
        assert decode_act(contract, call) is None
        assert decode_act(contract, b"") is None


def test_a_call_that_is_cut_short_is_no_act() -> None:
    world, _ = play(0)
    act = next(
        act for act in (SignedAct(name=a.name, values=a.values, signatures=a.signatures) for _, a in world.recorded)
    )
    assert decode_act(act.contract, encode_act(act)[:-1]) is None
    assert decode_completion(encode_call(Contract.GOVERNANCE, "complete_replacement", 7)[:-1]) is None
