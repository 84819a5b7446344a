"""The history of a certificate: every status event recorded for its standing, and who signed it.

`history` proves histories in order to decide past times. This module returns histories in full, for people to read: of certificates, and
of what else a party's keys do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.history import HistoryTable
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.verify import OtherHistory
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.history import RecordedAct, RecordedPublication, SignedHistory
from aeo_ledger.protocol.acts import CONTRACT_OF
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKey, LookupKeys
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import Value, digest_of_hash, struct_hash
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.signatories import hash_publication
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, ProvenState, verify_state
from aeo_ledger.verify.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEvent:
    """A status event, as signed and recorded."""

    record: Record
    """The record after the event, with its time of recording."""
    document: bytes
    """Commitment to the certificate's document, 32 bytes; zero if there is none."""
    capacity: int
    """Capacity in which its publication is signed."""
    former: int
    """Number of the old issuer in a transfer, otherwise 0."""
    signers: tuple[bytes, ...]
    """20 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAct:
    """An act on a party or a pair, as signed and recorded."""

    name: str
    """Name of its message, or `Completion`."""
    values: Mapping[str, Value]
    signers: tuple[bytes, ...]
    """20 bytes each; empty for a founding or a completion, which nobody signs."""
    recorded_at: int
    """UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenCertificateHistories:
    """The complete histories of some certificates, parties and pairs. Only `verify_certificate_histories` makes one."""

    events: dict[bytes, tuple[ProvenEvent, ...]]
    """Events by entry (32 bytes), in order; empty if there was never a certificate."""
    acts: tuple[ProvenAct, ...]
    """Every act on the parties and pairs, each once."""
    sealed: SealedHeader
    """The block at which the histories are complete."""


def verify_certificate_histories(
    evidence: Evidence,
    entries: Sequence[bytes],
    trust: TrustBundle,
    *,
    parties: Collection[int] = (),
    pairs: Collection[tuple[int, int]] = (),
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
) -> ProvenCertificateHistories:
    """Prove the complete history of some certificates, and of some parties and pairs.

    Args:
        evidence: From any source; it must hold the histories of exactly these entries and pairs, and of these and other parties.
        entries: Entries of the certificates, derived by the asker, 32 bytes each.
        trust: Bundle pinned by the asker.
        parties: Numbers of parties.
        pairs: Pairs (recogniser, register) of parties' numbers.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.

    Raises:
        OtherHistory: The evidence holds histories of other entries or pairs, or lacks a party's.
        Superseded: Another ledger continues these histories.
        SurplusNodes: The evidence holds nodes that are not needed.
        Unproven: In the leaves of `verify_state` and `verify_history`.
    """
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew)
    return _prove_events(evidence.history, entries, state, trust, parties, pairs)


def verify_trader_histories(
    evidence: Evidence,
    trader: Tin,
    register: int,
    types: Sequence[int],
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
    keys: LookupKeys = NO_KEYS,
) -> ProvenCertificateHistories:
    """Prove the complete history of a trader's certificates of some types in one register.

    The entries are derived here, because only the ledger tells whether the register is keyed. An entry that was derived as in an
    open register would have no history there, and this would show nothing.

    Args:
        evidence: From any source; it must hold the histories of exactly these certificates.
        trader: The asker's own.
        register: Number of the register.
        types: Numbers of the types.
        trust: Bundle pinned by the asker.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.
        keys: The asker's lookup keys, if the register is keyed.

    Raises:
        KeyNeeded, WrongLookupKey: The register is keyed, and the key of a type is not at hand, or another one.
        Unproven: In the leaves of `verify_certificate_histories`.
    """
    state = verify_state(evidence, trust, now=now, max_age=max_age, skew=skew)
    there = state.register(register)
    mode, in_use = (RegisterMode.OPEN, ()) if there is None else (there.mode, there.types_in_use())
    compared = keys.compared(state.key_check)

    def key_of(number: int, kind: int) -> LookupKey:
        return (compared if kind in in_use else keys.key)(
            number, kind
        )  # a type that is not in use has no check value, and no event

    entry_of = entries_of(trader, key_of)
    return _prove_events(evidence.history, [entry_of(register, mode, kind) for kind in types], state, trust)


def read_place(entry: bytes, words: WordView) -> None:
    """Read what tells how an entry (32 bytes) was derived: its register, and in a keyed one the key's check value.

    Prover and verifier both read it, so that whoever knows the trader can tell whether the entry is its own.
    """
    register = words.register(register_of(entry))
    if register is not None and register.mode is RegisterMode.KEYED:
        words.key_check(register_of(entry), type_of(entry))


def _prove_events(
    history: SignedHistory | None,
    entries: Sequence[bytes],
    state: ProvenState,
    trust: TrustBundle,
    parties: Collection[int] = (),
    pairs: Collection[tuple[int, int]] = (),
) -> ProvenCertificateHistories:
    asked = {*entries, *parties, *pairs}
    found = set[object]() if history is None else _subjects(history)
    if history is None or asked - found or any(not isinstance(subject, int) for subject in found - asked):
        raise OtherHistory(asked=len(asked), found=len(found))
    state.refuse_superseded(None)
    for entry in entries:
        read_place(entry, state)
    proven = verify_history(history, state, trust)
    state.pool.refuse_surplus()
    return ProvenCertificateHistories(
        events=list_events(history, proven, entries, trust),
        acts=tuple(_act(act, trust) for act in history.acts),
        sealed=state.sealed,
    )


def list_events(
    history: SignedHistory, proven: HistoryTable, entries: Sequence[bytes], trust: TrustBundle
) -> dict[bytes, tuple[ProvenEvent, ...]]:
    """List the events of some entries' standings in a history; `proven` is what `verify_history` made of it."""
    chains = {chain.entry: chain for chain in history.standings}
    return {
        entry: tuple(
            _event(history.publications[event.publication], record, event.document, trust)
            for event, record in zip(chains[entry].events, proven.standings[entry].records, strict=True)
        )
        for entry in entries
    }


def _subjects(history: SignedHistory) -> set[object]:
    """List the subjects of a history, each in its own form: an entry, a party's number, a pair, or an alias."""
    return {
        *(chain.entry for chain in history.standings),
        *(chain.party for chain in history.parties),
        *((chain.recogniser, chain.register) for chain in history.pairs),
        *((chain.recogniser, chain.alias_hash) for chain in history.aliases),
    }


def _act(act: RecordedAct, trust: TrustBundle) -> ProvenAct:
    signers: tuple[bytes, ...] = ()
    if act.signatures:
        chain_id, contract = trust.domain_at(CONTRACT_OF[act.name], act.recorded_at)
        signed = digest_of_hash(struct_hash(act.name, act.values), chain_id=chain_id, contract=contract)
        signers = tuple(signature.recover_signer(signed) for signature in act.signatures)
    return ProvenAct(name=act.name, values=act.values, signers=signers, recorded_at=act.recorded_at)


def _event(publication: RecordedPublication, record: Record, document: bytes, trust: TrustBundle) -> ProvenEvent:
    chain_id, contract = trust.domain_at(Contract.REGISTERS, publication.recorded_at)
    signed = digest_of_hash(hash_publication(publication), chain_id=chain_id, contract=contract)
    return ProvenEvent(
        record=record,
        document=document,
        capacity=publication.capacity,
        former=publication.former,
        signers=tuple(signature.recover_signer(signed) for signature in publication.signatures),
    )
