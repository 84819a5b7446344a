"""The customs model: what a customs lawyer means by a party, a certificate, an arrangement, a decision.

It holds three things. The *nouns*: `party`, `country`, `standing`, `arrangement`, `certificate`, `tin`. The *decision*
about them: `decision`, for now or for a past time (`as_of`, `history`). The *rules* by which acts change them: `lifecycle`,
`publication`, `governance`, `autonomy`, `arrangement_rules`, `validators`, `aliases`. These rules equal the contracts'
rules; `tests/contracts` compares them act by act. Each fact has one row: `status_events` has one for each kind of status
event, `countries` has one for each country.

Everything is pure: frozen values go in and come out, time is an argument, and a refusal is an error with the contract's
own code (`refusals`).

Bytes are the work of `protocol`, proofs of `verify`, keys of `signing`.
"""
