"""How a real QBFT engine is started: its command, and for GoQuorum a script that prepares its data folder.

They are for Besu 26.2.0 and GoQuorum 24.4.1, the tested versions. Only the engines run consensus; this module does not.

A node serves `eth` and `net`, and nothing with which a stranger could stop it: an audit needs no more, since it rebuilds blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import BERLIN, Fork, Forks
from aeo_ledger.network.layout import Engine
from aeo_ledger.primitives.choices import choose

START: Final = "start.sh"
"""Name of GoQuorum's script in a network's folder."""


IDLE_SETTING: Final = {Engine.QUORUM: "emptyblockperiodseconds", Engine.BESU: "xemptyblockperiodseconds"}
"""What each engine calls it in the genesis file, in `qbft`."""
IDLE_PERIOD_S: Final = {Engine.QUORUM: 10, Engine.BESU: 4}
"""Seconds between blocks of a new network while there is nothing to seal: a year of empty seconds takes long to fetch. Publications need not wait.

Seen on four nodes of each engine. In Besu (26.2.0, read in its source) only the proposer waits for it. The others change the round when a block
period and the request timeout, 4 s, have passed, and the new round's proposer seals at once. So a longer period needs a request timeout that
is as long.
"""


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


def node_command(
    engine: Engine,
    *,
    data: str,
    genesis: str,
    key: str,
    static_nodes: str,
    host: str,
    p2p: int,
    rpc: int,
    bind: str = "0.0.0.0",  # noqa: S104 (of a container, what is published decides who reaches it)
    rpc_bind: str | None = None,
    listen: str | None = None,
    netrestrict: Sequence[str] = (),
    names: Sequence[str] = (),
    more: Sequence[str] = (),
) -> list[str]:
    """Return the command-line arguments that start one validator of a network made by `network init`.

    Args:
        engine: The node's engine.
        data: Its data folder.
        genesis: The genesis file; GoQuorum reads it earlier, by `geth init`.
        key: The node's key file, written by `aeo-ledger key export`. For GoQuorum it is `DATA/geth/nodekey`.
        static_nodes: The peers' file; for GoQuorum it is `DATA/static-nodes.json`.
        host: The address that it announces to its peers.
        p2p: Port for its peers.
        rpc: Port for JSON-RPC.
        bind: The address of its machine or container at which it listens for peers.
        rpc_bind: The same for JSON-RPC; None for `bind`.
        listen: For GoQuorum, the file of `listen_config`, to listen for peers on one address only; None for every interface.
        netrestrict: For GoQuorum, networks from which it accepts peers; empty for any.
        names: Host names, besides addresses and `localhost`, under which JSON-RPC is asked.
        more: Namespaces beside `eth` and `net`, for tests.
    """
    hosts = ["localhost", "127.0.0.1", host, *names]
    if engine is Engine.BESU:
        served = [name.upper() for name in ("eth", "net", *more)]
        return [
            f"--data-path={data}", f"--genesis-file={genesis}", f"--node-private-key-file={key}", f"--static-nodes-file={static_nodes}",
            "--min-gas-price=0", "--data-storage-format=FOREST", "--sync-mode=FULL", "--sync-min-peers=1",
            "--discovery-enabled=false", f"--p2p-host={host}", f"--p2p-interface={bind}", f"--p2p-port={p2p}", "--nat-method=NONE",
            "--rpc-http-enabled", f"--rpc-http-host={rpc_bind or bind}", f"--rpc-http-port={rpc}", f"--rpc-http-api={','.join(served)}",
            f"--host-allowlist={','.join(hosts)}", "--metrics-enabled=false",
        ]  # fmt: skip
    return [
        "--datadir", data, "--nodiscover", *(["--netrestrict", ",".join(netrestrict)] if netrestrict else []),
        "--syncmode", "full", "--gcmode", "archive", "--mine", "--miner.threads", "1", "--miner.gasprice", "0",
        *(["--config", listen] if listen else ["--port", str(p2p)]), "--nat", f"extip:{host}",
        "--http", "--http.addr", rpc_bind or bind, "--http.port", str(rpc), "--http.vhosts", ",".join(hosts),
        "--http.api", ",".join(("eth", "net", *more)), "--ipcdisable",
    ]  # fmt: skip


def listen_config(host: str, p2p: int) -> str:
    """Return GoQuorum's configuration for listening to its peers on one address and port only."""
    return f'[Node.P2P]\nListenAddr = "{host}:{p2p}"\n'


def start_script() -> str:
    """Return the script that prepares GoQuorum's data folder and starts it; its arguments are those of `node_command`.

    Besu needs none: it reads genesis, key and peers from where they are.
    """
    return """#!/bin/sh
# Prepare GoQuorum's data folder from the network's files, then become geth. Where they are may be given by the environment.
set -eu
data=${AEO_LEDGER_DATA:-/data}
network=${AEO_LEDGER_NETWORK:-/network}
key=${AEO_LEDGER_NODE_KEY:-$network/nodekey}
export PRIVATE_CONFIG=ignore
test -d "$data/geth/chaindata" || geth --datadir "$data" init "$network/genesis.json"
cp "$key" "$data/geth/nodekey"
chmod 600 "$data/geth/nodekey"
cp "$network/static-nodes.json" "$data/static-nodes.json"
exec geth "$@"
"""
