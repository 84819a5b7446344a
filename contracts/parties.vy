# pragma version 0.4.3
"""
@title Rules over parties' words
@notice What a party's word says at a time, whom an address serves, and how authorities' signatures are counted.
@dev Pure functions: the caller passes the words. Consortium, Governance and Registers all read a word in this way.
"""

import words

MAX_VALIDATORS: constant(uint256) = 128


# Parties of which at least one, two or three authority keys signed: one bit for each party's number.
struct Tally:
    one: uint256
    two: uint256
    three: uint256


@internal
@pure
def _state(party_word: uint256, at: uint256) -> uint256:
    """
    @notice Read a party's state at a time. A suspension ends by itself.
    @param party_word The party's word.
    @param at UTC seconds.
    """
    state: uint256 = (party_word >> words.PARTY_STATE_AT) & words.PARTY_STATE_MASK
    if state == words.PARTY_STATE_SUSPENDED:
        if at >= (party_word >> words.PARTY_SUSPENDED_UNTIL_AT) & words.PARTY_SUSPENDED_UNTIL_MASK:
            return words.PARTY_STATE_ACTIVE
    return state


@internal
@pure
def _union_in(party_word: uint256, place: uint256, at: uint256) -> uint256:
    """
    @notice Read the union in one of a party's four places at a time; 0 if there is none, or if the membership has ended.
    @param party_word The party's word.
    @param place 0 to 3.
    @param at UTC seconds.
    """
    leaves: uint256 = (
        party_word >> (words.PARTY_LEAVES_1_AT + words.PARTY_LEAVES_BITS * place)
    ) & words.PARTY_LEAVES_1_MASK
    if leaves != 0 and at >= leaves * 86_400:
        return 0
    return (party_word >> (words.PARTY_UNION_1_AT + words.PARTY_UNION_BITS * place)) & words.PARTY_UNION_1_MASK


@internal
@pure
def _belongs(party_word: uint256, union: uint256, at: uint256) -> bool:
    """
    @notice Tell whether a party belongs to a union at a time.
    @param party_word The party's word.
    @param union Number of the union.
    @param at UTC seconds.
    """
    for place: uint256 in range(4):
        if self._union_in(party_word, place, at) == union:
            return union != 0
    return False


@internal
@pure
def _serves(key_word: uint256, party: uint256, party_word: uint256, role: uint256) -> bool:
    """
    @notice Tell whether an address counts for a party in a role now: not retired, and in the party's epoch.
    @param key_word The address's word.
    @param party Number of the party.
    @param party_word The party's word.
    @param role Authority or operator.
    """
    epoch: uint256 = (party_word >> words.PARTY_EPOCH_AT) & words.PARTY_EPOCH_MASK
    wanted: uint256 = party | (role << words.KEY_ROLE_AT) | (epoch << words.KEY_EPOCH_AT)
    return key_word & ~(words.KEY_ADDED_AT_MASK << words.KEY_ADDED_AT_AT) == wanted


@internal
@pure
def _threshold(party_word: uint256) -> uint256:
    """
    @notice Read how many operators must sign for a party.
    @param party_word The party's word.
    """
    return (party_word >> words.PARTY_THRESHOLD_AT) & words.PARTY_THRESHOLD_MASK


@internal
@pure
def _count(tally: Tally, party: uint256) -> Tally:
    """
    @notice Count one more signature of a party's authority.
    @param tally Signatures counted so far.
    @param party Number of the party.
    """
    bit: uint256 = 1 << party
    return Tally(one=tally.one | bit, two=tally.two | (tally.one & bit), three=tally.three | (tally.two & bit))


@internal
@pure
def _reaches(tally: Tally, party: uint256, party_word: uint256) -> bool:
    """
    @notice Tell whether enough keys of a party's authority signed to reach its threshold.
    @param tally Signatures counted.
    @param party Number of the party.
    @param party_word The party's word.
    """
    needed: uint256 = (party_word >> words.PARTY_AUTHORITY_THRESHOLD_AT) & words.PARTY_AUTHORITY_THRESHOLD_MASK
    signed: uint256 = tally.three
    if needed == 1:
        signed = tally.one
    elif needed == 2:
        signed = tally.two
    return (signed >> party) & 1 == 1


@internal
@pure
def _is_code(code: uint256) -> bool:
    """
    @notice Tell whether a code is two to six capital letters, left-aligned in six bytes.
    @param code 48 bits.
    """
    ended: bool = False
    for position: uint256 in range(6):
        letter: uint256 = (code >> (8 * (5 - position))) & 255
        if letter == 0 and position >= 2:
            ended = True
        elif ended or letter < 65 or letter > 90:
            return False
    return True


@internal
@pure
def _excess(owners: DynArray[uint256, MAX_VALIDATORS]) -> uint256:
    """
    @notice Count the nodes above each party's limit, which holds while other parties have nodes too: max(1, (n - 1) // 3).
    @dev With this limit no party can halt a network alone, or seal a second history with only a few others.
    @param owners Party of each seated node.
    """
    most: uint256 = max(1, (len(owners) - 1) // 3)
    counts: uint256[256] = empty(uint256[256])
    excess: uint256 = 0
    for owner: uint256 in owners:
        counts[owner] += 1
        if counts[owner] > most:
            excess += 1
    return excess


@internal
@pure
def _alone(owners: DynArray[uint256, MAX_VALIDATORS]) -> bool:
    """
    @notice Tell whether one party has all nodes. Then it has no limit.
    @param owners Party of each seated node.
    """
    for owner: uint256 in owners:
        if owner != owners[0]:
            return False
    return True
