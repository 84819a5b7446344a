"""The prover: it has access to a ledger, and makes evidence for those who do not trust it. Needs the extra `[ledger]`.

`prove` proves an answer, with the `history` that past times need. `updates` proves changes of the validators, `ancestry` that one block is an
ancestor of another. `index` keeps all words in memory, in the `trie` of each contract, and in a database (`index_store`, with the past in
`archive` and `remembered`; these need the extra `[gateway]`); `indexed` is the port to a ledger that has one. `relay` sends
signed acts, and `rehearse` checks publications before that.
No module here has authority: a relay's key pays no fee and signs no act, and `verify` checks every proof at the receiver.
"""
