# pragma version 0.4.3
"""
@title Consortium
@notice The words of the constitution (parties, keys, seats, validators, arrangements, recognitions) and the acts between parties.
        No owner, no proxy, no immutables. This is also the QBFT validator contract of its own chain.
@dev How is it stopped? It is not. Two thirds of the seats may name a successor and a date. From that date on only acts that restrict or
     restore are accepted. Every word is in `tables` and every write is logged, so the logs suffice to rebuild the storage and compare its root.
     Governance decides who may act, and writes here; it keeps no words. All other writes come from an act below.
     Order of checks in every act: deadline, form, party, number, signatures, right to sign, the act's own rules.
"""

import messages
import parties
import refusals
import signatures
import words

MAX_PARTIES: constant(uint256) = 255
MAX_VALIDATORS: constant(uint256) = 128
MAX_SIGNATURES: constant(uint256) = 512  # of authorities on one resolution
MAX_SIGNATURES_OF_AN_ARRANGEMENT: constant(uint256) = 192
MAX_RECOGNITIONS: constant(uint256) = 32
MAX_OPERATORS: constant(uint256) = 16  # of one act
MAX_LANES: constant(uint256) = 16
SHORTEST_DELAY: constant(uint256) = 14 * 86_400  # seconds before a lost authority is replaced
LONGEST_DELAY: constant(uint256) = 366 * 86_400

