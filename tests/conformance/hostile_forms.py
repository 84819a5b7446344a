"""Hostile recognition vectors: forms that no honest ledger, gateway or encoder produces, sealed where they must be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import rlp

from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence
from aeo_ledger.primitives.cbor import encode_cbor as cbor
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.layouts import LANE, PARTY, RECORD
from aeo_ledger.protocol.tables import Contract, Table, lane_key, pair_key, record_slot, word_slot
from aeo_ledger.protocol.words import encode_lane, encode_pair, encode_party, encode_record
from conformance.hostile_cases import refused
from conformance.make_vectors import CODE_HASHES, Case, prove, recognising, sealed
from support.sealed_world import ADDRESSES, BY, BY_TRADER, CN, SealedWorld, entry_of, lane, party, question, record
from support.sealing import KEYS, seal

SLOT = record_slot(entry_of(BY_TRADER, BY, 2))
FIRST = question(BY_TRADER, CN, certificate_type=2)
"""One standing alone is looked up."""
KEY = keccak256(SLOT.to_bytes(32, "big")).hex()
WORD = rlp.encode(encode_record(record(BY)))


def cases() -> Iterator[Case]:
    yield from _tries()
    yield from _values()
    yield from _words()
    yield from _headers()
    yield from _documents()
    yield from _cbor()


def path(nibbles: str, *, leaf: bool) -> bytes:
    """Encode a path with its flag."""
    flag = "23"[len(nibbles) % 2] if leaf else "01"[len(nibbles) % 2]
    return bytes.fromhex(flag + ("0" if len(nibbles) % 2 == 0 else "") + nibbles)


def with_storage(*nodes: bytes, root: bytes | None = None) -> Evidence:
    """Seal a Registers contract with these nodes as its storage; the first one is the root."""
    there = sealed(recognising())
    honest = there.prove(FIRST, trust=None)
    kept = set(there.nodes((Contract.CONSORTIUM, slot) for slot in there.words[Contract.CONSORTIUM]))
    account = [b"\1", b"", root or keccak256(nodes[0]), CODE_HASHES[Contract.REGISTERS]]
    return _resealed(there, rlp.encode(account), [n for n in honest.nodes if n in kept], nodes)


def _resealed(there: SealedWorld, account: bytes, kept: list[bytes], nodes: tuple[bytes, ...]) -> Evidence:
    old = {rlp.encode(n) for address in ADDRESSES.values() for n in there.accounts.get_proof(keccak256(address))}
    there.accounts[keccak256(ADDRESSES[Contract.REGISTERS])] = account
    header = seal(replace(there.header, state_root=there.accounts.root_hash, seals=()), *KEYS[:3])
    new = {rlp.encode(n): None for address in ADDRESSES.values() for n in there.accounts.get_proof(keccak256(address))}
    pool = tuple(dict.fromkeys((*new, *(n for n in kept if n not in old), *nodes)))
    return Evidence(questions=(FIRST,), header=header.encode(), nodes=pool)


def _tries() -> Iterator[Case]:
    about = "trie"
    other = keccak256(b"another subtree")
    leaf = rlp.encode([path(KEY[1:], leaf=True), WORD])

    def branch(children: dict[str, Any], value: bytes = b"") -> bytes:
        items: list[Any] = [b""] * 16
        for nibble, child in children.items():
            items[int(nibble, 16)] = child
        return bytes(rlp.encode([*items, value]))

    sibling = "0" if KEY[0] != "0" else "1"
    whole = rlp.encode([path(KEY, leaf=True), WORD])
    swallowed = rlp.encode([path(KEY, leaf=False), keccak256(leaf)])
    short = rlp.encode([path(KEY[:-1], leaf=False), keccak256(b"")])
    tiny = rlp.encode([path(KEY[61:], leaf=True), b"\x11"])
    fork = branch({KEY[60]: keccak256(tiny), "0" if KEY[60] != "0" else "1": other})
    stem = rlp.encode([path(KEY[:60], leaf=False), keccak256(fork)])
    for name, why, nodes in (
        ("branch-value", "a branch holds the word as its own value, where a leaf belongs",
         [branch({sibling: other, "2": other}, WORD)]),
        ("lonely-branch", "a branch with one child", [branch({KEY[0]: keccak256(leaf)}), leaf]),
        ("extension-to-leaf", "an extension leads to a leaf",
         [rlp.encode([path(KEY[0], leaf=False), keccak256(leaf)]), leaf]),
        ("empty-extension", "an extension without a path", [rlp.encode([path("", leaf=False), other])]),
        ("whole-extension", "an extension swallows the whole key", [swallowed, leaf]),
        ("leaf-too-long", "a leaf's path is longer than the key's rest",
         [branch({KEY[0]: keccak256(whole), sibling: other}), whole]),
        ("leaf-too-short", "a leaf ends before the key", [rlp.encode([path(KEY[1:], leaf=True), WORD])]),
        ("leaf-too-short-elsewhere", "the same, and its path differs: no proof of absence either",
         [rlp.encode([path("f" * 60, leaf=True), WORD])]),
        ("leaf-without-value", "a leaf holds nothing", [rlp.encode([path(KEY, leaf=True), b""])]),
        ("bad-flag", "a path's flag is 4", [rlp.encode([b"\x40" + bytes.fromhex(KEY), WORD])]),
        ("bad-padding", "an even path's second nibble is not 0", [rlp.encode([b"\x21" + bytes.fromhex(KEY), WORD])]),
        ("three-items", "a node of three items", [rlp.encode([b"\x20", WORD, b""])]),
        ("no-list", "a node that is no list", [rlp.encode(bytes(40))]),
        ("short-child-hash", "a child of 31 bytes", [branch({KEY[0]: other[:31], sibling: other})]),
        ("long-inline", "a node of 32 bytes or more stands in its parent",
         [branch({KEY[0]: rlp.decode(leaf), sibling: other})]),
        ("tiny-outside", "a node below 32 bytes stands outside its parent", [stem, fork, tiny]),
        ("last-nibble", "an extension that leaves the last nibble to a branch never shown", [short]),
        ("not-canonical", "a node whose RLP has a longer length than needed",
         [b"\xf9\x00" + leaf[1:] if leaf[0] == 0xF8 else leaf]),
        ("trailing", "bytes behind a node", [whole + b"\0"]),
    ):  # fmt: skip
        error = "MissingNode" if name == "last-nibble" else "UnreadableNode"
        yield refused(f"trie-{name}", about, why, with_storage(*nodes), error, asked=[FIRST])
    deep: Any = b"\1" * 32
    for _ in range(40):
        deep = [deep]
    yield refused(
        "trie-nested", about, "lists within lists, forty deep", with_storage(rlp.encode([b"\x16", deep])),
        "UnreadableNode", asked=[FIRST],
    )  # fmt: skip


def _values() -> Iterator[Case]:
    about = "value"
    for name, why, value in (
        ("zero", "a stored zero", b"\x80"),
        ("zero-byte", "a zero written as a byte", b"\x00"),
        ("leading-zero", "a word with a leading zero", rlp.encode(b"\0" + b"\1" * 8)),
        ("too-long", "33 bytes", rlp.encode(b"\1" * 33)),
        ("list", "a list", rlp.encode([b"\1"])),
        ("two", "two items side by side", b"\1\1"),
    ):
        evidence = with_storage(rlp.encode([path(KEY, leaf=True), value]))
        yield refused(f"value-{name}", about, why, evidence, "UnreadableValue", asked=[FIRST])
    there = sealed(recognising())
    kept = list(there.prove(FIRST).nodes)
    for name, why, fields in (
        ("three-fields", "an account of three fields", [b"\1", b"", bytes(32)]),
        ("short-root", "a storage root of 31 bytes", [b"\1", b"", bytes(31), CODE_HASHES[Contract.REGISTERS]]),
        ("padded-nonce", "a nonce with a leading zero", [b"\0\1", b"", bytes(32), bytes(32)]),
    ):
        there = sealed(recognising())
        evidence = _resealed(there, rlp.encode(fields), kept, ())
        yield refused(f"account-{name}", about, why, evidence, "UnreadableValue", asked=[FIRST])


def _words() -> Iterator[Case]:
    about = "word"
    good = encode_record(record(BY))
    lane_word, party_word = encode_lane(lane()), encode_party(party(BY))
    pair_slot = word_slot(Table.PAIR, pair_key(CN, BY))
    lane_slot, party_slot = word_slot(Table.LANE, lane_key(CN, BY, 0)), word_slot(Table.PARTY, BY)
    for name, why, slot, word in (
        ("no-such-status", "a status that is none", SLOT, good | 0xF),
        ("kind-none", "a record without a kind of event", SLOT, good & ~(0xF << RECORD["kind"].at)),
        ("status-none", "a record without a status", SLOT, good & ~0xF),
        ("no-such-lane-state", "a lane's state that is none", lane_slot, lane_word | 3),
        ("lane-outside", "bits outside a lane's fields", lane_slot, lane_word | 1 << 250),
        ("lane-without-name", "a lane of no arrangement", lane_slot,
         lane_word & ~(LANE["arrangement"].mask << LANE["arrangement"].at)),
        ("lane-never-written", "a lane that its pair counts is absent", pair_slot, encode_pair(Pair(lanes=2))),
        ("party-outside", "bits outside a party's fields", party_slot, party_word | 1 << 255),
        ("party-no-such-state", "a party's state that is none", party_slot, party_word & ~(3 << PARTY["state"].at)),
        ("party-no-such-kind", "a party's kind that is none", party_slot, party_word | 3 << PARTY["kind"].at),
    ):  # fmt: skip
        there = sealed(recognising(), forged={slot: word})
        yield refused(f"word-{name}", about, f"{why}; no contract writes it", prove(there), "UnreadableValue")


def _headers() -> Iterator[Case]:
    about = "header's form"
    honest = prove(sealed(recognising()))
    fields: list[Any] = rlp.decode(honest.header)
    extra: list[Any] = rlp.decode(fields[12])

    def altered(place: int, value: Any) -> bytes:
        return bytes(rlp.encode([*fields[:place], value, *fields[place + 1 :]]))

    def with_extra(*items: Any) -> bytes:
        return altered(12, rlp.encode(list(items)))

    encoded = [rlp.encode(field) for field in fields]

    def with_encoded(place: int, written: bytes) -> bytes:
        payload = b"".join((*encoded[:place], written, *encoded[place + 1 :]))
        return b"\xf9" + len(payload).to_bytes(2, "big") + payload

    for name, why, header in (
        ("empty", "no bytes", b""),
        (
            "long-form",
            "a length of 32 in the long form: two encodings of one block",
            with_encoded(3, b"\xb8\x20" + fields[3]),
        ),
        ("byte-with-length", "the number 100 with a length before it", with_encoded(8, b"\x81" + fields[8])),
        ("trailing", "bytes behind the header", honest.header + b"\0"),
        ("cut", "cut short", honest.header[:-1]),
        ("fields", "fourteen fields", bytes(rlp.encode(fields[:14]))),
        ("many-fields", "forty fields", bytes(rlp.encode([*fields, *[b""] * 25]))),
        ("bytes", "no list", bytes(rlp.encode(b"header"))),
        ("state-root", "a state root of 31 bytes", altered(3, bytes(31))),
        ("padded-number", "a number with a leading zero", altered(8, b"\0\x64")),
        ("long-time", "a time of nine bytes", altered(11, b"\1" * 9)),
        ("list-for-bytes", "a list where bytes belong", altered(14, [bytes(8)])),
        ("later-list", "a list among the later fields", bytes(rlp.encode([*fields, [b""]]))),
        ("extra", "extra data of four items", with_extra(*extra[:4])),
        ("seal-length", "a seal of 64 bytes", with_extra(*extra[:4], [one[:64] for one in extra[4]])),
        ("vote-bytes", "a vote that is bytes", with_extra(extra[0], extra[1], b"\0", *extra[3:])),
        ("long-round", "a round of five bytes", with_extra(*extra[:3], b"\1" * 5, extra[4])),
    ):
        yield refused(f"form-header-{name}", about, why, replace(honest, header=header), "MalformedHeader")


def _documents() -> Iterator[Case]:
    about = "document"
    text = EVIDENCE_FORM.encode_json(prove(sealed(recognising())))
    document: dict[str, Any] = json.loads(text)

    def changed(**altered: Any) -> str:
        return json.dumps({**document, **altered})

    def asked(**altered: Any) -> str:
        return changed(questions=[{**document["questions"][0], **altered}])

    cut = {key: value for key, value in document.items() if key != "nodes"}
    node: str = document["nodes"][0]
    for name, why, given in (
        ("no-json", "cut short", text[:-1]),
        ("empty", "nothing", ""),
        ("list", "no object", json.dumps([document])),
        ("trailing", "text behind the document", text + "{}"),
        ("lacks-nodes", "a key missing", json.dumps(cut)),
        ("unknown-key", "a key that a reader does not know must not be skipped", changed(note="trust me")),
        ("other-version", "another format", changed(format="aeo-ledger/recognition-evidence/2")),
        ("repeated-key", "one key twice: which one counts?", '{"nodes":[],' + text.strip()[1:]),
        ("repeated-key-deep", "the same in a question", text.replace('"tin":', '"tin":"BY1","tin":', 1)),
        ("no-questions", "an empty list", changed(questions=[])),
        ("question-key", "a question with an unknown key", asked(priority="high")),
        ("direction", "a direction that is none", asked(direction="IMPORT")),
        ("fraction", "a time that is not whole", asked(on=1.5)),
        ("exponent", "a time with an exponent", text.replace('"role":', '"on": 1e9, "role":', 1)),
        ("not-a-number", "NaN", text.replace('"role":', '"on": NaN, "role":', 1)),
        ("negative", "a negative time", asked(on=-1)),
        ("time-too-large", "a time beyond the ledger's", asked(on=1 << 32)),
        ("true", "true is no number", asked(on=True)),
        ("null-type", "null is no type", asked(type=None)),
        ("type-16", "types end with 15", asked(type=16)),
        ("nested", "nested deeper than read", changed(nodes=json.loads("[" * 30 + "]" * 30))),
        ("very-nested", "ten thousand lists", "[" * 10_000),
        ("nodes-text", "nodes that are no list", changed(nodes=node)),
        ("node-number", "a node that is a number", changed(nodes=[7])),
        ("no-prefix", "hexadecimal without 0x", changed(nodes=[node[2:]])),
        ("odd-digits", "half a byte", changed(nodes=[node + "0"])),
        ("no-digits", "letters that are no digits", changed(nodes=[node[:-2] + "zz"])),
        ("space", "a space in hexadecimal", changed(nodes=[node[:-2] + " 0"])),
    ):
        yield refused(f"form-{name}", about, why, given, "MalformedDocument")
    for name, why, tin in (
        ("lower-case", "TINs are not folded", "by200988541"),
        ("look-alike", "a Cyrillic letter that looks Latin", "ВY200988541"),  # noqa: RUF001
        ("space", "TINs are not trimmed", " BY200988541"),
        ("long", "eighteen characters", "BY" + "1" * 16),
    ):
        yield refused(f"form-tin-{name}", about, why, asked(tin=tin), "MalformedTin")


def _cbor() -> Iterator[Case]:
    about = "CBOR"
    evidence = prove(sealed(recognising()))
    data = EVIDENCE_FORM.encode_cbor(evidence)
    node = evidence.nodes[0]
    length = cbor(node)[: -len(node)]

    def exchanged(old: bytes, new: bytes) -> bytes:
        assert data.count(old) == 1
        return data.replace(old, new)

    key: Callable[[str], bytes] = cbor
    for name, why, given in (
        ("trailing", "a byte behind the end", data + b"\0"),
        ("cut", "cut short", data[:-1]),
        ("empty", "nothing", b""),
        ("long-length", "a length that is not in its shortest form",
         exchanged(length + node, b"\x5a" + len(node).to_bytes(4, "big") + node)),
        ("indefinite", "bytes of a length that is not given",
         exchanged(length + node, b"\x5f" + length + node + b"\xff")),
        ("tag", "a tag: what it would build is the sender's choice", exchanged(length + node, b"\xc2" + length + node)),
        ("text-node", "a text where bytes belong", exchanged(length + node, key("0x00"))),
        ("negative", "a negative number", exchanged(length + node, b"\x20")),
        ("float", "a fraction", exchanged(length + node, b"\xf9\x3c\x00")),
        ("huge-list", "a list of 2^32 - 1 announced in five bytes", b"\x9a\xff\xff\xff\xff"),
        ("huge-bytes", "bytes of 2^64 - 1 announced", b"\x5b" + b"\xff" * 8),
        ("nested", "a thousand lists", b"\x81" * 1_000 + b"\0"),
        ("key-order", "keys out of order",
         b"\xa4" + b"".join(key(k) + cbor(v) for k, v in _members(evidence) if k)),
        ("repeated-key", "a key twice", b"\xa5" + key("nodes") + cbor([]) + data[1:]),
        ("number-key", "a key that is no text", b"\xa5" + b"\0" + cbor([]) + data[1:]),
    ):  # fmt: skip
        yield refused(f"cbor-{name}", about, why, given, "MalformedDocument")


def _members(evidence: Evidence) -> list[tuple[str, Any]]:
    document = json.loads(EVIDENCE_FORM.encode_json(evidence))
    return [
        ("format", document["format"]),
        ("questions", document["questions"]),
        ("nodes", list(evidence.nodes)),
        ("header", evidence.header),
    ]
