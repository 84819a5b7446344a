"""Signatures of webhooks: with a secret that gateway and receiver share, with a key of the gateway's own, or with both.

A receiver that only verifies needs no secret if the gateway signs with Ed25519 (`v1a`); most ready-made receivers know HMAC (`v1`). What is
signed is the id, the time of sending and the body, so a message that was sent to another time cannot be sent again.

Ed25519 needs the extra `[ledger]`.

Source: Standard Webhooks 1.0.0, "Signature scheme"; RFC 2104; RFC 8032.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn, Protocol, SupportsIndex, final

from aeo_ledger.errors.cli import ExtraMissing
from aeo_ledger.errors.signing import KeyFileExists, MalformedKeyFile
from aeo_ledger.signing.keyfile import WORK_FACTOR
from aeo_ledger.signing.passwords import Password
from aeo_ledger.signing.private_file import create_private_file
from aeo_ledger.signing.sealed_file import kind_of, open_sealed_file, work_factor_of, write_sealed_file

SHARED_KIND: Final = "aeo-ledger/webhook-secret/1"
"""What the file of a shared secret says that it is."""
KEY_KIND: Final = "aeo-ledger/webhook-key/1"
"""What the file of an Ed25519 key says that it is."""
BYTES: Final = 32
"""Length of a secret, and of a private key."""


class HookSigner(Protocol):
    """Signs webhooks."""

    def sign(self, content: bytes) -> str:
        """Sign what a receiver checks; return the version and the signature, as in `v1,...`."""


class _Hidden:
    """A secret that no text, copy or pickle shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show nothing."""
        return f"{type(self).__name__}(hidden)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError("a secret cannot be copied or pickled")


@final
class HookSecret(_Hidden):
    """A secret of 32 bytes that gateway and receiver share."""

    __slots__ = ("_digest",)

    def __init__(self, secret: bytes) -> None:
        self._digest: Callable[[bytes], bytes] = lambda content: hmac.digest(secret, content, "sha256")

    def sign(self, content: bytes) -> str:
        """Sign with HMAC-SHA256."""
        return f"v1,{_base64(self._digest(content))}"


@final
class HookKey(_Hidden):
    """An Ed25519 key of the gateway's own, from a private key of 32 bytes.

    Raises:
        ExtraMissing: The library is not installed.
    """

    __slots__ = ("_sign", "public")

    def __init__(self, secret: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 (an extra)
        except ImportError as error:
            raise ExtraMissing(extra="ledger", module="cryptography") from error
        key = Ed25519PrivateKey.from_private_bytes(secret)
        self._sign: Callable[[bytes], bytes] = key.sign
        self.public = f"whpk_{_base64(key.public_key().public_bytes_raw())}"
        """The public key, as receivers write it."""

    def sign(self, content: bytes) -> str:
        """Sign with Ed25519."""
        return f"v1a,{_base64(self._sign(content))}"


def sign_delivery(signers: Sequence[HookSigner], message: str, at: int, body: bytes) -> dict[str, str]:
    """Sign one delivery; return its headers.

    Args:
        signers: Each gives a signature.
        message: The message's id, without a full stop; the same each time that it is sent.
        at: The time of sending, UTC seconds.
        body: The bytes that are sent.
    """
    content = f"{message}.{at}.".encode() + body
    signatures = " ".join(signer.sign(content) for signer in signers)
    return {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": signatures}


def create_hook_secret(
    path: Path,
    receiver: Path,
    password: Password,
    *,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
) -> None:
    """Draw a shared secret, and write it to two new files of mode 0600: encrypted, and as the receiver needs it.

    Args:
        path: The gateway's file.
        receiver: The receiver's file, NOT encrypted: `whsec_` and Base64. Hand it on, and delete it.
        password: Encrypts the gateway's file.
        randomness: Returns the given number of secret random bytes, as `secrets.token_bytes` does.
        work_factor: scrypt's N, a power of two.

    Raises:
        KeyFileExists: A file is there.
        KeyFileUnavailable: A file cannot be written.
    """
    if path.exists():
        raise KeyFileExists(path=str(path))
    secret = randomness(BYTES)
    create_private_file(receiver, f"whsec_{_base64(secret)}\n")
    write_sealed_file(path, SHARED_KIND, secret, password, about={}, randomness=randomness, work_factor=work_factor)


def create_hook_key(
    path: Path, password: Password, *, randomness: Callable[[int], bytes], work_factor: int = WORK_FACTOR
) -> str:
    """Draw an Ed25519 key, and write it, encrypted, to a new file of mode 0600; return the public key for receivers.

    Raises:
        KeyFileExists, KeyFileUnavailable, ExtraMissing: See `create_hook_secret` and `HookKey`.
    """
    secret = randomness(BYTES)
    public = HookKey(secret).public
    about = {"public": public}
    write_sealed_file(path, KEY_KIND, secret, password, about=about, randomness=randomness, work_factor=work_factor)
    return public


def open_hook_signer(path: Path, password: Password) -> HookSecret | HookKey:
    """Decrypt the file of a shared secret or of a key.

    Raises:
        WrongPassword: The password is wrong, or the file was altered.
        MalformedKeyFile: The file is neither.
        ExposedFile: Other users may read or write the file.
        KeyFileUnavailable: The file does not exist, or cannot be read.
        ExtraMissing: See `HookKey`.
    """
    kind = _kind_of(path)
    secret, about = open_sealed_file(path, kind, password)
    if len(secret) != BYTES:
        raise MalformedKeyFile(path=str(path), reason=f"its secret has {len(secret)} bytes, needed {BYTES}")
    if kind == SHARED_KIND:
        return HookSecret(secret)
    key = HookKey(secret)
    del secret  # a traceback may show its frames' variables
    if about.get("public") != key.public:
        raise MalformedKeyFile(path=str(path), reason="it names another public key than its key's")
    return key


def check_hook_signer(path: Path) -> None:
    """Check the form of such a file, as far as that needs no password.

    Raises:
        MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_hook_signer`.
    """
    work_factor_of(path, _kind_of(path))


def _kind_of(path: Path) -> str:
    return KEY_KIND if kind_of(path) == KEY_KIND else SHARED_KIND


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
