"""The ledger itself as tables, for researchers: blocks, transactions, acts, status events, standings, parties, recognitions.

What stands now is proven: it comes from a snapshot that is verified under the trust bundle. What happened is read from a node, as it says;
`aeo-ledger audit` executes it again. Traders stay pseudonyms. A time is UTC seconds, 0 where there is none, so that nothing is rounded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aeo_ledger.customs.entry import holder_of, register_of, type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import (
    Benefit,
    Direction,
    EventKind,
    PartyActKind,
    ReasonClass,
    ResolutionAct,
    Role,
    name_number,
)
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.evidence import decode_header
from aeo_ledger.files import create_file, making_folder
from aeo_ledger.lab.export_columns import COLUMNS, KEYS, LINKS, TITLES
from aeo_ledger.lab.table_files import encode_parquet
from aeo_ledger.lab.tables import Cell, ResultTable
from aeo_ledger.ledger.bindings import decode_act, decode_completion
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import STATUS_CHANGED, read_entry, read_event
from aeo_ledger.office.calendar import write_moment
from aeo_ledger.office.lanes import list_lanes
from aeo_ledger.office.naming import name_bits, name_types
from aeo_ledger.primitives.hexadecimal import parse_hex, parse_quantity, to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import values_to_json
from aeo_ledger.protocol.words import decode_record
from aeo_ledger.prover.index import Index
from aeo_ledger.verify import ProvenSnapshot, TrustBundle, verify_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    rows: Mapping[str, int]
    """Rows of each table."""
    block: int
    """The block up to which everything was read."""
    block_hash: bytes
    time: int


class _Names:
    """Names of parties and types, as pinned."""

    def __init__(self, trust: TrustBundle) -> None:
        self._parties = trust.by_number

    def code(self, number: int) -> str:
        """Return a party's code; its number, if it is not pinned."""
        return self._parties[number].code if number in self._parties else str(number)

    def type(self, register: int, number: int) -> str:
        """Return the name of a type."""
        return "|".join(self.types(register, 1 << number))

    def types(self, register: int, bits: int) -> list[str]:
        """Return the names of several types."""
        return name_types(bits, self._parties[register].types if register in self._parties else ())


