"""Bytes, numbers, hashes and the curve: what every layer above needs and none of it knows customs.

Each module answers one question strictly: a value has exactly one accepted form, whatever else is `Malformed`. Nothing
here trusts anything or decides anything; it reads, writes and computes.
"""
