"""The form that gateway and client share: a header, and the JSON of parties, arrangements and standings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, Final, TypeVar

from aeo_ledger.customs.arrangement import Lane, Pair, Register
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.party import Membership, Office, Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Benefit,
    Direction,
    PartyKind,
    PartyState,
    RegisterMode,
    Role,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.desk import Member, Place, Standings
from aeo_ledger.office.naming import name_bits, name_types
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.acts import Sealed
from aeo_ledger.protocol.layouts import OFFICE
from aeo_ledger.protocol.tables import Slot, Table
from aeo_ledger.protocol.words import decode_record, encode_record
from aeo_ledger.registers.documents import Kept, Kind

_TABLES: Final = {table.name.lower(): table for table in Table}
CHAIN_HEADER: Final = "AEO-Ledger-Chain"
"""Header of every answer: the id of the gateway's chain. A client that pins another chain then reports the difference."""

MOST_KEYS: Final = 1_500
"""Most keys of one party that are listed: a proof of them must fit."""

_CODE: Final = re.compile(r"[A-Z]{2,6}")
_LARGEST_PARTY: Final = (1 << 16) - 1
_LARGEST_COUNT: Final = (1 << 32) - 1
_LARGEST_TIME: Final = (1 << 32) - 1
_LARGEST_NUMBER: Final = (1 << 64) - 1
_LARGEST_DAY: Final = (1 << 16) - 1

E = TypeVar("E", bound=IntEnum)


def member_to_json(member: Member) -> dict[str, Any]:
    """Write a party."""
    party = member.party
    return {
        "number": member.number,
        "code": party.code,
        "kind": party.kind.name.lower(),
        "state": party.state.name.lower(),
        "suspended_until": party.suspended_until,
        "seat": party.seat,
        "keeps_register": party.keeps_register,
        "opened": party.opened,
        "frozen": party.frozen,
        "memberships": [asdict(membership) for membership in party.memberships],
        "threshold": party.threshold,
        "authority_keys": party.authority_keys,
        "authority_threshold": party.authority_threshold,
        "epoch": party.epoch,
        "changed_at": party.changed_at,
        "changes": party.changes,
        "office": asdict(member.office),
        "register": None
        if member.register is None
        else {
            "mode": member.register.mode.name.lower(),
            "types": name_types(member.register.types, list_type_names(party.code)),
            "type_bits": member.register.types,
            "epoch": member.register.epoch,
            "changed_at": member.register.changed_at,
        },
    }  # fmt: skip


def _membership(fields: Fields) -> Membership:
    union, leaves = fields.number("union", _LARGEST_PARTY), fields.number("leaves", _LARGEST_DAY)
    return Membership(union=union, leaves=leaves, ejected=fields.flag("ejected"))


def member_from_json(document: Any) -> Member:
    """Read a party; only the forms of its members are checked."""
    fields = _fields(document)
    register = None if fields.value("register") is None else fields.object("register")
    one, two, three, four = map(_membership, fields.objects("memberships", 4))
    office = fields.object("office")
    if not _CODE.fullmatch(fields.text("code", 6)):
        fields.refuse("code", "needed 2 to 6 capital letters")
    return Member(
        number=fields.number("number", _LARGEST_PARTY),
        party=Party(
            code=fields.text("code", 6),
            kind=fields.choice("kind", _words(PartyKind)),
            state=fields.choice("state", _words(PartyState)),
            suspended_until=fields.number("suspended_until", _LARGEST_TIME),
            seat=fields.flag("seat"),
            keeps_register=fields.flag("keeps_register"),
            opened=fields.flag("opened"),
            frozen=fields.flag("frozen"),
            memberships=(one, two, three, four),
            threshold=fields.number("threshold", _LARGEST_COUNT),
            authority_keys=fields.number("authority_keys", _LARGEST_COUNT),
            authority_threshold=fields.number("authority_threshold", _LARGEST_COUNT),
            epoch=fields.number("epoch", _LARGEST_COUNT),
            changed_at=fields.number("changed_at", _LARGEST_TIME),
            changes=fields.number("changes", _LARGEST_COUNT),
        ),
        office=Office(**{name: office.number(name, _LARGEST_COUNT) for name in OFFICE}),
        register=None
        if register is None
        else Register(
            mode=register.choice("mode", _words(RegisterMode)),
            types=register.number("type_bits", _LARGEST_COUNT),
            epoch=register.number("epoch", _LARGEST_COUNT),
            changed_at=register.number("changed_at", _LARGEST_TIME),
        ),
    )


