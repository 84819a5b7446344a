# pragma version 0.4.3
"""
@title Refusals
@notice Written by scripts/compile from aeo_ledger.customs.refusals; do not edit.
"""

HIGH_S: constant(uint256) = 1  # signatures: s is in the upper half of the order; the same signature has a lower form
NO_SIGNER: constant(uint256) = 2  # signatures: the signature recovers to no address
NOT_ASCENDING: constant(uint256) = 3  # signatures: signers are not in ascending order, or one signed twice
TOO_LATE: constant(uint256) = 4  # signatures: the message's deadline is past
SURPLUS_SIGNATURE: constant(uint256) = 5  # signatures: a signer has no say in this act
TOO_FEW_SIGNATURES: constant(uint256) = 6  # signatures: a signature that this act needs is missing
NO_SUCH_PARTY: constant(uint256) = 20  # consortium: no party has this number
PARTY_EXPELLED: constant(uint256) = 21  # consortium: the party was expelled
PARTY_SUSPENDED: constant(uint256) = 22  # consortium: the party is suspended and may only restrict
WRONG_SERIAL: constant(uint256) = 23  # consortium: the serial is not the one after the last act's
UNKNOWN_ACT: constant(uint256) = 24  # consortium: no such act
WRONG_MEMBERS: constant(uint256) = 25  # consortium: the act has a member that it does not use, or lacks one
KEY_ALREADY_USED: constant(uint256) = 26  # consortium: the address already serves, or has served
NOT_AN_OPERATOR: constant(uint256) = 27  # consortium: the address is not an operator of the party
WRONG_THRESHOLD: constant(uint256) = 28  # consortium: the threshold must lie between 1 and the number of operators, and at most 16
NOT_A_UNION: constant(uint256) = 29  # consortium: the party named is not a union in good standing
UNION_MEMBERSHIP: constant(uint256) = 30  # consortium: already a member, not a member, or already in four unions
NO_REPLACEMENT: constant(uint256) = 31  # consortium: no replacement of the authority is pending
REPLACEMENT_PENDING: constant(uint256) = 32  # consortium: a replacement of the authority is pending
NOT_YET: constant(uint256) = 33  # consortium: the delay has not passed
SUPERSEDED: constant(uint256) = 34  # consortium: the ledger is superseded and accepts only acts that restrict, keys and validators
WRONG_NUMBER: constant(uint256) = 40  # resolution: the number is not the next one
WRONG_PARTY_NUMBER: constant(uint256) = 41  # resolution: the party's number is not the next one, or no number is left
WRONG_PARTY_CODE: constant(uint256) = 42  # resolution: the party's code, kind or flags are not of the form needed
NO_CHANGE: constant(uint256) = 43  # resolution: the party already is as the act would make it
WRONG_SUSPENSION: constant(uint256) = 44  # resolution: a suspension ends after now and within a year
TOO_FEW_SEATS_LEFT: constant(uint256) = 45  # resolution: fewer active seats would be left than a resolution needs
VALIDATOR_SET: constant(uint256) = 46  # resolution: the validator is already seated, is not seated, or its party has two
TOO_FEW_VALIDATORS: constant(uint256) = 47  # resolution: fewer validators would be left than the genesis fixed
VALIDATORS_TOO_SOON: constant(uint256) = 48  # resolution: validators changed less than two blocks ago
TOO_MANY_VALIDATORS: constant(uint256) = 49  # resolution: no place for another validator
NO_RECOGNITIONS: constant(uint256) = 60  # arrangement: no recognition is named
SURPLUS_SIGNATORY: constant(uint256) = 61  # arrangement: a signing party has no say in any pair named
MISSING_SIGNATORY: constant(uint256) = 62  # arrangement: the recogniser, or the register's party or a union of it, does not sign
NO_REGISTER_KEPT: constant(uint256) = 63  # arrangement: the register's party keeps no register
WRONG_PAIR_SERIAL: constant(uint256) = 64  # arrangement: the pair's serial is not the one after the last act's
WRONG_LANE: constant(uint256) = 65  # arrangement: the lane is not the pair's next one, or is none of it
TOO_MANY_LANES: constant(uint256) = 66  # arrangement: the pair has 16 lanes
WRONG_SCOPE: constant(uint256) = 67  # arrangement: types, roles or directions are empty or unknown, or until is not after from
WRONG_ARRANGEMENT: constant(uint256) = 68  # arrangement: the name is not of the form needed, or names another text or another lane's arrangement
WRONG_LANE_STATE: constant(uint256) = 69  # arrangement: the lane already is, or cannot be made, as the act says
WRONG_END: constant(uint256) = 70  # arrangement: a lane ends not before now and, by a lone act, not later than it already would
WRONG_WITHHOLDING: constant(uint256) = 71  # arrangement: benefits already are as the act would make them
REGISTER_NOT_OPENED: constant(uint256) = 80  # registers: the register has no word yet
WRONG_REGISTER_WORD: constant(uint256) = 81  # registers: mode, types or epoch are not of the form needed, or go back on what was set
WRONG_KEY_CHECK: constant(uint256) = 82  # registers: the type is not in use, the register is open, or its check value is set for good
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
WRONG_BINDING: constant(uint256) = 99  # registers: the binding is neither one of the alias nor its next, or its entry is of another type
WRONG_QUESTION: constant(uint256) = 100  # registers: the question names an unknown role or direction, or no entry


@internal
@pure
def _refuse(code: uint256):
    """
    @notice Revert with Refused(uint256).
    @param code One of the codes above.
    """
    raw_revert(abi_encode(code, method_id=method_id("Refused(uint256)")))
