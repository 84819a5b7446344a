"""Write the files that nodes of a real QBFT engine need beside the genesis: peers, a compose file, and an operation guide.

They are for Besu 26.2.0 and GoQuorum 24.4.1, the tested versions. Only the engines run consensus; this module does not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import BERLIN, Fork, Forks
from aeo_ledger.files import write_file
from aeo_ledger.primitives.choices import choose

_SUBNET: Final = "172.30.57"
_FIRST_HOST: Final = 11
_P2P_PORT: Final = 30303
_RPC_PORT: Final = 8545


class Engine(StrEnum):
    """An engine that speaks QBFT."""

    BESU = "besu"
    QUORUM = "quorum"


_IMAGES: Final = {Engine.BESU: "hyperledger/besu:26.2.0", Engine.QUORUM: "quorumengineering/quorum:24.4.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineNode:
    """One validator's node."""

    party: str
    """Code of the party that runs it."""
    public_key: bytes
    """64 bytes."""
    file: str = "node"
    """Name of its key file in the party's folder, without the suffix; a party that replaces its node has a second file."""

    @property
    def service(self) -> str:
        """Its name in the compose file."""
        return f"{self.file}-{self.party.lower()}"


def parse_engine(name: str | None) -> Engine | None:
    """Parse an engine's name; None is the embedded ledger.

    Raises:
        MalformedText: no tested engine has this name.
    """
    return None if name is None else Engine(choose(name, Engine, what="--engine"))


def parse_fork(name: str, engine: Engine | None) -> Forks:
    """Read whose rules a new network follows from block 0, by the fork's name; `berlin` is what every engine has.

    Raises:
        MalformedText: no such fork is known, or the engine does not have it.
    """
    later = [fork.value for fork in Fork]
    choose(name, ("berlin", *later), what="--fork")
    if name != "berlin" and engine is not Engine.BESU:
        found = f"{name} for {'the embedded ledger' if engine is None else engine}"
        raise MalformedText("--fork", found, "berlin; later rules need --engine besu")
    return Forks((0,) * (later.index(name) + 1)) if name in later else BERLIN


def enode(public_key: bytes, host: str, port: int) -> str:
    """Return a node's address for its peers; `public_key` has 64 bytes."""
    return f"enode://{public_key.hex()}@{host}:{port}?discport=0"


def node_command(
    engine: Engine, *, data: str, genesis: str, key: str, static_nodes: str, listen: str, host: str, p2p: int, rpc: int
) -> list[str]:
    """Return the command-line arguments that start one validator of a network made by `network init`.

    Args:
        engine: The node's engine.
        data: Its data folder.
        genesis: The genesis file; GoQuorum reads it earlier, by `geth init`.
        key: The node's key file, written by `aeo-ledger key export`. For GoQuorum it is `DATA/geth/nodekey`.
        static_nodes: The peers' file; for GoQuorum it is `DATA/static-nodes.json`.
        listen: For GoQuorum, the file of `listen_config`: without it, GoQuorum listens for peers on every interface.
        host: The address that it listens on and announces.
        p2p: Port for its peers.
        rpc: Port for JSON-RPC.
    """
    if engine is Engine.BESU:
        return [
            f"--data-path={data}", f"--genesis-file={genesis}", f"--node-private-key-file={key}", f"--static-nodes-file={static_nodes}",
            "--min-gas-price=0", "--data-storage-format=FOREST", "--sync-mode=FULL", "--sync-min-peers=1",
            "--discovery-enabled=false", f"--p2p-host={host}", f"--p2p-interface={host}", f"--p2p-port={p2p}", "--nat-method=NONE",
            "--rpc-http-enabled", f"--rpc-http-host={host}", f"--rpc-http-port={rpc}", "--rpc-http-api=ETH,NET,QBFT,DEBUG,ADMIN",
            "--host-allowlist=*", "--metrics-enabled=false",
        ]  # fmt: skip
    subnet = "127.0.0.0/8" if host.startswith("127.") else f"{_SUBNET}.0/24"
    return [
        "--datadir", data, "--nodiscover", "--netrestrict", subnet, "--syncmode", "full", "--gcmode", "archive",
        "--mine", "--miner.threads", "1", "--miner.gasprice", "0", "--config", listen, "--nat", f"extip:{host}",
        "--http", "--http.addr", host, "--http.port", str(rpc), "--http.vhosts", "*", "--http.api", "eth,net,istanbul,admin,debug",
        "--ipcdisable",
    ]  # fmt: skip


