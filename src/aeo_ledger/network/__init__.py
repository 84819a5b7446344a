"""Networks: founding one, running it on this machine, and handing it on. Needs the extra `[ledger]`.

`found` one (its folder, keys, genesis, `places` of block 0 and, for real nodes, what an `engine` needs); `run` an embedded one,
or `reach` one whose nodes are elsewhere; `check` and `audit` what is stored; `graduate` it to real nodes block for block; `succeed`
it by another, whose folder `successor` writes.
"""
