"""Questions as people and HTTP write them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.chain import ClockDoubtful
from aeo_ledger.errors.customs import HistoryNeeded, MalformedTin
from aeo_ledger.errors.files import OversizedFile, UnreadableFile
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.verify import (
    BelowCheckpoint,
    EventOutOfPlace,
    NotYetProvable,
    SignerNotEntitled,
    Superseded,
    TrustExpired,
)
from aeo_ledger.evidence import encode_question
from aeo_ledger.office.ask import hash_file, read_asked, read_question, write_asked
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.primitives.hashes import keccak256

TYPE_3 = "BY511125808"
WORDS: dict[str, Any] = {"tin": TYPE_3, "recogniser": "CN", "direction": "import", "role": "carrier"}


def test_what_a_client_sends_is_a_moment_and_means_the_second_that_was_asked() -> None:
    asked = replace(read_question(TYPE_3, "CN", "import", "carrier"), on=1_563_897_601, known=1_600_000_000)
    written = write_asked(asked)
    assert (written["on"], written["known"]) == ("2019-07-23T16:00:01Z", "2020-09-13T12:26:40Z")
    assert read_asked(Fields(json.loads(json.dumps(written)), document="request")) == asked


@pytest.mark.parametrize(
    "error",
    [
        HistoryNeeded(time=1_563_897_600, what="party 1"),
        NotYetProvable(time=1_563_897_600, block_time=1_563_897_600),
        TrustExpired(expired_at=1_563_897_600, now=1_563_897_600),
        ClockDoubtful(found=1_563_897_600, needed=1_563_897_600, reason="it jumped"),
        Superseded(successor=bytes(20), superseded_at=1_563_897_600),
        BelowCheckpoint(found=1_563_897_600, needed=1_563_897_600, what="time"),
        SignerNotEntitled(subject="s", event=1, signer=bytes(20), needed="an operator", recorded_at=1_563_897_600),
        EventOutOfPlace(subject="s", event=1, what="time of recording", found=1_563_897_600, needed=1_563_897_600),
    ],
)
def test_no_message_makes_people_count_seconds(error: AeoLedgerError) -> None:
    assert "1563897600" not in str(error)
    assert "2019-07-23 16:00:00Z" in str(error)


def test_a_question_that_came_as_an_object_is_the_one_that_was_asked() -> None:
    for asked in (
        read_question(**WORDS),
        read_question(**WORDS, certificate_type="3", register="BY", on="2019-07-24", known="2020-01-01T00:00:00Z"),
    ):
        assert read_asked(Fields(write_asked(asked), document="request")) == asked
    day = read_asked(Fields({**WORDS, "on": "2019-07-24"}, document="request"))
    assert day.on == 1_563_897_600  # where China's day begins


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"on": 1_563_897_600}, MalformedDocument),
        ({"on": "1563897600"}, MalformedText),
        ({"known": True}, MalformedDocument),
        ({"known": None}, MalformedDocument),
        ({"tin": "BY51112580"}, MalformedTin),
        ({"tin": "AEOCN2102994919"}, MalformedTin),
        ({"role": "Carrier"}, MalformedDocument),
        ({"surplus": 1}, MalformedDocument),
    ],
)
def test_an_object_that_is_no_question_is_malformed(change: dict[str, Any], error: type[AeoLedgerError]) -> None:
    with pytest.raises(error):
        read_asked(Fields({**WORDS, **change}, document="request"))


def test_evidence_has_seconds_and_people_have_not() -> None:
    asked = replace(read_question(**WORDS), on=1_563_897_600)
    with pytest.raises(MalformedDocument):
        read_asked(Fields(encode_question(asked), document="request"))


def test_a_file_larger_than_what_is_read_at_a_time_is_hashed_whole(tmp_path: Path) -> None:
    file, content = tmp_path / "text.pdf", bytes(range(256)) * 10_000
    file.write_bytes(content)
    assert hash_file(file) == hash_file(file, max_bytes=len(content)) == keccak256(content)


def test_a_file_that_never_ends_or_cannot_be_read_is_not_hashed(tmp_path: Path) -> None:
    with pytest.raises(OversizedFile) as refused:
        hash_file(Path("/dev/zero"), max_bytes=3_000_000)
    assert refused.value.facts() == {"path": "/dev/zero", "limit": 3_000_000}
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, tmp_path / "none", pipe):
        with pytest.raises(UnreadableFile):
            hash_file(path)
