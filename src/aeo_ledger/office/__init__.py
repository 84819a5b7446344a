"""The acts of an office: one module for each act that an officer would name. They need only the base install.

    acts        `conclude` an arrangement; `change_status` of a certificate (grant, suspend, ...); `publish` status events;
                `withhold` benefits; bind an `alias`, also from an `alias_file`; `govern` the network; `draft_acts` of parties and seats;
                `complete` a replacement; `gather` signatures, also by mail
    how         the words that an act depends on (`footing`) are proven (`desk`, `proven_desk`, `parties`, `prefixes`); the act is shown in
                words (`telling`, with `telling_events`, `telling_parties`, `telling_terms`) and rehearsed (`rehearse`); those sign who must
                (`who_signs`, `whose_key`). It is done only when it is proven to be sealed (`carry_out`, `outcome`)
    answers     `ask`, also about the `other_form` of a number; `everywhere`; `archive`; `snapshot`; `trust` and `trust_store`
    words       `naming` of bits and counts; the `calendar` of a party

An office trusts its own keys and its own trust bundle. `verify` checks everything that a ledger or a gateway says. The code that
makes evidence is in `prover`; whole registers, their files and their book are in `registers`; the code that founds and runs a ledger is in `network`.
"""
