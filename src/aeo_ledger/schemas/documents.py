"""One description of each document that travels or is mailed, made of the tables and limits that its reader uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.customs.alias_codes import KIND_NAMES, MAX_ALIAS
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.evidence import ancestry, disclosed, forks, handover, history, news, question, receipt, snapshot, wire
from aeo_ledger.evidence.header import MAX_HEADER_BYTES
from aeo_ledger.protocol import acts, inventory
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.readings import COMPLETION
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, Table
from aeo_ledger.schemas.acts import ACT, ACT_FILE, DRAFT
from aeo_ledger.schemas.cards import CARD, IDENTITY_STATEMENT
from aeo_ledger.schemas.parts import ADDRESS, BIG, CODE, HASH, NAME, SIGNATURE, TIME, TIN, words_of
from aeo_ledger.schemas.plans import REGISTER_PLAN
from aeo_ledger.schemas.profiles import REGISTER_PROFILE
from aeo_ledger.schemas.shapes import (
    Bytes,
    Either,
    Items,
    Keyed,
    Number,
    Record,
    Shape,
    Text,
    Word,
)
from aeo_ledger.verify import trust

# ---- questions, evidence, history

_TYPE: Final = Either((NAME, Number(question.MAX_TYPE)))


def _question(name: str, trader: dict[str, Shape]) -> Record:
    asked: dict[str, Shape] = {"recogniser": NAME, "direction": words_of(Direction), "role": words_of(Role)}
    return Record(name, {**trader, **asked}, {"type": _TYPE, "register": NAME, "on": TIME, "known": TIME})


_ALIAS: Final = Text(pattern=f"[A-Z0-9]{{1,{MAX_ALIAS}}}")
"""The form of each kind's codes is in `customs.alias_codes`."""

_QUESTION: Final = Either(
    (
        _question("question", {"tin": TIN}),
        _question("alias-question", {"kind": Word(tuple(KIND_NAMES)), "alias": _ALIAS}),
    )
)

