"""The genesis: block 0 as one file that means the same to this ledger, Besu and GoQuorum.

It omits what engines treat differently: an account's nonce (0 for all if absent), a coinbase, uncles. The rules are Berlin's from
block 0, or later ones for a network of real nodes; gas is free; QBFT in contract mode: the validators of block N + 1 are those that a contract
names after block N.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Self

import rlp
from eth.abc import AtomicDatabaseAPI, BlockHeaderAPI
from eth.constants import BLANK_ROOT_HASH
from eth.db.atomic import AtomicDB
from eth.db.chain import ChainDB
from eth.rlp.headers import BlockHeader
from eth.vm.chain_context import ChainContext
from eth_typing import Address, BlockNumber, Hash32

from aeo_ledger.chain.header import DEMONSTRATION, MIX_HASH, NONCE, encode_extra_data
from aeo_ledger.chain.rules import GAS_LIMIT, QbftVM
from aeo_ledger.errors.chain import MalformedGenesis
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import BERLIN, Fork, Forks
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex

_LATER: Final = {
    "withdrawalsRoot": BLANK_ROOT_HASH,
    "parentBeaconBlockRoot": bytes(32),
    "requestsHash": sha256(b"").digest(),
}
"""What block 0 has in the header fields of later rules; every number is 0."""
SETTINGS: Final = ("emptyblockperiodseconds", "xemptyblockperiodseconds")
"""Settings that are kept: the period of idle blocks, as GoQuorum and Besu call it."""
_FORKS = ("homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A contract that exists from block 0. Its nonce is 0; that matters only to contracts that create others."""

    code: bytes = b""
    """Runtime code, at most 24,576 bytes."""
    storage: Mapping[int, int] = field(default_factory=dict)
    """Words by slot; words of 0 are omitted."""
    balance: int = 0
    """Wei; gas is free, so no account needs any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """Block 0 and the rules of a network. Two engines have the same genesis if and only if its block hash is the same."""

    chain_id: int
    timestamp: int
    """UTC seconds; block 1 is dated at least a block period later."""
    validators_contract: bytes
    """Address of the contract whose `getValidators()` names the validators, 20 bytes."""
    alloc: Mapping[bytes, Account]
    """Accounts by address (20 bytes); the validators' contract is among them."""
    gas_limit: int = GAS_LIMIT
    """Gas limit of every block."""
    extra_data: bytes = field(default_factory=lambda: encode_extra_data(bytes(32)))
    block_period_s: int = 1
    epoch_length: int = 30_000
    """Blocks; it has no effect in contract mode, but the engines require it."""
    request_timeout_s: int = 4
    """Seconds after which real nodes skip a silent proposer; each further round lasts twice as long."""
    max_request_timeout_s: int | None = 10
    """Seconds that a round lasts at most in GoQuorum, so that a halted network goes on in minutes; None for no limit. Besu knows none."""
    settings: Mapping[str, int] = field(default_factory=dict)
    """Further settings of an engine's QBFT, by its own names. No hash depends on them."""
    forks: Forks = BERLIN
    """When rules later than Berlin's begin. The embedded ledger has none; Besu has all, GoQuorum 24.4.1 has none."""

    @property
    def is_demonstration(self) -> bool:
        """Whether the network was founded for a demonstration: block 0 says so, and with it every pinned bundle."""
        return self.extra_data == encode_extra_data(DEMONSTRATION)

    def write_to(self, db: AtomicDatabaseAPI) -> BlockHeaderAPI:
        """Write block 0 and its state into a database and return its header under Berlin's rules."""
        empty = BlockHeader(difficulty=0, block_number=BlockNumber(-1), gas_limit=0, timestamp=0)
        state = QbftVM.build_state(db, empty, ChainContext(self.chain_id))
        for address, account in self.alloc.items():
            state.set_balance(Address(address), account.balance)
            state.set_nonce(Address(address), 0)
            state.set_code(Address(address), account.code)
            for slot, word in account.storage.items():
                state.set_storage(Address(address), slot, word)
        state.persist()
        header = BlockHeader(
            difficulty=1,
            block_number=BlockNumber(0),
            gas_limit=self.gas_limit,
            timestamp=self.timestamp,
            state_root=state.state_root,
            extra_data=self.extra_data,
            mix_hash=Hash32(MIX_HASH),
            nonce=NONCE,
        )
        ChainDB(db).persist_header(header)
        return header

    def hash(self) -> bytes:
        """Derive block 0's hash, 32 bytes. Trust bundles pin it."""
        fields = rlp.decode(rlp.encode(self.write_to(AtomicDB())))
        later = self.forks.fields_at(0, self.timestamp)
        return keccak256(rlp.encode([*fields, *(_LATER.get(field.name, b"") for field in later)]))

    def to_json(self) -> dict[str, Any]:
        """Write the genesis file for `geth init` and `besu --genesis-file`."""
        return {
            "config": {
                "chainId": self.chain_id,
                **{f"{fork}Block": 0 for fork in _FORKS},
                **{fork.key: begin for fork, begin in zip(Fork, self.forks.begins, strict=False)},
                **({"zeroBaseFee": True} if self.forks.begins else {}),
                "isQuorum": True,
                "qbft": {
                    "epochlength": self.epoch_length,
                    "blockperiodseconds": self.block_period_s,
                    **self.settings,
                    "requesttimeoutseconds": self.request_timeout_s,
                    **({} if (most := self.max_request_timeout_s) is None else {"maxRequestTimeoutSeconds": most}),
                    "policy": 0,
                    "ceil2Nby3Block": 0,
                    "validatorcontractaddress": to_hex(self.validators_contract),
                    "validatorselectionmode": "contract",
                },
                "txnSizeLimit": 128,
                "maxCodeSizeConfig": [{"block": 0, "size": 24}],
            },
            "nonce": "0x0",
            "timestamp": hex(self.timestamp),
            "extraData": to_hex(self.extra_data),
            "gasLimit": hex(self.gas_limit),
            "difficulty": "0x1",
            "mixHash": to_hex(MIX_HASH),
            "coinbase": to_hex(bytes(20)),
            **({"baseFeePerGas": "0x0"} if self.forks.at(0, self.timestamp) else {}),
            "alloc": {address.hex(): _account_to_json(account) for address, account in self.alloc.items()},
            "number": "0x0",
            "gasUsed": "0x0",
            "parentHash": to_hex(bytes(32)),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read a genesis file.

        Raises:
            MalformedGenesis: A member is missing or unreadable, or the file is not for QBFT in contract mode under Berlin's rules.
        """
        try:
            config = document["config"]
            qbft = config["qbft"]
            _refuse_other_rules(config, document)
            return cls(
                chain_id=config["chainId"],
                timestamp=int(document["timestamp"], 16),
                gas_limit=int(document["gasLimit"], 16),
                extra_data=parse_hex(document["extraData"], what="extraData"),
                validators_contract=parse_hex(
                    qbft["validatorcontractaddress"], what="validatorcontractaddress", length=20
                ),
                block_period_s=qbft["blockperiodseconds"],
                settings={name: value for name, value in qbft.items() if name in SETTINGS},
                epoch_length=qbft["epochlength"],
                request_timeout_s=qbft["requesttimeoutseconds"],
                max_request_timeout_s=qbft.get("maxRequestTimeoutSeconds"),
                alloc={_address(text): _account_from_json(account) for text, account in document["alloc"].items()},
            )
        except KeyError as error:
            raise MalformedGenesis(reason=f"{error.args[0]} is missing") from error
        except (MalformedText, TypeError, ValueError, AttributeError) as error:
            raise MalformedGenesis(reason=str(error)) from error


def _refuse_other_rules(config: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    for fork in _FORKS:
        if config[f"{fork}Block"] != 0:
            raise MalformedGenesis(reason=f"{fork} does not begin at block 0")
    for later in Fork:
        if later.key in config:
            raise MalformedGenesis(reason=f"{later.key} is set, and the rules here are Berlin's")
    if int(document["difficulty"], 16) != 1 or parse_hex(document["mixHash"], what="mixHash") != MIX_HASH:
        raise MalformedGenesis(reason="difficulty and mixHash are not QBFT's")


def _address(text: str) -> bytes:
    return parse_hex(text if text.startswith("0x") else "0x" + text, what="address in alloc", length=20)


def _account_to_json(account: Account) -> dict[str, Any]:
    storage = {f"0x{slot:064x}": f"0x{word:064x}" for slot, word in sorted(account.storage.items()) if word}
    return {"balance": hex(account.balance), "code": to_hex(account.code), "storage": storage}


def _account_from_json(account: Mapping[str, Any]) -> Account:
    if int(account.get("nonce", "0x0"), 16) != 0:
        raise MalformedGenesis(reason="an account has a nonce, which engines may read differently")
    return Account(
        balance=int(account["balance"], 16),
        code=parse_hex(account.get("code", "0x"), what="code"),
        storage={int(slot, 16): int(word, 16) for slot, word in account.get("storage", {}).items()},
    )
