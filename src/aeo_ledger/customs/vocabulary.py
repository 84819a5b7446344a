"""The numbers that the ledger keeps for customs words: the same everywhere and never reused.

Roles follow the WCO SAFE Framework's list of operators; directions are seen from the recogniser.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TypeVar

N = TypeVar("N", bound=IntEnum)


class Role(IntEnum):
    """What a trader does in the supply chain (WCO SAFE Framework, pillar 2)."""

    MANUFACTURER = 0
    IMPORTER = 1
    EXPORTER = 2
    BROKER = 3
    CARRIER = 4
    CONSOLIDATOR = 5
    INTERMEDIARY = 6
    PORT = 7
    AIRPORT = 8
    TERMINAL_OPERATOR = 9
    INTEGRATED_OPERATOR = 10
    WAREHOUSE = 11
    DISTRIBUTOR = 12
    FREIGHT_FORWARDER = 13
    OTHER = 14


class Direction(IntEnum):
    """Which way the goods move, seen from the recogniser."""

    IMPORT = 0
    EXPORT = 1
    TRANSIT = 2


class Benefit(IntEnum):
    """What a recogniser grants to a recognised operator."""

    FEWER_DOCUMENT_CHECKS = 0
    FEWER_INSPECTIONS = 1
    PRIORITY_INSPECTION = 2
    LIAISON_OFFICER = 3
    PRIORITY_AFTER_DISRUPTION = 4
    LOWER_RISK_SCORE = 5
    FASTER_RELEASE = 6
    REDUCED_SECURITY_DATA = 7


class Status(IntEnum):
    """What a certificate is; *expired* is computed from dates and nobody signs it. 0 is no standing at all."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3
    WITHDRAWN = 4
    ANNULLED = 5


class EventKind(IntEnum):
    """The signed acts that change a standing."""

    GRANT = 1
    AMEND = 2
    REASSESS = 3
    SUSPEND = 4
    REINSTATE = 5
    REVOKE = 6
    WITHDRAW = 7
    ANNUL = 8
    RESTORE = 9
    TRANSFER = 10


class ReasonClass(IntEnum):
    """Why a status event was signed; for people, no rule depends on it."""

    UNSTATED = 0
    TRANSCRIBED = 1
    """Copied from a register that was kept elsewhere before."""
    FACTS_INCOMPLETE = 2
    """Grounds for annulment or revocation, facts incomplete (UCC Art. 23(4)(b), DA Art. 16)."""
    CONDITIONS_NOT_MET = 3
    AT_HOLDERS_REQUEST = 4
    REMEDIED = 5
    FALSE_INFORMATION = 6
    APPEAL = 7
    KEY_COMPROMISED = 8


class Capacity(IntEnum):
    """In which capacity a publication is signed; one for all its events."""

    OPERATORS = 1
    """The issuer's operators: the daily business."""
    AUTHORITY = 2
    """The issuer's authority: to restore what was quashed on appeal, or done with a stolen key."""
    TRANSFER = 3
    """The new issuer's operators, with the old one's or the authority of the register's union."""
    UNION = 4
    """The authority of the register's union: to suspend a member's standing, or to restrict those of one that is gone."""


class PartyKind(IntEnum):
    """What a party is."""

    ADMINISTRATION = 1
    UNION = 2


class PartyState(IntEnum):
    """What a party may do; a suspension ends by itself on its date."""

    ACTIVE = 1
    SUSPENDED = 2
    EXPELLED = 3


class KeyRole(IntEnum):
    """What an address serves its party as, for ever."""

    AUTHORITY = 1
    OPERATOR = 2
    NODE = 3


class RegisterMode(IntEnum):
    """How the holders of a register are written, for good."""

    OPEN = 1
    KEYED = 2


class ResolutionAct(IntEnum):
    """What two thirds of the seats may decide; naming a successor is a message of its own."""

    ADMIT = 1
    GIVE_SEAT = 2
    TAKE_SEAT = 3
    GIVE_REGISTER = 4
    TAKE_REGISTER = 5
    SUSPEND = 6
    REINSTATE = 7
    EXPEL = 8
    REPLACE_AUTHORITY = 9
    CANCEL_REPLACEMENT = 10
    SEAT_VALIDATOR = 11
    UNSEAT_VALIDATOR = 12
    REPLACE_VALIDATOR = 13
    """One node for another, in one block; it may belong to another party."""
    CANCEL_SUCCESSION = 14


class PartyActKind(IntEnum):
    """What a party decides alone, by its authority."""

    ROTATE_AUTHORITY = 1
    """A new authority key for an old one."""
    ADD_AUTHORITY_KEY = 2
    RETIRE_AUTHORITY_KEY = 3
    SET_AUTHORITY_THRESHOLD = 4
    ADD_OPERATOR = 5
    RETIRE_OPERATOR = 6
    SET_THRESHOLD = 7
    SET_CARD = 8
    """The hash of its card: names, contact, legal basis, gateway, disclosure key, reader keys."""
    SET_CERTIFICATE = 9
    JOIN_UNION = 10
    LEAVE_UNION = 11
    REVOKE_LEAVING = 12
    EJECT_MEMBER = 13
    """A union's act."""
    REVOKE_EJECTION = 14
    """A union's act."""
    CANCEL_REPLACEMENT = 15
    SET_REGISTER = 16
    SET_KEY_CHECK = 17
    UNFREEZE = 18


class ReplacementActKind(IntEnum):
    """What may be said against a pending replacement of an authority."""

    OBJECT = 1
    """Any one standing authority key of the party: then it takes longer, and others may stop it."""
    STOP = 2
    """A third of the other seats, once somebody has objected."""


class LaneState(IntEnum):
    """Whether the recogniser has suspended a lane."""

    OPEN = 1
    SUSPENDED = 2


class LaneActKind(IntEnum):
    """What one side may do to a lane alone."""

    SUSPEND = 1
    RESUME = 2
    END = 3


class Reason(IntEnum):
    """Why a recogniser does not recognise, in the order of precedence; the bits of what the contract's view returns."""

    NO_CERTIFICATE = 0
    ANNULLED = 1
    REVOKED = 2
    WITHDRAWN = 3
    SUSPENDED = 4
    NOT_YET_EFFECTIVE = 5
    EXPIRED = 6
    PARTY_GONE = 7
    NO_ARRANGEMENT = 8
    ARRANGEMENT_NOT_IN_FORCE = 9
    ARRANGEMENT_ENDED = 10
    ARRANGEMENT_SUSPENDED = 11
    TYPE_OUT_OF_SCOPE = 12
    ROLE = 13
    DIRECTION = 14
    BENEFITS_WITHHELD = 15


LIVING = frozenset({Status.ACTIVE, Status.SUSPENDED})
"""Statuses of a certificate that has not ended."""

TERMINAL = frozenset({Status.REVOKED, Status.WITHDRAWN, Status.ANNULLED})
"""Statuses that end a certificate; only a new grant or a restoration leads out of them."""


def list_bits(bits: int, words: type[N]) -> tuple[N | int, ...]:
    """List the numbers of a bit set, ascending; one that this version does not know stays the number that it is."""
    known = {word.value: word for word in words}
    return tuple(known.get(bit, bit) for bit in range(bits.bit_length()) if bits >> bit & 1)


def name_number(number: int, words: type[IntEnum]) -> str:
    """Write a number as it is read: `faster_release`; one that this version does not know as `benefit 9`, never left out."""
    if number in list(words):
        return words(number).name.lower()
    return f"{re.sub('(?<=[a-z])(?=[A-Z])', ' ', words.__name__).lower()} {number}"
