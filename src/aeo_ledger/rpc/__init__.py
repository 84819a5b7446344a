"""The port over JSON-RPC: how real nodes, several of one ledger, are asked, and how one is served.

It answers "which of my nodes can I ask?". Besu and GoQuorum nodes (QBFT) and `aeo-ledger node` look alike from here. A
node is asked while it answers, keeps up, agrees with the others and does not contradict itself; otherwise the next one
is, and what was found is named. A transaction is never made twice: what may have been sent is sent again as the same
bytes, which a ledger takes once.

It trusts no answer with a decision: proofs are checked against the header of the same node before they are handed on,
which finds a broken node early, and whoever asked checks seals and proofs anyway. Nodes store different seals for one
block, so blocks are compared by hash, never by their bytes.

**Where nodes stand.** One validator and one further full node for each administration that seals, in its own network;
its gateways ask the further node first, then its validator, then a partner's node. For 100 administrations, 50,000
certificates and 31,000 events a year the ledger grows by some 90 transactions a day (a first import: 500 publications
of 100, 42 full blocks of 60 million gas), so any small machine keeps up, and a node without pruning serves as archive.
A partition halts sealing on every side with less than two thirds of the validators; answers age and say so. More
than a third of them, if hostile, can halt the ledger and cannot forge it; two thirds can. A lost authority key costs its party a
resolution and the replacement delay; what it signed before still counts.
"""

from aeo_ledger.rpc.node import Node
from aeo_ledger.rpc.provider import NodesProvider
from aeo_ledger.rpc.survey import ChainIdentity

__all__ = ["ChainIdentity", "Node", "NodesProvider"]
