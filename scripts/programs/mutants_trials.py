"""Trials of mutants: a pytest plugin that runs the collected tests against one mutant after another, each in a process forked for it.

The tests are collected once, in a process that has imported everything. A first run, of the contracts as they are, notes which lines of the
sources each test executes; a mutant meets only the tests that execute its function, those of its own line first. The mutated code exists
only in the forked process: there the name `artifact` is bound anew in every module of this checkout, so the shipped package needs no door.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest
from eth.vm.code_stream import CodeStream
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine
from mutants_code import Contracts, Line, Stopped
from mutants_operators import Mutant
from vyper.exceptions import _BaseVyperException

Job = tuple[Any, Callable[[], Any]]

settings.register_profile("first failure", phases=[Phase.explicit, Phase.generate])
settings.load_profile("first failure")  # do not shrink: the smallest example that kills a mutant is not needed


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of a mutant."""

    state: str
    """killed, killed by machines, survived, timeout, same code, stillborn."""
    why: str = ""
    """The test that killed it, or the compiler's message."""
    seconds: float = 0.0
    """Of a processor."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The first run's record of a test."""

    test: str
    seconds: float
    failed: bool
    places: dict[tuple[str, bool], set[int]]
    """Offsets of executed code, by contract and by whether it was being deployed."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A test's data from the first run."""

    seconds: float
    """Of a processor."""
    lines: frozenset[Line]
    founding: frozenset[Line]
    """Executed during deployment: later tests may use contracts that were deployed once."""


# ------------------------------------------------------------------ processes


def run_forked(jobs: Iterable[Job], *, limit: int, seconds: float) -> Iterator[tuple[Any, Any]]:
    """Run each job in a forked process, a few at a time; yield its key and its result, or None after a timeout.

    Its time is that of a processor, so a busy machine makes no difference; a process that does nothing at all has ten times as long.
    """
    context = multiprocessing.get_context("fork")
    running: dict[Connection, tuple[Any, Any, float]] = {}
    waiting = iter(jobs)
    while True:
        while len(running) < limit and (job := next(waiting, None)):
            mine, its = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(its, job[1], math.ceil(seconds)), daemon=True)
            process.start()
            its.close()
            running[mine] = (job[0], process, time.monotonic() + 10 * seconds)
        if not running:
            return
        ends = min(end for _, _, end in running.values())
        ready = wait(list(running), timeout=max(0.0, ends - time.monotonic()))
        for pipe in [pipe for pipe in running if pipe in ready or running[pipe][2] <= time.monotonic()]:
            key, process, _ = running.pop(pipe)
            yield key, _receive(pipe, process) if pipe in ready else None
            process.kill()
            process.join()


