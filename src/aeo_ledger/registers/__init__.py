"""Whole registers: files as administrations keep them, and what leads from a file to the ledger and back.

    files       `open_sheet` reads a file of any form (`as_csv`, `as_json`, `as_xlsx`, `encodings`) to a `sheet`; `profile` says what its
                headings and words mean (`layout`, `days`); `read` and `read_row` make certificates of its rows, each a `row` with the plain
                `columns`, or say what is wrong, and what a spreadsheet did (`mangled`). `shipped` profiles come with the package, and
                `propose_profile` drafts one
    ledger      `state` of a register, proven from one snapshot; what is `due` in it
    book        `book`: documents with their salts, plans, signed acts, and who did what; `book_place`, `book_tables`, `book_rows`,
                `documents`, the `journal` of single acts. `take_over` reads what earlier versions kept, and `disclosure` says who may read
                 them; `find_documents` of standings, there and in files
    plan        `compare` a row, `draw` a `plan` within the safety `valve`, `planning` and `tell` it
    apply       `apply`: sign a plan and carry it out
    export      `export`: a register, or all that is `recognised`, goes out as a `table` in any form (also `as_parquet`)
    samples     `sample`

One act on one certificate is in `office`; this room builds on it. The book needs the extra `office`, and so does everything that publishes
a whole register: no commitment may be without its document.
"""
