"""Ask: put a question as people do, and prove the answer from evidence that somebody else made."""

from __future__ import annotations

from pathlib import Path

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.errors import MalformedText, UnreadableFile
from aeo_ledger.evidence import Evidence, Question, decode_cbor, decode_json, encode_cbor, encode_json
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.verify import TrustBundle, parse_trust


def read_question(
    tin: str,
    recogniser: str,
    direction: str,
    role: str,
    certificate_type: str | None = None,
    register: str | None = None,
    on: str | None = None,
    known: str | None = None,
) -> Question:
    """Read a question from the words that people and query strings use.

    Raises:
        MalformedTin: the TIN is none.
        MalformedText: another word is not known.
    """
    return Question(
        tin=Tin(tin),
        recogniser=recogniser,
        direction=Direction(_choose(direction, Direction, "direction")),
        role=Role(_choose(role, Role, "role")),
        certificate_type=certificate_type,
        register=register,
        on=_read_time(on, recogniser, "on"),
        known=_read_time(known, recogniser, "known"),
    )


def _read_time(text: str | None, recogniser: str, what: str) -> int | None:
    """Read seconds, a day of the recogniser's, or a moment with its offset."""
    if text is None:
        return None
    seconds = text.isascii() and text.isdigit() and len(text) < 12
    moment = int(text) if seconds else parse_moment(text, recogniser, what=what)
    if not 0 < moment < 1 << 32:
        raise MalformedText(what, repr(text)[:40], "a time between 1970 and 2105")
    return moment


def _choose(text: str, words: type[Direction] | type[Role], what: str) -> int:
    names = {word.name.lower(): word.value for word in words}
    if text not in names:
        raise MalformedText(what, repr(text), f"one of {', '.join(names)}")
    return names[text]


def read_trust(path: Path) -> TrustBundle:
    """Read the trust bundle that the asker pinned: always a local file.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument: it is none.
    """
    return parse_trust(read_file(path))


def read_evidence(path: Path) -> Evidence:
    """Read evidence in either form; a JSON document begins with a brace, a CBOR map never does.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument, MalformedTin: it is none.
    """
    data = read_file(path)
    return decode_json(data) if data.lstrip()[:1] == b"{" else decode_cbor(data)


def write_evidence(path: Path, evidence: Evidence) -> None:
    """Write evidence: as CBOR where the name ends in `.cbor`, else as JSON.

    Raises:
        UnreadableFile: it cannot be written.
    """
    write_file(path, encode_cbor(evidence) if path.suffix == ".cbor" else f"{encode_json(evidence)}\n".encode())


def write_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        UnreadableFile: it cannot be written.
    """
    making = path.with_name(f".{path.name}.making")
    try:
        making.write_bytes(data)
        making.replace(path)
    except OSError as error:
        raise UnreadableFile(path=str(path), detail=error.strerror or str(error)) from error


def read_file(path: Path) -> bytes:
    """Read a file.

    Raises:
        UnreadableFile: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=str(path), detail=error.strerror or str(error)) from error
