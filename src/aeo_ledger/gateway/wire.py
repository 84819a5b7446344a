"""The JSON that gateway and clients exchange about parties, arrangements and standings: one place for both ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aeo_ledger.customs.arrangement import Lane, Pair, Register
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import (
    Benefit,
    Direction,
    PartyKind,
    PartyState,
    RegisterMode,
    Role,
)
from aeo_ledger.office.desk import Member, Receipt, Standings
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.words import decode_record, encode_record


def names(bits: int, words: type[Role] | type[Benefit] | type[Direction]) -> list[str]:
    """Write a bit set as names."""
    return [word.name.lower() for word in words if bits >> word & 1]


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
        "unions": list(party.unions),
        "threshold": party.threshold,
        "operators": party.operators,
        "serial": party.serial,
        "changed_at": party.changed_at,
        "changes": party.changes,
        "authority": to_hex(member.authority),
        "register": None
        if member.register is None
        else {
            "mode": member.register.mode.name.lower(),
            "types": [list_type_names(party.code)[number] if number < len(list_type_names(party.code)) else str(number)
                      for number in member.register.types_in_use()],
            "type_bits": member.register.types,
            "epoch": member.register.epoch,
            "changed_at": member.register.changed_at,
        },
    }  # fmt: skip


def member_from_json(document: Mapping[str, Any]) -> Member:
    """Read a party."""
    register = document["register"]
    one, two, three, four = document["unions"]
    return Member(
        number=document["number"],
        party=Party(
            code=document["code"],
            kind=PartyKind[document["kind"].upper()],
            state=PartyState[document["state"].upper()],
            suspended_until=document["suspended_until"],
            seat=document["seat"],
            keeps_register=document["keeps_register"],
            unions=(one, two, three, four),
            threshold=document["threshold"],
            operators=document["operators"],
            serial=document["serial"],
            changed_at=document["changed_at"],
            changes=document["changes"],
        ),
        authority=parse_hex(document["authority"], what="authority", length=20),
        register=None
        if register is None
        else Register(
            mode=RegisterMode[register["mode"].upper()],
            types=register["type_bits"],
            epoch=register["epoch"],
            changed_at=register["changed_at"],
        ),
    )


def pair_to_json(recogniser: Member, register: Member, pair: Pair, lanes: tuple[Lane, ...]) -> dict[str, Any]:
    """Write a pair with its lanes."""
    type_names = list_type_names(register.party.code)
    return {
        "recogniser": recogniser.party.code,
        "register": register.party.code,
        "recogniser_number": recogniser.number,
        "register_number": register.number,
        "withheld": pair.withheld,
        "serial": pair.serial,
        "changed_at": pair.changed_at,
        "lanes": [
            {
                "lane": number,
                "arrangement": lane.arrangement,
                "state": lane.state.name.lower(),
                "types": [name for place, name in enumerate(type_names) if lane.covers(place)],
                "roles": names(lane.roles, Role),
                "directions": names(lane.directions, Direction),
                "benefits": names(lane.benefits, Benefit),
                "in_force_from": lane.in_force_from,
                "until": lane.until,
                "changed_at": lane.changed_at,
                "changes": lane.changes,
            }
            for number, lane in enumerate(lanes)
        ],
    }


def pair_from_json(document: Mapping[str, Any]) -> Pair:
    """Read a pair's word."""
    return Pair(
        lanes=len(document["lanes"]),
        withheld=document["withheld"],
        serial=document["serial"],
        changed_at=document["changed_at"],
    )


def standings_to_json(standings: Standings) -> dict[str, Any]:
    """Write records as words, 0x hex; null for an entry that never was."""
    return {
        "block": standings.block,
        "time": standings.time,
        "records": [None if r is None else to_hex(encode_record(r).to_bytes(32, "big")) for r in standings.records],
    }


def standings_from_json(document: Mapping[str, Any]) -> Standings:
    """Read records."""
    return Standings(
        block=document["block"],
        time=document["time"],
        records=tuple(
            None if word is None else decode_record(int.from_bytes(parse_hex(word, what="record", length=32), "big"))
            for word in document["records"]
        ),
    )


def receipt_to_json(receipt: Receipt) -> dict[str, Any]:
    """Write where an act was sealed."""
    return {
        "transaction": receipt.transaction,
        "block": receipt.block,
        "block_hash": receipt.block_hash,
        "gas_used": receipt.gas_used,
    }


def receipt_from_json(document: Mapping[str, Any]) -> Receipt:
    """Read where an act was sealed."""
    return Receipt(**{name: document[name] for name in ("transaction", "block", "block_hash", "gas_used")})
