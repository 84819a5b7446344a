"""The gateway and its client: both ends of one HTTP interface.

`app` answers border systems and relays signed acts (FastAPI, extra `[gateway]`). Its routes of `questions` give `answers`, those of
`documents` what is disclosed; `strict` refuses what two readers could read differently, `schemas` describes everything for OpenAPI, and `page`
shows that to people. `client` is the other end and needs only the base install; its `line`, from `opening`, tries one gateway after another.

Only `problems` knows HTTP status, only `wire` the JSON of parties and arrangements, only `media` the two forms of an answer, and only
`limits` the cost of a request: its queue, and how many are processed at a time.

Nothing that crosses this interface is trusted: answers carry evidence, acts carry signatures.
"""
