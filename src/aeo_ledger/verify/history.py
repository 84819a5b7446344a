"""Histories: are these all the acts that the ledger recorded of a subject, in their order, and signed by whom they must?

The contracts chain every act into a head, head' = keccak256(head || event hash || recorded at), and the head is a word
that the storage proof shows. Replaying the acts given must lead to that very head; so none can be missing, surplus, in
another order, held back or altered, in what it says or in when it was recorded. What the head alone would only call
different is named more exactly where it can be: by the count, by sequences and serials, by a publication's own hash of
the event, by the signatures (`signatories` says who is checked, and what is left to the chain's execution).

What the replay leads to must also be what the ledger's words say today, so an act that this version would read otherwise
than the contracts is `Unproven` instead of a wrong answer.

Source: DESIGN sections 3 (standings, heads, event hash) and 5 ("Past times").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from aeo_ledger.customs.acts import Envelope, PartyAct, Resolution
from aeo_ledger.customs.consortium import NO_HEAD, extend_head
from aeo_ledger.customs.history import (
    Completion,
    HistoryTable,
    PairHistory,
    PairStep,
    PartyHistory,
    PartyStep,
    StandingHistory,
    begins,
    last_pair,
    replay_pair,
    replay_party,
    serials_in,
)
from aeo_ledger.customs.standing import Record
from aeo_ledger.errors import (
    EventNotPublished,
    EventOfAnother,
    EventOutOfPlace,
    HeadDiffers,
    HistoryIncomplete,
    MalformedMessage,
    MalformedWord,
    RefusedByLedger,
    ReplayDiffers,
)
from aeo_ledger.evidence.history import (
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


def verify_history(history: SignedHistory, view: WordView, trust: TrustBundle) -> HistoryTable:
    """Prove every history in some evidence.

    Args:
        history: From anybody.
        view: The ledger's words, each proven when it is read.
        trust: Pins chain and contracts, over which signatures are.

    Raises:
        HistoryIncomplete: An event is missing, held back or surplus.
        EventOutOfPlace: The order is another, or one between is missing.
        EventOfAnother: An event concerns another subject, or cannot stand there.
        EventNotPublished: A status event is not the one that its publication holds.
        UnreadableEventSignature, SignerNotEntitled, EventUndersigned: See `Signatories`.
        HeadDiffers: The events chain to another head.
        ReplayDiffers: They do not lead to the ledger's words.
        Whatever the view raises.
    """
    parties: dict[int, PartyHistory] = {}
    signatories = Signatories(view, trust, parties)
    for chain in history.parties:
        parties[chain.party] = _verify_party(chain, history.acts, view, signatories)
    return HistoryTable(
        parties=parties,
        pairs={
            (chain.recogniser, chain.register): _verify_pair(chain, history.acts, view, signatories)
            for chain in history.pairs
        },
        standings={
            chain.entry: _verify_standing(chain, history.publications, view, signatories) for chain in history.standings
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
        head = extend_head(head, event_hash, at.recorded_at)
        records.append(replace(record, recorded_at=at.recorded_at))
    word = view.record(chain.entry)
    _demand_count(subject, len(records), word.sequence if word else 0)
    _demand_head(subject, len(records), head, view.standing_head(chain.entry))
    if records and records[-1] != word:
        raise ReplayDiffers(subject=subject, reason="the last record is another")
    return StandingHistory(entry=chain.entry, records=tuple(records))


def _read_record(word: int, at: Place) -> Record:
    try:
        record = decode_record(word)
    except MalformedWord as error:
        raise EventOfAnother(subject=at.subject, event=at.event, what=str(error)) from error
    if record is None or record.recorded_at != 0:
        raise EventOfAnother(subject=at.subject, event=at.event, what="its record is none that is signed")
    return record


def _demand_publication(
    publication: RecordedPublication, entry: bytes, record: Record, before: Sequence[Record], at: Place
) -> None:
    """Demand that a publication is of the entry's register and of the issuer whose standing it is."""
    former = publication.former or publication.issuer
    facts = (
        ("register", publication.register, int.from_bytes(entry[:2], "big")),
        ("issuer", publication.issuer, record.issuer),
        ("former issuer", former, before[-1].issuer if before else former),
    )
    for what, found, needed in facts:
        if found != needed:
            raise EventOfAnother(subject=at.subject, event=at.event, what=f"{what} {found}, not {needed}")


