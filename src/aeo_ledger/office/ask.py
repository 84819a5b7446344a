"""Ask a question in the words that people use, and prove the answer from evidence that somebody else made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias, TypeVar

from aeo_ledger.customs.alias_codes import name_kind, read_alias
from aeo_ledger.customs.tin import read_tin
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.files import OversizedFile, UnreadableFile
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.verify import OtherQuestion
from aeo_ledger.evidence import (
    EVIDENCE_FORM,
    AliasQuestion,
    AnyQuestion,
    Evidence,
    Question,
    decode_question,
    encode_question,
)
from aeo_ledger.evidence.question import MAX_NAME
from aeo_ledger.files import write_file
from aeo_ledger.office.calendar import parse_moment, show_moment, write_moment
from aeo_ledger.office.trust_store import read_newest
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.documents import Fields, Value, parse_json
from aeo_ledger.primitives.forms import Form
from aeo_ledger.primitives.hashes import keccak256_of
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify import TRUST_FORM, TrustBundle
from aeo_ledger.verify.trust import MAX_BYTES as LARGEST_TRUST
from aeo_ledger.wording.words import ENGLISH, Words

LARGEST_FILE: Final = 1 << 26
"""Most bytes that are read of a file without a limit of its own: the limit of evidence, which is the longest document."""

LARGEST_HASHED: Final = 1 << 30
"""Most bytes of a file that is only hashed: a scanned text with its annexes fits."""

_PART: Final = 1 << 20
"""Bytes that are read at a time to be hashed."""

T = TypeVar("T")

Put: TypeAlias = Callable[[Path, bytes], None]
"""Writes bytes under a name, as `write_file` does; a name may also stand for something other than a file."""

_STREAMS: Final = ("/dev/", "/proc/")
"""The folder whose names are files already open, such as standard input. A pipe elsewhere may have no writer."""

_CODE: Final = re.compile(r"[A-Z]{2,6}")

_GENESIS: Final = "genesis"
_LARGEST_GENESIS: Final = 1 << 26
"""Most bytes that are read of a genesis file; a file with two contracts has a tenth of a mebibyte."""


def read_question(
    tin: str,
    recogniser: str,
    direction: str,
    role: str,
    certificate_type: str | None = None,
    register: str | None = None,
    on: str | None = None,
    known: str | None = None,
    *,
    accept_odd: bool = False,
) -> Question:
    """Read a question from the words that people and query strings use; see `read_tin` for `accept_odd`.

    Raises:
        MalformedTin: the TIN is malformed.
        MalformedText: another word is not known.
    """
    asked = read_circumstances(recogniser, direction, role, certificate_type, register, on, known)
    return Question(tin=read_tin(tin, accept_odd=accept_odd), **asked)


def read_any_question(
    tin: str | None, alias: str | None, kind: str | None, *circumstances: str | None, accept_odd: bool = False
) -> AnyQuestion:
    """Read a question about a TIN, or about an alias with or without its kind; the rest is as in `read_question`.

    Raises:
        MalformedTin, MalformedAlias: the trader's number or code is malformed.
        MalformedText: there is not exactly one of them, or another word is not known.
    """
    if (tin is None) == (alias is None):
        raise MalformedText("trader", "neither TIN nor alias" if tin is None else "a TIN and an alias", "one of them")
    if kind is not None and alias is None:
        raise MalformedText("kind", kind, "an alias too")
    asked = read_circumstances(*circumstances)
    if alias is not None:
        return AliasQuestion(alias=read_alias(alias, kind), **asked)
    return Question(tin=read_tin(tin or "", accept_odd=accept_odd), **asked)


def read_circumstances(*given: str | None) -> dict[str, Any]:
    """Read everything of a question but its trader, in the order of `read_question`."""
    recogniser, direction, role, certificate_type, register, on, known = given
    return {
        "recogniser": read_code(recogniser or "", "recogniser"),
        "direction": Direction(_choose(direction or "", Direction, "direction")),
        "role": Role(_choose(role or "", Role, "role")),
        "certificate_type": None if certificate_type is None else _read_type(certificate_type),
        "register": None if register is None else read_code(register, "register"),
        "on": _read_time(on, recogniser or "", "on"),
        "known": _read_time(known, recogniser or "", "known"),
    }


def tell_question(question: AnyQuestion, words: Words = ENGLISH) -> str:
    """Write a question for its asker: each time in UTC and also by the recogniser's calendar, because its days are meant."""
    return question.told(partial(show_moment, party=question.recogniser, words=words), words)


@contextmanager
def in_words_of(question: AnyQuestion) -> Iterator[None]:
    """Show the question of an `Unproven` error in the words of `tell_question`."""
    try:
        yield
    except OtherQuestion as error:
        error.asked = tell_question(question)
        raise
    except AeoLedgerError as error:
        error.show_day = partial(show_moment, party=question.recogniser)
        raise


def _read_time(text: str | None, recogniser: str, what: str) -> int | None:
    """Read a day of the recogniser's calendar, or a moment with its offset."""
    return None if text is None else parse_moment(text, recogniser, what=what)


