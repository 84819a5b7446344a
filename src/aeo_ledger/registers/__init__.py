"""Whole registers: files as administrations keep them, and what leads from a file to the ledger and back.

    files       `open_sheet` reads a file of any form (`as_csv`, `as_json`, `as_xlsx`, `encodings`) to a `sheet`; `profile` says what its
                headings and words mean (`layout`, `days`); `read` and `read_row` make certificates of its rows, each a `row` with the plain
                `columns`, or say what is wrong, and what a spreadsheet did (`mangled`)
    ledger      `import_register`
    documents   `documents` that commitments bind, with their salts
    samples     `sample`

One act on one certificate is in `office`; this room builds on it. Reading a plain file needs the base install; the book and other forms of
files need the extra `office`.
"""
