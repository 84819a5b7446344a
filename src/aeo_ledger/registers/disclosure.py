r"""Disclose a document to those entitled: the issuer, and each party that recognises certificates of the type.

Whoever asks signs the request with an operator's key. The gateway looks the key up on its ledger: whose it is, and whether that party, or a
union of it, has a lane in force to the register. So no account and no password is needed, and an arrangement that ends closes the door.

A request is signed as an EIP-191 message (keccak256("\x19Ethereum Signed Message:\n32" || hash), as receipts are), so it can never be taken
for an act. The hash is keccak256 of the text `aeo-ledger/document-request/2`, the chain id (8 bytes, big-endian), the address of `Registers`
(20), the commitment (32), the time (8), a random number (16) and the gateway's host as the asker addressed it (ASCII): it asks one gateway for
one document of one ledger, once, within five minutes. So no other gateway that gets the request can pass it on as its own.

None of this hides anything from whoever is on the path. Without TLS they can read the answer, keep it back or alter it (which the asker
notices: the commitment does not bind it). What they cannot do is use the request again, or elsewhere.

Source: EIP-191, version 0x45.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.vocabulary import KeyRole, PartyState
from aeo_ledger.errors.registers import NotEntitled
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.signature import Signature, hash_to_sign
from aeo_ledger.registers.documents import Kept

MOST_AGE_S: Final = 300
"""Seconds for which a request may be used, before and after its time."""
_NAME: Final = b"aeo-ledger/document-request/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """A request for one document."""

    chain: int
    """Chain id of the ledger."""
    registers: bytes
    """Address of `Registers`, 20 bytes."""
    commitment: bytes
    """32 bytes."""
    at: int
    """When it was signed, UTC seconds."""
    nonce: bytes
    """Random, 16 bytes."""
    host: str
    """The gateway's host as the asker addressed it, with the port if the URL names one: in small letters, ASCII."""

    def digest(self) -> bytes:
        """Compute the 32 bytes to sign."""
        numbers = (
            self.chain.to_bytes(8, "big"),
            self.registers,
            self.commitment,
            self.at.to_bytes(8, "big"),
            self.nonce,
        )
        return hash_to_sign(keccak256(b"".join((_NAME, *numbers, self.host.encode("ascii")))))


class CountsRequests(Protocol):
    """Remembers which requests were used."""

    def count(self, digest: bytes, at: int, now: int) -> bool:
        """Count a request by its digest (32 bytes) and its time; say whether it counts, which it does once."""


class UsedRequests:
    """The requests of operators that a gateway has counted, for as long as each could be used again.

    It forgets them when the gateway ends. So what was signed before the gateway began is refused.

    Args:
        since: When the gateway began, UTC seconds.
    """

    def __init__(self, since: int) -> None:
        self._since, self._lock = since, Lock()
        self._until: dict[bytes, int] = {}

    def count(self, digest: bytes, at: int, now: int) -> bool:
        """Count a request; see `CountsRequests`."""
        with self._lock:
            for old in [one for one, until in self._until.items() if until < now]:
                del self._until[old]
            if at < self._since or digest in self._until:
                return False
            self._until[digest] = at + MOST_AGE_S
            return True


def disclose(
    find: Callable[[bytes], Kept],
    words: WordView,
    request: DocumentRequest,
    signature: Signature,
    used: CountsRequests,
    *,
    now: int,
) -> Kept:
    """Find the document of a request, if its signer is entitled to it.

    Args:
        find: Finds a document by its commitment, such as `Book.find`.
        words: The gateway's ledger, as of its newest block.
        request: What is asked.
        signature: The asker's.
        used: The requests that this gateway has counted; this one is added if an operator signed it.
        now: UTC seconds.

    Raises:
        MalformedSignature: the signature is no key's.
        NotEntitled: the request is too old, from the future or used, or its signer may not see the document.
        AeoLedgerError: what `find` raises. Only an operator of some party is told so.
    """
    signer = signature.recover_signer(request.digest())
    if abs(now - request.at) > MOST_AGE_S:
        raise NotEntitled(who=to_hex(signer), reason="the request was not signed within the last five minutes")
    key = words.key(signer)
    party = None if key is None else words.party(key.party)
    if key is None or party is None or (key.role, key.retired_at, key.epoch) != (KeyRole.OPERATOR, 0, party.epoch):
        raise NotEntitled(who=to_hex(signer), reason="the key is no operator of a party")
    if party.state_at(now) is not PartyState.ACTIVE or party.frozen:
        raise NotEntitled(who=party.code, reason="the party is not active")
    if not used.count(request.digest(), request.at, now):
        raise NotEntitled(
            who=party.code, reason="the request was used, or signed before the gateway began; sign it again"
        )
    return disclose_to(find, words, key.party, request.commitment, now=now)


def disclose_to(find: Callable[[bytes], Kept], words: WordView, number: int, commitment: bytes, *, now: int) -> Kept:
    """Find a document by its commitment (32 bytes) for a party that is known to ask, by its number, if it is entitled to it.

    Args:
        find: Finds the document of a commitment.
        words: The gateway's ledger, as of its newest block.
        number: Of the party.
        commitment: 32 bytes.
        now: UTC seconds.

    Raises:
        NotEntitled: The party may not see the document.
        AeoLedgerError: What `find` raises.
    """
    found, party = find(commitment), words.party(number)
    if party is None or not _may_see(words, number, party, found.entry, now):
        who = f"party {number}" if party is None else party.code
        raise NotEntitled(who=who, reason="it recognises no certificate of this type in this register now")
    return found


def _may_see(words: WordView, number: int, party: Party, entry: bytes, now: int) -> bool:
    """Say whether a party, by its number, keeps or issued an entry, or recognises it by a lane in force, also as a member of a union."""
    register = register_of(entry)
    record = words.record(entry)
    if number == register or (record is not None and record.issuer == number):
        return True
    for recogniser in (number, *party.unions_at(now)):
        for place in range(words.pair(recogniser, register).lanes):
            lane = words.lane(recogniser, register, place)
            if lane is not None and lane.covers(type_of(entry)) and lane.is_in_force(now):
                return True
    return False
