"""One description of each document that travels or is mailed, made of the tables and limits that its reader uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.vocabulary import Benefit, Direction, Role
from aeo_ledger.evidence import ancestry, forks, handover, history, question, receipt, snapshot, wire
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.protocol import acts, inventory
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.readings import COMPLETION
from aeo_ledger.protocol.tables import Contract, Table
from aeo_ledger.schemas.shapes import (
    Bytes,
    Decimal,
    Either,
    Items,
    Keyed,
    Number,
    Record,
    Shape,
    Text,
    Truth,
    Word,
)
from aeo_ledger.verify import trust

_TIN: Final = Text(pattern="[A-Z]{2}[!-`{-~]{1,15}")
_CODE: Final = Text(pattern="[A-Z]{2,6}")
_NAME: Final = Text(least=1, most=question.MAX_NAME)
_TIME: Final = Number(question.MAX_TIME)
_BIG: Final = Number((1 << 64) - 1)
_HASH: Final = Bytes(exactly=32)
_ADDRESS: Final = Bytes(exactly=20)
_SIGNATURE: Final = Bytes(exactly=65)


def _words(kind: type[Benefit | Direction | Role]) -> Word:
    return Word(tuple(member.name.lower() for member in kind))


# ---- questions, evidence, history

_QUESTION: Final = Record(
    "question",
    {"tin": _TIN, "recogniser": _NAME, "direction": _words(Direction), "role": _words(Role)},
    {"type": Either((_NAME, Number(question.MAX_TYPE))), "register": _NAME, "on": _TIME, "known": _TIME},
)

RECORDED: Final = (*(name for name in acts.CONTRACT_OF if name not in {"Publication", "AliasBinding"}), "Founding")
"""Messages in a history of parties and pairs. The completion of a replacement comes in addition; nobody signs it."""


def _recorded_value(kind: str) -> Shape:
    """Describe a member of a message in a history: numbers of more than 32 bits are bytes of their width."""
    if kind.endswith("[]"):
        return Items(_recorded_values(kind[:-2], MESSAGES[kind[:-2]]), most=history.MAX_RECOGNITIONS)
    if kind == "bool":
        return Number(1)
    if kind.startswith("uint"):
        bits = int(kind[4:])
        return Number((1 << bits) - 1) if bits <= 32 else Bytes(exactly=bits // 8)
    return Bytes(exactly={"address": 20, "bytes32": 32}.get(kind))


def _recorded_values(name: str, members: tuple[tuple[str, str], ...]) -> Record:
    return Record(f"{name}-values", {member: _recorded_value(kind) for kind, member in members})


def _recorded_act(name: str, members: tuple[tuple[str, str], ...]) -> Record:
    return Record(
        name,
        {
            "message": Word((name,)),
            "values": _recorded_values(name, members),
            "signatures": Items(_SIGNATURE, most=acts.MOST_SIGNATURES),
            "recorded_at": _TIME,
        },
    )


_PLACE: Final = Number(history.MAX_ACTS - 1)

_HISTORY: Final = Record(
    "history",
    {
        "publications": Items(
            Record(
                "publication",
                {
                    "register": Number(0xFFFF),
                    "issuer": Number(0xFFFF),
                    "former": Number(0xFFFF),
                    "capacity": Number(0xFF),
                    "deadline": Bytes(exactly=8),
                    "events": Items(_HASH, most=history.MAX_EVENTS),
                    "details": _HASH,
                    "signatures": Items(_SIGNATURE, most=acts.MOST_SIGNATURES),
                    "recorded_at": _TIME,
                },
            ),
            most=history.MAX_ACTS,
        ),
        "acts": Items(
            Either(
                (
                    *(_recorded_act(name, MESSAGES[name]) for name in RECORDED),
                    _recorded_act(COMPLETION, (("uint16", "party"), ("address", "key"))),
                )
            ),
            most=history.MAX_ACTS,
        ),
        "standings": Items(
            Record(
                "standing",
                {
                    "entry": _HASH,
                    "events": Items(
                        Record(
                            "event",
                            {
                                "publication": _PLACE,
                                "position": Number(history.MAX_EVENTS - 1),
                                "record": _HASH,
                                "document": _HASH,
                            },
                        ),
                        most=history.MAX_ACTS,
                    ),
                },
            ),
            most=history.MAX_ACTS,
        ),
        "parties": Items(
            Record("party", {"party": Number(0xFFFF), "acts": Items(_PLACE, most=history.MAX_ACTS)}),
            most=history.MAX_ACTS,
        ),
        "pairs": Items(
            Record(
                "pair",
                {
                    "recogniser": Number(0xFFFF),
                    "register": Number(0xFFFF),
                    "acts": Items(_PLACE, most=history.MAX_ACTS),
                },
            ),
            most=history.MAX_ACTS,
        ),
    },
)


def _evidence(form: str, questions: Items) -> dict[str, Shape]:
    return {
        "format": Word((form,)),
        "questions": questions,
        "header": Bytes(most=MAX_HEADER_BYTES),
        "nodes": Items(Bytes(), most=wire.MAX_NODES),
    }


_NO_QUESTIONS: Final = Items(_QUESTION, most=0)

_RECOGNITION_EVIDENCE: Final = Record(
    "recognition-evidence",
    _evidence(wire.FORMAT, Items(_QUESTION, least=1, most=wire.MAX_QUESTIONS)),
    {"history": _HISTORY},
)
_HISTORY_EVIDENCE: Final = Record(
    "history-evidence", {**_evidence(wire.HISTORY_FORMAT, _NO_QUESTIONS), "history": _HISTORY}
)
_STATE_EVIDENCE: Final = Record("state-evidence", _evidence(wire.STATE_FORMAT, _NO_QUESTIONS))

_SNAPSHOT: Final = Record(
    "snapshot",
    {
        "format": Word((snapshot.FORMAT,)),
        "header": Bytes(most=MAX_HEADER_BYTES),
        "nodes": Items(Bytes(), most=snapshot.MAX_NODES),
        "consortium": Bytes(),
        "registers": Bytes(),
        "standings": Bytes(),
    },
)

# ---- trust over time

_BLOCK: Final = Record("block", {"number": _BIG, "hash": _HASH, "time": _BIG})
_CONTRACT: Final = Record("contract", {"address": _ADDRESS, "code": _HASH})

_TRUST: Final = Record(
    "trust",
    {
        "format": Word((trust.FORMAT,)),
        "chain": Record("chain", {"id": _BIG, "genesis": _HASH}),
        "contracts": Record("contracts", {contract.value: _CONTRACT for contract in Contract}),
        "validators": Items(_ADDRESS, least=1, most=trust.MAX_PARTIES, distinct=True),
        "checkpoint": _BLOCK,
        "period_s": _BIG,
        "parties": Items(
            Record(
                "party",
                {
                    "number": Number(trust.MAX_PARTIES, least=1),
                    "code": _CODE,
                    "name": Text(least=1, most=100),
                    "types": Items(Text(least=1, most=20), most=16, distinct=True),
                },
            ),
            most=trust.MAX_PARTIES,
        ),
        "prefixes": Keyed("[A-Z]{2}", Number(trust.MAX_PARTIES), most=676),
        "predecessors": Items(
            Record(
                "predecessor",
                {
                    "chain": _BIG,
                    "contracts": Record("addresses", {contract.value: _ADDRESS for contract in Contract}),
                    "header": _BLOCK,
                },
            ),
            most=trust.MAX_PREDECESSORS,
        ),
    },
    optional={"forks": Record("forks", {}, optional={fork.value: _BIG for fork in forks.Fork})},
)

_TRUST_UPDATE: Final = Record(
    "trust-update",
    {
        "format": Word((handover.FORMAT,)),
        "headers": Items(Bytes(), most=handover.MAX_STEPS),
        "nodes": Items(Bytes(), most=handover.MAX_NODES),
    },
)
_HEADER_CHAIN: Final = Record(
    "header-chain", {"format": Word((ancestry.FORMAT,)), "links": Items(Bytes(), most=ancestry.MAX_LINKS)}
)

_ANSWER_WORDS: Final = Items(Text(least=1, most=40), most=64)

_RECEIPT: Final = Record(
    "receipt",
    {
        "format": Word((receipt.FORMAT,)),
        "question": _QUESTION,
        "verdict": Word(("recognised", "not_recognised")),
        "reasons": _ANSWER_WORDS,
        "benefits": _ANSWER_WORDS,
        "registers": Items(_NAME, most=64),
        "decided_for": _TIME,
        "evidence": _HASH,
        "block": _BLOCK,
        "chain": _BIG,
        "trust": _HASH,
        "received_at": _TIME,
        "max_age": _TIME,
    },
    {"issuer": _NAME, "signer": _ADDRESS, "signature": _SIGNATURE},
)

# ---- the words of a genesis

_KEYS: Final = Text(pattern="0x([0-9a-fA-F]{64})*")
"""Keys of 32 bytes each, concatenated."""

_PLACES: Final = Record(
    "places",
    {
        "format": Word((inventory.FORMAT,)),
        "words": Keyed(f"({'|'.join(table.name.lower() for table in Table)})", _KEYS, most=len(Table)),
        "standings": _KEYS,
    },
)

# ---- acts


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


_ACT: Final = Either(
    tuple(
        Record(
            name,
            {
                "format": Word((acts.FORMAT,)),
                "message": Word((name,)),
                "values": _signed_values(name),
                "signatures": Items(_SIGNATURE, most=acts.MOST_SIGNATURES),
            },
        )
        for name in acts.CONTRACT_OF
    )
)

_DAY: Final = Text(least=1, most=40)

_DRAFT_RECOGNITION: Final = Record(
    "recognition",
    {
        "recogniser": _CODE,
        "register": _CODE,
        "types": Items(Text(least=1, most=20), least=1, most=16),
        "directions": Items(_words(Direction), least=1, most=len(Direction)),
        "benefits": Items(_words(Benefit), least=1, most=len(Benefit)),
    },
    {
        "roles": Either((Word(("all",)), Items(_words(Role), least=1, most=len(Role)))),
        "in_force_from": _DAY,
        "until": _DAY,
    },
)


def _draft(name: str, text: dict[str, Shape]) -> Record:
    return Record(
        name,
        {"name": Text(least=1, most=10), **text, "recognition": Items(_DRAFT_RECOGNITION, least=1, most=32)},
        {"signed": Text(), "signatories": Items(_CODE, least=1, most=255)},
    )


_DRAFT: Final = Either(
    (_draft("draft-with-text", {"text": Text(least=1)}), _draft("draft-with-hash", {"text_hash": _HASH}))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A document's form, and the notations in which it travels."""

    about: str
    """What it is, in one line."""
    shape: Shape
    in_json: bool = True
    in_cbor: bool = False


