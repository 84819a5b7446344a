"""Reach a network whose nodes are elsewhere: with their URLs, a pinned trust bundle and a relay's key, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aeo_ledger.errors import MalformedDocument
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_file
from aeo_ledger.office.relay import Relay
from aeo_ledger.office.replica import Storage
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A network that can be read and written from this process."""

    ledger: Ledger
    relay: Relay
    trust: TrustBundle
    genesis: Storage
    """What both contracts' storage was before any act; empty if not known, and then no snapshot can be taken."""
    banner: str
    """What stands behind it, for whoever starts it: above all, whether it is simulated."""


def contracts_of(trust: TrustBundle) -> dict[Contract, bytes]:
    """List both contracts' addresses, 20 bytes each."""
    return {Contract.CONSORTIUM: trust.consortium, Contract.REGISTERS: trust.registers}


@contextmanager
def reach_network(
    urls: Sequence[str], trust: TrustBundle, relay: Signer, *, genesis: Storage | None = None, timeout_s: float = 10.0
) -> Iterator[Running]:
    """Reach a network through its nodes, asked in the order given as long as they are good.

    Raises:
        MalformedText: a URL is none.
        Unavailable: no node of the pinned chain answers.
    """
    chain = ChainIdentity(chain_id=trust.chain_id, genesis_hash=trust.genesis_hash)
    with NodesProvider(urls, chain=chain, timeout_s=timeout_s) as nodes:
        ledger = Ledger(nodes, contracts_of(trust))
        names = ", ".join(node.name for node in nodes.nodes)
        yield Running(
            ledger=ledger,
            relay=Relay(ledger, relay),
            trust=trust,
            genesis=genesis or {},
            banner=f"Reads and relays through {names}. It holds a relay's key, which gives it no say.",
        )


def read_genesis(path: Path, trust: TrustBundle) -> Storage:
    """Read from an engine's genesis file what both contracts' storage was before any act.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument: it is none, or lacks a contract.
    """
    try:
        alloc = {
            address.lower().removeprefix("0x"): account
            for address, account in json.loads(read_file(path))["alloc"].items()
        }
        return {
            contract: {
                int(slot, 16): int(word, 16)
                for slot, word in alloc[to_hex(address).removeprefix("0x")].get("storage", {}).items()
            }
            for contract, address in contracts_of(trust).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedDocument(
            "genesis", "alloc", f"no storage of both pinned contracts can be read: {error!r}"
        ) from error
