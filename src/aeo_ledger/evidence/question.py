"""A question in transit, in people's words. The ledger's numbers come later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Final, TypeAlias, TypeVar

from aeo_ledger.customs.alias_codes import KIND_NAMES, MAX_ALIAS, AliasCode, name_kind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.errors import show_utc
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.wording.words import ENGLISH, Words

MAX_NAME: Final = 20
"""Most characters of a party's code or a type's name."""
MAX_TYPE: Final = 15
"""Largest number of a certificate type."""
MAX_TIME: Final = (1 << 32) - 1
"""Largest time of the ledger, UTC seconds."""

E = TypeVar("E", bound=IntEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is asked about a trader, whoever that is."""

    recogniser: str
    """Code of the party that asks."""
    direction: Direction
    """Seen from the recogniser."""
    role: Role
    """Role of the foreign operator."""
    certificate_type: str | int | None = None
    """The one type asked about, by its name in its register (`AEOS`) or its number there; None means all types."""
    register: str | None = None
    """The one register asked about, by its party's code; None means those that the TIN's prefix leads to."""
    on: int | None = None
    """The time asked about, UTC seconds; None means now, the time of the evidence's block."""
    known: int | None = None
    """As known at this time, UTC seconds: later records do not count. None means all that was recorded."""

    @property
    def whom(self) -> str:
        """Name the trader for a reader."""
        return "a trader"

    def __str__(self) -> str:
        """Write the question for a reader."""
        return self.told(show_utc)

    def told(self, show_time: Callable[[int], str], words: Words = ENGLISH) -> str:
        """Write the question for a reader with another calendar or language: `show_time` writes UTC seconds."""
        direction, role = words.name(self.direction, Direction), words.name(self.role, Role)
        parts = [
            words.say(
                "{whom} for {recogniser}, {direction} as {role}",
                whom=self.whom,
                recogniser=self.recogniser,
                direction=direction,
                role=role,
            )
        ]
        parts += [] if self.certificate_type is None else [words.say("type {type}", type=self.certificate_type)]
        parts += [] if self.register is None else [words.say("register {register}", register=self.register)]
        parts += [] if self.on is None else [words.say("on {time}", time=show_time(self.on))]
        parts += [] if self.known is None else [words.say("as known at {time}", time=show_time(self.known))]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Circumstances):
    """What a border system asks: is this trader recognised by us, in this direction and role?"""

    tin: Tin

    @property
    def whom(self) -> str:
        """Name the trader for a reader."""
        return self.tin.text


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasQuestion(Circumstances):
    """The same, about the trader whom the recogniser means by a code of its own."""

    alias: AliasCode

    @property
    def whom(self) -> str:
        """Name the trader for a reader."""
        return str(self.alias)

    def about(self, tin: Tin) -> Question:
        """Ask about the trader that the alias means."""
        return Question(tin=tin, **{name: getattr(self, name) for name in CIRCUMSTANCES})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterQuestion(Circumstances):
    """The same about no trader: are certificates of the register that it names recognised, if there is nothing against them?

    It is never part of evidence: words that the asker names prove its answer.
    """

    @property
    def whom(self) -> str:
        """Name the register's certificates for a reader."""
        return "certificates"


AnyQuestion: TypeAlias = Question | AliasQuestion

CIRCUMSTANCES: Final = tuple(field.name for field in fields(Circumstances))
"""Everything in a question but its trader."""


def encode_question(question: AnyQuestion) -> dict[str, Value]:
    """Write a question for JSON or CBOR. What is not asked is left out."""
    trader: dict[str, Value] = (
        {"tin": question.tin.text}
        if isinstance(question, Question)
        else {"kind": name_kind(question.alias.kind), "alias": question.alias.code}
    )
    written: dict[str, Value] = {
        **trader,
        "recogniser": question.recogniser,
        "direction": _name(question.direction),
        "role": _name(question.role),
        "type": question.certificate_type,
        "register": question.register,
        "on": question.on,
        "known": question.known,
    }
    return {key: value for key, value in written.items() if value is not None}


def read_seconds(fields: Fields, key: str) -> int:
    """Read a time in the form of evidence: UTC seconds."""
    return fields.number(key, MAX_TIME)


def decode_question(fields: Fields, *, read_time: Callable[[Fields, str], int] = read_seconds) -> AnyQuestion:
    """Read a question: about a TIN, or about an alias and its kind.

    Args:
        fields: The object that holds the question.
        read_time: Reads the value of a key as UTC seconds. Evidence has seconds; people enter other forms.

    Raises:
        MalformedTin, MalformedAlias: The TIN or the alias is malformed.
        MalformedDocument: Anything else is missing, unknown or malformed.
    """
    trader = ("kind", "alias") if "alias" in fields else ("tin",)
    fields.demand((*trader, "recogniser", "direction", "role"), optional=("type", "register", "on", "known"))
    certificate_type: str | int | None = None
    if "type" in fields:
        named = isinstance(fields.value("type"), str)
        certificate_type = fields.text("type", MAX_NAME) if named else fields.number("type", MAX_TYPE)
    circumstances: dict[str, Any] = {
        "recogniser": fields.text("recogniser", MAX_NAME),
        "direction": fields.choice("direction", _DIRECTIONS),
        "role": fields.choice("role", _ROLES),
        "certificate_type": certificate_type,
        "register": fields.text("register", MAX_NAME) if "register" in fields else None,
        "on": read_time(fields, "on") if "on" in fields else None,
        "known": read_time(fields, "known") if "known" in fields else None,
    }
    if "alias" in fields:
        alias = AliasCode(fields.choice("kind", KIND_NAMES), fields.text("alias", MAX_ALIAS))
        return AliasQuestion(alias=alias, **circumstances)
    return Question(tin=Tin(fields.text("tin", 1_000)), **circumstances)


def _name(member: IntEnum) -> str:
    """Write a member in its form for transit: `freight_forwarder`."""
    return member.name.lower()


def _names(kind: type[E]) -> Mapping[str, E]:
    return {_name(member): member for member in kind}


_DIRECTIONS: Final = _names(Direction)
_ROLES: Final = _names(Role)
