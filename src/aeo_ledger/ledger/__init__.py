"""The port to a ledger: the bindings of the contracts, and the client that reads and writes through a node.

This package speaks JSON-RPC through web3, so callers see no difference between the embedded ledger and a real QBFT node. It verifies
nothing: a node's answer is a claim until `verify` has checked the proof.
"""

from aeo_ledger.ledger.bindings import artifact, encode_act, encode_call, encode_constructor
from aeo_ledger.ledger.port import Ledger

__all__ = ["Ledger", "artifact", "encode_act", "encode_call", "encode_constructor"]
