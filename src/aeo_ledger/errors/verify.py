"""What evidence does not prove: header, seals, trie, trust, history, archive."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, TAKE_AGAIN, UPDATE_AGAIN, UPDATE_TRUST, Malformed, Unproven, mean, show_utc


class MalformedValidatorSet(Malformed, wire="malformed-validator-set"):
    """Addresses that cannot be a set of validators."""

    says = "validator set: {reason}"
    advises = "take the bundle from where it was made once more, unedited"

    reason: str
    """What is wrong with them."""


class HeaderBreaksRule(Unproven, wire="header-breaks-rule"):
    """A header field that no block of this consensus can have, whoever sealed it."""

    says = "header: {field} is {found}, needed {needed}"
    advises = ASK_ANOTHER

    field: str
    """The field, as `Header` calls it."""
    found: str
    """Its value, for a reader."""
    needed: str
    """What the rule asks for."""


class UnreadableSeal(Unproven, wire="unreadable-seal"):
    """A commit seal that no key can have made."""

    says = "commit seal {position}: {reason}"
    advises = ASK_ANOTHER

    position: int
    """Place among the header's seals, from 0."""
    reason: str
    """What is wrong with it."""


class StrangerSealed(Unproven, wire="stranger-sealed"):
    """A commit seal by a key outside the trusted validator set."""

    says = "sealed by {sealer}, which is no trusted validator (if they have changed since, update the trust bundle)"
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
    """A trie node on the way to a key that the evidence does not bring."""

    says = "trie node {node_hash} is not among the nodes given"
    advises = ASK_ANOTHER

    node_hash: bytes
    """Hash by which its parent, or the root, names it, 32 bytes."""


class UnreadableNode(Unproven, wire="unreadable-node"):
    """A trie node of a form that no honest trie has."""

    says = "trie node {node_hash}: {reason}"
    advises = ASK_ANOTHER

    node_hash: bytes
    """Its hash, 32 bytes."""
    reason: str
    """What is wrong with it."""


class RepeatedNode(Unproven, wire="repeated-node"):
    """One trie node given twice."""

    says = "trie node {node_hash} is given twice"
    advises = ASK_ANOTHER

    node_hash: bytes
    """Its hash, 32 bytes."""


class SurplusNodes(Unproven, wire="surplus-nodes"):
    """Trie nodes that no question needed."""

    says = "{count} trie nodes are given that prove nothing asked for"
    advises = ASK_ANOTHER

    count: int
    """How many."""


class OversizedPool(Unproven, wire="oversized-pool"):
    """More trie nodes, or a longer one, than any proof has."""

    says = "{what}: {found}, at most {limit} accepted"
    advises = ASK_ANOTHER

    what: str
    """What is too large."""
    found: int
    """Its size."""
    limit: int
    """The largest accepted."""


class AbsentAccount(Unproven, wire="absent-account"):
    """An account that is proven not to exist in this state: it is another ledger's, or too early."""

    says = "account {address} does not exist in this state"
    advises = ASK_ANOTHER

    address: bytes
    """Its address, 20 bytes."""


class UnknownParty(Malformed, wire="unknown-party"):
    """A question names a party that the trust bundle does not know."""

    says = "no party {code!r} is pinned, only {known}{meant}"

    code: str
    """The code that was named."""
    known: tuple[str, ...]
    """The codes that are pinned."""

    @property
    def meant(self) -> str:
        """A part of what it says."""
        return mean(self.code, self.known)


class UnknownCertificateType(Malformed, wire="unknown-certificate-type"):
    """A question names a certificate type that no register has, of those pinned or of those searched."""

    says = "{whose} has a certificate type {name!r}, only {known}{meant}"

    name: str
    """The name that was used."""
    known: tuple[str, ...]
    """The names that they have."""
    registers: tuple[str, ...] = ()
    """Codes of the registers searched; empty if no pinned register has it."""

    @property
    def whose(self) -> str:
        """A part of what it says."""
        return f"no register searched ({', '.join(self.registers)})" if self.registers else "no register"

    @property
    def meant(self) -> str:
        """A part of what it says."""
        return mean(self.name, self.known)


