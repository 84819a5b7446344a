"""From one block to a later one, header by header: every link leads to the very next header, or is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeo_ledger.errors.evidence import ChainTooLong, MalformedHeader, MalformedLink
from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.evidence import Header, decode_header
from aeo_ledger.evidence.ancestry import CHAIN_FORM, FORMAT, MAX_LINKS, WINDOW, HeaderChain, follow_links
from aeo_ledger.primitives import cbor, rlp
from conformance.recorded import NETWORKS, load, raw
from support.header_chains import chain_of, follow
from support.sealing import UNSEALED

HEADERS = follow(UNSEALED, 20, acts=(9, 10, 15))
CHAIN = chain_of(HEADERS)


def hashes(first: Header, chain: HeaderChain) -> list[bytes]:
    return list(follow_links(first, chain))


def test_links_lead_to_the_hash_of_each_header() -> None:
    assert hashes(UNSEALED, CHAIN) == [header.hash() for header in HEADERS]
    assert hashes(HEADERS[7], chain_of(HEADERS[7:12])) == [header.hash() for header in HEADERS[7:12]]


def test_no_links_lead_to_the_first_header_itself() -> None:
    assert hashes(UNSEALED, HeaderChain(links=())) == [UNSEALED.hash()]
    assert chain_of(HEADERS[:1]) == chain_of([]) == HeaderChain(links=())


@pytest.mark.parametrize("name", NETWORKS)
def test_headers_that_real_engines_sealed_are_linked_from_the_genesis_on(name: str) -> None:
    records = load(name)["headers"]
    headers = [decode_header(raw(record["rlp"])) for record in records]
    chain = chain_of(headers)
    assert hashes(headers[0], chain) == [raw(record["hash"]) for record in records]
    assert sum(map(len, chain.links)) < sum(len(header.encode()) for header in headers) / 3


def test_a_block_in_which_nothing_happened_takes_five_bytes() -> None:
    heartbeats = chain_of(follow(UNSEALED, 500)).links
    assert {len(link) for link in heartbeats[4:]} == {5}
    assert len(HEADERS[1].encode()) > 700


def test_a_full_block_takes_only_its_own_fields() -> None:
    every = follow(UNSEALED, 300, acts=range(10_000))
    assert max(map(len, chain_of(every).links)) < 400


def test_pieces_of_a_chain_are_joined_as_they_are() -> None:
    pieces = [chain_of(HEADERS[at : at + 6]).links for at in (0, 5, 10, 15)]
    joined = HeaderChain(links=sum(pieces, ()))
    assert hashes(UNSEALED, joined) == [header.hash() for header in HEADERS]


def test_a_field_is_taken_from_as_far_back_as_the_window_reaches() -> None:
    between = range(UNSEALED.number + 2, UNSEALED.number + 2 + WINDOW)
    for more in (-2, -1, 0, 1):
        acts = [number for number in between if number < between[-1] + more]
        headers = follow(UNSEALED, WINDOW + 8, acts=acts)
        assert hashes(UNSEALED, chain_of(headers)) == [header.hash() for header in headers]


def test_a_rule_that_appends_a_field_is_followed() -> None:
    later = replace(HEADERS[3], later_fields=(b"\7", bytes(32)))
    headers = [*HEADERS[:3], later, *follow(later, 3)[1:]]
    assert hashes(UNSEALED, chain_of(headers)) == [header.hash() for header in headers]


@pytest.mark.parametrize("wrong", [{"timestamp": UNSEALED.timestamp - 1}])
def test_headers_that_cannot_follow_are_not_linked(wrong: dict[str, Any]) -> None:
    with pytest.raises(MalformedHeader):
        chain_of([UNSEALED, replace(HEADERS[1], **wrong)])
    with pytest.raises(MalformedHeader):
        chain_of([replace(UNSEALED, later_fields=(b"\7",)), HEADERS[1]])


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (b"\1", "needed a list of seconds"),
        ([], "needed a list of seconds"),
        ([b"\1", b"\2"], "needed a list of seconds"),
        ([b"\1", b"\2", b"x", b"\3"], "needed a list of seconds"),
        ([b"\1", b"", b"x"], "the place 0 "),
        ([b"\1", b"\x08", b"x"], "the place 8 "),
        ([b"\1", b"\x0b", b"x"], "the place 11 "),
        ([b"\1", b"\3", b"x", b"\2", b"x"], "the place 2 "),
        ([b"\1", b"\3", b"x", b"\3", b"x"], "the place 3 "),
        ([b"\1", b"\x10", b"x"], "the place 16 "),
        ([b"\1", b"\2", [b"\1"]], "refers to a header that is not there"),
        ([b"\1", b"\2", [b""]], "refers to a header that is not there"),
        ([b"\1", b"\2", [b"\4"]], "refers to a header that is not there"),
        ([b"\1", b"\2", [b"\2", b"\2"]], "refers to a header that is not there"),
        ([b"\1", b"\2", []], "refers to a header that is not there"),
        ([b"\1", b"\x0f", [b"\2"]], "refers to a header that is not there"),
        ([b"\1", b"\2", [[b"\2"]]], "needed a number"),
        ([b"\1", b"\2", [b"\0\2"]], "needed a number"),
        ([b"\1", b"\0\2", b"x"], "needed a number"),
        ([b"\1", [b"\2"], b"x"], "needed a number"),
        ([[b"\1"]], "needed a number"),
        ([b"\0\1"], "needed a number"),
        ([bytes([1]) * 9], "needed a number"),
    ],
)
def test_a_link_that_leads_to_no_header_is_named(items: Any, reason: str) -> None:
    links = (*CHAIN.links[:2], rlp.encode(items), *CHAIN.links[3:])
    with pytest.raises(MalformedLink) as refusal:
        hashes(UNSEALED, HeaderChain(links=links))
    assert refusal.value.link == 2
    assert reason in refusal.value.reason


@pytest.mark.parametrize("data", [b"", b"\xc2\x01", b"\xc1\x01\x01", b"\x81\x01"])
def test_a_link_that_is_not_rlp_is_named(data: bytes) -> None:
    with pytest.raises(MalformedLink) as refusal:
        hashes(UNSEALED, HeaderChain(links=(data,)))
    assert refusal.value.link == 0


def test_a_link_adds_no_field_beyond_those_that_are_read() -> None:
    link = rlp.encode([b"\1", *(part for place in range(15, 33) for part in (bytes([place]), b"x"))])
    with pytest.raises(MalformedLink) as refusal:
        hashes(UNSEALED, HeaderChain(links=(link,)))
    assert "the place 32 " in refusal.value.reason


def test_a_chain_that_is_too_long_is_refused_before_it_is_followed() -> None:
    links: list[Any] = [b"\xc1\x1e"] * (MAX_LINKS + 1)
    for refused in (
        lambda: HeaderChain(links=tuple(links)),
        lambda: CHAIN_FORM.decode_cbor(cbor.encode_cbor({"format": FORMAT, "links": links})),
        lambda: CHAIN_FORM.decode_json(json.dumps({"format": FORMAT, "links": ["0xc11e"] * len(links)})),
    ):
        with pytest.raises(ChainTooLong) as refusal:
            refused()
        assert (refusal.value.found, refusal.value.limit) == (MAX_LINKS + 1, MAX_LINKS)
    assert len(CHAIN_FORM.decode_cbor(cbor.encode_cbor({"format": FORMAT, "links": links[1:]})).links) == MAX_LINKS


def test_both_forms_have_one_content() -> None:
    assert (
        CHAIN_FORM.decode_json(CHAIN_FORM.encode_json(CHAIN))
        == CHAIN_FORM.decode_cbor(CHAIN_FORM.encode_cbor(CHAIN))
        == CHAIN
    )


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        "[]",
        f'{{"format": "{FORMAT}"}}',
        '{"format": "aeo-ledger/header-chain/2", "links": []}',
        f'{{"format": "{FORMAT}", "links": [], "more": 1}}',
        f'{{"format": "{FORMAT}", "links": {{}}}}',
        f'{{"format": "{FORMAT}", "links": [1]}}',
        f'{{"format": "{FORMAT}", "links": ["c11e"]}}',
    ],
)
def test_another_document_is_refused(document: str) -> None:
    with pytest.raises(MalformedDocument):
        CHAIN_FORM.decode_json(document)


@settings(max_examples=300)
@given(st.data())
def test_whatever_byte_of_a_link_is_altered_it_leads_elsewhere_or_writes_the_same_headers(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(CHAIN.links) - 1))
    link = bytearray(CHAIN.links[place])
    link[data.draw(st.integers(0, len(link) - 1))] ^= data.draw(st.integers(1, 255))
    altered = HeaderChain(links=(*CHAIN.links[:place], bytes(link), *CHAIN.links[place + 1 :]))
    try:
        found = hashes(UNSEALED, altered)
    except MalformedLink:
        return
    true = [header.hash() for header in HEADERS]
    assert found == true or found[-1] != true[-1]  # a proposer may be taken from another of his turns
