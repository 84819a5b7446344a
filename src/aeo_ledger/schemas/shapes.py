"""The kinds of values that documents are made of; each can be written as JSON Schema and as CDDL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, Final, TypeAlias

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
"""The identifier of the language, from its standard; nothing is fetched from there."""

_ANY_BYTES: Final = "^0x([0-9a-fA-F]{2})*$"

_SIMPLE: Final = re.compile(r"[\w .-]+")
"""A CDDL rule that needs no brackets to be repeated."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with a pattern or a number of characters."""

    pattern: str = ""
    """A regular expression for the whole text, in the common subset of ECMAScript and XSD."""
    least: int = 0
    most: int = 0
    """Characters; 0 is any number."""


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few texts."""

    among: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `least` to `most`."""

    most: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Decimal:
    """A whole number from 0, as decimal text: numbers in JSON end at 53 bits."""

    bits: int


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes or no."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes: a byte string in CBOR, `0x` and hexadecimal digits in JSON."""

    exactly: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    of: Shape
    most: int
    least: int = 0
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """An object whose keys have a pattern, and whose values have one shape."""

    pattern: str
    of: Shape
    most: int


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes."""

    of: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """An object with exactly these keys; some may be left out. Its name is the name of its rule."""

    name: str
    members: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)


Shape: TypeAlias = Text | Word | Number | Decimal | Truth | Bytes | Items | Keyed | Either | Record


def write_json_schema(shape: Shape, *, name: str, title: str) -> str:
    """Write a document's form as JSON Schema: bytes as `0x` text, each record once among the definitions."""
    schema: dict[str, Any] = {"$schema": _DIALECT, "$id": f"urn:aeo-ledger:schema:{name}:1", "title": title}
    definitions = {record.name: _object(record) for record in _records(shape) if record is not shape}
    schema |= _object(shape) if isinstance(shape, Record) else _json(shape)
    return (
        json.dumps(schema | ({"$defs": definitions} if definitions else {}), separators=(",", ":"), ensure_ascii=False)
        + "\n"
    )


def write_cddl(shape: Shape, *, name: str, title: str) -> str:
    """Write a document's form as CDDL: bytes as byte strings, one rule a record; the first rule is the document."""
    rules = [f"; {title}"]
    if not isinstance(shape, Record):
        rules.append(f"{name} = {_cddl(shape)}")
    rules += [f"{record.name} = {{\n{_members(record)}}}" for record in _records(shape)]
    return "\n\n".join(rules) + "\n"


def _records(shape: Shape) -> Iterator[Record]:
    """Yield every record in a shape once; a record comes before the records that it contains."""
    found: dict[str, Record] = {}

    def look(part: Shape) -> None:
        if isinstance(part, Record):
            if found.setdefault(part.name, part) != part:
                raise ValueError(f"two records are named {part.name}")
            for member in (*part.members.values(), *part.optional.values()):
                look(member)
        elif isinstance(part, Either):
            for one in part.of:
                look(one)
        elif isinstance(part, Keyed) or (isinstance(part, Items) and part.most):
            look(part.of)

    look(shape)
    yield from found.values()


# ---- JSON Schema


def _object(record: Record) -> dict[str, Any]:
    members = {**record.members, **record.optional}
    return {
        "type": "object",
        "properties": {key: _json(member) for key, member in members.items()},
        "required": list(record.members),
        "additionalProperties": False,
    }


@singledispatch
def _json(shape: Shape) -> dict[str, Any]:
    raise TypeError(f"no JSON Schema for {shape}")


@_json.register
def _(shape: Text) -> dict[str, Any]:
    bounds = {"minLength": shape.least, "maxLength": shape.most}
    return {"type": "string", **({"pattern": f"^{shape.pattern}$"} if shape.pattern else {})} | {
        key: bound for key, bound in bounds.items() if bound
    }


@_json.register
def _(shape: Word) -> dict[str, Any]:
    return {"const": shape.among[0]} if len(shape.among) == 1 else {"enum": list(shape.among)}


@_json.register
def _(shape: Number) -> dict[str, Any]:
    return {"type": "integer", "minimum": shape.least, "maximum": shape.most}


@_json.register
def _(shape: Decimal) -> dict[str, Any]:
    return {"type": "string", "pattern": "^[0-9]+$", "maxLength": 78, "$comment": f"at most {shape.bits} bits"}


@_json.register
def _(_: Truth) -> dict[str, Any]:
    return {"type": "boolean"}


@_json.register
def _(shape: Bytes) -> dict[str, Any]:
    if shape.exactly is not None:
        return {"type": "string", "pattern": f"^0x[0-9a-fA-F]{{{2 * shape.exactly}}}$"}
    longest = {} if shape.most is None else {"maxLength": 2 + 2 * shape.most}
    return {"type": "string", "pattern": _ANY_BYTES, **longest}


@_json.register
def _(shape: Items) -> dict[str, Any]:
    if not shape.most:
        return {"type": "array", "maxItems": 0}
    least = {"minItems": shape.least} if shape.least else {}
    distinct = {"uniqueItems": True} if shape.distinct else {}
    return {"type": "array", "items": _json(shape.of), **least, "maxItems": shape.most, **distinct}


@_json.register
def _(shape: Keyed) -> dict[str, Any]:
    named = {"propertyNames": {"pattern": f"^{shape.pattern}$"}}
    return {"type": "object", **named, "additionalProperties": _json(shape.of), "maxProperties": shape.most}


@_json.register
def _(shape: Either) -> dict[str, Any]:
    return {"oneOf": [_json(one) for one in shape.of]}


@_json.register
def _(shape: Record) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{shape.name}"}


# ---- CDDL


def _members(record: Record) -> str:
    written = {f'"{key}"': _cddl(shape) for key, shape in record.members.items()}
    written |= {f'? "{key}"': _cddl(shape) for key, shape in record.optional.items()}
    return "".join(f"  {key}: {value},\n" for key, value in written.items())


@singledispatch
def _cddl(shape: Shape) -> str:
    raise TypeError(f"no CDDL for {shape}")


@_cddl.register
def _(shape: Text) -> str:
    if shape.pattern:
        return f"tstr .regexp {json.dumps(shape.pattern)}"
    # CDDL counts bytes, and a character has up to four
    return f"tstr .size ({shape.least}..{4 * shape.most})" if shape.most else "tstr"


@_cddl.register
def _(shape: Word) -> str:
    return " / ".join(json.dumps(word) for word in shape.among)


@_cddl.register
def _(shape: Number) -> str:
    return f"{shape.least}..{shape.most}"


@_cddl.register
def _(shape: Bytes) -> str:
    if shape.exactly is not None:
        return f"bstr .size {shape.exactly}"
    return "bstr" if shape.most is None else f"bstr .size (0..{shape.most})"


@_cddl.register
def _(shape: Items) -> str:
    if not shape.most:
        return "[]"
    many = f"{shape.least}*{shape.most}"
    inner = _cddl(shape.of)
    return f"[{many} {inner}]" if _SIMPLE.fullmatch(inner) else f"[{many} ({inner})]"


@_cddl.register
def _(shape: Keyed) -> str:
    return f"{{0*{shape.most} tstr => {_cddl(shape.of)}}}"  # tools read no pattern of keys; the JSON Schema has it


@_cddl.register
def _(shape: Either) -> str:
    return " / ".join(_cddl(one) for one in shape.of)


@_cddl.register
def _(shape: Record) -> str:
    return shape.name