class NotYetProvable(Unproven, wire="not-yet-provable"):
    """A question about a time that the evidence's block has not reached."""

    says = "asked about {time:day}, but the block is of {block_time:utc}: what comes later it cannot prove"
    advises = "ask about an earlier time, or wait for the next block"

    time: int
    """The time asked about, UTC seconds."""
    block_time: int
    """Time of the block, UTC seconds."""


class OtherQuestion(Unproven, wire="other-question"):
    """Evidence that was made for other questions than the asker's own."""

    says = "the evidence answers another question than {asked}"
    advises = "ask your own question: the evidence was made for another"

    asked: str
    """The asker's question, for a reader."""


class Stale(Unproven, wire="stale"):
    """A header older than the asker accepts."""

    says = "the evidence is {age_s} s old, at most {max_age_s} s are accepted"
    advises = "ask again: the ledger seals a block every half minute; or accept older evidence with --max-age"

    age_s: int
    """How old it is."""
    max_age_s: int
    """How old it may be."""


class FromTheFuture(Unproven, wire="from-the-future"):
    """A header dated after now: its clock is wrong, or the asker's is."""

    says = "the evidence is dated {ahead_s} s ahead, at most {skew_s} s are accepted"
    advises = "put this machine's clock right, or wait"

    ahead_s: int
    """How far it lies ahead."""
    skew_s: int
    """How far clocks may differ."""


class TrustExpired(Unproven, wire="trust-expired"):
    """A trust bundle past its period: keys that left the validators since could have sealed anything."""

    says = "the trust bundle expired at {expired_at:utc}, now is {now:utc}: obtain a newer one out of band"

    expired_at: int
    """UTC seconds."""
    now: int
    """UTC seconds."""


class BelowCheckpoint(Unproven, wire="below-checkpoint"):
    """A header from before the pinned checkpoint, where keys of past validators could have sealed a forged past."""

    advises = "ask for newer evidence, or verify it as archived"

    found: int
    """Its block number, or its time."""
    needed: int
    """That of the checkpoint."""
    what: str = ""
    """`time` if both are UTC seconds, which are shown as such."""

    def __str__(self) -> str:
        """Say where it lies."""
        found, needed = (show_utc(at) if self.what == "time" else str(at) for at in (self.found, self.needed))
        return f"the header is at {found}, below the checkpoint at {needed}"


class NotTheCheckpoint(Unproven, wire="not-the-checkpoint"):
    """Another block in the place of the pinned checkpoint: a fork, or another chain."""

    says = "block {number} is {found}, but the checkpoint pins {needed}"
    advises = "believe neither: compare the bundle's fingerprint by voice"

    number: int
    """Block number of the checkpoint."""
    found: bytes
    """Hash of the header, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""


class WrongCode(Unproven, wire="wrong-code"):
    """A contract with other code than the pinned one: its words mean nothing here."""

    says = "contract {address} has code {found}, pinned is {needed}"
    advises = "compare the bundle's fingerprint by voice: this is another ledger, or another edition"

    address: bytes
    """The contract, 20 bytes."""
    found: bytes
    """Hash of its code, 32 bytes."""
    needed: bytes
    """The pinned hash, 32 bytes."""


class Superseded(Unproven, wire="superseded"):
    """A time is asked about from which on another ledger answers: what this one says of it is no longer kept up."""

    says = (
        "this ledger is superseded from {superseded_at:utc} on by {successor}: ask that one; only earlier times "
        "are answered here"
    )

    successor: bytes
    """`Consortium` that supersedes it, 20 bytes."""
    superseded_at: int
    """From then on, UTC seconds; earlier times are answered."""


class WrongPartyCode(Unproven, wire="wrong-party-code"):
    """A party whose proven word has another code than the trust bundle pins for its number."""

    says = "party {number} is {known_as} on this ledger, pinned is {needed}"
    advises = "compare the bundle's fingerprint by voice: parties are numbered otherwise there"

    number: int
    """The party's number."""
    found: str
    """The code in the proven word; empty if the ledger has no such party."""
    needed: str
    """The pinned code."""

    @property
    def known_as(self) -> str:
        """A part of what it says."""
        return self.found or "unknown"


