"""The gateway and its client: both ends of one HTTP interface.

`app` answers border systems and relays signed acts (FastAPI, extra `[gateway]`); `client` is the other end and needs only
the base install. Only `problems` knows HTTP status, only `wire` knows the JSON of parties and arrangements, and only `limits` knows
the cost of a request: its queue, and how many are processed at a time.

Nothing that crosses this interface is trusted: answers carry evidence, acts carry signatures.
"""
