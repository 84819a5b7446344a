"""The signed history that a decision needs, in transit: every recorded act, unchecked.

A publication holds up to a hundred events. One history needs only one of them. The others travel as hashes, which is all that
the signatures need. Acts that several subjects share are written once, in two pools, and referred to by their place:

    publications  list of {register, issuer, former, capacity, deadline, events, details, signatures, recorded_at}
    acts          list of {message, values, signatures, recorded_at}
    standings     list of {entry, events: list of {publication, position, record, document}}
    parties       list of {party, acts: list of places}; party 0 is the network
    pairs         list of {recogniser, register, acts: list of places}
    aliases       list of {recogniser, alias, acts: list of places}; left out if there are none

`events` are struct hashes and `details` is a hash, 32 bytes each. `position` is an event's place among them. `values` are the
members of the message. Numbers of more than 32 bits are big-endian bytes of their width; a bool is 0 or 1. A `Founding` and
a `Completion` (party, key) have no signatures. A signature is r, s, v: 65 bytes, v 27 or 28.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.protocol import typed_data
from aeo_ledger.protocol.acts import MOST_SIGNATURES
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.readings import COMPLETION
from aeo_ledger.protocol.signature import Signature

MAX_ACTS: Final = 50_000
"""Most acts or publications in a history, and most subjects or events of one."""
MAX_EVENTS: Final = 100
"""Most events of one publication."""
MAX_RECOGNITIONS: Final = 32
MAX_SMALL: Final = (1 << 32) - 1

_MEMBERS: Final = {
    **{
        name: MESSAGES[name]
        for name in (
            "Founding", "Resolution", "Succession", "PartyAct", "ReplacementAct", "Freeze", "Envelope", "Conclusion",
            "Amendment", "LaneAct", "Withholding", "AliasBinding",
        )
    },
    COMPLETION: (("uint16", "party"), ("address", "key")),
}  # fmt: skip
"""Every act on a party, a pair, an alias or the network, with its members as (type, name)."""

_NUMBERS: Final = {"register": 0xFFFF, "issuer": 0xFFFF, "former": 0xFFFF, "capacity": 0xFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPublication:
    """A publication, with its events as hashes."""

    register: int
    issuer: int
    former: int
    capacity: int
    deadline: int
    events: tuple[bytes, ...]
    """Struct hashes, 32 bytes each, in order."""
    details: bytes
    """keccak256 of the details, 32 bytes."""
    signatures: tuple[Signature, ...]
    recorded_at: int
    """Block time, UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAct:
    """An act on a party, a pair, an alias or the network."""

    name: str
    """Name of its message, or `Completion`."""
    values: Mapping[str, typed_data.Value]
    signatures: tuple[Signature, ...]
    recorded_at: int
    """Block time, UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """A status event, and its place in its publication."""

    publication: int
    """Place of the publication in the pool."""
    position: int
    """Place among the publication's events, from 0."""
    record: int
    """Record as signed; its recording time is 0."""
    document: bytes
    """32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChain:
    """Every event of a standing, in order."""

    entry: bytes
    """32 bytes."""
    events: tuple[RecordedEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyChain:
    """Every act that concerns a party, in order, as places in the pool."""

    party: int
    """Number of the party; 0 is the network."""
    acts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairChain:
    """Every act on a pair, in order, as places in the pool. An act that names the pair twice is listed once."""

    recogniser: int
    register: int
    acts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasChain:
    """Every act on an alias of a recogniser, in order, as places in the pool."""

    recogniser: int
    alias_hash: bytes
    """32 bytes."""
    acts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHistory:
    """Histories of some subjects, with two pools of acts."""

    publications: tuple[RecordedPublication, ...] = ()
    acts: tuple[RecordedAct, ...] = ()
    standings: tuple[StandingChain, ...] = ()
    parties: tuple[PartyChain, ...] = ()
    pairs: tuple[PairChain, ...] = ()
    aliases: tuple[AliasChain, ...] = ()


def encode_history(history: SignedHistory) -> Value:
    """Write a history for CBOR. JSON writes its bytes as text."""
    aliases: list[Value] = [
        {"recogniser": chain.recogniser, "alias": chain.alias_hash, "acts": list(chain.acts)}
        for chain in history.aliases
    ]
    return {
        "publications": [
            {
                **{name: getattr(publication, name) for name in _NUMBERS},
                "deadline": publication.deadline.to_bytes(8, "big"),
                "events": list(publication.events),
                "details": publication.details,
                "signatures": [signature.encode() for signature in publication.signatures],
                "recorded_at": publication.recorded_at,
            }
            for publication in history.publications
        ],
        "acts": [
            {
                "message": act.name,
                "values": _encode_values(_MEMBERS[act.name], act.values),
                "signatures": [signature.encode() for signature in act.signatures],
                "recorded_at": act.recorded_at,
            }
            for act in history.acts
        ],
        "standings": [
            {
                "entry": chain.entry,
                "events": [
                    {
                        "publication": event.publication,
                        "position": event.position,
                        "record": event.record.to_bytes(32, "big"),
                        "document": event.document,
                    }
                    for event in chain.events
                ],
            }
            for chain in history.standings
        ],
        "parties": [{"party": chain.party, "acts": list(chain.acts)} for chain in history.parties],
        "pairs": [
            {"recogniser": chain.recogniser, "register": chain.register, "acts": list(chain.acts)}
            for chain in history.pairs
        ],
        **({"aliases": aliases} if aliases else {}),
    }


def decode_history(fields: Fields) -> SignedHistory:
    """Read a history.

    Raises:
        MalformedDocument: It does not have exactly this form; or it refers to an act that is missing; or nothing refers
            to one of its acts; or it lists a subject twice.
    """
    fields.demand(("publications", "acts", "standings", "parties", "pairs"), optional=("aliases",))
    publications = tuple(_decode_publication(part) for part in fields.objects("publications", MAX_ACTS))
    acts = tuple(_decode_act(part) for part in fields.objects("acts", MAX_ACTS))
    history = SignedHistory(
        publications=publications,
        acts=acts,
        standings=tuple(_decode_standing(part, len(publications)) for part in fields.objects("standings", MAX_ACTS)),
        parties=tuple(_decode_party(part, len(acts)) for part in fields.objects("parties", MAX_ACTS)),
        pairs=tuple(_decode_pair(part, len(acts)) for part in fields.objects("pairs", MAX_ACTS)),
        aliases=tuple(_decode_alias(part, len(acts)) for part in fields.objects("aliases", MAX_ACTS))
        if "aliases" in fields
        else (),
    )
    if "aliases" in fields and not history.aliases:
        fields.refuse("aliases", "needed at least one")
    chains: tuple[PartyChain | PairChain | AliasChain, ...] = (*history.parties, *history.pairs, *history.aliases)
    used = {place for chain in chains for place in chain.acts}
    if len(used) != len(acts):
        fields.refuse("acts", "needed only acts of a listed party, pair or alias")
    if len({event.publication for chain in history.standings for event in chain.events}) != len(publications):
        fields.refuse("publications", "needed only publications of a listed standing")
    for key, subjects in (
        ("standings", [chain.entry for chain in history.standings]),
        ("parties", [chain.party for chain in history.parties]),
        ("pairs", [(chain.recogniser, chain.register) for chain in history.pairs]),
        ("aliases", [(chain.recogniser, chain.alias_hash) for chain in history.aliases]),
    ):
        if len(set(subjects)) != len(subjects):
            fields.refuse(key, "needed each subject once")
    return history


def _decode_publication(fields: Fields) -> RecordedPublication:
    fields.demand((*_NUMBERS, "deadline", "events", "details", "signatures", "recorded_at"))
    return RecordedPublication(
        **{name: fields.number(name, maximum) for name, maximum in _NUMBERS.items()},
        deadline=int.from_bytes(fields.binary("deadline", 8), "big"),
        events=fields.binaries("events", MAX_EVENTS, 32),
        details=fields.binary("details", 32),
        signatures=_decode_signatures(fields),
        recorded_at=fields.number("recorded_at", MAX_SMALL),
    )


def _decode_act(fields: Fields) -> RecordedAct:
    fields.demand(("message", "values", "signatures", "recorded_at"))
    members = fields.choice("message", _MEMBERS)
    return RecordedAct(
        name=fields.text("message", 20),
        values=_decode_values(members, fields.object("values")),
        signatures=_decode_signatures(fields),
        recorded_at=fields.number("recorded_at", MAX_SMALL),
    )


def _decode_standing(fields: Fields, publications: int) -> StandingChain:
    fields.demand(("entry", "events"))
    events = []
    for part in fields.objects("events", MAX_ACTS):
        part.demand(("publication", "position", "record", "document"))
        events.append(
            RecordedEvent(
                publication=part.number("publication", publications - 1),
                position=part.number("position", MAX_EVENTS - 1),
                record=int.from_bytes(part.binary("record", 32), "big"),
                document=part.binary("document", 32),
            )
        )
    return StandingChain(entry=fields.binary("entry", 32), events=tuple(events))


def _decode_party(fields: Fields, acts: int) -> PartyChain:
    fields.demand(("party", "acts"))
    return PartyChain(party=fields.number("party", 0xFFFF), acts=fields.numbers("acts", MAX_ACTS, acts - 1))


def _decode_pair(fields: Fields, acts: int) -> PairChain:
    fields.demand(("recogniser", "register", "acts"))
    return PairChain(
        recogniser=fields.number("recogniser", 0xFFFF),
        register=fields.number("register", 0xFFFF),
        acts=fields.numbers("acts", MAX_ACTS, acts - 1),
    )


def _decode_alias(fields: Fields, acts: int) -> AliasChain:
    fields.demand(("recogniser", "alias", "acts"))
    return AliasChain(
        recogniser=fields.number("recogniser", 0xFFFF),
        alias_hash=fields.binary("alias", 32),
        acts=fields.numbers("acts", MAX_ACTS, acts - 1),
    )


def _decode_signatures(fields: Fields) -> tuple[Signature, ...]:
    signatures = fields.binaries("signatures", MOST_SIGNATURES, 65)
    if any(signature[64] not in {27, 28} for signature in signatures):
        fields.refuse("signatures", "needed v 27 or 28 in each")
    return tuple(Signature.parse(signature) for signature in signatures)


def _encode_values(members: tuple[tuple[str, str], ...], values: Mapping[str, Any]) -> Value:
    return {name: _encode_value(kind, values[name]) for kind, name in members}


def _encode_value(kind: str, value: Any) -> Value:
    if kind.endswith("[]"):
        return [_encode_values(MESSAGES[kind[:-2]], struct) for struct in value]
    if kind in {"bool", "uint8", "uint16", "uint32"}:
        return int(value)
    if kind.startswith("uint"):
        return int(value).to_bytes(int(kind[4:]) // 8, "big")
    return bytes(value)


def _decode_values(members: tuple[tuple[str, str], ...], fields: Fields) -> dict[str, typed_data.Value]:
    fields.demand([name for _, name in members])
    return {name: _decode_value(kind, fields, name) for kind, name in members}


def _decode_value(kind: str, fields: Fields, name: str) -> typed_data.Value:
    if kind.endswith("[]"):
        return [_decode_values(MESSAGES[kind[:-2]], part) for part in fields.objects(name, MAX_RECOGNITIONS)]
    if kind == "bool":
        return fields.number(name, 1) == 1
    if kind in {"uint8", "uint16", "uint32"}:
        return fields.number(name, (1 << int(kind[4:])) - 1)
    if kind.startswith("uint"):
        return int.from_bytes(fields.binary(name, int(kind[4:]) // 8), "big")
    return fields.binary(name, {"address": 20, "bytes32": 32}.get(kind))
