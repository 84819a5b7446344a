"""Every word that the customs model says the ledger holds; and the same from nothing but the contracts' logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.consortium import Consortium, extend_head
from aeo_ledger.customs.publication import Standing
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import generated
from aeo_ledger.protocol.layouts import ALIAS, GOVERNANCE, RECORD, REPLACEMENT, SUCCESSION, VALIDATOR, pack
from aeo_ledger.protocol.tables import Contract, Table, lane_key, pair_key, record_slot, withholding_key, word_slot
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.protocol.words import (
    NAME_BYTES,
    encode_key,
    encode_lane,
    encode_pair,
    encode_party,
    encode_record,
    encode_register,
    encode_text,
    encode_withholding,
)
from support.evm import ADDRESSES, Log

_slot = lru_cache(maxsize=100_000)(word_slot)
_record_slot = lru_cache(maxsize=10_000)(record_slot)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _abi(*values: int | bytes) -> int:
    return number(keccak256(b"".join(v if isinstance(v, bytes) else v.to_bytes(32, "big") for v in values)))


def consortium_storage(model: Consortium) -> dict[int, int]:
    tables: dict[Table, dict[int, int]] = {
        Table.PARTY: {party: encode_party(word) for party, word in model.parties.items()},
        Table.PARTY_HEAD: {party: number(head) for party, head in model.party_heads.items()},
        Table.AUTHORITY: {party: number(key) for party, key in model.authorities.items()},
        Table.DISCLOSURE_KEY: dict(model.disclosure_keys),
        Table.CERTIFICATE: dict(model.certificates),
        Table.KEY: {number(address): encode_key(key) for address, key in model.keys.items()},
        Table.REPLACEMENT: {
            party: pack(REPLACEMENT, key=number(r.key), ready_at=r.ready_at) for party, r in model.replacements.items()
        },
        Table.PAIR: {pair_key(*pair): encode_pair(word) for pair, word in model.pairs.items()},
        Table.PAIR_HEAD: {pair_key(*pair): number(head) for pair, head in model.pair_heads.items()},
        Table.LANE: {lane_key(*lane): encode_lane(word) for lane, word in model.lanes.items()},
        Table.TEXT: {encode_text(name, NAME_BYTES, what="name"): number(text) for name, text in model.texts.items()},
        Table.WITHHOLDING: {withholding_key(*key): encode_withholding(w) for key, w in model.withholdings.items()},
        Table.REGISTER: {party: encode_register(register) for party, register in model.registers.items()},
        Table.KEY_CHECK: {party << 8 | kind: check for (party, kind), check in model.key_checks.items()},
        Table.GOVERNANCE: {0: _governance(model)},
        Table.SUCCESSION: _succession(model),
        Table.VALIDATOR: {
            0: len(model.validators),
            **{
                place: pack(VALIDATOR, node=number(validator.node), party=validator.party)
                for place, validator in enumerate(model.validators, 1)
            },
        },
    }
    return {_slot(table, key): word for table, words in tables.items() for key, word in words.items() if word}


def _governance(model: Consortium) -> int:
    return pack(
        GOVERNANCE,
        parties=len(model.parties),
        resolutions=model.resolutions,
        minimum_validators=model.minimum_validators,
        replacement_delay=model.replacement_delay,
        validators_changed_in=model.validators_changed_in,
    )


def _succession(model: Consortium) -> dict[int, int]:
    after = model.succession
    if after is None:
        return {}
    word = pack(SUCCESSION, contract=number(after.contract), superseded_at=after.superseded_at)
    return {0: word, 1: number(after.code_hash), 2: after.chain_id}


def registers_storage(
    standings: Mapping[bytes, Standing], aliases: Mapping[tuple[int, bytes], Alias]
) -> dict[int, int]:
    storage = {generated.REGISTERS_CONSORTIUM_SLOT: number(ADDRESSES[Contract.CONSORTIUM])}
    for entry, standing in standings.items():
        slot = _record_slot(entry)
        storage[slot] = encode_record(standing.record)
        storage[slot + 1] = number(standing.head)
    for (recogniser, alias_hash), alias in aliases.items():
        word = pack(ALIAS, bindings=alias.bindings, serial=alias.serial, changed_at=alias.changed_at)
        storage[_slot(Table.ALIAS, _abi(recogniser, alias_hash))] = word
        for (binding, kind), entry in alias.entries.items():
            storage[_slot(Table.ALIAS_ENTRY, _abi(recogniser, alias_hash, binding, kind))] = number(entry)
    return {slot: word for slot, word in storage.items() if word}


def rebuild(contract: Contract, logs: Iterable[Log]) -> dict[int, int]:
    """Rebuild a contract's storage from the logs of its deployment and of every act since."""
    written, changed = (
        number(keccak256(b"Written(uint256,uint256,uint256)")),
        number(keccak256(b"StatusChanged(bytes32,uint256,bytes32)")),
    )
    storage: dict[int, int] = {}
    if contract is Contract.REGISTERS:
        storage[generated.REGISTERS_CONSORTIUM_SLOT] = number(ADDRESSES[Contract.CONSORTIUM])
    for log in logs:
        if log.contract is not contract:
            continue
        if log.topics[0] == written:
            storage[_slot(log.topics[1], log.topics[2])] = number(log.data)
        elif log.topics[0] == changed:
            slot, record = _record_slot(log.topics[1].to_bytes(32, "big")), number(log.data[:32])
            recorded_at = RECORD["recorded_at"]
            signed = record & ~(recorded_at.mask << recorded_at.at)
            values: dict[str, Any] = {
                "entry": log.topics[1].to_bytes(32, "big"),
                "record": signed,
                "document": log.data[32:],
            }
            head = extend_head(
                storage.get(slot + 1, 0).to_bytes(32, "big"), struct_hash("StatusEvent", values), recorded_at.of(record)
            )
            storage[slot], storage[slot + 1] = record, number(head)
    return {slot: word for slot, word in storage.items() if word}
