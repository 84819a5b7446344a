"""Errors of evidence that proves nothing: header, seals, trie, trust, history, archive."""

from __future__ import annotations

from aeo_ledger.errors import (
    ASK_ANOTHER,
    FETCH_AGAIN,
    TAKE_AGAIN,
    UPDATE_AGAIN,
    UPDATE_TRUST,
    Malformed,
    Unproven,
    mean,
    show_utc,
)


class MalformedValidatorSet(Malformed, wire="malformed-validator-set"):
    """Addresses that cannot be a set of validators."""

    says = "validator set: {reason}"
    advises = "get the bundle again from its maker, unchanged"

    reason: str
    """What is wrong with them."""


class HeaderBreaksRule(Unproven, wire="header-breaks-rule"):
    """A header field has a value that no block of this consensus can have, whoever sealed it."""

    says = "header: {field} is {found}, needed {needed}"
    advises = ASK_ANOTHER

    field: str
    """The field, as `Header` calls it."""
    found: str
    """Its value, for people."""
    needed: str
    """What the rule needs."""


class UnreadableSeal(Unproven, wire="unreadable-seal"):
    """A commit seal that no key can have made."""

    says = "commit seal {position}: {reason}"
    advises = ASK_ANOTHER

    position: int
    """Position among the header's seals, from 0."""
    reason: str
    """What is wrong with it."""


class StrangerSealed(Unproven, wire="stranger-sealed"):
    """A commit seal by a key outside the trusted validator set."""

    says = "sealed by {sealer}, which is not a trusted validator (if the validators changed since, update the trust bundle)"
    advises = UPDATE_TRUST

    sealer: bytes
    """Address recovered from the seal, 20 bytes."""


class RepeatedSeal(Unproven, wire="repeated-seal"):
    """Two commit seals by one validator."""

    says = "sealed twice by {sealer}"
    advises = ASK_ANOTHER

    sealer: bytes
    """The validator, 20 bytes."""


class TooFewSeals(Unproven, wire="too-few-seals"):
    """Fewer distinct validators sealed than a quorum."""

    says = "{found} of {validators} validators sealed, {needed} needed"
    advises = UPDATE_TRUST

    found: int
    """Validators that sealed."""
    needed: int
    """Two thirds of the trusted set, rounded up."""
    validators: int
    """Size of the trusted set."""


class MissingNode(Unproven, wire="missing-node"):
    """A trie node on the path to a key is missing in the evidence."""

    says = "trie node {node_hash} is not among the given nodes"
    advises = ASK_ANOTHER

    node_hash: bytes
    """The node's hash, named by its parent or by the root, 32 bytes."""


class UnreadableNode(Unproven, wire="unreadable-node"):
    """A trie node has a form that no honest trie has."""

    says = "trie node {node_hash}: {reason}"
    advises = ASK_ANOTHER

    node_hash: bytes
    """Its hash, 32 bytes."""
    reason: str
    """What is wrong with it."""


class RepeatedNode(Unproven, wire="repeated-node"):
    """One trie node is given twice."""

    says = "trie node {node_hash} is given twice"
    advises = ASK_ANOTHER

    node_hash: bytes
    """Its hash, 32 bytes."""


class SurplusNodes(Unproven, wire="surplus-nodes"):
    """Trie nodes that no question needs."""

    says = "{count} of the given trie nodes prove nothing that was asked"
    advises = ASK_ANOTHER

    count: int
    """Number of these nodes."""


class OversizedPool(Unproven, wire="oversized-pool"):
    """There are more trie nodes, or a longer one, than any proof has."""

    says = "{what}: {found}, at most {limit} accepted"
    advises = ASK_ANOTHER

    what: str
    """What is too large."""
    found: int
    """Its size."""
    limit: int
    """The largest accepted."""


class AbsentAccount(Unproven, wire="absent-account"):
    """An account is proven not to exist in this state: the state is another ledger's, or too early."""

    says = "account {address} does not exist in this state"
    advises = ASK_ANOTHER

    address: bytes
    """Its address, 20 bytes."""


class UnknownParty(Malformed, wire="unknown-party"):
    """A question names a party that is not in the trust bundle."""

    says = "no party {code!r} is pinned, only {known}{meant}"
    advises = "`aeo-ledger trust name` adds a party that was admitted after the bundle was made"

    code: str
    """The code that was named."""
    known: tuple[str, ...]
    """The codes that are pinned."""

    @property
    def meant(self) -> str:
        """A part of the message."""
        return mean(self.code, self.known)


