"""Mutants: the run puts the faults that it promises, says so when one survives, and a fixed sample of them is killed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "scripts" / "programs"
UNTOUCHED = Path(__file__).with_name("test_every_refusal.py")
"""Tests that execute no contract, so they kill nothing."""

RULES = '''
import refusals
import words as w

LIMIT: constant(uint256) = 9
OTHER: constant(uint256) = 8


struct Pair:
    one: uint256


event Told:
    number: uint256


words: HashMap[uint256, uint256]


@external
def rule(many: DynArray[uint256, 4], é: uint256) -> bool:
    """
    @notice Text of 1 rule: no mutant.
    """
    for each: uint256 in range(2, bound=4):
        self.words[each] -= each
    if len(many) > LIMIT and not (many[0] == 3):  # 5
        refusals._refuse(refusals.TOO_LATE)
    elif (é & w.STATE_MASK) | (1 << w.STATE_AT) != 0:
        log Told(number=min(é, 7))
        return False
    if é < 5:
        refusals._refuse(refusals.TOO_FEW)
    return é in many
'''
EXPECTED = {
    5: ["number LIMIT: constant(uint256) = 10", "number LIMIT: constant(uint256) = 8"],
    6: ["number OTHER: constant(uint256) = 9", "number OTHER: constant(uint256) = 7"],
    21: [
        "number def rule(many: DynArray[uint256, 5], é: uint256) -> bool:",
        "number def rule(many: DynArray[uint256, 3], é: uint256) -> bool:",
    ],
    25: [
        "number for each: uint256 in range(3, bound=4):",
        "number for each: uint256 in range(1, bound=4):",
    ],
    26: ["dropped pass", "arithmetic self.words[each] += each"],
    27: [
        "condition if True: # 5",
        "condition if False: # 5",
        "operand if True and not (many[0] == 3): # 5",
        "boundary if len(many) >= LIMIT and not (many[0] == 3): # 5",
        "negation if len(many) <= LIMIT and not (many[0] == 3): # 5",
        "neighbour if len(many) > OTHER and not (many[0] == 3): # 5",
        "logic if len(many) > LIMIT or not (many[0] == 3): # 5",
        "operand if len(many) > LIMIT and True: # 5",
        "not if len(many) > LIMIT and (many[0] == 3): # 5",
        "number if len(many) > LIMIT and not (many[1] == 3): # 5",
        "negation if len(many) > LIMIT and not (many[0] != 3): # 5",
        "number if len(many) > LIMIT and not (many[0] == 4): # 5",
        "number if len(many) > LIMIT and not (many[0] == 2): # 5",
    ],
    28: ["no-refusal pass", "other-refusal refusals._refuse(refusals.TOO_FEW)"],
    29: [
        "condition elif True:",
        "condition elif False:",
        "bit elif (0) | (1 << w.STATE_AT) != 0:",
        "bits elif (é | w.STATE_MASK) | (1 << w.STATE_AT) != 0:",
        "mask elif (é & max_value(uint256)) | (1 << w.STATE_AT) != 0:",
        "neighbour elif (é & w.KIND_MASK) | (1 << w.STATE_AT) != 0:",
        "bit elif (é & w.STATE_MASK) | (0) != 0:",
        "neighbour elif (é & w.STATE_MASK) | (1 << w.KIND_AT) != 0:",
        "negation elif (é & w.STATE_MASK) | (1 << w.STATE_AT) == 0:",
        "number elif (é & w.STATE_MASK) | (1 << w.STATE_AT) != 1:",
    ],
    30: [
        "dropped pass",
        "extremum log Told(number=max(é, 7))",
        "number log Told(number=min(é, 8))",
        "number log Told(number=min(é, 6))",
    ],
    31: ["boolean return True"],
    32: [
        "condition if True:",
        "boundary if é <= 5:",
        "negation if é >= 5:",
        "number if é < 6:",
        "number if é < 4:",
    ],
    33: ["no-refusal pass", "other-refusal refusals._refuse(refusals.TOO_LATE)"],
    34: ["return return not (é in many)", "negation return é not in many"],
}
"""Operator and line as it becomes, by line."""

MODULES = {
    "refusals.vy": "# do not edit\nTOO_LATE: constant(uint256) = 4\nTOO_FEW: constant(uint256) = 5\n",
    "words.vy": "# do not edit\n"
    + "".join(f"{name}: constant(uint256) = 1\n" for name in ("STATE_AT", "STATE_MASK", "KIND_AT", "KIND_MASK")),
}


def run(*arguments: object, code: int = 0) -> str:
    """Run `scripts/mutants` with this Python, demand its exit code and return all it says."""
    command = [sys.executable, str(PROGRAMS / "mutants.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def python(program: str) -> list[str]:
    """Run a program next to those of `scripts/mutants` and return the lines that it prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROGRAMS, check=True).stdout.splitlines()


