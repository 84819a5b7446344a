"""The command line: one module per verb. A verb reads its arguments, calls an office and writes the answer, with --json for machines."""
