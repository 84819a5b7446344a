"""The customs model: what a customs lawyer means by a party, a certificate, an arrangement, a decision.

Two things are here. The *nouns* (`party`, `country`, `standing`, `arrangement`, `certificate`, `tin`) and the *decision* over
them (`decision`), for now or for a past time (`as_of`, `history`); and the *rules* by which acts change them (`lifecycle`,
`publication`, `governance`, `autonomy`, `arrangement_rules`, `validators`, `aliases`), the same rules as the contracts',
held to them act by act in `tests/contracts`. What is one fact is one row: `status_events` has one for each kind of status
event, `countries` one for each country. All of it is pure: frozen values in, frozen values out, time an argument, a
refusal an error with the contract's own code (`refusals`).

It knows no bytes (that is `protocol`), judges no proof (`verify`) and holds no key (`signing`).
"""