# The part of its word that a founder chooses. The rest is as after an admission.
FOUNDERS_CHOICE: constant(uint256) = (
    (words.PARTY_CODE_MASK << words.PARTY_CODE_AT)
    | (words.PARTY_KIND_MASK << words.PARTY_KIND_AT)
    | (1 << words.PARTY_SEAT_AT)
    | (1 << words.PARTY_KEEPS_REGISTER_AT)
    | (1 << words.PARTY_OPENED_AT)
    | (words.PARTY_UNION_1_MASK << words.PARTY_UNION_1_AT)
    | (words.PARTY_UNION_2_MASK << words.PARTY_UNION_2_AT)
    | (words.PARTY_UNION_3_MASK << words.PARTY_UNION_3_AT)
    | (words.PARTY_UNION_4_MASK << words.PARTY_UNION_4_AT)
    | (words.PARTY_THRESHOLD_MASK << words.PARTY_THRESHOLD_AT)
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
governance: public(address)


@deploy
def __init__(
    governance: address,
    founders: DynArray[Founder, 255],
    operators: DynArray[Assignment, 512],
    validators: DynArray[Assignment, 128],
    minimum_validators: uint16,
    replacement_delay: uint32,
):
    """
    @notice Write the first parties, keys and validators. Everybody pins this genesis, so nothing here is signed.
    @param governance 20-byte address of Governance, the only writer besides the acts below.
    @param founders Party words (numbers from 1), 20-byte authorities (one key each), register words (0 means not opened).
    @param operators Hot keys, with their parties' numbers.
    @param validators Nodes that seal, with their parties' numbers.
    @param minimum_validators The fewest validators at any time.
    @param replacement_delay Seconds from a resolution to replace a lost authority to its completion.
    """
    self.governance = governance
    number: uint256 = 0
    seats: uint256 = 0
    for founder: Founder in founders:
        number += 1
        seats += (founder.word >> words.PARTY_SEAT_AT) & 1
        self._put(words.TABLE_PARTY, number, founder.word)
        self._enlist(founder.authority, number, words.KEY_ROLE_AUTHORITY)
        if founder.register != 0:
            self._put(words.TABLE_REGISTER, number, founder.register)
        self._extend(
            words.TABLE_PARTY_HEAD,
            number,
            keccak256(abi_encode(messages.FOUNDING_HASH, number, founder.word, founder.authority)),
        )
    for party: uint256 in range(1, number + 1, bound=MAX_PARTIES):
        self._check_founder(party, number)
    counts: uint256[256] = empty(uint256[256])
    for operator: Assignment in operators:
        party: uint256 = convert(operator.party, uint256)
        if party == 0 or party > number or counts[party] == words.OFFICE_OPERATORS_MASK:
            refusals._refuse(refusals.WRONG_FOUNDING)
        self._enlist(operator.key, party, words.KEY_ROLE_OPERATOR)
        counts[party] += 1
    for party: uint256 in range(1, number + 1, bound=MAX_PARTIES):
        if counts[party] < parties._threshold(self.tables[words.TABLE_PARTY][party]):
            refusals._refuse(refusals.WRONG_FOUNDING)
        self._put(words.TABLE_OFFICE, party, counts[party] << words.OFFICE_OPERATORS_AT)
    owners: DynArray[uint256, MAX_VALIDATORS] = []
    for validator: Assignment in validators:
        party: uint256 = convert(validator.party, uint256)
        if party == 0 or party > number:
            refusals._refuse(refusals.WRONG_FOUNDING)
        self._enlist(validator.key, party, words.KEY_ROLE_NODE)
        owners.append(party)
        self._put(
            words.TABLE_VALIDATOR,
            len(owners),
            convert(validator.key, uint256) | (party << words.VALIDATOR_PARTY_AT),
        )
    self._put(words.TABLE_VALIDATOR, 0, len(owners))
    delay: uint256 = convert(replacement_delay, uint256)
    minimum: uint256 = convert(minimum_validators, uint256)
    if (
        len(owners) == 0
        or seats == 0
        or minimum == 0
        or minimum > len(owners)
        or delay < SHORTEST_DELAY
        or delay > LONGEST_DELAY
        or block.timestamp >> 32 != 0
    ):
        refusals._refuse(refusals.WRONG_FOUNDING)
    if parties._excess(owners) != 0 and not parties._alone(owners):
        refusals._refuse(refusals.TOO_MANY_NODES)
    self._put(
        words.TABLE_GOVERNANCE,
        0,
        number
        | (minimum << words.GOVERNANCE_MINIMUM_VALIDATORS_AT)
        | (delay << words.GOVERNANCE_REPLACEMENT_DELAY_AT),
    )


@internal
@view
def _check_founder(number: uint256, founders: uint256):
    """
    @notice Refuse a founder whose words no admission and no act could have written.
    """
    word: uint256 = self.tables[words.TABLE_PARTY][number]
    register: uint256 = self.tables[words.TABLE_REGISTER][number]
    kind: uint256 = (word >> words.PARTY_KIND_AT) & words.PARTY_KIND_MASK
    keeps: uint256 = (word >> words.PARTY_KEEPS_REGISTER_AT) & 1
    opened: uint256 = (word >> words.PARTY_OPENED_AT) & 1
    fixed: uint256 = (
        (words.PARTY_STATE_ACTIVE << words.PARTY_STATE_AT)
        | (1 << words.PARTY_AUTHORITY_KEYS_AT)
        | (1 << words.PARTY_AUTHORITY_THRESHOLD_AT)
        | (block.timestamp << words.PARTY_CHANGED_AT_AT)
    )
    opened_now: uint256 = words.REGISTER_MODE_OPEN | (block.timestamp << words.REGISTER_CHANGED_AT_AT)
    types: uint256 = register & (words.REGISTER_TYPES_MASK << words.REGISTER_TYPES_AT)
    if (
        word & ~FOUNDERS_CHOICE != fixed
        or not parties._is_code(word & words.PARTY_CODE_MASK)
        or (kind != words.PARTY_KIND_ADMINISTRATION and kind != words.PARTY_KIND_UNION)
        or parties._threshold(word) == 0
        or parties._threshold(word) > MAX_OPERATORS
        or (register != 0) != (opened == 1)
        or opened > keeps
        or (register != 0 and (types == 0 or register != types | opened_now))
    ):
        refusals._refuse(refusals.WRONG_FOUNDING)
    for other: uint256 in range(1, number, bound=MAX_PARTIES):
        if self.tables[words.TABLE_PARTY][other] & words.PARTY_CODE_MASK == word & words.PARTY_CODE_MASK:
            refusals._refuse(refusals.WRONG_FOUNDING)
    joined: uint256 = 0
    for place: uint256 in range(4):
        union: uint256 = parties._union_in(word, place, block.timestamp)
        if union == 0:
            continue
        union_kind: uint256 = (self.tables[words.TABLE_PARTY][union] >> words.PARTY_KIND_AT) & words.PARTY_KIND_MASK
        if union == number or (joined >> union) & 1 == 1 or union_kind != words.PARTY_KIND_UNION:
            refusals._refuse(refusals.WRONG_FOUNDING)
        joined |= 1 << union


# ------------------------------------------------------------------ Governance writes here


@external
def put(table: uint256, key: uint256, fact: uint256):
    """
    @notice Write a word that Governance decided.
    @param table Number of the table.
    @param key Key in the table.
    @param fact The word.
    """
    self._only_governance()
    self._put(table, key, fact)


@external
def extend(table: uint256, key: uint256, happened: bytes32):
    """
    @notice Chain an act of Governance into a history.
    @param table Number of the table of heads.
    @param key Key in the table.
    @param happened Event hash of the act, 32 bytes.
    """
    self._only_governance()
    self._extend(table, key, happened)


@external
def enlist(key: address, party: uint256, role: uint256):
    """
    @notice Let an address serve one party in one role for ever, as Governance decided.
    @param key The 20-byte address.
    @param party Number of the party.
    @param role Authority, operator or node.
    """
    self._only_governance()
    self._enlist(key, party, role)


@internal
@view
def _only_governance():
    """
    @notice Refuse a caller that is not the ledger's own Governance contract.
    """
    if msg.sender != self.governance:
        refusals._refuse(refusals.NOT_GOVERNANCE)


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
    @notice List the nodes that may seal the next block. QBFT in contract mode asks this.
    """
    nodes: DynArray[address, MAX_VALIDATORS] = []
    count: uint256 = self.tables[words.TABLE_VALIDATOR][0]
    for position: uint256 in range(1, count + 1, bound=MAX_VALIDATORS):
        nodes.append(convert(self.tables[words.TABLE_VALIDATOR][position] & words.VALIDATOR_NODE_MASK, address))
    return nodes


@external
@view
def tally(signers: DynArray[address, MAX_SIGNATURES]) -> parties.Tally:
    """
    @notice Count the keys that signed, by party. Refuse a signer that is not an authority key.
    @param signers 20-byte addresses of the signers, ascending.
    @return Parties of which at least one, two or three authority keys signed: one bit for each number.
    """
    counted: parties.Tally = empty(parties.Tally)
    for signer: address in signers:
        counted = parties._count(counted, self._authority_of(signer))
    return counted


@external
@view
def authorise(
    register: uint256, issuer: uint256, former: uint256, capacity: uint256, signers: DynArray[address, MAX_OPERATORS]
) -> uint256:
    """
    @notice Find what these signers may publish. Registers asks this once per publication.
    @param register Number of the register.
    @param issuer Number of the party whose standings change (the new one in a transfer).
    @param former Number of the old issuer in a transfer, otherwise 0.
    @param capacity Capacity in which the publication is signed.
    @param signers 20-byte addresses of the signers, ascending.
    @return Types in use (bits 0 to 15), allowed kinds of event (bits 16 to 31), code for refused kinds (from bit 32).
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
    gone: bool = self._gone(issuer, issuer_word, register)
    if parties._state(holder, block.timestamp) == words.PARTY_STATE_EXPELLED or (
        gone and capacity != words.CAPACITY_UNION
    ):
        refusals._refuse(refusals.PARTY_GONE)

    kinds: uint256 = 0
    why: uint256 = refusals.WRONG_CAPACITY
    other: uint256 = issuer_word  # the other side of a transfer
    if capacity == words.CAPACITY_OPERATORS:
        self._operators(issuer, issuer_word, signers)
        kinds = words.BY_OPERATORS
    elif capacity == words.CAPACITY_AUTHORITY:
        self._sole(signers, issuer, issuer_word)
        kinds = words.RESTORING
    elif capacity == words.CAPACITY_TRANSFER:
        other = self._transferors(register, holder, issuer, issuer_word, former, signers)
        kinds = words.BY_TRANSFER
    elif capacity == words.CAPACITY_UNION and issuer != register:
        self._sole(signers, register, holder)
        kinds = words.SUSPENDING
        if gone:
            kinds = words.RESTRICTING
    else:
        refusals._refuse(refusals.WRONG_CAPACITY)

    if not (holder >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 1:
        kinds &= words.RESTRICTING
        why = refusals.NO_REGISTER_KEPT
    if ((issuer_word | other) >> words.PARTY_FROZEN_AT) & 1 == 1:
        kinds &= words.RESTRICTING
        why = refusals.PARTY_FROZEN
    if not gone and not (self._active(issuer_word) and self._active(other)):
        kinds &= words.RESTRICTING
        why = refusals.PARTY_SUSPENDED
    if self._superseded():
        kinds &= words.RESTRICTING | words.RESTORING
        why = refusals.SUPERSEDED
    return ((register_word >> words.REGISTER_TYPES_AT) & words.REGISTER_TYPES_MASK) | (kinds << 16) | (why << 32)


@external
@view
def authorise_alias(recogniser: uint256, favour: bool, signers: DynArray[address, MAX_OPERATORS]) -> bool:
    """
    @notice Refuse unless these signers may bind aliases for a recogniser; otherwise return true.
    @param recogniser Number of the party that uses the alias.
    @param favour Whether a binding is made (true) or cleared (false).
    @param signers 20-byte addresses of the signers, ascending.
    """
    self._operators(recogniser, self._operating(recogniser, favour), signers)
    return True


# ------------------------------------------------------------------ envelopes


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
    @notice Emit keys of a register, sealed for one recipient. Nothing is stored.
    @param register Number of the register, and of its party.
    @param serial The number after the party's last envelope. This separate counter stops a thief's envelope from voiding the retirement of his key.
    @param deadline Last second at which the message counts.
    @param recipient Number of the party that can open the envelope.
    @param epoch Payload epoch of the keys.
    @param sealed HPKE (RFC 9180) envelope.
    @param signed Signatures of the party's operators, ascending by signer.
    """
    signatures._in_time(deadline)
    party: uint256 = convert(register, uint256)
    party_word: uint256 = self._operating(party, True)
    office: uint256 = self.tables[words.TABLE_OFFICE][party]
    if convert(serial, uint256) != ((office >> words.OFFICE_ENVELOPES_AT) & words.OFFICE_ENVELOPES_MASK) + 1:
        refusals._refuse(refusals.WRONG_SERIAL)
    message: bytes32 = keccak256(
        abi_encode(messages.ENVELOPE_HASH, register, serial, deadline, recipient, epoch, keccak256(sealed))
    )
    self._operators(party, party_word, signatures._signers(message, signed))
    self._standing(convert(recipient, uint256), False)
    self._put(words.TABLE_OFFICE, party, office + (1 << words.OFFICE_ENVELOPES_AT))
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
    signed: DynArray[signatures.Signature, MAX_SIGNATURES_OF_AN_ARRANGEMENT],
):
    """
    @notice Conclude an arrangement, or further pairs of one: bilateral, plurilateral, or with unions.
    @param deadline Last second at which the message counts.
    @param arrangement Its name for these pairs: up to ten ASCII bytes, left-aligned. Names are not reserved; the text's hash identifies it.
    @param text Hash of the signed text, 32 bytes.
    @param signatories The signing parties, one bit for each number.
    @param recognitions One for each ordered pair and scope.
    @param signed Signatures of the signing parties' authorities, as many as each threshold says, ascending by signer.
    """
    self._arrange(True, messages.CONCLUSION_HASH, deadline, arrangement, text, signatories, recognitions, signed)


@external
def amend(
    deadline: uint64,
    arrangement: bytes32,
    text: bytes32,
    signatories: uint256,
    recognitions: DynArray[messages.Recognition, MAX_RECOGNITIONS],
    signed: DynArray[signatures.Signature, MAX_SIGNATURES_OF_AN_ARRANGEMENT],
):
    """
    @notice Put lanes in force or change their scope. The parties of the conclusion sign, except expelled ones.
    @param deadline Last second at which the message counts.
    @param arrangement Name of the lanes' arrangement for these pairs.
    @param text Hash of the amending text, 32 bytes.
    @param signatories The signing parties, one bit for each number.
    @param recognitions The lanes with their new scope.
    @param signed Signatures of the signing parties' authorities, as many as each threshold says, ascending by signer.
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
    signed: DynArray[signatures.Signature, MAX_SIGNATURES_OF_AN_ARRANGEMENT],
):
    """
    @notice Conclude or amend: both use the same rules.
    """
    signatures._in_time(deadline)
    if len(recognitions) == 0:
        refusals._refuse(refusals.NO_RECOGNITIONS)
    name: uint256 = convert(arrangement, uint256)
    if name == 0 or name & ((1 << 176) - 1) != 0 or text == empty(bytes32):
        refusals._refuse(refusals.WRONG_ARRANGEMENT)
    name = name >> 176
    for position: uint256 in range(10):
        # Printable ASCII from the left, then zeros. `rest` is this byte and all that follow.
        byte: uint256 = (name >> (8 * (9 - position))) & 255
        rest: uint256 = name & ((1 << (8 * (10 - position))) - 1)
        if rest != 0 and (byte < 33 or byte > 126):
            refusals._refuse(refusals.WRONG_ARRANGEMENT)
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

    concerned: uint256 = 0
    for recognition: messages.Recognition in recognitions:
        concerned |= self._concerned(concluding, recognition, signatories)
        self._recognise(concluding, name, text, recognition)
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
    message: bytes32,
    signatories: uint256,
    signed: DynArray[signatures.Signature, MAX_SIGNATURES_OF_AN_ARRANGEMENT],
):
    """
    @notice Refuse unless exactly the authorities of the signing parties signed, and each of these parties may favour.
    """
    digest: bytes32 = signatures._digest(message)
    previous: address = empty(address)
    counted: parties.Tally = empty(parties.Tally)
    for signature: signatures.Signature in signed:
        previous = signatures._signer(digest, signature, previous)
        party: uint256 = self._authority_of(previous)
        if (signatories >> party) & 1 == 0:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
        self._standing(party, True)
        counted = parties._count(counted, party)
    for party: uint256 in range(256):
        if (signatories >> party) & 1 == 1 and not parties._reaches(
            counted, party, self.tables[words.TABLE_PARTY][party]
        ):
            refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _concerned(concluding: bool, recognition: messages.Recognition, signatories: uint256) -> uint256:
    """
    @notice Refuse unless the parties that this pair needs signed; return them.
    """
    recogniser: uint256 = convert(recognition.recogniser, uint256)
    register: uint256 = convert(recognition.register, uint256)
    recogniser_word: uint256 = self._party(recogniser)
    register_word: uint256 = self._party(register)
    if concluding and (register_word >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 0:
        refusals._refuse(refusals.NO_REGISTER_KEPT)
    in_its_place: uint256 = 1 << register
    for place: uint256 in range(4):
        in_its_place |= 1 << parties._union_in(register_word, place, block.timestamp)
    in_its_place &= signatories
    recognising: uint256 = (1 << recogniser) & signatories
    needs_recogniser: bool = concluding or not self._expelled(recogniser_word)
    needs_register: bool = concluding or not self._expelled(register_word)
    if (
        (recognising == 0 and needs_recogniser)
        or (in_its_place == 0 and needs_register)
        or recognising | in_its_place == 0
    ):
        refusals._refuse(refusals.MISSING_SIGNATORY)
    return recognising | in_its_place


@internal
def _recognise(concluding: bool, name: uint256, text: bytes32, recognition: messages.Recognition):
    """
    @notice Write one lane. A conclusion takes the pair's next lane, or an ended lane in a new generation.
    """
    key: uint256 = (convert(recognition.recogniser, uint256) << 16) | convert(recognition.register, uint256)
    pair_word: uint256 = self.tables[words.TABLE_PAIR][key]
    amendments: uint256 = (pair_word >> words.PAIR_AMENDMENTS_AT) & words.PAIR_AMENDMENTS_MASK
    if convert(recognition.amendment, uint256) != amendments + 1:
        refusals._refuse(refusals.WRONG_AMENDMENT)
    pair_word += 1 << words.PAIR_AMENDMENTS_AT
    lanes: uint256 = pair_word & words.PAIR_LANES_MASK
    lane: uint256 = convert(recognition.lane, uint256)
    lane_key: uint256 = (key << 8) | lane
    old: uint256 = self.tables[words.TABLE_LANE][lane_key]
    state: uint256 = words.LANE_STATE_OPEN
    changes: uint256 = 0
    generation: uint256 = old >> words.LANE_GENERATION_AT
    if lane > lanes or (lane == lanes and not concluding):
        refusals._refuse(refusals.WRONG_LANE)
    if lane == lanes:
        if lanes == MAX_LANES:
            refusals._refuse(refusals.TOO_MANY_LANES)
        pair_word += 1 << words.PAIR_LANES_AT
    else:
        changes = self._next_change(old)
        if not concluding:
            if (old >> words.LANE_ARRANGEMENT_AT) & words.LANE_ARRANGEMENT_MASK != name:
                refusals._refuse(refusals.WRONG_ARRANGEMENT)
            state = old & words.LANE_STATE_MASK
        else:
            ended: uint256 = (old >> words.LANE_UNTIL_AT) & words.LANE_UNTIL_MASK
            if ended == 0 or ended > block.timestamp or generation == words.LANE_GENERATION_MASK:
                refusals._refuse(refusals.WRONG_LANE)
            generation += 1
    if concluding:
        self._put(words.TABLE_TEXT, lane_key, convert(text, uint256))
    self._put(
        words.TABLE_LANE,
        lane_key,
        self._scope(recognition)
        | state
        | (name << words.LANE_ARRANGEMENT_AT)
        | (block.timestamp << words.LANE_CHANGED_AT_AT)
        | (changes << words.LANE_CHANGES_AT)
        | (generation << words.LANE_GENERATION_AT),
    )
    self._put(words.TABLE_PAIR, key, pair_word)


@internal
@pure
def _scope(recognition: messages.Recognition) -> uint256:
    """
    @notice Pack scope and times of a recognition. Refuse a scope that is empty or unknown, and an end before the beginning.
    """
    roles: uint256 = convert(recognition.roles, uint256)
    directions: uint256 = convert(recognition.directions, uint256)
    starts: uint256 = convert(recognition.in_force_from, uint256)
    until: uint256 = convert(recognition.until, uint256)
    if (
        recognition.types == 0
        or roles == 0
        or roles >= words.ROLES_LIMIT
        or directions == 0
        or directions >= words.DIRECTIONS_LIMIT
        or (until != 0 and until <= starts)
    ):
        refusals._refuse(refusals.WRONG_SCOPE)
    return (
        (convert(recognition.types, uint256) << words.LANE_TYPES_AT)
        | (roles << words.LANE_ROLES_AT)
        | (directions << words.LANE_DIRECTIONS_AT)
        | (convert(recognition.benefits, uint256) << words.LANE_BENEFITS_AT)
        | (starts << words.LANE_IN_FORCE_FROM_AT)
        | (until << words.LANE_UNTIL_AT)
    )


@internal
@pure
def _next_change(lane_word: uint256) -> uint256:
    """
    @notice Count one more change of a lane. The count stops at its maximum, because only *never changed* matters.
    """
    return min(((lane_word >> words.LANE_CHANGES_AT) & words.LANE_CHANGES_MASK) + 1, words.LANE_CHANGES_MASK)


@external
def act_on_lane(act: messages.LaneAct, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Suspend or resume a lane (the recogniser alone), or end it (either side alone).
    @dev Neither side can block the other. The recogniser's acts have their own numbers. An end uses no number, so that neither side can void
         the other's. It names the pair's last amendment and must shorten the lane, so it counts only once, and never after a later amendment.
    @param act The act. To suspend or resume: the recogniser's next number. To end: the number of the pair's last amendment, and `until`.
    @param signed Signatures of the party's authority, as many as its threshold says, ascending by signer.
    """
    signatures._in_time(act.deadline)
    kind: uint256 = convert(act.act, uint256)
    if kind == 0 or kind > words.LANE_ACT_KIND_END:
        refusals._refuse(refusals.UNKNOWN_ACT)
    ends: bool = kind == words.LANE_ACT_KIND_END
    until: uint256 = convert(act.until, uint256)
    if ends != (until != 0):
        refusals._refuse(refusals.WRONG_MEMBERS)
    party: uint256 = convert(act.party, uint256)
    register: uint256 = convert(act.register, uint256)
    party_word: uint256 = self._standing(party, kind == words.LANE_ACT_KIND_RESUME)
    key: uint256 = (convert(act.recogniser, uint256) << 16) | register
    pair_word: uint256 = self.tables[words.TABLE_PAIR][key]
    number: uint256 = convert(act.number, uint256)
    if ends:
        if number != (pair_word >> words.PAIR_AMENDMENTS_AT) & words.PAIR_AMENDMENTS_MASK:
            refusals._refuse(refusals.WRONG_LANE_NUMBER)
    elif number != ((pair_word >> words.PAIR_LANE_ACTS_AT) & words.PAIR_LANE_ACTS_MASK) + 1:
        refusals._refuse(refusals.WRONG_LANE_NUMBER)
    message: bytes32 = keccak256(abi_encode(messages.LANE_ACT_HASH, act))
    self._sole(signatures._signers(message, signed), party, party_word)
    if party != convert(act.recogniser, uint256) and (
        not ends or (party != register and not parties._belongs(self._party(register), party, block.timestamp))
    ):
        refusals._refuse(refusals.SURPLUS_SIGNATORY)
    if convert(act.lane, uint256) >= pair_word & words.PAIR_LANES_MASK:
        refusals._refuse(refusals.WRONG_LANE)

    lane_key: uint256 = (key << 8) | convert(act.lane, uint256)
    lane_word: uint256 = self.tables[words.TABLE_LANE][lane_key]
    if convert(act.generation, uint256) != lane_word >> words.LANE_GENERATION_AT:
        refusals._refuse(refusals.WRONG_GENERATION)
    changes: uint256 = self._next_change(lane_word)
    if ends:
        old: uint256 = (lane_word >> words.LANE_UNTIL_AT) & words.LANE_UNTIL_MASK
        if until < block.timestamp or (old != 0 and until >= old):
            refusals._refuse(refusals.WRONG_END)
        lane_word = (lane_word & ~(words.LANE_UNTIL_MASK << words.LANE_UNTIL_AT)) | (until << words.LANE_UNTIL_AT)
    else:
        # Suspending needs OPEN, resuming needs SUSPENDED: the act's number equals the state that it starts from.
        if lane_word & words.LANE_STATE_MASK != kind:
            refusals._refuse(refusals.WRONG_LANE_STATE)
        lane_word ^= words.LANE_STATE_OPEN ^ words.LANE_STATE_SUSPENDED
        self._put(words.TABLE_PAIR, key, pair_word + (1 << words.PAIR_LANE_ACTS_AT))
    lane_word &= ~(
        (words.LANE_CHANGED_AT_MASK << words.LANE_CHANGED_AT_AT) | (words.LANE_CHANGES_MASK << words.LANE_CHANGES_AT)
    )
    self._put(
        words.TABLE_LANE,
        lane_key,
        lane_word | (block.timestamp << words.LANE_CHANGED_AT_AT) | (changes << words.LANE_CHANGES_AT),
    )
    self._extend(words.TABLE_PAIR_HEAD, key, message)


@external
def withhold(act: messages.Withholding, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Refuse benefits to one entry, or grant them again.
    @param act The act, with a serial of its own for this recogniser and entry.
    @param signed Signatures of the recogniser's operators, ascending by signer.
    """
    signatures._in_time(act.deadline)
    recogniser: uint256 = convert(act.recogniser, uint256)
    register: uint256 = convert(act.entry, uint256) >> 240
    party_word: uint256 = self._operating(recogniser, not act.withheld)
    self._party(register)
    place: uint256 = convert(keccak256(abi_encode(recogniser, act.entry)), uint256)
    old: uint256 = self.tables[words.TABLE_WITHHOLDING][place]
    serial: uint256 = convert(act.serial, uint256)
    if serial != (old >> words.WITHHOLDING_SERIAL_AT) + 1:
        refusals._refuse(refusals.WRONG_WITHHOLDING_SERIAL)
    message: bytes32 = keccak256(abi_encode(messages.WITHHOLDING_HASH, act))
    self._operators(recogniser, party_word, signatures._signers(message, signed))

    if (old & words.WITHHOLDING_WITHHELD_MASK == 1) == act.withheld:
        refusals._refuse(refusals.WRONG_WITHHOLDING)
    self._put(
        words.TABLE_WITHHOLDING,
        place,
        convert(act.withheld, uint256)
        | (block.timestamp << words.WITHHOLDING_CHANGED_AT_AT)
        | (serial << words.WITHHOLDING_SERIAL_AT),
    )
    key: uint256 = (recogniser << 16) | register
    pair_word: uint256 = self.tables[words.TABLE_PAIR][key]
    if act.withheld and (pair_word >> words.PAIR_WITHHELD_AT) & words.PAIR_WITHHELD_MASK != words.PAIR_WITHHELD_MASK:
        self._put(words.TABLE_PAIR, key, pair_word + (1 << words.PAIR_WITHHELD_AT))  # the count stops at its maximum
    self._extend(words.TABLE_PAIR_HEAD, key, message)


# ------------------------------------------------------------------ shared


@internal
def _put(table: uint256, key: uint256, fact: uint256):
    """
    @notice Write a word and log it.
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
def _enlist(key: address, party: uint256, role: uint256):
    """
    @notice Let an address serve one party in one role for ever, from its party's present epoch on.
    """
    if key == empty(address) or self.tables[words.TABLE_KEY][convert(key, uint256)] != 0:
        refusals._refuse(refusals.KEY_ALREADY_USED)
    epoch: uint256 = (self.tables[words.TABLE_PARTY][party] >> words.PARTY_EPOCH_AT) & words.PARTY_EPOCH_MASK
    self._put(
        words.TABLE_KEY,
        convert(key, uint256),
        party
        | (role << words.KEY_ROLE_AT)
        | (block.timestamp << words.KEY_ADDED_AT_AT)
        | (epoch << words.KEY_EPOCH_AT),
    )


@internal
@view
def _superseded() -> bool:
    """
    @notice Tell whether the date has come from which another ledger supersedes this one.
    """
    succession: uint256 = self.tables[words.TABLE_SUCCESSION][0]
    return succession != 0 and block.timestamp >= succession >> words.SUCCESSION_EFFECTIVE_AT


@internal
@view
def _party(number: uint256) -> uint256:
    """
    @notice Read the word of an existing party.
    """
    party_word: uint256 = self.tables[words.TABLE_PARTY][number]
    if party_word == 0:
        refusals._refuse(refusals.NO_SUCH_PARTY)
    return party_word


@internal
@view
def _active(party_word: uint256) -> bool:
    """
    @notice Tell whether a party is neither suspended nor expelled now.
    """
    return parties._state(party_word, block.timestamp) == words.PARTY_STATE_ACTIVE


@internal
@view
def _expelled(party_word: uint256) -> bool:
    """
    @notice Tell whether a party was expelled.
    """
    return parties._state(party_word, block.timestamp) == words.PARTY_STATE_EXPELLED


@internal
@view
def _standing(number: uint256, favours: bool) -> uint256:
    """
    @notice Read the word of a party that may act: it is not expelled. To favour, it is also not suspended and the ledger not superseded.
    """
    party_word: uint256 = self._party(number)
    state: uint256 = parties._state(party_word, block.timestamp)
    if state == words.PARTY_STATE_EXPELLED:
        refusals._refuse(refusals.PARTY_EXPELLED)
    if favours:
        if state == words.PARTY_STATE_SUSPENDED:
            refusals._refuse(refusals.PARTY_SUSPENDED)
        if self._superseded():
            refusals._refuse(refusals.SUPERSEDED)
    return party_word


@internal
@view
def _operating(number: uint256, favours: bool) -> uint256:
    """
    @notice Read the word of a party whose operators may act: it may act itself and, to favour, it is not frozen.
    """
    party_word: uint256 = self._standing(number, favours)
    if favours and (party_word >> words.PARTY_FROZEN_AT) & 1 == 1:
        refusals._refuse(refusals.PARTY_FROZEN)
    return party_word


@internal
@view
def _gone(party: uint256, party_word: uint256, register: uint256) -> bool:
    """
    @notice Tell whether an issuer is expelled, or no longer belongs to the register's union.
    """
    if self._expelled(party_word):
        return True
    return party != register and not parties._belongs(party_word, register, block.timestamp)


@internal
@view
def _operates(key: address, party: uint256, party_word: uint256) -> bool:
    """
    @notice Tell whether an address is an operator of a party now.
    """
    key_word: uint256 = self.tables[words.TABLE_KEY][convert(key, uint256)]
    return parties._serves(key_word, party, party_word, words.KEY_ROLE_OPERATOR)


@internal
@view
def _authority_of(signer: address) -> uint256:
    """
    @notice Find the party that has this address as an authority key now, or refuse.
    """
    key_word: uint256 = self.tables[words.TABLE_KEY][convert(signer, uint256)]
    party: uint256 = key_word & words.KEY_PARTY_MASK
    if not parties._serves(key_word, party, self.tables[words.TABLE_PARTY][party], words.KEY_ROLE_AUTHORITY):
        refusals._refuse(refusals.SURPLUS_SIGNATURE)
    return party


@internal
@view
def _operators(party: uint256, party_word: uint256, signers: DynArray[address, MAX_OPERATORS]):
    """
    @notice Refuse unless the party's operators signed, as many as its threshold says, and nobody else.
    """
    for signer: address in signers:
        if not self._operates(signer, party, party_word):
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
    if len(signers) < parties._threshold(party_word):
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _sole(signers: DynArray[address, MAX_OPERATORS], party: uint256, party_word: uint256):
    """
    @notice Refuse unless the party's authority signed, with as many keys as its threshold says, and nobody else.
    """
    counted: parties.Tally = empty(parties.Tally)
    for signer: address in signers:
        if self._authority_of(signer) != party:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
        counted = parties._count(counted, party)
    if not parties._reaches(counted, party, party_word):
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)


@internal
@view
def _transferors(
    register: uint256,
    holder: uint256,
    issuer: uint256,
    issuer_word: uint256,
    former: uint256,
    signers: DynArray[address, MAX_OPERATORS],
) -> uint256:
    """
    @notice Refuse unless the new issuer's operators signed, and either the old issuer's or the authority of the register's union.
    @dev The union's signature suffices, whether or not the old issuer is gone: a stolen key of one member must not hold another member's trader.
    @return Word of the party that agreed for the old side. If the union's authority agreed, it is not frozen.
    """
    if former == issuer:
        refusals._refuse(refusals.WRONG_MEMBERS)
    former_word: uint256 = self._party(former)
    own: uint256 = 0
    of_former: uint256 = 0
    of_union: parties.Tally = empty(parties.Tally)
    for signer: address in signers:
        if self._operates(signer, issuer, issuer_word):
            own += 1
        elif self._operates(signer, former, former_word):
            of_former += 1
        elif self._authority_of(signer) == register:
            of_union = parties._count(of_union, register)
        else:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
    if own < parties._threshold(issuer_word):
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)
    if of_union.one != 0:
        if of_former != 0:
            refusals._refuse(refusals.SURPLUS_SIGNATURE)
        if not parties._reaches(of_union, register, holder):
            refusals._refuse(refusals.TOO_FEW_SIGNATURES)
        return holder & ~(1 << words.PARTY_FROZEN_AT)
    if of_former < parties._threshold(former_word) or self._gone(former, former_word, register):
        refusals._refuse(refusals.TOO_FEW_SIGNATURES)
    return former_word
