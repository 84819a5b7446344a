"""The certificates of a trader in one register, and how their records and events are described for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Capacity, EventKind, ReasonClass, Role, name_number
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.naming import name_bits
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify import ProvenEvent, TrustBundle, TrustedParty


def find_register(tin: Tin, register: str | None, trust: TrustBundle) -> TrustedParty:
    """Find the register of a trader: the one named by its party's code, else the one that the TIN's prefix says.

    Raises:
        MalformedText: no pinned party of this code keeps a register.
    """
    number = trust.party_of_prefix(tin.prefix)
    party = trust.by_code.get(register) if register else None if number is None else trust.by_number[number]
    if party is None or not party.types:
        kept = ", ".join(party.code for party in trust.parties if party.types)
        raise MalformedText("register", repr(register or tin.prefix), f"a party that keeps a register: {kept}")
    return party


def find_types(name: str | None, register: TrustedParty) -> Mapping[int, str]:
    """Find the types of a register by number: the one named, else all.

    Raises:
        MalformedText: the register has no type of this name.
    """
    names = register.types if name is None else (choose(name, register.types, what="type"),)
    return {register.types.index(one): one for one in names}


def describe_record(record: Record, trust: TrustBundle) -> dict[str, Any]:
    """Write a record; times are UTC seconds, and 0 is none or open."""
    return {
        "sequence": record.sequence,
        "event": name_number(record.kind, EventKind),
        "status": record.status.name.lower(),
        "since": record.since,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
        "hold_until": record.hold_until,
        "roles": name_bits(record.roles, Role),
        "reason": name_number(record.reason, ReasonClass),
        "issuer": name_party(record.issuer, trust),
        "recorded_at": record.recorded_at,
    }


def describe_event(event: ProvenEvent, trust: TrustBundle) -> dict[str, Any]:
    """Write an event: the record after it, its document's commitment, and who signed it."""
    return {
        **describe_record(event.record, trust),
        "document": to_hex(event.document),
        "signed_as": Capacity(event.capacity).name.lower(),
        "signers": [to_hex(signer) for signer in event.signers],
    }


def name_party(number: int, trust: TrustBundle) -> str:
    """Write a party's code, or its number if it is not pinned."""
    party = trust.by_number.get(number)
    return str(number) if party is None else party.code
