"""The error tree: four families, each named for what the caller should do.

Every leaf carries its facts as typed attributes and builds its message from them: what was found, what was needed and, where it helps,
what to do. Verification raises; it never answers with a bool. HTTP status and exit codes live at the edges, in one table each.

    AeoLedgerError
    |-- Malformed     fix the input
    |-- Refused       a rule says no
    |-- Unproven      the evidence does not prove it: never default, never assume
    `-- Unavailable   the world failed: retry
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


def show_utc(seconds: int) -> str:
    """Write a time of the ledger, UTC seconds, as people read it. It stands here because messages need it, and nothing lies below them."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s after 1970, which is no date"


def _meant(found: str, known: tuple[str, ...]) -> str:
    """Say which of the known words a word would be in other capitals."""
    meant = next((word for word in known if word.casefold() == found.strip().casefold()), None)
    return "" if meant is None else f": write {meant}"


class AeoLedgerError(Exception):
    """Whatever this project raises on purpose; anything else that escapes is a bug."""

    place = ""
    """Where in what was handed in, as in `questions[3]`; empty where there is only one."""
    said_by: str = ""
    """Who said this, if it came from outside and was told by nobody whom this process knows: a gateway, by its URL."""

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes with its facts, which are attributes and no arguments."""
        return _restore, (type(self), self.args, vars(self))


def _restore(kind: type[AeoLedgerError], arguments: tuple[object, ...], facts: dict[str, object]) -> AeoLedgerError:
    error = kind.__new__(kind, *arguments)
    vars(error).update(facts)
    return error


class Malformed(AeoLedgerError):
    """The input cannot be read as what it claims to be: fix the input."""


class Refused(AeoLedgerError):
    """A rule says no; the same input will be refused again."""


class Unproven(AeoLedgerError):
    """The evidence does not prove the claim: neither yes nor no may be concluded."""


class Unavailable(AeoLedgerError):
    """The world failed (a process, a disk, a clock, a peer): retry later."""


@dataclass(eq=False)
class MalformedText(Malformed):
    """A text or a number from outside that is not of the form needed."""

    what: str
    """What was being read, as its reader would call it."""
    found: str
    """What was found, quoted."""
    needed: str
    """The form that would be accepted."""

    def __str__(self) -> str:
        """Say what was found and what was needed."""
        return f"{self.what}: found {self.found}, needed {self.needed}"


# ---- primitives ----


@dataclass(eq=False)
class MalformedRlp(Malformed):
    """Bytes that are not one canonical RLP item."""

    reason: str
    """What is wrong with them."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"RLP: {self.reason}"


@dataclass(eq=False)
class MalformedSignature(Malformed):
    """Numbers that are no signature, or bytes that are no public key, of the curve."""

    reason: str
    """What is wrong with them."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"signature: {self.reason}"


# ---- evidence/header, verify: header, seals, trie, account, storage ----


@dataclass(eq=False)
class MalformedHeader(Malformed):
    """Bytes that are no block header of the form that QBFT seals."""

    reason: str
    """What is wrong with them, and where."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"header: {self.reason}"


@dataclass(eq=False)
class MalformedValidatorSet(Malformed):
    """Addresses that cannot be a set of validators."""

    reason: str
    """What is wrong with them."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"validator set: {self.reason}"


@dataclass(eq=False)
class HeaderBreaksRule(Unproven):
    """A header field that no block of this consensus can have, whoever sealed it."""

    field: str
    """The field, as `Header` calls it."""
    found: str
    """Its value, for a reader."""
    needed: str
    """What the rule asks for."""

    def __str__(self) -> str:
        """Say which field broke which rule."""
        return f"header: {self.field} is {self.found}, needed {self.needed}"


@dataclass(eq=False)
class UnreadableSeal(Unproven):
    """A commit seal that no key can have made."""

    position: int
    """Place among the header's seals, from 0."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say which seal is wrong, and why."""
        return f"commit seal {self.position}: {self.reason}"


@dataclass(eq=False)
class StrangerSealed(Unproven):
    """A commit seal by a key outside the trusted validator set."""

    sealer: bytes
    """Address recovered from the seal, 20 bytes."""

    def __str__(self) -> str:
        """Name the stranger."""
        return f"sealed by 0x{self.sealer.hex()}, which is no trusted validator (if they have changed since, update the trust bundle)"


@dataclass(eq=False)
class RepeatedSeal(Unproven):
    """Two commit seals by one validator."""

    sealer: bytes
    """The validator, 20 bytes."""

    def __str__(self) -> str:
        """Name the validator."""
        return f"sealed twice by 0x{self.sealer.hex()}"


@dataclass(eq=False)
class TooFewSeals(Unproven):
    """Fewer distinct validators sealed than a quorum."""

    found: int
    """Validators that sealed."""
    needed: int
    """Two thirds of the trusted set, rounded up."""
    validators: int
    """Size of the trusted set."""

    def __str__(self) -> str:
        """Say how many sealed and how many were needed."""
        return f"{self.found} of {self.validators} validators sealed, {self.needed} needed"


@dataclass(eq=False)
class MissingNode(Unproven):
    """A trie node on the way to a key that the evidence does not bring."""

    node_hash: bytes
    """Hash by which its parent, or the root, names it, 32 bytes."""

    def __str__(self) -> str:
        """Name the node."""
        return f"trie node 0x{self.node_hash.hex()} is not among the nodes given"


@dataclass(eq=False)
class UnreadableNode(Unproven):
    """A trie node of a form that no honest trie has."""

    node_hash: bytes
    """Its hash, 32 bytes."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say which node is wrong, and why."""
        return f"trie node 0x{self.node_hash.hex()}: {self.reason}"


@dataclass(eq=False)
class RepeatedNode(Unproven):
    """One trie node given twice."""

    node_hash: bytes
    """Its hash, 32 bytes."""

    def __str__(self) -> str:
        """Name the node."""
        return f"trie node 0x{self.node_hash.hex()} is given twice"


@dataclass(eq=False)
class SurplusNodes(Unproven):
    """Trie nodes that no question needed."""

    count: int
    """How many."""

    def __str__(self) -> str:
        """Say how many."""
        return f"{self.count} trie nodes are given that prove nothing asked for"


@dataclass(eq=False)
class OversizedPool(Unproven):
    """More trie nodes, or a longer one, than any proof has."""

    what: str
    """What is too large."""
    found: int
    """Its size."""
    limit: int
    """The largest accepted."""

    def __str__(self) -> str:
        """Say what is too large."""
        return f"{self.what}: {self.found}, at most {self.limit} accepted"


@dataclass(eq=False)
class UnreadableValue(Unproven):
    """A value under a trie's leaf that is not what such a trie holds."""

    what: str
    """Account or word, and where it stands."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say which value is wrong, and why."""
        return f"{self.what}: {self.reason}"


@dataclass(eq=False)
class AbsentAccount(Unproven):
    """An account that is proven not to exist in this state: it is another ledger's, or too early."""

    address: bytes
    """Its address, 20 bytes."""

    def __str__(self) -> str:
        """Name the account."""
        return f"account 0x{self.address.hex()} does not exist in this state"


# ---- chain ----


@dataclass(eq=False)
class LedgerInUse(Unavailable):
    """A second process, or a second opening in this one, of a ledger that belongs to one at a time."""

    path: str
    """The ledger's file."""

    def __str__(self) -> str:
        """Say what to do."""
        return f"the ledger at {self.path} is in use: stop the process that has it open, or ask that process over HTTP"


@dataclass(eq=False)
class LedgerClosed(Unavailable):
    """A publication to a ledger that is closing or closed."""

    def __str__(self) -> str:
        """Say what to do."""
        return "the ledger is closed: open it again"


@dataclass(eq=False)
class LedgerExists(Refused):
    """A ledger is to be made where something is already."""

    path: str
    """The file that is there."""

    def __str__(self) -> str:
        """Say what to do."""
        return f"{self.path} exists: open it, or choose another place"


