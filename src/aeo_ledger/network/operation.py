"""The page of operation that comes with a network of real nodes."""

from __future__ import annotations

from aeo_ledger.customs.governance import quorum
from aeo_ledger.network.layout import LAYOUT, Engine, Layout


def write_operation(layout: Layout) -> str:
    """Write the page."""
    first, count = layout.nodes[0].node, len(layout.nodes)
    needed = quorum(count)
    parties = ", ".join(place.node.party for place in layout.nodes)
    one = f"compose.{first.party.lower()}.yaml"
    start = "docker compose up -d" if layout.is_on_one_machine else f"docker compose -f {one} up -d"
    bare = "besu, with the arguments" if layout.engine is Engine.BESU else "start.sh, with the arguments"
    return f"""# Operating this network ({layout.engine})

{count} validators: {parties}. {needed} of them seal a block, so {count - needed} may be down.

**Before anything else**: each party takes its folder `parties/CODE` away, with everything here but the other parties' folders, and it is deleted
here. The files are encrypted, but the machine that made them has seen the keys. So when the network runs, seat new node keys and rotate the
authorities (see *Replace ...* and *Rotate keys* below).

- **Addresses, ports and host names** are in `{LAYOUT}`. Edit it, then run `aeo-ledger network render .`; it writes every compose file, the list of
  peers and this page again, and says what is still missing. While all nodes have addresses in `subnet`, compose.yaml runs everything on one
  machine, to try it; on its own machine each party runs its own file, as {one}.
- **Start.** Each owner exports its node key on the node's own machine: `aeo-ledger key export parties/{first.party}/{first.file}.json --out
  parties/{first.party}/{first.file}key` (mode 0600, unencrypted: the engine wants it so). Gateways are built from this project's wheel:
  `pip wheel --no-deps --wheel-dir image PROJECT`, once. Then `{start}`. Without containers: {bare} of the node in {one}.
  Containers run as the user who owns these files (`.env`).
- **What is reached from where.** A node serves `eth` and `net` to its machine alone; its port for peers is open to the other nodes. A gateway is
  reached at its `listen` address, and answers those who show a token of a key on the ledger (`aeo-ledger key
  token`). Nothing serves `admin` or `debug`: with these a stranger can halt the network. An audit needs neither.
- **Examine.** `aeo-ledger network doctor --rpc URL,URL --trust trust.json` says who seals and who is silent, and what is wrong.
- **Add an administration and its validator.** Two thirds of the seats sign a resolution: `aeo-ledger resolution draft admit` (the new
  authority co-signs), later `aeo-ledger resolution draft seat-validator` (the new node's key co-signs). It is a file that goes round: `aeo-ledger
  act sign`, then `aeo-ledger act submit`. One validator a resolution, two blocks apart. Before that, everybody adds the node to `{LAYOUT}` and
  renders again; start it, and wait until it follows the head: a seated node that does not run counts as a lost one. Verifiers then run
  `aeo-ledger trust update`.
- **Replace a validator's node** with `aeo-ledger resolution draft replace-validator`: the same, new node first.
- **Rotate keys** with `aeo-ledger party act rotate-authority`, and operators with `aeo-ledger party act add-operator` and `aeo-ledger party
  act retire-operator`. The README lists the other acts of a party.
- **A change of validators may halt GoQuorum** (24.4.1, seen in several runs): in the block after it some nodes still use the old set. If
  neither side has {needed} votes, no block follows, and no way out is known yet. Try each change on a pilot first, at a quiet time.
- **Lose one validator.** Sealing continues; when it is this node's turn to propose, a later round seals. Start it again; it catches up by itself.
- **Lose {count - needed + 1}.** Nothing is sealed: publications are `Unavailable`, reading works and answers say how old they are. Nothing is
  lost. Bring any one of them back.
- **A halted network** continues when {needed} validators are up and connected. If their rounds differ, restart them within a minute.
- **Upgrade.** One node after the other: stop, replace the engine, start, wait until it follows the head.
- **Back up.** The chain is on every node. Back up what only one machine has: node key, relay key, and each office's book, with
  `aeo-ledger book backup`: it holds the documents and salts.
- **Restore.** A node: start it with an empty data folder and the same key; it fetches all blocks. A network from a backup of the chain: first
  import all newer blocks that anybody still has. Otherwise it becomes a new network, since verifiers refuse a block below their checkpoint.
"""