def slots_to_json(slots: Sequence[Slot]) -> dict[str, Any]:
    """Write the places of words to be proven."""
    return {"slots": [{"contract": contract, "slot": to_hex(slot.to_bytes(32, "big"))} for contract, slot in slots]}


def subject_to_json(subject: Subject) -> dict[str, Any]:
    """Write the subject of a history."""
    if isinstance(subject, bytes):
        return {"entry": to_hex(subject)}
    if isinstance(subject, int):
        return {"party": subject}
    recogniser, other = subject
    return {
        "recogniser": recogniser,
        **({"alias_hash": to_hex(other)} if isinstance(other, bytes) else {"register": other}),
    }


def subject_from_json(document: Any) -> Subject:
    """Read the subject of a history.

    Raises:
        MalformedDocument: It is none.
    """
    fields = Fields(document, document="request")
    if "entry" in fields:
        fields.demand(("entry",))
        return fields.binary("entry", 32)
    if "party" in fields:
        fields.demand(("party",))
        return fields.number("party", _LARGEST_PARTY)
    if "alias_hash" in fields:
        fields.demand(("recogniser", "alias_hash"))
        return fields.number("recogniser", _LARGEST_PARTY), fields.binary("alias_hash", 32)
    fields.demand(("recogniser", "register"))
    return fields.number("recogniser", _LARGEST_PARTY), fields.number("register", _LARGEST_PARTY)


@dataclass(frozen=True, slots=True)
class Pending:
    """A replacement of a party's authority that is pending, as a gateway says."""

    party: str
    key: bytes
    """The new key, 20 bytes."""
    ready_at: int
    """UTC seconds. From then on anybody may complete it."""
    lapses_at: int
    """UTC seconds. From then on it cannot be completed."""
    objected: bool


def pending_to_json(code: str, pending: Replacement | Pending) -> dict[str, Any]:
    """Write a replacement that is pending."""
    return {
        "party": code,
        "key": to_hex(pending.key),
        "ready_at": pending.ready_at,
        "lapses_at": pending.lapses_at,
        "objected": pending.objected,
    }


def pending_from_json(document: Any) -> Pending:
    """Read a replacement that is pending."""
    fields = _fields(document)
    if not _CODE.fullmatch(fields.text("party", 6)):
        fields.refuse("party", "needed 2 to 6 capital letters")
    return Pending(
        fields.text("party", 6),
        fields.binary("key", 20),
        fields.number("ready_at", _LARGEST_NUMBER),
        fields.number("lapses_at", _LARGEST_NUMBER),
        fields.flag("objected"),
    )


WELL: Final = "ok"
"""The status of a gateway that says nothing is wrong."""


def name_status(trouble: str | None, index: str | None) -> str:
    """Name the status of a gateway by why it accepts no act, and why its index does not follow its node; None if nothing is wrong."""
    if trouble is not None:
        return "reading only"
    return WELL if index is None else "behind"


@dataclass(frozen=True, slots=True)
class Health:
    """What a gateway says about itself."""

    block: int
    block_time: int
    """UTC seconds."""
    ledger: str
    """The ledger that it serves, in its own words."""
    trouble: str | None
    """Why it accepts no act now, in its own words; None if it gives no reason."""
    index: str | None = None
    """Why its index does not follow its node, in its own words; None if it does."""
    replacements: tuple[Pending, ...] = ()
    """Replacements of authorities that are pending, as it says."""
    database: str | None = None
    """Why its index has only memory, in its own words; None if its database works, or if there is none."""

    @property
    def status(self) -> str:
        """What it says, in a word."""
        return name_status(self.trouble, self.index)


def health_from_json(document: Any) -> Health:
    """Read what a gateway says about itself; an older one says nothing about its index and about replacements."""
    block, time, ledger, trouble = (document[name] for name in ("block", "block_time", "ledger", "trouble"))
    index, database = document.get("index"), document.get("database")
    return Health(
        int(block),
        int(time),
        str(ledger),
        None if trouble is None else str(trouble),
        None if index is None else str(index),
        tuple(map(pending_from_json, document.get("replacements", ()))),
        None if database is None else str(database),
    )


def keys_from_json(document: Any) -> list[bytes]:
    """Read addresses."""
    found = _fields(document).texts("keys", MOST_KEYS, 42)
    return [parse_hex(text, what="key", length=20) for text in found]


