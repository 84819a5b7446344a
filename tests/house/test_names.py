"""README, pages, verbs and routes name the same things."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import typer
from typer.core import TyperGroup

from aeo_ledger.cli.main import app
from aeo_ledger.gateway import app as gateway

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOBAL = {"--help", "--version", "--install-completion", "--show-completion"}


def _verbs(command: object, *path: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _verbs(below, *path, name)
    elif isinstance(command, typer.core.TyperCommand):
        yield " ".join(path), {option for parameter in command.params for option in parameter.opts} | GLOBAL


VERBS = dict(_verbs(typer.main.get_command(app)))


def _written(text: str) -> list[str]:
    """Find each use of the command: in a line of a block, or between back-ticks."""
    code = "\n".join(re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    lines = re.findall(r"\baeo-ledger ([^\n|]+)", code.replace("\\\n", " "))
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return lines + [" ".join(use.split()) for use in re.findall(r"`aeo-ledger ([^`]+)`", prose)]


def _verb_of(words: list[str]) -> str:
    return next((name for name in (" ".join(words[:3]), " ".join(words[:2]), words[0]) if name in VERBS), "")


PAGE = (ROOT / "src/aeo_ledger/network/operation.py").read_text(encoding="utf-8")
"""The page of operation, before it is filled in."""
CEREMONIES, SERVING, SHARING = (
    (ROOT / f"src/aeo_ledger/{name}.md").read_text(encoding="utf-8") for name in ("CEREMONIES", "SERVING", "SHARING")
)


@pytest.mark.parametrize(
    "use", sorted({use for page in (README, PAGE, CEREMONIES, SERVING, SHARING) for use in _written(page)})
)
def test_what_the_readme_and_the_pages_write_exists_with_the_options_shown(use: str) -> None:
    words = shlex.split(use.replace("$(", "").replace('"', "").rstrip("&)"), comments=True)
    own = words[: words.index("--")] if "--" in words else words  # after it stands another program's command
    options = {word.partition("=")[0] for word in own if word.startswith("--")}
    if words[0].startswith("--"):
        assert options <= GLOBAL
        return
    verb = _verb_of(words)
    assert verb, f"no such verb: aeo-ledger {use}"
    assert options <= VERBS[verb], f"{verb} has no {options - VERBS[verb]}"


def test_the_readme_lists_every_verb_and_no_other() -> None:
    block = re.search(r"## Every verb\n\n```text\n(.*?)```", README, re.DOTALL)
    assert block is not None
    listed = [verb for line in block[1].splitlines() for verb in re.split(r"\s{2,}", line[17:].strip())]
    assert sorted(listed) == sorted(VERBS)


def test_each_room_and_script_is_in_the_readme_s_house() -> None:
    house = README[README.index("## The house") :]
    package = ROOT / "src" / "aeo_ledger"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert rooms == set(re.findall(r"(?:^  |\s{2})(\w+)/ +\d", house, re.MULTILINE))
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if path.is_file()} - {"environment"}
    line = re.search(r"^scripts/ +(.*)$", house, re.MULTILINE)
    assert line is not None
    assert set(line[1].split()) == scripts
    tests = re.search(r"^tests/ +(.*)$", house, re.MULTILINE)
    assert tests is not None
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert set(re.sub(r"\(.*?\)", "", tests[1]).split()) == folders


def _routes() -> set[tuple[str, str]]:
    served = gateway.create_app(MagicMock(), MagicMock(), MagicMock(chain_id=1), behind="")
    return {(method.upper(), path) for path, methods in served.openapi()["paths"].items() for method in methods}


def test_the_page_of_serving_names_every_route_and_no_other() -> None:
    named = re.findall(r"`(GET|POST)\s+(/[\w/.{}]+)", SERVING)
    assert set(named) == _routes()


def test_the_client_asks_no_route_that_is_not_served() -> None:
    source = (ROOT / "src" / "aeo_ledger" / "gateway" / "client.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'"(/(?:v1/[\w/]+|healthz))"', source))
    assert asked
    assert asked <= {path for _, path in _routes()}
