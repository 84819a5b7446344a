"""The gateway and its client: both ends of one HTTP interface.

Where a line belongs:

    the whole       app; strict refuses what two readers could read differently, limits says what a request costs and when it waits
    what is asked   questions, recognitions, corridors, trqp (routes); answers (what they give)
    what is told    registers with cursor, everything, proofs (routes); documents with library and used_requests, for those entitled
    news            news (route), journal (what it tells from); webhooks with webhook_file and webhook_store, for those who cannot listen
    who may ask     access (the rule), token (whose key signed), askers (whom the key serves), hosts (for which gateway), counts (how often)
    how it runs     operation (routes) with readiness; observe tells metrics and logs of each request; record counts what was told, and
                    statistics shows it
    the other end   client, which needs only the base install; line and opening reach gateways, manifest and listen read what they say,
                    place is the file of a listener
    both ends       wire (JSON), media (JSON or CBOR), problems (errors), freshness (tags); schemas and page describe all to readers

Only `problems` knows HTTP status, only `wire` the JSON of parties and arrangements, only `media` the two forms of an answer, and only
`limits` the cost of a request: its queue, and how many are processed at a time.

Nothing that crosses this interface is trusted: answers carry evidence, acts carry signatures.
"""
