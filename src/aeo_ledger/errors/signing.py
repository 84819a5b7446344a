"""Errors of keys, key files and passwords."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable, Unproven


class MalformedKey(Malformed, wire="malformed-key"):
    """Bytes that are not a private key of the curve; the error never shows them."""

    says = "private key: needed 32 bytes, above 0 and below the curve's order"
    advises = "restore the key's file from a copy, or make another key with `key new`"


class MalformedKeyFile(Malformed, wire="malformed-key-file"):
    """A file that is not a key file or key store of a form that this project reads."""

    says = "{path} contains no key: {reason}"
    advises = "name a key file that `key new` or a wallet wrote"

    path: str
    """The file."""
    reason: str
    """What is wrong with it, without its content."""


class MalformedPassword(Malformed, wire="malformed-password"):
    """A text that cannot be a password; the error never shows it."""

    says = "password: {reason}"
    advises = "give another password"

    reason: str
    """What is wrong with it."""


class PasswordMissing(Refused, wire="password-missing"):
    """No password was given, and there is no terminal to ask at."""

    says = "no password for {what}: run this at a terminal, name a password file, or set {variable}"

    what: str
    """What the password is for."""
    variable: str
    """The environment variable that may contain it."""


class WrongPassword(Refused, wire="wrong-password"):
    """A password does not open a file. Either it is wrong or the file was altered; nobody can tell which."""

    says = "{path} does not open: the password is wrong{noted}, or the file was altered"
    advises = "give the password with which the file was written, or restore the file from a copy"

    path: str
    """The file."""
    oddity: str = ""
    """What is unusual about the password and may be a typing error; never the password itself."""

    @property
    def noted(self) -> str:
        """A part of the message."""
        return self.oddity and f" (the password {self.oddity})"


class KeyFileExists(Refused, wire="key-file-exists"):
    """The file of a new key exists already: keys are never overwritten."""

    says = "{path} exists: a key is never overwritten, choose another place"

    path: str
    """The existing file."""


class ExposedFile(Refused, wire="exposed-file"):
    """A file of keys or of a password that others on this machine may read or write."""

    says = "{path} is open to others (mode {mode:04o}): run chmod 600 on it"

    path: str
    """The file."""
    mode: int
    """Its permission bits."""


class AddressUnnamed(Refused, wire="address-unnamed"):
    """A key file does not name its key's address. If its initial value was altered, it opens another key, and nobody would notice."""

    says = (
        "{path} does not name its key's address, so nothing shows that it was not altered; it opens {address}: if "
        "this is yours, run aeo-ledger key confirm {path} --address {address}"
    )

    path: str
    """The file."""
    address: bytes
    """Address of the key that it opens, 20 bytes."""


class OtherKey(Refused, wire="other-key"):
    """A key file opens another key than the one asked for."""

    says = "{path} opens {found}, needed {needed}"
    advises = "name the other file, or give the key's own address"

    path: str
    found: bytes
    """Address of its key, 20 bytes."""
    needed: bytes
    """Address that was asked for, 20 bytes."""


class LabelTaken(Refused, wire="label-taken"):
    """A key store has a key of this label already."""

    says = "the key store has a key labelled {label!r} already"
    advises = "choose another label"

    label: str
    """The label."""


class NoSuchLabel(Refused, wire="no-such-label"):
    """A key store has no key of this label."""

    says = "the key store has no key labelled {label!r}, but {labels}"
    advises = "name one of these"

    label: str
    """The label."""
    labels: tuple[str, ...]
    """The labels that it has."""


class RepeatedSigner(Refused, wire="repeated-signer"):
    """One key would sign one message twice, which the contracts refuse."""

    says = "{address} would sign twice: each signer counts once"
    advises = "name each key once"

    address: bytes
    """Its address, 20 bytes."""


class MalformedCommand(Malformed, wire="malformed-command"):
    """A command that cannot be an outside signer's."""

    says = "command of an outside signer: {reason}"
    advises = "name a program in the PATH, or its absolute path, then its arguments"

    reason: str
    """What is wrong with it."""


