# pragma version 0.4.3
"""
@title Signatures over EIP-712 messages
@notice Recovers signers. msg.sender has no meaning in any act: any relay may submit an act, and none can alter it.
@dev Chain id and contract of the domain are read at each use, so no signature works on another chain or contract.
"""

import messages
import refusals

MAX_OPERATORS: constant(uint256) = 16  # of one act
LONGEST_DEADLINE: constant(uint256) = 366 * 86_400  # seconds ahead


struct Signature:
    v: uint256
    r: uint256
    s: uint256


# Largest low s: half the order of secp256k1, rounded down.
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@view
def _in_time(deadline: uint64):
    """
    @notice Refuse a message after its deadline, a deadline too far ahead, and any message at a time that no word can hold.
    @param deadline Last second at which the message counts.
    """
    if convert(deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    if convert(deadline, uint256) > block.timestamp + LONGEST_DEADLINE:
        refusals._refuse(refusals.TOO_FAR)
    if block.timestamp >> 32 != 0:
        refusals._refuse(refusals.END_OF_TIME)


@internal
@view
def _digest(message: bytes32) -> bytes32:
    """
    @notice Compute the digest to sign from a message's struct hash.
    @param message The 32-byte EIP-712 struct hash.
    """
    domain: bytes32 = keccak256(
        abi_encode(messages.DOMAIN_HASH, messages.NAME_HASH, messages.VERSION_HASH, chain.id, self)
    )
    return keccak256(concat(b"\x19\x01", domain, message))


@internal
@pure
def _signer(digest: bytes32, signature: Signature, previous: address) -> address:
    """
    @notice Recover one signer, who must come after the previous one. So nobody signs twice.
    @param digest The signed 32-byte digest.
    @param signature v (27 or 28), r, s (in the lower half of the order).
    @param previous The 20-byte address of the previous signer, zero for the first.
    """
    if signature.s > HALF_ORDER:
        refusals._refuse(refusals.HIGH_S)
    signer: address = ecrecover(digest, signature.v, signature.r, signature.s)
    if signer == empty(address):
        refusals._refuse(refusals.NO_SIGNER)
    if convert(signer, uint256) <= convert(previous, uint256):
        refusals._refuse(refusals.NOT_ASCENDING)
    return signer


@internal
@view
def _signers(message: bytes32, signed: DynArray[Signature, MAX_OPERATORS]) -> DynArray[address, MAX_OPERATORS]:
    """
    @notice Recover the signers, ascending.
    @param message The 32-byte EIP-712 struct hash.
    @param signed v, r, s of each signer, ascending by signer.
    """
    digest: bytes32 = self._digest(message)
    signers: DynArray[address, MAX_OPERATORS] = []
    previous: address = empty(address)
    for signature: Signature in signed:
        previous = self._signer(digest, signature, previous)
        signers.append(previous)
    return signers
