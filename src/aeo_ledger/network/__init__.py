"""Networks: found one, run it on this machine, move it to real nodes, replace it by a successor. Needs the extra `[ledger]`.

`found` makes the folder: keys, genesis, the `places` of block 0 and, for real nodes, the files of an `engine`. `run` runs an embedded
network; `reach` connects to one whose nodes run elsewhere. `check` and `audit` check the stored blocks. `graduate` moves the network to real
nodes, block for block. `succeed` derives a successor, and `successor` writes its folder.
"""