@dataclass(eq=False)
class MalformedLedger(Malformed):
    """A file that is not an embedded ledger, or that was damaged."""

    path: str
    """The file."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"{self.path} is no ledger: {self.reason}"


@dataclass(eq=False)
class MalformedGenesis(Malformed):
    """A genesis file that no QBFT network with this project's rules can start from."""

    reason: str
    """What is missing or wrong."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"genesis: {self.reason}"


@dataclass(eq=False)
class MalformedTransaction(Malformed):
    """Bytes that are no signed transaction of a type that Berlin has (legacy or 1)."""

    reason: str
    """What is wrong with them."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"transaction: {self.reason}"


@dataclass(eq=False)
class StorageFailed(Unavailable):
    """The disk did not take a block; the ledger stands where it stood before."""

    path: str
    """The ledger's file."""
    reason: str
    """What the disk said."""

    def __str__(self) -> str:
        """Say what failed."""
        return f"{self.path} could not be written: {self.reason}"


@dataclass(eq=False)
class DamagedLedger(Unavailable):
    """Something in a ledger's file is not what was written: nothing is sealed and nothing answered that rests on it."""

    path: str
    """The file."""
    part: str
    """The table and row, or what else of it."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Name the part and say what to do."""
        return (
            f"{self.path} is damaged: {self.part}: {self.reason}; `aeo-ledger network check` reads all of it, "
            "and a copy of the folder or another node's blocks may have what is lost"
        )


@dataclass(eq=False)
class LedgerSetBack(Unavailable):
    """A ledger's file lacks a block that was sealed with its keys: it is an older copy, or a part of one."""

    path: str
    """The ledger's file."""
    head: int
    """Its last block's number."""
    reason: str
    """What says so."""

    def __str__(self) -> str:
        """Say what was found, what was needed and what to do."""
        return (
            f"{self.path} ends with block {self.head}, but {self.reason}; to go on from here would make a second history: "
            "bring back the newest files, the whole folder with its -wal"
        )


@dataclass(eq=False)
class BlockUnfinished(Unavailable):
    """A block was decided, and may be sealed already, but is not on disk: it is finished as it stands before any other."""

    number: int
    path: str
    """The ledger's file."""
    reason: str
    """What stopped it."""

    def __str__(self) -> str:
        """Say what is known and what to do."""
        return (
            f"block {self.number} of {self.path} is decided and not on disk ({self.reason}); it will be finished as it is, "
            "so ask what became of an act before signing it again"
        )


@dataclass(eq=False)
class ClockDoubtful(Unavailable):
    """The wall clock cannot be believed, so no block may be dated by it."""

    found: int
    """What the wall clock says, UTC seconds."""
    needed: int
    """What it was expected to say, or at least to have reached, UTC seconds."""
    reason: str
    """Why it is doubted."""

    def __str__(self) -> str:
        """Say what was found, what was needed and what to do."""
        return (
            f"the wall clock says {show_utc(self.found)}, about {show_utc(self.needed)} was expected: {self.reason}; "
            "until then there is reading and no publishing"
        )


@dataclass(eq=False)
class QuorumMissing(Unavailable):
    """Too few of the validators' keys are here to seal a block."""

    held: int
    """Validators whose seals could be had."""
    needed: int
    """Two thirds of the validators, rounded up."""
    validators: int
    """How many the contract names."""

    def __str__(self) -> str:
        """Say what was found and what was needed."""
        return f"{self.held} of {self.validators} validators can seal here, {self.needed} needed"


@dataclass(eq=False)
class NonceOutOfOrder(Refused):
    """A transaction that does not follow its sender's last one."""

    found: int
    """Its nonce."""
    needed: int
    """The sender's next nonce, transactions that wait included."""

    def __str__(self) -> str:
        """Say what was found and what was needed."""
        return f"transaction has nonce {self.found}, its sender's next is {self.needed}"


@dataclass(eq=False)
class TransactionRefused(Refused):
    """A transaction that no block of this chain could hold."""

    reason: str
    """The rule it breaks."""

    def __str__(self) -> str:
        """Say which rule."""
        return f"transaction refused: {self.reason}"


@dataclass(eq=False)
class BlockUnknown(Unavailable):
    """A block that is not on the chain, or not yet."""

    found: str
    """The number or hash that was asked for."""
    head: int
    """The last block's number."""

    def __str__(self) -> str:
        """Say what was asked and what there is."""
        return f"there is no block {self.found}; the last one is {self.head}"


@dataclass(eq=False)
class ConstructorFailed(Refused):
    """A contract's constructor that reverted while a genesis was being made."""

    address: bytes
    """Where the contract was to stand, 20 bytes."""
    reason: str
    """What the EVM said."""
    output: bytes
    """What the constructor reverted with."""

    def __str__(self) -> str:
        """Say where and why."""
        return f"the constructor of the contract at 0x{self.address.hex()} failed: {self.reason} 0x{self.output.hex()}"


# ---- protocol, signing ----


@dataclass(eq=False)
class MalformedMessage(Malformed):
    """Values that are not those of a message that administrations sign."""

    where: str
    """Path of what is wrong, such as `Publication.events[3].record`."""
    found: str
    """What is there; never the content of bytes."""
    needed: str
    """The form that would be accepted."""

    def __str__(self) -> str:
        """Say what was found and what was needed."""
        return f"{self.where}: found {self.found}, needed {self.needed}"


@dataclass(eq=False)
class MalformedWord(Malformed):
    """A word of storage that no contract of this project writes."""

    what: str
    """What was read out of it, as its reader would call it."""
    found: int
    """What is there."""

    def __str__(self) -> str:
        """Say what was found."""
        return f"word of storage: {self.what} cannot be {self.found}"


@dataclass(eq=False)
class MalformedKey(Malformed):
    """Bytes that are no private key of the curve; the error never shows them."""

    def __str__(self) -> str:
        """Say what was needed."""
        return "private key: needed 32 bytes, above 0 and below the curve's order"


@dataclass(eq=False)
class MalformedKeyFile(Malformed):
    """A file that is no key file, or no key store, that this project reads."""

    path: str
    """The file."""
    reason: str
    """What is wrong with it, without its content."""

    def __str__(self) -> str:
        """Say which file is wrong, and why."""
        return f"{self.path} holds no key: {self.reason}"


@dataclass(eq=False)
class MalformedPassword(Malformed):
    """A password that cannot be one; the error never shows it."""

    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say what is wrong."""
        return f"password: {self.reason}"


@dataclass(eq=False)
class PasswordMissing(Refused):
    """No password was given, and there is no terminal to ask at."""

    what: str
    """What it would have opened or closed."""
    variable: str
    """The environment variable that may hold it."""

    def __str__(self) -> str:
        """Say what to do."""
        return f"no password for {self.what}: ask at a terminal, name a password file, or set {self.variable}"


@dataclass(eq=False)
class WrongPassword(Refused):
    """A password that does not open a file, or a file that was altered since it was closed: no one can tell which."""

    path: str
    """The file."""
    oddity: str = ""
    """What is unusual about the password and may be a slip, without the password."""

    def __str__(self) -> str:
        """Say both causes."""
        note = self.oddity and f" (the password {self.oddity})"
        return f"{self.path} does not open: the password is wrong{note}, or the file was altered"


@dataclass(eq=False)
class KeyFileExists(Refused):
    """A key is to be written where something is already: keys are never overwritten."""

    path: str
    """What is there."""

    def __str__(self) -> str:
        """Say what to do."""
        return f"{self.path} exists: a key is never overwritten, choose another place"


@dataclass(eq=False)
class ExposedFile(Refused):
    """A file of keys or of a password that others on this machine may read or write."""

    path: str
    """The file."""
    mode: int
    """Its permission bits."""

    def __str__(self) -> str:
        """Say what was found and what to do."""
        return f"{self.path} is open to others (mode {self.mode:04o}): run chmod 600 on it"


@dataclass(eq=False)
class AddressUnnamed(Refused):
    """A key file that does not name its key's address: an initial value that was altered would open another key, and nobody would know."""

    path: str
    """The file."""
    address: bytes
    """Of the key that it opens, 20 bytes."""

    def __str__(self) -> str:
        """Name the address and say what to do."""
        return (
            f"{self.path} does not name its key's address, so nothing shows that it was not altered; it opens "
            f"0x{self.address.hex()}: if that is yours, run aeo-ledger key confirm {self.path} --address 0x{self.address.hex()}"
        )


