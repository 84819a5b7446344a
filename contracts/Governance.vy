# pragma version 0.4.3
"""
@title Governance
@notice Who may act: what two thirds of the seats resolve, what a party decides alone about its keys, unions and register, how a lost
        authority is replaced, which nodes seal, and which ledger follows this one.
@dev How is it stopped? It is not; see Consortium. Every word that is read and written here is there; this contract keeps none.
     Order of checks in every act: deadline, form, party, number, signatures, right to sign, the act's own rules.
"""

import messages
import parties
import refusals
import signatures
import words

MAX_PARTIES: constant(uint256) = 255
MAX_VALIDATORS: constant(uint256) = 128
MAX_SIGNATURES: constant(uint256) = 512  # two thirds of 255 seats with three keys each, and a co-signature
MAX_OPERATORS: constant(uint256) = 16  # of one act
MAX_AUTHORITY_KEYS: constant(uint256) = 5
MAX_AUTHORITY_THRESHOLD: constant(uint256) = 3
DAY: constant(uint256) = 86_400  # seconds
LONGEST_SUSPENSION: constant(uint256) = 366 * DAY
LONGEST_NOTICE: constant(uint256) = 2 * 366 * DAY
LAPSE: constant(uint256) = 30 * DAY  # after a replacement is ready
OBJECTED_DELAY: constant(uint256) = 90 * DAY  # shortest time of a replacement after a standing key objected


interface IConsortium:
    def word(table: uint256, key: uint256) -> uint256: view
    def tally(signers: DynArray[address, MAX_SIGNATURES]) -> parties.Tally: view
    def put(table: uint256, key: uint256, fact: uint256): nonpayable
    def extend(table: uint256, key: uint256, happened: bytes32): nonpayable
    def enlist(key: address, party: uint256, role: uint256): nonpayable


struct Poll:
    votes: uint256
    seats: uint256
    active: uint256


consortium: public(address)


@deploy
def __init__(consortium: address):
    """
    @notice Bind governance to the contract that keeps its words, for ever.
    @param consortium 20-byte address of Consortium.
    """
    self.consortium = consortium


# ------------------------------------------------------------------ two thirds of the seats


@external
def resolve(resolution: messages.Resolution, signed: DynArray[signatures.Signature, MAX_SIGNATURES]):
    """
    @notice Carry out a decision of two thirds of the seats about one party, the validators or the network.
    @param resolution The act, with the next number of its subject. Subjects count separately, so no resolution voids one on another subject.
    @param signed Signatures of seated authorities, as many as each threshold says, and of the new key, ascending by signer.
    """
    signatures._in_time(resolution.deadline)
    act: uint256 = convert(resolution.act, uint256)
    if act == 0 or act > words.RESOLUTION_ACT_CANCEL_SUCCESSION:
        refusals._refuse(refusals.UNKNOWN_ACT)
    if (
        ((words.RESOLUTION_USES_KEY >> act) & 1 == 1) != (resolution.key != empty(address))
        or ((words.RESOLUTION_USES_DETAIL >> act) & 1 == 1) != (resolution.detail != empty(bytes32))
        or (act == words.RESOLUTION_ACT_SUSPEND) != (resolution.amount != 0)
        or (act == words.RESOLUTION_ACT_CANCEL_SUCCESSION) != (resolution.party == 0)
    ):
        refusals._refuse(refusals.WRONG_MEMBERS)
    party: uint256 = convert(resolution.party, uint256)
    party_word: uint256 = 0
    if act != words.RESOLUTION_ACT_ADMIT and act != words.RESOLUTION_ACT_CANCEL_SUCCESSION:
        party_word = self._party(party)
        if act != words.RESOLUTION_ACT_UNSEAT_VALIDATOR and self._state(party_word) == words.PARTY_STATE_EXPELLED:
            refusals._refuse(refusals.PARTY_EXPELLED)
    self._use_number(party, (words.RESOLUTION_ON_VALIDATORS >> act) & 1 == 1, convert(resolution.number, uint256))
    if self._superseded() and (words.RESOLUTION_AFTER_SUCCESSION >> act) & 1 == 0:
        refusals._refuse(refusals.SUPERSEDED)
    message: bytes32 = keccak256(abi_encode(messages.RESOLUTION_HASH, resolution))
    cosigner: address = empty(address)
    if (words.RESOLUTION_COSIGNED >> act) & 1 == 1:
        cosigner = resolution.key
    self._vote(self._signers(message, signed, cosigner))

    if act == words.RESOLUTION_ACT_ADMIT:
        self._admit(party, convert(resolution.detail, uint256), resolution.key)
    elif act == words.RESOLUTION_ACT_REPLACE_AUTHORITY:
        self._begin_replacement(party, party_word, resolution.key)
    elif act == words.RESOLUTION_ACT_CANCEL_REPLACEMENT:
        self._put(words.TABLE_PARTY, party, self._cancel_replacement(party, party_word))
    elif act == words.RESOLUTION_ACT_CANCEL_SUCCESSION:
        self._cancel_succession()
    elif (words.RESOLUTION_ON_VALIDATORS >> act) & 1 == 1:
        self._change_validators(act, party, resolution.key, convert(resolution.detail, uint256))
    else:
        self._put(words.TABLE_PARTY, party, self._altered(party, party_word, act, convert(resolution.amount, uint256)))
    self._extend(words.TABLE_PARTY_HEAD, party, message)
    left: Poll = self._poll(empty(parties.Tally))
    if left.active == 0 or left.active < (2 * left.seats + 2) // 3:
        refusals._refuse(refusals.TOO_FEW_SEATS_LEFT)


