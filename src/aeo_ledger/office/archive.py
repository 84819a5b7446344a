"""Keep what proves, and prove years later what it proved: receipts, chains of headers, and evidence as of its receipt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from aeo_ledger.errors.evidence import ChainTooLong
from aeo_ledger.errors.office import NoLaterCheckpoint
from aeo_ledger.evidence.ancestry import CHAIN_FORM, MAX_LINKS, HeaderChain
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.evidence.receipt import RECEIPT_FORM, Receipt, hash_evidence
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import encode_as_named, read_file, read_trust
from aeo_ledger.office.trust_store import read_store
from aeo_ledger.signing import Signer
from aeo_ledger.signing.receipt import sign_receipt
from aeo_ledger.verify import ProvenDecision, TrustBundle
from aeo_ledger.verify.ancestry import ProvenAncestor, verify_ancestry
from aeo_ledger.verify.archive import PinnedTrust, answer_of
from aeo_ledger.verify.trust import fingerprint

FetchChain: TypeAlias = Callable[[int, int], HeaderChain]
"""From the numbers of two blocks to the links between them, by whoever may know."""


def make_receipt(
    evidence: Evidence, proven: ProvenDecision, trust: TrustBundle, *, now: int, max_age: int, signer: Signer | None
) -> Receipt:
    """Write down what was shown, what was concluded from it and when, and sign it if there is a key.

    Args:
        evidence: As it came.
        proven: What it proved.
        trust: As pinned.
        now: When it was checked, UTC seconds.
        max_age: How old it was allowed to be, in seconds.
        signer: The asker's key; None if it has none.
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
        MalformedDocument, MalformedTin: it is none.
    """
    return RECEIPT_FORM.decode_json(read_file(path))


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Write a receipt.

    Raises:
        UnreadableFile: it cannot be written.
    """
    write_file(path, RECEIPT_FORM.encode_file(receipt))


def read_kept(path: Path) -> tuple[PinnedTrust, ...]:
    """Read every bundle that was trusted: those of a store with their times, or the one of a single file, without.

    Raises:
        UnreadableFile, MalformedDocument: it cannot be read, or is none.
        TrustStoreDamaged, FileUnavailable: as `read_store` does.
    """
    return read_store(path) if path.is_dir() else (PinnedTrust(trust=read_trust(path), pinned_at=None),)


def read_chain(path: Path) -> HeaderChain:
    """Read a chain of headers in either form; a JSON document begins with a brace, a CBOR map never does.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedDocument, ChainTooLong: it is none, or longer than is checked.
    """
    return CHAIN_FORM.decode(read_file(path))


def write_chain(path: Path, chain: HeaderChain) -> None:
    """Write a chain of headers: as CBOR where the name ends in `.cbor`, else as JSON.

    Raises:
        UnreadableFile: it cannot be written.
    """
    write_file(path, encode_as_named(path, CHAIN_FORM, chain))


def fetch_ancestry(evidence: Evidence, store: Path, fetch: FetchChain) -> tuple[HeaderChain, ProvenAncestor]:
    """Fetch the chain from the evidence's block to the nearest checkpoint at or above it that was pinned, and check it.

    The store's present ledger is meant. The chain proves that the block is on it, and nothing of what the evidence
    says of the block's state.

    Raises:
        MalformedHeader: the evidence has no header.
        NoLaterCheckpoint: none was pinned yet.
        ChainTooLong: more than `MAX_LINKS` blocks lie between.
        MalformedLink, ChainEndsElsewhere, ChainBroken: what came is not that chain, or the block is not on the ledger.
        Refused, Unavailable, Malformed: what `fetch` says; or the store cannot be read.
    """
    header, kept = decode_header(evidence.header), read_kept(store)
    here = [one.trust.checkpoint for one in kept if one.trust.ledger == kept[-1].trust.ledger]
    later = [checkpoint for checkpoint in here if checkpoint.number >= header.number]
    if not later:
        raise NoLaterCheckpoint(number=header.number, newest=max(checkpoint.number for checkpoint in here))
    nearest = min(reversed(later), key=lambda checkpoint: checkpoint.number)  # of two of one number, the later pinned
    if nearest.number - header.number > MAX_LINKS:
        raise ChainTooLong(found=nearest.number - header.number, limit=MAX_LINKS)
    chain = fetch(header.number, nearest.number)
    return chain, verify_ancestry(header, chain, nearest)