@dataclass(eq=False)
class OtherKey(Refused):
    """A key file that opens another key than the one asked for."""

    path: str
    found: bytes
    """Address of its key, 20 bytes."""
    needed: bytes
    """Address that was asked for, 20 bytes."""

    def __str__(self) -> str:
        """Name both."""
        return f"{self.path} opens 0x{self.found.hex()}, needed 0x{self.needed.hex()}"


@dataclass(eq=False)
class LabelTaken(Refused):
    """A key store has a key of this label already."""

    label: str
    """The label."""

    def __str__(self) -> str:
        """Name the label."""
        return f"the key store has a key labelled {self.label!r} already"


@dataclass(eq=False)
class NoSuchLabel(Refused):
    """A key store has no key of this label."""

    label: str
    """The label."""
    labels: tuple[str, ...]
    """Those it has."""

    def __str__(self) -> str:
        """Name the label, and those that are there."""
        return f"the key store has no key labelled {self.label!r}, but {', '.join(self.labels)}"


@dataclass(eq=False)
class RepeatedSigner(Refused):
    """One key is to sign one message twice, which the contracts refuse."""

    address: bytes
    """Its address, 20 bytes."""

    def __str__(self) -> str:
        """Name the signer."""
        return f"0x{self.address.hex()} is to sign twice: each signer counts once"


@dataclass(eq=False)
class KeyFileUnavailable(Unavailable):
    """A file of keys or of a password that cannot be read or written now."""

    path: str
    """The file."""
    reason: str
    """What the system said."""

    def __str__(self) -> str:
        """Say what failed."""
        return f"{self.path}: {self.reason}"


# ---- customs/tin, customs/decision, evidence, verify/trust, verify/recognition ----


@dataclass(eq=False)
class MalformedTin(Malformed):
    """A text that is no trader identification number; nothing is guessed and nothing is corrected."""

    found: str
    """The text, cut short if it is long."""
    reason: str
    """What is wrong with it; a look-alike character is named."""
    advice: str = "needed two capitals A-Z and 1 to 15 characters of printable ASCII, none lower case"
    """What to write instead, where a rule tells; else what is needed."""

    def __str__(self) -> str:
        """Say what was found, what is wrong with it and what to do."""
        return f"TIN {self.found!r}: {self.reason}; {self.advice}"


@dataclass(eq=False)
class OddTin(Refused):
    """A TIN that is to be published although its country's rule does not give it, such as one with a wrong check digit."""

    found: str
    """The TIN."""
    problems: tuple[str, ...]
    """What its country's rule says."""
    where: str = ""
    """The line of the file where it stands, if it stands in one."""

    def __str__(self) -> str:
        """Say what is odd and what to do."""
        place = self.where and f"{self.where}: "
        return (
            f"{place}TIN {self.found!r}: {'; '.join(self.problems)}; look again, and accept it as odd (--accept-odd) "
            "only if its register has it so; nothing was published"
        )


@dataclass(eq=False)
class MalformedDocument(Malformed):
    """A file or message that is not exactly of its format."""

    document: str
    """Which document, as its reader would call it."""
    at: str
    """Where in it, as a path; empty for the whole."""
    reason: str
    """What was found and what was needed."""

    def __str__(self) -> str:
        """Say which document is wrong, where and how."""
        return f"{self.document}{self.at and f' at {self.at}'}: {self.reason}"


@dataclass(eq=False)
class UnknownParty(Malformed):
    """A question names a party that the trust bundle does not know."""

    code: str
    """The code that was named."""
    known: tuple[str, ...]
    """The codes that are pinned."""

    def __str__(self) -> str:
        """Say what was named and what could have been."""
        return f"no party {self.code!r} is pinned, only {', '.join(self.known)}{_meant(self.code, self.known)}"


@dataclass(eq=False)
class UnknownCertificateType(Malformed):
    """A question names a certificate type that no pinned register has."""

    name: str
    """The name that was used."""
    known: tuple[str, ...]
    """The names that are pinned."""

    def __str__(self) -> str:
        """Say what was named and what could have been."""
        known = ", ".join(self.known)
        return f"no register has a certificate type {self.name!r}, only {known}{_meant(self.name, self.known)}"


@dataclass(eq=False)
class HistoryNeeded(Unproven):
    """A past time is asked about, and a word that matters has changed since: only the signed history tells."""

    time: int
    """The time asked about, UTC seconds."""
    what: str
    """The first fact that is not known as of then."""

    def __str__(self) -> str:
        """Name the fact and what would help."""
        since = show_utc(self.time)
        return f"history needed: {self.what} has changed since {since}, and its state then is not in this evidence"


@dataclass(eq=False)
class KeyNeeded(Unproven):
    """A keyed register is asked, whose holders cannot be derived without the lookup key of the type."""

    register: int
    """Number of the register."""
    certificate_type: int
    """Number of the type."""

    def __str__(self) -> str:
        """Say which key."""
        return f"key needed: register {self.register} is keyed, and its type {self.certificate_type} has a key that is not here"


@dataclass(eq=False)
class NotYetProvable(Unproven):
    """A question about a time that the evidence's block has not reached."""

    time: int
    """The time asked about, UTC seconds."""
    block_time: int
    """Time of the block, UTC seconds."""

    def __str__(self) -> str:
        """Say which time was asked and how far the evidence goes."""
        asked, block = show_utc(self.time), show_utc(self.block_time)
        return f"asked about {asked}, but the block is of {block}: what comes later it cannot prove"


@dataclass(eq=False)
class OtherQuestion(Unproven):
    """Evidence that was made for other questions than the asker's own."""

    asked: str
    """The asker's question, for a reader."""

    def __str__(self) -> str:
        """Say what was asked."""
        return f"the evidence answers another question than {self.asked}"


@dataclass(eq=False)
class Stale(Unproven):
    """A header older than the asker accepts."""

    age_s: int
    """How old it is."""
    max_age_s: int
    """How old it may be."""

    def __str__(self) -> str:
        """Say how old it is and may be."""
        return f"the evidence is {self.age_s} s old, at most {self.max_age_s} s are accepted"


@dataclass(eq=False)
class FromTheFuture(Unproven):
    """A header dated after now: its clock is wrong, or the asker's is."""

    ahead_s: int
    """How far it lies ahead."""
    skew_s: int
    """How far clocks may differ."""

    def __str__(self) -> str:
        """Say how far it lies ahead."""
        return f"the evidence is dated {self.ahead_s} s ahead, at most {self.skew_s} s are accepted"


@dataclass(eq=False)
class TrustExpired(Unproven):
    """A trust bundle past its period: keys that left the validators since could have sealed anything."""

    expired_at: int
    """UTC seconds."""
    now: int
    """UTC seconds."""

    def __str__(self) -> str:
        """Say when it expired and what to do."""
        expired, now = show_utc(self.expired_at), show_utc(self.now)
        return f"the trust bundle expired at {expired}, now is {now}: obtain a newer one out of band"


@dataclass(eq=False)
class BelowCheckpoint(Unproven):
    """A header from before the pinned checkpoint, where keys of past validators could have sealed a forged past."""

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