DOCUMENTS: Final = {
    "recognition-evidence": Description(
        about="Evidence for answers about recognition", shape=_RECOGNITION_EVIDENCE, in_cbor=True
    ),
    "history-evidence": Description(
        about="Evidence for the histories of standings by themselves", shape=_HISTORY_EVIDENCE, in_cbor=True
    ),
    "state-evidence": Description(about="Evidence for words that its asker named", shape=_STATE_EVIDENCE, in_cbor=True),
    "snapshot": Description(
        about="Every word that answers rest on, as of one block", shape=_SNAPSHOT, in_json=False, in_cbor=True
    ),
    "trust": Description(about="What a verifier trusts: pinned, never fetched", shape=_TRUST),
    "trust-update": Description(about="What moves a trust bundle forward", shape=_TRUST_UPDATE, in_cbor=True),
    "header-chain": Description(about="From one block to a later one, link by link", shape=_HEADER_CHAIN, in_cbor=True),
    "places": Description(about="Table and key of every word in a genesis, whose slots are hashes", shape=_PLACES),
    "receipt": Description(about="An asker's note of one answer", shape=_RECEIPT),
    "act": Description(about="A message and the signatures that it bears so far", shape=_ACT),
    "arrangement-draft": Description(
        about="An arrangement as lawyers draft it: TOML, its dates written as text", shape=_DRAFT
    ),
}
"""Every format, by its name without the version."""
