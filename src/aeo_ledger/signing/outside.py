r"""A signer outside: a command of yours signs, and the key never comes here. So keys live in a PKCS#11 token, a cloud KMS or a wallet.

The command gets the digest, 32 bytes, on standard input, and answers on standard output with r and s: 64 bytes or DER, written as bytes,
in hexadecimal or in base64. Tools differ, and these are the forms of `pkcs11-tool` and of the cloud services' commands. Such devices do
not know Ethereum's rules. So low s and the recovery id are found here, by trying them against the known key, and nothing is returned but
a signature by that key over that digest.

The *signer file* names the command and the public key. It holds no secret. But whoever could write it could make this machine run a
program, so it is private (mode 0600) like a key file, and stands wherever a key file may.

For a token, with OpenSC, as the tests run it; and for a key in AWS KMS, by its manual:

    aeo-ledger key outside token.json --password-in TOKEN_PIN -- pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so \
        --token-label customs --login --pin env:TOKEN_PIN --sign --mechanism ECDSA --id 01
    aeo-ledger key outside kms.json -- aws kms sign --key-id alias/customs --message fileb:///dev/stdin --message-type DIGEST \
        --signing-algorithm ECDSA_SHA_256 --output text --query Signature

Source: SEC 1 section 4.1.6 (recovery), RFC 3279 section 2.2.3 (DER), EIP-2 (low s).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from aeo_ledger.errors.primitives import MalformedDocument, MalformedSignature
from aeo_ledger.errors.signing import (
    ForeignSignature,
    MalformedAnswer,
    MalformedCommand,
    MalformedKeyFile,
    NoOneKey,
    OtherKey,
)
from aeo_ledger.primitives.curve import ORDER, address_of_public_key, recover_public_key
from aeo_ledger.primitives.documents import Fields, Value, parse_json
from aeo_ledger.primitives.forms import Form
from aeo_ledger.signing.command import LONGEST_ANSWER, LONGEST_TIMEOUT_S, LONGEST_WORD, MOST_WORDS, Command, Hear
from aeo_ledger.signing.keyfile import open_key_file
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import create_private_file, read_private_file
from aeo_ledger.signing.signer import Signer

FORMAT: Final = "aeo-ledger/signer/1"
"""Name and version of the signer file. Another version is another format."""

_DOCUMENT: Final = "signer file"
_MAX_BYTES: Final = 1 << 18


def _hear_nothing(program: str, line: str) -> None:
    """Drop what a command says."""


def open_signer(
    path: Path,
    obtain: Callable[[], Password],
    obtain_pin: Callable[[], Password] | None = None,
    *,
    hear: Hear = _hear_nothing,
) -> Signer:
    """Open a key file or a signer file: the one door for a file that somebody names as a key.

    Args:
        path: The file.
        obtain: Returns the password; called only if the file needs one.
        obtain_pin: The same for the command of a signer file; None takes `obtain`. Not called if the command's variable is set already.
        hear: Gets what the command of a signer file says, line by line, each time that it signs.

    Raises:
        MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `read_signer_file`.
        Otherwise see `open_key_file`. What the command does wrong shows when it signs.
    """
    outside = read_signer_file(path)
    if outside is None:
        return open_key_file(path, obtain())
    return outside.to_signer((obtain_pin or obtain)() if outside.command.needs_password else None, hear)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerFile:
    """The content of a signer file."""

    public_key: bytes
    """x and y, 64 bytes."""
    command: Command

    @property
    def address(self) -> bytes:
        """The address of the key, 20 bytes."""
        return address_of_public_key(self.public_key)

    def to_signer(self, password: Password | None, hear: Hear = _hear_nothing) -> Signer:
        """Return the signer; its command runs each time that something is signed, and may get the password.

        Signing raises `SignerUnavailable`, `MalformedAnswer` and `ForeignSignature`; then nothing was signed.
        """
        return Signer(self.address, self.public_key, partial(self._sign, password, hear))

    def _sign(self, password: Password | None, hear: Hear, digest: bytes) -> bytes:
        for public_key, signature in _sign_outside(self.command, digest, password, hear):
            if public_key == self.public_key:
                return signature
        raise ForeignSignature(program=self.command.program, needed=self.address)


def create_signer_file(
    path: Path,
    command: Command,
    password: Password | None,
    *,
    randomness: Callable[[int], bytes],
    address: bytes | None = None,
    hear: Hear = _hear_nothing,
) -> Signer:
    """Let a command sign two random digests, which tell its key, and write the signer file, of mode 0600.

    Args:
        path: The new file.
        command: What signs.
        password: What it gets in its variable, if it has one.
        randomness: Returns the given number of random bytes, as `secrets.token_bytes` does.
        address: The address that the key must have, 20 bytes; None accepts any, and then the caller shows it.
        hear: Gets what the command says, line by line.

    Raises:
        SignerUnavailable, MalformedAnswer: The command signed nothing.
        NoOneKey: No one key made both signatures.
        OtherKey: It has another address.
        KeyFileExists, KeyFileUnavailable: The file cannot be written.
    """
    trials = [{key for key, _ in _sign_outside(command, randomness(32), password, hear)} for _ in range(2)]
    common = trials[0] & trials[1]
    if len(common) != 1:
        raise NoOneKey(program=command.program)
    file = SignerFile(public_key=common.pop(), command=command)
    if address is not None and address != file.address:
        raise OtherKey(path=command.program, found=file.address, needed=address)
    create_private_file(path, SIGNER_FORM.encode_json(file) + "\n")
    return file.to_signer(password, hear)


def read_signer_file(path: Path) -> SignerFile | None:
    """Read a signer file; None if the file does not say that it is one, and may be a key file.

    Raises:
        MalformedKeyFile: It says so, and is not in that form.
        ExposedFile, KeyFileUnavailable: See `read_private_file`.
    """
    try:
        value = parse_json(read_private_file(path), document=_DOCUMENT, max_bytes=_MAX_BYTES)
    except MalformedDocument:
        return None  # who reads key files says what is wrong with it
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return None
    try:
        return SIGNER_FORM.decode_values(value)
    except (MalformedDocument, MalformedCommand, MalformedSignature) as error:
        raise MalformedKeyFile(path=str(path), reason=str(error)) from error


def _sign_outside(command: Command, digest: bytes, password: Password | None, hear: Hear) -> list[tuple[bytes, bytes]]:
    """Let a command sign; return each key that may have signed, 64 bytes, with the signature: r, low s, and v of 0 or 1.

    Raises:
        SignerUnavailable: It failed.
        MalformedAnswer: It answered with something else.
    """
    answer = command.run(digest, password, hear)
    found = []
    for r, s in _read_answer(answer):
        low = min(s, ORDER - s)
        for recovery_id in (0, 1):
            with suppress(MalformedSignature):  # no point of the curve fits
                key = recover_public_key(digest, r, low, recovery_id)
                found.append((key, r.to_bytes(32, "big") + low.to_bytes(32, "big") + bytes((recovery_id,))))
    if not found:
        more = len(answer) > LONGEST_ANSWER
        raise MalformedAnswer(
            program=command.program, found=f"more than {LONGEST_ANSWER} bytes" if more else f"{len(answer)} bytes"
        )
    return found


def _read_answer(answer: bytes) -> Iterator[tuple[int, int]]:
    """Yield r and s in each way in which an answer can be read. If there are several, the known key decides."""
    text = b"".join(answer.split())
    readings = [answer]
    with suppress(ValueError):
        readings.append(bytes.fromhex(text.removeprefix(b"0x").decode("ascii")))
    with suppress(ValueError):
        readings.append(b64decode(text, validate=True))
    for data in readings:
        if len(data) == 64:
            yield int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")
        with suppress(ValueError):
            yield _read_der(data)


def _read_der(data: bytes) -> tuple[int, int]:
    """Read the sequence of two numbers; raise ValueError if it is anything else. Whether the numbers fit is for the curve to say."""
    if len(data) < 2 or data[0] != 0x30 or data[1] != len(data) - 2:
        raise ValueError("no sequence of this length")
    numbers, rest = [], data[2:]
    while rest:
        if len(rest) < 2 or rest[0] != 2 or not 0 < rest[1] <= len(rest) - 2:
            raise ValueError("no number of this length")
        numbers.append(int.from_bytes(rest[2 : 2 + rest[1]], "big", signed=True))
        rest = rest[2 + rest[1] :]
    r, s = numbers
    return r, s


def _encode(file: SignerFile) -> dict[str, Value]:
    command = file.command
    return {
        "format": FORMAT,
        "public_key": file.public_key,
        "command": list(command.words),
        "timeout": command.timeout_s,
        **({"password_in": command.password_in} if command.password_in else {}),
    }


def _decode(fields: Fields) -> SignerFile:
    fields.demand(("format", "public_key", "command", "timeout"), optional=("password_in",))
    fields.choice("format", {FORMAT: None})
    public_key = fields.binary("public_key", 64)
    address_of_public_key(public_key)
    command = Command(
        words=fields.texts("command", MOST_WORDS, LONGEST_WORD),
        timeout_s=fields.number("timeout", LONGEST_TIMEOUT_S),
        password_in=fields.text("password_in", LONGEST_WORD) if "password_in" in fields else "",
    )
    return SignerFile(public_key=public_key, command=command)


SIGNER_FORM: Final = Form(_DOCUMENT, _encode, _decode, max_bytes=_MAX_BYTES)
"""A signer file: JSON."""
