"""Histories: are these all acts that the ledger recorded about a subject, in order, and did the right parties sign them?

The contracts chain every act into a head, head' = keccak256(head || event hash || recorded at). The storage proof shows the head
as a word. A replay of the given acts must lead to this head. So no act can be missing, added, in another order, held back or
altered, in its content or its time. Where possible the error is more exact than "the head differs": it uses the count, the
sequences and other numbers, a publication's own hash of the event, deadlines, and signatures (`signatories` says which are
checked, and what is left to the chain's execution).

The replay must also lead to the ledger's present words. So an act that this version understands differently from the contracts is
`Unproven` and never a wrong answer.

Source: DESIGN sections 3 (standings, heads, event hash) and 5 ("Past times").
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from aeo_ledger.customs.acts import AliasBinding, Envelope, PartyAct, Succession
from aeo_ledger.customs.aliases import replay_alias
from aeo_ledger.customs.autonomy import ON_MEMBER
from aeo_ledger.customs.consortium import LONGEST_DEADLINE, NETWORK, NO_HEAD, extend_head
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.history import (
    AliasHistory,
    HistoryTable,
    NetworkHistory,
    PairHistory,
    PartyHistory,
    StandingHistory,
)
from aeo_ledger.customs.replay import (
    Completion,
    NetworkStep,
    Number,
    PairStep,
    PartyStep,
    begins,
    number_in_party,
    numbers_in_pair,
    replay_network,
    replay_pair,
    replay_party,
)
from aeo_ledger.customs.standing import Record
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.protocol import MalformedMessage, MalformedWord
from aeo_ledger.errors.verify import (
    EventNotPublished,
    EventOfAnother,
    EventOutOfPlace,
    HeadDiffers,
    HistoryIncomplete,
    ReplayDiffers,
)
from aeo_ledger.evidence.history import (
    AliasChain,
    PairChain,
    PartyChain,
    RecordedAct,
    RecordedPublication,
    SignedHistory,
    StandingChain,
)
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.readings import Step, read_step
from aeo_ledger.protocol.typed_data import Value, struct_hash
from aeo_ledger.protocol.words import decode_record
from aeo_ledger.verify.signatories import Place, Signatories
from aeo_ledger.verify.trust import TrustBundle

T = TypeVar("T")


def verify_history(history: SignedHistory, view: WordView, trust: TrustBundle) -> HistoryTable:
    """Prove every history in some evidence.

    Args:
        history: From any source.
        view: The ledger's words, each proven when it is read.
        trust: Pins the chains and contracts that signatures are made for, including those of predecessors.

    Raises:
        HistoryIncomplete: An event is missing, held back or added.
        EventOutOfPlace: The order is wrong, an event between is missing, or a deadline had passed or was too far ahead.
        EventOfAnother: An event concerns another subject, or is not possible there.
        EventNotPublished: A status event is not the one in its publication.
        UnreadableEventSignature, SignerNotEntitled, EventUndersigned: See `Signatories`.
        HeadDiffers: The events lead to another head.
        ReplayDiffers: The events do not lead to the ledger's words.
        Whatever the view raises.
    """
    subjects = [_read_party(chain, history.acts) for chain in history.parties]
    replayed = {subject.party: _attempt(subject, view, trust) for subject in subjects}
    parties = {party: outcome for party, outcome in replayed.items() if isinstance(outcome, PartyHistory)}
    signatories = Signatories(view, trust, parties)
    for subject in subjects:
        _verify_party(subject, replayed[subject.party], view, signatories)
    network = replayed.get(NETWORK)
    return HistoryTable(
        parties=parties,
        network=network if isinstance(network, NetworkHistory) else None,
        pairs={
            (chain.recogniser, chain.register): _verify_pair(chain, history.acts, view, signatories)
            for chain in history.pairs
        },
        standings={
            chain.entry: _verify_standing(chain, history.publications, view, signatories) for chain in history.standings
        },
        aliases={
            (chain.recogniser, chain.alias_hash): _verify_alias(chain, history.acts, view, signatories)
            for chain in history.aliases
        },
    )


# ---- standings


def _verify_standing(
    chain: StandingChain, publications: Sequence[RecordedPublication], view: WordView, signatories: Signatories
) -> StandingHistory:
    subject = f"standing 0x{chain.entry.hex()}"
    head, records, last = NO_HEAD, list[Record](), 0
    for number, event in enumerate(chain.events, 1):
        publication = publications[event.publication]
        at = Place(subject=subject, event=number, recorded_at=publication.recorded_at)
        record = _read_record(event.record, at)
        _demand_place(at, "sequence", record.sequence, number)
        last = _demand_later(at, last)
        _demand_publication(publication, chain.entry, record, records, at)
        values: dict[str, Value] = {"entry": chain.entry, "record": event.record, "document": event.document}
        event_hash = struct_hash("StatusEvent", values)
        if publication.events[event.position : event.position + 1] != (event_hash,):
            raise EventNotPublished(subject=subject, event=number, position=event.position)
        signatories.judge_publication(publication, record.kind, at)
        _demand_deadline(at, publication.deadline)
        head = extend_head(head, event_hash, at.recorded_at)
        records.append(replace(record, recorded_at=at.recorded_at))
    word = view.record(chain.entry)
    _demand_count(subject, len(records), word.sequence if word else 0)
    _demand_head(subject, len(records), head, view.standing_head(chain.entry))
    if records and records[-1] != word:
        raise ReplayDiffers(subject=subject, reason="the last record differs from the ledger's")
    return StandingHistory(entry=chain.entry, records=tuple(records))


def _read_record(word: int, at: Place) -> Record:
    try:
        record = decode_record(word)
    except MalformedWord as error:
        raise EventOfAnother(subject=at.subject, event=at.event, what=str(error)) from error
    if record is None or record.recorded_at != 0:
        raise EventOfAnother(subject=at.subject, event=at.event, what="a record in a form that nobody signs")
    return record


def _demand_publication(
    publication: RecordedPublication, entry: bytes, record: Record, before: Sequence[Record], at: Place
) -> None:
    """Demand that a publication belongs to the entry's register and to the issuer of the standing."""
    former = publication.former or publication.issuer
    facts = (
        ("register", publication.register, register_of(entry)),
        ("issuer", publication.issuer, record.issuer),
        ("former issuer", former, before[-1].issuer if before else former),
    )
    for what, found, needed in facts:
        if found != needed:
            raise EventOfAnother(subject=at.subject, event=at.event, what=f"{what} {found}, not {needed}")


