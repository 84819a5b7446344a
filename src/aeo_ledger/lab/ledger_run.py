"""The scenario on the real ledger, in full: arrangements concluded, registers loaded, each event of the trace signed, sealed and verified.

After each block one partner asks about each trader that the block concerns, gets evidence, and verifies it. Its answer must be what the
trace says; another answer stops the run. Events are signed by machines, so the delay from a decision to its block is drawn from the
stream `ledger/sign`. Replications draw that delay again and keep the delay from signature to seal that was found here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from aeo_ledger.chain import Receipt
from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, EventKind, ReasonClass, Role, Status
from aeo_ledger.evidence import EVIDENCE_FORM, SNAPSHOT_FORM, Question
from aeo_ledger.lab.delays import draw_delays
from aeo_ledger.lab.ledger_tables import Block, Outcome, Seen, tell_run
from aeo_ledger.lab.parts import Bench
from aeo_ledger.lab.scenario import Scenario
from aeo_ledger.lab.sealed import SealedWorld, open_sealed
from aeo_ledger.lab.tables import ResultTable
from aeo_ledger.lab.trace import Floats, Trace, make_trace
from aeo_ledger.lab.world import Lane, World, make_world
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.protocol.words import NAME_BYTES, encode_text
from aeo_ledger.signing import Signer

_BATCH: Final = 100
"""Events in one publication, at most."""
_PUBLICATIONS: Final = 10
"""Publications in one block of the bulk load: a block has 60 million gas, and one publication of 100 grants takes 5 million."""
_RECOGNITIONS: Final = 32
"""Recognitions in one conclusion, at most."""
_PAST: Final = 40
"""Questions about the past that are asked at the end, at most."""


def tin_of(register: str, operator: int) -> Tin:
    """Name an operator of a register. The number is invented; a union's traders have the prefix of a member."""
    return Tin(f"{'DE' if register == 'EU' else register}{operator:09}")


def type_of(register: str) -> int:
    """Return the type under which partners recognise a register: Belarus's and its neighbours' 3, the EU's AEOS, else the first."""
    names = list_type_names(register)
    return next((place for place, name in enumerate(names) if name in {"3", "AEOS"}), 0)