@external
def supersede(succession: messages.Succession, signed: DynArray[signatures.Signature, MAX_SIGNATURES]):
    """
    @notice Name the ledger that succeeds this one, and the date. Two thirds of the seats may cancel it before that date.
    @param succession Addresses, code hashes and chain of the successor, with the network's next number.
    @param signed Signatures of seated authorities, as many as each threshold says, ascending by signer.
    """
    signatures._in_time(succession.deadline)
    if (
        succession.chain == 0
        or convert(succession.chain, uint256) == chain.id
        or succession.consortium == empty(address)
        or succession.governance == empty(address)
        or succession.registers == empty(address)
        or succession.consortium_code == empty(bytes32)
        or succession.governance_code == empty(bytes32)
        or succession.registers_code == empty(bytes32)
    ):
        refusals._refuse(refusals.WRONG_SUCCESSION)
    self._use_number(0, False, convert(succession.number, uint256))
    if self._word(words.TABLE_SUCCESSION, 0) != 0:
        refusals._refuse(refusals.WRONG_SUCCESSION)
    message: bytes32 = keccak256(abi_encode(messages.SUCCESSION_HASH, succession))
    self._vote(self._signers(message, signed, empty(address)))
    effective: uint256 = convert(succession.effective, uint256)
    if effective <= block.timestamp or effective > block.timestamp + LONGEST_NOTICE:
        refusals._refuse(refusals.WRONG_DATE)
    self._put(
        words.TABLE_SUCCESSION,
        0,
        convert(succession.consortium, uint256) | (effective << words.SUCCESSION_EFFECTIVE_AT),
    )
    self._put(words.TABLE_SUCCESSION, 1, convert(succession.chain, uint256))
    self._put(words.TABLE_SUCCESSION, 2, convert(succession.governance, uint256))
    self._put(words.TABLE_SUCCESSION, 3, convert(succession.registers, uint256))
    self._put(words.TABLE_SUCCESSION, 4, convert(succession.consortium_code, uint256))
    self._put(words.TABLE_SUCCESSION, 5, convert(succession.governance_code, uint256))
    self._put(words.TABLE_SUCCESSION, 6, convert(succession.registers_code, uint256))
    self._extend(words.TABLE_PARTY_HEAD, 0, message)


@internal
def _cancel_succession():
    """
    @notice Cancel a succession before its date.
    """
    if self._word(words.TABLE_SUCCESSION, 0) == 0:
        refusals._refuse(refusals.WRONG_SUCCESSION)
    for part: uint256 in range(7):
        self._put(words.TABLE_SUCCESSION, part, 0)


@internal
def _use_number(party: uint256, on_validators: bool, number: uint256):
    """
    @notice Use the next number of a resolution's subject: a party, the validators, or the network (party 0).
    """
    table: uint256 = words.TABLE_OFFICE
    key: uint256 = party
    at: uint256 = words.OFFICE_RESOLUTIONS_AT
    if party == 0 or on_validators:
        table = words.TABLE_GOVERNANCE
        key = 0
        at = words.GOVERNANCE_NETWORK_RESOLUTIONS_AT
        if on_validators:
            at = words.GOVERNANCE_VALIDATOR_RESOLUTIONS_AT
    counts: uint256 = self._word(table, key)
    if number != ((counts >> at) & words.OFFICE_RESOLUTIONS_MASK) + 1:
        refusals._refuse(refusals.WRONG_NUMBER)
    self._put(table, key, counts + (1 << at))


@internal
@view
def _vote(signers: DynArray[address, MAX_SIGNATURES]):
    """
    @notice Refuse unless two thirds of the seats signed.
    """
    poll: Poll = self._poll(staticcall IConsortium(self.consortium).tally(signers))
    if poll.votes == 0 or poll.votes < (2 * poll.seats + 2) // 3:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _poll(counted: parties.Tally) -> Poll:
    """
    @notice Count votes, the seats of parties that are not expelled, and how many of these may vote now. Refuse a party that may not vote.
    """
    poll: Poll = empty(Poll)
    last: uint256 = self._word(words.TABLE_GOVERNANCE, 0) & words.GOVERNANCE_PARTIES_MASK
    for party: uint256 in range(1, last + 1, bound=MAX_PARTIES):
        party_word: uint256 = self._word(words.TABLE_PARTY, party)
        state: uint256 = self._state(party_word)
        seat: uint256 = (party_word >> words.PARTY_SEAT_AT) & 1
        if state == words.PARTY_STATE_EXPELLED:
            seat = 0
        poll.seats += seat
        if state != words.PARTY_STATE_ACTIVE:
            seat = 0
        poll.active += seat
        if (counted.one >> party) & 1 == 1:
            if seat == 0 or not parties._reaches(counted, party, party_word):
                refusals._refuse(refusals.SURPLUS_SIGNATURE)
            poll.votes += 1
    return poll


@internal
def _admit(party: uint256, detail: uint256, authority: address):
    """
    @notice Admit a party under the next number. The detail is its word: code, kind, seat and keeps-a-register; the rest is 0.
    """
    governance: uint256 = self._word(words.TABLE_GOVERNANCE, 0)
    last: uint256 = governance & words.GOVERNANCE_PARTIES_MASK
    if party != last + 1 or party > MAX_PARTIES:
        refusals._refuse(refusals.WRONG_PARTY_NUMBER)
    code: uint256 = detail & words.PARTY_CODE_MASK
    kind: uint256 = (detail >> words.PARTY_KIND_AT) & words.PARTY_KIND_MASK
    flags: uint256 = detail & ((1 << words.PARTY_SEAT_AT) | (1 << words.PARTY_KEEPS_REGISTER_AT))
    if (
        detail != (code | (kind << words.PARTY_KIND_AT) | flags)
        or (kind != words.PARTY_KIND_ADMINISTRATION and kind != words.PARTY_KIND_UNION)
        or not parties._is_code(code)
    ):
        refusals._refuse(refusals.WRONG_PARTY_CODE)
    for other: uint256 in range(1, last + 1, bound=MAX_PARTIES):
        other_word: uint256 = self._word(words.TABLE_PARTY, other)
        if other_word & words.PARTY_CODE_MASK == code and self._state(other_word) != words.PARTY_STATE_EXPELLED:
            refusals._refuse(refusals.WRONG_PARTY_CODE)
    self._put(words.TABLE_GOVERNANCE, 0, governance + 1)
    extcall IConsortium(self.consortium).enlist(authority, party, words.KEY_ROLE_AUTHORITY)
    self._put(
        words.TABLE_PARTY,
        party,
        detail
        | (words.PARTY_STATE_ACTIVE << words.PARTY_STATE_AT)
        | (1 << words.PARTY_THRESHOLD_AT)
        | (1 << words.PARTY_AUTHORITY_KEYS_AT)
        | (1 << words.PARTY_AUTHORITY_THRESHOLD_AT)
        | (block.timestamp << words.PARTY_CHANGED_AT_AT),
    )


