"""Errors of acts, of pinned trust and of the trust store."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed, Refused, Unavailable, Unproven, mean
from aeo_ledger.errors.customs import RefusedByLedger


class ZonesMissing(Unavailable, wire="zones-missing"):
    """A local day was entered, and this machine has no time zone database."""

    says = "the time zone {zone} is not known here: this machine has no time zone database"
    advises = "install the system's package tzdata, or, in this project's own folder, run pip install '.[zones]'"

    zone: str


class OddTin(Refused, wire="odd-tin"):
    """A TIN to be published that breaks its country's rule, for instance by a wrong check digit."""

    says = (
        "{placed}TIN {found!r}: {problems:; }; look again, and accept it as odd only if its "
        "register has it so; nothing was published"
    )
    advises = "at a command, --accept-odd accepts it; at a page, the box in its form"

    found: str
    """The TIN."""
    problems: tuple[str, ...]
    """How it breaks its country's rule."""
    where: str = ""
    """Its line in the file, if it is in a file."""

    @property
    def placed(self) -> str:
        """A part of the message."""
        return self.where and f"{self.where}: "


class TooManyWords(Malformed, wire="too-many-words"):
    """Questions that need more of the ledger than a gateway proves at once."""

    says = "the questions need {found} {what} of the ledger, at most {limit} are proven at once"
    advises = "ask fewer questions, or about fewer recognisers, at once"

    found: int
    """How many are needed, as far as is known."""
    what: str
    """Words or histories."""
    limit: int
    """The most."""


class RowRefused(Malformed, wire="row-refused"):
    """A row of a register's file that cannot be read, or that the ledger would refuse."""

    says = "{where}: {reason}; nothing was imported"
    advises = "correct the row, and import the file again"

    where: str
    """The line of the file."""
    reason: str
    """What is wrong with it."""


class NoStanding(Refused, wire="no-standing"):
    """There is no certificate that the act could change."""

    says = "no certificate of this trader under this type: there is nothing to {act}; grant one first"

    act: str


class AliasRowRefused(Malformed, wire="alias-row-refused"):
    """A row of a file of aliases that cannot be read."""

    says = "{where} of the aliases: {reason}"
    advises = "correct the row, and run the same command again"

    where: str
    """The line of the file."""
    reason: str
    """What is wrong with it."""


class AliasTaken(Refused, wire="alias-taken"):
    """A trader cannot be bound to an alias as asked, because of what is bound to it already."""

    says = "{placed}{alias}: {reason}; nothing was signed"

    alias: str
    """Kind and code."""
    reason: str
    """What is bound to it, and what to do."""
    where: str = ""
    """Its line in the file, if it is in a file."""

    @property
    def placed(self) -> str:
        """A part of the message."""
        return self.where and f"{self.where}: "


class AliasNotBound(Refused, wire="alias-not-bound"):
    """There is no binding of an alias to release."""

    says = "{alias}: {found}, so there is nothing to release; nothing was signed"

    alias: str
    """Kind and code."""
    found: str
    """What is bound to it."""


class NoSuchParty(Refused, wire="no-such-party"):
    """No party of this code is on the ledger."""

    says = "no party {code!r} on this ledger, but {known}{meant}"
    advises = "write one of these codes"

    code: str
    known: tuple[str, ...]

    @property
    def meant(self) -> str:
        """A part of the message."""
        return mean(self.code, self.known)


class NoSuchLane(Refused, wire="no-such-lane"):
    """An act names no lane of a pair, or one that does not exist."""

    says = "{recogniser} recognises the register of {register} by {lanes}"

    recogniser: str
    register: str
    known: tuple[str, ...]
    """Numbers of the lanes that have not ended."""

    @property
    def lanes(self) -> str:
        """A part of the message."""
        if not self.known:
            return "no lane that has not ended"
        return f"the lanes {', '.join(self.known)}: name one with --lane"


class NoReplacement(Refused, wire="no-replacement"):
    """No replacement of a party's authority is pending."""

    says = "no replacement of the authority of {party} is pending"
    advises = "look with: aeo-ledger party show CODE"

    party: str


class KeysHidden(Unproven, wire="keys-hidden"):
    """A gateway named fewer of a party's keys than serve."""

    says = "the ledger counts {needed} keys of {party} as {role}, and the gateway named {found} that serve"
    advises = "ask another gateway, one that knows the ledger's genesis"

    party: str
    role: str
    found: int
    needed: int


class WrongKey(Refused, wire="wrong-key"):
    """An act is signed with another party's key, or with another kind of key, than it needs."""

    says = "the key {address} is {held}, this act needs {needed}"
    advises = "give the right key with --key"

    address: bytes
    """The signer's address, 20 bytes."""
    held: str
    """Whose key it is, as in `an operator of CN`."""
    needed: str


class CardOfAnother(Refused, wire="card-of-another"):
    """A card is another party's than the one meant."""

    says = "{path} is the card of {found}, needed that of {needed}"
    advises = "name the party's own card"

    path: str
    found: str
    needed: str


