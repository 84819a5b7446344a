"""A publication is one thing in two writings: the values that are signed, and the act of the customs model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.acts import Publication, StatusEvent
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.vocabulary import Capacity, EventKind, Status
from aeo_ledger.errors.protocol import MalformedMessage
from aeo_ledger.protocol.readings import read_publication, write_publication
from aeo_ledger.protocol.typed_data import struct_hash
from support import act_messages

RECORD = Record(
    status=Status.ACTIVE, kind=EventKind.GRANT, issuer=2, roles=5, sequence=1, since=10, valid_from=10, valid_until=20
)
PUBLICATION = Publication(
    register=2,
    issuer=2,
    former=0,
    capacity=Capacity.OPERATORS,
    deadline=99,
    events=(
        StatusEvent(entry=b"e" * 32, record=RECORD, document=b"d" * 32),
        StatusEvent(entry=b"f" * 32, record=replace(RECORD, hold_until=7, review_day=3), document=bytes(32)),
    ),
    details=b"sealed",
)


def test_a_publication_is_read_as_it_was_written() -> None:
    values = write_publication(PUBLICATION)
    assert read_publication(values) == PUBLICATION
    assert struct_hash("Publication", values)
    assert (values["capacity"], type(values["capacity"])) == (1, int)


def test_it_is_written_as_another_writer_does() -> None:
    assert write_publication(PUBLICATION) == act_messages.write(PUBLICATION)


def _with_event(**altered: Any) -> dict[str, Any]:
    values: dict[str, Any] = dict(write_publication(PUBLICATION))
    first, *others = values["events"]
    return {**values, "events": [{**first, **altered}, *others]}


@pytest.mark.parametrize(
    "values",
    [_with_event(record=0), _with_event(record=(1 << 256) - 1), {**write_publication(PUBLICATION), "capacity": 77}],
    ids=["no record", "no word of a record", "an unknown capacity"],
)
def test_what_this_version_cannot_read_is_malformed(values: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match="Publication"):
        read_publication(values)
