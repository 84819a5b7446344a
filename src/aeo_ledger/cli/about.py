"""`aeo-ledger about`: the pages and forms that the package carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.options import AsJson
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.primitives.choices import choose


@reporting
def about(
    name: Annotated[
        str | None, typer.Argument(help="Name of the page or form; without it, all names are listed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what this package contains beside its code: licence, changes, security, decisions, forms of documents, and files to run a gateway."""
    pages = list_pages()
    if name is None:
        show({"pages": sorted(pages)}, as_json=as_json, lines=sorted(pages))
        return
    page = choose(name, sorted(pages), what="page")
    text = pages[page].read_text(encoding="utf-8")
    show({"page": page, "text": text}, as_json=as_json, lines=text.splitlines())


def list_pages() -> dict[str, Path]:
    """List the pages by name. A page has a bare name; the name of a form ends with its language, as in `trust.schema.json`."""
    package = Path(__file__).parents[1]
    folders = (package, package / "decisions", package / "schemas", package / "service")
    files = [file for folder in folders for file in folder.iterdir()]
    return {
        file.name.removesuffix(".md").lower(): file
        for file in files
        if file.name.endswith((".md", ".json", ".cddl", ".service")) or file.name in {"LICENSE", "Containerfile"}
    }
