"""Whole registers: files as administrations keep them, and what leads from a file to the ledger and back.

    files       `columns` of the plain form, `parse` it, a `row`
    ledger      `state` of a register, proven from one snapshot
    book        `book`: documents with their salts, plans, signed acts, and who did what; `book_place`, `book_tables`, `documents`
    plan        `compare` a row, `draw` a `plan` within the safety `valve`, `planning` and `tell` it
    apply       sign a plan and carry it out
    samples     `sample`

One act on one certificate is in `office`; this room builds on it. The book needs the extra `office`, and so does everything that publishes
a whole register: no commitment may be without its document.
"""