class UnknownCertificateType(Malformed, wire="unknown-certificate-type"):
    """A question names a certificate type that no register has, among the pinned or the searched ones."""

    says = "{whose} has a certificate type {name!r}, only {known}{meant}"

    name: str
    """The name that was used."""
    known: tuple[str, ...]
    """The names that they have."""
    registers: tuple[str, ...] = ()
    """Codes of the searched registers; empty if no pinned register has it."""

    @property
    def whose(self) -> str:
        """A part of the message."""
        return f"no register searched ({', '.join(self.registers)})" if self.registers else "no register"

    @property
    def meant(self) -> str:
        """A part of the message."""
        return mean(self.name, self.known)


class NotYetProvable(Unproven, wire="not-yet-provable"):
    """A question about a time that the evidence's block has not reached."""

    says = "asked about {time:day}, but the block is of {block_time:utc}: it cannot prove anything later"
    advises = "ask about an earlier time, or wait for the next block"

    time: int
    """The time asked about, UTC seconds."""
    block_time: int
    """Time of the block, UTC seconds."""


class OtherQuestion(Unproven, wire="other-question"):
    """Evidence that was made for questions other than the asker's own."""

    says = "the evidence answers another question than {asked}"
    advises = "ask your own question: the evidence was made for another"

    asked: str
    """The asker's question, for people."""


class OtherFormKnown(Unproven, wire="other-form-known"):
    """There is no certificate under the TIN asked about, but under another one that the same trader may have."""

    says = "no certificate under {asked}, but under {other}, which may be the same trader"
    advises = "ask about the other number; which of the two the trader uses is for it to say"

    asked: str
    other: str


class OtherFormUnasked(Unproven, wire="other-form-unasked"):
    """There is no certificate under the TIN asked about, and the evidence does not tell of another one that the same trader may have."""

    says = "no certificate under {asked}; nothing here proves that there is none under {other}, which may be the same trader"
    advises = "ask again: the evidence that `ask` writes answers both questions; or ask about the other number"

    asked: str
    other: str


class Stale(Unproven, wire="stale"):
    """A header is older than the asker accepts."""

    says = "the evidence is {age_s} s old, at most {max_age_s} s is accepted"
    advises = "ask again: the ledger seals a block every half minute; or accept older evidence with --max-age"

    age_s: int
    """How old it is."""
    max_age_s: int
    """The greatest age that is accepted."""


class FromTheFuture(Unproven, wire="from-the-future"):
    """A header is dated after now: its clock or the asker's is wrong."""

    says = "the evidence is dated {ahead_s} s in the future, at most {skew_s} s is accepted"
    advises = "set this machine's clock, or wait"

    ahead_s: int
    """How far it is in the future, seconds."""
    skew_s: int
    """How far clocks may differ, seconds."""


class TrustExpired(Unproven, wire="trust-expired"):
    """A trust bundle has expired: keys of former validators could have sealed anything since."""

    says = "the trust bundle expired at {expired_at:utc}, now is {now:utc}: get a newer one out of band"

    expired_at: int
    """UTC seconds."""
    now: int
    """UTC seconds."""


class BelowCheckpoint(Unproven, wire="below-checkpoint"):
    """A header is before the pinned checkpoint, where keys of former validators could have sealed a forged past."""

    advises = "ask for newer evidence, or verify it as archived"

    found: int
    """Its block number, or its time."""
    needed: int
    """The checkpoint's block number or time."""
    what: str = ""
    """`time` if both are UTC seconds, to show them as times."""

    def __str__(self) -> str:
        """Say where the header is."""
        found, needed = (show_utc(at) if self.what == "time" else str(at) for at in (self.found, self.needed))
        return f"the header is at {found}, below the checkpoint at {needed}"


class SnapshotBelowCheckpoint(BelowCheckpoint, wire="snapshot-below-checkpoint"):
    """A snapshot is from before the pinned checkpoint: trust was updated after it was taken."""

    advises = "take a new snapshot: aeo-ledger snapshot take; only `snapshot diff` reads an older one, with --old-trust"


