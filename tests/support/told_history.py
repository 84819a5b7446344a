"""A world in which much was signed, and ways to tell its history wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.consortium import extend_head
from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.customs.vocabulary import (
    EventKind,
    LaneActKind,
    PartyActKind,
    ResolutionAct,
)
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication, SignedHistory
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.layouts import RECORD
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import digest, digest_of_hash, struct_hash
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.signatories import hash_publication
from support.act_messages import Act, name_of, write
from support.drafts import (
    ENTRY,
    amendment,
    change,
    conclusion,
    entry_of,
    govern,
    grant,
    lane_act,
    party_act,
    publication,
    recognition,
    withholding,
)
from support.evm import ADDRESSES, CHAIN_ID
from support.scribe import Scribe, pin, scribe
from support.world import DAY, FIRST, SECOND, THIRD, UNION, authority, key, operator, sign

BY, BY_2, CN, CN_2 = operator(FIRST), operator(FIRST, 1), operator(SECOND), operator(SECOND, 1)
BOTH = (authority(FIRST), authority(SECOND))
SIBLING, OTHER, CHINESE, SHARED = entry_of(FIRST, 0, 2), entry_of(FIRST, 0, 3), entry_of(SECOND), entry_of(UNION)
PAIR = (SECOND, FIRST)
STANDING = f"standing 0x{ENTRY.hex()}"
PAIR_SUBJECT = f"pair {SECOND} to {FIRST}"


def lived() -> Scribe:
    """Four events of one standing, signed by an operator who was retired since; acts on parties and on a pair."""
    world = scribe()
    world.do(publication(world, grant(world, SIBLING), grant(world)), BY)
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.SUSPEND)), BY)
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.REINSTATE), grant(world, OTHER)), BY)
    world.wait(DAY)
    world.do(party_act(world, FIRST, PartyActKind.ADD_OPERATOR, key=key("new").address), authority(FIRST), "new")
    world.wait(1)
    world.do(party_act(world, FIRST, PartyActKind.RETIRE_OPERATOR, key=key(BY).address), authority(FIRST))
    world.wait(DAY)
    world.do(publication(world, change(world, EventKind.AMEND, roles=6)), "new")
    world.do(publication(world, change(world, EventKind.SUSPEND, OTHER)), "new")
    world.do(publication(world, grant(world, CHINESE, issuer=SECOND), register=SECOND, issuer=SECOND), CN, CN_2)
    named = (
        recognition(world, *PAIR),
        recognition(world, *PAIR, lane=1, amendment=2),
        recognition(world, FIRST, SECOND),
    )
    world.do(conclusion(world, *named), *BOTH)
    world.wait(DAY)
    world.do(lane_act(world, SECOND, LaneActKind.SUSPEND, PAIR), authority(SECOND))
    world.wait(DAY)
    world.do(lane_act(world, SECOND, LaneActKind.RESUME, PAIR), authority(SECOND))
    world.do(withholding(world, SECOND, ENTRY), CN, CN_2)
    world.do(amendment(world, recognition(world, *PAIR, lane=0, types=3)), *BOTH)
    govern(world, ResolutionAct.SUSPEND, THIRD)
    world.wait(DAY)
    govern(world, ResolutionAct.REINSTATE, THIRD)
    return world


def refuse(world: Scribe, history: SignedHistory, error: type[Exception], **facts: Any) -> None:
    with pytest.raises(error) as refusal:
        world.verify(history)
    for name, value in facts.items():
        assert getattr(refusal.value, name) == value, name
    assert str(refusal.value).startswith("history of ")


# ---- what alters the history of a standing


def events(history: SignedHistory, *numbers: int) -> SignedHistory:
    """Keep these events alone, counted from 1, in this order."""
    (chain,) = history.standings
    kept = tuple(chain.events[number - 1] for number in numbers)
    return replace(history, standings=(replace(chain, events=kept),))


def with_event(history: SignedHistory, number: int, **altered: Any) -> SignedHistory:
    (chain,) = history.standings
    kept = list(chain.events)
    kept[number - 1] = replace(kept[number - 1], **altered)
    return replace(history, standings=(replace(chain, events=tuple(kept)),))


def with_publication(history: SignedHistory, number: int, **altered: Any) -> SignedHistory:
    kept = list(history.publications)
    kept[number - 1] = replace(kept[number - 1], **altered)
    return replace(history, publications=tuple(kept))


def resign(
    published: RecordedPublication, *names: str, chain_id: int = CHAIN_ID, **altered: Any
) -> RecordedPublication:
    altered_publication = replace(published, **altered)
    message = digest_of_hash(
        hash_publication(altered_publication), chain_id=chain_id, contract=ADDRESSES[Contract.REGISTERS]
    )
    return replace(altered_publication, signatures=tuple(sign(message, *names)))


def resigned(history: SignedHistory, number: int, *names: str, **altered: Any) -> SignedHistory:
    kept = list(history.publications)
    kept[number - 1] = resign(kept[number - 1], *names, **altered)
    return replace(history, publications=tuple(kept))


def rewritten(history: SignedHistory, number: int, **fields: int) -> SignedHistory:
    """Alter fields of a record, in the event and in what its publication holds; its signature stays as it was."""
    (chain,) = history.standings
    event = chain.events[number - 1]
    record = event.record
    for name, value in fields.items():
        record = record & ~(RECORD[name].mask << RECORD[name].at) | value << RECORD[name].at
    hashed = struct_hash("StatusEvent", {"entry": chain.entry, "record": record, "document": event.document})
    hashes = list(history.publications[event.publication].events)
    hashes[event.position] = hashed
    return with_event(with_publication(history, event.publication + 1, events=tuple(hashes)), number, record=record)


# ---- what alters the history of a party or a pair


def acts_of(history: SignedHistory, *numbers: int) -> SignedHistory:
    """Keep these acts alone, counted from 1, in this order."""
    places = tuple(number - 1 for number in numbers)
    return replace(
        history,
        parties=tuple(replace(chain, acts=places) for chain in history.parties),
        pairs=tuple(replace(chain, acts=places) for chain in history.pairs),
    )


def with_act(
    history: SignedHistory, number: int, values: dict[str, Any] | None = None, **altered: Any
) -> SignedHistory:
    kept = list(history.acts)
    act = kept[number - 1]
    kept[number - 1] = replace(act, values={**act.values, **(values or {})}, **altered)
    return replace(history, acts=tuple(kept))


def resigned_act(history: SignedHistory, number: int, /, *names: str, **values: Any) -> SignedHistory:
    altered = with_act(history, number, values)
    act: RecordedAct = altered.acts[number - 1]
    message = digest(act.name, act.values, chain_id=CHAIN_ID, contract=ADDRESSES[CONTRACT_OF[act.name]])
    return with_act(altered, number, signatures=tuple(sign(message, *names)))


def with_unknown_act(
    world: Scribe, history: SignedHistory, act: Act, *names: str
) -> tuple[SignedHistory, Callable[[bytes], bytes]]:
    """Add an act that these contracts refuse, but others might record; and tell how it would extend its subject's head."""
    values, contract = write(act), ADDRESSES[CONTRACT_OF[name_of(act)]]
    signatures = sign(digest(name_of(act), values, chain_id=CHAIN_ID, contract=contract), *names)
    recorded = RecordedAct(name=name_of(act), values=values, signatures=tuple(signatures), recorded_at=world.now)
    acts = (*history.acts, recorded)
    told = replace(
        history,
        acts=acts,
        parties=tuple(replace(chain, acts=(*chain.acts, len(acts) - 1)) for chain in history.parties),
        pairs=tuple(replace(chain, acts=(*chain.acts, len(acts) - 1)) for chain in history.pairs),
    )
    return told, lambda head: extend_head(head, struct_hash(recorded.name, values), world.now)


def verify_over(
    world: Scribe, history: SignedHistory, altered: dict[int, int], pinned: TrustBundle | None = None
) -> HistoryTable:
    """Verify over a ledger in which some words are others."""
    view = WordView(lambda contract, slot: altered.get(slot, world.evm.storage[contract].get(slot, 0)))
    return verify_history(history, view, pinned or pin())