@dataclass(eq=False)
class NotTheCheckpoint(Unproven):
    """Another block in the place of the pinned checkpoint: a fork, or another chain."""

    number: int
    """Block number of the checkpoint."""
    found: bytes
    """Hash of the header, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""

    def __str__(self) -> str:
        """Show both hashes."""
        return f"block {self.number} is 0x{self.found.hex()}, but the checkpoint pins 0x{self.needed.hex()}"


@dataclass(eq=False)
class WrongCode(Unproven):
    """A contract with other code than the pinned one: its words mean nothing here."""

    address: bytes
    """The contract, 20 bytes."""
    found: bytes
    """Hash of its code, 32 bytes."""
    needed: bytes
    """The pinned hash, 32 bytes."""

    def __str__(self) -> str:
        """Show both hashes."""
        return f"contract 0x{self.address.hex()} has code 0x{self.found.hex()}, pinned is 0x{self.needed.hex()}"


@dataclass(eq=False)
class Superseded(Unproven):
    """A time is asked about from which on another ledger answers: what this one says of it is no longer kept up."""

    successor: bytes
    """`Consortium` that supersedes it, 20 bytes."""
    superseded_at: int
    """From then on, UTC seconds; earlier times are answered."""

    def __str__(self) -> str:
        """Name the successor."""
        return (
            f"this ledger is superseded from {show_utc(self.superseded_at)} on by 0x{self.successor.hex()}: "
            "ask that one; only earlier times are answered here"
        )


@dataclass(eq=False)
class WrongPartyCode(Unproven):
    """A party whose proven word has another code than the trust bundle pins for its number."""

    number: int
    """The party's number."""
    found: str
    """The code in the proven word; empty if the ledger has no such party."""
    needed: str
    """The pinned code."""

    def __str__(self) -> str:
        """Show both codes."""
        return f"party {self.number} is {self.found or 'unknown'} on this ledger, pinned is {self.needed}"


# ledger, office, gateway, cli


@dataclass(eq=False)
class RefusedByLedger(Refused):
    """A contract refused an act: `Refused(uint256)`."""

    code: int
    """The code, one of the table that contracts and model share."""
    name: str
    """Its name there."""
    reason: str
    """Its text, `module: reason`."""

    def __str__(self) -> str:
        """Give the contract's reason and code."""
        return f"{self.reason} (code {self.code}, {self.name})"


@dataclass(eq=False)
class Reverted(Refused):
    """A contract reverted without a code, as it does for call data that it cannot decode."""

    detail: str
    """What the node said."""

    def __str__(self) -> str:
        """Give what the node said."""
        return f"the contract reverted: {self.detail}"


@dataclass(eq=False)
class NodeFailed(Unavailable):
    """The node did not answer, or answered with an error of its own."""

    method: str
    """The request."""
    detail: str
    """What came instead of an answer."""

    def __str__(self) -> str:
        """Name the request and what came."""
        return f"{self.method}: {self.detail}"


@dataclass(eq=False)
class NotSealedInTime(Unavailable):
    """A relayed act was not sealed within the time allowed; it may yet be: ask again before signing anew."""

    transaction: str
    """Its hash, 0x hex."""
    waited_s: float

    def __str__(self) -> str:
        """Say how long was waited and what to do."""
        return f"transaction {self.transaction} was not sealed within {self.waited_s:g} s; it may yet be, so ask before sending it again"


@dataclass(eq=False)
class NotSealed(Unavailable):
    """A relayed act came into no block, and the ledger says why; it changed nothing, unless the cause says that it may yet."""

    transaction: str
    """Its hash, 0x hex."""
    reason: str
    """The cause."""

    def __str__(self) -> str:
        """Name the transaction and the cause."""
        return f"transaction {self.transaction} was not sealed: {self.reason}"


@dataclass(eq=False)
class NoStanding(Refused):
    """There is no certificate that the act could change."""

    act: str

    def __str__(self) -> str:
        """Say what is missing."""
        return f"no certificate of this trader under this type: there is nothing to {self.act}; grant one first"


@dataclass(eq=False)
class NoSuchParty(Refused):
    """No party of this code is on the ledger."""

    code: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        """Name the parties that there are."""
        return f"no party {self.code!r} on this ledger, but {', '.join(self.known)}{_meant(self.code, self.known)}"


@dataclass(eq=False)
class OtherArrangement(Refused):
    """A signature on an arrangement is none of a signing party's authority."""

    address: bytes
    """20 bytes: who signed."""
    held: str
    """Code of the party whose authority that is; empty if it is nobody's."""
    needed: tuple[str, ...]
    """Codes of the signing parties."""

    def __str__(self) -> str:
        """Say whose key it is and whose signatures are needed."""
        held = f"the authority of {self.held}" if self.held else "no party's authority"
        return f"the key 0x{self.address.hex()} is {held}, needed the authority of {' or '.join(self.needed)}"


@dataclass(eq=False)
class WrongKey(Refused):
    """An act that is signed with another's key, or another kind of key, than it needs."""

    address: bytes
    """20 bytes: who signed."""
    held: str
    """What the key is, as in `an operator of CN`."""
    needed: str

    def __str__(self) -> str:
        """Say whose key it is and whose is needed."""
        return f"the key 0x{self.address.hex()} is {self.held}, this act needs {self.needed}"


@dataclass(eq=False)
class GatewayUnclear(Unavailable):
    """What answers is no gateway of this version."""

    url: str
    path: str
    detail: str

    def __str__(self) -> str:
        """Say what was asked and what came."""
        return f"{self.url}{self.path} did not answer as a gateway of this version does: {self.detail}"


@dataclass(eq=False)
class GatewayUnreachable(Unavailable):
    """The gateway does not answer."""

    url: str
    detail: str

    def __str__(self) -> str:
        """Say where it was looked for and what to do."""
        return f"no gateway at {self.url} ({self.detail}): start one with `aeo-ledger gateway DIR`, or name it with --gateway"


@dataclass(eq=False)
class GatewaySlow(Unavailable):
    """A gateway's answer was not there in time."""

    url: str
    waited_s: float

    def __str__(self) -> str:
        """Say how long was waited and what to do."""
        waited = f"{self.url} gave no whole answer within {self.waited_s:g} s"
        return f"{waited}: ask again, name another with --gateway, or wait longer with --timeout"


@dataclass(eq=False)
class GatewayBroke(Unavailable):
    """A gateway ended the connection, or spoke something else than HTTP, before its answer was whole."""

    url: str
    detail: str

    def __str__(self) -> str:
        """Say what happened and what to do."""
        return f"{self.url} ended the connection before its answer was whole ({self.detail}): ask again"


@dataclass(eq=False)
class NoGatewayAnswers(Unavailable):
    """None of several gateways could be asked."""

    said: tuple[str, ...]
    """What was found, gateway by gateway."""

    def __str__(self) -> str:
        """Say it gateway by gateway."""
        return f"no gateway answers: {'; '.join(self.said)}"


@dataclass(eq=False)
class PossiblyRelayed(Unavailable):
    """A signed act left for a gateway that then gave no answer: it may be sealed, and counts once however often it is sent."""

    url: str
    detail: str

    def __str__(self) -> str:
        """Say what is known and what to do."""
        return f"{self.url} perhaps took the act ({self.detail}): look whether it is sealed before you sign it anew"


@dataclass(eq=False)
class NotProvenDone(Unproven):
    """An act was signed and relayed, and no proof came that it is sealed: it may be, or may yet be."""

    act: str
    """The message's name."""
    said: str
    """What the gateway said of it."""
    missing: str
    """What is not there, or why nothing could be proven."""
    waited_s: float

    def __str__(self) -> str:
        """Say what is known, and what to do."""
        found = f"the gateway {self.said}, but within {self.waited_s:g} s nothing proved it: {self.missing}"
        what = "The signed act may still be sealed. Run the same command again through another --gateway"
        return f"{self.act} not proven to be done: {found}. {what}: it shows what stands then, and an act counts once"


@dataclass(eq=False)
class ExtraMissing(Unavailable):
    """A part of this project that is not installed."""

    extra: str
    module: str

    def __str__(self) -> str:
        """Say how to install it."""
        return (
            f"this needs the extra [{self.extra}] ({self.module} is missing): "
            f"in this project's own folder run pip install '.[{self.extra}]'"
        )


@dataclass(eq=False)
class FolderExists(Refused):
    """A network is to be founded where something is already."""

    path: str

    def __str__(self) -> str:
        """Say what to do."""
        return f"{self.path} exists already: name another folder, or remove it first if nobody needs its keys"


@dataclass(eq=False)
class UnreadableFile(Malformed):
    """A file named cannot be read or written."""

    path: str
    detail: str

    def __str__(self) -> str:
        """Name the file and what the system said."""
        return f"{self.path}: {self.detail}"


