"""HTTP at both ends, in bounded time and memory, whatever is at the other one.

It answers "what can a stranger cost me?". `exchange` is the end that asks: an answer has a size and a time, before and
after decompression. The other modules are the end that is asked (extra `[gateway]`): `connection` drops half requests
and readers that stand still, `entrance` bounds a body and looks at the `Host`, `door` lets so many through at a time
and keeps a short line before it.

It knows neither paths nor methods of JSON-RPC: who uses it says which door a request takes, and how a refusal looks.
"""