class NotTheCheckpoint(Unproven, wire="not-the-checkpoint"):
    """Another block has the number of the pinned checkpoint: a fork, or another chain."""

    says = "block {number} is {found}, but the checkpoint pins {needed}"
    advises = "trust neither: compare the bundle's fingerprint by voice"

    number: int
    """Block number of the checkpoint."""
    found: bytes
    """Hash of the header, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""


class WrongCode(Unproven, wire="wrong-code"):
    """A contract has other code than the pinned one: its words mean nothing here."""

    says = "contract {address} has code {found}, pinned is {needed}"
    advises = "compare the bundle's fingerprint by voice: this is another ledger, or another edition"

    address: bytes
    """The contract, 20 bytes."""
    found: bytes
    """Hash of its code, 32 bytes."""
    needed: bytes
    """The pinned hash, 32 bytes."""


class Superseded(Unproven, wire="superseded"):
    """The question is about a time at which another ledger has succeeded this one: this ledger is no longer kept up to date."""

    says = (
        "this ledger is superseded from {superseded_at:utc} on by {successor}: ask that ledger; this one answers "
        "only about earlier times"
    )

    successor: bytes
    """Address of the successor's `Consortium`, 20 bytes."""
    superseded_at: int
    """When the successor begins, UTC seconds; earlier times are answered."""


class WrongPartyCode(Unproven, wire="wrong-party-code"):
    """A party whose proven word has another code than the trust bundle pins for its number."""

    says = "party {number} is {known_as} on this ledger, pinned is {needed}"
    advises = "compare the bundle's fingerprint by voice: this ledger numbers parties differently"

    number: int
    """The party's number."""
    found: str
    """The code in the proven word; empty if the ledger has no such party."""
    needed: str
    """The pinned code."""

    @property
    def known_as(self) -> str:
        """A part of the message."""
        return self.found or "unknown"


class RepeatedStep(Unproven, wire="repeated-step"):
    """A step of a trust update leads to the block of the present checkpoint."""

    says = "a step leads to block {number}, where the checkpoint already is: each must lead forward"
    advises = UPDATE_AGAIN

    number: int
    """Number of both blocks."""


