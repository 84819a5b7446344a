"""A document and its salt are kept before they are published, and once."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from aeo_ledger.errors.files import FileUnavailable, UnreadableFile
from aeo_ledger.registers.documents import SALT_BYTES, Documents, open_documents

ENTRY, OTHER = b"\1" * 32, b"\2" * 32
DOCUMENT = {"tin": "BY1", "name": "\u0422\u2028\x85\x0cé"}


def test_a_try_that_failed_leaves_its_salts_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "documents"
    first = open_documents(path, secrets.token_bytes)
    salt = first.salt(ENTRY, DOCUMENT)
    first.save()
    kept = path.read_bytes()
    for _ in range(3):
        again = open_documents(path, secrets.token_bytes)
        assert again.salt(ENTRY, dict(reversed(DOCUMENT.items()))) == salt
        again.save()
        assert path.read_bytes() == kept
    assert json.loads(kept) == {"entry": ENTRY.hex(), "salt": salt.hex(), "document": DOCUMENT}


def test_another_document_or_another_entry_has_a_salt_of_its_own() -> None:
    lines: list[str] = []
    documents = Documents(secrets.token_bytes, keep=lines.extend)
    salts = {
        documents.salt(entry, document)
        for entry in (ENTRY, OTHER)
        for document in (DOCUMENT, {**DOCUMENT, "tin": "BY2"})
    }
    assert len(salts) == 4
    assert {len(salt) for salt in salts} == {SALT_BYTES}
    documents.save()
    documents.save()
    assert len(lines) == 4


@pytest.mark.parametrize("line", ["", "{", "[]", '{"entry": 1}', '{"entry": "01", "salt": "xx", "document": {}}'])
def test_a_line_that_a_crash_cut_short_is_passed_over(tmp_path: Path, line: str) -> None:
    path = tmp_path / "documents"
    first = open_documents(path, secrets.token_bytes)
    salt = first.salt(ENTRY, DOCUMENT)
    first.save()
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    second = open_documents(path, secrets.token_bytes)
    assert second.salt(ENTRY, DOCUMENT) == salt
    other = second.salt(OTHER, DOCUMENT)
    second.save()
    assert open_documents(path, secrets.token_bytes).salt(OTHER, DOCUMENT) == other


@pytest.mark.parametrize("salt", ["", "00" * 31, "00" * 33])
def test_a_salt_of_another_length_is_not_used(salt: str) -> None:
    line = json.dumps({"entry": ENTRY.hex(), "salt": salt, "document": DOCUMENT})
    assert len(Documents(secrets.token_bytes, kept=[line]).salt(ENTRY, DOCUMENT)) == SALT_BYTES


def test_where_nothing_can_be_kept_it_is_said(tmp_path: Path) -> None:
    documents = open_documents(tmp_path / "absent" / "documents", secrets.token_bytes)
    documents.save()
    documents.salt(ENTRY, DOCUMENT)
    with pytest.raises(FileUnavailable):
        documents.save()
    with pytest.raises(UnreadableFile):
        open_documents(tmp_path, secrets.token_bytes)
