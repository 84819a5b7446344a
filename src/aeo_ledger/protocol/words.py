"""Conversion between the ledger's words and values of the customs model.

A word of 0 means nothing is stored, and decodes to None where that is possible. Decoding raises `MalformedWord` for what no
contract writes: a word from outside is a claim until a proof shows it, and even then only as good as the code that wrote it.
An unknown kind of event or reason stays a number, for people. A status or a state must be known, because rules depend on it.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from struct import Struct
from typing import Final, TypeVar

from aeo_ledger.customs.aliases import MAX_BINDINGS, NO_ENTRY, Alias
from aeo_ledger.customs.arrangement import Lane, Pair, Register, Withholding
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.party import Key, Membership, Office, Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    EventKind,
    KeyRole,
    LaneState,
    PartyKind,
    PartyState,
    ReasonClass,
    RegisterMode,
    Status,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.protocol import MalformedWord
from aeo_ledger.protocol.layouts import (
    ALIAS,
    KEY,
    LANE,
    OFFICE,
    PAIR,
    PARTY,
    RECORD,
    REGISTER,
    REPLACEMENT,
    WITHHOLDING,
    Field,
    pack,
    unpack,
)

_SHARED: Final = 1 << 12
"""Most decoded parties, registers, pairs and lanes in the cache. All answers read the same few. A word's meaning never changes."""

CODE_BYTES: Final = 6
"""A party's code, left-aligned ASCII."""
NAME_BYTES: Final = 10
"""An arrangement's name, left-aligned ASCII."""

_OF_MEMBERSHIP: Final = ("union", "leaves", "ejected")
_PLAIN_OF_PARTY: Final = (
    PARTY.keys() - {"code"} - {f"{name}_{place}" for name in _OF_MEMBERSHIP for place in range(1, 5)}
)

_Number = TypeVar("_Number", bound=IntEnum)

_RECORD: Final = Struct(">H6I2HBB")
"""The fields of `layouts.RECORD` from the most significant. Kind and status share the last byte.

A verifier reads standings most often. Reading field by field would take four times as long.
"""
_STATUSES: Final = {status.value: status for status in Status}
_KINDS: Final = {kind.value: kind for kind in EventKind}
_REASONS: Final = {reason.value: reason for reason in ReasonClass}


def encode_text(text: str, width: int, *, what: str) -> int:
    """Write a short ASCII text as a left-aligned number of `width` bytes.

    Raises:
        MalformedText: The text is empty, too long or not printable ASCII.
    """
    if not 1 <= len(text) <= width or not all("\x21" <= c <= "\x7e" for c in text):
        raise MalformedText(what, repr(text), f"1 to {width} printable ASCII characters without spaces")
    return int.from_bytes(text.encode("ascii").ljust(width, b"\0"), "big")


def decode_text(number: int, width: int, *, what: str) -> str:
    """Read a left-aligned ASCII text.

    Raises:
        MalformedWord: `encode_text` cannot have written it.
    """
    data = number.to_bytes(width, "big").rstrip(b"\0")
    if not data or not all(0x21 <= byte <= 0x7E for byte in data):
        raise MalformedWord(what=what, found=number)
    return data.decode("ascii")


def _read(what: str, layout: dict[str, Field], word: int) -> dict[str, int]:
    """Read every field. Refuse a word with bits outside the fields."""
    fields = unpack(layout, word)
    last = list(layout.values())[-1]
    if word < 0 or word >> (last.at + last.bits):
        raise MalformedWord(what=what, found=word)
    return fields


def _member(what: str, numbers: type[_Number], value: int) -> _Number:
    try:
        return numbers(value)
    except ValueError:
        raise MalformedWord(what=what, found=value) from None


def _flag(what: str, value: int) -> bool:
    if value > 1:
        raise MalformedWord(what=what, found=value)
    return value == 1


def encode_record(record: Record) -> int:
    """Pack a standing's record. This word is signed, with `recorded_at` 0."""
    return pack(RECORD, **{name: int(getattr(record, name)) for name in RECORD})


def decode_record(word: int) -> Record | None:
    """Unpack a standing's record; None for an entry without a standing."""
    if word == 0:
        return None
    try:
        (
            review_day, recorded_at, hold_until, valid_until, valid_from, since, sequence, roles, issuer, reason, kind_and_status
        ) = _RECORD.unpack(word.to_bytes(32, "big"))  # fmt: skip
    except OverflowError:
        raise MalformedWord(what="record", found=word) from None
    kind, status = kind_and_status >> 4, kind_and_status & 15
    if status == Status.NONE or kind == 0:
        raise MalformedWord(what="record's status and kind", found=kind_and_status)
    return Record(
        status=_STATUSES.get(status) or _member("record's status", Status, status),
        kind=_KINDS.get(kind, kind),
        reason=_REASONS.get(reason, reason),
        issuer=issuer,
        roles=roles,
        sequence=sequence,
        since=since,
        valid_from=valid_from,
        valid_until=valid_until,
        hold_until=hold_until,
        recorded_at=recorded_at,
        review_day=review_day,
    )


def encode_party(party: Party) -> int:
    """Pack a party's word."""
    plain = {name: int(getattr(party, name)) for name in PARTY if name in _PLAIN_OF_PARTY}
    places = {
        f"{name}_{place}": int(getattr(membership, name))
        for place, membership in enumerate(party.memberships, 1)
        for name in _OF_MEMBERSHIP
    }
    return pack(PARTY, code=encode_text(party.code, CODE_BYTES, what="party code"), **plain, **places)


