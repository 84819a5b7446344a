"""Networks: found one, run it on this machine, move it to real nodes, replace it by a successor. Needs the extra `[ledger]`.

founding    `found` makes the folder: keys, genesis, the `places` of block 0
one machine `run` runs an embedded network; `check` and `audit` check its stored blocks
real nodes  `layout` is the file that people edit; `render` writes from it what runs each `engine`, with containers (`compose`) and `bare`, and the
pages of `operation`; `reach` connects to nodes that run elsewhere, with a `relay_key`, and may keep its index behind an `index_secret`; `doctor`
collects facts about the nodes, and `diagnosis` judges them
moving      `graduate` moves an embedded network to real nodes, block for block; `succeed` derives a successor, and `successor` writes
its folder
"""
