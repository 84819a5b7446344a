"""Mixed load on a gateway, by callers that are processes of their own and prove whatever they are told."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from statistics import median
from typing import Final

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind
from aeo_ledger.evidence.news import Cursor, NewsItem
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask import read_question, read_trust
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.news import Prover
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.signing import Password, open_key_file
from aeo_ledger.verify import TrustBundle, verify_recognition, verify_recognitions
from aeo_ledger.verify.certificate_history import verify_certificate_histories
from aeo_ledger.verify.news import ProvenNews
from support.network import PASSWORD, now
from support.waiting import WITHIN_S

MAX_AGE_S: Final = 600
MANIFEST: Final = 200
READY_S: Final = 300
"""Seconds within which all callers must have started; on a busy machine each takes long."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What every caller knows."""

    url: str
    folder: Path
    """The network's, for keys and the trust bundle."""
    traders: tuple[str, ...]
    """Whose certificates are suspended and reinstated in turn."""
    since: int
    """The block after which news are heard."""
    lasts_s: float
    """How long each caller asks, from when all of them are ready."""

    @property
    def trust(self) -> TrustBundle:
        return read_trust(self.folder / "trust.json")

    def entry(self, tin: str) -> bytes:
        return make_entry(1, 2, derive_open_holder(1, 2, Tin(tin)))

    def time_is_up(self) -> Callable[[], bool]:
        """Begin now; return what tells whether the time is up."""
        until = time.monotonic() + self.lasts_s
        return lambda: time.monotonic() >= until


def ask_decisions(scene: Scene) -> int:
    """Ask one question after another; return how many answers were proven."""
    is_over = scene.time_is_up()
    count, trust = 0, scene.trust
    with _open(scene) as desk:
        while not is_over():
            question = read_question(scene.traders[count % len(scene.traders)], "CN", "import", "carrier")
            verify_recognition(desk.evidence(question), question, trust, now=now(), max_age=MAX_AGE_S)
            count += 1
    return count


def ask_manifests(scene: Scene) -> int:
    """Ask many questions at once, most of them about nobody; return how many answers were proven."""
    is_over = scene.time_is_up()
    count, trust = 0, scene.trust
    tins = [*scene.traders, *(f"BY{200_000_000 + place}" for place in range(MANIFEST - len(scene.traders)))]
    questions = [read_question(tin, "CN", "import", "carrier", accept_odd=True) for tin in tins]
    with _open(scene) as desk:
        while not is_over():
            evidence = desk.evidence_of_many(questions)
            count += len(verify_recognitions(evidence, questions, trust, now=now(), max_age=MAX_AGE_S))
    return count


def ask_histories(scene: Scene) -> int:
    """Ask for whole histories; return how many events were proven."""
    is_over = scene.time_is_up()
    count, asked, trust = 0, 0, scene.trust
    with _open(scene) as desk:
        while not is_over():
            entries = [scene.entry(scene.traders[asked % len(scene.traders)])]
            found = verify_certificate_histories(desk.history(entries), entries, trust, now=now(), max_age=MAX_AGE_S)
            count += sum(map(len, found.events.values()))
            asked += 1
    return count


def hear_news(scene: Scene) -> int:
    """Listen until all others are done and everything was heard, and look up each item; return how many status events were proven."""
    heard: list[NewsItem] = []
    last, end, is_over = Cursor(scene.since), None, False
    with _open(scene) as desk, _open(scene) as other:
        prover = Prover(other, scene.trust, clock=now, max_age=MAX_AGE_S)
        while not is_over:
            for told in desk.listen("CN", since=last):
                last = told.at
                if isinstance(told, NewsItem):
                    [proven] = prover.prove([told])
                    assert isinstance(proven, ProvenNews), proven
                    heard.append(told)
                elif _OVER[0].is_set():
                    end = end or other.health().block
                    if is_over := last.block >= end:
                        break
    assert len({item.at for item in heard}) == len(heard)
    return len(heard)


def publish(scene: Scene) -> int:
    """Suspend and reinstate one trader after another; return how many acts were acknowledged, each proven done."""
    is_over = scene.time_is_up()
    signer = open_key_file(scene.folder / "parties/BY/operator.json", Password(PASSWORD))
    count, trust, kinds = 0, scene.trust, (EventKind.SUSPEND, EventKind.REINSTATE)
    with _open(scene) as desk:
        office = ProvenDesk(desk, trust, approve=without_asking)
        while not is_over():
            tin = scene.traders[count % len(scene.traders)]
            change = Change(kind=kinds[count // len(scene.traders) % 2])
            change_status(office, scene.entry(tin), change, register=1, issuer=1, signers=[signer])
            count += 1
    return count


KINDS: Final[dict[str, Callable[[Scene], int]]] = {
    "decisions": ask_decisions,
    "manifests": ask_manifests,
    "histories": ask_histories,
    "news": hear_news,
    "publications": publish,
}


def run_load(scene: Scene, watch: Callable[[], None]) -> dict[str, int]:
    """Run each kind of caller in a process of its own until the end, calling `watch` meanwhile; return what each counted."""
    context = get_context("spawn")
    ready, over = context.Barrier(len(KINDS) + 1), context.Event()
    with ProcessPoolExecutor(len(KINDS), mp_context=context, initializer=_wait, initargs=(ready, over)) as pool:
        calls = {kind: pool.submit(call, scene) for kind, call in KINDS.items()}
        _wait(ready, over)
        while not all(call.done() for call in calls.values()):
            if all(call.done() for kind, call in calls.items() if kind != "news"):
                over.set()
            watch()
            time.sleep(0.5)
        return {kind: call.result() for kind, call in calls.items()}


_OVER: Final[list[Event]] = []
"""In a caller's process: set when the callers that end by themselves have ended."""


def _wait(ready: Barrier, over: Event) -> None:
    _OVER[:] = [over]
    ready.wait(timeout=READY_S)


def _open(scene: Scene) -> GatewayClient:
    return GatewayClient(scene.url, timeout_s=WITHIN_S)


def resident_mib(pid: int) -> float:
    """Return how much memory a process has, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def growth(samples: list[float], warm_up: float) -> tuple[float, float]:
    """Compare the memory after the warm-up, a share of all samples, with that at the end: medians of a tenth of all samples each."""
    first, tenth = int(len(samples) * warm_up), max(1, len(samples) // 10)
    return median(samples[first : first + tenth]), median(samples[-tenth:])
