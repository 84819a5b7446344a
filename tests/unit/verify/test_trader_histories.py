"""Histories of a trader's certificates: the entries are derived by the asker, so that no gateway can show another trader's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, RegisterMode, Status
from aeo_ledger.errors.protocol import KeyNeeded
from aeo_ledger.errors.verify import OtherHistory
from aeo_ledger.evidence import Evidence
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.tables import Contract, Table, word_slot
from aeo_ledger.protocol.words import decode_register, encode_register
from aeo_ledger.verify.certificate_history import ProvenCertificateHistories, verify_trader_histories
from support.drafts import change, grant, publication
from support.scribe import Scribe, scribe
from support.sealed_scribe import pinned, told
from support.sealed_world import NOW
from support.told_history import BY
from support.world import FIRST

TRADER, OTHER = Tin("BY511125808"), Tin("BY730439268")
TYPES = (0, 1)


def entries(trader: Tin) -> list[bytes]:
    return [make_entry(FIRST, kind, derive_open_holder(FIRST, kind, trader)) for kind in TYPES]


@pytest.fixture(scope="module")
def world() -> Scribe:
    """One certificate that was granted and suspended, and one of another trader."""
    world = scribe()
    mine, others = entries(TRADER)[0], entries(OTHER)[0]
    world.do(publication(world, grant(world, mine), grant(world, others)), BY)
    world.wait(86_400)
    world.do(publication(world, change(world, EventKind.SUSPEND, mine)), BY)
    return world


@pytest.fixture(scope="module")
def evidence(world: Scribe) -> Evidence:
    return told(world, world.standing(*entries(TRADER)))


def verify(evidence: Evidence, trader: Tin = TRADER, **altered: Any) -> ProvenCertificateHistories:
    more = {"types": TYPES, "trust": pinned(), "now": NOW, "max_age": 60, **altered}
    return verify_trader_histories(evidence, trader, FIRST, **more)


def test_a_trader_learns_every_event_of_its_certificates_and_that_there_is_no_other(evidence: Evidence) -> None:
    proven = verify(evidence)
    first, second = (proven.events[entry] for entry in entries(TRADER))
    assert [event.record.status for event in first] == [Status.ACTIVE, Status.SUSPENDED]
    assert second == ()


def test_the_histories_of_another_trader_are_refused(world: Scribe, evidence: Evidence) -> None:
    with pytest.raises(OtherHistory):
        verify(evidence, OTHER)
    with pytest.raises(OtherHistory):
        verify(told(world, world.standing(*entries(OTHER))))


def test_a_type_that_was_not_asked_about_is_refused_and_so_is_one_that_is_missing(evidence: Evidence) -> None:
    for types in ((0,), (0, 1, 2)):
        with pytest.raises(OtherHistory):
            verify(evidence, types=types)


def test_in_a_keyed_register_an_open_entry_proves_nothing() -> None:
    keyed = scribe()
    slot = word_slot(Table.REGISTER, FIRST)
    words = keyed.evm.storage[Contract.CONSORTIUM]
    register = decode_register(words[slot])
    assert register is not None
    words[slot] = encode_register(replace(register, mode=RegisterMode.KEYED))
    with pytest.raises(KeyNeeded):
        verify(told(keyed, keyed.standing(*entries(TRADER))))