def listen_config(host: str, p2p: int) -> str:
    """Return GoQuorum's configuration for listening to its peers on one address and port only."""
    return f'[Node.P2P]\nListenAddr = "{host}:{p2p}"\n'


def write_engine_files(folder: Path, engine: Engine, nodes: Sequence[EngineNode], *, further: str = "") -> None:
    """Write static-nodes.json, compose.yaml and OPERATION.md into a network's folder.

    Args:
        folder: The network's folder, with genesis and keys.
        engine: The engine of the nodes.
        nodes: The validators' nodes, in the order of the seats.
        further: Text to append to the operation guide.

    Raises:
        FileUnavailable: One of them cannot be written.
    """
    hosts = {node: f"{_SUBNET}.{_FIRST_HOST + place}" for place, node in enumerate(nodes)}
    peers = [enode(node.public_key, host, _P2P_PORT) for node, host in hosts.items()]
    write_file(folder / "static-nodes.json", f"{json.dumps(peers, indent=1)}\n".encode())
    if engine is Engine.QUORUM:
        for node, host in hosts.items():
            config = folder / "parties" / node.party / f"{node.file}.toml"
            write_file(config, listen_config(host, _P2P_PORT).encode())
    write_file(folder / "compose.yaml", _compose(engine, hosts).encode())
    write_file(folder / "OPERATION.md", f"{_operation(engine, nodes)}{further}".encode())


def _compose(engine: Engine, hosts: dict[EngineNode, str]) -> str:
    services = "".join(_validator(engine, node, host) for node, host in hosts.items())
    parties = list(dict.fromkeys(node.party for node in hosts))
    gateways = "".join(_gateway(code, list(hosts)) for code in parties[:2])
    return f"""# Written by `aeo-ledger network init --engine {engine}`; see OPERATION.md. Each party would run its own services on its own machines.
services:
{services}{gateways}  postgres:
    image: postgres:15
    environment:
      POSTGRES_DB: aeo_ledger
      POSTGRES_USER: aeo_ledger
      POSTGRES_PASSWORD_FILE: /run/secrets/postgres_password
    secrets: [postgres_password]
    volumes: [postgres:/var/lib/postgresql/data]
    networks: [consortium]

networks:
  consortium:
    ipam:
      config:
        - subnet: {_SUBNET}.0/24

secrets:
  postgres_password:
    file: ./postgres.password

volumes:
  postgres: {{}}
{"".join(f"  {node.service}: {{}}{chr(10)}" for node in hosts)}"""


def _validator(engine: Engine, node: EngineNode, host: str) -> str:
    name, home = node.service, f"./parties/{node.party}"
    arguments = node_command(
        engine, data="/data", genesis="/network/genesis.json", key="/network/nodekey", static_nodes="/network/static-nodes.json",
        listen="/network/listen.toml", host=host, p2p=_P2P_PORT, rpc=_RPC_PORT,
    )  # fmt: skip
    if engine is Engine.BESU:
        run = f"    command: {json.dumps(arguments)}\n"
    else:
        script = (
            "test -d /data/geth || geth --datadir /data init /network/genesis.json; "
            "cp /network/nodekey /data/geth/nodekey; cp /network/static-nodes.json /data/static-nodes.json; "
            f"exec geth {' '.join(arguments)}"
        )
        run = (
            f'    entrypoint: ["/bin/sh", "-c", {json.dumps(script)}]\n    environment:\n      PRIVATE_CONFIG: ignore\n'
        )
    config = f"      - {home}/{node.file}.toml:/network/listen.toml:ro\n" if engine is Engine.QUORUM else ""
    return f"""  {name}:
    image: {_IMAGES[engine]}
{run}    volumes:
      - {name}:/data
      - ./genesis.json:/network/genesis.json:ro
      - ./static-nodes.json:/network/static-nodes.json:ro
      - {home}/{node.file}key:/network/nodekey:ro
{config}    networks:
      consortium:
        ipv4_address: {host}
    restart: unless-stopped

"""