@lru_cache(maxsize=_SHARED)
def decode_party(word: int) -> Party | None:
    """Unpack a party's word; None for a number without a party."""
    if word == 0:
        return None
    f = _read("party", PARTY, word)
    one, two, three, four = (
        Membership(union=f[f"union_{place}"], leaves=f[f"leaves_{place}"], ejected=bool(f[f"ejected_{place}"]))
        for place in range(1, 5)
    )
    return Party(
        code=decode_text(f["code"], CODE_BYTES, what="party's code"),
        kind=_member("party's kind", PartyKind, f["kind"]),
        state=_member("party's state", PartyState, f["state"]),
        suspended_until=f["suspended_until"],
        seat=bool(f["seat"]),
        keeps_register=bool(f["keeps_register"]),
        opened=bool(f["opened"]),
        frozen=bool(f["frozen"]),
        memberships=(one, two, three, four),
        threshold=f["threshold"],
        authority_keys=f["authority_keys"],
        authority_threshold=f["authority_threshold"],
        epoch=f["epoch"],
        changed_at=f["changed_at"],
        changes=f["changes"],
    )


def encode_office(office: Office) -> int:
    """Pack a party's counters."""
    return pack(OFFICE, **{name: getattr(office, name) for name in OFFICE})


def decode_office(word: int) -> Office:
    """Unpack a party's counters. All are 0 before the first act."""
    return Office(**_read("office", OFFICE, word))


def encode_key(key: Key) -> int:
    """Pack the word of an address."""
    return pack(KEY, **{name: int(getattr(key, name)) for name in KEY})


def decode_key(word: int) -> Key | None:
    """Unpack the word of an address; None if it never served."""
    if word == 0:
        return None
    f = _read("key", KEY, word)
    return Key(role=_member("key's role", KeyRole, f.pop("role")), **f)


def encode_replacement(replacement: Replacement) -> int:
    """Pack a pending replacement of an authority."""
    values = {name: int(getattr(replacement, name)) for name in REPLACEMENT if name != "key"}
    return pack(REPLACEMENT, key=int.from_bytes(replacement.key, "big"), **values)


def decode_replacement(word: int) -> Replacement | None:
    """Unpack a pending replacement of an authority; None if there is none."""
    if word == 0:
        return None
    f = _read("replacement", REPLACEMENT, word)
    return Replacement(key=f.pop("key").to_bytes(20, "big"), objected=_flag("objected", f.pop("objected")), **f)


def encode_pair(pair: Pair) -> int:
    """Pack a pair's word."""
    return pack(PAIR, **{name: getattr(pair, name) for name in PAIR})


@lru_cache(maxsize=_SHARED)
def decode_pair(word: int) -> Pair:
    """Unpack a pair's word. 0 is a pair without lanes and withholdings."""
    return Pair(**_read("pair", PAIR, word))


def encode_lane(lane: Lane) -> int:
    """Pack a lane's word."""
    values = {name: int(getattr(lane, name)) for name in LANE if name != "arrangement"}
    return pack(LANE, arrangement=encode_text(lane.arrangement, NAME_BYTES, what="arrangement's name"), **values)


@lru_cache(maxsize=_SHARED)
def decode_lane(word: int) -> Lane | None:
    """Unpack a lane's word; None if the lane was never used."""
    if word == 0:
        return None
    f = _read("lane", LANE, word)
    return Lane(
        state=_member("lane's state", LaneState, f.pop("state")),
        arrangement=decode_text(f.pop("arrangement"), NAME_BYTES, what="lane's arrangement"),
        **f,
    )


def encode_withholding(withholding: Withholding) -> int:
    """Pack the word of a withholding."""
    return pack(WITHHOLDING, **{name: int(getattr(withholding, name)) for name in WITHHOLDING})


def decode_withholding(word: int) -> Withholding | None:
    """Unpack the word of a withholding; None if there was never one."""
    if word == 0:
        return None
    f = _read("withholding", WITHHOLDING, word)
    return Withholding(withheld=_flag("withheld", f.pop("withheld")), **f)


def decode_alias(word: int) -> Alias | None:
    """Unpack an alias's word; None if it was never bound. The word tells which places are bound. Each entry has a word of its own."""
    if word == 0:
        return None
    f = _read("alias", ALIAS, word)
    types = [f[f"types_{binding}"] for binding in range(MAX_BINDINGS)]
    places = [(binding, kind) for binding, mask in enumerate(types) for kind in range(16) if mask >> kind & 1]
    return Alias(serial=f["serial"], changed_at=f["changed_at"], entries=dict.fromkeys(places, NO_ENTRY))


def encode_register(register: Register) -> int:
    """Pack a register's word."""
    return pack(
        REGISTER, mode=register.mode, types=register.types, epoch=register.epoch, changed_at=register.changed_at
    )


@lru_cache(maxsize=_SHARED)
def decode_register(word: int) -> Register | None:
    """Unpack a register's word; None is a proven empty register."""
    if word == 0:
        return None
    f = _read("register", REGISTER, word)
    return Register(mode=_member("register's mode", RegisterMode, f.pop("mode")), **f)
