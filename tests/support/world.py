"""A consortium on the contracts and in the customs model at once: each act is done to both and they have to agree on every word.

Six founders: four administrations with a seat (1 to 4), the union `EU` (5) with its own register, of which the third and the fourth are
members, and one administration without a seat (6). Each authority begins with one key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from coincurve import PrivateKey

from aeo_ledger.customs import acts
from aeo_ledger.customs.aliases import Alias, bind_alias
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.arrangement_rules import act_on_lane, arrange, withhold
from aeo_ledger.customs.autonomy import act_alone, freeze, send_envelope
from aeo_ledger.customs.consortium import NO_HEAD, Consortium, Validator, extend_head
from aeo_ledger.customs.governance import act_on_replacement, complete_replacement, resolve, supersede
from aeo_ledger.customs.party import NO_MEMBERSHIP, Key, Membership, Office, Party
from aeo_ledger.customs.publication import Standing, publish
from aeo_ledger.customs.refusals import Refusal, refuse
from aeo_ledger.customs.vocabulary import KeyRole, PartyKind, PartyState, RegisterMode
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.primitives import MalformedSignature
from aeo_ledger.ledger.bindings import decode_refusal, encode_act, encode_call
from aeo_ledger.primitives.curve import HALF_ORDER, address_of_public_key, recover_address
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import CONTRACT_OF, SignedAct
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.typed_data import digest, struct_hash
from aeo_ledger.protocol.words import encode_party, encode_register
from support.act_messages import Act, name_of, read, write
from support.evm import ADDRESSES, CHAIN_ID, Evm, Outcome
from support.ledger_words import consortium_storage, governance_storage, registers_storage

START = 1_750_000_000
DAY = 86_400
DELAY = 14 * DAY
FIRST, SECOND, THIRD, FOURTH, UNION, SEATLESS = range(1, 7)
CODES = {FIRST: "BY", SECOND: "CN", THIRD: "DE", FOURTH: "FR", UNION: "EU", SEATLESS: "UY"}
OUTSIDER = "outsider"


@dataclass(frozen=True, slots=True)
class KeyPair:
    private: PrivateKey
    address: bytes


@cache
def key(name: str) -> KeyPair:
    """Derive the key of that name: the same in every run."""
    private = PrivateKey(keccak256(name.encode()))
    return KeyPair(private, address_of_public_key(private.public_key.format(compressed=False)[1:]))


def authority(party: int, which: int = 0) -> str:
    """Name a key of a party's authority; founders begin with the first."""
    return f"authority {party} {which}" if which else f"authority {party}"


def operator(party: int, which: int = 0) -> str:
    return f"operator {party} {which}"


def node(party: int) -> str:
    return f"node {party}"


def sign(message: bytes, *names: str) -> list[Signature]:
    """Sign a digest with the keys of these names, in the contracts' order."""
    signatures = []
    for pair in sorted((key(name) for name in names), key=lambda pair: pair.address):
        raw = pair.private.sign_recoverable(message, hasher=None)
        signatures.append(Signature.parse(raw))
    return signatures


