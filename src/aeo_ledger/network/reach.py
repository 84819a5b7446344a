"""Connect to a network whose nodes run elsewhere, by their URLs, a pinned trust bundle and a relay's key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.network.places import PLACES, read_inventory
from aeo_ledger.office.ask import contracts_of, read_genesis_file
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.inventory import NOTHING, THIS_EDITION, Inventory
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.relay import Relay
from aeo_ledger.rpc import ChainIdentity, NodesProvider
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.prover.index_store import IndexStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A network that this process can read and write."""

    ledger: Ledger
    relay: Relay
    trust: TrustBundle
    banner: str
    """Describes the network to the person who starts the program: above all, whether it is simulated."""


@contextmanager
def reach_network(
    urls: Sequence[str],
    trust: TrustBundle,
    relay: Signer,
    *,
    beginning: Inventory = NOTHING,
    timeout_s: float = 10.0,
    store: IndexStore | None = None,
) -> Iterator[Running]:
    """Connect to a network through its nodes. Those without a fault are asked in the given order.

    Args:
        urls: Of the nodes.
        trust: The pinned bundle.
        relay: Signs the transactions that carry acts.
        beginning: Every word of the network's genesis; `read_beginning` reads it. Without it there is no index: each word is read from the
            nodes, and no snapshot can be taken.
        timeout_s: Seconds within which a node must answer.
        store: Keeps the index over a restart; None keeps it in memory only.

    Raises:
        MalformedText: a URL is not valid.
        Unavailable: no node of the pinned chain answers.
    """
    chain = ChainIdentity(chain_id=trust.chain_id, genesis_hash=trust.genesis_hash)
    with ExitStack() as opened:
        nodes = opened.enter_context(NodesProvider(urls, chain=chain, timeout_s=timeout_s))
        ledger = Ledger(nodes, contracts_of(trust), beginning=beginning)
        if beginning is not NOTHING:
            ledger = opened.enter_context(IndexedLedger(ledger, store))
        names = ", ".join(node.name for node in nodes.nodes)
        yield Running(
            ledger=ledger,
            relay=Relay(ledger, relay),
            trust=trust,
            banner=f"Reads and relays through {names}. Its relay key has no authority: it can sign no act.",
        )


def read_beginning(path: Path, trust: TrustBundle) -> Inventory:
    """Read every word of a network's genesis, from its genesis file and the `places.json` beside it.

    Raises:
        UnreadableFile: a file cannot be read.
        MalformedDocument, SlotUnexplained: a file has another form, lacks a contract, or contradicts the other.
    """
    return read_inventory(path.with_name(PLACES), read_genesis(path, trust), THIS_EDITION, contracts_of(trust))


def read_genesis(path: Path, trust: TrustBundle) -> dict[Contract, dict[int, int]]:
    """Read the contracts' storage at block 0 from an engine's genesis file.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
        MalformedDocument: it is not a genesis file, or lacks a contract.
    """
    genesis = read_genesis_file(path)
    try:
        alloc = {address.lower().removeprefix("0x"): account for address, account in genesis["alloc"].items()}
        return {
            contract: {
                int(slot, 16): int(word, 16)
                for slot, word in alloc[to_hex(address).removeprefix("0x")].get("storage", {}).items()
            }
            for contract, address in contracts_of(trust).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedDocument(
            "genesis", "alloc", f"the storage of the pinned contracts cannot be read: {error!r}"
        ) from error
