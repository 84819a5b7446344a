"""The port to a ledger: what the contracts are called, and how a node that holds them is read and written.

Everything here speaks JSON-RPC through web3, so the embedded ledger and a real QBFT node look the same from above. Nothing here judges:
what a node says is a claim until `verify` has seen the proof.
"""

from aeo_ledger.ledger.bindings import artifact, encode_act, encode_call, encode_constructor
from aeo_ledger.ledger.port import Ledger

__all__ = ["Ledger", "artifact", "encode_act", "encode_call", "encode_constructor"]
