"""The data dictionary of an exported ledger: every table, every column, and how the tables refer to each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aeo_ledger.customs.vocabulary import EventKind, ReasonClass, Status
from aeo_ledger.lab.tables import Column, Kind

_WHOLE: Final = Kind.WHOLE


def _list(prefix: str, kinds: type[Any]) -> str:
    return f"{prefix}: {', '.join(kind.name for kind in kinds)}."


_STANDING: Final = (
    Column("entry", "Key of the standing, 32 bytes in hexadecimal: register, type and holder."),
    Column("register", "Code of the party that keeps the register."),
    Column("type", "Name of the certificate's type in that register."),
    Column(
        "holder", "Pseudonym of the trader, 29 bytes: in a keyed register nobody without the key can tell whose it is."
    ),
    Column("status", _list("Status", Status)),
    Column("kind", _list("The status event that led to it", EventKind)),
    Column("reason", _list("Class of its reason", ReasonClass)),
    Column("issuer", "Code of the party that granted the certificate and may change it."),
    Column("roles", "Roles of the operator, joined by |."),
    Column("sequence", "Number of the status event in the standing's life, from 1.", _WHOLE),
    Column("since", "When the status began, UTC seconds.", _WHOLE),
    Column("valid_from", "UTC seconds.", _WHOLE),
    Column("valid_until", "UTC seconds, exclusive; 0 is open.", _WHOLE),
    Column("hold_until", "Planned end of a suspension, or bar on a new grant, UTC seconds; 0 is none.", _WHOLE),
    Column("recorded_at", "Time of the block that recorded it, UTC seconds.", _WHOLE),
)

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "blocks": (
        Column("number", "Height.", _WHOLE),
        Column("hash", "On-chain hash, without seals."),
        Column("parent_hash", "Hash of the block before."),
        Column("time", "UTC seconds.", _WHOLE),
        Column("proposer", "Address of the validator that proposed it."),
        Column("seals", "How many validators sealed it; 0 for the genesis.", _WHOLE),
        Column("round", "Round of consensus: above 0 if a proposer failed.", _WHOLE),
        Column("gas_used", "Gas of its transactions.", _WHOLE),
        Column("transactions", "How many it has.", _WHOLE),
        Column("header_bytes", "Length of its header with seals.", _WHOLE),
    ),
    "transactions": (
        Column("hash", "Hash."),
        Column("block", "Height of its block.", _WHOLE),
        Column("place", "Place in the block, from 0.", _WHOLE),
        Column("relay", "Address that sent it: a relay has no authority."),
        Column("contract", "The contract that it called: consortium, governance, registers; empty for another address."),
        Column("succeeded", "Whether it changed anything.", Kind.FLAG),
        Column("gas_used", "Gas.", _WHOLE),
        Column("call_bytes", "Length of its call data.", _WHOLE),
    ),
    "acts": (
        Column("transaction", "Hash of the transaction that carried it."),
        Column("block", "Height.", _WHOLE),
        Column("time", "Time of the block, UTC seconds.", _WHOLE),
        Column("act", "The signed message: Publication, Conclusion, PartyAct, ..."),
        Column("kind", "What a PartyAct or a Resolution does; empty for others."),
        Column("party", "Code of the party whose act it is, where one is named."),
        Column("events", "Status events in a publication, or recognitions in a conclusion; else 0.", _WHOLE),
        Column("signatures", "How many signed it.", _WHOLE),
        Column("signers", "Their addresses, joined by a space."),
        Column("deadline", "Until when it could be recorded, UTC seconds.", _WHOLE),
        Column("values", "Every value of the message, as JSON."),
    ),
    "status_events": (
        Column("transaction", "Hash of the transaction that recorded it."),
        Column("block", "Height.", _WHOLE),
        Column("log", "Place of its log in the block.", _WHOLE),
        *_STANDING,
        Column("document", "Salted commitment to the certificate's document, 32 bytes."),
    ),
    "standings": _STANDING,
    "parties": (
        Column("number", "Number on this ledger.", _WHOLE),
        Column("code", "Code."),
        Column("kind", "ADMINISTRATION or UNION."),
        Column("state", "ACTIVE, SUSPENDED or EXPELLED, at the block's time."),
        Column("seat", "Whether it has a vote.", Kind.FLAG),
        Column("keeps_register", "Whether it keeps a register.", Kind.FLAG),
        Column("frozen", "Whether one of its operators froze its publications.", Kind.FLAG),
        Column("unions", "Codes of its unions, joined by |."),
        Column("threshold", "How many operators must sign a publication.", _WHOLE),
        Column("operators", "How many operators it has.", _WHOLE),
        Column("changed_at", "When its state, unions or keeps-a-register last changed, UTC seconds.", _WHOLE),
    ),
    "recognitions": (
        Column("arrangement", "Name of the arrangement."),
        Column("recogniser", "Code of the party that recognises."),
        Column("register", "Code of the register's party."),
        Column("lane", "Number of the lane within the pair.", _WHOLE),
        Column("stage", "Stage at the block's time."),
        Column("types", "Types in scope, joined by |."),
        Column("roles", "Roles in scope, joined by |."),
        Column("directions", "Directions in scope, joined by |."),
        Column("benefits", "Benefits, joined by |."),
        Column("in_force_from", "UTC seconds; 0 is signed and not in force.", _WHOLE),
        Column("until", "UTC seconds, exclusive; 0 is open.", _WHOLE),
        Column("changed_at", "UTC seconds.", _WHOLE),
    ),
}  # fmt: skip
"""The data dictionary: every table and column."""

TITLES: Final = {
    "blocks": ("Blocks", "Every block with its seals counted."),
    "transactions": ("Transactions", "Every transaction; gas is free, and a relay has no authority."),
    "acts": ("Signed acts", "Every signed message that a contract executed."),
    "status_events": ("Status events", "Every change of a standing, in order."),
    "standings": ("Standings", "What stands at the block, proven."),
    "parties": ("Parties", "Administrations and unions at the block, proven."),
    "recognitions": ("Recognitions", "Who recognises whom at the block, proven: one row for each lane."),
}
"""Title of each table, and what it has."""
KEYS: Final = {"blocks": ["number"], "transactions": ["hash"], "standings": ["entry"], "parties": ["number"]}
"""Columns that name a row, by table."""
LINKS: Final = {
    "transactions": {"block": ("blocks", "number")},
    "acts": {"transaction": ("transactions", "hash"), "block": ("blocks", "number")},
    "status_events": {"transaction": ("transactions", "hash"), "entry": ("standings", "entry")},
}
"""Columns that name a row of another table."""