def _work(pipe: Connection, work: Callable[[], Any], seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        pipe.send((work(), ""))
    except Stopped as stopped:
        pipe.send((None, str(stopped)))
    except BaseException:  # noqa: BLE001 (the parent reports it)
        pipe.send((None, traceback.format_exc()))


def _receive(pipe: Connection, process: Any) -> Any:
    try:
        result, broke = pipe.recv()
    except EOFError:
        process.join()
        result, broke = None, "a process of the trials died" if process.exitcode != -signal.SIGXCPU else ""
    if broke:
        raise Stopped(broke)
    return result


# ------------------------------------------------------------------ trials


@dataclass(eq=False)  # a pytest plugin must be hashable
class Trials:
    """The plugin."""

    contracts: Contracts
    mutants: list[Mutant]
    jobs: int
    machines: str
    """last: after all other tests; never; only."""
    seconds: float | None
    """Of a processor, for a mutant; None: five times what all tests take, and a minute."""
    tell: Callable[[Mutant, Verdict], None]
    problem: str = ""
    records: dict[str, Record] = field(default_factory=dict)
    reports: list[pytest.TestReport] = field(default_factory=list)
    killers: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Tests that killed a mutant of this function; they run first."""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = f"{report.nodeid} cannot be collected: {report.longreprtext}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        chosen = {"last": (False, True), "never": (False,), "only": (True,)}[self.machines]
        self.items = [item for item in session.items if _is_machine(item) in chosen]
        if not self.items:
            self.problem = self.problem or "there are no such tests"
        if self.problem:
            return True
        sys.stdout.flush()
        gc.collect()
        gc.freeze()
        try:
            self.observe()
            self.describe()
            self.try_all()
        except Stopped as stopped:
            self.problem = str(stopped)
        return True

    def describe(self) -> None:
        """Print the time of the first run, with that of state machines apart."""
        for machines, what in ((False, "tests"), (True, "state machines")):
            taken = [self.records[item.nodeid].seconds for item in self.items if _is_machine(item) is machines]
            print(f"{len(taken):5,} {what}: {sum(taken):.0f} s of a processor")

    def try_all(self) -> None:
        """Run the tests on the mutants, and report each result at once."""
        work = ((mutant, lambda mutant=mutant: self.try_(mutant)) for mutant in self.mutants)
        seconds = self.seconds or 60 + 5 * sum(record.seconds for record in self.records.values())
        for mutant, verdict in run_forked(work, limit=self.jobs, seconds=seconds):
            if verdict and verdict.state.startswith("killed"):
                self.killers[mutant.file, mutant.function].add(verdict.why)
            self.tell(mutant, verdict or Verdict(state="timeout"))

    def run(self, items: list[pytest.Item]) -> str | None:
        """Run tests until the first failure; return its name."""
        for item, following in zip_longest(items, items[1:]):
            self.reports.clear()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if any(report.failed for report in self.reports):
                return item.nodeid
        return None

    # -------------------------------------------------------------- the first run

    def observe(self) -> None:
        """Run all tests on the unmodified contracts, and record the code that each executes."""
        groups: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in sorted(self.items, key=_is_machine, reverse=True):
            groups[item.nodeid if _is_machine(item) else str(item.path)].append(item)
        trials = ((name, partial(self.trace_all, items)) for name, items in groups.items())
        traces = [trace for _, some in run_forked(trials, limit=self.jobs, seconds=3_600) for trace in some]
        if any(trace.failed for trace in traces):
            names = "\n".join(trace.test for trace in traces if trace.failed)
            raise Stopped(f"on the contracts as they are, these fail:\n{names}")
        needed = sorted({name for trace in traces for name, _ in trace.places})
        work = ((name, partial(self.contracts.lines_of, name)) for name in needed)
        lines = dict(run_forked(work, limit=self.jobs, seconds=3_600))
        for trace in traces:
            founding, running = (
                frozenset(
                    line
                    for (name, kind), places in trace.places.items()
                    if kind is deployed
                    for place, line in lines[name][deployed].items()
                    if place in places
                )
                for deployed in (False, True)
            )
            self.records[trace.test] = Record(seconds=trace.seconds, founding=founding, lines=founding | running)
        self.everybody = {self.function_at(line) for record in self.records.values() for line in record.founding}
        self.functions = {
            test: {self.function_at(line) for line in record.lines} for test, record in self.records.items()
        }

    def trace_all(self, items: list[pytest.Item]) -> list[Trace]:
        return [self.trace(item) for item in items]

    def trace(self, item: pytest.Item) -> Trace:
        """Run one test and record the code that it executes."""
        visited: dict[bytes, set[int]] = {}

        def each(stream: Any) -> Iterator[int]:
            code = stream._raw_code_bytes  # noqa: SLF001
            seen = visited.setdefault(code, set())
            while stream.program_counter < len(code):
                place = stream.program_counter
                seen.add(place)
                stream.program_counter += 1
                yield code[place]
            yield 0  # STOP

        CodeStream.__iter__ = each  # type: ignore[method-assign]
        began = time.process_time()
        failed = self.run([item]) is not None
        places: dict[tuple[str, bool], set[int]] = {}
        for name, document in self.contracts.shipped.items():
            deploying, deployed = (bytes.fromhex(document[code][2:]) for code in ("bytecode", "runtime"))
            for code, seen in visited.items():
                if code == deployed or code.startswith(deploying):
                    places.setdefault((name, code == deployed), set()).update(seen)
        return Trace(test=item.nodeid, seconds=time.process_time() - began, failed=failed, places=places)

    # -------------------------------------------------------------- one mutant

    def try_(self, mutant: Mutant) -> Verdict:
        """Compile a mutant and run the tests that could kill it."""
        began = time.process_time()

        def say(state: str, why: str = "") -> Verdict:
            return Verdict(state=state, why=why, seconds=round(time.process_time() - began, 2))

        try:
            gc.disable()  # it takes a third of a compilation
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mutated = self.contracts.compile(mutant)
            gc.enable()
        except (_BaseVyperException, SystemExit) as refused:
            return say("stillborn", str(refused).strip().split("\n")[0])
        if all(self.contracts.same(name, other) for name, other in mutated.items()):
            return say("same code")
        self.contracts.take(mutated)
        for machines, state in ((False, "killed"), (True, "killed by machines")):
            killer = self.run([item for item in self.order(mutant) if _is_machine(item) is machines])
            if killer:
                return say(state, killer)
        return say("survived")

    def order(self, mutant: Mutant) -> list[pytest.Item]:
        """List the tests that execute a mutant's lines; the most likely to kill it come first, then the fastest."""
        lines = self.lines_of(mutant)
        functions = {self.function_at(line) for line in lines}
        killers = set().union(*(self.killers[function] for function in functions))
        items = [item for item in self.items if self.functions[item.nodeid] & functions]
        if not items or functions & self.everybody or any(function == "-" for _, function in functions):
            items = self.items

        def late(item: pytest.Item) -> tuple[bool, bool, float]:
            record = self.records[item.nodeid]
            return not record.lines & lines, item.nodeid not in killers, record.seconds

        return sorted(items, key=late)

    def function_at(self, line: Line) -> tuple[str, str]:
        file, number = line
        return file, self.contracts.sources[file].function_at(number)

    def lines_of(self, mutant: Mutant) -> set[Line]:
        """Collect the lines that a mutant affects: its own, or those that use a constant."""
        source = self.contracts.sources[mutant.file]
        last = mutant.line + source.text.count("\n", mutant.start, mutant.end)
        if mutant.function != "-":
            return {(mutant.file, line) for line in range(mutant.line, last + 1)}
        lines: set[Line] = set()
        names = [(mutant.file, source.constant_at(mutant.line))]
        for file, name in names:  # it grows during the loop
            for other in self.contracts.sources.values():
                prefixes = [""] if other.file == file else [f"{a}\\." for a, f in other.imports.items() if f == file]
                for number, text in enumerate(other.text.splitlines(), start=1):
                    if not any(re.search(rf"(?<![\w.]){prefix}{name}\b", text) for prefix in prefixes):
                        continue
                    constant = other.constant_at(number)
                    if not constant:
                        lines.add((other.file, number))
                    elif (other.file, constant) not in names:
                        names.append((other.file, constant))
        return lines


def _is_machine(item: pytest.Item) -> bool:
    """Whether a test is a state machine, which tries thousands of random acts."""
    return getattr(getattr(item, "cls", None), "__module__", "") == RuleBasedStateMachine.__module__
