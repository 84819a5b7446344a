# pragma version 0.4.3
"""
@title Registers
@notice Daily business: what administrations publish about certificates, and the aliases that recognisers use.
@dev How is it stopped? It is not; see Consortium. Once per publication this contract asks Consortium who the signers are.
     Status events are checked by the transition table and chained into each standing's history. All are accepted, or none.
"""

import messages
import parties
import refusals
import signatures
import words

MAX_EVENTS: constant(uint256) = 100
MAX_DETAILS: constant(uint256) = 32_768  # bytes
MAX_PUBLICATION: constant(uint256) = 61_440  # bytes of call data
MAX_OPERATORS: constant(uint256) = 16
MAX_ENTRIES: constant(uint256) = 64  # of one question to `recognise`
MAX_BINDINGS: constant(uint256) = 8  # of one alias
LONGEST_BAR: constant(uint256) = 1_827 * 86_400  # seconds: five years, leap days included

RECORDED: constant(uint256) = words.RECORD_RECORDED_AT_MASK << words.RECORD_RECORDED_AT_AT


interface IConsortium:
    def word(table: uint256, key: uint256) -> uint256: view
    def authorise(
        register: uint256, issuer: uint256, former: uint256, capacity: uint256, signers: DynArray[address, MAX_OPERATORS]
    ) -> uint256: view
    def authorise_alias(recogniser: uint256, favour: bool, signers: DynArray[address, MAX_OPERATORS]) -> bool: view


struct Standing:
    record: uint256
    head: bytes32


struct Answer:
    reasons: uint256
    benefits: uint256
    entry: bytes32
    recogniser: uint256
    register: uint256
    lane: uint256


event StatusChanged:
    entry: indexed(bytes32)
    record: uint256
    document: bytes32


event Written:
    table: indexed(uint256)
    key: indexed(uint256)
    word: uint256


tables: HashMap[uint256, HashMap[uint256, uint256]]
standings: HashMap[bytes32, Standing]
consortium: public(address)


@deploy
def __init__(consortium: address):
    """
    @notice Bind the registers to their constitution for ever.
    @param consortium 20-byte address of Consortium.
    """
    self.consortium = consortium


@external
def publish(
    register: uint16,
    issuer: uint16,
    former: uint16,
    capacity: uint8,
    deadline: uint64,
    events: DynArray[messages.StatusEvent, MAX_EVENTS],
    signed: DynArray[signatures.Signature, MAX_OPERATORS],
    details: Bytes[MAX_DETAILS],
):
    """
    @notice Publish a batch of status events of one register. All are accepted, or none.
    @dev The details are the last argument and are used only here. The rest is in an internal function, to save memory for bounded arguments.
    @param register Number of the register.
    @param issuer Number of the party whose standings change (the new one in a transfer).
    @param former Number of the old issuer in a transfer, otherwise 0.
    @param capacity Capacity of the signers: 1 operators, 2 authority, 3 transfer, 4 union.
    @param deadline Last second at which the message counts.
    @param events Entry, new record (its recording time is 0), commitment to the document: 32 bytes each.
    @param signed v, r, s of each signer, ascending by signer.
    @param details One opaque blob, emitted and not stored.
    """
    if len(msg.data) > MAX_PUBLICATION:
        refusals._refuse(refusals.TOO_LARGE)
    self._publish(
        convert(register, uint256),
        convert(issuer, uint256),
        convert(former, uint256),
        convert(capacity, uint256),
        deadline,
        keccak256(details),
        events,
        signed,
    )
    if len(details) != 0:
        raw_log([keccak256("Details(uint256,uint256,bytes)"), convert(register, bytes32), convert(issuer, bytes32)], details)


