"""Graduate: move an embedded ledger to a real network, block for block. Chain, history and evidence stay; nothing is signed again.

This writes what each administration takes away: genesis and sealed blocks, which its node executes and checks again, its keys, and its peers.
The embedded ledger's machine has seen every key. So at the end of a graduation, new node keys are seated and trust is pinned again
(`GRADUATION.md` says how). Until then the new network is only as safe as that machine was.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.files import create_file, make_folder, making_folder, write_file, writing
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.ledger.topics import topics_of
from aeo_ledger.network.doctor import SNAPSHOT_BLOCKS
from aeo_ledger.network.engine import IDLE_PERIOD_S, IDLE_SETTING
from aeo_ledger.network.layout import Engine, EngineNode
from aeo_ledger.network.places import PLACES
from aeo_ledger.network.relay_key import RELAY, create_relay_key
from aeo_ledger.network.render import write_engine_files
from aeo_ledger.office.ask import contracts_of, read_file, read_trust
from aeo_ledger.protocol.layouts import VALIDATOR
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.protocol.words import decode_party
from aeo_ledger.signing import WORK_FACTOR, Password, export_key, open_key_store

GUIDE: Final = "GRADUATION.md"
"""Name of the page that says how nodes take the blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graduated:
    """The result of a graduation."""

    folder: Path
    blocks: tuple[Path, ...]
    """Files to import, in order."""
    head: int
    """Number of the last block in them."""
    head_hash: str
    """Its hash; every node must show it after the import."""
    elsewhere: tuple[str, ...]
    """Parties with a seated node whose key is not on this machine: they supply the key, and the node's address for `network.toml`."""


def graduate(
    folder: Path,
    engine: Engine,
    out: Path,
    password: Password,
    *,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
) -> Graduated:
    """Write what an engine's nodes need to continue from an embedded ledger's last block.

    Args:
        folder: The embedded network's folder; no process may have it open.
        engine: The engine of the new nodes.
        out: The new folder, written atomically.
        password: Decrypts the validators' keys, and encrypts each party's copies.
        randomness: Returns the given number of secret random bytes.
        work_factor: scrypt's N for the key files.

    Raises:
        FolderExists: `out` exists.
        FileUnavailable: `out` cannot be written; then nothing of it is left.
        LedgerInUse, MalformedLedger, WrongPassword: the ledger or its keys cannot be opened.
    """
    with making_folder(out) as making:
        with EmbeddedLedger.open(folder / "ledger.sqlite") as ledger:
            port = _port(ledger, folder)
            pieces = _write_pieces(ledger, making, _cuts(port) if engine is Engine.QUORUM else [])
            seated = _seated(port)
            head, head_hash = ledger.head, ledger.rpc.request("eth_getBlockByNumber", ["latest", False])["hash"]
        write_file(making / "genesis.json", _genesis_for(engine, read_file(folder / "genesis.json")))
        for name in (PLACES, "trust.json"):
            write_file(making / name, read_file(folder / name))
        nodes = _hand_out_keys(folder, making, password, seated, randomness=randomness, work_factor=work_factor)
        here = [node.party for node in nodes]
        elsewhere = tuple(
            code for code, seats in Counter(code for _, code in seated).items() if seats > here.count(code)
        )
        guide = _write_guide(engine, pieces, head, head_hash, elsewhere)
        write_engine_files(making, engine, nodes, randomness=randomness)
        write_file(making / GUIDE, guide.encode())
    return Graduated(
        folder=out, blocks=tuple(out / name for name in pieces), head=head, head_hash=head_hash, elsewhere=elsewhere
    )


def _port(ledger: EmbeddedLedger, folder: Path) -> Ledger:
    return Ledger(ledger.provider(), contracts_of(read_trust(folder / "trust.json")))


def _genesis_for(engine: Engine, genesis: bytes) -> bytes:
    """Add an engine's period of idle blocks to a genesis file. No hash depends on it, and no engine asks it of blocks that it imports."""
    document = json.loads(genesis)
    document["config"]["qbft"][IDLE_SETTING[engine]] = IDLE_PERIOD_S[engine]
    return f"{json.dumps(document, indent=1)}\n".encode()


def _cuts(port: Ledger) -> list[int]:
    """List the blocks in which the validators changed: GoQuorum imports a file only up to such a block."""
    logs = port.logs(Contract.CONSORTIUM, topics_of(Table.VALIDATOR), until=port.head())
    return sorted({log.block for log in logs})


