# pragma version 0.4.3
"""
@title Refusals
@notice Written by scripts/compile from aeo_ledger.customs.refusals; do not edit.
"""

HIGH_S: constant(uint256) = 1  # signatures: s is in the upper half of the order; the same signature has a lower form
NO_SIGNER: constant(uint256) = 2  # signatures: the signature recovers to no address
NOT_ASCENDING: constant(uint256) = 3  # signatures: signers are not in ascending order, or one signed twice
TOO_LATE: constant(uint256) = 4  # signatures: the message's deadline has passed
SURPLUS_SIGNATURE: constant(uint256) = 5  # signatures: a signer has no say in this act
TOO_FEW_SIGNATURES: constant(uint256) = 6  # signatures: a signature that this act needs is missing
TOO_FAR: constant(uint256) = 7  # signatures: the message's deadline is more than a year ahead
END_OF_TIME: constant(uint256) = 8  # signatures: the block's time, or one that the act leads to, is in the year 2106 or later, which no word can hold
NO_SUCH_PARTY: constant(uint256) = 20  # consortium: no party has this number
PARTY_EXPELLED: constant(uint256) = 21  # consortium: the party was expelled
PARTY_SUSPENDED: constant(uint256) = 22  # consortium: the party is suspended and may only restrict
WRONG_SERIAL: constant(uint256) = 23  # consortium: the serial is not the one after the last act's
UNKNOWN_ACT: constant(uint256) = 24  # consortium: no such act
WRONG_MEMBERS: constant(uint256) = 25  # consortium: the act has a member that it does not use, or lacks one
KEY_ALREADY_USED: constant(uint256) = 26  # consortium: the address already serves, or has served
NOT_AN_OPERATOR: constant(uint256) = 27  # consortium: the address is not an operator of the party
WRONG_THRESHOLD: constant(uint256) = 28  # consortium: the threshold must lie between 1 and the number of keys, at most 16 of operators and 3 of an authority; and no more keys fit
NOT_A_UNION: constant(uint256) = 29  # consortium: the party named is not a union in good standing
UNION_MEMBERSHIP: constant(uint256) = 30  # consortium: already a member, not a member, already in four unions, or no such notice was given
NO_REPLACEMENT: constant(uint256) = 31  # consortium: no replacement of the authority is pending, or another one is
REPLACEMENT_PENDING: constant(uint256) = 32  # consortium: a replacement of the authority is pending
NOT_YET: constant(uint256) = 33  # consortium: the delay has not passed
SUPERSEDED: constant(uint256) = 34  # consortium: the ledger is superseded and accepts only acts that restrict or restore, keys and validators
NOT_AN_AUTHORITY: constant(uint256) = 35  # consortium: the address is not an authority key of the party, or is the last that it needs
PARTY_FROZEN: constant(uint256) = 36  # consortium: an operator froze the party's publications; its authority may lift that
WRONG_FREEZE: constant(uint256) = 37  # consortium: the party is frozen already or is not, or the freeze names another number of lifts
REPLACEMENT_LAPSED: constant(uint256) = 38  # consortium: the replacement was ready more than 30 days ago and has lapsed
WRONG_DATE: constant(uint256) = 39  # consortium: the date is not within the next two years, is not the first second of a UTC day, or is not earlier than the present notice
WRONG_NUMBER: constant(uint256) = 40  # resolution: the number is not the next one of its subject
WRONG_PARTY_NUMBER: constant(uint256) = 41  # resolution: the party's number is not the next one, or no number is left
WRONG_PARTY_CODE: constant(uint256) = 42  # resolution: the party's code, kind or flags are not of the form needed
NO_CHANGE: constant(uint256) = 43  # resolution: the act would not change the party
WRONG_SUSPENSION: constant(uint256) = 44  # resolution: a suspension ends after now and within a year
TOO_FEW_SEATS_LEFT: constant(uint256) = 45  # resolution: fewer active seats would be left than a resolution needs
VALIDATOR_SET: constant(uint256) = 46  # resolution: the validator is already seated, or is not seated
TOO_FEW_VALIDATORS: constant(uint256) = 47  # resolution: fewer validators would be left than the genesis fixed
VALIDATORS_TOO_SOON: constant(uint256) = 48  # resolution: validators changed less than two blocks ago
TOO_MANY_VALIDATORS: constant(uint256) = 49  # resolution: no place for another validator
TOO_MANY_NODES: constant(uint256) = 50  # resolution: a party would have more nodes than it may, and the act does not reduce an excess
WRONG_SUCCESSION: constant(uint256) = 51  # resolution: a successor is already named, none is named, or one of its values is empty or this ledger's own
NOT_OBJECTED: constant(uint256) = 52  # resolution: nobody objected to the replacement, or somebody did already
NOT_GOVERNANCE: constant(uint256) = 53  # consortium: only the ledger's own Governance contract writes here
WRONG_FOUNDING: constant(uint256) = 54  # consortium: a founder, an operator, a validator or a limit is not of the form needed
NO_RECOGNITIONS: constant(uint256) = 60  # arrangement: no recognition is named
SURPLUS_SIGNATORY: constant(uint256) = 61  # arrangement: a signing party has no say in any pair named
MISSING_SIGNATORY: constant(uint256) = 62  # arrangement: the recogniser, or the register's party or a union of it, does not sign
NO_REGISTER_KEPT: constant(uint256) = 63  # arrangement: the register's party keeps no register
WRONG_AMENDMENT: constant(uint256) = 64  # arrangement: the number is not the one after the pair's last conclusion or amendment
WRONG_LANE: constant(uint256) = 65  # arrangement: the lane is neither the pair's next one nor an ended one, or the pair does not have it
TOO_MANY_LANES: constant(uint256) = 66  # arrangement: the pair has 16 lanes
WRONG_SCOPE: constant(uint256) = 67  # arrangement: types, roles or directions are empty or unknown, or until is not after from
WRONG_ARRANGEMENT: constant(uint256) = 68  # arrangement: the name is not of the form needed or not the lane's, or there is no text
WRONG_LANE_STATE: constant(uint256) = 69  # arrangement: the lane already has the state that the act sets, or cannot take it
WRONG_END: constant(uint256) = 70  # arrangement: a lane ends not before now and, by a lone act, earlier than it already would
WRONG_WITHHOLDING: constant(uint256) = 71  # arrangement: the act would not change the benefits
WRONG_LANE_NUMBER: constant(uint256) = 72  # arrangement: the number is not the one after the recogniser's last act on the pair's lanes, or not the last amendment's to end a lane
WRONG_GENERATION: constant(uint256) = 73  # arrangement: the lane now has another generation
WRONG_WITHHOLDING_SERIAL: constant(uint256) = 74  # arrangement: the serial is not the one after the entry's last act
REGISTER_NOT_OPENED: constant(uint256) = 80  # registers: the register has no word yet
WRONG_REGISTER_WORD: constant(uint256) = 81  # registers: mode, types or epoch are not of the form needed, or undo what was set
WRONG_KEY_CHECK: constant(uint256) = 82  # registers: the check value of a keyed type is set before the type is taken into use, and not after
PARTY_GONE: constant(uint256) = 83  # registers: the issuer or the register's party was expelled, or left the union
WRONG_CAPACITY: constant(uint256) = 84  # registers: this event is not open to this capacity
NO_EVENTS: constant(uint256) = 85  # registers: a publication holds 1 to 100 events
TOO_LARGE: constant(uint256) = 86  # registers: the publication is larger than 60 KB
WRONG_REGISTER: constant(uint256) = 87  # registers: the entry belongs to another register
TYPE_NOT_IN_USE: constant(uint256) = 88  # registers: the register has no such type in use
WRONG_ISSUER: constant(uint256) = 89  # registers: only the issuer changes its standing
WRONG_SEQUENCE: constant(uint256) = 90  # registers: the sequence is not the one after the stored one
WRONG_TRANSITION: constant(uint256) = 91  # registers: this event does not lead from the stored status to the one signed
FIELD_CHANGED: constant(uint256) = 92  # registers: the event changes a field that it may not
WRONG_SINCE: constant(uint256) = 93  # registers: status since is in the future, before the stored one, or not what the event needs
WRONG_VALIDITY: constant(uint256) = 94  # registers: valid from or valid until is not what the event needs
WRONG_HOLD: constant(uint256) = 95  # registers: the planned end or the bar is not what the event needs
BARRED: constant(uint256) = 96  # registers: the bar on a new grant has not passed
WRONG_ROLES: constant(uint256) = 97  # registers: roles are empty or unknown
WRONG_ALIAS_SERIAL: constant(uint256) = 98  # registers: the alias's serial is not the one after the last act's
WRONG_BINDING: constant(uint256) = 99  # registers: an alias has eight bindings, a binding is of one type, and a free one has nothing to clear
WRONG_QUESTION: constant(uint256) = 100  # registers: the question names an unknown role or direction, or no entry


@internal
@pure
def _refuse(code: uint256):
    """
    @notice Revert with Refused(uint256).
    @param code One of the codes above.
    """
    raw_revert(abi_encode(code, method_id=method_id("Refused(uint256)")))
