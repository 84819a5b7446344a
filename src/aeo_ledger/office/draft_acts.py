"""Draft the acts of parties and of the seats. Numbers and serials are proven, and follow the last ones.

One table for each kind of act says which verb drafts it, what it does and what an officer must enter. The command's verbs and options
derive from these tables. Certificates have theirs in `customs.status_events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeAlias

from aeo_ledger.customs.acts import NO_GROUNDS, NOBODY
from aeo_ledger.customs.consortium import NETWORK
from aeo_ledger.customs.governance import ON_VALIDATORS
from aeo_ledger.customs.vocabulary import LaneActKind, PartyActKind, ReplacementActKind, ResolutionAct
from aeo_ledger.errors.office import NoReplacement, NoSuchLane
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.conclude import read_pair
from aeo_ledger.office.footing import slots_of_parties
from aeo_ledger.office.govern import last_number
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE, PARTY, REGISTER, pack
from aeo_ledger.protocol.tables import Table, slot_of
from aeo_ledger.protocol.typed_data import Value
from aeo_ledger.protocol.words import CODE_BYTES, decode_replacement, encode_text

Entered: TypeAlias = Mapping[str, Any]
"""What an officer entered, by the name of the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """How an officer drafts one kind of act."""

    does: str
    """What it does, in one sentence."""
    enters: tuple[str, ...] = ()
    """Fields that an officer enters, in the order of the form."""
    may: tuple[str, ...] = ()
    """Fields among these that may be left out."""
    name: str = ""
    """Its name, if it is not that of the act."""

    def named(self, kind: IntEnum) -> str:
        """Give the verb of an act."""
        return self.name or kind.name.lower().replace("_", "-")


PARTY_VERBS: Final[Mapping[PartyActKind, Verb]] = {
    PartyActKind.ROTATE_AUTHORITY: Verb(
        does="Replace an authority key by a new one, which signs too.", enters=("old", "new")
    ),
    PartyActKind.ADD_AUTHORITY_KEY: Verb(does="Add a key to the authority; it signs too.", enters=("new",)),
    PartyActKind.RETIRE_AUTHORITY_KEY: Verb(does="Retire a key of the authority, for good.", enters=("old",)),
    PartyActKind.SET_AUTHORITY_THRESHOLD: Verb(
        does="Say how many keys of the authority must sign its acts, 1 to 3.", enters=("count",)
    ),
    PartyActKind.ADD_OPERATOR: Verb(does="Add an operator's key; it signs too.", enters=("new",)),
    PartyActKind.RETIRE_OPERATOR: Verb(
        does="Retire an operator's key, for good. What it signed stays valid.", enters=("old",)
    ),
    PartyActKind.SET_THRESHOLD: Verb(
        does="Say how many operators must sign a publication, 1 to 16.", enters=("count",)
    ),
    PartyActKind.SET_CARD: Verb(
        does="Record the hash of the party's card.", enters=("card", "hash"), may=("card", "hash"), name="card"
    ),
    PartyActKind.SET_CERTIFICATE: Verb(
        does="Record the fingerprint of the party's X.509 certificate.",
        enters=("certificate", "hash"),
        may=("certificate", "hash"),
        name="certificate",
    ),
    PartyActKind.JOIN_UNION: Verb(does="Join a union, whose authority signs too.", enters=("union",)),
    PartyActKind.LEAVE_UNION: Verb(
        does="Leave a union, at once or from a day on.", enters=("union", "day"), may=("day",)
    ),
    PartyActKind.REVOKE_LEAVING: Verb(does="Take back the notice to leave a union.", enters=("union",)),
    PartyActKind.EJECT_MEMBER: Verb(
        does="Eject a member from this union, at once or from a day on.", enters=("member", "day"), may=("day",)
    ),
    PartyActKind.REVOKE_EJECTION: Verb(does="Take back the notice to a member of this union.", enters=("member",)),
    PartyActKind.CANCEL_REPLACEMENT: Verb(
        does="Cancel the pending replacement of this party's authority; its new key never serves."
    ),
    PartyActKind.SET_REGISTER: Verb(
        does="Open a register, or put more types in use; none of this is undone.",
        enters=("mode", "types", "epoch"),
        may=("epoch",),
        name="register",
    ),
    PartyActKind.SET_KEY_CHECK: Verb(
        does="Record the check value of the lookup key of a type.", enters=("type", "hash"), name="key-check"
    ),
    PartyActKind.UNFREEZE: Verb(does="Lift a freeze of this party's publications."),
}
"""What a party decides alone, through its authority."""

_OF_FILES: Final = frozenset({PartyActKind.SET_CARD, PartyActKind.SET_CERTIFICATE})
"""Acts that record the hash of a file: of the file itself, or as somebody else computed it."""

