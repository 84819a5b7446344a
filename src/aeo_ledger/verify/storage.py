"""Words in a contract's storage trie."""

from __future__ import annotations

from aeo_ledger.errors.customs import UnreadableValue
from aeo_ledger.errors.primitives import MalformedRlp
from aeo_ledger.primitives import rlp
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify.account import ProvenAccount
from aeo_ledger.verify.trie import NodePool


def verify_word(pool: NodePool, account: ProvenAccount, slot: int | bytes) -> int:
    """Walk an account's storage trie to a word.

    The EVM stores no zeros: a word of 0 is one that the nodes prove to be absent, as firmly as any other.

    Args:
        pool: Trie nodes, among them those on the way to the word.
        account: Whose storage.
        slot: Its number, or the same as 32 bytes, big-endian; not yet hashed.

    Returns:
        The word, 0 to 2**256 - 1.

    Raises:
        UnreadableValue: What stands there is no word, or a stored zero.
        MissingNode, UnreadableNode: See `NodePool.walk`.

    Source: Ethereum Yellow Paper, section 4.1.
    """
    slot = slot.to_bytes(32, "big") if isinstance(slot, int) else slot
    if len(slot) != 32:
        raise ValueError(f"a slot has 32 bytes, not {len(slot)}")
    value = pool.walk(account.storage_root, keccak256(slot))
    if value is None:
        return 0
    try:
        word = rlp.parse_number(rlp.decode(value))
    except MalformedRlp as error:
        raise UnreadableValue(what=f"word at slot {to_hex(slot)}", reason=error.reason) from error
    if word == 0:
        raise UnreadableValue(what=f"word at slot {to_hex(slot)}", reason="a zero is stored, which the EVM never does")
    return word
