"""The embedded ledger: one py-evm chain in one process, sealed with real QBFT headers, kept in one SQLite file.

It answers "what would a consortium's network have recorded?" without a network: the same contracts, the same blocks,
the same seals. Its blocks can be exported and taken over by Besu or GoQuorum nodes, which execute and check every one
of them again.

What it does not give is distributed trust. **One machine holds all validators' keys**, so whoever owns the machine can
write any history. `BANNER` says so, and whatever opens a ledger is to show it.

It trusts nothing it is sent: a transaction is decoded, its signature recovered, its nonce compared. It judges no
evidence: the verifier shares no line with it, so a bug here cannot agree with itself there. It never sees a private
key: validators sign through `Sealer`.
"""

from aeo_ledger.chain.clock import Clock
from aeo_ledger.chain.deployment import run_constructor
from aeo_ledger.chain.genesis import Account, Genesis
from aeo_ledger.chain.ledger import BANNER, EmbeddedLedger
from aeo_ledger.chain.sealing import Receipt, Sealer

__all__ = ["BANNER", "Account", "Clock", "EmbeddedLedger", "Genesis", "Receipt", "Sealer", "run_constructor"]
