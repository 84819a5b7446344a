"""Which nodes seal the ledger's blocks: part of its constitution, changed by resolution."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from aeo_ledger.customs.consortium import Consortium, Validator, require_unused, with_item
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole

MAX_VALIDATORS: Final = 128
BLOCKS_APART: Final = 2
"""Between two changes, so that a hand-over proof can follow every step."""
NODES_A_PARTY: Final = 2
"""A party has two while it changes its node."""


def seat_validator(consortium: Consortium, party: int, node: bytes, *, time: int, block: int) -> Consortium:
    """Seat a node; one that was unseated comes back only for its own party.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    after = _note_change(consortium, block)
    if len(after.validators) == MAX_VALIDATORS:
        refuse(Refusal.TOO_MANY_VALIDATORS)
    of_party = [seated for seated in after.validators if seated.party == party]
    if len(of_party) >= NODES_A_PARTY or any(seated.node == node for seated in after.validators):
        refuse(Refusal.VALIDATOR_SET)
    key = after.keys.get(node)
    if key is not None and (key.party, key.role) == (party, KeyRole.NODE):
        key = replace(key, retired_at=0)
    else:
        require_unused(after, node)
        key = Key(party=party, role=KeyRole.NODE, added_at=time)
    return replace(
        after,
        keys=with_item(after.keys, node, key),
        validators=(*after.validators, Validator(node=node, party=party)),
    )


def unseat_validator(consortium: Consortium, party: int, node: bytes, *, time: int, block: int) -> Consortium:
    """Unseat a node; the last one takes its place in the list.

    Raises:
        RefusedByLedger: a rule forbids it.
    """
    after = _note_change(consortium, block)
    if len(after.validators) <= max(1, after.minimum_validators):
        refuse(Refusal.TOO_FEW_VALIDATORS)
    leaving = Validator(node=node, party=party)
    if leaving not in after.validators:
        refuse(Refusal.VALIDATOR_SET)
    *others, last = after.validators
    left = tuple(last if seated == leaving else seated for seated in others)
    retired = replace(after.keys[node], retired_at=time)
    return replace(after, keys=with_item(after.keys, node, retired), validators=left)


def _note_change(consortium: Consortium, block: int) -> Consortium:
    last = consortium.validators_changed_in
    if last and block < last + BLOCKS_APART:
        refuse(Refusal.VALIDATORS_TOO_SOON)
    return replace(consortium, validators_changed_in=block)