class CardUnbound(Refused, wire="card-unbound"):
    """A card has no statement that could be signed."""

    says = "{path} binds the authority to no X.509 certificate yet"
    advises = "name the certificate with --certificate; that begins a statement"

    path: str


class OtherX509Key(Refused, wire="other-x509-key"):
    """A private key is not that of the certificate in a statement."""

    says = "{path} holds another key than the X.509 certificate of {subject}"
    advises = "give the certificate's own key with --certificate-key"

    path: str
    subject: str


class PublicKeyUnknown(Refused, wire="public-key-unknown"):
    """A public key is of no key of a party."""

    says = "the public key of {address} is of no authority key or operator of {party}"
    advises = "look with: aeo-ledger party show CODE"

    party: str
    address: bytes
    """Its address, 20 bytes."""


class OtherArrangement(WrongKey, wire="other-arrangement"):
    """An act that gathers signatures bears one that is not of a signing party's authority."""


class FileOfAnotherChain(Refused, wire="file-of-another-chain"):
    """A file of an act is for another ledger than the one that is pinned."""

    says = "the file is for chain {found}, and your trust bundle pins chain {needed}; nothing was signed"
    advises = "use the trust bundle of the ledger that the act is for"

    found: int
    needed: int


class FileSaysOtherwise(Refused, wire="file-says-otherwise"):
    """What a person reads in the file of an act does not follow from the act."""

    says = (
        "a person reads in the file ({where}): {found!r}, but by its act it is {needed!r}: somebody altered the "
        "file; nothing was signed"
    )
    advises = "ask for a file that nobody altered, or draft the act again"

    where: str
    """The list of lines that differs."""
    found: str
    """The line in the file."""
    needed: str
    """The line that follows from the act."""


class FilesDiffer(Refused, wire="files-differ"):
    """Two files that should be joined are not copies of one act."""

    says = "the files hold different acts ({found} and {needed}), not copies of one act; nothing was signed"
    advises = "join files that began as one draft"

    found: str
    """The other act's message."""
    needed: str
    """The act's message."""


class Undersigned(Refused, wire="undersigned"):
    """An act is to be submitted before everybody that it needs has signed."""

    says = "still missing: {missing:; }; nothing was submitted"
    advises = "let them sign the file first: aeo-ledger act sign FILE --key KEY"

    missing: tuple[str, ...]
    """What each side lacks."""


class RefusedBeforehand(RefusedByLedger, wire="refused-beforehand"):
    """An act that the ledger would refuse, by its rules and the words proven to the signer; nothing was signed or sent."""

    says = "{reason}{told}{also}; nothing was {undone} (code {code}, {name})"

    found: str
    """What was found, in words; empty if the reason says it."""
    needed: str
    """What the act needs, in words; empty if the reason says it."""
    undone: str = "signed"
    """What did not happen to the act: it was not `signed` or, if nobody had to sign it now, not `sent`."""
    stands: str = ""
    """What the ledger shows of the act already, in words; empty if nothing is known of it."""

    @property
    def told(self) -> str:
        """A part of the message."""
        return self.found and f": found {self.found}, needed {self.needed}"

    @property
    def also(self) -> str:
        """A part of the message."""
        return self.stands and f"; {self.stands}"


class NotProvenDone(Unproven, wire="not-proven-done"):
    """An act was signed and relayed, and no proof came that it is sealed: it may be sealed now or later."""

    says = (
        "{act} is not proven to be done: the gateway {said}, but within {waited_s:g} s nothing proved it: {missing}. "
        "The signed act may still be sealed. Do the same again through another gateway: it shows the "
        "new state, and an act counts only once"
    )

    act: str
    """The message's name."""
    said: str
    """What the gateway said about it."""
    missing: str
    """What is missing, or why nothing could be proven."""
    waited_s: float


class NoRegister(Refused, wire="no-register"):
    """A party keeps no register, and not exactly one of its unions keeps one."""

    says = "{party} keeps no register of its own, {others}: name the register"
    advises = "name it with --register"

    party: str
    kept: tuple[str, ...]
    """Codes of its unions that keep registers."""

    @property
    def others(self) -> str:
        """A part of the message."""
        return f"these unions keep one for it: {', '.join(self.kept)}" if self.kept else "nor does any of its unions"


class OtherChainPinned(Refused, wire="other-chain-pinned"):
    """A trust bundle of one ledger would replace that of another."""

    says = (
        "{path} pins another ledger (chain {found}; the new bundle is of chain {offered}): write to another file, or "
        "replace it with --replace"
    )

    path: str
    """The file."""
    found: int
    """Chain id of the bundle pinned there."""
    offered: int
    """Chain id of the bundle to be pinned."""