def _seated(port: Ledger) -> list[tuple[bytes, str]]:
    """List the seated nodes' addresses, 20 bytes each, with their party's code."""
    block = port.head()

    def word(table: Table, key: int) -> int:
        return port.word(Contract.CONSORTIUM, word_slot(table, key), block)

    found = []
    for place in range(1, word(Table.VALIDATOR, 0) + 1):
        seat = word(Table.VALIDATOR, place)
        party = decode_party(word(Table.PARTY, VALIDATOR["party"].of(seat)))
        if party is not None:
            found.append((VALIDATOR["node"].of(seat).to_bytes(20, "big"), party.code))
    return found


def _write_pieces(ledger: EmbeddedLedger, folder: Path, cuts: list[int]) -> list[str]:
    firsts = [1, *(cut + 1 for cut in cuts if cut < ledger.head)]  # every node makes block 0 itself
    lasts = [*(first - 1 for first in firsts[1:]), ledger.head]
    names = [f"blocks-{place:02}.rlp" for place in range(1, len(firsts) + 1)]
    for name, first, last in zip(names, firsts, lasts, strict=True):
        with writing(folder / name) as file:
            ledger.export(file, first=first, last=last)
    return names


def _hand_out_keys(
    folder: Path,
    out: Path,
    password: Password,
    seated: list[tuple[bytes, str]],
    *,
    randomness: Callable[[int], bytes],
    work_factor: int,
) -> list[EngineNode]:
    """Copy each party's key files, the keys of its seated nodes, and a new key for its relay."""
    store = folder / "validators.keys"
    by_address = {signer.address: (label, signer) for label, signer in open_key_store(store, password).items()}
    make_folder(out / "parties")
    for home in sorted((folder / "parties").iterdir()):
        own = out / "parties" / home.name
        make_folder(own)
        for file in home.glob("*.json"):
            create_file(own / file.name, read_file(file), private=True)
    nodes: list[EngineNode] = []
    for address, code in seated:
        if address not in by_address:
            continue  # only its owner has this key; `elsewhere` names the owner
        label, signer = by_address[address]
        own = out / "parties" / code
        make_folder(own)
        name = "node" if not (own / "node.json").exists() else "node-2"
        export_key(store, label, password, to=own / f"{name}.json", to_password=password, work_factor=work_factor)
        if not (own / f"{RELAY}.json").exists():
            create_relay_key(own, randomness=randomness, work_factor=work_factor)
        nodes.append(EngineNode(party=code, public_key=signer.public_key, file=name))
    return nodes


def import_commands(engine: Engine, pieces: list[str]) -> list[str]:
    """Return the commands that import the blocks into a node, in order."""
    data = "parties/CODE/node-data"
    if engine is Engine.BESU:
        shape = (
            f"besu --data-path={data} --genesis-file=genesis.json --min-gas-price=0 --data-storage-format=FOREST "
            "blocks import --from={} --format=RLP"
        )
        return [shape.format(name) for name in pieces]
    return [
        f"geth --datadir {data} init genesis.json",
        f"PRIVATE_CONFIG=ignore geth --datadir {data} --nodiscover --syncmode full --gcmode archive --http --http.api admin  # without --mine",
        *(f'admin_importChain ["{name}"]  # over JSON-RPC, the path absolute' for name in pieces),
    ]


_CHANGE_IN_GOQUORUM: Final = f"""
**Each change of validators in GoQuorum**: in the block after it some nodes still go by the old validators. So that all can agree:

1. `aeo-ledger network doctor` shows no `restart-halts`.
2. The new node has followed the head. Now stop it, and stop the node that leaves. Wait for two more blocks. All others must run.
3. Submit the resolution. When blocks follow it, start the new node.
4. If no block follows for some minutes, stop all nodes, then start all: each begins with the new validators.
5. Restart no node before the next block whose number is a multiple of {SNAPSHOT_BLOCKS}. One that is restarted cannot verify its own blocks:
   empty its data folder, and let it fetch everything.
"""


def _write_guide(engine: Engine, pieces: list[str], head: int, head_hash: str, elsewhere: tuple[str, ...]) -> str:
    commands = "\n".join(f"    {line}" for line in import_commands(engine, pieces))
    missing = f"""
**{", ".join(elsewhere)}**: the key of a seated node was never on the embedded ledger's machine. Its owner starts the node with that key, and
everybody adds the node to `network.toml` and runs `aeo-ledger network render .`.
"""
    change = _CHANGE_IN_GOQUORUM if engine is Engine.QUORUM else ""
    text = f"""# Graduation

The embedded ledger sealed these blocks; every node executes and checks each of them again. On every node, before its first start:

{commands}

Afterwards block {head} has the hash `{head_hash}` on every node. Start all nodes, as OPERATION.md says; the first block that they seal is {head + 1}.
Evidence from before and after verifies under the same trust bundle. One machine has seen all these keys. So when the network seals, do
*Keys that another machine has seen* of OPERATION.md: nodes, authorities, operators, relays, and then the bundles of gateways and verifiers.
{change}"""
    return text + (missing if elsewhere else "")
