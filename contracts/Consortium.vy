# pragma version 0.4.3
"""
@title Consortium
@notice The constitution: who may act, and who recognises whom. Parties, keys, seats, resolutions, validators, arrangements, recognitions.
        No owner, no proxy, no immutables. It is also the QBFT validator contract of its own chain.
@dev How is it stopped? It is not. Two thirds of the seats may name a successor; from then on only acts that restrict are accepted.
     Every word lives in `tables` and every write is logged, so whoever has the logs can rebuild the storage and compare its root.
     Order of checks in every act: deadline, form, party, serial or number, signatures, right to sign, the act's own rules.
"""

import messages
import refusals
import signatures
import words

MAX_PARTIES: constant(uint256) = 255
MAX_VALIDATORS: constant(uint256) = 128
MAX_SIGNATURES: constant(uint256) = 171  # two thirds of 255 seats, and a co-signature
MAX_RECOGNITIONS: constant(uint256) = 32
MAX_SIGNATORIES: constant(uint256) = 64
MAX_OPERATORS: constant(uint256) = 16  # that sign one act
MAX_LANES: constant(uint256) = 16
LONGEST_SUSPENSION: constant(uint256) = 366 * 86_400  # seconds
CHANGES_MASK: constant(uint256) = words.PARTY_CHANGES_MASK << words.PARTY_CHANGES_AT
CHANGED_MASK: constant(uint256) = words.PARTY_CHANGED_AT_MASK << words.PARTY_CHANGED_AT_AT

# Which members of a resolution each act uses, a bit for each act.
RESOLUTION_KEY: constant(uint256) = (
    (1 << words.RESOLUTION_ACT_ADMIT)
    | (1 << words.RESOLUTION_ACT_REPLACE_AUTHORITY)
    | (1 << words.RESOLUTION_ACT_SEAT_VALIDATOR)
    | (1 << words.RESOLUTION_ACT_UNSEAT_VALIDATOR)
    | (1 << words.RESOLUTION_ACT_SUPERSEDE)
)
RESOLUTION_DETAIL: constant(uint256) = (1 << words.RESOLUTION_ACT_ADMIT) | (1 << words.RESOLUTION_ACT_SUPERSEDE)
RESOLUTION_AMOUNT: constant(uint256) = (1 << words.RESOLUTION_ACT_SUSPEND) | (1 << words.RESOLUTION_ACT_SUPERSEDE)
RESOLUTION_COSIGNED: constant(uint256) = (
    (1 << words.RESOLUTION_ACT_ADMIT)
    | (1 << words.RESOLUTION_ACT_REPLACE_AUTHORITY)
    | (1 << words.RESOLUTION_ACT_SEAT_VALIDATOR)
)
RESOLUTION_AFTER_SUCCESSION: constant(uint256) = (
    (1 << words.RESOLUTION_ACT_SUSPEND)
    | (1 << words.RESOLUTION_ACT_EXPEL)
    | (1 << words.RESOLUTION_ACT_REPLACE_AUTHORITY)
    | (1 << words.RESOLUTION_ACT_SEAT_VALIDATOR)
    | (1 << words.RESOLUTION_ACT_UNSEAT_VALIDATOR)
)

# The same for the acts of a party.
PARTY_ACT_KEY: constant(uint256) = (
    (1 << words.PARTY_ACT_KIND_ROTATE_AUTHORITY)
    | (1 << words.PARTY_ACT_KIND_ADD_OPERATOR)
    | (1 << words.PARTY_ACT_KIND_RETIRE_OPERATOR)
)
PARTY_ACT_DETAIL: constant(uint256) = (
    (1 << words.PARTY_ACT_KIND_SET_THRESHOLD)
    | (1 << words.PARTY_ACT_KIND_SET_DISCLOSURE_KEY)
    | (1 << words.PARTY_ACT_KIND_SET_CERTIFICATE)
    | (1 << words.PARTY_ACT_KIND_JOIN_UNION)
    | (1 << words.PARTY_ACT_KIND_LEAVE_UNION)
    | (1 << words.PARTY_ACT_KIND_SET_REGISTER)
    | (1 << words.PARTY_ACT_KIND_SET_KEY_CHECK)
)
PARTY_ACT_COSIGNED: constant(uint256) = (
    (1 << words.PARTY_ACT_KIND_ROTATE_AUTHORITY) | (1 << words.PARTY_ACT_KIND_ADD_OPERATOR)
)
PARTY_ACT_NOT_SUSPENDED: constant(uint256) = (
    (1 << words.PARTY_ACT_KIND_ROTATE_AUTHORITY)
    | (1 << words.PARTY_ACT_KIND_CANCEL_REPLACEMENT)
    | (1 << words.PARTY_ACT_KIND_JOIN_UNION)
    | (1 << words.PARTY_ACT_KIND_SET_REGISTER)
    | (1 << words.PARTY_ACT_KIND_SET_KEY_CHECK)
)
PARTY_ACT_NOT_SUPERSEDED: constant(uint256) = (
    (1 << words.PARTY_ACT_KIND_JOIN_UNION)
    | (1 << words.PARTY_ACT_KIND_SET_REGISTER)
    | (1 << words.PARTY_ACT_KIND_SET_KEY_CHECK)
)

RESTRICTING: constant(uint256) = (
    (1 << words.EVENT_KIND_SUSPEND)
    | (1 << words.EVENT_KIND_REVOKE)
    | (1 << words.EVENT_KIND_WITHDRAW)
    | (1 << words.EVENT_KIND_ANNUL)
)
BY_OPERATORS: constant(uint256) = RESTRICTING | (
    (1 << words.EVENT_KIND_GRANT)
    | (1 << words.EVENT_KIND_AMEND)
    | (1 << words.EVENT_KIND_REASSESS)
    | (1 << words.EVENT_KIND_REINSTATE)
)


struct Founder:
    word: uint256
    authority: address
    register: uint256


struct Assignment:
    party: uint16
    key: address


event Written:
    table: indexed(uint256)
    key: indexed(uint256)
    word: uint256


event EnvelopeSent:
    register: indexed(uint256)
    recipient: indexed(uint256)
    epoch: uint256
    sealed: Bytes[4096]


tables: HashMap[uint256, HashMap[uint256, uint256]]


@deploy
def __init__(
    founders: DynArray[Founder, 255],
    operators: DynArray[Assignment, 512],
    validators: DynArray[Assignment, 128],
    minimum_validators: uint16,
    replacement_delay: uint32,
):
    """
    @notice Write the first parties, keys and validators: a genesis that everybody pins, so nothing here is signed.
    @param founders Party words (numbers from 1), their 20-byte authorities, their register words (0: not opened).
    @param operators Hot keys, each with its party's number.
    @param validators Nodes that seal, each with its party's number.
    @param minimum_validators The fewest that may ever be seated.
    @param replacement_delay Seconds between a resolution that replaces a lost authority and its completion.
    """
    number: uint256 = 0
    for founder: Founder in founders:
        number += 1
        if (founder.word >> words.PARTY_THRESHOLD_AT) & words.PARTY_THRESHOLD_MASK == 0:
            refusals._refuse(refusals.WRONG_THRESHOLD)  # anybody could publish for it
        self._put(words.TABLE_PARTY, number, founder.word)
        self._put(words.TABLE_AUTHORITY, number, convert(founder.authority, uint256))
        self._enlist(founder.authority, number, words.KEY_ROLE_AUTHORITY)
        if founder.register != 0:
            self._put(words.TABLE_REGISTER, number, founder.register)
        self._extend(
            words.TABLE_PARTY_HEAD,
            number,
            keccak256(abi_encode(messages.FOUNDING_HASH, number, founder.word, founder.authority)),
        )
    for operator: Assignment in operators:
        self._enlist(operator.key, convert(operator.party, uint256), words.KEY_ROLE_OPERATOR)
    position: uint256 = 0
    for validator: Assignment in validators:
        position += 1
        party: uint256 = convert(validator.party, uint256)
        self._enlist(validator.key, party, words.KEY_ROLE_NODE)
        self._put(
            words.TABLE_VALIDATOR, position, convert(validator.key, uint256) | (party << words.VALIDATOR_PARTY_AT)
        )
    self._put(words.TABLE_VALIDATOR, 0, position)
    self._put(
        words.TABLE_GOVERNANCE,
        0,
        number
        | (convert(minimum_validators, uint256) << words.GOVERNANCE_MINIMUM_VALIDATORS_AT)
        | (convert(replacement_delay, uint256) << words.GOVERNANCE_REPLACEMENT_DELAY_AT),
    )


