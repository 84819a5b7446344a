"""The gateway: HTTP at both ends.

`app` answers border systems and relays signed acts (FastAPI, extra `[gateway]`); `client` is the other end of the same wire and needs the
base install alone. `problems` is the one place that knows HTTP status, `wire` the one that knows the JSON of parties and arrangements,
`limits` the one that knows what costs how much: which queue a request takes, and how many are worked on at a time.

What is trusted: nothing that crosses this wire. Answers carry evidence, acts carry signatures.
"""
