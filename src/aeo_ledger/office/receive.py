"""Receive the keys of a keyed register: find the envelopes to oneself, open them, and compare what is in them with the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.protocol import WrongLookupKey
from aeo_ledger.errors.signing import EnvelopeClosed, UnreadableEnvelope
from aeo_ledger.evidence import Evidence
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.pseudonyms import slots_of_pseudonyms
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.signing.envelope import open_keys
from aeo_ledger.signing.hpke import Opener, Purpose
from aeo_ledger.signing.lookup_file import HeldKeys
from aeo_ledger.verify.envelopes import ProvenEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The keys that a register gave."""

    register: int
    """Number of the register."""
    keys: HeldKeys
    epoch: int
    """The epoch of the newest envelope."""
    present: int
    """The epoch in which the register seals details now."""
    recorded_at: int
    """When the ledger recorded the newest envelope, UTC seconds."""
    older: int
    """Earlier envelopes that give nothing: sealed to a former key, or with keys that are not the register's."""


def receive_keys(
    desk: ProvenDesk, evidence: Evidence, opener: Opener, recipient: int, register: int
) -> Received | None:
    """Open every envelope that a register sent to a party. The newest must be good; an earlier bad one takes nothing away.

    Args:
        desk: Proves the envelopes and the check values.
        evidence: The history of the register's party, from anybody.
        opener: The recipient's disclosure key.
        recipient: Number of the party that receives.
        register: Number of the register.

    Returns:
        The keys; None if the register sent nothing to this party.

    Raises:
        EnvelopeClosed: The newest envelope does not open.
        UnreadableEnvelope: It contains no keys.
        WrongLookupKey: The check value of a key in it is not the ledger's.
        Unproven: What was sent is not proven.
    """
    sent = desk.envelopes(evidence, register)
    mine = [one for one in sent.envelopes if one.recipient == recipient]
    if not mine:
        return None
    facts = desk.facts(slots_of_pseudonyms(register))
    opened = facts.register(register)
    *before, last = mine
    keys, older = _open(opener, last, register, facts), 0
    for one in reversed(before):
        try:
            keys = _open(opener, one, register, facts).with_keys(keys)
        except (EnvelopeClosed, UnreadableEnvelope, WrongLookupKey):
            older += 1
    return Received(
        register=register,
        keys=keys,
        epoch=last.epoch,
        present=0 if opened is None else opened.epoch,
        recorded_at=last.recorded_at,
        older=older,
    )


def _open(opener: Opener, sent: ProvenEnvelope, register: int, words: WordView) -> HeldKeys:
    purpose = Purpose(
        chain=sent.chain_id, contract=sent.contract, register=register, epoch=sent.epoch, recipient=sent.recipient
    )
    keys = open_keys(opener, sent.sealed, purpose)
    for key in keys.lookup:
        if key.check != words.key_check(register, key.certificate_type):
            raise WrongLookupKey(register=register, certificate_type=key.certificate_type)
    return keys