RESOLUTION_VERBS: Final[Mapping[ResolutionAct, Verb]] = {
    ResolutionAct.ADMIT: Verb(
        does="Admit a party. Its first authority key signs too.",
        enters=("code", "kind", "seat", "keeps_register", "new"),
    ),
    ResolutionAct.GIVE_SEAT: Verb(does="Give a party a seat.", enters=("party",)),
    ResolutionAct.TAKE_SEAT: Verb(does="Take a party's seat.", enters=("party",)),
    ResolutionAct.GIVE_REGISTER: Verb(does="Let a party keep a register.", enters=("party",)),
    ResolutionAct.TAKE_REGISTER: Verb(does="Let a party keep no register any more.", enters=("party",)),
    ResolutionAct.SUSPEND: Verb(does="Suspend a party until a time, at most a year.", enters=("party", "until")),
    ResolutionAct.REINSTATE: Verb(does="End a party's suspension.", enters=("party",)),
    ResolutionAct.EXPEL: Verb(does="Expel a party, for good.", enters=("party",)),
    ResolutionAct.REPLACE_AUTHORITY: Verb(
        does="Replace a party's lost authority by a new key, which signs too. It waits, and may be stopped.",
        enters=("party", "new"),
    ),
    ResolutionAct.CANCEL_REPLACEMENT: Verb(does="Cancel the replacement of a party's authority.", enters=("party",)),
    ResolutionAct.SEAT_VALIDATOR: Verb(
        does="Seat a validator's node for a party. The node's key signs too.", enters=("party", "new")
    ),
    ResolutionAct.UNSEAT_VALIDATOR: Verb(does="Unseat a validator's node.", enters=("party", "old")),
    ResolutionAct.REPLACE_VALIDATOR: Verb(
        does="Replace a validator's node by another, whose key signs too.", enters=("party", "old", "new")
    ),
    ResolutionAct.CANCEL_SUCCESSION: Verb(does="Take back the ledger named as this one's successor."),
}
"""What two thirds of the seats decide. Naming a successor is a message of its own: see `govern.draft_succession`."""

LANE_VERBS: Final[Mapping[LaneActKind, Verb]] = {
    LaneActKind.SUSPEND: Verb(does="Suspend a recognition: the recogniser alone, at once."),
    LaneActKind.RESUME: Verb(does="Resume a recognition that was suspended: the recogniser alone."),
    LaneActKind.END: Verb(does="End a recognition at a time: either side alone.", enters=("until",)),
}
"""What one side alone may do to a recognition."""

REPLACEMENT_VERBS: Final[Mapping[ReplacementActKind, Verb]] = {
    ReplacementActKind.OBJECT: Verb(
        does="Object to the replacement of this party's authority, with any one of its keys. Then it takes 90 days."
    ),
    ReplacementActKind.STOP: Verb(
        does="Stop a replacement to which somebody objected: a third of the other seats sign."
    ),
}
"""Acts against a pending replacement of an authority."""


def draft_party_act(
    desk: ProvenDesk, kind: PartyActKind, party: int, entered: Entered, *, lifetime_s: int, grounds: bytes = NO_GROUNDS
) -> SignedAct:
    """Draft an act that a party decides alone.

    Args:
        desk: Proves the serial of the party's last act.
        kind: The act.
        party: The party's number.
        entered: The fields that its verb names: `old` and `new` are addresses (20 bytes), `union` and `member` numbers, `hash`, `card`
            and `certificate` 32 bytes, `day` UTC seconds, `types` a bit set.
        lifetime_s: How long it may be signed and relayed, seconds.
        grounds: Salted hash of a reasoned decision, 32 bytes; zero if there is no decision.

    Raises:
        MalformedText: Of a file and its hash, not exactly one was entered.
    """
    if kind in _OF_FILES and sum(entered.get(name) is not None for name in PARTY_VERBS[kind].enters) != 1:
        raise MalformedText(PARTY_VERBS[kind].named(kind), "not exactly one of --file and --hash", "one of them")
    serial = desk.facts([*slots_of_parties([party]), slot_of(Table.OFFICE, party)]).office(party).serial + 1
    old, new = entered.get("old"), entered.get("new")
    details = (entered.get(name) for name in ("count", "union", "member", "hash", "card", "certificate"))
    detail = next((value for value in details if value is not None), 0)
    if new and old:
        detail = old
    elif kind is PartyActKind.SET_REGISTER:
        detail = pack(REGISTER, mode=entered["mode"], types=entered["types"], epoch=entered.get("epoch") or 0)
    values: dict[str, Value] = {
        "party": party,
        "serial": serial,
        "deadline": desk.now() + lifetime_s,
        "act": int(kind),
        "certificate_type": entered.get("type", 0),
        "key": new or old or NOBODY,
        "detail": int.from_bytes(detail, "big") if isinstance(detail, bytes) else detail,
        "effective": entered.get("day") or 0,
        "grounds": grounds,
    }
    return SignedAct(name="PartyAct", values=values)