@dataclass
class World:
    """The contracts and the model, side by side."""

    evm: Evm
    consortium: Consortium
    standings: dict[bytes, Standing] = field(default_factory=dict)
    aliases: dict[tuple[int, bytes], Alias] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return self.evm.time

    @property
    def soon(self) -> int:
        """A deadline that has not passed."""
        return self.evm.time + 60

    def fork(self) -> World:
        """Make another one that goes on from here."""
        return World(self.evm.fork(), self.consortium, dict(self.standings), dict(self.aliases))

    def wait(self, seconds: int, blocks: int = 1) -> None:
        self.evm.time += seconds
        self.evm.block += blocks

    def message(self, act: object, *, chain_id: int | None = None, contract: bytes | None = None) -> bytes:
        """Derive what is signed for an act."""
        name = name_of(act)
        where = contract or ADDRESSES[CONTRACT_OF[name]]
        return digest(name, write(act), chain_id=chain_id or self.evm.chain_id, contract=where)

    def do(self, act: Act, *names: str) -> None:
        """Do an act signed by these keys; both have to accept it."""
        refused = self.submit(act, sign(self.message(act), *names))
        assert refused is None, refused

    def refuses(self, act: Act, *names: str) -> Refusal:
        """Try an act signed by these keys; both have to refuse it, for the same reason."""
        return self.refuses_signed(act, sign(self.message(act), *names))

    def refuses_signed(self, act: Act, signatures: list[Signature]) -> Refusal:
        refused = self.submit(act, signatures)
        assert refused is not None
        return refused

    def submit(self, act: Act, signatures: Iterable[Signature]) -> Refusal | None:
        """Do an act, whatever it is, to both, and compare everything."""
        name, values = name_of(act), write(act)
        act = read(name, values)
        signatures = tuple(signatures)
        signed = acts.Signed(
            hash=struct_hash(name, values),
            signers=_recover(
                digest(name, values, chain_id=self.evm.chain_id, contract=ADDRESSES[CONTRACT_OF[name]]), signatures
            ),
            parts=tuple(struct_hash("StatusEvent", event) for event in values.get("events", ())),
        )
        call = encode_act(SignedAct(name=name, values=values, signatures=signatures))
        return self._both(CONTRACT_OF[name], call, lambda: self._model(act, signed))

    def misfits(self, act: Act, signatures: Iterable[Signature]) -> bool:
        """Say whether an act's call data is refused before any rule is asked: it does not fit the contract's types."""
        name = name_of(act)
        call = encode_act(SignedAct(name=name, values=write(act), signatures=tuple(signatures)))
        outcome = self.evm.call(CONTRACT_OF[name], call)
        self.compare()
        return outcome.reverted and outcome.output == b""

    def complete_replacement(self, party: int) -> Refusal | None:
        """Let anybody complete a replacement."""
        call = encode_call(Contract.GOVERNANCE, "complete_replacement", party)

        def model() -> None:
            self.consortium = complete_replacement(self.consortium, party, time=self.now)

        return self._both(Contract.GOVERNANCE, call, model)

    def _both(self, contract: Contract, call: bytes, model: Callable[[], None]) -> Refusal | None:
        expected: Refusal | None = None
        try:
            model()
        except RefusedByLedger as refused:
            expected = Refusal(refused.code)
        found = refusal_of(self.evm.call(contract, call))
        assert found == expected, f"the contract says {found!r}, the model {expected!r}"
        self.compare()
        return found

    def become(self, consortium: Consortium) -> None:
        """Put a consortium's words in the place of those that stand: for what would take years, or hundreds of acts."""
        before, after = consortium_storage(self.consortium), consortium_storage(consortium)
        self.evm.put(Contract.CONSORTIUM, {slot: after.get(slot, 0) for slot in before.keys() | after.keys()})
        self.consortium = consortium
        self.compare()

    def compare(self) -> None:
        """Compare the whole storage of the contracts with the model's words: nothing more, nothing less."""
        assert self.evm.storage[Contract.CONSORTIUM] == consortium_storage(self.consortium)
        assert self.evm.storage[Contract.GOVERNANCE] == governance_storage()
        assert self.evm.storage[Contract.REGISTERS] == registers_storage(self.standings, self.aliases)

    def _model(self, act: Act, signed: acts.Signed) -> None:
        before, time = self.consortium, self.now
        if isinstance(act, acts.Publication):
            self.standings |= publish(before, self.standings, act, signed, time=time)
        elif isinstance(act, acts.AliasBinding):
            where = (act.recogniser, act.alias_hash)
            self.aliases[where] = bind_alias(before, self.aliases.get(where), act, signed, time=time)
        elif isinstance(act, acts.Resolution):
            self.consortium = resolve(before, act, signed, time=time, block=self.evm.block)
        else:
            rules: dict[type, Any] = {
                acts.Succession: supersede,
                acts.PartyAct: act_alone,
                acts.ReplacementAct: act_on_replacement,
                acts.Freeze: freeze,
                acts.Envelope: send_envelope,
                acts.Conclusion: arrange,
                acts.Amendment: arrange,
                acts.LaneAct: act_on_lane,
                acts.WithholdingAct: withhold,
            }
            self.consortium = rules[type(act)](before, act, signed, time=time)


def refusal_of(outcome: Outcome) -> Refusal | None:
    """Read why a contract refused; None if it accepted."""
    if not outcome.reverted:
        return None
    refused = decode_refusal(outcome.output)
    assert isinstance(refused, RefusedByLedger), f"reverted without a reason: {outcome.output.hex()}"
    return Refusal(refused.code)


def _recover(message: bytes, signatures: Iterable[Signature]) -> Iterator[bytes]:
    for signature in signatures:
        if signature.s > HALF_ORDER:
            refuse(Refusal.HIGH_S)
        try:
            signer = recover_address(message, signature.r, signature.s, signature.v - 27)
        except MalformedSignature:
            refuse(Refusal.NO_SIGNER)
        yield signer