@internal
def _publish(
    register: uint256,
    issuer: uint256,
    former: uint256,
    capacity: uint256,
    deadline: uint64,
    details: bytes32,
    events: DynArray[messages.StatusEvent, MAX_EVENTS],
    signed: DynArray[signatures.Signature, MAX_OPERATORS],
):
    """
    @notice Check the signers, then carry out the events in order.
    """
    signatures._in_time(deadline)
    if len(events) == 0:
        refusals._refuse(refusals.NO_EVENTS)
    hashes: DynArray[bytes32, MAX_EVENTS] = []
    for happened: messages.StatusEvent in events:
        hashes.append(keccak256(abi_encode(messages.STATUS_EVENT_HASH, happened)))
    message: bytes32 = keccak256(
        abi_encode(
            messages.PUBLICATION_HASH,
            register,
            issuer,
            former,
            capacity,
            deadline,
            keccak256(slice(abi_encode(hashes), 64, 32 * len(hashes))),
            details,
        )
    )
    allowed: uint256 = staticcall IConsortium(self.consortium).authorise(
        register, issuer, former, capacity, signatures._signers(message, signed)
    )
    owner: uint256 = issuer
    if former != 0:
        owner = former
    position: uint256 = 0
    for happened: messages.StatusEvent in events:
        old: uint256 = self.standings[happened.entry].record
        new: uint256 = happened.record
        self._check(register, issuer, owner, allowed, convert(happened.entry, uint256), old, new)
        new |= block.timestamp << words.RECORD_RECORDED_AT_AT
        self.standings[happened.entry].record = new
        self.standings[happened.entry].head = keccak256(
            abi_encode(self.standings[happened.entry].head, hashes[position], block.timestamp)
        )
        position += 1
        log StatusChanged(entry=happened.entry, record=new, document=happened.document)


