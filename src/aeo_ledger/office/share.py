"""Give the keys of a keyed register to those who recognise it: exactly the types that the lanes in force cover, and nobody else's.

What the sender knows of the ledger is proven: the lanes, the register's word, the check values, which envelopes it sent before, and the hash
of the recipient's key. A key that somebody else slipped in would open every pseudonym to him for the life of the register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Lane, Register
from aeo_ledger.customs.vocabulary import PartyState, RegisterMode
from aeo_ledger.errors.office import NoDisclosureKey, NoLaneInForce, NotKeyed, OtherSecrets
from aeo_ledger.errors.protocol import WrongLookupKey
from aeo_ledger.errors.verify import OtherCard
from aeo_ledger.evidence.card import CARD_FORM
from aeo_ledger.evidence.disclosure_key import DisclosureKey
from aeo_ledger.office.footing import slots_of_lanes, slots_of_parties
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.pseudonyms import slots_of_pseudonyms
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import Contract, Slot, Table, pair_key, slot_of
from aeo_ledger.protocol.typed_data import Value
from aeo_ledger.signing.envelope import count_types, seal_keys
from aeo_ledger.signing.hpke import Purpose
from aeo_ledger.signing.register_file import RegisterSecrets
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.envelopes import ProvenEnvelopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A recogniser that gets keys."""

    recogniser: int
    """Number of the party."""
    types: tuple[int, ...]
    """Numbers of the types that its lanes in force cover, ascending."""
    since: int
    """Since when they do so, UTC seconds: the last time at which one of these lanes came into force or was altered, or the register was."""


def find_share(words: WordView, recogniser: int, register: int, *, time: int) -> Share | None:
    """Find what a recogniser is to know of a register, both by number; None if no lane between them is in force."""
    opened, party = words.register(register), words.party(recogniser)
    if opened is None or party is None or party.state_at(time) is PartyState.EXPELLED:
        return None
    used = range(words.pair(recogniser, register).lanes)
    lanes = [lane for number in used if _in_force(lane := words.lane(recogniser, register, number), time)]
    types = tuple(kind for kind in opened.types_in_use() if any(lane.covers(kind) for lane in lanes if lane))
    if not types:
        return None
    since = max(opened.changed_at, *(max(lane.in_force_from, lane.changed_at) for lane in lanes if lane))
    return Share(recogniser=recogniser, types=types, since=since)


def _in_force(lane: Lane | None, time: int) -> bool:
    return lane is not None and lane.is_in_force(time)


def find_waiting(words: WordView, sent: ProvenEnvelopes, recognisers: Iterable[int], *, time: int) -> list[Share]:
    """Find the recognisers in force that wait for keys: no envelope of this epoch was sent to them since their lanes are as they are.

    Args:
        words: The ledger, proven: the register's word, and the parties, pairs and lanes of the recognisers.
        sent: Every envelope of the register.
        recognisers: Numbers of the parties to look at.
        time: UTC seconds.
    """
    opened = words.register(sent.register)
    if opened is None or opened.mode is not RegisterMode.KEYED:
        return []
    shares = (find_share(words, number, sent.register, time=time) for number in recognisers if number != sent.register)
    return [share for share in shares if share is not None and not _has_keys(share, sent, opened.epoch)]


def find_former(words: WordView, sent: ProvenEnvelopes, *, time: int) -> list[int]:
    """Find the parties, by number, that have keys of the present epoch for more types than they recognise now.

    What is sealed in this epoch they can read, so the next epoch is due. An envelope shows how many types it is about, not which: a
    recogniser that exchanges one type for another is not found.

    Args:
        words: The ledger, proven: the register's word, and the parties, pairs and lanes of the recipients.
        sent: Every envelope of the register.
        time: UTC seconds.
    """
    opened = words.register(sent.register)
    if opened is None or opened.mode is not RegisterMode.KEYED:
        return []
    had: dict[int, int] = {}
    for one in sent.envelopes:
        if one.epoch == opened.epoch:
            had[one.recipient] = max(had.get(one.recipient, 0), count_types(one.sealed))
    shares = {number: find_share(words, number, sent.register, time=time) for number in had}
    return [number for number, share in shares.items() if had[number] > (0 if share is None else len(share.types))]


def _has_keys(share: Share, sent: ProvenEnvelopes, epoch: int) -> bool:
    return any(
        (one.recipient, one.epoch) == (share.recogniser, epoch) and one.recorded_at >= share.since
        for one in sent.envelopes
    )


