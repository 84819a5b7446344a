"""Audit: is every block of a chain what its validators were entitled to seal? Executed again, one after another, from block 0.

For anybody who has the blocks (an export, or a node that hands them out) and the network's genesis file. It shares no line
with the embedded ledger: py-evm executes as it comes, under Berlin's rules. Of each block it checks that it stands on the one
before, has a form that QBFT allows, holds the transactions that its header commits to, is sealed by a quorum of those
whom `getValidators()` named after the block before, and leaves the state, receipts and gas that its header says; and of
each act that took effect, that every signature under it is by a key which the ledger knows.

What it trusts: the genesis file, unless a trust bundle is given, which pins its hash. What it cannot tell: whether this is
the only chain that those validators sealed, and whether what they recorded is true.
"""

from aeo_ledger.audit.auditor import Auditor, check_links
from aeo_ledger.audit.report import Finding, Report, audit_blocks
from aeo_ledger.audit.sources import read_blocks, request_blocks

__all__ = ["Auditor", "Finding", "Report", "audit_blocks", "check_links", "read_blocks", "request_blocks"]
