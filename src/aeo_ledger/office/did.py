"""A `did:web` document of a party: the keys that the ledger proves, each with its dates, for partners whose programs read DIDs.

The ledger is the source, and this document a copy as of one block: its owner publishes it on its own web server, and makes it again when
a key changes. The ledger knows a key by its address alone, so a key is written as `EcdsaSecp256k1RecoveryMethod2020`, whose signatures show
the public key; where the public key is known, as `JsonWebKey2020`. A key that was retired stays in the document with the time at which
it ended, but no relationship names it any more: a reader that asks for *now* does not use it, and one that checks an old signature can.

DID 1.0 has no dates of keys. `revoked` is that of the W3C's vocabulary for security, `added` is defined in the document's own context.

Source: W3C DID Core 1.0; the did:web method; CAIP-2 and CAIP-10 (accounts); RFC 7517 and RFC 8812 section 3 (JWK of secp256k1).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aeo_ledger.customs.party import Key
from aeo_ledger.customs.vocabulary import KeyRole, PartyState
from aeo_ledger.errors.office import PublicKeyUnknown
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.parties import Shown
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.curve import address_of_public_key
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Table, epoch_key, slot_of
from aeo_ledger.verify.identity import ClaimedIdentity

DID_CONTEXT: Final = "https://www.w3.org/ns/did/v1"
"""The first context of every DID document."""

_CONTEXTS: Final = (
    DID_CONTEXT,
    "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
    "https://w3id.org/security/suites/jws-2020/v1",
    {
        "aeo": "urn:aeo-ledger:did#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "added": {"@id": "aeo:added", "@type": "xsd:dateTime"},
        "revoked": {"@id": "https://w3id.org/security#revoked", "@type": "xsd:dateTime"},
        "asOf": {"@id": "aeo:asOf", "@type": "xsd:dateTime"},
    },
)
"""Names of contexts, from their standards; nothing is fetched from there."""

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?(?P<path>(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)"
)

_RELATIONSHIPS: Final[Mapping[str, frozenset[KeyRole]]] = {
    "authentication": frozenset({KeyRole.AUTHORITY}),
    "assertionMethod": frozenset({KeyRole.AUTHORITY, KeyRole.OPERATOR}),
    "capabilityInvocation": frozenset({KeyRole.AUTHORITY}),
}
"""Whose keys serve for what: operators sign what is said of traders, the authority acts for its party."""


def name_did(domain: str) -> tuple[str, str]:
    """Name the DID of a domain, and the URL at which its document must be.

    Args:
        domain: `HOST`, `HOST:PORT`, or either with a path: `customs.example/aeo`.

    Raises:
        MalformedText: It has another form.
    """
    match = _DOMAIN.fullmatch(domain)
    if match is None or not 0 < int(match["port"] or 443) < 1 << 16:
        raise MalformedText(
            "--domain", repr(domain[:80]), "HOST[:PORT][/PATH] in small letters, such as customs.example/aeo"
        )
    host = match["host"] + (f"%3A{match['port']}" if match["port"] else "")
    parts = match["path"].split("/")[1:]
    place = f"https://{domain}/did.json" if parts else f"https://{domain}/.well-known/did.json"
    return ":".join(["did", "web", host, *parts]), place


def list_public_keys(given: Iterable[bytes], identity: ClaimedIdentity | None) -> dict[bytes, bytes]:
    """List public keys (64 bytes each) by address: those given, and those that the signatures of a proven statement show.

    Raises:
        MalformedSignature: A public key is not a point on the curve.
    """
    known = {address_of_public_key(key): key for key in given}
    if identity is not None:
        digest = identity.statement.digest()
        shown = (Signature.parse(one).recover_public_key(digest) for one in identity.statement.signatures)
        known |= {address_of_public_key(key): key for key in shown}
    return known


def write_did(
    desk: ProvenDesk, found: Shown, did: str, public_keys: Mapping[bytes, bytes], gateway: str = ""
) -> dict[str, Any]:
    """Write the document of a party.

    Args:
        desk: Proves when the keys of a replaced authority ended.
        found: The party, proven.
        did: From `name_did`.
        public_keys: From `list_public_keys`.
        gateway: URL of its gateway, from its card; empty if it names none.

    Raises:
        PublicKeyUnknown: A public key is none of the party's.
        Unproven: The ends are not proven.
    """
    keys = {
        address: key
        for address, key in sorted(found.keys.items(), key=lambda row: (row[1].added_at, row[0]))
        if key.added_at and key.role is not KeyRole.NODE
    }
    for address in public_keys:
        if address not in keys:
            raise PublicKeyUnknown(party=found.party.code, address=address)
    ended = _find_ends(desk, found, keys.values())
    acts = found.party.state_at(found.facts.time) is not PartyState.EXPELLED
    document: dict[str, Any] = {
        "@context": list(_CONTEXTS),
        "id": did,
        "verificationMethod": [
            _method(
                did,
                address,
                key,
                desk.trust.chain_id,
                public_keys.get(address),
                key.retired_at or ended.get(key.epoch, 0),
            )
            for address, key in keys.items()
        ],
    }
    for name, roles in _RELATIONSHIPS.items():
        serving = [_id(did, address) for address, key in keys.items() if key.role in roles and found.serves(key)]
        document[name] = serving if acts else []
    if gateway:
        document["service"] = [{"id": f"{did}#gateway", "type": "AeoLedgerGateway", "serviceEndpoint": gateway}]
    return document | {"asOf": _time(found.facts.time)}


def _id(did: str, address: bytes) -> str:
    return f"{did}#{to_hex(address)}"


def _method(did: str, address: bytes, key: Key, chain: int, public_key: bytes | None, ended: int) -> dict[str, Any]:
    if public_key is None:
        material: dict[str, Any] = {
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "blockchainAccountId": f"eip155:{chain}:{to_hex(address)}",
        }
    else:
        x, y = (urlsafe_b64encode(part).rstrip(b"=").decode() for part in (public_key[:32], public_key[32:]))
        material = {"type": "JsonWebKey2020", "publicKeyJwk": {"kty": "EC", "crv": "secp256k1", "x": x, "y": y}}
    dates = {"added": _time(key.added_at)} | ({"revoked": _time(ended)} if ended else {})
    return {"id": _id(did, address), "controller": did, **material, **dates}


def _find_ends(desk: ProvenDesk, found: Shown, keys: Iterable[Key]) -> dict[int, int]:
    """Find when the authorities that were replaced ended, by epoch: their keys were never retired one by one."""
    epochs = sorted({key.epoch for key in keys} - {found.party.epoch})
    if not epochs:
        return {}
    facts = desk.facts([slot_of(Table.EPOCH_END, epoch_key(found.number, epoch)) for epoch in epochs])
    return {epoch: facts.epoch_end(found.number, epoch) for epoch in epochs}


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
