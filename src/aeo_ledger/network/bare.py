"""Write scripts that start nodes and gateways without containers: by the engine's command, `besu` or `geth`, and by `aeo-ledger`.

`sh start-NAME.sh` runs until it is stopped. Its process number is then in `parties/CODE/NAME.pid`, so `kill "$(cat parties/CODE/NAME.pid)"` stops it.
The process holds a lock of that file (`flock` of util-linux) to its end. So a second start of the same node does nothing, and a number that is left
after a crash is known to be nobody's. JSON-RPC is served to the node's own machine alone.
"""

from __future__ import annotations

import shlex
from typing import Final

from aeo_ledger.network.compose import WRITTEN, gateway_arguments
from aeo_ledger.network.engine import START, node_command
from aeo_ledger.network.layout import Engine, GatewayPlace, Layout, NodePlace
from aeo_ledger.network.relay_key import PASSWORD_FILE, RELAY

_HERE: Final = "127.0.0.1"


def script_of(name: str) -> str:
    """Return the name of the script that starts a node or a gateway."""
    return f"start-{name}.sh"


def node_script(layout: Layout, place: NodePlace) -> str:
    """Write the script that starts a node."""
    home = f"parties/{place.node.party}"
    data, key = f"{home}/{place.node.file}-data", f"{home}/{place.node.file}key"
    arguments = node_command(
        layout.engine, data=data, genesis="genesis.json", key=key, static_nodes="static-nodes.json", host=place.host, p2p=place.p2p,
        rpc=place.rpc, rpc_bind=_HERE,
    )  # fmt: skip
    if layout.engine is Engine.BESU:
        return _script(place.name, home, f"exec besu {shlex.join(arguments)}")
    settings = f"export AEO_LEDGER_DATA={data} AEO_LEDGER_NETWORK=. AEO_LEDGER_NODE_KEY={key}"
    return _script(place.name, home, settings, f"exec sh {START} {shlex.join(arguments)}")


def gateway_script(layout: Layout, one: GatewayPlace) -> str:
    """Write the script that starts a gateway; a database for its index may be given by `AEO_LEDGER_INDEX`.

    Raises:
        MalformedDocument: It would have no node to ask.
    """
    home = f"parties/{one.party}"
    hosts = {place.host for place in layout.nodes if place.node.party == one.party}
    nodes = {place.name: f"http://{_HERE}:{place.rpc}" for place in layout.nodes if place.host in hosts}
    arguments = gateway_arguments(
        one, nodes, host=one.listen, trust="trust.json", genesis="genesis.json", key=f"{home}/{RELAY}.json",
        password=f"{home}/{PASSWORD_FILE}",
    )  # fmt: skip
    return _script(one.name, home, f"exec aeo-ledger {shlex.join(arguments)}")


def _script(name: str, home: str, *lines: str) -> str:
    begin = (f"# Start {name} on this machine, without a container. {WRITTEN}", "set -eu", 'cd "$(dirname "$0")"')
    pid = f"{home}/{name}.pid"
    once = (
        f"exec 9>>{pid}",  # kept by what is started at the end
        f'flock -n 9 || {{ echo "{name} runs here already: process $(cat {pid})" >&2; exit 1; }}',
        f'echo "$$" >{pid}',
    )
    return "\n".join((*begin, *once, *lines)) + "\n"
