"""The prover: whatever stands at a ledger and makes evidence for somebody who does not trust it. Needs the extra `[ledger]`.

`prove` an answer, with the `history` of past times; `updates` of trust and `ancestry` of a block; the storage `replica` behind a
snapshot; the `relay`, which takes signed acts, `rehearse`s publications and sends them. Nothing here has a say: a relay's key pays
no fee and signs no act, and every proof is judged by `verify` where it arrives.
"""
