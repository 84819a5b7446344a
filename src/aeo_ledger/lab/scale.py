"""How the ledger grows: a look-up, a proof, a block and a disk, from a thousand standings to a million, and from 4 parties to 100.

What is measured is the real ledger. Some sizes are filled by signed publications, the others by `filled.fill`; each row says which. A model is
fitted to what was measured and carries it further. The largest size is kept from the fit, to see how far off the model is there.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, product
from pathlib import Path
from statistics import fmean
from string import ascii_uppercase
from typing import Final

from aeo_ledger.customs.country import find_by_prefix
from aeo_ledger.evidence import EVIDENCE_FORM, decode_header
from aeo_ledger.evidence.snapshot import SNAPSHOT_FORM
from aeo_ledger.lab.attacks_lists import PARTIES, RECOGNISED, TYPE_3
from aeo_ledger.lab.filled import fill, trader
from aeo_ledger.lab.own_network import MOST_EVENTS, OwnNetwork, about, open_network
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.prover.prove import prove
from aeo_ledger.prover.state import State
from aeo_ledger.verify import verify_header, verify_recognition

QUESTIONS: Final = 50
"""Questions whose proofs are measured at each size."""
_LOOK_UPS: Final = 2_000
FILLED, PUBLISHED = "put into the state", "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A ledger of one size."""

    standings: int
    how: str
    """`FILLED` or `PUBLISHED`."""
    proof_bytes: float
    """Of one answer with its proof (CBOR), on average."""
    nodes: float
    """Trie nodes in it, on average."""
    snapshot_bytes: int
    """Of everything in one file."""
    ledger_bytes: int | None
    """Of the embedded ledger's file; None if it was not written."""
    gas_each: int | None
    """Gas of one grant in a batch, at this size; None if it was not published."""
    seconds: dict[str, float]
    """Times of this machine, by what was timed: `fill`, `look_up`, `prove`, `verify`, `seal` (100 more grants in one block)."""


def grow(
    folder: Path, sizes: Sequence[int], *, published: int, seed: int, progress: Callable[[str], None] = lambda _: None
) -> list[Grown]:
    """Measure ledgers of some sizes.

    Args:
        folder: An existing folder.
        sizes: Standings.
        published: Up to this size, standings are published.
        seed: Keys follow from it.
        progress: Called with each size before it is made.
    """
    found = []
    for size in sorted(sizes):
        progress(f"{size:,} standings")
        with open_network(folder / str(size), PARTIES, seed=seed) as network:
            network.conclude(RECOGNISED, "CN", "KZ", "BY")
            found.append(_grow_by_acts(network, size) if size <= published else _grow_filled(network, size))
    return found


def _grow_by_acts(network: OwnNetwork, size: int) -> Grown:
    started = time.perf_counter()
    for first in range(0, size, MOST_EVENTS):
        network.grant("BY", [trader(number) for number in range(first, min(first + MOST_EVENTS, size))], TYPE_3)
    filled = time.perf_counter() - started
    more = [trader(number) for number in range(size, size + MOST_EVENTS)]
    started = time.perf_counter()
    network.grant("BY", more, TYPE_3)
    sealed = time.perf_counter() - started
    gas = network.embedded.gas_used(network.embedded.head) // MOST_EVENTS
    files = network.folder.glob("ledger.sqlite*")
    return _measure(
        network, network.ledger, network.ledger.index.advance(), size, how=PUBLISHED, gas_each=gas,
        ledger_bytes=sum(file.stat().st_size for file in files), seconds={"fill": filled, "seal": sealed},
    )  # fmt: skip


def _grow_filled(network: OwnNetwork, size: int) -> Grown:
    started = time.perf_counter()
    ledger = fill(network, size, type_number=TYPE_3)
    seconds = {"fill": time.perf_counter() - started}
    return _measure(network, ledger, ledger.state, size, how=FILLED, gas_each=None, ledger_bytes=None, seconds=seconds)