@dataclass(slots=True)
class _Run:
    """A run under way."""

    world: World
    sealed: SealedWorld
    records: dict[bytes, Record] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    _sent: list[Future[Receipt]] = field(default_factory=list)

    def entry(self, register: str, operator: int) -> bytes:
        number, kind = self.sealed.numbers[register], type_of(register)
        return make_entry(number, kind, derive_open_holder(number, kind, tin_of(register, operator)))

    def conclude(self, begins: int) -> None:
        """Conclude every arrangement of the world, in force from the first second."""
        groups: dict[str, list[Lane]] = {}
        for lane in self.world.lanes:
            groups.setdefault(lane.arrangement, []).append(lane)
        for name, lanes in sorted(groups.items()):
            for first in range(0, len(lanes), _RECOGNITIONS):
                chunk = lanes[first : first + _RECOGNITIONS]
                codes = sorted({code for lane in chunk for code in (lane.recogniser, lane.register)})
                self._do(self._conclusion(name, chunk, begins), [self.sealed.authority(code) for code in codes])
        self.seal("arrangements")

    def _conclusion(self, name: str, lanes: Sequence[Lane], begins: int) -> SignedAct:
        numbers = self.sealed.numbers
        recognitions = [
            {
                "recogniser": numbers[lane.recogniser], "register": numbers[lane.register], "lane": 0, "amendment": 1,
                "types": 1 << type_of(lane.register), "roles": (1 << len(Role)) - 1,
                "directions": 1 << Direction.IMPORT if lane.imports_only else (1 << len(Direction)) - 1,
                "benefits": 1 << Benefit.FEWER_INSPECTIONS, "in_force_from": begins, "until": 0,
            }
            for lane in lanes
        ]  # fmt: skip
        return SignedAct(
            name="Conclusion",
            values={
                "deadline": int(self.sealed.time.now) + 600,
                "arrangement": encode_text(name, NAME_BYTES, what="name").to_bytes(NAME_BYTES, "big")
                + bytes(32 - NAME_BYTES),
                "text": keccak256(name.encode()),
                "signatories": sum(
                    1 << numbers[code] for code in {code for lane in lanes for code in (lane.recogniser, lane.register)}
                ),
                "recognitions": recognitions,
            },
        )

    def load(self, begins: int) -> None:
        """Grant every certificate of every register, as its first import does."""
        waiting = 0
        for register, size in self.world.sizes.items():
            for first in range(0, size, _BATCH):
                rows = [(operator, EventKind.GRANT) for operator in range(first, min(size, first + _BATCH))]
                self.publish(register, rows, now=begins)
                waiting += 1
                if waiting % _PUBLICATIONS == 0:
                    self.seal("load")
        self.seal("load")

    def publish(self, register: str, rows: Sequence[tuple[int, EventKind]], *, now: int) -> None:
        """Sign and queue one publication of a register."""
        number = self.sealed.numbers[register]
        events = []
        for operator, kind in rows:
            entry = self.entry(register, operator)
            change = Change(
                kind=kind,
                reason=ReasonClass.TRANSCRIBED if kind is EventKind.GRANT else ReasonClass.UNSTATED,
                roles=1 << Role.EXPORTER if kind in {EventKind.GRANT, EventKind.AMEND} else None,
            )
            record = prepare(change, self.records.get(entry), issuer=number, now=now)
            self.records[entry] = record
            events.append(
                StatusEvent(entry=entry, record=record, document=keccak256(entry + bytes([record.sequence & 0xFF])))
            )
        act = draft_publication(events, register=number, issuer=number, now=int(self.sealed.time.now))
        self._do(act, [self.sealed.operator(register)])

    def _do(self, act: SignedAct, signers: Sequence[Signer]) -> None:
        self._sent.append(self.sealed.send(act, signers))

    def seal(self, phase: str) -> int:
        """Seal what is queued, and return the time of the last block, UTC seconds. Each act must have been accepted."""
        while self._sent:
            number = self.sealed.seal()
            receipts: list[Receipt] = [future.result() for future in self._sent if future.done()]
            if not all(receipt.succeeded for receipt in receipts):
                raise AssertionError(f"block {number}: an act of the lab was refused")
            self._sent = [future for future in self._sent if not future.done()]
            gas, size = self.sealed.embedded.gas_used(number), len(self.sealed.embedded.block_rlp(number))
            since = int(self.sealed.time.now) - self.sealed.embedded.genesis.timestamp
            self.blocks.append(Block(number=number, at_s=since, acts=len(receipts), gas=gas, size=size, phase=phase))
        return int(self.sealed.time.now)

    def beat(self) -> None:
        """Seal one empty block, as an idle network does all the time: its size is what freshness costs."""
        number = self.sealed.seal()
        size = len(self.sealed.embedded.block_rlp(number))
        since = int(self.sealed.time.now) - self.sealed.embedded.genesis.timestamp
        self.blocks.append(Block(number=number, at_s=since, acts=0, gas=0, size=size, phase="heartbeat"))

    def ask(self, recogniser: str, register: str, operator: int, *, on: int | None = None) -> tuple[bool, int]:
        """Ask as a partner's border system, and verify; return the answer, and the bytes of its evidence."""
        question = Question(
            tin=tin_of(register, operator),
            recogniser=recogniser,
            direction=Direction.IMPORT,
            role=Role.EXPORTER,
            register=register,
            on=on,
        )
        data = EVIDENCE_FORM.encode_cbor(self.sealed.prove(question, with_history=on is not None))
        proven = self.sealed.verify(EVIDENCE_FORM.decode_cbor(data), question)
        return proven.decision.recognised, len(data)


def parties_of(scenario: Scenario, world: World) -> tuple[str, ...]:
    """List the parties of the ledger, each with a seat and a validator: those of the lanes, and the witnesses."""
    return tuple(dict.fromkeys((*world.parties, *scenario.witnesses)))


def make_tables(bench: Bench) -> Sequence[ResultTable]:
    """Run the scenario on the ledger, and describe what it took."""
    scenario = bench.scenario
    world = make_world(scenario)
    trace = make_trace(scenario, world, bench.streams)
    signing = draw_delays(
        bench.streams.of("ledger/sign"), len(trace), scenario.parameters["sign_s"], scenario.parameters["human_sigma"]
    )
    codes = ",".join(
        f"{code}={'+'.join(world.members[code])}" if code in world.members else code
        for code in parties_of(scenario, world)
    )
    started = time.perf_counter()
    with open_sealed(
        bench.work / "ledger", codes, begins=scenario.begins - 86_400, randomness=bench.streams.bytes_of("ledger/keys")
    ) as sealed:
        run = _Run(world=world, sealed=sealed)
        run.conclude(scenario.begins)
        bench.progress(f"{sum(world.sizes.values()):,} certificates go onto the ledger")
        run.load(int(sealed.time.now))
        loaded = time.perf_counter()
        events = list(_replay(run, trace, signing, scenario.begins, bench))
        replayed = time.perf_counter()
        run.beat()
        past = list(_ask_past(run, trace, scenario.begins))
        verified_s = _time_verification(run, trace)
        outcome = Outcome(
            chain_id=sealed.trust.chain_id,
            head=sealed.embedded.head,
            head_hash=keccak256(sealed.embedded.header_rlp(sealed.embedded.head)),
            validators=len(sealed.trust.validators.addresses),
            certificates=sum(world.sizes.values()),
            snapshot_bytes=len(SNAPSHOT_FORM.encode_cbor(sealed.port.index.advance().snapshot)),
            stored_bytes=sum(path.stat().st_size for path in (bench.work / "ledger").rglob("*.sqlite*")),
            load_s=loaded - started,
            replay_s=replayed - loaded,
            verify_s=verified_s,
        )
    return tell_run(trace, events, run.blocks, past, outcome)


