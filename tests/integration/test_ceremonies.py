"""Each ceremony of the page is carried out as it is written, on one network. Only `sleep` is played: it moves the clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aeo_ledger.cli.about import list_pages
from support import quick_command
from support.pages import demand_shown, paste, steps_of
from support.ports import free_port

PAGE = list_pages()["ceremonies"].read_text(encoding="utf-8")
STEPS = steps_of(PAGE)
MOVED = Path(__file__).parents[1] / "support" / "moved"

QUICK = Path(quick_command.__file__)
AEO_LEDGER = f"""#!/bin/bash
if [ "$1" = gateway ]; then
  echo $$ >"$HOME/gateway"
  exec {sys.executable} -m aeo_ledger.cli.main "$@"
fi
exec {sys.executable} -IS {QUICK} "$HOME/command" "$@"
"""
SLEEP = """#!/bin/bash
set -e
[[ $1 == *d ]]
kill "$(cat "$HOME/gateway")"
while kill -0 "$(cat "$HOME/gateway")" 2>/dev/null; do read -rt 0.1 <> <(:) || :; done
echo $(( $(cat "$AEO_TEST_CLOCK") + ${1%d} * 86400 )) >"$AEO_TEST_CLOCK"
aeo-ledger gateway net &
aeo-ledger health --wait 1m
"""


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    home = tmp_path_factory.mktemp("ceremonies")
    (home / "bin").mkdir()
    for name, text in {"aeo-ledger": AEO_LEDGER, "sleep": SLEEP}.items():
        (home / "bin" / name).write_text(text)
        (home / "bin" / name).chmod(0o755)
    (home / "clock").write_text("0")
    (home / "offices").mkdir()
    port = str(free_port())
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AEO_LEDGER")}
    environment = {
        **kept,
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(MOVED), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "HOME": str(home),
        "AEO_TEST_CLOCK": str(home / "clock"),
        "AEO_LEDGER_PORT": port,
        "AEO_LEDGER_GATEWAY": f"http://127.0.0.1:{port}",
    }
    with subprocess.Popen(
        [sys.executable, "-P", str(QUICK), "serve", str(home / "command")], env=environment
    ) as server:
        try:
            while not (home / "command").exists():
                assert server.poll() is None
                time.sleep(0.1)
            return paste(STEPS, home / "offices", environment)
        finally:
            server.kill()


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_ceremony_goes_as_it_is_written(pasted: list[str], step: int) -> None:
    demand_shown(STEPS[step], pasted[step])