@internal
def _altered(party: uint256, party_word: uint256, act: uint256, until: uint256) -> uint256:
    """
    @notice Give or take a seat or a register, suspend, reinstate or expel. Return the party's new word.
    """
    altered: uint256 = party_word
    if act == words.RESOLUTION_ACT_GIVE_SEAT or act == words.RESOLUTION_ACT_TAKE_SEAT:
        altered ^= 1 << words.PARTY_SEAT_AT
        if ((altered >> words.PARTY_SEAT_AT) & 1 == 1) != (act == words.RESOLUTION_ACT_GIVE_SEAT):
            refusals._refuse(refusals.NO_CHANGE)
        return altered
    if act == words.RESOLUTION_ACT_GIVE_REGISTER or act == words.RESOLUTION_ACT_TAKE_REGISTER:
        altered ^= 1 << words.PARTY_KEEPS_REGISTER_AT
        if ((altered >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 1) != (act == words.RESOLUTION_ACT_GIVE_REGISTER):
            refusals._refuse(refusals.NO_CHANGE)
        return self._touched(altered)
    pending: uint256 = self._word(words.TABLE_REPLACEMENT, party)
    if act == words.RESOLUTION_ACT_SUSPEND:
        if until <= block.timestamp or until > block.timestamp + LONGEST_SUSPENSION or until >> 32 != 0:
            refusals._refuse(refusals.WRONG_SUSPENSION)
        if self._holds(pending):
            held: uint256 = pending & ~(words.REPLACEMENT_SUSPENDED_UNTIL_MASK << words.REPLACEMENT_SUSPENDED_UNTIL_AT)
            self._put(words.TABLE_REPLACEMENT, party, held | (until << words.REPLACEMENT_SUSPENDED_UNTIL_AT))
            return self._suspended(party_word, max(until, self._lapses(pending)))
        return self._suspended(party_word, until)
    if act == words.RESOLUTION_ACT_REINSTATE and self._state(party_word) != words.PARTY_STATE_SUSPENDED:
        refusals._refuse(refusals.NO_CHANGE)
    if pending != 0:
        self._burn(party, pending)
    altered = self._suspended(altered, 0)
    if act == words.RESOLUTION_ACT_EXPEL:
        altered ^= (words.PARTY_STATE_ACTIVE ^ words.PARTY_STATE_EXPELLED) << words.PARTY_STATE_AT
    return altered


@internal
@view
def _suspended(party_word: uint256, until: uint256) -> uint256:
    """
    @notice Derive the word of a party that is suspended until a time, or active if the time is 0.
    """
    altered: uint256 = party_word & ~(
        (words.PARTY_STATE_MASK << words.PARTY_STATE_AT)
        | (words.PARTY_SUSPENDED_UNTIL_MASK << words.PARTY_SUSPENDED_UNTIL_AT)
    )
    state: uint256 = words.PARTY_STATE_ACTIVE
    if until != 0:
        state = words.PARTY_STATE_SUSPENDED
    return self._touched(
        altered | (state << words.PARTY_STATE_AT) | (until << words.PARTY_SUSPENDED_UNTIL_AT)
    )


# ------------------------------------------------------------------ a lost or stolen authority


@internal
def _begin_replacement(party: uint256, party_word: uint256, key: address):
    """
    @notice Begin to replace an authority; the new key waits. If the party is suspended, it stays suspended until the replacement is over.
    """
    pending: uint256 = self._word(words.TABLE_REPLACEMENT, party)
    altered: uint256 = party_word
    if pending != 0:
        if block.timestamp < self._lapses(pending):
            refusals._refuse(refusals.REPLACEMENT_PENDING)
        self._burn(party, pending)
    if self._word(words.TABLE_KEY, convert(key, uint256)) != 0:
        refusals._refuse(refusals.KEY_ALREADY_USED)
    epoch: uint256 = ((party_word >> words.PARTY_EPOCH_AT) & words.PARTY_EPOCH_MASK) + 1
    self._put(
        words.TABLE_KEY,
        convert(key, uint256),
        party | (words.KEY_ROLE_AUTHORITY << words.KEY_ROLE_AT) | (epoch << words.KEY_EPOCH_AT),
    )
    delay: uint256 = (
        self._word(words.TABLE_GOVERNANCE, 0) >> words.GOVERNANCE_REPLACEMENT_DELAY_AT
    ) & words.GOVERNANCE_REPLACEMENT_DELAY_MASK
    if (block.timestamp + max(delay, OBJECTED_DELAY) + LAPSE) >> 32 != 0:
        refusals._refuse(refusals.END_OF_TIME)  # no word could hold the time at which it lapses
    begun: uint256 = convert(key, uint256) | ((block.timestamp + delay) << words.REPLACEMENT_READY_AT_AT)
    if self._state(altered) == words.PARTY_STATE_SUSPENDED:
        until: uint256 = (altered >> words.PARTY_SUSPENDED_UNTIL_AT) & words.PARTY_SUSPENDED_UNTIL_MASK
        begun |= until << words.REPLACEMENT_SUSPENDED_UNTIL_AT
        altered = self._suspended(altered, max(until, self._lapses(begun)))
    self._put(words.TABLE_REPLACEMENT, party, begun)
    if altered != party_word:
        self._put(words.TABLE_PARTY, party, altered)


@external
def act_on_replacement(
    act: messages.ReplacementAct, signed: DynArray[signatures.Signature, MAX_SIGNATURES]
):
    """
    @notice Object to a pending replacement, by any one standing authority key of the party: then it takes longer. Or stop it after that, by a
            third of the other seats that may vote. So neither a thief nor two thirds in a hurry can quietly take over a country's authority.
    @param act The act. It names the pending key, and is void when that key no longer waits.
    @param signed The objecting key's signature, or those of seated authorities, ascending by signer.
    """
    signatures._in_time(act.deadline)
    kind: uint256 = convert(act.act, uint256)
    if kind != words.REPLACEMENT_ACT_KIND_OBJECT and kind != words.REPLACEMENT_ACT_KIND_STOP:
        refusals._refuse(refusals.UNKNOWN_ACT)
    party: uint256 = convert(act.party, uint256)
    party_word: uint256 = self._party(party)
    pending: uint256 = self._pending(party, convert(act.key, uint256))
    objected: bool = (pending >> words.REPLACEMENT_OBJECTED_AT) & 1 == 1
    if objected != (kind == words.REPLACEMENT_ACT_KIND_STOP):
        refusals._refuse(refusals.NOT_OBJECTED)
    message: bytes32 = keccak256(abi_encode(messages.REPLACEMENT_ACT_HASH, act))
    signers: DynArray[address, MAX_SIGNATURES] = self._signers(message, signed, empty(address))
    counted: parties.Tally = staticcall IConsortium(self.consortium).tally(signers)
    if kind == words.REPLACEMENT_ACT_KIND_STOP:
        if (counted.one >> party) & 1 == 1:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
        poll: Poll = self._poll(counted)
        others: uint256 = poll.active
        if (party_word >> words.PARTY_SEAT_AT) & 1 == 1 and self._state(party_word) == words.PARTY_STATE_ACTIVE:
            others -= 1
        if poll.votes == 0 or poll.votes < (others + 2) // 3:
            refusals._refuse(refusals.TOO_FEW_SIGNATURES)
        self._put(words.TABLE_PARTY, party, self._cancel_replacement(party, party_word))
    else:
        if len(signers) == 0:
            refusals._refuse(refusals.TOO_FEW_SIGNATURES)
        if len(signers) > 1 or counted.one != 1 << party:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
        self._object(party, party_word, pending)
    self._extend(words.TABLE_PARTY_HEAD, party, message)


@internal
def _object(party: uint256, party_word: uint256, pending: uint256):
    """
    @notice Lengthen a pending replacement, and the suspension that it keeps up.
    """
    delay: uint256 = (
        self._word(words.TABLE_GOVERNANCE, 0) >> words.GOVERNANCE_REPLACEMENT_DELAY_AT
    ) & words.GOVERNANCE_REPLACEMENT_DELAY_MASK
    longer: uint256 = pending | (1 << words.REPLACEMENT_OBJECTED_AT)
    longer += (max(delay, OBJECTED_DELAY) - delay) << words.REPLACEMENT_READY_AT_AT
    self._put(words.TABLE_REPLACEMENT, party, longer)
    if self._holds(longer):
        until: uint256 = (party_word >> words.PARTY_SUSPENDED_UNTIL_AT) & words.PARTY_SUSPENDED_UNTIL_MASK
        self._put(words.TABLE_PARTY, party, self._suspended(party_word, max(until, self._lapses(longer))))


@external
def complete_replacement(party: uint16):
    """
    @notice Complete a replacement when it is ready. Anyone may do it. Its event hash is the new key. All earlier keys cease to count at once,
            because their epoch ends. Nodes stay.
    @param party Number of the party.
    """
    if block.timestamp >> 32 != 0:
        refusals._refuse(refusals.END_OF_TIME)
    number: uint256 = convert(party, uint256)
    party_word: uint256 = self._party(number)
    key: uint256 = self._word(words.TABLE_REPLACEMENT, number) & words.REPLACEMENT_KEY_MASK
    pending: uint256 = self._pending(number, key)
    if block.timestamp < (pending >> words.REPLACEMENT_READY_AT_AT) & words.REPLACEMENT_READY_AT_MASK:
        refusals._refuse(refusals.NOT_YET)
    epoch: uint256 = (party_word >> words.PARTY_EPOCH_AT) & words.PARTY_EPOCH_MASK
    self._put(words.TABLE_REPLACEMENT, number, 0)
    self._put(words.TABLE_KEY, key, self._word(words.TABLE_KEY, key) | (block.timestamp << words.KEY_ADDED_AT_AT))
    self._put(words.TABLE_EPOCH_END, (number << 16) | epoch, block.timestamp)
    self._put(words.TABLE_CARD, number, 0)
    self._put(words.TABLE_CERTIFICATE, number, 0)
    office: uint256 = self._word(words.TABLE_OFFICE, number)
    office &= ~(words.OFFICE_OPERATORS_MASK << words.OFFICE_OPERATORS_AT)
    self._put(words.TABLE_OFFICE, number, office + (((party_word >> words.PARTY_FROZEN_AT) & 1) << words.OFFICE_LIFTS_AT))

    renewed: uint256 = party_word & ~(
        (1 << words.PARTY_FROZEN_AT)
        | (words.PARTY_THRESHOLD_MASK << words.PARTY_THRESHOLD_AT)
        | (words.PARTY_AUTHORITY_KEYS_MASK << words.PARTY_AUTHORITY_KEYS_AT)
        | (words.PARTY_AUTHORITY_THRESHOLD_MASK << words.PARTY_AUTHORITY_THRESHOLD_AT)
    )
    renewed |= (
        (1 << words.PARTY_THRESHOLD_AT)
        | (1 << words.PARTY_AUTHORITY_KEYS_AT)
        | (1 << words.PARTY_AUTHORITY_THRESHOLD_AT)
    )
    renewed += 1 << words.PARTY_EPOCH_AT
    noticed: uint256 = renewed
    for place: uint256 in range(4):
        # Notices to leave that the old keys gave are withdrawn. A notice whose day has come stays, and so does a union's notice. If the
        # party is a union, its notices are in its members' words: its new authority revokes those that it does not want.
        if parties._union_in(renewed, place, block.timestamp) != 0 and (renewed >> (words.PARTY_EJECTED_1_AT + place)) & 1 == 0:
            renewed &= ~(words.PARTY_LEAVES_1_MASK << (words.PARTY_LEAVES_1_AT + words.PARTY_LEAVES_BITS * place))
    if renewed != noticed:
        renewed = self._touched(renewed)
    self._put(words.TABLE_PARTY, number, self._released(renewed, pending))
    self._extend(words.TABLE_PARTY_HEAD, number, convert(key, bytes32))


@internal
@view
def _pending(party: uint256, key: uint256) -> uint256:
    """
    @notice Read the pending replacement with this key. Refuse if there is none, or if it has lapsed.
    """
    pending: uint256 = self._word(words.TABLE_REPLACEMENT, party)
    if pending == 0 or pending & words.REPLACEMENT_KEY_MASK != key:
        refusals._refuse(refusals.NO_REPLACEMENT)
    if block.timestamp >= self._lapses(pending):
        refusals._refuse(refusals.REPLACEMENT_LAPSED)
    return pending


@internal
@pure
def _lapses(pending: uint256) -> uint256:
    """
    @notice Compute when a replacement lapses, UTC seconds.
    """
    return ((pending >> words.REPLACEMENT_READY_AT_AT) & words.REPLACEMENT_READY_AT_MASK) + LAPSE


@internal
@view
def _holds(pending: uint256) -> bool:
    """
    @notice Tell whether a replacement keeps its party suspended: it began under a suspension and has not lapsed.
    """
    until: uint256 = (pending >> words.REPLACEMENT_SUSPENDED_UNTIL_AT) & words.REPLACEMENT_SUSPENDED_UNTIL_MASK
    return until != 0 and block.timestamp < self._lapses(pending)


@internal
def _cancel_replacement(party: uint256, party_word: uint256) -> uint256:
    """
    @notice Cancel a replacement. Return the party's word, which the replacement no longer keeps suspended.
    """
    pending: uint256 = self._word(words.TABLE_REPLACEMENT, party)
    if pending == 0:
        refusals._refuse(refusals.NO_REPLACEMENT)
    self._burn(party, pending)
    return self._released(party_word, pending)


@internal
def _burn(party: uint256, pending: uint256):
    """
    @notice End a replacement without success: its key never serves.
    """
    self._retire(pending & words.REPLACEMENT_KEY_MASK)
    self._put(words.TABLE_REPLACEMENT, party, 0)


@internal
@view
def _released(party_word: uint256, pending: uint256) -> uint256:
    """
    @notice Derive a party's word after its replacement is over. A suspension that the replacement lengthened gets its first end back. A lapsed
            replacement lengthens nothing, so it does not lift a later suspension.
    """
    if not self._holds(pending):
        return party_word
    until: uint256 = (pending >> words.REPLACEMENT_SUSPENDED_UNTIL_AT) & words.REPLACEMENT_SUSPENDED_UNTIL_MASK
    return self._suspended(party_word, until)


# ------------------------------------------------------------------ validators


@internal
def _change_validators(act: uint256, party: uint256, node: address, leaving: uint256):
    """
    @notice Seat, unseat or replace one node, at least two blocks after the last change. A hand-over proof can then follow every step.
    """
    governance: uint256 = self._word(words.TABLE_GOVERNANCE, 0)
    last: uint256 = (governance >> words.GOVERNANCE_VALIDATORS_CHANGED_IN_AT) & words.GOVERNANCE_VALIDATORS_CHANGED_IN_MASK
    if last != 0 and block.number < last + 2:
        refusals._refuse(refusals.VALIDATORS_TOO_SOON)
    governance &= ~(words.GOVERNANCE_VALIDATORS_CHANGED_IN_MASK << words.GOVERNANCE_VALIDATORS_CHANGED_IN_AT)
    self._put(words.TABLE_GOVERNANCE, 0, governance | (block.number << words.GOVERNANCE_VALIDATORS_CHANGED_IN_AT))

    seat: uint256 = convert(node, uint256) | (party << words.VALIDATOR_PARTY_AT)
    gone: uint256 = leaving
    if act == words.RESOLUTION_ACT_UNSEAT_VALIDATOR:
        gone = convert(node, uint256)
    owners: DynArray[uint256, MAX_VALIDATORS] = []
    found: uint256 = 0  # place of the leaving node, from 1
    count: uint256 = self._word(words.TABLE_VALIDATOR, 0)
    for position: uint256 in range(1, count + 1, bound=MAX_VALIDATORS):
        seated: uint256 = self._word(words.TABLE_VALIDATOR, position)
        owners.append(seated >> words.VALIDATOR_PARTY_AT)
        if act != words.RESOLUTION_ACT_UNSEAT_VALIDATOR and seated & words.VALIDATOR_NODE_MASK == convert(node, uint256):
            refusals._refuse(refusals.VALIDATOR_SET)
        if seated & words.VALIDATOR_NODE_MASK == gone:
            found = position
    before: uint256 = parties._excess(owners)
    if act == words.RESOLUTION_ACT_SEAT_VALIDATOR:
        if count == MAX_VALIDATORS:
            refusals._refuse(refusals.TOO_MANY_VALIDATORS)
        owners.append(party)
        self._put(words.TABLE_VALIDATOR, count + 1, seat)
        self._put(words.TABLE_VALIDATOR, 0, count + 1)
    elif found == 0:
        refusals._refuse(refusals.VALIDATOR_SET)
    elif act == words.RESOLUTION_ACT_REPLACE_VALIDATOR:
        owners[found - 1] = party
        self._put(words.TABLE_VALIDATOR, found, seat)
    else:
        minimum: uint256 = (
            governance >> words.GOVERNANCE_MINIMUM_VALIDATORS_AT
        ) & words.GOVERNANCE_MINIMUM_VALIDATORS_MASK
        if count <= minimum:
            refusals._refuse(refusals.TOO_FEW_VALIDATORS)
        if owners[found - 1] != party:
            refusals._refuse(refusals.VALIDATOR_SET)
        moved: uint256 = owners.pop()
        if found != count:
            owners[found - 1] = moved
            self._put(words.TABLE_VALIDATOR, found, self._word(words.TABLE_VALIDATOR, count))
        self._put(words.TABLE_VALIDATOR, count, 0)
        self._put(words.TABLE_VALIDATOR, 0, count - 1)
    if act != words.RESOLUTION_ACT_SEAT_VALIDATOR:
        self._retire(gone)
    if act != words.RESOLUTION_ACT_UNSEAT_VALIDATOR:
        self._enlist_node(node, party)
    after: uint256 = parties._excess(owners)
    if after != 0 and after >= before and not parties._alone(owners):
        refusals._refuse(refusals.TOO_MANY_NODES)


@internal
def _enlist_node(node: address, party: uint256):
    """
    @notice Let a node seal for a party. A node that was unseated returns only for its own party.
    """
    key_word: uint256 = self._word(words.TABLE_KEY, convert(node, uint256))
    if key_word == 0:
        extcall IConsortium(self.consortium).enlist(node, party, words.KEY_ROLE_NODE)
        return
    if key_word & ((1 << words.KEY_ADDED_AT_AT) - 1) != party | (words.KEY_ROLE_NODE << words.KEY_ROLE_AT):
        refusals._refuse(refusals.KEY_ALREADY_USED)
    self._put(
        words.TABLE_KEY,
        convert(node, uint256),
        key_word & ~(words.KEY_RETIRED_AT_MASK << words.KEY_RETIRED_AT_AT),
    )


# ------------------------------------------------------------------ a party alone


@external
def act(act: messages.PartyAct, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Carry out an act that a party decides alone, through its authority.
    @param act The act, with the party's serial.
    @param signed Signatures of the authority, as many as its threshold says, and of the new key, or of the authority of the union to join,
           ascending by signer.
    """
    signatures._in_time(act.deadline)
    kind: uint256 = convert(act.act, uint256)
    if kind == 0 or kind > words.PARTY_ACT_KIND_UNFREEZE:
        refusals._refuse(refusals.UNKNOWN_ACT)
    if (
        ((words.PARTY_ACT_USES_KEY >> kind) & 1 == 1) != (act.key != empty(address))
        or ((words.PARTY_ACT_USES_NO_DETAIL >> kind) & 1 == 0) != (act.detail != 0)
        or (kind != words.PARTY_ACT_KIND_SET_KEY_CHECK and act.certificate_type != 0)
        or ((words.PARTY_ACT_DATED >> kind) & 1 == 0 and act.effective != 0)
    ):
        refusals._refuse(refusals.WRONG_MEMBERS)
    party: uint256 = convert(act.party, uint256)
    party_word: uint256 = self._party(party)
    self._require_free(party, party_word, kind)
    office: uint256 = self._word(words.TABLE_OFFICE, party)
    if convert(act.serial, uint256) != (office & words.OFFICE_SERIAL_MASK) + 1:
        refusals._refuse(refusals.WRONG_SERIAL)
    message: bytes32 = keccak256(abi_encode(messages.PARTY_ACT_HASH, act))
    self._consent(message, signed, party, party_word, kind, act.key, act.detail)
    self._put(words.TABLE_OFFICE, party, office + 1)

    if (words.PARTY_ACT_USES_KEY >> kind) & 1 == 1 or kind == words.PARTY_ACT_KIND_SET_AUTHORITY_THRESHOLD:
        party_word = self._with_keys(party, party_word, kind, act.key, act.detail)
    elif kind == words.PARTY_ACT_KIND_SET_THRESHOLD:
        if act.detail > min((office >> words.OFFICE_OPERATORS_AT) & words.OFFICE_OPERATORS_MASK, MAX_OPERATORS):
            refusals._refuse(refusals.WRONG_THRESHOLD)
        party_word = (party_word & ~(words.PARTY_THRESHOLD_MASK << words.PARTY_THRESHOLD_AT)) | (
            act.detail << words.PARTY_THRESHOLD_AT
        )
    elif kind == words.PARTY_ACT_KIND_SET_CARD:
        self._put(words.TABLE_CARD, party, act.detail)
    elif kind == words.PARTY_ACT_KIND_SET_CERTIFICATE:
        self._put(words.TABLE_CERTIFICATE, party, act.detail)
    elif kind == words.PARTY_ACT_KIND_JOIN_UNION:
        party_word = self._joined(party, party_word, act.detail)
    elif kind == words.PARTY_ACT_KIND_CANCEL_REPLACEMENT:
        party_word = self._cancel_replacement(party, party_word)
    elif kind == words.PARTY_ACT_KIND_SET_REGISTER:
        self._set_register(party, party_word, act.detail)
        party_word |= 1 << words.PARTY_OPENED_AT
    elif kind == words.PARTY_ACT_KIND_SET_KEY_CHECK:
        self._set_key_check(party, convert(act.certificate_type, uint256), act.detail)
    elif kind == words.PARTY_ACT_KIND_UNFREEZE:
        if (party_word >> words.PARTY_FROZEN_AT) & 1 == 0:
            refusals._refuse(refusals.WRONG_FREEZE)
        party_word ^= 1 << words.PARTY_FROZEN_AT
        self._put(words.TABLE_OFFICE, party, office + 1 + (1 << words.OFFICE_LIFTS_AT))
    elif (words.PARTY_ACT_ON_MEMBER >> kind) & 1 == 1:
        revokes: bool = kind == words.PARTY_ACT_KIND_REVOKE_EJECTION
        member_word: uint256 = self._noticed(
            self._party(act.detail), party, 1, revokes, convert(act.effective, uint256)
        )
        self._put(words.TABLE_PARTY, act.detail, member_word)
        self._extend(words.TABLE_PARTY_HEAD, act.detail, message)
    else:
        revokes: bool = kind == words.PARTY_ACT_KIND_REVOKE_LEAVING
        party_word = self._noticed(party_word, act.detail, 0, revokes, convert(act.effective, uint256))
    self._put(words.TABLE_PARTY, party, party_word)
    self._extend(words.TABLE_PARTY_HEAD, party, message)


@internal
@view
def _require_free(party: uint256, party_word: uint256, kind: uint256):
    """
    @notice Refuse if the party may not do this act now. An expelled party may do nothing. A suspended one may only retire an operator, and not
            even that while a replacement keeps it suspended. On a superseded ledger no party may favour.
    """
    state: uint256 = self._state(party_word)
    if state == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_EXPELLED)
    if state == words.PARTY_STATE_SUSPENDED and (
        kind != words.PARTY_ACT_KIND_RETIRE_OPERATOR or self._holds(self._word(words.TABLE_REPLACEMENT, party))
    ):
        refusals._refuse(refusals.PARTY_SUSPENDED)
    if self._superseded() and (words.PARTY_ACT_NOT_SUPERSEDED >> kind) & 1 == 1:
        refusals._refuse(refusals.SUPERSEDED)


@internal
@view
def _consent(
    message: bytes32,
    signed: DynArray[signatures.Signature, MAX_OPERATORS],
    party: uint256,
    party_word: uint256,
    kind: uint256,
    key: address,
    detail: uint256,
):
    """
    @notice Refuse unless exactly the needed signers signed: the authority, the new key, the authority of the union to join.
    """
    cosigner: address = empty(address)
    if (words.PARTY_ACT_COSIGNED >> kind) & 1 == 1:
        cosigner = key
    needed: uint256 = 1 << party
    union_word: uint256 = 0
    if kind == words.PARTY_ACT_KIND_JOIN_UNION:
        if detail > MAX_PARTIES or detail == party:
            refusals._refuse(refusals.NOT_A_UNION)
        union_word = self._party(detail)
        needed |= 1 << detail
    counted: parties.Tally = staticcall IConsortium(self.consortium).tally(self._signers(message, signed, cosigner))
    if counted.one & ~needed != 0:
        refusals._refuse(refusals.SURPLUS_SIGNATURE)
    if not parties._reaches(counted, party, party_word) or (
        union_word != 0 and not parties._reaches(counted, detail, union_word)
    ):
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
def _with_keys(party: uint256, party_word: uint256, kind: uint256, key: address, detail: uint256) -> uint256:
    """
    @notice Change a party's keys, or its authority's threshold. Return its new word.
    """
    keys: uint256 = (party_word >> words.PARTY_AUTHORITY_KEYS_AT) & words.PARTY_AUTHORITY_KEYS_MASK
    threshold: uint256 = (party_word >> words.PARTY_AUTHORITY_THRESHOLD_AT) & words.PARTY_AUTHORITY_THRESHOLD_MASK
    office: uint256 = self._word(words.TABLE_OFFICE, party)
    if kind == words.PARTY_ACT_KIND_ROTATE_AUTHORITY:
        self._require_key(detail, party, party_word, words.KEY_ROLE_AUTHORITY, refusals.NOT_AN_AUTHORITY)
        extcall IConsortium(self.consortium).enlist(key, party, words.KEY_ROLE_AUTHORITY)
        self._retire(detail)
    elif kind == words.PARTY_ACT_KIND_ADD_AUTHORITY_KEY:
        if keys == MAX_AUTHORITY_KEYS:
            refusals._refuse(refusals.WRONG_THRESHOLD)
        extcall IConsortium(self.consortium).enlist(key, party, words.KEY_ROLE_AUTHORITY)
        return party_word + (1 << words.PARTY_AUTHORITY_KEYS_AT)
    elif kind == words.PARTY_ACT_KIND_RETIRE_AUTHORITY_KEY:
        self._require_key(convert(key, uint256), party, party_word, words.KEY_ROLE_AUTHORITY, refusals.NOT_AN_AUTHORITY)
        if keys == threshold:
            refusals._refuse(refusals.NOT_AN_AUTHORITY)
        self._retire(convert(key, uint256))
        return party_word - (1 << words.PARTY_AUTHORITY_KEYS_AT)
    elif kind == words.PARTY_ACT_KIND_SET_AUTHORITY_THRESHOLD:
        if detail > min(keys, MAX_AUTHORITY_THRESHOLD):
            refusals._refuse(refusals.WRONG_THRESHOLD)
        cleared: uint256 = party_word & ~(words.PARTY_AUTHORITY_THRESHOLD_MASK << words.PARTY_AUTHORITY_THRESHOLD_AT)
        return cleared | (detail << words.PARTY_AUTHORITY_THRESHOLD_AT)
    elif kind == words.PARTY_ACT_KIND_ADD_OPERATOR:
        if (office >> words.OFFICE_OPERATORS_AT) & words.OFFICE_OPERATORS_MASK == words.OFFICE_OPERATORS_MASK:
            refusals._refuse(refusals.WRONG_THRESHOLD)
        extcall IConsortium(self.consortium).enlist(key, party, words.KEY_ROLE_OPERATOR)
        self._put(words.TABLE_OFFICE, party, office + (1 << words.OFFICE_OPERATORS_AT))
    else:
        self._require_key(convert(key, uint256), party, party_word, words.KEY_ROLE_OPERATOR, refusals.NOT_AN_OPERATOR)
        self._retire(convert(key, uint256))
        self._put(words.TABLE_OFFICE, party, office - (1 << words.OFFICE_OPERATORS_AT))
    return party_word


@internal
@view
def _joined(party: uint256, party_word: uint256, union: uint256) -> uint256:
    """
    @notice Derive the word of a party that joins a union, in the first of its four places that is free or whose membership has ended.
    """
    union_word: uint256 = self._party(union)
    if (
        (union_word >> words.PARTY_KIND_AT) & words.PARTY_KIND_MASK != words.PARTY_KIND_UNION
        or self._state(union_word) != words.PARTY_STATE_ACTIVE
    ):
        refusals._refuse(refusals.NOT_A_UNION)
    if parties._belongs(party_word, union, block.timestamp):
        refusals._refuse(refusals.UNION_MEMBERSHIP)
    for place: uint256 in range(4):
        if parties._union_in(party_word, place, block.timestamp) == 0:
            return self._touched(
                self._without(party_word, place)
                | (union << (words.PARTY_UNION_1_AT + words.PARTY_UNION_BITS * place))
            )
    refusals._refuse(refusals.UNION_MEMBERSHIP)
    return 0


@internal
@view
def _noticed(
    member_word: uint256, union: uint256, by_union: uint256, revokes: bool, effective: uint256
) -> uint256:
    """
    @notice Derive the word of a member that leaves a union or is ejected, at once or at the beginning of a day, or that stays after a notice.
    @dev The side that gave notice may revoke it, or move it to an earlier day. It cannot change the other side's notice, but may end at once.
    """
    for place: uint256 in range(4):
        if parties._union_in(member_word, place, block.timestamp) != union:
            continue
        leaves: uint256 = (
            member_word >> (words.PARTY_LEAVES_1_AT + words.PARTY_LEAVES_BITS * place)
        ) & words.PARTY_LEAVES_1_MASK
        others: bool = (member_word >> (words.PARTY_EJECTED_1_AT + place)) & 1 != by_union
        stays: uint256 = self._without(member_word, place) | (
            union << (words.PARTY_UNION_1_AT + words.PARTY_UNION_BITS * place)
        )
        if revokes:
            if leaves == 0 or others:
                refusals._refuse(refusals.UNION_MEMBERSHIP)
            return self._touched(stays)
        if effective == 0:
            return self._touched(self._without(member_word, place))
        day: uint256 = effective // DAY
        if (
            effective % DAY != 0
            or effective <= block.timestamp
            or effective > block.timestamp + LONGEST_NOTICE
            or (leaves != 0 and (others or day >= leaves))
        ):
            refusals._refuse(refusals.WRONG_DATE)
        return self._touched(
            stays
            | (day << (words.PARTY_LEAVES_1_AT + words.PARTY_LEAVES_BITS * place))
            | (by_union << (words.PARTY_EJECTED_1_AT + place))
        )
    refusals._refuse(refusals.UNION_MEMBERSHIP)
    return 0


@internal
@pure
def _without(party_word: uint256, place: uint256) -> uint256:
    """
    @notice Clear one of a party's four places: union, day of leaving, and who gave notice.
    """
    return party_word & ~(
        (words.PARTY_UNION_1_MASK << (words.PARTY_UNION_1_AT + words.PARTY_UNION_BITS * place))
        | (words.PARTY_LEAVES_1_MASK << (words.PARTY_LEAVES_1_AT + words.PARTY_LEAVES_BITS * place))
        | (1 << (words.PARTY_EJECTED_1_AT + place))
    )


@internal
def _set_register(party: uint256, party_word: uint256, detail: uint256):
    """
    @notice Open a register or add types in use. Mode, types and epoch never go back. A keyed type needs its check value first.
    """
    if (party_word >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 0:
        refusals._refuse(refusals.NO_REGISTER_KEPT)
    old: uint256 = self._word(words.TABLE_REGISTER, party)
    old_types: uint256 = (old >> words.REGISTER_TYPES_AT) & words.REGISTER_TYPES_MASK
    mode: uint256 = detail & words.REGISTER_MODE_MASK
    types: uint256 = (detail >> words.REGISTER_TYPES_AT) & words.REGISTER_TYPES_MASK
    epoch: uint256 = detail >> words.REGISTER_EPOCH_AT
    if (
        (mode != words.REGISTER_MODE_OPEN and mode != words.REGISTER_MODE_KEYED)
        or types == 0
        or epoch > words.REGISTER_EPOCH_MASK
        or (old != 0 and mode != old & words.REGISTER_MODE_MASK)
        or old_types & ~types != 0
        or epoch < (old >> words.REGISTER_EPOCH_AT) & words.REGISTER_EPOCH_MASK
    ):
        refusals._refuse(refusals.WRONG_REGISTER_WORD)
    if mode == words.REGISTER_MODE_KEYED:
        for certificate_type: uint256 in range(words.LAST_TYPE + 1):
            taken: bool = ((types & ~old_types) >> certificate_type) & 1 == 1
            if taken and self._word(words.TABLE_KEY_CHECK, (party << 8) | certificate_type) == 0:
                refusals._refuse(refusals.WRONG_KEY_CHECK)
    self._put(words.TABLE_REGISTER, party, detail | (block.timestamp << words.REGISTER_CHANGED_AT_AT))


@internal
def _set_key_check(party: uint256, certificate_type: uint256, check: uint256):
    """
    @notice Set the check value of a type's lookup key, before the type is used.
    """
    register_word: uint256 = self._word(words.TABLE_REGISTER, party)
    if (
        certificate_type > 15
        or register_word & words.REGISTER_MODE_MASK == words.REGISTER_MODE_OPEN
        or (register_word >> (words.REGISTER_TYPES_AT + certificate_type)) & 1 == 1
    ):
        refusals._refuse(refusals.WRONG_KEY_CHECK)
    self._put(words.TABLE_KEY_CHECK, (party << 8) | certificate_type, check)


@external
def freeze(act: messages.Freeze, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Freeze a party's publications. Any one of its operators signs. Restricting publications continue. Only its authority lifts the freeze.
    @param act The act. It has no serial. It names how many times a freeze was lifted, so that an old freeze does not work again.
    @param signed The operator's signature.
    """
    signatures._in_time(act.deadline)
    party: uint256 = convert(act.party, uint256)
    party_word: uint256 = self._party(party)
    if self._state(party_word) == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_EXPELLED)
    lifts: uint256 = (self._word(words.TABLE_OFFICE, party) >> words.OFFICE_LIFTS_AT) & words.OFFICE_LIFTS_MASK
    if (party_word >> words.PARTY_FROZEN_AT) & 1 == 1 or convert(act.lifts, uint256) != lifts:
        refusals._refuse(refusals.WRONG_FREEZE)
    message: bytes32 = keccak256(abi_encode(messages.FREEZE_HASH, act))
    signers: DynArray[address, MAX_OPERATORS] = signatures._signers(message, signed)
    if len(signers) == 0:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)
    self._require_key(
        convert(signers[0], uint256), party, party_word, words.KEY_ROLE_OPERATOR, refusals.SURPLUS_SIGNATURE
    )
    if len(signers) > 1:
        refusals._refuse(refusals.SURPLUS_SIGNATURE)
    self._put(words.TABLE_PARTY, party, party_word | (1 << words.PARTY_FROZEN_AT))
    self._extend(words.TABLE_PARTY_HEAD, party, message)


