"""A disclosed certificate is checked without any key: the true document is proven, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import EventKind, Status
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.verify import NotCommitted, OtherHistory, Stale
from aeo_ledger.evidence.disclosed import DISCLOSED_FORM, MAX_DOCUMENT, DisclosedCertificate
from aeo_ledger.protocol.commitment import commit
from aeo_ledger.verify.disclosed import ProvenDisclosure, verify_disclosed
from support.drafts import ENTRY, change, grant, publication
from support.scribe import Scribe, scribe
from support.sealed_scribe import pinned, told
from support.sealed_world import NOW
from support.told_history import BY, OTHER

SALT, DOCUMENT = b"\x05" * 32, b'{"name":"A trader","tin":"BY200988541"}'
COMMITMENT = commit(DOCUMENT, SALT)


@pytest.fixture(scope="module")
def world() -> Scribe:
    world = scribe()
    first, other = grant(world), grant(world, OTHER)
    world.do(publication(world, replace(first, document=COMMITMENT), other), BY)
    world.wait(86_400)
    world.do(publication(world, replace(change(world, EventKind.SUSPEND), document=bytes(32))), BY)
    return world


@pytest.fixture(scope="module")
def disclosed(world: Scribe) -> DisclosedCertificate:
    evidence = told(world, world.standing(ENTRY))
    return DisclosedCertificate(entry=ENTRY, salt=SALT, document=DOCUMENT, evidence=evidence)


def verify(one: DisclosedCertificate, **altered: Any) -> ProvenDisclosure:
    return verify_disclosed(one, pinned(), **{"now": NOW, "max_age": 60, **altered})


def test_the_document_and_what_became_of_the_certificate_are_proven(disclosed: DisclosedCertificate) -> None:
    proven = verify(disclosed)
    assert (proven.entry, proven.document, proven.event, proven.is_latest) == (ENTRY, DOCUMENT, 1, True)
    assert [event.record.status for event in proven.events] == [Status.ACTIVE, Status.SUSPENDED]
    assert disclosed.commitment == COMMITMENT


def test_a_later_commitment_is_told(world: Scribe, disclosed: DisclosedCertificate) -> None:
    later = scribe()
    later.do(publication(later, replace(grant(later), document=COMMITMENT)), BY)
    later.do(publication(later, replace(change(later, EventKind.SUSPEND), document=b"\x09" * 32)), BY)
    one = replace(disclosed, evidence=told(later, later.standing(ENTRY)))
    assert (verify(one).event, verify(one).is_latest) == (1, False)


@pytest.mark.parametrize(
    "altered", [{"document": DOCUMENT + b" "}, {"document": b""}, {"salt": bytes(32)}], ids=["more", "nothing", "salt"]
)
def test_another_document_is_not_proven(disclosed: DisclosedCertificate, altered: dict[str, bytes]) -> None:
    forged = replace(disclosed, **altered)  # type: ignore[arg-type]
    with pytest.raises(NotCommitted) as refused:
        verify(forged)
    assert refused.value.facts() == {"entry": ENTRY, "commitment": forged.commitment}


def test_a_document_is_not_proven_for_another_certificate(world: Scribe, disclosed: DisclosedCertificate) -> None:
    with pytest.raises(OtherHistory):
        verify(replace(disclosed, entry=OTHER))
    other = replace(disclosed, entry=OTHER, evidence=told(world, world.standing(OTHER)))
    with pytest.raises(NotCommitted):
        verify(other)
    with pytest.raises(Stale):
        verify(disclosed, now=NOW + 61)


def test_it_is_written_and_read(disclosed: DisclosedCertificate) -> None:
    text = DISCLOSED_FORM.encode_json(disclosed)
    assert DISCLOSED_FORM.decode_json(text) == disclosed


@pytest.mark.parametrize(
    "change",
    [{"format": "aeo-ledger/disclosed-certificate/2"}, {"salt": "0x00"}, {"entry": "0x00"}, {"more": 1}],
    ids=str,
)
def test_another_form_is_refused(disclosed: DisclosedCertificate, change: dict[str, Any]) -> None:
    with pytest.raises(MalformedDocument):
        DISCLOSED_FORM.decode_values({**DISCLOSED_FORM.encode_values(disclosed), **change})


def test_too_long_a_document_is_refused(disclosed: DisclosedCertificate) -> None:
    long = replace(disclosed, document=bytes(MAX_DOCUMENT + 1))
    with pytest.raises(MalformedDocument):
        DISCLOSED_FORM.decode_values(DISCLOSED_FORM.encode_values(long))
