"""Receive the keys of a keyed register: find the envelopes to oneself, open them, and compare what is in them with the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.protocol import WrongLookupKey
from aeo_ledger.errors.signing import EnvelopeClosed
from aeo_ledger.evidence import Evidence
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.pseudonyms import slots_of_checks
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
    """The newest epoch of which there are keys."""
    recorded_at: int
    """When the ledger recorded the newest envelope, UTC seconds."""
    older: int
    """Earlier envelopes that do not open with this key, perhaps because they were sealed to a former one."""


def receive_keys(
    desk: ProvenDesk, evidence: Evidence, opener: Opener, recipient: int, register: int
) -> Received | None:
    """Open every envelope that a register sent to a party.

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
        UnreadableEnvelope: An envelope contains no keys.
        WrongLookupKey: The check value of a key is not the ledger's.
        Unproven: What was sent is not proven.
    """
    sent = desk.envelopes(evidence, register)
    mine = [one for one in sent.envelopes if one.recipient == recipient]
    if not mine:
        return None
    *before, last = mine
    keys, older = _open(opener, last, register), 0
    for one in reversed(before):
        try:
            keys = _open(opener, one, register).with_keys(keys)
        except EnvelopeClosed:
            older += 1
    facts = desk.facts(slots_of_checks(register))
    for key in keys.lookup:
        if key.check != facts.key_check(register, key.certificate_type):
            raise WrongLookupKey(register=register, certificate_type=key.certificate_type)
    return Received(register=register, keys=keys, epoch=last.epoch, recorded_at=last.recorded_at, older=older)


def _open(opener: Opener, sent: ProvenEnvelope, register: int) -> HeldKeys:
    purpose = Purpose(
        chain=sent.chain_id, contract=sent.contract, register=register, epoch=sent.epoch, recipient=sent.recipient
    )
    return open_keys(opener, sent.sealed, purpose)