# ------------------------------------------------------------------ shared


@internal
@view
def _word(table: uint256, key: uint256) -> uint256:
    """
    @notice Read a word of the constitution.
    """
    return staticcall IConsortium(self.consortium).word(table, key)


@internal
def _put(table: uint256, key: uint256, fact: uint256):
    """
    @notice Let Consortium write a word of the constitution.
    """
    extcall IConsortium(self.consortium).put(table, key, fact)


@internal
def _extend(table: uint256, key: uint256, happened: bytes32):
    """
    @notice Let Consortium chain an act into a history.
    """
    extcall IConsortium(self.consortium).extend(table, key, happened)


@internal
@view
def _superseded() -> bool:
    """
    @notice Tell whether the date has come from which another ledger supersedes this one.
    """
    succession: uint256 = self._word(words.TABLE_SUCCESSION, 0)
    return succession != 0 and block.timestamp >= succession >> words.SUCCESSION_EFFECTIVE_AT


@internal
@view
def _party(number: uint256) -> uint256:
    """
    @notice Read the word of an existing party.
    """
    party_word: uint256 = self._word(words.TABLE_PARTY, number)
    if party_word == 0:
        refusals._refuse(refusals.NO_SUCH_PARTY)
    return party_word


@internal
@view
def _state(party_word: uint256) -> uint256:
    """
    @notice Read a party's state now.
    """
    return parties._state(party_word, block.timestamp)


