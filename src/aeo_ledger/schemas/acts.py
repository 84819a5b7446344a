"""The forms of acts: as they are relayed, as they go round for signatures, and as lawyers draft them."""

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.protocol import act_file, acts
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.schemas.parts import CODE, HASH, SIGNATURE, words_of
from aeo_ledger.schemas.shapes import Bytes, Decimal, Either, Items, Record, Shape, Text, Truth, Word


def _signed_value(kind: str) -> Shape:
    """Describe a member of a message in an act: numbers are decimal text, so that no reader rounds them."""
    if kind.endswith("[]"):
        return Items(_signed_values(kind[:-2]), most=100)
    if kind == "bool":
        return Truth()
    return (
        Decimal(int(kind[4:])) if kind.startswith("uint") else Bytes(exactly={"address": 20, "bytes32": 32}.get(kind))
    )


def _signed_values(name: str) -> Record:
    return Record(f"{name}-values", {member: _signed_value(kind) for kind, member in MESSAGES[name]})


ACT: Final = Either(
    tuple(
        Record(
            name,
            {
                "format": Word((acts.FORMAT,)),
                "message": Word((name,)),
                "values": _signed_values(name),
                "signatures": Items(SIGNATURE, most=acts.MOST_SIGNATURES),
            },
        )
        for name in acts.CONTRACT_OF
    )
)


def _lines(most: int) -> Items:
    return Items(Text(least=1, most=act_file.LONGEST_LINE), most=most)


ACT_FILE: Final = Record(
    "act-file",
    {
        "format": Word((act_file.FORMAT,)),
        "chain": Text(pattern="[0-9]{1,20}"),
        "reads": _lines(act_file.MOST_LINES),
        "signed": _lines(acts.MOST_SIGNATURES),
        "missing": _lines(acts.MOST_SIGNATURES),
        "act": ACT,
    },
)

_DAY: Final = Text(least=1, most=40)

_DRAFT_RECOGNITION: Final = Record(
    "recognition",
    {
        "recogniser": CODE,
        "register": CODE,
        "types": Items(Text(least=1, most=20), least=1, most=16),
        "directions": Items(words_of(Direction), least=1, most=len(Direction)),
        "benefits": Items(words_of(Benefit), least=1, most=len(Benefit)),
    },
    {
        "roles": Either((Word(("all",)), Items(words_of(Role), least=1, most=len(Role)))),
        "in_force_from": _DAY,
        "until": _DAY,
    },
)


def _draft(name: str, text: dict[str, Shape]) -> Record:
    return Record(
        name,
        {"name": Text(least=1, most=10), **text, "recognition": Items(_DRAFT_RECOGNITION, least=1, most=32)},
        {"signed": Text(), "signatories": Items(CODE, least=1, most=255)},
    )


DRAFT: Final = Either(
    (_draft("draft-with-text", {"text": Text(least=1)}), _draft("draft-with-hash", {"text_hash": HASH}))
)
