"""The ledger's numbers for customs words. They are the same everywhere and are never reused.

Roles follow the list of operators in the WCO SAFE Framework. Directions are seen from the recogniser.
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
    """The status of a certificate. *Expired* is computed from dates; nobody signs it. 0 means that there is no standing."""

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
    """Why a status event was signed. It is for people; no rule depends on it."""

    UNSTATED = 0
    TRANSCRIBED = 1
    """Copied from an earlier register kept elsewhere."""
    FACTS_INCOMPLETE = 2
    """Grounds for annulment or revocation, facts incomplete (UCC Art. 23(4)(b), DA Art. 16)."""
    CONDITIONS_NOT_MET = 3
    AT_HOLDERS_REQUEST = 4
    REMEDIED = 5
    FALSE_INFORMATION = 6
    APPEAL = 7
    KEY_COMPROMISED = 8


class Capacity(IntEnum):
    """The capacity in which a publication is signed. It is the same for all its events."""

    OPERATORS = 1
    """The issuer's operators: daily business."""
    AUTHORITY = 2
    """The issuer's authority: restores what was quashed on appeal or done with a stolen key."""
    TRANSFER = 3
    """The new issuer's operators, with the old issuer's operators or the authority of the register's union."""
    UNION = 4
    """The authority of the register's union: suspends a member's standing, or restricts the standings of a gone issuer."""


class PartyKind(IntEnum):
    """What a party is."""

    ADMINISTRATION = 1
    UNION = 2


class PartyState(IntEnum):
    """What a party may do. A suspension ends by itself on its date."""

    ACTIVE = 1
    SUSPENDED = 2
    EXPELLED = 3


class KeyRole(IntEnum):
    """The role in which an address serves its party, for ever."""

    AUTHORITY = 1
    OPERATOR = 2
    NODE = 3


class RegisterMode(IntEnum):
    """How a register writes its holders. It never changes."""

    OPEN = 1
    KEYED = 2


class ResolutionAct(IntEnum):
    """What two thirds of the seats may decide. Naming a successor is a separate message."""

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
    """Replaces one node by another in one block. The new node may belong to another party."""
    CANCEL_SUCCESSION = 14


class PartyActKind(IntEnum):
    """What a party decides alone, through its authority."""

    ROTATE_AUTHORITY = 1
    """Replaces an authority key by a new one."""
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
    """An act of a union."""
    REVOKE_EJECTION = 14
    """An act of a union."""
    CANCEL_REPLACEMENT = 15
    SET_REGISTER = 16
    SET_KEY_CHECK = 17
    UNFREEZE = 18


class ReplacementActKind(IntEnum):
    """Acts against a pending replacement of an authority."""

    OBJECT = 1
    """Any one standing authority key of the party objects. Then the replacement takes longer, and others may stop it."""
    STOP = 2
    """A third of the other seats stops it, after somebody has objected."""


class LaneState(IntEnum):
    """Whether the recogniser has suspended a lane."""

    OPEN = 1
    SUSPENDED = 2


class LaneActKind(IntEnum):
    """What one side alone may do to a lane."""

    SUSPEND = 1
    RESUME = 2
    END = 3


class Reason(IntEnum):
    """Why a recogniser does not recognise, in order of precedence. The values are bits in the result of the contract's view.

    The view is asked about entries and never about an alias, so the last reason is not one of its bits.
    """

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
    NO_TRADER_UNDER_ALIAS = 16
    """The only reason of its no: there is no trader to ask about."""


LIVING = frozenset({Status.ACTIVE, Status.SUSPENDED})
"""Statuses of a certificate that has not ended."""

TERMINAL = frozenset({Status.REVOKED, Status.WITHDRAWN, Status.ANNULLED})
"""Statuses that end a certificate. Only a new grant or a restoration leads out of them."""


def list_bits(bits: int, words: type[N]) -> tuple[N | int, ...]:
    """List the numbers of a bit set, ascending. A number that this version does not know stays a number."""
    known = {word.value: word for word in words}
    return tuple(known.get(bit, bit) for bit in range(bits.bit_length()) if bits >> bit & 1)


def name_number(number: int, words: type[IntEnum]) -> str:
    """Write a number in words, such as `faster_release`. A number that this version does not know becomes `benefit 9`."""
    if number in list(words):
        return words(number).name.lower()
    return f"{re.sub('(?<=[a-z])(?=[A-Z])', ' ', words.__name__).lower()} {number}"