@internal
@view
def _touched(party_word: uint256) -> uint256:
    """
    @notice Record that a party's state, unions or keeps-a-register changed. The count stops at its maximum.
    """
    changes: uint256 = min(
        ((party_word >> words.PARTY_CHANGES_AT) & words.PARTY_CHANGES_MASK) + 1, words.PARTY_CHANGES_MASK
    )
    cleared: uint256 = party_word & ~(
        (words.PARTY_CHANGED_AT_MASK << words.PARTY_CHANGED_AT_AT) | (words.PARTY_CHANGES_MASK << words.PARTY_CHANGES_AT)
    )
    return cleared | (block.timestamp << words.PARTY_CHANGED_AT_AT) | (changes << words.PARTY_CHANGES_AT)


@internal
def _retire(key: uint256):
    """
    @notice Record that an address no longer serves. Its word stays.
    """
    self._put(
        words.TABLE_KEY, key, self._word(words.TABLE_KEY, key) | (block.timestamp << words.KEY_RETIRED_AT_AT)
    )


@internal
@view
def _require_key(key: uint256, party: uint256, party_word: uint256, role: uint256, otherwise: uint256):
    """
    @notice Refuse an address that does not serve a party in a role now.
    """
    if not parties._serves(self._word(words.TABLE_KEY, key), party, party_word, role):
        refusals._refuse(otherwise)


@internal
@view
def _signers(
    message: bytes32, signed: DynArray[signatures.Signature, MAX_SIGNATURES], cosigner: address
) -> DynArray[address, MAX_SIGNATURES]:
    """
    @notice Recover the signers, ascending, without a new key that must sign too.
    """
    digest: bytes32 = signatures._digest(message)
    signers: DynArray[address, MAX_SIGNATURES] = []
    previous: address = empty(address)
    consent: bool = cosigner == empty(address)
    for signature: signatures.Signature in signed:
        previous = signatures._signer(digest, signature, previous)
        if previous == cosigner:
            consent = True
        else:
            signers.append(previous)
    if not consent:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)
    return signers
