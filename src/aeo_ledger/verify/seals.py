"""Who sealed a header, and whether that is enough."""

from __future__ import annotations

from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.errors.verify import RepeatedSeal, StrangerSealed, TooFewSeals, UnreadableSeal
from aeo_ledger.evidence.header import Header
from aeo_ledger.primitives.curve import recover_address
from aeo_ledger.verify.validators import ValidatorSet


def verify_seals(header: Header, validators: ValidatorSet) -> tuple[bytes, ...]:
    """Recover who sealed the header. Demand a quorum of distinct validators, and no other sealers.

    Every seal is judged, even after a quorum is reached, as both engines do. A high `s` is accepted, as in both engines: turning a
    seal into its twin gains nothing, because sealers are counted, not seals.

    Returns:
        The sealers' addresses, 20 bytes each, in the order of the seals.

    Raises:
        UnreadableSeal: No key can have made a seal, or its recovery id is not 0 or 1.
        StrangerSealed: A sealer is not a validator.
        RepeatedSeal: A validator sealed twice.
        TooFewSeals: The sealers are fewer than a quorum.
    """
    digest = header.seal_digest()
    sealers: list[bytes] = []
    for position, seal in enumerate(header.seals):
        r, s = int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big")
        try:
            sealer = recover_address(digest, r, s, seal[64])
        except MalformedSignature as error:
            raise UnreadableSeal(position=position, reason=error.reason) from error
        if sealer not in validators:
            raise StrangerSealed(sealer=sealer)
        if sealer in sealers:
            raise RepeatedSeal(sealer=sealer)
        sealers.append(sealer)
    if len(sealers) < validators.quorum:
        raise TooFewSeals(found=len(sealers), needed=validators.quorum, validators=len(validators))
    return tuple(sealers)