# ---- parties and the network


@dataclass(frozen=True, slots=True)
class _Chain:
    """The acts on a party, or on the network (party 0). They are decoded, and each has a place that its number allows."""

    party: int
    steps: tuple[tuple[RecordedAct, PartyStep | NetworkStep, bytes, Place], ...]
    """Each act: its message, its meaning, its event hash and its place."""


def _name(party: int) -> str:
    return f"party {party}" if party != NETWORK else "the network"


def _read_party(chain: PartyChain, acts: Sequence[RecordedAct]) -> _Chain:
    steps, last, counters = [], 0, _Counters()
    for act, at in _places(chain.acts, acts, _name(chain.party)):
        step, message = _read(act, at)
        last = _demand_later(at, last)
        if isinstance(step, PairStep | AliasBinding) or chain.party not in _parties_of(act, step):
            raise EventOfAnother(
                subject=at.subject, event=at.event, what=f"a {act.name} that does not concern the party"
            )
        if begins(step) != (at.event == 1 and chain.party != NETWORK):
            raise EventOfAnother(subject=at.subject, event=at.event, what="a party begins once, founded or admitted")
        number = number_in_party(step, chain.party)
        if number is not None:
            counters.demand(at, number)
        steps.append((act, step, message, at))
    return _Chain(chain.party, tuple(steps))


