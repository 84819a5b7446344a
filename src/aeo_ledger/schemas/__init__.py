"""The form of every document that travels or is mailed: one description of each, from which JSON Schema and CDDL are made.

The schemas are for programs in other languages that write or read these documents. This project's own readers do not use them: their
rules are stricter (an order, a sum, a reference). `shapes` has the few kinds of values that documents are made of, and writes them in
both languages, and `parts` the members that many documents share. `documents` has one description of each format; the long ones are
in `acts`, `plans` and `profiles`. The schemas are files in this folder: `NAME.schema.json` for a form in
JSON or TOML, `NAME.cddl` for a form in CBOR. `scripts/schemas` writes them, and `scripts/schemas --check` compares them.

Source: JSON Schema 2020-12; RFC 8610 (CDDL).
"""

from aeo_ledger.schemas.documents import DOCUMENTS, Description
from aeo_ledger.schemas.shapes import write_cddl, write_json_schema

__all__ = ["DOCUMENTS", "Description", "write_all", "write_cddl", "write_json_schema"]


def write_all() -> dict[str, str]:
    """Write every schema: text by file name."""
    written = {}
    for name, document in DOCUMENTS.items():
        if document.in_json:
            written[f"{name}.schema.json"] = write_json_schema(document.shape, name=name, title=document.about)
        if document.in_cbor:
            written[f"{name}.cddl"] = write_cddl(document.shape, name=name, title=document.about)
    return written