@dataclass(eq=False)
class SlotUnexplained(Malformed):
    """A contract has a word of which nobody says what it is of."""

    contract: str
    hashed_slot: bytes
    """keccak256 of its slot, 32 bytes."""

    def __str__(self) -> str:
        """Name the slot and what to do."""
        return (
            f"{self.contract}: neither places.json nor a log says what the word is of whose slot hashes to "
            f"0x{self.hashed_slot.hex()}; take the file that was made with this genesis"
        )


@dataclass(eq=False)
class UnmappedEdition(Refused):
    """A ledger is to be succeeded, and this version does not know what becomes of its contracts' words."""

    found: bytes
    """Code hash of its `Consortium`, 32 bytes."""

    def __str__(self) -> str:
        """Say which edition is unknown, and what to do."""
        return (
            f"words of contracts with the code hash 0x{self.found.hex()} have no mapping here: "
            "use the version that was made to succeed them"
        )


@dataclass(eq=False)
class UnmappedWord(Refused):
    """A ledger is to be succeeded, and one of its words has no row that says what becomes of it."""

    table: int
    key: int

    def __str__(self) -> str:
        """Name the word."""
        return f"the word of table {self.table} at key 0x{self.key:x} has no row in the mapping: nothing may be lost, so nothing is made"


@dataclass(eq=False)
class NotSuperseded(Refused):
    """A successor is to be made of a ledger that has not been superseded."""

    effective: int
    """When it will be, UTC seconds; 0 if no successor is named."""
    last: int
    """Time of its newest block, UTC seconds."""

    def __str__(self) -> str:
        """Say what is missing."""
        if self.effective == 0:
            return "no successor is named: two thirds of the seats name one by a resolution"
        return (
            f"the succession counts from {self.effective} on and the newest block is of {self.last}: "
            "a block of that date has to be sealed first, since it proves which one was the last before"
        )


@dataclass(eq=False)
class OtherEdition(Refused):
    """Contracts are offered for a successor, and they are not those that the resolution names."""

    contract: str
    found: bytes
    """Hash of the runtime code offered, 32 bytes."""
    needed: bytes
    """The hash that the resolution names, 32 bytes."""

    def __str__(self) -> str:
        """Show both hashes."""
        return f"{self.contract}: the code offered has the hash 0x{self.found.hex()}, the resolution names 0x{self.needed.hex()}"


@dataclass(eq=False)
class SuccessorDiffers(Unproven):
    """A network that is said to succeed another is not what follows from that other's words."""

    part: str
    """What differs: a file, and what in it."""
    found: str
    needed: str

    def __str__(self) -> str:
        """Show both."""
        return f"{self.part}: found {self.found}, what follows from the predecessor is {self.needed}"


@dataclass(eq=False)
class OversizedFile(Malformed):
    """A file that is longer than any that is read for this."""

    path: str
    limit: int
    """Bytes that are read at most."""

    def __str__(self) -> str:
        """Name the file and how much is read."""
        return f"{self.path} is longer than the {self.limit} bytes that are read"


@dataclass(eq=False)
class TermsDiffer(Refused):
    """A draft and the act that gathers its signatures do not say the same."""

    draft: str
    act: str

    def __str__(self) -> str:
        """Say what to do."""
        cause = f"{self.draft} no longer says what {self.act} says, or a pair has moved on since"
        return f"{cause}: sign the act itself, or remove it to start anew"


@dataclass(eq=False)
class NoRegister(Refused):
    """A party neither keeps a register nor belongs to exactly one union that keeps one for it."""

    party: str
    kept: tuple[str, ...]
    """Codes of its unions that keep registers."""

    def __str__(self) -> str:
        """Say what was found and what to do."""
        found = (
            f"its unions' are those of {', '.join(self.kept)}" if self.kept else "nor does a union that it belongs to"
        )
        return f"{self.party} keeps no register of its own, {found}: name one with --register"


@dataclass(eq=False)
class NoSuchRoute(Malformed):
    """A gateway has nothing at this path."""

    path: str

    def __str__(self) -> str:
        """Name the path and where the others are listed."""
        return f"nothing at {self.path}: see /openapi.json"


@dataclass(eq=False)
class WrongMethod(Malformed):
    """A path of the gateway that takes other methods."""

    method: str
    path: str
    needed: str

    def __str__(self) -> str:
        """Say what was found and what was needed."""
        return f"{self.path}: found {self.method}, needed {self.needed}"


@dataclass(eq=False)
class OversizedBody(Malformed):
    """A request with a longer body than any that a gateway has a use for."""

    limit: int
    """Bytes that are read at most."""

    def __str__(self) -> str:
        """Say how much is read."""
        return f"the request's body is longer than the {self.limit} bytes that are read"


@dataclass(eq=False)
class SlowRequest(Malformed):
    """A request that was not there whole in time."""

    waited_s: float

    def __str__(self) -> str:
        """Say how long was waited."""
        return f"the request's body was not there within {self.waited_s:g} s"


@dataclass(eq=False)
class StrangeHost(Malformed):
    """A request to a host name that is not this server's: a web page may have pointed a name of its own here."""

    host: str

    def __str__(self) -> str:
        """Say what was found and what was needed."""
        needed = "an IP address, localhost, or a name given to this server with --host-name"
        return f"the Host header: found {self.host!r}, needed {needed}"


@dataclass(eq=False)
class LineFull(Unavailable):
    """More requests of a kind wait than will be answered in useful time."""

    what: str
    limit: int
    """How many may wait."""
    retry_after_s: int

    def __str__(self) -> str:
        """Say what waits and when to come back."""
        return f"{self.limit} requests for {self.what} wait already: come back in {self.retry_after_s} s"


@dataclass(eq=False)
class ShareUsed(Unavailable):
    """One caller has as many requests of a kind waiting or under way as one may have."""

    what: str
    limit: int
    """How many one may have."""
    retry_after_s: int

    def __str__(self) -> str:
        """Say how many there may be and when to come back."""
        found = f"{self.limit} requests for {self.what} are yours already, as many as one caller may have"
        return f"{found}: come back in {self.retry_after_s} s"


@dataclass(eq=False)
class GatewayFault(Unavailable):
    """A gateway met an error that it did not foresee; its own log says which."""

    def __str__(self) -> str:
        """Say where to look."""
        return "the gateway met an error that it did not foresee: whoever runs it finds it in its log"


@dataclass(eq=False)
class NotConfirmed(Refused):
    """Something that cannot be undone was not said to be meant."""

    what: str
    """What would have been done."""
    asked: str
    """What came of asking."""

    def __str__(self) -> str:
        """Say what was not done, and why."""
        return f"not done: {self.what}; {self.asked}"


@dataclass(eq=False)
class PortTaken(Unavailable):
    """A port on which a gateway was to listen cannot be had."""

    port: int
    detail: str

    def __str__(self) -> str:
        """Say what to do."""
        return f"port {self.port} cannot be had ({self.detail}): stop what listens there, or name another with --port"


@dataclass(eq=False)
class FileUnavailable(Unavailable):
    """A file or folder that the system does not give."""

    path: str
    detail: str

    def __str__(self) -> str:
        """Name the file and what the system said."""
        return f"{self.path}: {self.detail}"


@dataclass(eq=False)
class AnswerLost(Unavailable):
    """An answer that could not be written where it was to go, so whoever waits for it has none."""

    detail: str
    """What the system said."""

    def __str__(self) -> str:
        """Say what failed and what is known."""
        return (
            f"the answer could not be written ({self.detail}): what the command did is done, ask again for the answer"
        )


@dataclass(eq=False)
class OutOfMemory(Unavailable):
    """A machine that has too little memory free."""

    def __str__(self) -> str:
        """Say what to do."""
        return "too little memory is free for this: close something, or run it on a larger machine"


@dataclass(eq=False)
class WrongUsage(Malformed):
    """A command that cannot be read: an option that is unknown, missing, or given twice."""

    detail: str
    """What is wrong with it."""
    command: str
    """As its help is asked for."""

    def __str__(self) -> str:
        """Say what is wrong, and where the right form is told."""
        return f"{self.detail} (see `{self.command} --help`)"


