"""The nodes that seal the ledger's blocks. They are part of its constitution, and resolutions change them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from aeo_ledger.customs.acts import Resolution
from aeo_ledger.customs.consortium import Consortium, Validator, require_unused, with_item
from aeo_ledger.customs.party import Key
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole, ResolutionAct

MAX_VALIDATORS: Final = 128
BLOCKS_APART: Final = 2
"""Fewest blocks between two changes. A hand-over proof can then follow every step."""


def change_validators(consortium: Consortium, resolution: Resolution, *, time: int, block: int) -> Consortium:
    """Seat, unseat or replace one node. A node that was unseated returns only for its own party.

    No party may have more than `most_nodes` while others have some too. A change that reduces an excess is always allowed. So
    the node of an expelled party may be stuck: it cannot be unseated (too few would be left, or another party would have too
    many), and no party that has nodes may replace it. Then a party without a node replaces it: a member of a union, or a party
    admitted for this.

    Raises:
        RefusedByLedger: A rule forbids it.
    """
    last = consortium.validators_changed_in
    if last and block < last + BLOCKS_APART:
        refuse(Refusal.VALIDATORS_TOO_SOON)
    act, coming = resolution.act, Validator(node=resolution.key, party=resolution.party)
    before = list(consortium.validators)
    if act != ResolutionAct.UNSEAT_VALIDATOR and any(seated.node == coming.node for seated in before):
        refuse(Refusal.VALIDATOR_SET)
    leaving = None
    if act == ResolutionAct.SEAT_VALIDATOR:
        if len(before) == MAX_VALIDATORS:
            refuse(Refusal.TOO_MANY_VALIDATORS)
        seated = [*before, coming]
    else:
        leaving = _find_leaving(before, resolution)
        if act == ResolutionAct.UNSEAT_VALIDATOR:
            seated = _unseat(consortium, leaving, resolution.party)
        else:
            seated = [coming if node == leaving else node for node in before]
    keys = dict(consortium.keys)
    if leaving is not None:
        keys[leaving.node] = replace(keys[leaving.node], retired_at=time)
    after = replace(consortium, validators_changed_in=block, validators=tuple(seated), keys=keys)
    if act != ResolutionAct.UNSEAT_VALIDATOR:
        after = replace(after, keys=with_item(keys, coming.node, _key_of(after, coming, time)))
    owners = [node.party for node in seated]
    excess = count_excess(owners)
    if excess and excess >= count_excess(node.party for node in before) and len(set(owners)) > 1:
        refuse(Refusal.TOO_MANY_NODES)
    return after


def most_nodes(validators: int) -> int:
    """Compute how many nodes one party may have while others have some too: fewer than could halt the network, or one."""
    return max(1, (validators - 1) // 3)


def count_excess(owners: Iterable[int]) -> int:
    """Count the nodes above the limit of each party. A party that is alone has no limit, whatever this count is."""
    counts = Counter(owners)
    most = most_nodes(counts.total())
    return sum(max(0, nodes - most) for nodes in counts.values())


def _find_leaving(seated: list[Validator], resolution: Resolution) -> Validator:
    """Find the node that leaves: the one named, or the one that the new node replaces."""
    node = resolution.key
    if resolution.act == ResolutionAct.REPLACE_VALIDATOR and isinstance(resolution.detail, bytes):
        node = resolution.detail[-20:] if not any(resolution.detail[:12]) else b""
    leaving = next((validator for validator in seated if validator.node == node), None)
    if leaving is None:
        refuse(Refusal.VALIDATOR_SET)
    return leaving


def _unseat(consortium: Consortium, leaving: Validator, party: int) -> list[Validator]:
    """Remove a node. The last node of the list takes its place."""
    if len(consortium.validators) <= consortium.minimum_validators:
        refuse(Refusal.TOO_FEW_VALIDATORS)
    if leaving.party != party:
        refuse(Refusal.VALIDATOR_SET)
    *others, last = consortium.validators
    return [last if seated == leaving else seated for seated in others]


def _key_of(consortium: Consortium, coming: Validator, time: int) -> Key:
    key = consortium.keys.get(coming.node)
    if key is not None and (key.party, key.role) == (coming.party, KeyRole.NODE):
        return replace(key, retired_at=0)
    require_unused(consortium, coming.node)
    return Key(party=coming.party, role=KeyRole.NODE, added_at=time, epoch=consortium.parties[coming.party].epoch)
