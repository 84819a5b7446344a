"""Rules of customs, and what cannot be a value of theirs."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed, Refused, Unproven


class UnreadableValue(Unproven, wire="unreadable-value"):
    """A value under a trie's leaf that is not what such a trie holds."""

    says = "{what}: {reason}"
    advises = ASK_ANOTHER

    what: str
    """Account or word, and where it stands."""
    reason: str
    """What is wrong with it."""


class MalformedTin(Malformed, wire="malformed-tin"):
    """A text that is no trader identification number; nothing is guessed and nothing is corrected."""

    says = "TIN {found!r}: {reason}; {advice}"

    found: str
    """The text, cut short if it is long."""
    reason: str
    """What is wrong with it; a look-alike character is named."""
    advice: str = "needed two capitals A-Z and 1 to 15 characters of printable ASCII, none lower case"
    """What to write instead, where a rule tells; else what is needed."""


class HistoryNeeded(Unproven, wire="history-needed"):
    """A past time is asked about, and a word that matters has changed since: only the signed history tells."""

    says = "history needed: {what} has changed since {time:day}, and its state then is not in this evidence"
    advises = "ask without --no-history, so that the signed history comes with the answer"

    time: int
    """The time asked about, UTC seconds."""
    what: str
    """The first fact that is not known as of then."""


class NothingRecorded(Unproven, wire="nothing-recorded"):
    """It is asked what was known at a time before which the ledger has anything of a party: it began later, or the party joined later."""

    says = (
        "asked as known at {known_at:utc}, but what this ledger has of {party} begins at {begins_at:utc}: of what "
        "was known before it proves nothing"
    )
    advises = "ask as known at a later time"

    party: str
    """Its code: of who asks, or whose register is meant."""
    known_at: int
    """The time asked about, UTC seconds."""
    begins_at: int
    """When the party was first recorded, UTC seconds."""


class RefusedByLedger(Refused, wire="refused-by-ledger"):
    """A contract refused an act: `Refused(uint256)`."""

    says = "{reason} (code {code}, {name})"
    advises = "change what the rule says; the same act will be refused again"

    code: int
    """The code, one of the table that contracts and model share."""
    name: str
    """Its name there."""
    reason: str
    """Its text, `module: reason`."""