class Forked(Unproven, wire="forked"):
    """The block right after the checkpoint has another parent: a fork, or another chain."""

    says = "block {number} has the parent {found}, but the checkpoint before it is {needed}"
    advises = UPDATE_AGAIN

    number: int
    """Its number."""
    found: bytes
    """Its parent's hash, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""


class NoSharedValidator(Unproven, wire="no-shared-validator"):
    """A hand-over to a set without any of the former validators. A resolution can do this only for a set of one."""

    says = "block {number} has no trusted validator: in a block at most one may come and one may go"
    advises = UPDATE_AGAIN

    number: int
    """The block that claims it."""


class SkippedStep(Unproven, wire="skipped-step"):
    """A block has other validators than the trusted ones, and the block in which they changed is missing."""

    says = (
        "block {number} has other validators than those trusted since block {checkpoint}: needed the block that "
        "changed them and the block right before it"
    )
    advises = UPDATE_AGAIN

    number: int
    """The block that has them."""
    checkpoint: int
    """Number of the block up to which the change is followed."""


class SeveralChanged(Unproven, wire="several-changed"):
    """More validators changed in one block than a resolution of the contract can change."""

    says = "block {number} seats {seated} and unseats {unseated} validators: one may come and one may go"
    advises = UPDATE_AGAIN

    number: int
    """The block."""
    seated: int
    """Number of validators that came."""
    unseated: int
    """Number of validators that went."""


class NotYetReceived(Unproven, wire="not-yet-received"):
    """The time of receipt of evidence is in the future."""

    says = "the time of receipt is {received_at:utc}, now is {now:utc}: it is in the future"
    advises = "correct the time of receipt, or this machine's clock"

    received_at: int
    """UTC seconds."""
    now: int
    """UTC seconds."""


class NotYetPinned(Unproven, wire="not-yet-pinned"):
    """Evidence was received before any bundle was pinned."""

    says = "no bundle was pinned yet at {received_at:utc}: the first bundle is of {pinned_at:utc}"
    advises = "name a later time, or the trust store that was kept then"

    received_at: int
    """UTC seconds."""
    pinned_at: int
    """When the first bundle was pinned, or its earliest possible time, UTC seconds."""


class PeriodOver(Unproven, wire="period-over"):
    """The pinned bundle had expired when the evidence was received."""

    says = "the bundle pinned at {received_at:utc} had expired at {expired_at:utc}: it could no longer prove anything"
    advises = "give the right time of receipt, or a store with a newer bundle of that time"

    received_at: int
    """UTC seconds."""
    expired_at: int
    """UTC seconds."""


class OtherBundleThen(Unproven, wire="other-bundle-then"):
    """A receipt names another bundle than the one that was pinned at its time."""

    says = "the receipt names the bundle {found}, but at {received_at:utc} {needed} was pinned"
    advises = "name the trust store of the person who made the receipt"

    received_at: int
    """UTC seconds."""
    found: bytes
    """Fingerprint that the receipt names, 32 bytes."""
    needed: bytes
    """Fingerprint of the bundle pinned then, 32 bytes."""


class OtherEvidence(Unproven, wire="other-evidence"):
    """The receipt is of other evidence, or the evidence was altered since."""

    says = "the evidence hashes to {found}, the receipt is of {needed}"
    advises = "use the evidence that was kept with this receipt"

    found: bytes
    """Hash of the evidence, 32 bytes."""
    needed: bytes
    """The hash in the receipt, 32 bytes."""


class OtherReceipt(Unproven, wire="other-receipt"):
    """A receipt does not have the hash that was kept elsewhere."""

    says = "the receipt hashes to {found}, the hash kept elsewhere is {needed}"
    advises = "use the receipt whose hash was kept"

    found: bytes
    """Its hash, 32 bytes."""
    needed: bytes
    """The hash that was kept, 32 bytes."""


class ReceiptDiffers(Unproven, wire="receipt-differs"):
    """A receipt differs from what its evidence proves, or from the question."""

    says = "the receipt's {part} is {found}, needed {needed}"
    advises = "use the receipt of this evidence and question"

    what: str
    """The part of the receipt."""
    found: str
    """The value in the receipt."""
    needed: str
    """The value that was asked or is proven."""

    @property
    def part(self) -> str:
        """A part of the message."""
        return "verdict" if self.what == "recognised" else self.what.replace("_", " ")


class ReceiptAltered(Unproven, wire="receipt-altered"):
    """A receipt's signature does not fit its content and the signer that it names: something was altered."""

    says = "the receipt names the signer {signer}, who did not sign this content: {reason}"
    advises = "use the original signed receipt"

    signer: bytes
    """The signer that it names, 20 bytes."""
    reason: str
    """What is wrong with the signature."""


class ReceiptUnsigned(Unproven, wire="receipt-unsigned"):
    """A receipt is not signed, but a signer is needed."""

    says = "the receipt is not signed, needed the signature of {needed}"
    advises = "use the signed receipt"

    needed: bytes
    """The signer that is needed, 20 bytes."""


class ReceiptUnwitnessed(Unproven, wire="receipt-unwitnessed"):
    """Nobody vouches for a receipt's time: anybody can write a receipt, and sign it with any key."""

    says = (
        "nobody vouches for the receipt, so anybody could have written its time and the accepted age: name its required "
        "signer (--signer), give its hash that was kept elsewhere (--anchor), or say both yourself (--received and "
        "--max-age)"
    )


class ReceiptOfAnother(Unproven, wire="receipt-of-another"):
    """Another key than the needed one signed a receipt."""

    says = "the receipt is signed by {found}, needed {needed}"
    advises = "name the signer's address, if you trust this signer"

    found: bytes
    """The signer, 20 bytes."""
    needed: bytes
    """The needed signer, 20 bytes."""


class ChainEndsElsewhere(Unproven, wire="chain-ends-elsewhere"):
    """A chain of headers does not lead to a block that is pinned or proven."""

    says = "the chain of headers leads to block {found}, needed a block that is pinned or proven: {blocks}"
    advises = FETCH_AGAIN

    found: int
    """Number of the block that it leads to."""
    pinned: tuple[str, ...]
    """Numbers of the checkpoints that it could lead to."""

    @property
    def blocks(self) -> str:
        """A part of the message."""
        return ", ".join(self.pinned) or "none"


