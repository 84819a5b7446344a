"""Acts of offices, pins and the trust store."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable, Unproven, mean
from aeo_ledger.errors.customs import RefusedByLedger


class OddTin(Refused, wire="odd-tin"):
    """A TIN that is to be published although its country's rule does not give it, such as one with a wrong check digit."""

    says = (
        "{placed}TIN {found!r}: {problems:; }; look again, and accept it as odd (--accept-odd) only if its "
        "register has it so; nothing was published"
    )

    found: str
    """The TIN."""
    problems: tuple[str, ...]
    """What its country's rule says."""
    where: str = ""
    """The line of the file where it stands, if it stands in one."""

    @property
    def placed(self) -> str:
        """A part of what it says."""
        return self.where and f"{self.where}: "


class RowRefused(Malformed, wire="row-refused"):
    """A row of a register's file that cannot be read, or that the ledger would not take."""

    says = "{where}: {reason}; nothing was imported"
    advises = "mend the row, and import the file again"

    where: str
    """The line of the file."""
    reason: str
    """What is wrong with it."""


class NoStanding(Refused, wire="no-standing"):
    """There is no certificate that the act could change."""

    says = "no certificate of this trader under this type: there is nothing to {act}; grant one first"

    act: str


class NoSuchParty(Refused, wire="no-such-party"):
    """No party of this code is on the ledger."""

    says = "no party {code!r} on this ledger, but {known}{meant}"
    advises = "write one of these codes"

    code: str
    known: tuple[str, ...]

    @property
    def meant(self) -> str:
        """A part of what it says."""
        return mean(self.code, self.known)


class WrongKey(Refused, wire="wrong-key"):
    """An act that is signed with another's key, or another kind of key, than it needs."""

    says = "the key {address} is {held}, this act needs {needed}"
    advises = "give the right key with --key"

    address: bytes
    """20 bytes: who signed."""
    held: str
    """What the key is, as in `an operator of CN`."""
    needed: str


class OtherArrangement(WrongKey, wire="other-arrangement"):
    """A signature on an act that goes round is none of a signing party's authority."""


class RefusedBeforehand(RefusedByLedger, wire="refused-beforehand"):
    """An act that the ledger would refuse, as its rules say on what is proven to the signer; nothing was signed."""

    says = "{reason}{told}; nothing was signed (code {code}, {name})"

    found: str
    """What is there, in words; empty where the reason says it."""
    needed: str
    """What the act needs, in words; empty where the reason says it."""

    @property
    def told(self) -> str:
        """A part of what it says."""
        return self.found and f": found {self.found}, needed {self.needed}"


class NotProvenDone(Unproven, wire="not-proven-done"):
    """An act was signed and relayed, and no proof came that it is sealed: it may be, or may yet be."""

    says = (
        "{act} not proven to be done: the gateway {said}, but within {waited_s:g} s nothing proved it: {missing}. "
        "The signed act may still be sealed. Run the same command again through another --gateway: it shows what "
        "stands then, and an act counts once"
    )

    act: str
    """The message's name."""
    said: str
    """What the gateway said of it."""
    missing: str
    """What is not there, or why nothing could be proven."""
    waited_s: float


class NoRegister(Refused, wire="no-register"):
    """A party neither keeps a register nor belongs to exactly one union that keeps one for it."""

    says = "{party} keeps no register of its own, {others}: name one with --register"

    party: str
    kept: tuple[str, ...]
    """Codes of its unions that keep registers."""

    @property
    def others(self) -> str:
        """A part of what it says."""
        return (
            f"its unions' are those of {', '.join(self.kept)}" if self.kept else "nor does a union that it belongs to"
        )


class OtherChainPinned(Refused, wire="other-chain-pinned"):
    """A trust bundle of one ledger that would overwrite that of another."""

    says = (
        "{path} pins another ledger (chain {found}, offered is chain {offered}): write to another file, or "
        "replace it with --replace"
    )

    path: str
    """The file."""
    found: int
    """Chain id of the bundle pinned there."""
    offered: int
    """Chain id of the bundle to be pinned."""


class OlderTrust(Refused, wire="older-trust"):
    """A trust bundle that would set trust back: keys that have left the validators since would be trusted again."""

    says = (
        "{path} pins block {found}, offered is block {offered}: trust does not go back; if you mean it, replace "
        "it with --replace"
    )

    path: str
    """The file."""
    found: int
    """Block number of the checkpoint pinned there."""
    offered: int
    """Block number of the checkpoint to be pinned."""


class PinKept(Refused, wire="pin-kept"):
    """A trust bundle that would take the place of the pinned one: nothing but proof moves a pin, unless its keeper says so."""

    says = (
        "{path} pins block {found} of this ledger, offered is another bundle, of block {offered}: `trust update` "
        "moves a pin forward by proof; if you mean to trust this one instead, replace it with --replace"
    )

    path: str
    """The file."""
    found: int
    """Block number of the checkpoint pinned there."""
    offered: int
    """Block number of the checkpoint to be pinned."""


class FingerprintMissing(Refused, wire="fingerprint-missing"):
    """A trust bundle is to be pinned, and nobody says which one was meant."""

    says = (
        "no fingerprint: type the one that you were told by voice, or give it with --fingerprint; the file itself "
        "cannot say whether it is the right one"
    )


class OtherFingerprint(Refused, wire="other-fingerprint"):
    """A trust bundle that is not the one whose fingerprint was told."""

    says = "the bundle's fingerprint is {found}, needed {needed}: do not pin it"

    found: bytes
    """Fingerprint of the bundle, 32 bytes."""
    needed: bytes
    """As told, 32 bytes."""


class TrustStoreDamaged(Malformed, wire="trust-store-damaged"):
    """A trust store in which something is missing or is not what was written."""

    says = "the trust store is damaged: {path}: {reason}; bring the folder back from a copy"

    path: str
    """The folder, or the file in it."""
    reason: str
    """What is wrong with it."""


class TrustStoreMoved(Unavailable, wire="trust-store-moved"):
    """Another process pinned a bundle in a trust store since it was read."""

    says = "{path}: another bundle was pinned there meanwhile: look at it, and run the same command again"

    path: str
    """The folder."""


class PinnedLater(Unavailable, wire="pinned-later"):
    """The clock stands before the last time at which a bundle was pinned, so that no other can be dated."""

    says = "{path}: the last bundle was pinned at {pinned_at:utc}, the clock says {now:utc}: put the clock right"

    path: str
    """The folder."""
    pinned_at: int
    """When the last one was pinned, UTC seconds."""
    now: int
    """What the clock says, UTC seconds."""


class NoLaterCheckpoint(Refused, wire="no-later-checkpoint"):
    """No pinned checkpoint is at or above a block, so that nothing can commit to it yet."""

    says = "the evidence is of block {number}, the newest checkpoint pinned is block {newest}: run `trust update` first"

    number: int
    """The block's."""
    newest: int
    """Number of the newest checkpoint."""
