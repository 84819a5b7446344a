"""The form of every document that travels or is mailed: one description of each, from which JSON Schema and CDDL are written.

Readers of this project do not use it: they refuse by their own rules, which are stricter (an order, a sum, a reference). It is
for whoever writes or reads these documents in another language. `shapes` has the few kinds of value that documents are made of
and the two ways to write them down; `documents` has one description a format. The written files stand beside this one:
`NAME.schema.json` where there is a form in JSON or TOML, `NAME.cddl` where there is one in CBOR. `scripts/schemas` writes them,
`scripts/schemas --check` compares.

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
