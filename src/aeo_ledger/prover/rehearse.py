"""Rehearse a publication on the Python model before it is relayed: the contract's rules and reasons, in a tenth of the EVM's time."""

from __future__ import annotations

from aeo_ledger.ledger.port import Ledger
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.rehearsal import rehearse_act


def rehearse_publication(act: SignedAct, ledger: Ledger, *, chain_id: int, time: int) -> None:
    """Refuse a publication that the contract would refuse, for the same reason.

    Args:
        act: A signed `Publication`.
        ledger: It is read as of the newest block.
        chain_id: The chain id that the signatures must be for.
        time: The time of the next block, UTC seconds.

    Raises:
        RefusedByLedger: the contract would refuse it.
        Malformed, UnreadableValue: the model cannot decide; ask the contract.
    """
    block = ledger.head()
    words = WordView(lambda contract, slot: ledger.word(contract, slot, block))
    signers = act.signers(chain_id=chain_id, address=ledger.address(act.contract))
    rehearse_act(act.name, act.values, signers, words, time=time)