def read_tables(
    ledger: Ledger, trust: TrustBundle, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> tuple[dict[str, ResultTable], ProvenSnapshot]:
    """Read every table of a ledger up to its newest block.

    Args:
        ledger: The port to a node, with the words of the genesis.
        trust: The pinned bundle.
        progress: Called with the blocks read and their number.

    Raises:
        Unproven: what stands at the block is not proven under the bundle.
        Unavailable: the node does not answer.
    """
    state = Index(ledger).advance()
    words = verify_snapshot(state.snapshot, trust, now=state.decoded.timestamp, max_age=0)
    names, rows = _Names(trust), {name: list[tuple[Cell, ...]]() for name in COLUMNS}
    for number in range(state.block + 1):
        _read_block(ledger, number, names, rows)
        progress(number + 1, state.block + 1)
    for log in ledger.logs(Contract.REGISTERS, [STATUS_CHANGED], until=state.block):
        word, document = read_event(log)
        if (record := decode_record(word)) is not None:
            standing = _tell_standing(read_entry(log), record, names)
            rows["status_events"].append((log.transaction, log.block, log.index, *standing, to_hex(document)))
    rows["standings"] = [_tell_standing(entry, record, names) for entry, record in words.standings()]
    rows["parties"] = list(_list_parties(words, names))
    rows["recognitions"] = list(_list_recognitions(words, names))
    return {
        name: ResultTable(name=name, title=TITLES[name][0], says=TITLES[name][1], columns=COLUMNS[name], rows=found)
        for name, found in rows.items()
    }, words


def _read_block(ledger: Ledger, number: int, names: _Names, rows: dict[str, list[tuple[Cell, ...]]]) -> None:
    encoded, block = ledger.header(number), ledger.block_with_transactions(number)
    header = decode_header(encoded)
    rows["blocks"].append((
        number, to_hex(header.hash()), to_hex(header.parent_hash), header.timestamp, to_hex(header.coinbase), len(header.seals),
        header.round, header.gas_used, len(block["transactions"]), len(encoded),
    ))  # fmt: skip
    by_address = {address: contract for contract, address in ledger.contracts.items()}
    for place, one in enumerate(block["transactions"]):
        receipt, data = ledger.receipt(one["hash"]), parse_hex(one["input"], what="input")
        contract = by_address.get(parse_hex(one["to"], what="to")) if one["to"] else None
        succeeded = parse_quantity(receipt["status"], what="status") == 1
        gas_used = parse_quantity(receipt["gasUsed"], what="gas")
        rows["transactions"].append((
            one["hash"], number, place, one["from"], contract.value if contract else "", succeeded, gas_used, len(data),
        ))  # fmt: skip
        if contract is not None and succeeded:
            rows["acts"] += _read_act(ledger, contract, data, names, (one["hash"], number, header.timestamp))


def _read_act(
    ledger: Ledger, contract: Contract, data: bytes, names: _Names, where: tuple[Cell, ...]
) -> Iterator[tuple[Cell, ...]]:
    try:
        act = decode_act(contract, data)
    except MalformedSignature:  # the contract would have refused it
        return
    if act is None:
        if contract is Contract.GOVERNANCE and (party := decode_completion(data)) is not None:
            yield (*where, "Completion", "", names.code(party), 0, 0, "", 0, "{}")
        return
    signers = act.signers(chain_id=ledger.chain_id(), address=ledger.address(contract))
    values = json.dumps(values_to_json(act.name, act.values), sort_keys=True)
    yield (
        *where, act.name, _name_kind(act), names.code(_party_of(act)) if _party_of(act) else "", _count_parts(act), len(signers),
        " ".join(map(to_hex, signers)), _number(act, "deadline"), values,
    )  # fmt: skip


def _number(act: SignedAct, name: str) -> int:
    value = act.values.get(name, 0)
    return value if isinstance(value, int) else 0


def _name_kind(act: SignedAct) -> str:
    kinds = {"PartyAct": PartyActKind, "Resolution": ResolutionAct}
    return name_number(_number(act, "act"), kinds[act.name]) if act.name in kinds else ""


def _party_of(act: SignedAct) -> int:
    return _number(act, "issuer") or _number(act, "party") or _number(act, "recogniser")


def _count_parts(act: SignedAct) -> int:
    parts = act.values.get("events", act.values.get("recognitions", ()))
    return len(parts) if isinstance(parts, Sequence) else 0


def _tell_standing(entry: bytes, record: Record, names: _Names) -> tuple[Cell, ...]:
    return (
        to_hex(entry), names.code(register_of(entry)), names.type(register_of(entry), type_of(entry)), to_hex(holder_of(entry)),
        record.status.name, name_number(record.kind, EventKind).upper(), name_number(record.reason, ReasonClass).upper(),
        names.code(record.issuer), "|".join(name_bits(record.roles, Role)), record.sequence, record.since, record.valid_from,
        record.valid_until, record.hold_until, record.recorded_at,
    )  # fmt: skip


def _list_parties(words: ProvenSnapshot, names: _Names) -> Iterator[tuple[Cell, ...]]:
    for number in words.trust.by_number:
        party = words.party(number)
        if party is not None:
            unions = "|".join(map(names.code, party.unions_at(words.time)))
            yield (
                number, party.code, party.kind.name, party.state_at(words.time).name, party.seat, party.keeps_register, party.frozen,
                unions, party.threshold, words.office(number).operators, party.changed_at,
            )  # fmt: skip


def _list_recognitions(words: ProvenSnapshot, names: _Names) -> Iterator[tuple[Cell, ...]]:
    for one in list_lanes(words):
        lane, register = one.lane, words.trust.by_code[one.register].number
        yield (
            lane.arrangement, one.recogniser, one.register, one.number, one.stage.value, "|".join(names.types(register, lane.types)),
            "|".join(name_bits(lane.roles, Role)), "|".join(name_bits(lane.directions, Direction)),
            "|".join(name_bits(lane.benefits, Benefit)), lane.in_force_from, lane.until, lane.changed_at,
        )  # fmt: skip


# ---- files


def export_ledger(
    ledger: Ledger,
    trust: TrustBundle,
    out: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Exported:
    """Write every table as Parquet into a new folder, with the data dictionary in `datapackage.json`.

    Raises:
        FolderExists: `out` exists.
        Unproven, Unavailable: see `read_tables`; or the folder cannot be written.
    """
    tables, words = read_tables(ledger, trust, progress)
    files = {name: encode_parquet(table) for name, table in tables.items()}
    with making_folder(out) as folder:
        for name, data in files.items():
            create_file(folder / f"{name}.parquet", data)
        create_file(folder / "datapackage.json", _describe(tables, files, words))
    return Exported(
        rows={name: len(table.rows) for name, table in tables.items()},
        block=words.sealed.header.number,
        block_hash=words.sealed.hash,
        time=words.time,
    )


def _describe(tables: Mapping[str, ResultTable], files: Mapping[str, bytes], words: ProvenSnapshot) -> bytes:
    """Write the data dictionary. Source: Data Package standard 2.0, https://datapackage.org."""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "ledger",
        "title": "A ledger of AEO certificates",
        "description": __doc__,
        "created": write_moment(words.time),
        "ledger": {
            "chain_id": words.trust.chain_id,
            "block": words.sealed.header.number,
            "block_hash": to_hex(words.sealed.hash),
            "block_time": write_moment(words.time),
        },
        "resources": [
            {
                "name": name.replace("_", "-"),
                "path": f"{name}.parquet",
                "title": table.title,
                "description": table.says,
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "bytes": len(files[name]),
                "hash": f"sha256:{hashlib.sha256(files[name]).hexdigest()}",
                "schema": _describe_schema(name, table),
            }
            for name, table in tables.items()
        ],
    }
    return json.dumps(package, ensure_ascii=False, indent=2).encode() + b"\n"


def _describe_schema(name: str, table: ResultTable) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [{"name": one.name, "type": one.kind.value, "description": one.says} for one in table.columns]
    }
    if name in KEYS:
        schema["primaryKey"] = KEYS[name]
    if name in LINKS:
        schema["foreignKeys"] = [
            {"fields": [field], "reference": {"resource": other, "fields": [key]}}
            for field, (other, key) in LINKS[name].items()
        ]
    return schema
