"""Whole registers: files as administrations keep them, and what leads from a file to the ledger and back.

    files       `open_sheet` reads a file of any form (`as_csv`, `as_json`, `as_xlsx`, `encodings`) to a `sheet`; `profile` says what its
                headings and words mean (`layout`, `days`); `read` and `read_row` make certificates of its rows, each a `row` with the plain
                `columns`, or say what is wrong, and what a spreadsheet did (`mangled`)
    ledger      `state` of a register, proven from one snapshot
    book        `book`: documents with their salts, plans, signed acts, and who did what; `book_place`, `book_tables`, `documents`;
                `find_documents` of standings, there and in files
    plan        `compare` a row, `draw` a `plan` within the safety `valve`, `planning` and `tell` it
    apply       sign a plan and carry it out
    samples     `sample`

One act on one certificate is in `office`; this room builds on it. The book needs the extra `office`, and so does everything that publishes
a whole register: no commitment may be without its document.
"""
