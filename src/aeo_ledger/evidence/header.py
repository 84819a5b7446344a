"""A block header in transit. Its form is checked here; its content is not yet trusted.

QBFT puts its own data into the header's extra data, `RLP([vanity, [validators], vote, round, [commit seals]])`. So one header
has three forms. Nodes store it with round and seals. A seal signs it with its real round and without seals. The chain names
it by its hash with round 0 and without seals, because nodes may store different seals and agree in different rounds, and
it is still the same block.

Source: Ethereum Yellow Paper, section 4.3; the QBFT block format of Besu and GoQuorum.
"""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.evidence import HeaderUnsealed, MalformedHeader
from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256

MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
"""Mix hash of every QBFT block."""

NO_UNCLES_HASH = keccak256(rlp.encode([]))
"""Uncles hash of a block without uncles, as all QBFT blocks are."""

SEAL_BYTES = 65
"""Length of a commit seal: r, s, 32 bytes each, and the recovery id."""

MAX_HEADER_BYTES = 1 << 16
"""Longest header that is read. With 255 listed validators that all seal, it has 24 KB."""

_FIELDS = 15
"""Number of fields of a header under Berlin's rules. Forks only append fields."""
_MAX_FIELDS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A block header's fields, and those of its extra data. They are a claim until `verify_header` has judged them."""

    parent_hash: bytes
    """On-chain hash of the parent block, 32 bytes."""
    uncles_hash: bytes
    """32 bytes."""
    coinbase: bytes
    """The proposer's address, 20 bytes."""
    state_root: bytes
    """Root of the account trie after this block, 32 bytes."""
    transactions_root: bytes
    """32 bytes."""
    receipts_root: bytes
    """32 bytes."""
    bloom: bytes
    """256 bytes."""
    difficulty: int
    """Has no meaning under QBFT."""
    number: int
    """Height of the block; the genesis is 0."""
    gas_limit: int
    """Gas that the block's transactions may use."""
    gas_used: int
    """Gas that they used."""
    timestamp: int
    """When the block was proposed, UTC seconds."""
    vanity: bytes
    """Free bytes of the proposer: usually 32, but any number is allowed."""
    listed_validators: tuple[bytes, ...]
    """Who may seal, as the proposer claims, 20 bytes each; empty where a contract names the validators."""
    vote: tuple[bytes, ...]
    """Empty; or the address voted on and the kind of vote, as received. Nobody votes in headers where a contract is used."""
    round: int
    """Round of consensus in which the block was agreed. It is above 0 only if a proposer failed."""
    seals: tuple[bytes, ...]
    """Commit seals, 65 bytes each, in the order of the node that stored the block."""
    mix_hash: bytes
    """32 bytes."""
    nonce: bytes
    """8 bytes."""
    later_fields: tuple[bytes, ...]
    """Fields that forks after Berlin append (see `evidence.forks`), as received: hashed but not interpreted."""

    def encode(self) -> bytes:
        """Encode the header as nodes store it, with seals."""
        return self._encode(self.round, self.seals)

    def hash(self) -> bytes:
        """Hash the header as the chain does: with round 0 and without seals. The genesis is hashed unchanged."""
        return keccak256(self.named())

    def named(self) -> bytes:
        """Encode the header in the form that its hash is computed from."""
        return self._encode(0, ()) if self.number else self.encode()

    def seal_digest(self) -> bytes:
        """Hash the header as commit seals sign it: with its real round and without seals."""
        return keccak256(self._encode(self.round, ()))

    def _encode(self, round_: int, seals: tuple[bytes, ...]) -> bytes:
        number = rlp.minimal_bytes
        extra_data = rlp.encode((self.vanity, self.listed_validators, self.vote, number(round_), seals))
        return rlp.encode(
            (
                self.parent_hash,
                self.uncles_hash,
                self.coinbase,
                self.state_root,
                self.transactions_root,
                self.receipts_root,
                self.bloom,
                number(self.difficulty),
                number(self.number),
                number(self.gas_limit),
                number(self.gas_used),
                number(self.timestamp),
                extra_data,
                self.mix_hash,
                self.nonce,
                *self.later_fields,
            )
        )


def decode_header(data: bytes) -> Header:
    """Read a header's RLP with seals, in its one canonical form.

    Raises:
        MalformedHeader: The data is longer than `MAX_HEADER_BYTES`, not canonical RLP, or not a QBFT header.
        HeaderUnsealed: The header has no extra data at all, as on a chain that nobody seals.
    """
    if len(data) > MAX_HEADER_BYTES:
        raise MalformedHeader(reason=f"{len(data)} bytes, at most {MAX_HEADER_BYTES} are read")
    try:
        fields = rlp.decode(data)
        if isinstance(fields, bytes) or not _FIELDS <= len(fields) <= _MAX_FIELDS:
            raise MalformedHeader(reason=f"needed a list of {_FIELDS} fields or a few more")
        if fields[12] == b"":
            raise HeaderUnsealed(number=rlp.parse_number(fields[8], max_bytes=8))
        extra_data = rlp.decode(_bytes(fields[12], "extra data"))
        if isinstance(extra_data, bytes) or len(extra_data) != 5:
            raise MalformedHeader(reason="extra data: needed a list of 5 items")
        return _header(fields, extra_data)
    except MalformedRlp as error:
        raise MalformedHeader(reason=str(error)) from error


def _header(fields: list[rlp.Item], extra_data: list[rlp.Item]) -> Header:
    number = rlp.parse_number
    return Header(
        parent_hash=_bytes(fields[0], "parent hash", 32),
        uncles_hash=_bytes(fields[1], "uncles hash", 32),
        coinbase=_bytes(fields[2], "coinbase", 20),
        state_root=_bytes(fields[3], "state root", 32),
        transactions_root=_bytes(fields[4], "transactions root", 32),
        receipts_root=_bytes(fields[5], "receipts root", 32),
        bloom=_bytes(fields[6], "bloom", 256),
        difficulty=number(fields[7]),
        number=number(fields[8], max_bytes=8),
        gas_limit=number(fields[9], max_bytes=8),
        gas_used=number(fields[10], max_bytes=8),
        timestamp=number(fields[11], max_bytes=8),
        vanity=_bytes(extra_data[0], "vanity"),
        listed_validators=_several(extra_data[1], "listed validator", 20),
        vote=_vote(extra_data[2]),
        round=number(extra_data[3], max_bytes=4),
        seals=_several(extra_data[4], "commit seal", SEAL_BYTES),
        mix_hash=_bytes(fields[13], "mix hash", 32),
        nonce=_bytes(fields[14], "nonce", 8),
        later_fields=tuple(_bytes(field, "later field") for field in fields[_FIELDS:]),
    )


def _bytes(item: rlp.Item, what: str, length: int | None = None) -> bytes:
    if isinstance(item, list):
        raise MalformedHeader(reason=f"{what}: found a list, needed bytes")
    if length is not None and len(item) != length:
        raise MalformedHeader(reason=f"{what}: found {len(item)} bytes, needed {length}")
    return item


def _several(items: rlp.Item, what: str, length: int) -> tuple[bytes, ...]:
    if isinstance(items, bytes):
        raise MalformedHeader(reason=f"{what}s: found bytes, needed a list")
    return tuple([_bytes(item, what, length) for item in items])


def _vote(item: rlp.Item) -> tuple[bytes, ...]:
    if item == []:
        return ()
    if isinstance(item, bytes) or len(item) != 2:
        raise MalformedHeader(reason="vote: needed an empty list, or an address and a kind")
    return _bytes(item[0], "vote's address", 20), _bytes(item[1], "vote's kind")
