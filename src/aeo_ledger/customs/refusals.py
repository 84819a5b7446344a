"""Why an act is refused: one table of codes for the contracts and for this model of their rules.

`scripts/compile` writes the contracts' constants (`contracts/refusals.vy`) from this table. A contract refuses with
`Refused(uint256)`. In both cases Python raises `RefusedByLedger`. A code is never reused.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

from aeo_ledger.errors.customs import RefusedByLedger


class Refusal(IntEnum):
    """A code. `text` gives its `module: reason`."""

    text: str

    def __new__(cls, value: int, text: str = "") -> Refusal:
        """Bind the reason to its code."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    # signatures
    HIGH_S = 1, "signatures: s is in the upper half of the order; the same signature has a lower form"
    NO_SIGNER = 2, "signatures: the signature recovers to no address"
    NOT_ASCENDING = 3, "signatures: signers are not in ascending order, or one signed twice"
    TOO_LATE = 4, "signatures: the message's deadline has passed"
    SURPLUS_SIGNATURE = 5, "signatures: a signer has no say in this act"
    TOO_FEW_SIGNATURES = 6, "signatures: a signature that this act needs is missing"
    TOO_FAR = 7, "signatures: the message's deadline is more than a year ahead"
    END_OF_TIME = (
        8,
        "signatures: the block's time, or one that the act leads to, is in the year 2106 or later, which no word can hold",
    )

    # parties and keys
    NO_SUCH_PARTY = 20, "consortium: no party has this number"
    PARTY_EXPELLED = 21, "consortium: the party was expelled"
    PARTY_SUSPENDED = 22, "consortium: the party is suspended and may only restrict"
    WRONG_SERIAL = 23, "consortium: the serial is not the one after the last act's"
    UNKNOWN_ACT = 24, "consortium: no such act"
    WRONG_MEMBERS = 25, "consortium: the act has a member that it does not use, or lacks one"
    KEY_ALREADY_USED = 26, "consortium: the address already serves, or has served"
    NOT_AN_OPERATOR = 27, "consortium: the address is not an operator of the party"
    WRONG_THRESHOLD = (
        28,
        "consortium: the threshold must lie between 1 and the number of keys, at most 16 of operators and 3 of an authority; and no more keys fit",
    )
    NOT_A_UNION = 29, "consortium: the party named is not a union in good standing"
    UNION_MEMBERSHIP = (
        30,
        "consortium: already a member, not a member, already in four unions, or no such notice was given",
    )
    NO_REPLACEMENT = 31, "consortium: no replacement of the authority is pending, or another one is"
    REPLACEMENT_PENDING = 32, "consortium: a replacement of the authority is pending"
    NOT_YET = 33, "consortium: the delay has not passed"
    SUPERSEDED = (
        34,
        "consortium: the ledger is superseded and accepts only acts that restrict or restore, keys and validators",
    )
    NOT_AN_AUTHORITY = 35, "consortium: the address is not an authority key of the party, or is the last that it needs"
    PARTY_FROZEN = 36, "consortium: an operator froze the party's publications; its authority may lift that"
    WRONG_FREEZE = 37, "consortium: the party is frozen already or is not, or the freeze names another number of lifts"
    REPLACEMENT_LAPSED = 38, "consortium: the replacement was ready more than 30 days ago and has lapsed"
    WRONG_DATE = (
        39,
        "consortium: the date is not within the next two years, is not the first second of a UTC day, or is not earlier than the present notice",
    )

    # resolutions
    WRONG_NUMBER = 40, "resolution: the number is not the next one of its subject"
    WRONG_PARTY_NUMBER = 41, "resolution: the party's number is not the next one, or no number is left"
    WRONG_PARTY_CODE = 42, "resolution: the party's code, kind or flags are not of the form needed"
    NO_CHANGE = 43, "resolution: the act would not change the party"
    WRONG_SUSPENSION = 44, "resolution: a suspension ends after now and within a year"
    TOO_FEW_SEATS_LEFT = 45, "resolution: fewer active seats would be left than a resolution needs"
    VALIDATOR_SET = 46, "resolution: the validator is already seated, or is not seated"
    TOO_FEW_VALIDATORS = 47, "resolution: fewer validators would be left than the genesis fixed"
    VALIDATORS_TOO_SOON = 48, "resolution: validators changed less than two blocks ago"
    TOO_MANY_VALIDATORS = 49, "resolution: no place for another validator"
    TOO_MANY_NODES = (
        50,
        "resolution: a party would have more nodes than it may, and the act does not reduce an excess",
    )
    WRONG_SUCCESSION = (
        51,
        "resolution: a successor is already named, none is named, or one of its values is empty or this ledger's own",
    )
    NOT_OBJECTED = 52, "resolution: nobody objected to the replacement, or somebody did already"
    NOT_GOVERNANCE = 53, "consortium: only the ledger's own Governance contract writes here"
    WRONG_FOUNDING = 54, "consortium: a founder, an operator, a validator or a limit is not of the form needed"

    # arrangements
    NO_RECOGNITIONS = 60, "arrangement: no recognition is named"
    SURPLUS_SIGNATORY = 61, "arrangement: a signing party has no say in any pair named"
    MISSING_SIGNATORY = 62, "arrangement: the recogniser, or the register's party or a union of it, does not sign"
    NO_REGISTER_KEPT = 63, "arrangement: the register's party keeps no register"
    WRONG_AMENDMENT = 64, "arrangement: the number is not the one after the pair's last conclusion or amendment"
    WRONG_LANE = (
        65,
        "arrangement: the lane is neither the pair's next one nor an ended one, or the pair does not have it",
    )
    TOO_MANY_LANES = 66, "arrangement: the pair has 16 lanes"
    WRONG_SCOPE = 67, "arrangement: types, roles or directions are empty or unknown, or until is not after from"
    WRONG_ARRANGEMENT = 68, "arrangement: the name is not of the form needed or not the lane's, or there is no text"
    WRONG_LANE_STATE = 69, "arrangement: the lane already has the state that the act sets, or cannot take it"
    WRONG_END = 70, "arrangement: a lane ends not before now and, by a lone act, earlier than it already would"
    WRONG_WITHHOLDING = 71, "arrangement: the act would not change the benefits"
    WRONG_LANE_NUMBER = (
        72,
        "arrangement: the number is not the one after the recogniser's last act on the pair's lanes, or not the last amendment's to end a lane",
    )
    WRONG_GENERATION = 73, "arrangement: the lane now has another generation"
    WRONG_WITHHOLDING_SERIAL = 74, "arrangement: the serial is not the one after the entry's last act"

    # registers
    REGISTER_NOT_OPENED = 80, "registers: the register has no word yet"
    WRONG_REGISTER_WORD = 81, "registers: mode, types or epoch are not of the form needed, or undo what was set"
    WRONG_KEY_CHECK = (
        82,
        "registers: the check value of a keyed type is set before the type is taken into use, and not after",
    )
    PARTY_GONE = 83, "registers: the issuer or the register's party was expelled, or left the union"
    WRONG_CAPACITY = 84, "registers: this event is not open to this capacity"
    NO_EVENTS = 85, "registers: a publication holds 1 to 100 events"
    TOO_LARGE = 86, "registers: the publication is larger than 60 KB"
    WRONG_REGISTER = 87, "registers: the entry belongs to another register"
    TYPE_NOT_IN_USE = 88, "registers: the register has no such type in use"
    WRONG_ISSUER = 89, "registers: only the issuer changes its standing"
    WRONG_SEQUENCE = 90, "registers: the sequence is not the one after the stored one"
    WRONG_TRANSITION = 91, "registers: this event does not lead from the stored status to the one signed"
    FIELD_CHANGED = 92, "registers: the event changes a field that it may not"
    WRONG_SINCE = 93, "registers: status since is in the future, before the stored one, or not what the event needs"
    WRONG_VALIDITY = 94, "registers: valid from or valid until is not what the event needs"
    WRONG_HOLD = 95, "registers: the planned end or the bar is not what the event needs"
    BARRED = 96, "registers: the bar on a new grant has not passed"
    WRONG_ROLES = 97, "registers: roles are empty or unknown"
    WRONG_ALIAS_SERIAL = 98, "registers: the alias's serial is not the one after the last act's"
    WRONG_BINDING = (
        99,
        "registers: an alias has eight bindings, a binding is of one type, and a free one has nothing to clear",
    )
    WRONG_QUESTION = 100, "registers: the question names an unknown role or direction, or no entry"


def refuse(why: Refusal) -> NoReturn:
    """Refuse an act.

    Raises:
        RefusedByLedger: always.
    """
    raise RefusedByLedger(code=why.value, name=why.name, reason=why.text)
