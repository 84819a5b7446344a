"""Errors of whole registers: the book, plans, and what carries them out."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable, Unproven


class NotABook(Malformed, wire="not-a-book"):
    """A file or database that was named as the book is something else, or is damaged."""

    says = "{book} is not a book of AEO Ledger: {detail}"
    advises = "name the right file with --book, or restore it from `book backup`"

    book: str
    detail: str


class NewerBook(Refused, wire="newer-book"):
    """A book that a newer version of this program wrote."""

    says = "{book} has schema {found}, this program knows {known}: use the newer version of the program"

    book: str
    found: int
    known: int


class BookUnavailable(Unavailable, wire="book-unavailable"):
    """The book cannot be read or written now: another process holds it, or the disk or the database refuses."""

    says = "the book {book}: {detail}; nothing was lost"
    advises = "run the same command again"

    book: str
    detail: str


class NoBackupHere(Refused, wire="no-backup-here"):
    """A book in PostgreSQL, which has a backup of its own."""

    says = "{book} is in PostgreSQL: back it up with pg_dump"

    book: str


class UnknownDocument(Refused, wire="unknown-document"):
    """The book holds no document of a commitment."""

    says = "no document of the commitment {commitment} is in {book}"
    advises = "name the book of the office that published it, with --book"

    commitment: bytes
    """32 bytes."""
    book: str


class DocumentDamaged(Malformed, wire="document-damaged"):
    """A document in the book does not fit its commitment."""

    says = "the document of {commitment} in {book} was changed: it does not fit its commitment"
    advises = "restore the book from `book backup`"

    commitment: bytes
    """32 bytes."""
    book: str


class DocumentsMissing(Refused, wire="documents-missing"):
    """A plan whose documents are in another book: what it commits to could never be opened from here."""

    says = "{missing} of {needed} documents of this plan are not in {book}; nothing was sent"
    advises = "carry the plan out with the book in which it was made"

    missing: int
    needed: int
    book: str


class TooManyChanges(Refused, wire="too-many-changes"):
    """A plan that would end or change more of a register than one file usually does."""

    says = (
        "{found} of {certificates} certificates would {what}, more than {limit}: look whether the file is whole; if it is right, allow "
        "{name}={found}; nothing was published"
    )
    advises = "--allow and these words allow it"

    name: str
    """What is limited: `ends` or `changes`."""
    what: str
    """The same as a verb, in words."""
    found: int
    certificates: int
    """Living certificates of the register."""
    limit: int


class PlanOvertaken(Refused, wire="plan-overtaken"):
    """A plan some of whose certificates were changed by something else after it was made."""

    says = "the ledger moved on since this plan was made, for {count}: {rows:; }; nothing was sent"
    advises = "make a new plan from the same file"

    count: str
    """How many certificates, in words."""
    rows: tuple[str, ...]
    """Each of them, with its line: at most 20."""


class PlanLapsed(Refused, wire="plan-lapsed"):
    """A plan whose signatures are no longer valid."""

    says = "this plan could be carried out until {until_at:utc}; nothing was sent"
    advises = "make a new plan from the same file"

    until_at: int


class UnknownPlan(Refused, wire="unknown-plan"):
    """A plan whose events are all sealed, and which the office did not carry out: somebody altered a plan that it did."""

    says = (
        "all events of this plan are on the ledger, but {book} knows no plan {plan}: it was altered; nothing was sent"
    )
    advises = "keep the plan that was carried out; `book log` names its hash"

    plan: bytes
    """Its hash, 32 bytes."""
    book: str


class OtherPlan(Refused, wire="other-plan"):
    """A plan of another ledger than the one pinned here."""

    says = "this plan is for chain {found}, your trust bundle pins chain {needed}"
    advises = "give the trust bundle of the plan's ledger with --trust"

    found: int
    needed: int


class UnsoundPlan(Malformed, wire="unsound-plan"):
    """A plan with a change that does not fit its own trader or register, or that breaks a rule of certificates."""

    says = "{where} of the plan: {reason}; nothing was signed"
    advises = "do not sign it; make a new plan from the file"

    where: str
    """The line of the file."""
    reason: str


class NothingToSign(Refused, wire="nothing-to-sign"):
    """A plan without a change."""

    says = "this plan changes nothing: there is nothing to sign"


class NotEntitled(Refused, wire="not-entitled"):
    """Somebody asks for a document that only its issuer and those who recognise the certificate may see."""

    says = "this document is not for {who}: {reason}"
    advises = (
        "sign the request with an operator's key of the issuer or of a party that recognises certificates of this type"
    )

    who: str
    reason: str


class NoDocumentsServed(Refused, wire="no-documents-served"):
    """A gateway without a book."""

    says = "this gateway serves no documents"
    advises = "ask the gateway of the certificate's issuer"


class OtherDocument(Unproven, wire="other-document"):
    """A gateway answered with a document that the commitment does not bind."""

    says = "the document is not the one that {commitment} binds"
    advises = "conclude nothing from it; ask the issuer"

    commitment: bytes
    """32 bytes."""


class BadRows(Malformed, wire="bad-rows"):
    """Rows of a register's file that cannot be read. All of them are named."""

    says = "{bad} of {rows} cannot be read ({faults}); nothing was published"
    advises = "correct them; or publish the others with --skip-bad, which writes the bad rows to a file of their own"

    bad: int
    """How many rows are bad."""
    total: int
    """How many rows the file has."""
    problems: tuple[str, ...]
    """Every problem of every bad row: its place, what was found and what was needed."""

    @property
    def rows(self) -> str:
        """A part of the message."""
        return f"{self.total} row{'' if self.total == 1 else 's'}"

    @property
    def faults(self) -> str:
        """A part of the message: the first problem, and how many more there are."""
        more = len(self.problems) - 1
        return self.problems[0] + (f"; and {more} more problem{'' if more == 1 else 's'}" if more else "")