def draft_resolution(
    desk: ProvenDesk, act: ResolutionAct, entered: Entered, *, lifetime_s: int, grounds: bytes = NO_GROUNDS
) -> SignedAct:
    """Draft a resolution, numbered next after the last one on its subject.

    Args:
        desk: Proves the number of the last resolution on that subject, and of parties for an admission.
        act: The kind of resolution.
        entered: The fields that its verb names: `party` is a number, `old` and `new` are addresses (20 bytes), `until` is UTC seconds.
        lifetime_s: How long signatures may be gathered, seconds.
        grounds: Salted hash of a reasoned decision, 32 bytes; zero if there is no decision.
    """
    party, old, new = (entered.get(name) for name in ("party", "old", "new"))
    detail = (old or b"").rjust(32, b"\0") if new else bytes(32)
    if act is ResolutionAct.ADMIT:
        code = encode_text(entered["code"], CODE_BYTES, what="--code")
        rights = {name: bool(entered[name]) for name in ("seat", "keeps_register")}
        detail = pack(PARTY, code=code, kind=entered["kind"], **rights).to_bytes(32, "big")
        counts = desk.facts([slot_of(Table.GOVERNANCE, 0)]).word(Table.GOVERNANCE, 0)
        party = GOVERNANCE["parties"].of(counts) + 1
    number = party or NETWORK
    last = 0 if act is ResolutionAct.ADMIT else last_number(desk, number, on_validators=act in ON_VALIDATORS)
    values: dict[str, Value] = {
        "party": number,
        "number": last + 1,
        "deadline": desk.now() + lifetime_s,
        "act": int(act),
        "key": new or old or NOBODY,
        "detail": detail,
        "amount": entered.get("until") or 0,
        "grounds": grounds,
    }
    return SignedAct(name="Resolution", values=values)


def draft_lane_act(
    desk: ProvenDesk,
    kind: LaneActKind,
    party: int,
    pair: tuple[int, int],
    lane: int | None,
    *,
    until: int = 0,
    lifetime_s: int,
    grounds: bytes = NO_GROUNDS,
) -> SignedAct:
    """Draft an act of one side alone on a lane.

    Args:
        desk: Proves the pair and its lanes.
        kind: The act.
        party: Number of the party that acts.
        pair: Numbers of recogniser and register.
        lane: Number of the lane; None for the only one that has not ended.
        until: When the lane ends, UTC seconds; 0 unless the act ends it.
        lifetime_s: How long it may be signed and relayed, seconds.
        grounds: Salted hash of a reasoned decision, 32 bytes; zero if there is no decision.

    Raises:
        NoSuchLane: There is no such lane, or none was named and there is not exactly one that has not ended.
    """
    found, lanes = read_pair(desk, *pair)
    living = [number for number, one in enumerate(lanes) if not 0 < one.until <= desk.now()]
    chosen = living[0] if lane is None and len(living) == 1 else lane
    if chosen is None or chosen >= len(lanes):
        codes = [trusted.code if (trusted := desk.trust.by_number.get(n)) else f"party {n}" for n in pair]
        raise NoSuchLane(recogniser=codes[0], register=codes[1], known=tuple(map(str, living)))
    ends = kind is LaneActKind.END
    values: dict[str, Value] = {
        "party": party,
        "recogniser": pair[0],
        "register": pair[1],
        "lane": chosen,
        "generation": lanes[chosen].generation,
        "number": found.amendments if ends else found.lane_acts + 1,
        "deadline": desk.now() + lifetime_s,
        "act": int(kind),
        "until": until,
        "grounds": grounds,
    }
    return SignedAct(name="LaneAct", values=values)


def draft_replacement_act(
    desk: ProvenDesk, kind: ReplacementActKind, party: int, *, lifetime_s: int, grounds: bytes = NO_GROUNDS
) -> SignedAct:
    """Draft an act against the replacement of a party's authority that is pending.

    Raises:
        NoReplacement: None is pending.
    """
    facts = desk.facts([*slots_of_parties([party]), slot_of(Table.REPLACEMENT, party)])
    pending = decode_replacement(facts.word(Table.REPLACEMENT, party))
    if pending is None:
        found = facts.party(party)
        raise NoReplacement(party=found.code if found else f"party {party}")
    values: dict[str, Value] = {
        "party": party,
        "key": pending.key,
        "deadline": desk.now() + lifetime_s,
        "act": int(kind),
        "grounds": grounds,
    }
    return SignedAct(name="ReplacementAct", values=values)


def draft_freeze(desk: ProvenDesk, party: int, *, lifetime_s: int, grounds: bytes = NO_GROUNDS) -> SignedAct:
    """Draft the freeze of a party's publications, which one operator signs."""
    lifts = desk.facts([*slots_of_parties([party]), slot_of(Table.OFFICE, party)]).office(party).lifts
    values: dict[str, Value] = {
        "party": party,
        "lifts": lifts,
        "deadline": desk.now() + lifetime_s,
        "grounds": grounds,
    }
    return SignedAct(name="Freeze", values=values)
