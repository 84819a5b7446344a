"""The text of an arrangement as somebody holds it: a file, such as a PDF, compared byte for byte with the one that the act binds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli.screen import named
from aeo_ledger.errors.cli import OtherText
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import hash_file
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.wording.words import Words

Text = Annotated[
    Path | None,
    typer.Option(
        "--text",
        metavar="FILE",
        help="The arrangement's text as you hold it, such as a PDF. If the act binds another text, this is refused.",
    ),
]


def compare_text(path: Path | None, act: SignedAct | None) -> dict[str, Any] | None:
    """Demand that a file is the text that an act binds, and describe it for `--json`; None if no file is named.

    Args:
        path: The file.
        act: The act; None if it is a plan, which binds no text.

    Raises:
        MalformedText: the act binds no text.
        OtherText: it binds another one.
        UnreadableFile, OversizedFile: the file cannot be read.
    """
    if path is None:
        return None
    needed = None if act is None else act.values.get("text")
    if not isinstance(needed, bytes):
        raise MalformedText("--text", str(path), "no such option: this act binds no text, only an arrangement does")
    found = hash_file(path)
    if found != needed:
        raise OtherText(path=str(path), found=found, needed=needed)
    return {"file": str(path), "keccak256": to_hex(found), "equal": True}


def tell_text(compared: dict[str, Any] | None, words: Words) -> list[str]:
    """Say that a file is the text; nothing if no file was named."""
    if compared is None:
        return []
    return [words.say("{file} is the text that this act binds, byte for byte", file=named(compared["file"]))]