class ChainBroken(Unproven, wire="chain-broken"):
    """A chain of headers leads to a block other than the checkpoint: the first block is not on this chain, or a link was altered."""

    says = (
        "the chain of headers leads to block {number} as {found}, needed {needed}: the block with which it begins is "
        "not on this ledger, or the chain was altered"
    )
    advises = FETCH_AGAIN

    number: int
    """The checkpoint's number."""
    found: bytes
    """Hash of the block that the chain leads to, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""


class RepeatedSlot(Unproven, wire="repeated-slot"):
    """A snapshot gives a word of one slot twice."""

    says = "{contract}: the word with the hashed slot {hashed_slot} is in the snapshot twice"
    advises = TAKE_AGAIN

    contract: str
    hashed_slot: bytes
    """keccak256 of the slot, 32 bytes."""


class WrongStorageRoot(Unproven, wire="wrong-storage-root"):
    """The given words are not exactly the contract's storage: one is missing, surplus or changed."""

    says = "{contract}: {words} words have the root {found}, proven is {needed}"
    advises = TAKE_AGAIN

    contract: str
    words: int
    """Number of the given words."""
    found: bytes
    """Root of their trie, 32 bytes."""
    needed: bytes
    """The proven storage root, 32 bytes."""


class HistoryIncomplete(Unproven, wire="history-incomplete"):
    """A history has more or fewer events than the ledger recorded: an event is missing, withheld or surplus."""

    says = "history of {subject}: {found} events are given, {needed} were recorded"
    advises = ASK_ANOTHER

    subject: str
    """The standing, party or pair of the history."""
    found: int
    needed: int


class EventOutOfPlace(Unproven, wire="event-out-of-place"):
    """An event of a history does not follow the one before: an event between is missing, or the order is wrong."""

    advises = ASK_ANOTHER

    subject: str
    event: int
    """Number of the event in the history, from 1; here and below."""
    what: str
    """What shows its place: a counter, its time of recording or its deadline."""
    found: int
    needed: int
    """The value that the place needs; for numbers that only grow, the least value."""

    def __str__(self) -> str:
        """Name the event and the value that does not fit."""
        is_time = self.what.startswith("time")
        found, needed = (show_utc(at) if is_time else str(at) for at in (self.found, self.needed))
        return f"history of {self.subject}: event {self.event} has {self.what} {found}, needed {needed}"


class EventOfAnother(Unproven, wire="event-of-another"):
    """An event in a history is about another standing, party or pair, or has a kind that cannot be there."""

    says = "history of {subject}: event {event} does not belong there: {what}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    what: str
    """The part of the event that does not belong there."""


class EventNotPublished(Unproven, wire="event-not-published"):
    """A status event is not at its position of its publication: it was altered, or its neighbours were."""

    says = "history of {subject}: event {event} is not at position {position} of its publication"
    advises = ASK_ANOTHER

    subject: str
    event: int
    position: int
    """Its position in its publication, from 0."""


class UnreadableEventSignature(Unproven, wire="unreadable-event-signature"):
    """A signature of a recorded act is not one that the contracts accept."""

    says = "history of {subject}: event {event}: {reason}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    reason: str


class SignerNotEntitled(Unproven, wire="signer-not-entitled"):
    """A signer of a recorded act had no right to sign when it was recorded, or the act was altered."""

    says = "history of {subject}: event {event} is signed by {signer}, who was not {needed} at {recorded_at:utc}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    signer: bytes
    """The recovered address, 20 bytes; for an altered act it is nobody's."""
    needed: str
    """Who might sign."""
    recorded_at: int
    """UTC seconds."""


class EventUndersigned(Unproven, wire="event-undersigned"):
    """A recorded act has fewer signatures than it needs, or lacks those of one side."""

    says = "history of {subject}: event {event} has {found} signatures of {whose}, needed {needed}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    found: int
    needed: int
    whose: str


class HeadDiffers(Unproven, wire="head-differs"):
    """A history leads to another head than the ledger's: something that no signature covers was altered, or left out."""

    says = "history of {subject}: its {events} events chain to {found}, the ledger has {needed}"
    advises = ASK_ANOTHER

    subject: str
    events: int
    """Number of the given events."""
    found: bytes
    """Head of the given events, 32 bytes."""
    needed: bytes
    """The proven head, 32 bytes."""


class ReplayDiffers(Unproven, wire="replay-differs"):
    """A history is the recorded one, but its replay does not lead to the ledger's word: this version does not know an act in it."""

    says = "history of {subject}: its replay differs from the ledger: {reason}"
    advises = ASK_ANOTHER

    subject: str
    reason: str