class OlderTrust(Refused, wire="older-trust"):
    """A trust bundle would set trust back: keys of former validators would be trusted again."""

    says = (
        "{path} pins block {found}, the new bundle is of block {offered}: trust does not go back; if you want this, "
        "replace it with --replace"
    )

    path: str
    """The file."""
    found: int
    """Block number of the checkpoint pinned there."""
    offered: int
    """Block number of the checkpoint to be pinned."""


class PinKept(Refused, wire="pin-kept"):
    """A trust bundle would replace the pinned one: only proof moves a pin, unless the user replaces it."""

    says = (
        "{path} pins block {found} of this ledger, the new bundle is another one, of block {offered}: `trust update` "
        "moves a pin forward by proof; to trust the new bundle instead, replace it with --replace"
    )

    path: str
    """The file."""
    found: int
    """Block number of the checkpoint pinned there."""
    offered: int
    """Block number of the checkpoint to be pinned."""


class FingerprintMissing(Refused, wire="fingerprint-missing"):
    """A trust bundle is to be pinned, but no fingerprint says which bundle is the right one."""

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
    """The fingerprint that was told, 32 bytes."""


class TrustStoreDamaged(Malformed, wire="trust-store-damaged"):
    """Something in a trust store is missing or was changed."""

    says = "the trust store is damaged: {path}: {reason}; restore the folder from a copy"

    path: str
    """The folder, or the file in it."""
    reason: str
    """What is wrong with it."""


class TrustStoreMoved(Unavailable, wire="trust-store-moved"):
    """Another process pinned a bundle in a trust store after it was read."""

    says = "{path}: another bundle was pinned there meanwhile: check it, and run the same command again"

    path: str
    """The folder."""


class PinnedLater(Unavailable, wire="pinned-later"):
    """The clock is earlier than the last time at which a bundle was pinned, so no other can be dated."""

    says = "{path}: the last bundle was pinned at {pinned_at:utc}, the clock says {now:utc}: set the clock"

    path: str
    """The folder."""
    pinned_at: int
    """When the last bundle was pinned, UTC seconds."""
    now: int
    """The time of the clock, UTC seconds."""


class NoLaterCheckpoint(Refused, wire="no-later-checkpoint"):
    """No pinned checkpoint is at or above a block, so nothing commits to it yet."""

    says = "the evidence is of block {number}, the newest pinned checkpoint is block {newest}: run `trust update` first"

    number: int
    """The block's number."""
    newest: int
    """Number of the newest checkpoint."""


class NeverAnOperator(Refused, wire="never-an-operator"):
    """A key whose acts are looked for never was an operator of the party."""

    says = "{address} never was an operator of {party}"
    advises = "`party show` lists the party's operators, retired ones included"

    address: bytes
    """Its address, 20 bytes."""
    party: str
    """Code of the party."""


class StandingHidden(Unproven, wire="standing-hidden"):
    """A snapshot may hide a standing among the words that it does not name, so nothing proves that a list of standings is complete."""

    says = "the word at the hashed slot {slot} of the snapshot may be a standing that it does not name, so no list is proven to be complete"
    advises = ASK_ANOTHER

    slot: bytes
    """32 bytes."""


class NotKeyed(Refused, wire="not-keyed"):
    """An act on keys of a register that has none: it is open, or not opened yet."""

    says = "the register of {party} is {mode}: it has no keys to give"
    advises = "open it with register open --mode keyed, if nobody has opened it"

    party: str
    """Code of its party."""
    mode: str


class RegisterOpened(Refused, wire="register-opened"):
    """A register that is opened with another mode already. The mode never changes."""

    says = "the register of {party} is {mode} for ever: it cannot be opened otherwise"
    advises = "go on with this mode"

    party: str
    """Code of its party."""
    mode: str


class OtherSecrets(Refused, wire="other-secrets"):
    """A file of secrets of another register than the one that is meant."""

    says = "these secrets are of register {found} on chain {chain}, needed those of register {needed} on chain {needed_chain}"
    advises = "name the file of this register's secrets"

    found: int
    """Number of their register."""
    chain: int
    """Id of their chain."""
    needed: int
    needed_chain: int


class SecretsNeeded(Refused, wire="secrets-needed"):
    """A keyed register has its secrets already, and their file is not here. Others would find none of its traders."""

    says = "the register of {party} is keyed already: its own secrets are needed, and none are drawn"
    advises = "name their file with --secrets, or take the copy that was kept"

    party: str
    """Code of its party."""


class NoLaneInForce(Refused, wire="no-lane-in-force"):
    """Keys are not given to a party that does not recognise the register: no recognition is in force now."""

    says = (
        "{recogniser} does not recognise the register of {register} now: no recognition is in force, so it gets no keys"
    )
    advises = "conclude the arrangement, or wait until it is in force"

    recogniser: str
    register: str
    """Codes of the parties."""


class NoDisclosureKey(Refused, wire="no-disclosure-key"):
    """A party's card has no disclosure key, so nothing can be sealed for it."""

    says = "the card of {party} has no disclosure key: nothing can be sealed for it"
    advises = "ask the party to make one with key new --disclosure, and to record its card anew"

    party: str
