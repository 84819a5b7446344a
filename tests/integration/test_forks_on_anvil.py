"""Later rules at a node that nobody here wrote: its headers are read as it hashes them, and acts are relayed, with and without a base fee."""

from __future__ import annotations

from pathlib import Path

import pytest
from web3.types import RPCEndpoint

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, Role
from aeo_ledger.errors.prover import RelayUnfunded
from aeo_ledger.evidence.forks import Fork
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.prover.relay import GAS_LIMIT, Relay
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.verify import NodePool, verify_account, verify_word
from support.anvil import run_anvil
from support.network import PASSWORD, now

BY = 1
ENTRY = make_entry(BY, 2, derive_open_holder(BY, 2, Tin("BY511125808")))
RELAY = Signer.from_secret(b"\x51" * 32)
GWEI = 10**9


def _grant(folder: Path) -> SignedAct:
    record = prepare(
        Change(kind=EventKind.GRANT, roles=1 << Role.CARRIER, valid_from=now() - 30), None, issuer=BY, now=now() - 30
    )
    events = [StatusEvent(entry=ENTRY, record=record, document=bytes(32))]
    operator = open_key_file(folder / "parties/BY/operator.json", Password(PASSWORD))
    act = draft_publication(events, register=BY, issuer=BY, now=now())
    return sign_act(act, [operator], read_trust(folder / "trust.json"))


@pytest.mark.parametrize("fork", list(Fork), ids=lambda fork: fork.value)
def test_a_node_under_later_rules_is_read_and_written(fork: Fork, founded: Path, tmp_path: Path) -> None:
    trust = read_trust(founded / "trust.json")
    with run_anvil(founded, tmp_path, hardfork=fork.value) as nodes:
        ledger = Ledger(nodes, contracts_of(trust))
        sealed = Relay(ledger, RELAY).submit(_grant(founded))
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
            relay.submit(_grant(founded))
        assert (refusal.value.account, refusal.value.found, refusal.value.needed) == (
            RELAY.address, 0, price * GAS_LIMIT,
        )  # fmt: skip
        before = 10**18
        nodes.make_request(RPCEndpoint("anvil_setBalance"), [to_hex(RELAY.address), hex(before)])
        sealed = relay.submit(_grant(founded))
        assert 0 < before - ledger.balance(RELAY.address) <= price * sealed.gas_used