@dataclass(eq=False)
class FileExists(Refused):
    """A file or folder is to be made where something is already."""

    path: str

    def __str__(self) -> str:
        """Say what to do."""
        return f"{self.path} exists already: choose another place"


# ---- trust over time: verify/handover, office/trust ----


@dataclass(eq=False)
class RepeatedStep(Unproven):
    """A step of a trust update that leads nowhere: to the block at which trust already stands."""

    number: int
    """Block number of both."""

    def __str__(self) -> str:
        """Name the block."""
        return f"a step leads to block {self.number}, where the checkpoint already is: each must lead forward"


@dataclass(eq=False)
class Forked(Unproven):
    """A block that comes right after the checkpoint and stands on another one: a fork, or another chain."""

    number: int
    """Its number."""
    found: bytes
    """Its parent's hash, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""

    def __str__(self) -> str:
        """Show both hashes."""
        return (
            f"block {self.number} stands on 0x{self.found.hex()}, but the checkpoint before it is 0x{self.needed.hex()}"
        )


@dataclass(eq=False)
class NoSharedValidator(Unproven):
    """A hand-over to validators none of whom was one before: no resolution leads there, but from one validator to one other."""

    number: int
    """The block that claims it."""

    def __str__(self) -> str:
        """Name the block."""
        return (
            f"block {self.number} shows validators none of whom is trusted: at most one comes and one goes in a block"
        )


@dataclass(eq=False)
class SkippedStep(Unproven):
    """A block that shows other validators than those trusted, without the block in which they changed."""

    number: int
    """The block that shows them."""
    checkpoint: int
    """Number of the block up to which the change is followed."""

    def __str__(self) -> str:
        """Say what is missing."""
        return (
            f"block {self.number} shows other validators than those trusted since block {self.checkpoint}: "
            "needed the block that changed them and the one right before it"
        )


@dataclass(eq=False)
class SeveralChanged(Unproven):
    """More validators changed in one block than a resolution of the contract can change."""

    number: int
    """The block."""
    seated: int
    """How many came."""
    unseated: int
    """How many went."""

    def __str__(self) -> str:
        """Count them."""
        return f"block {self.number} seats {self.seated} and unseats {self.unseated} validators: one may come and one may go"


@dataclass(eq=False)
class OtherChainPinned(Refused):
    """A trust bundle of one ledger that would overwrite that of another."""

    path: str
    """The file."""
    found: int
    """Chain id of the bundle pinned there."""
    offered: int
    """Chain id of the bundle to be pinned."""

    def __str__(self) -> str:
        """Say what is there and what to do."""
        return (
            f"{self.path} pins another ledger (chain {self.found}, offered is chain {self.offered}): "
            "write to another file, or replace it with --replace"
        )


@dataclass(eq=False)
class OlderTrust(Refused):
    """A trust bundle that would set trust back: keys that have left the validators since would be trusted again."""

    path: str
    """The file."""
    found: int
    """Block number of the checkpoint pinned there."""
    offered: int
    """Block number of the checkpoint to be pinned."""

    def __str__(self) -> str:
        """Show both checkpoints and say what to do."""
        return (
            f"{self.path} pins block {self.found}, offered is block {self.offered}: trust does not go back; "
            "if you mean it, replace it with --replace"
        )


@dataclass(eq=False)
class PinKept(Refused):
    """A trust bundle that would take the place of the pinned one: nothing but proof moves a pin, unless its keeper says so."""

    path: str
    """The file."""
    found: int
    """Block number of the checkpoint pinned there."""
    offered: int
    """Block number of the checkpoint to be pinned."""

    def __str__(self) -> str:
        """Show both checkpoints and say what to do."""
        return (
            f"{self.path} pins block {self.found} of this ledger, offered is another bundle, of block {self.offered}: "
            "`trust update` moves a pin forward by proof; if you mean to trust this one instead, replace it with --replace"
        )


@dataclass(eq=False)
class FingerprintMissing(Refused):
    """A trust bundle is to be pinned, and nobody says which one was meant."""

    def __str__(self) -> str:
        """Say what to do."""
        return (
            "no fingerprint: type the one that you were told by voice, or give it with --fingerprint; "
            "the file itself cannot say whether it is the right one"
        )


@dataclass(eq=False)
class OtherFingerprint(Refused):
    """A trust bundle that is not the one whose fingerprint was told."""

    found: bytes
    """Fingerprint of the bundle, 32 bytes."""
    needed: bytes
    """As told, 32 bytes."""

    def __str__(self) -> str:
        """Show both."""
        return f"the bundle's fingerprint is 0x{self.found.hex()}, needed 0x{self.needed.hex()}: do not pin it"


# ---- archive: evidence/ancestry, evidence/receipt, verify/archive, office/trust_store ----


@dataclass(eq=False)
class TrustStoreDamaged(Malformed):
    """A trust store in which something is missing or is not what was written."""

    path: str
    """The folder, or the file in it."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say which file is wrong, how, and what to do."""
        return f"the trust store is damaged: {self.path}: {self.reason}; bring the folder back from a copy"


@dataclass(eq=False)
class TrustStoreMoved(Unavailable):
    """Another process pinned a bundle in a trust store since it was read."""

    path: str
    """The folder."""

    def __str__(self) -> str:
        """Say what happened and what to do."""
        return f"{self.path}: another bundle was pinned there meanwhile: look at it, and run the same command again"


@dataclass(eq=False)
class PinnedLater(Unavailable):
    """The clock stands before the last time at which a bundle was pinned, so that no other can be dated."""

    path: str
    """The folder."""
    pinned_at: int
    """When the last one was pinned, UTC seconds."""
    now: int
    """What the clock says, UTC seconds."""

    def __str__(self) -> str:
        """Show both times and say what to do."""
        return f"{self.path}: the last bundle was pinned at {self.pinned_at}, the clock says {self.now}: put the clock right"


@dataclass(eq=False)
class NotYetReceived(Unproven):
    """Evidence is to be judged as of a time that is still to come."""

    received_at: int
    """UTC seconds."""
    now: int
    """UTC seconds."""

    def __str__(self) -> str:
        """Show both times."""
        return f"the time of receipt is {self.received_at}, now is {self.now}: it is still to come"


@dataclass(eq=False)
class NotYetPinned(Unproven):
    """Evidence was received before any bundle was pinned that could have proven it."""

    received_at: int
    """UTC seconds."""
    pinned_at: int
    """When the first one was pinned, or could have been, UTC seconds."""

    def __str__(self) -> str:
        """Show both times."""
        return f"nothing was pinned yet at {self.received_at}: the first bundle dates from {self.pinned_at}"


@dataclass(eq=False)
class PeriodOver(Unproven):
    """The period of the bundle that was pinned had ended when the evidence was received."""

    received_at: int
    """UTC seconds."""
    expired_at: int
    """UTC seconds."""

    def __str__(self) -> str:
        """Show both times."""
        return f"the bundle pinned at {self.received_at} had expired at {self.expired_at}: it proved nothing any more"


@dataclass(eq=False)
class OtherBundleThen(Unproven):
    """A receipt names another bundle than the one that was pinned at its time."""

    received_at: int
    """UTC seconds."""
    found: bytes
    """Fingerprint that the receipt names, 32 bytes."""
    needed: bytes
    """Fingerprint of the bundle pinned then, 32 bytes."""

    def __str__(self) -> str:
        """Show both."""
        return (
            f"the receipt names the bundle 0x{self.found.hex()}, "
            f"but at {self.received_at} 0x{self.needed.hex()} was pinned"
        )


@dataclass(eq=False)
class OtherEvidence(Unproven):
    """A receipt of other evidence than the one shown, or evidence that was altered since."""

    found: bytes
    """Hash of the evidence, 32 bytes."""
    needed: bytes
    """As the receipt has it, 32 bytes."""

    def __str__(self) -> str:
        """Show both."""
        return f"the evidence hashes to 0x{self.found.hex()}, the receipt is of 0x{self.needed.hex()}"