RECORDED: Final = (*(name for name in acts.CONTRACT_OF if name != "Publication"), "Founding")
"""Messages in a history of parties, pairs and aliases. The completion of a replacement comes in addition; nobody signs it."""


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
            "signatures": Items(SIGNATURE, most=acts.MOST_SIGNATURES),
            "recorded_at": TIME,
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
                    "events": Items(HASH, most=history.MAX_EVENTS),
                    "details": HASH,
                    "signatures": Items(SIGNATURE, most=acts.MOST_SIGNATURES),
                    "recorded_at": TIME,
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
                    "entry": HASH,
                    "events": Items(
                        Record(
                            "event",
                            {
                                "publication": _PLACE,
                                "position": Number(history.MAX_EVENTS - 1),
                                "record": HASH,
                                "document": HASH,
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
    {
        "aliases": Items(
            Record(
                "alias",
                {"recogniser": Number(0xFFFF), "alias": HASH, "acts": Items(_PLACE, most=history.MAX_ACTS)},
            ),
            most=history.MAX_ACTS,
            least=1,
        ),
    },
)

_TRADER: Final = Record("trader", {"question": Number(wire.MAX_QUESTIONS - 1), "tin": TIN})


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
    {"history": _HISTORY, "traders": Items(_TRADER, most=wire.MAX_QUESTIONS, least=1)},
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

_BLOCK: Final = Record("block", {"number": BIG, "hash": HASH, "time": BIG})
_CONTRACT: Final = Record("contract", {"address": ADDRESS, "code": HASH})

_TRUST: Final = Record(
    "trust",
    {
        "format": Word((trust.FORMAT,)),
        "chain": Record("chain", {"id": BIG, "genesis": HASH}),
        "contracts": Record("contracts", {contract.value: _CONTRACT for contract in Contract}),
        "validators": Items(ADDRESS, least=1, most=trust.MAX_PARTIES, distinct=True),
        "checkpoint": _BLOCK,
        "period_s": BIG,
        "parties": Items(
            Record(
                "party",
                {
                    "number": Number(trust.MAX_PARTIES, least=1),
                    "code": CODE,
                    "name": Text(least=1, most=100),
                    "types": Items(Text(least=1, most=20), most=16, distinct=True),
                },
                {"certificate": HASH},
            ),
            most=trust.MAX_PARTIES,
        ),
        "prefixes": Keyed("[A-Z]{2}", Number(trust.MAX_PARTIES), most=676),
        "predecessors": Items(
            Record(
                "predecessor",
                {
                    "chain": BIG,
                    "contracts": Record("addresses", {contract.value: ADDRESS for contract in Contract}),
                    "header": _BLOCK,
                },
            ),
            most=trust.MAX_PREDECESSORS,
        ),
    },
    optional={"forks": Record("forks", {}, optional={fork.value: BIG for fork in forks.Fork})},
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
        "registers": Items(NAME, most=64),
        "decided_for": TIME,
        "evidence": HASH,
        "block": _BLOCK,
        "chain": BIG,
        "trust": HASH,
        "received_at": TIME,
        "max_age": TIME,
    },
    {"issuer": NAME, "signer": ADDRESS, "signature": SIGNATURE},
)

# ---- news

_PARTY: Final = Number((1 << 16) - 1)
_SLOT: Final = Record("slot", {"contract": Word(tuple(contract.value for contract in WITH_ANSWERS)), "slot": HASH})
_SLOTS: Final = Record("slots", {"slots": Items(_SLOT, least=1, most=news.MAX_WORDS)})
_ENTRY: Final = Record("entries", {"entries": Items(HASH, least=1, most=1)})


def _request(path: str, body: Record) -> Record:
    return Record(f"request-{body.name}", {"method": Word(("POST",)), "path": Word((path,)), "body": body})


_NEWS: Final = Record(
    "news",
    {
        "format": Word((news.FORMAT,)),
        "id": Text(pattern="[0-9]{1,19}:[0-9]{1,10}"),
        "block": BIG,
        "time": BIG,
        "about": Word(tuple(about.value for about in news.About)),
        "words": Items(Record("word", {"place": Number(255), "word": HASH}), most=news.MAX_WORDS),
    },
    {
        "what": Text(least=1, most=40),
        "register": _PARTY,
        "recogniser": _PARTY,
        "party": _PARTY,
        "entry": HASH,
        "alias": HASH,
        "evidence": _request("/v1/proofs", _SLOTS),
        "history": _request("/v1/history", _ENTRY),
    },
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A document's form, and the notations in which it travels."""

    about: str
    """What it is, in one line."""
    shape: Shape
    in_json: bool = True
    in_cbor: bool = False


_DISCLOSED: Final = Record(
    "disclosed-certificate",
    {
        "format": Word((disclosed.FORMAT,)),
        "entry": HASH,
        "salt": HASH,
        "document": Bytes(most=disclosed.MAX_DOCUMENT),
        "evidence": _HISTORY_EVIDENCE,
    },
)

DOCUMENTS: Final = {
    "recognition-evidence": Description(
        about="Evidence for answers about recognition", shape=_RECOGNITION_EVIDENCE, in_cbor=True
    ),
    "history-evidence": Description(
        about="Evidence for the histories of standings by themselves", shape=_HISTORY_EVIDENCE, in_cbor=True
    ),
    "disclosed-certificate": Description(
        about="One certificate for a third party, who needs no key to check it", shape=_DISCLOSED
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
    "news": Description(about="What one sealed act changed", shape=_NEWS),
    "act": Description(about="A message and the signatures that it bears so far", shape=ACT),
    "act-file": Description(
        about="An act that goes round for signatures, with lines that a person reads", shape=ACT_FILE
    ),
    "card": Description(
        about="Who an administration is and how to reach it; its hash stands on the ledger", shape=CARD, in_cbor=True
    ),
    "identity-statement": Description(
        about="That an authority's keys and an X.509 certificate are one; both sign it",
        shape=IDENTITY_STATEMENT,
        in_cbor=True,
    ),
    "register-plan": Description(
        about="Which status events lead a register to a file, and who signed them", shape=REGISTER_PLAN, in_cbor=True
    ),
    "register-profile": Description(about="How an administration writes its register: TOML", shape=REGISTER_PROFILE),
    "arrangement-draft": Description(
        about="An arrangement as lawyers draft it: TOML, its dates written as text", shape=DRAFT
    ),
}
"""Every format, by its name without the version."""