# ---- parties and pairs


def _verify_party(
    chain: PartyChain, acts: Sequence[RecordedAct], view: WordView, signatories: Signatories
) -> PartyHistory:
    subject = f"party {chain.party}"
    head, steps, last, serial, resolution = NO_HEAD, list[tuple[int, PartyStep]](), 0, 0, 0
    for act, at in _places(chain.acts, acts, subject):
        step, message = _read(act, at)
        last = _demand_later(at, last)
        if act.values.get("party", act.values.get("register")) != chain.party or isinstance(step, PairStep):
            raise EventOfAnother(subject=subject, event=at.event, what=f"a {act.name} that is not the party's")
        if isinstance(step, Resolution):
            if step.number <= resolution:
                _demand_place(at, "resolution", step.number, resolution + 1)
            resolution = step.number
        elif isinstance(step, PartyAct | Envelope):
            serial += 1
            _demand_place(at, "serial", step.serial, serial)
        if begins(step) != (at.event == 1):
            raise EventOfAnother(subject=subject, event=at.event, what="a party begins once, founded or admitted")
        signatories.judge_act(act, message, at)
        head = extend_head(head, message, at.recorded_at)
        steps.append((at.recorded_at, step))
    word = view.party(chain.party)
    _demand_count(subject, serial, word.serial if word else 0)
    _demand_head(subject, len(steps), head, view.party_head(chain.party))
    try:
        history = replay_party(chain.party, steps)
    except (ValueError, RefusedByLedger) as error:
        raise ReplayDiffers(subject=subject, reason=str(error)) from error
    if history.states and history.states[-1][1] != word:
        raise ReplayDiffers(subject=subject, reason="the party is another")
    return history


def _verify_pair(
    chain: PairChain, acts: Sequence[RecordedAct], view: WordView, signatories: Signatories
) -> PairHistory:
    subject, pair = f"pair {chain.recogniser} to {chain.register}", (chain.recogniser, chain.register)
    head, steps, last, serial = NO_HEAD, list[tuple[int, PairStep]](), 0, 0
    for act, at in _places(chain.acts, acts, subject):
        step, message = _read(act, at)
        last = _demand_later(at, last)
        if not isinstance(step, PairStep) or not (serials := serials_in(step, pair)):
            raise EventOfAnother(subject=subject, event=at.event, what=f"a {act.name} that is not the pair's")
        signatories.judge_act(act, message, at)
        for found in serials:  # the contract chains an act as often as it names the pair
            serial += 1
            _demand_place(at, "serial", found, serial)
            head = extend_head(head, message, at.recorded_at)
        steps.append((at.recorded_at, step))
    word = view.pair(*pair)
    _demand_count(subject, serial, word.serial)
    _demand_head(subject, serial, head, view.pair_head(*pair))
    try:
        history = replay_pair(*pair, steps)
    except (ValueError, RefusedByLedger) as error:
        raise ReplayDiffers(subject=subject, reason=str(error)) from error
    lanes = tuple(view.lane(*pair, number) for number in range(word.lanes))
    if replace(word, changed_at=0) != last_pair(history) or lanes != tuple(lane[-1][1] for lane in history.lanes):
        raise ReplayDiffers(subject=subject, reason="the pair or a lane is another")
    return history


def _places(chain: Sequence[int], acts: Sequence[RecordedAct], subject: str) -> Iterator[tuple[RecordedAct, Place]]:
    for event, place in enumerate(chain, 1):
        yield acts[place], Place(subject=subject, event=event, recorded_at=acts[place].recorded_at)


def _read(act: RecordedAct, at: Place) -> tuple[Step, bytes]:
    """Read an act and derive its event hash: the message's struct hash; of a completion the key, padded from the left."""
    try:
        step = read_step(act.name, act.values)
        return step, step.key.rjust(32, b"\0") if isinstance(step, Completion) else struct_hash(act.name, act.values)
    except MalformedMessage as error:
        raise EventOfAnother(subject=at.subject, event=at.event, what=str(error)) from error


# ---- what every history must be


def _demand_place(at: Place, what: str, found: int, needed: int) -> None:
    if found != needed:
        raise EventOutOfPlace(subject=at.subject, event=at.event, what=what, found=found, needed=needed)


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