@internal
@view
def _check(
    register: uint256, issuer: uint256, owner: uint256, allowed: uint256, entry: uint256, old: uint256, new: uint256
):
    """
    @notice Refuse an event that the transition table does not allow.
    @param owner The party that must own the standing: the issuer or, in a transfer, the old issuer.
    @param allowed The result of `authorise`.
    """
    now: uint256 = block.timestamp
    kind: uint256 = (new >> words.RECORD_KIND_AT) & words.RECORD_KIND_MASK
    status: uint256 = new & words.RECORD_STATUS_MASK
    old_status: uint256 = old & words.RECORD_STATUS_MASK
    since: uint256 = (new >> words.RECORD_SINCE_AT) & words.RECORD_SINCE_MASK
    old_since: uint256 = (old >> words.RECORD_SINCE_AT) & words.RECORD_SINCE_MASK
    hold: uint256 = (new >> words.RECORD_HOLD_UNTIL_AT) & words.RECORD_HOLD_UNTIL_MASK

    if entry >> words.ENTRY_REGISTER_AT != register:
        refusals._refuse(refusals.WRONG_REGISTER)
    if (allowed >> (16 + kind)) & 1 == 0:
        refusals._refuse(allowed >> 32)
    if (new >> words.RECORD_ISSUER_AT) & words.RECORD_ISSUER_MASK != issuer:
        refusals._refuse(refusals.WRONG_ISSUER)
    if old != 0 and (old >> words.RECORD_ISSUER_AT) & words.RECORD_ISSUER_MASK != owner:
        refusals._refuse(refusals.WRONG_ISSUER)
    if (new >> words.RECORD_SEQUENCE_AT) & words.RECORD_SEQUENCE_MASK != (
        (old >> words.RECORD_SEQUENCE_AT) & words.RECORD_SEQUENCE_MASK
    ) + 1:
        refusals._refuse(refusals.WRONG_SEQUENCE)
    if since > now:
        refusals._refuse(refusals.WRONG_SINCE)

    if kind == words.EVENT_KIND_GRANT:
        if (
            (allowed >> ((entry >> words.ENTRY_TYPE_AT) & words.ENTRY_TYPE_MASK)) & 1 == 0
            or (entry >> words.ENTRY_TYPE_AT) & words.ENTRY_TYPE_MASK > words.LAST_TYPE
        ):
            refusals._refuse(refusals.TYPE_NOT_IN_USE)
        if old != 0 and (words.TERMINAL >> old_status) & 1 == 0 or status != words.STATUS_ACTIVE:
            refusals._refuse(refusals.WRONG_TRANSITION)
        if new & RECORDED != 0:
            refusals._refuse(refusals.FIELD_CHANGED)
        starts: uint256 = self._scope(new)
        if (starts <= now and since != starts) or since < old_since:
            refusals._refuse(refusals.WRONG_SINCE)
        if old != 0:
            bar: uint256 = (old >> words.RECORD_HOLD_UNTIL_AT) & words.RECORD_HOLD_UNTIL_MASK
            if now < bar or starts < bar:
                refusals._refuse(refusals.BARRED)
        if hold != 0:
            refusals._refuse(refusals.WRONG_HOLD)
        return

    changed: uint256 = (old & ~RECORDED) ^ new
    may_change: uint256 = words.RECORD_OWN
    living: bool = (words.LIVING >> old_status) & 1 == 1
    fits: bool = living and status == old_status
    holds: bool = True
    if kind == words.EVENT_KIND_SUSPEND:
        may_change = words.SUSPEND_CHANGES
        fits = living and status == words.STATUS_SUSPENDED
        holds = hold == 0 or hold > since
    elif kind == words.EVENT_KIND_REINSTATE:
        may_change = words.REINSTATE_CHANGES
        fits = old_status == words.STATUS_SUSPENDED and status == words.STATUS_ACTIVE
        holds = hold == 0
    elif kind == words.EVENT_KIND_REVOKE:
        may_change = words.REVOKE_CHANGES
        fits = living and status == words.STATUS_REVOKED
        holds = hold <= now + LONGEST_BAR
    elif kind == words.EVENT_KIND_WITHDRAW:
        may_change = words.WITHDRAW_CHANGES
        fits = living and status == words.STATUS_WITHDRAWN
        holds = hold == 0
    elif kind == words.EVENT_KIND_AMEND:
        may_change = words.AMEND_CHANGES
    elif kind == words.EVENT_KIND_REASSESS:
        may_change = words.REASSESS_CHANGES
    elif kind == words.EVENT_KIND_ANNUL:
        may_change = words.ANNUL_CHANGES
        fits = old != 0 and old_status != words.STATUS_ANNULLED and status == words.STATUS_ANNULLED
        holds = hold <= now + LONGEST_BAR
        if (words.TERMINAL >> old_status) & 1 == 1:
            holds = hold >= (old >> words.RECORD_HOLD_UNTIL_AT) & words.RECORD_HOLD_UNTIL_MASK and (
                holds or hold == (old >> words.RECORD_HOLD_UNTIL_AT) & words.RECORD_HOLD_UNTIL_MASK
            )
    elif kind == words.EVENT_KIND_RESTORE:
        may_change = words.RESTORE_CHANGES
        fits = (words.TERMINAL >> old_status) & 1 == 1 and (words.LIVING >> status) & 1 == 1
        holds = hold == 0 or (status == words.STATUS_SUSPENDED and hold > since)
    else:
        may_change = words.TRANSFER_CHANGES
        fits = old != 0 and status == old_status
    if not fits:
        refusals._refuse(refusals.WRONG_TRANSITION)
    if changed & ~may_change != 0:
        refusals._refuse(refusals.FIELD_CHANGED)

    if kind == words.EVENT_KIND_ANNUL:
        effective: uint256 = (old >> words.RECORD_VALID_FROM_AT) & words.RECORD_VALID_FROM_MASK
        if effective > now:
            effective = old_since
        if since != effective:
            refusals._refuse(refusals.WRONG_SINCE)
    elif since < old_since:
        refusals._refuse(refusals.WRONG_SINCE)
    if changed & words.RECORD_SCOPE != 0 or kind == words.EVENT_KIND_RESTORE:
        starts: uint256 = self._scope(new)
        if starts > now and starts != (old >> words.RECORD_VALID_FROM_AT) & words.RECORD_VALID_FROM_MASK:
            refusals._refuse(refusals.WRONG_VALIDITY)
    if not holds:
        refusals._refuse(refusals.WRONG_HOLD)


@internal
@pure
def _scope(record: uint256) -> uint256:
    """
    @notice Refuse empty or unknown roles, and a validity that ends before it begins.
    @return Valid from, seconds.
    """
    roles: uint256 = (record >> words.RECORD_ROLES_AT) & words.RECORD_ROLES_MASK
    if roles == 0 or roles >= words.ROLES_LIMIT:
        refusals._refuse(refusals.WRONG_ROLES)
    starts: uint256 = (record >> words.RECORD_VALID_FROM_AT) & words.RECORD_VALID_FROM_MASK
    until: uint256 = (record >> words.RECORD_VALID_UNTIL_AT) & words.RECORD_VALID_UNTIL_MASK
    if starts == 0 or (until != 0 and until <= starts):
        refusals._refuse(refusals.WRONG_VALIDITY)
    return starts


