"""The command line: one module per verb. It reads words, calls an office and writes the answer for people or, with --json, for machines."""
