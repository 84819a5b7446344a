"""What a new user sees in the first minutes: the version, completion, help, samples, a gateway that is not up yet, the demo's lines."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from support.network import SAMPLES, found, read_plain, served
from support.ports import free_port
from support.processes import heeding_interrupts, pressing
from support.waiting import WITHIN_S
from support.workshop import COMMAND, Workshop, run_gateway

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def test_the_version_is_shown(shop: Workshop) -> None:
    result = shop.run("--version")
    assert (result.exit_code, result.stdout) == (0, f"aeo-ledger {version('aeo-ledger')}\n")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("aeo-ledger trust up", ["update"]),
        ("aeo-ledger su", ["suspend"]),
        ("aeo-ledger revoke --y", ["--yes"]),
        ("aeo-ledger suspend --y", ["--yes"]),
        ("aeo-ledger ask --y", []),
        ("aeo-ledger verify --arch", ["--archived"]),
    ],
)
def test_bash_completes_verbs_and_options(typed: str, offered: list[str]) -> None:
    words = typed.split()
    script = f"""
        source <(aeo-ledger --show-completion bash)
        COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}
        _aeo_ledger_completion aeo-ledger
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    told = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == offered, told.stderr


@pytest.mark.parametrize(("party", "count"), [("BY", 321), ("CN", 500)])
def test_sample_registers_come_from_a_command(shop: Workshop, tmp_path: Path, party: str, count: int) -> None:
    shown = shop.run("register", "sample", party)
    assert shown.stdout == (SAMPLES / f"{party}.csv").read_text(encoding="utf-8")
    assert len(read_plain(shown.stdout, party)) == count
    written = shop.run("register", "sample", party, "--out", str(tmp_path / "r.csv"))
    assert written.stdout.startswith(f"{count} certificates in ")
    assert (tmp_path / "r.csv").read_text(encoding="utf-8") == shown.stdout
    odd = shop.run("register", "sample", "KZ")
    assert (odd.exit_code, "one of BY, CN" in odd.stderr) == (2, True)


def test_the_health_of_a_gateway_is_asked(shop: Workshop) -> None:
    found = shop.json("health")
    assert (found["block"] > 0, found["gateway"]) == (True, shop.url)
    assert shop.run("health").stdout.startswith(f"{shop.url} answers: block ")
    assert "a simulation on one machine" in found["ledger"]
    assert (found["status"], found["trouble"], found["index"]) == ("ok", None, None)
    assert 'it says about itself: "AEO Ledger, embedded' in shop.run("health").stdout
    gone = shop.json("health", "--gateway", "http://127.0.0.1:1", "--wait", "1s", code=5)
    assert gone["error"] == "GatewayUnreachable"
    assert shop.json("health", "--wait", "soon", code=2)["error"] == "MalformedText"


def test_a_gateway_that_accepts_no_act_says_so(shop: Workshop) -> None:
    body = {
        "status": "reading only",
        "trouble": 'disk "full"\nall is well',
        "block": 0,
        "block_time": 0,
        "ledger": "it",
    }

    async def health(_: Request) -> JSONResponse:
        return JSONResponse(body)

    with served(Starlette(routes=[Route("/healthz", health)])) as url:
        found = shop.json("health", "--gateway", url, code=5)
        told = shop.run("health", "--gateway", url)
    assert (found["status"], found["trouble"]) == ("reading only", body["trouble"])
    assert told.exit_code == 5
    assert told.stdout.splitlines() == [
        f"{url} answers: block 0, undated",
        'it says about itself: "it"',
        'it accepts no act now: "disk \\"full\\"\\nall is well"',
    ]
    body |= {"status": "behind", "trouble": None, "index": "no logs\ntoday"}
    with served(Starlette(routes=[Route("/healthz", health)])) as url:
        found = shop.json("health", "--gateway", url, code=5)
        told = shop.run("health", "--gateway", url)
    assert (found["status"], found["trouble"], found["index"]) == ("behind", None, body["index"])
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (
        5,
        'its index does not follow the node: "no logs\\ntoday"',
    )
    body |= {"status": "ok", "index": None, "database": "full"}
    with served(Starlette(routes=[Route("/healthz", health)])) as url:
        assert shop.json("health", "--gateway", url)["database"] == "full"
        assert (
            shop.run("health", "--gateway", url).stdout.splitlines()[-1] == 'its answers come from memory alone: "full"'
        )


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, "<html>"), (404, '{"detail": "Not Found"}'), (200, '{"status": "UP"}'), (200, "it works")],
)
def test_another_program_at_the_address_is_not_waited_for(shop: Workshop, status: int, body: str) -> None:
    asked: list[None] = []

    async def other(_: Request) -> Response:
        asked.append(None)
        return Response(body, status)

    with served(Starlette(routes=[Route("/healthz", other)])) as url:
        found = shop.json("health", "--gateway", url, "--wait", "1m", code=5)
    assert len(asked) == 1
    assert found["error"] == "GatewayUnclear"
    assert "another program may be at this address" in found["detail"]