# ------------------------------------------------------------------ reading


@external
@view
def word(table: uint256, key: uint256) -> uint256:
    """
    @notice Read one word.
    @param table Number of the table.
    @param key Key in the table.
    """
    return self.tables[table][key]


@external
@view
def getValidators() -> DynArray[address, MAX_VALIDATORS]:
    """
    @notice Name the nodes that may seal the next block: what QBFT in contract mode asks.
    """
    nodes: DynArray[address, MAX_VALIDATORS] = []
    count: uint256 = self.tables[words.TABLE_VALIDATOR][0]
    for position: uint256 in range(1, count + 1, bound=MAX_VALIDATORS):
        nodes.append(convert(self.tables[words.TABLE_VALIDATOR][position] & words.VALIDATOR_NODE_MASK, address))
    return nodes


@external
@view
def authorise(
    register: uint256, issuer: uint256, former: uint256, capacity: uint256, signers: DynArray[address, MAX_OPERATORS]
) -> uint256:
    """
    @notice Say what these signers may publish: asked once a publication.
    @param register Number of the register.
    @param issuer Number of the party whose standings change (the new one in a transfer).
    @param former Number of the old issuer in a transfer, else 0.
    @param capacity In which capacity the publication is signed.
    @param signers 20-byte addresses that signed, ascending.
    @return Types in use (bits 0 to 15), kinds of event allowed (bits 16 to 31), code for those that are not (from bit 32).
    """
    if (former != 0) != (capacity == words.CAPACITY_TRANSFER):
        refusals._refuse(refusals.WRONG_MEMBERS)
    register_word: uint256 = self.tables[words.TABLE_REGISTER][register]
    if register_word == 0:
        refusals._refuse(refusals.REGISTER_NOT_OPENED)
    holder: uint256 = self.tables[words.TABLE_PARTY][register]
    issuer_word: uint256 = holder
    if issuer != register:
        issuer_word = self._party(issuer)
    if self._state(holder) == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_GONE)
    gone: bool = self._gone(issuer, issuer_word, register)

    kinds: uint256 = 0
    why: uint256 = refusals.WRONG_CAPACITY
    favours: bool = self._state(issuer_word) == words.PARTY_STATE_ACTIVE
    if capacity == words.CAPACITY_OPERATORS:
        if gone:
            refusals._refuse(refusals.PARTY_GONE)
        self._operators(issuer, issuer_word, signers)
        kinds = BY_OPERATORS
    elif capacity == words.CAPACITY_AUTHORITY:
        if gone:
            self._sole(signers, register)
            kinds = RESTRICTING
        else:
            self._sole(signers, issuer)
            kinds = 1 << words.EVENT_KIND_RESTORE
    elif capacity == words.CAPACITY_TRANSFER:
        if gone:
            refusals._refuse(refusals.PARTY_GONE)
        favours = self._transferors(register, holder, issuer, issuer_word, former, signers) and favours
        kinds = 1 << words.EVENT_KIND_TRANSFER
    else:
        refusals._refuse(refusals.WRONG_CAPACITY)

    if not (holder >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 1:
        kinds &= RESTRICTING
        why = refusals.NO_REGISTER_KEPT
    if not favours and not gone:
        kinds &= RESTRICTING
        why = refusals.PARTY_SUSPENDED
    if self.tables[words.TABLE_SUCCESSION][0] != 0:
        kinds &= RESTRICTING
        why = refusals.SUPERSEDED
    return ((register_word >> words.REGISTER_TYPES_AT) & words.REGISTER_TYPES_MASK) | (kinds << 16) | (why << 32)


@external
@view
def authorise_alias(recogniser: uint256, favour: bool, signers: DynArray[address, MAX_OPERATORS]) -> bool:
    """
    @notice Refuse unless these signers may bind aliases for a recogniser; else true.
    @param recogniser Number of the party that uses the alias.
    @param favour Whether a binding is made (false: cleared).
    @param signers 20-byte addresses that signed, ascending.
    """
    party_word: uint256 = self._standing(recogniser, favour)
    self._operators(recogniser, party_word, signers)
    return True


# ------------------------------------------------------------------ governance


@external
def resolve(
    resolution: messages.Resolution, signed: DynArray[signatures.Signature, MAX_SIGNATURES]
):
    """
    @notice Carry out what two thirds of the seats decide.
    @param resolution The act, numbered.
    @param signed Signatures of seated authorities, and of the new key where there is one; ascending by signer.
    """
    if convert(resolution.deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    act: uint256 = convert(resolution.act, uint256)
    if act == 0 or act > words.RESOLUTION_ACT_SUPERSEDE:
        refusals._refuse(refusals.UNKNOWN_ACT)
    if (
        ((RESOLUTION_KEY >> act) & 1 == 1) != (resolution.key != empty(address))
        or ((RESOLUTION_DETAIL >> act) & 1 == 1) != (resolution.detail != empty(bytes32))
        or ((RESOLUTION_AMOUNT >> act) & 1 == 1) != (resolution.amount != 0)
        or (act != words.RESOLUTION_ACT_SUPERSEDE) != (resolution.party != 0)
    ):
        refusals._refuse(refusals.WRONG_MEMBERS)
    party: uint256 = convert(resolution.party, uint256)
    party_word: uint256 = 0
    if act != words.RESOLUTION_ACT_ADMIT and act != words.RESOLUTION_ACT_SUPERSEDE:
        party_word = self._party(party)
        if act != words.RESOLUTION_ACT_UNSEAT_VALIDATOR and self._state(party_word) == words.PARTY_STATE_EXPELLED:
            refusals._refuse(refusals.PARTY_EXPELLED)
    governance: uint256 = self.tables[words.TABLE_GOVERNANCE][0]
    number: uint256 = ((governance >> words.GOVERNANCE_RESOLUTIONS_AT) & words.GOVERNANCE_RESOLUTIONS_MASK) + 1
    if convert(resolution.number, uint256) != number:
        refusals._refuse(refusals.WRONG_NUMBER)
    if self.tables[words.TABLE_SUCCESSION][0] != 0 and (RESOLUTION_AFTER_SUCCESSION >> act) & 1 == 0:
        refusals._refuse(refusals.SUPERSEDED)

    message: bytes32 = keccak256(abi_encode(messages.RESOLUTION_HASH, resolution))
    self._vote(message, signed, resolution.key, (RESOLUTION_COSIGNED >> act) & 1 == 1)
    self._put(
        words.TABLE_GOVERNANCE,
        0,
        (governance & ~(words.GOVERNANCE_RESOLUTIONS_MASK << words.GOVERNANCE_RESOLUTIONS_AT))
        | (number << words.GOVERNANCE_RESOLUTIONS_AT),
    )

    if act == words.RESOLUTION_ACT_SUPERSEDE:
        self._put(
            words.TABLE_SUCCESSION,
            0,
            convert(resolution.key, uint256) | (block.timestamp << words.SUCCESSION_SUPERSEDED_AT_AT),
        )
        self._put(words.TABLE_SUCCESSION, 1, convert(resolution.detail, uint256))
        self._put(words.TABLE_SUCCESSION, 2, convert(resolution.amount, uint256))
        return
    if act == words.RESOLUTION_ACT_ADMIT:
        self._admit(party, convert(resolution.detail, uint256), resolution.key)
    elif act == words.RESOLUTION_ACT_REPLACE_AUTHORITY:
        self._begin_replacement(party, resolution.key)
    elif act == words.RESOLUTION_ACT_SEAT_VALIDATOR:
        self._seat(party, resolution.key)
    elif act == words.RESOLUTION_ACT_UNSEAT_VALIDATOR:
        self._unseat(party, resolution.key)
    else:
        self._alter(party, party_word, act, convert(resolution.amount, uint256))
    self._extend(words.TABLE_PARTY_HEAD, party, message)
    seats: uint256 = 0
    active: uint256 = 0
    seats, active = self._seats()
    if active == 0 or active < (2 * seats + 2) // 3:
        refusals._refuse(refusals.TOO_FEW_SEATS_LEFT)


@internal
@view
def _vote(
    message: bytes32,
    signed: DynArray[signatures.Signature, MAX_SIGNATURES],
    key: address,
    cosigned: bool,
):
    """
    @notice Refuse unless two thirds of the seats signed, and the new key where there is one, and nobody else.
    """
    digest: bytes32 = signatures._digest(message)
    previous: address = empty(address)
    votes: uint256 = 0
    consent: bool = not cosigned
    for signature: signatures.Signature in signed:
        previous = signatures._signer(digest, signature, previous)
        if not consent and previous == key:
            consent = True
        else:
            party_word: uint256 = self.tables[words.TABLE_PARTY][self._authority_of(previous)]
            if (party_word >> words.PARTY_SEAT_AT) & 1 == 0 or self._state(party_word) != words.PARTY_STATE_ACTIVE:
                refusals._refuse(refusals.SURPLUS_SIGNATURE)
            votes += 1
    seats: uint256 = 0
    active: uint256 = 0
    seats, active = self._seats()
    if not consent or votes == 0 or votes < (2 * seats + 2) // 3:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _seats() -> (uint256, uint256):
    """
    @notice Count the seats of parties not expelled, and those of them that may vote now.
    """
    seats: uint256 = 0
    active: uint256 = 0
    parties: uint256 = self.tables[words.TABLE_GOVERNANCE][0] & words.GOVERNANCE_PARTIES_MASK
    for party: uint256 in range(1, parties + 1, bound=MAX_PARTIES):
        party_word: uint256 = self.tables[words.TABLE_PARTY][party]
        if (party_word >> words.PARTY_SEAT_AT) & 1 == 1:
            state: uint256 = self._state(party_word)
            if state != words.PARTY_STATE_EXPELLED:
                seats += 1
            if state == words.PARTY_STATE_ACTIVE:
                active += 1
    return seats, active


@internal
def _admit(party: uint256, detail: uint256, authority: address):
    """
    @notice Admit a party under the next number. The detail is its word: code, kind, seat and keeps-a-register, the rest 0.
    """
    governance: uint256 = self.tables[words.TABLE_GOVERNANCE][0]
    parties: uint256 = governance & words.GOVERNANCE_PARTIES_MASK
    if party != parties + 1 or party > MAX_PARTIES:
        refusals._refuse(refusals.WRONG_PARTY_NUMBER)
    code: uint256 = detail & words.PARTY_CODE_MASK
    kind: uint256 = (detail >> words.PARTY_KIND_AT) & words.PARTY_KIND_MASK
    flags: uint256 = detail & ((1 << words.PARTY_SEAT_AT) | (1 << words.PARTY_KEEPS_REGISTER_AT))
    if (
        detail != (code | (kind << words.PARTY_KIND_AT) | flags)
        or (kind != words.PARTY_KIND_ADMINISTRATION and kind != words.PARTY_KIND_UNION)
    ):
        refusals._refuse(refusals.WRONG_PARTY_CODE)
    ended: bool = False
    for position: uint256 in range(6):
        letter: uint256 = (code >> (8 * (5 - position))) & 255
        if letter == 0 and position >= 2:
            ended = True
        elif ended or letter < 65 or letter > 90:
            refusals._refuse(refusals.WRONG_PARTY_CODE)
    for other: uint256 in range(1, parties + 1, bound=MAX_PARTIES):
        other_word: uint256 = self.tables[words.TABLE_PARTY][other]
        if other_word & words.PARTY_CODE_MASK == code and self._state(other_word) != words.PARTY_STATE_EXPELLED:
            refusals._refuse(refusals.WRONG_PARTY_CODE)
    self._put(words.TABLE_GOVERNANCE, 0, governance + 1)
    self._enlist(authority, party, words.KEY_ROLE_AUTHORITY)
    self._put(words.TABLE_AUTHORITY, party, convert(authority, uint256))
    self._put(
        words.TABLE_PARTY,
        party,
        detail
        | (words.PARTY_STATE_ACTIVE << words.PARTY_STATE_AT)
        | (1 << words.PARTY_THRESHOLD_AT)
        | (block.timestamp << words.PARTY_CHANGED_AT_AT),
    )


@internal
def _alter(party: uint256, party_word: uint256, act: uint256, until: uint256):
    """
    @notice Give or take a seat or a register, suspend, reinstate, expel.
    """
    altered: uint256 = party_word
    state: uint256 = self._state(party_word)
    if act == words.RESOLUTION_ACT_GIVE_SEAT or act == words.RESOLUTION_ACT_TAKE_SEAT:
        altered ^= 1 << words.PARTY_SEAT_AT
        if ((altered >> words.PARTY_SEAT_AT) & 1 == 1) != (act == words.RESOLUTION_ACT_GIVE_SEAT):
            refusals._refuse(refusals.NO_CHANGE)
        self._put(words.TABLE_PARTY, party, altered)
        return
    if act == words.RESOLUTION_ACT_GIVE_REGISTER or act == words.RESOLUTION_ACT_TAKE_REGISTER:
        altered ^= 1 << words.PARTY_KEEPS_REGISTER_AT
        if ((altered >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 1) != (act == words.RESOLUTION_ACT_GIVE_REGISTER):
            refusals._refuse(refusals.NO_CHANGE)
    else:
        altered &= ~(
            (words.PARTY_STATE_MASK << words.PARTY_STATE_AT)
            | (words.PARTY_SUSPENDED_UNTIL_MASK << words.PARTY_SUSPENDED_UNTIL_AT)
        )
        if act == words.RESOLUTION_ACT_SUSPEND:
            if until <= block.timestamp or until > block.timestamp + LONGEST_SUSPENSION:
                refusals._refuse(refusals.WRONG_SUSPENSION)
            altered |= (words.PARTY_STATE_SUSPENDED << words.PARTY_STATE_AT) | (
                until << words.PARTY_SUSPENDED_UNTIL_AT
            )
        elif act == words.RESOLUTION_ACT_REINSTATE:
            if state != words.PARTY_STATE_SUSPENDED:
                refusals._refuse(refusals.NO_CHANGE)
            altered |= words.PARTY_STATE_ACTIVE << words.PARTY_STATE_AT
        else:
            altered |= words.PARTY_STATE_EXPELLED << words.PARTY_STATE_AT
    self._put(words.TABLE_PARTY, party, self._touched(altered))


@internal
def _begin_replacement(party: uint256, key: address):
    """
    @notice Begin to replace a lost authority; the new key waits.
    """
    if self.tables[words.TABLE_REPLACEMENT][party] != 0:
        refusals._refuse(refusals.REPLACEMENT_PENDING)
    if self.tables[words.TABLE_KEY][convert(key, uint256)] != 0:
        refusals._refuse(refusals.KEY_ALREADY_USED)
    self._put(words.TABLE_KEY, convert(key, uint256), party | (words.KEY_ROLE_AUTHORITY << words.KEY_ROLE_AT))
    governance: uint256 = self.tables[words.TABLE_GOVERNANCE][0]
    delay: uint256 = (governance >> words.GOVERNANCE_REPLACEMENT_DELAY_AT) & words.GOVERNANCE_REPLACEMENT_DELAY_MASK
    self._put(
        words.TABLE_REPLACEMENT,
        party,
        convert(key, uint256) | ((block.timestamp + delay) << words.REPLACEMENT_READY_AT_AT),
    )


@external
def complete_replacement(party: uint16):
    """
    @notice Complete the replacement of a lost authority once the delay has passed; anyone may. Its event hash is the new key.
    @param party Number of the party.
    """
    number: uint256 = convert(party, uint256)
    party_word: uint256 = self._party(number)
    if self._state(party_word) == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_EXPELLED)
    pending: uint256 = self.tables[words.TABLE_REPLACEMENT][number]
    if pending == 0:
        refusals._refuse(refusals.NO_REPLACEMENT)
    if block.timestamp < pending >> words.REPLACEMENT_READY_AT_AT:
        refusals._refuse(refusals.NOT_YET)
    key: uint256 = pending & words.REPLACEMENT_KEY_MASK
    self._put(words.TABLE_REPLACEMENT, number, 0)
    self._put(
        words.TABLE_KEY,
        key,
        self.tables[words.TABLE_KEY][key] | (block.timestamp << words.KEY_ADDED_AT_AT),
    )
    self._retire(self.tables[words.TABLE_AUTHORITY][number])
    self._put(words.TABLE_AUTHORITY, number, key)
    self._extend(words.TABLE_PARTY_HEAD, number, convert(key, bytes32))


@internal
def _validators_change():
    """
    @notice Let validators change one at a time, two blocks apart: so a hand-over proof can follow every step.
    """
    governance: uint256 = self.tables[words.TABLE_GOVERNANCE][0]
    last: uint256 = governance >> words.GOVERNANCE_VALIDATORS_CHANGED_IN_AT
    if last != 0 and block.number < last + 2:
        refusals._refuse(refusals.VALIDATORS_TOO_SOON)
    self._put(
        words.TABLE_GOVERNANCE,
        0,
        (governance & ((1 << words.GOVERNANCE_VALIDATORS_CHANGED_IN_AT) - 1))
        | (block.number << words.GOVERNANCE_VALIDATORS_CHANGED_IN_AT),
    )


@internal
def _seat(party: uint256, node: address):
    """
    @notice Seat a validator: two for a party at most, a node that was unseated again only for its own party.
    """
    self._validators_change()
    count: uint256 = self.tables[words.TABLE_VALIDATOR][0]
    if count == MAX_VALIDATORS:
        refusals._refuse(refusals.TOO_MANY_VALIDATORS)
    of_party: uint256 = 0
    for position: uint256 in range(1, count + 1, bound=MAX_VALIDATORS):
        seated: uint256 = self.tables[words.TABLE_VALIDATOR][position]
        if seated & words.VALIDATOR_NODE_MASK == convert(node, uint256):
            refusals._refuse(refusals.VALIDATOR_SET)
        if seated >> words.VALIDATOR_PARTY_AT == party:
            of_party += 1
    if of_party >= 2:
        refusals._refuse(refusals.VALIDATOR_SET)
    key_word: uint256 = self.tables[words.TABLE_KEY][convert(node, uint256)]
    if key_word == 0:
        self._enlist(node, party, words.KEY_ROLE_NODE)
    else:
        if key_word & ((1 << words.KEY_ADDED_AT_AT) - 1) != party | (words.KEY_ROLE_NODE << words.KEY_ROLE_AT):
            refusals._refuse(refusals.KEY_ALREADY_USED)
        self._put(words.TABLE_KEY, convert(node, uint256), key_word & ((1 << words.KEY_RETIRED_AT_AT) - 1))
    self._put(words.TABLE_VALIDATOR, count + 1, convert(node, uint256) | (party << words.VALIDATOR_PARTY_AT))
    self._put(words.TABLE_VALIDATOR, 0, count + 1)


@internal
def _unseat(party: uint256, node: address):
    """
    @notice Unseat a validator; the last one takes its place in the list.
    """
    self._validators_change()
    count: uint256 = self.tables[words.TABLE_VALIDATOR][0]
    governance: uint256 = self.tables[words.TABLE_GOVERNANCE][0]
    minimum: uint256 = (
        governance >> words.GOVERNANCE_MINIMUM_VALIDATORS_AT
    ) & words.GOVERNANCE_MINIMUM_VALIDATORS_MASK
    if count <= 1 or count - 1 < minimum:
        refusals._refuse(refusals.TOO_FEW_VALIDATORS)
    seated: uint256 = convert(node, uint256) | (party << words.VALIDATOR_PARTY_AT)
    found: uint256 = 0
    for position: uint256 in range(1, count + 1, bound=MAX_VALIDATORS):
        if self.tables[words.TABLE_VALIDATOR][position] == seated:
            found = position
    if found == 0:
        refusals._refuse(refusals.VALIDATOR_SET)
    if found != count:
        self._put(words.TABLE_VALIDATOR, found, self.tables[words.TABLE_VALIDATOR][count])
    self._put(words.TABLE_VALIDATOR, count, 0)
    self._put(words.TABLE_VALIDATOR, 0, count - 1)
    self._retire(convert(node, uint256))


# ------------------------------------------------------------------ a party alone


@external
def act(act: messages.PartyAct, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Carry out what a party decides alone, by its authority.
    @param act The act, with the party's serial.
    @param signed The authority's signature; also the new key's, or the union's authority's to join one. Ascending by signer.
    """
    if convert(act.deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    kind: uint256 = convert(act.act, uint256)
    if kind == 0 or kind > words.PARTY_ACT_KIND_SET_KEY_CHECK:
        refusals._refuse(refusals.UNKNOWN_ACT)
    if (
        ((PARTY_ACT_KEY >> kind) & 1 == 1) != (act.key != empty(address))
        or ((PARTY_ACT_DETAIL >> kind) & 1 == 1) != (act.detail != 0)
        or (kind != words.PARTY_ACT_KIND_SET_KEY_CHECK and act.certificate_type != 0)
    ):
        refusals._refuse(refusals.WRONG_MEMBERS)
    party: uint256 = convert(act.party, uint256)
    party_word: uint256 = self._party(party)
    state: uint256 = self._state(party_word)
    if state == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_EXPELLED)
    if state == words.PARTY_STATE_SUSPENDED and (PARTY_ACT_NOT_SUSPENDED >> kind) & 1 == 1:
        refusals._refuse(refusals.PARTY_SUSPENDED)
    if self.tables[words.TABLE_SUCCESSION][0] != 0 and (PARTY_ACT_NOT_SUPERSEDED >> kind) & 1 == 1:
        refusals._refuse(refusals.SUPERSEDED)
    party_word = self._next(party_word, convert(act.serial, uint256))

    message: bytes32 = keccak256(abi_encode(messages.PARTY_ACT_HASH, act))
    signers: DynArray[address, MAX_OPERATORS] = self._signers(message, signed)
    self._consent(signers, party, kind, act.key, act.detail)

    if kind == words.PARTY_ACT_KIND_ROTATE_AUTHORITY:
        self._enlist(act.key, party, words.KEY_ROLE_AUTHORITY)
        self._retire(self.tables[words.TABLE_AUTHORITY][party])
        self._put(words.TABLE_AUTHORITY, party, convert(act.key, uint256))
        if self.tables[words.TABLE_REPLACEMENT][party] != 0:
            self._cancel(party)
    elif kind == words.PARTY_ACT_KIND_ADD_OPERATOR:
        self._enlist(act.key, party, words.KEY_ROLE_OPERATOR)
        if (party_word >> words.PARTY_OPERATORS_AT) & words.PARTY_OPERATORS_MASK == words.PARTY_OPERATORS_MASK:
            refusals._refuse(refusals.WRONG_THRESHOLD)
        party_word += 1 << words.PARTY_OPERATORS_AT
    elif kind == words.PARTY_ACT_KIND_RETIRE_OPERATOR:
        if not self._operates(act.key, party):
            refusals._refuse(refusals.NOT_AN_OPERATOR)
        self._retire(convert(act.key, uint256))
        party_word -= 1 << words.PARTY_OPERATORS_AT
    elif kind == words.PARTY_ACT_KIND_SET_THRESHOLD:
        operators: uint256 = (party_word >> words.PARTY_OPERATORS_AT) & words.PARTY_OPERATORS_MASK
        if act.detail > operators or act.detail > MAX_OPERATORS:
            refusals._refuse(refusals.WRONG_THRESHOLD)
        party_word = (party_word & ~(words.PARTY_THRESHOLD_MASK << words.PARTY_THRESHOLD_AT)) | (
            act.detail << words.PARTY_THRESHOLD_AT
        )
    elif kind == words.PARTY_ACT_KIND_SET_DISCLOSURE_KEY:
        self._put(words.TABLE_DISCLOSURE_KEY, party, act.detail)
    elif kind == words.PARTY_ACT_KIND_SET_CERTIFICATE:
        self._put(words.TABLE_CERTIFICATE, party, act.detail)
    elif kind == words.PARTY_ACT_KIND_CANCEL_REPLACEMENT:
        if self.tables[words.TABLE_REPLACEMENT][party] == 0:
            refusals._refuse(refusals.NO_REPLACEMENT)
        self._cancel(party)
    elif kind == words.PARTY_ACT_KIND_SET_REGISTER:
        self._set_register(party, party_word, act.detail)
    elif kind == words.PARTY_ACT_KIND_SET_KEY_CHECK:
        self._set_key_check(party, convert(act.certificate_type, uint256), act.detail)
    else:
        party_word = self._touched(self._with_union(party, party_word, kind, act.detail))
    self._put(words.TABLE_PARTY, party, party_word)
    self._extend(words.TABLE_PARTY_HEAD, party, message)


@internal
@view
def _consent(
    signers: DynArray[address, MAX_OPERATORS], party: uint256, kind: uint256, key: address, detail: uint256
):
    """
    @notice Refuse unless exactly those signed whom the act needs.
    """
    authority: address = convert(self.tables[words.TABLE_AUTHORITY][party], address)
    second: address = empty(address)
    if (PARTY_ACT_COSIGNED >> kind) & 1 == 1:
        second = key
    elif kind == words.PARTY_ACT_KIND_JOIN_UNION:
        second = convert(self.tables[words.TABLE_AUTHORITY][detail], address)
    elif kind == words.PARTY_ACT_KIND_LEAVE_UNION and len(signers) == 1 and signers[0] != authority:
        authority = convert(self.tables[words.TABLE_AUTHORITY][detail], address)
    needed: uint256 = 1
    if second != empty(address):
        needed = 2
    for signer: address in signers:
        if signer != authority and signer != second:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
    if len(signers) != needed:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _with_union(party: uint256, party_word: uint256, kind: uint256, union: uint256) -> uint256:
    """
    @notice Derive the word of a party that joins or leaves a union.
    """
    if union == party or union > MAX_PARTIES:
        refusals._refuse(refusals.NOT_A_UNION)
    member: bool = self._of_union(party_word, union)
    if kind == words.PARTY_ACT_KIND_JOIN_UNION:
        union_word: uint256 = self._party(union)
        if (
            (union_word >> words.PARTY_KIND_AT) & words.PARTY_KIND_MASK != words.PARTY_KIND_UNION
            or self._state(union_word) != words.PARTY_STATE_ACTIVE
        ):
            refusals._refuse(refusals.NOT_A_UNION)
    if member == (kind == words.PARTY_ACT_KIND_JOIN_UNION):
        refusals._refuse(refusals.UNION_MEMBERSHIP)
    sought: uint256 = 0
    if kind == words.PARTY_ACT_KIND_LEAVE_UNION:
        sought = union
    for place: uint256 in range(4):
        at: uint256 = words.PARTY_UNION_1_AT + 8 * place
        if (party_word >> at) & 255 == sought:
            return party_word ^ (union << at)
    refusals._refuse(refusals.UNION_MEMBERSHIP)
    return 0


@internal
def _set_register(party: uint256, party_word: uint256, detail: uint256):
    """
    @notice Open a register or take further types into use. Mode, types and epoch never go back.
    """
    if (party_word >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 0:
        refusals._refuse(refusals.NO_REGISTER_KEPT)
    old: uint256 = self.tables[words.TABLE_REGISTER][party]
    mode: uint256 = detail & words.REGISTER_MODE_MASK
    types: uint256 = (detail >> words.REGISTER_TYPES_AT) & words.REGISTER_TYPES_MASK
    epoch: uint256 = detail >> words.REGISTER_EPOCH_AT
    if (
        (mode != words.REGISTER_MODE_OPEN and mode != words.REGISTER_MODE_KEYED)
        or types == 0
        or epoch > words.REGISTER_EPOCH_MASK
        or (old != 0 and mode != old & words.REGISTER_MODE_MASK)
        or ((old >> words.REGISTER_TYPES_AT) & words.REGISTER_TYPES_MASK) & ~types != 0
        or epoch < (old >> words.REGISTER_EPOCH_AT) & words.REGISTER_EPOCH_MASK
    ):
        refusals._refuse(refusals.WRONG_REGISTER_WORD)
    self._put(words.TABLE_REGISTER, party, detail | (block.timestamp << words.REGISTER_CHANGED_AT_AT))


@internal
def _set_key_check(party: uint256, certificate_type: uint256, check: uint256):
    """
    @notice Set the check value of a type's lookup key in a keyed register, for good.
    """
    register_word: uint256 = self.tables[words.TABLE_REGISTER][party]
    key: uint256 = (party << 8) | certificate_type
    if (
        register_word & words.REGISTER_MODE_MASK != words.REGISTER_MODE_KEYED
        or certificate_type > 15
        or (register_word >> (words.REGISTER_TYPES_AT + certificate_type)) & 1 == 0
        or self.tables[words.TABLE_KEY_CHECK][key] != 0
    ):
        refusals._refuse(refusals.WRONG_KEY_CHECK)
    self._put(words.TABLE_KEY_CHECK, key, check)


@internal
def _cancel(party: uint256):
    """
    @notice Cancel a pending replacement; the key that waited is burnt.
    """
    self._retire(self.tables[words.TABLE_REPLACEMENT][party] & words.REPLACEMENT_KEY_MASK)
    self._put(words.TABLE_REPLACEMENT, party, 0)


@external
def send_envelope(
    register: uint16,
    serial: uint32,
    deadline: uint64,
    recipient: uint16,
    epoch: uint32,
    sealed: Bytes[4096],
    signed: DynArray[signatures.Signature, MAX_OPERATORS],
):
    """
    @notice Emit keys of a register, sealed for one recipient. Nothing of it is stored.
    @param register Number of the register, and of its party.
    @param serial The party's serial.
    @param deadline Last second at which it counts.
    @param recipient Number of the party for whom it is sealed.
    @param epoch Payload epoch of the keys.
    @param sealed HPKE (RFC 9180) envelope.
    @param signed Signatures of the party's operators; ascending by signer.
    """
    if convert(deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    party: uint256 = convert(register, uint256)
    party_word: uint256 = self._next(self._standing(party, True), convert(serial, uint256))
    message: bytes32 = keccak256(
        abi_encode(messages.ENVELOPE_HASH, register, serial, deadline, recipient, epoch, keccak256(sealed))
    )
    self._operators(party, party_word, self._signers(message, signed))
    self._party(convert(recipient, uint256))
    self._put(words.TABLE_PARTY, party, party_word)
    self._extend(words.TABLE_PARTY_HEAD, party, message)
    log EnvelopeSent(register=party, recipient=convert(recipient, uint256), epoch=convert(epoch, uint256), sealed=sealed)


# ------------------------------------------------------------------ arrangements


@external
def conclude(
    deadline: uint64,
    arrangement: bytes32,
    text: bytes32,
    signatories: uint256,
    recognitions: DynArray[messages.Recognition, MAX_RECOGNITIONS],
    signed: DynArray[signatures.Signature, MAX_SIGNATORIES],
):
    """
    @notice Conclude an arrangement, or more of its pairs: bilateral, plurilateral and with unions alike.
    @param deadline Last second at which it counts.
    @param arrangement Its name: up to ten ASCII bytes, left-aligned.
    @param text Hash of the text signed, 32 bytes.
    @param signatories The signing parties, a bit for each number.
    @param recognitions One for each ordered pair and scope.
    @param signed Signatures of the signing parties' authorities; ascending by signer.
    """
    self._arrange(True, messages.CONCLUSION_HASH, deadline, arrangement, text, signatories, recognitions, signed)


@external
def amend(
    deadline: uint64,
    arrangement: bytes32,
    text: bytes32,
    signatories: uint256,
    recognitions: DynArray[messages.Recognition, MAX_RECOGNITIONS],
    signed: DynArray[signatures.Signature, MAX_SIGNATORIES],
):
    """
    @notice Put lanes in force or change their scope. Signed like the conclusion, by those not expelled.
    @param deadline Last second at which it counts.
    @param arrangement The name of the arrangement that the lanes belong to.
    @param text Hash of the amending text, 32 bytes.
    @param signatories The signing parties, a bit for each number.
    @param recognitions The lanes as they shall be.
    @param signed Signatures of the signing parties' authorities; ascending by signer.
    """
    self._arrange(False, messages.AMENDMENT_HASH, deadline, arrangement, text, signatories, recognitions, signed)


@internal
def _arrange(
    concluding: bool,
    type_hash: bytes32,
    deadline: uint64,
    arrangement: bytes32,
    text: bytes32,
    signatories: uint256,
    recognitions: DynArray[messages.Recognition, MAX_RECOGNITIONS],
    signed: DynArray[signatures.Signature, MAX_SIGNATORIES],
):
    """
    @notice Conclude or amend: one mechanism.
    """
    if convert(deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    if len(recognitions) == 0:
        refusals._refuse(refusals.NO_RECOGNITIONS)
    name: uint256 = convert(arrangement, uint256)
    if name == 0 or name & ((1 << 176) - 1) != 0 or text == empty(bytes32):
        refusals._refuse(refusals.WRONG_ARRANGEMENT)
    name = name >> 176
    for position: uint256 in range(10):
        # Printable ASCII from the left, then zeros: `rest` is this byte and what follows it.
        byte: uint256 = (name >> (8 * (9 - position))) & 255
        rest: uint256 = name & ((1 << (8 * (10 - position))) - 1)
        if rest != 0 and (byte < 33 or byte > 126):
            refusals._refuse(refusals.WRONG_ARRANGEMENT)
    if self.tables[words.TABLE_SUCCESSION][0] != 0:
        refusals._refuse(refusals.SUPERSEDED)
    hashes: DynArray[bytes32, MAX_RECOGNITIONS] = []
    for recognition: messages.Recognition in recognitions:
        hashes.append(keccak256(abi_encode(messages.RECOGNITION_HASH, recognition)))
    message: bytes32 = keccak256(
        abi_encode(
            type_hash,
            deadline,
            arrangement,
            text,
            signatories,
            keccak256(slice(abi_encode(hashes), 64, 32 * len(hashes))),
        )
    )
    self._signatories(message, signatories, signed)

    if concluding:
        known: uint256 = self.tables[words.TABLE_TEXT][name]
        if known == 0:
            self._put(words.TABLE_TEXT, name, convert(text, uint256))
        elif known != convert(text, uint256):
            refusals._refuse(refusals.WRONG_ARRANGEMENT)
    concerned: uint256 = 0
    for recognition: messages.Recognition in recognitions:
        concerned |= self._concerned(concluding, recognition, signatories)
        self._recognise(concluding, name, recognition)
        self._extend(
            words.TABLE_PAIR_HEAD,
            (convert(recognition.recogniser, uint256) << 16) | convert(recognition.register, uint256),
            message,
        )
    if concerned != signatories:
        refusals._refuse(refusals.SURPLUS_SIGNATORY)


@internal
@view
def _signatories(
    message: bytes32, signatories: uint256, signed: DynArray[signatures.Signature, MAX_SIGNATORIES]
):
    """
    @notice Refuse unless the authority of each signing party signed, and nobody else.
    """
    digest: bytes32 = signatures._digest(message)
    previous: address = empty(address)
    parties: uint256 = 0
    for signature: signatures.Signature in signed:
        previous = signatures._signer(digest, signature, previous)
        party: uint256 = self._authority_of(previous)
        if (signatories >> party) & 1 == 0 or party == 0:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
        self._standing(party, True)
        parties |= 1 << party
    if parties != signatories:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _concerned(concluding: bool, recognition: messages.Recognition, signatories: uint256) -> uint256:
    """
    @notice Refuse unless those signed whom this pair needs; return them.
    """
    recogniser: uint256 = convert(recognition.recogniser, uint256)
    register: uint256 = convert(recognition.register, uint256)
    recogniser_word: uint256 = self._party(recogniser)
    register_word: uint256 = self._party(register)
    if concluding and (register_word >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 0:
        refusals._refuse(refusals.NO_REGISTER_KEPT)
    in_its_place: uint256 = 1 << register
    for place: uint256 in range(4):
        in_its_place |= 1 << ((register_word >> (words.PARTY_UNION_1_AT + 8 * place)) & 255)
    in_its_place &= signatories
    recognising: uint256 = (1 << recogniser) & signatories
    if recognising == 0 and (concluding or self._state(recogniser_word) != words.PARTY_STATE_EXPELLED):
        refusals._refuse(refusals.MISSING_SIGNATORY)
    if in_its_place == 0 and (concluding or self._state(register_word) != words.PARTY_STATE_EXPELLED):
        refusals._refuse(refusals.MISSING_SIGNATORY)
    if recognising | in_its_place == 0:
        refusals._refuse(refusals.MISSING_SIGNATORY)
    return recognising | in_its_place


@internal
def _recognise(concluding: bool, name: uint256, recognition: messages.Recognition):
    """
    @notice Write one lane.
    """
    key: uint256 = (convert(recognition.recogniser, uint256) << 16) | convert(recognition.register, uint256)
    pair_word: uint256 = self._next_of_pair(key, convert(recognition.serial, uint256))
    lanes: uint256 = pair_word & words.PAIR_LANES_MASK
    lane: uint256 = convert(recognition.lane, uint256)
    roles: uint256 = convert(recognition.roles, uint256)
    directions: uint256 = convert(recognition.directions, uint256)
    starts: uint256 = convert(recognition.in_force_from, uint256)
    until: uint256 = convert(recognition.until, uint256)
    old: uint256 = self.tables[words.TABLE_LANE][(key << 8) | lane]
    state: uint256 = words.LANE_STATE_OPEN
    changes: uint256 = 0
    if concluding:
        if lane != lanes:
            refusals._refuse(refusals.WRONG_LANE)
        if lanes == MAX_LANES:
            refusals._refuse(refusals.TOO_MANY_LANES)
        pair_word += 1 << words.PAIR_LANES_AT
    else:
        if lane >= lanes:
            refusals._refuse(refusals.WRONG_LANE)
        if (old >> words.LANE_ARRANGEMENT_AT) & words.LANE_ARRANGEMENT_MASK != name:
            refusals._refuse(refusals.WRONG_ARRANGEMENT)
        state = old & words.LANE_STATE_MASK
        changes = min((old >> words.LANE_CHANGES_AT) + 1, words.LANE_CHANGES_MASK)
    if (
        recognition.types == 0
        or roles == 0
        or roles >= 1 << 15
        or directions == 0
        or directions >= 1 << 3
        or (until != 0 and until <= starts)
    ):
        refusals._refuse(refusals.WRONG_SCOPE)
    self._put(
        words.TABLE_LANE,
        (key << 8) | lane,
        state
        | (name << words.LANE_ARRANGEMENT_AT)
        | (convert(recognition.types, uint256) << words.LANE_TYPES_AT)
        | (roles << words.LANE_ROLES_AT)
        | (directions << words.LANE_DIRECTIONS_AT)
        | (convert(recognition.benefits, uint256) << words.LANE_BENEFITS_AT)
        | (starts << words.LANE_IN_FORCE_FROM_AT)
        | (until << words.LANE_UNTIL_AT)
        | (block.timestamp << words.LANE_CHANGED_AT_AT)
        | (changes << words.LANE_CHANGES_AT),
    )
    self._put(words.TABLE_PAIR, key, pair_word)


@external
def act_on_lane(act: messages.LaneAct, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Suspend or resume a lane (the recogniser alone), or end it (either side alone).
    @param act The act, with the pair's serial; `until` only to end.
    @param signed The signature of the party's authority.
    """
    if convert(act.deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    kind: uint256 = convert(act.act, uint256)
    if kind == 0 or kind > words.LANE_ACT_KIND_END:
        refusals._refuse(refusals.UNKNOWN_ACT)
    until: uint256 = convert(act.until, uint256)
    if (kind == words.LANE_ACT_KIND_END) != (until != 0):
        refusals._refuse(refusals.WRONG_MEMBERS)
    party: uint256 = convert(act.party, uint256)
    register: uint256 = convert(act.register, uint256)
    self._standing(party, kind == words.LANE_ACT_KIND_RESUME)
    key: uint256 = (convert(act.recogniser, uint256) << 16) | register
    pair_word: uint256 = self._next_of_pair(key, convert(act.serial, uint256))
    message: bytes32 = keccak256(abi_encode(messages.LANE_ACT_HASH, act))
    self._sole(self._signers(message, signed), party)
    if party != convert(act.recogniser, uint256) and (
        kind != words.LANE_ACT_KIND_END
        or (party != register and not self._of_union(self._party(register), party))
    ):
        refusals._refuse(refusals.SURPLUS_SIGNATORY)
    if convert(act.lane, uint256) >= pair_word & words.PAIR_LANES_MASK:
        refusals._refuse(refusals.WRONG_LANE)

    lane_key: uint256 = (key << 8) | convert(act.lane, uint256)
    lane_word: uint256 = self.tables[words.TABLE_LANE][lane_key]
    if kind == words.LANE_ACT_KIND_END:
        old: uint256 = (lane_word >> words.LANE_UNTIL_AT) & words.LANE_UNTIL_MASK
        if until < block.timestamp or (old != 0 and until > old):
            refusals._refuse(refusals.WRONG_END)
        lane_word = (lane_word & ~(words.LANE_UNTIL_MASK << words.LANE_UNTIL_AT)) | (until << words.LANE_UNTIL_AT)
    else:
        # Suspending leaves OPEN, resuming leaves SUSPENDED: the act's number is the state it leaves.
        if lane_word & words.LANE_STATE_MASK != kind:
            refusals._refuse(refusals.WRONG_LANE_STATE)
        lane_word ^= words.LANE_STATE_OPEN ^ words.LANE_STATE_SUSPENDED
    changes: uint256 = min((lane_word >> words.LANE_CHANGES_AT) + 1, words.LANE_CHANGES_MASK)
    lane_word &= (1 << words.LANE_CHANGED_AT_AT) - 1
    self._put(
        words.TABLE_LANE,
        lane_key,
        lane_word | (block.timestamp << words.LANE_CHANGED_AT_AT) | (changes << words.LANE_CHANGES_AT),
    )
    self._put(words.TABLE_PAIR, key, pair_word)
    self._extend(words.TABLE_PAIR_HEAD, key, message)


@external
def withhold(act: messages.Withholding, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Refuse benefits to one entry, or grant them again.
    @param act The act, with the serial of the pair (recogniser, register of the entry).
    @param signed Signatures of the recogniser's operators; ascending by signer.
    """
    if convert(act.deadline, uint256) < block.timestamp:
        refusals._refuse(refusals.TOO_LATE)
    recogniser: uint256 = convert(act.recogniser, uint256)
    register: uint256 = convert(act.entry, uint256) >> 240
    party_word: uint256 = self._standing(recogniser, not act.withheld)
    self._party(register)
    key: uint256 = (recogniser << 16) | register
    pair_word: uint256 = self._next_of_pair(key, convert(act.serial, uint256))
    message: bytes32 = keccak256(abi_encode(messages.WITHHOLDING_HASH, act))
    self._operators(recogniser, party_word, self._signers(message, signed))

    place: uint256 = convert(keccak256(abi_encode(recogniser, act.entry)), uint256)
    old: uint256 = self.tables[words.TABLE_WITHHOLDING][place]
    if (old & words.WITHHOLDING_WITHHELD_MASK == 1) == act.withheld:
        refusals._refuse(refusals.WRONG_WITHHOLDING)
    changes: uint256 = 0
    if old != 0:
        changes = min((old >> words.WITHHOLDING_CHANGES_AT) + 1, words.WITHHOLDING_CHANGES_MASK)
    self._put(
        words.TABLE_WITHHOLDING,
        place,
        convert(act.withheld, uint256)
        | (block.timestamp << words.WITHHOLDING_CHANGED_AT_AT)
        | (changes << words.WITHHOLDING_CHANGES_AT),
    )
    if act.withheld:
        pair_word += 1 << words.PAIR_WITHHELD_AT
    self._put(words.TABLE_PAIR, key, pair_word)
    self._extend(words.TABLE_PAIR_HEAD, key, message)


# ------------------------------------------------------------------ shared


@internal
def _put(table: uint256, key: uint256, fact: uint256):
    """
    @notice Write a word and say so.
    """
    self.tables[table][key] = fact
    log Written(table=table, key=key, word=fact)


@internal
def _extend(table: uint256, key: uint256, happened: bytes32):
    """
    @notice Chain an act into a history: head' = keccak256(head || event hash || recorded at).
    """
    head: uint256 = self.tables[table][key]
    self._put(table, key, convert(keccak256(abi_encode(head, happened, block.timestamp)), uint256))


@internal
@view
def _party(number: uint256) -> uint256:
    """
    @notice Read the word of a party that exists.
    """
    party_word: uint256 = self.tables[words.TABLE_PARTY][number]
    if party_word == 0:
        refusals._refuse(refusals.NO_SUCH_PARTY)
    return party_word


@internal
@view
def _state(party_word: uint256) -> uint256:
    """
    @notice Read a party's state now: a suspension ends by itself.
    """
    state: uint256 = (party_word >> words.PARTY_STATE_AT) & words.PARTY_STATE_MASK
    if state == words.PARTY_STATE_SUSPENDED:
        until: uint256 = (party_word >> words.PARTY_SUSPENDED_UNTIL_AT) & words.PARTY_SUSPENDED_UNTIL_MASK
        if block.timestamp >= until:
            return words.PARTY_STATE_ACTIVE
    return state


@internal
@view
def _standing(number: uint256, favours: bool) -> uint256:
    """
    @notice Read the word of a party that may act: not expelled and, to favour, neither suspended nor on a superseded ledger.
    """
    party_word: uint256 = self._party(number)
    state: uint256 = self._state(party_word)
    if state == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_EXPELLED)
    if favours:
        if state == words.PARTY_STATE_SUSPENDED:
            refusals._refuse(refusals.PARTY_SUSPENDED)
        if self.tables[words.TABLE_SUCCESSION][0] != 0:
            refusals._refuse(refusals.SUPERSEDED)
    return party_word


@internal
@pure
def _of_union(party_word: uint256, union: uint256) -> bool:
    """
    @notice Say whether a party belongs to a union.
    """
    for place: uint256 in range(4):
        if (party_word >> (words.PARTY_UNION_1_AT + 8 * place)) & 255 == union:
            return union != 0
    return False


@internal
@view
def _gone(party: uint256, party_word: uint256, register: uint256) -> bool:
    """
    @notice Say whether an issuer is expelled or no longer of the register's union.
    """
    if self._state(party_word) == words.PARTY_STATE_EXPELLED:
        return True
    return party != register and not self._of_union(party_word, register)


@internal
@view
def _next(party_word: uint256, serial: uint256) -> uint256:
    """
    @notice Use up a party's serial, which must be the one after the last act's.
    """
    stored: uint256 = (party_word >> words.PARTY_SERIAL_AT) & words.PARTY_SERIAL_MASK
    if serial != stored + 1:
        refusals._refuse(refusals.WRONG_SERIAL)
    return party_word + (1 << words.PARTY_SERIAL_AT)


@internal
@view
def _next_of_pair(key: uint256, serial: uint256) -> uint256:
    """
    @notice Use up a pair's serial, and note when.
    """
    pair_word: uint256 = self.tables[words.TABLE_PAIR][key]
    if serial != ((pair_word >> words.PAIR_SERIAL_AT) & words.PAIR_SERIAL_MASK) + 1:
        refusals._refuse(refusals.WRONG_PAIR_SERIAL)
    pair_word &= (1 << words.PAIR_SERIAL_AT) - 1
    return pair_word | (serial << words.PAIR_SERIAL_AT) | (block.timestamp << words.PAIR_CHANGED_AT_AT)


@internal
@view
def _touched(party_word: uint256) -> uint256:
    """
    @notice Note that a party's state, unions or keeps-a-register changed.
    """
    changes: uint256 = min((party_word >> words.PARTY_CHANGES_AT) + 1, words.PARTY_CHANGES_MASK)
    return (
        (party_word & ((1 << words.PARTY_CHANGED_AT_AT) - 1))
        | (block.timestamp << words.PARTY_CHANGED_AT_AT)
        | (changes << words.PARTY_CHANGES_AT)
    )


@internal
def _enlist(key: address, party: uint256, role: uint256):
    """
    @notice Let an address serve one party in one role, for ever.
    """
    if self.tables[words.TABLE_KEY][convert(key, uint256)] != 0:
        refusals._refuse(refusals.KEY_ALREADY_USED)
    self._put(
        words.TABLE_KEY,
        convert(key, uint256),
        party | (role << words.KEY_ROLE_AT) | (block.timestamp << words.KEY_ADDED_AT_AT),
    )


@internal
def _retire(key: uint256):
    """
    @notice Note that an address serves no longer; its word stays.
    """
    self._put(
        words.TABLE_KEY, key, self.tables[words.TABLE_KEY][key] | (block.timestamp << words.KEY_RETIRED_AT_AT)
    )


@internal
@view
def _operates(key: address, party: uint256) -> bool:
    """
    @notice Say whether an address is an operator of a party now.
    """
    key_word: uint256 = self.tables[words.TABLE_KEY][convert(key, uint256)]
    return (
        key_word & ((1 << words.KEY_ADDED_AT_AT) - 1) == party | (words.KEY_ROLE_OPERATOR << words.KEY_ROLE_AT)
        and key_word >> words.KEY_RETIRED_AT_AT == 0
    )


@internal
@view
def _authority_of(signer: address) -> uint256:
    """
    @notice Find the party whose authority an address is now; 0 if none.
    """
    party: uint256 = self.tables[words.TABLE_KEY][convert(signer, uint256)] & words.KEY_PARTY_MASK
    if self.tables[words.TABLE_AUTHORITY][party] != convert(signer, uint256):
        return 0
    return party


@internal
@view
def _signers(message: bytes32, signed: DynArray[signatures.Signature, MAX_OPERATORS]) -> DynArray[address, MAX_OPERATORS]:
    """
    @notice Recover who signed, ascending.
    """
    digest: bytes32 = signatures._digest(message)
    signers: DynArray[address, MAX_OPERATORS] = []
    previous: address = empty(address)
    for signature: signatures.Signature in signed:
        previous = signatures._signer(digest, signature, previous)
        signers.append(previous)
    return signers


@internal
@view
def _operators(party: uint256, party_word: uint256, signers: DynArray[address, MAX_OPERATORS]):
    """
    @notice Refuse unless as many operators of the party signed as its threshold says, and nobody else.
    """
    for signer: address in signers:
        if not self._operates(signer, party):
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
    if len(signers) < (party_word >> words.PARTY_THRESHOLD_AT) & words.PARTY_THRESHOLD_MASK:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _sole(signers: DynArray[address, MAX_OPERATORS], party: uint256):
    """
    @notice Refuse unless the party's authority signed, alone.
    """
    if len(signers) == 0:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)
    if len(signers) != 1 or self.tables[words.TABLE_AUTHORITY][party] != convert(signers[0], uint256):
        refusals._refuse(refusals.SURPLUS_SIGNATURE)


@internal
@view
def _transferors(
    register: uint256,
    holder: uint256,
    issuer: uint256,
    issuer_word: uint256,
    former: uint256,
    signers: DynArray[address, MAX_OPERATORS],
) -> bool:
    """
    @notice Refuse unless the new issuer's operators signed, and the old one's (or, if it is gone, the authority of the register's union).
    @return Whether the old side may favour.
    """
    if former == issuer:
        refusals._refuse(refusals.WRONG_MEMBERS)
    former_word: uint256 = self._party(former)
    former_gone: bool = self._gone(former, former_word, register)
    own: uint256 = 0
    other: uint256 = 0
    for signer: address in signers:
        if self._operates(signer, issuer):
            own += 1
        elif former_gone and self.tables[words.TABLE_AUTHORITY][register] == convert(signer, uint256):
            other += 1
        elif not former_gone and self._operates(signer, former):
            other += 1
        else:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
    needed: uint256 = 1
    if not former_gone:
        needed = (former_word >> words.PARTY_THRESHOLD_AT) & words.PARTY_THRESHOLD_MASK
    if own < (issuer_word >> words.PARTY_THRESHOLD_AT) & words.PARTY_THRESHOLD_MASK or other < needed:
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)
    if former_gone:
        return self._state(holder) == words.PARTY_STATE_ACTIVE
    return self._state(former_word) == words.PARTY_STATE_ACTIVE
