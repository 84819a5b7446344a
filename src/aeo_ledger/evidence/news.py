"""The format `aeo-ledger/news/1`: what one sealed act changed, for those whose answers it may change; JSON, unchecked.

    format      "aeo-ledger/news/1"
    id          "BLOCK:INDEX": the block, and the place among its logs
    block       the block's number
    time        the block's time, UTC seconds
    about       what was changed: see `About`
    what        of a standing: the status event, as in "suspend"; of a withholding: "withhold" or "allow"; else left out
    register    number of the register's party
    recogniser  number of the party that recognises
    party       number of the party
    entry       32 bytes: the standing
    alias       32 bytes: the hash of an alias
    words       list of {place, word}: what was written. A word has 32 bytes
    evidence    {method, path, body}: the request to a gateway whose answer proves what stands there now
    history     the same, for all events of a standing; left out for everything else

`ABOUT` says which of the middle members an item has. No item names a trader: the ledger knows pseudonyms alone. An item is a claim. The
slots to prove follow from its members (`slots_of`), never from `evidence`, which is there for readers without this package.

An id is the same from every gateway of a ledger. The id "BLOCK" stands for a whole block and all before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.vocabulary import EventKind, name_number
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.primitives.documents import Fields, Value, text_form
from aeo_ledger.primitives.forms import Form
from aeo_ledger.protocol.layouts import ALIAS, LANE, PARTY, RECORD, REGISTER, WITHHOLDING, Field
from aeo_ledger.protocol.tables import (
    Slot,
    Table,
    alias_key,
    lane_key,
    slot_of,
    standing_slot,
    withholding_key,
)

FORMAT: Final = "aeo-ledger/news/1"
"""Name and version. Another version is another format."""

MAX_BYTES: Final = 1 << 16
"""Longest item that is read."""

MAX_WORDS: Final = 32
"""Most words of one item: a pair has 16 lanes."""

_DOCUMENT: Final = "news"
_MAX_NUMBER: Final = (1 << 64) - 1
_MAX_PARTY: Final = (1 << 16) - 1
_MAX_PLACE: Final = 255
_ALWAYS: Final = ("format", "id", "block", "time", "about", "words")
_SOMETIMES: Final = ("what", "register", "recogniser", "party", "entry", "alias", "evidence", "history")
_ID: Final = re.compile(r"([0-9]{1,19})(?::([0-9]{1,10}))?", re.ASCII)
_WHOLE: Final = 1 << 40
"""The index after all logs of a block."""


class Cursor(NamedTuple):
    """A place in the news: everything up to there was told."""

    block: int
    log: int = _WHOLE
    """Place among the block's logs. The default stands for the whole block."""

    def __str__(self) -> str:
        """Write the id."""
        return str(self.block) if self.log == _WHOLE else f"{self.block}:{self.log}"


def read_cursor(text: str, what: str) -> Cursor:
    """Read an id; `what` names its source in an error.

    Raises:
        MalformedText: It is not an id.
    """
    found = _ID.fullmatch(text)
    if found is None:
        raise MalformedText(what, ascii(text[:60]), "the id of an item of news, as in 17:3, or a block's number")
    return Cursor(int(found[1])) if found[2] is None else Cursor(int(found[1]), int(found[2]))


class About(StrEnum):
    """What an item of news is about."""

    STANDING = "standing"
    """A certificate's standing, by its entry: a status event."""
    LANES = "lanes"
    """Recognitions of a pair: an arrangement was concluded or amended, or a lane was suspended, resumed or ended."""
    WITHHOLDING = "withholding"
    """Benefits that a recogniser withholds from one entry, or no longer does."""
    ALIAS = "alias"
    """A recogniser's alias was bound or released."""
    PARTY = "party"
    """A party's state, its unions, or whether it keeps a register."""
    REGISTER = "register"
    """A register's mode, types or payload epoch."""
    LOOKUP_KEY = "lookup_key"
    """The check value of a lookup key of a register."""
    SUCCESSION = "succession"
    """Another ledger was named that succeeds this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """One item of news. Members that its kind has not are None."""

    at: Cursor
    time: int
    """UTC seconds."""
    about: About
    register: int | None = None
    recogniser: int | None = None
    party: int | None = None
    entry: bytes | None = None
    """32 bytes."""
    alias: bytes | None = None
    """Hash of the alias, 32 bytes."""
    words: tuple[tuple[int, int], ...] = ()
    """Place and word. Places count the lanes of a pair and the types of a lookup key; else the place is 0."""

    @property
    def what(self) -> str | None:
        """The act in a word, if the written word tells it."""
        if not self.words:
            return None
        if self.about is About.STANDING:
            return name_number(RECORD["kind"].of(self.words[0][1]), EventKind)
        if self.about is About.WITHHOLDING:
            return "withhold" if WITHHOLDING["withheld"].of(self.words[0][1]) else "allow"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """There is nothing else up to a block; a gateway's claim."""

    at: Cursor
    time: int
    """Time of the block, UTC seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What happened between two places cannot be told."""

    since: Cursor
    at: Cursor
    """Where the news go on."""


Heard: TypeAlias = NewsItem | Head | Gap
"""What a stream of news says."""


