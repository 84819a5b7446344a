"""Put small faults (mutants) into the contracts, one at a time: do the tests find each?

No test covers a survivor. A mutant's name is FILE:LINE:OPERATOR:INDEX. --only
runs it again; the beginning of a name is enough. Some mutants change nothing
that a test could observe: tests/contracts/equivalent_mutants.txt lists them
with the reason, and they are not run. Exit code 1: some survived; 2: the run
could not be made.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mutants_operators import OPERATORS, Mutant, find_mutants
from mutants_sources import Source

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "contracts"
STATES = ("killed", "killed by machines", "survived", "timeout", "same code", "stillborn", "listed")
KILLED, COUNTED = STATES[:2], STATES[:4]


class Wrong(Exception):
    """The run cannot start or continue; the text says why."""


def main() -> None:
    """Choose mutants, run the tests on them, and print the results."""
    try:
        survived = _run()
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(2)
    sys.exit(survived)


def _run() -> bool:
    options = _options()
    sources = {
        path.name: Source(path.name, path.read_text(encoding="utf-8"))
        for path in sorted(options.contracts.glob("*.vy"))
    }
    found = find_mutants(sources)
    listed = read_equivalents(options.equivalent)
    stale = [entry for entry in listed if not any(entry.is_of(mutant) for mutant in found)]
    if stale:
        names = "\n".join(f"{entry.where}\n- {entry.before}\n+ {entry.after}" for entry in stale)
        raise Wrong(f"{options.equivalent} lists what is no mutant of these sources (any more):\n{names}")
    mutants = _choose(found, options)
    if options.list:
        print("\n".join(f"{mutant.name} in {mutant.function}\n{mutant.difference}" for mutant in mutants))
        return False
    unseen = [mutant for mutant in mutants if any(entry.is_of(mutant) for entry in listed)]
    results = Results(options.results, sources, resumed=options.resume)
    states = dict.fromkeys(unseen, "listed") | results.known(mutants)
    waiting = [mutant for mutant in mutants if mutant not in states]
    began = time.monotonic()
    _try(waiting, sources, options, states, results.put)
    if waiting:
        each = results.seconds / len(waiting)
        print(f"\n{len(waiting):,} mutants in {time.monotonic() - began:,.0f} s, {each:.1f} s of a processor each")
    _summarise(mutants, states)
    return any(states[mutant] in {"survived", "timeout"} for mutant in mutants)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="operators:\n" + "\n".join(f"  {name:14}{text}" for name, text in OPERATORS.items()),
    )
    option = parser.add_argument
    option("--sample", type=int, metavar="N", help="only N mutants; an edit elsewhere does not change which")
    option("--seed", default="0", help="which sample (0)")
    option("--file", action="append", metavar="NAME.vy", help="only this file (repeat for more)")
    option("--operator", action="append", metavar="NAME", help="only this operator (likewise)")
    option("--only", action="append", metavar="NAME", help="only mutants whose names begin so (likewise)")
    option("--list", action="store_true", help="list the mutants and stop")
    option("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time (as many as cores)")
    option("--machines", choices=("last", "never", "only"), default="last", help="when state machines run (last)")
    option("--seconds", type=float, help="of a processor for a mutant (five times what all tests take, and 60)")
    option("--tests", nargs="+", type=Path, default=[TESTS], help="tests to run (tests/contracts)")
    option("--contracts", type=Path, default=ROOT / "contracts", help="sources to list mutants of (contracts)")
    option("--equivalent", type=Path, default=TESTS / "equivalent_mutants.txt", help="mutants that are not run")
    option(
        "--results", type=Path, default=ROOT / "build" / "mutants.jsonl", help="where results go (build/mutants.jsonl)"
    )
    option("--resume", action="store_true", help="go on; what survived runs again if tests changed")
    return parser.parse_args()


def _choose(found: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    mutants = [
        mutant
        for mutant in found
        if (not options.file or mutant.file in options.file)
        and (not options.operator or mutant.operator in options.operator)
        and (not options.only or any(f"{mutant.name}:".startswith(f"{name}:") for name in options.only))
    ]
    if not mutants:
        raise Wrong("no such mutant; --list names all")
    if options.sample is None:
        return mutants
    alike: Counter[str] = Counter()

    def rank(mutant: Mutant) -> str:
        text = f"{options.seed} {mutant.file} {mutant.function} {mutant.operator} {mutant.before} {mutant.after}"
        alike[text] += 1
        return hashlib.sha256(f"{text} {alike[text]}".encode()).hexdigest()

    return sorted(mutants, key=rank)[: options.sample]


def _try(
    mutants: list[Mutant],
    sources: dict[str, Source],
    options: argparse.Namespace,
    states: dict[Mutant, str],
    put: Callable[[Mutant, str, str, float], None],
) -> None:
    if not mutants:
        return
    import pytest  # noqa: PLC0415 (--list needs neither it nor the compiler)
    from mutants_code import Contracts  # noqa: PLC0415
    from mutants_trials import Trials, Verdict  # noqa: PLC0415

    def tell(mutant: Mutant, verdict: Verdict) -> None:
        states[mutant] = verdict.state
        put(mutant, verdict.state, verdict.why, verdict.seconds)
        if verdict.state in {"survived", "timeout"}:
            print(f"{verdict.state}: {mutant.name} in {mutant.function}\n{mutant.difference}", flush=True)
        done = sum(mutant in states for mutant in mutants)
        if done % 50 == 0:
            print(f"... {done} of {len(mutants)}", flush=True)

    trials = Trials(Contracts(sources), mutants, options.jobs, options.machines, options.seconds, tell)
    ours = ["-qq", "--no-header", "--no-summary", "--capture=no", "--tb=line", "--assert=plain", "-n0"]
    ours += ["-p", "no:cacheprovider", f"--rootdir={ROOT}", f"--ignore={TESTS / 'test_mutants.py'}"]
    pytest.main([*map(str, options.tests), *ours], plugins=[trials])
    if trials.problem or not all(mutant in states for mutant in mutants):
        raise Wrong(trials.problem or "interrupted; --resume goes on")


# ------------------------------------------------------------------ equivalent mutants


@dataclass(frozen=True, kw_only=True)
class Equivalent:
    """A mutant that changes nothing a test could observe. It is identified by its text, so edits elsewhere do not matter."""

    where: str
    before: str
    after: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        return (self.where, self.before, self.after) == (
            f"{mutant.file} {mutant.function}",
            mutant.before,
            mutant.after,
        )


def read_equivalents(path: Path) -> list[Equivalent]:
    """Read paragraphs: a place, a line with -, a line with +, and the reason."""
    found = []
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    for paragraph in filter(None, (part.strip() for part in text.split("\n\n"))):
        where, before, after, *reason = [*paragraph.split("\n"), "", ""]
        entry = Equivalent(
            where=where,
            before=before.removeprefix("- "),
            after=after.removeprefix("+ "),
            reason=" ".join(reason).strip(),
        )
        if not (before.startswith("- ") and after.startswith("+ ") and entry.reason):
            raise Wrong(f"{path}: needed FILE FUNCTION, a line with -, a line with + and a reason; found\n{paragraph}")
        found.append(entry)
    return found


# ------------------------------------------------------------------ results


class Results:
    """A file of results: a line that describes the run, then one JSON object a line."""

    def __init__(self, path: Path, sources: dict[str, Source], *, resumed: bool) -> None:
        self.path, self.seconds = path, 0.0
        of = {
            "contracts": _hash_of(source.text.encode() for source in sources.values()),
            "tests": _hash_of(
                path.read_bytes() for folder in ("src", "tests") for path in sorted((ROOT / folder).rglob("*.py"))
            ),
        }
        self.before: list[dict[str, str]] = []
        if resumed and path.exists():
            first, *others = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            if first["contracts"] != of["contracts"]:
                raise Wrong(f"{path} is of other contracts; leave --resume out to begin anew")
            self.before = [
                one for one in others if first["tests"] == of["tests"] or one["state"] not in {"survived", "timeout"}
            ]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(one) + "\n" for one in [of, *self.before]), encoding="utf-8")

    def known(self, mutants: list[Mutant]) -> dict[Mutant, str]:
        states = {one["name"]: one["state"] for one in self.before}
        return {mutant: states[mutant.name] for mutant in mutants if mutant.name in states}

    def put(self, mutant: Mutant, state: str, why: str, seconds: float) -> None:
        self.seconds += seconds
        one = {"name": mutant.name, "state": state, "why": why, "seconds": seconds}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(one | {"before": mutant.before, "after": mutant.after}) + "\n")


def _hash_of(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _summarise(mutants: list[Mutant], states: dict[Mutant, str]) -> None:
    """Print the table, by operator and by file, then the survivors."""
    groups: list[tuple[str, list[Mutant]]] = [
        (name, [mutant for mutant in mutants if name in {mutant.operator, mutant.file, "all"}])
        for name in (*OPERATORS, *sorted({mutant.file for mutant in mutants}), "all")
    ]
    width = max(len(name) for name, _ in groups)
    print(f"\n{'':{width}}  " + "  ".join(STATES) + "  % killed")
    for name, members in groups:
        count = Counter(states[mutant] for mutant in members)
        killed, counted = (sum(count[state] for state in which) for which in (KILLED, COUNTED))
        percent = f"{100 * killed / counted:.1f}" if counted else "-"
        if members:
            cells = "  ".join(f"{count[state]:{len(state)},}" for state in STATES)
            print(f"{name:{width}}  {cells}  {percent:>8}")
    print()
    for mutant in mutants:
        if states[mutant] in {"survived", "timeout"}:
            print(f"{states[mutant]}: {mutant.name} in {mutant.function}\n{mutant.difference}\n")


if __name__ == "__main__":
    main()