def _measure(
    network: OwnNetwork, ledger: Ledger, state: State, size: int, *, how: str, gas_each: int | None, ledger_bytes: int | None,
    seconds: dict[str, float],
) -> Grown:  # fmt: skip
    chosen = [trader(number * size // QUESTIONS) for number in range(QUESTIONS)]
    questions = [about(tin, "CN") for tin in chosen]
    now = int(network.clock())
    slots = [record_slot(network.entry(tin, "BY", TYPE_3)) for tin in chosen]
    seconds["look_up"] = (
        _time(lambda: [state.word(Contract.REGISTERS, slot) for slot in slots], _LOOK_UPS // QUESTIONS) / QUESTIONS
    )
    started = time.perf_counter()
    evidence = [prove(question, ledger, network.trust).evidence for question in questions]
    seconds["prove"] = (time.perf_counter() - started) / QUESTIONS
    started = time.perf_counter()
    for question, one in zip(questions, evidence, strict=True):
        if not verify_recognition(one, question, network.trust, now=now).decision.recognised:
            raise AssertionError("a certificate that is there is not recognised")
    seconds["verify"] = (time.perf_counter() - started) / QUESTIONS
    return Grown(
        standings=size,
        how=how,
        proof_bytes=fmean(len(EVIDENCE_FORM.encode_cbor(one)) for one in evidence),
        nodes=fmean(len(one.nodes) for one in evidence),
        snapshot_bytes=len(SNAPSHOT_FORM.encode_cbor(state.snapshot)),
        ledger_bytes=ledger_bytes,
        gas_each=gas_each,
        seconds=seconds,
    )


def _time(act: Callable[[], object], times: int) -> float:
    """Return the seconds of one act, the best of five rounds."""
    rounds = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(times):
            act()
        rounds.append((time.perf_counter() - started) / times)
    return min(rounds)


# ---- parties


@dataclass(frozen=True, slots=True, kw_only=True)
class Peopled:
    """A network of one number of parties, each with a seat and a validator."""

    parties: int
    quorum: int
    """Seals that a block needs."""
    header_bytes: int
    """With all seals."""
    proof_bytes: int
    """Of one answer with its proof."""
    state_words: int
    """Words in the constitution's trie."""
    seconds: dict[str, float]
    """Times of this machine: `found`, `seal` (a block with one act), `verify_header`."""


def list_codes(count: int) -> list[str]:
    """List codes of parties: Belarus, China, Kazakhstan, and invented ones of which the customs tables know nothing."""
    invented = ("".join(letters) for letters in product("QXZWV", ascii_uppercase))
    return ["BY", "CN", "KZ", *islice((code for code in invented if find_by_prefix(code) is None), count - 3)]


def people(
    folder: Path, counts: Sequence[int], *, seed: int, progress: Callable[[str], None] = lambda _: None
) -> list[Peopled]:
    """Measure networks of some numbers of parties, 4 to 100.

    Args:
        folder: An existing folder.
        counts: Parties.
        seed: Keys follow from it.
        progress: Called with each number before it is founded.
    """
    found = []
    for count in counts:
        progress(f"{count} parties")
        started = time.perf_counter()
        with open_network(folder / f"parties-{count}", ",".join(list_codes(count)), seed=seed) as network:
            founded = time.perf_counter() - started
            network.conclude(RECOGNISED, "CN", "KZ", "BY")
            tin = trader(0)
            started = time.perf_counter()
            network.grant("BY", [tin], TYPE_3)
            sealed = time.perf_counter() - started
            header = decode_header(network.embedded.header_rlp(network.embedded.head))
            evidence = network.evidence(about(tin, "CN"))
            rows = network.ledger.index.advance().tries[Contract.CONSORTIUM].rows()
            found.append(
                Peopled(
                    parties=count,
                    quorum=network.trust.validators.quorum,
                    header_bytes=len(header.encode()),
                    proof_bytes=len(EVIDENCE_FORM.encode_cbor(evidence)),
                    state_words=sum(1 for _ in rows),
                    seconds={
                        "found": founded,
                        "seal": sealed,
                        "verify_header": _time(partial(verify_header, header, network.trust.validators), 3),
                    },
                )
            )
    return found


# ---- the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A line through measurements: y = a + b log16(n). A branch of the trie has 16 places, so a path grows by one node when n grows 16 times."""

    a: float
    b: float

    @classmethod
    def fit(cls, sizes: Sequence[int], values: Sequence[float]) -> Growth:
        """Fit by least squares; at least two sizes."""
        logs = [math.log(size, 16) for size in sizes]
        middle, mean = fmean(logs), fmean(values)
        spread = sum((log - middle) ** 2 for log in logs)
        b = sum((log - middle) * (value - mean) for log, value in zip(logs, values, strict=True)) / spread
        return cls(a=mean - b * middle, b=b)

    def at(self, size: int) -> float:
        """Read the line."""
        return self.a + self.b * math.log(size, 16)
