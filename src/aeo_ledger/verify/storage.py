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

    The EVM stores no zeros. If the nodes prove that a word is absent, it is 0, as firmly proven as any other value.

    Args:
        pool: Trie nodes, including those on the path to the word.
        account: The account whose storage is read.
        slot: Number of the slot, or the same as 32 bytes, big-endian; not hashed.

    Returns:
        The word, 0 to 2**256 - 1.

    Raises:
        UnreadableValue: The value there is not a word, or is a stored zero.
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
