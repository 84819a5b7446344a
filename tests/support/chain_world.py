"""A small network for tests of the embedded ledger: real keys, a real contract, a clock that tests set."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import rlp
from coincurve import PrivateKey, PublicKey
from eth_abi import encode
from eth_account import Account as Relay
from eth_account.signers.local import LocalAccount
from sha3 import keccak_256
from vyper.compiler import compile_code

from aeo_ledger.chain import Account, Clock, EmbeddedLedger, Genesis, run_constructor

CHAIN_ID = 20261122
GENESIS_TIME = 1_760_000_000
BOARD = bytes.fromhex("00" * 18 + "a0e0")
RELAY: LocalAccount = Relay.from_key(b"\x77" * 32)


def keccak(data: bytes) -> bytes:
    return keccak_256(data).digest()


@dataclass(frozen=True)
class TestSealer:
    """A validator with its key, which the ledger never sees."""

    __test__ = False
    key: PrivateKey = field(repr=False)

    @property
    def address(self) -> bytes:
        return keccak(self.key.public_key.format(compressed=False)[1:])[12:]

    def seal(self, digest: bytes) -> bytes:
        return self.key.sign_recoverable(digest, hasher=None)


def sealers(count: int, first: int = 1) -> list[TestSealer]:
    return [TestSealer(PrivateKey(bytes([n]) * 32)) for n in range(first, first + count)]


@dataclass
class HandClock:
    """A clock that stands until a test moves it, or something sleeps."""

    wall_s: float = GENESIS_TIME + 100.0
    uptime_s: float = 5_000.0

    def pass_(self, seconds: float) -> None:
        self.wall_s += seconds
        self.uptime_s += seconds

    @property
    def clock(self) -> Clock:
        return Clock(wall=lambda: self.wall_s, monotonic=lambda: self.uptime_s, sleep=self.pass_)


def fast_clock(origin: float, speed: float, ahead_s: Callable[[], float] = lambda: 0.0) -> Clock:
    """A clock that runs faster than the world, equal in all processes, so that many blocks fit into a short test.

    A test may move it on by `ahead_s`.
    """

    def passed_s() -> float:
        return (time.time() - origin) * speed + ahead_s()

    return Clock(
        wall=lambda: GENESIS_TIME + 10 + passed_s(),
        monotonic=passed_s,
        sleep=lambda seconds: time.sleep(seconds / speed),
    )


@cache
def board_artifact() -> dict[str, Any]:
    source = Path(__file__).with_name("chain_Board.vy").read_text()
    return compile_code(source, output_formats=["abi", "bytecode"])


def board(validators: Sequence[bytes]) -> Account:
    """The board's account as its constructor leaves it."""
    arguments = encode(["address[]"], [list(validators)])
    initcode = bytes.fromhex(board_artifact()["bytecode"][2:]) + arguments
    return run_constructor(chain_id=CHAIN_ID, timestamp=GENESIS_TIME, address=BOARD, initcode=initcode)


def genesis(validators: Sequence[bytes]) -> Genesis:
    return Genesis(
        chain_id=CHAIN_ID, timestamp=GENESIS_TIME, validators_contract=BOARD, alloc={BOARD: board(validators)}
    )


def call_data(signature: str, *arguments: Any) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(signature.encode())[:4] + encode(types.split(",") if types else [], arguments)


def put(keys: Sequence[bytes], words: Sequence[int]) -> bytes:
    return call_data("put(bytes32[],uint256[])", keys, words)


def transaction(nonce: int, data: bytes, *, sender: LocalAccount = RELAY, **other: Any) -> bytes:
    """A signed transaction of type 1 to the board; a None among `other` leaves a field out."""
    fields: dict[str, Any] = {
        "type": 1,
        "chainId": CHAIN_ID,
        "nonce": nonce,
        "gasPrice": 0,
        "gas": 5_000_000,
        "to": BOARD,
        "value": 0,
        "data": data,
        "accessList": [],
    }
    fields = {name: value for name, value in (fields | other).items() if value is not None}
    return bytes(sender.sign_transaction(fields).raw_transaction)


def deploy(ledger: EmbeddedLedger, nonce: int, code: str) -> str:
    """Put code (at most 255 bytes of hex) on a ledger that seals when told, and return its address."""
    creation = bytes.fromhex(f"60{len(code) // 2:02x}8060093d393df3{code}")  # copies what follows it, and returns it
    promise = ledger.submit(transaction(nonce, creation, to=b""))
    ledger.seal_pending()
    sent = "0x" + promise.result(0).transaction_hash.hex()
    address: str = ledger.rpc.request("eth_getTransactionReceipt", [sent])["contractAddress"]
    return address


def open_hand_held(path: Path, hand: HandClock, keys: Sequence[TestSealer], **options: Any) -> EmbeddedLedger:
    """Open a ledger that seals only when told, by a clock that only a test moves, on a machine of its own unless told."""
    machine = options.pop("marks", path.parent / "machine")
    return EmbeddedLedger.open(path, keys, clock=hand.clock, background=False, marks=machine, **options)


@dataclass(frozen=True)
class ServedHeader:
    """A header with seals as a stranger takes it apart: with rlp, keccak and coincurve alone."""

    fields: list[bytes]
    vanity: bytes
    validators: list[bytes]
    vote: list[bytes]
    round: bytes
    seals: list[bytes]

    @classmethod
    def read(cls, encoded: bytes) -> ServedHeader:
        fields = rlp.decode(encoded)
        return cls(fields, *rlp.decode(fields[12]))

    def _hash(self, round_: bytes) -> bytes:
        extra = rlp.encode([self.vanity, self.validators, self.vote, round_, []])
        return keccak(rlp.encode([*self.fields[:12], extra, *self.fields[13:]]))

    @property
    def block_hash(self) -> bytes:
        return self._hash(b"")

    @property
    def sealers(self) -> list[bytes]:
        keys = [PublicKey.from_signature_and_message(seal, self._hash(self.round), hasher=None) for seal in self.seals]
        return [keccak(key.format(compressed=False)[1:])[12:] for key in keys]

    @property
    def coinbase(self) -> bytes:
        return self.fields[2]

    @property
    def timestamp(self) -> int:
        return int.from_bytes(self.fields[11], "big")
