"""Later rules at a node that nobody here wrote: its headers are read as it hashes them, and acts are relayed, with and without a base fee."""

from __future__ import annotations

from pathlib import Path

import pytest
from web3.types import RPCEndpoint

from aeo_ledger.errors.prover import RelayUnfunded
from aeo_ledger.evidence.forks import Fork
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.prover.relay import GAS_LIMIT, Relay
from aeo_ledger.verify import NodePool, verify_account, verify_word
from support.anvil import run_anvil
from support.relayed import ENTRY, RELAY, grant_once

GWEI = 10**9


@pytest.mark.parametrize("fork", list(Fork), ids=lambda fork: fork.value)
def test_a_node_under_later_rules_is_read_and_written(fork: Fork, founded: Path, tmp_path: Path) -> None:
    trust = read_trust(founded / "trust.json")
    with run_anvil(founded, tmp_path, hardfork=fork.value) as nodes:
        ledger = Ledger(nodes, contracts_of(trust))
        sealed = Relay(ledger, RELAY).submit(grant_once(founded))
        header = ledger.header(sealed.block)
        fields = rlp.decode(header)
        assert len(fields) == 15 + sum(
            len(one.fields) for one in Fork if list(Fork).index(one) <= list(Fork).index(fork)
        )
        assert to_hex(keccak256(header)) == sealed.block_hash, "the fields are those that the node hashed"
        slot = record_slot(ENTRY)
        proof = ledger.prove(Contract.REGISTERS, [slot], sealed.block)
        pool = NodePool({*proof.account_nodes, *proof.storage_nodes})
        root = fields[3]
        assert isinstance(root, bytes)
        assert verify_word(pool, verify_account(pool, root, trust.registers), slot) != 0


def test_a_relay_pays_the_base_fee_if_it_has_funds(founded: Path, tmp_path: Path) -> None:
    trust = read_trust(founded / "trust.json")
    with run_anvil(founded, tmp_path, hardfork=Fork.SHANGHAI.value, base_fee=GWEI) as nodes:
        ledger = Ledger(nodes, contracts_of(trust))
        relay = Relay(ledger, RELAY)
        price = 2 * ledger.base_fee()
        assert price > GWEI
        with pytest.raises(RelayUnfunded) as refusal:
            relay.submit(grant_once(founded))
        assert (refusal.value.account, refusal.value.found, refusal.value.needed) == (
            RELAY.address, 0, price * GAS_LIMIT,
        )  # fmt: skip
        before = 10**18
        nodes.make_request(RPCEndpoint("anvil_setBalance"), [to_hex(RELAY.address), hex(before)])
        sealed = relay.submit(grant_once(founded))
        assert 0 < before - ledger.balance(RELAY.address) <= price * sealed.gas_used