@pytest.fixture
def rules(tmp_path: Path) -> list[object]:
    """Options that point at a small contract of every form and at an empty list of equivalents."""
    for name, text in {"Rules.vy": RULES, **MODULES}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "equivalent.txt").write_text("# none\n", encoding="utf-8")
    return ["--list", "--contracts", tmp_path, "--equivalent", tmp_path / "equivalent.txt"]


def test_every_operator_puts_its_fault_at_its_place_and_nothing_else_moves(rules: list[object]) -> None:
    names, befores, afters = (run(*rules).splitlines()[start::3] for start in range(3))
    found: dict[int, list[str]] = {}
    for name, before, after in zip(names, befores, afters, strict=True):
        file, line, operator, _ = name.split(" in ")[0].split(":")
        assert file == "Rules.vy"
        assert before == "- " + " ".join(RULES.splitlines()[int(line) - 1].split())
        found.setdefault(int(line), []).append(f"{operator} {after.removeprefix('+ ')}")
    assert found == EXPECTED


def test_a_mutant_has_a_name_by_which_it_is_run_again(rules: list[object]) -> None:
    assert run(*rules, "--only", "Rules.vy:27:number:2").startswith("Rules.vy:27:number:2 in rule\n")
    assert set(re.findall(r"^Rules.vy:(\d+)", run(*rules, "--only", "Rules.vy:27"), re.MULTILINE)) == {"27"}
    assert run(*rules, "--only", "Rules.vy:2", code=2) == "no such mutant; --list names all\n"


def test_a_sample_stays_the_same_when_other_lines_move(rules: list[object], tmp_path: Path) -> None:
    sample = [*rules, "--sample", "5", "--seed", "1"]
    before = re.findall(r"^[-+] .*", run(*sample), re.MULTILINE)
    (tmp_path / "Rules.vy").write_text("# one line more\n" + RULES, encoding="utf-8")
    assert re.findall(r"^[-+] .*", run(*sample), re.MULTILINE) == before
    assert re.findall(r"^[-+] .*", run(*sample, "--seed", "2"), re.MULTILINE) != before


ENTRY = "Rules.vy rule\n- if é < 5:\n+ if é <= 5:\nwhy\n"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ENTRY.replace("why\n", ""), "and a reason; found\nRules.vy rule"),
        (ENTRY.replace("+ ", ""), "a line with +"),
        (ENTRY.replace("< 5", "< 6"), "lists what is no mutant of these sources (any more):\nRules.vy rule"),
        (ENTRY.replace(" rule", " other"), "lists what is no mutant of these sources (any more):\nRules.vy other"),
    ],
)
def test_a_list_of_equivalents_names_mutants_that_exist_and_says_why(
    rules: list[object], tmp_path: Path, wrong: str, said: str
) -> None:
    (tmp_path / "equivalent.txt").write_text(f"# text\n\n{ENTRY}\n", encoding="utf-8")
    run(*rules)
    (tmp_path / "equivalent.txt").write_text(f"{ENTRY}\n{wrong}", encoding="utf-8")
    assert said in run(*rules, code=2)


def test_the_list_of_equivalents_is_of_the_contracts_as_they_are() -> None:
    run("--list")