class OtherHistory(Unproven, wire="other-history"):
    """Evidence has histories of other subjects than those asked for."""

    says = "the evidence has histories of {found} subjects, not those of the {asked} asked for"
    advises = ASK_ANOTHER

    asked: int
    """Number of subjects asked for: standings, parties and pairs."""
    found: int
    """Number of histories that it has."""


class AmbiguousAlias(Unproven, wire="ambiguous-alias"):
    """An alias that means more than one trader. It is proven, but which of them is meant is anybody's guess."""

    says = "{alias} means {traders} traders to {recogniser}, so it names none of them"
    advises = "ask by TIN; or let the recogniser release the binding that is wrong"

    alias: str
    """Kind and code."""
    recogniser: str
    """Codes of the parties whose bindings these are."""
    traders: int
    """How many, at least."""


class AliasOfAnother(Unproven, wire="alias-of-another"):
    """The evidence says that an alias means a trader, but the recogniser bound it to another one."""

    says = "{alias} is not bound to {tin}, but to another trader"
    advises = ASK_ANOTHER

    alias: str
    """Kind and code."""
    tin: str
    """The TIN in the evidence, or the one that the asker named."""


class TraderUnnamed(Unproven, wire="trader-unnamed"):
    """An alias is bound to a trader, but the evidence does not say whose TIN gives the bound hash."""

    says = "{alias} is bound to a trader, but nobody names the TIN behind the hash on the ledger"
    advises = "name a file of aliases that has it (--aliases), or ask a gateway that has one"

    alias: str
    """Kind and code."""


class NoCardRecorded(Unproven, wire="no-card-recorded"):
    """A card is offered of a party that has recorded none."""

    says = "the ledger has no card of {party}, so this one is nobody's word"
    advises = "conclude nothing from it; its party records it with `party act card`"

    party: str


class OtherCard(Unproven, wire="other-card"):
    """A card is not the one that its party recorded: it is an old one, another party's, or was altered."""

    says = "this card of {party} has the hash {found}, and the ledger has {needed}: it is an old one, or somebody altered it"
    advises = "conclude nothing from it; ask the party for its present card"

    party: str
    found: bytes
    """Hash of the card, 32 bytes."""
    needed: bytes
    """Hash on the ledger, 32 bytes."""


class NoIdentity(Unproven, wire="no-identity"):
    """A card says nothing about an X.509 certificate."""

    says = "the card of {party} binds its keys to no X.509 certificate"
    advises = "ask the party to make the statement with `party card bind`"

    party: str


class IdentityOfAnother(Unproven, wire="identity-of-another"):
    """A statement binds the keys of another party, or for another ledger."""

    says = "the statement is about {what} {found}, needed {needed}"
    advises = "conclude nothing from it; a party makes a statement for each ledger"

    what: str
    """What it names otherwise: chain, contract, party."""
    found: str
    needed: str


class StrangerStated(Unproven, wire="stranger-stated"):
    """A signature under a statement is by none of the keys that the statement names: somebody else signed, or altered what was signed."""

    says = (
        "the statement bears a signature by {signer}, which it does not name: it was altered, or a stranger signed it"
    )
    advises = "conclude nothing from it; ask the party for its present card"

    signer: bytes
    """Address recovered from the signature, 20 bytes."""


class TooFewStated(Unproven, wire="too-few-stated"):
    """Fewer keys of an authority signed a statement than its threshold says."""

    says = "{found} of {keys} authority keys signed the statement, {needed} needed"
    advises = "let more of the authority's keys sign it: `party card bind`"

    found: int
    keys: int
    """Keys that it names."""
    needed: int


class AuthorityChanged(Unproven, wire="authority-changed"):
    """The authority is not the one that a statement names: a key was added, rotated or retired since, or the threshold changed."""

    says = "the authority of {party} is not the one that the statement names: {change}"
    advises = "ask the party for a statement of its present keys"

    party: str
    change: str
    """What is different, in words."""


class OtherX509Recorded(Unproven, wire="other-x509-recorded"):
    """The certificate in a statement is not the one whose fingerprint its party recorded."""

    says = "the statement's X.509 certificate has the fingerprint {found}, and the ledger has {needed}"
    advises = "conclude nothing from it; its party records the fingerprint with `party act certificate`"

    found: bytes
    """32 bytes."""
    needed: bytes
    """32 bytes; zero if it recorded none."""


