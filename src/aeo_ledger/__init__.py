"""AEO Ledger: shared status of Authorized Economic Operator certificates, with evidence that its reader checks."""