def _parties_of(act: RecordedAct, step: Step) -> set[Any]:
    """List the parties in whose histories an act is recorded."""
    if isinstance(step, Succession):
        return {NETWORK}
    if isinstance(step, PartyAct) and step.act in ON_MEMBER:
        return {step.party, step.detail}
    return {act.values["register" if isinstance(step, Envelope) else "party"]}


def _attempt(chain: _Chain, view: WordView, trust: TrustBundle) -> PartyHistory | NetworkHistory | ReplayDiffers:
    """Replay a chain, or keep the error, because a wrong signature or head is reported first."""
    steps: Any = [(at.recorded_at, step) for _, step, _, at in chain.steps]
    if chain.party == NETWORK:
        seams = [predecessor.time for predecessor in trust.predecessors]
        return _replay(_name(NETWORK), lambda: replay_network(steps, seams=seams))
    return _replay(_name(chain.party), lambda: replay_party(chain.party, steps, delay=view.replacement_delay))


def _verify_party(
    chain: _Chain, outcome: PartyHistory | NetworkHistory | ReplayDiffers, view: WordView, signatories: Signatories
) -> None:
    head = NO_HEAD
    for act, _, message, at in chain.steps:
        _judge(act, message, at, signatories)
        head = extend_head(head, message, at.recorded_at)
    _demand_head(_name(chain.party), len(chain.steps), head, view.party_head(chain.party))
    if isinstance(outcome, ReplayDiffers):
        raise outcome
    if isinstance(outcome, PartyHistory):
        differs = bool(outcome.states) and outcome.states[-1][1] != view.party(chain.party)
    else:
        last = outcome.successions[-1][1] if outcome.successions else None
        differs = view.successor() != ((last.consortium, last.effective) if last else None)
    if differs:
        raise ReplayDiffers(subject=_name(chain.party), reason="the party's word differs from the ledger's")


# ---- pairs


def _verify_pair(
    chain: PairChain, acts: Sequence[RecordedAct], view: WordView, signatories: Signatories
) -> PairHistory:
    subject, pair = f"pair {chain.recogniser} to {chain.register}", (chain.recogniser, chain.register)
    head, steps, last, counters, chained = NO_HEAD, list[tuple[int, PairStep]](), 0, _Counters(), 0
    for act, at in _places(chain.acts, acts, subject):
        step, message = _read(act, at)
        last = _demand_later(at, last)
        if not isinstance(step, PairStep) or not (numbers := numbers_in_pair(step, pair)):
            raise EventOfAnother(subject=subject, event=at.event, what=f"a {act.name} that does not concern the pair")
        _judge(act, message, at, signatories)
        for number in numbers:  # the contract chains an act once for each time that it names the pair
            counters.demand(at, number)
            head = extend_head(head, message, at.recorded_at)
            chained += 1
        steps.append((at.recorded_at, step))
    word = view.pair(*pair)
    _demand_count(subject, counters.last("amendments"), word.amendments)
    _demand_count(subject, counters.last("lane_acts"), word.lane_acts)
    _demand_head(subject, chained, head, view.pair_head(*pair))
    outcome = _replay(subject, lambda: replay_pair(*pair, steps))
    if isinstance(outcome, ReplayDiffers):
        raise outcome
    lanes = tuple(view.lane(*pair, number) for number in range(word.lanes))
    if word != outcome.pair or lanes != tuple(lane[-1][1] for lane in outcome.lanes):
        raise ReplayDiffers(subject=subject, reason="the pair or a lane differs from the ledger's")
    return outcome


# ---- aliases


