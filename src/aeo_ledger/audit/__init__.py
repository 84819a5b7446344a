"""Audit: check that every block of a chain is valid, by executing all blocks again from block 0.

Anybody can run it who has the blocks (an export, or a node that serves them) and the network's genesis file. It shares no code with the
embedded ledger: it uses unmodified py-evm, under the rules that the genesis file names, Berlin's to Prague's. It checks of each block:

- its parent is the block before, its form is one that QBFT allows, and its header has the fields of its rules;
- its header commits to its transactions;
- a quorum of the validators that `getValidators()` named after the block before have sealed it;
- its base fee follows from its parent, or is 0 where the genesis says so;
- executing it gives the state, receipts and gas in its header;
- every act that took effect has signatures only of keys that the ledger knows.

Of a block under rules that this version does not know, it says just that, and judges none that follows.

It trusts the genesis file, unless a trust bundle pins its hash. It cannot tell whether the validators sealed a second chain, or whether
the recorded facts are true.
"""

from aeo_ledger.audit.auditor import Auditor, check_links
from aeo_ledger.audit.report import Finding, Report, audit_blocks
from aeo_ledger.audit.sources import read_blocks, request_blocks

__all__ = ["Auditor", "Finding", "Report", "audit_blocks", "check_links", "read_blocks", "request_blocks"]