def _gateway(code: str, nodes: list[EngineNode]) -> str:
    own_first = sorted(nodes, key=lambda node: node.party != code)
    urls = ",".join(f"http://{node.service}:{_RPC_PORT}" for node in own_first)
    return f"""  gateway-{code.lower()}:
    image: python:3.11-slim
    command: ["sh", "-c", "cp -r /source /tmp/source && pip install --quiet '/tmp/source[gateway]' && exec aeo-ledger gateway --rpc {urls}
      --trust /network/trust.json --key /network/relay.json --password-file /run/secrets/relay_password"]
    volumes:
      - ${{AEO_LEDGER_SOURCE:?the folder of this project, which no registry holds}}:/source:ro
      - ./trust.json:/network/trust.json:ro
      - ./parties/{code}/relay.json:/network/relay.json:ro
      - ./parties/{code}/relay.password:/run/secrets/relay_password:ro
    depends_on: [{own_first[0].service}, postgres]
    networks: [consortium]
    restart: unless-stopped

"""


def _operation(engine: Engine, nodes: Sequence[EngineNode]) -> str:
    first, count = nodes[0], len(nodes)
    start = (
        "besu --data-path=data --genesis-file=genesis.json ..."
        if engine is Engine.BESU
        else "geth --datadir data init genesis.json && PRIVATE_CONFIG=ignore geth --datadir data --mine ..."
    )
    quorum = -(-2 * count // 3)
    return f"""# Operating this network ({engine})

{count} validators: {", ".join(node.party for node in nodes)}. {quorum} of them seal a block, so {count - quorum} may be down.

**Before anything else**: each party takes its folder `parties/CODE` away, and it is deleted here. The files are encrypted, but the machine
that made them has seen the keys. So when the network runs, seat new node keys and rotate the authorities (see *Add ...* below).

- **Start.** Each owner exports its node key on the node's own machine: `aeo-ledger key export parties/{first.party}/{first.file}.json --out
  parties/{first.party}/{first.file}key` (mode 0600, unencrypted: the engine wants it so). Then `docker compose up -d`, or without containers:
  `{start}` (compose.yaml has every argument). Two gateways start with it, from this project's folder, named by
  `export AEO_LEDGER_SOURCE=...`; a password for PostgreSQL goes into `postgres.password`.
- **Add an administration and its validator.** Two thirds of the seats sign a resolution ADMIT (the new authority co-signs), later SEAT_VALIDATOR
  (the new node's key co-signs); one validator a resolution, two blocks apart. Before that, add the node to everybody's `static-nodes.json`, start
  it, and wait until it follows the head: a seated node that does not run counts as a lost one. Verifiers then run `aeo-ledger trust update`.
- **Replace a validator's node** (REPLACE_VALIDATOR): the same, new node first.
- **A change of validators may halt GoQuorum** (24.4.1, seen in several runs): in the block after it some nodes still use the old set. If
  neither side has {quorum} votes, no block follows, and no way out is known yet. Try each change on a pilot first, at a quiet time.
- **Lose one validator.** Sealing continues; when it is this node's turn to propose, a later round seals. Start it again; it catches up by itself.
- **Lose {count - quorum + 1}.** Nothing is sealed: publications are `Unavailable`, reading works and answers say how old they are. Nothing is
  lost. Bring any one of them back.
- **A halted network** continues when {quorum} validators are up and connected. If their rounds differ, restart them within a minute.
- **Upgrade.** One node after the other: stop, replace the engine, start, wait until it follows the head.
- **Back up.** The chain is on every node. Back up what only one machine has: node key, relay key, each office's documents and salts.
- **Restore.** A node: start it with an empty data folder and the same key; it fetches all blocks. A network from a backup of the chain: first
  import all newer blocks that anybody still has. Otherwise it becomes a new network, since verifiers refuse a block below their checkpoint.
"""
