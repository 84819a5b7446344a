"""A workshop: people in one room play administrations on a ledger that is founded for that room.

A participant sits at the table of one administration and grants, suspends and concludes; the others' screens change. Signatures, blocks and
proofs are real. What is not: this server made everybody's keys, holds them while the workshop lasts, and signs for whoever sits at a
table. So it opens a network only if block 0 says that it was founded for a demonstration.

*Decision*: participants show the secret of their seat in a header of its own. A cookie would be sent by any page that a browser opens, and
would need a second secret against that; a token of the gateway speaks for a key, which no participant has.
"""
