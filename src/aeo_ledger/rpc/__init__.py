"""The port over JSON-RPC: how real nodes, several of one ledger, are asked, and how one is served.

It answers "which of my nodes can I ask?". Besu and GoQuorum nodes (QBFT) and `aeo-ledger node` look alike from here. A
node is asked while it answers, keeps up, agrees with the others and does not contradict itself; otherwise the next one
is, and what was found is named. A transaction is never made twice: what may have been sent is sent again as the same
bytes, which a ledger takes once.

It trusts no answer with a decision: proofs are checked against the header of the same node before they are handed on,
which finds a broken node early, and whoever asked checks seals and proofs anyway. Nodes store different seals for one
block, so blocks are compared by hash, never by their bytes.

**Where nodes stand.** Each administration that seals runs one validator and one further full node, in its own network; its gateways ask
the further node first, then its validator, then a partner's node. A gateway without a node of its own asks two partners', and is as safe,
since evidence is checked anyway. Peers are listed (`static-nodes.json`), so boot nodes are needed only where a hundred administrations no
longer want to mail each other that list: two of them then keep discovery's. Every node here keeps all states (archive), which history, old
trust bundles and snapshots of a past block need; nothing is ever pruned.

**Sizing**, for 100 administrations, 50,000 certificates, 31,000 events a year: 85 events a day, most of them single publications of about
70,000 gas, against 60 million a block. Peaks decide: a first import of 50,000 is 500 publications of 100 and 5 million gas each, 42 full
blocks; a renumbering of 5,000 is 5 blocks; a sector suspended at once, 1,000 certificates, is less than one. Any small machine keeps up. What
empty blocks cost is disk, about 1 KB each with four validators: 1 GB a year at a heartbeat of 30 s, 32 GB at a block a second.

**What failures cost.** With n validators a block needs two thirds, rounded up. A partition halts sealing on every side that has fewer; nothing
forks, answers age and say so, and publications are `Unavailable`. More than a third, if hostile, can halt the ledger and cannot forge it; two
thirds can, and only `audit` would notice. A lost authority key costs its party a resolution and the replacement delay (14 days by default);
what it signed before still counts, and its operators go on publishing. A stolen operator key is retired by the authority in one act; what
it did is restored by the authority alone. A lost node key costs a resolution for the new node and one for the old.
"""

from aeo_ledger.rpc.node import Node
from aeo_ledger.rpc.provider import NodesProvider
from aeo_ledger.rpc.survey import ChainIdentity

__all__ = ["ChainIdentity", "Node", "NodesProvider"]