@dataclass(eq=False)
class OtherReceipt(Unproven):
    """A receipt that is not the one whose hash was kept elsewhere."""

    found: bytes
    """Its hash, 32 bytes."""
    needed: bytes
    """As it was kept, 32 bytes."""

    def __str__(self) -> str:
        """Show both."""
        return f"the receipt hashes to 0x{self.found.hex()}, kept elsewhere is 0x{self.needed.hex()}"


@dataclass(eq=False)
class ReceiptDiffers(Unproven):
    """A receipt that says something else than its evidence proves, or than was asked."""

    what: str
    """The part of it."""
    found: str
    """As the receipt has it."""
    needed: str
    """As it was asked, or is proven."""

    def __str__(self) -> str:
        """Show both."""
        return f"the receipt's {self.what.replace('_', ' ')} is {self.found}, needed {self.needed}"


@dataclass(eq=False)
class ReceiptAltered(Unproven):
    """A receipt whose signature is not that of the signer it names: one or the other was altered."""

    signer: bytes
    """As it names it, 20 bytes."""
    reason: str
    """What is wrong with the signature."""

    def __str__(self) -> str:
        """Name the signer and the reason."""
        return f"the receipt was not signed as it stands by 0x{self.signer.hex()}, whom it names: {self.reason}"


@dataclass(eq=False)
class ReceiptUnsigned(Unproven):
    """A receipt that nobody signed, where a signer is needed."""

    needed: bytes
    """Whose signature, 20 bytes."""

    def __str__(self) -> str:
        """Say whose signature is needed."""
        return f"the receipt is not signed, needed the signature of 0x{self.needed.hex()}"


@dataclass(eq=False)
class ReceiptOfAnother(Unproven):
    """A receipt that another key signed than the one needed."""

    found: bytes
    """Who signed, 20 bytes."""
    needed: bytes
    """Who should have, 20 bytes."""

    def __str__(self) -> str:
        """Name both."""
        return f"the receipt is signed by 0x{self.found.hex()}, needed 0x{self.needed.hex()}"


@dataclass(eq=False)
class MalformedLink(Malformed):
    """A link of a chain of headers that leads to no header."""

    link: int
    """Its place in the chain, from 0."""
    reason: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Say which link is wrong, and why."""
        return f"header chain: link {self.link}: {self.reason}"


@dataclass(eq=False)
class ChainTooLong(Unproven):
    """More headers lie between two blocks than are checked."""

    found: int
    """How many."""
    limit: int
    """How many are, at most."""

    def __str__(self) -> str:
        """Say how many there are and may be, and what to do."""
        return (
            f"{self.found} headers lie between, at most {self.limit} are checked: "
            "a checkpoint nearer to the block is needed, so update trust more often"
        )


@dataclass(eq=False)
class ChainEndsElsewhere(Unproven):
    """A chain of headers that does not lead to a pinned checkpoint."""

    found: int
    """Number of the block that it leads to."""
    pinned: tuple[str, ...]
    """Numbers of the checkpoints that it could lead to."""

    def __str__(self) -> str:
        """Say where it leads and where it should."""
        return (
            f"the chain of headers leads to block {self.found}, pinned at or above the evidence's block: "
            f"{', '.join(self.pinned) or 'none'}"
        )


@dataclass(eq=False)
class ChainBroken(Unproven):
    """A chain of headers that leads to another block in the checkpoint's place: the first block is not on this chain, or a link was altered."""

    number: int
    """The checkpoint's number."""
    found: bytes
    """Hash of the block that the chain leads to, 32 bytes."""
    needed: bytes
    """Hash of the checkpoint, 32 bytes."""

    def __str__(self) -> str:
        """Show both."""
        return (
            f"the chain of headers leads to block {self.number} as 0x{self.found.hex()}, pinned is 0x{self.needed.hex()}: "
            "the evidence's block is not on this ledger, or the chain was altered"
        )


@dataclass(eq=False)
class NoLaterCheckpoint(Refused):
    """No pinned checkpoint is at or above a block, so that nothing can commit to it yet."""

    number: int
    """The block's."""
    newest: int
    """Number of the newest checkpoint."""

    def __str__(self) -> str:
        """Show both and say what to do."""
        return (
            f"the evidence is of block {self.number}, the newest checkpoint pinned is block {self.newest}: "
            "run `trust update` first"
        )


# ---- snapshot ----


@dataclass(eq=False)
class RepeatedSlot(Unproven):
    """A snapshot gives a word of one slot twice."""

    contract: str
    hashed_slot: bytes
    """keccak256 of the slot, 32 bytes."""

    def __str__(self) -> str:
        """Name the slot."""
        return f"{self.contract}: the word with the hashed slot 0x{self.hashed_slot.hex()} stands in the snapshot twice"


@dataclass(eq=False)
class WrongStorageRoot(Unproven):
    """The words given for a contract are not the whole of its storage: one is missing, surplus or another."""

    contract: str
    words: int
    """How many were given."""
    found: bytes
    """Root of their trie, 32 bytes."""
    needed: bytes
    """The proven storage root, 32 bytes."""

    def __str__(self) -> str:
        """Show both roots."""
        return (
            f"{self.contract}: {self.words} words have the root 0x{self.found.hex()}, proven is 0x{self.needed.hex()}"
        )


@dataclass(eq=False)
class StorageNotRebuilt(Unavailable):
    """The genesis and a node's logs do not add up to a contract's storage, so no snapshot can be taken from them."""

    contract: str
    block: int
    found: bytes
    """Root of what was rebuilt, 32 bytes."""
    needed: bytes
    """The storage root under the block's header, 32 bytes."""

    def __str__(self) -> str:
        """Show both roots, and what may be wrong."""
        return (
            f"{self.contract}: genesis and logs up to block {self.block} add up to the storage root "
            f"0x{self.found.hex()}, the block's is 0x{self.needed.hex()}; is it this network's genesis, "
            "and does the node keep all logs?"
        )


# ---- rpc: nodes over HTTP ----


@dataclass(eq=False)
class NodeUnreachable(Unavailable):
    """A node gave no answer that is JSON-RPC, in the time allowed."""

    endpoint: str
    """Scheme, host and port, without path or credentials: those may be secrets."""
    detail: str
    reached: str
    """`no` if the request certainly did not arrive, else `perhaps`."""

    def __str__(self) -> str:
        """Name the node and what came."""
        return f"{self.endpoint}: {self.detail}"


@dataclass(eq=False)
class NodeLags(Unavailable):
    """A node that has not the blocks which others have."""

    endpoint: str
    head: int
    needed: int

    def __str__(self) -> str:
        """Name the node and both heights."""
        return f"{self.endpoint} is at block {self.head}, needed block {self.needed}: it lags"


@dataclass(eq=False)
class NodeForks(Unavailable):
    """A node that has another block than the majority at one height; final blocks cannot differ."""

    endpoint: str
    number: int
    found: bytes
    """Its block's hash, 32 bytes."""
    needed: bytes
    """The majority's, 32 bytes."""

    def __str__(self) -> str:
        """Name the node and show both hashes."""
        return (
            f"{self.endpoint} has block {self.number} as 0x{self.found.hex()}, most nodes have 0x{self.needed.hex()}: "
            "it is on a fork and is not asked"
        )


@dataclass(eq=False)
class NodesDisagree(Unavailable):
    """Nodes have different blocks at one height, and neither side is a majority: whoever runs them must look."""

    number: int
    endpoints: tuple[str, ...]

    def __str__(self) -> str:
        """Name the height and the nodes."""
        return f"{', '.join(self.endpoints)} have different blocks {self.number}, and none is in the majority: look at them"


@dataclass(eq=False)
class NodeLied(Unavailable):
    """A node contradicts itself: a header is not of its hash, or a proof not of its header's state."""

    endpoint: str
    method: str
    detail: str

    def __str__(self) -> str:
        """Name the node, the request and what was wrong."""
        return f"{self.endpoint} answered {self.method} with what cannot be true: {self.detail}"


