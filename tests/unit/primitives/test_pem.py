"""Text armour: what is between its lines, and nothing else."""

from __future__ import annotations

from base64 import encodebytes

import pytest

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.pem import CERTIFICATE, REVOCATION_LIST, read_armoured

ONE, TWO = b"\x30\x03\x02\x01\x07", b"\x30\x82\x01\x00" + bytes(256)


def armour(data: bytes, label: str = CERTIFICATE, end: str = "") -> bytes:
    return f"-----BEGIN {label}-----\n{encodebytes(data).decode()}-----END {end or label}-----\n".encode()


@pytest.mark.parametrize("between", [b"", b"subject=CN = Customs\nissuer=CN = Root\n", "Таможня\r\n".encode()])
def test_blocks_are_read_in_order_whatever_is_between(between: bytes) -> None:
    data = between + armour(ONE) + between + armour(TWO) + between
    assert read_armoured(data, CERTIFICATE, what="file") == (ONE, TWO)
    assert read_armoured(data.replace(b"\n", b"\r\n"), CERTIFICATE, what="file") == (ONE, TWO)


def test_blocks_of_another_label_are_left_out() -> None:
    data = armour(b"secret", "ENCRYPTED PRIVATE KEY") + armour(ONE) + armour(TWO, REVOCATION_LIST)
    assert read_armoured(data, CERTIFICATE, what="file") == (ONE,)
    assert read_armoured(data, REVOCATION_LIST, what="file") == (TWO,)


def test_a_file_in_der_is_one_block() -> None:
    assert read_armoured(ONE, CERTIFICATE, what="file") == (ONE,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"0",
        b"0x1234, which begins as DER does",
        ONE + b"\0",
        ONE[:-1],
        TWO[:-1],
        b"\x30\x80",
        armour(b"hello"),
        armour(ONE) + armour(b"hello"),
        armour(ONE, "PRIVATE KEY"),
        armour(ONE, end="CERTIFICATES"),
        armour(ONE)[:-10],
        b"-----BEGIN CERTIFICATE-----\nMAMCAQ\n-----END CERTIFICATE-----\n",  # a letter is missing
        "\u202e".encode("utf-16"),
    ],
)
def test_a_file_without_such_a_block_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedText):
        read_armoured(data, CERTIFICATE, what="file")