def slots_of_share(recogniser: int, register: int) -> list[Slot]:
    """List the words that say what a recogniser is to know of a register."""
    return [
        *slots_of_parties((recogniser, register)),
        *slots_of_pseudonyms(register),
        slot_of(Table.OFFICE, register),
        slot_of(Table.CARD, recogniser),
        slot_of(Table.PAIR, pair_key(recogniser, register)),
        *slots_of_lanes(recogniser, register),
    ]


def draft_envelope(
    desk: ProvenDesk, secrets: RegisterSecrets, recogniser: int, card: bytes, *, lifetime_s: int
) -> tuple[SignedAct, Share]:
    """Draft the envelope with which a recogniser gets the keys of the types that its lanes in force cover.

    Args:
        desk: Proves all that it depends on.
        secrets: Those of the register that gives its keys.
        recogniser: Number of the party that gets them.
        card: The file of its card, whose hash stands on the ledger.
        lifetime_s: For how long it may be signed and relayed, seconds.

    Returns:
        The act, which operators of the register's party sign, and what the recogniser gets.

    Raises:
        OtherSecrets: The secrets are of a chain that this ledger does not continue.
        NotKeyed: The register is not keyed.
        WrongLookupKey: A check value on the ledger is not that of these secrets.
        NoLaneInForce: The party does not recognise the register now.
        OtherCard: The ledger has another card's hash.
        NoDisclosureKey: The card has no disclosure key.
        NoPayloadSecret: The secret of the present epoch is not here.
        ExtraMissing: The library for envelopes is not installed.
    """
    register = secrets.register
    facts = desk.facts(slots_of_share(recogniser, register))
    opened = require_keyed(facts, secrets, desk.trust)
    share = find_share(facts, recogniser, register, time=max(facts.time, desk.now()))
    if share is None:
        raise NoLaneInForce(recogniser=name_party(desk.trust, recogniser), register=name_party(desk.trust, register))
    key = read_disclosure_key(
        card, facts.word(Table.CARD, recogniser).to_bytes(32, "big"), name_party(desk.trust, recogniser)
    )
    purpose = Purpose(
        chain=desk.trust.chain_id,
        contract=desk.trust.address(Contract.CONSORTIUM),
        register=register,
        epoch=opened.epoch,
        recipient=recogniser,
    )
    values: dict[str, Value] = {
        "register": register,
        "serial": facts.office(register).envelopes + 1,
        "deadline": desk.now() + lifetime_s,
        "recipient": recogniser,
        "epoch": opened.epoch,
        "sealed": seal_keys(secrets, share.types, key, purpose),
    }
    return SignedAct(name="Envelope", values=values), share


def require_keyed(words: WordView, secrets: RegisterSecrets, trust: TrustBundle) -> Register:
    """Demand that secrets are those of a keyed register, and return its word.

    Raises:
        OtherSecrets: They are of a chain that this ledger does not continue.
        NotKeyed: The register is not keyed.
        WrongLookupKey: A check value on the ledger is not that of these secrets.
    """
    if not trust.continues(secrets.chain):
        raise OtherSecrets(
            found=secrets.register, chain=secrets.chain, needed=secrets.register, needed_chain=trust.chain_id
        )
    opened = words.register(secrets.register)
    if opened is None or opened.mode is not RegisterMode.KEYED:
        mode = "not opened yet" if opened is None else "open"
        raise NotKeyed(party=name_party(trust, secrets.register), mode=mode)
    for kind in opened.types_in_use():
        if secrets.lookup_key(kind).check != words.key_check(secrets.register, kind):
            raise WrongLookupKey(register=secrets.register, certificate_type=kind)
    return opened


def read_disclosure_key(file: bytes, recorded: bytes, party: str) -> DisclosureKey:
    """Read the disclosure key in a party's card, if it is the card whose hash the party put on the ledger.

    Args:
        file: The card.
        recorded: The hash on the ledger, 32 bytes.
        party: The party's code.

    Raises:
        OtherCard: The ledger has another hash, or none, or the card is another party's.
        NoDisclosureKey: The card has no disclosure key.
        MalformedDocument: It is no card.
    """
    card = CARD_FORM.decode(file)
    if card.hash() != recorded or card.party != party:
        raise OtherCard(party=party, found=card.hash(), needed=recorded)
    key = card.disclosure_key
    if key is None:
        raise NoDisclosureKey(party=party)
    return key


def name_party(trust: TrustBundle, number: int) -> str:
    """Name a party by its code, if it is pinned."""
    party = trust.by_number.get(number)
    return f"party {number}" if party is None else party.code