@dataclass(eq=False)
class OtherChainServed(Unavailable):
    """A node of another chain than the one pinned."""

    endpoint: str
    found: str
    needed: str

    def __str__(self) -> str:
        """Name the node and both chains."""
        return f"{self.endpoint} serves {self.found}, you pin {self.needed}"


@dataclass(eq=False)
class NoNodeAnswers(Unavailable):
    """None of several nodes could be asked."""

    method: str
    said: tuple[str, ...]
    """What was found, node by node."""

    def __str__(self) -> str:
        """Say it node by node."""
        return f"{self.method}: no node answers: {'; '.join(self.said)}"


@dataclass(eq=False)
class PossiblySent(Unavailable):
    """A transaction left for a node that then gave no answer: it may be sealed yet, and may only be sent again as it is."""

    transaction: str
    """Its hash, 0x hex."""
    endpoint: str
    detail: str

    def __str__(self) -> str:
        """Say what is known and what to do."""
        return f"transaction {self.transaction} was perhaps taken by {self.endpoint} ({self.detail}): send the same bytes again"


@dataclass(eq=False)
class TooManyInFlight(Unavailable):
    """More requests to nodes wait than are let through at a time."""

    limit: int
    waited_s: float

    def __str__(self) -> str:
        """Say how many are let through."""
        return f"{self.limit} requests to the ledger's nodes were under way for {self.waited_s:g} s: ask again later"


@dataclass(eq=False)
class HeaderUnsealed(Unproven):
    """A header of a chain that is not sealed by QBFT: of a development node, for one. Nothing under it can be proven."""

    number: int
    """Of its block."""

    def __str__(self) -> str:
        """Say what is missing."""
        return f"block {self.number} has no extra data, so nobody sealed it: its node does not speak QBFT, and proves nothing"


# ---- audit ----


@dataclass(eq=False)
class NoAuditInput(Malformed):
    """What was to be audited cannot be read as a chain of blocks."""

    what: str
    reason: str

    def __str__(self) -> str:
        """Name the part and what is wrong with it."""
        return f"{self.what}: {self.reason}"


@dataclass(eq=False)
class WorkerLost(Unavailable):
    """A process that did a part of the work was ended from outside: by the system for want of memory, or by somebody."""

    work: str

    def __str__(self) -> str:
        """Say what was under way and what to do."""
        return f"a process of {self.work} was ended from outside: run it again with --jobs 1"


@dataclass(eq=False)
class BlockDiffers(Unproven):
    """A block says of itself what its parent, its content or its execution contradict."""

    number: int
    part: str
    """The member of its header, or what else of it."""
    found: str
    """As the block has it."""
    needed: str
    """As it must be."""

    def __str__(self) -> str:
        """Show both."""
        return f"block {self.number}: {self.part} is {self.found}, needed {self.needed}"


@dataclass(eq=False)
class TransactionImpossible(Unproven):
    """A block holds a transaction that cannot be in it."""

    number: int
    reason: str

    def __str__(self) -> str:
        """Name the block and the rule."""
        return f"block {self.number} holds a transaction that cannot be executed there: {self.reason}"


@dataclass(eq=False)
class ActUnsigned(Unproven):
    """An act took effect although a signature under it is nobody's who may sign."""

    number: int
    message: str
    signer: bytes
    """20 bytes."""

    def __str__(self) -> str:
        """Name block, act and signer."""
        return f"block {self.number}: a {self.message} took effect with the signature of 0x{self.signer.hex()}, who is no party's key"


# ---- history ----


@dataclass(eq=False)
class HistoryIncomplete(Unproven):
    """A history has more or fewer events than the ledger recorded: one is missing, held back, or surplus."""

    subject: str
    """Whose history: a standing, a party or a pair."""
    found: int
    needed: int

    def __str__(self) -> str:
        """Say how many there are and how many were recorded."""
        return f"history of {self.subject}: {self.found} events are shown, {self.needed} were recorded"


@dataclass(eq=False)
class EventOutOfPlace(Unproven):
    """An event of a history does not follow the one before: one between is missing, or their order is another."""

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


@dataclass(eq=False)
class EventOfAnother(Unproven):
    """An event in a history concerns another standing, party or pair, or is of a kind that cannot stand there."""

    subject: str
    event: int
    what: str
    """What the event says that does not belong there."""

    def __str__(self) -> str:
        """Name the event and what is foreign."""
        return f"history of {self.subject}: event {self.event} does not belong there: {self.what}"


@dataclass(eq=False)
class EventNotPublished(Unproven):
    """A status event is not the one that its publication has in that place: it was altered, or its neighbours were."""

    subject: str
    event: int
    position: int
    """Where it should stand in its publication, from 0."""

    def __str__(self) -> str:
        """Name the event and the place."""
        return f"history of {self.subject}: event {self.event} is not at position {self.position} of its publication"


@dataclass(eq=False)
class UnreadableEventSignature(Unproven):
    """A signature of a recorded act is not one that the contracts accept."""

    subject: str
    event: int
    reason: str

    def __str__(self) -> str:
        """Name the event and the reason."""
        return f"history of {self.subject}: event {self.event}: {self.reason}"


@dataclass(eq=False)
class SignerNotEntitled(Unproven):
    """A recorded act bears the signature of somebody who, when it was recorded, had no say in it; or it was altered."""

    subject: str
    event: int
    signer: bytes
    """20 bytes, as recovered: of an altered act it is some address that nobody has."""
    needed: str
    """Who may sign."""
    recorded_at: int
    """UTC seconds."""

    def __str__(self) -> str:
        """Name the event, the signer and who is needed."""
        return (
            f"history of {self.subject}: event {self.event} is signed by 0x{self.signer.hex()}, "
            f"who was not {self.needed} at {show_utc(self.recorded_at)}"
        )


@dataclass(eq=False)
class EventUndersigned(Unproven):
    """A recorded act bears fewer signatures than it needs, or lacks one side's."""

    subject: str
    event: int
    found: int
    needed: int
    whose: str

    def __str__(self) -> str:
        """Name the event and what is missing."""
        return f"history of {self.subject}: event {self.event} has {self.found} signatures of {self.whose}, needed {self.needed}"


@dataclass(eq=False)
class HeadDiffers(Unproven):
    """A history chains to another head than the ledger's: something in it was altered that no signature covers, or left out."""

    subject: str
    events: int
    """How many were shown."""
    found: bytes
    """Head of the events shown, 32 bytes."""
    needed: bytes
    """The proven head, 32 bytes."""

    def __str__(self) -> str:
        """Show both heads."""
        return (
            f"history of {self.subject}: its {self.events} events chain to 0x{self.found.hex()}, "
            f"the ledger has 0x{self.needed.hex()}"
        )


@dataclass(eq=False)
class ReplayDiffers(Unproven):
    """A history is the recorded one, and yet does not lead to the ledger's word: this version does not know some act in it."""

    subject: str
    reason: str

    def __str__(self) -> str:
        """Name the subject and what differs."""
        return f"history of {self.subject}: its replay does not lead to what the ledger says: {self.reason}"


@dataclass(eq=False)
class FoundingUnknown(Unavailable):
    """The history of a party of the genesis is asked for, and nobody said with which key it began: no log tells."""

    party: int

    def __str__(self) -> str:
        """Name the party and what to do."""
        return (
            f"with which key party {self.party} was founded is in no log of the ledger; "
            "ask a gateway that was given the network's places.json"
        )


@dataclass(eq=False)
class HistoryUnreadable(Unavailable):
    """A transaction that changed a subject was not sent to the contract itself, so the signed act is not in its call data."""

    transaction: str
    """Its hash, 0x hex."""

    def __str__(self) -> str:
        """Name the transaction."""
        return f"transaction {self.transaction} carries no signed act that can be read; ask a gateway that relayed it"


@dataclass(eq=False)
class OtherHistory(Unproven):
    """Evidence has the histories of other standings than those asked for."""

    asked: int
    """How many were asked for."""
    found: int
    """How many it has."""

    def __str__(self) -> str:
        """Count both."""
        return f"the evidence has histories of {self.found} standings, not of the {self.asked} asked for"
