"""The content of an envelope: the keys of a register's types for one recipient.

For each type, ascending: its number (1 byte), its lookup key (32), its payload key of the epoch (32). Nothing else, so the length of an
envelope shows how many types it is about, and that much the arrangement shows to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from aeo_ledger.errors.signing import UnreadableEnvelope
from aeo_ledger.evidence.disclosure_key import DisclosureKey
from aeo_ledger.protocol.lookup_keys import SECRET_BYTES, LookupKey, PayloadKey
from aeo_ledger.signing.hpke import OVERHEADS, Opener, Purpose, seal
from aeo_ledger.signing.lookup_file import HeldKeys
from aeo_ledger.signing.register_file import TYPES, RegisterSecrets

_ROW: Final = 1 + 2 * SECRET_BYTES


def seal_keys(secrets: RegisterSecrets, types: Iterable[int], recipient: DisclosureKey, purpose: Purpose) -> bytes:
    """Seal the keys of some types of a register in an epoch.

    Raises:
        NoPayloadSecret: The secret of the epoch is not here.
        MalformedDisclosureKey: The recipient's key is none.
        ExtraMissing: The library for envelopes is not installed.
    """
    rows = [
        bytes([kind]) + secrets.lookup_key(kind).secret + secrets.payload_key(kind, purpose.epoch).secret
        for kind in sorted(set(types))
    ]
    return seal(recipient, b"".join(rows), purpose)


def count_types(sealed: bytes) -> int:
    """Count the types that an envelope is about, by its length; 0 if no keys in this form have such a length."""
    for before in OVERHEADS.values():
        types, rest = divmod(len(sealed) - before, _ROW)
        if rest == 0 and types in range(1, len(TYPES) + 1):
            return types
    return 0


def open_keys(opener: Opener, sealed: bytes, purpose: Purpose) -> HeldKeys:
    """Open an envelope. The keys are claims until their check values are compared with the ledger's.

    Raises:
        EnvelopeClosed: It is for another recipient or purpose, or altered.
        UnreadableEnvelope: It contains something other than keys.
    """
    plain = opener.open(sealed, purpose)
    if not plain or len(plain) % _ROW:
        found = f"{len(plain)} bytes, needed a multiple of {_ROW}"
        del plain  # a traceback may show its frames' variables
        raise UnreadableEnvelope(register=purpose.register, reason=found)
    rows = [plain[at : at + _ROW] for at in range(0, len(plain), _ROW)]
    if any(one[0] >= other[0] for one, other in pairwise(rows)) or rows[-1][0] not in TYPES:
        del plain, rows
        raise UnreadableEnvelope(register=purpose.register, reason="its types are not ascending, or out of range")
    where = {"register": purpose.register}
    return HeldKeys.of(
        [LookupKey(certificate_type=row[0], secret=row[1 : 1 + SECRET_BYTES], **where) for row in rows],
        [
            PayloadKey(certificate_type=row[0], epoch=purpose.epoch, secret=row[1 + SECRET_BYTES :], **where)
            for row in rows
        ],
    )