class OddRows(Refused, wire="odd-rows"):
    """Rows that can be read, with numbers that break their country's rule or lead to another register. All of them are named."""

    says = (
        "{bad} of {rows} with odd numbers ({faults}); look again, and accept them as odd only if their "
        "register has them so; nothing was published"
    )
    advises = "at a command, --accept-odd accepts them; at a page, the box in its form"

    bad: int
    """How many rows are odd."""
    total: int
    """How many rows the file has."""
    problems: tuple[str, ...]
    """Every problem of every odd row."""

    rows = BadRows.rows
    faults = BadRows.faults


class OtherEncoding(Malformed, wire="other-encoding"):
    """A file's bytes are not text in the encoding that was expected."""

    says = "{found}, needed {needed}{proposal}"
    advises = "name the file's encoding with --encoding or in the profile; or save the file in the one that is needed"

    found: str
    """What the bytes show."""
    needed: str
    """The encoding by which it was to be read."""
    proposed: str
    """The encoding that the bytes suggest; empty if none. It is a guess: only who knows the file can say."""

    @property
    def proposal(self) -> str:
        """A part of the message."""
        return (
            self.proposed
            and f": it looks like {self.proposed}; say --encoding {self.proposed}, or save it as {self.needed}"
        )


class NotWritable(Refused, wire="not-writable"):
    """A value that an export's form cannot hold."""

    says = "{what}: {found} cannot be written in this form, which holds {needed}"
    advises = "choose another form or another profile"

    what: str
    """The column, or the standing."""
    found: str
    """The value, quoted."""
    needed: str
    """What the form can hold."""


class MalformedDetails(Malformed, wire="malformed-details"):
    """Details of a publication that are not in the form of sealed documents."""

    says = "details of a publication: nothing that can be read from byte {at} on"
    advises = "ask the issuer's gateway for the document"

    at: int
    """Place of the first byte that cannot be read."""