def _group(trace: Trace, submitted: Sequence[float], last: float) -> Iterator[tuple[float, list[int]]]:
    """Group events into blocks: a block is sealed a second after the last one at the earliest, with all that is signed by then."""
    order = sorted(range(len(trace)), key=lambda place: (submitted[place], place))
    at = 0
    while at < len(order):
        sealed = max(math.floor(last) + 1, math.ceil(submitted[order[at]]))
        group: list[int] = []
        traders: set[tuple[int, int]] = set()
        while at < len(order) and submitted[order[at]] <= sealed:
            who = (int(trace.register[order[at]]), int(trace.operator[order[at]]))
            if who in traders:
                break  # two events of one trader follow each other in two blocks
            traders.add(who)
            group.append(order[at])
            at += 1
        yield sealed, group
        last = sealed


def _replay(run: _Run, trace: Trace, signing: Floats, begins: int, bench: Bench) -> Iterator[Seen]:
    submitted = in_order(trace, [float(when + delay) for when, delay in zip(trace.time, signing, strict=True)])
    done = 0
    for sealed_at, group in _group(trace, submitted, run.sealed.time.now - begins):
        run.sealed.wait_until(float(begins + sealed_at))
        by_register: dict[str, list[tuple[int, EventKind]]] = {}
        for place in group:
            register = trace.registers[int(trace.register[place])]
            by_register.setdefault(register, []).append((int(trace.operator[place]), EventKind(int(trace.kind[place]))))
        for register, rows in by_register.items():
            for first in range(0, len(rows), _BATCH):
                run.publish(register, rows[first : first + _BATCH], now=begins + int(sealed_at))
        at = run.seal("events")
        for place in group:
            register, operator = trace.registers[int(trace.register[place])], int(trace.operator[place])
            partners = run.world.recognisers(register)
            recogniser = partners[place % len(partners)]
            recognised, size = run.ask(recogniser, register, operator)
            record = run.records[run.entry(register, operator)]
            if recognised != (record.status is Status.ACTIVE):
                raise AssertionError(f"event {place}: the ledger's proven answer is not the trace's")
            yield Seen(
                event=place, signed_s=submitted[place], sealed_s=float(at - begins), partner=recogniser, evidence=size
            )
        done += len(group)
        if done % 500 < len(group):
            bench.progress(f"{done:,} of {len(trace):,} events sealed and verified")


def in_order(trace: Trace, times: Sequence[float]) -> list[float]:
    """Let no event of a trader overtake an earlier one: sequences forbid it."""
    newest: dict[tuple[int, int], float] = {}
    found = []
    for register, operator, at in zip(trace.register.tolist(), trace.operator.tolist(), times, strict=True):
        newest[register, operator] = max(newest.get((register, operator), -math.inf), at)
        found.append(newest[register, operator])
    return found


def _ask_past(run: _Run, trace: Trace, begins: int) -> Iterator[tuple[int, bool]]:
    """Ask, at the end, what held just before an event: the disputes of auditors. The signed history has to decide."""
    losses = [place for place in range(len(trace)) if EventKind(int(trace.kind[place])) is EventKind.SUSPEND]
    for place in losses[:: max(1, len(losses) // _PAST)][:_PAST]:
        register = trace.registers[int(trace.register[place])]
        before = begins + int(trace.time[place]) - 1
        recognised, size = run.ask(run.world.recognisers(register)[0], register, int(trace.operator[place]), on=before)
        yield size, recognised


def _time_verification(run: _Run, trace: Trace) -> float:
    """Return the seconds of one cold verification: the seals, the proofs and the decision; the median of eleven."""
    register = trace.registers[0]
    question = Question(
        tin=tin_of(register, 0), recogniser=run.world.recognisers(register)[0], direction=Direction.IMPORT, role=Role.EXPORTER,
        register=register,
    )  # fmt: skip
    evidence = run.sealed.prove(question)
    times = []
    for _ in range(11):
        begun = time.perf_counter()
        run.sealed.verify(evidence, question)
        times.append(time.perf_counter() - begun)
    return sorted(times)[5]