class MalformedX509(Malformed, wire="malformed-x509"):
    """Bytes that are not an X.509 certificate, or not a revocation list, that can be read."""

    says = "{what}: {reason}"
    advises = "give files in PEM or DER, as their authority issued them"

    what: str
    reason: str


class X509Unsigned(Unproven, wire="x509-unsigned"):
    """The key of a certificate has not signed a statement: it signed another one, or none."""

    says = "the key of the X.509 certificate of {subject} did not sign this statement: {reason}"
    advises = "conclude nothing from it; ask the party for its present card"

    subject: str
    reason: str


class X509NotYetValid(Unproven, wire="x509-not-yet-valid"):
    """An X.509 certificate is not valid yet."""

    says = "the X.509 certificate of {subject} is valid from {from_at:utc}, and it is {now:utc}"
    advises = "look at the clock; then conclude nothing before that time"

    subject: str
    from_at: int
    now: int


class X509Expired(Unproven, wire="x509-expired"):
    """An X.509 certificate has expired."""

    says = "the X.509 certificate of {subject} was valid until {until_at:utc}, and it is {now:utc}"
    advises = "ask the party for its present card"

    subject: str
    until_at: int
    now: int


class X509Revoked(Unproven, wire="x509-revoked"):
    """An X.509 certificate was revoked by its issuer."""

    says = "the X.509 certificate of {subject} was revoked at {revoked_at:utc}{why}"
    advises = "trust nothing that rests on it, and warn the party by another channel"

    subject: str
    revoked_at: int
    reason: str
    """As the list says it; empty if it does not."""

    @property
    def why(self) -> str:
        """A part of the message."""
        return self.reason and f" ({self.reason})"


class RevocationUnknown(Unproven, wire="revocation-unknown"):
    """No usable list of those given says whether an X.509 certificate was revoked."""

    says = "no list of those given says whether the X.509 certificate of {subject} was revoked{why}"
    advises = "get the present list of each issuer on the way to the root"

    subject: str
    reason: str
    """Why a list of its issuer cannot be used; empty if there is none."""

    @property
    def why(self) -> str:
        """A part of the message."""
        return self.reason and f": {self.reason}"


class ForeignX509(Unproven, wire="foreign-x509"):
    """An X.509 certificate does not lead to a root that the reader trusts."""

    says = (
        "the X.509 certificate of {subject}, issued by {issuer}, leads to none of the roots that you trust ({reason})"
    )
    advises = "trust its root only if you know from elsewhere whose it is"

    subject: str
    issuer: str
    reason: str


class WrongX509Usage(Unproven, wire="wrong-x509-usage"):
    """An X.509 certificate is not meant for signing."""

    says = "the X.509 certificate of {subject} is for {found}, needed one for digital signatures"
    advises = "ask the party to bind its keys to a certificate for signing"

    subject: str
    found: str


class WeakX509(Unproven, wire="weak-x509"):
    """An X.509 certificate rests on a key or a hash that does not protect it, or that is not known here."""

    says = "the X.509 certificate of {subject} has {found}, needed {needed}"
    advises = "ask the party for a card with a stronger certificate"

    subject: str
    found: str
    needed: str


class NotCommitted(Unproven, wire="not-committed"):
    """A disclosed document that no event of its certificate commits to: it was altered, or it is another certificate's."""

    says = "no event of entry {entry} commits to this document: its commitment would be {commitment}"
    advises = "conclude nothing from it; ask the issuer"

    entry: bytes
    """32 bytes."""
    commitment: bytes
    """32 bytes."""


class NewsUnnamed(Unproven, wire="news-unnamed"):
    """An item of news does not name what it is about, because its act was sent through a contract of somebody else."""

    says = "the news {id} of {about} do not name what they are about: ask again about everything that they may concern"

    id: str
    """Of the item."""
    about: str
    """The kind of its subject."""


class NewsDiffer(Unproven, wire="news-differ"):
    """The ledger has other words than an item of news says: they were changed again since, or never stood there."""

    says = "the news {id} of {about} are not what stands on the ledger: it was changed again since, or they are false"
    advises = "conclude nothing from them; what stands there now is proven by a question of your own"

    id: str
    """Of the item."""
    about: str
    """The kind of its subject."""
