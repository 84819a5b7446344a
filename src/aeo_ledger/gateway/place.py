"""The file of a listener's place in the news: everything up to there was heard, and the next start goes on from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.errors.gateway import OtherNews
from aeo_ledger.evidence.news import Cursor, read_cursor
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import Fields, Value
from aeo_ledger.primitives.forms import Form

FORMAT: Final = "aeo-ledger/news-place/1"
"""Name and version. Another version is another format."""

_MAX_BYTES: Final = 1 << 13
_MAX_CHAIN: Final = (1 << 64) - 1
_MAX_FILTER: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The news that a listener asks for."""

    chain_id: int
    """Id of the pinned chain; 0 if none is pinned."""
    recogniser: str
    """Its code."""
    registers: str = ""
    """Codes of parties, separated by commas; empty for all."""

    def __str__(self) -> str:
        """Name them."""
        of = f", registers of {self.registers}" if self.registers else ""
        return f"{self.recogniser} on chain {self.chain_id}{of}"


def _encode(place: tuple[Asked, Cursor]) -> dict[str, Value]:
    asked, at = place
    registers: dict[str, Value] = {"register": asked.registers} if asked.registers else {}
    return {"format": FORMAT, "chain": asked.chain_id, "recogniser": asked.recogniser, **registers, "id": str(at)}


def _decode(fields: Fields) -> tuple[Asked, Cursor]:
    fields.demand(("format", "chain", "recogniser", "id"), optional=("register",))
    fields.choice("format", {FORMAT: None})
    asked = Asked(
        chain_id=fields.number("chain", _MAX_CHAIN),
        recogniser=fields.text("recogniser", _MAX_FILTER),
        registers=fields.text("register", _MAX_FILTER) if "register" in fields else "",
    )
    return asked, read_cursor(fields.text("id", 40), "id")


PLACE_FORM: Final = Form("place in the news", _encode, _decode, max_bytes=_MAX_BYTES)
"""A listener's place, as a JSON file."""


def read_place(path: Path, asked: Asked) -> Cursor | None:
    """Read the place up to which a listener heard; None if there is no file yet.

    Raises:
        OtherNews: it is a place in the news of another ledger or recogniser, or of other registers: what was not heard there would be missed.
        UnreadableFile, MalformedDocument, MalformedText: the file cannot be read, or is something else.
    """
    if not path.exists():
        return None
    found, at = PLACE_FORM.decode_json(read_file(path, max_bytes=_MAX_BYTES))
    if found != asked:
        raise OtherNews(path=str(path), found=str(found), needed=str(asked))
    return at


def write_place(path: Path, asked: Asked, at: Cursor) -> None:
    """Write the place up to which a listener heard; the file is whole at every moment.

    Raises:
        FileUnavailable: it cannot be written.
    """
    write_file(path, PLACE_FORM.encode_file((asked, at)))
