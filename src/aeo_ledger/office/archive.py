"""Keep evidence, and prove years later what it proved: receipts, chains of headers, and evidence as of its receipt.

A chain of headers also proves an earlier block of a ledger whose newest block is proven, and so its time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.evidence import ChainTooLong
from aeo_ledger.errors.office import NoLaterCheckpoint
from aeo_ledger.evidence.ancestry import CHAIN_FORM, MAX_LINKS, HeaderChain
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import Header, decode_header
from aeo_ledger.evidence.receipt import RECEIPT_FORM, Receipt, hash_evidence
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import encode_as_named, read_file, read_trust
from aeo_ledger.office.trust_store import read_store
from aeo_ledger.signing import Signer
from aeo_ledger.signing.receipt import sign_receipt
from aeo_ledger.verify import ProvenDecision, TrustBundle
from aeo_ledger.verify.ancestry import ProvenAncestor, verify_ancestry
from aeo_ledger.verify.archive import PinnedTrust, answer_of
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.trust import Checkpoint, fingerprint

FetchHeader: TypeAlias = Callable[[int], Header]
"""Returns a block's header, by the block's number, from any source."""

FetchChain: TypeAlias = Callable[[int, int], HeaderChain]
"""Returns the links between two blocks, given by number. It may ask a gateway or read a file."""


def make_receipt(
    evidence: Evidence, proven: ProvenDecision, trust: TrustBundle, *, now: int, max_age: int, signer: Signer | None
) -> Receipt:
    """Record what evidence was shown, what it proved and when; sign the record if there is a key.

    Args:
        evidence: As received.
        proven: What it proved.
        trust: The pinned bundle.
        now: When it was checked, UTC seconds.
        max_age: The greatest age that was accepted, in seconds.
        signer: The asker's key; None if the asker has no key.
    """
    receipt = Receipt(
        question=proven.question,
        answer=answer_of(proven),
        evidence=hash_evidence(evidence),
        trust=fingerprint(trust),
        received_at=now,
        max_age=max_age,
    )
    return receipt if signer is None else sign_receipt(receipt, signer)


def read_receipt(path: Path) -> Receipt:
    """Read a receipt.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument, MalformedTin: it is not a receipt.
    """
    return RECEIPT_FORM.decode_json(read_file(path))


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Write a receipt.

    Raises:
        UnreadableFile: it cannot be written.
    """
    write_file(path, RECEIPT_FORM.encode_file(receipt))


def read_kept(path: Path) -> tuple[PinnedTrust, ...]:
    """Read every bundle that was trusted: all bundles of a store with their times, or one bundle of a file without a time.

    Raises:
        UnreadableFile, MalformedDocument: it cannot be read, or is not a trust bundle.
        TrustStoreDamaged, FileUnavailable: as `read_store` does.
    """
    return read_store(path) if path.is_dir() else (PinnedTrust(trust=read_trust(path), pinned_at=None),)


def read_chain(path: Path) -> HeaderChain:
    """Read a chain of headers as JSON or CBOR; a JSON document begins with a brace, a CBOR map never does.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument, ChainTooLong: it is not a chain of headers, or it has more links than are checked.
    """
    return CHAIN_FORM.decode(read_file(path))


def write_chain(path: Path, chain: HeaderChain) -> None:
    """Write a chain of headers: as CBOR if the name ends in `.cbor`, else as JSON.

    Raises:
        UnreadableFile: it cannot be written.
    """
    write_file(path, encode_as_named(path, CHAIN_FORM, chain))


def fetch_ancestry(evidence: Evidence, store: Path, fetch: FetchChain) -> tuple[HeaderChain, ProvenAncestor]:
    """Fetch and check the chain from the evidence's block to the nearest pinned checkpoint at or above it.

    The checkpoint is one of the store's present ledger. The chain proves that the block is on that ledger. It proves
    nothing that the evidence says about the block's state.

    Raises:
        MalformedHeader: the evidence has no header.
        NoLaterCheckpoint: no such checkpoint is pinned yet.
        ChainTooLong: more than `MAX_LINKS` blocks lie between.
        MalformedLink, ChainEndsElsewhere, ChainBroken: the answer is not that chain, or the block is not on the ledger.
        Refused, Unavailable, Malformed: `fetch` raised it, or the store cannot be read.
    """
    header, kept = decode_header(evidence.header), read_kept(store)
    here = [one.trust.checkpoint for one in kept if one.trust.ledger == kept[-1].trust.ledger]
    later = [checkpoint for checkpoint in here if checkpoint.number >= header.number]
    if not later:
        raise NoLaterCheckpoint(number=header.number, newest=max(checkpoint.number for checkpoint in here))
    nearest = min(
        reversed(later), key=lambda checkpoint: checkpoint.number
    )  # if two have the same number, the one pinned later
    if nearest.number - header.number > MAX_LINKS:
        raise ChainTooLong(found=nearest.number - header.number, limit=MAX_LINKS)
    chain = fetch(header.number, nearest.number)
    return chain, verify_ancestry(header, chain, nearest)


def fetch_ancestor(
    number: int, newest: SealedHeader, fetch_header: FetchHeader, fetch_chain: FetchChain
) -> ProvenAncestor:
    """Fetch an earlier block's header, and prove it by the chain from it to a block that is proven.

    Args:
        number: Number of the earlier block.
        newest: The header of the proven block.
        fetch_header: Where the earlier header comes from.
        fetch_chain: Where the chain comes from.

    Raises:
        BlockUnknown: the block is not earlier.
        ChainTooLong: more than `MAX_LINKS` blocks lie between.
        MalformedLink, ChainEndsElsewhere, ChainBroken: the header is not that block's, or the answer is not that chain.
        Refused, Unavailable, Malformed: `fetch_header` or `fetch_chain` raised it.
    """
    head = newest.header.number
    if number > head:
        raise BlockUnknown(found=str(number), head=head)
    proven = Checkpoint(number=head, hash=newest.hash, time=newest.header.timestamp)
    return verify_ancestry(fetch_header(number), fetch_chain(number, head), proven)