def founding(*, minimum_validators: int = 4, seats: Iterable[int] = (FIRST, SECOND, THIRD, FOURTH)) -> Consortium:
    """Make the founders' consortium."""
    parties = {
        number: Party(
            code=code,
            kind=PartyKind.UNION if number == UNION else PartyKind.ADMINISTRATION,
            state=PartyState.ACTIVE,
            seat=number in seats,
            keeps_register=number != FOURTH,
            opened=number in {FIRST, SECOND, UNION},
            memberships=(
                Membership(union=UNION if number in {THIRD, FOURTH} else 0),
                NO_MEMBERSHIP,
                NO_MEMBERSHIP,
                NO_MEMBERSHIP,
            ),
            threshold=2 if number == SECOND else 1,
            changed_at=START,
        )
        for number, code in CODES.items()
    }
    keys = {}
    for number in parties:
        keys[key(authority(number)).address] = Key(party=number, role=KeyRole.AUTHORITY, added_at=START)
        for which in (0, 1):
            keys[key(operator(number, which)).address] = Key(party=number, role=KeyRole.OPERATOR, added_at=START)
    for number in range(1, 6):
        keys[key(node(number)).address] = Key(party=number, role=KeyRole.NODE, added_at=START)
    register = Register(mode=RegisterMode.OPEN, types=0b111, changed_at=START)
    return chain_foundings(
        Consortium(
            parties=parties,
            keys=keys,
            validators=tuple(Validator(node=key(node(number)).address, party=number) for number in range(1, 6)),
            minimum_validators=minimum_validators,
            replacement_delay=DELAY,
            chain_id=CHAIN_ID,
            offices={number: Office(operators=2) for number in parties},
            registers={FIRST: register, SECOND: replace(register, types=1), UNION: register},
        )
    )


def chain_foundings(consortium: Consortium) -> Consortium:
    """Begin each founder's history."""
    heads = {}
    for number, party in consortium.parties.items():
        values: dict[str, Any] = {
            "party": number,
            "word": encode_party(party),
            "authority": authority_of(consortium, number),
        }
        heads[number] = extend_head(NO_HEAD, struct_hash("Founding", values), START)
    return replace(consortium, party_heads=heads)


def authority_of(consortium: Consortium, number: int) -> bytes:
    """Find the authority that a founder began with."""
    return next(a for a, k in consortium.keys.items() if (k.party, k.role) == (number, KeyRole.AUTHORITY))


@dataclass(frozen=True, kw_only=True)
class Genesis:
    """What the constructor of `Consortium` is told."""

    founders: list[tuple[int, bytes, int]]
    """Party word, authority, register word (0: not opened); numbers from 1."""
    operators: list[tuple[int, bytes]]
    validators: list[tuple[int, bytes]]
    minimum_validators: int
    replacement_delay: int

    @classmethod
    def of(cls, consortium: Consortium) -> Genesis:
        """Take apart a founders' consortium."""
        registers = {number: encode_register(register) for number, register in consortium.registers.items()}
        return cls(
            founders=[
                (encode_party(party), authority_of(consortium, number), registers.get(number, 0))
                for number, party in consortium.parties.items()
            ],
            operators=[(k.party, address) for address, k in consortium.keys.items() if k.role is KeyRole.OPERATOR],
            validators=[(validator.party, validator.node) for validator in consortium.validators],
            minimum_validators=consortium.minimum_validators,
            replacement_delay=consortium.replacement_delay,
        )

    def deploy(self, evm: Evm) -> Outcome:
        """Deploy all three contracts; tell what became of the first."""
        outcome = evm.deploy(
            Contract.CONSORTIUM,
            ADDRESSES[Contract.GOVERNANCE],
            self.founders,
            self.operators,
            self.validators,
            self.minimum_validators,
            self.replacement_delay,
        )
        for contract in (Contract.GOVERNANCE, Contract.REGISTERS):
            evm.deploy(contract, ADDRESSES[Contract.CONSORTIUM])
        return outcome


def found(consortium: Consortium | None = None) -> World:
    """Deploy the contracts with the founders' consortium, or with another."""
    return _deploy(chain_foundings(consortium)) if consortium else _founded().fork()


@cache
def _founded() -> World:
    return _deploy(founding())


def _deploy(consortium: Consortium) -> World:
    evm = Evm(time=START)
    refused = refusal_of(Genesis.of(consortium).deploy(evm))
    assert refused is None, f"constructor refused {refused and refused.name}"
    world = World(evm, consortium)
    world.compare()
    return world