def _verify_alias(
    chain: AliasChain, acts: Sequence[RecordedAct], view: WordView, signatories: Signatories
) -> AliasHistory:
    subject, alias = f"alias of party {chain.recogniser}", (chain.recogniser, chain.alias_hash)
    head, steps, last = NO_HEAD, list[tuple[int, AliasBinding]](), 0
    for act, at in _places(chain.acts, acts, subject):
        step, message = _read(act, at)
        last = _demand_later(at, last)
        if not isinstance(step, AliasBinding) or (step.recogniser, step.alias_hash) != alias:
            raise EventOfAnother(subject=subject, event=at.event, what=f"a {act.name} that does not concern the alias")
        _demand_place(at, "serial", step.serial, at.event)
        _judge(act, message, at, signatories)
        head = extend_head(head, message, at.recorded_at)
        steps.append((at.recorded_at, step))
    word, states = view.alias(*alias), replay_alias(steps)
    _demand_count(subject, len(steps), word.serial if word else 0)
    _demand_head(subject, len(steps), head, view.alias_head(*alias))
    if states and states[-1][1] != word:
        raise ReplayDiffers(subject=subject, reason="the bindings differ from the ledger's")
    return AliasHistory(recogniser=chain.recogniser, alias_hash=chain.alias_hash, states=states)


# ---- rules for every history


def _places(chain: Sequence[int], acts: Sequence[RecordedAct], subject: str) -> Iterator[tuple[RecordedAct, Place]]:
    for event, place in enumerate(chain, 1):
        yield acts[place], Place(subject=subject, event=event, recorded_at=acts[place].recorded_at)


def _read(act: RecordedAct, at: Place) -> tuple[Step, bytes]:
    """Read an act and compute its event hash: the message's struct hash; for a completion the key, padded on the left."""
    try:
        step = read_step(act.name, act.values)
        return step, step.key.rjust(32, b"\0") if isinstance(step, Completion) else struct_hash(act.name, act.values)
    except MalformedMessage as error:
        raise EventOfAnother(subject=at.subject, event=at.event, what=str(error)) from error


def _judge(act: RecordedAct, message: bytes, at: Place, signatories: Signatories) -> None:
    signatories.judge_act(act, message, at)
    if "deadline" in act.values:
        _demand_deadline(at, act.values["deadline"])


def _replay(subject: str, replay: Callable[[], T]) -> T | ReplayDiffers:
    try:
        return replay()
    except (TypeError, ValueError, RefusedByLedger) as error:
        return ReplayDiffers(subject=subject, reason=str(error))


def _demand_place(at: Place, what: str, found: int, needed: int) -> None:
    if found != needed:
        raise EventOutOfPlace(subject=at.subject, event=at.event, what=what, found=found, needed=needed)


class _Counters:
    """Counts the numbers of a subject's acts. Refuses a number that is not the next one."""

    def __init__(self) -> None:
        self._last: dict[Hashable, int] = {}

    def last(self, counter: Hashable) -> int:
        """Look up the last number of a counter."""
        return self._last.get(counter, 0)

    def demand(self, at: Place, number: Number) -> None:
        """Demand the next number or, if the act names the last number, that one."""
        needed = self.last(number.counter) + (not number.names_last)
        if not (number.skips and number.number > needed):
            _demand_place(at, number.what, number.number, needed)
        self._last[number.counter] = number.number


def _demand_deadline(at: Place, deadline: Any) -> None:
    """Demand a deadline that had not passed and was not further ahead than the contracts accept."""
    nearest = min(max(deadline, at.recorded_at), at.recorded_at + LONGEST_DEADLINE)
    _demand_place(at, "deadline", deadline, nearest)


def _demand_later(at: Place, last: int) -> int:
    if at.recorded_at < last:
        _demand_place(at, "time of recording", at.recorded_at, last)
    return at.recorded_at


def _demand_count(subject: str, found: int, needed: int) -> None:
    if found != needed:
        raise HistoryIncomplete(subject=subject, found=found, needed=needed)


def _demand_head(subject: str, events: int, found: bytes, needed: bytes) -> None:
    if found != needed:
        raise HeadDiffers(subject=subject, events=events, found=found, needed=needed)
