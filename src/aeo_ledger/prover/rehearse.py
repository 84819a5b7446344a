"""Rehearse a publication on the customs model before it is relayed: the contract's own rules and reasons, at a tenth of the EVM's time."""

from __future__ import annotations

from aeo_ledger.ledger.port import Ledger
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.rehearsal import rehearse_act


def rehearse_publication(act: SignedAct, ledger: Ledger, *, chain_id: int, time: int) -> None:
    """Refuse a publication that the contract would refuse, for the same reason.

    Args:
        act: A signed `Publication`.
        ledger: Its facts are read as of the newest block.
        chain_id: What the signatures must be for.
        time: The time of the block to come, UTC seconds.

    Raises:
        RefusedByLedger: a rule says no.
        Malformed, UnreadableValue: the model cannot say; ask the contract.
    """
    block = ledger.head()
    words = WordView(lambda contract, slot: ledger.word(contract, slot, block))
    signers = act.signers(chain_id=chain_id, address=ledger.address(act.contract))
    rehearse_act(act.name, act.values, signers, words, time=time)
