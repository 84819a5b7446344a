"""Every word that the customs model says the ledger holds; and the same from nothing but the contracts' logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from aeo_ledger.customs.aliases import Alias
from aeo_ledger.customs.consortium import Consortium, extend_head
from aeo_ledger.customs.publication import Standing
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import generated
from aeo_ledger.protocol.layouts import ALIAS, GOVERNANCE, RECORD, SUCCESSION, VALIDATOR, pack
from aeo_ledger.protocol.tables import (
    Contract,
    Table,
    epoch_key,
    lane_key,
    pair_key,
    record_slot,
    withholding_key,
    word_slot,
)
from aeo_ledger.protocol.typed_data import struct_hash
from aeo_ledger.protocol.words import (
    encode_key,
    encode_lane,
    encode_office,
    encode_pair,
    encode_party,
    encode_record,
    encode_register,
    encode_replacement,
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
        Table.OFFICE: {party: encode_office(office) for party, office in model.offices.items()},
        Table.CARD: dict(model.cards),
        Table.CERTIFICATE: dict(model.certificates),
        Table.KEY: {number(address): encode_key(key) for address, key in model.keys.items()},
        Table.REPLACEMENT: {party: encode_replacement(r) for party, r in model.replacements.items()},
        Table.EPOCH_END: {epoch_key(*epoch): time for epoch, time in model.epoch_ends.items()},
        Table.PAIR: {pair_key(*pair): encode_pair(word) for pair, word in model.pairs.items()},
        Table.PAIR_HEAD: {pair_key(*pair): number(head) for pair, head in model.pair_heads.items()},
        Table.LANE: {lane_key(*lane): encode_lane(word) for lane, word in model.lanes.items()},
        Table.TEXT: {lane_key(*lane): number(text) for lane, text in model.texts.items()},
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
    words = {_slot(table, key): word for table, words in tables.items() for key, word in words.items() if word}
    return {**words, generated.CONSORTIUM_GOVERNANCE_SLOT: number(ADDRESSES[Contract.GOVERNANCE])}


def governance_storage() -> dict[int, int]:
    return {generated.GOVERNANCE_CONSORTIUM_SLOT: number(ADDRESSES[Contract.CONSORTIUM])}


def _governance(model: Consortium) -> int:
    return pack(
        GOVERNANCE,
        parties=len(model.parties),
        minimum_validators=model.minimum_validators,
        replacement_delay=model.replacement_delay,
        validators_changed_in=model.validators_changed_in,
        network_resolutions=model.network_resolutions,
        validator_resolutions=model.validator_resolutions,
    )


def _succession(model: Consortium) -> dict[int, int]:
    after = model.succession
    if after is None:
        return {}
    word = pack(SUCCESSION, consortium=number(after.consortium), effective=after.effective)
    contracts = (after.governance, after.registers)
    codes = (after.consortium_code, after.governance_code, after.registers_code)
    return {0: word, 1: after.chain, **dict(enumerate(map(number, (*contracts, *codes)), 2))}


def registers_storage(
    standings: Mapping[bytes, Standing], aliases: Mapping[tuple[int, bytes], Alias]
) -> dict[int, int]:
    storage = {generated.REGISTERS_CONSORTIUM_SLOT: number(ADDRESSES[Contract.CONSORTIUM])}
    for entry, standing in standings.items():
        slot = _record_slot(entry)
        storage[slot] = encode_record(standing.record)
        storage[slot + 1] = number(standing.head)
    for (recogniser, alias_hash), alias in aliases.items():
        types = Counter[str]()
        for binding, kind in alias.entries:
            types[f"types_{binding}"] |= 1 << kind
        word = pack(ALIAS, serial=alias.serial, changed_at=alias.changed_at, **types)
        storage[_slot(Table.ALIAS, _abi(recogniser, alias_hash))] = word
        storage[_slot(Table.ALIAS_HEAD, _abi(recogniser, alias_hash))] = number(alias.head)
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
    elif contract is Contract.CONSORTIUM:
        storage[generated.CONSORTIUM_GOVERNANCE_SLOT] = number(ADDRESSES[Contract.GOVERNANCE])
    else:
        storage = governance_storage()
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
