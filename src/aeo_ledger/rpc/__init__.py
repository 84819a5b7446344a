"""The port over JSON-RPC: a client of several nodes of one ledger, and a server for one ledger.

It answers "which of my nodes can I ask?". Besu and GoQuorum nodes (QBFT) and `aeo-ledger node` behave alike. A node is used while it
answers, keeps up, agrees with the others and does not contradict itself; otherwise the next node is used, and the fault is reported. A
transaction is never duplicated: if it may have been sent, the same bytes are sent again, and a ledger executes them once.

No decision depends on an unchecked answer. A proof is checked against the same node's header before it is passed on: this finds a broken
node early. The verifier checks seals and proofs in any case. Nodes store different seals for one block, so blocks are compared by
hash, never by their bytes.

**Placement.** Each administration that seals runs one validator and one more full node in its own network. Its gateways ask the full node
first, then the validator, then a partner's node. A gateway without a node asks the nodes of two partners; that is as safe, since evidence is
checked anyway. Peers are listed in `static-nodes.json`. Boot nodes are needed only if a hundred administrations no longer want to e-mail
that list: then two of them run boot nodes. Every node stores all states (archive): history, old trust bundles and snapshots of past
blocks need them. Nothing is pruned.

**Sizing**, for 100 administrations, 50,000 certificates and 31,000 events a year: 85 events a day, most of them single publications of about
70,000 gas; a block has 60 million. Peaks decide. A first import of 50,000 takes 500 publications of 100 events and 5 million gas each: 42 full
blocks. A renumbering of 5,000 takes 5 blocks. Suspending a sector of 1,000 certificates takes less than one block. Any small machine
keeps up. Empty blocks take disk space, about 1 KB each with four validators: 1 GB a year with a heartbeat of 30 s, 32 GB with a block a second.

**Failures.** A block needs the seals of two thirds of the validators, rounded up. After a partition, a side with fewer stops sealing. Nothing
forks; answers get older and say so, and publications are `Unavailable`. More than one third of the validators, if hostile, can stop the ledger
and cannot forge it. Two thirds can forge it, and only an `audit` would notice. A lost authority key costs its party a resolution and the
replacement delay (14 days by default); its earlier acts stay valid, and its operators continue to publish. The authority retires a stolen
operator key in one act, and only the authority can restore what that key changed. A lost node key costs two resolutions: one for the new
node and one for the old.
"""

from aeo_ledger.rpc.node import Node
from aeo_ledger.rpc.provider import NodesProvider
from aeo_ledger.rpc.survey import ChainIdentity

__all__ = ["ChainIdentity", "Node", "NodesProvider"]
