"""What runs and shows a gateway is right: the unit, the image's file, the dashboard."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.main import get_command

import aeo_ledger
from aeo_ledger.cli.main import app
from aeo_ledger.gateway.metrics import Metrics
from aeo_ledger.gateway.observe import Served

FOLDER = Path(aeo_ledger.__file__).parent / "service"
UNIT = FOLDER / "gateway.service"


def test_the_unit_starts_the_gateway_with_options_that_it_has() -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    known = {name for option in get_command(app).commands["gateway"].params for name in option.opts}  # type: ignore[attr-defined]
    for name in ("ExecStartPre", "ExecStart"):
        program, verb, *arguments = shlex.split(service[name])
        assert (Path(program).name, verb) == ("aeo-ledger", "gateway")
        assert {word for word in arguments if word.startswith("--")} <= known
    assert "--check" in service["ExecStartPre"]
    assert service["RestartPreventExitStatus"] == "2"


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / UNIT.name).write_text(UNIT.read_text().replace("/opt/aeo-ledger/bin/aeo-ledger", "/bin/true"))
    found = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / UNIT.name)], capture_output=True, text=True, check=False
    )
    ours = [line for line in found.stderr.splitlines() if UNIT.name in line]
    assert (found.returncode, ours) == (0, []), found.stderr
    (tmp_path / "wrong.service").write_text((tmp_path / UNIT.name).read_text().replace("Restart=on-", "Restart=of-"))
    wrong = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / "wrong.service")], capture_output=True, text=True, check=False
    )
    assert "wrong.service" in wrong.stderr


def test_every_metric_on_the_dashboard_exists() -> None:
    board = json.loads((FOLDER / "dashboard.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [one["query"] for one in board["templating"]["list"]]
    named = set(re.findall(r"aeo_ledger_\w+", " ".join(asked)))

    class Told:
        def head(self) -> int:
            return 1

        def time_of(self, _: int) -> int:
            return 1

        expires_at = 2

    metrics = Metrics(Told(), Told(), lambda: 1)  # type: ignore[arg-type]
    metrics.observe(Served(method="GET", route="/livez", status=200, seconds=0.1))
    written = set(re.findall(r"^(aeo_ledger_\w+)", metrics.write().decode(), re.MULTILINE))
    assert named <= written
    unshown = {name for name in written - named if not name.endswith("_created")}
    assert unshown == set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) == 8
