"""HTTP for clients and servers, in bounded time and memory, whatever the other side does.

This package answers "what can a stranger cost me?". `exchange` is the client: it limits the size of an answer, before and after
decompression, and its time. The other modules are the server (extra `[gateway]`): `connection` drops incomplete requests and clients
that do not read, `guard` limits a body and checks the `Host`, `queue` limits how many requests run and wait.

It knows no paths and no methods of JSON-RPC: its users choose a request's queue, and the form of a refusal.
"""
