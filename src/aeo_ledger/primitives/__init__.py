"""Bytes, numbers, hashes and the curve. Every layer above needs them. They carry no customs meaning.

Each module is strict: a value has exactly one accepted form, and any other form is `Malformed`. Nothing here trusts or
decides anything. It reads, writes and computes.
"""
