"""Offices: one module for each act that an officer would name.

`found` a network and `run` it; `govern` it; `succeed` it by another (`successor` writes that one's folder); `conclude` an
arrangement; `import_register`; `change_status` (grant, suspend, ...) and `publish`; `withhold`; `ask` and `prove` (with
`collect_history` for past times); `gather` signatures, `relay` and `rehearse` what others signed. Each is made of the
layers below and leaves words on a terminal or a wire to those above. An office trusts its own keys and its own trust
bundle; what a ledger or gateway tells it is checked by the contract (acts) or by `verify` (answers).

`found`, `run`, `succeed`, `prove`, `collect_history`, `relay` and `rehearse` stand at a ledger and need the extra
`[ledger]`; the others need the base install alone.
"""