class RepeatedStep(Unproven, wire="repeated-step"):
    """A step of a trust update that leads nowhere: to the block at which trust already stands."""

    says = "a step leads to block {number}, where the checkpoint already is: each must lead forward"
    advises = UPDATE_AGAIN

    number: int
    """Block number of both."""


class Forked(Unproven, wire="forked"):
    """A block that comes right after the checkpoint and stands on another one: a fork, or another chain."""

    says = "block {number} stands on {found}, but the checkpoint before it is {needed}"
    advises = UPDATE_AGAIN

    number: int
    """Its number."""
    found: bytes
    """Its parent's hash, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""


class NoSharedValidator(Unproven, wire="no-shared-validator"):
    """A hand-over to validators none of whom was one before: no resolution leads there, but from one validator to one other."""

    says = "block {number} shows validators none of whom is trusted: at most one comes and one goes in a block"
    advises = UPDATE_AGAIN

    number: int
    """The block that claims it."""


class SkippedStep(Unproven, wire="skipped-step"):
    """A block that shows other validators than those trusted, without the block in which they changed."""

    says = (
        "block {number} shows other validators than those trusted since block {checkpoint}: needed the block that "
        "changed them and the one right before it"
    )
    advises = UPDATE_AGAIN

    number: int
    """The block that shows them."""
    checkpoint: int
    """Number of the block up to which the change is followed."""


class SeveralChanged(Unproven, wire="several-changed"):
    """More validators changed in one block than a resolution of the contract can change."""

    says = "block {number} seats {seated} and unseats {unseated} validators: one may come and one may go"
    advises = UPDATE_AGAIN

    number: int
    """The block."""
    seated: int
    """How many came."""
    unseated: int
    """How many went."""


class NotYetReceived(Unproven, wire="not-yet-received"):
    """Evidence is to be judged as of a time that is still to come."""

    says = "the time of receipt is {received_at:utc}, now is {now:utc}: it is still to come"
    advises = "put the time of receipt, or this machine's clock, right"

    received_at: int
    """UTC seconds."""
    now: int
    """UTC seconds."""


class NotYetPinned(Unproven, wire="not-yet-pinned"):
    """Evidence was received before any bundle was pinned that could have proven it."""

    says = "nothing was pinned yet at {received_at:utc}: the first bundle dates from {pinned_at:utc}"
    advises = "name a later time, or the trust store that was kept then"

    received_at: int
    """UTC seconds."""
    pinned_at: int
    """When the first one was pinned, or could have been, UTC seconds."""


class PeriodOver(Unproven, wire="period-over"):
    """The period of the bundle that was pinned had ended when the evidence was received."""

    says = "the bundle pinned at {received_at:utc} had expired at {expired_at:utc}: it proved nothing any more"
    advises = "name the time at which it was received, or a store with a newer bundle of then"

    received_at: int
    """UTC seconds."""
    expired_at: int
    """UTC seconds."""


class OtherBundleThen(Unproven, wire="other-bundle-then"):
    """A receipt names another bundle than the one that was pinned at its time."""

    says = "the receipt names the bundle {found}, but at {received_at:utc} {needed} was pinned"
    advises = "name the trust store of whoever made the receipt"

    received_at: int
    """UTC seconds."""
    found: bytes
    """Fingerprint that the receipt names, 32 bytes."""
    needed: bytes
    """Fingerprint of the bundle pinned then, 32 bytes."""


class OtherEvidence(Unproven, wire="other-evidence"):
    """A receipt of other evidence than the one shown, or evidence that was altered since."""

    says = "the evidence hashes to {found}, the receipt is of {needed}"
    advises = "take the evidence that was kept with this receipt"

    found: bytes
    """Hash of the evidence, 32 bytes."""
    needed: bytes
    """As the receipt has it, 32 bytes."""


class OtherReceipt(Unproven, wire="other-receipt"):
    """A receipt that is not the one whose hash was kept elsewhere."""

    says = "the receipt hashes to {found}, kept elsewhere is {needed}"
    advises = "take the receipt whose hash was kept"

    found: bytes
    """Its hash, 32 bytes."""
    needed: bytes
    """As it was kept, 32 bytes."""


class ReceiptDiffers(Unproven, wire="receipt-differs"):
    """A receipt that says something else than its evidence proves, or than was asked."""

    says = "the receipt's {part} is {found}, needed {needed}"
    advises = "take the receipt of this evidence and question"

    what: str
    """The part of it."""
    found: str
    """As the receipt has it."""
    needed: str
    """As it was asked, or is proven."""

    @property
    def part(self) -> str:
        """A part of what it says."""
        return "verdict" if self.what == "recognised" else self.what.replace("_", " ")


class ReceiptAltered(Unproven, wire="receipt-altered"):
    """A receipt whose signature is not that of the signer it names: one or the other was altered."""

    says = "the receipt was not signed as it stands by {signer}, whom it names: {reason}"
    advises = "take the receipt as it was signed from where it was kept"

    signer: bytes
    """As it names it, 20 bytes."""
    reason: str
    """What is wrong with the signature."""


class ReceiptUnsigned(Unproven, wire="receipt-unsigned"):
    """A receipt that nobody signed, where a signer is needed."""

    says = "the receipt is not signed, needed the signature of {needed}"
    advises = "take the signed receipt from where it was kept"

    needed: bytes
    """Whose signature, 20 bytes."""


class ReceiptUnwitnessed(Unproven, wire="receipt-unwitnessed"):
    """A receipt for which nobody vouches says when evidence was received: whoever holds it can write that, and sign it with any key."""

    says = (
        "nobody vouches for the receipt, so anybody can have written its time and how old evidence might be: name who must "
        "have signed it (--signer), give its hash as it was kept elsewhere (--anchor), or say both yourself (--received and "
        "--max-age)"
    )


class ReceiptOfAnother(Unproven, wire="receipt-of-another"):
    """A receipt that another key signed than the one needed."""

    says = "the receipt is signed by {found}, needed {needed}"
    advises = "name the address of who signed it, if you trust that one"

    found: bytes
    """Who signed, 20 bytes."""
    needed: bytes
    """Who should have, 20 bytes."""


class ChainEndsElsewhere(Unproven, wire="chain-ends-elsewhere"):
    """A chain of headers that does not lead to a pinned checkpoint."""

    says = "the chain of headers leads to block {found}, pinned at or above the evidence's block: {blocks}"
    advises = "fetch the chain again: `trust chain`"

    found: int
    """Number of the block that it leads to."""
    pinned: tuple[str, ...]
    """Numbers of the checkpoints that it could lead to."""

    @property
    def blocks(self) -> str:
        """A part of what it says."""
        return ", ".join(self.pinned) or "none"


class ChainBroken(Unproven, wire="chain-broken"):
    """A chain of headers that leads to another block in the checkpoint's place: the first block is not on this chain, or a link was altered."""

    says = (
        "the chain of headers leads to block {number} as {found}, pinned is {needed}: the evidence's block is not "
        "on this ledger, or the chain was altered"
    )
    advises = "fetch the chain again: `trust chain`"

    number: int
    """The checkpoint's number."""
    found: bytes
    """Hash of the block that the chain leads to, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""


class RepeatedSlot(Unproven, wire="repeated-slot"):
    """A snapshot gives a word of one slot twice."""

    says = "{contract}: the word with the hashed slot {hashed_slot} stands in the snapshot twice"
    advises = TAKE_AGAIN

    contract: str
    hashed_slot: bytes
    """keccak256 of the slot, 32 bytes."""


class WrongStorageRoot(Unproven, wire="wrong-storage-root"):
    """The words given for a contract are not the whole of its storage: one is missing, surplus or another."""

    says = "{contract}: {words} words have the root {found}, proven is {needed}"
    advises = TAKE_AGAIN

    contract: str
    words: int
    """How many were given."""
    found: bytes
    """Root of their trie, 32 bytes."""
    needed: bytes
    """The proven storage root, 32 bytes."""


class HistoryIncomplete(Unproven, wire="history-incomplete"):
    """A history has more or fewer events than the ledger recorded: one is missing, held back, or surplus."""

    says = "history of {subject}: {found} events are shown, {needed} were recorded"
    advises = ASK_ANOTHER

    subject: str
    """Whose history: a standing, a party or a pair."""
    found: int
    needed: int


class EventOutOfPlace(Unproven, wire="event-out-of-place"):
    """An event of a history does not follow the one before: one between is missing, or their order is another."""

    advises = ASK_ANOTHER

    subject: str
    event: int
    """Which of the history's events, from 1; here and below."""
    what: str
    """What tells its place: a number that is counted, its time of recording or its deadline."""
    found: int
    needed: int
    """What the place needs; of numbers that only grow, the least."""

    def __str__(self) -> str:
        """Name the event and what does not fit."""
        is_time = self.what.startswith("time")
        found, needed = (show_utc(at) if is_time else str(at) for at in (self.found, self.needed))
        return f"history of {self.subject}: event {self.event} has {self.what} {found}, needed {needed}"


