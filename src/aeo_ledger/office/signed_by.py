"""Everything that some operators' keys signed since a time: what a party must know when a key was stolen.

It is proven to be everything. A snapshot shows each standing that changed since then, and the head of each history binds all its acts with
their signatures. So no gateway can keep back an act, and none can add one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.vocabulary import EventKind, KeyRole, PartyKind, Status
from aeo_ledger.errors.office import NeverAnOperator, StandingHidden
from aeo_ledger.evidence.snapshot import WORD_ROW, rows_of
from aeo_ledger.office.desk import MOST_HISTORIES, Witness
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.layouts import ALIAS, RECORD, unpack
from aeo_ledger.verify import ProvenSnapshot
from aeo_ledger.verify.certificate_history import ProvenAct, ProvenEvent, verify_certificate_histories

_AT_ONCE: Final = MOST_HISTORIES
"""Standings whose histories are fetched in one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBy:
    """What some keys of a party signed since a time, as of one proven block. Only `find_signed_by` makes one."""

    party: int
    """Number of the party."""
    keys: frozenset[bytes]
    """Addresses, 20 bytes each."""
    since: int
    """UTC seconds."""
    words: ProvenSnapshot
    """Every word of the ledger at the block."""
    events: Mapping[bytes, tuple[ProvenEvent, ...]]
    """The whole history of each standing that they touched, by its entry (32 bytes)."""
    acts: tuple[ProvenAct, ...]
    """Their other acts: freezes, envelopes and withholdings, in order."""
    aliases: int
    """How many aliases changed since then. The ledger shows only hashes of them, so whose they are is not known here."""

    def has_part(self, event: ProvenEvent) -> bool:
        """Tell whether one of these keys signed a status event since the time."""
        return _is_by(self.keys, self.since, event.signers, event.record.recorded_at)


def find_signed_by(desk: ProvenDesk, witness: Witness, party: int, keys: Collection[bytes], since: int) -> SignedBy:
    """Find and prove everything that some operators of a party signed since a time.

    Args:
        desk: The ledger; it proves every word of it.
        witness: Fetches histories, which are then proven.
        party: The party's number.
        keys: Addresses of its present or former operators, 20 bytes each.
        since: UTC seconds.

    Raises:
        NeverAnOperator: a key never was an operator of this party.
        StandingHidden: the snapshot may hide a standing.
        Unproven: in the leaves of `ProvenDesk.all_facts` and `verify_certificate_histories`.
        Unavailable: there is no snapshot, or no history.
    """
    words = desk.all_facts()
    for address in keys:
        key = words.key(address)
        if key is None or (key.party, key.role) != (party, KeyRole.OPERATOR):
            raise NeverAnOperator(address=address, party=desk.trust.by_number[party].code)
    theirs, registers = frozenset(keys), _registers_open_to(party, words)
    changed = [entry for entry, record in words.standings() if record.recorded_at >= since]
    touched = [entry for entry in changed if register_of(entry) in registers]
    pairs = [(party, register) for register in words.pinned.by_number if any(words.pair_head(party, register))]
    parts = [touched[at : at + _AT_ONCE] for at in range(0, len(touched), _AT_ONCE)]
    own = verify_certificate_histories(
        witness.prove_past([], [party, *pairs]), [], desk.trust, now=desk.now(), parties=[party], pairs=pairs
    )
    proven = [verify_certificate_histories(witness.history(part), part, desk.trust, now=desk.now()) for part in parts]
    return SignedBy(
        party=party,
        keys=theirs,
        since=since,
        words=words,
        events={
            entry: events
            for histories in proven
            for entry, events in histories.events.items()
            if any(_is_by(theirs, since, event.signers, event.record.recorded_at) for event in events)
        },
        acts=tuple(act for act in own.acts if _is_by(theirs, since, act.signers, act.recorded_at)),
        aliases=_count_aliases(words, since),
    )


def _is_by(keys: frozenset[bytes], since: int, signers: tuple[bytes, ...], recorded_at: int) -> bool:
    return recorded_at >= since and not keys.isdisjoint(signers)


def _registers_open_to(party: int, words: ProvenSnapshot) -> frozenset[int]:
    """List the registers in which a party may issue or may have issued: its own, and those of unions."""
    known = ((number, words.party(number)) for number in words.pinned.by_number)
    return frozenset({party, *(number for number, one in known if one is not None and one.kind is PartyKind.UNION)})


def _count_aliases(words: ProvenSnapshot, since: int) -> int:
    """Count the aliases that changed since a time, and refuse a snapshot that may hide a standing.

    A snapshot names the entry of each standing, but a writer may list one among the words without a name, which are those of aliases. Read
    as a record, no word of an alias has a time of recording later than 1979, and a hash looks like one once in ten million times.

    Raises:
        StandingHidden: a word without a name may be a standing that changed since then.
    """
    aliases = 0
    for row in rows_of(words.snapshot.registers, WORD_ROW):
        word = int.from_bytes(row[32:], "big")
        record, alias = unpack(RECORD, word), word >> ALIAS["changed_at"].at
        if (
            since <= record["recorded_at"] <= words.time
            and record["issuer"] in words.pinned.by_number
            and record["status"] in _STATUSES
            and record["kind"] in _KINDS
        ):
            raise StandingHidden(slot=row[:32])
        aliases += since <= alias <= words.time
    return aliases


_STATUSES: Final = frozenset(Status) - {Status.NONE}
_KINDS: Final = frozenset(EventKind)