ABOUT: Final[Mapping[About, tuple[str, ...]]] = {
    About.STANDING: ("register", "entry"),
    About.LANES: ("recogniser", "register"),
    About.WITHHOLDING: ("recogniser", "register", "entry"),
    About.ALIAS: ("recogniser", "alias"),
    About.PARTY: ("party",),
    About.REGISTER: ("register",),
    About.LOOKUP_KEY: ("register",),
    About.SUCCESSION: (),
}
"""The members that each kind has.

An act that was sent through a contract of somebody else cannot be read. Then the entry of its withholding is missing, or both members of its
alias; nothing can be proven about such an item, and its reader must ask again about everything that it may concern.
"""

_MANY: Final = frozenset({About.LANES, About.LOOKUP_KEY})
"""Kinds of which one act may write several words."""

STAMPED: Final[Mapping[About, Field]] = {
    About.STANDING: RECORD["recorded_at"],
    About.LANES: LANE["changed_at"],
    About.WITHHOLDING: WITHHOLDING["changed_at"],
    About.ALIAS: ALIAS["changed_at"],
    About.PARTY: PARTY["changed_at"],
    About.REGISTER: REGISTER["changed_at"],
}
"""Where the written word of each kind has the time of its writing, UTC seconds."""


def is_named(item: NewsItem) -> bool:
    """Tell whether an item names what it is about, so that it can be proven."""
    return all(getattr(item, member) is not None for member in ABOUT[item.about])


def slots_of(item: NewsItem) -> tuple[Slot, ...]:
    """Derive where each of an item's words is stored; none if the item does not name what it is about."""
    return tuple(_slot_of(item, place) for place, _ in item.words) if is_named(item) else ()


def _slot_of(item: NewsItem, place: int) -> Slot:
    register, recogniser = item.register or 0, item.recogniser or 0
    if item.about is About.STANDING:
        return standing_slot(item.entry or b"")
    table, key = {
        About.LANES: (Table.LANE, lane_key(recogniser, register, place)),
        About.WITHHOLDING: (Table.WITHHOLDING, withholding_key(recogniser, item.entry or b"")),
        About.ALIAS: (Table.ALIAS, alias_key(recogniser, item.alias or b"")),
        About.PARTY: (Table.PARTY, item.party or 0),
        About.REGISTER: (Table.REGISTER, register),
        About.LOOKUP_KEY: (Table.KEY_CHECK, register << 8 | place),
        About.SUCCESSION: (Table.SUCCESSION, place),
    }[item.about]
    return slot_of(table, key)


def _encode(item: NewsItem) -> dict[str, Value]:
    members: dict[str, Value] = {
        name: value for name in ABOUT[item.about] if (value := getattr(item, name)) is not None
    }
    what: dict[str, Value] = {} if item.what is None else {"what": item.what}
    return {
        "format": FORMAT,
        "id": str(item.at),
        "block": item.at.block,
        "time": item.time,
        "about": item.about.value,
        **what,
        **members,
        "words": [{"place": place, "word": word.to_bytes(32, "big")} for place, word in item.words],
        **_name_requests(item),
    }


def _name_requests(item: NewsItem) -> dict[str, Value]:
    """Name the requests whose answers prove an item."""
    slots: list[Value] = [
        {"contract": contract.value, "slot": slot.to_bytes(32, "big")} for contract, slot in slots_of(item)
    ]
    asked: dict[str, Value] = {}
    if slots:
        asked["evidence"] = {"method": "POST", "path": "/v1/proofs", "body": {"slots": slots}}
    if item.about is About.STANDING and item.entry is not None:
        asked["history"] = {"method": "POST", "path": "/v1/history", "body": {"entries": [item.entry]}}
    return asked


def _decode(fields: Fields) -> NewsItem:
    fields.demand(_ALWAYS, optional=_SOMETIMES)
    fields.choice("format", {FORMAT: None})
    about = fields.choice("about", {kind.value: kind for kind in About})
    has = [name for name in ABOUT[about] if name in fields]
    item = NewsItem(
        at=read_cursor(fields.text("id", 40), "id"),
        time=fields.number("time", _MAX_NUMBER),
        about=about,
        register=fields.number("register", _MAX_PARTY) if "register" in has else None,
        recogniser=fields.number("recogniser", _MAX_PARTY) if "recogniser" in has else None,
        party=fields.number("party", _MAX_PARTY) if "party" in has else None,
        entry=fields.binary("entry", 32) if "entry" in has else None,
        alias=fields.binary("alias", 32) if "alias" in has else None,
        words=tuple(_decode_word(word) for word in fields.objects("words", MAX_WORDS)),
    )
    if item.at.log == _WHOLE:
        fields.refuse("id", "needed the place among the block's logs too")
    places = [place for place, _ in item.words]
    if places != sorted(set(places)) or (about not in _MANY and places != [0] * is_named(item)):
        fields.refuse("words", "needed the words of what it is about, each once, by ascending place")
    if item.entry is not None and item.register != register_of(item.entry):
        fields.refuse("register", "needed the register of the entry")
    told = {name: text_form(value) for name, value in _encode(item).items()}
    for name in sorted({*told, *fields.keys(len(_ALWAYS + _SOMETIMES))}):
        if name not in told or name not in fields or fields.value(name) != told[name]:
            raise MalformedDocument(_DOCUMENT, name, "it does not follow from the other members")
    return item


def _decode_word(fields: Fields) -> tuple[int, int]:
    fields.demand(("place", "word"))
    return fields.number("place", _MAX_PLACE), int.from_bytes(fields.binary("word", 32), "big")


NEWS_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=MAX_BYTES)
"""An item of news. It travels only as JSON. What it repeats (block, what, evidence, history) must follow from the rest."""