class EventOfAnother(Unproven, wire="event-of-another"):
    """An event in a history concerns another standing, party or pair, or is of a kind that cannot stand there."""

    says = "history of {subject}: event {event} does not belong there: {what}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    what: str
    """What the event says that does not belong there."""


class EventNotPublished(Unproven, wire="event-not-published"):
    """A status event is not the one that its publication has in that place: it was altered, or its neighbours were."""

    says = "history of {subject}: event {event} is not at position {position} of its publication"
    advises = ASK_ANOTHER

    subject: str
    event: int
    position: int
    """Where it should stand in its publication, from 0."""


class UnreadableEventSignature(Unproven, wire="unreadable-event-signature"):
    """A signature of a recorded act is not one that the contracts accept."""

    says = "history of {subject}: event {event}: {reason}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    reason: str


class SignerNotEntitled(Unproven, wire="signer-not-entitled"):
    """A recorded act bears the signature of somebody who, when it was recorded, had no say in it; or it was altered."""

    says = "history of {subject}: event {event} is signed by {signer}, who was not {needed} at {recorded_at:utc}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    signer: bytes
    """20 bytes, as recovered: of an altered act it is some address that nobody has."""
    needed: str
    """Who may sign."""
    recorded_at: int
    """UTC seconds."""


class EventUndersigned(Unproven, wire="event-undersigned"):
    """A recorded act bears fewer signatures than it needs, or lacks one side's."""

    says = "history of {subject}: event {event} has {found} signatures of {whose}, needed {needed}"
    advises = ASK_ANOTHER

    subject: str
    event: int
    found: int
    needed: int
    whose: str


class HeadDiffers(Unproven, wire="head-differs"):
    """A history chains to another head than the ledger's: something in it was altered that no signature covers, or left out."""

    says = "history of {subject}: its {events} events chain to {found}, the ledger has {needed}"
    advises = ASK_ANOTHER

    subject: str
    events: int
    """How many were shown."""
    found: bytes
    """Head of the events shown, 32 bytes."""
    needed: bytes
    """The proven head, 32 bytes."""


class ReplayDiffers(Unproven, wire="replay-differs"):
    """A history is the recorded one, and yet does not lead to the ledger's word: this version does not know some act in it."""

    says = "history of {subject}: its replay does not lead to what the ledger says: {reason}"
    advises = ASK_ANOTHER

    subject: str
    reason: str


class OtherHistory(Unproven, wire="other-history"):
    """Evidence has the histories of other standings than those asked for."""

    says = "the evidence has histories of {found} standings, not of the {asked} asked for"
    advises = ASK_ANOTHER

    asked: int
    """How many were asked for."""
    found: int
    """How many it has."""