# ------------------------------------------------------------------ aliases


@external
def bind_alias(act: messages.AliasBinding, signed: DynArray[signatures.Signature, MAX_OPERATORS]):
    """
    @notice Bind an alias to an entry, or clear a binding (entry 0). An alias with more than one used binding is ambiguous.
    @dev A binding stands for one trader, with one entry for each type. A cleared binding is free for the next trader.
    @param act The act, with the alias's serial.
    @param signed Signatures of the recogniser's operators, ascending by signer.
    """
    signatures._in_time(act.deadline)
    recogniser: uint256 = convert(act.recogniser, uint256)
    key: uint256 = convert(keccak256(abi_encode(recogniser, act.alias_hash)), uint256)
    alias_word: uint256 = self.tables[words.TABLE_ALIAS][key]
    serial: uint256 = convert(act.serial, uint256)
    if serial != ((alias_word >> words.ALIAS_SERIAL_AT) & words.ALIAS_SERIAL_MASK) + 1:
        refusals._refuse(refusals.WRONG_ALIAS_SERIAL)
    message: bytes32 = keccak256(abi_encode(messages.ALIAS_BINDING_HASH, act))
    signers: DynArray[address, MAX_OPERATORS] = signatures._signers(message, signed)
    binds: bool = act.entry != empty(bytes32)
    assert staticcall IConsortium(self.consortium).authorise_alias(recogniser, binds, signers)
    binding: uint256 = convert(act.binding, uint256)
    certificate_type: uint256 = convert(act.certificate_type, uint256)
    if (
        binding >= MAX_BINDINGS
        or certificate_type > words.LAST_TYPE
        or (binds and (convert(act.entry, uint256) >> words.ENTRY_TYPE_AT) & words.ENTRY_TYPE_MASK != certificate_type)
    ):
        refusals._refuse(refusals.WRONG_BINDING)
    bit: uint256 = 1 << (words.ALIAS_TYPES_BITS * binding + certificate_type)
    if not binds and alias_word & bit == 0:
        refusals._refuse(refusals.WRONG_BINDING)
    bound: uint256 = (alias_word | bit) & ((1 << words.ALIAS_SERIAL_AT) - 1)
    if not binds:
        bound ^= bit
    self._put(
        words.TABLE_ALIAS,
        key,
        bound | (serial << words.ALIAS_SERIAL_AT) | (block.timestamp << words.ALIAS_CHANGED_AT_AT),
    )
    place: bytes32 = keccak256(abi_encode(recogniser, act.alias_hash, binding, certificate_type))
    self._put(words.TABLE_ALIAS_ENTRY, convert(place, uint256), convert(act.entry, uint256))
    head: uint256 = self.tables[words.TABLE_ALIAS_HEAD][key]
    head = convert(keccak256(abi_encode(head, message, block.timestamp)), uint256)
    self._put(words.TABLE_ALIAS_HEAD, key, head)


@internal
def _put(table: uint256, key: uint256, fact: uint256):
    """
    @notice Write a word and log it.
    """
    self.tables[table][key] = fact
    log Written(table=table, key=key, word=fact)


# ------------------------------------------------------------------ reading


@external
@view
def word(table: uint256, key: uint256) -> uint256:
    """
    @notice Read one word of the alias tables.
    @param table Number of the table.
    @param key Key in the table.
    """
    return self.tables[table][key]


@external
@view
def standing(entry: bytes32) -> (uint256, bytes32):
    """
    @notice Read a standing: its record and the head of its history.
    @param entry Register (2 bytes), type (1), holder (29).
    """
    return self.standings[entry].record, self.standings[entry].head


