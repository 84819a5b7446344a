"""Text armour of binary files: `-----BEGIN CERTIFICATE-----`, base64, `-----END CERTIFICATE-----`.

Source: RFC 7468.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from aeo_ledger.errors.primitives import MalformedText

CERTIFICATE: Final = "CERTIFICATE"
REVOCATION_LIST: Final = "X509 CRL"

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]*)-----END \1-----")


def read_armoured(data: bytes, label: str, *, what: str) -> tuple[bytes, ...]:
    """Read the blocks of one label from a file in PEM, in order, or the file itself if it is in DER.

    Args:
        data: The file.
        label: `CERTIFICATE` or `REVOCATION_LIST`; blocks of other labels, such as a key's, are left out.
        what: Name of the file, for the error.

    Raises:
        MalformedText: It has no such block, or one that is not base64.
    """
    if _is_sequence(data):
        return (data,)
    try:
        found = tuple(binascii.a2b_base64(body) for kind, body in _BLOCK.findall(data) if kind.decode("ascii") == label)
    except binascii.Error as error:
        raise MalformedText(what, f"a block that is not base64 ({error})", f"PEM with {label}") from error
    if not found or not all(map(_is_sequence, found)):
        raise MalformedText(what, f"{len(data)} bytes without one", f"PEM with a block {label}, or DER")
    return found


def _is_sequence(data: bytes) -> bool:
    """Tell whether bytes are one SEQUENCE in DER and nothing after it, as everything is that X.509 defines.

    Source: ITU-T X.690, section 8.1.3.
    """
    if len(data) < 2 or data[0] != 0x30:
        return False
    octets = data[1] & 0x7F if data[1] & 0x80 else 0
    length = int.from_bytes(data[2 : 2 + octets], "big") if octets else data[1]
    return 2 + octets + length == len(data)