class MalformedAnswer(Malformed, wire="malformed-answer"):
    """An outside signer's command answered with something that is not a signature."""

    says = "{program} answered with {found}, needed r and s: 64 bytes or DER, as bytes, in hexadecimal or in base64"
    advises = "give the command that signs a digest as it is, without hashing it again and without other output"

    program: str
    """The command's program."""
    found: str
    """What it answered with, without the content."""


class ForeignSignature(Refused, wire="foreign-signature"):
    """An outside signer's command signed with another key, or signed something else."""

    says = "{program} gave a signature that is not by {needed} over what is to be signed"
    advises = "check which key the command uses, and that it signs the digest without hashing it again"

    program: str
    """The command's program."""
    needed: bytes
    """Address of the key, 20 bytes."""


class NoOneKey(Refused, wire="no-one-key"):
    """Two trial signatures of an outside signer's command are not by one key."""

    says = "{program} signed two trial digests, and no one key made both signatures"
    advises = (
        "check that the command always uses the same key of secp256k1, and signs the digest without hashing it again"
    )

    program: str
    """The command's program."""


class OtherLedgersKeys(Refused, wire="other-ledgers-keys"):
    """A file of keys of keyed registers that is for another ledger. Registers of two ledgers have the same numbers, and other keys."""

    says = "{path} holds keys of registers on chain {found}, needed those on chain {needed}"
    advises = "name the file of this ledger's keys, or a new file for them: --lookup-keys"

    path: str
    found: int
    """Id of the chain for which the file was made."""
    needed: int
    """Id of the chain of this ledger."""


class SignerUnavailable(Unavailable, wire="signer-unavailable"):
    """An outside signer's command did not run, did not end in time, or failed."""

    says = "{program} signed nothing: {reason}"
    advises = "see what the command itself said, connect the device or the service, and try again"

    program: str
    """The command's program."""
    reason: str
    """The system's error, the exit code, or how long it was waited."""


class KeyFileUnavailable(Unavailable, wire="key-file-unavailable"):
    """A file of keys or of a password that cannot be read or written now."""

    says = "{path}: {reason}"
    advises = "make room, or allow access, and try again"

    path: str
    """The file."""
    reason: str
    """The system's error."""


class MalformedDisclosureKey(Malformed, wire="malformed-disclosure-key"):
    """A text or bytes that are no public disclosure key."""

    says = "disclosure key: found {found}, needed {needed}"
    advises = "ask the party for its card again"

    found: str
    needed: str


class EnvelopeClosed(Unproven, wire="envelope-closed"):
    """An envelope does not open with this key: it is for another recipient or purpose, or somebody altered it; nobody can tell which."""

    says = (
        "the envelope does not open as keys of register {register}, epoch {epoch}, for party {recipient}: it is for "
        "another recipient or register, or it was altered"
    )
    advises = "ask the register's administration to send the keys again (register share)"

    register: int
    """Number of the register."""
    epoch: int
    """Payload epoch."""
    recipient: int
    """Number of the party that was to open it."""


class UnreadableEnvelope(Unproven, wire="unreadable-envelope"):
    """An envelope opens, and contains something other than keys."""

    says = "the envelope from register {register} contains no keys: {reason}"
    advises = "ask the register's administration to send the keys again (register share)"

    register: int
    """Number of the register."""
    reason: str
    """What is wrong with it, without its content."""


class DetailsClosed(Unproven, wire="details-closed"):
    """A sealed document does not open: it is of another certificate, sealed with another key, or altered; nobody can tell which."""

    says = (
        "the sealed document does not open with the payload key of register {register}, type number {certificate_type} (counted from 0), "
        "epoch {epoch}: it is another one's, or it was altered"
    )
    advises = "ask the issuer's gateway for the document"

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""
    epoch: int
    """Payload epoch."""


class NoPayloadSecret(Refused, wire="no-payload-secret"):
    """The file of a register's secrets has no payload secret of an epoch: the register has gone on to it with another copy."""

    says = "the secrets of register {register} here are of the epochs {known}, not of epoch {epoch}"
    advises = "use the newest copy of the register's secrets"

    register: int
    """Number of the register."""
    epoch: int
    """The epoch."""
    known: tuple[str, ...]
    """The epochs whose secret is here."""
