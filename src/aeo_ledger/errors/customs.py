"""Errors of customs rules and values."""

from __future__ import annotations

from aeo_ledger.errors import ASK_ANOTHER, Malformed, Refused, Unproven


class UnreadableValue(Unproven, wire="unreadable-value"):
    """A value in a trie's leaf that such a trie cannot contain."""

    says = "{what}: {reason}"
    advises = ASK_ANOTHER

    what: str
    """The account or word, and its place."""
    reason: str
    """What is wrong with it."""


class MalformedTin(Malformed, wire="malformed-tin"):
    """A text that is not a trader identification number; it is neither guessed nor corrected."""

    says = "TIN {found!r}: {reason}; {advice}"

    found: str
    """The text, cut short if it is long."""
    reason: str
    """What is wrong with it; a look-alike character is named."""
    advice: str = "needed two capital letters A-Z and 1 to 15 characters of printable ASCII, no lower case"
    """What to write instead, if a rule knows it; else what is needed."""
    fault: str = "form"
    """The kind of fault: character, form, length, other-country, other-form, other-number, prefix or script."""


class HistoryNeeded(Unproven, wire="history-needed"):
    """The question is about a past time, and a word that it needs has changed since: only the signed history shows the old value."""

    says = "history needed: {what} has changed since {time:day}, and its state then is not in this evidence"
    advises = "ask without --no-history, so that the answer contains the signed history"

    time: int
    """The time asked about, UTC seconds."""
    what: str
    """The first fact that is unknown for that time."""


class NothingRecorded(Unproven, wire="nothing-recorded"):
    """The question asks what was known at a time before the first record of a party: the ledger began later, or the party joined later."""

    says = (
        "asked as known at {known_at:utc}, but this ledger's records of {party} begin at {begins_at:utc}: it proves nothing about "
        "what was known before"
    )
    advises = "ask as known at a later time"

    party: str
    """The party's code: the asker's, or the register's."""
    known_at: int
    """The time asked about, UTC seconds."""
    begins_at: int
    """When the party was first recorded, UTC seconds."""


class RefusedByLedger(Refused, wire="refused-by-ledger"):
    """A contract refused an act: `Refused(uint256)`."""

    says = "{reason} (code {code}, {name})"
    advises = "change the act as the rule says; the same act will be refused again"

    code: int
    """The code, from the table that contracts and model share."""
    name: str
    """Its name in that table."""
    reason: str
    """Its text, `module: reason`."""