def read_asked(fields: Fields, *, accept_odd: bool = False) -> AnyQuestion:
    """Read a question from an object: the keys are those of evidence, and times are written as people write them.

    Raises:
        MalformedTin, MalformedAlias, MalformedText, MalformedDocument: as `read_any_question` does.
    """
    question = decode_question(fields, read_time=_read_moment)
    if isinstance(question, Question):
        read_tin(question.tin.text, accept_odd=accept_odd)
    else:
        read_alias(question.alias.code, name_kind(question.alias.kind))
    return question


def write_asked(question: AnyQuestion) -> dict[str, Value]:
    """Write a question so that `read_asked` and `read_question` can read it."""
    times = {"on": question.on, "known": question.known}
    return encode_question(question) | {key: write_moment(time) for key, time in times.items() if time is not None}


def _read_moment(fields: Fields, key: str) -> int:
    value = fields.value(key)
    if not isinstance(value, str):
        fields.refuse(key, "needed a day such as 2019-07-24, or a moment such as 2019-07-24T09:00:00+08:00")
    return parse_moment(value, str(fields.value("recogniser")), what=key)


def _choose(text: str, words: type[Direction] | type[Role], what: str) -> int:
    names = {word.name.lower(): word.value for word in words}
    return names[choose(text, names, what=what)]


def read_code(text: str, what: str) -> str:
    """Read a party's code; the trust bundle need not know it."""
    if not _CODE.fullmatch(text):
        needed = f"exactly {text.strip().upper()}" if _CODE.fullmatch(text.strip().upper()) else "a code such as CN"
        raise MalformedText(what, ascii(text[:40]), needed)
    return text


def _read_type(text: str) -> str:
    """Read the name of a certificate type; the trust bundle need not know it."""
    if not text.isprintable() or not 1 <= len(text) <= MAX_NAME:
        raise MalformedText("type", ascii(text[:40]), f"a name of 1 to {MAX_NAME} printable characters")
    return text


def read_trust(path: Path) -> TrustBundle:
    """Read the trust bundle that the asker pinned: a local file, or the newest bundle of a local store.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
        MalformedDocument: it is not a trust bundle.
        TrustStoreDamaged, FileUnavailable: as `read_newest` does.
    """
    return read_newest(path) if path.is_dir() else TRUST_FORM.decode_json(read_file(path, max_bytes=LARGEST_TRUST))


def contracts_of(trust: TrustBundle) -> dict[Contract, bytes]:
    """List the contracts' addresses, 20 bytes each."""
    return {contract: trust.address(contract) for contract in Contract}


def read_genesis_file(path: Path) -> dict[str, Any]:
    """Read a network's genesis file without interpreting it.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument: it is not a JSON object.
    """
    document: Any = parse_json(read_file(path), document=_GENESIS, max_bytes=_LARGEST_GENESIS)
    if not isinstance(document, dict):
        raise MalformedDocument(_GENESIS, "", "needed an object")
    return document


def read_evidence(path: Path) -> Evidence:
    """Read evidence as JSON or CBOR.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
        MalformedDocument, MalformedTin: it is not evidence.
    """
    return EVIDENCE_FORM.decode(read_file(path))


def write_evidence(path: Path, evidence: Evidence, put: Put | None = None) -> None:
    """Write evidence: as CBOR if the name ends in `.cbor`, else as JSON.

    Raises:
        FileUnavailable: it cannot be written.
    """
    (put or write_file)(path, encode_as_named(path, EVIDENCE_FORM, evidence))


def encode_as_named(path: Path, form: Form[T], content: T) -> bytes:
    """Encode a document as its file's name asks: CBOR if the name ends in `.cbor`, in capitals or not, else JSON."""
    if path.suffix.lower() == ".cbor":
        return form.encode_cbor(content)
    return form.encode_file(content)


def read_file(path: Path, *, max_bytes: int = LARGEST_FILE) -> bytes:
    """Read a file up to a limit: a device or a pipe may never end.

    Raises:
        UnreadableFile: it cannot be read.
        OversizedFile: it is longer than `max_bytes`.
    """
    with _opened(path) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OversizedFile(path=str(path), limit=max_bytes)
    return data


def hash_file(path: Path, *, max_bytes: int = LARGEST_HASHED) -> bytes:
    """Hash a file by keccak256, a part at a time; raises as `read_file` does."""
    read = 0

    def parts(file: BinaryIO) -> Iterator[bytes]:
        nonlocal read
        while read <= max_bytes and (part := file.read(_PART)):
            read += len(part)
            yield part

    with _opened(path) as file:
        digest = keccak256_of(parts(file))
    if read > max_bytes:
        raise OversizedFile(path=str(path), limit=max_bytes)
    return digest


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read it; a failure of the system becomes `UnreadableFile`."""
    try:
        if path.is_fifo() and not str(path).startswith(_STREAMS):
            raise UnreadableFile(path=str(path), detail="it is a pipe, which may never end: write - and pipe it in")
        with path.open("rb") as file:
            yield file
    except (OSError, ValueError) as error:
        detail = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnreadableFile(path=str(path), detail=detail) from error