def pair_to_json(recogniser: Member, register: Member, pair: Pair, lanes: tuple[Lane, ...]) -> dict[str, Any]:
    """Write a pair with its lanes."""
    return {
        "recogniser": recogniser.party.code,
        "register": register.party.code,
        "recogniser_number": recogniser.number,
        "register_number": register.number,
        "withheld": pair.withheld,
        "amendments": pair.amendments,
        "lane_acts": pair.lane_acts,
        "lanes": [
            {
                "lane": number,
                "arrangement": lane.arrangement,
                "state": lane.state.name.lower(),
                "types": name_types(lane.types, list_type_names(register.party.code)),
                "roles": name_bits(lane.roles, Role),
                "directions": name_bits(lane.directions, Direction),
                "benefits": name_bits(lane.benefits, Benefit),
                "in_force_from": lane.in_force_from,
                "until": lane.until,
                "changed_at": lane.changed_at,
                "changes": lane.changes,
                "generation": lane.generation,
            }
            for number, lane in enumerate(lanes)
        ],
    }


def place_to_json(place: Place) -> dict[str, Any]:
    """Write the place of a word."""
    table, key = place
    return {"table": table.name.lower(), "key": to_hex(key.to_bytes(32, "big"))}


def place_from_json(table: str, key: str) -> Place:
    """Read the place of a word.

    Raises:
        MalformedText: there is no such table, or the key is not 32 bytes long.
    """
    if table not in _TABLES:
        raise MalformedText("table", repr(table)[:40], f"one of {', '.join(_TABLES)}")
    return _TABLES[table], int.from_bytes(parse_hex(key, what="key", length=32), "big")


def words_to_json(words: Sequence[int]) -> dict[str, Any]:
    """Write words, 0x hex."""
    return {"words": [to_hex(word.to_bytes(32, "big")) for word in words]}


def words_from_json(document: Mapping[str, Any]) -> list[int]:
    """Read words."""
    return [int.from_bytes(parse_hex(word, what="word", length=32), "big") for word in document["words"]]


def standings_to_json(standings: Standings) -> dict[str, Any]:
    """Write records as words, 0x hex; null for an entry without a record."""
    return {
        "block": standings.block,
        "time": standings.time,
        "clock": standings.clock,
        "records": [None if r is None else to_hex(encode_record(r).to_bytes(32, "big")) for r in standings.records],
    }


def standings_from_json(document: Any) -> Standings:
    """Read records."""
    fields = _fields(document)
    words = fields.value("records")
    if not isinstance(words, list):
        fields.refuse("records", "needed a list")
    return Standings(
        block=fields.number("block", _LARGEST_NUMBER),
        time=fields.number("time", _LARGEST_TIME),
        clock=fields.number("clock", _LARGEST_TIME),
        records=tuple(None if word is None else _record(word) for word in words),
    )


def _record(word: Value) -> Record | None:
    return decode_record(int.from_bytes(_fields({"record": word}).binary("record", 32), "big"))


def document_to_json(kept: Kept) -> dict[str, Any]:
    """Write a document with its salt. The trader is not written: the content says it, or the asker knows the entry."""
    return {
        "kind": kept.kind.value,
        "media": kept.media,
        "entry": to_hex(kept.entry),
        "salt": to_hex(kept.salt),
        "content": to_hex(kept.content),
    }


def document_from_json(found: Mapping[str, Any]) -> Kept:
    """Read such a document; it is not checked here."""
    return Kept(
        entry=parse_hex(found["entry"], what="entry", length=32),
        tin="",
        kind=Kind(found["kind"]),
        media=str(found["media"])[:127],
        salt=parse_hex(found["salt"], what="salt", length=32),
        content=parse_hex(found["content"], what="content"),
    )


def sealed_to_json(sealed: Sealed) -> dict[str, Any]:
    """Write in which block an act is."""
    return asdict(sealed)


def sealed_from_json(document: Any) -> Sealed:
    """Read in which block an act is."""
    fields = _fields(document)
    return Sealed(
        transaction=to_hex(fields.binary("transaction", 32)),
        block=fields.number("block", _LARGEST_NUMBER),
        block_hash=to_hex(fields.binary("block_hash", 32)),
        gas_used=fields.number("gas_used", _LARGEST_NUMBER),
    )


def _fields(document: Any) -> Fields:
    return Fields(document, document="answer")


def _words(kind: type[E]) -> Mapping[str, E]:
    return {word.name.lower(): word for word in kind}
