"""The embedded ledger: one py-evm chain in one process, sealed with real QBFT headers, kept in one SQLite file.

It answers "what would a consortium's network have recorded?" without a network: the same contracts, the same blocks, the same seals.
Besu and GoQuorum nodes can import its blocks; they execute and check each of them again.

It gives no distributed trust. **One machine holds all validators' keys**, so the owner of that machine can write any history. `BANNER`
says so; every program that opens a ledger must show it.

It does not trust its own file. Every node, look-up, seal and log is checked when it is read (`chain.store`). Every sealed block is also
marked outside the database, so that a damaged, copied or restored file is noticed before it seals a second history (`chain.mark`). A fault
that stops publishing only (clock, disk, keys) does not stop reading, and is reported at once (`chain.trouble`).

It does not trust its input: it decodes each transaction, recovers the signature and compares the nonce. It verifies no evidence: the
verifier shares no code with it, so that one bug cannot be in both. It never sees a private key: validators sign through `Sealer`.
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
