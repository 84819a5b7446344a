"""The laboratory: what does a ledger change for mutual recognition, in figures that can be rerun, criticised and cited?

One trace of events (grants, suspensions, revocations) of a scenario goes through rival channels: mailed files, web services, a central
database, signed lists, and the real ledger of this project. What each partner knows, and when, is measured on the same trace. The ledger is
not modelled: its acts are signed, sealed and verified, on a simulated clock.

It must be able to lose. No conclusion is written by hand: the report compares figures.

It trusts its parameters. Each has its source, or is marked *assumed*. It does not measure a real network between machines.
"""
