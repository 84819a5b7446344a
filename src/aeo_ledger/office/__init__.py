"""The acts of an office: one module for each act that an officer would name. They need only the base install.

    acts        `conclude` an arrangement; `change_status` of a certificate (grant, suspend, ...); `publish` status events;
                `withhold` benefits; `govern` the network; `gather` signatures, also by mail
    how         the words that an act depends on (`footing`) are proven (`proven_desk`); the act is shown in words (`telling`),
                signed and relayed. It counts as done only when it is proven to be sealed (`carry_out`, `outcome`)
    answers     `ask` and `archive`; `snapshot`; `trust` and `trust_store`

An office trusts its own keys and its own trust bundle. `verify` checks everything that a ledger or a gateway says. The code that
makes evidence is in `prover`; whole registers, their files and their book are in `registers`; the code that founds and runs a ledger is in `network`.
"""