@external
@view
def recognise(recogniser: uint16, direction: uint8, role: uint8, entries: DynArray[bytes32, MAX_ENTRIES]) -> Answer:
    """
    @notice Decide now whether a recogniser recognises a trader. Other contracts get the same decision as a border system's verifier.
    @param recogniser Number of the party that asks.
    @param direction 0 import, 1 export, 2 transit; seen from the recogniser.
    @param role Role of the foreign operator, 0 to 14.
    @param entries Where a standing may be. The caller derives them from the TIN: registers by number, then types, ascending.
    @return Reasons of a no (bits in order of precedence; 0 means yes), benefits, and the deciding entry and first lane.
    """
    if direction > words.LAST_DIRECTION or role > words.LAST_ROLE or len(entries) == 0:
        refusals._refuse(refusals.WRONG_QUESTION)
    succession: uint256 = self._word(words.TABLE_SUCCESSION, 0)
    if succession != 0 and block.timestamp >= succession >> words.SUCCESSION_EFFECTIVE_AT:
        refusals._refuse(refusals.SUPERSEDED)
    asker: uint256 = convert(recogniser, uint256)
    asker_word: uint256 = self._word(words.TABLE_PARTY, asker)
    if asker_word == 0:
        refusals._refuse(refusals.WRONG_QUESTION)
    asker_gone: bool = self._expelled(asker_word)
    owners: DynArray[uint256, 5] = self._owners(asker, asker_word)
    answer: Answer = empty(Answer)
    missing: uint256 = words.REASON_NO_CERTIFICATE | words.REASON_NO_ARRANGEMENT
    unreached: bool = False
    for entry: bytes32 in entries:
        register: uint256 = convert(entry, uint256) >> words.ENTRY_REGISTER_AT
        certificate_type: uint256 = (convert(entry, uint256) >> words.ENTRY_TYPE_AT) & words.ENTRY_TYPE_MASK
        register_party: uint256 = self._word(words.TABLE_PARTY, register)
        if (register_party >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 0 and (register_party >> words.PARTY_OPENED_AT) & 1 == 0:
            continue
        record: uint256 = self.standings[entry].record
        of_standing: uint256 = words.REASON_NO_CERTIFICATE
        if record != 0:
            missing &= ~words.REASON_NO_CERTIFICATE
            of_standing = self._flaws(record, register, register_party, convert(role, uint256))
            answer.reasons |= of_standing
        asker_withholds: bool = self._withholds(asker, entry)
        reached: bool = False
        for owner: uint256 in owners:
            pair_word: uint256 = self._word(words.TABLE_PAIR, (owner << 16) | register)
            lanes: uint256 = pair_word & words.PAIR_LANES_MASK
            if lanes == 0:
                continue
            missing &= ~words.REASON_NO_ARRANGEMENT
            reached = True
            owner_gone: bool = (
                asker_gone or self._expelled(register_party) or self._expelled(self._word(words.TABLE_PARTY, owner))
            )
            withheld: bool = asker_withholds or (owner != asker and self._withholds(owner, entry))
            for lane: uint256 in range(lanes, bound=16):
                lane_word: uint256 = self._word(words.TABLE_LANE, (((owner << 16) | register) << 8) | lane)
                flaws: uint256 = self._lane_flaws(lane_word, convert(direction, uint256), convert(role, uint256))
                if owner_gone:
                    flaws |= words.REASON_PARTY_GONE
                if record != 0 and withheld:
                    flaws |= words.REASON_BENEFITS_WITHHELD
                if record != 0 and (lane_word >> (words.LANE_TYPES_AT + certificate_type)) & 1 == 0:
                    flaws |= words.REASON_TYPE_OUT_OF_SCOPE
                answer.reasons |= flaws
                if flaws | of_standing == 0:
                    if answer.entry == empty(bytes32):
                        answer.entry = entry
                        answer.recogniser = owner
                        answer.register = register
                        answer.lane = lane
                    answer.benefits |= (lane_word >> words.LANE_BENEFITS_AT) & words.LANE_BENEFITS_MASK
        if answer.entry != empty(bytes32):
            answer.reasons = 0
            return answer
        unreached = unreached or (record != 0 and not reached)
    answer.reasons |= missing
    if unreached and missing & words.REASON_NO_ARRANGEMENT == 0:  # all lanes lead to other registers
        answer.reasons |= words.REASON_TYPE_OUT_OF_SCOPE
    return answer


@internal
@view
def _word(table: uint256, key: uint256) -> uint256:
    """
    @notice Read a word of the constitution.
    """
    return staticcall IConsortium(self.consortium).word(table, key)


@internal
@view
def _owners(asker: uint256, asker_word: uint256) -> DynArray[uint256, 5]:
    """
    @notice List the parties whose arrangements count for a recogniser: itself, then its unions by number.
    """
    owners: DynArray[uint256, 5] = [asker]
    last: uint256 = 0
    for turn: uint256 in range(4):
        next: uint256 = 256
        for place: uint256 in range(4):
            union: uint256 = parties._union_in(asker_word, place, block.timestamp)
            if union > last and union < next:
                next = union
        if next < 256:
            owners.append(next)
            last = next
    return owners


@internal
@view
def _withholds(recogniser: uint256, entry: bytes32) -> bool:
    """
    @notice Tell whether a recogniser refuses benefits to an entry.
    """
    pair_word: uint256 = self._word(
        words.TABLE_PAIR, (recogniser << 16) | (convert(entry, uint256) >> words.ENTRY_REGISTER_AT)
    )
    if (pair_word >> words.PAIR_WITHHELD_AT) & words.PAIR_WITHHELD_MASK == 0:
        return False
    place: uint256 = convert(keccak256(abi_encode(recogniser, entry)), uint256)
    return self._word(words.TABLE_WITHHOLDING, place) & words.WITHHOLDING_WITHHELD_MASK == 1


@internal
@pure
def _expelled(party_word: uint256) -> bool:
    """
    @notice Tell whether a party was expelled.
    """
    return (party_word >> words.PARTY_STATE_AT) & words.PARTY_STATE_MASK == words.PARTY_STATE_EXPELLED


@internal
@view
def _flaws(record: uint256, register: uint256, register_party: uint256, role: uint256) -> uint256:
    """
    @notice Collect the reasons of a no in a standing.
    """
    status: uint256 = record & words.RECORD_STATUS_MASK
    issuer: uint256 = (record >> words.RECORD_ISSUER_AT) & words.RECORD_ISSUER_MASK
    until: uint256 = (record >> words.RECORD_VALID_UNTIL_AT) & words.RECORD_VALID_UNTIL_MASK
    flaws: uint256 = 0
    if status == words.STATUS_ANNULLED:
        flaws = words.REASON_ANNULLED
    elif status == words.STATUS_REVOKED:
        flaws = words.REASON_REVOKED
    elif status == words.STATUS_WITHDRAWN:
        flaws = words.REASON_WITHDRAWN
    elif status == words.STATUS_SUSPENDED:
        flaws = words.REASON_SUSPENDED
    if (record >> words.RECORD_VALID_FROM_AT) & words.RECORD_VALID_FROM_MASK > block.timestamp:
        flaws |= words.REASON_NOT_YET_EFFECTIVE
    if until != 0 and until <= block.timestamp:
        flaws |= words.REASON_EXPIRED
    if (record >> (words.RECORD_ROLES_AT + role)) & 1 == 0:
        flaws |= words.REASON_ROLE
    kept: bool = (register_party >> words.PARTY_KEEPS_REGISTER_AT) & 1 == 1
    member: bool = issuer == register
    issuer_word: uint256 = register_party
    if not member:
        issuer_word = self._word(words.TABLE_PARTY, issuer)
        member = parties._belongs(issuer_word, register, block.timestamp)
    if not kept or not member or self._expelled(issuer_word) or self._expelled(register_party):
        flaws |= words.REASON_PARTY_GONE
    return flaws


@internal
@view
def _lane_flaws(lane_word: uint256, direction: uint256, role: uint256) -> uint256:
    """
    @notice Collect the reasons of a no in a lane.
    """
    starts: uint256 = (lane_word >> words.LANE_IN_FORCE_FROM_AT) & words.LANE_IN_FORCE_FROM_MASK
    until: uint256 = (lane_word >> words.LANE_UNTIL_AT) & words.LANE_UNTIL_MASK
    flaws: uint256 = 0
    if starts == 0 or starts > block.timestamp:
        flaws = words.REASON_ARRANGEMENT_NOT_IN_FORCE
    if until != 0 and until <= block.timestamp:
        flaws |= words.REASON_ARRANGEMENT_ENDED
    if lane_word & words.LANE_STATE_MASK == words.LANE_STATE_SUSPENDED:
        flaws |= words.REASON_ARRANGEMENT_SUSPENDED
    if (lane_word >> (words.LANE_ROLES_AT + role)) & 1 == 0:
        flaws |= words.REASON_ROLE
    if (lane_word >> (words.LANE_DIRECTIONS_AT + direction)) & 1 == 0:
        flaws |= words.REASON_DIRECTION
    return flaws