ENDLESS = """
import os
from mutants_code import Stopped
from mutants_trials import run_forked

def spin():
    while True:
        pass

print(sorted(run_forked([("spins", spin), ("ends", lambda: 5)], limit=2, seconds=1)))
for broken in (lambda: os._exit(0), lambda: 1 // 0):
    try:
        list(run_forked([("breaks", broken)], limit=1, seconds=1))
    except Stopped as stopped:
        print(str(stopped).splitlines()[-1])
"""


def test_a_mutant_that_never_ends_is_stopped_and_a_trial_that_breaks_is_no_verdict() -> None:
    assert python(ENDLESS) == [
        "[('ends', 5), ('spins', None)]",
        "a process of the trials died",
        "ZeroDivisionError: integer division or modulo by zero",
    ]


HARMLESS = """
from dataclasses import replace
from pathlib import Path
from mutants_code import Contracts
from mutants_operators import find_mutants
from mutants_sources import Source
from mutants_trials import Trials

sources = {path.name: Source(path.name, path.read_text()) for path in Path("../../contracts").glob("*.vy")}
trials = Trials(Contracts(sources), [], 1, "never", None, print)
smallest = min((source for source in sources.values() if source.deployed), key=lambda source: len(source.text))
mutant = next(mutant for mutant in find_mutants(sources) if mutant.file == smallest.file)
for text in ("# a comment", "("):
    print(trials.try_(replace(mutant, start=0, end=0, text=text + chr(10))).state)
"""


def test_what_compiles_to_the_same_code_or_not_at_all_is_counted_apart() -> None:
    assert python(HARMLESS) == ["same code", "stillborn"]


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("def test_wrong() -> None:\n    assert False\n", "on the contracts as they are, these fail:\n"),
        ("import nothing_of_this_name\n", "cannot be collected"),
    ],
)
def test_without_tests_that_pass_nothing_counts_as_killed(tmp_path: Path, tests: str, said: str) -> None:
    (tmp_path / "test_some.py").write_text(tests, encoding="utf-8")
    options = ["--sample", 1, "--tests", tmp_path / "test_some.py", "--results", tmp_path / "results"]
    assert said in run(*options, code=2)
    assert len((tmp_path / "results").read_text().splitlines()) == 1


def test_a_mutant_that_no_test_kills_is_said_to_survive_and_is_not_run_again_for_nothing(tmp_path: Path) -> None:
    results = tmp_path / "results"
    smallest = min((ROOT / "contracts").glob("[A-Z]*.vy"), key=lambda path: path.stat().st_size)  # compiles the fastest
    options = ["--sample", 1, "--file", smallest.name, "--tests", UNTOUCHED, "--results", results]
    said = run(*options, code=1)
    assert f"\nsurvived: {smallest.name}:" in said
    first, only = map(json.loads, results.read_text().splitlines())
    assert only["state"] == "survived"
    assert "\n1 mutants in" in said
    assert "\n1 mutants in" not in run(*options, "--resume", code=1)
    results.write_text(json.dumps(first | {"tests": "others"}) + "\n" + json.dumps(only) + "\n")
    nothing = tmp_path / "test_nothing.py"
    nothing.touch()
    assert run(*options, "--resume", "--tests", nothing, code=2) == "\nthere are no such tests\n"
    results.write_text(json.dumps(first | {"contracts": "others"}) + "\n" + json.dumps(only) + "\n")
    assert "is of other contracts" in run(*options, "--resume", code=2)


def test_a_sample_of_mutants_is_killed(tmp_path: Path) -> None:
    """The sample is of the operators that demand a test of each rule. State machines would be too slow here. `scripts/mutants` tries all."""
    asked = [part for name in ("boundary", "operand", "no-refusal", "dropped") for part in ("--operator", name)]
    said = run(*asked, "--sample", 3, "--seed", 1, "--machines", "never", "--results", tmp_path / "results")
    states = [json.loads(line)["state"] for line in (tmp_path / "results").read_text().splitlines()[1:]]
    assert states.count("killed") >= 2, said  # one may change nothing