@pytest.mark.parametrize("body", ["<html>", '{"message": "no upstream"}'])
def test_a_proxy_whose_gateway_is_starting_is_waited_for(shop: Workshop, body: str) -> None:
    """Its errors are not a gateway's, but they may end."""
    asked: list[None] = []

    async def proxy(_: Request) -> Response:
        asked.append(None)
        if len(asked) < 3:
            return Response(body, 502)
        return JSONResponse({"status": "ok", "trouble": None, "block": 3, "block_time": 0, "ledger": "it"})

    with served(Starlette(routes=[Route("/healthz", proxy)])) as url:
        assert shop.json("health", "--gateway", url, "--wait", "1m")["block"] == 3


def test_a_gateway_that_is_starting_is_waited_for(tmp_path: Path) -> None:
    folder, port = found(tmp_path / "net"), free_port()
    waiting = subprocess.Popen(
        [*COMMAND, "health", "--gateway", f"http://127.0.0.1:{port}", "--wait", "10m", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(1)
    assert waiting.poll() is None
    with run_gateway(folder, port):
        told, _ = waiting.communicate(timeout=WITHIN_S)
    assert waiting.returncode == 0
    assert json.loads(told)["block"] >= 0


def test_founding_shows_how_far_it_is_at_a_terminal(tmp_path: Path) -> None:
    """A real terminal of 80 columns; output for machines is not disturbed."""
    import pty  # noqa: PLC0415

    controller, terminal = pty.openpty()
    environment = {**os.environ, "AEO_LEDGER_PASSWORD": "x", "TERM": "xterm"}
    command = [*COMMAND, "network", "init", str(tmp_path / "net"), "--parties", "BY,CN"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    seen = bytearray()

    def watch() -> None:
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:  # nobody writes any more
                return
            if not part:
                return
            seen.extend(part)

    watcher = threading.Thread(target=watch)
    watcher.start()
    told, _ = process.communicate(timeout=WITHIN_S)
    watcher.join(timeout=WITHIN_S)
    os.close(controller)
    assert process.returncode == 0
    assert re.match(r"chain \d+ in ", told)
    for step in (b"keys of BY", b"keys of CN", b"keys of the validators", b"/4"):
        assert step in seen


# ---- the demo, and what the scripts say ----


def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", ROOT / "scripts/programs/demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = module  # for its dataclasses
    spec.loader.exec_module(module)
    return module


_SERVING = """
import subprocess, sys
sys.path.insert(0, {programs!r})
import demo

class Serving(demo.Demo):
    def found(self):
        self.gateway = subprocess.Popen(["sleep", "600"])
        return "founded"

demo.HOME = demo.Path({home!r})
demo.Demo = Serving
demo.tell_story = lambda made, story: made.found()
demo.Story.tell = lambda story: True
demo.offer = lambda made: (print("gateway", made.gateway.pid, flush=True), made.gateway.wait())
sys.argv = ["demo", "--serve"]
demo.main()
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_demo_that_is_stopped_stops_its_gateway(how: signal.Signals, tmp_path: Path) -> None:
    code = _SERVING.format(programs=str(ROOT / "scripts/programs"), home=str(tmp_path / "demo"))
    with (
        heeding_interrupts(),
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as running,
    ):
        assert running.stdout is not None
        gateway = next(int(line.split()[1]) for line in running.stdout if line.startswith("gateway"))
        with pressing(lambda: running.send_signal(how), running):
            assert "stopped" in running.stdout.read()
            assert running.wait(timeout=WITHIN_S) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(gateway, 0)


def test_the_demo_s_lines_can_be_pasted_at_any_width(tmp_path: Path) -> None:
    """They come out whole in a terminal of 20 columns, and a shell reads each of them, in a folder with a space too."""
    program = (
        "import runpy, sys, types\n"
        f"names = runpy.run_path({str(ROOT / 'scripts/programs/demo.py')!r})\n"
        "names['offer'](types.SimpleNamespace(url='http://127.0.0.1:1', gateway=None))\n"
    )
    narrow = {**os.environ, "COLUMNS": "20"}
    told = subprocess.run([sys.executable, "-c", program], env=narrow, capture_output=True, text=True, check=True)
    assert told.stdout.strip().splitlines() == demo().next_steps("http://127.0.0.1:1")
    module: Any = demo()
    module.HOME = tmp_path / "with a space"
    lines = module.next_steps("http://127.0.0.1:1")
    assert subprocess.run(["sh", "-n"], input="\n".join(lines), text=True, check=False).returncode == 0
    exports = [part for line in lines if line.startswith("export ") for part in shlex.split(line)[1:]]
    assert f"AEO_LEDGER_TRUST={tmp_path}/with a space/network/trust.json" in exports
    assert [shlex.split(line)[:2] for line in lines[-3:]] == [
        ["aeo-ledger", "ask"],
        ["aeo-ledger", "suspend"],
        ["aeo-ledger", "ask"],
    ]


@pytest.mark.parametrize("script", ["demo", "figures", "mutants", "compile", "schemas"])
def test_help_names_the_script_that_a_user_runs(script: str) -> None:
    program = [sys.executable, str(ROOT / f"scripts/programs/{script}.py"), "--help"]
    told = subprocess.run(
        program, env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True, check=True
    ).stdout
    assert told.startswith(f"usage: scripts/{script} ")
    assert f"{script}.py" not in told
    assert max(map(len, told.splitlines())) <= 90


def test_the_scripts_say_what_pip_is_doing() -> None:
    """The lines that run before pip does, in a shell in which pip does nothing."""
    text = (ROOT / "scripts/environment").read_text(encoding="utf-8")
    before, _, after = text.partition('"$VENV_PYTHON" -m pip install')
    assert after
    said = before.rstrip().splitlines()[-1].strip()
    told = subprocess.run(["sh", "-c", f"extra=dev; {said}"], capture_output=True, text=True, check=True)
    assert re.search(r"pip .*\[dev\].* a minute", told.stderr)


def test_nothing_advises_an_install_from_a_registry_that_does_not_hold_this_project() -> None:
    advice = re.compile(r"""install[^\n`&;|]*?(?<![./\w])['"]?aeo-ledger\b""")
    files = [ROOT / "README.md", *(path for folder in ("src", "scripts", ".ci") for path in (ROOT / folder).rglob("*"))]
    read = [path for path in files if path.is_file() and path.suffix in {".py", ".md", ".txt", ""}]
    assert len(read) > 150
    found = [
        (path.name, line)
        for path in read
        if "egg-info" not in str(path)
        for line in path.read_text(encoding="utf-8").splitlines()
        if advice.search(line)
    ]
    assert found == []
    assert advice.search("pip install 'aeo-ledger[gateway]'")
    assert advice.search("python -m pip install --quiet aeo-ledger")
