"""The embedded ledger: one py-evm chain in one process, sealed with real QBFT headers, kept in one SQLite file.

It answers "what would a consortium's network have recorded?" without a network: the same contracts, the same blocks,
the same seals. Its blocks can be exported and taken over by Besu or GoQuorum nodes, which execute and check every one
of them again.

What it does not give is distributed trust. **One machine holds all validators' keys**, so whoever owns the machine can
write any history. `BANNER` says so, and whatever opens a ledger is to show it.

What it keeps it does not believe either: every node, look-up, seal and log is checked when it is read (`chain.store`), and what was
sealed is marked outside the database, so that a damaged, copied or restored file is noticed before it seals a second history
(`chain.mark`). What only stops publishing (clock, disk, keys) leaves reading alone and is told at once (`chain.trouble`).

It trusts nothing it is sent: a transaction is decoded, its signature recovered, its nonce compared. It judges no
evidence: the verifier shares no line with it, so a bug here cannot agree with itself there. It never sees a private
key: validators sign through `Sealer`.
"""

from aeo_ledger.chain.check import Checked, check_ledger
from aeo_ledger.chain.clock import Clock
from aeo_ledger.chain.deployment import run_constructor
from aeo_ledger.chain.genesis import Account, Genesis
from aeo_ledger.chain.ledger import BANNER, EmbeddedLedger
from aeo_ledger.chain.mark import Marks, marks_of_machine
from aeo_ledger.chain.sealing import Receipt, Sealer

__all__ = [
    "BANNER", "Account", "Checked", "Clock", "EmbeddedLedger", "Genesis", "Marks", "Receipt", "Sealer", "check_ledger", "marks_of_machine",
    "run_constructor",
]  # fmt: skip
