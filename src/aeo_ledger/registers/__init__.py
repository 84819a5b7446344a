"""Whole registers: files as administrations keep them, and what leads from a file to the ledger and back.

    files       `columns` of the plain form
    ledger      `state`, `import_register`
    documents   `documents` that commitments bind, with their salts
    samples     `sample`

One act on one certificate is in `office`; this room builds on it. Reading a plain file needs the base install; the book and other forms of
files need the extra `office`.
"""
