"""Offices: one module for each act that an officer would name. They need the base install alone.

    acts        `conclude` an arrangement; `change_status` of a certificate (grant, suspend, ...); `publish` status events;
                `import_register`; `withhold` benefits; `govern` the network; `gather` signatures, which go round by mail
    how         an act is made on a `proven_desk`, of what it rests on (`footing`), shown in words (`telling`), signed,
                relayed, and done only once it is proven to be sealed (`carry_out`, `outcome`)
    answers     `ask` and `archive`; `snapshot`; `trust` and `trust_store`

An office trusts its own keys and its own trust bundle. What a ledger or a gateway tells it is checked by `verify`. What makes
evidence is in `prover`; what founds and runs a ledger is in `network`.
"""
